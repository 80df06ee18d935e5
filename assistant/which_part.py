"""Which of the figures or names in one sentence was asked: "we asked for C$44 million and were given C$31 million".

A small model that is told to copy one takes the first. But it judges well whether a text says what is asked
(`choosing`), so it is asked of two texts for each: the words that are the part's own, and the sentence without the
other parts. On 100 questions in another language than a sentence with several figures of the kind asked, the largest
sum was that of the right figure in 86, and in 56 of the 60 where it was clearest; what the model copies was right in
65. Of 48 sentences with one full name that the question does not have, that one was asked in 47; of 18 with several
the likeliest was right in 13, and in 9 of the 9 where it was clear.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol, TypeVar

from assistant.asked import Asked, fits
from assistant.choosing import asking
from assistant.figure_qualifiers import is_change
from assistant.figures import Figure, find_figures, spelled_numbers
from assistant.generator import Generator
from assistant.modality import asks_for_the_first_plan, since_replaced
from assistant.probe import CHOOSE
from assistant.quoting import ScoredSentence
from assistant.words import fold
from assistant.yes_or_no import margins

_CLEAR = 1.9  # of the sum of two log-odds
_MOST = 8  # parts; more are a table in one sentence
_JOINT = re.compile(r"[,、;；|。]|\.\s|\s(?:and|et|but|mais|while|tandis|whereas|alors)\s|から")
_ANNOUNCED = re.compile(r".{15,}?[:：] ?")  # of each item of a list
_LABEL = re.compile(r"[^|]+ \| ")  # the first cell of a row
_ELIDED = "…"
_PART_OF = re.compile(r" (?:out )?(?:of|des|sur|de)(?: \w{2,5})? ")  # "19 of its 48 MW": which, the model cannot tell
_FULL_NAME = re.compile(
    r"(?<![\w’'-])(?!(?:The|A|An|In|On|At|By|For|From|But|And|It|Le|La|Les|Un|Une|En|Au|Aux|Mais|Et|Pour|Par|Selon) )"
    r"[A-ZÀ-Þ][\w'’-]+(?: (?:(?:de|du|des|of|van|von|&) )?[A-ZÀ-Þ][\w'’-]+)+"
)


class Part(Protocol):
    """A part of a text, `text[start:end]`; parts with one key are the same."""

    @property
    def start(self) -> int:
        """Its first character."""

    @property
    def end(self) -> int:
        """Where it ends."""

    @property
    def key(self) -> object:
        """Equal for the same thing."""


P = TypeVar("P", bound=Part)


@dataclass(frozen=True, slots=True)
class Name:
    """A name of several capitalised words."""

    text: str
    start: int
    end: int

    @property
    def key(self) -> str:
        """Equal for one name."""
        return fold(self.text)


def names_asked_for(text: str, question: str) -> list[Name]:
    """The full names in a text in Latin letters that the question does not have, each once."""
    asked = fold(question)
    found = {one.key: one for match in _FULL_NAME.finditer(text) if (one := Name(match.group(), *match.span()))}
    return [one for key, one in found.items() if key not in asked]


def figures_asked(text: str, written_in: str, asked: Asked, question: str, language: str) -> list[Figure]:
    """The figures of a text that are of the kind asked for and not given by the question, each value once.

    Where a date is asked for, a length of time counts only in a text without dates.
    """
    given = {figure.key for figure in find_figures(question, language)}
    written = find_figures(text, written_in)
    if asked.of_things:  # "nine stops; seven are left"
        written += [one for one in spelled_numbers(text, written_in) if one.value > 1]
    found = {one.key: one for one in reversed(written) if fits(asked, [one], given)}
    dates = [one for one in found.values() if one.is_date]
    chosen = dates if asked.kind == "date" and dates else list(found.values())
    return sorted(chosen, key=lambda figure: figure.start)


def likeliest_figure(
    item: ScoredSentence, figures: Sequence[Figure], question: str, language: str, generator: Generator
) -> Figure | None:
    """The one of several figures of a sentence that was asked, or None where none is clearly likelier than the others.

    Args:
        item: the sentence.
        figures: two or more of its figures, from `figures_asked`.
        question: the stand-alone question.
        language: its language.
        generator: the model server.

    Raises:
        RunError: the server does not answer.
    """
    text = item.sentence.text
    if any(_PART_OF.fullmatch(text[one.end : two.start]) for one, two in pairwise(figures)):
        return None
    if (changed := _changed(text, figures, item.sentence.language)) and not asks_for_the_first_plan(question, language):
        return changed
    return likeliest_part(item, figures, question, language, generator)


def likeliest_part(
    item: ScoredSentence,
    parts: Sequence[P],
    question: str,
    language: str,
    generator: Generator,
    least: float = -math.inf,
) -> P | None:
    """The same for any parts of a sentence, by the model alone; `least` is the least sum of its two log-odds."""
    if len(parts) > _MOST:
        return None
    text = item.sentence.text
    texts = [read for one in parts for read in (own_words(text, one, parts), alone(text, one, parts))]
    items = [replace(item, sentence=replace(item.sentence, text=read)) for read in texts]
    said = list(margins([asking(CHOOSE, question, language, one) for one in items], generator))
    if len(said) < len(items):
        return None
    sums = [said[place] + said[place + 1] for place in range(0, len(said), 2)]
    second, best = sorted(sums)[-2:]
    return parts[sums.index(best)] if best >= least and best - second >= _CLEAR else None


def own_words(text: str, part: Part, parts: Sequence[Part]) -> str:
    """The words that belong to one of the parts of a sentence, after the label of a row or what announces a list."""
    after_last = max((one.end for one in parts if one.end <= part.start), default=0)
    before_next = min((one.start for one in parts if one.start >= part.end), default=len(text))
    begins = _JOINT.search(text, after_last, part.start) if after_last else None
    start = begins.end() if begins else after_last
    ends = _JOINT.search(text, part.end, before_next)
    lead = _LABEL.match(text) or (_ANNOUNCED.match(text) if len(parts) > 2 else None)
    before = lead.group() if lead and lead.end() <= start else ""
    return before + text[start : ends.start() if ends else before_next].strip(" |,、;；")


def _changed(text: str, figures: Sequence[Figure], written_in: str) -> Figure | None:
    """The new one of two values of which the first is said to have given way to the second, or None."""
    if len(figures) != 2:
        return None
    old, new = figures
    first, second = (own_words(text, one, figures) for one in figures)
    if is_change(text[: old.start], text[old.end : new.start], text[new.end :]):
        return new
    return new if since_replaced(first, second, written_in) else None


def alone(text: str, part: Part, parts: Sequence[Part]) -> str:
    """A sentence with only one of some of its parts."""
    for one in sorted(parts, key=lambda one: -one.start):
        if one.key != part.key:
            text = text[: one.start] + _ELIDED + text[one.end :]
    return text
