"""Reading an index: documents and passages by key or id, and the lexical arm. All take an open connection."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import UsageError
from index.lexical import match_expression
from index.records import Document, Pages, Passage

# FTS5 fixes k1 at 1.2, but weighting every column by 2 is the same as halving k1: .6 suits character bigrams, which
# come in bunches, and hurts no other language.
_HEADING_WEIGHT, _BODY_WEIGHT = 2.0, 2.0
_DOCUMENT_COLUMNS = (
    "document_id, title, text, language, date, url, status, translation_of, content_hash, metadata, pages"
)
_PASSAGE_QUERY = """
    SELECT p.passage_key, p.passage_id, d.document_id, d.title, p.section, p.text, p."start", p."end", d.language,
    p.page,
           d.date, d.url, d.status, d.translation_of, p.pages
    FROM passages AS p JOIN documents AS d USING (document_key)
"""
_BATCH = 500  # SQLite limits the number of parameters of one statement


@dataclass(frozen=True, slots=True)
class Version:
    """Which document a passage belongs to, and which documents are versions of one another.

    Attributes:
        group: what the language versions of one document share.
    """

    document_key: int
    language: str
    group: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A line of the list of documents."""

    document_id: str
    language: str
    date: str
    title: str
    passages: int


def lexical_hits(
    connection: sqlite3.Connection, query: str, count: int, allowed: NDArray[np.int64] | None = None
) -> list[tuple[int, float]]:
    """Rank passages by BM25 (Robertson & Zaragoza 2009): (passage_key, score), higher is better, best first.

    Args:
        connection: the database.
        query: any text.
        count: most passages.
        allowed: the only keys that may be found, in order; None for all.
    """
    expression = match_expression(query)
    if not expression:
        return []
    rows = connection.execute(
        f"SELECT rowid, -bm25(words, {_HEADING_WEIGHT}, {_BODY_WEIGHT}) AS score FROM words WHERE words MATCH ? "
        "ORDER BY score DESC, rowid LIMIT ?",
        (expression, count if allowed is None else -1),
    )
    if allowed is None:
        return [(key, float(score)) for key, score in rows]
    permitted = frozenset(allowed.tolist())
    return [(key, float(score)) for key, score in rows if key in permitted][:count]


def versions_of(connection: sqlite3.Connection, keys: Sequence[int]) -> dict[int, Version]:
    """Tell the document, language and group of each passage."""
    found: dict[int, Version] = {}
    for batch in _batches(keys):
        rows = connection.execute(
            "SELECT p.passage_key, d.document_key, d.language, COALESCE(NULLIF(d.translation_of, ''), d.document_id) "
            f"FROM passages AS p JOIN documents AS d USING (document_key) WHERE p.passage_key IN ({_marks(batch)})",
            batch,
        )
        found.update((row[0], Version(row[1], row[2], row[3])) for row in rows)
    return found


def passages_by_key(connection: sqlite3.Connection, keys: Sequence[int]) -> dict[int, Passage]:
    """Read passages by their keys; unknown keys are left out."""
    found: dict[int, Passage] = {}
    for batch in _batches(keys):
        rows = connection.execute(f"{_PASSAGE_QUERY} WHERE p.passage_key IN ({_marks(batch)})", batch)
        found.update((row[0], _passage(row)) for row in rows)
    return found


def read_document(connection: sqlite3.Connection, document_id: str) -> Document:
    """Read a document.

    Raises:
        UsageError: the index has no document of that id.
    """
    row = connection.execute(
        f"SELECT {_DOCUMENT_COLUMNS} FROM documents WHERE document_id = ?", (document_id,)
    ).fetchone()
    if row is None:
        raise UsageError(f"no document '{document_id}' in the index; `python -m index list` shows them")
    fields = dict(zip(_DOCUMENT_COLUMNS.split(", "), row, strict=True))
    return Document(**{**fields, "metadata": json.loads(fields["metadata"]), "pages": _pages(fields["pages"])})


def passages_of(connection: sqlite3.Connection, document_id: str) -> list[Passage]:
    """Read the passages of a document in order."""
    rows = connection.execute(f"{_PASSAGE_QUERY} WHERE d.document_id = ? ORDER BY p.passage_key", (document_id,))
    return [_passage(row) for row in rows]


def summaries(connection: sqlite3.Connection) -> list[Summary]:
    """List the documents of an index in the order of their ids."""
    rows = connection.execute(
        "SELECT document_id, language, date, title, (SELECT COUNT(*) FROM passages AS p WHERE p.document_key = "
        "d.document_key) FROM documents AS d ORDER BY document_id"
    )
    return [Summary(*row) for row in rows]


def _passage(row: Sequence[Any]) -> Passage:
    values = [*row[1:-1], _pages(row[-1])]
    return Passage(*values)


def _pages(stored: str) -> Pages:
    return tuple((start, number) for start, number in json.loads(stored)) if stored != "[]" else ()


def _batches(keys: Sequence[int]) -> Iterator[list[int]]:
    for at in range(0, len(keys), _BATCH):
        yield list(keys[at : at + _BATCH])


def _marks(batch: Sequence[int]) -> str:
    return ", ".join("?" * len(batch))
