"""Late interaction: how well each token of a query is met by some token of a passage, from two bits a dimension.

The score is the mean over the query's tokens of the best cosine among the passage's tokens (MaxSim: Khattab and
Zaharia 2020, "ColBERT"). The encoder needs no training for it, but its token vectors all lean one way: their mean is
subtracted first (Mu and Viswanath 2018, "All-but-the-Top"). What is kept of a passage's token is four levels a
dimension, the best for a normal distribution (Max 1960, "Quantizing for Minimum Distortion"); the query stays exact.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from index.products import rows_at_once

Kept = TypeVar("Kept")
Vectors = NDArray[np.float32]
Codes = NDArray[np.uint8]

_INNER, _OUTER, _STEP = 0.4528, 1.510, 0.9816  # levels and the threshold between them, in standard deviations
_PER_BYTE = 4
_PACKED_TOKENS, _DECODED_TOKENS = 32, 128  # together: what they need stays in the processor's cache
# Many topics in the three languages: the centre then holds what all tokens share, and nothing of a subject.
_SAMPLES = (
    "Which company built the first bridge over the bay, and how much did it cost in today's money?",
    "When did the king give up his claim to the northern province?",
    "What is the difference between a virus and a bacterium?",
    "How many people live in the capital of the island?",
    "Why was the second volume of the novel never published?",
    "Where are the world's largest deserts?",
    "Quelle entreprise a construit le premier pont sur la baie, et pour quel prix ?",
    "Quand le roi a-t-il renoncé à la province du nord ?",
    "Quelle est la différence entre un virus et une bactérie ?",
    "Combien d'habitants compte la capitale de l'île ?",
    "Pourquoi le second tome du roman n'a-t-il jamais paru ?",
    "Où se trouvent les plus grands déserts du monde ?",
    "湾に最初の橋を架けた会社はどこで、費用はいくらだったか。",
    "国王が北部の州を放棄したのはいつですか。",
    "ウイルスと細菌の違いは何か。",
    "その島の首都の人口は何人ですか?",
    "小説の第二巻が出版されなかった理由は何でしょうか。",
    "世界最大の砂漠はどこにあるか。",
)


@runtime_checkable
class TokenEmbedder(Protocol):
    """An embedder that also hands out the vectors of the tokens, from the same pass through the model."""

    def embed_with_tokens(
        self, texts: Sequence[str], prefix: str, keep: Callable[[Vectors], Kept]
    ) -> tuple[Vectors, list[Kept]]:
        """Embed texts: unit vectors (texts, dimension), and for each text what `keep` makes of its token vectors."""
        ...


def token_centre(embedder: TokenEmbedder, prefix: str) -> Vectors:
    """The mean of the unit token vectors of a few questions in three languages, shape (dimension,)."""
    _, tokens = embedder.embed_with_tokens(_SAMPLES, prefix, lambda tokens: tokens)
    return np.asarray(np.concatenate(tokens).mean(axis=0), np.float32)


def centred(tokens: Vectors, centre: Vectors) -> Vectors:
    """Subtract the centre from token vectors (tokens, dimension) and bring them back to unit length."""
    moved = tokens - centre
    norms = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.maximum(norms, np.float32(1e-12)), np.float32)


def packed(tokens: Vectors, centre: Vectors) -> Codes:
    """Quantise token vectors (tokens, dimension) to codes (tokens, dimension / 4, rounded up): two bits a number."""
    parts = [_packed(tokens[at : at + _PACKED_TOKENS], centre) for at in range(0, len(tokens), _PACKED_TOKENS)]
    return np.concatenate(parts) if parts else np.empty((0, -(-tokens.shape[1] // _PER_BYTE)), np.uint8)


def _packed(tokens: Vectors, centre: Vectors) -> Codes:
    moved = tokens - centre
    # One standard deviation of a vector of unit length, brought to the length of each: cheaper than scaling them all.
    lengths = np.sqrt(np.einsum("td,td->t", moved, moved))[:, None]
    step = lengths * np.float32(_STEP / np.sqrt(tokens.shape[1]))
    bits = np.empty((*moved.shape, 2), np.bool_)  # the low and the high bit of each level
    high = np.greater_equal(moved, 0, out=bits[:, :, 1])
    np.not_equal(np.abs(moved, out=moved) < step, high, out=bits[:, :, 0])
    return np.packbits(bits.reshape(len(moved), -1), axis=1, bitorder="little")


def max_similarities(query_tokens: Vectors, passages: Sequence[Codes], centre: Vectors) -> Vectors:
    """Score passages for one query.

    Args:
        query_tokens: unit token vectors of the query, shape (query tokens, dimension).
        passages: codes of the tokens of each passage, as `packed` gives them; none is empty.
        centre: the centre that the codes were made with.

    Returns:
        The mean over the query's tokens of the best cosine with a token of the passage; shape (passages,).
    """
    query = centred(query_tokens, centre) / np.float32(np.sqrt(query_tokens.shape[1]))
    query = np.pad(query, ((0, 0), (0, -query.shape[1] % _PER_BYTE)))  # padded with zeros, whatever the codes say there
    width = query.shape[1]
    paired = width % (2 * _PER_BYTE) == 0
    levels = _byte_pairs() if paired else _bytes()
    block = rows_at_once(query)  # tokens in one small product
    step = max(1, _DECODED_TOKENS // block) * block
    codes = np.concatenate(passages) if passages else np.empty((0, width // _PER_BYTE), np.uint8)
    room = np.zeros((step, width), np.float32)  # reused: half the time of fresh arrays
    cosines = np.empty((len(codes), len(query)), np.float32)
    for at in range(0, len(codes), step):
        part = codes[at : at + step]
        numbers = part.view("<u2").ravel() if paired else part.ravel()
        np.take(levels, numbers, axis=0, out=room[: len(part)].reshape(len(numbers), -1), mode="clip")
        cosines[at : at + step] = (room.reshape(-1, block, width) @ query.T).reshape(step, -1)[: len(part)]
    first = np.cumsum([0, *map(len, passages)])[: len(passages)]
    return np.asarray(np.maximum.reduceat(cosines, first, axis=0).mean(axis=1), np.float32)


@cache
def _bytes() -> Vectors:
    levels = np.array([-_OUTER, -_INNER, _INNER, _OUTER], np.float32)
    return np.asarray(levels[(np.arange(256)[:, None] >> np.arange(0, 8, 2)) & 3], np.float32)


@cache
def _byte_pairs() -> Vectors:
    """The eight numbers of each pair of bytes: half the look-ups. 2 MiB."""
    pairs = np.arange(65536)
    return np.ascontiguousarray(np.concatenate([_bytes()[pairs & 255], _bytes()[pairs >> 8]], axis=1))
