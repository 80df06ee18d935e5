"""Names in katakana or Latin letters that no table knows: does a quote speak of the one that a claim speaks of?"""

import re

from index.sounds import sound_of_katakana, sounds_of_latin

_KATAKANA = re.compile(r"[ァ-ヴー]{3,}")
_LATIN_NAME = re.compile(r"(?<![A-Za-zÀ-ÿ])[A-Z][a-z]{3,}")
_LEAST_CONSONANTS = 2  # ボッシュ; one alone fits too many words


def elsewhere_only(claim: str, near: str, passage: str) -> str:
    """A name of a claim that its passage has in the other script, but not near the quoted sentence; "" where none.

    "ボッシュ invested 5 billion" is not borne out by a sentence on the state, if Bosch stands in another one.

    Args:
        claim: in Japanese on a passage in Latin script, or the reverse.
        near: the quoted sentence with its headings and the sentence before it.
        passage: all of the passage, with its headings.
    """
    for name, sounds in _sounds(claim).items():
        if name not in near and sounds & _all_sounds(passage) and not sounds & _all_sounds(near):
            return name
    return ""


def sound_alike(name: str, text: str) -> bool:
    """Whether a word of a name sounds like one of a text in the other script: Joanne Tsai and ジョアン・ツァイ."""
    given = {sound for word in _KATAKANA.findall(text) for sound in _sounds(word)[word]}
    return not _KATAKANA.search(name) and any(sounds & given for sounds in _sounds(name).values())


def _sounds(text: str) -> dict[str, frozenset[str]]:
    """The names of a text in katakana, or else in Latin letters, and how they may sound."""
    found = {word: frozenset([sound_of_katakana(word)]) for word in _KATAKANA.findall(text)}
    if not found:
        found = {word: sounds_of_latin(word.lower()) for word in _LATIN_NAME.findall(text)}
    return {word: frozenset(one for one in said if len(one) >= _LEAST_CONSONANTS) for word, said in found.items()}


def _all_sounds(text: str) -> frozenset[str]:
    latin = (sounds_of_latin(word.lower()) for word in _LATIN_NAME.findall(text))
    katakana = (frozenset([sound_of_katakana(word)]) for word in _KATAKANA.findall(text))
    return frozenset(one for said in (*latin, *katakana) for one in said if len(one) >= _LEAST_CONSONANTS)
