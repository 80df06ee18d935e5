"""Loads embedding models with sentence-transformers, in the precision that is faster on this machine.

bfloat16 is several times faster than float32 where the CPU has instructions for it, slower elsewhere: it is measured
once per machine.
"""

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.dtype_record import DtypeRecord
from index.errors import RunError
from index.interrupts import held_interrupts
from index.model_folder import ModelFolder

_PROBE = "Le programme soutient la construction de centres de calcul. 政府は計算基盤の整備を支援する。" * 6


def load_model(folder: ModelFolder, dtype: str, cache: Path) -> Any:  # noqa: ANN401  (the library is untyped)
    """Load a sentence-transformers model on the GPU where there is one.

    Args:
        folder: its files.
        dtype: auto, bfloat16 or float32.
        cache: where it is noted which precision is faster here.

    Raises:
        RunError: the files are damaged or no model.
    """
    with held_interrupts():
        import torch
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

    logging.disable_progress_bar()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu":  # the tokenizer's own threads would take the cores from the model's
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    record = DtypeRecord(cache, f"torch {torch.__version__}; {folder.name}")
    if dtype == "auto" and device == "cuda":
        dtype = "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    known = record.read() if dtype == "auto" else dtype
    try:
        with held_interrupts():  # more of the libraries is loaded here
            model = SentenceTransformer(
                str(folder.path),
                device=device,
                local_files_only=True,
                model_kwargs={"dtype": getattr(torch, known or "float32")},
            )
    except (OSError, ValueError, SafetensorError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        ours = folder.path.is_relative_to(cache)
        remedy = "delete that folder and try again" if ours else "it is damaged or no model"
        raise RunError(f"cannot load the embedding model in {folder.path} ({reason}); {remedy}") from error
    if known:
        return model
    model, timings = _faster(model)
    record.write(str(model.dtype).removeprefix("torch."), timings)
    return model


def _faster(model: Any) -> tuple[Any, dict[str, float]]:  # noqa: ANN401
    """The model in the precision that is faster here, and the seconds each took. Small errors only: cosine 0.999."""
    import torch

    from index.embedder import SentenceTransformerEmbedder

    def measure() -> tuple[float, NDArray[np.float32]]:
        embedder = SentenceTransformerEmbedder(model, "", "", "")
        times = []
        for _ in range(3):
            start = time.perf_counter()
            vectors = embedder.embed_passages([_PROBE] * 4)
            times.append(time.perf_counter() - start)
        return min(times), vectors

    exact_s, exact = measure()
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    model.to(torch.bfloat16)
    rounded_s, rounded = measure()
    if rounded_s > exact_s or float(np.min(np.sum(exact * rounded, axis=1))) < 0.999:
        model.to(torch.float32).load_state_dict(weights)
    return model, {"float32_s": exact_s, "bfloat16_s": rounded_s}
