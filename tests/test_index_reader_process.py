"""The process that reads: whatever a file does to it, the next file is read."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from index import reading
from index.build import build
from index.config import IndexConfig
from index.database import connect
from index.errors import RunError
from index.extract import RefusedError
from index.lookup import summaries
from index.reader_process import ReaderProcess
from tests.sample_files import FRENCH, pdf

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def process() -> Iterator[ReaderProcess]:
    opened = ReaderProcess(limit_s=1.0, module="tests.stuck_reader")
    yield opened
    opened.close()


def test_answers_come_back_whole(process: ReaderProcess, write: Write) -> None:
    path = write("a.pdf", "good")
    extract, digest = process.read(path, 4)
    assert extract.text == "Read: good 日本語 \ud800"
    assert (extract.title, extract.metadata, extract.pages, extract.noticed) == (
        "t",
        {"n": 1},
        ((0, 3),),
        ("page 1: x",),
    )
    assert digest == hashlib.sha256(b"good").hexdigest()
    assert process.read(write("b.pdf", "print"), 5)[0].text.startswith("Read: print")


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("refuse", "no reason"),
        ("hang", "longer than 1 s and was stopped"),
        ("crash", r"crashed.*SIGABRT"),
        ("bug", r"crashed.*TypeError: a bug in a library"),
        ("eat", "too much memory"),
        ("deep", "nested too deeply"),
        ("write", "crashed"),
    ],
)
def test_a_file_that_misbehaves_is_refused_and_the_next_is_read(
    process: ReaderProcess, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, reason: str
) -> None:
    monkeypatch.setenv("STUCK_READER_FILE", str(tmp_path / "written"))
    with pytest.raises(RefusedError, match=reason):
        process.read(write("a.pdf", word), len(word))
    assert process.read(write("b.pdf", "good"), 4)[0].text.startswith("Read: good")
    written = tmp_path / "written"
    assert not written.exists() or written.stat().st_size < 2_000_000


def test_a_file_that_is_gone_is_refused(process: ReaderProcess, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="cannot be read: No such file"):
        process.read(tmp_path / "gone.pdf", 1)


def test_a_process_that_cannot_start_is_one_line(write: Write) -> None:
    process = ReaderProcess(module="index.nothing")
    with pytest.raises(RunError, match=r"did not start .*No module named index\.nothing"):
        process.read(write("a.pdf", "x"), 1)


def test_closing_twice_and_without_a_start_is_fine() -> None:
    process = ReaderProcess()
    process.close()
    process.close()


def test_one_bad_file_does_not_stop_a_build_and_is_not_tried_again(
    write: Write, tmp_path: Path, toy_embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "ReaderProcess", partial(ReaderProcess, 0.5, "tests.stuck_reader"))
    folder = write("a.pdf", "hang").parent
    write("b.pdf", "crash")
    write("c.pdf", "good")
    write("d.txt", "Text.")
    report = build([folder], tmp_path / "index", toy_embedder, IndexConfig())
    assert report.added == ("c.pdf", "d.txt")
    assert [name for name, _ in report.refused] == ["a.pdf", "b.pdf"]
    monkeypatch.setattr(reading, "ReaderProcess", lambda: pytest.fail("read again"))
    again = build([folder], tmp_path / "index", toy_embedder, IndexConfig())
    assert again.refused == report.refused
    assert (again.added, again.changed, again.unchanged) == ((), (), ("c.pdf", "d.txt"))
    monkeypatch.undo()
    write("a.pdf", pdf([FRENCH]))
    (folder / "b.pdf").unlink()
    mended = build([folder], tmp_path / "index", toy_embedder, IndexConfig())
    assert (mended.added, mended.refused) == (("a.pdf",), ())
    with connect(tmp_path / "index") as connection:
        assert len(summaries(connection)) == 3
        assert connection.execute("SELECT COUNT(*) FROM refusals").fetchone() == (0,)
    connection.close()
