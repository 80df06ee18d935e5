"""A date as far as a text gives it: year, fiscal year, part of a year, month, day, interval."""

import calendar
import datetime
from dataclasses import dataclass

Found = tuple[int, "CalendarDate"]
"""End of a date in the text, and the date."""


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
            begin, end = CalendarDate(self.year, self.month, self.day).days(), self.until.days()
            return (begin[0], end[1]) if begin and end else None
        if self.day and self.month:
            day = datetime.date(self.year, self.month, self.day)
            return day, day
        start, months = self.month or (4 if self.fiscal else 1), 1 if self.month else 12
        if self.part:
            start, months = _part_months(self.part, start)
        first_month, last_month = start - 1, start + months - 2  # counted from January of the year as 0
        end_year, end_month = self.year + last_month // 12, last_month % 12 + 1
        return (
            datetime.date(self.year + first_month // 12, first_month % 12 + 1, 1),
            datetime.date(end_year, end_month, calendar.monthrange(end_year, end_month)[1]),
        )


SEASON_NAMES = {
    "spring": "spring", "summer": "summer", "autumn": "autumn", "fall": "autumn", "printemps": "spring",
    "été": "summer",
    "automne": "autumn", "春": "spring", "夏": "summer", "秋": "autumn",
}  # fmt: skip
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9}


def _part_months(part: str, start: int) -> tuple[int, int]:
    if part in _SEASONS:
        return _SEASONS[part], 3
    number, length = int(part[1]), 6 if part[0] == "H" else 3
    return start + (number - 1) * length, length


def interval(start: CalendarDate, until: CalendarDate) -> CalendarDate:
    """Join two dates; April to the March after it is a fiscal year."""
    a_year_on = start.year is not None and until.year == start.year + 1
    if a_year_on and (start.month, until.month) == (4, 3) and (start.day, until.day) in ((None, None), (1, 31)):
        return CalendarDate(start.year, fiscal=True)
    return CalendarDate(start.year, start.month, start.day, until=until)
