"""Token vectors of the passages, as late interaction compares them, kept in the index.

They come from the same pass through the model as the vectors of the passages, so indexing is hardly slower, and take
about 19 kB a passage with the default model. An index made without them, by an embedder that hands none out or by the
setting `late_interaction = false`, is searched without this stage.
"""

import sqlite3
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.config import IndexConfig
from index.late_interaction import Codes, TokenEmbedder, packed, token_centre

if TYPE_CHECKING:
    from index.embedder import Embedder

_CENTRE = np.dtype("<f4")
_BATCH = 500  # SQLite limits the number of parameters of one statement


class PassageEncoder:
    """Embeds passages for one build: their vectors, and the codes of their tokens where they are wanted.

    `encode` may run in other threads, and `stop` ends it; all else is for the thread of the connection.
    """

    def __init__(self, connection: sqlite3.Connection, embedder: "Embedder", config: IndexConfig) -> None:
        self._connection = connection
        self._embedder = embedder
        self._with_tokens = embedder if config.late_interaction and isinstance(embedder, TokenEmbedder) else None
        self._centre = read_centre(connection) if self._with_tokens else None
        self._centre_is_kept = self._centre is not None
        self._centring = threading.Lock()
        self._stopped = threading.Event()

    def encode(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], list[Codes]]:
        """Embed texts: unit vectors (texts, dimension), and the codes of each text or an empty list."""
        prefix = self._embedder.passage_prefix
        if self._with_tokens is None:
            return self._embedder.embed_passages(texts), []
        with self._centring:
            if self._centre is None:
                self._centre = token_centre(self._with_tokens, prefix)
        centre = self._centre

        def keep(tokens: NDArray[np.float32]) -> Codes:
            if self._stopped.is_set():
                raise CancelledError
            return packed(tokens, centre)

        return self._with_tokens.embed_with_tokens(texts, prefix, keep)

    def keep_centre(self) -> None:
        """Store the centre that the codes are made with, once, inside a transaction of the caller."""
        if self._centre is not None and not self._centre_is_kept:
            centre = self._centre.astype(_CENTRE).tobytes()
            self._connection.execute("INSERT INTO token_centre VALUES (1, ?)", (centre,))
            self._centre_is_kept = True

    def stop(self) -> None:
        """Make a running `encode` raise `CancelledError` soon."""
        self._stopped.set()


def read_centre(connection: sqlite3.Connection) -> NDArray[np.float32] | None:
    """Read the centre that the codes were made with, shape (dimension,); None where the index has no codes."""
    row = connection.execute("SELECT vector FROM token_centre").fetchone()
    return None if row is None else np.frombuffer(row[0], _CENTRE).astype(np.float32)


def codes_of(connection: sqlite3.Connection, keys: Sequence[int], dimension: int) -> dict[int, Codes]:
    """Read the codes of passages by their keys; those that have none are left out."""
    found: dict[int, Codes] = {}
    for at in range(0, len(keys), _BATCH):
        batch = list(keys[at : at + _BATCH])
        marks = ", ".join("?" * len(batch))
        rows = connection.execute(f"SELECT passage_key, codes FROM token_vectors WHERE passage_key IN ({marks})", batch)
        found.update((key, np.frombuffer(blob, np.uint8).reshape(-1, -(-dimension // 4))) for key, blob in rows)
    return found
