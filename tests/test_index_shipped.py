"""The index of the shipped documents is mended without asking; one with documents of the user never."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from index import shipped
from index.build import build, recorded_sources
from index.check import damages
from index.config import IndexConfig
from index.database import DATABASE_FILE, connect
from index.errors import UsageError
from index.lookup import summaries
from index.shipped import build_shipped

CONFIG = IndexConfig()


@pytest.fixture
def program(tmp_path: Path, collection: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of which the small collection is the shipped one."""
    folder = tmp_path / "program"
    (folder / "index").mkdir(parents=True)
    collection.rename(folder / "index" / "documents")
    install(folder, monkeypatch)
    return folder


def install(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "default_documents", lambda: program / "index" / "documents")


def ids(folder: Path) -> list[str]:
    with closing(connect(folder)) as connection:
        return [summary.document_id for summary in summaries(connection)]


def set_manifest(folder: Path, name: str, value: str) -> None:
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as connection, connection:
        connection.execute("UPDATE manifest SET value = ? WHERE name = ?", (value, name))


def test_it_is_made_and_kept_up_to_date(program: Path, tmp_path: Path, toy_embedder) -> None:
    assert len(build_shipped(tmp_path / "index", toy_embedder, CONFIG).added) == 4
    assert len(build_shipped(tmp_path / "index", toy_embedder, CONFIG).unchanged) == 4
    assert recorded_sources(tmp_path / "index") == [program / "index" / "documents"]


@pytest.mark.parametrize(
    ("name", "value"), [("schema", "1"), ("embedder", "older"), ("splitter", "0"), ("lexical", "")]
)
def test_one_that_was_made_with_something_else_is_made_again(
    program: Path, tmp_path: Path, toy_embedder, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    folder = tmp_path / "index"
    build_shipped(folder, toy_embedder, CONFIG)
    set_manifest(folder, name, value)
    assert len(build_shipped(folder, toy_embedder, CONFIG).added) == 4
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("note: the index at ")
    assert line.endswith("it is made again")
    assert damages(folder) == []


@pytest.mark.parametrize("kind", ["moved", "copied", "moved through a link"])
def test_it_goes_along_with_the_program(
    program: Path, tmp_path: Path, toy_embedder, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    folder = tmp_path / "index"
    if "link" in kind:
        (tmp_path / "link").symlink_to(program)
        install(tmp_path / "link", monkeypatch)
    build_shipped(folder, toy_embedder, CONFIG)
    there = tmp_path / "elsewhere"
    if kind == "copied":
        shutil.copytree(program, there)
    else:
        program.rename(there)
    install(there, monkeypatch)
    (there / "index/documents/notes.txt").unlink()
    toy_embedder.embedded.clear()
    report = build_shipped(folder, toy_embedder, CONFIG)
    assert (len(report.unchanged), report.removed) == (3, ("notes.txt",))
    assert toy_embedder.embedded == []
    assert recorded_sources(folder) == [there / "index" / "documents"]


def test_an_older_one_that_was_moved_is_made_again(
    program: Path, tmp_path: Path, toy_embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "index"
    build_shipped(folder, toy_embedder, CONFIG)
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as connection, connection:
        connection.execute("UPDATE manifest SET value = '1' WHERE name = 'schema'")
        connection.execute("ALTER TABLE documents RENAME COLUMN origin TO path")
    install(program.rename(tmp_path / "elsewhere"), monkeypatch)
    assert len(build_shipped(folder, toy_embedder, CONFIG).added) == 4
    assert damages(folder) == []


def test_documents_of_the_user_are_never_at_stake(program: Path, tmp_path: Path, toy_embedder, make_embedder) -> None:
    folder, own = tmp_path / "index", tmp_path / "own"
    own.mkdir()
    (own / "mine.txt").write_text("My own note.")
    build([own], folder, toy_embedder, CONFIG)
    assert len(build_shipped(folder, toy_embedder, CONFIG).added) == 4
    with pytest.raises(UsageError, match=r"embedder 'toy', now it is 'other'; make it again: .*own.*--rebuild"):
        build_shipped(folder, make_embedder("other"), CONFIG)
    set_manifest(folder, "schema", "1")
    with pytest.raises(UsageError, match=r"schema .*; make it again: .*own.*--rebuild"):
        build_shipped(folder, toy_embedder, CONFIG)
    set_manifest(folder, "schema", "2")
    assert "mine.txt" in ids(folder)
