"""The retrieval bench on a tiny corpus: every system answers, every table is filled."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from eval.arms_bench import Forgetful, arms, passage_texts, reciprocal_ranks
from eval.pair_bench import PairBench, answering_passages, bench_pairs, pair_section
from eval.questions import EvalQuestion
from eval.retrieval import Query
from eval.retrieval_bench import LanguageBench, bench_retrieval, retrieval_page, run_in_turn, run_retrieval_bench
from eval.retrieval_trials import Pool, held_out, trials
from index.build import build
from index.config import IndexConfig
from index.embedder import Embedder
from index.errors import UsageError
from tests.conftest import ToyEmbedder

SUBJECTS = {
    "en": ("lighthouse", "harbour crane", "salt market", "ferry timetable", "granite quarry"),
    "ja": ("灯台", "港のクレーン", "塩の市場", "船の時刻表", "石切り場"),
}
SAID = {
    "en": ("The {} of the island was built in {}.", "When was the {} built?"),
    "ja": ("島の{}は{}年に建てられた。", "{}はいつ建てられたか。"),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for language, subjects in SUBJECTS.items():
        text, question = SAID[language]
        corpus = [
            {"doc_id": f"d{number}", "title": subject, "text": text.format(subject, 1900 + number)}
            for number, subject in enumerate(subjects)
        ]
        queries = [
            {"query_id": f"q{number}", "question": question.format(subject), "lang": language,
             "relevant_doc_ids": [f"d{number}"]}
            for number, subject in enumerate(subjects)
        ]  # fmt: skip
        for name, lines in (("corpus", corpus), ("queries", queries)):
            content = "".join(json.dumps(line) + "\n" for line in lines)
            (folder / f"{name}.{language}.jsonl").write_text(content, encoding="utf-8")
    return folder


def test_every_system_is_measured_on_the_same_queries(data: Path, toy_embedder: Embedder) -> None:
    found = bench_retrieval(data, toy_embedder, IndexConfig())
    assert list(found) == ["en", "ja"]
    bench = found["en"]
    assert (bench.queries, bench.passages) == (5, 5)
    assert list(bench.ndcg)[:6] == [
        "BM25, SQLite as it comes", "BM25 with our terms", "dense alone",
        "both, equal weights (reciprocal ranks, k 60)", "Shoko, first stage only", "Shoko",
    ]  # fmt: skip
    assert "LlamaIndex VectorStoreIndex" in bench.ndcg
    assert bench.ndcg["Shoko"] == bench.recall["Shoko"] == bench.ndcg["BM25 with our terms"] == 1.0
    assert all(0 <= value <= 1 for value in bench.ndcg.values())
    assert bench.median_ms.keys() == bench.ndcg.keys() == bench.recall.keys()
    # A whole Japanese sentence is one word to SQLite, so it finds nothing.
    assert found["ja"].ndcg["BM25, SQLite as it comes"] == 0.0
    assert found["ja"].segmentation["pairs of characters (in use)"] == 1.0
    assert not bench.segmentation


def test_every_system_is_asked_a_query_before_the_next_one_and_each_is_first_in_turn() -> None:
    asked: list[tuple[str, str]] = []

    def answering(name: str, found: list[str]) -> Callable[[Query], list[str]]:
        def search(query: Query) -> list[str]:
            asked.append((name, query.text))
            return found

        return search

    queries = [Query(str(number), f"question {number}", "en", ("d1",)) for number in range(3)]
    measured = LanguageBench(len(queries))
    run_in_turn(measured, queries, {"right": answering("right", ["d1"]), "wrong": answering("wrong", ["d2"])})
    in_turn = [("right", 0), ("wrong", 0), ("wrong", 1), ("right", 1), ("right", 2), ("wrong", 2)]
    assert asked[2:] == [(name, f"question {number}") for name, number in in_turn]
    assert {name for name, _ in asked[:2]} == {"right", "wrong"}  # warmed up before the first is timed
    assert measured.ndcg == measured.recall == {"right": 1.0, "wrong": 0.0}
    assert measured.median_ms.keys() == {"right", "wrong"}


def test_a_folder_without_data_is_a_user_error(tmp_path: Path, toy_embedder: Embedder) -> None:
    with pytest.raises(UsageError, match="has no corpus"):
        bench_retrieval(tmp_path, toy_embedder, IndexConfig())


def test_the_plain_arms_search_the_passages_of_the_index(index_folder: Path, toy_embedder: Embedder) -> None:
    with arms(index_folder, toy_embedder, 10) as searches:
        found = {name: search(Query("q", "closed school, Kagawa", "en", ())) for name, search in searches.items()}
    assert {documents[0] for documents in found.values()} == {"notes.txt"}
    assert found["BM25 with our terms"] == ["notes.txt"]  # only that text has a word of it
    assert len(found["dense alone"]) == len({document for document, _, _ in passage_texts(index_folder)}) == 4


def test_a_forgetful_embedder_computes_every_question_anew(real_embedder: Embedder) -> None:
    computed = []

    class Watched:
        """Counts what reaches the model behind the memory."""

        def __getattr__(self, name: str) -> object:
            return getattr(real_embedder, name)

        def embed_with_tokens(self, texts, prefix, keep):  # type: ignore[no-untyped-def]
            computed.extend(texts)
            return real_embedder.embed_with_tokens(texts, prefix, keep)  # type: ignore[attr-defined]

    forgetful = Forgetful(Watched())  # type: ignore[arg-type]
    first, second = (forgetful.embed_queries(["When did the tram open?"]) for _ in range(2))
    assert computed == ["When did the tram open?"] * 2
    assert np.array_equal(first, second)
    assert np.allclose(first, real_embedder.embed_queries(["When did the tram open?"]), atol=1e-6)
    assert np.array_equal(Forgetful(ToyEmbedder()).embed_queries(["x y z"]), ToyEmbedder().embed_queries(["x y z"]))


def test_reciprocal_ranks_equal_the_sum_worked_out_by_hand() -> None:
    # 7: 1/61 + 1/62; 3: 1/62 + 1/61, the same, and the smaller key; 9: 1/63
    assert reciprocal_ranks([[7, 3], [3, 7, 9]]) == [3, 7, 9]
    assert reciprocal_ranks([[9], [7, 3]]) == [7, 9, 3]


def test_the_passages_that_answer_are_those_of_relevant_documents(
    tmp_path: Path, toy_embedder: Embedder, write: Callable[[str, str], Path]
) -> None:
    write("tram.md", "# Tram\n\nThe tram line has 18 stops.\n")
    write("bus.md", "# Bus\n\nThe bus line has 18 stops.\n")
    folder = tmp_path / "built"
    build([tmp_path / "documents"], folder, toy_embedder, IndexConfig())
    asked = {"lang": "fr", "question": "Combien ?", "answerable": True, "answer": "18"}
    questions = [
        EvalQuestion(id="a", **asked, relevant_document_ids=("en/tram.md",), split="dev"),
        EvalQuestion(id="b", **asked, relevant_document_ids=("fr/tram.md",), split="dev"),
        EvalQuestion(id="c", lang="en", question="What?", answerable=False, relevant_document_ids=("en/tram.md",)),
    ]
    [(query, split)] = answering_passages(folder, "en", questions)
    assert (query, split) == (Query("a", "Combien ?", "fr", ("tram.md#1",)), "dev")


def test_all_nine_pairs_are_measured_by_split(toy_embedder: Embedder) -> None:
    from index.build import default_documents

    name = next((default_documents() / "en").glob("*.md")).name
    title = "GMO"
    questions = [
        EvalQuestion(id="a", lang="en", question="What is GMO?", answerable=True, answer=title, split=split,
                     relevant_document_ids=(f"en/{name}", "en/gmo-internet-group.md"))
        for split in ("dev", "test")
    ]  # fmt: skip
    found = bench_pairs(questions, toy_embedder, IndexConfig())
    assert list(found) == ["dev", "test"]
    pairs = found["test"]["Shoko"]
    assert [pair.pair for pair in pairs] == [
        f"{asked}→{language}" for language in ("fr", "en", "ja") for asked in ("fr", "en", "ja")
    ]
    assert {pair.pair: pair.questions for pair in pairs if pair.questions} == {"en→en": 1}
    assert "Nothing was chosen by these questions." in pair_section("test", found["test"])[1]


def made_up() -> LanguageBench:
    return LanguageBench(
        queries=40, passages=300, ndcg={"dense alone": 0.85, "Shoko": 0.9}, recall={"dense alone": 0.9, "Shoko": 0.95},
        median_ms={"dense alone": 10.0, "Shoko": 20.0}, segmentation={"characters": 0.7},
        trials={"dense": 0.5}, held_out={"the weight in use": 0.6},
    )  # fmt: skip


def test_the_page_holds_all_tables() -> None:
    found = {"en": made_up(), "ja": made_up()}
    page = retrieval_page("a command", found, {"dev": {"Shoko": [PairBench("ja→en", 9, 0.75, 0.5)]}})
    assert "    a command" in page
    assert "0.900 (0.950; 20.0)" in page
    assert "+0.050 (2.0 ×)" in page
    assert "| ja→en" in page
    assert "0.75 (0.50)" in page
    assert "| characters" in page
    assert "| the weight in use | 0.6000 | 0.6000 | 0.6000 |" in page
    assert page.count("\n## ") == 6


def test_the_command_makes_the_whole_page(data: Path, toy_embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.embedder.load_embedder", lambda config: toy_embedder)
    monkeypatch.setattr("eval.retrieval_bench.bench_pairs", lambda *_: {"dev": {"Shoko": []}})
    page = run_retrieval_bench("the command", data, IndexConfig())
    assert page.startswith(
        "# Retrieval\n\n    the command\n\nen: 5 queries on 5 passages, ja: 5 queries on 5 passages;"
    )
    assert "## Across languages, dev" in page


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
    assert found["lexical"].tolist() == [1.0, 1.0]
    assert found["dense"].tolist() == pytest.approx([1, 1 / np.log2(3)])
    assert found["z: late interaction whole, first 30"].tolist() == [1.0, 1.0]
    assert found["z: late interaction 2 bits + 0.5 lexical"].tolist() == [1.0, 1.0]


def test_a_weight_chosen_on_other_queries_scores_what_it_scores_there() -> None:
    # Five queries in five parts: each is scored with what is best on the four others.
    name = "z: late interaction 2 bits"
    scores = {
        f"{name}, first 30": np.zeros(5),
        f"{name} + 0.25 lexical": np.array([1.0, 0.0, 0.0, 0.0, 0.0]),
        f"{name} + 0.5 lexical": np.array([0.0, 0.3, 0.3, 0.3, 0.0]),
    }
    found = held_out(scores, "en")
    assert found["no weight for words"] == 0.0
    assert found["the weight in use"] == pytest.approx(0.18)
    assert found["the weight that is best on all queries"] == pytest.approx(0.2)
    # Without the first query .5 is chosen and gives it 0; without another one or the last, .25 is chosen and gives 0.
    assert found["chosen on 4 of 5 parts, scored on the other"] == 0.0
