"""Sentence spans and embeddings of passages, kept in the index so that an answer need not embed them again.

Derived and optional: a table of its own that is filled when an assistant opens the index, and goes with its passages.
"""

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.build_progress import BuildProgress
from index.database import connect, transaction, translated, writing
from index.sentences import sentence_spans
from index.table_rows import row_readings

if TYPE_CHECKING:
    from index.embedder import Embedder

_NAME = "sentences_2"  # a new number where what counts as a sentence changes
_TABLE = f"""CREATE TABLE IF NOT EXISTS {_NAME} (
    passage_key INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE,
    spans BLOB NOT NULL, vectors BLOB NOT NULL)"""
_SPAN = np.dtype("<i4")
_VECTOR = np.dtype("<f2")
_BATCH_PASSAGES = 64
_LIST_ITEM = re.compile(r"(?:[-*•・]|\d+[.)])\s*\S")
_LONGEST_LIST_CHARACTERS = 700


@dataclass(frozen=True, slots=True)
class SentenceVectors:
    """The sentences of one passage: spans (n, 2) in its characters, unit-length embeddings (n, dimension)."""

    spans: NDArray[np.int32]
    vectors: NDArray[np.float32]


def spans_with_words(text: str) -> list[tuple[int, int]]:
    """The sentences of a passage that hold at least one letter or digit.

    A sentence that ends in a colon is taken together with the short list below it: neither says anything alone.
    """
    found: list[tuple[int, int]] = []
    listing = False
    for start, end in sentence_spans(text):
        if not any(map(str.isalnum, text[start:end])):
            continue
        item = _LIST_ITEM.match(text, start) is not None
        if listing and item and end - found[-1][0] <= _LONGEST_LIST_CHARACTERS:
            found[-1] = (found[-1][0], end)
            continue
        listing = not item and text[start:end].rstrip().endswith((":", "："))
        found.append((start, end))
    return found


def embed_sentences(texts: Sequence[str], embedder: "Embedder") -> list[SentenceVectors]:
    """Split texts into sentences and embed them all in one batch, the rows of tables as they read alone."""
    spans = [spans_with_words(text) for text in texts]
    readings = [row_readings(text) for text in texts]
    sentences = [
        read.get((start, end), text[start:end])
        for text, own, read in zip(texts, spans, readings, strict=True)
        for start, end in own
    ]
    vectors = embedder.embed_passages(sentences) if sentences else np.zeros((0, embedder.dimension), np.float32)
    found, position = [], 0
    for own in spans:
        array = np.array(own, np.int32).reshape(len(own), 2)
        found.append(SentenceVectors(array, vectors[position : position + len(own)]))
        position += len(own)
    return found


def missing_count(folder: Path) -> int:
    """How many passages have no stored sentences yet."""
    with closing(connect(folder)) as connection:
        passages: int = connection.execute("SELECT count(*) FROM passages").fetchone()[0]
        return passages - (
            connection.execute(f"SELECT count(*) FROM {_NAME}").fetchone()[0] if _exists(connection) else 0
        )


def prepare_sentences(folder: Path, embedder: "Embedder") -> int:
    """Store the sentences of every passage that has none yet; returns how many passages were done.

    Raises:
        RunError: another process is writing, or the folder is not writable.
    """
    with writing(folder) as connection, translated(folder):
        connection.execute(_TABLE)
        rows = connection.execute(
            f"SELECT passage_key, text FROM passages WHERE passage_key NOT IN (SELECT passage_key FROM {_NAME})"
        ).fetchall()
        with BuildProgress(len(rows), "preparing sentences") as progress:
            for first in progress.steps(len(rows), _BATCH_PASSAGES, len(rows)):
                batch = rows[first : first + _BATCH_PASSAGES]
                embedded = embed_sentences([text for _, text in batch], embedder)
                with transaction(connection):
                    connection.executemany(
                        f"INSERT INTO {_NAME} VALUES (?, ?, ?)",
                        [
                            (key, item.spans.astype(_SPAN).tobytes(), item.vectors.astype(_VECTOR).tobytes())
                            for (key, _), item in zip(batch, embedded, strict=True)
                        ],
                    )
    return len(rows)


def stored_sentences(
    connection: sqlite3.Connection, passage_ids: Sequence[str], dimension: int
) -> dict[str, SentenceVectors]:
    """Read the sentences of passages by passage id; passages without stored ones are left out."""
    if not _exists(connection):
        return {}
    marks = ", ".join("?" * len(passage_ids))
    rows = connection.execute(
        f"SELECT passage_id, spans, vectors FROM {_NAME} JOIN passages USING (passage_key) "
        f"WHERE passage_id IN ({marks})",
        list(passage_ids),
    )
    return {
        passage_id: SentenceVectors(
            np.frombuffer(spans, _SPAN).reshape(-1, 2).astype(np.int32),
            np.frombuffer(vectors, _VECTOR).reshape(-1, dimension).astype(np.float32),
        )
        for passage_id, spans, vectors in rows
    }


def _exists(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (_NAME,)).fetchone() is not None
