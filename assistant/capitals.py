"""A question typed in small letters gets the capitals of the names that the passages found have in it.

"second rutilea building in okuma" → "second RUTILEA building in Okuma": names are then checked and the model sees them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

_WORD = re.compile(r"(?<![\w&.-])[^\W\d_][\w&-]{2,}")
_ENDS = '.!?:。：！？\n|#«“"(（「•'  # what follows is capitalised anyway, or may be


def with_capitals(question: str, texts: Sequence[str]) -> str:
    """The question with the capitals of names, where it has none itself.

    Args:
        question: as it was typed.
        texts: passages found for it. A word that any of them writes small is no name.
    """
    if any(letter.isupper() for letter in question[1:]):
        return question
    forms: dict[str, Counter[str]] = {}
    for text in texts:
        for word, form in _forms(text):
            forms.setdefault(word, Counter())[form] += 1

    def capital(match: re.Match[str]) -> str:
        found = forms.get(match.group().casefold())
        if not found or match.group().casefold() in found:
            return match.group()
        return found.most_common(1)[0][0]

    return _WORD.sub(capital, question)


@lru_cache(maxsize=4_000)
def _forms(text: str) -> tuple[tuple[str, str], ...]:
    """The words of a text in Latin letters, folded and as they are written; those that begin a sentence only small."""
    found = []
    for match in _WORD.finditer(text):
        form = match.group()
        before = text[: match.start()].rstrip(" ")
        begins = not before or before[-1] in _ENDS
        if form[0].islower() or form.isupper() or not begins:
            found.append((form.casefold(), form))
    return tuple(found)
