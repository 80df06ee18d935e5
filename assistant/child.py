"""A model server as a child process: started, watched, stopped, and its log shown when it fails."""

import atexit
import json
import os
import select
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from index.errors import RunError

_STOP_S = 5.0
_LOG_LINES = 8
_POLL_S = 0.2


class Child:
    """One server process. It ends with us in any case; `stop` makes it end now."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path, name: str) -> None:
        """Start the process.

        Args:
            command: its command line; it must end when its standard input closes.
            environment: variables besides our own.
            log: file for everything it writes, begun anew.
            name: what it is, for messages.

        Raises:
            RunError: the log cannot be written.

        """
        self.log = log
        self.name = name
        self._log_is_needed = False
        root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("wb") as output:
                self._process = subprocess.Popen(
                    list(command),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=output,
                    env={**os.environ, "PYTHONPATH": path, **environment},
                    start_new_session=True,  # Ctrl-C is for us; we then stop it
                )
        except OSError as error:
            raise RunError(f"cannot start {name}, log {log}: {error.strerror or error}") from error
        atexit.register(self.stop)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def running(self) -> bool:
        """Whether the process is there; says nothing about its health."""
        return self._process.poll() is None

    def require_running(self) -> None:
        """Raise when the process has ended.

        Raises:
            RunError: it has; the message holds the end of its log.

        """
        if not self.running():
            raise RunError(f"{self.name} stopped (exit code {self._process.returncode}){self.log_tail()}")

    def announcement(self, wait_s: float = _POLL_S) -> dict[str, str] | None:
        """The line of JSON that the process writes when it listens, or None when it has not come yet.

        Raises:
            RunError: the process has ended.

        """
        output = self._process.stdout
        if output is None:
            raise AssertionError("the output of the child is a pipe")
        if not select.select([output], [], [], wait_s)[0]:
            return None
        line = output.readline()
        if not line:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_S)
            raise RunError(f"{self.name} stopped (exit code {self._process.poll()}){self.log_tail()}")
        found: dict[str, str] = json.loads(line)
        return found

    def send(self, message: Mapping[str, object]) -> None:
        """Write a line of JSON to its standard input; a process that has ended is told by `messages`."""
        if self._process.stdin is None:
            raise AssertionError("the input of the child is a pipe")
        with suppress(OSError, ValueError):  # it has ended, or we have closed the pipe
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def messages(self) -> Iterator[dict[str, Any]]:
        """The lines of JSON that it writes, until it ends."""
        if self._process.stdout is None:
            raise AssertionError("the output of the child is a pipe")
        with suppress(ValueError):  # we have closed the pipe
            for line in self._process.stdout:
                yield json.loads(line)

    def log_tail(self) -> str:
        """The last lines of the log, ready to be appended to a message; the log is then kept."""
        self._log_is_needed = True
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        kept = [line for line in lines if line.strip()][-_LOG_LINES:]
        return f"; its log {self.log} ends with:\n" + "\n".join(f"  {line[:200]}" for line in kept) if kept else ""

    def stop(self) -> None:
        """End the process; harmless when it has ended. The log stays only when something went wrong."""
        healthy = self.running() and not self._log_is_needed
        atexit.unregister(self.stop)
        _close(self._process.stdin)
        deadline = time.monotonic() + _STOP_S
        while self.running() and time.monotonic() < deadline:
            time.sleep(_POLL_S / 10)
        if self.running():
            self._process.kill()
        self._process.wait()
        _close(self._process.stdout)  # only now: who reads in `messages` holds it until the process ends
        if healthy:
            self.log.unlink(missing_ok=True)


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with suppress(OSError):
            pipe.close()
