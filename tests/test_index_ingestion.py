"""The encoder never waits for reading and storing, nothing is tokenised twice, and an interrupted build ends soon."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index import ingestion
from index.build import build
from index.check import damages
from index.config import IndexConfig
from index.database import writing
from index.passages import split_document
from index.reading import DocumentReader
from index.records import Document
from index.sources import Source
from index.store import initialise
from index.token_vectors import PassageEncoder, read_centre

CONFIG = IndexConfig()


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingestion, "_BATCH_PASSAGES", 1)


@pytest.mark.usefixtures("small_batches")
def test_the_next_document_is_read_while_one_is_embedded(
    collection: Path, tmp_path: Path, make_embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_on = threading.Event()
    read = DocumentReader.read
    names: list[str] = []

    def noted(reader: DocumentReader, source: Source) -> Document:
        names.append(source.document_id)
        if len(names) == 2:
            read_on.set()
        return read(reader, source)

    class Waiting(make_embedder):  # type: ignore[misc, valid-type]
        def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            assert read_on.wait(20), "nothing is read meanwhile"
            return np.asarray(super().embed_passages(texts), np.float32)

    monkeypatch.setattr(DocumentReader, "read", noted)
    assert len(build([collection], tmp_path / "index", Waiting(), CONFIG).added) == 4
    assert damages(tmp_path / "index") == []


@pytest.mark.usefixtures("small_batches")
def test_a_failure_while_embedding_keeps_what_was_stored(collection: Path, tmp_path: Path, make_embedder) -> None:
    class Failing(make_embedder):  # type: ignore[misc, valid-type]
        def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if len(self.embedded) == 2:
                raise KeyboardInterrupt
            return np.asarray(super().embed_passages(texts), np.float32)

    with pytest.raises(KeyboardInterrupt):
        build([collection], tmp_path / "index", Failing(), CONFIG)
    report = build([collection], tmp_path / "index", make_embedder(), CONFIG)
    assert (len(report.unchanged), len(report.added)) == (2, 2)
    assert damages(tmp_path / "index") == []


def test_a_stopped_encoder_ends_within_its_batch(tmp_path: Path, make_embedder) -> None:
    class WithTokens(make_embedder):  # type: ignore[misc, valid-type]
        def embed_with_tokens(
            self, texts: Sequence[str], prefix: str, keep: Callable[[NDArray[np.float32]], object]
        ) -> tuple[NDArray[np.float32], list[object]]:
            vectors = self._embed(texts)
            return vectors, [keep(vector[None]) for vector in vectors]

    from index.manifest import manifest_for

    with writing(tmp_path / "index") as connection:
        initialise(connection, manifest_for(WithTokens(), CONFIG))
        encoder = PassageEncoder(connection, WithTokens(), CONFIG)
        vectors, codes = encoder.encode(["one", "two"])
        assert (vectors.shape, len(codes)) == ((2, 256), 2)
        encoder.keep_centre()
        encoder.keep_centre()
        assert read_centre(connection) is not None
        encoder.stop()
        with pytest.raises(CancelledError):
            encoder.encode(["three"])


def test_only_long_passages_are_tokenised_a_second_time() -> None:
    counted: list[str] = []

    def count(texts: Sequence[str]) -> list[int]:
        counted.extend(texts)
        return [len(text.split()) for text in texts]

    sentences = [f"Sentence {number} of this text says one thing." for number in range(40)]
    drafts = split_document(Document("d", "A title", " ".join(sentences), "en"), count, 400)
    assert len(drafts) > 1
    assert counted == sentences
    counted.clear()
    long = "word " * 380 + "end."
    [draft] = split_document(Document("d", "A title", long, "en"), count, 400)
    assert counted == [long, draft.embedding_text]
