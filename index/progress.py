"""A progress bar on standard error for transfers: size, speed, time left. One line where nobody sees it move."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def transfer(title: str, total_bytes: int) -> Iterator[Callable[[int], None]]:
    """Show a transfer while the block runs.

    Yields:
        A function that adds to the bytes done; any thread may call it.
    """
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    console = Console(file=sys.stderr)
    console.print(f"{title} ({total_bytes / 1e6:,.0f} MB)", highlight=False, markup=False, soft_wrap=True)
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=total_bytes)
        yield lambda count: progress.advance(task, count)
