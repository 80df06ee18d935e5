"""The numbers that Word itself writes before list items and headings: "1.", "(a)", "第2条". They stand in no text.

A list is described by levels; each paragraph names its list and its level, and its number follows from those above it
(ECMA-376, part 1, section 17.9).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from docx.document import Document as DocxDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml.etree import _Element as Element

_LEVELS = 9
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_IDEOGRAPHS = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level of a list is numbered: `text` holds %1 to %9 for the numbers of the levels."""

    form: str
    text: str
    start: int


class Numbering:
    """Counts the items of the lists of one document, which are asked for in the order of the text."""

    def __init__(self, document: DocxDocument) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}  # by list
        self._origin: dict[str, str] = {}  # lists that count together have the same origin
        self._restarts: dict[str, dict[int, int]] = {}  # list → level → first number, where it counts anew
        self._counts: dict[str, dict[int, int]] = {}
        for related in document.part.rels.values():
            if related.reltype == RELATIONSHIP_TYPE.NUMBERING and not related.is_external:
                self._read(parse_xml(related.target_part.blob))

    def label(self, list_id: str, level: int) -> str:
        """Count one more item and give what Word writes before it; "" for bullets and unknown lists."""
        levels = self._levels.get(list_id, {})
        if level not in levels:
            return ""
        origin = self._origin[list_id]
        counts = self._counts.setdefault(origin, {})
        counts.update(self._restarts.pop(list_id, {}))
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for below in range(level + 1, _LEVELS):
            counts.pop(below, None)
        text = levels[level].text
        for above in range(_LEVELS):
            if f"%{above + 1}" in text and above in levels:
                number = counts.get(above, levels[above].start)
                text = text.replace(f"%{above + 1}", _formatted(number, levels[above].form))
        return "" if levels[level].form in ("bullet", "none") else text.strip()

    def _read(self, root: Element) -> None:
        abstract = {one.get(qn("w:abstractNumId"), ""): one for one in root.iter(qn("w:abstractNum"))}
        linked = {
            _value(one, "w:styleLink"): key for key, one in abstract.items() if one.find(qn("w:styleLink")) is not None
        }
        for found in root.iter(qn("w:num")):
            list_id, key = found.get(qn("w:numId"), ""), _value(found, "w:abstractNumId")
            key = linked.get(_value(abstract[key], "w:numStyleLink"), key) if key in abstract else key
            if key not in abstract:
                continue
            self._origin[list_id] = key
            self._levels[list_id] = dict(_levels_of(abstract[key]))
            for change in found.iter(qn("w:lvlOverride")):
                self._levels[list_id].update(_levels_of(change))
                level, start = change.get(qn("w:ilvl"), ""), _value(change, "w:startOverride")
                if level.isdecimal() and start.isdecimal():
                    self._restarts.setdefault(list_id, {})[int(level)] = int(start) - 1


def _levels_of(parent: Element) -> Iterator[tuple[int, _Level]]:
    for one in parent.iter(qn("w:lvl")):
        number, start = one.get(qn("w:ilvl"), ""), _value(one, "w:start") or "1"
        if number.isdecimal() and int(number) < _LEVELS:
            first = int(start) if start.isdecimal() else 1
            yield int(number), _Level(_value(one, "w:numFmt") or "decimal", _value(one, "w:lvlText"), first)


def _value(element: Element, name: str) -> str:
    child = element.find(qn(name))
    return "" if child is None else str(child.get(qn("w:val"), ""))


def _formatted(number: int, form: str) -> str:
    write = _FORMS.get(form)
    return write(number) if write is not None and number > 0 else str(number)


def _letters(number: int) -> str:
    """Give a, b ... z, aa, bb ..."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 % 8 + 1)


def _roman(number: int) -> str:
    written = ""
    for value, letters in _ROMAN:
        written += letters * min(number // value, 9)
        number %= value
    return written


def _kanji(number: int) -> str:
    """Give 一, 十二, 二十一 ..., as 千 is more than a list has."""
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _IDEOGRAPHS[tens]) + ("十" if tens else "") + (_IDEOGRAPHS[ones] if ones else "")


def _from(signs: str) -> Callable[[int], str]:
    return lambda number: signs[number - 1] if number <= len(signs) else str(number)


_FORMS: Mapping[str, Callable[[int], str]] = {
    "decimalZero": lambda number: f"{number:02d}",
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "decimalFullWidth": lambda number: str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    "decimalEnclosedCircle": _from(_CIRCLED),
    "aiueo": _from(_AIUEO),
    "aiueoFullWidth": _from(_AIUEO),
    "iroha": _from(_IROHA),
    "irohaFullWidth": _from(_IROHA),
    "japaneseCounting": _kanji,
    "ideographDigital": lambda number: "".join(_IDEOGRAPHS[int(digit)] for digit in str(number)),
}
