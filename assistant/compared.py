"""Questions that set two things side by side: decided by code from one cited sentence each. No model.

A small model names one of the two whatever the passages say. Nothing is decided where a value is not certain.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant import wording
from assistant.asked import asks_to_compare, order_asked, speaks_of_money, what_is_asked
from assistant.computed import citations_of
from assistant.counted_things import NOUNS
from assistant.figure_rendering import rewrite_figure
from assistant.figures import Figure, find_figures
from assistant.names import groups_in
from assistant.quoting import ScoredSentence, Sentence
from assistant.records import CheckedFigure, Claim
from assistant.subject import PRODUCT, unknown_names
from assistant.words import content_words, fold

_SIZES = ("amount", "count", "percentage", "measure")
_NOT_COMPARED = ("law", "term")
_LIKELY = ("company", "body", "person")  # where more than two names stand in the question, these are left out first
_BETWEEN = re.compile(r"(?:['’]s?|の|\s|de|du|d['’]|\()*")
_AGAINST = re.compile(r"\b(?:or|ou|and|et|than|que|vs|versus|against|contre)\b|[と、。,;]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two things: as it is written in the question, and the folded forms by which sentences name it."""

    name: str
    forms: tuple[str, ...]

    def is_in(self, text: str) -> bool:
        """Whether a text names it."""
        folded = fold(text)
        return any(form in folded for form in self.forms)


def compared_claim(question: str, language: str, ranked: Sequence[ScoredSentence]) -> Claim | None:
    """Which of two things of the question is larger, smaller, earlier or later; None where that is not certain.

    Each value is the only one of its kind in the closest sentence that names its thing, in the sentence or in the
    headings above it, and not the other thing.
    """
    order = order_asked(question, language) if asks_to_compare(question, language) else ""
    sides = _sides(question) if order else []
    if len(sides) != 2 or not _set_side_by_side(sides, question):
        return None
    one, two = sides
    wanted = _Wanted(question, language, order in ("earlier", "later"))
    first, second = wanted.value_of(one, two, ranked), wanted.value_of(two, one, ranked)
    if first is None or second is None or first[0].unit != second[0].unit:
        return None
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


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which figure of a sentence is compared."""

    question: str
    language: str
    in_time: bool

    def value_of(
        self, side: Side, other: Side, ranked: Sequence[ScoredSentence]
    ) -> tuple[Figure, ScoredSentence] | None:
        """The figure of the closest sentence about one side, and the sentence."""
        for item in ranked:
            sentence, heading = item.sentence, item.hit.passage.section.split(" › ")[-1]
            if other.is_in(sentence.text) or not (side.is_in(sentence.text) or side.is_in(heading)):
                continue
            fitting = [one for one in sentence.figures if one.qualifier != "range" and self._fits(one, sentence)]
            if len({figure.key for figure in fitting}) == 1:
                return fitting[0], item
        return None

    def _fits(self, figure: Figure, sentence: Sentence) -> bool:
        if self.in_time:
            return figure.is_date
        given = {one.iso for one in sentence.figures if one.is_date}
        asked = {one.iso for one in find_figures(self.question, self.language) if one.is_date}
        if figure.kind not in _SIZES or (given and asked and not given & asked):
            return False
        unit = what_is_asked(self.question, self.language).unit
        if unit:
            return figure.kind == "amount" if unit == "money" else figure.unit == unit
        products = [match.group() for match in PRODUCT.finditer(self.question)]
        if products:
            return figure.kind == "count" and any(product in sentence.text for product in products)
        if figure.kind == "amount":
            return speaks_of_money(self.question, self.language)
        words = content_words(self.question, self.language)
        return bool(figure.unit) and any(NOUNS.get(word) == figure.unit or fold(figure.unit) == word for word in words)


def _compare_sizes(one: Figure, other: Figure) -> Decimal | None:
    return one.value - other.value


def _compare_dates(one: Figure, other: Figure) -> Decimal | None:
    """Below 0 where the first is earlier; None where one may be the other."""
    if one.first_day is None or one.last_day is None or other.first_day is None or other.last_day is None:
        return None
    if one.last_day < other.first_day:
        return Decimal(-1)
    return Decimal(1) if other.last_day < one.first_day else None


def _sides(question: str) -> list[Side]:
    """The things named in the question, where they are two; a name inside or beside another one belongs to it."""
    spans: list[tuple[int, int, Side, bool]] = []
    folded = fold(question)
    if len(folded) != len(question):
        return []
    for group in groups_in(question):
        forms = tuple(fold(form) for form in group.forms)
        place = next(((folded.find(form), len(form)) for form in forms if form in folded), None)
        if place and group.kind not in _NOT_COMPARED:
            written = question[place[0] : sum(place)]
            spans.append((place[0], sum(place), Side(written, forms), group.kind in _LIKELY))
    for name in unknown_names(question):
        at = folded.find(name)
        if at >= 0:
            version = re.match(r"\s\d+(?:\.\d+)?(?!\d)", question[at + len(name) :])
            end = at + len(name) + (version.end() if version else 0)
            spans.append((at, end, Side(question[at:end], (fold(question[at:end]),)), True))
    spans = _merged(sorted(spans, key=lambda span: span[:2]), question)
    if len(spans) > 2:
        spans = [span for span in spans if span[3]]
    return [side for _, _, side, _ in spans]


def _set_side_by_side(sides: Sequence[Side], question: str) -> bool:
    """Whether a word between the two names sets one against the other: "A or B", "A than B"; not "the first B of A"."""
    first = question.find(sides[0].name) + len(sides[0].name)
    return _AGAINST.search(question, first, question.find(sides[1].name, first)) is not None


def _merged(spans: Sequence[tuple[int, int, Side, bool]], question: str) -> list[tuple[int, int, Side, bool]]:
    """Neighbours as one: of "Highreso's Genkai centre" the last, which says more."""
    found: list[tuple[int, int, Side, bool]] = []
    for span in spans:
        if found and (span[0] < found[-1][1] or _BETWEEN.fullmatch(question, found[-1][1], span[0])):
            found.pop()
        found.append(span)
    return found
