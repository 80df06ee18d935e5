"""What is asked of a model server in every way, and what is made of its answers; no time is asserted."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from assistant.chat_protocol import Message
from eval.serving_bench import (
    Prompt,
    Served,
    Way,
    WayBench,
    bench_serving,
    record_prompts,
    serving_page,
    static_prompts,
    ways,
)
from index.errors import RunError
from tests.eval_sample import ask
from tests.fake_model_server import FakeServer, serve
from tests.island_documents import TRAM

SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}}
PROMPTS = [
    Prompt(({"role": "system", "content": f"Answer {number}."}, {"role": "user", "content": "Hello"}), SCHEMA, 20)
    for number in range(2)
]


class Slots:
    """Keeps known beginnings in slot 0, everything else in slot 9."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @contextmanager
    def request(self, messages: Sequence[Message]) -> Iterator[int]:
        self.asked.append(messages[0]["content"])
        yield 0 if messages[0]["content"].startswith("Answer") else 9


class Breaking(tuple):
    """The pieces of an answer; reading them for one of the requests breaks the connection."""

    def __new__(cls, pieces: Sequence[str], at: int) -> "Breaking":
        made = super().__new__(cls, pieces)
        made.left = at
        return made

    def __iter__(self) -> Iterator[str]:
        self.left -= 1
        if self.left == 0:
            raise OSError("broken")
        return super().__iter__()


@dataclass
class Handle:
    base_url: str
    engine: str = "llama.cpp"
    api_key: str = ""
    model: str = "toy"
    prompts: Slots | None = None


@pytest.mark.parametrize("engine", ["llama.cpp", "vllm"])
def test_our_way_comes_first_and_a_plain_client_last(engine: str) -> None:
    names = [way.name for way in ways(engine)]
    assert (names[0], names[-1]) == ("Shoko", "plain client")


def test_every_way_asks_what_it_says() -> None:
    with serve(FakeServer()) as fake:
        slots = Slots()
        found = bench_serving(Handle(fake.address, prompts=slots), PROMPTS)
    assert [(one.way.name, one.parallel, len(one.served)) for one in found] == [
        ("Shoko", 1, 2),
        ("Shoko", 2, 2),
        ("Shoko", 4, 4),
        ("Shoko, without a schema", 1, 2),
        ("Shoko, beginning not kept", 1, 2),
        ("plain client", 1, 2),
        ("plain client", 2, 2),
        ("plain client", 4, 4),
    ]
    sent = fake.requests
    ours, plain = sent[0], sent[-1]
    assert (ours["id_slot"], ours["cache_prompt"], "response_format" in ours) == (0, True, True)
    assert ("id_slot" in plain, plain["cache_prompt"], "response_format" in plain) == (False, False, False)
    assert len({request["messages"][1]["content"] for request in sent}) == len(sent)  # no prompt twice
    fresh = [request for request in sent if not request["messages"][0]["content"].startswith("Answer")]
    assert [request["id_slot"] for request in fresh] == [9, 9]
    assert len(slots.asked) == 12  # all but the plain ones


def test_other_servers_get_no_extensions_and_fresh_prompts() -> None:
    with serve(FakeServer()) as fake:
        bench_serving(Handle(fake.address, engine="vllm"), PROMPTS[:1])
    plain = fake.requests[-1]
    assert {"id_slot", "cache_prompt"}.isdisjoint(plain)
    assert plain["messages"][0]["content"].endswith(". Answer 0.")


def test_what_the_server_counts_is_kept() -> None:
    with serve(FakeServer()) as fake:
        found = bench_serving(Handle(fake.address), PROMPTS)
        page = serving_page("a command", Handle(fake.address), found)
    one = found[0].served[0]
    assert (one.prompt_tokens, one.cached_tokens, one.answer_tokens) == (7, 5, 3)
    assert 0 < one.first_token_s <= one.seconds
    assert "toy on llama.cpp; 2 prompts of 7 to 7 tokens." in page
    assert "| plain client " in page
    assert "71%" in page


def test_rates_equal_the_values_worked_out_by_hand() -> None:
    served = (Served(1.0, 3.0, 100, 50, 21, 5), Served(2.0, 4.0, 100, 50, 11), Served(3.0, 3.0, 100, 50, 1))
    bench = WayBench(Way("x"), 1, 10.0, served)
    assert bench.first_token_s == 2.0
    assert bench.decoded_per_s == (20 + 10 + 0) / (2 + 2 + 0)
    assert bench.answers_per_minute == 18.0


@pytest.mark.parametrize("fake", [FakeServer(schema="refused"), FakeServer(die_after=0)], ids=["refused", "broken"])
def test_a_failing_server_ends_the_bench(fake: FakeServer) -> None:
    with serve(fake):
        if fake.schema == "refused":
            with pytest.raises(RunError, match="refused the request: HTTP 400"):
                bench_serving(Handle(fake.address), PROMPTS)
        else:
            with pytest.raises(RunError, match="ended an answer early"):
                bench_serving(Handle(fake.address), PROMPTS)


def test_a_way_that_fails_later_is_noted_and_the_server_started_again(capsys) -> None:
    with serve(FakeServer()) as fake:
        handle = Handle(fake.address)
        handle.restart = lambda: restarted.append(fake.address)
        restarted: list[str] = []
        fake.pieces = Breaking(fake.pieces, at=4)  # the third request of "2 at a time" and of "4 at a time"
        found = bench_serving(handle, PROMPTS)
        page = serving_page("a command", handle, found)
    failed = [(one.way.name, one.parallel) for one in found if not one.served]
    assert failed == [("Shoko", 2)]
    assert restarted == [fake.address]
    assert "failed: the model server at" in capsys.readouterr().err
    row = next(line for line in page.splitlines() if line.startswith("| Shoko ") and "failed" in line)
    assert [cell.strip() for cell in row.split("|")[2:-1]] == ["2", "failed", *["–"] * 7]


def test_an_absent_server_is_named() -> None:
    with pytest.raises(RunError, match=r"the model server at http://127\.0\.0\.1:9 does not answer"):
        bench_serving(Handle("http://127.0.0.1:9"), PROMPTS)


def test_the_prompts_are_those_of_the_assistant(make_assistant) -> None:
    assistant = make_assistant("")
    generator = assistant.generator
    questions = [
        ask("e1", TRAM, "18"),
        ask("e2", "What does SoftBank pay its staff?", ""),  # refused before a model is asked
    ]
    [prompt] = record_prompts(assistant, questions)
    assert TRAM in prompt.messages[-1]["content"]
    assert "18 stops" in prompt.messages[-1]["content"]
    assert prompt.schema is not None
    assert assistant.generator is generator
    assert prompt.messages[0] in [one[0] for one in static_prompts()]
