"""The progress bar of a build on standard error: share of the bytes done, passages per second, time left."""

import sys
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self

_QUIET_SECONDS = 1.0  # short builds show nothing


class BuildProgress:
    """Shows the progress of embedding once it takes longer than a second; use it with `with`."""

    def __init__(self, total_bytes: int, title: str = "indexing") -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        console = Console(file=sys.stderr)
        self._began = time.monotonic()
        self._passages = 0
        self._shown = False
        self._title = title
        self._bar = Progress(
            TextColumn(title),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[passages]} passages, {task.fields[rate]:.0f}/s, left"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=max(total_bytes, 1), passages=0, rate=0.0)
        self._console = console

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._shown:
            self._bar.stop()

    def steps(self, count: int, size: int, total_bytes: int) -> Iterator[int]:
        """Yield where each step of `size` texts begins, and count it as done when the next one is asked for.

        Args:
            count: how many texts a batch has.
            size: texts of a step.
            total_bytes: what the batch is worth on the bar.
        """
        for at in range(0, count, size):
            yield at
            done = min(size, count - at)
            self._advance(done, total_bytes * done / count)

    def _advance(self, passages: int, done_bytes: float) -> None:
        elapsed = time.monotonic() - self._began
        self._passages += passages
        self._bar.update(
            self._task, advance=done_bytes, passages=self._passages, rate=self._passages / max(elapsed, 1e-9)
        )
        if elapsed > _QUIET_SECONDS and not self._shown:
            self._shown = True
            if self._console.is_terminal:
                self._bar.start()
            else:
                self._console.print(f"{self._title} ...", highlight=False)
