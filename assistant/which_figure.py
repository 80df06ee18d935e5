"""Which of the figures in one sentence was asked: "we asked for C$44 million and were given C$31 million".

A small model that is told to copy one takes the first. But it judges well whether a text says what is asked
(`choosing`), so it is asked of two texts for each figure: the words that are the figure's own, and the sentence
without the other figures. On 100 questions in another language than a sentence with several figures of the kind asked,
the largest sum was that of the right figure in 86, and in 56 of the 60 where it was clearest; what the model copies was
right in 65.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from assistant.asked import Asked, fits
from assistant.choosing import asking
from assistant.figure_qualifiers import is_change
from assistant.figures import Figure, find_figures
from assistant.generator import Generator
from assistant.modality import asks_for_the_first_plan, since_replaced
from assistant.probe import CHOOSE
from assistant.quoting import ScoredSentence
from assistant.yes_or_no import margins

_CLEAR = 1.9  # of the sum of two log-odds
_MOST = 8  # figures; more are a table in one sentence
_JOINT = re.compile(r"[,、;；|。]|\.\s|\s(?:and|et|but|mais|while|tandis|whereas|alors)\s|から")
_ANNOUNCED = re.compile(r".{15,}?[:：] ?")  # of each item of a list
_LABEL = re.compile(r"[^|]+ \| ")  # the first cell of a row
_ELIDED = "…"
_PART_OF = re.compile(r" (?:out )?(?:of|des|sur|de)(?: \w{2,5})? ")  # "19 of its 48 MW": which, the model cannot tell


def figures_asked(text: str, written_in: str, asked: Asked, question: str, language: str) -> list[Figure]:
    """The figures of a text that are of the kind asked for and not given by the question, each value once.

    Where a date is asked for, a length of time counts only in a text without dates.
    """
    given = {figure.key for figure in find_figures(question, language)}
    found = {one.key: one for one in reversed(find_figures(text, written_in)) if fits(asked, [one], given)}
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
    parted = any(_PART_OF.fullmatch(text[one.end : two.start]) for one, two in pairwise(figures))
    if len(figures) > _MOST or parted:
        return None
    if (changed := _changed(text, figures, item.sentence.language)) and not asks_for_the_first_plan(question, language):
        return changed
    read = [part for one in figures for part in (own_words(text, one, figures), alone(text, one, figures))]
    parts = [replace(item, sentence=replace(item.sentence, text=part)) for part in read]
    said = list(margins([asking(CHOOSE, question, language, part) for part in parts], generator))
    if len(said) < len(parts):
        return None
    sums = [said[place] + said[place + 1] for place in range(0, len(said), 2)]
    second, best = sorted(sums)[-2:]
    return figures[sums.index(best)] if best - second >= _CLEAR else None


def own_words(text: str, figure: Figure, figures: Sequence[Figure]) -> str:
    """The words that belong to one of the figures of a sentence, after the label of a row or what announces a list."""
    after_last = max((one.end for one in figures if one.end <= figure.start), default=0)
    before_next = min((one.start for one in figures if one.start >= figure.end), default=len(text))
    begins = _JOINT.search(text, after_last, figure.start) if after_last else None
    start = begins.end() if begins else after_last
    ends = _JOINT.search(text, figure.end, before_next)
    lead = _LABEL.match(text) or (_ANNOUNCED.match(text) if len(figures) > 2 else None)
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


def alone(text: str, figure: Figure, figures: Sequence[Figure]) -> str:
    """A sentence with only one of some of its figures."""
    for one in sorted(figures, key=lambda one: -one.start):
        if one.key != figure.key:
            text = text[: one.start] + _ELIDED + text[one.end :]
    return text
