import socket
from pathlib import Path

import pytest

from assistant.config import AssistantConfig
from assistant.serving import start
from index.errors import RunError, UsageError
from tests.fake_model_server import FakeServer, serve


def attach(fake: FakeServer, cache: Path, **settings):
    return start(AssistantConfig(server=fake.address, **{"startup_timeout_s": 5.0, **settings}), cache)


def test_attaching_reads_model_context_and_version_from_the_server(tmp_path):
    with serve(FakeServer()) as fake, attach(fake, tmp_path) as handle:
        assert (handle.model, handle.engine, handle.context_tokens, handle.version) == ("toy", "vllm", 4096, "9.9")
        assert handle.schema_applied
        assert handle.alive()
        assert handle.pid is None
        generator = handle.generator()
        assert "".join(generator.stream([], schema=None, max_tokens=9, language="en")) == "A plain answer."
        generator.close()


@pytest.mark.parametrize(
    ("behaviour", "engine", "context_tokens"),
    [
        pytest.param({"owned_by": "llamacpp", "entry": {"meta": {"n_ctx": 2048}}}, "llama.cpp", 2048, id="llama"),
        pytest.param({"owned_by": "someone", "entry": {}}, "openai", 8192, id="says-nothing"),
        pytest.param({"health": 404}, "vllm", 4096, id="no-health-route"),
        pytest.param({"loading_answers": 2}, "vllm", 4096, id="still-loading"),
    ],
)
def test_servers_differ_in_what_they_say(tmp_path, behaviour, engine, context_tokens):
    with serve(FakeServer(**behaviour)) as fake, attach(fake, tmp_path) as handle:
        assert (handle.engine, handle.context_tokens) == (engine, context_tokens)


@pytest.mark.parametrize("schema", ["ignored", "refused"])
def test_a_server_without_schemas_is_used_with_a_warning(tmp_path, capsys, schema):
    with serve(FakeServer(schema=schema)) as fake, attach(fake, tmp_path) as handle:
        assert handle.schema_applied is False
        assert "does not apply JSON schemas" in capsys.readouterr().err
        generator = handle.generator()
        pieces = generator.stream([], schema={"type": "object", "properties": {}}, max_tokens=9, language="en")
        assert "".join(pieces) == "A plain answer."
        generator.close()


@pytest.mark.parametrize(
    ("behaviour", "settings", "kind", "words"),
    [
        pytest.param({"key": "secret"}, {}, UsageError, "refuses the key", id="wrong-key"),
        pytest.param({}, {"model": "other"}, UsageError, "does not serve other; it serves: toy", id="wrong-model"),
        pytest.param({"pieces": (), "schema": "ignored"}, {}, RunError, "generates nothing", id="generates-nothing"),
        pytest.param({"die_after": 0}, {}, RunError, "ended an answer early", id="dies"),
        pytest.param({"loading_answers": 99}, {"startup_timeout_s": 0.5}, RunError, "not ready after", id="slow"),
    ],
)
def test_a_server_that_cannot_be_used_is_refused_at_the_start(tmp_path, behaviour, settings, kind, words):
    with serve(FakeServer(**behaviour)) as fake, pytest.raises(kind, match=words):
        attach(fake, tmp_path, **settings)


def test_the_key_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("MY_KEY", "secret")
    with serve(FakeServer(key="secret")) as fake, attach(fake, tmp_path, api_key_variable="MY_KEY") as handle:
        assert handle.model == "toy"


@pytest.mark.parametrize(
    ("server", "kind", "exit_code"),
    [
        pytest.param("http://127.0.0.1:9", RunError, 1, id="nothing-there"),
        pytest.param("http://:x", UsageError, 2, id="no-address"),
    ],
)
def test_a_wrong_address_is_one_line(tmp_path, server, kind, exit_code):
    with pytest.raises(kind) as caught:
        start(AssistantConfig(server=server), tmp_path)
    assert caught.value.exit_code == exit_code
    assert "\n" not in str(caught.value)
    assert server in str(caught.value)


def test_somebody_elses_server_is_not_ours_to_restart(tmp_path):
    with serve(FakeServer()) as fake:
        handle = attach(fake, tmp_path)
        handle.restart()  # it is alive: nothing to do
    assert not handle.alive()
    with pytest.raises(RunError, match="not ours to restart"):
        handle.restart()


def test_a_port_in_use_is_wrong_use(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} is in use"):
            start(AssistantConfig(server="llama"), tmp_path, port=port)
