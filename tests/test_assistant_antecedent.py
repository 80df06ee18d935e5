"""A sentence about "it" is quoted with the sentence that tells what "it" is."""

from collections.abc import Callable

import pytest

from assistant.antecedent import needs_antecedent
from assistant.pipeline import Assistant
from assistant.quoting import SentenceIndex
from index.records import Passage
from index.retriever import Retriever
from tests.island_documents import verbatim
from tests.test_assistant_choosing import liking, telling


class TestNeedsAntecedent:
    @pytest.mark.parametrize(
        ("sentence", "language"),
        [
            ("It received 7.4 billion yen.", "en"),
            ("Its president left in May.", "en"),
            ("These figures come from a blog.", "en"),
            ("The company plans 10,000 units.", "en"),
            ("- They were sold in 2021.", "en"),
            ("Both were late.", "en"),
            ("Elle a coûté 2,2 milliards de yens.", "fr"),
            ("Son chantier a été inauguré en janvier.", "fr"),
            ("Cette promesse s’ajoute aux aides antérieures.", "fr"),
            ("L’entreprise en prévoyait 10 000.", "fr"),
            ("Celui-ci ferme en mars.", "fr"),
            ("C’est le deuxième du pays.", "fr"),
            ("同社は代替地を検討している。", "ja"),
            ("6億円を加えた結果、2024年4月の時点で同社への助成は最大74億円になっていた。", "ja"),
            ("この計画の投資総額は120億円である。", "ja"),
            ("これで体制が整った。", "ja"),
            ("自前の計算基盤を整備することにしたのは、この反省によるものです。", "ja"),
            ("That is why the plan was dropped.", "en"),
            ("Pour cette raison, le plan a été abandonné.", "fr"),
        ],
    )
    def test_refers_back(self, sentence: str, language: str) -> None:
        assert needs_antecedent(sentence, language)

    @pytest.mark.parametrize(
        ("sentence", "language"),
        [
            ("Italy pays 3 billion.", "en"),
            ("Both of the two banks pay.", "en"),
            ("The company Larkspur plans 10,000 units.", "en"),
            ("The four-storey building is new.", "en"),
            ("SAKURA says that it will pay.", "en"),
            ("Lepic dirige l’agence.", "fr"),
            ("L’agence de l’eau paie.", "fr"),
            ("Sonatel et son associé paient.", "fr"),
            ("さくらインターネットは、同社の石狩データセンターを広げる。", "ja"),
            ("ソフトバンクはこの計画に賛成した。", "ja"),
            ("経済産業省は2024年4月に決めた。", "ja"),
            ("It is", "de"),
        ],
    )
    def test_says_itself_what_it_is_about(self, sentence: str, language: str) -> None:
        assert not needs_antecedent(sentence, language)


class TestQuoted:
    @pytest.mark.parametrize(
        ("question", "words", "quoted"),
        [
            (
                "How long is the Brenmoor tram line?",
                "14.2",
                "The Brenmoor tram line opened on 12 March 2021. It is 14.2 kilometres long and has 18 stops.",
            ),
            (
                "Quelle est la hauteur du barrage de Corvanne ?",
                "92 mètres",
                "Le barrage de Corvanne a coûté 310 millions d'euros. Il mesure 92 mètres de haut et retient la "
                "rivière Ysole.",
            ),
            ("How much did the Brenmoor tram cost?", "86", "The council paid £86 million for its construction."),
        ],
    )
    def test_with_the_sentence_before_where_it_refers_to_it(
        self, make_assistant: Callable[..., Assistant], island: Retriever, question: str, words: str, quoted: str
    ) -> None:
        answer = telling(make_assistant(""), liking(words)).answer(question)
        [claim] = answer.claims
        assert claim.text == quoted
        assert claim.citations[0].quote == quoted
        assert verbatim(answer, island)


class TestAntecedents:
    @pytest.mark.parametrize(
        ("text", "sentence", "expected"),
        [
            ("A fell. It broke. It was sold.", "It was sold.", ["A fell.", "It broke."]),
            ("One. A fell. It hurt. It broke. It was sold.", "It was sold.", ["It hurt.", "It broke."]),
            ("A fell.\n\nIt broke.", "It broke.", []),
            ("# Title\nIt broke.", "It broke.", []),
            ("It broke.", "It broke.", []),
            ("A fell. B broke.", "B broke.", []),
        ],
    )
    def test_reach_back_to_the_first_that_stands_alone_in_the_paragraph(
        self,
        sentence_index: SentenceIndex,
        text: str,
        sentence: str,
        expected: list[str],
    ) -> None:
        passage = Passage(f"d#{text}", "d", "Things", "", text, 0, len(text), "en")
        [found] = [one for one in sentence_index.add([passage])[passage.passage_id] if one.text == sentence]
        assert [one.text for one in sentence_index.antecedents(found, passage)] == expected
