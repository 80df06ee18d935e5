"""The inverted file: near the exact result, obeys filters, follows additions and removals."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import index.approximate
from index.approximate import empty_index, is_exact, keys_of, sample_size, search_index, suits
from index.build import build, remove
from index.check import damages
from index.config import IndexConfig
from index.database import connect
from index.dense import load_dense, make_dense
from index.dense_file import DENSE_FILE
from index.embedder import Embedder
from index.retriever import Retriever

CONFIG = IndexConfig()


def clustered(count: int, dimension: int = 32) -> NDArray[np.float32]:
    random = np.random.default_rng(3)
    centres = random.normal(size=(40, dimension))
    vectors = centres[random.integers(0, 40, count)] + 0.4 * random.normal(size=(count, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.approximate, "EXACT_UP_TO", 3)


@pytest.mark.usefixtures("small_limit")
def test_it_finds_nearly_what_exact_search_finds_and_only_what_is_allowed() -> None:
    vectors, keys = clustered(4000), np.arange(7, 4007)
    inverted = empty_index(32, 4000, vectors[: sample_size(4000)])
    inverted.add_with_ids(vectors, keys)
    assert not is_exact(inverted)
    assert np.array_equal(keys_of(inverted), keys)
    queries = clustered(4050)[4000:]
    found = [{key for key, _ in search_index(inverted, query, 10, None)} for query in queries]
    exact = [set((np.argsort(-(vectors @ query))[:10] + 7).tolist()) for query in queries]
    assert np.mean([len(one & other) / 10 for one, other in zip(found, exact, strict=True)]) > 0.9
    allowed = np.array([8, 900, 3000], dtype=np.int64)
    assert {key for key, _ in search_index(inverted, queries[0], 10, allowed)} == set(allowed.tolist())
    assert search_index(inverted, queries[0], 10, allowed[:0]) == []


def test_which_index_suits_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = empty_index(8, 10, np.zeros((0, 8), np.float32))
    assert is_exact(exact)
    assert suits(exact, 100_000)
    assert not suits(exact, 100_001)
    assert sample_size(100_000) == 0
    assert sample_size(1_000_000) == 160_000
    monkeypatch.setattr(index.approximate, "EXACT_UP_TO", 50)
    inverted = empty_index(8, 2500, clustered(2500, 8))
    assert [suits(inverted, count) for count in (50, 51, 10_000, 10_001)] == [False, True, True, False]


@pytest.mark.usefixtures("small_limit")
def test_an_index_of_documents_follows_changes(tmp_path: Path, toy_embedder: Embedder) -> None:
    documents, folder = tmp_path / "documents", tmp_path / "index"
    documents.mkdir()
    for number in range(8):
        (documents / f"{number}.txt").write_text(f"Lighthouse {number} of bay {number * 37}.\n", encoding="utf-8")
    build([documents], folder, toy_embedder, CONFIG)
    assert damages(folder) == []
    remove(["3.txt"], folder)
    (documents / "3.txt").unlink()
    (documents / "8.txt").write_text("A harbour with a crane.\n", encoding="utf-8")
    build([documents], folder, toy_embedder, CONFIG)
    assert damages(folder) == []
    with Retriever.open(folder, toy_embedder, CONFIG) as retriever:
        assert retriever.search("harbour with a crane", 3)[0].passage.document_id == "8.txt"
        assert "3.txt" not in {hit.passage.document_id for hit in retriever.search("lighthouse", 20)}


def test_an_addition_changes_the_earlier_file_and_equals_a_new_one(
    index_folder: Path, collection: Path, toy_embedder: Embedder
) -> None:
    before = (index_folder / DENSE_FILE).read_bytes()
    (collection / "more.txt").write_text("One more note on the tides.\n", encoding="utf-8")
    build([collection], index_folder, toy_embedder, CONFIG)
    assert (index_folder / DENSE_FILE).read_bytes() != before
    with closing(connect(index_folder)) as connection:
        kept, new = load_dense(index_folder, connection), make_dense(connection)
        assert kept.keys() == new.keys()
        assert np.array_equal(kept.vectors(connection, kept.keys()), new.vectors(connection, new.keys()))
        assert kept.made_from == new.made_from
