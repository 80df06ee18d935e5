"""One number with its scale, currency, unit or thing counted, wherever these stand around it."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.counted_things import CHIPS_AFTER_TIMES, DURATIONS, read_counter, read_noun
from assistant.figure_multiples import read_multiple
from assistant.numerals import (
    KANJI_NUMERALS,
    WORD_START,
    Numeral,
    read_digits,
    read_dozen,
    read_japanese,
    read_words,
)
from assistant.units import (
    CURRENCY_BEFORE,
    CURRENCY_LETTER,
    FRENCH_LONG_SCALE,
    LETTERS,
    SCALE_LETTER,
    SCALE_WORD,
    SCALES,
    SHARED_SIGNS,
    SHORT_SCALE,
    currency_before,
    read_currency,
    read_unit,
)

_ONE = Decimal(1)
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity read in a plain text: `start:end`, value and worth of its last digit in `unit`, kind of figure.

    `scale` is the factor that a scale word or letter gave, `factor` that of the unit (3 hours are 3,
    2 weeks 14 days); `before` tells that the currency precedes the number;
    `words` that the number is in words or kanji only; `about` that the notation itself is approximate.
    """

    start: int
    end: int
    value: Decimal
    step: Decimal
    kind: str = "number"
    unit: str = ""
    scale: Decimal = _ONE
    factor: Decimal = _ONE
    before: bool = False
    words: bool = False
    about: bool = False


_ONE_SCALE = re.compile(
    r"(?:an?|un|une)[ \u00a0](?=(?:million|milliard|billion|trillion|hundred|thousand|millier|lakh|crore)\b)",
    re.IGNORECASE,
)
_THOUSAND = re.compile(r"mille(?![A-Za-zÀ-ÿ0-9_])", re.IGNORECASE)
_AFTER_MILLE = re.compile(r"[ -]mille(?![A-Za-zÀ-ÿ0-9_])(?:[ -])?", re.IGNORECASE)
_FRACTIONS = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fifth": 5,
    "tenth": 10,
    "demi": 2,
    "tiers": 3,
    "quart": 4,
    "cinquième": 5,
    "dixième": 10,
}
_FRACTION = re.compile(
    r"(?:(?P<one>an?|one|un|une)|(?P<two>two|deux)|(?P<three>three|trois))[ \u00a0-](?P<part>half|third|quarter"
    r"|fifth|tenth|tiers|quart|cinquième|dixième)s?(?![A-Za-zÀ-ÿ0-9_])"
    r"(?! (?:party|of (?:the )?(?:20|FY)|trimestre|semestre|année|time|generation))",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"\bhalf(?=[ \u00a0](?:of|the|its|their|as|from|to|for|is|was|paid|were|are|by)\b|[,.;)]|$)(?! of (?:the )?(?:20"
    r"|FY|fiscal|year))|la moitié(?![A-Za-zÀ-ÿ0-9_])|moitié(?=[ \u00a0](?:des?|du)\b)|半分|半数|半額",
    re.IGNORECASE,
)
_HALF_BEFORE = re.compile(
    r"(?:first|second|1st|2nd|other|latter|former|later|and a|another|two|one)[ -]$", re.IGNORECASE
)
_HALF_YEAR = re.compile(r"(?:half a year|a half-year|半年)(?!に一度)", re.IGNORECASE)
_PARTS_OF = re.compile(r"(\d{1,3}|[二三四五六七八九十])分の(\d{1,2}|[一二三四五六七八九])|([1-3])/([2-5])(?![\d/])")
_TIMES_BEFORE = re.compile(r"(?<![A-Za-zÀ-ÿ0-9_.])[x×](?=\d)")
_VAGUE_BEFORE = ("数", "何", "幾", "第", "億", "万")
_ENOUGH = re.compile(
    r"十分(?![間前後])|三菱|千葉|五輪|八日市|四日市|二酸化|九州|四国|一[部つ方般]|万が一|八戸|六本木|百貨|千代"
)
_DECADE_AFTER = re.compile(r"年代|階(?!建)|[月日]期|歩")


