"""What a run was made with: program, versions, machine, weights, prompts. No time stamp and no path of the machine."""

import os
import platform
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from assistant.chat_protocol import SEED
from index.weights import catalogue
from prompts import LANGUAGES, load, names, shared_names

_DISTRIBUTIONS = (
    "shoko-assistant", "faiss-cpu", "ir-measures", "llama-index-core", "numpy", "sentence-transformers", "torch",
    "transformers", "vllm", "xllamacpp",
)  # fmt: skip
ENGINES = ("vllm", "xllamacpp")  # of these, what runs the model
_GIB = 1024**3


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that decide results; those that are not installed are left out."""
    found = {"python": platform.python_version()}
    for name in _DISTRIBUTIONS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """Processor, cores, memory in GiB and graphics processor."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(memory_bytes / _GIB, 1),
        "gpu": _output("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"),
    }


def revision() -> str:
    """The git revision of the program, with "+changes" where files differ from it; "" outside a repository."""
    root = str(Path(__file__).resolve().parent.parent)
    found = _output("git", "-C", root, "rev-parse", "HEAD")
    if not found:
        return ""
    return found + ("+changes" if _output("git", "-C", root, "status", "--porcelain", "--untracked-files=no") else "")


def prompt_hashes() -> dict[str, str]:
    """Prompt and language → hash."""
    return {
        f"{name}.{language}": load(name, language).hash
        for name in (*names(), *shared_names())
        for language in LANGUAGES
    }


def weights_digests(*used: str) -> dict[str, str]:
    """Name → SHA-256 of those weights that the catalogue knows."""
    return {entry.name: entry.sha256 for entry in catalogue() if entry.name in used}


def provenance(*weights: str) -> dict[str, Any]:
    """All of it, for the report of a run."""
    return {
        "revision": revision(),
        "versions": versions(),
        "machine": machine(),
        "weights": weights_digests(*weights),
        "prompts": prompt_hashes(),
        "generation_seed": SEED,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _output(*command: str) -> str:
    """What a command prints, in one line; "" where it is missing or fails."""
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "; ".join(done.stdout.split("\n")).strip("; \n") if done.returncode == 0 else ""
