"""Is an accepted answer in a text? By its words, by its figures in any notation, or item by item for a list.

`Accepted` is made once per question; its `found_in` tells which accepted wording a text contains. What a text denies
(`assistant.negation`) does not count as said.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.figures import Figure, compare, find_figures
from assistant.negation import affirmed, is_negated
from assistant.words import content_words
from eval.canonical import contains_tokens, tokens, trigrams
from eval.questions import LANGUAGES, EvalQuestion
from index.language import detect_language

FREE_TEXT_KINDS = frozenset({"why", "how", "disagreement"})
LIST_KIND = "list"

_BOUNDS = """about around approximately roughly some nearly almost up at most maximum minimum least over more than total
environ pres jusqu maximum moins plus total contre against versus respectivement respectively between entre both from
since depuis by dans circa 約 最大 程度 以上 以下 合計 上限"""
_NO_WORD = re.compile(r"[\W_]+")
_PARENTHESES = re.compile(r"[(（][^()（）]*[)）]")
_BETWEEN_ITEMS = re.compile(r"(?<!\d),(?!\d)|,\s+|[、，;；\n]| (?:and|et) |ならびに|および|及び")
_LEAST_LIKENESS = 0.3  # shared share of trigrams above which an alias is another wording of a list item
_FREE_RECALL = 0.8  # share of the trigrams of a free-text wording that an answer must have ...
_FREE_TRIGRAMS = 20  # ... where the wording has so many; shorter ones must stand there


@dataclass(frozen=True, slots=True)
class _Wording:
    """One accepted wording.

    `alone` says that it consists of figures and nothing else, `negated` that it denies something.
    """

    text: str
    tokens: tuple[str, ...]
    figures: tuple[Figure, ...]
    alone: bool
    negated: bool
    words: frozenset[str]
    trigrams: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Read:
    """A text that is searched, read once."""

    tokens: tuple[str, ...]
    figures: tuple[Figure, ...]
    words: frozenset[str]
    trigrams: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Said:
    """A text as a whole, and what it affirms."""

    whole: _Read
    affirmed: _Read


class Accepted:
    """What counts as the right answer to one question.

    A wording counts when its canonical tokens stand in the text one after the other; one that is made of figures, when
    the text has all of them, in any notation. For questions answered in free text it also counts when all of its
    content words (two at least) are there, or four fifths of the character trigrams of a longer one and each of its
    figures. A list needs every item. A wording must stand in what the text affirms; one that denies something itself
    ("no subsidy"), where the text denies it, too.
    """

    def __init__(self, question: EvalQuestion) -> None:
        self._kind = question.kind
        gold = find_figures(question.answer, question.lang)
        self._wordings = [_wording(text, question.lang, gold) for text in question.accepted]
        self._lists = _lists(question) if question.kind == LIST_KIND else []

    def found_in(self, text: str, language: str) -> str:
        """The accepted wording that the text contains, or "".

        Args:
            text: an answer, or a quoted passage.
            language: of the text.
        """
        said = _said(text, language)
        if self._lists:
            shares = [(_covered(items, said), items) for items in self._lists]
            return next((", ".join(item[0].text for item in items) for share, items in shares if share == 1.0), "")
        return next((wording.text for wording in self._wordings if _has(said, wording, free=self._free)), "")

    def share_of_items(self, text: str, language: str) -> float:
        """For a list: share of its items that the text contains, by the wording of the list that fits best."""
        said = _said(text, language)
        return max((_covered(items, said) for items in self._lists), default=0.0)

    @property
    def _free(self) -> bool:
        return self._kind in FREE_TEXT_KINDS


def split_items(text: str) -> list[str]:
    """The items of a list written as text: "Sharp, HPE and Hitachi" gives three. What is in parentheses is left out."""
    return [item.strip(" .。") for item in _BETWEEN_ITEMS.split(_PARENTHESES.sub("", text)) if item.strip(" .。")]


def same_figure(gold: Figure, given: Sequence[Figure]) -> bool:
    """Whether one of the given figures is the gold one: the same value and unit, or a date within the gold date."""
    verdict = compare(gold, given).verdict
    return verdict == "exact" or (gold.is_date and verdict == "rounds to")


def _said(text: str, language: str) -> _Said:
    whole = _read(text, language)
    rest = affirmed(text, language)
    return _Said(whole, whole if rest == text else _read(rest, language))


def _read(text: str, language: str) -> _Read:
    words = frozenset(content_words(text, language))
    return _Read(tokens(text), tuple(find_figures(text, language)), words, frozenset(trigrams(text)))


def _has(said: _Said, wording: _Wording, *, free: bool) -> bool:
    return _agrees(said, wording, lambda read: _stands(read, wording, free=free))


def _agrees(said: _Said, wording: _Wording, found: Callable[[_Read], bool]) -> bool:
    """Whether a wording is found with its own polarity: affirmed, or only together with what is denied."""
    if wording.negated:
        return found(said.whole) and said.whole is not said.affirmed and not found(said.affirmed)
    return found(said.affirmed)


def _stands(read: _Read, wording: _Wording, *, free: bool) -> bool:
    figures = all(same_figure(figure, read.figures) for figure in wording.figures)
    if wording.alone:  # not by its characters: "1.15" also stands in "1.15 billion"
        return figures
    if contains_tokens(read.tokens, wording.tokens):
        return True
    if not free or not figures:
        return False
    shared = len(wording.trigrams & read.trigrams)
    return (len(wording.words) > 1 and wording.words <= read.words) or (
        len(wording.trigrams) >= _FREE_TRIGRAMS and shared >= _FREE_RECALL * len(wording.trigrams)
    )


def _wording(text: str, language: str, gold: Sequence[Figure]) -> _Wording:
    """Read an accepted wording. An alias may be in another language than the question ("1,93 milliard", 19億).

    Of the languages that it can be read in, the one that agrees with the reference answer is taken: "2,000" is two
    thousand in English and two in French.
    """
    own = detect_language(text)
    own = own if own in LANGUAGES else language
    keys = {figure.key for figure in gold}
    readings = [find_figures(text, candidate) for candidate in dict.fromkeys((own, language, *LANGUAGES))]
    figures = next((read for read in readings if read and {figure.key for figure in read} <= keys), readings[0])
    figures = [figure for figure in figures if figure.kind != "ordinal"]
    return _Wording(
        text=text,
        tokens=tokens(text),
        figures=tuple(figures),
        alone=bool(figures) and _only_figures(text, figures),
        negated=is_negated(text, own),
        words=frozenset(content_words(text, own)),
        trigrams=frozenset(trigrams(text)),
    )


def _only_figures(text: str, figures: Sequence[Figure]) -> bool:
    rest = text
    for figure in reversed(figures):
        rest = f"{rest[: figure.start]} {rest[figure.end :]}"
    words = set.intersection(*(content_words(rest, language) for language in LANGUAGES))
    return not {word for word in words - set(_BOUNDS.split()) if not _NO_WORD.fullmatch(word)}


def _lists(question: EvalQuestion) -> list[list[list[_Wording]]]:
    """Every wording of the whole list, as items with their alternatives: lists → items → wordings."""
    gold = find_figures(question.answer, question.lang)
    split = [split_items(text) for text in question.accepted]
    size = len(split[0])
    whole = [items for items in split if len(items) == size] if size > 1 else split
    single = [items[0] for items in split if len(items) == 1 and size > 1]
    return [
        [[_wording(text, question.lang, gold) for text in _alternatives(item, items, single)] for item in items]
        for items in whole
    ]


def _alternatives(item: str, items: Sequence[str], single: Sequence[str]) -> list[str]:
    """The item, and each alias of one item that is most like this one."""
    others = [
        text
        for text in single
        if _likeness(text, item) >= _LEAST_LIKENESS
        and max(items, key=lambda candidate: _likeness(text, candidate)) == item
    ]
    return [item, *others]


def _likeness(one: str, two: str) -> float:
    a, b = trigrams(one), trigrams(two)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def _covered(items: Sequence[Sequence[_Wording]], said: _Said) -> float:
    if not items:
        return 0.0
    return sum(any(_has_item(said, wording) for wording in item) for item in items) / len(items)


def _has_item(said: _Said, wording: _Wording) -> bool:
    words = wording.words
    return _agrees(
        said, wording, lambda read: _stands(read, wording, free=False) or bool(words and words <= read.words)
    )