def read_quantity(text: str, pos: int, language: str) -> Quantity | None:
    """Read a quantity that begins exactly at `pos` of a plain text; None if none does.

    "one" is never a quantity by itself. A number in words or kanji with nothing counted or measured behind it has kind
    "number": the caller decides.
    """
    fraction = _read_fraction(text, pos)
    if fraction:
        return fraction
    multiple = read_multiple(text, pos, language)
    if multiple:
        return Quantity(pos, multiple[0], multiple[1], _ONE, "measure", "times", words=True)
    start, currency = pos, ""
    before = CURRENCY_BEFORE.match(text, pos)
    if before:
        currency, pos = currency_before(before), before.end()
    elif _TIMES_BEFORE.match(text, pos):
        numeral = read_digits(text, pos + 1, language)
        return Quantity(start, numeral.end, numeral.value, numeral.step, "measure", "times") if numeral else None
    numeral, about = _read_numeral(text, pos, language), False
    if numeral is None:
        numeral, about = read_dozen(text, pos), True
    if numeral is None:
        return None
    words = numeral.script != "digits"
    quantity = Quantity(
        start,
        numeral.end,
        numeral.value,
        numeral.step,
        scale=numeral.scale,
        before=bool(before),
        words=words,
        about=about,
    )
    if currency:
        return _amount_before(text, quantity, numeral, currency, language)
    quantity = _with_unit(text, quantity, numeral, language)
    alone = quantity.value == 1 and words and quantity.scale == 1
    return None if alone else quantity


def _read_numeral(text: str, pos: int, language: str) -> Numeral | None:
    char = text[pos : pos + 1]
    if char.isdigit():
        return read_japanese(text, pos, language) or read_digits(text, pos, language)
    if char and char in KANJI_NUMERALS:
        if text[pos - 1 : pos] in _VAGUE_BEFORE or _ENOUGH.match(text, pos):
            return None
        numeral = read_japanese(text, pos)
        return (
            None if numeral and (text[numeral.end : numeral.end + 1] in ("数", "余") or numeral.value == 1) else numeral
        )
    one = _ONE_SCALE.match(text, pos)
    if one:
        return Numeral(one.end() - 1, _ONE, _ONE, "words")
    mille = _THOUSAND.match(text, pos) if language != "en" else None
    if mille:
        below = (
            read_words(text, mille.end() + 1, language) if text[mille.end() : mille.end() + 1] in (" ", "-") else None
        )
        end, value = (below.end, below.value) if below else (mille.end(), Decimal(0))
        return Numeral(end, 1000 + value, _ONE if below else Decimal(1000), "words")
    if not WORD_START.match(text, pos):
        return None
    numeral = read_words(text, pos, language)
    after = _AFTER_MILLE.match(text, numeral.end) if numeral else None
    if numeral and after:
        rest = read_words(text, after.end(), language)
        value = numeral.value * 1000 + (rest.value if rest else 0)
        return Numeral(
            rest.end if rest else after.end() - len(after[0]) + len(after[0].rstrip(" -")), value, _ONE, "words"
        )
    return numeral


def _scaled(quantity: Quantity, end: int, factor: Decimal) -> Quantity:
    return replace(
        quantity, end=end, value=quantity.value * factor, step=quantity.step * factor, scale=quantity.scale * factor
    )


def _scale_word(text: str, quantity: Quantity, numeral: Numeral, language: str) -> Quantity:
    for _ in range(2):  # "10 mille milliards"
        match = SCALE_WORD.match(text, quantity.end)
        if match is None:
            break
        word = match[1].lower()
        exponent = SCALES[word]
        if word in FRENCH_LONG_SCALE and language == "fr" and not _is_english(text, match.end(), quantity, numeral):
            exponent = FRENCH_LONG_SCALE[word]
        quantity = _scaled(quantity, match.end(), _ONE.scaleb(exponent))
        joint = re.compile(r"[ \u00a0]de(?=[ \u00a0]milliards?)").match(text, quantity.end)
        quantity = replace(quantity, end=joint.end()) if joint else quantity
    return quantity


_ENGLISH_NEXT = re.compile(r"[ \u00a0](?:yen|dollars|US|JPY|USD|parameters?|tokens)\b", re.ASCII | re.IGNORECASE)


def _is_english(text: str, end: int, quantity: Quantity, numeral: Numeral) -> bool:
    """In a French text: whether "billion" is a quoted English notation (sign before, decimal point, no "de")."""
    return quantity.before or numeral.point or _ENGLISH_NEXT.match(text, end) is not None


