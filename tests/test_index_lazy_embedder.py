"""The model is loaded when there is something to embed, and never to find out that there is nothing."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index import embedder, lazy_embedder
from index.build import build
from index.config import IndexConfig
from index.lazy_embedder import LazyEmbedder
from index.model_folder import ModelFolder

ROOT = Path(__file__).parent.parent


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch, make_embedder, tmp_path: Path) -> list[IndexConfig]:
    """The configurations with which a model was loaded."""
    found: list[IndexConfig] = []

    class WithTokens(make_embedder):  # type: ignore[misc, valid-type]
        def embed_with_tokens(
            self, texts: Sequence[str], prefix: str, keep: Callable[[NDArray[np.float32]], object]
        ) -> tuple[NDArray[np.float32], list[object]]:
            vectors = self._embed(texts)
            return vectors, [keep(vector[None]) for vector in vectors]

    def load(config: IndexConfig) -> object:
        found.append(config)
        toy = WithTokens("toy@1")
        toy.query_prefix = "query: " if config.query_prefix == "auto" else config.query_prefix
        return toy

    monkeypatch.setattr(embedder, "load_embedder", load)
    monkeypatch.setattr(lazy_embedder, "find_model", lambda name, cache: ModelFolder(tmp_path, f"{name}@1"))
    return found


@pytest.fixture
def config(tmp_path: Path) -> IndexConfig:
    (tmp_path / "cache").mkdir()
    return IndexConfig(embedder="toy", cache=str(tmp_path / "cache"))


def test_the_model_is_loaded_once_to_learn_about_it_and_then_for_texts_only(
    loads: list[IndexConfig], config: IndexConfig
) -> None:
    first = LazyEmbedder(config)
    assert (first.is_loaded, len(loads)) == (True, 1)
    second = LazyEmbedder(config)
    assert (second.name, second.dimension, second.max_tokens) == ("toy@1", 256, 512)
    assert (second.query_prefix, second.passage_prefix) == ("query: ", "passage: ")
    assert second.count_tokens([second.passage_prefix]) == first.count_tokens([first.passage_prefix])
    assert (second.is_loaded, len(loads)) == (False, 1)
    assert second.embed_passages(["text"]).shape == (1, 256)
    assert second.embed_queries(["text"]).shape == (1, 256)
    assert second.count_tokens(["two words"]) == [2]
    assert len(loads) == 2


def test_an_unchanged_build_loads_no_model(
    loads: list[IndexConfig], config: IndexConfig, collection: Path, tmp_path: Path
) -> None:
    build([collection], tmp_path / "index", LazyEmbedder(config), config)
    idle = LazyEmbedder(config)
    assert len(build([collection], tmp_path / "index", idle, config).unchanged) == 4
    (collection / "notes.txt").unlink()
    assert build([collection], tmp_path / "index", idle, config).removed == ("notes.txt",)
    assert not idle.is_loaded
    (collection / "new.txt").write_text("New.")
    assert build([collection], tmp_path / "index", idle, config).added == ("new.txt",)
    assert idle.is_loaded


@pytest.mark.parametrize("changes", [{"embedder": "other"}, {"query_prefix": "q: "}, {"passage_prefix": ""}])
def test_another_model_or_prefix_is_learned_anew(
    loads: list[IndexConfig], config: IndexConfig, changes: dict[str, str]
) -> None:
    from dataclasses import replace

    LazyEmbedder(config)
    LazyEmbedder(replace(config, **changes))
    assert len(loads) == 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"x": 1}', None])
def test_a_damaged_note_only_costs_loading(loads: list[IndexConfig], config: IndexConfig, content: str | None) -> None:
    notes = Path(config.cache) / "embedders.json"
    LazyEmbedder(config)
    if content is None:
        kept = json.loads(notes.read_text())
        content = json.dumps({key: {"dimension": 1} for key in kept})
    notes.write_text(content)
    assert LazyEmbedder(config).dimension == 256
    assert len(loads) == 2
    assert LazyEmbedder(config).dimension == 256
    assert len(loads) == 2


def test_a_cache_that_cannot_be_written_is_no_error(loads: list[IndexConfig], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    config = IndexConfig(embedder="toy", cache=str(tmp_path / "file"))
    assert LazyEmbedder(config).dimension == LazyEmbedder(config).dimension
    assert len(loads) == 2


def test_an_unchanged_build_imports_no_library_of_numbers_or_models(
    collection: Path, tmp_path: Path, real_embedder
) -> None:
    folder = tmp_path / "index"
    build([collection], folder, real_embedder, IndexConfig())
    LazyEmbedder(IndexConfig())  # notes what this machine did not know yet
    code = (
        "import sys; from index.__main__ import main; main(['build', sys.argv[1], '--index', sys.argv[2]])\n"
        "heavy = {'torch', 'sentence_transformers', 'transformers', 'llama_index', 'lxml', 'pypdfium2'}\n"
        "heavy |= {'numpy', 'faiss', 'huggingface_hub', 'rich', 'yaml'}\n"
        "heavy &= set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    command: Sequence[str] = [sys.executable, "-c", code, str(collection), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"4 unchanged" in done.stdout
