"""Dates in Japanese: 2024年5月15日, 令和6年度, 2025年3月期, 2025年度上期, 5月15日, 15日.

Eras after the Japanese calendar: Reiwa 1 = 2019, Heisei 1 = 1989, Showa 1 = 1926, Taisho 1 = 1912, Meiji 1 = 1868.
"""

import re

from assistant.calendar_date import SEASON_NAMES, CalendarDate, Found, interval
from assistant.numerals import read_japanese

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867, "R": 2018, "H": 1988}
_K = "〇零一二三四五六七八九十"
_JAPANESE = re.compile(
    rf"(?:(?P<era>令和|平成|昭和|大正|明治|(?<![A-Za-z])[RH](?=\d))[ \u00a0]?(?P<ey>元|\d{{1,2}}|[{_K}]{{1,3}})"
    rf"|(?P<y>(?:1\d|20)\d\d|[一二][〇九][{_K}]{{2}}|'?\d\d(?!\d)))[ \u00a0]?年"
    rf"(?:(?P<ending>\d{{1,2}})月期|(?P<fy>度)|[ \u00a0]?(?:\([^)]{{1,8}}\))?[ \u00a0]?(?P<m>1[0-2]|0?[1-9]"
    rf"|[{_K}]{{1,2}})[ \u00a0]?月(?:[ \u00a0]?(?P<d>\d{{1,2}}|[{_K}]{{1,3}})[ \u00a0]?日)?)?"
)
_JAPANESE_UNTIL = re.compile(r"[~–-]|から|より")
_JAPANESE_DAY = re.compile(
    rf"(?P<m>1[0-2]|[1-9]|[{_K}]{{1,2}})月(?:[ \u00a0]?(?P<d>\d{{1,2}}|[{_K}]{{1,3}})日(?!間))?(?![間額刊号])"
)
_JAPANESE_PART = re.compile(
    r"(?:の)?(?:第(?P<q>[1-4一二三四])四半期|(?P<h1>前半|上期|上半期|前期)|(?P<h2>後半|下期|下半期|後期)"
    r"|(?P<season>[春夏秋])(?![田日野]))"
)
_DAY_ALONE = re.compile(r"(?P<d>3[01]|[12]\d|[1-9])日(?![間以程前後目本米中韓系経])")
_SHORT_YEAR_NEXT = re.compile(r"[、,。にはまのかも末初春夏秋冬前後通)~–・]|$")
_SPAN_AFTER = ("前", "の歴史", "の伝統", "もの", "続", "余", "にわた")
_DURATION_BEFORE = re.compile(r"(?:約|計|今後|過去|向こう|最大|最長|最低|少なくとも|第|ここ|この|丸|毎|~|–|創業)$")


def _kanji_int(text: str) -> int:
    if text.isdecimal():
        return int(text)
    numeral = read_japanese(text, 0)
    return int(numeral.value) if numeral else 1


def read_japanese_date(text: str, pos: int) -> Found | None:
    """Read a Japanese date at `pos` of a plain text; two-digit years with 年 only where a duration is unlikely."""
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
    if not era and year < 1900 and text.startswith(_SPAN_AFTER, end):  # 1300年の歴史
        return None
    part = _JAPANESE_PART.match(text, end)
    name = ""
    if part:
        end = part.end()
        quarter = {"一": "1", "二": "2", "三": "3", "四": "4"}.get(part["q"] or "", part["q"])
        name = (
            f"Q{quarter}" if quarter else "H1" if part["h1"] else "H2" if part["h2"] else SEASON_NAMES[part["season"]]
        )
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
