"""Sentences that only announce what follows them: "There are three reasons." is quoted with the three."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

_LONGEST = 10  # items that are quoted with the sentence before them
_LEADS = re.compile(
    r"[:：]\s*$|(?:次|以下)の(?:[0-9０-９一二三四五六七八九十]+(?:つ|点|項目|社|件)|とおり|通り)[^。]{0,12}。?\s*$"
)
_NOUNS_FR = r"raisons|conditions|étapes|objectifs|causes|mesures|axes|piliers|points|facteurs|critères|volets|missions"
_NOUNS_EN = r"reasons|conditions|steps|stages|goals|aims|causes|measures|pillars|points|factors|criteria|tasks|parts"
_COUNTS = re.compile(
    rf"\b(?P<fr>deux|trois|quatre|cinq|six) (?:\w+ )?(?:{_NOUNS_FR})(?: \w+)? ?[.:]\s*$"
    rf"|\b(?P<en>two|three|four|five|six) (?:\w+ )?(?:{_NOUNS_EN})[.:]\s*$"
    r"|(?P<ja>[二三四五六2-6２-６])(?:つ|点|本柱|段階)(?:が|は|で)?(?:ある|あった|あります|である|です|挙げ\w{0,6})。?\s*$",
    re.IGNORECASE,
)
_NUMBERS = {
    word: number
    for number, words in enumerate(
        ("deux two 二 2 ２", "trois three 三 3 ３", "quatre four 四 4 ４", "cinq five 五 5 ５", "six 六 6 ６"), start=2
    )
    for word in words.split()
}
_ITEM = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)])\s")


class Placed(Protocol):
    """A sentence with its place in the document."""

    @property
    def text(self) -> str:
        """What it says."""

    @property
    def start(self) -> int:
        """Its first character."""

    @property
    def end(self) -> int:
        """The character after its last."""


def leads_to_list(text: str) -> bool:
    """Whether a sentence only announces the list that follows it, as "The partners are:" does."""
    return _LEADS.search(text) is not None


def announced(text: str) -> int:
    """How many things a sentence announces without saying them: 3 for "There are three reasons."; else 0."""
    found = _COUNTS.search(text)
    return _NUMBERS[next(filter(None, found.groups())).lower()] if found else 0


def end_of_list(last: int, sentences: Sequence[Placed], text: str, start: int) -> int:
    """The place of the last sentence that belongs to what a sentence announces; its own where it announces nothing.

    Args:
        last: place of the sentence.
        sentences: of its passage, in order.
        text: of the passage.
        start: of the passage in its document.
    """
    count = announced(sentences[last].text)
    if not count and not leads_to_list(sentences[last].text):
        return last
    end = last
    while end + 1 < len(sentences) and end - last < _LONGEST and _ITEM.match(sentences[end + 1].text):
        end += 1
    if end > last or not count:
        return end
    following = sentences[last : last + 1 + count]
    for one, other in pairwise(following):
        if "\n\n" in text[one.end - start : other.start - start] or other.text.lstrip().startswith(("#", "|")):
            return last  # another paragraph, before all have been said
    return last + count if len(following) == count + 1 else last
