"""Names across languages: those of the shipped table `names.toml`, recognised in any script.

A search is widened by them: 内閣府 also finds "Cabinet Office".
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def fold(text: str) -> str:
    """NFKC, lower case, accents of Latin letters removed, apostrophes turned into spaces."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", " ").replace("'", " ")
    plain = unicodedata.normalize("NFD", text)
    kept = (c for c in plain if not (unicodedata.category(c) == "Mn" and ord(c) < 0x0370))
    return unicodedata.normalize("NFC", "".join(kept))


@dataclass(frozen=True, slots=True)
class NameGroup:
    """One name in its three languages, and its further forms. `kind`: company, person, body, place, law or term."""

    kind: str
    fr: str
    en: str
    ja: str
    also: tuple[str, ...] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        """All forms of the name, longest first."""
        return tuple(sorted({self.fr, self.en, self.ja, *self.also}, key=len, reverse=True))


@cache
def name_groups() -> tuple[NameGroup, ...]:
    """The table of names, as shipped."""
    table = tomllib.loads((files("index") / "names.toml").read_text(encoding="utf-8"))
    return tuple(NameGroup(**{**entry, "also": tuple(entry.get("also", ()))}) for entry in table["name"])


@lru_cache(maxsize=20_000)  # the same passages come up again and again
def groups_in(text: str) -> frozenset[NameGroup]:
    """The known names that a text mentions, in whatever form."""
    folded = fold(text)
    return frozenset(group for group, forms in _forms() if any(mentions(folded, form) for form in forms))


@cache
def _forms() -> tuple[tuple[NameGroup, tuple[str, ...]], ...]:
    return tuple((group, group.forms) for group in name_groups())


def other_forms(text: str) -> list[str]:
    """The forms, in the other languages, of the names that a text mentions: words to widen a search with."""
    folded = fold(text)
    forms = {form for group in groups_in(text) for form in (group.fr, group.en, group.ja)}
    return sorted(form for form in forms if not mentions(folded, form))


def mentions(folded_text: str, form: str) -> bool:
    """Tell whether a folded text holds a form of a name, Latin ones as whole words."""
    folded, pattern = _pattern(form)
    return folded in folded_text and pattern.search(folded_text) is not None  # `in` is ten times faster


@cache
def _pattern(form: str) -> tuple[str, re.Pattern[str]]:
    folded = fold(form)
    if _JAPANESE.search(folded):
        return folded, re.compile(rf"{re.escape(folded)}(?![語人])")  # 日本 is not named by 日本語
    return folded, re.compile(rf"(?<![a-z0-9]){re.escape(folded)}(?![a-z0-9])")
