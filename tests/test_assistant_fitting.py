"""Rules take out sentences about something else, and those without the kind of thing that is asked."""

from dataclasses import replace

import pytest

from assistant.choosing import Judged, fitting, weighed
from assistant.quoting import SentenceIndex
from index.records import Passage, RetrievedPassage


class TestFitting:
    @pytest.mark.parametrize(
        ("text", "kept"),
        [
            ("Voz runs a laboratory. It is small. The model is late: the publishers refuse.", True),
            ("Tejo runs a laboratory. It is small. The model is late: the publishers refuse.", False),
        ],
    )
    def test_a_name_of_the_question_may_stand_anywhere_in_the_passage(
        self, sentence_index: SentenceIndex, text: str, kept: bool
    ) -> None:
        passage = Passage(f"d#{text}", "d", "Models", "", text, 0, len(text), "en")
        question = "What delays the model of Voz?"
        ranked = sentence_index.ranked(question, "en", [RetrievedPassage(passage, 0.9, 1.0, 1.0)])
        item = next(one for one in ranked if "late" in one.sentence.text)
        assert bool(fitting(question, "en", [Judged(item, 1.0)], sentence_index)) is kept

    def test_a_day_whose_year_stands_elsewhere_is_a_day(self, sentence_index: SentenceIndex) -> None:
        text = "L'audience est attendue le 21 mai."
        passage = Passage("d#day", "d", "Beja", "", text, 0, len(text), "fr")
        question = "What day will the Beja court hear the case?"
        [item] = sentence_index.ranked(question, "en", [RetrievedPassage(passage, 0.9, 1.0, 1.0)])
        assert fitting(question, "en", [Judged(item, 1.0)], sentence_index)

    @pytest.mark.parametrize(
        ("question", "language", "words", "kept"),
        [
            ("How much did the Brenmoor tram cost?", "en", "£86 million", True),
            ("How much did the Brenmoor tram cost?", "en", "18 stops", False),
            ("How much did the Corvanne dam cost?", "en", "310 millions", True),
            ("How much did the Corvanne dam cost?", "en", "45 000 foyers", False),
            ("青浜フェリーの定員は何人ですか。", "ja", "320人", True),
            ("青浜フェリーの定員は何人ですか。", "ja", "48億円", False),
        ],
    )
    def test_a_sentence_must_hold_the_kind_of_thing_that_is_asked(
        self,
        sentence_index: SentenceIndex,
        island_hits: dict[str, RetrievedPassage],
        question: str,
        language: str,
        words: str,
        kept: bool,
    ) -> None:
        ranked = sentence_index.ranked(question, language, list(island_hits.values()))
        item = next(item for item in ranked if words in item.sentence.text)
        found = fitting(question, language, [Judged(item, 1.0)], sentence_index)
        assert [one.item for one in found] == ([item] if kept else [])


class TestWeighed:
    def test_what_a_rule_objects_to_is_less_likely(
        self, sentence_index: SentenceIndex, island_hits: dict[str, RetrievedPassage]
    ) -> None:
        question = "How much did the Brenmoor tram cost?"
        ranked = sentence_index.ranked(question, "en", list(island_hits.values()))
        right, other = (next(item for item in ranked if words in item.sentence.text) for words in ("£86", "18 stops"))
        closer = replace(other, score=right.score)
        found = weighed(question, "en", [Judged(right, 1.0), Judged(closer, 1.0)], sentence_index)
        assert [one.item for one in found] == [right, closer]
        assert found[0].margin > found[1].margin + 1.0

    def test_a_closer_sentence_and_a_surer_probe_count_for_more(
        self, sentence_index: SentenceIndex, island_hits: dict[str, RetrievedPassage]
    ) -> None:
        question = "How much did the Brenmoor tram cost?"
        [item, *_] = sentence_index.ranked(question, "en", list(island_hits.values()))
        further = replace(item, score=item.score - 0.1)
        base, far, sure = weighed(
            question, "en", [Judged(item, 1.0), Judged(further, 1.0), Judged(item, 2.0)], sentence_index
        )
        assert far.margin < base.margin < sure.margin
