"""Where sources disagree: figures of the same kind, for the same thing, with different values. Pure functions.

Both values belong in an answer, with their dates, newest first, and never averaged. Two statements are about the same
thing when they share a name and most of what they say else; a figure for another year, a part of the other one, or the
same value less precisely is no disagreement.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from assistant.figures import Figure, compare, find_figures, spelled_numbers
from assistant.names import NameGroup, named_spans
from assistant.words import content_words

_SAME_THING = 0.5  # share of the shorter statement's words that the other one has
_SOURCE = re.compile(
    r"\baccording to\b|\b(?:says?|said|gives?|gave|reports?|reported|puts?|wrote|lists?|names?|quotes?|cites?)\b"
    r"|\bselon\b|\bd['’]après\b|\b(?:dit|donne|écrit|cite|indique|avance|parle de)\b"
    r"|によると|によれば|とする|と報じ|と記し|と伝え|は[^、。]{1,12}と",
    re.IGNORECASE,
)
_AGAINST = re.compile(r"\b(?:against|instead of|rather than|contre|au lieu d)\b|に対し|ではなく", re.IGNORECASE)
_PARTS = re.compile(
    r"[;；、。:：]\s*|,\s|が、|\.\s+|\s(?=(?:against|instead of|contre|au lieu de|whereas|tandis|while)\s)"
)
_STRONG_END = re.compile(r"[;；。:：]\s*$")
_NEAR = 4  # times: a bare number further off counts something else
_SMALL = 10  # the same small count of two things is chance
_COUNTED = ("amount", "count", "measure", "percentage", "points", "duration")


@dataclass(frozen=True, slots=True)
class Statement:
    """A quoted sentence with what is known of its document: ISO date ("" where unknown) and status ("plan", ...)."""

    text: str
    language: str
    date: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two figures that cannot both be right, or that two sources give for one thing; the newer statement first.

    Within one sentence both statements are that sentence, and the order is that of the text.
    """

    newer: Statement
    newer_figure: Figure
    older: Statement
    older_figure: Figure


def disagreements(statements: Sequence[Statement]) -> list[Disagreement]:
    """The figures in which statements differ, newest first.

    Args:
        statements: quotes, each with the date and status of its document; a repeated text counts once.
    """
    distinct = list({statement.text: statement for statement in statements}.values())
    found = [pair for statement in distinct for pair in _within(statement)]
    for one, other in combinations(distinct, 2):
        found += _between(one, other)
    return sorted(found, key=lambda pair: (pair.newer.date, pair.older.date), reverse=True)


def _within(statement: Statement) -> list[Disagreement]:
    """What one sentence sets side by side from two sources: "Yomiuri gives 1999, Toyo Keizai 1996"."""
    if not (_SOURCE.search(statement.text) and named_spans(statement.text, statement.language)):
        return []
    text = statement.text
    figures = find_figures(text, statement.language)
    figures += [one for one in spelled_numbers(text, statement.language) if one.value > 1]
    leading: list[Figure] = []
    for first, last in _parts(text, figures):
        inside = sorted((one for one in figures if first <= one.start < last), key=lambda one: (one.is_date, one.start))
        if inside and _says_who(text[first:last], inside[0].start - first, statement.language):
            leading.append(inside[0])
    return [
        Disagreement(statement, one, statement, other)
        for one, other in combinations(leading, 2)
        if (_comparable(one, other) and _differ(one, other)) or _counts_another_thing(one, other)
    ]


def _parts(text: str, figures: Sequence[Figure]) -> list[tuple[int, int]]:
    """The parts of a sentence, each with the words that follow its figures: "1999, according to Yomiuri"."""
    cuts = [match.end() for match in _PARTS.finditer(text)]
    parts: list[tuple[int, int]] = []
    for first, last in pairwise([0, *cuts, len(text)]):
        if parts and not any(first <= one.start < last for one in figures) and not _STRONG_END.search(text[:first]):
            parts[-1] = (parts[-1][0], last)
        else:
            parts.append((first, last))
    return parts


def _says_who(part: str, figure_start: int, language: str) -> bool:
    """Whether a part of a sentence gives its figure to a source: a word of saying, or a name before the figure."""
    if _SOURCE.search(part) or _AGAINST.search(part):
        return True
    return any(
        start < figure_start
        for start, _, name in named_spans(part, language)
        if isinstance(name, str) or name.kind == "body"
    )


def _between(one: Statement, other: Statement) -> list[Disagreement]:
    if not _same_thing(one, other):
        return []
    first, second = find_figures(one.text, one.language), find_figures(other.text, other.language)
    if not _same_time(first, second):
        return []
    newer, older = (one, other) if one.date >= other.date else (other, one)
    ours, theirs = (first, second) if newer is one else (second, first)
    return [
        Disagreement(newer, figure, older, against)
        for figure in ours
        for against in theirs
        if figure.kind in _COUNTED
        and _comparable(figure, against)
        and not compare(figure, theirs).supported
        and not compare(against, ours).supported
    ]


def _same_thing(one: Statement, other: Statement) -> bool:
    names, others = (_names(statement) for statement in (one, other))
    if (names or others) and not names & others:
        return False
    if one.language != other.language:
        return bool(names & others) and names == others
    words, more = sorted((_words(one), _words(other)), key=len)
    return bool(words) and len(words & more) / len(words) >= _SAME_THING


def _names(statement: Statement) -> set[NameGroup | str]:
    """The names a statement is about; who reports it, and where, is left aside."""
    spans = named_spans(statement.text, statement.language)
    return {name for _, _, name in spans if isinstance(name, str) or name.kind in ("company", "person", "law", "term")}


def _words(statement: Statement) -> set[str]:
    """What a statement says, its names and figures left out."""
    text = statement.text
    spans = [(start, end) for start, end, _ in named_spans(text, statement.language)]
    spans += [(figure.start, figure.end) for figure in find_figures(text, statement.language)]
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return content_words(text, statement.language)


def _same_time(one: Sequence[Figure], other: Sequence[Figure]) -> bool:
    """Whether the dates of two statements leave it open that they speak of one time."""
    first, second = ([figure for figure in figures if figure.is_date] for figures in (one, other))
    if not first or not second:
        return True
    agree = (compare(date, second).supported for date in first)
    agree_too = (compare(date, first).supported for date in second)
    return any(agree) or any(agree_too)


def _comparable(one: Figure, other: Figure) -> bool:
    if {one.kind, other.kind} == {"count", "number"}:
        small, large = sorted((one.value, other.value))
        return small % 1 == large % 1 == 0 and large <= _NEAR * small
    if one.is_date or other.is_date:
        return one.is_date and other.is_date and len(one.iso) == len(other.iso)
    return one.kind == other.kind and one.unit == other.unit and one.kind not in ("ordinal", "number")


def _counts_another_thing(one: Figure, other: Figure) -> bool:
    """Whether two sources take one number for two things: 120 servers, or 120 GPUs."""
    return one.kind == other.kind == "count" and one.value == other.value > _SMALL and one.unit != other.unit


def _differ(one: Figure, other: Figure) -> bool:
    return not (compare(one, [other]).supported or compare(other, [one]).supported)
