import itertools
import os

import pytest

from assistant import vllm_server
from assistant.config import AssistantConfig
from assistant.launch import choose, prepare
from index.errors import UsageError

SMALL_MODEL = "qwen2.5-coder-0.5b-instruct-q4_k_m"


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
