"""Turns texts into unit vectors with sentence-transformers. The only importer of torch and sentence_transformers.

Two measured facts shape this module. On a CPU whose cores are busy, as they are while a language model answers,
operators that share their work between threads wait for the scheduler at every barrier: one query took 0.77 s with two
threads and 0.014 s with one. So an operator always runs on one thread, and batches run side by side instead. And
bfloat16 is several times faster than float32 where the CPU has instructions for it, slower elsewhere: it is measured
once per machine.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.config import IndexConfig
from index.dtype_record import DTYPES, DtypeRecord
from index.errors import RunError, UsageError
from index.model_folder import ModelFolder, find_model, published_prefixes

if TYPE_CHECKING:
    import torch

    Output = dict[str, torch.Tensor]

Vectors = NDArray[np.float32]
Taken = TypeVar("Taken")
Kept = TypeVar("Kept")

_BATCH_TEXTS = 8  # on a CPU; larger ones are no faster and need more memory
_SORTED_TEXTS = 1024  # tokenised together and sorted by length, so that batches need little padding
_FEW_LENGTHS = 8  # a few texts are padded to a multiple: a length that is new to the processor costs up to 100 ms
_REMEMBERED_QUERIES = 256
_GPU_BATCH_TEXTS = 128
_PROBE = "Le programme soutient la construction de centres de calcul. 政府は計算基盤の整備を支援する。" * 6


class Embedder(Protocol):
    """What the index needs of an embedding model.

    Attributes:
        name: identity of the model with its revision or digest; vectors of different names never mix.
        dimension: length of a vector.
        max_tokens: longest text in tokens, prefix and special tokens included; the rest is cut off.
        query_prefix: put before every query.
        passage_prefix: put before every passage.
    """

    name: str
    dimension: int
    max_tokens: int
    query_prefix: str
    passage_prefix: str

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed queries; shape (texts, dimension), unit length."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages; shape (texts, dimension), unit length."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count tokens with the model's own tokenizer, without prefix and special tokens."""
        ...


class SentenceTransformerEmbedder:
    """An `Embedder` on a loaded sentence-transformers model. Several threads may call it at once."""

    def __init__(self, model: Any, name: str, query_prefix: str, passage_prefix: str) -> None:  # noqa: ANN401
        self.name = name
        self.dimension: int = model.get_embedding_dimension()
        self.max_tokens: int = model.max_seq_length or model.tokenizer.model_max_length
        self.query_prefix = query_prefix
        self.passage_prefix = passage_prefix
        self.dtype = str(model.dtype).removeprefix("torch.")
        self._model = model.eval()
        self._on_cpu = model.device.type == "cpu"
        self._latest: dict[str, Vectors] = {}
        self._filler = {"input_ids": model.tokenizer.pad_token_id or 0}
        self._tokenizing = threading.Lock()  # the tokenizer keeps padding and truncation as state

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed queries; shape (texts, dimension), float32, unit length. The latest single ones are remembered."""
        if len(texts) != 1:
            return self._embed(texts, self.query_prefix)
        text = texts[0]
        vector = self._latest.get(text)
        if vector is None:
            vector = self._embed([text], self.query_prefix)
            self._remember(text, vector)
        return vector.copy()

    def _remember(self, text: str, vector: Vectors) -> None:
        with self._tokenizing:
            self._latest = dict([*self._latest.items(), (text, vector.copy())][-_REMEMBERED_QUERIES:])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages; shape (texts, dimension), float32, unit length."""
        return self._embed(texts, self.passage_prefix)

    def embed_with_tokens(
        self, texts: Sequence[str], prefix: str, keep: Callable[[Vectors], Kept]
    ) -> tuple[Vectors, list[Kept]]:
        """Embed texts and keep something of the vectors of their tokens, from the same pass through the model.

        Args:
            texts: what to embed.
            prefix: `query_prefix` or `passage_prefix`.
            keep: takes the token vectors of one text, shape (tokens, dimension), float32, unit length, those of prefix
                and special tokens included; runs beside the model on several threads.

        Returns:
            The vectors of the texts, shape (texts, dimension), float32, unit length; and what was kept of each.
        """

        def take(output: "Output") -> tuple[Vectors, list[Kept]]:
            masks = output["attention_mask"].bool().cpu().numpy()
            tokens = _unit_tokens(output["token_embeddings"])
            kept = [keep(one[mask]) for one, mask in zip(tokens, masks, strict=True)]
            return output["sentence_embedding"].float().cpu().numpy(), kept

        vectors = np.empty((len(texts), self.dimension), np.float32)
        found: dict[int, Kept] = {}
        for places, (batch, kept) in self._run(texts, prefix, take):
            vectors[places] = batch
            found.update(zip(places, kept, strict=True))
        unit = _unit_length(vectors)
        if len(texts) == 1 and prefix == self.query_prefix:
            self._remember(texts[0], unit)
        return unit, [found[place] for place in range(len(texts))]

    def token_spans(self, texts: Sequence[str], prefix: str) -> list[list[tuple[int, int]]]:
        """For each token vector of `embed_with_tokens` its character span; (0, 0) for prefix and special tokens."""
        with self._tokenizing:
            encoded = self._model.tokenizer(
                [prefix + text for text in texts],
                return_offsets_mapping=True,
                truncation=True,
                max_length=self.max_tokens,
                padding=False,
            )
        shift = len(prefix)
        return [
            [(max(start - shift, 0), end - shift) if end > shift else (0, 0) for start, end in spans]
            for spans in encoded["offset_mapping"]
        ]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count tokens with the model's own tokenizer, without prefix and special tokens."""
        if not texts:
            return []
        with self._tokenizing:
            encoded = self._model.tokenizer(
                list(texts),
                add_special_tokens=False,
                truncation=False,
                padding=False,
                return_attention_mask=False,
                verbose=False,
            )
        return [len(ids) for ids in encoded["input_ids"]]

    def _embed(self, texts: Sequence[str], prefix: str) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for places, batch in self._run(
            texts, prefix, lambda output: output["sentence_embedding"].float().cpu().numpy()
        ):
            vectors[places] = batch
        return _unit_length(vectors)

    def _run(
        self, texts: Sequence[str], prefix: str, take: "Callable[[Output], Taken]"
    ) -> Iterator[tuple[list[int], Taken]]:
        """Run the model on batches of similar length, longest first; yields places of the texts and what was taken."""
        for first in range(0, len(texts), _SORTED_TEXTS):
            yield from self._run_sorted(texts[first : first + _SORTED_TEXTS], first, prefix, take)

    def _run_sorted(
        self, texts: Sequence[str], first: int, prefix: str, take: "Callable[[Output], Taken]"
    ) -> Iterator[tuple[list[int], Taken]]:
        size = _BATCH_TEXTS if self._on_cpu else _GPU_BATCH_TEXTS
        with self._tokenizing:
            # The prefix goes in as text: an empty "document" prompt would hide a saved "passage" prompt.
            features = self._model.preprocess(list(texts), prompt=prefix)
        lengths = features["attention_mask"].sum(dim=1).tolist()
        order = sorted(range(len(texts)), key=lambda place: -lengths[place])
        batches = [order[start : start + size] for start in range(0, len(order), size)]

        def run(rows: list[int]) -> Taken:
            return take(self._forward(features, rows, lengths[rows[0]]))

        places = ([first + row for row in rows] for rows in batches)
        if self._on_cpu and len(batches) > 1:
            with ThreadPoolExecutor(min(_cores(), len(batches))) as pool:
                yield from zip(places, pool.map(run, batches), strict=True)
        else:
            yield from zip(places, map(run, batches), strict=True)

    def _forward(self, features: "Output", rows: list[int], longest: int) -> "Output":
        """Run the model on some of the texts tokenised together, without the padding that they do not need."""
        import torch

        whole, right = features["attention_mask"].shape, self._model.tokenizer.padding_side == "right"
        kept = slice(0, longest) if right else slice(-longest, None)
        few = self._on_cpu and len(rows) < _BATCH_TEXTS
        extra = min(-longest % _FEW_LENGTHS, self.max_tokens - longest) if few else 0
        room = (0, extra) if right else (extra, 0)
        batch = {
            name: torch.nn.functional.pad(value[rows][:, kept], room, value=self._filler.get(name, 0)).to(
                self._model.device
            )
            if torch.is_tensor(value) and value.shape[:2] == whole
            else value
            for name, value in features.items()
        }
        if self._on_cpu:
            torch.set_num_threads(1)  # of this thread; two wait 100 ms where a model server has just used their cores
        with torch.inference_mode():
            output: Output = self._model(batch)
        return output


