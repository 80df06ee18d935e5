"""Say everything once: translations and near-duplicates among the hits collapse into one of them.

Language versions of one document need not be cut alike, so it is passages that collapse: two passages of different versions
are taken for the same when their embeddings nearly agree. The one in the language of the query stays if it is about as
near to the query. Passages that only one version has stay whatever their language.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.fusion import FusedHit
from index.lexical import terms
from index.lookup import Version

_SAME_MEANING = 0.9  # cosine of two passages of different versions of one document
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
    nearness = candidates.vectors @ candidates.query
    alike = candidates.vectors @ candidates.vectors.T
    kept: list[int] = []
    for at, hit in enumerate(hits):
        version = candidates.versions[hit.passage_key]
        place = next((i for i, row in enumerate(kept) if _is_same(hits, candidates, at, row, float(alike[at, row]))), None)
        if place is None:
            kept.append(at)
            continue
        other = candidates.versions[hits[kept[place]].passage_key]
        preferred = version.language == query_language != other.language
        if preferred and nearness[at] >= nearness[kept[place]] - _ABOUT_AS_GOOD:
            hits = [*hits]
            hits[at] = replace(hit, retrieval_score=hits[kept[place]].retrieval_score)
            kept[place] = at
    return [hits[at] for at in kept[:k]]


def _is_same(hits: Sequence[FusedHit], candidates: Candidates, at: int, row: int, cosine: float) -> bool:
    key, other_key = hits[at].passage_key, hits[row].passage_key
    one, other = candidates.versions[key], candidates.versions[other_key]
    if one.language != other.language:
        return one.group == other.group and one.document_key != other.document_key and cosine >= _SAME_MEANING
    if cosine < _SAME_WORDS:
        return False
    words, other_words = set(terms(candidates.text_of(key))), set(terms(candidates.text_of(other_key)))
    numbers, other_numbers = ({word for word in found if word[0].isdigit()} for found in (words, other_words))
    shared = len(words & other_words) / max(len(words | other_words), 1)
    return numbers == other_numbers and shared >= _SHARED_TERMS
