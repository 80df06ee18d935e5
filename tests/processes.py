"""Looks at other processes by their id, for tests."""

import time
from pathlib import Path


def is_running(pid: int) -> bool:
    """Whether the process is there and has not ended; one that nobody has waited for yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
    except OSError:
        return False


def children_of(pid: int, word: str) -> list[int]:
    """Children of a process whose command line contains a word."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid and word in stat.with_name("cmdline").read_text():
                found.append(int(stat.parent.name))
        except OSError:  # it has ended meanwhile
            continue
    return found


def has_loaded(pid: int, library: str) -> bool:
    """Whether a process has loaded a shared library."""
    try:
        return library in Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return False


def is_gone(pid: int, within_s: float = 15.0) -> bool:
    """Whether the process ends within some seconds."""
    deadline = time.monotonic() + within_s
    while is_running(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
