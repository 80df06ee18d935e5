"""Say everything once: translations and near-duplicates among the hits collapse into one of them.

Language versions of one document need not be cut alike, so it is passages that collapse: two passages of different
versions are taken for the same when their embeddings nearly agree. The one in the language of the query stays if it
is about as near to the query. Passages that only one version has stay whatever their language.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from index.fusion import FusedHit
from index.lexical import terms
from index.lookup import Version
from index.products import pairwise_products

_SAME_MEANING = 0.91  # cosine of two passages of different versions of one document
_SAME_WORDS = 0.97  # cosine above which two passages of one language are compared word by word
_SHARED_TERMS = 0.9  # of all distinct terms
_ABOUT_AS_GOOD = 0.03  # difference of cosines to the query


@dataclass(frozen=True, slots=True)
class Candidates:
    """What collapsing needs to know of the hits.

    Attributes:
        versions: document, language and group by passage key.
        vectors: unit vectors, one row per hit, in the order of the hits.
        query: unit vector of the query.
        text_of: gives the text of a passage by its key.
    """

    versions: Mapping[int, Version]
    vectors: NDArray[np.float32]
    query: NDArray[np.float32]
    text_of: Callable[[int], str]


def collapse(hits: Sequence[FusedHit], candidates: Candidates, query_language: str, k: int) -> list[FusedHit]:
    """Keep the best k hits that are not the same as a better one.

    Args:
        hits: best first.
        candidates: their versions and vectors.
        query_language: the language preferred between translations.
        k: most hits to keep.

    Returns:
        The hits that stay, best first. One that stands in for its translation takes the translation's retrieval score.
    """
    nearness = np.einsum("ij,j->i", candidates.vectors, candidates.query)
    place_of: dict[int, int] = {}  # number of a kept hit → its place
    kept: list[int] = []
    hits = list(hits)
    partners = _partners(hits, candidates)
    words_of = cache(lambda key: frozenset(terms(candidates.text_of(key))))
    for at, hit in enumerate(hits):
        place = next(
            (place_of[one] for one in partners[at] if one in place_of and _same(hits, candidates, words_of, at, one)),
            None,
        )
        if place is None:
            place_of[at] = len(kept)
            kept.append(at)
            continue
        stands = kept[place]
        preferred = _language(hits, candidates, at) == query_language != _language(hits, candidates, stands)
        if preferred and nearness[at] >= nearness[stands] - _ABOUT_AS_GOOD:
            hits[at] = replace(hit, retrieval_score=hits[stands].retrieval_score)
            kept[place] = at
            place_of[at] = place  # and the one it stands in for still attracts its likes
    return [hits[at] for at in kept[:k]]


def _partners(hits: Sequence[FusedHit], candidates: Candidates) -> list[list[int]]:
    """List for each hit the better hits that may say the same, by their vectors and documents."""
    versions = [candidates.versions[hit.passage_key] for hit in hits]
    numbers: dict[str, int] = {}
    language = np.array([numbers.setdefault(version.language, len(numbers)) for version in versions])
    group = np.array([numbers.setdefault(f"group {version.group}", len(numbers)) for version in versions])
    document = np.array([version.document_key for version in versions])
    alike = pairwise_products(candidates.vectors, candidates.vectors)
    one_language = language[:, None] == language
    siblings = (group[:, None] == group) & (document[:, None] != document)
    translated = siblings & ~one_language & (alike >= _SAME_MEANING)
    found: list[list[int]] = [[] for _ in hits]
    for at, other in np.argwhere(np.tril(translated | (one_language & (alike >= _SAME_WORDS)), -1)):
        found[at].append(int(other))
    return found


def _language(hits: Sequence[FusedHit], candidates: Candidates, at: int) -> str:
    return candidates.versions[hits[at].passage_key].language


def _same(
    hits: Sequence[FusedHit],
    candidates: Candidates,
    words_of: Callable[[int], frozenset[str]],
    at: int,
    other: int,
) -> bool:
    """Tell whether two partners say the same: translations do; others if they share words and all numbers."""
    if _language(hits, candidates, at) != _language(hits, candidates, other):
        return True
    words, other_words = (words_of(hits[one].passage_key) for one in (at, other))
    numbers, other_numbers = ({word for word in found if word[0].isdigit()} for found in (words, other_words))
    shared = len(words & other_words) / max(len(words | other_words), 1)
    return numbers == other_numbers and shared >= _SHARED_TERMS
