"""The office whose holder a question asks for: the name of a minister does not answer "which prime minister"."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_ASKED = {  # {0} stands for the office; blanks are for reading, those that count are written \s
    "fr": r"""\bquel(?:le)?s?\s(?:(?:est|était|fut|sera)\s)?(?:alors\s)?(?:le\s|la\s|l['’])?(?:\w+\s){{0,2}}(?:{0})
        |\bqui\s(?:est|était|fut|sera)\b(?:\W+\w+){{0,4}}?\W+(?:{0})
        |\bnoms?\sd(?:u|e\sla|e\sl['’]|es)\W*(?:\w+\s){{0,2}}(?:{0})""",
    "en": r"""\b(?:which|what)\s(?:\w+\s){{0,2}}(?:{0})
        |\bwho(?:['’]s|\sis|\swas|\swere)\b(?:\W+\w+){{0,4}}?\W+(?:{0})
        |\bnames?\sof\s(?:the\s|its\s)?(?:\w+\s){{0,2}}(?:{0})""",
    "ja": r"""(?:{0})(?:の(?:名前|氏名|名))?(?:は|って|とは)(?:\S{{0,20}}(?:誰|だれ|どなた|名前)|[？?]?$)
        |どの(?:{0})|(?:{0})の(?:名前|氏名)|誰.{{0,12}}(?:{0})""",
}


def office_asked(question: str, language: str) -> str:
    """The office whose holder is asked for, by its name in `roles.toml`, or ""."""
    return next((name for name, asked in _asked_in(language).items() if asked.search(question)), "")


def names_office(text: str, office: str) -> bool:
    """Whether a text in any of the languages names an office, or says that somebody holds it."""
    return _anywhere()[office].search(text) is not None


@cache
def _roles() -> tuple[Mapping[str, str], ...]:
    table = tomllib.loads((files("assistant") / "roles.toml").read_text(encoding="utf-8"))
    return tuple(table["role"])


@cache
def _asked_in(language: str) -> dict[str, re.Pattern[str]]:
    return {
        role["name"]: re.compile(_ASKED[language].format(_verbose(role[language])), re.IGNORECASE | re.VERBOSE)
        for role in _roles()
        if language in _ASKED
    }


@cache
def _anywhere() -> dict[str, re.Pattern[str]]:
    return {
        role["name"]: re.compile("|".join(role[key] for key in (*_ASKED, "said") if key in role), re.IGNORECASE)
        for role in _roles()
    }


def _verbose(pattern: str) -> str:
    return pattern.replace(" ", r"\s")
