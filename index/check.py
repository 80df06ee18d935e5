"""Is the index whole? Compares everything that is stored twice or must fit together, and names each damage."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from index.approximate import is_exact
from index.database import connect, translated
from index.dense import make_dense, read_dense
from index.dense_file import DENSE_FILE
from index.lexical import segmented
from index.manifest import generation, read_manifest, rebuild_command
from index.records import page_at
from index.store import FULL_VECTOR

_UNIT_LENGTH_TOLERANCE = 1e-3
_PAIRS = (
    ("passages without a document", "passages", "document_key", "document_key FROM documents"),
    ("documents without a passage", "documents", "document_key", "document_key FROM passages"),
    ("passages without a vector", "passages", "passage_key", "passage_key FROM vectors"),
    ("vectors without a passage", "vectors", "passage_key", "passage_key FROM passages"),
    ("passages without words", "passages", "passage_key", "rowid FROM words"),
    ("words without a passage", "words", "rowid", "passage_key FROM passages"),
)


def damages(folder: Path) -> list[str]:
    """Check an index.

    Returns:
        One line per damage, each with its remedy; empty for a whole index.

    Raises:
        UsageError: there is no index.
        RunError: the database cannot be read at all.
    """
    with closing(connect(folder)) as connection, translated(folder):
        connection.execute("BEGIN")
        remedy = rebuild_command(connection, folder)
        found = [f"{damage}; make the index again: {remedy}" for damage in _database_damages(connection)]
        found += [
            f"{damage}; it is made again by any build: python -m index build DOCUMENTS --index {folder}"
            for damage in _dense_damages(folder, connection)
        ]
        connection.execute("ROLLBACK")
    return found


def _database_damages(connection: sqlite3.Connection) -> Iterator[str]:
    for (line,) in connection.execute("PRAGMA integrity_check(5)"):
        if line != "ok":
            yield f"SQLite reports: {line}"
            return
    for what, table, key, other in _PAIRS:
        query = f"SELECT COUNT(*) FROM {table} WHERE {key} NOT IN (SELECT {other})"
        [count] = connection.execute(query).fetchone()
        if count:
            yield f"{count} {what}"
    yield from _text_damages(connection)
    yield from _vector_damages(connection)


def _text_damages(connection: sqlite3.Connection) -> Iterator[str]:
    documents = connection.execute(
        "SELECT document_key, document_id, title, text, content_hash, metadata, pages FROM documents"
    )
    for key, document_id, title, text, digest, metadata, stored_pages in documents:
        if len(digest) != hashlib.sha256().digest_size * 2:
            yield f"{document_id}: its content hash is not a SHA-256"
        try:
            json.loads(metadata)
        except json.JSONDecodeError:
            yield f"{document_id}: its metadata are not JSON"
        try:
            pages = tuple((int(at), int(number)) for at, number in json.loads(stored_pages))
        except (ValueError, TypeError):
            yield f"{document_id}: its pages are not JSON"
            continue
        rows = connection.execute(
            'SELECT p.passage_id, p.section, p.text, p."start", p."end", p.page, w.heading, w.body FROM passages AS p '
            "LEFT JOIN words AS w ON w.rowid = p.passage_key WHERE p.document_key = ?",
            (key,),
        )
        for passage_id, section, passage, start, end, page, heading, body in rows:
            if not 0 <= start < end <= len(text) or text[start:end] != passage:
                yield f"{passage_id}: its text is not the document's text at {start}:{end}"
            if page != page_at(pages, start):
                yield f"{passage_id}: it is not on page {page}"
            if body is not None and (body != segmented(passage) or heading != segmented(f"{title} {section}")):
                yield f"{passage_id}: its words are not those of its text"


def _vector_damages(connection: sqlite3.Connection) -> Iterator[str]:
    dimension = read_manifest(connection).dimension
    rows = connection.execute("SELECT passage_id, vector FROM vectors JOIN passages USING (passage_key)")
    for passage_id, blob in rows:
        if len(blob) != dimension * np.dtype(FULL_VECTOR).itemsize:
            yield f"{passage_id}: its vector has {len(blob)} bytes, not {dimension * np.dtype(FULL_VECTOR).itemsize}"
            continue
        vector = np.frombuffer(blob, dtype=FULL_VECTOR)
        if not np.isfinite(vector).all() or abs(float(np.linalg.norm(vector)) - 1) > _UNIT_LENGTH_TOLERANCE:
            yield f"{passage_id}: its vector is not finite and of length 1"


def _dense_damages(folder: Path, connection: sqlite3.Connection) -> Iterator[str]:
    dense = read_dense(folder, generation(connection))
    if dense is None:
        yield f"{DENSE_FILE} is missing, damaged or of another generation"
        return
    keys = [row[0] for row in connection.execute("SELECT passage_key FROM vectors ORDER BY passage_key")]
    if dense.faiss_index.ntotal != len(keys):
        yield f"{DENSE_FILE} holds {dense.faiss_index.ntotal} vectors, the database {len(keys)}"
        return
    if not is_exact(dense.faiss_index):
        if dense.keys() != keys:
            yield f"{DENSE_FILE} holds other passages than the database"
        return
    try:
        true = make_dense(connection)
    except ValueError:
        return  # vectors of the wrong size, reported above
    try:
        same = np.array_equal(dense.vectors(connection, keys), true.vectors(connection, keys))
    except RuntimeError:  # FAISS: no such key
        same = False
    if not same:
        yield f"{DENSE_FILE} holds other vectors than the database"
