"""The one client of every model server: OpenAI's chat protocol, streamed, with JSON Schema constrained output.

Closing the stream closes the connection, and that aborts the generation on llama.cpp and vLLM alike. Sampling is fixed
in the request (temperature 0, a seed), because a server may otherwise take its defaults from the model's own files.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any, Protocol

import httpx

from assistant.chat_protocol import (
    Message,
    Schema,
    detail,
    estimate_tokens,
    message_of,
    refusal,
    request_body,
    take_opening,
    take_usage,
)
from assistant.generation import Generation, GenerationStream
from index.errors import RunError

_CONNECT_TIMEOUT_S = 5.0
_SILENCE_S = 120.0  # longest wait for the next byte; a long prompt on two cores needs tens of seconds
_IDLE_CONNECTION_S = 2.0  # both engines close idle connections after 5 s: never send on one they may have closed


class Generator(Protocol):
    """Anything that continues a conversation with text."""

    @property
    def model(self) -> str:
        """Name under which the server knows the model."""

    @property
    def engine(self) -> str:
        """Kind of server: "llama.cpp", "vllm" or "openai"."""

    @property
    def context_tokens(self) -> int:
        """Longest prompt and answer together, in tokens of the model."""

    @property
    def reads_fast(self) -> bool:
        """Whether many short prompts cost little, as on a GPU; else each is asked only where it is needed."""

    @property
    def probed(self) -> bool:
        """Whether yes and no to "does this sentence answer?" come from a fitted probe (`assistant.probe`)."""

    def stream(
        self, messages: Sequence[Message], *, schema: Schema | None, max_tokens: int, language: str
    ) -> Iterator[str]:
        """Generate text, piece by piece. Closing the iterator stops the generation."""

    def count_tokens(self, text: str) -> int:
        """Length of a text in tokens of the model."""


class PromptSlots(Protocol):
    """Tells which slot of the server keeps the beginning of a prompt (`assistant.prompt_cache`)."""

    def request(self, messages: Sequence[Message]) -> AbstractContextManager[int | None]:
        """Held while a request runs; gives the slot, or None to let the server choose."""


def client_for(base_url: str, api_key: str = "", *, silence_s: float = _SILENCE_S) -> httpx.Client:
    """An HTTP client for a model server; it ignores proxies of the environment on the local machine."""
    local = httpx.URL(base_url).host in ("127.0.0.1", "localhost", "::1")
    return httpx.Client(
        base_url=base_url.rstrip("/").removesuffix("/v1"),
        headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
        timeout=httpx.Timeout(silence_s, connect=_CONNECT_TIMEOUT_S),
        # llama.cpp closes a connection after some requests, perhaps as the next is sent; here a new one is free.
        limits=httpx.Limits(max_keepalive_connections=0 if local else None, keepalive_expiry=_IDLE_CONNECTION_S),
        trust_env=not local,
    )


class OpenAIGenerator:
    """Client of an OpenAI-compatible server. Thread-safe."""

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        engine: str = "openai",
        api_key: str = "",
        context_tokens: int = 4096,
        slots: PromptSlots | None = None,
        sends_schema: bool = True,
        silence_s: float = _SILENCE_S,
    ) -> None:
        """Describe the server; nothing is sent yet.

        Args:
            base_url: address, with or without `/v1`.
            model: name under which the server knows the model.
            engine: "llama.cpp", "vllm" or "openai"; decides which extensions of the protocol are used.
            api_key: sent as a bearer token, where not empty.
            context_tokens: as the server states it.
            slots: where the beginnings of prompts are kept, for the engine that we start ourselves.
            sends_schema: False for a server that does not know schemas; it then generates free text.
            silence_s: how long to wait for the next byte before the server counts as dead.

        """
        self.base_url = base_url
        self.model = model
        self.engine = engine
        self.context_tokens = context_tokens
        self._slots = slots
        self._sends_schema = sends_schema
        self._silence_s = silence_s
        self._client = client_for(base_url, api_key, silence_s=silence_s)
        self._count = lru_cache(maxsize=4096)(self._ask_count)

    @property
    def reads_fast(self) -> bool:
        """Whether the server has a GPU, as far as we know."""
        return self.engine == "vllm"

    @property
    def probed(self) -> bool:
        """No server has one."""
        return False

    def stream(
        self, messages: Sequence[Message], *, schema: Schema | None, max_tokens: int, language: str
    ) -> GenerationStream:
        """Generate greedily, piece by piece.

        Args:
            messages: the conversation, static text first.
            schema: JSON Schema that the text must follow; None for free text.
            max_tokens: longest answer.
            language: of the answer; kept in the record.

        Returns:
            An iterator of text. The request is sent at its first step; what has been received stays in `.generation`.

        Raises:
            RunError: (while iterating) the server cannot be reached, refuses, falls silent, or dies in the middle.

        """
        generation = Generation(language=language)
        return GenerationStream(self._pieces(messages, schema, max_tokens, generation), generation)

    def count_tokens(self, text: str) -> int:
        """Tokens of a text as the server counts them, or an estimate that errs high where it cannot."""
        return self._count(text) if text else 0

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _pieces(
        self, messages: Sequence[Message], schema: Schema | None, max_tokens: int, generation: Generation
    ) -> Iterator[str]:
        started = time.monotonic()
        slot: AbstractContextManager[int | None] = self._slots.request(messages) if self._slots else nullcontext(None)
        try:
            with slot as number:
                body = request_body(
                    self.model,
                    messages,
                    schema=schema if self._sends_schema else None,
                    max_tokens=max_tokens,
                    engine=self.engine,
                    slot=number,
                )
                for piece in self._receive(body, generation):
                    if generation.first_token_s is None:
                        generation.first_token_s = time.monotonic() - started
                    generation.text += piece
                    yield piece
        except GeneratorExit:
            generation.finish_reason = "closed"
            raise
        except httpx.TimeoutException as error:
            generation.finish_reason = "failed"
            raise RunError(
                f"the model server at {self.base_url} sent nothing for {self._silence_s:.0f} s; "
                "ask again, or restart the server"
            ) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            generation.finish_reason = "failed"
            where = "stopped in the middle of an answer" if generation.text else "does not answer"
            raise RunError(
                f"the model server at {self.base_url} {where} ({detail(error)}); ask again, or restart the server"
            ) from error
        except RunError:
            generation.finish_reason = "failed"
            raise
        finally:
            generation.seconds = time.monotonic() - started

    def _receive(self, body: Mapping[str, Any], generation: Generation) -> Iterator[str]:
        with self._client.stream("POST", "/v1/chat/completions", json=body) as response:
            if response.is_error:
                response.read()
                raise RunError(f"the model server at {self.base_url} refused the request: {refusal(response)}")
            for line in response.iter_lines():
                field, _, data = line.partition(":")
                data = data.strip()
                if field not in ("data", "error") or not data:
                    continue  # comments keep the connection alive
                if data == "[DONE]":
                    break
                yield from self._read_event(field, data, generation)
        if not generation.finish_reason:
            raise RunError(f"the model server at {self.base_url} ended an answer early; ask again")

    def _read_event(self, field: str, data: str, generation: Generation) -> Iterator[str]:
        try:
            event = json.loads(data)
            if field == "error" or "error" in event:
                raise RunError(f"the model server at {self.base_url} failed: {message_of(event)}")
            take_usage(event, generation)
            for choice in event.get("choices", ()):
                take_opening(choice, generation)
                text = choice["delta"].get("content")  # reasoning, under whatever name, is not part of the answer
                if choice.get("finish_reason"):
                    generation.finish_reason = str(choice["finish_reason"])
                if text:
                    yield text
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise RunError(
                f"the model server at {self.base_url} does not speak the OpenAI protocol: {data[:120]}"
            ) from error

    def _ask_count(self, text: str) -> int:
        body = {"content": text} if self.engine == "llama.cpp" else {"model": self.model, "prompt": text}
        if self.engine not in ("llama.cpp", "vllm"):
            return estimate_tokens(text)
        try:
            answer = self._client.post("/tokenize", json=body).raise_for_status().json()
            return int(answer["count"]) if "count" in answer else len(answer["tokens"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return estimate_tokens(text)
