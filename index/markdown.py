"""Writing Markdown from parsed documents: headings, items and tables that `index.blocks` finds again."""

import re
from collections.abc import Iterable, Sequence

_LAST_LETTERS = re.compile(r"[A-Za-z]+$")
_NUMBERED = re.compile(r"\d{1,3}[.)]")
_ITEM = re.compile(r" *(?:-|\d{1,3}[.)]) ")
_UNITS = frozenset(("m", "cm", "mm", "km", "s", "x", "kg"))


def heading(level: int, text: str) -> str:
    """Write a heading of level 1 to 6 on one line; "" without words."""
    words = " ".join(text.split())
    return f"{'#' * min(max(level, 1), 6)} {words}" if words else ""


def item(text: str, depth: int = 0, label: str = "") -> str:
    """Write a list item on one line, indented by its depth; `label` is its number, as "1." or "(a)"."""
    words = " ".join(text.split())
    mark = label if _NUMBERED.fullmatch(label) else f"- {label}".strip()
    return f"{'  ' * min(depth, 8)}{mark} {words}" if words else ""


def joined(blocks: Iterable[str]) -> str:
    """Join blocks, empty ones left out: the items of one list by a line end, all others by an empty line."""
    text = ""
    for block in blocks:
        if block:
            tight = _ITEM.match(block) and _ITEM.match(text.rsplit("\n", 1)[-1])
            text += ("\n" if tight else "\n\n") * bool(text) + block
    return text


def table(rows: Iterable[Sequence[str]]) -> str:
    """Write a table whose first row names the columns; what is no table (one row or column) becomes lines."""
    cells = [[_cell(text) for text in row] for row in rows]
    cells = [row for row in cells if any(row)]
    if not cells:
        return ""
    width = max(len(row) for row in cells)
    cells = [row + [""] * (width - len(row)) for row in cells]
    used = [column for column in range(width) if any(row[column] for row in cells)]
    cells = [[row[column] for column in used] for row in cells]
    if len(cells) == 1 or len(used) == 1:
        return "\n\n".join(" ".join(text for text in row if text).replace("\\|", "|") for row in cells)
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join([lines[0], "|" + " --- |" * len(used), *lines[1:]])


def record(names: Sequence[str], values: Sequence[str]) -> str:
    """Write a row of data on one line with the names of its columns, so that it can be read alone."""
    pairs = []
    for place, value in enumerate(values):
        name, written = _cell(names[place]) if place < len(names) else "", _cell(value)
        if written:
            pairs.append(f"{name}: {written}" if name else written)
    return f"| {' | '.join(pairs)} |" if pairs else ""


def superscript(before: str, raised: str) -> str:
    """Write raised text so that its digits never run into those before it: m², 10^12, and [3] for a note."""
    digits = raised.strip().strip("()（）*注")
    if not digits.isdecimal():
        return raised
    word = (before.split() or [""])[-1]
    if (unit := _LAST_LETTERS.search(word)) and unit.group() in _UNITS and len(digits) == 1:
        return digits.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    if word.endswith("10") and not word[:-2].endswith(tuple("0123456789.,")):
        return f"^{digits}"
    return f"[{digits}]"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
