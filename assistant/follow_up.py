"""What kind of follow-up a question is: complete, an agreement, a correction, an ellipsis, bare, or with a pronoun.

A question is complete when it names its subject. Patterns in `follow_up.toml`, no model.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from assistant.mentions import Mention, find_mentions
from assistant.words import fold

_DEFINITION = re.compile(
    r"\b(?:what(?:['’]s| is| are| was| were| does)|means?|define|qu['’]est|c['’]est quoi|définition|signifie)\b",
    re.IGNORECASE,
)
Kind = Literal["complete", "agreement", "correction", "ellipsis", "attribute", "bare", "pronoun", "no subject"]
_END = r"[\s?？!！。.…、,]*$"
_LONGEST_THING_WORDS = 6
_LONGEST_THING_CHARACTERS = 20  # in Japanese
_FEW_WORDS = 3
_SHORT_WORDS = 9
_INVERTED = re.compile(r"^(.*?)(?<![\w-])([\w'’]+)-(?:t-)?(?:il|elle|ils|elles)\b", re.IGNORECASE)
_IMPERSONAL = re.compile(r"(?:\by a|existe|faut|faudra|s['’]agit)$", re.IGNORECASE)
_SUBJECT_BEFORE = re.compile(r"\b(?:le|la|les|un|une)\s|\bl['’]|(?<=\s)[A-ZÀ-Þ]")
_FULL_NOUN = {
    "fr": re.compile(r"\b(?:(?:le|la|les|un|une|des) |l['’])\w{3,}", re.IGNORECASE),
    "en": re.compile(r"\b(?:the|an?) \w{3,}", re.IGNORECASE),
    "ja": re.compile(r"[一-鿿ァ-ヺーA-Za-z]{2,}(?:は|が)"),
}
_NOUN = re.compile(
    r"[A-Za-z][\w.&-]+|[ァ-ヺー]{2,}|[一-鿿々]{1,}(?![一-鿿々ァ-ヺー]*(?:さ|し|す|せ)(?:れ|て|た|ま|る|な))"
)
_NO_NOUN = re.compile(
    r"(?:何|誰|幾)[一-鿿]?|実際|当初|当時|時点|[一-鿿](?=[いうくけしっすたつてなぬねばびまみむめらりるれろわえん])|今後|現在|今"
)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How a question leans on the conversation.

    Attributes:
        kind: "complete": it does not; "agreement": "yes, please"; "correction": "no, I meant KDDI"; "ellipsis": "and
            KDDI?"; "attribute": "and the budget?"; "bare": "why?"; "pronoun": "when did it open?"; "no subject":
            "Combien a-t-elle investi", いつ始まりましたか.
        rest: what is left to read: the thing of a correction, ellipsis or attribute; what follows a yes; else the
            question without its opening words.
    """

    kind: Kind
    rest: str


def read_follow_up(text: str, language: str, said: str = "") -> FollowUp:
    """Tell the kind of a question that follows others.

    Args:
        text: the question.
        language: of the question.
        said: the question and answer before, where known: "the line" is one that they spoke of.
    """
    if _whole("decline", language, text):
        return FollowUp("complete", text)
    agreed, rest = False, text
    while match := _at_start("agreement", language, rest):
        agreed, rest = True, rest[match.end() :].lstrip(" ,、。.!！;:?？")
    if agreed:
        return FollowUp("agreement", _without_opening(rest, language))
    rest = _without_opening(text, language)
    opened = rest != text
    if (thing := _corrected(rest, language)) and not _is_question(thing, language):
        return FollowUp("correction", thing)
    if _whole("bare", language, rest) and not find_mentions(rest, language):
        return FollowUp("bare", rest)
    if thing := _elliptic(rest, language, opened=opened):
        kind: Kind = "attribute" if is_relational(thing, language) else "ellipsis"
        return FollowUp(kind, thing)
    if _has_pronoun(rest, language) or _names_what_was_said(rest, language, said):
        return FollowUp("pronoun", rest)
    if _lacks_subject(rest, language):
        return FollowUp("no subject", rest)
    if _is_only_a_question_word_and_a_thing(rest, language) or (opened and _leans_on_opening(rest, language)):
        return FollowUp("bare", rest)
    return FollowUp("complete", text)


def is_relational(noun: str, language: str) -> bool:
    """Whether a noun needs an "of what": "the budget", 費用."""
    return _whole("relational", language, noun.strip(" ?？")) is not None


def offered(answer: str, language: str) -> str:
    """What the last sentence of an answer offers to tell, or ""."""
    sentences = re.split(r"(?<=[.!?。！？])\s*|[\[［]\d+[\]］]\s*", answer.strip())
    last = next((part for part in reversed(sentences) if part.strip()), "").strip()
    for part in _patterns()["offer"][language]:
        if match := re.search(part, last, re.IGNORECASE):
            return match.group("x").strip(" ?？。")
    return last if last.endswith(("?", "？")) else ""


def pattern(name: str, language: str) -> re.Pattern[str]:
    """One list of `follow_up.toml` as a pattern."""
    return _joined(name, language)


def topics() -> list[dict[str, str]]:
    """What questions are concerned with: patterns ("in_fr") and the word for it ("fr"), in three languages."""
    return _table()["topic"]  # type: ignore[no-any-return]


def _without_opening(text: str, language: str) -> str:
    while (match := _at_start("opening", language, text)) and match.end() < len(text):
        text = text[match.end() :].lstrip(" ,、")
    return text


def _corrected(text: str, language: str) -> str:
    for part in _patterns()["correction"][language]:
        if match := re.match(f"{part}{_END}", text, re.IGNORECASE):
            return match.group("x").strip()
    return ""


