"""What a model server says about itself: health, engine, model, context length, and whether schemas bind it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from assistant.generator import OpenAIGenerator, client_for
from index.errors import RunError, UsageError

_ANSWER_S = 10.0
_PROBE_WORD = "mizuhiki"  # nobody answers this without being made to
_PROBE_SCHEMA = {
    "type": "object",
    "properties": {"word": {"type": "string", "enum": [_PROBE_WORD]}},
    "required": ["word"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Served:
    """One model on a server.

    Attributes:
        model: name under which the server knows it.
        engine: "llama.cpp", "vllm" or "openai" for anything else.
        context_tokens: longest prompt and answer together; 0 where the server does not say.
        version: of the engine; "" where the server does not say.

    """

    model: str
    engine: str
    context_tokens: int
    version: str


def is_healthy(base_url: str, api_key: str = "") -> bool:
    """Whether a server answers and is ready; one without a health route counts when it lists its models."""
    try:
        return _health(base_url, api_key)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def require_reachable(base_url: str, api_key: str = "") -> bool:
    """Like `is_healthy`, for a server that somebody else started: False only while it is loading.

    Raises:
        UsageError: the address means nothing.
        RunError: nothing listens there, or it never answers.

    """
    try:
        return _health(base_url, api_key)
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise UsageError(f"{base_url!r} is no address of a model server; write http://HOST:PORT") from error
    except httpx.HTTPError as error:
        detail = str(error) or type(error).__name__
        raise RunError(
            f"no model server answers at {base_url} ({detail}); start it, or change `server` in the configuration"
        ) from error


def inspect(base_url: str, api_key: str = "", model: str = "") -> Served:
    """Ask a server for its engine, model and context length.

    Args:
        base_url: its address.
        api_key: its key.
        model: the model to use; "" takes the first one that it serves.

    Raises:
        UsageError: it refuses the key, or does not serve that model.
        RunError: it does not speak the OpenAI protocol.

    """
    with client_for(base_url, api_key, silence_s=_ANSWER_S) as client:
        try:
            answer = client.get("/v1/models")
            if answer.status_code in (401, 403):
                raise UsageError(f"the model server at {base_url} refuses the key; set it in the environment")
            entries = answer.raise_for_status().json()["data"]
            names = [str(entry["id"]) for entry in entries]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"the server at {base_url} does not speak the OpenAI protocol (/v1/models)") from error
        if not names or (model and model not in names):
            served = ", ".join(names) or "none"
            raise UsageError(f"the server at {base_url} does not serve {model or 'any model'}; it serves: {served}")
        entry = entries[names.index(model)] if model else entries[0]
        engine = {"vllm": "vllm", "llamacpp": "llama.cpp"}.get(str(entry.get("owned_by", "")), "openai")
        version = _version(client) if engine == "vllm" else ""
    return Served(str(entry["id"]), engine, _context_tokens(entry), version)


def applies_schema(generator: OpenAIGenerator, base_url: str) -> bool:
    """Generate once, within a schema that no free answer meets: some servers ignore schemas without a word.

    Raises:
        RunError: the server generates nothing at all.

    """
    messages = [{"role": "user", "content": "Name a colour."}]
    try:
        text = "".join(generator.stream(messages, schema=_PROBE_SCHEMA, max_tokens=32, language="en"))
    except RunError:  # some servers refuse a schema; then they must at least generate
        text = "".join(generator.stream(messages, schema=None, max_tokens=4, language="en"))
    if not text:
        raise RunError(f"the model server at {base_url} is up but generates nothing; see its log")
    try:
        return bool(json.loads(text) == {"word": _PROBE_WORD})
    except json.JSONDecodeError:
        return False


def _health(base_url: str, api_key: str) -> bool:
    with client_for(base_url, api_key, silence_s=_ANSWER_S) as client:
        answer = client.get("/health")
        if answer.status_code == httpx.codes.NOT_FOUND:
            answer = client.get("/v1/models")
        # Refusing our key is an answer: `inspect` then says so.
        return answer.is_success or answer.status_code in (401, 403)


def _context_tokens(entry: Mapping[str, Any]) -> int:
    meta = entry.get("meta") or {}
    return int(entry.get("max_model_len") or meta.get("n_ctx") or 0)


def _version(client: httpx.Client) -> str:
    try:
        return str(client.get("/version").raise_for_status().json()["version"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return ""
