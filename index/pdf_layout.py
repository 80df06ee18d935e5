"""From the characters of a PDF page to Markdown: lines, paragraphs, headings, lists and tables.

A PDF has none of these, only characters at places. The order is that of the file, which is nearly always that of
reading; distances and sizes tell the rest. Wherever they say nothing, text stays a paragraph and no character is lost.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from index.extract import join_lines
from index.markdown import heading, item, superscript, table
from index.pdf_glyphs import Glyph, Ruling, joined_glyphs
from index.pdf_tables import Grid, find_grids

_HEADING_SIZE = 1.15  # times the size of most of the text
_HEADING_CHARS = 150
_BOLD_HEADING_CHARS = 80
_CELL_GAP = 1.6  # line heights between the columns of a table without lines
_LONGEST_CELL = 60
_RAISED_SIZE = 0.85
_MARK = re.compile(r"(?:[•‣▪■□●○◯◆◇▶➢✓・◦]|[–—-](?=\s)|\d{1,2}[.)](?=\s)|[（(][0-9０-９]{1,2}[)）]|[①-⑳]|[ｱ-ｵア-オ][)）．.])\s*")
_BULLET = re.compile(r"[•‣▪■□●○◯◆◇▶➢✓・◦–—-]\s*")
_LEADER = re.compile(r"\s*(?:[.．·・…]\s?){4,}\s*(?=[\divx]*$)")  # from an entry of a table of contents to its page
_ENDS = (".", "!", "?", "。", "！", "？", ":", "：")
_PAGE_NUMBER = re.compile(r"[-–—\s]*(?:p\.?\s*|page\s*)?\d{1,4}(?:\s*(?:/|of|sur)\s*\d{1,4})?[-–—\s]*(?:ページ|頁)?", re.IGNORECASE)
_MARGIN = 0.09  # of the page height, where running heads and page numbers stand


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, or one row or cell group of it. `cells` are its parts divided by wide gaps."""

    text: str
    cells: tuple[tuple[float, float, str], ...]  # left, right, text
    left: float
    right: float
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


def read_page(
    number: int, height: float, glyphs: Sequence[Glyph], rulings: tuple[list[Ruling], list[Ruling]]
) -> Page:
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
    bottom = median(glyph.bottom for glyph in glyphs)
    bold = sum(glyph.bold for glyph in glyphs) > 0.8 * len(glyphs)
    return Line(text, tuple(cells), left, right, bottom, size, bold)


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
    """Find lines of the margins that stand on several pages, numbers aside."""
    counts: Counter[str] = Counter()
    for page in pages:
        counts.update({_pattern(line.text) for line in page.lines if _in_margin(line, page)})
    return {pattern for pattern, count in counts.items() if count >= min(3, max(len(pages), 2))}


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


def heading_sizes(pages: Sequence[Page], body: float) -> list[float]:
    """List the sizes of headings, largest first."""
    sizes = {round(line.size) for page in pages for line in page.lines if line.size >= _HEADING_SIZE * body}
    return sorted(sizes, reverse=True)


def page_markdown(page: Page, body: float, sizes: Sequence[float]) -> str:
    """Write a page as Markdown."""
    blocks: list[str] = []
    lines: list[Line] = []
    for part in [*page.parts, ""]:
        if isinstance(part, Line):
            lines.append(part)
        else:
            blocks += _blocks(lines, body, sizes)
            lines = []
            blocks.append(part)
    text = ""
    for block in blocks:
        if block:
            tight = block.startswith("- ") and text.rsplit("\n", 1)[-1].startswith("- ")
            text += ("\n" if tight else "\n\n") * bool(text) + block
    return text


def _blocks(lines: Sequence[Line], body: float, sizes: Sequence[float]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        stop = _aligned_rows(lines, at)
        if stop:
            yield table(_columns(lines[at:stop]))
        else:
            stop = at + 1
            while stop < len(lines) and not _begins_block(lines, at, stop, body) and not _aligned_rows(lines, stop):
                stop += 1
            yield _block(lines[at:stop], body, sizes)
        at = stop


def _block(lines: Sequence[Line], body: float, sizes: Sequence[float]) -> str:
    text = ""
    for line in lines:
        text = join_lines(text, line.text.strip())
    if _LEADER.search(text):
        return item(_LEADER.sub(" … ", text))
    large = lines[0].size >= _HEADING_SIZE * body
    if large and len(text) <= _HEADING_CHARS and any(map(str.isalpha, text)):
        rank = sum(size > round(lines[0].size) for size in sizes)
        return heading(min(rank + 1, 4), text)
    if lines[0].bold and len(lines) == 1 and 1 < len(text) <= _BOLD_HEADING_CHARS and not text.endswith((".", "。", ",", "、")):
        return heading(5, text)
    if mark := _MARK.match(text):
        bullet = _BULLET.match(text)
        return item(text[bullet.end() :] if bullet else text[: mark.end()].strip() + " " + text[mark.end() :])
    return text


def _begins_block(lines: Sequence[Line], first: int, at: int, body: float) -> bool:
    """Tell whether a line begins a new block, after those from `first` on."""
    line, before, head = lines[at], lines[at - 1], lines[first]
    size = max(before.size, line.size)
    if abs(line.size - before.size) > 0.12 * size or line.bold != before.bold or _MARK.match(line.text.strip()):
        return True
    if _LEADER.search(line.text) or _LEADER.search(before.text):
        return True
    step = before.bottom - line.bottom
    in_list = _MARK.match(head.text.strip()) is not None
    ended = before.text.rstrip().endswith(_ENDS)
    if step < -0.5 * size:  # the next column, or a part drawn later
        return ended or in_list or line.size >= _HEADING_SIZE * body
    if step > _usual_step(lines, line.size) * 1.3:
        return True
    if at - first > 1 or not in_list:
        if line.left > before.left + 0.7 * size and line.left - before.left < 4 * size:
            return True  # an indented first line
    column = [other.right for other in lines if abs(other.left - head.left) < 3 * size]
    return ended and before.right < max(column) - max(2.5 * size, 0.15 * (max(column) - before.left))


def _usual_step(lines: Sequence[Line], size: float) -> float:
    steps = [
        before.bottom - line.bottom
        for before, line in zip(lines, lines[1:], strict=False)
        if abs(line.size - size) < 0.12 * size and 0.5 * size < before.bottom - line.bottom < 3 * size
    ]
    return median(steps) if len(steps) > 2 else 1.9 * size


def _aligned_rows(lines: Sequence[Line], at: int) -> int:
    """Give the end of a table without lines that begins here: rows whose parts stand in the same columns; else 0."""
    stop = at
    while stop < len(lines) and len(lines[stop].cells) > 1:
        if max(len(text) for _, _, text in lines[stop].cells) > _LONGEST_CELL:
            break
        if len(_column_spans(lines[at : stop + 1])) < max(len(line.cells) for line in lines[at : stop + 1]):
            break
        stop += 1
    return stop if stop - at >= 3 else 0


def _column_spans(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """Merge the extents of all cells into columns."""
    spans: list[tuple[float, float]] = []
    for left, right in sorted((left, right) for line in lines for left, right, _ in line.cells):
        if spans and left <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], right))
        else:
            spans.append((left, right))
    return spans


def _columns(lines: Sequence[Line]) -> Iterator[list[str]]:
    spans = _column_spans(lines)
    for line in lines:
        row = [""] * len(spans)
        for left, _, text in line.cells:
            at = next(place for place, span in enumerate(spans) if span[0] <= left <= span[1])
            row[at] = join_lines(row[at], text)
        yield row
