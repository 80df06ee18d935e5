"""The two things between which a question asks to choose, told by the words around "or" alone. No model.

`assistant.sides` knows names; here the things may be anything: "the harbour or the bridge", "大学と個人事業主のどちら".
"""

import re
from dataclasses import dataclass

from assistant.asked import asks_to_compare
from assistant.words import content_words, fold

_BRACKETS = re.compile(r"[(（][^)）]*[)）]")
_SHARE = 0.5  # of the words that only one of the two has
_SEPARATORS = re.compile(r"[,;:!?–—\"“”«»]|\.(?=\s|$)|\s-\s")
_OR = {
    "en": re.compile(r"\b(?:or|vs|versus|against|than)\b", re.IGNORECASE),
    "fr": re.compile(r"\b(?:ou|vs|versus|contre|que|qu(?=['’]))\b", re.IGNORECASE),
}
_BOTH = {  # "between A and B"
    "en": re.compile(r"\bbetween\b(.+?)\band\b(.+)", re.IGNORECASE),
    "fr": re.compile(r"\bentre\b(.+?)\bet\b(.+)", re.IGNORECASE),
}
_PART = r"[^、。？?]{1,30}"
_JAPANESE = (
    re.compile(rf"(?P<one>{_PART}?)と(?P<two>{_PART}?)(?:では?|だと|なら)?の?(?:どちら|どっち)"),
    re.compile(rf"(?P<one>{_PART}?)と(?P<two>{_PART}?)(?:では?|だと|なら|、|。)[^。？?]*(?:どちら|どっち)"),
)
_TOPIC = re.compile(r".*[はが、]")
_OWNER = re.compile(r".*の")


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the two: the folded words that only it has in the question."""

    words: frozenset[str]

    def is_in(self, text: str) -> bool:
        """Whether a text has at least half of the words."""
        folded = fold(text)
        return sum(word in folded for word in self.words) >= _SHARE * len(self.words)


def alternatives(question: str, language: str) -> tuple[Alternative, Alternative] | None:
    """The two things that a question sets side by side, in its order; None where it does not, or does not name both."""
    if not asks_to_compare(question, language):
        return None
    plain = _BRACKETS.sub(" ", question)
    written = _japanese(plain) if language == "ja" else _around(plain, language)
    if written is None:
        return None
    one, two = (frozenset(map(fold, content_words(part, language))) for part in written)
    first, second = Alternative(one - two), Alternative(two - one)
    return (first, second) if first.words and second.words else None


def _around(question: str, language: str) -> tuple[str, str] | None:
    """What stands before and after "or", up to the next mark; or "between A and B"."""
    if language not in _OR:
        return None
    both = _BOTH[language].search(question)
    if both:
        return both[1], _SEPARATORS.split(both[2])[0]
    found = list(_OR[language].finditer(question))
    if not found:
        return None
    return _SEPARATORS.split(question[: found[-1].start()])[-1], _SEPARATORS.split(question[found[-1].end() :])[0]


def _japanese(question: str) -> tuple[str, str] | None:
    found = next(filter(None, (pattern.search(question) for pattern in _JAPANESE)), None)
    if found is None:
        return None
    one, two = _TOPIC.sub("", found["one"]), found["two"]
    last = _OWNER.sub("", one), _OWNER.sub("", two)
    return last if all(last) and last[0] != last[1] else (one, two)
