"""Step 1: what a person typed → a `Question`. The only place where a question can be refused."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from assistant.records import Question, Turn
from index.errors import UsageError
from index.language import detect_language

_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Cn"}
_KEEP = {"\n", "\t", "\u200d"}
_LARGEST_INVISIBLE_SHARE = 0.1
_TURN_CHARACTERS = 2000  # of one turn of the history; the end of an answer, where an offer stands, is kept
_HISTORY_CHARACTERS = 20_000  # of all turns together


def parse(text: str, history: Sequence[Turn] = (), *, longest: int, turns: int) -> Question:
    """Check and clean a question.

    Invisible characters are taken out, white space is collapsed. The language is that of the text; where the text
    does not show one ("KDDI?"), that of the latest question in the history; else English.

    Args:
        text: what was typed.
        history: the conversation so far, oldest first.
        longest: most characters a question may have.
        turns: most turns of the history to keep, newest first. Long turns lose their middle, and where all together
            are too long, the oldest are left out.

    Raises:
        UsageError: the question is empty, too long, or not text.
    """
    if len(text) > longest:
        raise UsageError(f"the question has {len(text):,} characters; shorten it to {longest:,} or fewer")
    invisible = [c for c in text if unicodedata.category(c) in _INVISIBLE and c not in _KEEP]
    if "\x00" in text or len(invisible) > max(2, _LARGEST_INVISIBLE_SHARE * len(text)):
        raise UsageError("the question is not text (control characters); type it in words")
    cleaned = _visible(text)
    if not any(unicodedata.category(c)[0] in "LN" for c in cleaned):
        raise UsageError("the question is empty; type a question in French, English or Japanese")
    kept = _newest(history[-turns:]) if turns > 0 else ()
    return Question(text=cleaned, language=_language(cleaned, kept), history=kept)


def _visible(text: str) -> str:
    visible = "".join(" " if c in _KEEP else c for c in text if c in _KEEP or unicodedata.category(c) not in _INVISIBLE)
    return re.sub(r"\s+", " ", visible).strip()


def _newest(history: Sequence[Turn]) -> tuple[Turn, ...]:
    """The newest turns that fit, cleaned like a question; empty ones are left out."""
    kept: list[Turn] = []
    left = _HISTORY_CHARACTERS
    for turn in reversed(history):
        half = _TURN_CHARACTERS // 2
        content = turn.content
        if len(content) > _TURN_CHARACTERS:
            content = f"{content[:half]} … {content[-half:]}"
        content = _visible(content)
        left -= len(content)
        if left < 0:
            break
        if content:
            kept.append(replace(turn, content=content))
    return tuple(reversed(kept))


def _language(text: str, history: Sequence[Turn]) -> str:
    candidates = [text, *(turn.content for turn in reversed(history) if turn.role == "user")]
    for candidate in candidates:
        language = detect_language(candidate)
        if language != "und":
            return language
    return "en"
