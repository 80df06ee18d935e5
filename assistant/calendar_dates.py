"""Dates, years and fiscal years in French, English and Japanese, era years included.

A fiscal year is Japan's: FY2024 runs from 1 April 2024 to 31 March 2025.
"""

import re

from assistant.calendar_date import SEASON_NAMES, CalendarDate, Found, interval
from assistant.japanese_dates import read_japanese_date

_MONTH_NAMES = (
    "january janvier jan janv|february février fevrier feb févr fév|march mars mar|april avril apr avr|may mai|june"
    " juin jun"
    "|july juillet jul juil|august août aout aug|september septembre sep sept|october octobre oct|november novembre nov"
    "|december décembre decembre dec déc"
)
MONTHS = {name: i for i, names in enumerate(_MONTH_NAMES.split("|"), 1) for name in names.split()}
_MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")(?![A-Za-zÀ-ÿ0-9_])"
_CENTURY = r"(?:1\d|20)"  # years from 1000 on
_YEAR = rf"{_CENTURY}\d\d(?![\d.,]\d|\d)"
_TO = r"[ ]?(?:–|-|~)[ ]?|[ ](?:to|au|à|and|et)[ ]"
_SP = "[ \u00a0]"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|er)?"
_DAY_MONTH = re.compile(
    rf"(?P<d>{_DAY})(?:(?:{_TO})(?P<d2>{_DAY}))?(?:{_SP}of)?(?:{_SP}|-)?(?P<m>{_MONTH})\.?(?:,?{_SP}(?P<y>{_YEAR}))?",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"(?P<m>{_MONTH})\.?{_SP}(?P<d>{_DAY})(?![\d:%]|[.,]\d)(?:,?{_SP}(?P<y>{_YEAR}))?", re.IGNORECASE
)
_MONTH_YEAR = re.compile(
    rf"(?P<m>{_MONTH})\.?(?:{_SP}?(?P<y1>{_YEAR}))?(?:(?:{_TO})(?P<m2>{_MONTH})\.?)?,?(?:{_SP}(?:of"
    rf"|de))?{_SP}(?P<y>{_YEAR})",
    re.IGNORECASE,
)
_MONTH_ALONE = re.compile(rf"{_MONTH}", re.IGNORECASE)
_BEFORE_MONTH = re.compile(
    r"(?:\b(?:in|since|until|by|early|late|of|last|this|next|during|from|before|after|en|de|depuis|dès|début|fin"
    r"|courant|avant|après)[ \u00a0]|\bmid-|\bmi-|d')$",
    re.IGNORECASE,
)
_NUMERIC = re.compile(rf"(?P<y>{_CENTURY}\d\d)([-/.])(?P<m>1[0-2]|0?[1-9])\2(?P<d>3[01]|[12]\d|0?[1-9])(?![\d]|[.,]\d)")
_ISO_MONTH = re.compile(r"(?P<y>20\d\d)-(?P<m>1[0-2]|0[1-9])(?![\d-])")
_SLASHED = re.compile(rf"(?P<a>\d{{1,2}})([/.])(?P<b>\d{{1,2}})\2(?P<y>{_CENTURY}\d\d)(?!\d)")
_ENDING = re.compile(
    rf"(?:fiscal year|year|exercice|année fiscale){_SP}(?:ended|ending|that ends|clos|se terminant"
    rf"|achevé)(?:{_SP}(?:in|en|fin|on|le))?(?:{_SP}31)?{_SP}(?P<m>{_MONTH})(?:{_SP}31,?)?{_SP}(?P<y>{_YEAR})",
    re.IGNORECASE,
)
_FISCAL = re.compile(
    r"(?:FY|fiscal year|fiscal|exercice(?:s)?(?: fiscal| budgétaire| comptable)?|année (?:fiscale"
    r"|budgétaire))(?:[ \u00a0-]|'|de[ \u00a0])?(?P<y>(?:19|20)\d\d|\d\d)"
    r"(?:[-/–](?:20)?\d\d)?(?!\d)",
    re.IGNORECASE,
)
_FISCAL_AFTER = re.compile(rf"(?P<y>{_YEAR}){_SP}(?:fiscal year|financial year|FY)\b", re.IGNORECASE)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "premier": 1,
"1er": 1, "deuxième": 2,
             "2e": 2, "troisième": 3, "3e": 3, "quatrième": 4, "4e": 4}  # fmt: skip
