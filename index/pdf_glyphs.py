"""The characters of a PDF page with their places, and the lines drawn on it. The only caller of PDFium's C interface.

Coordinates are points of 1/72 inch from the lower left corner of the page.
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from index.extract import is_east_asian

_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "ft",
    "\ufb06": "st",
}
# Radicals that fonts give in place of the ideographs that look the same; NFKC mends only the block from U+2F00.
_RADICALS = dict(
    zip(
        "⺁⺃⺅⺉⺋⺒⺓⺟⺠⺨⺩⺬⺭⺮⻁⻄⻑⻘⻝⻤⻨⻩⻫⻭⻯⻲",
        "厂乚亻刂㔾巳幺母民犭王示礻竹虎西長青食鬼麦黄斉歯竜亀",
        strict=True,
    )
)
_THIN = 3.0  # a line drawn as a filled box is thinner than this
_SHORTEST = 6.0
_MOST_PATHS = 5_000
_MOST_SEGMENTS = 400


class Glyph(NamedTuple):  # there are thousands on a page, and frozen dataclasses take four times as long to make
    """One character. `breaks` tells that PDFium puts a line end before it; `blank` that there is a space before it.

    Attributes:
        size: height of its line box.
        unmapped: whether the font does not say which character it is.
    """

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    bold: bool
    breaks: bool
    blank: bool
    unmapped: bool


@dataclass(frozen=True, slots=True)
class Ruling:
    """A straight line, horizontal at y = `at` or vertical at x = `at`, from `start` to `end`."""

    at: float
    start: float
    end: float


def page_glyphs(text_page: pypdfium2.PdfTextPage) -> Iterator[Glyph]:
    """Yield the characters of a page in the order in which the file draws them."""
    raw, box = text_page.raw, pdfium.FS_RECTF()
    reference = ctypes.byref(box)
    breaks = blank = hyphen = False
    high_surrogate = 0
    last_size, bold, word = -1.0, False, ""
    for place in range(text_page.count_chars()):
        code = pdfium.FPDFText_GetUnicode(raw, place)
        if code in (0x0A, 0x0D):
            breaks = not hyphen
            continue
        if code == 0xFFFE or code == 0x02:  # a hyphen that only divides a word at the end of a line
            hyphen = True
            continue
        if code <= 0x20 or code in (0xA0, 0x3000, 0xFEFF, 0x200B, 0xAD):
            blank = blank or code not in (0xFEFF, 0x200B, 0xAD, 0)
            continue
        if 0xD800 <= code < 0xDC00:
            high_surrogate = code
            continue
        if 0xDC00 <= code < 0xE000 and high_surrogate:
            code, high_surrogate = 0x10000 + ((high_surrogate - 0xD800) << 10) + code - 0xDC00, 0
        pdfium.FPDFText_GetLooseCharBox(raw, place, reference)
        size = pdfium.FPDFText_GetFontSize(raw, place)
        if size != last_size:
            last_size, bold = size, _is_bold(raw, place)
        text = _written(code)
        if hyphen and (not text.islower() or not word.isalpha()):
            text = "-" + text  # a hyphen of its own: GPT-|4, 172b-|instruct
        word = text if blank or (breaks and not hyphen) else word + text
        yield Glyph(
            text=text, left=box.left, bottom=box.bottom, right=box.right, top=box.top,
            size=abs(box.top - box.bottom), bold=bold, breaks=breaks and not hyphen, blank=blank,
            unmapped=pdfium.FPDFText_HasUnicodeMapError(raw, place) == 1,
        )  # fmt: skip
        breaks = blank = hyphen = False


def _written(code: int) -> str:
    character = chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd"
    if 0x2F00 <= code < 0x2FE0:
        import unicodedata

        return unicodedata.normalize("NFKC", character)
    return _RADICALS.get(character) or _LIGATURES.get(character) or character


def _is_bold(raw: object, place: int) -> bool:
    if pdfium.FPDFText_GetFontWeight(raw, place) >= 600:
        return True
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    length = pdfium.FPDFText_GetFontInfo(raw, place, name, 128, ctypes.byref(flags))
    found = name.value.lower() if length <= 128 else b""
    return b"bold" in found or b"heavy" in found or b"black" in found


def page_rulings(page: pypdfium2.PdfPage) -> tuple[list[Ruling], list[Ruling]]:
    """Find the straight lines of a page: (horizontal, vertical). Boxes give their four sides."""
    horizontal: list[Ruling] = []
    vertical: list[Ruling] = []
    paths = 0
    edges = tuple(ctypes.c_float() for _ in range(4))
    references = [ctypes.byref(edge) for edge in edges]
    for place in range(pdfium.FPDFPage_CountObjects(page.raw)):
        path = pdfium.FPDFPage_GetObject(page.raw, place)
        if pdfium.FPDFPageObj_GetType(path) != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        paths += 1
        if paths > _MOST_PATHS:
            break
        if not pdfium.FPDFPageObj_GetBounds(path, *references):
            continue
        left, bottom, right, top = (edge.value for edge in edges)
        count = pdfium.FPDFPath_CountSegments(path)
        if right - left > _THIN and top - bottom > _THIN and count > 5:
            if count <= _MOST_SEGMENTS:
                _take_segments(path, count, horizontal, vertical)
            continue
        if top - bottom <= _THIN and right - left >= _SHORTEST:
            horizontal.append(Ruling((bottom + top) / 2, left, right))
        elif right - left <= _THIN and top - bottom >= _SHORTEST:
            vertical.append(Ruling((left + right) / 2, bottom, top))
        elif right - left > _SHORTEST and top - bottom > _SHORTEST and count >= 4:
            horizontal += [Ruling(bottom, left, right), Ruling(top, left, right)]
            vertical += [Ruling(left, bottom, top), Ruling(right, bottom, top)]
    return horizontal, vertical


def _take_segments(path: object, count: int, horizontal: list[Ruling], vertical: list[Ruling]) -> None:
    """Take the straight parts of one path, as a grid that is drawn at once has."""
    x, y, matrix = ctypes.c_float(), ctypes.c_float(), pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(path, ctypes.byref(matrix)):
        return
    before: tuple[float, float] | None = None
    for place in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(path, place)
        if not pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y)):
            return
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        if pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_LINETO and before is not None:
            (x0, y0), (x1, y1) = before, point
            if abs(y1 - y0) < 0.5 and abs(x1 - x0) >= _SHORTEST:
                horizontal.append(Ruling(y0, min(x0, x1), max(x0, x1)))
            elif abs(x1 - x0) < 0.5 and abs(y1 - y0) >= _SHORTEST:
                vertical.append(Ruling(x0, min(y0, y1), max(y0, y1)))
        before = point


def joined_glyphs(glyphs: list[Glyph]) -> str:
    """Join the characters of one line; a gap without a space character counts as a space between Latin letters."""
    written: list[str] = []
    for place, glyph in enumerate(glyphs):
        if place:
            before = glyphs[place - 1]
            apart = glyph.left - before.right > 0.25 * max(glyph.size, 1.0)
            both_wide = is_east_asian(before.text[-1]) and is_east_asian(glyph.text[0])
            if (glyph.blank and not (both_wide and not apart)) or (apart and not both_wide and not glyph.breaks):
                written.append(" ")
            elif glyph.text.isdecimal() and _is_thin_space(glyphs, place):
                written.append("\u202f")
        written.append(glyph.text)
    return "".join(written)


def _is_thin_space(glyphs: list[Glyph], place: int) -> bool:
    """Tell the gap inside "18 000", which fonts without a thin space leave as a distance, from letter-spaced digits."""
    gap = _digit_gap(glyphs, place)
    around = max(_digit_gap(glyphs, place - 1), _digit_gap(glyphs, place + 1))
    return gap > 0.1 * glyphs[place].size and around < 0.5 * gap


def _digit_gap(glyphs: list[Glyph], place: int) -> float:
    """Give the distance between a digit and the digit before it; 0 for other characters."""
    if not 0 < place < len(glyphs) or not (glyphs[place].text.isdecimal() and glyphs[place - 1].text.isdecimal()):
        return 0.0
    return glyphs[place].left - glyphs[place - 1].right
