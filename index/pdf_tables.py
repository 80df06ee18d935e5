"""Ruled tables of a PDF page: drawn lines → grid → cells, so that every figure keeps its row and its column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.pdf_glyphs import Glyph, Ruling

_TOUCH = 3.0  # points: lines nearer than this meet
_LEAST_FILLED = 0.4  # of the cells; boxes of a drawing are mostly empty
_MOST_CELLS = 4_000
_MOST_MEETINGS = 2_000_000  # pairs of lines; a page with more is a map or a drawing


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table. Cells that no line divides are one cell.

    Attributes:
        xs: column borders from left to right.
        ys: row borders from top to bottom.
        owner: for each (row, column) the cell it belongs to, numbered by its first row and column.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    owner: dict[tuple[int, int], tuple[int, int]]

    def cell_at(self, glyph: Glyph) -> tuple[int, int] | None:
        """Find the cell in which the middle of a character lies."""
        x, y = (glyph.left + glyph.right) / 2, (glyph.bottom + glyph.top) / 2
        if not (self.xs[0] - 1 <= x <= self.xs[-1] + 1 and self.ys[-1] - 1 <= y <= self.ys[0] + 1):
            return None
        column = max(0, min(sum(border <= x for border in self.xs) - 1, len(self.xs) - 2))
        row = max(0, min(sum(border >= y for border in self.ys) - 1, len(self.ys) - 2))
        return self.owner[row, column]

    def rows(self, texts: dict[tuple[int, int], str]) -> Iterator[list[str]]:
        """Lay out the texts of the cells; a cell over several rows or columns is repeated in each of them."""
        for row in range(len(self.ys) - 1):
            owners = [self.owner[row, column] for column in range(len(self.xs) - 1)]
            if len(set(owners)) == 1:
                yield [texts.get(owners[0], "")]  # a title over all columns
            else:
                yield [texts.get(owner, "") for owner in owners]


def find_grids(horizontal: Sequence[Ruling], vertical: Sequence[Ruling], glyphs: Sequence[Glyph]) -> list[Grid]:
    """Find the tables of a page: groups of lines that meet and hold at least two rows and two columns of text."""
    grids: list[Grid] = []
    if len(horizontal) * len(vertical) > _MOST_MEETINGS:
        return grids
    for across, down in _groups(horizontal, vertical):
        xs = _clustered([line.at for line in down] + [end for line in across for end in (line.start, line.end)])
        ys = _clustered([line.at for line in across] + [end for line in down for end in (line.start, line.end)])[::-1]
        if len(xs) < 3 or len(ys) < 3 or (len(xs) - 1) * (len(ys) - 1) > _MOST_CELLS:
            continue
        grid = Grid(tuple(xs), tuple(ys), _owners(xs, ys, across, down))
        owners = set(grid.owner.values())
        filled = {cell for glyph in glyphs if (cell := grid.cell_at(glyph)) is not None}
        rows, columns = {row for row, _ in filled}, {column for _, column in filled}
        if len(filled) >= max(4, _LEAST_FILLED * len(owners)) and len(rows) > 1 and len(columns) > 1:
            grids.append(grid)
    return grids


def _groups(horizontal: Sequence[Ruling], vertical: Sequence[Ruling]) -> Iterator[tuple[list[Ruling], list[Ruling]]]:
    """Group lines that meet, directly or through others."""
    parent = list(range(len(horizontal) + len(vertical)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for i, across in enumerate(horizontal):
        for j, down in enumerate(vertical, start=len(horizontal)):
            if (
                across.start - _TOUCH <= down.at <= across.end + _TOUCH
                and down.start - _TOUCH <= across.at <= down.end + _TOUCH
            ):
                parent[root(i)] = root(j)
    members: dict[int, tuple[list[Ruling], list[Ruling]]] = {}
    for i, across in enumerate(horizontal):
        members.setdefault(root(i), ([], []))[0].append(across)
    for j, down in enumerate(vertical, start=len(horizontal)):
        members.setdefault(root(j), ([], []))[1].append(down)
    yield from (group for group in members.values() if len(group[0]) > 1 and group[1])


def _clustered(values: list[float]) -> list[float]:
    """Merge values that are nearly the same; ascending."""
    merged: list[list[float]] = []
    for value in sorted(values):
        if merged and value - merged[-1][-1] <= _TOUCH:
            merged[-1].append(value)
        else:
            merged.append([value])
    return [sum(group) / len(group) for group in merged]


def _owners(
    xs: Sequence[float], ys: Sequence[float], across: Sequence[Ruling], down: Sequence[Ruling]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Merge cells between which no line is drawn: to the left first, then upwards where whole cells fit."""
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(len(ys) - 1):
        middle_y = (ys[row] + ys[row + 1]) / 2
        for column in range(len(xs) - 1):
            middle_x = (xs[column] + xs[column + 1]) / 2
            if column and not _divided(down, xs[column], middle_y):
                owner[row, column] = owner[row, column - 1]
            elif row and not _divided(across, ys[row], middle_x):
                owner[row, column] = owner[row - 1, column]
            else:
                owner[row, column] = (row, column)
    return owner


def _divided(lines: Sequence[Ruling], at: float, middle: float) -> bool:
    return any(abs(line.at - at) <= _TOUCH and line.start - _TOUCH <= middle <= line.end + _TOUCH for line in lines)
