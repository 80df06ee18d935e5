"""Which character encoding a text file uses: UTF-8, UTF-16, UTF-32, Shift-JIS, EUC-JP, ISO-2022-JP or Windows-1252.

A byte-order mark or valid UTF-8 decides at once. The legacy encodings overlap (most byte strings are valid in
several), so each strict decoding is judged by its share of characters that real text in that encoding is made of.
"""

import re
import unicodedata
from collections.abc import Iterator

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_BINARY_SIGNATURES = {
    b"%PDF-": "a PDF file",
    b"PK\x03\x04": "a ZIP archive or Office file",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"SQLite format 3\x00": "a SQLite database",
    b"{\\rtf": "an RTF file",
}
_SAMPLE_CHARS = 50_000
_LEAST_SHARE = 0.6  # of the non-ASCII characters must be expected ones
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_MOST_CONTROLS = 0.001
_WESTERN = frozenset(
    "àâäáãåçéèêëíìîïñóòôöõúùûüÿýßæøœÀÂÄÁÃÅÇÉÈÊËÍÌÎÏÑÓÒÔÖÕÚÙÛÜŸÆØŒ«»‹›“”„‘’–—…€£¥°§©®™•·\u00a0²³½¼¾±×µºªšžŠŽ¡¿"
)
_JAPANESE_MARKS = frozenset(
    "、。「」『』（）【】〔〕《》〈〉・ー〜～…‥―：；！？％＆＋－＝＜＞／＄￥＊＃＠　々〆○●◎△▲□■◆◇★☆※→←↑↓№①②③④⑤⑥⑦⑧⑨"
)


class NotTextError(Exception):
    """The bytes are not text in an encoding that is known here; the message says what they look like."""


def decode(content: bytes) -> str:
    """Decode the bytes of a text file; the byte-order mark is removed.

    Raises:
        NotTextError: binary content, or no known encoding.
    """
    for signature, what in _BINARY_SIGNATURES.items():
        if content.startswith(signature):
            raise NotTextError(f"not text: {what}")
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _checked(content, encoding, "its byte-order mark says")
    if b"\x1b$" in content:
        return _checked(content, "iso2022_jp", "its escape sequences say")
    if b"\x00" not in content:
        try:
            return _without_controls(content.decode("utf-8"))
        except UnicodeDecodeError:
            pass
    best, best_share = "", 0.0
    for text, share in _readings(content):
        if share > best_share:
            best, best_share = text, share
    if best_share < _LEAST_SHARE:
        raise NotTextError("not text: binary content, or an unknown encoding; save it as UTF-8")
    return best


def _checked(content: bytes, encoding: str, reason: str) -> str:
    try:
        return _without_controls(content.decode(encoding).removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        raise NotTextError(f"{reason} {encoding.upper()}, but byte {error.start} is not") from None


def _without_controls(text: str) -> str:
    if len(_CONTROL.findall(text)) > _MOST_CONTROLS * len(text):
        raise NotTextError("not text: it is full of control characters")
    return text


def _readings(content: bytes) -> Iterator[tuple[str, float]]:
    """Yield each strict decoding with the share of its non-ASCII characters that text of that kind is made of."""
    encodings = ["utf-16-le", "utf-16-be"] if len(content) % 2 == 0 else []
    if b"\x00" not in content:
        encodings += ["cp932", "euc_jp", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        sample = text[:_SAMPLE_CHARS]
        if len(_CONTROL.findall(sample)) > _MOST_CONTROLS * len(sample):
            continue
        expected = _is_western if encoding == "cp1252" else _is_japanese
        foreign = [character for character in sample if character > "\x7f"]
        share = sum(map(expected, foreign)) / len(foreign) if foreign else 1.0
        if encoding.startswith("utf-16"):
            share = max(share * (_has_kana(foreign) or b"\x00" in content), _zero_share(content, encoding))
        elif expected is _is_japanese and not _has_kana(foreign):
            share *= 0.9  # typographic apostrophes in French read as kanji too
        yield text, share


def _has_kana(characters: list[str]) -> bool:
    return sum("\u3040" <= character <= "\u30ff" for character in characters) > 0.15 * len(characters)


def _zero_share(content: bytes, encoding: str) -> float:
    """Give the share of characters below U+0100; 0 when zero bytes stand in the wrong places too."""
    high, low = (content[1::2], content[0::2]) if encoding == "utf-16-le" else (content[0::2], content[1::2])
    return high.count(0) / len(high) if content and high.count(0) > 20 * low.count(0) else 0.0


def _is_western(character: str) -> bool:
    return character in _WESTERN


def _is_japanese(character: str) -> bool:
    """Kana, Japanese marks, full-width forms, and the common kanji (level 1 of JIS X 0208)."""
    if "\u3040" <= character <= "\u30ff" or character in _JAPANESE_MARKS or "\uff01" <= character <= "\uff5e":
        return True
    if unicodedata.category(character) != "Lo":
        return character in _WESTERN
    try:
        encoded = character.encode("euc_jp")
    except UnicodeEncodeError:
        return False
    return len(encoded) == 2 and 0xB0 <= encoded[0] <= 0xCF
