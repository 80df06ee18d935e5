"""A comparison of two reports in the terminal."""

import sys
from collections.abc import Sequence

from eval.compare import Comparison, Difference
from eval.summary import number

_FLIPS_SHOWN = 20


def print_comparison(comparison: Comparison) -> None:
    """Write differences with intervals, and the questions that flipped."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 120, highlight=False)
    title = f"{comparison.shared} questions in both"
    if comparison.only_before or comparison.only_after:
        title += f" (only in A: {comparison.only_before}, only in B: {comparison.only_after})"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    for name in ("A", "B", "B - A [95 %]", "p", ""):
        table.add_column(name, justify="right", no_wrap=True)
    for one in comparison.differences:
        unit = one.metric.unit
        row = (number(one.before, unit), number(one.after, unit), _change(one), f"{one.p:.3f}", one.verdict)
        table.add_row(one.metric.title, *row)
    console.print(table)
    for right, what in ((True, "now right"), (False, "no longer right")):
        flips = [flip for flip in comparison.flips if flip.now_right == right]
        console.print(f"{what}: {len(flips)}")
        for flip in flips[:_FLIPS_SHOWN]:
            console.print(f"  {flip.question_id}: {flip.before} → {flip.after} · {flip.question[:70]}", markup=False)


def drops_text(drops: Sequence[Difference]) -> str:
    """One line that names the metrics that got worse."""
    return "; ".join(
        f"{one.metric.name} {number(one.before, one.metric.unit)} → {number(one.after, one.metric.unit)} "
        f"(adjusted p {one.adjusted_p:.3f})"
        for one in drops
    )


def _change(one: Difference) -> str:
    unit = one.metric.unit
    value = _signed(one.change.value or 0.0, unit)
    if one.change.low is None or one.change.high is None:
        return value
    return f"{value} [{_signed(one.change.low, unit)}, {_signed(one.change.high, unit)}]"


def _signed(value: float, unit: str) -> str:
    if unit in ("share", "score"):
        return f"{100 * value:+.1f} points"
    return ("+" if value > 0 else "") + number(value, unit)
