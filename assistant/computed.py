"""Sums, differences, ratios and times between: computed from two cited sentences, operands shown. No model.

A small model adds wrongly or quotes one operand only. Nothing is computed where an operand is not certain.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from assistant import wording
from assistant.asked import asks_for_change, operation_asked
from assistant.figure_rendering import render_figure, rewrite_figure
from assistant.figure_subject import kinds_of_sum
from assistant.figures import Figure, find_figures
from assistant.names import groups_in
from assistant.quoting import ScoredSentence, quote_of
from assistant.records import CheckedFigure, Citation, Claim
from assistant.sides import ValueFinder, two_sides
from assistant.verification import cite

_KINDS = ("amount", "count", "measure", "percentage")
_CLOSEST = 3  # sentences that may hold both operands

_SIGNS = {"sum": " + ", "difference": " − ", "ratio": " ÷ ", "days": " → ", "months": " → "}
_MONTH_LETTERS = len("2024-05")
_WHOLE_RATIO = 20  # from here on tenths tell nothing

Operand = tuple[str, Figure, ScoredSentence]  # whose, how much, where it stands


def computed_claim(question: str, language: str, ranked: Sequence[ScoredSentence]) -> Claim | None:
    """The sum, difference, ratio or time between that a question asks for; None for others, or without an operand.

    The operands belong to two names of the question, each in a sentence that has this name and one figure; or they
    are the only two figures of one unit in the sentence closest to the question.
    """
    operation = operation_asked(question, language)
    if not operation:
        return None
    in_time = operation in wording.BETWEEN
    operands = _of_two(question, language, ranked, in_time=in_time)
    if not operands and operation in wording.COMPUTED:
        operands = _of_one_sentence(question, language, ranked)
    if len(operands) < 2 or len({figure.unit for _, figure, _ in operands}) > 1:
        return None
    return _claim(operation, operands, language)


def changed_claim(question: str, language: str, answering: ScoredSentence) -> Claim | None:
    """By how much a value rose or fell, where the sentence that answers gives only the two values; None for others."""
    if not asks_for_change(question, language):
        return None
    figures = [figure for figure in answering.sentence.figures if figure.kind in _KINDS]
    kind = min((figure.kind for figure in figures), key=_KINDS.index, default="")  # shares beside two sums explain them
    amounts = [figure for figure in figures if figure.kind == kind]
    if len(amounts) == 1:
        amounts = _ends(amounts[0])
    if len(amounts) != 2 or len({figure.unit for figure in amounts}) > 1 or amounts[0].value == amounts[1].value:
        return None
    return _claim("difference", [("", figure, answering) for figure in amounts], language)


def _claim(operation: str, operands: Sequence[Operand], language: str) -> Claim | None:
    (one, first, _), (other, second, _) = operands
    if operation in wording.BETWEEN:
        between = _days(first, second) if operation == "days" else _months(first, second)
        form, result = wording.BETWEEN[operation], "" if between is None else str(between)
        operands = sorted(operands, key=lambda operand: operand[1].iso)
    elif operation == "ratio":
        form, result = wording.RATIO, _rounded(first.value / second.value, language) if second.value else ""
    else:
        form = wording.COMPUTED[operation]
        value = first.value + second.value if operation == "sum" else abs(first.value - second.value)
        result = render_figure(value, first.unit, language)
        if operation == "difference":
            operands = sorted(operands, key=lambda operand: -operand[1].value)
    if not result:
        return None
    written = [(f"{name} " if name else "") + rewrite_figure(figure, language) for name, figure, _ in operands]
    shown = _SIGNS[operation].join(written)
    text = form[language].format(result=result, operands=shown, one=one, other=other)
    return Claim(text, "supported", _checked(text, language, result), citations_of([item for _, _, item in operands]))


def _ends(figure: Figure) -> list[Figure]:
    """The two values of "from 40 to 48 million", which reads like a range."""
    if figure.qualifier != "range" or figure.low is None or figure.high is None:
        return [figure]
    return [replace(figure, value=end, qualifier="", low=None, high=None) for end in (figure.low, figure.high)]


def _days(one: Figure, other: Figure) -> int | None:
    """Days between two dates that are given to the day."""
    days = [date.first_day for date in (one, other) if date.first_day is not None and date.first_day == date.last_day]
    return abs((days[0] - days[1]).days) if len(days) == 2 else None


def _months(one: Figure, other: Figure) -> int | None:
    """Months between two dates that are given at least to the month."""
    if (
        len(one.iso) < _MONTH_LETTERS
        or len(other.iso) < _MONTH_LETTERS
        or one.first_day is None
        or other.first_day is None
    ):
        return None
    first, second = one.first_day, other.first_day
    return abs((first.year - second.year) * 12 + first.month - second.month)


def _rounded(value: Decimal, language: str) -> str:
    """A ratio to two significant digits or a tenth, in the reader's notation."""
    number = f"{value:.0f}" if value >= _WHOLE_RATIO or value == int(value) else f"{value:.1f}"
    return number.replace(".", ",") if language == "fr" else number


def _of_two(question: str, language: str, ranked: Sequence[ScoredSentence], *, in_time: bool) -> list[Operand]:
    sides = two_sides(question)
    if sides is None:
        return []
    finder = ValueFinder(question, language, in_time=in_time, any_unit=True)
    found = [(one, finder.value_of(one, other, ranked)) for one, other in (sides, sides[::-1])]
    return [(side.name, *value) for side, value in found if value is not None]


def _of_one_sentence(question: str, language: str, ranked: Sequence[ScoredSentence]) -> list[Operand]:
    """The two figures of one unit in the closest sentence that gives two; of sums, in one that speaks of no others."""
    asked, sums = groups_in(question), kinds_of_sum(question)
    for item in ranked[:_CLOSEST]:
        figures = [figure for figure in item.sentence.figures if figure.kind in _KINDS]
        if len(figures) != 2 or figures[0].unit != figures[1].unit:
            continue
        if asked and not asked & groups_in(item.sentence.text):
            continue
        if figures[0].kind == "amount" and sums and kinds_of_sum(item.sentence.text) != sums:
            continue
        return [("", figure, item) for figure in figures]
    return []


def _checked(text: str, language: str, shown: str) -> tuple[CheckedFigure, ...]:
    return tuple(
        CheckedFigure(figure.text, *figure.key, "derived" if figure.text in shown else "exact")
        for figure in find_figures(text, language)
    )


def citations_of(items: Sequence[ScoredSentence]) -> tuple[Citation, ...]:
    """The citations of sentences, numbered in their order; a sentence is cited once."""
    citations: list[Citation] = []
    for item in items:
        passage = item.hit.passage
        citation = cite(len(citations) + 1, passage, quote_of([item.sentence], passage))
        if all((citation.document_id, citation.start) != (other.document_id, other.start) for other in citations):
            citations.append(citation)
    return tuple(citations)
