"""Following files and folders: waits until something in them has changed and come to rest.

Looks at names, sizes and times in intervals instead of asking the system for events: that also sees network folders,
folders that are replaced or come back, and costs a few milliseconds per thousand files.
"""

import os
import stat
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from index.formats import FORMATS, UNREAD

INTERVAL_S = 1.0
_REST_SHARE = 20  # times the duration of a look, so that following costs 5 % of a core at most
_MOST_LOOKS = 10  # a file that never comes to rest is indexed as it is

State = dict[str, tuple[int, int, int]]


class FolderWatch:
    """Remembers how files and folders looked when they were last reported as changed."""

    def __init__(
        self, paths: Sequence[Path], *, interval_s: float = INTERVAL_S, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._paths = [path.absolute() for path in paths]
        self._interval_s = interval_s
        self._sleep = sleep
        self._seen: State | None = None

    def wait(self) -> None:
        """Return at once the first time, then as soon as something has changed and is at rest."""
        state, pause_s = self._look()
        if self._seen is not None:
            while state == self._seen:
                self._sleep(pause_s)
                state, pause_s = self._look()
            for _ in range(_MOST_LOOKS):
                self._sleep(pause_s)
                before, (state, pause_s) = state, self._look()
                if state == before:
                    break
        self._seen = state

    def forget(self) -> None:
        """Report a change at the next `wait`, after one interval: the last one could not be followed."""
        self._seen = {}
        self._sleep(self._interval_s)

    def _look(self) -> tuple[State, float]:
        began = time.monotonic()
        state: State = {"": (0, 0, 0)}  # never equal to the forgotten state
        for path in self._paths:
            _add(path, state)
        return state, max(self._interval_s, _REST_SHARE * (time.monotonic() - began))


def _add(path: Path, state: State) -> None:
    try:
        found = path.stat()
    except OSError:
        return  # gone, or not back yet
    if not stat.S_ISDIR(found.st_mode):
        state[str(path)] = (found.st_mtime_ns, found.st_size, found.st_ino)
        return
    for folder, subfolders, names in os.walk(path):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            if name.startswith(".") or Path(name).suffix.lower() not in FORMATS.keys() | UNREAD.keys():
                continue
            file = os.path.join(folder, name)
            try:
                found = os.lstat(file)
            except OSError:
                continue
            state[file] = (found.st_mtime_ns, found.st_size, found.st_ino)
