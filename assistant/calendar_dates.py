"""Dates, years and fiscal years in French, English and Japanese, era years included.

A fiscal year is Japan's: FY2024 runs from 1 April 2024 to 31 March 2025. Eras after the Japanese calendar:
Reiwa 1 = 2019, Heisei 1 = 1989, Showa 1 = 1926.
"""

import calendar
import datetime
import re
from dataclasses import dataclass

from assistant.numerals import read_japanese


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """A date as far as it is given; `part` is "H1".."H2", "Q1".."Q4", a season or ""; `until` ends an interval."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    fiscal: bool = False
    part: str = ""
    until: "CalendarDate | None" = None

    @property
    def kind(self) -> str:
        """Kind of figure: "date", "year" or "fiscal_year"."""
        if self.month or self.day or self.part or self.until:
            return "date"
        return "fiscal_year" if self.fiscal else "year"

    @property
    def iso(self) -> str:
        """The date as `Figure.iso` describes it."""
        if self.until:
            return f"{CalendarDate(self.year, self.month, self.day).iso}/{self.until.iso}"
        if self.year is None:
            return f"--{self.month:02}" + (f"-{self.day:02}" if self.day else "") if self.month else f"---{self.day:02}"
        text = f"FY{self.year:04}" if self.fiscal else f"{self.year:04}"
        for number in (self.month, self.day):
            text += f"-{number:02}" if number else ""
        return text + (f"-{self.part}" if self.part else "")

    def days(self) -> tuple[datetime.date, datetime.date] | None:
        """First and last day; None without a year."""
        if self.year is None:
            return None
        if self.until:
            first, last = CalendarDate(self.year, self.month, self.day).days(), self.until.days()
            return (first[0], last[1]) if first and last else None
        if self.day and self.month:
            day = datetime.date(self.year, self.month, self.day)
            return day, day
        start, months = self.month or (4 if self.fiscal else 1), 1 if self.month else 12
        if self.part:
            start, months = _part_months(self.part, start)
        year, last = self.year + (start - 1) // 12, start - 1 + months - 1
        end_year, end_month = self.year + last // 12, last % 12 + 1
        return (
            datetime.date(year, (start - 1) % 12 + 1, 1),
            datetime.date(end_year, end_month, calendar.monthrange(end_year, end_month)[1]),
        )


_SEASONS = {"spring": 3, "summer": 6, "autumn": 9}


def _part_months(part: str, start: int) -> tuple[int, int]:
    if part in _SEASONS:
        return _SEASONS[part], 3
    number, length = int(part[1]), 6 if part[0] == "H" else 3
    return start + (number - 1) * length, length


_MONTH_NAMES = (
    "january janvier jan janv|february février fevrier feb févr fév|march mars mar|april avril apr avr|may mai|june juin jun"
    "|july juillet jul juil|august août aout aug|september septembre sep sept|october octobre oct|november novembre nov"
    "|december décembre decembre dec déc"
)
MONTHS = {name: i for i, names in enumerate(_MONTH_NAMES.split("|"), 1) for name in names.split()}
_MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")(?![\w])"
_YEAR = r"(?:19|20)\d\d(?![\d.,]\d|\d)"
_TO = r"[ ]?(?:–|-|~)[ ]?|[ ](?:to|au|à|and|et)[ ]"
_SP = "[ \u00a0]"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|er)?"
_DAY_MONTH = re.compile(
    rf"(?P<d>{_DAY})(?:(?:{_TO})(?P<d2>{_DAY}))?(?:{_SP}of)?(?:{_SP}|-)?(?P<m>{_MONTH})\.?(?:,?{_SP}(?P<y>{_YEAR}))?", re.IGNORECASE
)
_MONTH_DAY = re.compile(rf"(?P<m>{_MONTH})\.?{_SP}(?P<d>{_DAY})(?![\d:%]|[.,]\d)(?:,?{_SP}(?P<y>{_YEAR}))?", re.IGNORECASE)
_MONTH_YEAR = re.compile(
    rf"(?P<m>{_MONTH})\.?(?:{_SP}?(?P<y1>{_YEAR}))?(?:(?:{_TO})(?P<m2>{_MONTH})\.?)?,?(?:{_SP}(?:of|de))?{_SP}(?P<y>{_YEAR})", re.IGNORECASE
)
_MONTH_ALONE = re.compile(rf"{_MONTH}", re.IGNORECASE)
_BEFORE_MONTH = re.compile(
    r"(?:\b(?:in|since|until|by|early|late|of|last|this|next|during|from|before|after|en|de|depuis|dès|début|fin|courant|avant|après)[ \u00a0]|\bmid-|\bmi-|d')$",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(?P<y>(?:19|20)\d\d)([-/.])(?P<m>1[0-2]|0?[1-9])\2(?P<d>3[01]|[12]\d|0?[1-9])(?![\d]|[.,]\d)")
_ISO_MONTH = re.compile(r"(?P<y>20\d\d)-(?P<m>1[0-2]|0[1-9])(?![\d-])")
_SLASHED = re.compile(r"(?P<a>\d{1,2})([/.])(?P<b>\d{1,2})\2(?P<y>(?:19|20)\d\d)(?!\d)")
_ENDING = re.compile(
    rf"(?:fiscal year|year|exercice|année fiscale){_SP}(?:ended|ending|that ends|clos|se terminant|achevé)(?:{_SP}(?:in|en|fin|on|le))?(?:{_SP}31)?{_SP}(?P<m>{_MONTH})(?:{_SP}31,?)?{_SP}(?P<y>{_YEAR})",
    re.IGNORECASE,
)
_FISCAL = re.compile(
    r"(?:FY|fiscal year|fiscal|exercice(?:s)?(?: fiscal| budgétaire| comptable)?|année (?:fiscale|budgétaire))(?:[ \u00a0-]|'|de[ \u00a0])?(?P<y>(?:19|20)\d\d|\d\d)"
    r"(?:[-/–](?:20)?\d\d)?(?!\d)",
    re.IGNORECASE,
)
_FISCAL_AFTER = re.compile(rf"(?P<y>{_YEAR}){_SP}(?:fiscal year|financial year|FY)\b", re.IGNORECASE)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "premier": 1, "1er": 1, "deuxième": 2,
             "2e": 2, "troisième": 3, "3e": 3, "quatrième": 4, "4e": 4}  # fmt: skip
_PART = re.compile(
    r"(?:(?P<half>first|second|1st|2nd)[ -]half|(?P<semester>premier|1er|second|deuxième|2e)[ \u00a0]semestre|H(?P<h>[12])"
    r"|(?P<quarter>first|second|third|fourth|1st|2nd|3rd|4th)[ -]quarter|(?P<trimester>premier|1er|deuxième|2e|troisième|3e|quatrième|4e)[ \u00a0]trimestre"
    r"|[QT](?P<q>[1-4])|(?P<season>spring|summer|autumn|fall|printemps|été|automne))"
    r"(?:[ \u00a0](?:of|de|du|d'))?(?:[ \u00a0]?(?:the|l'))?[ \u00a0-]?(?=FY|fiscal|exercice|année|l'exercice|(?:19|20)\d\d)",
    re.IGNORECASE,
)
_SEASON_NAMES = {"spring": "spring", "summer": "summer", "autumn": "autumn", "fall": "autumn", "printemps": "spring", "été": "summer",
                 "automne": "autumn", "春": "spring", "夏": "summer", "秋": "autumn"}  # fmt: skip
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988}
_K = "〇零一二三四五六七八九十"
_JAPANESE = re.compile(
    rf"(?:(?P<era>令和|平成|昭和|(?<![A-Za-z])[RH](?=\d))[ \u00a0]?(?P<ey>元|\d{{1,2}}|[{_K}]{{1,3}})|(?P<y>(?:19|20)\d\d|[一二][〇九][{_K}]{{2}}|'?\d\d(?!\d)))[ \u00a0]?年"
    rf"(?:(?P<ending>\d{{1,2}})月期|(?P<fy>度)|[ \u00a0]?(?:\([^)]{{1,8}}\))?[ \u00a0]?(?P<m>1[0-2]|0?[1-9]|[{_K}]{{1,2}})[ \u00a0]?月(?:[ \u00a0]?(?P<d>\d{{1,2}}|[{_K}]{{1,3}})[ \u00a0]?日)?)?"
)
_JAPANESE_UNTIL = re.compile(r"[~–-]|から|より")
_JAPANESE_DAY = re.compile(rf"(?P<m>1[0-2]|[1-9]|[{_K}]{{1,2}})月(?:[ \u00a0]?(?P<d>\d{{1,2}}|[{_K}]{{1,3}})日(?!間))?(?![間額刊号])")
_JAPANESE_PART = re.compile(
    r"(?:の)?(?:第(?P<q>[1-4一二三四])四半期|(?P<h1>前半|上期|上半期|前期)|(?P<h2>後半|下期|下半期|後期)|(?P<season>[春夏秋])(?![田日野]))"
)
_DAY_ALONE = re.compile(r"(?P<d>3[01]|[12]\d|[1-9])日(?![間以程前後目本米中韓系経])")
_SHORT_YEAR_NEXT = re.compile(r"[、,。にはまのかも末初春夏秋冬前後通)~–・]|$")
_DURATION_BEFORE = re.compile(r"(?:約|計|今後|過去|向こう|最大|最長|最低|少なくとも|第|ここ|この|丸|毎|~|–|創業)$")
_YEAR_AT = re.compile(rf"{_YEAR}(?![\w%$€¥+]|-\d)")
_YEAR_RANGE = re.compile(r"(?P<y>(?:19|20)\d\d)(?=[-–/~](?:(?:19|20)\d\d|\d\d)(?![\d.,%]|[ \u00a0]?[A-Za-z]))")
_YEAR_SECOND = re.compile(r"(?:(?:19|20)\d\d|\d\d)(?!\d)")
Found = tuple[int, CalendarDate]


def _kanji_int(text: str) -> int:
    if text.isdecimal():
        return int(text)
    numeral = read_japanese(text, 0)
    return int(numeral.value) if numeral else 1


def _valid(found: CalendarDate) -> bool:
    try:
        found.days()
    except ValueError:
        return False
    return 1 <= (found.month or 1) <= 12 and 1 <= (found.day or 1) <= 31


def read_date(text: str, pos: int, language: str) -> Found | None:
    """Read a date, a fiscal year or a part of a year at `pos` of a plain text: (end, date). Bare years are `read_year`'s.

    Slashed dates are day first in French and undetermined texts, month first in English unless the second number
    exceeds 12. Two-digit years belong to this century.
    """
    char = text[pos]
    readers = (_read_numeric, _read_japanese, _read_western) if char.isdigit() else (_read_western, _read_japanese)
    for reader in readers:
        found = reader(text, pos, language)
        if found and _valid(found[1]):
            return found
    return None


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


def _read_japanese(text: str, pos: int, language: str) -> Found | None:
    match = _JAPANESE.match(text, pos)
    if match:
        found = _japanese_year(text, match)
        if found:
            return found
    match = _JAPANESE_DAY.match(text, pos)
    if match and text[pos - 1 : pos] not in ("数", "何", "か", "ヶ", "カ"):
        day = _kanji_int(match["d"]) if match["d"] else None
        return match.end(), CalendarDate(None, _kanji_int(match["m"]), day)
    match = _DAY_ALONE.match(text, pos)
    return (match.end(), CalendarDate(None, None, int(match["d"]))) if match else None


def _japanese_year(text: str, match: re.Match[str]) -> Found | None:
    era, written = match["era"], (match["ey"] or match["y"]).lstrip("'")
    if era:
        year = _ERAS[era] + (1 if written == "元" else _kanji_int(written))
    elif written.isdecimal():
        year = int(written) if len(written) == 4 else 2000 + int(written)
    else:
        year = _kanji_int(written)
    if not era and len(written) == 2 and not (match["fy"] or match["m"] or match["ending"]):
        before, after = text[max(0, match.start() - 4) : match.start()], text[match.end() : match.end() + 1]
        if not (15 <= int(written) <= 49) or _DURATION_BEFORE.search(before) or not _SHORT_YEAR_NEXT.match(after):
            return None
        if text.startswith(("まで", "から", "前"), match.end()) and int(written) in (15, 20, 30, 40):
            return None
    if match["ending"]:
        return match.end(), CalendarDate(year - (int(match["ending"]) < 4), fiscal=True)
    end = match.end()
    if match["m"]:
        day = _kanji_int(match["d"]) if match["d"] else None
        return _japanese_until(text, end, CalendarDate(year, _kanji_int(match["m"]), day))
    if text.startswith("代", end) or (not era and text.startswith(("間", "以上", "債"), end)):
        return None
    part = _JAPANESE_PART.match(text, end)
    name = ""
    if part:
        end = part.end()
        quarter = {"一": "1", "二": "2", "三": "3", "四": "4"}.get(part["q"] or "", part["q"])
        name = f"Q{quarter}" if quarter else "H1" if part["h1"] else "H2" if part["h2"] else _SEASON_NAMES[part["season"]]
    return end, CalendarDate(year, fiscal=bool(match["fy"]), part=name)


def _japanese_until(text: str, end: int, start: CalendarDate) -> Found:
    joint = _JAPANESE_UNTIL.match(text, end)
    match = _JAPANESE.match(text, joint.end()) if joint else None
    until = None
    if joint and match and match["m"] and start.year:
        found = _japanese_year(text, match)
        until = found[1] if found and not found[1].until else None
        end_of = found[0] if found else end
    elif joint:
        month = _JAPANESE_DAY.match(text, joint.end())
        if month and start.year and (start.day is None) == (month["d"] is None):
            until = CalendarDate(start.year, _kanji_int(month["m"]), _kanji_int(month["d"]) if month["d"] else None)
            end_of = month.end()
    return (end_of, interval(start, until)) if until else (end, start)


def interval(start: CalendarDate, until: CalendarDate) -> CalendarDate:
    """Join two dates; April to the March after it is a fiscal year."""
    if start.year and until.year == start.year + 1 and (start.month, until.month) == (4, 3):
        if (start.day, until.day) in ((None, None), (1, 31)):
            return CalendarDate(start.year, fiscal=True)
    return CalendarDate(start.year, start.month, start.day, until=until)


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
            return end, CalendarDate(found.year, month, found.day, until=CalendarDate(found.year, month, _digits(match["d2"])))
        return end, found
    match = _MONTH_DAY.match(text, pos) if language != "fr" else None
    if match and _is_month(match["m"]):
        return match.end(), CalendarDate(int(match["y"]) if match["y"] else None, MONTHS[match["m"].lower()], _digits(match["d"]))
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
        part = _SEASON_NAMES[match["season"].lower()]
    return year.end(), CalendarDate(number if number > 99 else 2000 + number, fiscal=fiscal, part=part)


def _is_month(name: str) -> bool:
    return name not in ("may", "march", "mar", "jan", "jun", "dec", "sep")


def _digits(day: str) -> int:
    return int(re.match(r"\d+", day)[0])  # type: ignore[index]


def read_year(text: str, pos: int) -> Found | None:
    """Read a bare year, 1900 to 2099, or the first of two joined ones (2024–2027, 2023-24)."""
    match = _YEAR_AT.match(text, pos) or _YEAR_RANGE.match(text, pos)
    return (match.end(), CalendarDate(int(match[0]))) if match else None


def read_second_year(text: str, pos: int, first: int) -> Found | None:
    """Read the year that closes a range begun with `first`: 2027, or 27 in "2024-27"."""
    match = _YEAR_SECOND.match(text, pos)
    if match is None:
        return None
    year = int(match[0]) if len(match[0]) == 4 else first // 100 * 100 + int(match[0])
    return (match.end(), CalendarDate(year)) if first < year else None
