"""One ranking out of two: a convex sum of the dense and the lexical score, each brought to 0..1 for the query at hand.

Scores carry more than ranks: a convex sum of normalised scores beats reciprocal rank fusion (Bruch, Gai, Ingber 2023,
"An Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS 42(1)). The lexical weight depends on the language
pair: across scripts words cannot match, so there the dense score stands alone and is not scaled down for what words
could not say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SAME_LANGUAGE = {"fr": 0.3, "en": 0.3, "ja": 0.6, "und": 0.3}
_SAME_SCRIPT = 0.2  # French and English share names, numbers and roots


@dataclass(frozen=True, slots=True)
class FusedHit:
    """A passage with the scores of both arms; None where an arm did not return it."""

    passage_key: int
    dense_score: float | None
    lexical_score: float | None
    retrieval_score: float


def lexical_weight(query_language: str, passage_language: str) -> float:
    """Give the weight of the lexical score, 0 to 1, for a language pair."""
    if query_language == passage_language or "und" in (query_language, passage_language):
        return _SAME_LANGUAGE.get(query_language, 0.3)
    return 0.0 if "ja" in (query_language, passage_language) else _SAME_SCRIPT


def fuse(
    dense: Sequence[tuple[int, float]],
    lexical: Sequence[tuple[int, float]],
    languages: Mapping[int, str],
    query_language: str,
) -> list[FusedHit]:
    """Fuse two result lists of (passage_key, score).

    The dense score is scaled by its smallest and largest value, the lexical one by its largest; an arm that did not
    return a passage gives it 0.

    Args:
        dense: cosines.
        lexical: BM25 scores, higher is better.
        languages: language of each passage in either list.
        query_language: language of the query.

    Returns:
        Every passage of either list, best first; ties in the order of the keys.
    """
    dense_scores, lexical_scores = dict(dense), dict(lexical)
    low = min(dense_scores.values(), default=0.0)
    span = max(dense_scores.values(), default=0.0) - low
    top = max(lexical_scores.values(), default=0.0)
    hits = []
    for key in dense_scores.keys() | lexical_scores.keys():
        dense_score, lexical_score = dense_scores.get(key), lexical_scores.get(key)
        dense_part = 0.0 if dense_score is None else (dense_score - low) / span if span > 0 else 1.0
        lexical_part = 0.0 if lexical_score is None or top <= 0 else max(lexical_score, 0.0) / top
        weight = lexical_weight(query_language, languages[key])
        hits.append(FusedHit(key, dense_score, lexical_score, (1 - weight) * dense_part + weight * lexical_part))
    return sorted(hits, key=lambda hit: (-hit.retrieval_score, hit.passage_key))
