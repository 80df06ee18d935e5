"""The retrieval bench on a tiny corpus: every system answers, every table is filled."""

import json
from pathlib import Path

import numpy as np
import pytest

from eval.pair_bench import PairBench, pair_section
from eval.retrieval import Query
from eval.retrieval_bench import LanguageBench, bench_retrieval, bench_vectors, retrieval_page
from eval.retrieval_trials import Pool, trials
from index.config import IndexConfig
from index.embedder import Embedder
from index.errors import UsageError

SUBJECTS = ("lighthouse", "harbour crane", "salt market", "ferry timetable", "granite quarry")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    corpus = [
        {"doc_id": f"d{number}", "title": subject, "text": f"The {subject} of the island was built in {1900 + number}."}
        for number, subject in enumerate(SUBJECTS)
    ]
    queries = [
        {"query_id": f"q{number}", "question": f"When was the {subject} built?", "lang": "en",
         "relevant_doc_ids": [f"d{number}"]}
        for number, subject in enumerate(SUBJECTS)
    ]  # fmt: skip
    for name, lines in (("corpus", corpus), ("queries", queries)):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (tmp_path / f"{name}.en.jsonl").write_text(text, encoding="utf-8")
    return tmp_path


def test_every_system_is_measured_on_the_same_queries(data: Path, toy_embedder: Embedder) -> None:
    found = bench_retrieval(data, toy_embedder, IndexConfig())
    assert list(found) == ["en"]
    bench = found["en"]
    assert (bench.queries, bench.passages) == (5, 5)
    assert {"Shoko", "Shoko, first stage only", "LlamaIndex VectorStoreIndex"} <= bench.ndcg.keys()
    assert bench.ndcg["Shoko"] == 1.0
    assert all(0 <= value <= 1 for value in bench.ndcg.values())
    assert bench.median_ms.keys() == bench.ndcg.keys()
    assert bench.passage_vectors.shape == (5, 256)
    assert bench.query_vectors.shape == (5, 256)


def test_a_folder_without_data_is_a_user_error(tmp_path: Path, toy_embedder: Embedder) -> None:
    with pytest.raises(UsageError, match="has no corpus"):
        bench_retrieval(tmp_path, toy_embedder, IndexConfig())


def made_up() -> LanguageBench:
    random = np.random.default_rng(0)

    def vectors(count: int) -> np.ndarray:
        drawn = random.normal(size=(count, 16))
        return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)

    return LanguageBench(
        queries=40, passages=300, ndcg={"Shoko": 0.9}, median_ms={"Shoko": 20.0}, seconds={"whole build": 3.0},
        cpu_seconds={"whole build": 6.0}, trials={"dense": 0.5}, passage_vectors=vectors(300),
        query_vectors=vectors(40),
    )  # fmt: skip


def test_dense_search_by_size_is_exact_where_it_is_small() -> None:
    [small, larger] = bench_vectors({"en": made_up()}, [200, 1000])
    assert (small.size, larger.size) == (200, 1000)
    assert small.recall_at_10 == small.recall_in_100 == larger.recall_at_10 == 1.0
    assert small.kind == "exact"


def test_the_page_holds_all_tables() -> None:
    found = {"en": made_up(), "ja": made_up()}
    sizes = bench_vectors(found, [300])
    page = retrieval_page("a command", found, sizes, {"Shoko": [PairBench("ja→en", 9, 0.75, 0.5)]})
    assert "    a command" in page
    assert "0.900 (20.0)" in page
    assert "100.0 (50.0)" in page
    assert "| ja→en" in page
    assert "0.75 (0.50)" in page
    assert page.count("\n## ") == 5
    assert len(pair_section({"Shoko": []})) == 3


def test_trials_follow_the_scores() -> None:
    # Words point at the right passage for both queries, the embedding for one, the tokens for both.
    axis = np.eye(8, dtype=np.float32)
    tokens = [np.stack([axis[number], axis[7]]) for number in range(3)]
    pool = Pool(
        queries=[Query("q0", "", "en", ("d0",)), Query("q1", "", "en", ("d1",))],
        documents=["d0", "d1", "d2"],
        dense=np.array([[0.9, 0.1, 0.2], [0.1, 0.2, 0.9]]),
        lexical=np.array([[3.0, 0.0, 1.0], [0.0, 3.0, 1.0]]),
        passage_tokens=[one.astype(np.float16) for one in tokens],
        query_tokens=[tokens[0][:1], tokens[1][:1]],
        centre=np.zeros(8, np.float32),
    )
    found = trials(pool)
    assert found["lexical"] == 1.0
    assert found["dense"] == pytest.approx((1 + 1 / np.log2(3)) / 2)
    assert found["z: late interaction whole, first 30"] == 1.0
    assert found["z: late interaction 2 bits + 0.5 lexical"] == 1.0
