"""A process of its own that reads files: one that hangs, crashes or eats memory is ended, and the next file goes on.

The two sides exchange lines of JSON, so nothing that a damaged reader says can do more than be wrong.

    → {"path": "/documents/report.pdf", "limit_s": 60}
    ← {"text": ..., "title": ..., "metadata": {...}, "pages": [[0, 1], ...], "noticed": [...], "sha256": ...}
    ← {"refused": "encrypted: it needs a password; save it without one"}
"""

import json
import os
import resource
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from index.errors import RunError
from index.extract import Extract, RefusedError

LIMIT_S = 60.0
LIMIT_S_PER_MB = 4.0
MEMORY_BYTES = 4 << 30
_START_S = 120.0
_BLOCK_BYTES = 1 << 20
_COMPLAINT_BYTES = 1 << 20


class ReaderProcess:
    """The side that asks. The process starts with the first file and again after a file that ended it."""

    def __init__(self, limit_s: float = LIMIT_S, module: str = "index.reader_process") -> None:
        self._limit_s = limit_s
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._complaints: BinaryIO | None = None

    def read(self, path: Path, size: int) -> tuple[Extract, str]:
        """Read one file; returns its extract and its SHA-256.

        Args:
            path: the file; its suffix tells the format.
            size: bytes of the file; larger ones are given more time.

        Raises:
            RefusedError: the file is no document of its type, or its reader took too long or crashed.
            RunError: the process cannot be started.
        """
        limit_s = self._limit_s + LIMIT_S_PER_MB * size / 1e6 * (self._limit_s / LIMIT_S)
        process = self._started()
        question = json.dumps({"path": str(path), "limit_s": limit_s}) + "\n"
        try:
            assert process.stdin is not None
            process.stdin.write(question.encode("ascii"))
            process.stdin.flush()
            answer = _line(process, limit_s)
        except TimeoutError:
            self._end()
            raise RefusedError(
                f"reading it took longer than {limit_s:.0f} s and was stopped; --rebuild tries again"
            ) from None
        except (EOFError, BrokenPipeError):
            raise RefusedError(f"reading it crashed or took too much memory ({self._end()})") from None
        found = json.loads(answer)
        if "refused" in found:
            raise RefusedError(found["refused"])
        pages = tuple((int(start), int(number)) for start, number in found["pages"])
        extract = Extract(found["text"], found["title"], found["metadata"], pages, tuple(found["noticed"]))
        return extract, str(found["sha256"])

    def close(self) -> None:
        """End the process, if it runs."""
        if self._process is not None:
            self._end()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        root = str(Path(__file__).parent.parent)
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  (closed by _end)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is for us; we end the process
        )
        self._process = process
        try:
            ready = _line(process, _START_S)
        except (EOFError, TimeoutError):
            raise RunError(
                f"the process that reads documents did not start ({self._end()}); is everything installed?"
            ) from None
        assert ready == b"ready"
        return process

    def _end(self) -> str:
        """End the process; returns how it ended: a signal, or the last line that it wrote to standard error."""
        process, self._process = self._process, None
        complaints, self._complaints = self._complaints, None
        assert process is not None
        assert complaints is not None
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.close()  # the end of its input ends it
        process.stdout.close()
        try:
            code = process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        with complaints:
            complaints.seek(0)
            lines = complaints.read(_COMPLAINT_BYTES).decode("utf-8", "replace").strip().splitlines()
        if code < 0:
            return signal.Signals(-code).name
        return lines[-1][:200] if lines else f"exit code {code}"


def _line(process: "subprocess.Popen[bytes]", limit_s: float) -> bytes:
    """Read one line from the process.

    Raises:
        TimeoutError: it did not come in time.
        EOFError: the process has ended.
    """
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    deadline = time.monotonic() + limit_s
    blocks: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while not (blocks and blocks[-1].endswith(b"\n")):
            if not selector.select(max(deadline - time.monotonic(), 0)):
                raise TimeoutError
            block = os.read(descriptor, _BLOCK_BYTES)
            if not block:
                raise EOFError
            blocks.append(block)
    return b"".join(blocks).rstrip(b"\n")


def main() -> None:
    """Answer questions from standard input until it ends."""
    from index.reading import read_file

    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print must not stand between the answers
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, _COMPLAINT_BYTES)  # readers write no files
    _write(answers, b"ready")
    for line in sys.stdin.buffer:
        question = json.loads(line)
        used = resource.getrusage(resource.RUSAGE_SELF)
        # Ends a hanging reader also when nobody is left to wait for it.
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + 2 * question["limit_s"]) + 5)
        try:
            extract, digest = read_file(Path(question["path"]))
        except RefusedError as error:
            answer: dict[str, Any] = {"refused": str(error)}
        except RecursionError:
            answer = {"refused": "its elements are nested too deeply to be read"}
        except MemoryError:
            answer = {"refused": "reading it takes too much memory"}
        else:
            answer = {
                "text": extract.text,
                "title": extract.title,
                "metadata": extract.metadata,
                "pages": extract.pages,
                "noticed": extract.noticed,
                "sha256": digest,
            }
        _write(answers, json.dumps(answer, default=str).encode("ascii"))


def _limit(kind: int, most: int) -> None:
    with suppress(ValueError, OSError):  # not every system knows every limit
        resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


def _write(file: BinaryIO, line: bytes) -> None:
    file.write(line + b"\n")
    file.flush()


if __name__ == "__main__":
    main()