def _is_question(text: str, language: str) -> bool:
    return bool(_joined("asking", language).search(text) or _joined("verb", language).search(text))


def _elliptic(text: str, language: str, *, opened: bool) -> str:
    """The thing that an ellipsis names, or ""."""
    thing = re.sub(_END, "", text)
    if language == "ja":
        if re.search(r"とは$", thing):
            return ""
        if match := re.fullmatch(r"([^のをが]+)(?:は|って)(?:いくら|どう)(?:です|でしょう|なん|なの)?か?", thing):
            return "" if is_relational(match.group(1), "ja") else match.group(1)
        whole = thing
        thing = re.sub(f"(?:{'|'.join(_patterns()['after_thing']['ja'])})$", "", thing)
        asks = whole not in (text, thing) or re.search(r"[?？]\s*$", text) or whole != thing
        if not thing or len(thing) > _LONGEST_THING_CHARACTERS or not (asks or opened):
            return ""
        if _joined("asking", "ja").search(thing) or _joined("verb", "ja").search(thing) or re.search("[はがを]", thing):
            return ""
        return "" if _has_pronoun(thing, "ja") else thing
    before = f"(?:{'|'.join(_patterns()['before_thing'][language])})\\s*"
    led = re.match(before, thing, re.IGNORECASE)
    while match := re.match(before, thing, re.IGNORECASE):
        thing = thing[match.end() :]
    thing = re.sub(rf"[\s,]+(?:{'|'.join(_patterns()['after_thing'][language])})$", "", thing, flags=re.IGNORECASE)
    words = thing.split()
    if not words or len(words) > _LONGEST_THING_WORDS or _is_question(thing, language):
        return ""
    if _joined("pronoun", language).search(thing):
        return ""
    mentions = find_mentions(thing, language)
    only_names = bool(mentions) and len(words) <= sum(len(mention.text.split()) for mention in mentions) + 1
    if opened or led or only_names or is_relational(thing, language):
        return thing
    return "" if mentions or len(words) > _FEW_WORDS or language == "und" else thing


def _has_pronoun(text: str, language: str) -> bool:
    """Whether a pronoun, or a noun that needs an "of what", stands for something outside the question."""
    match = _joined("pronoun", language).search(text)
    if match is not None and not _named_before(text, match.start(), language):
        return True
    if language == "ja":
        return False
    relational = _joined("relational", language).search(text)
    return relational is not None and len(text.split()) <= _SHORT_WORDS and not _names(text, language)


def _names_what_was_said(text: str, language: str, said: str) -> bool:
    """Whether a short question without a name speaks of "the line", and the exchange before of a line."""
    if language == "ja" or not said or len(text.split()) > _SHORT_WORDS or _names(text, language):
        return False
    nouns = re.findall(r"\b(?:the|le|la|les|du|au|des|aux) (\w{3,})|\bl['’](\w{3,})", text, re.IGNORECASE)
    spoken = fold(said)
    return any(re.search(rf"\b{re.escape(fold(first or second))}", spoken) for first, second in nouns)


def _is_only_a_question_word_and_a_thing(text: str, language: str) -> bool:
    """Whether a question like "How many stops?" or "Tell me more" is too short to name what it is about."""
    if language == "ja" or len(text.split()) > _FEW_WORDS or find_mentions(text, language):
        return False
    return _DEFINITION.search(text) is None


def _leans_on_opening(text: str, language: str) -> bool:
    """Whether a short question that began with "and" names nothing: "and how much was really spent?"."""
    return language != "ja" and len(text.split()) <= _SHORT_WORDS and not _names(text, language)


def _named_before(text: str, at: int, language: str) -> bool:
    if any(mention.end <= at for mention in _names(text, language)):
        return True
    before = text[:at]
    if re.search(r"\w\s?[:：]", before):  # "Elyza: how did they ..."
        return True
    full = _FULL_NOUN[language].finditer(before)
    return any(not _joined("relational", language).match(before[match.start() :]) for match in full)


def _names(text: str, language: str) -> list[Mention]:
    return [mention for mention in find_mentions(text, language) if mention.kind not in ("date", "currency")]


def _lacks_subject(text: str, language: str) -> bool:
    if language == "fr":
        inverted = _INVERTED.match(text)
        if inverted is None or _IMPERSONAL.search(f"{inverted.group(1)}{inverted.group(2)}"):
            return False
        named_first = re.match(
            r"(?![Cc]ombien|[Qq]u|[Oo]ù|[Dd]epuis|[Pp]our|[Cc]omment)[A-ZÀ-Þ]\w+ ", inverted.group(1)
        )
        return named_first is None and _SUBJECT_BEFORE.search(inverted.group(1)) is None
    if language != "ja" or _names(text, language):
        return False
    plain = _joined("asking", "ja").sub(" ", _NO_NOUN.sub(" ", text))
    nouns = [match.group() for match in _NOUN.finditer(plain)]
    return all(is_relational(noun, "ja") for noun in nouns)


def _at_start(name: str, language: str, text: str) -> re.Match[str] | None:
    return re.match(f"(?:{'|'.join(_patterns()[name][language])})", text, re.IGNORECASE)


def _whole(name: str, language: str, text: str) -> re.Match[str] | None:
    return re.match(f"(?:{'|'.join(_patterns()[name][language])}){_END}", text, re.IGNORECASE)


@cache
def _joined(name: str, language: str) -> re.Pattern[str]:
    return re.compile("|".join(_patterns()[name][language]), re.IGNORECASE)


def _patterns() -> dict[str, dict[str, list[str]]]:
    return _table()


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("assistant") / "follow_up.toml").read_text(encoding="utf-8"))
