"""Searching: scores of both arms, language preference, snapshots, threads, and the LlamaIndex adapter."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from index.build import build, remove
from index.config import IndexConfig
from index.database import connect
from index.dense import load_dense, read_dense
from index.dense_file import DENSE_FILE
from index.errors import UsageError
from index.manifest import generation
from index.records import RetrievedPassage
from index.retriever import Retriever

CONFIG = IndexConfig()


def _documents(hits: list[RetrievedPassage]) -> list[str]:
    return [hit.passage.document_id for hit in hits]


def test_a_hit_carries_its_passage_and_all_scores(retriever: Retriever) -> None:
    hit = retriever.search("closed school in Kagawa", 3)[0]
    assert hit.passage.document_id == "notes.txt"
    assert retriever.document("notes.txt").text[hit.passage.start : hit.passage.end] == hit.passage.text
    assert hit.dense_score is not None
    assert hit.lexical_score is not None
    assert hit.lexical_score > 0
    assert 0 < hit.retrieval_score <= 1
    assert hit.rerank_score is None


def test_metadata_comes_with_the_passage(retriever: Retriever) -> None:
    passage = retriever.search("SoftBank ¥42.1 billion grants", 1)[0].passage
    assert (passage.title, passage.date, passage.status) == ("SoftBank and its platform", "2024-05", "decision")
    assert (passage.language, passage.url) == ("en", "https://example.org/softbank")


def test_a_number_is_found_in_any_notation(retriever: Retriever) -> None:
    assert _documents(retriever.search("1 000 億円", 1)) == ["ja/kddi.md"]
    found = [hit for hit in retriever.search("42,1", 4) if hit.lexical_score is not None]
    assert sorted(_documents(found)) == ["en/softbank.md", "fr/softbank.md"]


def test_scores_fall_and_k_is_kept(retriever: Retriever) -> None:
    hits = retriever.search("SoftBank", 2)
    assert len(hits) == 2
    assert hits[0].retrieval_score >= hits[1].retrieval_score
    assert len(retriever.search("SoftBank", 1000)) <= 7


@pytest.mark.parametrize("query", ["", "  \n", "\ud800"])
def test_an_empty_query_finds_nothing(retriever: Retriever, query: str) -> None:
    assert retriever.search(query, 5) == []


@pytest.mark.parametrize("query", ['"', "NEAR(", "a" * 100_000, "\x00\x01", "🙂", "* OR NOT"])
def test_no_query_is_an_error(retriever: Retriever, query: str) -> None:
    assert retriever.search(query, 2)


def test_k_must_be_positive(retriever: Retriever) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        retriever.search("x", 0)


def test_a_batch_is_the_same_as_single_searches(retriever: Retriever) -> None:
    queries = ["SoftBank", "", "KDDIの助成", "Kagawa school"]
    assert retriever.search_many(queries, 3) == [retriever.search(query, 3) for query in queries]


def test_translations_collapse_to_the_language_of_the_question(collection: Path, tmp_path: Path, make_embedder) -> None:
    words = {
        "prévoit d'investir": "plans to invest",
        "milliards de yens": "billion",
        "et sa plateforme": "and its platform",
    }
    embedder = make_embedder(synonyms=words)
    bodies = {"en": "SoftBank plans to invest 150 billion.", "fr": "SoftBank prévoit d'investir 150 milliards de yens."}
    for language, body in bodies.items():
        path = collection / language / "softbank.md"
        path.write_text(path.read_text().split("# SoftBank")[0] + body)
    build([collection], tmp_path / "index", embedder, CONFIG)
    with Retriever.open(tmp_path / "index", embedder, CONFIG) as retriever:
        for language in ("en", "fr"):
            found = _documents(retriever.search("SoftBank plans to invest", 4, language=language))
            assert found[0] == f"{language}/softbank.md"
            assert len([one for one in found if "softbank" in one]) == 1


def test_changes_are_seen_at_the_next_search(
    retriever: Retriever, collection: Path, index_folder: Path, toy_embedder
) -> None:
    (collection / "new.txt").write_text("Zanzibar is an island.")
    assert "new.txt" not in _documents(retriever.search("Zanzibar island", 3))
    build([collection], index_folder, toy_embedder, CONFIG)
    assert _documents(retriever.search("Zanzibar island", 3))[0] == "new.txt"
    remove(["new.txt"], index_folder)
    assert "new.txt" not in _documents(retriever.search("Zanzibar island", 10))


def test_a_rebuild_with_another_embedder_is_noticed_by_an_open_retriever(
    retriever: Retriever, collection: Path, index_folder: Path, make_embedder
) -> None:
    build([collection], index_folder, make_embedder("other"), CONFIG, rebuild=True)
    with pytest.raises(UsageError, match="made with embedder 'other', now it is 'toy'"):
        retriever.search("SoftBank", 3)


def test_another_embedder_cannot_open_an_index(index_folder: Path, make_embedder) -> None:
    with pytest.raises(UsageError, match=r"embedder 'toy', now it is 'other'.*--rebuild"):
        Retriever.open(index_folder, make_embedder("other"), CONFIG)


def test_a_known_name_is_found_by_its_words_in_another_script(collection: Path, tmp_path: Path, toy_embedder) -> None:
    (collection / "cabinet.txt").write_text("The Cabinet Office wrote a memo.\n", encoding="utf-8")
    build([collection], tmp_path / "index", toy_embedder, CONFIG)
    with Retriever.open(tmp_path / "index", toy_embedder, CONFIG) as retriever:
        found = {hit.passage.document_id: hit.lexical_score for hit in retriever.search("内閣府は何を書いたか", 20)}
    assert found["cabinet.txt"] is not None


def test_the_passage_length_does_not_matter_for_searching(index_folder: Path, toy_embedder) -> None:
    Retriever.open(index_folder, toy_embedder, replace(CONFIG, passage_tokens=99)).close()


def test_many_threads_search_while_a_build_writes(
    retriever: Retriever, collection: Path, index_folder: Path, toy_embedder
) -> None:
    stop = threading.Event()

    def search() -> int:
        count = 0
        while not stop.is_set():
            hits = retriever.search("SoftBank sites in Tomakomai", 3)
            assert "softbank.md" in hits[0].passage.document_id
            count += 1
        return count

    with ThreadPoolExecutor(6) as threads:
        searches = [threads.submit(search) for _ in range(6)]
        try:
            for number in range(8):
                (collection / "notes.txt").write_text(f"Version {number} of the note.")
                build([collection], index_folder, toy_embedder, CONFIG)
        finally:
            stop.set()
        assert all(done.result() > 0 for done in searches)


@pytest.mark.parametrize("damage", ["missing", "garbage", "truncated", "other index", "old generation"])
def test_a_dense_file_that_does_not_fit_is_not_used(
    collection: Path, index_folder: Path, tmp_path: Path, toy_embedder, damage: str
) -> None:
    path = index_folder / DENSE_FILE
    old = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "garbage":
        path.write_bytes(b"x" * 500)
    elif damage == "truncated":
        path.write_bytes(old[:300] + old[-48:])
    elif damage == "other index":
        build([collection], tmp_path / "other", toy_embedder, CONFIG)
        path.write_bytes((tmp_path / "other" / DENSE_FILE).read_bytes())
    else:
        (collection / "notes.txt").write_text("Changed.")
        build([collection], index_folder, toy_embedder, CONFIG)
        path.write_bytes(old)
    with closing(connect(index_folder)) as connection:
        assert read_dense(index_folder, generation(connection)) is None
        assert load_dense(index_folder, connection).faiss_index.ntotal == 4
    with Retriever.open(index_folder, toy_embedder, CONFIG) as retriever:
        assert _documents(retriever.search("KDDI 助成", 1)) == ["ja/kddi.md"]
    build([collection], index_folder, toy_embedder, CONFIG)
    with closing(connect(index_folder)) as connection:
        assert read_dense(index_folder, generation(connection)) is not None


def test_unknown_documents_are_user_errors(retriever: Retriever) -> None:
    with pytest.raises(UsageError, match=r"no document 'x\.md'"):
        retriever.document("x.md")


def test_llama_index_gets_our_passages(retriever: Retriever) -> None:
    adapter = pytest.importorskip("index.llama_index_adapter")
    nodes = adapter.ShokoRetriever(retriever, k=2).retrieve("closed school in Kagawa")
    hits = retriever.search("closed school in Kagawa", 2)
    assert [(found.node.node_id, found.score) for found in nodes] == [
        (hit.passage.passage_id, hit.retrieval_score) for hit in hits
    ]
    first = nodes[0].node
    assert first.text == hits[0].passage.text
    assert (first.start_char_idx, first.end_char_idx) == (hits[0].passage.start, hits[0].passage.end)
    assert first.metadata["document_id"] == "notes.txt"
