"""Seconds per stage of one answer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Adds up the seconds of named stages, and marks moments since the start."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time of a block toward a stage."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[name] = self._seconds.get(name, 0.0) + time.perf_counter() - begin

    def timed(self, name: str, items: Iterator[str]) -> Iterator[str]:
        """Count only the waiting for items toward a stage; closes the source when closed."""
        try:
            while True:
                with self.stage(name):
                    item = next(items, None)
                if item is None:
                    return
                yield item
        finally:
            if hasattr(items, "close"):
                items.close()

    def mark(self, name: str) -> None:
        """Note the seconds since the start, once."""
        self._seconds.setdefault(name, time.perf_counter() - self._start)

    def timings(self) -> dict[str, float]:
        """Seconds per stage and mark so far, with "total"."""
        return {**self._seconds, "total": time.perf_counter() - self._start}
