"""Two passages, two values for one thing: both are shown, the newest first; anything less leaves the answer alone."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.extractive import quoted_claim
from assistant.quoting import ScoredSentence, Sentence
from assistant.rivals import with_rivals
from index.records import RetrievedPassage

Hits = dict[str, RetrievedPassage]
QUESTION = "How much does SoftBank invest in Sakai?"
OLD, NEW = "SoftBank invests ¥150 billion in Sakai.", "SoftBank invests ¥130 billion in Sakai."


def found(hits: Hits, text: str, date: str, language: str = "en") -> ScoredSentence:
    """A sentence that is a passage by itself."""
    hit = hits["en/tram.md"]
    passage = replace(
        hit.passage, passage_id=text, text=text, start=0, end=len(text), date=date, language=language, section="",
        title="Notes",
    )  # fmt: skip
    return ScoredSentence(
        replace(hit, passage=passage), Sentence(text, 0, len(text), language, np.zeros(4, np.float32)), 1.0
    )


@pytest.mark.parametrize(("answered", "order"), [(OLD, [NEW, OLD]), (NEW, [NEW, OLD])], ids=["older", "newer"])
def test_both_values_newest_first(island_hits: Hits, answered: str, order: list[str]) -> None:
    ranked = [found(island_hits, OLD, "2024-05"), found(island_hits, NEW, "2025-01")]
    claim = quoted_claim(next(item for item in ranked if item.sentence.text == answered), 1)
    claims = with_rivals([claim], QUESTION, "en", ranked)
    assert [one.text for one in claims] == order
    assert [one.citations[0].number for one in claims] == [1, 2]
    assert [one.citations[0].date for one in claims] == ["2025-01", "2024-05"]


@pytest.mark.parametrize(
    ("question", "other", "language"),
    [
        (QUESTION, "KDDI invests ¥130 billion in Sakai.", "en"),
        (QUESTION, "SoftBank invests ¥150 billion in Sakai, the paper says.", "en"),
        (QUESTION, "SoftBank investit 130 milliards de yens à Sakai.", "fr"),
        ("Why does SoftBank invest in Sakai?", NEW, "en"),
    ],
    ids=["of another company", "the same value", "another language", "no figure asked"],
)
def test_no_rival(island_hits: Hits, question: str, other: str, language: str) -> None:
    ranked = [found(island_hits, OLD, "2024-05"), found(island_hits, other, "2025-01", language)]
    claim = quoted_claim(ranked[0], 1)
    assert with_rivals([claim], question, "en", ranked) == [claim]


def test_nothing_to_set_beside(island_hits: Hits) -> None:
    ranked = [found(island_hits, OLD, "2024-05"), found(island_hits, NEW, "2025-01")]
    both = [quoted_claim(item, number) for number, item in enumerate(ranked, start=1)]
    assert with_rivals([], QUESTION, "en", ranked) == []
    assert with_rivals(both, QUESTION, "en", ranked) == both
    assert with_rivals(both[:1], QUESTION, "en", []) == both[:1]