_PART = re.compile(
    r"(?:(?P<half>first|second|1st|2nd)[ -]half|(?P<semester>premier|1er|second|deuxième|2e)[ \u00a0]semestre"
    r"|H(?P<h>[12])"
    r"|(?P<quarter>first|second|third|fourth|1st|2nd|3rd|4th)[ -]quarter|(?P<trimester>premier|1er|deuxième|2e"
    r"|troisième|3e|quatrième|4e)[ \u00a0]trimestre"
    r"|[QT](?P<q>[1-4])|(?P<season>spring|summer|autumn|fall|printemps|été|automne))"
    r"(?:[ \u00a0](?:of|de|du|d'))?(?:[ \u00a0]?(?:the|l'))?[ \u00a0-]?(?=FY|fiscal|exercice|année|l'exercice|(?:19"
    r"|20)\d\d)",
    re.IGNORECASE,
)
_YEAR_AT = re.compile(rf"(?=19|20){_YEAR}(?![A-Za-zÀ-ÿ0-9_%$€¥+]|-\d)")
# "in 1858" is a year, "in 1500 homes" is not: what follows an older one must end the phrase
_OLD_YEAR_AT = re.compile(
    rf"1[0-8]\d\d(?![\d%$€¥+]|[.,]\d)(?={_SP}?[-–]{_SP}?{_CENTURY}\d\d(?!\d)|[.,;:)\]»\"”]|{_SP}*$|\n"
    rf"|{_SP}(?:[A-ZÀ-Þ(]|(?:the|a|an|by|and|or|to|when|with|as|it|he|she|they|his|her|its|for|at|after|before|until|on"
    r"|under|from|was|were|had|that|who|which|le|la|les|par|et|ou|à|dans|pour|un|une|il|elle|ils|elles|lors|avec|sous"
    r"|sur|que|qui|au|aux|du|où|puis|est|a|son|sa|ses|jusqu)\b|l['’]))"
)
_BEFORE_OLD_YEAR = re.compile(
    r"(?:\b(?:in|since|until|before|after|circa|year|between|en|depuis|dès|avant|après|année|l'an|fin|début)[ \u00a0]"
    r"|\(|[–-]|\bc\.[ ]?)$",
    re.IGNORECASE,
)
_YEAR_RANGE = re.compile(r"(?P<y>(?:19|20)\d\d)(?=[-–/~](?:(?:19|20)\d\d|\d\d)(?![\d.,%]|[ \u00a0]?[A-Za-z]))")
_SCHOOL_YEAR = re.compile(r"(?:19|20)(?P<first>\d\d)(?=[-–/](?P<second>\d\d)(?![\d%]|[.,]\d))")  # 2026-27
_YEAR_SECOND = re.compile(r"(?:(?:19|20)\d\d|\d\d)(?!\d)")


def _valid(found: CalendarDate) -> bool:
    try:
        found.days()
    except ValueError:
        return False
    return 1 <= (found.month or 1) <= 12 and 1 <= (found.day or 1) <= 31


def read_date(text: str, pos: int, language: str) -> Found | None:
    """Read a date, a fiscal year or a part of a year at `pos` of a plain text; bare years are left to `read_year`.

    Slashed dates are day first in French and undetermined texts, month first in English unless the second number
    exceeds 12. Two-digit years belong to this century.
    """
    char = text[pos]
    readers = (_read_numeric, _japanese, _read_western) if char.isdigit() else (_read_western, _japanese)
    for reader in readers:
        found = reader(text, pos, language)
        if found and _valid(found[1]):
            end, date = found
            return end - (text[end - 1] == "."), date
    return None


def _japanese(text: str, pos: int, language: str) -> Found | None:
    return read_japanese_date(text, pos)


def _read_numeric(text: str, pos: int, language: str) -> Found | None:
    match = _NUMERIC.match(text, pos) or _ISO_MONTH.match(text, pos)
    if match:
        day = int(match["d"]) if "d" in match.re.groupindex else None
        return match.end(), CalendarDate(int(match["y"]), int(match["m"]), day)
    match = _SLASHED.match(text, pos)
    if match is None:
        return None
    day, month = int(match["a"]), int(match["b"])
    if month > 12 or (language == "en" and day <= 12):
        day, month = month, day
    return match.end(), CalendarDate(int(match["y"]), month, day)


