"""The arithmetic of fusion, by hand."""

import pytest

from index.fusion import fuse, lexical_weight


def test_scores_are_scaled_and_added() -> None:
    hits = fuse([(1, 0.9), (2, 0.8), (3, 0.7)], [(2, 10.0), (4, 5.0)], dict.fromkeys((1, 2, 3, 4), "en"), "en")
    scores = {hit.passage_key: hit.retrieval_score for hit in hits}
    assert scores == pytest.approx({1: 0.7, 2: 0.7 * 0.5 + 0.3, 3: 0.0, 4: 0.3 * 0.5})
    assert [hit.passage_key for hit in hits] == [1, 2, 4, 3]
    assert [(hit.dense_score, hit.lexical_score) for hit in hits] == [
        (0.9, None),
        (0.8, 10.0),
        (None, 5.0),
        (0.7, None),
    ]


def test_across_scripts_only_the_dense_score_counts() -> None:
    hits = fuse([(1, 0.9), (2, 0.8)], [(2, 10.0)], {1: "en", 2: "ja"}, "ja")
    assert {hit.passage_key: hit.retrieval_score for hit in hits} == pytest.approx({1: 1.0, 2: 0.6})


@pytest.mark.parametrize(
    ("query", "passage", "weight"),
    [("ja", "ja", 0.6), ("fr", "fr", 0.3), ("en", "en", 0.3), ("ja", "en", 0.0), ("fr", "ja", 0.0), ("fr", "en", 0.2),
     ("und", "ja", 0.3), ("en", "und", 0.3)],
)  # fmt: skip
def test_weight_of_a_language_pair(query: str, passage: str, weight: float) -> None:
    assert lexical_weight(query, passage) == weight


@pytest.mark.parametrize(
    ("dense", "lexical", "expected"),
    [
        ([], [], []),
        ([(1, 0.5)], [], [(1, 0.7)]),
        ([], [(1, 2.0)], [(1, 0.3)]),
        ([(1, 0.5), (2, 0.5)], [], [(1, 0.7), (2, 0.7)]),
        ([], [(1, 0.0)], [(1, 0.0)]),
    ],
    ids=["nothing", "dense only", "lexical only", "equal scores", "zero score"],
)
def test_edges(
    dense: list[tuple[int, float]], lexical: list[tuple[int, float]], expected: list[tuple[int, float]]
) -> None:
    hits = fuse(dense, lexical, {1: "en", 2: "en"}, "en")
    assert [(hit.passage_key, pytest.approx(hit.retrieval_score)) for hit in hits] == expected
