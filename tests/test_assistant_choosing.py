"""The model says of each sentence whether it answers; what it chooses is quoted, or told in the reader's language."""

import json
import math
from collections.abc import Callable

import pytest

from assistant.choosing import _BIAS, _OF_PROBE, Judged, about_as_good, confirmed, judged
from assistant.choosing import _WEIGHT_OF_SECOND as SECOND
from assistant.computed import changed_claim
from assistant.pipeline import Assistant
from assistant.quoting import ScoredSentence, SentenceIndex
from index.errors import UsageError
from index.records import Passage, RetrievedPassage
from index.retriever import Retriever
from tests.island_documents import GOOD, TRAM, WRONG, verbatim
from tests.scripted_generator import ScriptedGenerator, scripted, written

Make = Callable[..., Assistant]
RESTORED = "Qui a restauré la salle de lecture de la bibliothèque de Halden ?"
HOW = "Comment la salle de lecture de la bibliothèque de Halden a-t-elle été restaurée ?"
WORKSHOP = "Larkspur Joinery a restauré la salle de lecture de la bibliothèque de Halden."
POINTED = "Un passage en anglais, cité ici, répond à la question, mais n’a pas pu être rendu en français de façon sûre."


def telling(assistant: Assistant, margin_of: Callable[[str], float]) -> Assistant:
    """The assistant, its model now telling how likely it finds it that a sentence answers."""
    generator = scripted(assistant.generator)
    generator.margin_of, generator.engine = margin_of, "llama.cpp"
    return assistant


def liking(words: str, margin: float = 2.0) -> Callable[[str], float]:
    return lambda sentence: margin if words in sentence else -2.0


def words(copied: str) -> str:
    """What the model writes when it is asked to copy the words that answer."""
    return json.dumps({"words": copied})


