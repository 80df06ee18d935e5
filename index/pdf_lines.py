"""From the characters of a PDF page to lines and ruled tables, without running heads, page numbers and ruby.

The order is that of the file, which is nearly always that of reading.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from index.extract import join_lines
from index.markdown import superscript, table
from index.pdf_glyphs import Glyph, Ruling, joined_glyphs
from index.pdf_tables import Grid, find_grids

_CELL_GAP = 1.6  # line heights between the columns of a table without lines
_RAISED_SIZE = 0.85
_PAGE_NUMBER = re.compile(
    r"[-–—－‐\s]*(?:p\.?\s*|page\s*)?\d{1,4}(?:\s*(?:[/／]|of|sur)\s*\d{1,4})?[-–—－‐\s]*(?:ページ|頁)?", re.IGNORECASE
)
_MARGIN = 0.09  # of the page height, where running heads and page numbers stand


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, or one row or cell group of it. `cells` are its parts divided by wide gaps.

    A line that ends in a divided word goes on in the next one: it has the bottoms of both.
    """

    text: str
    cells: tuple[tuple[float, float, str], ...]  # left, right, text
    left: float
    right: float
    first_bottom: float
    bottom: float
    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What was found on one page: lines and tables (as finished Markdown) in reading order."""

    number: int
    height: float
    parts: tuple["Line | str", ...]

    @property
    def lines(self) -> list[Line]:
        """The lines outside ruled tables."""
        return [part for part in self.parts if isinstance(part, Line)]


def read_page(number: int, height: float, glyphs: Sequence[Glyph], rulings: tuple[list[Ruling], list[Ruling]]) -> Page:
    """Arrange the characters of a page into lines and ruled tables."""
    grids = find_grids(*rulings, glyphs) if rulings[0] and rulings[1] else []
    parts: list[Line | str | Grid] = []
    cells: dict[tuple[int, tuple[int, int]], list[Glyph]] = {}
    free: list[Glyph] = []
    for glyph in glyphs:
        place = next(((at, cell) for at, grid in enumerate(grids) if (cell := grid.cell_at(glyph)) is not None), None)
        if place is None:
            free.append(glyph)
            continue
        parts += _lines(free)
        free = []
        if not any(part is grids[place[0]] for part in parts):
            parts.append(grids[place[0]])
        cells.setdefault(place, []).append(glyph)
    parts += _lines(free)
    finished: list[Line | str] = []
    for part in parts:
        if isinstance(part, Grid):
            at = next(at for at, grid in enumerate(grids) if grid is part)
            texts = {cell: _cell_text(inside) for (which, cell), inside in cells.items() if which == at}
            finished.append(_table(part.rows(texts)))
        else:
            finished.append(part)
    return Page(number, height, tuple(finished))


def _table(rows: Iterator[list[str]]) -> str:
    """Write a table; titles over all columns above its first row become paragraphs."""
    listed = [row for row in rows if any(row)]
    above = []
    while listed and len(listed[0]) == 1:
        above.append(listed.pop(0)[0])
    return "\n\n".join([*above, table(listed)]).strip()


def _cell_text(glyphs: list[Glyph]) -> str:
    text = ""
    for line in _lines(glyphs):
        text = join_lines(text, line.text)
    return text


def _lines(glyphs: Sequence[Glyph]) -> list[Line]:
    """Divide characters in file order into lines."""
    found: list[list[Glyph]] = []
    for glyph in glyphs:
        if found and _same_line(found[-1], glyph):
            found[-1].append(glyph)
        else:
            found.append([glyph])
    return [_line(line) for line in found]


def _same_line(line: list[Glyph], glyph: Glyph) -> bool:
    before = line[-1]
    overlap = min(before.top, glyph.top) - max(before.bottom, glyph.bottom)
    # A comma and an apostrophe do not overlap, so line boxes decide for them.
    level = overlap > 0.3 * min(before.top - before.bottom, glyph.top - glyph.bottom) or (
        abs(before.bottom - glyph.bottom) < 0.5 * max(before.size, glyph.size)
    )
    forward = glyph.left > before.right - 0.5 * max(before.size, 1.0)
    if not glyph.breaks:
        return True
    return level and forward and glyph.left - before.right < 1.0 * max(before.size, glyph.size)


def _line(glyphs: list[Glyph]) -> Line:
    size = max(median(glyph.size for glyph in glyphs), 1.0)
    cells: list[tuple[float, float, str]] = []
    start = 0
    for place in range(1, len(glyphs) + 1):
        if place == len(glyphs) or glyphs[place].left - glyphs[place - 1].right > _CELL_GAP * size:
            part = glyphs[start:place]
            cells.append((part[0].left, part[-1].right, _with_raised(part, size)))
            start = place
    text = " ".join(cell for _, _, cell in cells)
    left, right = min(glyph.left for glyph in glyphs), max(glyph.right for glyph in glyphs)
    first_bottom = bottom = median(glyph.bottom for glyph in glyphs)
    if glyphs[0].bottom - glyphs[-1].bottom > 0.7 * size:
        first_bottom, bottom = glyphs[0].bottom, glyphs[-1].bottom
    bold = sum(glyph.bold for glyph in glyphs) > 0.8 * len(glyphs)
    return Line(text, tuple(cells), left, right, first_bottom, bottom, size, bold)


def _with_raised(glyphs: list[Glyph], size: float) -> str:
    """Write a line part; raised digits are kept apart from those before them."""
    base = median(glyph.bottom for glyph in glyphs)
    written = ""
    at = 0
    while at < len(glyphs):
        stop = at
        raised = _is_raised(glyphs[at], base, size)
        while stop < len(glyphs) and _is_raised(glyphs[stop], base, size) == raised:
            stop += 1
        text = joined_glyphs(glyphs[at:stop])
        if at and glyphs[at].blank and not raised:
            text = " " + text
        written += superscript(written, text) if raised and written else text
        at = stop
    return written


def _is_raised(glyph: Glyph, base: float, size: float) -> bool:
    return glyph.size < _RAISED_SIZE * size and glyph.bottom > base + 0.2 * size and glyph.text.isdecimal()


def body_size(pages: Sequence[Page]) -> float:
    """Give the size of most of the text of a document."""
    weights: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            weights[round(line.size * 2) / 2] += len(line.text)
    return weights.most_common(1)[0][0] if weights else 10.0


def running_heads(pages: Sequence[Page]) -> set[str]:
    """Find lines of the margins that stand on several pages in a row, or on every second one, numbers aside."""
    runs: dict[str, tuple[int, int]] = {}  # pattern → last page, pages in a row
    found: set[str] = set()
    for page in pages:
        for pattern in {_pattern(line.text) for line in page.lines if _in_margin(line, page)}:
            last, count = runs.get(pattern, (-9, 0))
            count = count + 1 if page.number - last <= 2 else 1
            runs[pattern] = (page.number, count)
            if count >= min(3, max(len(pages), 2)):
                found.add(pattern)
    return found


def _pattern(text: str) -> str:
    return re.sub(r"\d+", "#", "".join(text.split()))


def _in_margin(line: Line, page: Page) -> bool:
    return line.bottom < _MARGIN * page.height or line.bottom > (1 - _MARGIN) * page.height


def without_margins(page: Page, heads: set[str], body: float) -> Page:
    """Remove running heads, page numbers and ruby (small kana above a word)."""
    kept: list[Line | str] = []
    for part in page.parts:
        if isinstance(part, Line):
            if _in_margin(part, page) and (_pattern(part.text) in heads or _PAGE_NUMBER.fullmatch(part.text.strip())):
                continue
            if part.size < 0.62 * body and re.fullmatch(r"[\u3040-\u309f\u30fc\s]+", part.text):
                continue
        kept.append(part)
    return Page(page.number, page.height, tuple(kept))
