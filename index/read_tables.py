"""Reads CSV files and Excel workbooks: every row becomes one line that carries the names of its columns."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise, zip_longest
from typing import Any

from index.archive import DAMAGE, member, open_archive
from index.encoding import NotTextError, decode
from index.extract import Extract, RefusedError, require_text_size
from index.markdown import heading, record
from index.office_properties import office_properties

MOST_CELLS = 2_000_000
_MOST_COLUMNS = 1_000
_SAMPLE_CHARS = 20_000
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_MOST_MERGED = 20_000
_MOST_MERGED_ROWS = 5_000
_HEADER_ROWS = 15  # titles and remarks may stand above the names of the columns
_NUMBER = re.compile(r"[¥￥$€£]?\s?[-+△▲(]?\d[\d.,\s\u00a0\u202f]*[%％)]?")
_FORMAT_TEXT = re.compile(r'"([^"]*)"|\\(.)|\[\$([^-\]]*)[^\]]*\]')


def read_csv(content: bytes) -> Extract:
    """Read a file of comma-, semicolon- or tab-separated values.

    Raises:
        RefusedError: not text, or no table.
    """
    try:
        text = decode(content)
    except NotTextError as error:
        raise RefusedError(str(error)) from None
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text[:_SAMPLE_CHARS]))
    try:
        return Extract(_joined(["\n".join(_table(rows))]))
    except csv.Error as error:
        raise RefusedError(f"not a table of values: {error}") from None


def _delimiter(sample: str) -> str:
    """Find the separator that divides most lines into the same number of parts, at least two."""
    lines = [line for line in sample.splitlines()[:50] if line.strip()]
    best, best_score = ",", 0.0
    for delimiter in (",", ";", "\t", "|"):
        counts = [len(next(csv.reader([line], delimiter=delimiter), [])) for line in lines]
        usual = max(set(counts), key=counts.count, default=1)
        score = counts.count(usual) / max(len(counts), 1) * min(usual - 1, 10)
        if usual > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


def read_xlsx(content: bytes) -> Extract:
    """Read the visible sheets of a workbook: values as they are shown, not formulas.

    Raises:
        RefusedError: damaged, encrypted, a ZIP bomb, too many cells, or no workbook.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    archive = open_archive(content)
    parts: list[str] = []
    noticed: list[str] = []
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        cells = 0
        for sheet in workbook.worksheets:
            if sheet.sheet_state != "visible":
                noticed.append(f"sheet '{sheet.title}': hidden")
                continue
            sheet.reset_dimensions()  # the file may claim a million empty columns
            merged = _merged_cells(archive, sheet)
            rows: list[list[str]] = []
            for number, row in enumerate(sheet.iter_rows(), start=1):
                cells += len(row)
                if cells > MOST_CELLS:
                    raise RefusedError(f"more than {MOST_CELLS:,} cells: split it")
                rows.append(merged.filled(number, [_shown(cell) for cell in row[:_MOST_COLUMNS]]))
            lines = "\n".join(_table(rows))
            if lines:
                parts.append(f"{heading(2, sheet.title)}\n\n{lines}")
        title, metadata = office_properties(workbook.properties)
    except (InvalidFileException, *DAMAGE) as error:
        raise RefusedError(f"a damaged file, or no workbook ({str(error)[:80]})") from None
    return Extract(_joined(parts), title, metadata, noticed=tuple(noticed))


class _MergedCells:
    """The merged cells of a sheet: their value, which the file has once, is given to every row and column of them."""

    def __init__(self, ranges: Iterable[tuple[int, int, int, int]]) -> None:
        self._origins: dict[int, list[tuple[int, int, int]]] = {}  # row → (its first row, first and last column)
        self._values: dict[tuple[int, int], str] = {}
        for first_row, first, last_row, last in ranges:
            for row in range(first_row, min(last_row, first_row + _MOST_MERGED_ROWS) + 1):
                self._origins.setdefault(row, []).append((first_row, first, min(last, _MOST_COLUMNS)))

    def filled(self, row: int, texts: list[str]) -> list[str]:
        """Fill one row; rows come in order. A text that is merged over the whole row stays one text."""
        for first_row, first, last in self._origins.get(row, ()):
            if row == first_row and first <= len(texts):
                self._values[first_row, first] = texts[first - 1]
            value = self._values.get((first_row, first), "")
            if value:
                texts += [""] * (last - len(texts))
                texts[first - 1 : last] = [value] * (last - first + 1)
        written = [text for text in texts if text]
        return written[:1] if len(written) > 1 and len(set(written)) == 1 else texts


