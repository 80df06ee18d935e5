"""The weights of a GGUF file as a transformers folder in bfloat16, made once and kept beside the cached weights."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

_FOLDER = "transformers-v1"  # a new number where what is written changes
_LEAST_MEMORY = 10 << 30  # bytes: two copies of the model, the embedder, the index and what else runs
_GROWTH = 5  # a file of 4 to 5 bits a weight becomes one of 16, and a little for what was packed together


def prefill_folder(weights: Path, cache: Path) -> Path | None:
    """The folder of the same model for PyTorch, made first where it is not there.

    Args:
        weights: a GGUF file.
        cache: where it is kept; for a file of the cache itself, beside it.

    Returns:
        The folder; None where the disk has no room for it, or transformers cannot read the file.
    """
    folder = _folder(weights, cache)
    if folder.is_dir():
        return folder
    try:
        return _made(weights, folder)
    except (OSError, ValueError, NotImplementedError, KeyError, ImportError):
        return None  # no room, not writable, or an architecture that transformers does not read


def is_converted(weights: Path, cache: Path) -> bool:
    """Whether `prefill_folder` has nothing left to do."""
    return _folder(weights, cache).is_dir()


def _folder(weights: Path, cache: Path) -> Path:
    return (weights.parent if weights.is_relative_to(cache) else cache / "prefill" / _identity(weights)) / _FOLDER


def _made(weights: Path, folder: Path) -> Path | None:
    place = folder.parent
    place.mkdir(parents=True, exist_ok=True)
    with (place / f"{_FOLDER}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # waits for another process; freed by the system when that one ends
        if folder.is_dir():
            return folder
        for left_over in place.glob(f"{_FOLDER}.*/"):  # of a process that was killed
            shutil.rmtree(left_over, ignore_errors=True)
        if shutil.disk_usage(place).free < _GROWTH * weights.stat().st_size:
            return None
        with tempfile.TemporaryDirectory(prefix=f"{_FOLDER}.", dir=place) as temporary:
            work = Path(temporary) / "model"
            _convert(weights, work)
            work.replace(folder)
    return folder


def _convert(weights: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    level = logging.get_verbosity()
    logging.set_verbosity_error()  # it advises to keep the weights packed
    try:
        model = AutoModelForCausalLM.from_pretrained(
            str(weights.parent), gguf_file=weights.name, dtype=torch.bfloat16, local_files_only=True
        )
        tokenizer = AutoTokenizer.from_pretrained(str(weights.parent), gguf_file=weights.name, local_files_only=True)
    finally:
        logging.set_verbosity(level)
    model.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _identity(weights: Path) -> str:
    status = weights.stat()
    about = f"{weights.resolve()} {status.st_size} {status.st_mtime_ns}"
    return hashlib.sha256(about.encode()).hexdigest()[:16]


def suits_this_machine() -> bool:
    """Whether the processor multiplies bfloat16 matrices itself (AMX) and there is memory for a second copy."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return False
    return " amx_bf16 " in flags and memory >= _LEAST_MEMORY
