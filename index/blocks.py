"""The blocks of a Markdown text: headings, paragraphs, list items, tables, code. Plain text has paragraphs only.

Deliberately small: it finds where blocks begin and end so that passages can respect them, and never changes a
character.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_ITEM = re.compile(r"[ \t]*(?:[-*+•・‣][ \t]+|\d{1,3}[.)][ \t]+|[（(]?[0-9０-９]{1,2}[)）][ \t]*)(?=\S)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_RULE = re.compile(r" {0,3}(?:-[ \t]*){3,}$| {0,3}(?:\*[ \t]*){3,}$| {0,3}(?:_[ \t]*){3,}$")
# Possessive repeats: without them a line of many spaces would take time with the square of its length.
_TABLE_SEPARATOR = re.compile(r"[ \t]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+$")
_MARKUP = re.compile(r"[*_`]+|\[([^\]]*)\]\([^)]*\)")


class Kind(Enum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    TABLE = "table"
    CODE = "code"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Block:
    """A block, text[start:end], from the start of its first line to the end of its last one.

    Attributes:
        level: 1 to 6 for a heading, else 0.
        heading: the words of a heading, without markup, else "".
        header_end: end of the header rows (column names and separator) of a table, else `start`.
    """

    kind: Kind
    start: int
    end: int
    level: int = 0
    heading: str = ""
    header_end: int = 0


def find_blocks(text: str) -> list[Block]:
    """Find the blocks of a text, in order. They hold every character that is not white space, and never overlap."""
    return list(_Scanner(text).blocks())


class _Scanner:
    def __init__(self, text: str) -> None:
        self.lines: list[str] = []
        self.starts: list[int] = []
        position = 0
        # Not str.splitlines: form feeds and Unicode separators may stand inside a sentence.
        for line in text.split("\n"):
            self.lines.append(line)
            self.starts.append(position)
            position += len(line) + 1
        self.starts.append(len(text))

    def blocks(self) -> Iterator[Block]:
        at = 0
        while at < len(self.lines):
            line = self.lines[at]
            if not line.strip():
                at += 1
                continue
            kind, stop = self._extent(at)
            start, end = self.starts[at], self.starts[stop - 1] + len(self.lines[stop - 1])
            heading = _HEADING.match(line)
            if kind is Kind.HEADING and heading:
                yield Block(kind, start, end, len(heading.group(1)), plain_words(heading.group(2)))
            elif kind is Kind.HEADING:
                yield Block(kind, start, end, 1 if "=" in self.lines[stop - 1] else 2, plain_words(line))
            elif kind is Kind.TABLE:
                yield Block(kind, start, end, header_end=self._header_end(at, stop))
            else:
                yield Block(kind, start, end)
            at = stop

    def _extent(self, at: int) -> tuple[Kind, int]:
        """Tell the kind of the block that begins at a line, and the line after its last one."""
        line = self.lines[at]
        fence = _FENCE.match(line)
        if fence:
            return Kind.CODE, self._fence_end(at, fence.group(1))
        if _HEADING.match(line):
            return Kind.HEADING, at + 1
        if _RULE.match(line):
            return Kind.RULE, at + 1
        if self._is_table(at):
            stop = at + 1
            while stop < len(self.lines) and "|" in self.lines[stop]:
                stop += 1
            return Kind.TABLE, stop
        if _ITEM.match(line):
            return Kind.ITEM, self._prose_end(at)
        following = self.lines[at + 1] if at + 1 < len(self.lines) else ""
        if _SETEXT.match(following) and not line.lstrip().startswith(">"):
            return Kind.HEADING, at + 2
        return Kind.PARAGRAPH, self._prose_end(at)

    def _fence_end(self, at: int, fence: str) -> int:
        for stop in range(at + 1, len(self.lines)):
            if self.lines[stop].strip().startswith(fence) and not self.lines[stop].strip().strip(fence[0]):
                return stop + 1
        return len(self.lines)

    def _is_table(self, at: int) -> bool:
        line = self.lines[at]
        if line.lstrip().startswith("|") and line.count("|") > 1:
            return True
        following = self.lines[at + 1] if at + 1 < len(self.lines) else ""
        return "|" in line and "|" in following and _TABLE_SEPARATOR.match(following) is not None

    def _prose_end(self, at: int) -> int:
        stop = at + 1
        while stop < len(self.lines):
            line = self.lines[stop]
            if not line.strip() or _HEADING.match(line) or _ITEM.match(line) or _FENCE.match(line):
                break
            if _RULE.match(line) or self._is_table(stop):
                break
            stop += 1
        return stop

    def _header_end(self, at: int, stop: int) -> int:
        if at + 1 < stop and _TABLE_SEPARATOR.match(self.lines[at + 1]) and "-" in self.lines[at + 1]:
            return self.starts[at + 1] + len(self.lines[at + 1])
        return self.starts[at]


def plain_words(markdown: str) -> str:
    """Remove emphasis marks and link targets from a line of Markdown."""
    return _MARKUP.sub(lambda match: match.group(1) or "", markdown).strip()
