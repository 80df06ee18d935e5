"""Does the evidence bear a claimed figure? Exact, rounded, derived by shown arithmetic, in conflict, or not found.

Strict on purpose: a wrong figure called supported costs more than a right one called "not found".
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, pairwise

from assistant.counted_things import DEVICES, GENERIC
from assistant.figure_dates import compare_dates
from assistant.figure_records import Figure, Verdict
from assistant.figure_rendering import render_figure

_MOST_OPERANDS = 12
_NEAR_CHARACTERS = 40
_ABOUT_SHARE = Decimal("0.05")
_BOUNDS = {"at least": 1, "more than": 1, "up to": -1}
_SUMMED = frozenset({"amount", "count", "measure"})
_RATIO_UNIT = {"percentage": " %", "measure": " times"}
_NOT_FOUND = Verdict("not found")


def compare(claim: Figure, evidence: Sequence[Figure]) -> Verdict:
    """Compare a claimed figure with the figures of its evidence, in the order of the text.

    - "exact": the same value in the same unit. A bare number agrees with any thing counted, a generic counter
      (件, items) with any other, 台/基 with any machine. An end of an evidence range is exact with a note.
    - "rounds to": the evidence rounds to the claim at the claim's last digit; within 5 % for "about"; cut off to the
      claim's digits for "more than"; a date inside the claimed month, year or fiscal year.
    - "derived": sum or difference of two amounts, sum of neighbours, count × size where they stand together, share,
      change in percent or multiple of two amounts; only with enough digits that chance is unlikely. The operands are
      the verdict's evidence.
    - "conflict": same number in another currency or unit, same digits at another scale, "up to" against "at least",
      another day or year of the same date, a calendar year against the fiscal year of the same number.
    - "not found": none of these. An ordinal claims nothing: "exact", without evidence.
    """
    if claim.kind == "ordinal":
        return Verdict("exact", note="an ordinal is not checked")
    if claim.is_date:
        return compare_dates(claim, [figure for figure in evidence if figure.is_date])
    claim = _in_base_units(claim)
    given = [_in_base_units(figure) for figure in evidence if not figure.is_date and figure.kind != "ordinal"]
    original = {
        id(new): old
        for new, old in zip(given, (f for f in evidence if not f.is_date and f.kind != "ordinal"), strict=True)
    }
    same = [figure for figure in given if _comparable(claim, figure)]
    steps = (
        _exact(claim, same),
        _rounded(claim, same),
        _conflict(claim, given, same),
        _derived(claim, given),
        _scale_conflict(claim, same, 1),
    )
    for verdict in steps:
        if verdict:
            return replace(verdict, evidence=tuple(original[id(figure)] for figure in verdict.evidence))
    return _NOT_FOUND


def _in_base_units(figure: Figure) -> Figure:
    if figure.kind != "duration" or figure.unit != "year":
        return figure
    scale = Decimal(12)
    low, high = (bound if bound is None else bound * scale for bound in (figure.low, figure.high))
    return replace(figure, value=figure.value * scale, unit="month", low=low, high=high, step=figure.step * scale)


def _comparable(claim: Figure, figure: Figure) -> bool:
    if claim.unit == figure.unit:
        return claim.kind == figure.kind or {claim.kind, figure.kind} <= {"count", "number"}
    kinds = {claim.kind, figure.kind}
    if kinds <= {"count", "number"}:
        both = {claim.unit, figure.unit}
        return bool(both & GENERIC) or ("device" in both and both <= DEVICES)
    bare = claim if claim.kind == "number" else figure
    return bare.kind == "number" and kinds == {"number", "amount"} and bare.value >= 10**6


def _ends(figure: Figure) -> tuple[Decimal, ...]:
    return (figure.value, figure.high) if figure.qualifier == "range" and figure.high is not None else (figure.value,)


def _exact(claim: Figure, same: Sequence[Figure]) -> Verdict | None:
    against = None
    for figure in same:
        if claim.qualifier == "range":
            if _ends(claim) == _ends(figure):
                return Verdict("exact", (figure,))
            continue
        if claim.value not in _ends(figure):
            continue
        if _BOUNDS.get(claim.qualifier, 0) * _BOUNDS.get(figure.qualifier, 0) < 0:
            against = Verdict("conflict", (figure,), f"{claim.qualifier} against {figure.qualifier}")
            continue
        note = f"the evidence says {figure.qualifier}" if figure.qualifier not in ("", claim.qualifier) else ""
        return Verdict("exact", (figure,), "an end of the range" if figure.qualifier == "range" else note)
    return against


def _rounded(claim: Figure, same: Sequence[Figure]) -> Verdict | None:
    for figure in same:
        ends = _ends(figure)
        if claim.qualifier == "range":
            if claim.high is not None and len(ends) == 1 and claim.value <= ends[0] <= claim.high:
                return Verdict("rounds to", (figure,), f"{_show(figure)} is within the range")
        elif len(ends) == 1 and _rounds(ends[0], claim):
            return Verdict("rounds to", (figure,), f"{_show(figure)} rounds to {_show(claim)}")
    return None


def _rounds(value: Decimal, claim: Figure) -> bool:
    half = claim.step / 2
    if claim.qualifier in ("more than", "at least"):
        digit = _last_digit(claim.value)
        return value > claim.value and value // digit * digit == claim.value
    if claim.qualifier == "about":
        half = max(half, min(_last_digit(claim.value) / 2, abs(claim.value) * _ABOUT_SHARE))
    return claim.value - half <= value <= claim.value + half


def _last_digit(value: Decimal) -> Decimal:
    """Worth of one unit of the last digit that is not zero: 10⁹ for 114 billion."""
    exponent = value.normalize().as_tuple().exponent
    return Decimal(1).scaleb(exponent) if isinstance(exponent, int) else Decimal(1)


def _digits(value: Decimal) -> int:
    return len(value.normalize().as_tuple().digits)


def _conflict(claim: Figure, given: Sequence[Figure], same: Sequence[Figure]) -> Verdict | None:
    for figure in given:
        if figure in same or claim.value not in _ends(figure):
            continue
        if claim.kind == figure.kind or {claim.kind, figure.kind} == {"percentage", "points"}:
            return Verdict("conflict", (figure,), f"same number, {figure.unit} instead of {claim.unit}")
    return _scale_conflict(claim, same, 2)


def _scale_conflict(claim: Figure, same: Sequence[Figure], least_digits: int) -> Verdict | None:
    if claim.qualifier == "range" or claim.value == 0 or _digits(claim.value) < least_digits:
        return None
    for figure in same:
        if any(
            end != 0 and _digits(ratio := end / claim.value) == 1 and ratio.normalize().as_tuple().digits == (1,)
            for end in _ends(figure)
        ):
            return Verdict("conflict", (figure,), "same digits, another scale")
    return None


def _derived(claim: Figure, given: Sequence[Figure]) -> Verdict | None:
    if claim.qualifier == "range":
        return None
    if claim.kind == "percentage" or claim.unit == "times":
        return _ratio(claim, given)
    usable = [figure for figure in given if figure.qualifier != "range"][: 2 * _MOST_OPERANDS]
    terms = [figure for figure in usable if figure.unit == claim.unit and figure.kind == claim.kind][:_MOST_OPERANDS]
    digits = _digits(claim.value)
    if claim.kind not in _SUMMED or not (digits >= 3 or (digits == 2 and claim.kind == "amount" and len(terms) <= 4)):
        return _product(claim, usable) if claim.kind in _SUMMED and claim.value >= 100 else None
    for operands, value, sign in _sums(terms):
        if _agrees(value, claim, operands):
            written = f" {sign} ".join(_show(figure) for figure in operands)
            return Verdict("derived", operands, f"{written} = {render_figure(value, claim.unit, 'en')}")
    return _product(claim, usable)


def _sums(terms: Sequence[Figure]) -> Iterator[tuple[tuple[Figure, ...], Decimal, str]]:
    for one, two in combinations(terms, 2):
        yield (one, two), one.value + two.value, "+"
        larger, smaller = (one, two) if one.value >= two.value else (two, one)
        yield (larger, smaller), larger.value - smaller.value, "-"
    for length in range(3, len(terms) + 1):
        for first in range(len(terms) - length + 1):
            run = tuple(terms[first : first + length])
            yield run, sum((figure.value for figure in run), Decimal(0)), "+"


def _agrees(value: Decimal, claim: Figure, operands: Sequence[Figure]) -> bool:
    """Equal, or equal once rounded to the claim's last digit where an operand is finer than that."""
    finer = min(figure.step for figure in operands) < claim.step
    return value == claim.value or (finer and abs(value - claim.value) <= claim.step / 2 and _digits(claim.value) >= 3)


