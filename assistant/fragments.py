"""Answers that are no sentences: a bare figure or name."""

import re

_SHORTEST_SENTENCE = {"fr": 4, "en": 4, "ja": 8}  # words; characters in Japanese
_BARE_NAME = re.compile(r"(?:[A-ZÀ-Þ0-9][\w.&'’-]*[ ]?){1,5}")


def is_fragment(text: str, language: str) -> bool:
    """Whether a claim is a bare figure or name rather than a sentence."""
    if language == "ja":
        return len(text) < _SHORTEST_SENTENCE["ja"] or not re.search(r"[ぁ-ん]{2}", text)
    return len(text.split()) < _SHORTEST_SENTENCE[language]


def is_bare_name(text: str) -> bool:
    """Whether a text is nothing but a name in Latin letters, which is the same in every language."""
    return _BARE_NAME.fullmatch(text.strip()) is not None
