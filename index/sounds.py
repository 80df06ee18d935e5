"""Finds Latin words by how katakana spell them: シングテル finds Singtel, which no table of names need know.

Both spellings are reduced to the consonants that Japanese keeps apart (after Knight and Graehl 1998, "Machine
Transliteration", who model the same losses with probabilities): vowels go, l is r, v is b, and an r that no vowel
follows may be lost.
"""

import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Mapping

_KATAKANA = re.compile(r"[ァ-ヴー]{3,}")
_LATIN = re.compile(r"[a-z]{4,}")
_LEAST_CONSONANTS = 3  # shorter ones fit too many words
_MOST_WORDS = 4  # of one sound
_MOST_TERMS = 500_000
_SILENT = frozenset("WY")
_VOWELS = "aeiouy"
_REWRITTEN = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"), (r"sch|sh", "s"), (r"tch|ch", "t"), (r"th", "s"), (r"ck|qu|q", "k"), (r"x", "ks"),
        (r"c(?=[eiy])", "s"), (r"c", "k"), (r"g(?=[eiy])", "z"), (r"j", "z"), (r"v", "b"),
        (r"(?<=.)h(?![aeiou])|w", ""), (r"f", "h"), (r"l", "R"), (r"m(?=[bp])", "n"),
    )
)  # fmt: skip


def sound_of_katakana(word: str) -> str:
    """The consonants of a katakana word: "sngtr" for シングテル."""
    found = ""
    for character in unicodedata.normalize("NFKC", word):
        name = unicodedata.name(character, "").rpartition(" ")[2]
        small = " SMALL " in unicodedata.name(character, "")
        if not small and name[:1] not in _SILENT and character != "ー":
            found += re.sub("[AEIOU]", "", name).lower() if name != "N" else "n"
    return _once(found.replace("v", "b"))


def sounds_of_latin(word: str) -> frozenset[str]:
    """How katakana may spell a Latin word, in lower case: its consonants, with and without each r that may be lost."""
    for pattern, sound in _REWRITTEN:
        word = pattern.sub(sound, word)
    kept, lost = word, re.sub(rf"r(?![{_VOWELS}])", "", word)
    return frozenset(_once(re.sub(f"[{_VOWELS}]", "", one).lower()) for one in (kept, lost))


def words_by_sound(terms: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Group Latin terms by their sounds, for `latin_words`."""
    found: dict[str, tuple[str, ...]] = {}
    for term in terms:
        if _LATIN.fullmatch(term):
            for sound in sounds_of_latin(term):
                if len(sound) >= _LEAST_CONSONANTS:
                    found[sound] = (*found.get(sound, ()), term)
    return found


def indexed_terms(connection: sqlite3.Connection) -> list[str]:
    """The terms of the full-text table."""
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab(main, words, row)")
    return [term for (term,) in connection.execute("SELECT term FROM terms LIMIT ?", (_MOST_TERMS,))]


def latin_words(katakana: Iterable[str], by_sound: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The Latin words of an index that sound like some katakana words; those of rare sounds only."""
    sounds = [sound_of_katakana(word) for word in katakana]
    return [word for sound in sounds if len(by_sound.get(sound, ())) <= _MOST_WORDS for word in by_sound.get(sound, ())]


def katakana_words(query: str) -> list[str]:
    """The words of a query in katakana, of three signs or more."""
    return list(_KATAKANA.findall(query))


def _once(sound: str) -> str:
    return re.sub(r"(.)\1+", r"\1", sound)
