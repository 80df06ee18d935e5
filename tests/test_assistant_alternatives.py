"""Two things between which a question asks to choose, told by the words around "or"."""

import pytest

from assistant.alternatives import alternatives
from assistant.choosing import Judged, of_the_other
from assistant.quoting import ScoredSentence, SentenceIndex
from index.records import Passage, RetrievedPassage

TEXT = (
    "The harbour of Dunmore has 40 berths. The quay of Tarbet has 25 berths. The quay of Tarbet was painted green. "
    "A ticket costs 25 euros."
)
PLACES = Passage("d#places", "d", "Harbours", "", TEXT, 0, len(TEXT), "en")
WHICH = "dunmore or tarbet, which has more berths?"


@pytest.mark.parametrize(
    ("language", "question", "one", "other", "neither"),
    [
        ("en", WHICH, "Dunmore has 40.", "Tarbet has 25.", "Both have many."),
        ("en", "Is it bigger, the tram (line 1) or the river ferry?", "A long tram.", "A river ferry.", "A bus."),
        ("en", "Which lasted longer, the 2022 outage or the Tarbet one?", "In 2022.", "Tarbet was dark.", "An hour."),
        ("fr", "Le canal ou le barrage de Corvanne, lequel est le plus cher ?", "le canal", "un barrage", "le pont"),
        ("fr", "Entre Tarbet et Dunmore, quel port a le plus de quais ?", "Tarbet", "Dunmore", "Brenmoor"),
        ("fr", "Le port de Tarbet est-il plus grand que celui de Dunmore ?", "Tarbet, port", "Dunmore", "Brenmoor"),
        ("ja", "青浜と大学のどちらが大きいですか。", "青浜の港", "大学の船", "県の船"),
        ("ja", "値段が高いのは北嶺のハコブネとミノリ、どっち？", "ハコブネは高い", "ミノリは安い", "北嶺の製品"),
        ("ja", "GPUはDunmore AIとTarbetではどちらが多い？", "Dunmore AIには40基", "Tarbetには25基", "GPUは多い"),
    ],
)  # fmt: skip
def test_what_is_set_side_by_side(language: str, question: str, one: str, other: str, neither: str) -> None:
    found = alternatives(question, language)
    assert found is not None
    first, second = found
    assert [first.is_in(text) for text in (one, other, neither)] == [True, False, False]
    assert [second.is_in(text) for text in (one, other, neither)] == [False, True, False]


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "How many berths do Dunmore and Tarbet have?"),
        ("en", "Which harbour is the largest?"),
        ("fr", "Combien de quais a le port de Tarbet ?"),
        ("fr", "Le plus grand port est-il à Tarbet ?"),
        ("ja", "青浜と大学の船は何隻ですか。"),
        ("ja", "どちらが大きいですか。"),
    ],
)
def test_nothing_is_set_side_by_side(language: str, question: str) -> None:
    assert alternatives(question, language) is None


def judged_in_order(sentences: SentenceIndex) -> list[Judged]:
    """The sentences as they stand there, each less likely than the one before."""
    found = sentences.ranked(WHICH, "en", [RetrievedPassage(PLACES, 0.9, 1.0, 1.0)])
    found.sort(key=lambda item: item.sentence.start)
    return [Judged(item, 3.0 - place) for place, item in enumerate(found)]


def test_the_other_of_two_is_told_too_where_the_likeliest_sentence_tells_of_one(sentence_index: SentenceIndex) -> None:
    dunmore, tarbet, painted, ticket = judged_in_order(sentence_index)
    assert of_the_other(WHICH, "en", [dunmore, painted, ticket, tarbet]) == tarbet.item
    assert of_the_other(WHICH, "en", [tarbet, dunmore]) == dunmore.item


def test_no_other_is_told_without_a_figure_of_the_same_unit_or_where_nothing_is_compared(
    sentence_index: SentenceIndex,
) -> None:
    dunmore, tarbet, painted, ticket = judged_in_order(sentence_index)
    assert of_the_other(WHICH, "en", [dunmore, painted, ticket]) is None
    assert of_the_other(WHICH, "en", [ticket, tarbet]) is None
    assert of_the_other(WHICH, "en", [dunmore]) is None
    assert of_the_other("How many berths has Dunmore?", "en", [dunmore, tarbet]) is None
    assert of_the_other(WHICH, "fr", [dunmore, tarbet]) is None


def test_a_sentence_that_tells_of_both_needs_no_other(sentence_index: SentenceIndex) -> None:
    text = "Dunmore has 40 berths and Tarbet 25. Tarbet has 25 berths."
    passage = Passage("d#both", "d", "Harbours", "", text, 0, len(text), "en")
    both, tarbet = sorted(
        sentence_index.ranked(WHICH, "en", [RetrievedPassage(passage, 0.9, 1.0, 1.0)]),
        key=lambda item: item.sentence.start,
    )
    assert isinstance(both, ScoredSentence)
    assert of_the_other(WHICH, "en", [Judged(both, 3.0), Judged(tarbet, 2.0)]) is None