class TestAnswer:
    @pytest.mark.parametrize(
        ("question", "words", "document_id"),
        [
            (TRAM, "18 stops", "en/tram.md"),
            ("Combien a coûté le barrage de Corvanne ?", "310 millions", "fr/barrage.md"),
            ("青浜フェリーの建造費はいくらですか。", "48億円", "ja/ferry.md"),
        ],
    )
    def test_in_the_readers_language_the_chosen_sentence_is_quoted_without_another_request(
        self, make_assistant: Make, island: Retriever, question: str, words: str, document_id: str
    ) -> None:
        assistant = telling(make_assistant("never asked"), liking(words))
        answer = assistant.answer(question)
        assert answer.status == "answered"
        assert words in answer.claims[0].text
        assert answer.claims[0].citations[0].document_id == document_id
        assert answer.answer_margin == pytest.approx(2.0 + SECOND * 2.0)
        assert verbatim(answer, island)
        assert scripted(assistant.generator).requests == []

    def test_where_no_sentence_is_likely_the_question_is_not_answered(self, make_assistant: Make) -> None:
        answer = telling(make_assistant("never asked"), lambda _: -1.5).answer(TRAM)
        assert (answer.status, answer.abstention_reason) == ("abstained", "not in the documents")
        assert answer.answer_margin == pytest.approx(-1.5 - SECOND * 1.5)

    @pytest.mark.parametrize(
        ("least", "status"), [(0.3 + SECOND * 0.29, "answered"), (0.3 + SECOND * 0.31, "abstained")]
    )
    def test_the_least_margin_is_a_setting_of_each_language(
        self, make_assistant: Make, least: float, status: str
    ) -> None:
        others = dict.fromkeys(("least_margin_fr", "least_margin_ja", "least_margin_abroad"), 9.0)
        assistant = make_assistant("", least_margin_en=least, **others)
        assert telling(assistant, liking("18 stops", 0.3)).answer(TRAM).status == status

    @pytest.mark.parametrize(("least", "status"), [(-0.1, "answered"), (0.1, "abstained")])
    def test_a_probe_has_thresholds_of_its_own(self, make_assistant: Make, least: float, status: str) -> None:
        expected = _BIAS + _OF_PROBE * 0.3
        margins = dict.fromkeys(("least_margin_fr", "least_margin_en", "least_margin_ja", "least_logit_abroad"), 9.0)
        assistant = telling(make_assistant("", least_logit=expected + least, **margins), liking("18 stops", 0.3))
        scripted(assistant.generator).probed = scripted(assistant.generator).reads_fast = True
        answer = assistant.answer(TRAM)
        assert answer.status == status
        assert answer.answer_margin == pytest.approx(expected)

    @pytest.mark.parametrize(("probed", "status"), [(True, "answered"), (False, "abstained")])
    def test_where_a_probe_is_sure_a_rule_takes_nothing_out(
        self, make_assistant: Make, probed: bool, status: str
    ) -> None:
        assistant = telling(make_assistant(""), liking("18 stops", 4.0))
        scripted(assistant.generator).probed = probed
        assert assistant.answer("What did people say of the tram of Velmara?").status == status

    def test_a_chosen_sentence_that_lacks_what_was_asked_is_no_answer(self, make_assistant: Make) -> None:
        answer = telling(make_assistant(""), liking("opened on 12 March 2021")).answer(
            "How much did the Brenmoor tram cost?"
        )
        assert answer.status == "abstained"

    def test_from_another_language_the_figure_that_was_asked_is_copied_in_the_readers_notation(
        self, make_assistant: Make
    ) -> None:
        assistant = telling(make_assistant(), liking("86 million"))
        answer = assistant.answer("Combien a coûté le tram de Brenmoor ?")
        assert answer.claims[0].text == "La réponse est : 86 millions de livres sterling."
        assert answer.claims[0].citations[0].quote == "The council paid £86 million for its construction."
        assert [figure.verdict for figure in answer.claims[0].figures] == ["exact"]
        assert scripted(assistant.generator).requests == []

    def test_the_one_full_name_of_the_chosen_sentence_is_copied(self, make_assistant: Make) -> None:
        assistant = telling(make_assistant(), liking("restored by"))
        assert assistant.answer(RESTORED).claims[0].text == "La réponse est : Larkspur Joinery."
        assert scripted(assistant.generator).requests == []

    def test_a_date_is_copied_without_the_model(self, make_assistant: Make) -> None:
        answer = telling(make_assistant(), liking("opened on")).answer("Quand le tram de Brenmoor a-t-il ouvert ?")
        assert answer.claims[0].text == "La réponse est : 12 mars 2021."

    def test_what_cannot_be_copied_the_model_tells(self, make_assistant: Make) -> None:
        assistant = telling(make_assistant(written(("K3", WORKSHOP))), liking("restored by"))
        assert assistant.answer(HOW).claims[0].text == WORKSHOP
        [request] = scripted(assistant.generator).requests
        assert "3.1" not in request["messages"][-1]["content"]  # only the chosen sentence is read

    def test_for_what_the_model_tells_but_does_not_find_in_the_source_itself_the_source_stands(
        self, make_assistant: Make
    ) -> None:
        assistant = telling(make_assistant(written(("K3", WORKSHOP))), liking("restored by"))
        scripted(assistant.generator).faithful = 0.5
        answer = assistant.answer(HOW)
        assert answer.text == f"{POINTED} [1]"
        assert "Larkspur Joinery" in answer.claims[0].citations[0].quote
        assert "does not say what its source says" in [item.reason for item in answer.removed]

    def test_what_does_not_stand_there_is_not_shown(self, make_assistant: Make) -> None:
        output = written(("K3", "Ada Lind a restauré la salle de lecture."))
        answer = telling(make_assistant(output), liking("restored by")).answer(HOW)
        assert [claim.text for claim in answer.claims] == [POINTED]

    @pytest.mark.parametrize(
        ("question", "sentence", "difference"),
        [
            ("By how much did the price of the ferry go up?", "from 40 million euros to 48 million euros", "8 million"),
            (
                "De combien le prix du ferry a-t-il augmenté ?",
                "from 40 million euros to 48 million euros",
                "8\xa0millions",
            ),
        ],
    )
    def test_a_change_is_computed_from_the_two_values_of_the_chosen_sentence(
        self, sentence_index: SentenceIndex, question: str, sentence: str, difference: str
    ) -> None:
        text = f"The price of the ferry rose {sentence}."
        hit = RetrievedPassage(Passage(f"d#{text}", "d", "The ferry", "", text, 0, len(text), "en"), 0.9, 1.0, 1.0)
        language = "fr" if question.startswith("De") else "en"
        [item] = sentence_index.ranked(question, language, [hit])
        claim = changed_claim(question, language, item)
        assert claim is not None
        assert difference in claim.text
        assert "derived" in [figure.verdict for figure in claim.figures]
        assert changed_claim("How much did the ferry cost?", "en", item) is None

    def test_a_larger_model_may_word_what_it_could_quote(self, make_assistant: Make) -> None:
        assistant = telling(make_assistant(written(("K3", GOOD)), own_words="always"), liking("18 stops"))
        assert assistant.answer(TRAM).claims[0].text == GOOD

    def test_what_it_words_wrongly_is_quoted(self, make_assistant: Make) -> None:
        assistant = telling(make_assistant(written(("K3", WRONG)), own_words="always"), liking("18 stops"))
        answer = assistant.answer(TRAM)
        assert answer.claims[0].text == "It is 14.2 kilometres long and has 18 stops."
        assert WRONG in [item.text for item in answer.removed]

    def test_a_setting_without_meaning_is_refused(self, make_assistant: Make) -> None:
        with pytest.raises(UsageError, match="own_words must be one of auto, always, never, not 'perhaps'"):
            make_assistant("", own_words="perhaps")


