"""The two things that a question sets side by side, and the value that the passages give for each. No model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.asked import speaks_of_money, what_is_asked
from assistant.counted_things import NOUNS
from assistant.figure_subject import kinds_of_sum
from assistant.figures import Figure, compare, find_figures
from assistant.names import groups_in
from assistant.quoting import ScoredSentence, Sentence
from assistant.subject import PRODUCT, unknown_names
from assistant.words import content_words, fold

_SIZES = ("amount", "count", "percentage", "measure")
_NOT_COMPARED = ("law", "term")
_LIKELY = ("company", "body", "person")  # where more than two names stand in the question, these are left out last
_BETWEEN = re.compile(r"(?:['’]s?|の|\s|de|du|d['’]|\()*")
_AGAINST = re.compile(
    r"\b(?:or|ou|and|et|than|que|vs|versus|against|contre|plus|à|exceeds?|dépasse)\b|[とは、。,;+＋]|より|に(?:対|比べ)",
    re.IGNORECASE,
)

_TOTAL = re.compile(  # "100 nodes of eight GPUs, 800 GPUs in all": the last one counts
    r"\b(?:soit|au total,?|total(?:ing|ling)?|in (?:all|total),?)(?: (?:de|of|about|around|environ|some))* $"
    r"|(?:合計|計|総数は|総計)(?:で|約)*$",
    re.IGNORECASE,
)
_TOTAL_AFTER = re.compile(r"(?: \w+)? (?:in (?:all|total)|au total|en tout)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two things: as it is written in the question, and the folded forms by which sentences name it."""

    name: str
    forms: tuple[str, ...]

    def is_in(self, text: str) -> bool:
        """Whether a text names it."""
        folded = fold(text)
        return any(form in folded for form in self.forms)


def two_sides(question: str) -> tuple[Side, Side] | None:
    """The two things that a question sets against each other ("A or B", "A than B"), in its order; None for others."""
    sides = _sides(question)
    if len(sides) != 2 or not _set_side_by_side(sides, question):
        return None
    return sides[0], sides[1]


@dataclass(frozen=True, slots=True)
class ValueFinder:
    """Finds the value of one side: the only figure of its kind in the closest sentence that names it alone.

    Attributes:
        question: the question.
        language: its language.
        in_time: whether dates are wanted.
        any_unit: whether a figure counts where the question leaves its unit open.
    """

    question: str
    language: str
    in_time: bool = False
    any_unit: bool = False

    def value_of(
        self, side: Side, other: Side, ranked: Sequence[ScoredSentence]
    ) -> tuple[Figure, ScoredSentence] | None:
        """The figure of the closest sentence about one side, and the sentence; None where others give another sum.

        Two sums of one kind (a grant of 2023 and one of 2024) leave open which is meant.
        """
        found: list[tuple[Figure, ScoredSentence]] = []
        for item in ranked:
            sentence, heading = item.sentence, item.hit.passage.section.split(" › ")[-1]
            if other.is_in(sentence.text) or not (side.is_in(sentence.text) or side.is_in(heading)):
                continue
            if not self.in_time and _names_another(side, sentence.text):
                continue
            figures = [one for one in sentence.figures if one.qualifier != "range"]
            fitting = [one for one in figures if self._fits(one, sentence, f"{item.hit.passage.title}\n{heading}")]
            if len(fitting) > 1:
                fitting = [one for one in fitting if _is_total(one, sentence.text)] or fitting
            if len({figure.key for figure in fitting}) == 1:
                found.append((fitting[0], item))
        asked = kinds_of_sum(self.question)
        found = [pair for pair in found if asked & kinds_of_sum(pair[1].sentence.text)] or found
        sums = [figure for figure, _ in found if figure.kind == "amount"]
        if not found or (found[0][0].kind == "amount" and not all(_agree(sums[0], other) for other in sums)):
            return None
        return found[0]

    def _same_kind_of_sum(self, sentence: Sentence, heading: str) -> bool:
        """Whether a sentence, or else its heading, speaks of no other kind of sum than the one asked for."""
        asked = kinds_of_sum(self.question)
        given = kinds_of_sum(sentence.text) or kinds_of_sum(heading)
        return not asked or given <= asked

    def _fits(self, figure: Figure, sentence: Sentence, heading: str) -> bool:
        if self.in_time:
            return figure.is_date
        given = {one.iso for one in sentence.figures if one.is_date}
        asked = {one.iso for one in find_figures(self.question, self.language) if one.is_date}
        if figure.kind not in _SIZES or (given and asked and not given & asked):
            return False
        if figure.kind == "amount" and not self._same_kind_of_sum(sentence, heading):
            return False
        unit = what_is_asked(self.question, self.language).unit
        if unit and unit != "times":
            return figure.kind == "amount" if unit == "money" else figure.unit == unit
        products = [match.group() for match in PRODUCT.finditer(self.question)]
        if products:
            return figure.kind == "count" and any(product in sentence.text for product in products)
        if figure.kind == "amount":
            return self.any_unit or speaks_of_money(self.question, self.language)
        words = content_words(self.question, self.language)
        if self.any_unit and not speaks_of_money(self.question, self.language):
            return True
        return bool(figure.unit) and any(NOUNS.get(word) == figure.unit or fold(figure.unit) == word for word in words)


def _is_total(figure: Figure, text: str) -> bool:
    return bool(_TOTAL.search(text[: figure.start]) or _TOTAL_AFTER.match(text, figure.end))


def _agree(one: Figure, other: Figure) -> bool:
    """Whether two figures may be the same value, one of them perhaps rounded."""
    return compare(one, [other]).supported or compare(other, [one]).supported


def _names_another(side: Side, text: str) -> bool:
    """Whether a text names a company other than a side that is one: the figure may be the other's."""
    own = {group for group in groups_in(side.name) if group.kind == "company"}
    return bool(own) and any(group.kind == "company" and group not in own for group in groups_in(text))


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
