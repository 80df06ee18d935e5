"""The truth of an index: documents, passages, vectors, the full-text table and the manifest, in one SQLite file.

Every change is one transaction that also raises the generation; what is derived (`dense.faiss`) carries the
generation it was made from. Passage keys are never used again.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.manifest import Manifest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.late_interaction import Codes
    from index.passages import PassageDraft
    from index.records import Document

FULL_VECTOR = "<f4"

_TABLES = (
    "words", "vectors", "token_vectors", "token_centre", "sentences", "passages", "documents", "sources", "refusals",
    "manifest",
)  # fmt: skip
_SCHEMA = """
CREATE TABLE manifest (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sources (path TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE documents (
    document_key INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT NOT NULL UNIQUE, origin TEXT NOT NULL,
    content_hash TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL, date TEXT NOT NULL,
    url TEXT NOT NULL, status TEXT NOT NULL, translation_of TEXT NOT NULL, metadata TEXT NOT NULL,
    pages TEXT NOT NULL);
CREATE TABLE passages (
    passage_key INTEGER PRIMARY KEY AUTOINCREMENT, document_key INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    passage_id TEXT NOT NULL UNIQUE, section TEXT NOT NULL, text TEXT NOT NULL, "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL, page INTEGER, pages TEXT NOT NULL);
CREATE INDEX passages_by_document ON passages (document_key);
CREATE TABLE vectors (
    passage_key INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE, vector BLOB NOT NULL);
CREATE TABLE token_vectors (
    passage_key INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE, codes BLOB NOT NULL);
CREATE TABLE token_centre (one INTEGER PRIMARY KEY CHECK (one = 1), vector BLOB NOT NULL);
CREATE TABLE refusals (
    document_id TEXT PRIMARY KEY, origin TEXT NOT NULL, content_hash TEXT NOT NULL, reason TEXT NOT NULL)
    WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document ready to be stored.

    Attributes:
        drafts: its passages.
        words: heading and body of each, segmented as the full-text table stores them.
        vectors: their unit vectors, float32 (passages, dimension).
        codes: the codes of the tokens of each passage, or nothing.
    """

    document: "Document"
    origin: Path
    drafts: Sequence["PassageDraft"]
    words: Sequence[tuple[str, str]]
    vectors: "NDArray[np.float32]"
    codes: Sequence["Codes"] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the index knows of a document without reading it."""

    origin: Path
    content_hash: str


@dataclass(frozen=True, slots=True)
class KnownRefusal:
    """What was refused earlier, so that the same bytes need not be read again."""

    origin: Path
    content_hash: str
    reason: str


def is_initialised(connection: sqlite3.Connection) -> bool:
    """Tell whether the tables exist; they are made in one transaction with the manifest."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'manifest'").fetchone() is not None


def initialise(connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Make the tables, inside a transaction of the caller; what was there before goes."""
    from index.lexical import TOKENIZER

    for name in _TABLES:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in _SCHEMA.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f'CREATE VIRTUAL TABLE words USING fts5 (heading, body, tokenize = "{TOKENIZER}")')
    values = {**asdict(manifest), "identity": os.urandom(16).hex(), "generation": 0}
    connection.executemany("INSERT INTO manifest VALUES (?, ?)", [(name, str(value)) for name, value in values.items()])


def known_documents(connection: sqlite3.Connection) -> dict[str, Known]:
    """Map each document id to its origin and content hash."""
    rows = connection.execute("SELECT document_id, origin, content_hash FROM documents ORDER BY document_id")
    return {document_id: Known(Path(origin), digest) for document_id, origin, digest in rows}


def store_sources(connection: sqlite3.Connection, paths: Iterable[Path]) -> None:
    """Remember what the index was built from, inside a transaction of the caller."""
    connection.executemany("INSERT OR IGNORE INTO sources VALUES (?)", [(str(path.absolute()),) for path in paths])


def forget_source(connection: sqlite3.Connection, path: Path) -> None:
    """Forget that the index was built from a file or folder, inside a transaction of the caller."""
    connection.execute("DELETE FROM sources WHERE path = ?", (str(path),))


def set_origin(connection: sqlite3.Connection, document_id: str, origin: Path) -> None:
    """Note that a document, itself unchanged, now comes from another file."""
    connection.execute("UPDATE documents SET origin = ? WHERE document_id = ?", (str(origin), document_id))


def known_refusals(connection: sqlite3.Connection) -> dict[str, KnownRefusal]:
    """Map each document id that was refused to what was refused and why."""
    rows = connection.execute("SELECT document_id, origin, content_hash, reason FROM refusals")
    return {document_id: KnownRefusal(Path(origin), digest, reason) for document_id, origin, digest, reason in rows}


def store_refusals(connection: sqlite3.Connection, refusals: Iterable[tuple[str, Path, str, str]]) -> None:
    """Remember (document id, origin, content hash, reason) of what was refused, inside a transaction of the caller."""
    connection.executemany(
        "INSERT OR REPLACE INTO refusals VALUES (?, ?, ?, ?)",
        [(document_id, str(origin), digest, reason) for document_id, origin, digest, reason in refusals],
    )


def forget_refusals(connection: sqlite3.Connection, document_ids: Iterable[str]) -> None:
    """Forget what is gone, or was read again, inside a transaction of the caller."""
    connection.executemany("DELETE FROM refusals WHERE document_id = ?", [(one,) for one in document_ids])


def put(connection: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Store documents in place of what had their ids, inside a transaction of the caller."""
    for entry in entries:
        document = entry.document
        delete(connection, [document.document_id])
        cursor = connection.execute(
            "INSERT INTO documents VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                document.document_id, str(entry.origin), document.content_hash, document.title, document.text,
                document.language, document.date, document.url, document.status, document.translation_of,
                json.dumps(document.metadata, ensure_ascii=False, default=str), json.dumps(document.pages),
            ),
        )  # fmt: skip
        document_key = cursor.lastrowid
        passages = zip(entry.drafts, entry.words, entry.vectors, strict=True)
        for number, (draft, words, vector) in enumerate(passages):
            passage = draft.passage
            row = (
                document_key,
                passage.passage_id,
                passage.section,
                passage.text,
                passage.start,
                passage.end,
                passage.page,
                json.dumps(passage.pages),
            )
            key = connection.execute("INSERT INTO passages VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", row).lastrowid
            connection.execute("INSERT INTO vectors VALUES (?, ?)", (key, vector.astype(FULL_VECTOR).tobytes()))
            if entry.codes and key is not None:
                connection.execute("INSERT INTO token_vectors VALUES (?, ?)", (key, entry.codes[number].tobytes()))
            connection.execute("INSERT INTO words (rowid, heading, body) VALUES (?, ?, ?)", (key, *words))
    connection.execute("UPDATE manifest SET value = value + 1 WHERE name = 'generation'")


def delete(connection: sqlite3.Connection, document_ids: Sequence[str]) -> int:
    """Remove documents from every table, inside a transaction of the caller; returns how many there were."""
    removed = 0
    for document_id in document_ids:
        row = connection.execute("SELECT document_key FROM documents WHERE document_id = ?", (document_id,)).fetchone()
        if row is None:
            continue
        connection.execute(
            "DELETE FROM words WHERE rowid IN (SELECT passage_key FROM passages WHERE document_key = ?)", row
        )
        connection.execute("DELETE FROM documents WHERE document_key = ?", row)
        removed += 1
    if removed:
        connection.execute("UPDATE manifest SET value = value + 1 WHERE name = 'generation'")
    return removed


def compact(connection: sqlite3.Connection) -> None:
    """Erase for good what was deleted: merge the full-text postings, and empty the write-ahead log."""
    connection.execute("INSERT INTO words (words) VALUES ('optimize')")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
