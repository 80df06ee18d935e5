"""An embedder whose token vectors can be seen: a vector a word."""

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

SAME = {"bike": "bicycle", "constructed": "built", "建造": "建設"}  # these have one vector
Vectors = NDArray[np.float32]


class WordVectors:
    """A vector a word: words of one meaning share it, other words are at right angles to it."""

    passage_prefix = "passage: "
    _TOKEN = re.compile(r"[A-Za-zÀ-ÿ]+|[一-鿿]+|[ァ-ヺー]+")

    def __init__(self) -> None:
        self.calls = 0
        self._places: dict[str, int] = {}

    def embed_with_tokens(
        self, texts: Sequence[str], prefix: str, keep: Callable[[Vectors], Vectors]
    ) -> tuple[Vectors, list[Vectors]]:
        self.calls += 1
        tokens = [self._vectors(prefix + text) for text in texts]
        return np.stack([one.mean(axis=0) for one in tokens]), [keep(one) for one in tokens]

    def token_spans(self, texts: Sequence[str], prefix: str) -> list[list[tuple[int, int]]]:
        shift = len(prefix)
        return [
            [
                (match.start() - shift, match.end() - shift) if match.end() > shift else (0, 0)
                for match in self._TOKEN.finditer(prefix + text)
            ]
            for text in texts
        ]

    def _vectors(self, text: str) -> Vectors:
        words = [SAME.get(word.lower(), word.lower()) for word in self._TOKEN.findall(text)]
        vectors = np.zeros((len(words), 600), np.float32)
        for row, word in enumerate(words):
            vectors[row, self._places.setdefault(word, len(self._places))] = 1.0
        return vectors
