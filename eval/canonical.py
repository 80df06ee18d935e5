"""Texts in canonical form, so that the same answer in another notation is recognised as the same.

Letters are folded (NFKC, lower case, no accents), punctuation and spaces only separate, the digits of a number are
joined ("2,000", "2 000" and "2000" are one token), and each Japanese character and each sign of a currency or
percentage is a token of its own.
"""

import re
from collections.abc import Sequence

from assistant.words import fold

_JOINED_DIGITS = re.compile(r"(?<![\d.,])(\d{1,3}) (?=\d{3}(?!\d))")
_JAPANESE = r"\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u9fff"
_TOKEN = re.compile(rf"\d+(?:[.,]\d+)*|[^\W\d_{_JAPANESE}]+|[{_JAPANESE}%$€£¥]")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")


def tokens(text: str) -> tuple[str, ...]:
    """The canonical tokens of a text, in order."""
    folded = fold(text)
    while (joined := _JOINED_DIGITS.sub(r"\1", folded)) != folded:
        folded = joined
    return tuple(_canonical(match.group()) for match in _TOKEN.finditer(folded))


def contains(text: str, wanted: str) -> bool:
    """Whether the tokens of `wanted` stand in `text`, one after the other. An empty `wanted` stands nowhere."""
    return contains_tokens(tokens(text), tokens(wanted))


def contains_tokens(text: Sequence[str], wanted: Sequence[str]) -> bool:
    """The same on tokens."""
    size = len(wanted)
    return size > 0 and any(tuple(text[at : at + size]) == tuple(wanted) for at in range(len(text) - size + 1))


def trigrams(text: str) -> set[str]:
    """The character trigrams of the canonical text, spaces between words kept as one; a shorter text is its own."""
    joined = "".join(f" {token}" if token[0].isascii() else token for token in tokens(text)).strip()
    return {joined[at : at + 3] for at in range(len(joined) - 2)} or ({joined} if joined else set())


def trigram_recall(text: str, reference: str) -> float:
    """Share of the reference's trigrams that stand in the text, 0 to 1 (character-3-gram recall of BERGEN)."""
    wanted = trigrams(reference)
    return len(wanted & trigrams(text)) / len(wanted) if wanted else 0.0


def _canonical(token: str) -> str:
    if token[0].isdigit():
        return re.sub(r"[.,]", "", token) if _THOUSANDS.fullmatch(token) else token.replace(",", ".")
    if token.isascii() and len(token) > 3 and token.endswith("s") and not token.endswith("ss"):
        return token[:-1]
    return token
