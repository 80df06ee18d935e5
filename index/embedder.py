"""Turns texts into unit vectors with sentence-transformers. With `embedder_loading` the only importer of torch here.

On a CPU whose cores are busy, as they are while a language model answers, operators that share their work between
threads wait for the scheduler at every barrier: one query took 0.77 s with two threads and 0.014 s with one. So an
operator always runs on one thread, and batches run side by side instead.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.config import IndexConfig
from index.cores import CORE, cores
from index.dtype_record import DTYPES
from index.embedder_loading import load_model
from index.errors import UsageError
from index.model_folder import find_model, published_prefixes

if TYPE_CHECKING:
    import torch

    Output = dict[str, torch.Tensor]

Vectors = NDArray[np.float32]
Taken = TypeVar("Taken")
Kept = TypeVar("Kept")

_BATCH_TEXTS = 8  # on a CPU; larger ones are no faster and need more memory
_SORTED_TEXTS = 1024  # tokenised together and sorted by length, so that batches need little padding
# On a CPU texts are padded to a multiple, a few and a full batch: a length new to the processor costs up to 100 ms.
_FEW_LENGTHS, _BATCH_LENGTHS = 8, 16
_REMEMBERED_QUERIES = 256
_GPU_BATCH_TEXTS = 128


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
            masks = output["attention_mask"].bool()
            # One text after the other: what is made of its tokens stays in the processor's cache.
            kept = [keep(_unit_tokens(one[mask])) for one, mask in zip(output["token_embeddings"], masks, strict=True)]
            return _sentence_vectors(output), kept

        vectors = np.empty((len(texts), self.dimension), np.float32)
        found: dict[int, Kept] = {}
        for places, (batch, kept) in self._run(texts, prefix, take):
            vectors[places] = batch
            found.update(zip(places, kept, strict=True))
        unit = _unit_length(vectors)
        if len(texts) == 1 and prefix == self.query_prefix:
            self._remember(texts[0], unit)
        return unit, [found[place] for place in range(len(texts))]

    def embed_as_library(self, texts: Sequence[str]) -> Vectors:
        """Embed passages as sentence-transformers does by itself with this model: what our batches compare with."""
        import torch

        torch.set_num_threads(cores())  # every other call sets its own
        return _unit_length(np.asarray(self._model.encode(list(texts), prompt=self.passage_prefix), np.float32))

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
        for places, batch in self._run(texts, prefix, _sentence_vectors):
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

        side_by_side = self._on_cpu and len(batches) > 1

        def run(rows: list[int]) -> Taken:
            with CORE if side_by_side else nullcontext():
                return take(self._forward(features, rows, lengths[rows[0]]))

        places = ([first + row for row in rows] for rows in batches)
        if side_by_side:
            with ThreadPoolExecutor(min(cores(), len(batches))) as pool:
                yield from zip(places, pool.map(run, batches), strict=True)
        else:
            yield from zip(places, map(run, batches), strict=True)

    def _forward(self, features: "Output", rows: list[int], longest: int) -> "Output":
        """Run the model on some of the texts tokenised together, without the padding that they do not need."""
        import torch

        whole, right = features["attention_mask"].shape, self._model.tokenizer.padding_side == "right"
        kept = slice(0, longest) if right else slice(-longest, None)
        multiple = _FEW_LENGTHS if len(rows) < _BATCH_TEXTS else _BATCH_LENGTHS
        extra = min(-longest % multiple, self.max_tokens - longest) if self._on_cpu else 0
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
    model = load_model(folder, config.embedder_dtype, cache)
    query, passage = published_prefixes(model.prompts, config.embedder)
    return SentenceTransformerEmbedder(
        model,
        folder.name,
        query if config.query_prefix == "auto" else config.query_prefix,
        passage if config.passage_prefix == "auto" else config.passage_prefix,
    )


def _sentence_vectors(output: "Output") -> Vectors:
    return np.asarray(output["sentence_embedding"].float().cpu().numpy(), np.float32)


def _unit_tokens(tokens: "torch.Tensor") -> Vectors:
    import torch

    return np.asarray(torch.nn.functional.normalize(tokens.float(), dim=-1).cpu().numpy(), np.float32)


def _unit_length(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, np.float32(1e-12)), dtype=np.float32)
