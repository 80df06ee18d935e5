"""The content words of a text, for comparing what two texts are about. No model.

French and English: words without function words, accents and elisions. Japanese has no spaces: pairs of neighbouring
characters of kanji and katakana runs (character bigrams; Ogawa and Matsuda, "Overlapping statistical word indexing",
SIGIR 1997), Latin words and numbers whole.
"""

import re
import unicodedata
from collections.abc import Set

from index.names import fold

__all__ = ["content_spans", "content_words", "fold"]

ACCENT = re.compile("[À-ÖØ-öø-ÿŒœ]")  # what French has beside plain letters


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_STOP = {
    "fr": _words(
        """a à au aux avec ce ces cet cette combien comment dans de des du elle elles en est et etait ete etre eu fait
    faut il ils la le les leur leurs lequel laquelle mais ne nous on ou où par pas plus pour pourquoi qu quand
    que quel quelle quelles quels qui quoi sa se sera ses si son sont sur tous tout toute toutes un une vont va
    y cela ca donc dont ont avait afin ainsi alors aussi apres avant c d l m n s t j lors sous entre vers chez
    comme peut puis selon sans savez vous dire dites donne donner moi je tu te me stp svp est-ce"""
    ),
    "en": _words(
        """a about an and are as at be been but by can did do does for from had has have how i in into is it its many
    me much of on or that the their them they this those to was were what whats when where which who whom whose
    why will with would you your we us our he she his her any all also there please tell give s t re ll d m than
    then so if not no"""
    ),
    "ja": frozenset(),
}
_WORD = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[a-z]+(?:[-.&][a-z0-9]+)*[0-9]*")
_INVERTED = re.compile(r"(?:-t)?-(?:ils?|elles?|on|ce|nous|vous|je|tu)(?![a-z])")  # "a-t-il", "investit-elle"
_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff々]+|[\u30a1-\u30fa\u30fc]+")
_FILLERS = {  # words that state nothing, beyond those that are left out of searches
    "fr": _words(
        """tandis alors lorsque lorsqu cependant toutefois puisque puisqu parce car notamment environ celui celle ceux
        celles oui non oh ah lui lors étaient avaient seront serait auraient aurait étant ayant"""
    ),
    "en": _words(
        """while whereas although though because since yes yeah yea oh well however thus hence therefore about being
        having were both each"""
    ),
}
_LATIN_SPAN = re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u9fff]+(?:-[^\W\d_\u3040-\u30ff\u3400-\u9fff]+)*[0-9]*")
_FOLDED_STOP = {
    language: frozenset(fold(word) for word in words | _FILLERS.get(language, frozenset()))
    for language, words in _STOP.items()
}
_ASKING = _words("""何年 何月 何日 何人 何社 何件 何台 何億 何円 質問 場合 以下 教え""")


def without_accents(text: str) -> str:
    """A text in which plain letters take the place of accented ones."""
    kept = (c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", "".join(kept))


def share_of(words: Set[str], given: Set[str]) -> float:
    """The share of some words that stand among the given ones; 0 where there are none."""
    return len(words & given) / len(words) if words else 0.0


def content_words(text: str, language: str) -> set[str]:
    """The content words of a text: folded words, numbers, and for Japanese character pairs."""
    folded = fold(text)
    if language == "fr":
        folded = _INVERTED.sub(" ", folded)
    words = {_stem(word) for word in _WORD.findall(folded)}
    words -= _STOP.get(language, frozenset()) | (_STOP["fr"] & _STOP["en"])
    words = {word for word in words if len(word) > 1 or word.isdigit()}
    for run in _RUN.findall(folded):
        words.update(run[i : i + 2] for i in range(len(run) - 1))
        if len(run) == 1:
            words.add(run)
    return words - _ASKING


def is_function_word(word: str, language: str) -> bool:
    """Whether a word in small letters is one that searches leave out."""
    return word in _STOP[language]


def _stem(word: str) -> str:
    """A plural s is dropped: enough to match "subvention" with "subventions"."""
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


def content_spans(text: str, language: str) -> list[tuple[int, int]]:
    """Where the content words of a text stand, as character spans, in order; numbers are left out.

    Latin words without function words and fillers; in Japanese the runs of kanji and of katakana, which carry the
    meaning.
    """
    stop = _FOLDED_STOP.get(language, frozenset()) | (_FOLDED_STOP["fr"] & _FOLDED_STOP["en"])
    latin = [
        match.span()
        for match in _LATIN_SPAN.finditer(text)
        if len(match.group()) > 1 and fold(match.group()) not in stop
    ]
    return sorted(latin + [match.span() for match in _RUN.finditer(text)])
