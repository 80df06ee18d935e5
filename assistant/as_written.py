"""A question typed carelessly is read as the passages found for it write its words.

"second rutilea building in okuma" → "second RUTILEA building in Okuma": names are then checked and the model sees them.
"combien coute la premiere etape" → "combien coûte la première étape": models know French words by their accents.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from assistant.names import COMMON
from assistant.words import ACCENT, fold, is_function_word

_WORD = re.compile(r"(?<![\w&.-])[^\W\d_][\w&-]{2,}")
_PARTICIPLE = re.compile("[a-z]+(?<!it)és?")  # nothing but its end tells it from the present tense
_SHORTEST_ACCENTED = 4
_ENDS = '.!?:。：！？\n|#«“"(（「•'  # what follows is capitalised anyway, or may be


def as_written(question: str, language: str, texts: Sequence[str]) -> str:
    """The question with the capitals of names, where it has none itself, and French accents, where it has none.

    Args:
        question: as it was typed.
        language: of the question.
        texts: passages found for it. A word that any of them writes small is no name; one that any of them writes
            without accents needs none.
    """
    no_capitals = not any(letter.isupper() for letter in question[1:])
    no_accents = language == "fr" and not ACCENT.search(question)
    if not no_capitals and not no_accents:
        return question
    forms: dict[str, Counter[str]] = {}
    for text in texts:
        for folded, form in _forms(text):
            forms.setdefault(folded, Counter())[form] += 1

    def written(match: re.Match[str]) -> str:
        word = match.group()
        found = forms.get(fold(word), Counter())
        small = {form for form in found if form[0].islower()}
        if not small and found and no_capitals and fold(word) not in COMMON:
            return found.most_common(1)[0][0]
        form = small.pop() if len(small) == 1 and no_accents and word[0].islower() else word
        return word if _another_word(word, form) else form

    return _WORD.sub(written, question)


def _another_word(word: str, form: str) -> bool:
    """Whether a French word may be another than its accented form: mais and maïs, accorde and accordé."""
    return len(word) < _SHORTEST_ACCENTED or is_function_word(word, "fr") or _PARTICIPLE.fullmatch(form) is not None


@lru_cache(maxsize=4_000)
def _forms(text: str) -> tuple[tuple[str, str], ...]:
    """The words of a text in Latin letters, folded and as they are written; those that begin a sentence only small."""
    found = []
    for match in _WORD.finditer(text):
        form = match.group()
        before = text[: match.start()].rstrip(" ")
        begins = not before or before[-1] in _ENDS
        if form[0].islower() or form.isupper() or not begins:
            found.append((form.casefold() if form.isascii() else fold(form), form))
    return tuple(found)
