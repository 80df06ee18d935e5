"""From an HTML tree to Markdown: headings, paragraphs, lists and tables, without scripts, menus and forms.

Serves web pages and the chapters of EPUB books. Ruby (readings above ideographs) is left out, raised digits stay apart.
"""

import re
from collections.abc import Iterator

from lxml.etree import _Element as Element

from index.extract import is_east_asian, one_line
from index.markdown import heading, item, joined, superscript, table


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_DROPPED = _words(
    """script style noscript template nav aside iframe object embed svg math button select option input textarea
    dialog head audio video canvas map rp rt rtc footer"""
)
_DROPPED_ROLES = frozenset(("navigation", "banner", "contentinfo", "search", "complementary", "dialog", "menu"))
_DROPPED_NAMES = re.compile(
    r"(?:^|[\s_-])(?:breadcrumbs?|cookies?|sidebar|navbar|nav|menu|pagination|pager|share|social|sns|skip(?:-?link)?|"
    r"related|advert\w*|banner|newsletter|topicpath|footer)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BLOCKS = _words(
    """address article blockquote body center dd details div dl dt fieldset figcaption figure form h1 h2 h3 h4
    h5 h6 header hgroup hr html legend li main ol p pre section summary table ul"""
)
_HEADING = re.compile(r"h([1-6])$")
_SPACES = re.compile(r"[ \t\n\r\f]+")
_MOST_COLUMNS = 200
_MOST_SPAN = 1_000


def html_markdown(root: Element) -> str:
    """Write what people read of an element as Markdown."""
    return joined(_blocks(root, 0))


def is_dropped(element: Element) -> bool:
    """Tell elements that are no part of the text: menus, forms, hidden parts, comments."""
    if not isinstance(element.tag, str) or element.tag in _DROPPED:
        return True
    if element.tag in ("html", "body", "main", "article"):
        return False
    if element.get("role") in _DROPPED_ROLES or "hidden" in element.attrib or element.get("aria-hidden") == "true":
        return True
    if _HIDDEN.search(element.get("style") or ""):
        return True
    if element.tag == "header" and not any(one.tag in ("article", "main") for one in element.iterancestors()):
        return next(element.iter("h1"), None) is None
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return element.tag in ("div", "ul", "ol", "section", "p") and _DROPPED_NAMES.search(names) is not None


def _blocks(element: Element, depth: int) -> Iterator[str]:
    """Yield the blocks inside an element; text that stands between block elements is a paragraph."""
    written = _Inline()
    written.add(element.text)
    for child in element:
        if not is_dropped(child):
            if child.tag in _BLOCKS or _holds_blocks(child):
                yield written.take()
                yield from _block(child, depth)
            else:
                written.add_element(child)
        written.add(child.tail)
    yield written.take()


def _block(element: Element, depth: int) -> Iterator[str]:
    if match := _HEADING.match(element.tag):
        yield heading(int(match.group(1)), inline_text(element))
    elif element.tag == "table":
        yield from _table(element, depth)
    elif element.tag in ("ul", "ol", "dl"):
        yield from _list(element, depth)
    elif element.tag == "pre":
        text = "".join(element.itertext("*")).strip("\n")
        yield f"```\n{text}\n```" if text.strip() else ""
    else:
        yield from _blocks(element, depth)


def _list(element: Element, depth: int) -> Iterator[str]:
    term = ""
    for child in element:
        if is_dropped(child):
            continue
        if child.tag == "dt":
            term = inline_text(child)
            continue
        inner = [block for block in _blocks(child, depth + 1) if block]
        if inner and not inner[0].lstrip().startswith(("- ", "#", "|")):
            first = inner.pop(0)
            yield item(f"{term}: {first}" if term else first, depth)
        elif term:
            yield item(term, depth)
        term = ""
        yield from inner
    if term:
        yield item(term, depth)


def _table(element: Element, depth: int) -> Iterator[str]:
    """Write a table of data; a table that only arranges a page (nested ones, or one column) gives its blocks."""
    rows = [row for row in element.iter("tr") if next(row.iterancestors("table"), None) is element]
    cells = [cell for row in rows for cell in row if isinstance(cell.tag, str) and cell.tag in ("td", "th")]
    nested = any(next(cell.iter("table", "h1", "h2", "h3"), None) is not None for cell in cells)
    if nested or max((len(row) for row in rows), default=0) < 2 or element.get("role") == "presentation":
        for cell in cells:
            yield from _blocks(cell, depth)
        return
    caption = element.find("caption")
    if caption is not None:
        yield inline_text(caption)
    yield table(_spread(rows))


def _spread(rows: list[Element]) -> Iterator[list[str]]:
    """Lay out the cells of a table; a cell over several rows or columns is repeated in each of them."""
    waiting: dict[int, tuple[int, str]] = {}  # column → rows still to fill, text
    for row in rows:
        texts: list[str] = []
        cells = [
            cell for cell in row if isinstance(cell.tag, str) and cell.tag in ("td", "th") and not is_dropped(cell)
        ]
        while cells or len(texts) in waiting:
            column = len(texts)
            if column >= _MOST_COLUMNS:
                break
            if column in waiting:
                left, text = waiting.pop(column)
                if left > 1:
                    waiting[column] = (left - 1, text)
                texts.append(text)
                continue
            cell = cells.pop(0)
            text = inline_text(cell)
            down = _span(cell.get("rowspan"))
            for _ in range(min(_span(cell.get("colspan")), _MOST_COLUMNS - column)):
                if down > 1:
                    waiting[len(texts)] = (down - 1, text)
                texts.append(text)
        yield texts


def _span(written: str | None) -> int:
    return min(int(written), _MOST_SPAN) if written and written.isdecimal() and int(written) else 1


def _holds_blocks(element: Element) -> bool:
    return any(isinstance(one.tag, str) and one.tag in _BLOCKS for one in element.iterdescendants())


def inline_text(element: Element) -> str:
    """Give the words of an element on one line."""
    written = _Inline()
    written.add_inside(element)
    return one_line(written.take())


class _Inline:
    """Collects running text: white space as browsers show it, line breaks kept, none between Japanese characters."""

    def __init__(self) -> None:
        self._text = ""
        self._space = False  # white space was seen and not written yet

    def add(self, text: str | None) -> None:
        for place, piece in enumerate(_SPACES.split(text) if text else ()):
            self._space = self._space or place > 0
            if not piece:
                continue
            if self._space and self._text and self._text[-1] != "\n":
                self._text += "" if is_east_asian(self._text[-1]) and is_east_asian(piece[0]) else " "
            self._text += piece
            self._space = False

    def add_element(self, element: Element) -> None:
        if is_dropped(element):
            return
        if element.tag == "br":
            self._text += "\n"
            self._space = False
        elif element.tag == "sup":
            self._text += superscript(self._text, inline_text(element))
        else:
            apart = element.tag in _BLOCKS or element.tag in ("td", "th")
            self._space = self._space or apart
            self.add_inside(element)
            self._space = self._space or apart

    def add_inside(self, element: Element) -> None:
        self.add(element.text)
        for child in element:
            self.add_element(child)
            self.add(child.tail)

    def take(self) -> str:
        text, self._text, self._space = self._text, "", False
        return "\n".join(line for line in (line.strip() for line in text.split("\n")) if line)
