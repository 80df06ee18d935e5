"""`eval bench serving`: what the model server gives, as the assistant asks it and as a plain client would.

The requests are those that the assistant sends for real questions, recorded without a model. A number in front of each
question makes every request a new one, so that the server keeps the beginning of a prompt at most, never all of it.
"""

import itertools
import json
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from assistant.chat_protocol import Message, Schema, request_body
from assistant.generator import client_for
from eval.bench import ratio, results_page
from eval.questions import EvalQuestion
from eval.tables import markdown_table
from index.errors import RunError
from prompts import LANGUAGES, load

if TYPE_CHECKING:
    from assistant.pipeline import Assistant
    from assistant.serving import ServerHandle

PARALLEL = (1, 2, 4)
_NOTHING_KEPT = {"cache_prompt": False}  # llama.cpp then computes the whole prompt


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request of the assistant."""

    messages: tuple[Message, ...]
    schema: Schema | None
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Served:
    """What one request cost; `guessed_tokens` were accepted without a step of their own, where the server says so."""

    first_token_s: float
    seconds: float
    prompt_tokens: int
    cached_tokens: int
    answer_tokens: int
    guessed_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """A way to ask: what goes into a request besides the prompt.

    Attributes:
        slots: send the slot that keeps the beginning of the prompt.
        fresh: put the number in front of the system message, too, so that nothing can be kept.
    """

    name: str
    slots: bool = True
    schema: bool = True
    fresh: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WayBench:
    """One way to ask, with so many requests at a time; nothing was served where the server failed."""

    way: Way
    parallel: int
    seconds: float
    served: tuple[Served, ...]

    @property
    def first_token_s(self) -> float:
        """Median time to the first token."""
        return statistics.median(one.first_token_s for one in self.served)

    @property
    def decoded_per_s(self) -> float:
        """Tokens a second of one request after its first token."""
        seconds = sum(one.seconds - one.first_token_s for one in self.served)
        tokens = sum(max(0, one.answer_tokens - 1) for one in self.served)
        return tokens / seconds if seconds > 0 else 0.0

    @property
    def answers_per_minute(self) -> float:
        """All requests over the time of all."""
        return 60 * len(self.served) / self.seconds


class Recorder:
    """A generator that writes down what it is asked and says that the passages lack the answer."""

    model, engine, context_tokens, reads_fast, probed = "recorder", "none", 8192, False, False

    def __init__(self) -> None:
        self.prompts: list[Prompt] = []

    def stream(
        self, messages: Sequence[Message], *, schema: Schema | None, max_tokens: int, language: str
    ) -> Iterator[str]:
        """Keep the request."""
        self.prompts.append(Prompt(tuple(messages), schema, max_tokens))
        return iter(('{"none": ""}',))

    def count_tokens(self, text: str) -> int:
        """A rough number; nothing depends on it here."""
        return len(text) // 3


def record_prompts(assistant: "Assistant", questions: Sequence[EvalQuestion]) -> list[Prompt]:
    """The requests with which the assistant asks for answers; none for a question that it refuses beforehand."""
    recorder = Recorder()
    earlier, assistant.generator = assistant.generator, recorder
    try:
        for question in questions:
            assistant.answer(question.question, question.history)
    finally:
        assistant.generator = earlier
    return [prompt for prompt in recorder.prompts if prompt.schema is not None]


def static_prompts() -> list[list[Message]]:
    """The beginnings of those requests, one for each language."""
    return [[{"role": "system", "content": load("answer", language).system}] for language in LANGUAGES]


def ways(engine: str) -> list[Way]:
    """The ways to ask a server of that kind, ours first and the plain one last."""
    llama = engine == "llama.cpp"
    return [
        Way("Shoko"),
        Way("Shoko, without a schema", schema=False),
        Way("Shoko, beginning not kept", fresh=True),
        Way("plain client", slots=False, schema=False, fresh=not llama, extra=_NOTHING_KEPT if llama else {}),
    ]


def bench_serving(server: "ServerHandle", prompts: Sequence[Prompt]) -> list[WayBench]:
    """Ask the server the same prompts in every way; ours and the plain one also several at a time.

    Args:
        server: running, with the beginnings of our prompts prepared.
        prompts: what to ask; each several times, with another number.

    A way that makes the server fail is noted, and the server started again where it is ours.

    Raises:
        RunError: the server fails at once, or cannot be started again.
    """
    numbers = itertools.count(1)
    known = ways(server.engine)
    found: list[WayBench] = []
    with _Client(server) as client:
        for way in known:
            for parallel in PARALLEL if way in (known[0], known[-1]) else (1,):
                sys.stderr.write(f"{way.name}, {parallel} at a time\n")
                asked = [_numbered(prompt, next(numbers), way) for prompt in _repeated(prompts, parallel)]
                began = time.perf_counter()
                try:
                    with ThreadPoolExecutor(parallel) as pool:
                        served = tuple(pool.map(lambda prompt, way=way: client.ask(prompt, way), asked))
                except RunError as error:
                    if not found:
                        raise
                    sys.stderr.write(f"failed: {error}\n")
                    served = ()
                    server.restart()
                    wait_for_prompts(server)
                found.append(WayBench(way, parallel, time.perf_counter() - began, served))
    return found


def wait_for_prompts(server: "ServerHandle") -> None:
    """Wait until the beginnings of the prompts are prepared, where the server keeps them."""
    if server.prompts is not None:
        server.prompts.wait()


def serving_page(command: str, server: "ServerHandle", found: Sequence[WayBench]) -> str:
    """The page for eval/results."""
    plain = {one.parallel: one for one in found if one.way == found[-1].way and one.served}
    rows = [_row(one, plain.get(one.parallel)) for one in found]
    prompt_tokens = [item.prompt_tokens for one in found for item in one.served]
    about = (
        f"{server.model} on {server.engine}; {len(found[0].served)} prompts of {min(prompt_tokens)} to "
        f"{max(prompt_tokens)} tokens."
    )
    parts = [
        "## The same prompts, asked in different ways",
        markdown_table(
            [
                "asked", "at a time", "first token s", "tokens a second", "answers a minute", "prompt kept",
                "guessed ahead", "first token, times faster", "tokens, times", "answers, times",
            ],
            rows,
        ),
        "The last three columns compare with the plain client: the same server, asked without a schema and without "
        "kept beginnings. It guesses ahead, too: llama.cpp does not let a request switch that off. A token that was "
        "guessed ahead needs no step of its own. First token: median; tokens a second: of one request after its first "
        "token. Without a schema the model writes other and often longer text, so its answers a minute are not the "
        "same work.",
    ]  # fmt: skip
    return results_page("Model server", command, about, parts)


def _row(one: WayBench, plain: WayBench | None) -> list[str]:
    name = [one.way.name, str(one.parallel)]
    if not one.served:
        return [*name, "failed", *["–"] * 7]
    ratios = ["–"] * 3
    if plain is not None:
        ratios = [
            ratio(plain.first_token_s, one.first_token_s),
            ratio(one.decoded_per_s, plain.decoded_per_s),
            ratio(one.answers_per_minute, plain.answers_per_minute),
        ]
    return [
        *name,
        f"{one.first_token_s:.2f}",
        f"{one.decoded_per_s:.1f}",
        f"{one.answers_per_minute:.1f}",
        f"{_share(one.served, 'cached_tokens', 'prompt_tokens'):.0%}",
        f"{_share(one.served, 'guessed_tokens', 'answer_tokens'):.0%}",
        *ratios,
    ]


class _Client:
    """Asks a server and takes the time."""

    def __init__(self, server: "ServerHandle") -> None:
        self._server = server
        self._http = client_for(server.base_url, server.api_key)

    def __enter__(self) -> "_Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, prompt: Prompt, way: Way) -> Served:
        """Send one request and read it to its end."""
        server = self._server
        slots = server.prompts if way.slots else None
        with slots.request(prompt.messages) if slots else nullcontext(None) as slot:
            body = request_body(
                server.model,
                prompt.messages,
                schema=prompt.schema if way.schema else None,
                max_tokens=prompt.max_tokens,
                engine=server.engine,
                slot=slot,
            )
            try:
                return self._read({**body, **way.extra})
            except (httpx.HTTPError, httpx.StreamError) as error:
                raise RunError(f"the model server at {server.base_url} does not answer ({error}); try again") from error

    def _read(self, body: Mapping[str, Any]) -> Served:
        began = time.perf_counter()
        first, ended = 0.0, False
        usage: dict[str, Any] = {}
        timings: dict[str, Any] = {}
        with self._http.stream("POST", "/v1/chat/completions", json=body) as response:
            if response.is_error:
                raise RunError(f"the model server refused the request: HTTP {response.status_code} {response.read()!r}")
            for line in response.iter_lines():
                ended = ended or line.endswith("[DONE]")
                if ended or not line.startswith("data:"):
                    continue
                event = json.loads(line.removeprefix("data:"))
                usage = event.get("usage") or usage
                timings = event.get("timings") or timings
                if not first and any(choice["delta"].get("content") for choice in event.get("choices", ())):
                    first = time.perf_counter() - began
        seconds = time.perf_counter() - began
        if not ended:
            raise RunError(f"the model server at {self._server.base_url} ended an answer early; try again")
        details = usage.get("prompt_tokens_details") or {}
        return Served(
            first or seconds,
            seconds,
            usage.get("prompt_tokens", 0),
            details.get("cached_tokens") or 0,
            usage.get("completion_tokens", 0),
            timings.get("draft_n_accepted", 0),
        )


def _repeated(prompts: Sequence[Prompt], least: int) -> list[Prompt]:
    return list(itertools.islice(itertools.cycle(prompts), max(len(prompts), least)))


def _numbered(prompt: Prompt, number: int, way: Way) -> Prompt:
    """The prompt with a number in front of what must not be kept."""
    *before, last = prompt.messages
    head = [{**one, "content": f"{number}. {one['content']}"} if way.fresh else one for one in before]
    return Prompt((*head, {**last, "content": f"{number}. {last['content']}"}), prompt.schema, prompt.max_tokens)


def _share(served: Sequence[Served], part: str, whole: str) -> float:
    total = sum(getattr(one, whole) for one in served)
    return sum(getattr(one, part) for one in served) / total if total else 0.0
