"""From the lines of a PDF page to Markdown: paragraphs, headings, lists and tables.

A PDF has none of these, only characters at places; distances and sizes tell. Wherever they say nothing, text stays a
paragraph and no character is lost.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from index.extract import join_lines
from index.markdown import heading, item, joined, table
from index.pdf_columns import unwoven
from index.pdf_lines import Line, Page

_HEADING_SIZE = 1.15  # times the size of most of the text
_SAME_SIZE = 0.88
_HEADING_CHARS = 150
_BOLD_HEADING_CHARS = 80
_LONGEST_CELL = 60
_MARK = re.compile(
    r"(?:[•‣▪■□●○◯◆◇▶➢✓・◦]|[–—-](?=\s)|\d{1,2}[.)](?=\s)|[（(][0-9０-９]{1,2}[)）]|[①-⑳]|[ｱ-ｵア-オ][)）．.])\s*"
)
_BULLET = re.compile(r"[•‣▪■□●○◯◆◇▶➢✓・◦–—-]\s*")
_LEADER = re.compile(r"\s*(?:[.．·・…]\s?){4,}\s*(?=[\divx]*$)")  # from an entry of a table of contents to its page
_DIVIDED = re.compile(r"[^\W\d_]{2}-$")
_ENDS = (".", "!", "?", "。", "！", "？", ":", "：")


def heading_sizes(pages: Sequence[Page], body: float) -> list[float]:
    """List the sizes of headings, largest first; nearly equal ones, as Latin and Japanese letters have, are one."""
    sizes: list[float] = []
    for size in sorted({line.size for page in pages for line in page.lines}, reverse=True):
        if size >= _HEADING_SIZE * body and (not sizes or size < _SAME_SIZE * sizes[-1]):
            sizes.append(size)
    return sizes


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
    return joined(blocks)


def _blocks(lines: Sequence[Line], body: float, sizes: Sequence[float]) -> Iterator[str]:
    lines = unwoven(lines)
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
        text = _joined(text, line.text.strip())
    if _LEADER.search(text):
        return item(_LEADER.sub(" … ", text))
    large = lines[0].size >= _HEADING_SIZE * body
    if large and len(text) <= _HEADING_CHARS and any(map(str.isalpha, text)):
        rank = sum(_SAME_SIZE * size > lines[0].size for size in sizes)
        return heading(min(rank + 1, 4), text)
    if (
        lines[0].bold
        and len(lines) == 1
        and 1 < len(text) <= _BOLD_HEADING_CHARS
        and not text.endswith((".", "。", ",", "、"))
    ):
        return heading(5, text)
    if mark := _MARK.match(text):
        bullet = _BULLET.match(text)
        return item(text[bullet.end() :] if bullet else text[: mark.end()].strip() + " " + text[mark.end() :])
    return text


def _joined(text: str, line: str) -> str:
    """Join a line to what stands before it; a word that is divided between them becomes whole."""
    if _DIVIDED.search(text) and line[:1].islower():
        return text[:-1] + line
    return join_lines(text, line)


def _begins_block(lines: Sequence[Line], first: int, at: int, body: float) -> bool:
    """Tell whether a line begins a new block, after those from `first` on."""
    line, before, head = lines[at], lines[at - 1], lines[first]
    size = max(before.size, line.size)
    if abs(line.size - before.size) > 0.12 * size or line.bold != before.bold or _MARK.match(line.text.strip()):
        return True
    if _LEADER.search(line.text) or _LEADER.search(before.text):
        return True
    step = before.bottom - line.first_bottom
    in_list = _MARK.match(head.text.strip()) is not None
    ended = before.text.rstrip().endswith(_ENDS)
    if step < -0.5 * size:  # the next column, or a part drawn later
        return ended or in_list or line.size >= _HEADING_SIZE * body
    if step > _usual_step(lines, line.size) * 1.3:
        return True
    indent = line.left - before.left
    if (at - first > 1 or not in_list) and 0.7 * size < indent < 4 * size:
        return True  # a first line
    column = [other.right for other in lines if abs(other.left - head.left) < 3 * size]
    return ended and before.right < max(column) - max(2.5 * size, 0.15 * (max(column) - before.left))


def _usual_step(lines: Sequence[Line], size: float) -> float:
    steps = [
        before.bottom - line.first_bottom
        for before, line in pairwise(lines)
        if abs(line.size - size) < 0.12 * size and 0.5 * size < before.bottom - line.first_bottom < 3 * size
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
