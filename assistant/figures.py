"""Figures of French, English and Japanese texts, read to canonical values, compared and written again. No model.

    find_figures("¥114.6 billion", "en")[0].key == find_figures("1,146億円", "ja")[0].key == ("114600000000", "JPY")

The public interface: `find_figures`, `spelled_numbers`, `parse_figure`, `canonical_values`, `compare`, `render_figure`,
`rewrite_figure`, and the records `Figure` and `Verdict`. What the notations mean:

- milliard is 10⁹ everywhere; billion is 10¹² and trillion 10¹⁸ in French ("2 billions de yens"), 10⁹ and 10¹² otherwise
  and in English notations quoted in French (¥114.6 billion).
- A dollar without a country is the US dollar. "13B" without a noun is 13 billion parameters.
- "un", "one" and 一 alone are no figures; product names, versions, addresses, citation marks and list markers neither.
- A figure's `text` leaves out "about", "up to", 約, 以上 and the like: they are its `qualifier`.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.calendar_date import CalendarDate
from assistant.calendar_dates import MONTHS, read_date, read_second_year, read_year
from assistant.figure_comparison import compare
from assistant.figure_qualifiers import JOINT, is_change, only_qualifiers, qualifier_around
from assistant.figure_records import Figure, Verdict
from assistant.figure_rendering import render_figure, rewrite_figure
from assistant.not_figures import NOT_A_FIGURE, ORDINAL
from assistant.numerals import DOZEN, FIRST_WORDS, KANJI_NUMERALS, WORD_START, plain_text, read_japanese, read_words
from assistant.quantities import Quantity, read_quantity
from assistant.units import CURRENCY_BEFORE

__all__ = [
    "Figure",
    "Verdict",
    "canonical_values",
    "compare",
    "find_figures",
    "parse_figure",
    "render_figure",
    "rewrite_figure",
    "spelled_numbers",
]

_TRIGGER = re.compile(
    rf"(?P<digit>(?<![\d])\d)|{CURRENCY_BEFORE.pattern}|[{KANJI_NUMERALS}]|半[分数額年]|令和|平成|昭和|大正|明治|第"
    r"|(?<![A-Za-zÀ-ÿ0-9_])(?:[RH](?=\d)|[x×](?=\d)|[HQT][1-4][ \u00a0-]|FY|(?:Articles?|Art\.|Act No|Nos?\.|[Nn]°|№"
    r"|rank|rang)[ \u00a0]?\d"
    r"|(?:fiscal|exercices?|année|year|half|moitié|la moitié|an?|un|une|one|mille|thousand|premier|second|deuxième"
    r"|troisième|quatrième|first|third|fourth"
    r"|spring|summer|autumn|fall|printemps|été|automne|" + "|".join(MONTHS) + r")(?![A-Za-zÀ-ÿ0-9_]))"
    rf"|{WORD_START.pattern}|{DOZEN.pattern}|(?<![A-Za-z])(?:[a-z]+fold(?![a-z])|doubl|twice|tripl|quadrupl)|倍[増加]",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    rf"(?<![A-Za-zÀ-ÿ0-9_'-])(?:{FIRST_WORDS})(?![A-Za-zÀ-ÿ0-9_'])"
    rf"|(?P<kanji>(?<![{KANJI_NUMERALS}])[{KANJI_NUMERALS}]+(?=[つ人名個台基枚社件種本匹頭羽機艘杯]))",
    re.IGNORECASE,
)
_SUBTRACTED = re.compile(r"\d[^\n.;:。、]{0,24}[ \u00a0]-[ \u00a0]$")  # "¥12.8 billion − ¥410 million" has no sign
_SIGN_BEFORE = re.compile(r"(?:^|[ \u00a0(（「、:])[-▲△][ \u00a0]?$")
_UNREAD = re.compile(rf"\d+(?:[.,]\d+)*|[{KANJI_NUMERALS}]+")
_BETWEEN = re.compile(r"(?:between|entre)(?:[ \u00a0]\w+)?[ \u00a0]$", re.IGNORECASE)
_FROM = re.compile(r"(?:from|between|entre|de|d'|passe de)(?:[ \u00a0]\w+)?[ \u00a0]?$", re.IGNORECASE)
_YEAR_BEFORE = re.compile(
    r"\b(?:in|since|until|by|during|from|en|depuis|dès|before|after|avant|après)[ \u00a0]$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read at one place, with the end of it."""

    start: int
    end: int
    date: CalendarDate | None = None
    quantity: Quantity | None = None
    upper: Quantity | None = None
    ordinal: bool = False


