"""Sentences of a document that give orders to a language model, rather than tell something. No model.

Such a sentence is not evidence: it is not offered to the model, not quoted, not shown as an answer. What is found:
orders to ignore, to play a role, to reveal or to say something, role tags and chat tokens, images and scripts, encoded
or hidden text, in French, English and Japanese (OWASP Top 10 for LLM applications, LLM01: indirect prompt injection).
Patterns in `instructions.toml`; they look for orders in the imperative, so that a report about such attacks, or about
rules that somebody ignored, stays readable.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files

from index.records import Passage
from index.sentences import sentence_spans

_IMPERATIVE = (
    r"(?:^|[\n.!?:;,。！？：、…*#>\"“«(（\]]\s*|[-–—]\s+|\b(?:please|now|and|then|must|should|assistant|ai"
    r"|s['’]il te plaît|svp|et|puis|maintenant|always|toujours)[, ]\s*)"
)
_HIDDEN = re.compile(r"[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_INVISIBLE = re.compile(r"[\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff]")
_SPELLED = re.compile(r"\b(?:[^\W\d_][ .\-_*]){5,}[^\W\d_]\b")
_BLOB = re.compile(r"(?<![\w/+.=-])[A-Za-z0-9+/]{60,}={0,2}(?![\w/])|(?<![\w])(?:[0-9a-f]{2}[ :]?){80,}(?!\w)")
_MARKED = re.compile(r"https?:|www\.|!\[|\]\(|[<>]")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_REPEATED = 24  # characters of the prompt that no sentence shares by chance; half as many in Japanese
_LONG_HEX = 160
_LEFT_OUT = "[…]"
_DECODE = re.compile(
    r"(?:base64|rot13|decode|décode|デコード|復号).{0,40}?(?<![\w/.-])[A-Za-z0-9+/]{16,}={0,2}", re.IGNORECASE
)
_OPENING = re.compile(
    r"<\|(?![^|>]*(?:end|eot))[^|>\n]*\|>|\[INST\]|<<SYS>>|<start_of_turn>|<(?:system|instructions?|prompt|système|consignes?)\b[^>]*>",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"<\|[^|>\n]*end[^|>\n]*\|>|\[/INST\]|<</SYS>>|<end_of_turn>"
    r"|</(?:system|instructions?|prompt|système|consignes?)>|\n\s*\n",
    re.IGNORECASE,
)


@lru_cache(maxsize=20_000)  # the same sentences come up again and again
def find_instruction(text: str) -> str:
    """The kind of order that a sentence gives to a language model, or "".

    Returns:
        "hidden" (text that people do not see), "encoded", "markup" (role tags, chat tokens, our own codes), "active"
        (images, scripts, addresses that carry data away), "override", "role", "reveal", "orders", or "".
    """
    if _HIDDEN.search(text):
        return "hidden"
    blob = _BLOB.search(text)
    if (blob and _mixed(blob.group())) or _DECODE.search(text):
        return "encoded"
    folded = _folded(text)
    return next((kind for kind, pattern in _patterns() if pattern.search(folded)), "")


@lru_cache(maxsize=4_000)
def instruction_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where a passage gives orders: its sentences that do, and whole blocks between chat tokens or role tags.

    Returns:
        (start, end) in characters of the text, in order; they may overlap.
    """
    spans: list[tuple[int, int]] = []
    for start, end in sentence_spans(text):
        if find_instruction(text[start:end]):
            lines = [match.span() for match in re.compile(r"[^\n]+").finditer(text, start, end)]
            ordering = [(first, last) for first, last in lines if find_instruction(text[first:last])]
            spans += ordering or [(start, end)]
    for opening in _OPENING.finditer(text):
        closing = _CLOSING.search(text, opening.end())
        spans.append((opening.start(), closing.end() if closing else len(text)))
    return tuple(sorted(spans))


def without_instructions(text: str) -> str:
    """A text with "[…]" in place of every order that it gives: for headings, and for passages that people are shown."""
    pieces, position = [], 0
    for start, end in instruction_spans(text):
        if end <= position:
            continue
        if start >= position:
            pieces += [text[position:start], _LEFT_OUT]
        position = end
    return "".join([*pieces, text[position:]])


def documents_with_instructions(passages: Iterable[Passage]) -> list[str]:
    """The ids of the documents of which a passage or a heading gives an order, for the record of an answer."""
    giving = (one for one in passages if instruction_spans(one.text) or find_instruction(f"{one.title}. {one.section}"))
    return list(dict.fromkeys(passage.document_id for passage in giving))


def may_be_shown_unchecked(text: str, system: str) -> bool:
    """Whether a sentence may be shown while the model still writes it, before any check.

    Not one that gives an order, has an address or markup, or repeats the prompt.

    Args:
        text: as far as it is written.
        system: the static part of the prompt.
    """
    if _MARKED.search(text) or find_instruction.__wrapped__(text):
        return False
    run = _REPEATED // 2 if _JAPANESE.search(text) else _REPEATED
    return not any(text[at : at + run] in system for at in range(0, len(text) - run + 1, run // 3))


def _folded(text: str) -> str:
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).replace("’", "'")
    return _SPELLED.sub(lambda match: re.sub(r"[ .\-_*]", "", match.group()), plain)


def _mixed(blob: str) -> bool:
    """Whether a long run looks encoded: letters of both cases and digits, or hexadecimal."""
    if re.fullmatch(r"[0-9a-f :]+", blob):
        return len(blob) >= _LONG_HEX  # a digest is shorter
    return all(re.search(kind, blob) for kind in ("[a-z]", "[A-Z]", "[0-9]"))


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    table = tomllib.loads((files("assistant") / "instructions.toml").read_text(encoding="utf-8"))
    return [
        (kind, re.compile("|".join(part.replace(r"\A", _IMPERATIVE) for part in parts), re.IGNORECASE))
        for kind, parts in table.items()
    ]
