"""Numerals of French, English and Japanese texts: digits with their separators, kanji numerals, number words."""

import re
from dataclasses import dataclass
from decimal import Decimal

from assistant.currencies import CURRENCIES

ONE = Decimal(1)
_SPACE = "\u00a0"


def _plain_table() -> dict[int, str]:
    table = {0xFF01 + i: chr(0x21 + i) for i in range(94)}  # full-width ASCII
    table.update(dict.fromkeys((0x2007, 0x2008, 0x2009, 0x200A, 0x202F, 0x3000), _SPACE))
    table.update(dict.fromkeys((0x2012, 0x2014, 0x2015), "–"))
    table.update(dict.fromkeys((0x2010, 0x2011, 0x2212, 0x2796), "-"))
    table.update(
        {0x301C: "~", 0xFF5E: "~", 0x223C: "~", 0x2019: "'", 0x02BC: "'", 0xFFE5: "¥", 0xFFE1: "£", 0xFFE6: "₩"}
    )
    return table


_PLAIN = _plain_table()


def plain_text(text: str) -> str:
    """Unify digits, signs, spaces and dashes, one character for one, so that offsets stay those of the text."""
    return text.translate(_PLAIN)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as written: its end in the text, its value, and the worth of one unit of its last digit.

    `script` is "digits", "kanji" (no digit in it) or "words"; `point` tells that the decimal sign is a point;
    `grouped` that thousands are separated; `scale` is the factor of a 万, 億 or 兆 that ends it.
    """

    end: int
    value: Decimal
    step: Decimal
    script: str = "digits"
    point: bool = False
    grouped: bool = False
    scale: Decimal = ONE


_LITERAL = re.compile(
    r"(?P<space>[1-9]\d{0,2}(?:[ \u00a0]\d{3})+)(?!\d)(?:[.,](?P<space_rest>\d+))?"
    r"|(?P<comma>[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d\d)+,\d{3})(?![\d])(?:\.(?P<comma_rest>\d+))?"
    r"|(?P<dot>[1-9]\d{0,2}(?:\.\d{3})+)(?!\d)(?:,(?P<dot_rest>\d+))?"
    r"|(?P<whole>\d+)(?:(?P<mark>[.,])(?P<rest>\d+))?"
)
_SIMPLE = re.compile(r"(?P<whole>\d+)(?:(?P<mark>[.,])(?P<rest>\d+))?")
_THOUSANDTHS = ("KWD", "TND", "dinar")  # currencies that have them: "1,500 dinar" may be one and a half
_MONEY = [currency for code, currency in CURRENCIES.items() if code not in _THOUSANDTHS]
_BEFORE = tuple(name for currency in _MONEY for name in (*currency.signs, *currency.before, *currency.codes))
_CODES = "|".join(code for currency in _MONEY for code in currency.codes)
_NAMES = "|".join(currency.french[1] for currency in _MONEY)
# After these, a French "1,146" or "10.000" is thousands: nobody counts thousandths of them.
_INDIVISIBLE = re.compile(
    r"[ \u00a0]?(?:[億万兆円台社人基件名枚]|(?:GPUs?|NVIDIA|Nvidia|serveurs|n(?:œ|oe)uds|entreprises|sociétés|personnes"
    rf"|sites|salariés|employés|yen|tokens|bn|trillion|nodes|companies|people|FCFA|F CFA|{_NAMES}|{_CODES})\b|[$€¥])",
    re.ASCII,
)

_INDIAN = re.compile(r"[ \u00a0](?:lakhs?|crores?|roupies|rupees|INR)\b")


def read_digits(text: str, pos: int, language: str) -> Numeral | None:
    """Read digits at `pos` of a plain text; separators are judged by the language and by what stands around.

    "1,146" is 1146 in English and Japanese, 1.146 in French except before things that cannot be divided or after a
    currency sign. A plain space separates thousands in French; elsewhere only twice or more, or when not breakable.
    """
    match = _LITERAL.match(text, pos)
    if match is None:
        return None
    space, comma, dot = match["space"], match["comma"], match["dot"]
    keep = True
    if space is not None:
        keep = language in ("fr", "und") or _SPACE in space or space.count(" ") > 1
    elif comma is not None and comma[-7:-6] == ",":  # 12,34,567; else a list of three numbers
        keep = text[max(pos - 4, 0) : pos].rstrip(" \u00a0").endswith(("₹", "Rs", "Rs.", "INR"))
        keep = keep or _INDIAN.match(text, match.end()) is not None
    elif comma is not None and language == "fr" and comma.count(",") == 1 and match["comma_rest"] is None:
        keep = text[max(pos - 6, 0) : pos].rstrip(" \u00a0").endswith(_BEFORE) or comma.endswith(",000")
        keep = keep or _INDIVISIBLE.match(text, match.end()) is not None
    elif dot is not None and dot.count(".") == 1 and match["dot_rest"] is None:
        keep = language == "fr" and _INDIVISIBLE.match(text, match.end()) is not None
    if keep and match["whole"] is None:
        rest = match["space_rest"] or match["comma_rest"] or match["dot_rest"] or ""
        whole = re.sub(r"\D", "", space or comma or dot or "")
        return _number(match.end(), whole, rest, point=comma is not None, grouped=True)
    match = match if match["whole"] is not None else _SIMPLE.match(text, pos)
    if match is None:  # pragma: no cover - a literal starts with a digit
        return None
    return _number(match.end(), match["whole"], match["rest"] or "", point=match["mark"] == ".", grouped=False)


def _number(end: int, whole: str, rest: str, *, point: bool, grouped: bool) -> Numeral:
    value = Decimal(f"{whole}.{rest}") if rest else Decimal(whole)
    return Numeral(end, value, ONE.scaleb(-len(rest)), point=point and bool(rest), grouped=grouped)


_KANJI_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12, "京": 10**16}
KANJI_NUMERALS = "".join(_KANJI_DIGITS) + "".join(_SMALL)
_KEI_NEXT = re.compile(r"回|円|FLOP|フロップ|演算|バイト|[\d]+兆")


def read_japanese(text: str, pos: int, language: str = "ja") -> Numeral | None:
    """Read a numeral with 万, 億, 兆 or kanji digits: 1兆2,000億, 102億4000万, 千百四十六億, 5,300百万, 二十.

    None if it has none of these: plain digits are `read_digits`'s.
    """
    total = small = Decimal(0)
    current: Decimal | None = None
    step = large_step = ONE
    last_large = 10**20
    kanji_only, any_kanji, i = True, False, pos
    while i < len(text):
        char = text[i]
        if char in _KANJI_DIGITS and current is None:
            start = i
            while i < len(text) and text[i] in _KANJI_DIGITS:
                i += 1
            current = Decimal("".join(str(_KANJI_DIGITS[c]) for c in text[start:i]))
            step, any_kanji = ONE, True
        elif "0" <= char <= "9" and current is None:
            numeral = read_digits(text, i, "ja" if language != "fr" else language)
            if numeral is None:  # pragma: no cover - a digit always reads
                break
            current, step, i, kanji_only = numeral.value, numeral.step, numeral.end, False
        elif char in _SMALL and not (current is None and not small and not any_kanji and i != pos and not total):
            small += (ONE if current is None else current) * _SMALL[char]
            current, step, any_kanji = None, ONE if kanji_only else Decimal(_SMALL[char]), True
            i += 1
        elif char in _LARGE and (current or small) and _LARGE[char] < last_large:
            if char == "京" and (kanji_only or not _KEI_NEXT.match(text, i + 1)):
                break
            total += (small + (current or 0)) * _LARGE[char]
            small, current, last_large, any_kanji = Decimal(0), None, _LARGE[char], True
            large_step = step * _LARGE[char] if step <= ONE else Decimal(_LARGE[char])
            i += 1
        elif char in " \u00a0" and current is not None and not kanji_only and text[i + 1 : i + 2] in ("万", "億", "兆"):
            i += 1
        else:
            break
    if not any_kanji:
        return None
    rest = small + (current or 0)
    script = "kanji" if kanji_only else "digits"
    if rest or not total:
        return Numeral(i, total + rest, step, script, grouped=True)
    return Numeral(i, total, large_step, script, grouped=True, scale=Decimal(last_large))


_EN_UNITS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_FR_TO_16 = "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
_FR_UNITS = f"{_FR_TO_16} dix-sept dix-huit dix-neuf"
_FR_TENS = {
    20: "vingt",
    30: "trente",
    40: "quarante",
    50: "cinquante",
    60: "soixante",
    70: "septante",
    80: "huitante",
    90: "nonante",
}


def _english_words() -> dict[str, int]:
    words = {word: i for i, word in enumerate(_EN_UNITS.split(), 1)}
    for tens, word in enumerate(_EN_TENS.split(), 2):
        words[word] = tens * 10
        for unit, name in enumerate(_EN_UNITS.split()[:9], 1):
            words[f"{word}-{name}"] = words[f"{word} {name}"] = tens * 10 + unit
    return words


def _french_words() -> dict[str, int]:
    units = _FR_UNITS.split()
    words = {word: i for i, word in enumerate(units, 1)}
    for tens, word in _FR_TENS.items():
        words[word] = tens
        for unit, name in enumerate(units[:9], 1):
            words[f"{word}-et-un" if unit == 1 else f"{word}-{name}"] = tens + unit
    words |= {"octante": 80, "quatre-vingts": 80, "quatre-vingt": 80, "soixante-et-onze": 71}
    for unit, name in enumerate(units, 1):
        if unit >= 10 and unit != 11:
            words[f"soixante-{name}"] = 60 + unit
        words[f"quatre-vingt-{name}"] = 80 + unit
    return words | {word.replace("-", " "): value for word, value in words.items()} | {"vingt-et-un": 21}


class _Words:
    """The numerals of one language in words: below a hundred, hundreds, and thousands in French ("mille")."""

    def __init__(self, words: dict[str, int], hundred: str, joint: str) -> None:
        below = "|".join(sorted(words, key=len, reverse=True))
        self._words = words
        self.pattern = re.compile(
            rf"(?:(?:(?P<hundreds>{below}|a)[ -])?(?P<hundred>{hundred})(?:{joint}(?P<after>{below})\b)?"
            rf"|(?P<below>{below}))"
            r"(?![A-Za-zÀ-ÿ0-9_]|'|-(?:là|ci)\b)",
            re.IGNORECASE,
        )

    def value(self, match: re.Match[str]) -> int:
        if match["below"]:
            return self._words[match["below"].lower()]
        hundreds = (match["hundreds"] or "one").lower()
        after = match["after"]
        return 100 * self._words.get(hundreds, 1) + (self._words[after.lower()] if after else 0)


_ENGLISH = _Words(_english_words(), "hundred", r"(?:[ -]and)?[ -]")
_FRENCH = _Words(_french_words(), "cents?", "[ -]")
_AFTER_THOUSAND = re.compile(r"[ -]thousand(?:,? and|,)?[ -]", re.IGNORECASE)
_BY_LANGUAGE = {"en": (_ENGLISH,), "fr": (_FRENCH,), "und": (_ENGLISH, _FRENCH)}
_DOZENS = {
    "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40,
    "cinquantaine": 50, "soixantaine": 60, "centaine": 100, "dozen": 12,
}  # fmt: skip
DOZEN = re.compile(
    r"une[ \u00a0](dizaine|douzaine|quinzaine|vingtaine|trentaine|quarantaine|cinquantaine|soixantaine|centaine)"
    r"(?=[ \u00a0]d(?:e[ \u00a0]|'))|(?:a|one)[ ](dozen)\b(?! of the)",
    re.IGNORECASE,
)
FIRST_WORDS = "|".join(
    sorted({re.split("[- ]", word)[0] for word in (*_english_words(), *_french_words())} | {"hundred", "cents?"})
)
WORD_START = re.compile(rf"(?<![A-Za-zÀ-ÿ0-9_'-])(?:{FIRST_WORDS})(?=[ \u00a0-]|$)", re.IGNORECASE)


def read_words(text: str, pos: int, language: str) -> Numeral | None:
    """Read a number in words in the language of the text (both French and English for "und").

    From 1 to 999; in English on to "two thousand three hundred", where hundreds or less follow the thousands.
    """
    for words in _BY_LANGUAGE.get(language, ()):
        match = words.pattern.match(text, pos)
        if match is None:
            continue
        value, joint = words.value(match), _AFTER_THOUSAND.match(text, match.end()) if words is _ENGLISH else None
        rest = words.pattern.match(text, joint.end()) if joint else None
        if rest:
            return Numeral(rest.end(), Decimal(1000 * value + words.value(rest)), ONE, "words")
        return Numeral(match.end(), Decimal(value), ONE, "words")
    return None


def read_dozen(text: str, pos: int) -> Numeral | None:
    """Read "une vingtaine (de)" or "a dozen"; always approximate."""
    match = DOZEN.match(text, pos)
    if match is None:
        return None
    return Numeral(match.end(), Decimal(_DOZENS[(match[1] or match[2]).lower()]), Decimal(10), "words")
