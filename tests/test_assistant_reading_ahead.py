"""Reading ahead fills the memory of sentences, stops when told, and leaves a large index alone."""

import threading
import time

from assistant import quoting
from assistant.reading_ahead import reading_ahead
from index.embedder import Embedder
from index.retriever import Retriever


def test_every_passage_of_a_small_index_is_known(island: Retriever) -> None:
    passages = island.passages(1000)
    assert len({passage.document_id for passage in passages}) > 5
    assert island.passages(len(passages)) == passages
    assert island.passages(len(passages) - 1) == []


def test_the_thread_ends_with_the_block(island: Retriever, real_embedder: Embedder) -> None:
    with reading_ahead(island, real_embedder):
        assert [thread.name for thread in threading.enumerate()].count("reading ahead") <= 1
    assert "reading ahead" not in [thread.name for thread in threading.enumerate()]


def test_the_figures_of_the_sentences_are_remembered(island: Retriever, real_embedder: Embedder) -> None:
    quoting._figures_of.cache_clear()
    with reading_ahead(island, real_embedder):
        deadline = time.monotonic() + 30
        while quoting._figures_of.cache_info().currsize < 20 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert quoting._figures_of.cache_info().currsize >= 20
