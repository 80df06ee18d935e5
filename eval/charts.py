"""Charts as inline SVG, for a page that opens offline. Colours come from the page's style sheet."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

_WIDTH, _HEIGHT = 460, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 22, 14, 40


@dataclass(frozen=True, slots=True)
class Whisker:
    """One row of a chart of intervals: shares from 0 to 1; the ends are None where there is no interval."""

    label: str
    value: float
    low: float | None
    high: float | None
    n: int


def risk_coverage_chart(points: Sequence[tuple[float, float]]) -> str:
    """The risk-coverage curve: share of questions answered against the share of wrong answers among them."""
    axes = _axes("share of questions answered, surest first", "wrong among them", 1.0, 1.0, shares=True)
    if not points:
        return _svg(axes + _text(_WIDTH / 2, _HEIGHT / 2, "no answers", "middle"))
    path = " ".join(f"{_x(coverage, 1.0):.1f},{_y(risk, 1.0):.1f}" for coverage, risk in points)
    coverage, risk = points[-1]
    end = f'<circle class="mark" cx="{_x(coverage, 1.0):.1f}" cy="{_y(risk, 1.0):.1f}" r="4"/>'
    label = _text(
        _x(coverage, 1.0) - 6, _y(risk, 1.0) - 9, f"{percent(risk)} wrong at {percent(coverage)}", "end", "value"
    )
    return _svg(axes + f'<polyline class="line" points="{path}"/>' + end + label)


def histogram(seconds: Sequence[float], label: str, bins: int = 24) -> str:
    """How many answers took how long, with the median as a dashed line."""
    if not seconds:
        return _svg(_text(_WIDTH / 2, _HEIGHT / 2, "no times", "middle"))
    top = _round_up(max(seconds))
    counts = [0] * bins
    for value in seconds:
        counts[min(int(value / top * bins), bins - 1)] += 1
    most = 4.0 * -(-max(counts) // 4)  # so that the four steps of the axis are whole numbers
    parts = [_axes(label, "questions", top, most)]
    wide = (_WIDTH - _LEFT - _RIGHT) / bins
    for place, count in enumerate(counts):
        height = _y(0, most) - _y(count, most)
        parts.append(
            f'<rect class="bar" x="{_LEFT + place * wide + 1:.1f}" y="{_y(count, most):.1f}" '
            f'width="{wide - 2:.1f}" height="{height:.1f}"><title>{count} at {place * top / bins:.2f} to '
            f"{(place + 1) * top / bins:.2f} s</title></rect>"
        )
    middle = sorted(seconds)[len(seconds) // 2] if len(seconds) % 2 else sum(_middle_two(seconds)) / 2
    at = _x(middle, top)
    parts.append(f'<line class="median" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>')
    anchor = "start" if at < _WIDTH / 2 else "end"
    parts.append(_text(at + (6 if anchor == "start" else -6), _TOP + 10, f"median {middle:.2f} s", anchor, "value"))
    return _svg("".join(parts))


def whiskers(rows: Sequence[Whisker]) -> str:
    """Values with their intervals, one row each, on a scale from 0 to 100 %."""
    row_height, left = 24, 130
    height = _TOP + row_height * len(rows) + _BOTTOM
    wide = _WIDTH - left - 104

    def across(share: float) -> float:
        return left + share * wide

    parts = []
    for tick in range(5):
        at = across(tick / 4)
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{height - _BOTTOM}"/>')
        parts.append(_text(at, height - _BOTTOM + 18, percent(tick / 4), "middle"))
    for place, row in enumerate(rows):
        middle = _TOP + row_height * (place + 0.5)
        parts.append(_text(left - 10, middle + 4, row.label, "end"))
        if row.low is not None and row.high is not None:
            ends = f'x1="{across(row.low):.1f}" x2="{across(row.high):.1f}"'
            parts.append(f'<line class="whisker" {ends} y1="{middle:.1f}" y2="{middle:.1f}"/>')
        parts.append(f'<circle class="mark" cx="{across(row.value):.1f}" cy="{middle:.1f}" r="4"/>')
        parts.append(_text(_WIDTH - 4, middle + 4, f"{percent(row.value)} (n {row.n})", "end", "value"))
    return _svg("".join(parts), height)


def _middle_two(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return ordered[len(ordered) // 2 - 1], ordered[len(ordered) // 2]


def _axes(across: str, up: str, most_across: float, most_up: float, *, shares: bool = False) -> str:
    parts = []
    for tick in range(5):
        x, y = _x(tick / 4, 1.0), _y(tick / 4, 1.0)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(_LEFT - 7, y + 4, _tick(tick / 4 * most_up, shares=shares), "end"))
        parts.append(_text(x, _HEIGHT - _BOTTOM + 16, _tick(tick / 4 * most_across, shares=shares), "middle"))
    parts.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 6, across, "middle", "label"))
    parts.append(
        f'<text class="label" text-anchor="middle" transform="translate(13 {(_TOP + _HEIGHT - _BOTTOM) / 2:.0f}) '
        f'rotate(-90)">{html.escape(up)}</text>'
    )
    return "".join(parts)


def percent(share: float) -> str:
    """A share of 0 to 1 in whole percent."""
    return f"{100 * share:.0f} %"


def _tick(value: float, *, shares: bool) -> str:
    return percent(value) if shares else f"{value:.3g}"


def _round_up(value: float) -> float:
    """The next 1, 2, 4 or 5 times a power of ten, times 1 to 10: an end for an axis."""
    scale = 10.0 ** (len(f"{value:.0f}") - 1) if value >= 1 else 0.1
    return next(step * scale for step in (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10, 20) if step * scale >= value)


def _x(value: float, most: float) -> float:
    return _LEFT + value / most * (_WIDTH - _LEFT - _RIGHT)


def _y(value: float, most: float) -> float:
    return _HEIGHT - _BOTTOM - value / most * (_HEIGHT - _TOP - _BOTTOM)


def _text(x: float, y: float, text: str, anchor: str, style: str = "tick") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(text)}</text>'


def _svg(content: str, height: float = _HEIGHT) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {height:.0f}" role="img">{content}</svg>'
