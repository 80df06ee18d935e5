"""Following a folder: every change once it is at rest, nothing lost while an index is built, errors survived."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from index.watch import FolderWatch

Write = Callable[[str, str | bytes], Path]
ROOT = Path(__file__).parent.parent


class Script:
    """Stands in for sleeping: each pause runs the next step; after the last one it stops the test."""

    def __init__(self, *steps: Callable[[], object] | None) -> None:
        self.steps = list(steps)
        self.pauses = 0

    def __call__(self, seconds: float) -> None:
        self.pauses += 1
        if not self.steps:
            raise TimeoutError("nothing was noticed")
        if step := self.steps.pop(0):
            step()


def test_the_first_wait_returns_at_once(write: Write) -> None:
    script = Script()
    FolderWatch([write("a.txt", "x").parent], sleep=script).wait()
    assert script.pauses == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "new.pdf").write_bytes(b"x"),
        lambda folder: (folder / "a.txt").write_text("longer"),
        lambda folder: os.utime(folder / "a.txt", ns=(0, 1)),
        lambda folder: (folder / "a.txt").unlink(),
        lambda folder: (folder / "a.txt").rename(folder / "b.txt"),
        lambda folder: shutil.rmtree(folder),
        lambda folder: (folder / "old.doc").write_bytes(b"x"),
    ],
    ids=["new", "changed", "touched", "removed", "renamed", "folder gone", "unread format"],
)
def test_a_change_is_noticed_once_it_is_at_rest(write: Write, change: Callable[[Path], object]) -> None:
    folder = write("a.txt", "x").parent
    script = Script(None, lambda: change(folder), None)
    watch = FolderWatch([folder], sleep=script)
    watch.wait()
    watch.wait()
    assert script.pauses == 3
    with pytest.raises(TimeoutError):
        watch.wait()


def test_what_is_no_document_is_not_followed(write: Write) -> None:
    folder = write("a.txt", "x").parent
    script = Script(
        lambda: write("picture.png", "x"), lambda: write(".hidden.txt", "x"), lambda: write(".git/a.txt", "x")
    )
    watch = FolderWatch([folder], sleep=script)
    watch.wait()
    with pytest.raises(TimeoutError):
        watch.wait()


def test_a_file_that_is_still_written_is_waited_for_but_not_for_ever(write: Write) -> None:
    path = write("a.txt", "x")
    grow = [lambda: path.write_text(path.read_text() + "x")]
    script = Script(*grow * 4, None)
    watch = FolderWatch([path], sleep=script)
    watch.wait()
    watch.wait()
    assert script.pauses == 5
    script.steps = grow * 50
    watch.wait()
    assert len(script.steps) > 30


def test_a_change_during_the_build_is_noticed_after_it(write: Write) -> None:
    folder = write("a.txt", "x").parent
    watch = FolderWatch([folder], sleep=Script(None, None))
    watch.wait()
    write("b.txt", "while the index is built")
    watch.wait()


def test_a_change_that_could_not_be_followed_is_reported_again(write: Write) -> None:
    script = Script(None, None, None)
    watch = FolderWatch([write("a.txt", "x").parent], sleep=script)
    watch.wait()
    watch.forget()
    watch.wait()
    with pytest.raises(TimeoutError):
        watch.wait()


WATCH = """
import sys
from index import lazy_embedder, watch
from index.__main__ import main
from index.errors import exit_with
from tests.conftest import ToyEmbedder
lazy_embedder.LazyEmbedder = lambda config: ToyEmbedder()
watch.INTERVAL_S = 0.05
watch.FolderWatch.__init__.__kwdefaults__["interval_s"] = 0.05
exit_with(main)
"""


def _until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not found():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)


def test_the_command_follows_a_folder_survives_bad_files_and_ends_cleanly(write: Write, tmp_path: Path) -> None:
    folder = write("a.txt", "First text.").parent
    out = tmp_path / "out"
    with out.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", WATCH, "build", str(folder), "--index", str(tmp_path / "index"), "--watch"],
            cwd=ROOT, stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            _until(lambda: b"watching" in out.read_bytes())
            write("b.txt", "Second text.")
            _until(lambda: b"1 added, 0 changed, 1 unchanged" in out.read_bytes())
            write("c.pdf", b"%PDF-1.4 broken")
            _until(lambda: b"refused: c.pdf: a damaged file" in out.read_bytes())
            moved = folder.rename(tmp_path / "away")
            _until(lambda: b"still watching" in out.read_bytes())
            moved.rename(folder)
            (folder / "a.txt").unlink()
            _until(lambda: b"1 removed" in out.read_bytes())
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(timeout=30)
    assert code == 0, out.read_text()
    assert out.read_text().endswith("stopped watching; the index is whole\n")
    assert out.read_bytes().count(b"refused: c.pdf") <= 2, "an old refusal is not told at every change"
