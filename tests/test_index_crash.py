"""kill -9 at random moments of builds that add, change and remove: the index is whole after each, and can go on."""

import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from index.check import damages
from index.database import DATABASE_FILE, connect
from index.dense_file import DENSE_FILE
from index.errors import UsageError
from index.lookup import passages_of, read_document, summaries
from tests.sample_files import pdf

ROOT = Path(__file__).parent.parent
SLOW_BUILD = """
import sys, time
from pathlib import Path
import numpy as np
from index import build as module, ingestion
from index.config import IndexConfig

class Slow:
    name, dimension, max_tokens, query_prefix, passage_prefix = "slow", 8, 512, "q", "p"
    def count_tokens(self, texts): return [len(text.split()) for text in texts]
    def embed_passages(self, texts):
        time.sleep(0.005)
        return np.full((len(texts), 8), 8 ** -0.5, dtype=np.float32)

ingestion._BATCH_PASSAGES = 1
print("started", flush=True)
module.build([Path(sys.argv[1])], Path(sys.argv[2]), Slow(), IndexConfig(), rebuild=sys.argv[3] == "rebuild")
print("done", flush=True)
"""


class Collection:
    """Documents that change at random, and every text that each of them ever had."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self.chance = chance
        self.versions: dict[str, set[str]] = {}
        self.counter = 0
        folder.mkdir()
        for number in range(24):
            self.write(f"{number}.txt")
        self.write("report.pdf")

    def write(self, name: str) -> None:
        self.counter += 1
        text = f"Version {self.counter} of {name} says something."
        self.versions.setdefault(name, set()).add(text)
        (self.folder / name).write_bytes(pdf([text]) if name.endswith(".pdf") else text.encode())

    def change(self) -> None:
        for _ in range(12):
            name = f"{self.chance.randrange(30)}.txt"
            if (self.folder / name).exists() and self.chance.random() < 0.3:
                (self.folder / name).unlink()
            else:
                self.write(name)
        self.write("report.pdf")


def _start(collection: Path, folder: Path, kind: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", SLOW_BUILD, str(collection), str(folder), kind]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == b"started\n"
    return process


def _finish(collection: Path, folder: Path) -> float:
    began = time.monotonic()
    process = _start(collection, folder, "build")
    started = time.monotonic()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert began <= started
    return time.monotonic() - started


def _require_whole(collection: Collection, folder: Path) -> None:
    """Every document is one of its versions, whole, and nothing but the derived vectors may be out of date."""
    if not (folder / DATABASE_FILE).exists():
        return
    try:
        assert [damage for damage in damages(folder) if DENSE_FILE not in damage] == []
    except UsageError as error:
        assert "interrupted" in str(error)  # noqa: PT017  # killed before the first document
        return
    with closing(connect(folder)) as connection:
        for summary in summaries(connection):
            text = read_document(connection, summary.document_id).text
            assert text in collection.versions[summary.document_id]
            assert [passage.text for passage in passages_of(connection, summary.document_id)] == [text]


@pytest.mark.parametrize("kinds", [("build",), ("build", "rebuild")], ids=["builds", "builds and rebuilds"])
def test_builds_killed_at_random_moments_leave_a_whole_index(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    seed = random.SystemRandom().randrange(10**9)
    sys.stdout.write(f"seed {seed}\n")  # shown when the test fails
    chance = random.Random(seed)
    collection, folder = Collection(tmp_path / "documents", chance), tmp_path / "index"
    duration_s = 0.4
    for kill in range(6):
        process = _start(collection.folder, folder, chance.choice(kinds))
        time.sleep(chance.uniform(0, duration_s))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        _require_whole(collection, folder)
        if kill % 3 == 2:
            duration_s = _finish(collection.folder, folder)
            assert damages(folder) == []
        collection.change()
    _finish(collection.folder, folder)
    assert damages(folder) == []
    with closing(connect(folder)) as connection:
        found = {one.document_id: read_document(connection, one.document_id).text for one in summaries(connection)}
    assert found.keys() == {path.name for path in collection.folder.iterdir()}
    assert all(found[path.name] == path.read_text() for path in collection.folder.glob("*.txt"))
    assert f"Version {collection.counter} of report.pdf says something." == found["report.pdf"]
