"""`check` names every kind of damage, and its remedy mends it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from index.build import build
from index.check import damages
from index.config import IndexConfig
from index.database import DATABASE_FILE
from index.dense_file import DENSE_FILE

FIRST = "(SELECT MIN(passage_key) FROM passages)"


def test_a_whole_index_has_no_damage(index_folder: Path) -> None:
    assert damages(index_folder) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE passages SET text = 'other' WHERE passage_key = " + FIRST, "its text is not the document's text"),
        ('UPDATE passages SET "end" = 99999 WHERE passage_key = ' + FIRST, "at 0:99999"),
        ("UPDATE documents SET text = 'x' || text", "its text is not the document's text"),
        ("DELETE FROM vectors WHERE passage_key = " + FIRST, "1 passages without a vector"),
        ("DELETE FROM words WHERE rowid = " + FIRST, "1 passages without words"),
        ("UPDATE words SET body = 'other' WHERE rowid = " + FIRST, "its words are not those"),
        ("DELETE FROM documents WHERE document_id = 'notes.txt'", "1 passages without a document"),
        ("DELETE FROM passages WHERE passage_key = " + FIRST, "1 vectors without a passage"),
        ("UPDATE vectors SET vector = zeroblob(1024) WHERE passage_key = " + FIRST, "not finite and of length 1"),
        ("UPDATE vectors SET vector = zeroblob(8) WHERE passage_key = " + FIRST, "8 bytes, not 1024"),
        ("UPDATE documents SET metadata = '{'", "metadata are not JSON"),
        ("UPDATE documents SET content_hash = ''", "content hash"),
        ("UPDATE manifest SET value = value + 1 WHERE name = 'generation'", f"{DENSE_FILE} is missing, damaged"),
    ],
)
def test_damage_is_named_and_mended(
    collection: Path, index_folder: Path, toy_embedder, change: str, named: str
) -> None:
    with closing(sqlite3.connect(index_folder / DATABASE_FILE)) as connection, connection:
        connection.execute(change)
    found = damages(index_folder)
    assert any(named in damage for damage in found), found
    assert all("python -m index build" in damage for damage in found)
    build([collection], index_folder, toy_embedder, IndexConfig(), rebuild="--rebuild" in found[0])
    assert damages(index_folder) == []


def test_a_dense_file_with_other_vectors_is_found_and_mended(
    collection: Path, index_folder: Path, toy_embedder
) -> None:
    path = index_folder / DENSE_FILE
    content = bytearray(path.read_bytes())
    content[200] ^= 0x3F
    path.write_bytes(bytes(content))
    [damage] = damages(index_folder)
    assert DENSE_FILE in damage
    build([collection], index_folder, toy_embedder, IndexConfig())
    assert damages(index_folder) == []
