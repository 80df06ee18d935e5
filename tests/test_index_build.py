"""Building: incremental, transactional, one writer, and errors that name both sides and the remedy."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.build import build, default_documents, recorded_sources, remove
from index.check import damages
from index.config import IndexConfig
from index.database import DATABASE_FILE, connect, writing
from index.dense_file import DENSE_FILE
from index.errors import RunError, UsageError
from index.lookup import read_document, summaries

CONFIG = IndexConfig()
Write = Callable[[str, str | bytes], Path]


def _ids(folder: Path) -> list[str]:
    with closing(connect(folder)) as connection:
        return [summary.document_id for summary in summaries(connection)]


def _grep(folder: Path, text: str) -> list[str]:
    return [path.name for path in folder.iterdir() if text.encode() in path.read_bytes()]


def test_a_first_build_adds_everything_and_is_whole(index_folder: Path) -> None:
    assert _ids(index_folder) == ["en/softbank.md", "fr/softbank.md", "ja/kddi.md", "notes.txt"]
    assert damages(index_folder) == []


def test_unchanged_documents_are_not_embedded_again(collection: Path, index_folder: Path, toy_embedder) -> None:
    before = (index_folder / DATABASE_FILE).read_bytes(), (index_folder / DENSE_FILE).read_bytes()
    toy_embedder.embedded.clear()
    report = build([collection], index_folder, toy_embedder, CONFIG)
    assert len(report.unchanged) == 4
    assert (report.added, report.changed, report.removed, report.refused) == ((), (), (), ())
    assert toy_embedder.embedded == []
    assert ((index_folder / DATABASE_FILE).read_bytes(), (index_folder / DENSE_FILE).read_bytes()) == before


def test_a_changed_document_is_replaced_and_a_missing_one_removed(
    collection: Path, index_folder: Path, toy_embedder
) -> None:
    (collection / "notes.txt").write_text("Entirely different words.")
    (collection / "ja/kddi.md").unlink()
    (collection / "new.txt").write_text("A new note.")
    report = build([collection], index_folder, toy_embedder, CONFIG)
    assert (report.added, report.changed, report.removed) == (("new.txt",), ("notes.txt",), ("ja/kddi.md",))
    with closing(connect(index_folder)) as connection:
        assert read_document(connection, "notes.txt").text == "Entirely different words."
    assert damages(index_folder) == []
    assert _grep(index_folder, "closed school") == []
    assert _grep(index_folder, "102億円") == []


def test_an_emptied_folder_means_removal(collection: Path, index_folder: Path, toy_embedder) -> None:
    shutil.rmtree(collection)
    collection.mkdir()
    assert len(build([collection], index_folder, toy_embedder, CONFIG).removed) == 4
    assert damages(index_folder) == []


def test_other_sources_keep_their_documents(index_folder: Path, tmp_path: Path, toy_embedder) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "more.txt").write_text("More text.")
    report = build([other], index_folder, toy_embedder, CONFIG)
    assert report.added == ("more.txt",)
    assert len(_ids(index_folder)) == 5
    assert recorded_sources(index_folder) == [tmp_path / "documents", other]


def test_a_moved_folder_is_recognised_by_its_hashes(
    collection: Path, index_folder: Path, tmp_path: Path, toy_embedder
) -> None:
    moved = collection.rename(tmp_path / "moved")
    toy_embedder.embedded.clear()
    assert len(build([moved], index_folder, toy_embedder, CONFIG).unchanged) == 4
    assert toy_embedder.embedded == []
    (moved / "notes.txt").unlink()
    assert build([moved], index_folder, toy_embedder, CONFIG).removed == ("notes.txt",)


def test_the_id_of_another_living_document_is_an_error(index_folder: Path, tmp_path: Path, toy_embedder) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("Another note.")
    with pytest.raises(UsageError, match=r"'notes\.txt' is in the index already.*remove it first"):
        build([other], index_folder, toy_embedder, CONFIG)
    assert len(_ids(index_folder)) == 4


def test_refused_files_are_reported_and_their_last_good_version_stays(
    collection: Path, index_folder: Path, toy_embedder
) -> None:
    (collection / "notes.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    report = build([collection], index_folder, toy_embedder, CONFIG)
    assert report.refused == (("notes.txt", "not text: a PNG image"),)
    assert "notes.txt" in _ids(index_folder)


def test_legacy_encodings_are_indexed_as_their_text(write: Write, tmp_path: Path, toy_embedder) -> None:
    text = "経済産業省はソフトバンクに助成する。"
    for name, encoding in (("a.txt", "utf-16"), ("b.txt", "cp932"), ("c.txt", "euc_jp")):
        folder = write(name, text.encode(encoding)).parent
    build([folder], tmp_path / "index", toy_embedder, CONFIG)
    with closing(connect(tmp_path / "index")) as connection:
        assert {read_document(connection, name).text for name in ("a.txt", "b.txt", "c.txt")} == {text}


@pytest.mark.parametrize("kind", ["empty", "images only"])
def test_a_folder_without_documents_is_a_user_error(tmp_path: Path, toy_embedder, kind: str) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    if kind == "images only":
        (folder / "a.png").write_bytes(b"\x89PNG")
    with pytest.raises(UsageError, match="give a folder with"):
        build([folder], tmp_path / "index", toy_embedder, CONFIG)
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"name": "other"}, r"embedder 'toy', now it is 'other'"),
        ({"dimension": 64}, r"dimension 256, now it is 64"),
        ({"query_prefix": "q: "}, r"query prefix 'query: ', now it is 'q: '"),
        ({"passage_prefix": ""}, r"passage prefix 'passage: ', now it is ''"),
    ],
)
def test_another_embedder_is_refused_until_a_rebuild(
    collection: Path, index_folder: Path, make_embedder, changes: dict[str, object], named: str
) -> None:
    other = make_embedder()
    for name, value in changes.items():
        setattr(other, name, value)
    with pytest.raises(UsageError, match=named + rf".*index build {collection} --index {index_folder} --rebuild"):
        build([collection], index_folder, other, CONFIG)
    assert len(build([collection], index_folder, other, CONFIG, rebuild=True).added) == 4
    assert damages(index_folder) == []


def test_another_passage_length_is_refused_until_a_rebuild(collection: Path, index_folder: Path, toy_embedder) -> None:
    with pytest.raises(UsageError, match="splitter"):
        build([collection], index_folder, toy_embedder, replace(CONFIG, passage_tokens=100))


def test_a_failed_rebuild_leaves_the_old_index(collection: Path, index_folder: Path, make_embedder) -> None:
    class Interrupted(make_embedder):  # type: ignore[misc, valid-type]
        def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build([collection], index_folder, Interrupted("other"), CONFIG, rebuild=True)
    assert len(_ids(index_folder)) == 4
    assert damages(index_folder) == []


def test_vectors_that_are_not_numbers_are_not_stored(collection: Path, tmp_path: Path, make_embedder) -> None:
    class Broken(make_embedder):  # type: ignore[misc, valid-type]
        def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return np.full((len(texts), self.dimension), np.nan, dtype=np.float32)

    with pytest.raises(RunError, match="not finite"):
        build([collection], tmp_path / "index", Broken(), CONFIG)


def test_a_second_writer_is_turned_away(collection: Path, index_folder: Path, toy_embedder) -> None:
    with writing(index_folder), pytest.raises(RunError, match="another build is writing"):
        build([collection], index_folder, toy_embedder, CONFIG)


def test_a_folder_that_cannot_be_made_is_one_line(collection: Path, tmp_path: Path, toy_embedder) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match="cannot use the index folder"):
        build([collection], tmp_path / "file" / "index", toy_embedder, CONFIG)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_is_not_writable_can_still_be_read(collection: Path, index_folder: Path, toy_embedder) -> None:
    index_folder.chmod(0o500)
    try:
        assert len(_ids(index_folder)) == 4
        with pytest.raises(RunError, match=r"rights|Permission"):
            build([collection], index_folder, toy_embedder, CONFIG)
    finally:
        index_folder.chmod(0o700)


def test_a_missing_index_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no index at .*; build it: python -m index build"):
        connect(tmp_path / "nothing")


def test_an_empty_database_is_an_interrupted_build_and_is_completed(
    collection: Path, tmp_path: Path, toy_embedder
) -> None:
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / DATABASE_FILE).touch()
    with pytest.raises(UsageError, match="interrupted"):
        connect(folder)
    assert len(build([collection], folder, toy_embedder, CONFIG).added) == 4


def test_a_damaged_database_is_named_and_a_rebuild_mends_it(collection: Path, index_folder: Path, toy_embedder) -> None:
    path = index_folder / DATABASE_FILE
    path.write_bytes(b"garbage" * 1000)
    for action in (lambda: connect(index_folder), lambda: build([collection], index_folder, toy_embedder, CONFIG)):
        with pytest.raises(RunError, match=r"damaged.*--rebuild"):
            action()
    assert len(build([collection], index_folder, toy_embedder, CONFIG, rebuild=True).added) == 4
    assert damages(index_folder) == []


def test_another_format_is_refused(index_folder: Path) -> None:
    with closing(sqlite3.connect(index_folder / DATABASE_FILE)) as connection, connection:
        connection.execute("UPDATE manifest SET value = '99' WHERE name = 'schema'")
    with pytest.raises(UsageError, match="format 99"):
        connect(index_folder)


def test_removed_documents_are_gone_from_the_files(index_folder: Path) -> None:
    assert _grep(index_folder, "Tomakomai") != []
    assert _grep(index_folder, "tomakomai") != []
    remove(["en/softbank.md", "fr/softbank.md"], index_folder)
    assert _ids(index_folder) == ["ja/kddi.md", "notes.txt"]
    assert _grep(index_folder, "Tomakomai") == []
    assert _grep(index_folder, "tomakomai") == []
    assert damages(index_folder) == []


def test_removing_is_all_or_nothing(index_folder: Path) -> None:
    with pytest.raises(UsageError, match=r"no document 'gone\.md'"):
        remove(["notes.txt", "gone.md"], index_folder)
    assert len(_ids(index_folder)) == 4


def test_keys_are_never_used_again(collection: Path, index_folder: Path, toy_embedder) -> None:
    def keys() -> set[int]:
        with closing(connect(index_folder)) as connection:
            return {row[0] for row in connection.execute("SELECT passage_key FROM passages")}

    first = keys()
    remove(["notes.txt"], index_folder)
    build([collection], index_folder, toy_embedder, CONFIG)
    assert max(keys()) > max(first)
    assert len(keys() & first) == len(first) - 1


def test_the_packaged_collection_is_found() -> None:
    assert list(default_documents().rglob("*.md"))