def load_embedder(config: IndexConfig) -> SentenceTransformerEmbedder:
    """Load the embedding model that the configuration names, fetching it first when it is not here.

    Args:
        config: `embedder`, `embedder_dtype`, the two prefixes and `cache` are used.

    Raises:
        UsageError: the configuration names nothing that can be loaded.
        RunError: the model cannot be fetched or is damaged.
    """
    if config.embedder_dtype not in ("auto", *DTYPES):
        raise UsageError(f"embedder_dtype must be one of auto, {', '.join(DTYPES)}, not '{config.embedder_dtype}'")
    cache = Path(config.cache).expanduser()
    folder = find_model(config.embedder, cache)
    model = _load(folder, config.embedder_dtype, cache)
    query, passage = published_prefixes(model.prompts, config.embedder)
    return SentenceTransformerEmbedder(
        model,
        folder.name,
        query if config.query_prefix == "auto" else config.query_prefix,
        passage if config.passage_prefix == "auto" else config.passage_prefix,
    )


def _load(folder: ModelFolder, dtype: str, cache: Path) -> Any:  # noqa: ANN401  (the library is untyped)
    import torch
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    record = DtypeRecord(cache, f"torch {torch.__version__}; {folder.name}")
    if dtype == "auto" and device == "cuda":
        dtype = "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    known = record.read() if dtype == "auto" else dtype
    try:
        model = SentenceTransformer(
            str(folder.path),
            device=device,
            local_files_only=True,
            model_kwargs={"dtype": getattr(torch, known or "float32")},
        )
    except (OSError, ValueError, SafetensorError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        remedy = (
            "delete that folder and try again" if folder.path.is_relative_to(cache) else "it is damaged or no model"
        )
        raise RunError(f"cannot load the embedding model in {folder.path} ({reason}); {remedy}") from error
    if known:
        return model
    model, timings = _faster(model)
    record.write(str(model.dtype).removeprefix("torch."), timings)
    return model


def _faster(model: Any) -> tuple[Any, dict[str, float]]:  # noqa: ANN401
    """The model in the precision that is faster here, and the seconds each took. Small errors only: cosine 0.999."""
    import torch

    def measure() -> tuple[float, Vectors]:
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


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _unit_tokens(tokens: "torch.Tensor") -> Vectors:
    import torch

    return np.asarray(torch.nn.functional.normalize(tokens.float(), dim=-1).cpu().numpy(), np.float32)


def _unit_length(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, np.float32(1e-12)), dtype=np.float32)
