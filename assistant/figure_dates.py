"""Comparison of dates: the same day, a less precise one, a conflict, or a year completed from another figure."""

from collections.abc import Sequence

from assistant.figure_records import Figure, Verdict


def compare_dates(claim: Figure, dates: Sequence[Figure]) -> Verdict:
    """Compare a claimed date with the dates of the evidence.

    A claimed time that holds a date of the evidence is less precise but true ("rounds to"); one that is more precise
    than all evidence is not found. FY2024 and the calendar year 2024 are different times with the same number: a
    conflict, unless the evidence has the claimed one, too. A date without a year agrees with that day of any year; a
    year that the evidence gives just before (else just after) completes its day and month ("derived").
    """
    for figure in dates:
        if figure.iso == claim.iso:
            return Verdict("exact", (figure,))
    for figure in dates:
        if claim.iso in figure.iso.split("/"):
            return Verdict("exact", (figure,), "an end of the range")
    for figure in dates:
        if _holds(claim, figure):
            return Verdict("rounds to", (figure,), f"{figure.text} is within {claim.text}")
    completed = _completed(claim, dates)
    if completed:
        return Verdict("derived", completed, "day and month with the year given elsewhere")
    for figure in dates:
        note = _differs(claim, figure)
        if note:
            return Verdict("conflict", (figure,), note)
    return Verdict("not found")


def _holds(claim: Figure, figure: Figure) -> bool:
    if claim.first_day and claim.last_day:
        if not (figure.first_day and figure.last_day):
            return False
        return claim.first_day <= figure.first_day and figure.last_day <= claim.last_day
    if "/" in claim.iso or "/" in figure.iso or figure.kind == "fiscal_year":
        return False
    _, month, day = _fields(claim)
    _, other_month, other_day = _fields(figure)
    return month in ("", other_month) and day in ("", other_day) and bool(other_month or other_day)


def _fields(figure: Figure) -> tuple[str, str, str]:
    """Year, month and day as text, "" where not given; a part of a year counts as neither."""
    if "/" in figure.iso or figure.kind == "fiscal_year" or not figure.iso.replace("-", "").isdecimal():
        return figure.iso, "", ""
    if figure.iso.startswith("---"):
        return "", "", figure.iso[3:]
    if figure.iso.startswith("--"):
        month, _, day = figure.iso[2:].partition("-")
        return "", month, day
    year, month, day = [*figure.iso.split("-"), "", ""][:3]
    return year, month, day


def _completed(claim: Figure, dates: Sequence[Figure]) -> tuple[Figure, ...] | None:
    year, month, day = _fields(claim)
    if not (year and month):
        return None
    for i, figure in enumerate(dates):
        if figure.first_day or "/" in figure.iso:
            continue
        source = _nearest_year(dates, i)
        if source and _fields(source)[0] == year:
            other = _fields(figure)
            if (other[1] or _fields(source)[1], other[2]) == (month, day):
                return figure, source
    return None


def _nearest_year(dates: Sequence[Figure], i: int) -> Figure | None:
    """The date with a year that readers take to complete `dates[i]`: the last one before it, else the next one."""
    before = (figure for figure in reversed(dates[:i]) if figure.first_day)
    return next(before, None) or next((figure for figure in dates[i + 1 :] if figure.first_day), None)


def _differs(claim: Figure, figure: Figure) -> str:
    if {claim.kind, figure.kind} == {"year", "fiscal_year"} and claim.value == figure.value:
        return "calendar year against fiscal year"
    mine, other = _fields(claim), _fields(figure)
    if mine[1] and mine[1:] == other[1:] and mine[0] and other[0]:
        return "same day and month of another year" if mine[2] else "same month of another year"
    if mine[2] and other[2] and mine[:2] == other[:2]:
        return "another day of the same month"
    return ""