def _merged_cells(archive: zipfile.ZipFile, sheet: Any) -> _MergedCells:  # noqa: ANN401
    """Read the merged ranges, which the library gives only with the whole sheet in memory."""
    from openpyxl.utils.cell import range_boundaries

    found = _MERGED.findall(member(archive, sheet._worksheet_path.lstrip("/")))
    return _MergedCells(
        (top, left, bottom, right)
        for left, top, right, bottom in (range_boundaries(one.decode("ascii")) for one in found[:_MOST_MERGED])
    )


def _joined(parts: Sequence[str]) -> str:
    text = "\n\n".join(part for part in parts if part)
    require_text_size(len(text))
    return text


def _table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write the rows of one table; what stands above the names of its columns becomes paragraphs."""
    iterator = iter(rows)
    head: list[Sequence[str]] = []
    for row in iterator:
        if any(text.strip() for text in row):
            head.append(row)
        if len(head) == _HEADER_ROWS:
            break
    at = _header_row(head)
    names: Sequence[str] = ()
    if at is None:
        above, first = 0, 0
    else:
        above, first, names = at, at + 1, head[at]
        while first < len(head) - 1 and _has_group(names) and not any(_is_value(text.strip()) for text in head[first]):
            names = [
                " ".join(dict.fromkeys(filter(None, pair))) for pair in zip_longest(names, head[first], fillvalue="")
            ]
            first += 1
    for row in head[:above]:
        yield " ".join(text.strip() for text in row if text.strip()) + "\n"
    for rest in (head[first:], iterator):
        for row in rest:
            line = record(names, row)
            if line:
                yield line


def _header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Find the row of column names: the first that fills at least two columns, nearly as many as any, with words."""
    widths = [sum(bool(text.strip()) for text in row) for row in rows]
    widest = max(widths, default=0)
    for at, row in enumerate(rows[:-1]):
        filled = [text.strip() for text in row if text.strip()]
        if len(filled) >= max(2, 0.6 * widest):
            return at if not any(_is_value(text) for text in filled) else None
    return None


def _has_group(names: Sequence[str]) -> bool:
    """Tell whether one name stands over neighbouring columns, so that the names go on in the next row."""
    return any(name and name == following for name, following in pairwise(names))


def _is_value(text: str) -> bool:
    """Tell numbers from names; a year alone may name a column."""
    return _NUMBER.fullmatch(text) is not None and not re.fullmatch(r"(?:19|20)\d\d", text)


def _shown(cell: Any) -> str:  # noqa: ANN401  (the library has no types)
    """Write a value nearly as the sheet shows it: percentages, units in the number format, dates in ISO 8601."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, int | float):
        return _formatted(value, str(cell.number_format or "General"))
    return "" if str(value).startswith("#") and cell.data_type == "e" else " ".join(str(value).split())


def _formatted(value: float, number_format: str) -> str:
    """Write a number with the percent sign, separators of thousands and literal words of its format."""
    part = number_format.split(";")[0]
    masked = _FORMAT_TEXT.sub(lambda match: "_" * len(match.group()), part)
    if "%" in masked:
        return f"{value * 100:.10g}%"
    digits = re.search(r"[0#?][0#?.,]*|General", masked)
    before, after = (part[: digits.start()], part[digits.end() :]) if digits else ("", "")
    by_thousands = digits is not None and "," in digits.group().rstrip(",")
    # A comma at the end shows thousands or millions only; the value itself is what can be quoted.
    number = f"{value:,.10g}" if by_thousands and abs(value) < 1e10 else f"{value:.12g}"
    return _literals(before) + number + _literals(after)


def _literals(part: str) -> str:
    return "".join("".join(group for group in match.groups() if group) for match in _FORMAT_TEXT.finditer(part)).strip()