def _amount_before(text: str, quantity: Quantity, numeral: Numeral, currency: str, language: str) -> Quantity:
    scaled = _scale_word(text, quantity, numeral, language)
    letter = CURRENCY_LETTER.match(text, quantity.end)
    if scaled is quantity and letter:
        written = letter[0].strip(" \u00a0")
        exponent = SCALES.get(written) or LETTERS[written]
        scaled = _scaled(quantity, letter.end(), _ONE.scaleb(exponent))
    after = read_currency(text, scaled.end, large=True)
    if after and (after[1] == currency or after[1] in SHARED_SIGNS.get(text[quantity.start], ())):
        scaled, currency = replace(scaled, end=after[0]), after[1]
    return replace(scaled, kind="amount", unit=currency)


def _with_unit(text: str, quantity: Quantity, numeral: Numeral, language: str) -> Quantity:
    """Read what follows the number: short money (740 M$), scale, currency, unit, counter, thing counted."""
    short = SHORT_SCALE.match(text, quantity.end)
    money = read_currency(text, short.end(), large=True) if short else None
    if short and money:
        exponent = LETTERS[short[1]] if len(short[1]) == 1 else SCALES[short[1].lower().replace("mrds", "mrd")]
        scaled = _scaled(quantity, money[0], _ONE.scaleb(exponent))
        return replace(scaled, kind="amount", unit=money[1])
    tight = SCALE_LETTER.match(text, quantity.end)
    scaled = _scale_word(text, quantity, numeral, language)
    letter = ""
    if scaled is quantity and tight and numeral.script == "digits":
        letter = tight[0]
        scaled = _scaled(quantity, tight.end(), _ONE.scaleb(LETTERS[letter]))
    money = read_currency(text, scaled.end, large=scaled.scale > 1 or scaled.value >= _HUNDRED)
    if money:
        return replace(scaled, end=money[0], kind="amount", unit=money[1])
    chips = CHIPS_AFTER_TIMES.match(text, scaled.end)
    if chips:
        return replace(scaled, end=chips.end(), kind="count", unit="GPU")
    unit = read_unit(text, scaled.end, language)
    if unit and not letter:
        end, (name, kind, factor) = unit
        return replace(_scaled(scaled, end, factor), scale=scaled.scale, factor=factor, kind=kind, unit=name)
    counter = read_counter(text, quantity.start, scaled.end)
    if counter:
        return replace(scaled, end=counter[0], kind="count", unit=counter[1])
    if text[scaled.end : scaled.end + 1] == "年" and not _DECADE_AFTER.match(text, scaled.end):
        return replace(scaled, end=scaled.end + 1, kind="duration", unit="year")
    noun = read_noun(text, scaled.end, language, of=scaled.scale > 1 or quantity.about)
    if noun and not (letter == "B" and noun[1] == ""):
        noun_end, name = noun
        scaled = replace(scaled, end=noun_end or scaled.end, kind="count", unit=name)
        if name in DURATIONS:
            name, times = DURATIONS[name]
            return replace(
                _scaled(scaled, scaled.end, Decimal(times)),
                scale=scaled.scale,
                factor=Decimal(times),
                kind="duration",
                unit=name,
            )
        return scaled
    if letter == "B":
        return replace(scaled, kind="count", unit="parameter")
    if letter in ("T", "G", "K") or (letter == "M" and quantity.value > 999):
        return quantity
    return replace(scaled, kind="count") if numeral.script == "words" and scaled.scale > 1 else scaled


def _read_fraction(text: str, pos: int) -> Quantity | None:
    match = _HALF_YEAR.match(text, pos)
    if match:
        return Quantity(pos, match.end(), Decimal(6), _ONE, "duration", "month", words=True)
    match = _FRACTION.match(text, pos)
    share, end = Decimal(0), pos
    if match:
        times = 2 if match["two"] else 3 if match["three"] else 1
        share, end = Decimal(100 * times) / _FRACTIONS[match["part"].lower()], match.end()
    elif (half := _HALF.match(text, pos)) and not _HALF_BEFORE.search(text[max(0, pos - 10) : pos]):
        share, end = Decimal(50), half.end()
    elif parts := _PARTS_OF.match(text, pos):
        whole, part = parts[1] or parts[4], parts[2] or parts[3]
        whole_value, part_value = (Decimal(x) if x.isdecimal() else _kanji(x) for x in (whole, part))
        if part_value < whole_value:
            share, end = 100 * part_value / whole_value, parts.end()
    return Quantity(pos, end, share, _ONE, "percentage", "percent", words=True) if share else None


def _kanji(text: str) -> Decimal:
    numeral = read_japanese(text, 0)
    return numeral.value if numeral else _ONE
