"""Which model server the configuration means on this machine, and what is needed to start it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant import llama_server, vllm_server
from assistant.config import AssistantConfig
from index.errors import UsageError
from index.weights import catalogue, fetch

Choice = Literal["attach", "vllm", "llama"]


@dataclass(frozen=True, slots=True)
class Launch:
    """One server, so that it can be started again.

    Attributes:
        choice: "attach" where somebody else started it.
        name: for people.
        model: its name, or a hub name for vLLM; "" on a server that we attach to.
        version: of the engine; "" on a server that we attach to.
        weights: file for llama.cpp.
        identity: changes when the weights change.

    """

    choice: Choice
    name: str
    model: str = ""
    version: str = ""
    weights: Path | None = None
    identity: str = ""


def choose(server: str, *, gpu: Callable[[], bool], vllm_version: Callable[[], str]) -> Choice:
    """Which kind of server a setting means on this machine.

    Args:
        server: "auto", "vllm", "llama" or an address.
        gpu: whether an NVIDIA GPU answers.
        vllm_version: the version of vLLM; raises `UsageError` where it is not installed.

    Raises:
        UsageError: the setting means nothing, or vLLM is wanted and not installed.

    """
    if server.startswith(("http://", "https://")):
        return "attach"
    if server not in ("auto", "vllm", "llama"):
        raise UsageError(
            f"server must be auto, vllm, llama or an address such as http://127.0.0.1:8000, not {server!r}"
        )
    if server == "vllm":
        vllm_version()
        return "vllm"
    if server == "auto" and gpu():
        try:
            vllm_version()
        except UsageError:
            sys.stderr.write("note: an NVIDIA GPU is here, but vLLM is not installed; using the CPU engine\n")
        else:
            return "vllm"
    return "llama"


def prepare(config: AssistantConfig, cache: Path, weights: Path | None = None) -> Launch:
    """Decide on a server, and fetch the weights that it needs.

    Args:
        config: see `AssistantConfig`.
        cache: where weights are kept.
        weights: a file in place of the model of the configuration, for llama.cpp.

    Raises:
        UsageError: the setting, the engine or the model cannot be used here.
        RunError: the weights cannot be fetched.

    """
    choice = choose(config.server, gpu=vllm_server.gpu_answers, vllm_version=vllm_server.engine_version)
    if choice == "attach":
        return Launch(choice, f"the model server at {config.server}")
    if choice == "vllm":
        model = vllm_server.DEFAULT_MODEL if config.model == "auto" else config.model
        return Launch(choice, "vLLM", model, vllm_server.engine_version())
    version = llama_server.engine_version()
    if weights is None and config.model.endswith(".gguf"):
        weights = Path(config.model).expanduser()
    if weights is not None:
        if not weights.is_file():
            raise UsageError(f"no model file at {weights}; give a .gguf file or a name from the list of models")
        status = weights.stat()
        identity = f"{weights.resolve()} {status.st_size} {status.st_mtime_ns}"
        return Launch(choice, "llama.cpp", weights.stem, version, weights, identity)
    known = [entry for entry in catalogue() if entry.kind == "generator"]
    entry = next((one for one in known if (one.default if config.model == "auto" else one.name == config.model)), None)
    if entry is None:
        raise UsageError(f"no model '{config.model}' for llama.cpp; known: {', '.join(one.name for one in known)}")
    return Launch(choice, "llama.cpp", entry.name, version, fetch(entry.name, cache), entry.sha256)
