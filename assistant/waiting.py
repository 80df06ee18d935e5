"""Shows on standard error that something takes a while, and for how long it has."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def waiting(title: str) -> Iterator[None]:
    """Show a title and the elapsed seconds while the block runs; one plain line where nobody watches a terminal."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(file=sys.stderr)
    if not console.is_terminal:
        console.print(f"{title} ...", highlight=False, soft_wrap=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        progress.add_task(title, total=None)
        yield
