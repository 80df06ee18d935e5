import json
import math
from pathlib import Path

import pytest

from eval.case import Library
from eval.ranking_measures import measure_run
from eval.retrieval import Query, evaluate_retrieval, print_retrieval, rank_documents, read_queries, score_ranking
from index.config import IndexConfig
from index.errors import UsageError
from index.retriever import Retriever
from tests.eval_sample import EN, FR, JA, OTHER, Shelf

RUN = {"q1": [EN, FR], "q2": [OTHER, JA, EN], "q3": [FR], "q4": [OTHER, EN, FR], "q5": []}
QUERIES = [
    Query("q1", "one", "en", (EN,)),  # rank 1
    Query("q2", "two", "fr", (EN,)),  # rank 3
    Query("q3", "three", "ja", (JA,)),  # not found
    Query("q4", "four", "fr", (EN, FR)),  # ranks 2 and 3
    Query("q5", "five", "en", ()),  # nothing relevant: unscored
    Query("q6", "six", "en", ("gone.md",)),  # not in the corpus: unscored
]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("R@1", [1, 0, 0, 0]),
        ("R@5", [1, 1, 0, 1]),
        ("R@10", [1, 1, 0, 1]),
        ("RR@10", [1, 1 / 3, 0, 1 / 2]),
        # gain 1 / log2(rank + 1), divided by the best order: for q4 two documents at ranks 1 and 2
        (
            "nDCG@10",
            [1, 1 / math.log2(4), 0, (1 / math.log2(3) + 1 / math.log2(4)) / (1 + 1 / math.log2(3))],
        ),
    ],
)
def test_measures_equal_the_values_worked_out_by_hand(name: str, values: list[float]) -> None:
    scores = measure_run(RUN, {query.id: query.relevant for query in QUERIES[:5]})
    assert [scores[f"q{number}"][name] for number in (1, 2, 3, 4)] == pytest.approx(values)
    assert "q5" not in scores


def test_scores_by_language_and_pair() -> None:
    report = score_ranking(QUERIES, RUN, Library(Shelf()), resamples=50)
    estimates = report["estimates"]
    assert report["scored"] == 4
    assert report["unscored"] == {"no relevant document given": 1, "a relevant document is not in the corpus": 1}
    assert estimates["all"]["all"]["RR@10"]["value"] == pytest.approx((1 + 1 / 3 + 0 + 1 / 2) / 4, abs=1e-6)
    assert estimates["language"]["fr"]["RR@10"]["value"] == pytest.approx((1 / 3 + 1 / 2) / 2, abs=1e-6)
    # q4 has a document in its own language, so it counts there alone
    assert {pair: row["R@5"]["n"] for pair, row in estimates["pair"].items()} == {
        "en→en": 1, "fr→en": 1, "fr→fr": 1, "ja→ja": 1,
    }  # fmt: skip
    assert report["never_retrieved"] == ["q3"]


def test_documents_are_ranked_by_their_best_passage(retriever: Retriever) -> None:
    queries = [Query("a", "Tomakomai on Hokkaido", "en", ("en/softbank.md",))]
    ranked = rank_documents(queries, retriever)["a"]
    assert ranked[0] == "en/softbank.md"
    assert len(ranked) == len(set(ranked))


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    corpus, queries = tmp_path / "corpus.jsonl", tmp_path / "queries.jsonl"
    documents = [
        {"doc_id": "d1", "title": "Tram", "text": "The tram of Brenmoor opened in 2021 and has 18 stops."},
        {"doc_id": "d2", "title": "Library", "text": "Halden Library lends books to everyone on the island."},
    ]
    corpus.write_text("".join(json.dumps(document) + "\n" for document in documents), encoding="utf-8")
    lines = [
        {"query_id": "1", "lang": "en", "question": "When did the tram of Brenmoor open?", "relevant_doc_ids": ["d1"]},
        {"id": 2, "query": "Which library lends books?", "relevant_document_ids": ["d2"]},
        {"_id": "3", "text": "Who is the mayor?", "relevant_doc_ids": []},
    ]
    queries.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return corpus, queries


def test_a_corpus_is_indexed_searched_and_scored(
    files: tuple[Path, Path], toy_embedder: object, capsys: pytest.CaptureFixture[str]
) -> None:
    report = evaluate_retrieval([files[0]], read_queries([files[1]]), toy_embedder, IndexConfig())
    assert (report["documents"], report["scored"], report["never_retrieved"]) == (2, 2, [])
    assert report["estimates"]["all"]["all"]["R@1"]["value"] == 1.0
    assert [row["found"][0] for row in report["per_query"]] == ["d1", "d2"]
    print_retrieval(report)
    assert "2 documents, 2 passages, 2 queries scored" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1 is not JSON"),
        ('{"query_id": "1"}', "line 1 needs 'query_id'"),
        ('{"query_id": "1", "question": "x", "relevant_doc_ids": "d1"}', "must be a list of texts"),
        ('{"query_id": "1", "question": "x"}', "has 'relevant_doc_ids'.*nothing to score"),
        ('{"id": 1, "query": "x"}\n{"id": 1, "query": "y"}', "line 2: id '1' stands twice"),
    ],
)
def test_malformed_queries_are_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "queries.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read_queries([path])