def find_figures(text: str, language: str) -> list[Figure]:
    """Read all figures of a text, in order, without overlap.

    Args:
        text: any text; foreign notations inside it are read too.
        language: "fr", "en", "ja" or "und"; decides what "1,146", "billion", "15/05/2024" and number words mean.

    """
    plain = plain_text(text)
    names = [match.span() for match in NOT_A_FIGURE.finditer(plain)]
    starts = [start for start, _ in names]
    figures: list[Figure] = []
    pos = 0
    while match := _TRIGGER.search(plain, pos):
        at = match.start()
        before = bisect_right(starts, at) - 1
        if before >= 0 and at < names[before][1]:
            pos = names[before][1]
            continue
        found = _read(plain, at, language)
        if found is None:
            pos = _after_number(plain, at)
            continue
        figures.append(_figure(text, plain, found))
        pos = max(found.end, at + 1)
        second = _second_year(plain, found)
        if second:
            figures.append(_figure(text, plain, second))
            pos = second.end
    return figures


def parse_figure(text: str, language: str) -> Figure:
    """Read a text that is one figure, perhaps with a qualifier ("about", 約, "jusqu'à") or an article.

    Raises:
        ValueError: the text is not exactly one figure.

    """
    figures = find_figures(text, language)
    if len(figures) != 1:
        raise ValueError(f"expected one figure, found {len(figures)} in {text!r}; give one value with its unit")
    figure = figures[0]
    rest = plain_text(text[: figure.start] + " " + text[figure.end :])
    if not only_qualifiers(rest):
        raise ValueError(f"{text!r} holds more than the figure {figure.text!r}; give one value with its unit")
    return figure


def canonical_values(text: str, language: str) -> list[tuple[str, str]]:
    """The canonical (value, unit) of each figure of a text, in order, ordinals left out.

    Two notations of one value give equal pairs: "114,6 milliards de yens" and 1,146億円 both ("114600000000", "JPY");
    a date gives ("2024-05-15", "date"), a fiscal year ("FY2024", "date"), a range ("20..30", "times").
    """
    return [figure.key for figure in find_figures(text, language) if figure.kind != "ordinal"]


def spelled_numbers(text: str, language: str) -> list[Figure]:
    """The numbers in words that `find_figures` passes over, as bare numbers: evidence only, never claims to check.

    "one", un and 一 before a noun, and number words before things that no table names: "two platinum albums", 一人の男.
    """
    plain = plain_text(text)
    taken = [(figure.start, figure.end) for figure in find_figures(text, language)]
    found: list[Figure] = []
    for match in _SPELLED.finditer(plain):
        start = match.start()
        if any(first <= start < last for first, last in taken) or (found and start < found[-1].end):
            continue
        numeral = read_japanese(plain, start, language) if match["kanji"] else read_words(plain, start, language)
        if numeral is not None:
            written = text[start : numeral.end]
            found.append(Figure(written, start, numeral.end, "number", numeral.value, "", numeral.value, numeral.value))
    return found


def _read(plain: str, at: int, language: str) -> _Found | None:
    ordinal = ORDINAL.match(plain, at)
    date = read_date(plain, at, language)
    if date and not (ordinal and ordinal.end() >= date[0]):
        return _Found(at, date[0], date=date[1])
    if ordinal:
        return _Found(at, ordinal.end(), ordinal=True)
    quantity = read_quantity(plain, at, language)
    year = read_year(plain, at)
    if year and (
        quantity is None or _YEAR_BEFORE.search(plain[max(0, at - 10) : at]) or not _counted(plain, quantity, year[0])
    ):
        return _Found(at, year[0], date=year[1])
    if quantity is None:
        return None
    upper = _upper(plain, quantity, language)
    if upper:
        low = _inherit(quantity, upper)
        if is_change(plain[:at], plain[quantity.end : upper.start], plain[upper.end :]):
            return _Found(at, quantity.end, quantity=low)
        return _Found(at, upper.end, quantity=low, upper=upper)
    quantity = _with_next(plain, quantity, language)
    if quantity.kind == "number" and not quantity.about:
        glued = re.match(r"[A-Za-z]", plain[quantity.end : quantity.end + 1])  # 3D, 6GWorld
        if quantity.words or glued:
            return None
    return _Found(at, quantity.end, quantity=quantity)


def _counted(plain: str, quantity: Quantity, year_end: int) -> bool:
    """Whether four digits are a quantity rather than a year: something counted or measured follows directly."""
    return quantity.unit != "" and (quantity.before or quantity.end > year_end)


