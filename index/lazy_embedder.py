"""An embedder that loads its model when there is something to embed: a build of unchanged documents never does.

What the index must know beforehand (identity, dimension, prefixes) is noted in the cache when the model is loaded for
the first time. The note is kept under the identity of the model, which names its exact content.
"""

import json
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.config import IndexConfig
from index.model_folder import find_model

if TYPE_CHECKING:
    from index.embedder import Kept, SentenceTransformerEmbedder, Vectors

_NOTES_FILE = "embedders.json"
_NOTES_VERSION = 1


@dataclass(frozen=True, slots=True)
class _Note:
    dimension: int
    max_tokens: int
    query_prefix: str
    passage_prefix: str
    passage_prefix_tokens: int


class LazyEmbedder:
    """An `Embedder` whose model is loaded at the first call that needs it. Several threads may call it at once."""

    def __init__(self, config: IndexConfig) -> None:
        """Find the model, and load it only if it was never loaded on this machine.

        Raises:
            UsageError: the configuration names nothing that can be loaded.
            RunError: the model cannot be fetched or is damaged.
        """
        self._config = config
        self._loading = threading.Lock()
        self._loaded: SentenceTransformerEmbedder | None = None
        cache = Path(config.cache).expanduser()
        name = find_model(config.embedder, cache).name
        key = f"{_NOTES_VERSION}; {name}; {config.embedder}; {config.query_prefix}; {config.passage_prefix}"
        note = _read_note(cache, key)
        if note is None:
            note = _note(self._model())
            _write_note(cache, key, note)
        self.name = name
        self.dimension = note.dimension
        self.max_tokens = note.max_tokens
        self.query_prefix = note.query_prefix
        self.passage_prefix = note.passage_prefix
        self._passage_prefix_tokens = note.passage_prefix_tokens

    @property
    def is_loaded(self) -> bool:
        """Whether the model is in memory."""
        return self._loaded is not None

    def embed_queries(self, texts: Sequence[str]) -> "Vectors":
        """Embed queries; shape (texts, dimension), float32, unit length."""
        return self._model().embed_queries(texts)

    def embed_passages(self, texts: Sequence[str]) -> "Vectors":
        """Embed passages; shape (texts, dimension), float32, unit length."""
        return self._model().embed_passages(texts)

    def embed_with_tokens(
        self, texts: Sequence[str], prefix: str, keep: "Callable[[Vectors], Kept]"
    ) -> "tuple[Vectors, list[Kept]]":
        """Embed texts and keep something of the vectors of their tokens; see `SentenceTransformerEmbedder`."""
        return self._model().embed_with_tokens(texts, prefix, keep)

    def token_spans(self, texts: Sequence[str], prefix: str) -> "list[list[tuple[int, int]]]":
        """Where the tokens stand in the texts; see `SentenceTransformerEmbedder`."""
        return self._model().token_spans(texts, prefix)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count tokens with the model's own tokenizer, without prefix and special tokens."""
        if not self.is_loaded and list(texts) == [self.passage_prefix]:
            return [self._passage_prefix_tokens]  # all that an unchanged index asks
        return self._model().count_tokens(texts)

    def _model(self) -> "SentenceTransformerEmbedder":
        with self._loading:
            if self._loaded is None:
                from index.embedder import load_embedder

                self._loaded = load_embedder(self._config)
            return self._loaded


def _note(model: "SentenceTransformerEmbedder") -> _Note:
    [tokens] = model.count_tokens([model.passage_prefix]) if model.passage_prefix else [0]
    return _Note(model.dimension, model.max_tokens, model.query_prefix, model.passage_prefix, tokens)


def _read_note(cache: Path, key: str) -> _Note | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return _Note(**json.loads((cache / _NOTES_FILE).read_text(encoding="utf-8"))[key])
    return None


def _write_note(cache: Path, key: str, note: _Note) -> None:
    notes: dict[str, object] = {}
    with suppress(OSError, ValueError, TypeError):
        notes = dict(json.loads((cache / _NOTES_FILE).read_text(encoding="utf-8")))
    notes[key] = asdict(note)
    temporary = cache / f"embedders.{os.getpid()}.json"
    with suppress(OSError):  # a cache that cannot be written only costs loading the model again
        temporary.write_text(json.dumps(notes, indent=2) + "\n", encoding="utf-8")
        temporary.replace(cache / _NOTES_FILE)
