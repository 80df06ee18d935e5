"""Which of several like things a text speaks of: the second building, the third cycle, 第2期, 2棟目."""

import re
import unicodedata

_WORDS = {
    "fr": (r"premi(?:er|ère)s?", r"(?:deuxième|second|seconde)s?", r"troisièmes?", r"quatrièmes?", r"cinquièmes?"),
    "en": ("first", "second", "third", "fourth", "fifth"),
}
_DIGITS = {
    "fr": re.compile(r"\b(\d)(?:er|re|ère|e|ème|nd|nde)\b", re.IGNORECASE),
    "en": re.compile(r"\b(\d)(?:st|nd|rd|th)\b", re.IGNORECASE),
    "ja": re.compile(
        r"第(\d|[一二三四五])(?![\d十百,.条章項節四])|(\d|[一二三四五])(?:棟目|期|次|回目|番目|号機|号棟)"
    ),
}
_KANJI = {kanji: number for number, kanji in enumerate("一二三四五", start=1)}


def ordinals(text: str, language: str) -> set[int]:
    """The ranks from 1 to 9 that a text names, in words or digits.

    Args:
        text: a question or a quote.
        language: "fr", "en" or "ja".
    """
    text = unicodedata.normalize("NFKC", text)
    pattern = _DIGITS.get(language)
    ranks = [next(filter(None, match.groups())) for match in pattern.finditer(text)] if pattern else []
    found = {_KANJI.get(rank) or int(rank) for rank in ranks}
    words = _WORDS.get(language, ())
    return found | {rank for rank, word in enumerate(words, start=1) if re.search(rf"\b{word}\b", text, re.IGNORECASE)}


def about_another(question: str, asked_in: str, quote: str, written_in: str) -> bool:
    """Whether a quote speaks of another one of several like things than the question."""
    asked, given = ordinals(question, asked_in), ordinals(quote, written_in)
    return bool(asked and given and not asked & given)
