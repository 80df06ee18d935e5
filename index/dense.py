"""The dense arm: exact inner-product search over the passage vectors, kept in a FAISS file derived from the database.

The file ends with a trailer that names the index and the generation it was made from; FAISS itself ignores it. A file
of another generation is never used. The ids are the passage keys, so removal and reuse cannot shift them.
"""

import os
import sqlite3
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.manifest import generation, read_manifest
from index.store import FULL_VECTOR

DENSE_FILE = "dense.faiss"
_TRAILER = struct.Struct("<8s32sQ")
_MAGIC = b"SHOKODNS"


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """Vectors of one generation of an index, ready to be searched. Searches may run in parallel.

    Attributes:
        made_from: identity and generation of the index.
        faiss_index: IndexIDMap2 over IndexFlatIP; ids are passage keys.
    """

    made_from: tuple[str, int]
    faiss_index: Any

    def search(self, vector: NDArray[np.float32], count: int) -> list[tuple[int, float]]:
        """Find the passages nearest to a unit vector of shape (dimension,): (passage_key, cosine), best first."""
        import faiss

        faiss.omp_set_num_threads(1)  # a setting per thread; two threads make one query many times slower
        count = min(count, self.faiss_index.ntotal)
        if count == 0:
            return []
        scores, keys = self.faiss_index.search(np.ascontiguousarray(vector[None], dtype=np.float32), count)
        return [(int(key), float(score)) for key, score in zip(keys[0], scores[0], strict=True) if key >= 0]

    def cosines(self, vector: NDArray[np.float32], keys: Sequence[int]) -> dict[int, float]:
        """Give the cosine of a unit vector of shape (dimension,) with each of these passages, by key."""
        return dict(zip(keys, map(float, np.einsum("ij,j->i", self.vectors(keys), vector)), strict=True))

    def vectors(self, keys: Sequence[int]) -> NDArray[np.float32]:
        """Give the vectors of passages, shape (passages, dimension), in the order of the keys."""
        rows = [self.faiss_index.reconstruct(key) for key in keys]
        return np.stack(rows) if rows else np.zeros((0, self.faiss_index.d), dtype=np.float32)


def load_dense(folder: Path, connection: sqlite3.Connection) -> DenseIndex:
    """Load the dense index of the generation the connection sees; make it in memory where the file does not fit."""
    made_from = generation(connection)
    return read_dense(folder, made_from) or make_dense(connection)


def read_dense(folder: Path, made_from: tuple[str, int]) -> DenseIndex | None:
    """Read the FAISS file; None where it is missing, damaged, or made from another generation."""
    import faiss

    path = folder / DENSE_FILE
    try:
        with path.open("rb") as file:
            file.seek(-_TRAILER.size, os.SEEK_END)
            magic, identity, number = _TRAILER.unpack(file.read())
        if magic != _MAGIC or (identity.decode("ascii"), number) != made_from:
            return None
        return DenseIndex(made_from, faiss.read_index(str(path)))
    except (OSError, struct.error, UnicodeDecodeError, RuntimeError):  # FAISS raises RuntimeError for damaged files
        return None


def make_dense(connection: sqlite3.Connection) -> DenseIndex:
    """Make the dense index from the vectors in the database."""
    import faiss

    dimension = read_manifest(connection).dimension
    index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    cursor = connection.execute("SELECT passage_key, vector FROM vectors ORDER BY passage_key")
    while rows := cursor.fetchmany(10_000):
        keys = np.array([row[0] for row in rows], dtype=np.int64)
        vectors = np.frombuffer(b"".join(row[1] for row in rows), dtype=FULL_VECTOR).reshape(len(rows), dimension)
        index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), keys)
    return DenseIndex(generation(connection), index)


def write_dense(folder: Path, dense: DenseIndex) -> None:
    """Write the FAISS file: to a temporary name, then renamed, so that a crash leaves the old one.

    Raises:
        OSError: the folder is not writable or the disk is full.
    """
    import faiss

    identity, number = dense.made_from
    temporary = folder / f"{DENSE_FILE}.{os.getpid()}.tmp"
    try:
        with temporary.open("wb") as file:
            file.write(faiss.serialize_index(dense.faiss_index).tobytes())
            file.write(_TRAILER.pack(_MAGIC, identity.encode("ascii"), number))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / DENSE_FILE)
    finally:
        temporary.unlink(missing_ok=True)
