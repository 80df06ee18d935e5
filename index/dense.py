"""The dense arm: inner-product search over the passage vectors, kept in a FAISS file derived from the database.

A file of another generation is never searched; the next one is made from it by what was added and removed. The ids are
the passage keys, so removal and reuse cannot shift them.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.approximate import (
    empty_index,
    index_bytes,
    is_exact,
    keys_of,
    read_index,
    sample_size,
    search_index,
    suits,
    vectors_of,
)
from index.dense_file import DENSE_FILE, dense_generation, is_current, write_dense_file
from index.manifest import generation, read_manifest
from index.store import FULL_VECTOR

_BATCH = 10_000
_PARAMETERS = 500  # SQLite limits the number of parameters of one statement


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """Vectors of one generation of an index, ready to be searched. Searches may run in parallel.

    Attributes:
        made_from: identity and generation of the index.
        faiss_index: what `approximate.empty_index` chose; ids are passage keys.
    """

    made_from: tuple[str, int]
    faiss_index: Any

    def search(
        self, vector: NDArray[np.float32], count: int, allowed: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Find the passages nearest to a unit vector of shape (dimension,): (passage_key, cosine), best first.

        Args:
            vector: a unit vector.
            count: most passages.
            allowed: the only keys that may be found; None for all.
        """
        return search_index(self.faiss_index, vector, count, allowed)

    def keys(self) -> list[int]:
        """The keys of all passages in it, in order."""
        return [int(key) for key in keys_of(self.faiss_index)]

    def vectors(self, connection: sqlite3.Connection, keys: Sequence[int]) -> NDArray[np.float32]:
        """Give the exact vectors of passages, shape (passages, dimension), in the order of the keys."""
        if is_exact(self.faiss_index):
            return vectors_of(self.faiss_index, keys)
        found = dict(_stored(connection, keys))
        rows = [found[key] for key in keys]
        return np.stack(rows) if rows else np.zeros((0, self.faiss_index.d), dtype=np.float32)


def load_dense(folder: Path, connection: sqlite3.Connection) -> DenseIndex:
    """Load the dense index of the generation the connection sees; make it in memory where the file does not fit."""
    made_from = generation(connection)
    return read_dense(folder, made_from) or make_dense(connection, _any_generation(folder, made_from[0]))


def read_dense(folder: Path, made_from: tuple[str, int]) -> DenseIndex | None:
    """Read the FAISS file; None where it is missing, damaged, or made from another generation."""
    return _read(folder, made_from) if dense_generation(folder) == made_from else None


def refresh_dense(folder: Path, connection: sqlite3.Connection) -> None:
    """Bring the FAISS file up to the generation the connection sees; nothing where it is.

    Raises:
        OSError: the folder is not writable or the disk is full.
    """
    made_from = generation(connection)
    if not is_current(folder, made_from):
        dense = make_dense(connection, _any_generation(folder, made_from[0]))
        write_dense_file(folder, index_bytes(dense.faiss_index), made_from)


def make_dense(connection: sqlite3.Connection, earlier: DenseIndex | None = None) -> DenseIndex:
    """Make the dense index from the vectors in the database.

    Args:
        connection: the database.
        earlier: an earlier generation of the same index; it is changed and becomes the new one where it can.
    """
    dimension = read_manifest(connection).dimension
    keys = np.array([row[0] for row in connection.execute("SELECT passage_key FROM vectors ORDER BY passage_key")], int)
    if earlier is not None and earlier.faiss_index.d == dimension and suits(earlier.faiss_index, len(keys)):
        index = earlier.faiss_index
        present = keys_of(index)
        gone, new = np.setdiff1d(present, keys), np.setdiff1d(keys, present)
        if len(gone):
            index.remove_ids(gone)
    else:
        wanted = sample_size(len(keys))
        places = np.linspace(0, len(keys) - 1, wanted).astype(int)
        sample = [vector for _, vector in _stored(connection, [int(key) for key in keys[places]])] if wanted else []
        index, new = empty_index(dimension, len(keys), np.array(sample, np.float32)), keys
    for at in range(0, len(new), _BATCH):
        batch = [int(key) for key in new[at : at + _BATCH]]
        found = dict(_stored(connection, batch))
        vectors = np.stack([found[key] for key in batch])
        index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), np.array(batch, dtype=np.int64))
    return DenseIndex(generation(connection), index)


def _stored(connection: sqlite3.Connection, keys: Sequence[int]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    for at in range(0, len(keys), _PARAMETERS):
        batch = list(keys[at : at + _PARAMETERS])
        marks = ", ".join("?" * len(batch))
        rows = connection.execute(f"SELECT passage_key, vector FROM vectors WHERE passage_key IN ({marks})", batch)
        yield from ((key, np.frombuffer(blob, dtype=FULL_VECTOR)) for key, blob in rows)


def _any_generation(folder: Path, identity: str) -> DenseIndex | None:
    """Read the FAISS file of any generation of this very index, if it is undamaged: what is made from it stays."""
    made_from = dense_generation(folder)
    if made_from is None or made_from[0] != identity or not is_current(folder, made_from):
        return None
    return _read(folder, made_from)


def _read(folder: Path, made_from: tuple[str, int]) -> DenseIndex | None:
    index = read_index(folder / DENSE_FILE)
    return None if index is None else DenseIndex(made_from, index)
