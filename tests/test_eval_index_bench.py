"""The bench of indexing on a few documents: everything is measured on the same texts; no time is asserted."""

from pathlib import Path

import numpy as np
import pytest

from eval.index_bench import IngestionBench, Stage, bench_ingestion, embedding_texts, index_page, indexed_texts
from eval.latency_bench import LatencyBench, MadeUpEmbedder, MadeUpTokenEmbedder, Times, bench_latency, latency_section
from eval.vector_bench import bench_sizes, clustered, size_section
from index.config import IndexConfig
from index.embedder import Embedder
from index.errors import UsageError

TEXTS = (
    "The tram line opened in 2021. It has 18 stops.",
    "The library holds books. It is old.",
    "船は青い。港は広い。",
)


def unit(count: int, dimension: int = 16) -> np.ndarray:
    drawn = np.random.default_rng(0).normal(size=(count, dimension))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def test_each_round_embeds_the_same_texts_four_times(collection: Path, toy_embedder: Embedder) -> None:
    found = bench_ingestion([collection], toy_embedder, IndexConfig())
    assert found.documents == 4
    assert found.build.passages == found.encoder.passages == found.unchanged.passages == len(found.texts)
    assert found.vectors.shape == (len(found.texts), 256)
    assert (found.stock.passages, found.stock_unchanged.passages) == (4, 0)
    assert found.build.disk_mib > 0
    assert found.stock.disk_mib > 0
    # Three rounds: the build, the encoder alone twice, LlamaIndex; nothing where nothing changed.
    assert len(toy_embedder.embedded) == 3 * (3 * len(found.texts) + 4)  # type: ignore[attr-defined]


def test_the_texts_are_those_that_were_embedded(index_folder: Path, toy_embedder: Embedder) -> None:
    embedded = list(toy_embedder.embedded)  # type: ignore[attr-defined]
    assert embedding_texts(index_folder, toy_embedder, IndexConfig()) == embedded
    assert [document_id for document_id, _, _ in indexed_texts(index_folder)] == [
        "en/softbank.md", "fr/softbank.md", "ja/kddi.md", "notes.txt",
    ]  # fmt: skip


def test_no_documents_is_a_user_error(tmp_path: Path, toy_embedder: Embedder) -> None:
    with pytest.raises(UsageError, match="no documents"):
        bench_ingestion([tmp_path], toy_embedder, IndexConfig())


def test_ratios_equal_the_values_worked_out_by_hand(toy_embedder: Embedder) -> None:
    def stage(name: str, seconds: float, disk_mib: float = 0.0) -> Stage:
        return Stage(name, 100, seconds, 2 * seconds, 30.0, disk_mib)

    found = IngestionBench(
        50_000, 10, stage("library", 13.0), stage("encoder alone", 9.0),
        stage("index build", 10.0, 4.0), stage("nothing changed", 0.05),
        stage("LlamaIndex", 12.0, 2.0), stage("LlamaIndex again", 1.0), unit(3), TEXTS,
    )  # fmt: skip
    latency = LatencyBench(10_000, 9, 5.0, {"Shoko": Times(20.0, 30.0, 15.0), "LlamaIndex": Times(50.0, 60.0, 50.0)})
    page = index_page("a command", found, toy_embedder, latency, bench_sizes(unit(300), unit(40), [200]))
    rows = {
        line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]]
        for line in page.splitlines()
        if "|" in line
    }
    assert rows["throughput, index build / SentenceTransformer.encode"] == ["1.30", "≥ 0.90"]
    assert rows["throughput, index build / our encoder alone"] == ["0.90", "≥ 0.90"]
    assert rows["first build / nothing changed"] == ["200.00", "≥ 100"]
    assert rows["throughput, index build / LlamaIndex"] == ["1.20", ""]
    assert rows["disk, index build / LlamaIndex"] == ["2.00", ""]
    assert rows["index build"] == ["10.00", "20.00", "5.0", "10.0", "30", "4.0"]
    assert rows["LlamaIndex"] == ["50.0", "60.0", "50.0", "2.50"]
    assert "a median of 40 ms at 10,000 passages, here 20.0 ms" in page
    assert page.count("\n## ") == 3


def test_a_large_index_is_made_up_and_asked(toy_embedder: Embedder) -> None:
    vectors = toy_embedder.embed_passages(list(TEXTS))
    found = bench_latency(
        TEXTS, vectors, [("en", "How many stops?"), ("ja", "船は何色か")], 40, toy_embedder, IndexConfig()
    )
    assert (found.passages, found.queries) == (40, 2)
    assert list(found.times) == [
        "the question's vector alone",
        "Shoko, first stage only",
        "LlamaIndex VectorStoreIndex",
    ]
    assert "One question in 40 passages" in latency_section(found)[0]


class TokenEmbedderOfWords:
    """A toy embedder whose token vectors are as many as the words."""

    def __init__(self, toy: Embedder) -> None:
        self.name, self.dimension, self.max_tokens = toy.name, toy.dimension, toy.max_tokens
        self.query_prefix, self.passage_prefix = toy.query_prefix, toy.passage_prefix
        self.embed_queries, self.embed_passages = toy.embed_queries, toy.embed_passages
        self.count_tokens = toy.count_tokens
        self.asked: list[str] = []

    def embed_with_tokens(self, texts, prefix, keep):  # type: ignore[no-untyped-def]
        self.asked += texts
        tokens = [self.embed_passages(text.split() or [text]) for text in texts]
        return self.embed_queries(texts), [keep(one) for one in tokens]


def test_the_second_look_is_measured_where_there_are_token_vectors(toy_embedder: Embedder) -> None:
    embedder = TokenEmbedderOfWords(toy_embedder)
    vectors = toy_embedder.embed_passages(list(TEXTS))
    found = bench_latency(TEXTS, vectors, [("en", "How many stops?")], 20, embedder, IndexConfig())
    assert "Shoko" in found.times
    assert not any("No. " in text for text in embedder.asked)  # made-up passages were not embedded


def test_made_up_passages_have_their_own_vectors(toy_embedder: Embedder) -> None:
    vectors = unit(5, toy_embedder.dimension)
    made_up = MadeUpEmbedder(toy_embedder, vectors)
    assert np.array_equal(made_up.embed_passages(["No. 3.\n\nx", "No. 0.\n\ny"]), vectors[[3, 0]])
    with pytest.raises(ValueError, match="not a made-up passage"):
        made_up.embed_passages(["a real one"])
    with pytest.raises(TypeError, match="no token vectors"):
        MadeUpTokenEmbedder(toy_embedder, vectors, TEXTS)


def test_dense_search_by_size_is_exact_where_it_is_small() -> None:
    [small, larger] = bench_sizes(unit(300), unit(40), [200, 1000])
    assert (small.size, larger.size) == (200, 1000)
    assert small.recall_at_10 == small.recall_in_100 == larger.recall_at_10 == 1.0
    assert small.kind == "exact"
    assert "| 1,000 " in size_section([small, larger])[2]


def test_made_up_vectors_begin_with_the_real_ones_and_have_unit_length() -> None:
    real = unit(30)
    made = clustered(real, 100)
    assert np.array_equal(made[:30], real)
    assert np.allclose(np.linalg.norm(made, axis=1), 1.0, atol=1e-5)
    assert len(np.unique(made, axis=0)) == 100
