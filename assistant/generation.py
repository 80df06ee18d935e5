"""One request to a model server: the text as it arrives, and what it cost."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Generation:
    """What one request did, filled in while it runs.

    Attributes:
        text: what was received so far, also after a failure.
        prompt_tokens: of the whole prompt.
        cached_tokens: of these, how many the server did not compute again.
        answer_tokens: generated, as the server counted them; 0 where it did not say.
        first_token_s: from the request to the first text; None before it.
        seconds: from the request to the end.
        finish_reason: "stop", "length", "closed" (by the caller), "failed", or "" while it runs.
        opening: the first tokens, each with the log-probabilities (natural) of the likeliest tokens in its place;
            empty where the server does not tell.

    """

    language: str = ""
    text: str = ""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    answer_tokens: int = 0
    first_token_s: float | None = None
    seconds: float = 0.0
    finish_reason: str = ""
    opening: list[tuple[str, dict[str, float]]] = field(default_factory=list)


class GenerationStream(Iterator[str]):
    """The pieces of one answer, with the record of the request beside them."""

    def __init__(self, pieces: "Iterator[str]", generation: Generation) -> None:
        self.generation = generation
        self._pieces = pieces

    def __next__(self) -> str:
        return next(self._pieces)

    def close(self) -> None:
        """Stop the generation and free the connection; harmless when it has ended."""
        close = getattr(self._pieces, "close", None)
        if close is not None:
            close()


def written_under(stream: Iterator[str], key: str) -> str:
    """The text under the one key of the JSON that a model writes, or "" where it is not as asked."""
    try:
        return str(json.loads("".join(stream))[key]).strip()
    except (json.JSONDecodeError, KeyError, TypeError):
        return ""
