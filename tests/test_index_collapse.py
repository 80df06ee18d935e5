"""Translations and near-duplicates collapse; what only one version says stays."""

import numpy as np
import pytest

from index.collapse import Candidates, collapse
from index.fusion import FusedHit
from index.lookup import Version

# Directions in a plane: an angle in degrees is all a vector needs here.


def _collapse(
    rows: list[tuple[int, str, str, float, str]], *, language: str = "ja", query_angle: float = 0.0, k: int = 10
) -> list[tuple[int, float]]:
    """Rows, best first: document, language, group, angle, text. The key of a hit is its row; scores fall from 1 by
    0.1."""
    angles = np.radians([row[3] for row in rows])
    candidates = Candidates(
        versions={key: Version(row[0], row[1], row[2]) for key, row in enumerate(rows)},
        vectors=np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32),
        query=np.array([np.cos(np.radians(query_angle)), np.sin(np.radians(query_angle))], dtype=np.float32),
        text_of=lambda key: rows[key][4],
    )
    hits = [FusedHit(key, 0.5, None, 1 - key / 10) for key in range(len(rows))]
    return [(hit.passage_key, round(hit.retrieval_score, 3)) for hit in collapse(hits, candidates, language, k)]


def test_the_version_in_the_language_of_the_question_stands_in() -> None:
    assert _collapse([(1, "en", "g", 10, "x"), (2, "ja", "g", 12, "y"), (3, "ja", "h", 80, "z")]) == [
        (1, 1.0),
        (2, 0.8),
    ]


def test_a_translation_in_another_language_is_dropped() -> None:
    assert _collapse([(2, "ja", "g", 12, "y"), (1, "en", "g", 10, "x"), (4, "fr", "g", 11, "x")]) == [(0, 1.0)]


def test_without_the_language_of_the_question_the_best_version_stays() -> None:
    assert _collapse([(1, "en", "g", 10, "x"), (2, "fr", "g", 12, "y")]) == [(0, 1.0)]


def test_a_version_much_farther_from_the_question_does_not_stand_in() -> None:
    assert _collapse([(1, "en", "g", 10, "x"), (2, "ja", "g", 24, "y")]) == [(0, 1.0)]


def test_what_one_version_says_alone_stays() -> None:
    assert _collapse([(1, "en", "g", 0, "x"), (2, "ja", "g", 60, "y")]) == [(0, 1.0), (1, 0.9)]


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([(1, "en", "g", 0, "a"), (2, "fr", "h", 0, "a")], 2),
        ([(1, "en", "g", 0, "The grant is 5 yen."), (2, "en", "h", 1, "The grant is 5 yen.")], 1),
        ([(1, "en", "g", 0, "The grant is 5 yen."), (2, "en", "h", 1, "The grant is 6 yen.")], 2),
        ([(1, "en", "g", 0, "One thing."), (1, "en", "g", 1, "Another matter.")], 2),
    ],
    ids=["other documents in two languages", "same words", "other number", "other words"],
)
def test_near_duplicates(rows: list[tuple[int, str, str, float, str]], count: int) -> None:
    assert len(_collapse(rows)) == count


def test_only_k_stay_and_a_late_version_still_stands_in() -> None:
    rows = [(1, "en", "g", 10, "x"), (2, "en", "h", 80, "y"), (3, "ja", "g", 10, "z")]
    assert _collapse(rows, k=1) == [(2, 1.0)]


def test_nothing_collapses_to_nothing() -> None:
    candidates = Candidates({}, np.zeros((0, 2), np.float32), np.zeros(2, np.float32), str)
    assert collapse([], candidates, "en", 5) == []
