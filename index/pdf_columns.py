"""Columns of running text that a PDF file draws across the page, line by line, brought back into the order of reading.

Most files draw one column after the other. Those that do not, as text recognition and some converters write them, look
like a table of two columns; but the lines of running text fill their column, and those of a table do not.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from index.extract import is_east_asian
from index.pdf_lines import Line

_LEAST_ROWS = 4
_LEAST_WIDTH = 20  # letters in half of the lines at least; an East Asian character counts twice
_LEAST_FILLED = 0.8  # of the width of the column
_MOST_COLUMNS = 3

Span = tuple[float, float]


def unwoven(lines: Sequence[Line]) -> list[Line]:
    """Give the lines of a page, those of woven columns one column after the other."""
    found: list[Line] = []
    at = 0
    while at < len(lines):
        stop, spans = _woven(lines, at)
        if not spans:
            found.append(lines[at])
            at += 1
            continue
        stop = _with_rest(lines, stop, spans)
        found += [part for span in spans for line in lines[at:stop] for part in _parts(line, span)]
        at = stop
    return found


def _woven(lines: Sequence[Line], at: int) -> tuple[int, list[Span]]:
    """Give the end of the rows of woven columns that begin here, and the extents of the columns; none where none do."""
    count = len(lines[at].cells)
    stop = at
    while stop < len(lines) and len(lines[stop].cells) == count and lines[stop].size < 1.2 * lines[at].size:
        stop += 1
    rows = lines[at:stop]
    if not 1 < count <= _MOST_COLUMNS or len(rows) < _LEAST_ROWS:
        return at, []
    columns = [[row.cells[place] for row in rows] for place in range(count)]
    spans = [(min(left for left, _, _ in column), max(right for _, right, _ in column)) for column in columns]
    apart = all(before[1] < after[0] for before, after in pairwise(spans))
    return (stop, spans) if apart and all(map(_is_prose, columns, spans)) else (at, [])


def _is_prose(column: Sequence[tuple[float, float, str]], span: Span) -> bool:
    widths = [len(text) + sum(map(is_east_asian, text)) for _, _, text in column]
    filled = [(right - left) / max(span[1] - span[0], 1.0) for left, right, _ in column]
    return median(widths) >= _LEAST_WIDTH and median(filled) >= _LEAST_FILLED


def _with_rest(lines: Sequence[Line], stop: int, spans: Sequence[Span]) -> int:
    """Take in the lines below that stand in one column alone, because the others have ended."""
    while stop < len(lines):
        before, line = lines[stop - 1], lines[stop]
        below = 0.5 * line.size < before.bottom - line.first_bottom < 2 * line.size
        inside = any(left - line.size < line.left and line.right < right + line.size for left, right in spans)
        if not (below and inside and len(line.cells) == 1):
            break
        stop += 1
    return stop


def _parts(line: Line, span: Span) -> list[Line]:
    """Give the part of a line that stands in a column, as a line of its own."""
    return [
        Line(text, ((left, right, text),), left, right, line.first_bottom, line.bottom, line.size, line.bold)
        for left, right, text in line.cells
        if span[0] - line.size < left <= span[1]
    ]
