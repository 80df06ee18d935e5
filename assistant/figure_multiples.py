"""Multiples in one word: "doubled", "twice", "tenfold", "a triplé", 倍増."""

import re
from decimal import Decimal

from assistant.numerals import read_words

_FOLD = re.compile(
    r"(two|three|four|five|six|seven|eight|nine|ten|twenty|hundred)-?fold(?![A-Za-zÀ-ÿ0-9_])", re.IGNORECASE
)
_ENGLISH = re.compile(
    r"(?:(?P<two>doubl(?:ed|es|ing)|(?:(?<=[ ]to[ ])|(?<=[ ]will[ ])|(?<=[ ]over[ ])|(?<=[ ]than[ ]))double(?=[ ])"
    r"|(?:double|twice)(?=[ ](?:as|the|its|their|that|this|what)[ ]))"
    r"|(?P<three>tripl(?:ed|es|ing)|triple(?=[ ](?:the|its|their|that|this)[ ]))"
    r"|(?P<four>quadrupl(?:ed|es|ing)))(?![A-Za-zÀ-ÿ0-9_-])",
    re.IGNORECASE,
)
_FRENCH_VERB = "és?|ées?|er|era|ent|ait|ant"
_FRENCH = re.compile(
    rf"(?:(?P<two>(?:(?<=le[ ])|(?<=du[ ]))double(?=[ ]d)|doubl(?:{_FRENCH_VERB})"
    r"|double(?=[ ](?:le|la|les|son|sa|ses|leurs?|l'|immédiatement|presque)\b))"
    rf"|(?P<three>(?:(?<=le[ ])|(?<=du[ ]))triple(?=[ ]d)|tripl(?:{_FRENCH_VERB}))"
    rf"|(?P<four>quadrupl(?:{_FRENCH_VERB})))(?![A-Za-zÀ-ÿ0-9_-])",
    re.IGNORECASE,
)
_JAPANESE = re.compile(r"(?P<two>倍増|倍加)")
_BY_LANGUAGE = {"fr": _FRENCH, "en": _ENGLISH, "ja": _JAPANESE, "und": _ENGLISH}
_VERB = re.compile(r"(?:doubl|tripl|quadrupl)\w*|twice|倍[増加]", re.IGNORECASE)
_TIMES = {"two": 2, "three": 3, "four": 4}


def read_multiple(text: str, pos: int, language: str) -> tuple[int, Decimal] | None:
    """Read a word that says how many times at `pos` of a plain text: its end and the number of times."""
    fold = _FOLD.match(text, pos) if language != "fr" else None
    if fold:
        numeral = read_words(fold[1], 0, "en")
        return (fold.end(), numeral.value) if numeral else None
    match = _BY_LANGUAGE.get(language, _ENGLISH).match(text, pos)
    return (match.end(), Decimal(_TIMES[match.lastgroup])) if match and match.lastgroup else None


def is_verb(text: str) -> bool:
    """Whether a figure's text is a verb or adverb ("doubled", "twice"), which no number can replace in a sentence."""
    return _VERB.fullmatch(text) is not None
