"""Keeps what the model wrote in a file, and gives it again for the same request: a repeated run costs no model time.

A request is the same when model, engine with its version, weights, messages, schema and longest answer are. A line of
the file is {"key", "pieces", "finish_reason", ...}: the text as it came in, so that a reader stops where it did then,
with all of the record but what it cost.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from assistant.generation import Generation, GenerationStream
from assistant.generator import Generator
from assistant.wrapped_generator import WrappedGenerator
from eval.answers import replace_text
from eval.json_lines import append, whole_lines
from index.errors import RunError, UsageError

CLOSED = "closed"  # the reader stopped early: what would have followed is not known


@dataclass(slots=True)
class KeptGeneration(Generation):
    """A generation that may come from the file.

    Attributes:
        reused: it does, in whole or as far as it was kept.
        asked: the model was asked, for all of it or for the rest.
    """

    reused: bool = False
    asked: bool = False


@dataclass(frozen=True, slots=True)
class _Kept:
    pieces: tuple[str, ...]
    noted: Mapping[str, Any]


_OWN = ("language", "text")
_COST = ("prompt_tokens", "cached_tokens", "answer_tokens", "first_token_s", "seconds")
_NOTED = tuple(field.name for field in fields(Generation) if field.name not in (*_OWN, *_COST))


class KeptGenerator(WrappedGenerator):
    """A generator that asks another one only for what is not in its file yet. Thread-safe.

    Generations that failed are not kept. One that was closed by its reader is kept as far as it went; a reader that
    wants more of it gets the rest from the model.
    """

    def __init__(self, generator: Generator, file: Path, identity: Mapping[str, str]) -> None:
        """Read the file, or begin one.

        Args:
            generator: asked for what is not known.
            file: of kept generations; made where there is none.
            identity: what else decides the texts: versions and digests of weights.

        Raises:
            UsageError: the file is something else.
            RunError: the file cannot be written.
        """
        self._file = file
        self._identity = dict(identity)
        append(file)  # to learn now, not in the middle of an answer, that it cannot be written
        self._known = _read(file)
        self._lock = threading.Lock()
        super().__init__(generator)

    def stream(
        self, messages: Sequence[Mapping[str, str]], *, schema: Mapping[str, Any] | None, max_tokens: int, language: str
    ) -> GenerationStream:
        """Give what is kept, or generate and keep it.

        Raises:
            RunError: (while iterating) as the generator; or the file cannot be written; or the model does not go on
                from what was kept. What it writes now is then kept instead.
        """
        generation = KeptGeneration(language=language)
        key = self._key(messages, schema=schema, max_tokens=max_tokens)

        def ask() -> Iterator[str]:
            return self._generator.stream(messages, schema=schema, max_tokens=max_tokens, language=language)

        if key not in self._known:  # asked for at once: the generator may read several together
            stream = ask()
            return GenerationStream(self._pieces(key, lambda: stream, generation), generation)
        return GenerationStream(self._pieces(key, ask, generation), generation)

    def _key(self, messages: Sequence[Mapping[str, str]], **request: Any) -> str:  # noqa: ANN401 - plain values
        about = {"model": self.model, "engine": self.engine, "identity": self._identity}
        whole = {**about, "messages": [dict(message) for message in messages], **request}
        return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def _pieces(self, key: str, ask: Callable[[], Iterator[str]], generation: KeptGeneration) -> Iterator[str]:
        kept = self._known.get(key)
        if kept is not None:
            generation.reused = True
            for name, value in kept.noted.items():
                setattr(generation, name, value)
            generation.finish_reason = CLOSED  # unless it is read to its end
            for piece in kept.pieces:
                generation.text += piece
                yield piece
            if kept.noted["finish_reason"] != CLOSED:
                generation.finish_reason = kept.noted["finish_reason"]
                return
        yield from self._ask(key, ask(), generation)

    def _ask(self, key: str, stream: Iterator[str], generation: KeptGeneration) -> Iterator[str]:
        """Generate, keep, and pass on what was not passed on from the file."""
        given, generation.text, generation.asked = generation.text, "", True
        pieces: list[str] = []
        same = True
        try:
            for piece in stream:
                _copy(stream, generation, _NOTED)
                pieces.append(piece)
                before, generation.text = len(generation.text), generation.text + piece
                same = same and (generation.text.startswith(given) or given.startswith(generation.text))
                if same and len(generation.text) > len(given):
                    yield generation.text[max(before, len(given)) :]
            generation.finish_reason = "stop"  # where the stream does not say it itself
        except GeneratorExit:
            generation.finish_reason = CLOSED
            self._keep(key, pieces, generation)
            raise
        finally:
            if hasattr(stream, "close"):
                stream.close()
            _copy(stream, generation, _COST if generation.finish_reason == CLOSED else (*_NOTED, *_COST))
        self._keep(key, pieces, generation)
        if not same or len(generation.text) < len(given):
            raise RunError(f"the model does not go on from what {self._file} keeps; run again to take what it writes")

    def _keep(self, key: str, pieces: Sequence[str], generation: KeptGeneration) -> None:
        noted = {name: getattr(generation, name) for name in _NOTED}
        with self._lock:
            self._known[key] = _Kept(tuple(pieces), noted)
            self._write({"key": key, "pieces": list(pieces), **noted})

    def _write(self, record: Mapping[str, Any]) -> None:
        append(self._file, json.dumps(record, ensure_ascii=False))


def _copy(stream: Iterator[str], generation: KeptGeneration, names: Sequence[str]) -> None:
    if isinstance(stream, GenerationStream):
        for name in names:
            setattr(generation, name, getattr(stream.generation, name))


def _read(file: Path) -> dict[str, _Kept]:
    """The generations of a file; of two with the same key the later one. A cut last line is removed."""
    lines = whole_lines(file)
    kept: dict[str, _Kept] = {}
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            noted = {name: record[name] for name in _NOTED if name in record}
            noted["finish_reason"] = str(record["finish_reason"])
            kept[record["key"]] = _Kept(tuple(map(str, record["pieces"])), noted)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UsageError(f"{file} line {number} is not a kept generation; give another file") from None
    content = "".join(f"{line}\n" for line in lines)
    if len(content.encode()) != file.stat().st_size:
        replace_text(file, content)
    return kept
