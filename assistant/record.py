"""The record of answers: one line of JSON per answer, appended to a file. `assistant.replay` reads it again.

A line is the `Answer` of the contract, with "history" (the conversation before it), "prompts" (hash of each),
"server_version" and "time" (UTC) beside its fields. The file holds what people asked; only its owner may read it.
"""

import fcntl
import json
import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.records import Answer, Question
from prompts import load

_PROMPTS = ("answer", "condense", "translate")
_OWNER_ONLY = 0o600


class RecordFile:
    """Appends answers to a file. Safe for several threads, and for several programs that write to one file.

    Args:
        path: the file; made where it is missing.
        server_version: of the engine that answers, "" where it does not say.
    """

    def __init__(self, path: Path, server_version: str = "") -> None:
        self.path = path
        self._server_version = server_version
        self._lock = threading.Lock()
        self._noted = False

    def append(self, question: Question, answer: Answer) -> None:
        """Write one line. A file that cannot be written costs the record, never the answer: a note says so, once."""
        line = json.dumps(line_of(question, answer, self._server_version), ensure_ascii=False) + "\n"
        with self._lock:
            try:
                _append(self.path, line.encode("utf-8", "replace"))
            except OSError as error:
                if not self._noted:
                    sys.stderr.write(
                        f"note: answers are not recorded, {self.path} cannot be written ({error.strerror}); "
                        "free space, or choose another file with --record\n"
                    )
                self._noted = True
            else:
                self._noted = False


def record_file(path: str, server_version: str = "") -> RecordFile | None:
    """The file of a setting; None where the setting is empty."""
    return RecordFile(Path(path).expanduser(), server_version) if path else None


def line_of(question: Question, answer: Answer, server_version: str) -> dict[str, Any]:
    """What is recorded of one answer."""
    return {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        **answer.to_json(),
        "history": [{"role": turn.role, "content": turn.content} for turn in question.history],
        "prompts": {name: load(name, question.language).hash for name in _PROMPTS},
        "server_version": server_version,
    }


def _append(path: Path, line: bytes) -> None:
    """Append a whole line or nothing: what a full disk took of it is taken back.

    Raises:
        OSError: the file cannot be written.
    """
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = os.fstat(file).st_size
        if size and os.pread(file, 1, size - 1) != b"\n":
            line = b"\n" + line  # another program died in the middle of its line
        try:
            written = 0
            while written < len(line):
                written += os.write(file, line[written:])
        except OSError:
            os.ftruncate(file, size)
            raise
    finally:
        os.close(file)
