import socket

import pytest

from assistant.chat_protocol import estimate_tokens, request_body
from assistant.generator import OpenAIGenerator
from index.errors import RunError
from tests.fake_model_server import FakeServer, serve

MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}}


@pytest.fixture
def make():
    """Generators that are closed at the end of the test."""
    made = []

    def generator(address: str, **options) -> OpenAIGenerator:
        made.append(OpenAIGenerator(address, "toy", **{"engine": "vllm", **options}))
        return made[-1]

    yield generator
    for one in made:
        one.close()


def ask(generator: OpenAIGenerator, schema=None):
    return generator.stream(MESSAGES, schema=schema, max_tokens=50, language="en")


def test_text_arrives_in_pieces_and_the_record_holds_what_it_cost(make):
    with serve(FakeServer()) as fake:
        stream = ask(make(fake.address))
        assert list(stream) == ["A ", "plain ", "answer."]
    record = stream.generation
    assert (record.text, record.finish_reason, record.language) == ("A plain answer.", "stop", "en")
    assert (record.prompt_tokens, record.cached_tokens, record.answer_tokens) == (7, 5, 3)
    assert record.first_token_s is not None
    assert 0 < record.first_token_s <= record.seconds


def test_nothing_is_sent_before_the_first_step(make):
    with serve(FakeServer()) as fake:
        stream = ask(make(fake.address))
        assert fake.requests == []
        next(stream)
        assert len(fake.requests) == 1
        stream.close()


def test_the_request_is_greedy_and_carries_the_schema(make):
    with serve(FakeServer()) as fake:
        list(ask(make(fake.address), SCHEMA))
    (sent,) = fake.requests
    assert sent["temperature"] == 0
    assert isinstance(sent["seed"], int)
    assert sent["max_tokens"] == 50
    assert sent["response_format"]["json_schema"]["schema"] == SCHEMA


def test_a_server_without_schemas_is_not_sent_any(make):
    with serve(FakeServer(schema="refused")) as fake:
        assert "".join(ask(make(fake.address, sends_schema=False), SCHEMA)) == "A plain answer."


@pytest.mark.parametrize(
    ("engine", "slot", "extensions"),
    [
        pytest.param("llama.cpp", 2, {"cache_prompt": True, "id_slot": 2}, id="llama-slot"),
        pytest.param("llama.cpp", None, {"cache_prompt": True}, id="llama-somebody-elses"),
        pytest.param("vllm", 2, {}, id="vllm"),
        pytest.param("openai", 2, {}, id="strict"),
    ],
)
def test_extensions_go_only_to_the_engine_that_knows_them(engine, slot, extensions):
    body = request_body("toy", MESSAGES, schema=None, max_tokens=5, engine=engine, slot=slot)
    assert {key: body[key] for key in ("cache_prompt", "id_slot") if key in body} == extensions
    assert "response_format" not in body


def test_reasoning_is_not_part_of_the_answer(make):
    with serve(FakeServer(reasoning=("hm", "so"))) as fake:
        assert "".join(ask(make(fake.address))) == "A plain answer."


def test_closing_the_stream_ends_the_request_on_the_server(make):
    with serve(FakeServer(pieces=("word ",) * 500, delay_s=0.01)) as fake:
        stream = ask(make(fake.address))
        next(stream)
        stream.close()
        assert fake.aborted.wait(10)
    assert stream.generation.finish_reason == "closed"
    assert stream.generation.text == "word "
    stream.close()  # harmless


def test_dropping_the_stream_ends_the_request_too(make):
    with serve(FakeServer(pieces=("word ",) * 500, delay_s=0.01)) as fake:
        stream = ask(make(fake.address))
        next(stream)
        del stream
        assert fake.aborted.wait(10)


def test_a_server_that_dies_in_the_middle_leaves_what_was_received(make):
    with serve(FakeServer(die_after=2)) as fake:
        stream = ask(make(fake.address))
        received = []
        with pytest.raises(RunError, match="ended an answer early"):
            received.extend(iter(stream))
    assert stream.generation.text == "A plain "
    assert stream.generation.finish_reason == "failed"


def test_a_server_that_falls_silent_is_given_up(make):
    with serve(FakeServer(delay_s=1.5)) as fake, pytest.raises(RunError, match="sent nothing for 0 s"):
        list(ask(make(fake.address, silence_s=0.2)))


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        pytest.param({"error_event": "out of\nmemory"}, "failed: out of memory", id="error-event"),
        pytest.param({"schema": "refused"}, r"refused the request: no schemas here \(HTTP 400\)", id="http-error"),
    ],
)
def test_what_the_server_complains_about_is_told_in_one_line(make, behaviour, words):
    with serve(FakeServer(**behaviour)) as fake, pytest.raises(RunError, match=words) as caught:
        list(ask(make(fake.address), SCHEMA))
    assert "\n" not in str(caught.value)


def test_no_server_is_one_line_with_the_address(make):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(RunError, match="does not answer") as caught:
            list(ask(make(address)))
    assert address in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_address_may_end_in_v1(make):
    with serve(FakeServer()) as fake:
        assert "".join(ask(make(f"{fake.address}/v1"))) == "A plain answer."


@pytest.mark.parametrize(
    ("engine", "answer", "count"),
    [
        pytest.param("vllm", {"count": 4, "tokens": None}, 4, id="vllm"),
        pytest.param("llama.cpp", {"tokens": [1, 2, 3, 4, 5]}, 5, id="llama"),
        pytest.param("vllm", None, estimate_tokens("Bonjour"), id="no-route"),
        pytest.param("openai", {"count": 4}, estimate_tokens("Bonjour"), id="unknown-engine"),
    ],
)
def test_tokens_are_counted_by_the_server_where_it_can(make, engine, answer, count):
    with serve(FakeServer(tokenize=answer)) as fake:
        generator = make(fake.address, engine=engine)
        assert generator.count_tokens("Bonjour") == count
        assert generator.count_tokens("") == 0


def test_a_text_is_counted_once(make):
    with serve(FakeServer()) as fake:
        generator = make(fake.address)
        assert generator.count_tokens("twice") == generator.count_tokens("twice")
        assert len(fake.requests) == 1


def test_estimates_err_high_and_nothing_costs_nothing():
    assert estimate_tokens("") == 0
    assert estimate_tokens("The law was promulgated on 18 May 2022.") >= 14  # what the default model counts
    assert estimate_tokens("経済安全保障推進法") >= 8
