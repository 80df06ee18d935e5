"""Rows of a table as they read alone: each cell with the name of its column, bare numbers with their unit.

"| 2023 | 260 |" says nothing by itself; under "| Fiscal year | Support (billion yen) |" it reads "Fiscal year 2023 |
Support: 260 billion yen". The text of the document is not changed: what is quoted stays as it stands.
"""

import re
from itertools import zip_longest

from index.blocks import Block, Kind, find_blocks
from index.sentences import Span, block_spans

_CELL_END = re.compile(r"(?<!\\)\|")
_UNIT = re.compile(r"\s*[(（\[［]\s*(?:in|en|unit|単位)?\s*[:：]?\s*([^()（）\[\]［］\d]{1,25}?)\s*[)）\]］]\s*$")
_BARE = re.compile(r"[~≈約]?\s*[+\-−]?\d[\d\s.,\u00a0\u202f']*")
_JAPANESE_YEAR = re.compile("(?:会計)?年度?")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_SCALED_MONEY = re.compile(
    r"((?:[A-Z]{1,3})?[$€¥£₹]|[A-Z]{3}(?= ))( ?)(m|mn|bn|k|(?:thousand|million|billion|trillion)s?|crore|lakh)"
)
_UNITS = (
    _SCALED_MONEY,
    re.compile(
        r"(?:^|\s)(?:[$€¥£%]|yens?|dollars?|euros?|US\$|USD|EUR|JPY|bn|mn|[kM]€|Md€|M\$|percent|per cent|points?"
        r"|millions?|milliards?|billions?|trillions?|thousands?|milliers|[kMGT]Wh?|k?m[²2]?|tonnes?|tons?|kg|t|[GTPE][oB]|hours?"
        r"|heures?|jours?|days?|ans|years?|mois|months?|people|persons?|personnes|employees|salariés|units?|unités)"
        r"(?:\s|$)",
        re.IGNORECASE,
    ),
    re.compile(
        r"^[兆億万千百十]*(?:円|ドル|ユーロ|人|基|台|件|社|個|機|校|か所|カ所|年|か月|時間|日|分|倍|歳|トン|%|％|ポイント"
        r"|[キメギテペ][ロガラタ](?:ワット時?|バイト|メートル|グラム)|ワット|メートル|平方メートル|ヘクタール|リットル)$"
    ),
)


def row_readings(text: str) -> dict[Span, str]:
    """What each row of the tables in a text says, by the row's span; tables without column names are left out.

    Args:
        text: Markdown, such as a passage.
    """
    if "|" not in text:
        return {}
    return {
        span: reading
        for block in find_blocks(text)
        if block.kind is Kind.TABLE and block.header_end > block.start
        for span, reading in _rows(text, block)
    }


def heads_of_rows(text: str) -> dict[Span, int]:
    """Where the table of each row begins: the quote of a row shows its column names, too."""
    if "|" not in text:
        return {}
    return {
        span: block.start
        for block in find_blocks(text)
        if block.kind is Kind.TABLE and block.header_end > block.start
        for span in block_spans(text, block)
        if span[0] >= block.header_end
    }


def readable(text: str) -> str:
    """A text with the rows of its tables as they read alone, and without the rows that name the columns."""
    readings, heads = row_readings(text), heads_of_rows(text)
    if not readings:
        return text
    pieces, position = [], 0
    for span, reading in sorted(readings.items()):
        begin = heads[span] if heads[span] >= position else span[0]
        pieces += [text[position:begin], reading]
        position = span[1]
    return "".join([*pieces, text[position:]])


def _rows(text: str, block: Block) -> list[tuple[Span, str]]:
    header, *others = block_spans(text, block)
    names = _cells(text[header[0] : header[1]])
    rows = [span for span in others if span[0] >= block.header_end]
    return [(span, reading) for span in rows if (reading := _reading(names, _cells(text[span[0] : span[1]])))]


def _reading(names: list[str], cells: list[str]) -> str:
    label, unit_of_row = _without_unit(cells[0]) if cells else ("", "")
    bare = [_BARE.fullmatch(cell) is not None for cell in cells]
    parts = []
    for place, (cell, name) in enumerate(zip_longest(cells, names[: len(cells)], fillvalue="")):
        said, unit = _without_unit(name)
        if place == 0:
            written = label if any(bare[1:]) else cell
        else:
            written = _with_unit(cell, unit_of_row or unit) if bare[place] else cell
        if not written:
            continue
        heading = said if place and bare[place] else name
        if not place and bare[0] and heading:
            parts.append(f"{written}{heading}" if _JAPANESE_YEAR.fullmatch(heading) else f"{heading} {written}")
        else:
            parts.append(f"{heading}: {written}" if heading else written)
    return " | ".join(parts)


def _with_unit(number: str, unit: str) -> str:
    if not unit:
        return number
    if money := _SCALED_MONEY.fullmatch(unit):  # "310 A$m" would read as 310 dollars
        sign, space, scale = money.groups()
        return f"{sign}{space if sign.isalpha() else ''}{number}{space}{scale}"
    return f"{number}{unit}" if _JAPANESE.search(unit) else f"{number} {unit}"


def _without_unit(name: str) -> tuple[str, str]:
    """A heading without the unit in brackets at its end, and the unit: no digits, so "(end of 2025)" is none."""
    match = _UNIT.search(name)
    if match is None or not match.start():
        return name, ""
    unit = match.group(1)
    return (name[: match.start()], unit) if any(units.search(unit) for units in _UNITS) else (name, "")


def _cells(row: str) -> list[str]:
    parts = [part.strip().replace("\\|", "|") for part in _CELL_END.split(row.strip())]
    if parts and not parts[0]:
        parts = parts[1:]
    if parts and not parts[-1]:
        parts = parts[:-1]
    return parts
