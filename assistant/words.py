"""The content words of a text, for comparing what two texts are about. No model.

French and English: words without function words, accents and elisions. Japanese has no spaces: pairs of neighbouring
characters of kanji and katakana runs (character bigrams; Ogawa and Matsuda, "Overlapping statistical word indexing",
SIGIR 1997), Latin words and numbers whole.
"""

import re

from index.names import fold

__all__ = ["content_words", "fold"]


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
_ASKING = _words("""何年 何月 何日 何人 何社 何件 何台 何億 何円 質問 場合 以下 教え""")


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


def _stem(word: str) -> str:
    """A plural s is dropped: enough to match "subvention" with "subventions"."""
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word
