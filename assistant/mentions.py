"""The names, dates and currencies that a question mentions, and where: what a follow-up replaces or points to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from assistant.figures import find_figures
from assistant.names import missing_names
from index.names import groups_in, name_groups

_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ0-9"
_PART = rf"(?:[A-ZÀ-ÖØ-Þ][{_LETTER}_&.’'-]*[{_LETTER}]|[A-ZÀ-Þ]|\d+(?:\.\d+)+)"
_LATIN_NAME = re.compile(rf"(?<![{_LETTER}_&])[A-ZÀ-ÖØ-Þ][{_LETTER}_&.-]*(?:(?<!\.)(?: (?:of|de|du|des) | ){_PART})*")
_QUOTED = re.compile(r"「([^」]{2,20})」")
_LATIN_ENDING = re.compile(r"(?<=[\u3040-\u30ff\u4e00-\u9fff])[A-Z][A-Z0-9]+")
_JAPANESE_NAME = re.compile(r"[一-鿿々]{0,6}[ァ-ヺー・]{2,}(?:[A-Z][A-Z0-9]+)?|[一-鿿々]{2,4}(?=[A-Z]{2,})")
_CURRENCY = re.compile(
    r"\b(?:en|in) (?:euros?|dollars?|yens?|pounds?|livres)\b|(?:ドル|ユーロ|円|ポンド)(?=で|建て|換算|$)", re.IGNORECASE
)
_PRODUCT = re.compile(
    r"[A-Z]{1,3}\d{2,4}\w*(?: .*)?|(?:DGX|RTX|HGX|GPU|CPU)\b.*|[kMGT]?Wh?|PUE|[EP]?FLOPS", re.IGNORECASE
)
_FEW_WORDS = 3


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_NOT_A_NAME = _words(
    """about up around under since after before between there both all some most many several one two three four five
    six seven eight nine ten each every another other according together with without within over more less only also
    by during until through among as while although because however environ après avant jusqu jusqu'à plusieurs certains
    deux trois quatre cinq sept huit neuf dix chaque cela ceci voici plus moins avec sans sous entre lors dès parmi
    nous vous on je tu c'est il s'agit no documents extracts extraits
    of the a an in on at by what which who whom whose when where why how is are was were do does did has have had will
    would can could should may tell explain give list show compare describe define please and but or so then yes no ok
    le la les un une des du de qui que quoi quel quelle quels quelles combien quand où comment pourquoi est-ce qu l d
    est sont a ont va vont dis dites donne donnez explique expliquez parle résume compare existe-t-il y et mais ou oui
    non selon depuis en dans au aux pour i gpu gpus ai ia llm llms ceo pdg fy sorry pardon not pas if si my we it he she
    il elle ils elles they its his her their this that these those ce cet cette ces son sa ses leur leurs
    english french japanese français anglais japonais"""
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name, date or currency in a text: `text[start:end]`.

    `kind`: that of `index/names.toml` ("company", "person", "body", "place", "law", "term"), "name" for a name that
    stands in no table, "product" (a device or a unit), "date" or "currency".
    """

    text: str
    start: int
    end: int
    kind: str


def find_mentions(text: str, language: str) -> list[Mention]:
    """All mentions of a text, in order, without overlap; known names win over others."""
    found = [_quoted(match) for match in _QUOTED.finditer(text)]
    for match in _known().finditer(text):
        longer = _LATIN_ENDING.match(text, match.end())  # 富岳NEXT is not 富岳
        end = longer.end() if longer else match.end()
        _add(found, Mention(text[match.start() : end], match.start(), end, "name" if longer else _kind(match.group())))
    for figure in find_figures(text, language):
        if figure.is_date:
            _add(found, Mention(text[figure.start : figure.end], figure.start, figure.end, "date"))
    for match in _CURRENCY.finditer(text):
        _add(found, Mention(match.group(), *match.span(), "currency"))
    for match in _JAPANESE_NAME.finditer(text):
        name = match.group()
        if re.search("[A-Z]", name) or missing_names(name, []):
            _add(found, Mention(name, *match.span(), "name"))
    for match in _LATIN_NAME.finditer(text):
        _add(found, _latin(match, text))
    return sorted(found, key=lambda mention: mention.start)


def distinct(mentions: Iterable[Mention]) -> list[Mention]:
    """The mentions without those that name the same as an earlier one."""
    kept: list[Mention] = []
    for mention in mentions:
        if not any(same(mention, other) for other in kept):
            kept.append(mention)
    return kept


def same(one: Mention, other: Mention) -> bool:
    """Whether two mentions name the same, perhaps in two scripts."""
    if one.text.casefold() == other.text.casefold():
        return True
    listed = "name" not in (one.kind, other.kind)
    return listed and bool(groups_in(one.text) & groups_in(other.text))


def _latin(match: re.Match[str], text: str) -> Mention | None:
    """A capitalised run as a name, without a first word that is only capitalised because it begins the sentence."""
    start, name = match.start(), match.group()
    begins = not text[:start].rstrip() or text[:start].rstrip()[-1:] in ".!?:"
    first, _, others = name.partition(" ")
    while first.casefold().rstrip(".") in _NOT_A_NAME or (begins and _elided(first)):
        if not others:
            return None
        start, name, begins = start + len(first) + 1, others, False
        first, _, others = name.partition(" ")
    lone = begins and not others and text[match.end() : match.end() + 1] != ","
    asks = re.search(r"[.!?？]|$", text[match.end() :]).group() in ("?", "？")  # type: ignore[union-attr]
    if lone and asks and not re.search(r"[A-Z0-9].*[A-Z0-9]", first) and len(text.split()) > _FEW_WORDS:
        return None
    if lone and not asks and re.search(r"(?:ly|ing|ed|ment)$", first):
        return None
    name = name.rstrip(" .-&'’")
    if not name or name.casefold() in _NOT_A_NAME:
        return None
    return Mention(name, start, start + len(name), "product" if _PRODUCT.fullmatch(name) else "name")


def _elided(word: str) -> bool:
    return re.fullmatch(r"(?:[ldnsLDNS]|[Qq]u)['’]?", word) is not None


def _add(found: list[Mention], new: Mention | None) -> None:
    if new is not None and not any(new.start < old.end and old.start < new.end for old in found):
        found.append(new)


@cache
def _kinds() -> dict[str, str]:
    return {form.casefold(): group.kind for group in name_groups() for form in group.forms}


def _kind(form: str) -> str:
    return _kinds().get(form.casefold(), "name")


def _quoted(match: re.Match[str]) -> Mention:
    return Mention(match.group(1), *match.span(1), _kind(match.group(1)))


@cache
def _known() -> re.Pattern[str]:
    """Any form of any known name, the longest first."""
    forms = sorted({form for group in name_groups() for form in group.forms}, key=len, reverse=True)
    return re.compile(
        "|".join(
            f"{re.escape(form)}(?![語人])"
            if _JAPANESE.search(form)
            else rf"(?<![{_LETTER}]){re.escape(form)}(?![{_LETTER}])"
            for form in forms
        ),
        re.IGNORECASE,
    )
