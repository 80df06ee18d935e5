"""A generator for tests: replays what it was given, in small pieces, and remembers what it was asked."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.generation import Generation, GenerationStream
from assistant.generator import Generator
from index.errors import RunError


@dataclass
class ScriptedGenerator:
    """Implements `assistant.generator.Generator`.

    Attributes:
        outputs: what each request answers, in order; further requests answer with the last one.
        piece_characters: length of a piece of the stream.
        fail_after: pieces after which the next request raises RunError, once; None: never.
        requests: what was asked: messages, schema, max_tokens, language.
        closed: requests whose stream was closed by the reader before its end.
        margin_of: sentence → log(p("yes") / p("no")) when the generator is asked whether it answers; None: the server
            does not tell. `outputs` are for the other requests.
        reads_fast: as the protocol says.
        probed: as the protocol says.
        faithful: the margin when the generator is asked whether two sentences say the same, or what gives it for both.
    """

    outputs: list[str] = field(default_factory=lambda: [""])
    piece_characters: int = 7
    fail_after: int | None = None
    model: str = "scripted"
    engine: str = "test"
    context_tokens: int = 4096
    requests: list[dict[str, Any]] = field(default_factory=list)
    closed: int = 0
    margin_of: Callable[[str], float] | None = None
    reads_fast: bool = False
    probed: bool = False
    faithful: float | Callable[[str, str], float] = 2.0

    def __post_init__(self) -> None:
        self.engine = "llama.cpp" if self.margin_of else self.engine

    def stream(
        self, messages: Sequence[Mapping[str, str]], *, schema: Mapping[str, Any] | None, max_tokens: int, language: str
    ) -> Iterator[str]:
        if self.margin_of is not None and max_tokens == 1:
            return self._judgement(messages[-1]["content"])
        output = self.outputs[min(len(self.requests), len(self.outputs) - 1)]
        request = {"messages": list(messages), "schema": schema, "max_tokens": max_tokens, "language": language}
        self.requests.append(request)
        size = self.piece_characters
        return self._pieces([output[at : at + size] for at in range(0, len(output), size)])

    def _judgement(self, asked: str) -> GenerationStream:
        assert self.margin_of is not None
        if "\nSecond: " in asked:  # whether a translation is right
            first, _, second = asked.removeprefix("First: ").removesuffix("\nReply:").partition("\nSecond: ")
            margin = self.faithful(first, second) if callable(self.faithful) else self.faithful
        else:
            margin = self.margin_of(asked.partition("\nSentence")[2].partition("\nQuestion")[0])
        opening = [("yes" if margin > 0 else "no", {"yes": margin - 1.0, "no": -1.0, "maybe": -9.0})]
        return GenerationStream(iter([opening[0][0]]), Generation(opening=opening))

    def count_tokens(self, text: str) -> int:
        return len(text) // 4 + 1

    @property
    def prompts(self) -> list[str]:
        """The whole text of each request: system and user part."""
        return ["\n".join(message["content"] for message in request["messages"]) for request in self.requests]

    def _pieces(self, pieces: list[str]) -> Iterator[str]:
        try:
            for number, piece in enumerate(pieces):
                if number == self.fail_after:
                    self.fail_after = None
                    raise RunError("the model server at http://127.0.0.1:1 stopped in the middle of an answer")
                yield piece
        except GeneratorExit:
            self.closed += 1
            raise


def written(*claims: tuple[str, str], ascii_only: bool = False) -> str:
    """What a model writes when it does as asked: codes with their texts; nothing: the passages lack the answer."""
    pairs = (
        f"{json.dumps(code)}: {json.dumps(text, ensure_ascii=ascii_only)}" for code, text in claims or [("none", "")]
    )
    return f"{{{', '.join(pairs)}}}"


def scripted(generator: Generator | None) -> ScriptedGenerator:
    """The generator of an assistant that the test wrote itself."""
    assert isinstance(generator, ScriptedGenerator)
    return generator
