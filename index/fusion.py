"""One ranking out of two or three: a sum of scores, each of mean 0 and standard deviation 1 over the candidates.

Scores carry more than ranks: a sum of normalised scores beats reciprocal rank fusion (Bruch, Gai, Ingber 2023, "An
Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS 42(1)); the z-score beats min-max scaling here, which two
outliers decide alone. The weight of the lexical score depends on the language pair. Across scripts a word in common,
a number or an acronym, speaks for a passage, but its absence says nothing against it.

What was tried, with the numbers, is in `eval/results/retrieval.md`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from index.language_offsets import NOTHING, Returned

Scores = NDArray[np.float64]

_SAME_LANGUAGE = {"fr": 0.4, "en": 0.5, "ja": 0.6, "und": 0.5}  # of late interaction, whose weight is 1
_SAME_SCRIPT = 0.4  # French and English share names, numbers and roots
_ACROSS_SCRIPTS = 0.2  # numbers, acronyms, and the names that the table knows in other scripts
_DENSE_ACROSS_SCRIPTS = 0.4  # tokens of two scripts are compared less well than whole texts
_FIRST_STAGE = 1.6  # the dense score is weaker than late interaction, and leaves the lexical one more room


@dataclass(frozen=True, slots=True)
class FusedHit:
    """A passage with its scores; None where an arm did not score it.

    Attributes:
        retrieval_score: what the ranking uses, 0 (the worst candidate) to 1 (the best).
        rerank_score: mean over the query's tokens of the best cosine with a token of the passage.
    """

    passage_key: int
    dense_score: float | None
    lexical_score: float | None
    retrieval_score: float
    rerank_score: float | None = None


def lexical_weight(query_language: str, passage_language: str) -> float:
    """Give the weight of the lexical score for a language pair, relative to late interaction."""
    if query_language == passage_language or "und" in (query_language, passage_language):
        return _SAME_LANGUAGE.get(query_language, 0.5)
    return _ACROSS_SCRIPTS if _is_across_scripts(query_language, passage_language) else _SAME_SCRIPT


def fuse(
    dense: Mapping[int, float],
    lexical: Mapping[int, float],
    languages: Mapping[int, str],
    query_language: str,
    returned: Mapping[int, Returned] = MappingProxyType({}),
) -> list[FusedHit]:
    """Fuse the scores of the two arms.

    Args:
        dense: cosine of every candidate.
        lexical: BM25 score, higher is better, of the candidates that share a word with the query.
        languages: language of each candidate.
        query_language: language of the query.
        returned: what passages get back of the bias against their language.

    Returns:
        Every candidate, best first; ties in the order of the keys.
    """
    keys = sorted(dense)
    cosines = np.array([dense[key] for key in keys])
    if returned:
        cosines += [returned.get(key, NOTHING).cosine for key in keys]
    words = _lexical_part(keys, lexical, languages, query_language)
    scores = _scaled(_standardised(cosines) + _FIRST_STAGE * words)
    hits = [FusedHit(key, dense[key], lexical.get(key), float(score)) for key, score in zip(keys, scores, strict=True)]
    return sorted(hits, key=lambda hit: (-hit.retrieval_score, hit.passage_key))


def first_look(hits: Sequence[FusedHit], languages: Mapping[int, str], count: int, per_language: int) -> set[int]:
    """Choose the hits that are worth a second look: the best ones, and the best of each language.

    Passages in the language of the query look better to both arms than they are beside a translation.
    """
    chosen = {hit.passage_key for hit in hits[:count]}
    taken: dict[str, int] = {}
    for hit in hits:
        language = languages[hit.passage_key]
        taken[language] = taken.get(language, 0) + 1
        if taken[language] <= per_language:
            chosen.add(hit.passage_key)
    return chosen


def rerank(
    hits: Sequence[FusedHit],
    rerank_scores: Mapping[int, float],
    languages: Mapping[int, str],
    query_language: str,
    returned: Mapping[int, Returned] = MappingProxyType({}),
) -> list[FusedHit]:
    """Order hits anew by late interaction, the lexical score and, across scripts, the dense score.

    Args:
        hits: what `fuse` returned.
        rerank_scores: late interaction of those that are worth it, by passage key; they stay above all others.
        languages: language of each hit.
        query_language: language of the query.
        returned: what passages get back of the bias against their language.

    Returns:
        All hits, best first.
    """
    looked_at = {hit.passage_key: hit for hit in hits if hit.passage_key in rerank_scores}
    rest = [hit for hit in hits if hit.passage_key not in rerank_scores]
    keys = sorted(looked_at)
    lexical = {key: score for key in keys if (score := looked_at[key].lexical_score) is not None}
    similar = np.array([rerank_scores[key] + returned.get(key, NOTHING).rerank for key in keys])
    cosines = np.array([(looked_at[key].dense_score or 0.0) + returned.get(key, NOTHING).cosine for key in keys])
    scores = _scaled(
        _standardised(similar)
        + _lexical_part(keys, lexical, languages, query_language)
        + _DENSE_ACROSS_SCRIPTS * _standardised(cosines) * _across_scripts(keys, languages, query_language)
    )
    floor = rest[0].retrieval_score if rest else 0.0
    best = [
        replace(looked_at[key], retrieval_score=floor + (1 - floor) * float(score), rerank_score=rerank_scores[key])
        for key, score in zip(keys, scores, strict=True)
    ]
    return [*sorted(best, key=lambda hit: (-hit.retrieval_score, hit.passage_key)), *rest]


def _lexical_part(
    keys: Sequence[int], lexical: Mapping[int, float], languages: Mapping[int, str], query_language: str
) -> Scores:
    scores = _standardised(np.array([lexical.get(key, 0.0) for key in keys]))
    across = _across_scripts(keys, languages, query_language)
    weight_of = {language: lexical_weight(query_language, language) for language in set(languages.values())}
    weights = np.array([weight_of[languages[key]] for key in keys])
    return np.asarray(weights * np.where(across, np.maximum(scores, 0.0), scores))


def _across_scripts(keys: Sequence[int], languages: Mapping[int, str], query_language: str) -> NDArray[np.bool_]:
    others = {language for language in set(languages.values()) if _is_across_scripts(query_language, language)}
    if not others:
        return np.zeros(len(keys), dtype=bool)
    return np.array([languages[key] in others for key in keys], dtype=bool)


def _is_across_scripts(query_language: str, passage_language: str) -> bool:
    return (
        query_language != passage_language
        and "ja" in (query_language, passage_language)
        and ("und" not in (query_language, passage_language))
    )


def _standardised(scores: Scores) -> Scores:
    """Bring scores to mean 0 and standard deviation 1; equal ones become 0."""
    spread = float(scores.std()) if len(scores) else 0.0
    return np.zeros_like(scores) if spread < 1e-9 else (scores - scores.mean()) / spread


def _scaled(scores: Scores) -> Scores:
    """Bring scores to 0..1; equal ones become 1."""
    low, high = (float(scores.min()), float(scores.max())) if len(scores) else (0.0, 0.0)
    return np.ones_like(scores) if high - low < 1e-9 else (scores - low) / (high - low)
