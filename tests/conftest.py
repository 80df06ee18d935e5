"""What several tests share: an embedder whose arithmetic is visible, and small collections of documents."""

import re
import signal
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from index.build import build
from index.config import IndexConfig
from index.embedder import Embedder, load_embedder
from index.records import RetrievedPassage
from index.retriever import Retriever
from index.sentence_vectors import prepare_sentences
from tests.island_documents import ISLAND
from tests.scripted_generator import ScriptedGenerator

signal.signal(signal.SIGINT, signal.default_int_handler)  # started in the background of a shell, all would ignore it

if TYPE_CHECKING:
    from assistant.pipeline import Assistant
    from assistant.quoting import SentenceIndex


class ToyEmbedder:
    """Counts hashed character trigrams: texts are near when they share letters. A word or a Japanese character is a
    token.

    Words listed in `synonyms` become one before counting, which makes translations near.
    """

    def __init__(self, name: str = "toy", dimension: int = 256, synonyms: dict[str, str] | None = None) -> None:
        self.name = name
        self.dimension = dimension
        self.max_tokens = 512
        self.query_prefix = "query: "
        self.passage_prefix = "passage: "
        self.synonyms = synonyms or {}
        self.embedded: list[str] = []  # passages only, to see what was embedded again

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._embed(texts)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded.extend(texts)
        return self._embed(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(re.findall(r"[぀-ヿ一-鿿]|[^\W぀-ヿ一-鿿]+|[^\w\s]", text)) for text in texts]

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.full((len(texts), self.dimension), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            folded = text.lower()
            for word, common in self.synonyms.items():
                folded = folded.replace(word, common)
            for at in range(len(folded) - 2):
                vectors[row, zlib.crc32(folded[at : at + 3].encode()) % self.dimension] += 1
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


SMALL_COLLECTION = {
    "en/softbank.md": """---
title: SoftBank and its platform
language: en
date: 2024-05
status: decision
sources:
  - {title: A report, publisher: A paper, date: 2024-05-10, url: "https://example.org/softbank"}
---
# SoftBank and its platform

SoftBank Corp. plans to invest ¥150 billion in computing. The ministry grants up to ¥42.1 billion.

## Sites

The first site stands in Tomakomai on Hokkaido. A second one is planned in Sakai near Osaka.
""",
    "fr/softbank.md": """---
title: SoftBank et sa plateforme
language: fr
date: 2024-05
translation_of: en/softbank.md
---
# SoftBank et sa plateforme

SoftBank Corp. prévoit d'investir 150 milliards de yens. L'aide du ministère va jusqu'à 42,1 milliards de yens.

## Sites

Le premier site se trouve à Tomakomai. Un second est prévu à Sakai, près d'Osaka.
""",
    "ja/kddi.md": """---
title: KDDIの計画
language: ja
date: 2024-04
---
# KDDIの計画

KDDIは経済産業省から最大102億円の助成を受ける。設備投資は約1,000億円である。
""",
    "notes.txt": "Highreso runs a data centre in a closed school in Kagawa. It opened in 2024.\n",
}


@pytest.fixture
def toy_embedder() -> ToyEmbedder:
    return ToyEmbedder()


@pytest.fixture
def make_embedder() -> type[ToyEmbedder]:
    return ToyEmbedder


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A folder with four small documents in three languages."""
    folder = tmp_path / "documents"
    for name, text in SMALL_COLLECTION.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def index_folder(tmp_path: Path, collection: Path, toy_embedder: ToyEmbedder) -> Path:
    """An index of the small collection."""
    folder = tmp_path / "index"
    build([collection], folder, toy_embedder, IndexConfig())
    return folder


@pytest.fixture
def retriever(index_folder: Path, toy_embedder: ToyEmbedder) -> Iterator[Retriever]:
    with Retriever.open(index_folder, toy_embedder, IndexConfig()) as opened:
        yield opened


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file under a temporary folder `documents`."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / "documents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture(scope="session")
def real_embedder() -> Embedder:
    """The embedder that is the default, with its weights."""
    return load_embedder(IndexConfig())


@pytest.fixture(scope="session")
def island(tmp_path_factory: pytest.TempPathFactory, real_embedder: Embedder) -> Iterator[Retriever]:
    """An open index of `island_documents`, made with the real embedder."""
    folder = tmp_path_factory.mktemp("island")
    for name, text in ISLAND.items():
        path = folder / "documents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    build([folder / "documents"], folder / "index", real_embedder, IndexConfig())
    prepare_sentences(folder / "index", real_embedder)
    with Retriever.open(folder / "index", real_embedder, IndexConfig()) as opened:
        yield opened


@pytest.fixture(scope="session")
def island_hits(island: Retriever) -> dict[str, RetrievedPassage]:
    """The first passage of each document of the island, as if found first."""
    found: dict[str, RetrievedPassage] = {}
    for name in ISLAND:
        document = island.document(name)
        hits = island.search(document.title, 20, language=document.language)
        passage = min((hit.passage for hit in hits if hit.passage.document_id == name), key=lambda one: one.start)
        found[name] = RetrievedPassage(passage, 0.9, 1.0, 1.0)
    return found


@pytest.fixture
def sentence_index(island: Retriever, real_embedder: Embedder) -> "SentenceIndex":
    from assistant.quoting import SentenceIndex

    return SentenceIndex(island, real_embedder)


@pytest.fixture
def make_assistant(island: Retriever, real_embedder: Embedder) -> Callable[..., "Assistant"]:
    """An assistant over the island's documents: outputs of the model (None: no model), settings, `revive`."""
    from assistant.config import AssistantConfig
    from assistant.pipeline import Assistant

    def make(*outputs: str | None, revive: Callable[[], None] | None = None, **settings: object) -> "Assistant":
        written = [output for output in outputs if output is not None]
        generator = ScriptedGenerator(written or [""]) if None not in outputs else None
        return Assistant(island, real_embedder, generator, replace(AssistantConfig(), **settings), revive=revive)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of transformers with the model of `tests.tiny_model`."""
    from tests.tiny_model import write_tiny_model

    place = tmp_path_factory.mktemp("tiny")
    write_tiny_model(place)
    return place
