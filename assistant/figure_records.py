"""The records of the figure reader: what was read, and what a comparison found."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal

DATE_KINDS = frozenset({"date", "year", "fiscal_year"})
_IN_MONTHS = {"year": ("month", 12), "month": ("month", 1)}


def plain_decimal(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros: 1.1460E+11 gives "114600000000"."""
    if value == value.to_integral_value():
        return f"{value.to_integral_value():f}"
    return f"{value:f}".rstrip("0")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as it stands in a text, with its canonical value.

    Attributes:
        text: the characters `start:end` of the text that was read, verbatim. Words such as "about" stay outside.
        start: offset of the first character.
        end: offset after the last character.
        kind: "amount", "count", "percentage", "points", "date", "fiscal_year", "year", "duration", "measure",
            "number" (no unit was found) or "ordinal" (a rank, an article: nothing to verify).
        value: canonical value in `unit`, scale applied. The low end of a range; the year of a "year" or
            "fiscal_year"; 0 for a "date", whose value is `iso`.
        unit: ISO 4217 code of a currency; "percent", "points", "times"; "FLOPS", "W", "Wh", "m", "m2", "byte",
            "bit/s" and so on; "year", "month", "day", "hour", "minute", "second"; the thing counted in the singular
            ("GPU", "company", "person"; "device" where Japanese names only a machine counter, "item" for a thing of
            any sort); "date", "year", "fiscal_year"; or "".
        low: smallest value that the notation allows (half a unit of the last digit given; the low end of a range);
            None where there is no lower bound ("up to") and for dates.
        high: largest such value; None where there is no upper bound ("at least", "more than") and for dates.
        qualifier: "", "about", "up to", "at least", "more than" or "range".
        iso: for dates "2024-05-15", "2024-05", "2024", "FY2024", "2025-H1", "FY2025-Q3", "2025-spring",
            "2024-04/2024-05"; without a year "--05-15", "--05", "---15". Else "".
        first_day: first day of the time a date covers (a fiscal year is Japan's: 1 April to 31 March); None without
            a year, and for other kinds.
        last_day: last day of that time.
        step: what one unit of the last digit given is worth (0.1 billion in "114.6 billion").

    """

    text: str
    start: int
    end: int
    kind: str
    value: Decimal
    unit: str
    low: Decimal | None = None
    high: Decimal | None = None
    qualifier: str = ""
    iso: str = ""
    first_day: datetime.date | None = None
    last_day: datetime.date | None = None
    step: Decimal = Decimal(0)

    @property
    def is_date(self) -> bool:
        """Whether the value is `iso` rather than `value`."""
        return self.kind in DATE_KINDS

    @property
    def key(self) -> tuple[str, str]:
        """Canonical (value, unit), equal for all notations of one value; years in months, a range as "20..30"."""
        if self.is_date:
            return self.iso, "date"
        unit, factor = _IN_MONTHS.get(self.unit, (self.unit, 1)) if self.kind == "duration" else (self.unit, 1)
        value = plain_decimal(self.value * factor)
        if self.qualifier == "range" and self.high is not None:
            value += f"..{plain_decimal(self.high * factor)}"
        return value, unit


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison of one claimed figure with the figures of its evidence found.

    Attributes:
        verdict: "exact", "rounds to" (true but less precise), "derived" (computed from `evidence`), "conflict" (the
            evidence has the same number with another currency, unit, scale or date) or "not found".
        evidence: the matching figures; the operands, in order, of a derived one; empty for "not found".
        note: one line for people, in English: the computation, or what differs.

    """

    verdict: str
    evidence: tuple[Figure, ...] = field(default=())
    note: str = ""

    @property
    def supported(self) -> bool:
        """Whether the evidence bears the claim."""
        return self.verdict in {"exact", "rounds to", "derived"}
