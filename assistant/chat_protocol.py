"""The wire format of OpenAI's chat protocol: what is asked, and what answers and refusals say."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from assistant.generation import Generation

Message = Mapping[str, str]  # {"role": "system" | "user" | "assistant", "content": ...}
Schema = Mapping[str, Any]

SEED = 20240419
TELLING_ENGINES = ("llama.cpp", "vllm")  # tell the probabilities of their tokens; others may refuse to be asked
_OPENING_TOKENS = 8  # enough for the beginning of a JSON object and its first key
LISTED_TOKENS = 20  # most that the protocol allows


def request_body(
    model: str,
    messages: Sequence[Message],
    *,
    schema: Schema | None,
    max_tokens: int,
    engine: str,
    slot: int | None = None,
) -> dict[str, Any]:
    """The request that makes an engine generate greedily within a schema.

    Engines that are neither llama.cpp nor vLLM receive nothing that the protocol does not know.
    """
    body: dict[str, Any] = {
        "model": model,
        "messages": [dict(message) for message in messages],
        "temperature": 0,
        "top_p": 1,
        "seed": SEED,
        "max_tokens": max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if schema is not None:
        named = {"name": "answer", "schema": schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    if (schema is not None or max_tokens == 1) and engine in TELLING_ENGINES:
        body |= {"logprobs": True, "top_logprobs": LISTED_TOKENS}
    if engine == "llama.cpp":
        body["cache_prompt"] = True
        if slot is not None:
            body["id_slot"] = slot
    return body


def estimate_tokens(text: str) -> int:
    """Tokens of a text without a tokenizer; meant to err high.

    Byte-pair vocabularies spend about 4 characters on a token of English, 3 of French, and at most 1.5 tokens on a
    kana or Chinese character.
    """
    plain = sum(character < "\u0250" for character in text)
    return -(-plain // 2) + (len(text) - plain) * 3 // 2 + 1 if text else 0


def take_usage(event: Mapping[str, Any], generation: Generation) -> None:
    """Keep the token counts of an event, where it has any."""
    usage = event.get("usage") or {}
    generation.prompt_tokens = usage.get("prompt_tokens", generation.prompt_tokens)
    generation.answer_tokens = usage.get("completion_tokens", generation.answer_tokens)
    details = usage.get("prompt_tokens_details") or {}
    generation.cached_tokens = details.get("cached_tokens") or generation.cached_tokens


def take_opening(choice: Mapping[str, Any], generation: Generation) -> None:
    """Keep what else the first tokens could have been, where an event tells."""
    for token in (choice.get("logprobs") or {}).get("content") or ():
        if len(generation.opening) == _OPENING_TOKENS:
            return
        listed = {str(item["token"]): float(item["logprob"]) for item in token.get("top_logprobs") or ()}
        generation.opening.append((str(token["token"]), listed))


def refusal(response: httpx.Response) -> str:
    """Why a server refused, in its own words where it gave any."""
    try:
        return f"{message_of(response.json())} (HTTP {response.status_code})"
    except ValueError:
        return f"HTTP {response.status_code}"


def message_of(answer: object) -> str:
    """The words of an error in any of the forms that servers use."""
    if isinstance(answer, Mapping):
        inner = answer.get("error", answer)
        words = inner.get("message", inner) if isinstance(inner, Mapping) else inner
        return " ".join(str(words).split())[:300]
    return str(answer)[:300]


def detail(error: Exception) -> str:
    """What an exception says, on one line."""
    return " ".join(str(error).split()) or type(error).__name__
