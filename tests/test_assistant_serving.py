import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant import llama_server, vllm_server
from assistant.child import Child
from assistant.config import AssistantConfig
from assistant.launch import choose, prepare
from assistant.prompt_cache import PromptCache
from assistant.serving import start
from index.errors import RunError, UsageError
from index.weights import fetch
from tests.fake_model_server import FakeServer, serve

ROOT = Path(__file__).resolve().parent.parent
SMALL_MODEL = "qwen2.5-coder-0.5b-instruct-q4_k_m"
# A server process in miniature: says where it listens, ends with its parent.
TOY = (
    "import os, json, time; from assistant.parent import when_parent_ends; when_parent_ends(lambda: os._exit(0));"
    "print(json.dumps({'address': 'somewhere'}), flush=True); time.sleep(120)"
)


def attach(fake: FakeServer, cache: Path, **settings):
    return start(AssistantConfig(server=fake.address, **{"startup_timeout_s": 5.0, **settings}), cache)


def is_gone(pid: int, within_s: float = 15.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":  # dead, and nobody has collected it yet
            return True
        time.sleep(0.05)
    return False


def not_installed() -> str:
    raise UsageError("vLLM is not installed")


@pytest.mark.parametrize(
    ("server", "gpu", "version", "choice"),
    [
        pytest.param("http://10.0.0.1:8000", True, str, "attach", id="address"),
        pytest.param("auto", True, str, "vllm", id="auto-gpu"),
        pytest.param("auto", False, str, "llama", id="auto-no-gpu"),
        pytest.param("auto", True, not_installed, "llama", id="auto-gpu-without-vllm"),
        pytest.param("llama", True, str, "llama", id="llama-on-gpu-machine"),
        pytest.param("vllm", False, str, "vllm", id="vllm-wanted"),
    ],
)
def test_the_server_is_chosen_once_from_setting_and_machine(server, gpu, version, choice):
    assert choose(server, gpu=lambda: gpu, vllm_version=version) == choice


@pytest.mark.parametrize(
    ("server", "version", "words"),
    [
        pytest.param("lama", str, "server must be auto, vllm, llama or an address", id="typing-error"),
        pytest.param("localhost:8000", str, "server must be auto", id="address-without-scheme"),
        pytest.param("vllm", not_installed, "not installed", id="vllm-missing"),
    ],
)
def test_an_impossible_setting_is_wrong_use(server, version, words):
    with pytest.raises(UsageError, match=words):
        choose(server, gpu=lambda: True, vllm_version=version)


@pytest.mark.parametrize(
    ("script", "answers"),
    [
        pytest.param("echo 'GPU 0: NVIDIA H200'", True, id="gpu"),
        pytest.param("echo 'No devices were found'", False, id="no-device"),
        pytest.param("echo 'GPU 0'; exit 9", False, id="broken-driver"),
    ],
)
def test_a_gpu_is_here_when_its_driver_says_so(tmp_path, monkeypatch, script, answers):
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert vllm_server.gpu_answers() is answers


def test_without_a_driver_there_is_no_gpu(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert vllm_server.gpu_answers() is False


def test_vllm_serves_the_local_machine_with_its_own_sampling_defaults():
    line = vllm_server.command(
        "Qwen/Qwen2.5-7B-Instruct", served_name="qwen", port=8123, context_tokens=8192, gpu_memory_utilization=0.85
    )
    pairs = dict(itertools.pairwise(line))
    assert pairs["--host"] == "127.0.0.1"
    assert pairs["--port"] == "8123"
    assert pairs["--model"] == "Qwen/Qwen2.5-7B-Instruct"
    assert pairs["--served-model-name"] == "qwen"
    assert pairs["--max-model-len"] == "8192"
    assert pairs["--gpu-memory-utilization"] == "0.85"
    assert pairs["--generation-config"] == "vllm"
    assert "--api-key" not in line  # it would be visible to everyone


def test_nobody_is_told_that_vllm_runs():
    assert vllm_server.environment()["VLLM_NO_USAGE_STATS"] == "1"


def test_a_missing_model_file_is_wrong_use(tmp_path):
    with pytest.raises(UsageError, match="no model file at"):
        prepare(AssistantConfig(server="llama", model=str(tmp_path / "none.gguf")), tmp_path)


def test_an_unknown_model_names_the_known_ones(tmp_path):
    with pytest.raises(UsageError, match=SMALL_MODEL):
        prepare(AssistantConfig(server="llama", model="gpt-17"), tmp_path)


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


@contextmanager
def program_with_child(tmp_path, then: str):
    """A program that starts a toy server and prints its process id, then does what it is told."""
    code = (
        "import sys, time, threading; from pathlib import Path; from assistant.child import Child\n"
        f"child = Child([sys.executable, '-c', {TOY!r}], {{}}, Path({str(tmp_path / 'log')!r}), 'toy')\n"
        "while not child.announcement(): pass\n"
        f"print(child.pid, flush=True)\n{then}\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    program = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
    )
    try:
        yield program, int(program.stdout.readline())
    finally:
        program.kill()
        program.wait()
        program.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_server_does_not_outlive_a_killed_program(tmp_path, number):
    with program_with_child(tmp_path, "time.sleep(60)") as (program, pid):
        program.send_signal(number)
        assert is_gone(pid)


@pytest.mark.parametrize(
    "then",
    [
        pytest.param("", id="plain-end"),
        pytest.param("1/0", id="bug"),
        pytest.param("import os; os._exit(3)", id="hard-exit"),
        # a child made by fork holds the other end of the pipe; only the change of parent is left to notice
        pytest.param("import os\nif os.fork() == 0: time.sleep(30)\nos._exit(0)", id="forked"),
    ],
)
def test_a_server_does_not_outlive_a_program_that_ends(tmp_path, then):
    with program_with_child(tmp_path, then) as (_, pid):
        assert is_gone(pid)


def test_a_server_outlives_the_thread_that_started_it(tmp_path):
    code = "sys.exit()"
    with program_with_child(
        tmp_path, f"t = threading.Thread(target=lambda: {code}); t.start(); t.join(); time.sleep(60)"
    ) as (
        _,
        pid,
    ):
        assert not is_gone(pid, within_s=2.5)


def test_ctrl_c_at_the_terminal_reaches_only_the_program(tmp_path):
    child = Child([sys.executable, "-c", TOY], {}, tmp_path / "log", "toy")
    try:
        assert os.getpgid(child.pid) != os.getpgid(0)
    finally:
        child.stop()
    assert is_gone(child.pid)
    assert not (tmp_path / "log").exists()  # nothing went wrong


def test_a_server_that_does_not_start_shows_the_end_of_its_log(tmp_path):
    code = "import sys; sys.stderr.write('first\\n' * 50 + 'the reason\\n'); sys.exit(4)"
    child = Child([sys.executable, "-c", code], {}, tmp_path / "log", "toy")
    with pytest.raises(RunError, match=r"toy stopped \(exit code 4\)(.|\n)*the reason") as caught:
        child.announcement(wait_s=30)
    child.stop()
    assert str(caught.value).count("first") < 10
    assert (tmp_path / "log").exists()


def test_a_log_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot start toy"):
        Child([sys.executable], {}, tmp_path / "file" / "log", "toy")


@pytest.mark.parametrize("how", ["input-closed", "watcher-killed"])
def test_what_vllm_starts_ends_with_its_watcher(how):
    sleeper = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    watcher = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "assistant.vllm_server",
            sys.executable,
            "-c",
            f"import os; print(os.getpid()); {sleeper}",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    server, worker = int(watcher.stdout.readline()), int(watcher.stdout.readline())
    if how == "input-closed":
        watcher.stdin.close()
        assert is_gone(worker)
    else:
        watcher.kill()
    assert is_gone(server)
    watcher.wait()
    for pipe in (watcher.stdin, watcher.stdout):
        pipe.close()
    if not is_gone(worker, within_s=0.1):
        os.kill(worker, signal.SIGKILL)


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
            folder=server.prompts._folder,
            identity=str(tmp_path),
        )
        one.warm([PROMPT])
        assert one.wait(60)
        one.close()
        return one

    first, second = warmed(), warmed()
    assert [entry.how for entry in first.warmed + second.warmed] == ["computed", "restored"]
    for path in first._folder.glob("*.slot"):  # a damaged file is computed again
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