def _second_year(plain: str, found: _Found) -> _Found | None:
    """The second of two joined years: 2027 in "2024–2027"."""
    date = found.date
    if date is None or date.kind != "year" or date.year is None or not plain[found.end - 1].isdigit():
        return None
    joint = re.compile(r"[-–/~]").match(plain, found.end)
    year = read_second_year(plain, joint.end(), date.year) if joint else None
    return _Found(joint.end(), year[0], date=year[1]) if joint and year else None


def _upper(plain: str, low: Quantity, language: str) -> Quantity | None:
    """The upper end of a range that begins with `low`, if one follows: "20 to 30", 20〜30倍, "between 20 and 30"."""
    joint = JOINT.match(plain, low.end)
    if joint is None or low.about:
        return None
    before = plain[max(0, low.start - 20) : low.start]
    if joint["and"] and not _BETWEEN.search(before):
        return None
    if low.unit and joint[0].strip(" \u00a0")[:2] in ("to", "à") and not _FROM.search(before):
        return None
    high = read_quantity(plain, joint.end(), language)
    if high is None or (high.kind == "number" and high.words):
        return None
    if low.before and high.unit == "":
        high = replace(high, kind=low.kind, unit=low.unit)
        low = _inherit(low, high)
    elif low.unit not in ("", high.unit) or (low.unit and low.kind != high.kind):
        return None
    return high if high.value > _inherit(low, high).value else None


_ALTERNATIVE = re.compile(
    r"[ \u00a0](?:or|ou|(?P<and>and|et)|(?P<of>(?:out )?of (?:the|its|their|these|those)|out of|des"
    r"|de (?:ses|leurs|ces)|sur(?: les| ses| leurs)?))[ \u00a0]"
)


def _with_next(plain: str, quantity: Quantity, language: str) -> Quantity:
    """Give a bare number the scale and unit of the one it is listed with: 8 in "8 et 70 milliards de paramètres".

    One that is a part of another gets its unit only: 19 in "19 of its 48 megawatts".
    """
    joint = _ALTERNATIVE.match(plain, quantity.end) if quantity.kind == "number" and quantity.scale == 1 else None
    after = read_quantity(plain, joint.end(), language) if joint else None
    if (
        joint is None
        or after is None
        or after.unit == ""
        or after.before
        or (joint["and"] and after.scale == after.factor == 1)
    ):
        return quantity
    whole = replace(after, scale=Decimal(1), value=after.value / after.scale) if joint["of"] else after
    return _inherit(quantity, whole)


def _inherit(low: Quantity, high: Quantity) -> Quantity:
    """Give the lower end the scale and unit of the upper one where it has none: "20 to 30 billion yen"."""
    factor = Decimal(1)
    if low.unit == "" or low.before:
        number = high.value / high.scale / high.factor
        if low.scale == 1 and high.scale > 1 and low.value <= 10 * number:
            factor = high.scale
        factor *= high.factor if low.unit == "" else 1
    return replace(low, value=low.value * factor, step=low.step * factor, kind=high.kind, unit=high.unit)


def _figure(text: str, plain: str, found: _Found) -> Figure:
    start, end = found.start, found.end
    written = text[start:end]
    if found.ordinal:
        digits = re.search(r"\d+", plain[start:end])
        return Figure(written, start, end, "ordinal", Decimal(digits[0]) if digits else Decimal(0), "")
    qualifier = qualifier_around(plain, start, end, found.quantity.kind if found.quantity else "date")
    if found.date:
        days = found.date.days()
        first, last = days or (None, None)
        kind = found.date.kind
        value = Decimal(found.date.year or 0) if kind != "date" else Decimal(0)
        return Figure(written, start, end, kind, value, kind, None, None, qualifier, found.date.iso, first, last)
    quantity = found.quantity
    if quantity is None:  # pragma: no cover - one of the three is set
        raise AssertionError
    if found.upper:
        return Figure(
            written,
            start,
            end,
            quantity.kind,
            quantity.value,
            quantity.unit,
            quantity.value,
            found.upper.value,
            "range",
            step=found.upper.step,
        )
    signed = _SIGN_BEFORE.search(plain[max(0, start - 3) : start])
    if signed and not _SUBTRACTED.search(plain[max(0, start - 40) : start]):
        quantity = replace(quantity, value=-quantity.value)
    qualifier = qualifier or ("about" if quantity.about else "")
    half = quantity.step / 2
    low = None if qualifier == "up to" else quantity.value - half
    high = None if qualifier in ("at least", "more than") else quantity.value + half
    return Figure(
        written, start, end, quantity.kind, quantity.value, quantity.unit, low, high, qualifier, step=quantity.step
    )


def _after_number(plain: str, at: int) -> int:
    match = _UNREAD.match(plain, at)
    return match.end() if match else at + 1
