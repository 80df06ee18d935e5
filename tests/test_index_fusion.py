"""The arithmetic of fusion, by hand."""

import pytest

from index.fusion import FusedHit, first_look, fuse, lexical_weight, rerank

ENGLISH = dict.fromkeys(range(10), "en")


def scores(hits: list[FusedHit]) -> dict[int, float]:
    return {hit.passage_key: hit.retrieval_score for hit in hits}


def test_scores_are_standardised_and_added() -> None:
    # Cosines .9 .8 .7 standardise to 1.2247, 0, -1.2247; BM25 0 10 5 to the same numbers in another order.
    hits = fuse({1: 0.9, 2: 0.8, 3: 0.7}, {2: 10.0, 3: 5.0}, ENGLISH, "en")
    assert [hit.passage_key for hit in hits] == [2, 1, 3]
    assert [(hit.dense_score, hit.lexical_score) for hit in hits] == [(0.8, 10.0), (0.9, None), (0.7, 5.0)]
    weight = 1.6 * 0.5
    sums = {1: 1 - weight, 2: weight, 3: -1.0}  # in units of 1.2247
    assert scores(hits) == pytest.approx({key: (one + 1) / (weight + 1) for key, one in sums.items()})


def test_across_scripts_a_shared_word_counts_and_its_absence_does_not() -> None:
    languages = {1: "en", 2: "en", 3: "ja"}
    with_word = scores(fuse({1: 0.9, 2: 0.9, 3: 0.5}, {1: 4.0}, languages, "ja"))
    assert with_word[1] > with_word[2] > with_word[3]
    # Only the Japanese passage shares a word: the two English ones keep their distance and their order.
    only_own_language = scores(fuse({1: 0.9, 2: 0.8, 3: 0.5}, {3: 9.0}, languages, "ja"))
    assert only_own_language[1] > only_own_language[2]
    assert only_own_language[1] == 1.0


@pytest.mark.parametrize(
    ("query", "passage", "weight"),
    [("ja", "ja", 0.6), ("fr", "fr", 0.4), ("en", "en", 0.5), ("ja", "en", 0.2), ("fr", "ja", 0.2), ("fr", "en", 0.4),
     ("und", "ja", 0.5), ("en", "und", 0.5)],
)  # fmt: skip
def test_weight_of_a_language_pair(query: str, passage: str, weight: float) -> None:
    assert lexical_weight(query, passage) == weight


@pytest.mark.parametrize(
    ("dense", "lexical", "expected"),
    [
        ({}, {}, []),
        ({1: 0.5}, {}, [(1, 1.0)]),
        ({1: 0.5}, {1: 2.0}, [(1, 1.0)]),
        ({1: 0.5, 2: 0.5}, {}, [(1, 1.0), (2, 1.0)]),
        ({1: 0.5, 2: 0.5}, {2: 3.0}, [(2, 1.0), (1, 0.0)]),
    ],
    ids=["nothing", "dense only", "one passage", "equal scores", "words decide"],
)
def test_edges(dense: dict[int, float], lexical: dict[int, float], expected: list[tuple[int, float]]) -> None:
    hits = fuse(dense, lexical, ENGLISH, "en")
    assert [(hit.passage_key, hit.retrieval_score) for hit in hits] == expected


def test_the_first_look_takes_the_best_and_the_best_of_each_language() -> None:
    hits = [FusedHit(key, 0.5, None, 1 - key / 10) for key in range(6)]
    languages = {0: "ja", 1: "ja", 2: "ja", 3: "ja", 4: "en", 5: "en"}
    assert first_look(hits, languages, count=2, per_language=1) == {0, 1, 4}
    assert first_look(hits, languages, count=1, per_language=0) == {0}


def test_reranked_hits_stay_above_the_rest_and_carry_both_scores() -> None:
    hits = fuse({1: 0.9, 2: 0.8, 3: 0.7, 4: 0.6}, {}, ENGLISH, "en")
    found = rerank(hits, {1: 0.2, 3: 0.6}, ENGLISH, "en")
    assert [(hit.passage_key, hit.rerank_score) for hit in found] == [(3, 0.6), (1, 0.2), (2, None), (4, None)]
    assert found[0].retrieval_score == 1.0
    assert found[1].retrieval_score == found[2].retrieval_score == scores(hits)[2]


def test_words_count_in_the_second_look_too() -> None:
    hits = fuse({1: 0.9, 2: 0.9}, {2: 5.0}, ENGLISH, "en")
    assert [hit.passage_key for hit in rerank(hits, {1: 0.5, 2: 0.5}, ENGLISH, "en")] == [2, 1]
    assert [hit.passage_key for hit in rerank(hits, {1: 0.6, 2: 0.5}, ENGLISH, "en")] == [1, 2]


@pytest.mark.parametrize(("query", "first"), [("ja", 1), ("en", 2)], ids=["across scripts", "same language"])
def test_the_dense_score_counts_across_scripts_only(query: str, first: int) -> None:
    hits = fuse({1: 0.9, 2: 0.8, 3: 0.7}, {}, ENGLISH, query)
    assert rerank(hits, {1: 0.58, 2: 0.6, 3: 0.4}, ENGLISH, query)[0].passage_key == first


def test_nothing_to_look_at_changes_nothing() -> None:
    hits = fuse({1: 0.9, 2: 0.8}, {}, ENGLISH, "en")
    assert rerank(hits, {}, ENGLISH, "en") == hits
