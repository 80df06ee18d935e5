"""Questions that set two things side by side: decided by code from one cited sentence each. No model.

A small model names one of the two whatever the passages say. Nothing is decided where a value is not certain.
"""

from collections.abc import Sequence
from decimal import Decimal

from assistant import wording
from assistant.alternatives import alternatives
from assistant.asked import asks_to_compare, order_asked
from assistant.computed import citations_of
from assistant.figure_rendering import rewrite_figure
from assistant.figures import Figure, find_figures
from assistant.quoting import ScoredSentence
from assistant.records import CheckedFigure, Claim
from assistant.sides import ValueFinder, two_sides


def compared_claim(question: str, language: str, ranked: Sequence[ScoredSentence]) -> Claim | None:
    """Which of two things of the question is larger, smaller, earlier or later; None where that is not certain.

    Each value is the only one of its kind in the closest sentence that names its thing, in the sentence or in the
    headings above it, and not the other thing.
    """
    order = order_asked(question, language) if asks_to_compare(question, language) else ""
    sides = two_sides(question) if order else None
    if sides is None:
        return None
    one, two = sides
    wanted = ValueFinder(question, language, in_time=order in ("earlier", "later"))
    first, second = wanted.value_of(one, two, ranked), wanted.value_of(two, one, ranked)
    if first is None or second is None or first[0].unit != second[0].unit:
        return None
    things = alternatives(question, language)
    if things and not (things[0].is_in(first[1].with_heading) and things[1].is_in(second[1].with_heading)):
        return None  # of the same name, but of another thing of it
    where = _compare_dates if wanted.in_time else _compare_sizes
    difference = where(first[0], second[0])
    if difference is None:
        return None
    if difference > 0 if order in ("earlier", "smaller") else difference < 0:
        one, two, first, second = two, one, second, first
    text = (wording.COMPARED[order] if difference else wording.EQUAL)[language].format(
        winner=one.name,
        value=rewrite_figure(first[0], language),
        other=two.name,
        other_value=rewrite_figure(second[0], language),
    )
    shown = tuple(CheckedFigure(found.text, *found.key, "exact") for found in find_figures(text, language))
    return Claim(text, "supported", shown, citations_of([first[1], second[1]]))


def _compare_sizes(one: Figure, other: Figure) -> Decimal | None:
    return one.value - other.value


def _compare_dates(one: Figure, other: Figure) -> Decimal | None:
    """Below 0 where the first is earlier; None where one may be the other."""
    if one.first_day is None or one.last_day is None or other.first_day is None or other.last_day is None:
        return None
    if one.last_day < other.first_day:
        return Decimal(-1)
    return Decimal(1) if other.last_day < one.first_day else None
