"""What a question asks for: a figure (of which unit), a date (how precise), or anything else. Patterns, no model.

An answer that lacks what was asked is none, however well supported: "how many" needs a count, "which day" a day.
"""

import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from assistant.figures import Figure, find_figures

FIGURE_KINDS = ("amount", "count", "percentage", "points", "measure", "number", "duration")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer must contain.

    Attributes:
        kind: "figure", "date" or "" (anything).
        unit: canonical unit of the figure, "money" for any currency, or "" where the question leaves it open.
        day: a date must be given to the day.
    """

    kind: Literal["figure", "date", ""]
    unit: str = ""
    day: bool = False


def what_is_asked(question: str, language: str) -> Asked:
    """Read from the question what an answer must contain."""
    unit = next((unit for unit, pattern in _units() if pattern.search(question)), "")
    date = _finds("date", language, question)
    figure = _finds("figure", language, question)
    if date and not (figure and figure.start() < date.start()):
        return Asked("date", day=_finds("day", language, question) is not None)
    if unit or figure:
        if not unit and _finds("money", language, question):
            counted = re.search(
                r"\bcombien d(?:e |['’])(?!millions|milliards|yens|dollars)|\bhow many\b", question, re.IGNORECASE
            )
            unit = "" if counted else "money"
        return Asked("figure", unit)
    return Asked("")


def states_absence(text: str) -> bool:
    """Whether a sentence says that something is not known or not given: a reason to abstain, not an answer."""
    return _finds("absence", "any", text) is not None


def names_asked(question: str, language: str) -> str:
    """The kind of names a question asks for ("law", "company"), or ""."""
    return next((kind for kind in ("law", "company") if _finds(kind, language, question)), "")


def asks_yes_or_no(question: str, language: str) -> bool:
    """Whether the question can be answered by yes or no; then an answer may repeat its words."""
    return _finds("yes_or_no", language, question.strip()) is not None


def contains(asked: Asked, question: str, text: str, language: str, written_in: str = "") -> bool:
    """Whether a text holds what the question asks, other than what the question says itself.

    Args:
        asked: from `what_is_asked`.
        question: the question.
        text: an answer, or a sentence of a document.
        language: of the question.
        written_in: language of the text, where it is another one.
    """
    if not asked.kind:
        return True
    given = {figure.key for figure in find_figures(question, language)}
    return fits(asked, find_figures(text, written_in or language), given)


def fits(asked: Asked, figures: Sequence[Figure], given: Collection[tuple[str, str]]) -> bool:
    """Whether one of the figures is of the kind asked for, other than those `given` by the question (their keys)."""
    new = [figure for figure in figures if figure.key not in given]
    if asked.kind == "date":
        return any(_is_date(figure, to_the_day=asked.day) for figure in new)
    return any(figure.kind in FIGURE_KINDS and _has_unit(figure, asked.unit) for figure in new)


def _finds(name: str, language: str, text: str) -> re.Match[str] | None:
    return _patterns()[name][language].search(text)


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files("assistant") / "asked.toml").read_text(encoding="utf-8"))


@cache
def _patterns() -> dict[str, dict[str, re.Pattern[str]]]:
    return {
        name: {language: re.compile("|".join(parts), re.IGNORECASE) for language, parts in by_language.items()}
        for name, by_language in _table().items()
        if name != "units"
    }


@cache
def _units() -> list[tuple[str, re.Pattern[str]]]:
    return [(unit, re.compile("|".join(parts))) for unit, parts in _table()["units"].items()]


def _is_date(figure: Figure, *, to_the_day: bool) -> bool:
    if not figure.is_date:
        return figure.kind == "duration" and not to_the_day
    return not to_the_day or (figure.first_day is not None and figure.first_day == figure.last_day)


def _has_unit(figure: Figure, unit: str) -> bool:
    if unit == "money":
        return figure.kind == "amount"
    return not unit or figure.unit in (unit, "")
