import os
import signal
from pathlib import Path

import pytest

from assistant import llama_server
from assistant.config import AssistantConfig
from assistant.prefill import PrefillingGenerator, start_prefill, when_ready
from assistant.prompt_cache import PromptCache
from assistant.serving import start
from assistant.yes_or_no import margins
from index.errors import RunError, UsageError
from index.weights import fetch
from prompts import load
from tests.processes import is_gone

SMALL_MODEL = "qwen2.5-coder-0.5b-instruct-q4_k_m"


@pytest.fixture(scope="module")
def cache() -> Path:
    return Path(os.environ.get("SHOKO_INDEX_CACHE", "~/.cache/shoko")).expanduser()


@pytest.fixture(scope="module")
def small(cache) -> Path:
    return fetch(SMALL_MODEL, cache)


@pytest.fixture(scope="module")
def server(small, tmp_path_factory):
    config = AssistantConfig(server="llama", model=SMALL_MODEL, served_context_tokens=2048)
    with start(config, tmp_path_factory.mktemp("cache"), weights=small) as handle:
        yield handle


PROMPT = [
    {"role": "system", "content": "You answer in one short sentence. " * 8},
    {"role": "user", "content": "What is the capital of Japan?"},
]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "enum": ["Kyoto", "Tokyo"]}},
    "required": ["city"],
    "additionalProperties": False,
}


@pytest.mark.model
def test_the_real_engine_says_what_it_serves(server):
    assert (server.engine, server.context_tokens) == ("llama.cpp", 2048)
    assert server.model.startswith("qwen2.5-coder-0.5b")
    assert server.version == llama_server.engine_version()
    assert server.schema_applied
    assert server.alive()
    assert server.base_url.startswith("http://127.0.0.1:")


@pytest.mark.model
def test_the_real_engine_answers_within_a_schema(server):
    generator = server.generator()
    stream = generator.stream(PROMPT, schema=SCHEMA, max_tokens=30, language="en")
    assert "Tokyo" in "".join(stream)
    assert stream.generation.answer_tokens > 0
    assert 1 <= generator.count_tokens("経済安全保障推進法") <= 12
    generator.close()


@pytest.mark.model
def test_a_stranger_cannot_use_our_server(server, monkeypatch, tmp_path):
    monkeypatch.delenv("SHOKO_API_KEY", raising=False)
    with pytest.raises(UsageError, match="refuses the key"):
        start(AssistantConfig(server=server.base_url), tmp_path)


@pytest.mark.model
def test_beginnings_of_prompts_are_saved_and_restored(server, tmp_path):
    def warmed() -> PromptCache:
        # the folder is the server's own; another identity makes other files
        one = PromptCache(
            server.base_url,
            server.model,
            server.api_key,
            slots=10,
            folder=server.prompts.folder,
            identity=str(tmp_path),
        )
        one.warm([PROMPT])
        assert one.wait(60)
        one.close()
        return one

    first, second = warmed(), warmed()
    assert [entry.how for entry in first.warmed + second.warmed] == ["computed", "restored"]
    for path in first.folder.glob("*.slot"):  # a damaged file is computed again
        path.write_bytes(path.read_bytes()[:100])
    assert [entry.how for entry in warmed().warmed] == ["computed"]

    server.warm([PROMPT])
    assert server.prompts.wait(60)
    generator = server.generator()
    stream = generator.stream(
        [PROMPT[0], {"role": "user", "content": "And of France?"}], schema=None, max_tokens=4, language="en"
    )
    "".join(stream)
    generator.close()
    assert stream.generation.cached_tokens > 60


@pytest.mark.model
def test_a_killed_engine_is_reported_in_the_stream_and_can_be_restarted(small, tmp_path):
    config = AssistantConfig(server="llama", served_context_tokens=1024)
    with start(config, tmp_path, weights=small) as handle:
        generator = handle.generator()
        stream = generator.stream(PROMPT, schema=None, max_tokens=200, language="en")
        next(stream)
        os.kill(handle.pid, signal.SIGKILL)
        with pytest.raises(RunError, match=r"stopped in the middle of an answer|ended an answer early"):
            list(stream)
        assert stream.generation.text
        assert not handle.alive()
        handle.restart()
        assert handle.alive()
        assert "".join(generator.stream(PROMPT, schema=None, max_tokens=4, language="en"))
        generator.close()
        pid = handle.pid
    assert is_gone(pid)


@pytest.mark.model
def test_weights_that_are_none_are_one_message(tmp_path):
    file = tmp_path / "broken.gguf"
    file.write_bytes(b"GGUF" + b"\0" * 100)
    with pytest.raises(RunError, match=r"llama.cpp stopped"):
        start(AssistantConfig(server="llama"), tmp_path, weights=file)


@pytest.mark.model
def test_pytorch_reads_as_llama_cpp_does(server, small, cache):
    question, heading = "How much did the works on the Marlow bridge cost?", "Marlow bridge, Works"
    sentences = (
        "The works cost £4.2 million, paid by the county.",
        "The bridge reopened on 3 March 2019.",
        "Anna Holt, an engineer from Leeds, designed it in 1931.",
        "The port of Dunmore was dredged for £2 million.",
    )
    asked = [load("confirm", "en").render(question=question, heading=heading, sentence=one) for one in sentences]
    reader = when_ready(start_prefill("always", small, cache, []))
    assert reader is not None
    with reader:
        read = list(margins(asked, PrefillingGenerator(server.generator(), reader)))
    assert read == pytest.approx(list(margins(asked, server.generator())), abs=0.4)
    assert max(read) == read[0]
