"""Answers of one token come from PyTorch, in a process of its own, where it reads faster than llama.cpp.

See `assistant.prefill_model` for why, `assistant.prefill_server` for the process.
"""

import itertools
import sys
import threading
import weakref
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from assistant import prefill_server
from assistant.chat_protocol import Message, Schema
from assistant.child import Child
from assistant.generation import Generation, GenerationStream
from assistant.generator import Generator
from assistant.prefill_weights import is_converted, suits_this_machine
from assistant.waiting import waiting
from assistant.wrapped_generator import WrappedGenerator
from index.errors import RunError, UsageError

_NOTE = "note: llama.cpp reads prompts itself, slower ({})\n"


class PrefillProcess:
    """A process that tells what the first token of an answer could be. Thread-safe; leaving the context ends it."""

    def __init__(self, weights: Path, cache: Path, beginnings: Sequence[str]) -> None:
        """Start it; it is not ready at once.

        Args:
            weights: a GGUF file.
            cache: where the converted weights and its log are kept.
            beginnings: system messages to be read before the first question.

        Raises:
            RunError: the log cannot be written.
        """
        self.probed = False  # whether it judges sentences by a probe; known when it is ready
        self._converted = is_converted(weights, cache)
        log = cache / "server" / f"prefill-{threading.get_native_id()}.log"
        self._child = Child(prefill_server.command(weights, cache), {}, log, "the reader of prompts")
        self._ready: Future[bool] = Future()
        self._waiting: dict[int, Future[list[dict[str, Any]]]] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        threading.Thread(target=self._take_replies, daemon=True, name="replies of the reader of prompts").start()
        for system in beginnings:
            self._child.send({"keep": system})

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    def ready(self) -> bool:
        """Wait until it reads; False where it cannot read this model.

        Raises:
            RunError: it has ended; the message holds the end of its log.
        """
        if self._converted:
            return self._ready.result()
        with waiting("preparing the model for fast reading (once)"):
            return self._ready.result()

    def read(self, conversations: Sequence[Sequence[Message]]) -> list[Generation]:
        """What the first token of the answer to each conversation could be; see `PrefillModel.read`.

        Raises:
            RunError: it has ended.
        """
        reply: Future[list[dict[str, Any]]] = Future()
        with self._lock:
            self._child.require_running()
            number = next(self._numbers)
            self._waiting[number] = reply
            self._child.send({"id": number, "read": [list(one) for one in conversations]})
        return [Generation(**{**one, "opening": list(map(tuple, one["opening"]))}) for one in reply.result()]

    def stop(self) -> None:
        """End it; harmless when it has ended."""
        self._child.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _take_replies(self) -> None:
        for message in self._child.messages():
            match message:
                case {"ready": bool(ready), "probed": bool(probed)}:
                    self.probed = probed
                    self._ready.set_result(ready)
                case {"id": int(number), "found": list(found)}:
                    with self._lock:
                        self._waiting.pop(number).set_result(found)
        ended = RunError(f"the reader of prompts stopped{self._child.log_tail()}")
        if not self._ready.done():
            self._ready.set_exception(ended)
        with self._lock:
            for reply in self._waiting.values():
                reply.set_exception(ended)
            self._waiting.clear()


def start_prefill(setting: str, weights: Path | None, cache: Path, beginnings: Sequence[str]) -> PrefillProcess | None:
    """Start what reads for llama.cpp, or None where llama.cpp shall read itself.

    Args:
        setting: `prefill` of the configuration.
        weights: the file that llama.cpp serves; None for another server.
        cache: where the converted weights are kept.
        beginnings: system messages to be read before the first question.

    Raises:
        UsageError: the setting has no meaning.
        RunError: it cannot be started.
    """
    if setting not in ("auto", "always", "never"):
        raise UsageError(f"prefill must be auto, always or never, not '{setting}'")
    if weights is None or setting == "never" or (setting == "auto" and not suits_this_machine()):
        return None
    return PrefillProcess(weights, cache, beginnings)


def when_ready(process: PrefillProcess | None) -> PrefillProcess | None:
    """The process once it reads; None, with a note to the person, where it does not."""
    if process is None:
        return None
    try:
        if process.ready():
            return process
        sys.stderr.write(_NOTE.format("no disk space, or a model it alone reads"))
    except RunError as error:
        sys.stderr.write(_NOTE.format(error))
    process.stop()
    return None


class Reader(Protocol):
    """What tells the first token of answers."""

    @property
    def probed(self) -> bool:
        """Whether its answers to the prompt `assistant.probe.CHOOSE` are those of a probe."""

    def read(self, conversations: Sequence[Sequence[Message]]) -> list[Generation]:
        """See `PrefillProcess.read`."""


class _Request:
    """A prompt that waits to be read."""

    def __init__(self, messages: Sequence[Message], generation: Generation) -> None:
        self.messages = messages
        self.generation = generation
        self.thread = threading.get_ident()
        self.read = False


class PrefillingGenerator(WrappedGenerator):
    """A generator whose one-token answers come from a `Reader`, and everything else from another generator.

    Streams that were asked for before the first of them is read are read together. When the reader has ended, the other
    generator reads, too. Thread-safe.
    """

    def __init__(self, generator: Generator, reader: Reader) -> None:
        super().__init__(generator)
        self._reader: Reader | None = reader
        self._waiting: weakref.WeakSet[_Request] = weakref.WeakSet()
        self._lock = threading.Lock()

    @property
    def reads_fast(self) -> bool:
        """It does, as long as its reader lives."""
        return self._reader is not None or super().reads_fast

    @property
    def probed(self) -> bool:
        """As its reader says, as long as that lives."""
        return self._reader.probed if self._reader is not None else super().probed

    def stream(
        self, messages: Sequence[Message], *, schema: Schema | None, max_tokens: int, language: str
    ) -> Iterator[str]:
        """Generate; a single free token is read off at once.

        Raises:
            RunError: (while iterating) as the other generator.
        """
        if self._reader is None or schema is not None or max_tokens != 1 or len(messages) != 2:
            return super().stream(messages, schema=schema, max_tokens=max_tokens, language=language)
        request = _Request(messages, Generation(language=language))
        with self._lock:
            self._waiting.add(request)
        return GenerationStream(self._pieces(request), request.generation)

    def _pieces(self, request: _Request) -> Iterator[str]:
        reader = self._reader
        if not request.read and reader is not None:
            with self._lock:
                together = [
                    other
                    for other in self._waiting
                    if other.thread == request.thread and other.messages[0] == request.messages[0]
                ]
                self._waiting.difference_update(together)
            try:
                for one, found in zip(together, reader.read([one.messages for one in together]), strict=True):
                    _copy(found, one.generation)
                    one.read = True
            except RunError as error:
                self._reader = None
                sys.stderr.write(_NOTE.format(error))
        if request.read:
            [(token, _)] = request.generation.opening
            request.generation.text = token
            yield token
            return
        stream = super().stream(request.messages, schema=None, max_tokens=1, language=request.generation.language)
        yield from stream
        if isinstance(stream, GenerationStream):
            _copy(stream.generation, request.generation)


def _copy(found: Generation, record: Generation) -> None:
    for name in ("text", "prompt_tokens", "cached_tokens", "answer_tokens", "finish_reason", "opening"):
        setattr(record, name, getattr(found, name))
