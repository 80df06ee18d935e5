"""The embedded engine: llama.cpp's OpenAI-compatible server in a process of its own, for machines without a GPU.

    python -m assistant.llama_server --weights FILE --name NAME [--port P] [--context N] [--slots N] [--slot-folder DIR]

It writes one line of JSON, {"address": ..., "version": ...}, to standard output when it listens, and everything else to
standard error. It ends when its standard input closes or its parent changes, so that it never outlives the program.
The settings below were measured on two cores; the reasons stand beside them.
"""

import argparse
import ctypes
import importlib.metadata
import importlib.util
import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.parent import when_parent_ends
from index.errors import RunError, UsageError, exit_with

KEY_VARIABLE = "SHOKO_MODEL_SERVER_KEY"  # in the environment, because command lines are visible to everyone
# OpenMP's waiting threads spin for milliseconds by default. As soon as another process wants a core (a browser, say),
# every barrier then costs a time slice, and decoding falls from 14 tokens/s to below 1. With a short spin it halves.
SPIN_VARIABLE, SPIN_COUNT = "GOMP_SPINCOUNT", "10000"

_MATCHED_TOKENS, _GUESSED_TOKENS = 3, 5  # tokens that must match earlier text, tokens guessed from there


def command(
    weights: Path,
    *,
    name: str,
    port: int = 0,
    context_tokens: int = 8192,
    slots: int = 4,
    slot_folder: Path | None = None,
) -> list[str]:
    """The command line that starts the server as a child process."""
    line = [sys.executable, "-m", "assistant.llama_server", "--weights", str(weights), "--name", name]
    line += ["--port", str(port), "--context", str(context_tokens), "--slots", str(slots)]
    return line + (["--slot-folder", str(slot_folder)] if slot_folder else [])


def environment() -> dict[str, str]:
    """Variables that the child process needs besides those of the parent."""
    return {SPIN_VARIABLE: os.environ.get(SPIN_VARIABLE, SPIN_COUNT), "PYTHONUNBUFFERED": "1"}


def engine_version() -> str:
    """Version of the engine, without loading it.

    Raises:
        UsageError: it is not installed.

    """
    try:
        return importlib.metadata.version("xllamacpp")
    except importlib.metadata.PackageNotFoundError:
        raise UsageError(
            "the CPU engine is not installed; run `make`, or set `server` to the address of a model server"
        ) from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the parent goes away."""
    parser = argparse.ArgumentParser(prog="python -m assistant.llama_server", description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--name", required=True, help="of the model, for clients")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--context", type=int, default=8192, help="tokens, shared by all slots")
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--slot-folder", type=Path)
    options = parser.parse_args(arguments)
    # The engine may write to standard output; the parent expects nothing there but our line.
    report = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    when_parent_ends(lambda: os._exit(0))
    server = _serve(options)
    report.write(json.dumps({"address": server.listening_address, "version": engine_version()}) + "\n")
    report.flush()
    threading.Event().wait()
    return 0


def _serve(options: argparse.Namespace) -> Any:  # noqa: ANN401 - the engine has no types
    engine = _load_engine()
    settings = engine.CommonParams()
    settings.model.path = str(options.weights)
    settings.model_alias = {options.name}
    settings.hostnames = ["127.0.0.1"]
    settings.port = options.port
    settings.api_keys = [key] if (key := os.environ.get(KEY_VARIABLE)) else []
    settings.cors_origins = "http://127.0.0.1"  # no web page may use the server from a visitor's browser
    settings.ui = False
    settings.offline = True
    settings.n_threads_http = 4
    for threads in (settings.cpuparams, settings.cpuparams_batch):
        threads.n_threads = len(os.sched_getaffinity(0))
    # One slot per prompt, in one shared memory: a slot may use the whole context, and idle ones stay as they are.
    settings.n_ctx = options.context
    settings.n_parallel = options.slots
    settings.kv_unified = True
    settings.cache_idle_slots = False
    settings.cache_ram_mib = 0
    # Answers copy words of the passages: guessing the next tokens from the prompt and checking them in one step decodes
    # 1.6 times as fast (prompt lookup decoding, Saxena 2023). The model's own choice still decides every token.
    settings.speculative.types = [engine.common_speculative_type.COMMON_SPECULATIVE_TYPE_NGRAM_MAP_K]
    settings.speculative.ngram_map_k.size_n = _MATCHED_TOKENS
    settings.speculative.ngram_map_k.size_m = _GUESSED_TOKENS
    if options.slot_folder:
        settings.slot_save_path = f"{options.slot_folder}/"
    try:
        return engine.Server(settings)
    except RuntimeError as error:
        raise RunError(f"llama.cpp cannot serve {options.weights}: {error}") from error


def _load_engine() -> Any:  # noqa: ANN401 - the engine has no types
    """Import the engine; on systems without libgomp with the copy that PyTorch brings."""
    try:
        import xllamacpp
    except ImportError as error:
        torch = importlib.util.find_spec("torch")
        bundled = Path(torch.origin).parent / "lib" / "libgomp.so.1" if torch and torch.origin else None
        if "libgomp" not in str(error) or bundled is None or not bundled.exists():
            raise RunError(f"the CPU engine cannot be loaded: {error}") from error
        ctypes.CDLL(str(bundled), mode=ctypes.RTLD_GLOBAL)
        import xllamacpp
    return xllamacpp


if __name__ == "__main__":
    exit_with(main)