class TestJudged:
    @pytest.fixture
    def ranked(self, sentence_index: SentenceIndex, island_hits: dict[str, RetrievedPassage]) -> list[ScoredSentence]:
        return sentence_index.ranked(TRAM, "en", list(island_hits.values()))

    def test_looks_at_no_more_sentences_once_it_is_sure(self, ranked: list[ScoredSentence]) -> None:
        first = ranked[0].sentence.text
        found = list(judged(TRAM, "en", ranked, ScriptedGenerator(margin_of=liking(first))))
        assert found[-1].item.sentence.text == first
        assert len(found) < len(ranked)

    def test_looks_further_while_nothing_is_likely(self, ranked: list[ScoredSentence]) -> None:
        assert len(list(judged(TRAM, "en", ranked, ScriptedGenerator(margin_of=lambda _: -0.5)))) == len(ranked)

    def test_asks_nothing_of_a_server_that_does_not_tell(self, ranked: list[ScoredSentence]) -> None:
        generator = ScriptedGenerator()
        assert list(judged(TRAM, "en", ranked, generator)) == []
        assert generator.requests == []

    def test_margin_is_the_logarithm_of_the_ratio(self, ranked: list[ScoredSentence]) -> None:
        [one] = judged(TRAM, "en", ranked[:1], ScriptedGenerator(margin_of=lambda _: math.log(3)))
        assert one.margin == pytest.approx(math.log(3))

    def test_of_about_as_likely_sentences_the_readers_language_comes_first(self, ranked: list[ScoredSentence]) -> None:
        own = next(item for item in ranked if item.sentence.language == "en")
        foreign = next(item for item in ranked if item.sentence.language == "fr")
        generator = ScriptedGenerator(margin_of=lambda _: 0.0)
        close = confirmed(TRAM, "en", [Judged(foreign, 1.0), Judged(own, 0.9)], generator)
        assert [one.item for one in close] == [own, foreign]
        clear = confirmed(TRAM, "en", [Judged(foreign, 1.0), Judged(own, 0.4)], generator)
        assert [one.item for one in clear] == [foreign, own]
        assert about_as_good([Judged(foreign, 1.0), Judged(own, 0.6), Judged(own, 0.4)])[1:] == [Judged(own, 0.6)]

    @pytest.mark.parametrize("margin", [-2.0, -0.4, 0.4, 0.9])
    def test_the_best_is_asked_about_again_and_both_answers_count(
        self, ranked: list[ScoredSentence], margin: float
    ) -> None:
        generator = ScriptedGenerator(margin_of=lambda _: margin)
        [one] = confirmed(TRAM, "en", [Judged(ranked[0], margin)], generator)
        assert one.margin == pytest.approx(margin + SECOND * margin)

    @pytest.mark.parametrize(("fast", "most"), [(True, 4), (False, 2)])
    def test_a_few_are_asked_about_again_none_of_them_hopeless(
        self, ranked: list[ScoredSentence], fast: bool, most: int
    ) -> None:
        generator = ScriptedGenerator(margin_of=lambda _: 0.0, reads_fast=fast)
        assert len(ranked) > 5
        assert len(confirmed(TRAM, "en", [Judged(item, 0.5) for item in ranked], generator)) == most
        doubtful = [Judged(item, -2.0) for item in ranked[1:]]
        assert len(confirmed(TRAM, "en", [Judged(ranked[0], 0.5), *doubtful], generator)) == 1

    def test_where_reading_is_cheap_every_sentence_is_looked_at(self, ranked: list[ScoredSentence]) -> None:
        generator = ScriptedGenerator(margin_of=lambda _: 3.0, reads_fast=True)
        assert len(list(judged(TRAM, "en", ranked, generator))) == len(ranked)

    def test_where_reading_is_cheap_the_likeliest_are_asked_about_again_and_both_answers_count(
        self, ranked: list[ScoredSentence]
    ) -> None:
        first, second = [item for item in ranked if item.sentence.language == "en"][:2]
        generator = ScriptedGenerator(
            margin_of=lambda sentence: 1.0 if second.sentence.text in sentence else -1.0, reads_fast=True
        )
        found = confirmed(TRAM, "en", [Judged(first, 0.9), Judged(second, 0.7)], generator)
        assert [one.item for one in found] == [second, first]
        assert [one.margin for one in found] == pytest.approx([0.7 + SECOND, 0.9 - SECOND])

    def test_a_probe_is_not_asked_again(self, ranked: list[ScoredSentence]) -> None:
        def refuse(sentence: str) -> float:
            raise AssertionError(sentence)

        generator = ScriptedGenerator(margin_of=refuse, reads_fast=True, probed=True)
        found = [Judged(ranked[0], -3.0), Judged(ranked[1], 0.9)]
        assert confirmed(TRAM, "en", found, generator) == found[::-1]

    def test_nothing_found_is_not_asked_about(self) -> None:
        assert confirmed(TRAM, "en", [], ScriptedGenerator(margin_of=lambda _: 1.0)) == []