def _product(claim: Figure, usable: Sequence[Figure]) -> Verdict | None:
    """Count × size of each, where the two stand next to each other: 100 nodes with eight GPUs each."""
    for one, two in pairwise(usable):
        if not 0 <= two.start - one.end <= _NEAR_CHARACTERS or min(one.value, two.value) < 2:
            continue
        kinds, units = {one.kind, two.kind}, {one.unit, two.unit}
        if "count" in kinds and claim.unit in units and len(units) == 2 and one.value * two.value == claim.value:
            return Verdict(
                "derived", (one, two), f"{_show(one)} × {_show(two)} = {render_figure(claim.value, claim.unit, 'en')}"
            )
    return None


def _ratio(claim: Figure, given: Sequence[Figure]) -> Verdict | None:
    """A share, a change in percent, or a multiple, of two figures in one unit: 30 to 60 is "doubled" and +100 %.

    With fewer than three digits chance would find a pair among many figures: then only of the two that there are.
    """
    parts = [figure for figure in given if figure.kind in _SUMMED and figure.unit not in ("", "times")]
    ends = [(end, figure) for figure in parts for end in _ends(figure) if end > 0][:_MOST_OPERANDS]
    if _digits(claim.value) < 3 and len(ends) > 2:
        return None
    for (one, first), (two, second) in combinations(ends, 2):
        if first.unit != second.unit or first.kind != second.kind or one == two:
            continue
        small, large = sorted((one, two))
        values = [large / small] if claim.unit == "times" else [100 * small / large, 100 * abs(two - one) / one]
        for value in values:
            if abs(value - claim.value) <= claim.step / 2 or _rounds(value, claim):
                operands = (first,) if first is second else (first, second)
                written = " and ".join(_show(figure) for figure in operands)
                return Verdict("derived", operands, f"{written}: {value:.4g}{_RATIO_UNIT[claim.kind]}")
    return None


def _show(figure: Figure) -> str:
    return figure.text.strip()
