"""What is quoted of a passage: the other half of an open question's answer, too, and never a question."""

import pytest

from assistant.choosing import Judged, on_subject, told_in_two
from assistant.extractive import quoted_parts
from assistant.quoting import ScoredSentence, SentenceIndex
from index.records import Passage, RetrievedPassage

TEXT = "A body may ask for a delay. The delay lasts 18 months and cannot be renewed. The decree is of May."
RULES = Passage("d#rules", "d", "Decree", "", TEXT, 0, len(TEXT), "en")
OTHER = Passage("e#rules", "e", "Decree", "", TEXT, 0, len(TEXT), "en")
OPEN, FIGURE = "What can a late body do?", "How long does the delay last in months?"


def sentences_of(passage: Passage, sentence_index: SentenceIndex) -> list[ScoredSentence]:
    """In the order in which they stand there."""
    found = sentence_index.ranked(OPEN, "en", [RetrievedPassage(passage, 0.9, 1.0, 1.0)])
    return sorted(found, key=lambda item: item.sentence.start)


@pytest.mark.parametrize(
    ("question", "margins", "told"),
    [
        (OPEN, (4.0, 2.0), True),
        (OPEN, (4.0, 0.5), False),
        (OPEN, (1.0, -0.1), False),
        (OPEN, (0.1, -0.1), True),
        (OPEN, (0.1, -0.3), False),
        (FIGURE, (4.0, 3.0), False),
        (FIGURE, (4.0, 3.6), True),
    ],
    ids=[
        "likely",
        "much less likely",
        "unlikely",
        "about as likely",
        "about as likely, but less than the least",
        "a figure is asked",
        "a figure is asked, and both are about as likely",
    ],
)
def test_the_second_likeliest(
    sentence_index: SentenceIndex, question: str, margins: tuple[float, float], told: bool
) -> None:
    first, second, _ = sentences_of(RULES, sentence_index)
    likely = [Judged(first, margins[0]), Judged(second, margins[1])]
    assert (told_in_two(question, "en", likely, -0.25) == second) is told


def test_what_is_about_as_likely_is_told_from_another_passage_too_unless_it_says_the_same(
    sentence_index: SentenceIndex,
) -> None:
    first, second, _ = sentences_of(RULES, sentence_index)
    again, another, _ = sentences_of(OTHER, sentence_index)
    assert told_in_two(OPEN, "en", [Judged(first, 4.0), Judged(another, 3.8)], -0.25) == another
    assert told_in_two(OPEN, "en", [Judged(first, 4.0), Judged(again, 3.8)], -0.25) is None
    assert told_in_two(FIGURE, "en", [Judged(second, 4.0), Judged(another, 3.8)], -0.25) is None


def test_of_another_passage_nothing_is_added(sentence_index: SentenceIndex) -> None:
    first, second = sentences_of(RULES, sentence_index)[0], sentences_of(OTHER, sentence_index)[1]
    assert told_in_two(OPEN, "en", [Judged(first, 4.0), Judged(second, 3.0)], -0.25) is None
    assert told_in_two(OPEN, "en", [Judged(first, 4.0)], -0.25) is None


def test_parts_are_numbered_and_none_is_quoted_twice(sentence_index: SentenceIndex) -> None:
    first, second, _ = sentences_of(RULES, sentence_index)
    claims = quoted_parts([first, second, first], sentence_index, OPEN)
    assert [claim.text for claim in claims] == [first.sentence.text, second.sentence.text]
    assert [claim.citations[0].number for claim in claims] == [1, 2]
    assert [TEXT[claim.citations[0].start : claim.citations[0].end] for claim in claims] == [
        claim.text for claim in claims
    ]


@pytest.mark.parametrize(
    ("language", "text", "kept"),
    [
        ("en", "What is a delay? A body may take more time.", ["A body may take more time."]),
        ("fr", "« Qu'est-ce qu'un délai ? » Un temps de plus.", ["Un temps de plus."]),
        ("ja", "猶予とは何ですか。時間を延ばすことです。", ["時間を延ばすことです。"]),
        ("ja", "猶予とは？時間を延ばすことです。", ["時間を延ばすことです。"]),
    ],
)
def test_a_sentence_that_asks_answers_nothing(
    sentence_index: SentenceIndex, language: str, text: str, kept: list[str]
) -> None:
    hit = RetrievedPassage(Passage("d#q", "d", "Decree", "", text, 0, len(text), language), 0.9, 1.0, 1.0)
    found = on_subject(OPEN, language, sentence_index.ranked(OPEN, language, [hit]), [hit])
    assert [item.sentence.text for item in found] == kept