def _read_western(text: str, pos: int, language: str) -> Found | None:
    match = _PART.match(text, pos)
    if match:
        return _part_of_year(text, match, language)
    match = _ENDING.match(text, pos)
    if match:
        return match.end(), CalendarDate(int(match["y"]) - (MONTHS[match["m"].lower()] < 4), fiscal=True)
    match = _FISCAL.match(text, pos) or _FISCAL_AFTER.match(text, pos)
    if match:
        year = int(match["y"])
        return match.end(), CalendarDate(year if year > 99 else 2000 + year, fiscal=True)
    match = _DAY_MONTH.match(text, pos)
    if match and _is_month(match["m"]):
        month, year_text = MONTHS[match["m"].lower()], match["y"]
        found = CalendarDate(int(year_text) if year_text else None, month, _digits(match["d"]))
        end = match.end()
        if match["d2"]:
            return end, CalendarDate(
                found.year, month, found.day, until=CalendarDate(found.year, month, _digits(match["d2"]))
            )
        return end, found
    match = _MONTH_DAY.match(text, pos) if language != "fr" else None
    if match and _is_month(match["m"]):
        return match.end(), CalendarDate(
            int(match["y"]) if match["y"] else None, MONTHS[match["m"].lower()], _digits(match["d"])
        )
    match = _MONTH_YEAR.match(text, pos)
    if match and not (match["y1"] and not match["m2"]):
        start = CalendarDate(int(match["y1"] or match["y"]), MONTHS[match["m"].lower()])
        if not match["m2"]:
            return match.end(), start
        return match.end(), interval(start, CalendarDate(int(match["y"]), MONTHS[match["m2"].lower()]))
    match = _MONTH_ALONE.match(text, pos)
    if match and len(match[0]) >= 3 and _is_month(match[0]) and _BEFORE_MONTH.search(text[max(0, pos - 10) : pos]):
        french = match[0].lower() in ("mars", "mai", "juin") and match[0][0].isupper() and language == "en"
        return None if french else (match.end(), CalendarDate(None, MONTHS[match[0].lower()]))
    return None


def _part_of_year(text: str, match: re.Match[str], language: str) -> Found | None:
    year = _FISCAL.match(text, match.end()) or re.compile(_YEAR).match(text, match.end())
    if year is None:
        year = _FISCAL.match(text, match.end() + 2) if text.startswith("l'", match.end()) else None
    if year is None:
        return None
    fiscal = year.re is _FISCAL
    number = int(year["y"] if fiscal else year[0])
    half, quarter = match["half"] or match["semester"], match["quarter"] or match["trimester"]
    if half or match["h"]:
        part = f"H{_ORDINALS[half.lower()] if half else match['h']}"
    elif quarter or match["q"]:
        part = f"Q{_ORDINALS[quarter.lower()] if quarter else match['q']}"
    else:
        part = SEASON_NAMES[match["season"].lower()]
    return year.end(), CalendarDate(number if number > 99 else 2000 + number, fiscal=fiscal, part=part)


def _is_month(name: str) -> bool:
    return name not in ("may", "march", "mar", "jan", "jun", "dec", "sep")


def _digits(day: str) -> int:
    return int(re.match(r"\d+", day)[0])  # type: ignore[index]


def read_year(text: str, pos: int) -> Found | None:
    """Read a bare year, or the first of two joined ones (2024–2027); before 1900 only where it is clear."""
    match = _YEAR_AT.match(text, pos) or _YEAR_RANGE.match(text, pos)
    if match is None and _BEFORE_OLD_YEAR.search(text[max(0, pos - 10) : pos]):
        match = _OLD_YEAR_AT.match(text, pos)
    if match is None and (one := _SCHOOL_YEAR.match(text, pos)) and int(one["second"]) == (int(one["first"]) + 1) % 100:
        match = one
    return (match.end(), CalendarDate(int(match[0]))) if match else None


def read_second_year(text: str, pos: int, first: int) -> Found | None:
    """Read the year that closes a range begun with `first`: 2027, or 27 in "2024-27"."""
    match = _YEAR_SECOND.match(text, pos)
    if match is None:
        return None
    year = int(match[0]) if len(match[0]) == 4 else first // 100 * 100 + int(match[0])
    return (match.end(), CalendarDate(year)) if first < year else None
