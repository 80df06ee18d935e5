"""What a question asks for: a figure (of which unit), a date (how precise), or anything else. Patterns, no model.

An answer that lacks what was asked is none, however well supported: "how many" needs a count, "which day" a day.
"""

import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from assistant.counted_things import DEVICES, GENERIC
from assistant.figures import Figure, find_figures
from assistant.names import groups_in
from assistant.words import ACCENT, content_words, fold, without_accents

_NAME = re.compile(
    r"(?<![A-Za-zÀ-ÿ0-9-])[A-ZÀ-Þ][A-Za-zÀ-ÿ0-9&-]*[A-Za-zÀ-ÿ0-9]"  # a capitalised word, also beside kana: 米HPEが
    r"|[\u30a1-\u30fa\u30fc・]{3,}|[\u4e00-\u9fff]{3,}"  # katakana; three kanji, as a surname with its title has
)
_COUNTED = {
    "fr": re.compile(r"\b(?:combien|nombre|nb) d(?:e |es |['’])(\w+)", re.IGNORECASE),
    "en": re.compile(r"\b(?:how many|number of) (\w+)", re.IGNORECASE),
    "ja": re.compile(r"何([^\s\d年月日時分割％%億万千円])"),
}
_OF_A_THING = re.compile(  # "how much coal" asks for no money
    r"\bcombien d(?:e |['’])(?!millions|milliards|yens|dollars|euros|argent|l['’]|la |son |sa |leur )|\bhow many\b"
    r"|\bhow much (?!(?:did|does|do|is|are|was|were|will|would|has|have|had|can|could|should|may|might|money|funding"
    r"|cash|aid|subsidy|support|investment|it|they|he|she|we|you|per|for|to|in|of|from)\b)"
    r"(?:(?-i:[a-z]{3,})|[A-Z]{2,4} [a-z]{3,})"
    r"|(?:容量|出力|電力|面積|距離|重さ|速度|数|率|割合)[がはを]?[^、。]{0,6}いくら",
    re.IGNORECASE,
)
_NUMBER_OF = re.compile(
    r"\bcombien d(?:e |['’])(?!millions|milliards|yens|dollars|euros|argent|livres|francs|pour ?cents?|temps"
    r"|l['’]|la |son |sa |leur )"
    r"|\bnombre d(?:e |['’])"
    r"|\b(?:how many|number of) (?!millions?|billions?|trillions?|yen|dollars|euros|pounds|francs|per ?cent)"
    r"|何(?:人|社|台|基|件|名|つ|個|本|校|隻|棟|戸|世帯|か所|カ所|ヶ所|箇所|種類)|(?:人|件|台|社|個|店|戸|校|世帯|施設|アプリ)の?数",
    re.IGNORECASE,
)
_PER_UNIT = re.compile(  # "how much does a megawatt cost?" asks for no power
    r"\b(?:an?|per|each|every|one|le|la|l['’]|un|une|par|chaque|du) ?"
    r"(?:[kmgt]wh?|(?:kilo|mega|méga|giga)watt\w*)(?:[- ]hours?)?\b"
    r"|1?[キメギ][ロガ]ワット(?:時)?(?:当たり|あたり|につき)",
    re.IGNORECASE,
)
_NEXT_WORD = re.compile(r"\s+([a-zà-ÿ]{3,})")
_COUNTED_KINDS = {"amount": "money", "duration": "time"}  # "how many kroner", "how many days"
_HOW_MUCH_IN_JAPANESE = re.compile("いくら|いくつ|幾つ|何(?![年月日という])|どのくらい|どれくらい|どれだけ|どれほど")
_LAST_SENTENCE = re.compile(
    r"(?<=[.!?])(?<!\b[A-Z]\.)(?<!\b(?:Mr|Dr|St)\.)(?<!\bMrs\.)(?<!\bMme\.)\s+|(?<=[。？！])\s*"
)
_MEASURES = ("FLOPS", "W", "Wh", "m2", "byte", "bit/s")  # never left unsaid, as that of a count may be
FIGURE_KINDS = ("amount", "count", "percentage", "points", "measure", "number", "duration")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer must contain.

    Attributes:
        kind: "figure", "date", "name" or "" (anything).
        unit: canonical unit of the figure, "money" for any currency, "time" for any length of time, or "" where the
            question leaves it open.
        day: a date must be given to the day.
        of_things: a number of things is asked for, whatever they are: no sum of money, no share.
    """

    kind: Literal["figure", "date", "name", ""]
    unit: str = ""
    day: bool = False
    of_things: bool = False


def what_is_asked(question: str, language: str) -> Asked:
    """Read from the question what an answer must contain; nothing of one kind for a reason, a way, or yes and no."""
    if asks_to_explain(question, language) or asks_yes_or_no(question, language):
        return Asked("")
    unit = _unit_named(question, language)
    date, figure, name = (_finds(kind, language, question) for kind in ("date", "figure", "name"))
    if language == "ja" and (date or name) and not _HOW_MUCH_IN_JAPANESE.search(question):
        figure, unit = None, ""  # 電力を供給する会社の名前: what is spoken of, not what is asked
    last = date is not None and language == "ja" and not question[date.end() :].strip("？?。 ")  # 予算を可決した日
    if date and (last or not any(other and other.start() < date.start() for other in (figure, name))):
        return Asked("date", day=_finds("day", language, question) is not None)
    if unit or figure:
        if not unit and _finds("money", language, question):
            unit = "" if _OF_A_THING.search(question) else "money"
        unit = unit or _counted_unit(question, language)
        return Asked("figure", unit, of_things=not unit and _NUMBER_OF.search(question) is not None)
    return Asked("name" if name else "")


def _unit_named(question: str, language: str) -> str:
    """The unit that a question names, other than in a figure that it gives ("a connection of 15 MW"), or ""."""
    rest = _PER_UNIT.sub("", question)
    for figure in find_figures(rest, language):
        if not figure.is_date:
            rest = rest.replace(figure.text, " ", 1)
    return next((unit for unit, pattern in _units() if pattern.search(rest)), "")


def _counted_unit(question: str, language: str) -> str:
    """The unit of what a question wants counted: "how many GPUs", 何社; "" where no table has it."""
    match = _COUNTED[language].search(question) if language in _COUNTED else None
    if match is None:
        return ""
    figures = find_figures(f"2{match.group(1)}" if language == "ja" else f"2 {match.group(1)}", language)
    if not figures:
        return ""
    if figures[0].kind in _COUNTED_KINDS:
        return _COUNTED_KINDS[figures[0].kind]
    return figures[0].unit if figures[0].kind == "count" and figures[0].unit not in GENERIC else ""


def states_absence(text: str) -> bool:
    """Whether a sentence says that something is not known or not given: a reason to abstain, not an answer."""
    return _finds("absence", "any", text) is not None


def names_asked(question: str, language: str) -> str:
    """The kind of names a question asks for ("law", "company"), or ""."""
    return next((kind for kind in ("law", "company") if _finds(kind, language, question)), "")


def operation_asked(question: str, language: str) -> str:
    """What a question wants computed of two figures or dates: "ratio", "days", "months", "difference", "sum" or ""."""
    names = ("ratio", "days", "months", "difference", "sum")
    return next((name for name in names if _finds(name, language, question)), "")


def asks_for_several(question: str, language: str) -> bool:
    """Whether a list is asked for: no single figure or name is an answer."""
    return _finds("several", language, question) is not None


def asks_for_change(question: str, language: str) -> bool:
    """Whether it is asked by how much something differs from what it was, or from what was expected."""
    return operation_asked(question, language) == "difference" or _finds("change", language, question) is not None


def asks_to_compare(question: str, language: str) -> bool:
    """Whether the question sets two things side by side: "which of the two", "A or B", "more than"."""
    return _finds("comparison", language, question) is not None


def order_asked(question: str, language: str) -> str:
    """By what a question wants two things compared: "earlier", "later", "smaller", "larger" or ""."""
    names = ("earlier", "later", "smaller", "larger")
    return next((name for name in names if _finds(name, language, question)), "")


def speaks_of_money(question: str, language: str) -> bool:
    """Whether the question names a sum of money: a grant, a price, a budget."""
    return _finds("money", language, question) is not None


def asks_yes_or_no(question: str, language: str) -> bool:
    """Whether the question can be answered by yes or no; then an answer may repeat its words."""
    last = [part for part in _LAST_SENTENCE.split(question.strip()) if part][-1:]  # what comes before is explained
    return (
        bool(last) and _finds("yes_or_no", language, last[0]) is not None and not _finds("either", language, question)
    )


def asks_to_explain(question: str, language: str) -> bool:
    """Whether a reason or a way is asked for: no single figure or name is an answer."""
    return _finds("explanation", language, question) is not None


def contains(
    asked: Asked, question: str, text: str, language: str, written_in: str = "", *, strictly: bool = False
) -> bool:
    """Whether a text holds what the question asks, other than what the question says itself.

    Args:
        asked: from `what_is_asked`.
        question: the question.
        text: an answer, or a sentence of a document.
        language: of the question.
        written_in: language of the text, where it is another one.
        strictly: a number without a unit does not count where a unit is asked for.
    """
    if not asked.kind:
        return True
    if asked.kind == "name":
        return bool(new_names(text, question, written_in or language))
    given = {figure.key for figure in find_figures(question, language)}
    figures = find_figures(text, written_in or language)
    if asked.unit and written_in in ("", language):  # words of two languages cannot be compared
        figures = [figure for figure in figures if not _counts_something_else(figure, text, question, language)]
        figures = [figure for figure in figures if figure.unit or not strictly]
    return fits(asked, figures, given)


def only_repeats(text: str, question: str, language: str) -> bool:
    """Whether a claim adds nothing to the question: then it is no answer, unless yes or no was asked."""
    if asks_yes_or_no(question, language):
        return False
    return not content_words(text, language) - content_words(question, language)


def _counts_something_else(figure: Figure, text: str, question: str, language: str) -> bool:
    """Whether a number without a known unit counts what the question does not ask for: "240,000 books"."""
    following = _NEXT_WORD.match(text, figure.end)
    if figure.unit or following is None:
        return False
    return not content_words(following.group(1), language) <= content_words(question, language)


def new_names(text: str, question: str, language: str) -> set[str]:
    """What may be a name in a text and does not stand in the question, folded: known names and what looks like one.

    The first word of a sentence is capitalised anyway and counts only with a digit or a second capital; months and
    what else belongs to a date do not count.
    """
    asked = fold(question)
    dates = [(figure.start, figure.end) for figure in find_figures(text, language) if figure.is_date]
    found = {group.en for group in groups_in(text) - groups_in(question)}
    for match in _NAME.finditer(text):
        name, start = match.group(), match.start()
        first = not text[:start].strip() or text[:start].rstrip()[-1] in ".!?:。："
        if first and name[0].isascii() and name[1:].islower():
            continue
        if fold(name) not in asked and not any(begin <= start < end for begin, end in dates):
            found.add(fold(name))
    return found


def fits(asked: Asked, figures: Sequence[Figure], given: Collection[tuple[str, str]]) -> bool:
    """Whether one of the figures is of the kind asked for, other than those `given` by the question (their keys)."""
    new = [figure for figure in figures if figure.key not in given]
    if asked.kind == "date":
        return any(_is_date(figure, to_the_day=asked.day) for figure in new)
    if asked.of_things:
        new = [figure for figure in new if figure.kind in ("count", "number")]
    return any(figure.kind in FIGURE_KINDS and _has_unit(figure, asked.unit) for figure in new)


def _finds(name: str, language: str, text: str) -> re.Match[str] | None:
    plain = language == "fr" and not ACCENT.search(text)  # "combien coute la premiere etape"
    return _patterns()[name]["fr, plain" if plain else language].search(text)


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files("assistant") / "asked.toml").read_text(encoding="utf-8"))


@cache
def _patterns() -> dict[str, dict[str, re.Pattern[str]]]:
    found: dict[str, dict[str, re.Pattern[str]]] = {}
    for name, by_language in _table().items():
        if name == "units":
            continue
        joined = {language: "|".join(parts) for language, parts in by_language.items()}
        if "fr" in joined:
            joined["fr, plain"] = without_accents(joined["fr"])
        found[name] = {language: re.compile(pattern, re.IGNORECASE) for language, pattern in joined.items()}
    return found


@cache
def _units() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (unit, re.compile("|".join([*parts, *map(without_accents, parts)])))
        for unit, parts in _table()["units"].items()
    ]


def _is_date(figure: Figure, *, to_the_day: bool) -> bool:
    if not figure.is_date:
        return figure.kind == "duration" and not to_the_day
    if not to_the_day or (figure.first_day is not None and figure.first_day == figure.last_day):
        return True
    return len(figure.iso) == len("--12-31") and figure.iso.startswith("--")  # a day, its year stands elsewhere


def _has_unit(figure: Figure, unit: str) -> bool:
    if unit in _COUNTED_KINDS.values():
        return _COUNTED_KINDS.get(figure.kind) == unit
    if not figure.unit and unit in (*_MEASURES, "percent"):
        return False
    return not unit or figure.unit in (unit, "") or ("device" in (unit, figure.unit) and {unit, figure.unit} <= DEVICES)
