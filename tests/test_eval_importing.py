"""Public question sets, each in a small hand-made file, from their own form to ours and on to a score."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.importing import import_set
from eval.questions import read_questions
from eval.retrieval import read_queries
from eval.trec import read_qrels, read_run
from index.errors import UsageError

CORVANNE = "The Corvanne dam was built in 1961. It cost 310 million euros."
FERRY = "The Aohama ferry began in 1998. It carries 400 people."


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def jsonl(path: Path, *records: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def squad(path: Path) -> Path:
    dam = [
        {
            "id": "q1", "question": " What did the Corvanne dam cost? ",
            "answers": [
                {"text": "310 million euros", "answer_start": 44},
                {"text": "310 million", "answer_start": 44},
                {"text": "310 million euros", "answer_start": 44},
            ],
        },
        {
            "id": "q2", "question": "Who designed the Corvanne dam?", "is_impossible": True, "answers": [],
            "plausible_answers": [{"text": "1961", "answer_start": 30}],
        },
    ]  # fmt: skip
    ferry = [{"id": "q3", "question": "When did the ferry begin?", "answers": [{"text": "1998", "answer_start": 26}]}]
    data = [
        {"title": "Corvanne_dam", "paragraphs": [{"context": CORVANNE, "qas": dam}]},
        {"title": "Ferry", "paragraphs": [{"context": FERRY, "qas": ferry}, {"context": CORVANNE, "qas": []}]},
    ]
    path.write_text(json.dumps({"version": "v2.0", "data": data}), encoding="utf-8")
    return path


def beir(folder: Path) -> Path:
    jsonl(
        folder / "corpus.jsonl",
        {"_id": "d1", "title": "Corvanne dam", "text": CORVANNE, "metadata": {}},
        {"_id": "d2", "title": "", "text": FERRY},
    )
    jsonl(
        folder / "queries.jsonl",
        {"_id": "1", "text": "cost of the Corvanne dam"},
        {"_id": "2", "text": "people on the Aohama ferry"},
        {"_id": "3", "text": "a query of another split"},
    )
    (folder / "qrels").mkdir()
    test = "query-id\tcorpus-id\tscore\n1\td1\t2\n1\td2\t0\n2\td2\t1\n"
    (folder / "qrels" / "test.tsv").write_text(test, encoding="utf-8")
    (folder / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\n3\td1\t1\n", encoding="utf-8")
    return folder


class TestSquad:
    def test_paragraphs_become_documents_and_answers_aliases(self, tmp_path: Path) -> None:
        imported, files = import_set("squad", [squad(tmp_path / "dev.json")], tmp_path / "out")
        assert [path.name for path in files] == ["corpus.jsonl", "questions.jsonl"]
        assert len(imported.documents) == 2  # the paragraph that stands twice is one document
        assert lines_of(files[0])[0] == {"doc_id": "dev-0-0", "title": "Corvanne dam", "text": CORVANNE}
        first, second, _ = lines_of(files[1])
        assert first == {
            "id": "q1", "lang": "en", "question": "What did the Corvanne dam cost?", "answerable": True,
            "answer": "310 million euros", "answer_aliases": ["310 million"], "relevant_document_ids": ["dev-0-0"],
            "evidence": [{"document_id": "dev-0-0", "text": "It cost 310 million euros."}],
        }  # fmt: skip
        assert (second["answerable"], second["answer"], second["relevant_document_ids"]) == (False, "", [])

    def test_both_commands_read_the_questions(self, tmp_path: Path) -> None:
        _, (_, questions) = import_set("squad", [squad(tmp_path / "dev.json")], tmp_path / "out")
        asked = read_questions(questions).questions
        assert [(one.id, one.answerable, one.accepted) for one in asked] == [
            ("q1", True, ("310 million euros", "310 million")), ("q2", False, ()), ("q3", True, ("1998",)),
        ]  # fmt: skip
        assert [query.relevant for query in read_queries([questions])] == [("dev-0-0",), (), ("dev-1-0",)]

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("{", r"is not SQuAD: \{data: \["),
            ('{"data": [{"paragraphs": [{"qas": []}]}]}', "is not SQuAD"),
            ('{"data": [{"paragraphs": [{"context": "a", "qas": [{"id": 1}]}]}]}', "lacks 'id', 'question'"),
            (
                '{"data": [{"paragraphs": [{"context": "a", "qas": [{"id": 1, "question": "b?", "answers": []}]}]}]}',
                "question '1' has neither 'answers' nor 'is_impossible'",
            ),
            ('{"data": []}', "there are no questions"),
        ],
    )
    def test_what_is_no_squad_is_refused(self, tmp_path: Path, content: str, message: str) -> None:
        (tmp_path / "a.json").write_text(content, encoding="utf-8")
        with pytest.raises(UsageError, match=message):
            import_set("squad", [tmp_path / "a.json"], tmp_path / "out")
        assert not (tmp_path / "out").exists()

    def test_an_id_may_not_stand_in_two_files(self, tmp_path: Path) -> None:
        files = [squad(tmp_path / name) for name in ("a.json", "b.json")]
        with pytest.raises(UsageError, match=r"b\.json: id 'q1' stands twice"):
            import_set("squad", files, tmp_path / "out")

    def test_the_language_can_be_given(self, tmp_path: Path) -> None:
        _, (_, questions) = import_set("squad", [squad(tmp_path / "a.json")], tmp_path / "out", language="fr")
        assert {line["lang"] for line in lines_of(questions)} == {"fr"}


class TestBeir:
    def test_judged_queries_of_the_split_are_taken_with_their_grades(self, tmp_path: Path) -> None:
        imported, files = import_set("beir", [beir(tmp_path / "set")], tmp_path / "out")
        assert [path.name for path in files] == ["corpus.jsonl", "queries.jsonl"]
        assert len(imported.documents) == 2
        first, second = lines_of(files[1])
        assert first == {
            "query_id": "1", "lang": "en", "question": "cost of the Corvanne dam",
            "relevant_doc_ids": ["d1"], "grades": [2],
        }  # fmt: skip
        assert "grades" not in second
        assert [query.grades for query in read_queries([files[1]])] == [(2,), ()]

    def test_another_split(self, tmp_path: Path) -> None:
        imported, _ = import_set("beir", [beir(tmp_path / "set")], tmp_path / "out", split="train")
        assert [question.id for question in imported.questions] == ["3"]

    def test_errors(self, tmp_path: Path) -> None:
        folder = beir(tmp_path / "set")
        with pytest.raises(UsageError, match="has judgements of test, train; choose one with --split"):
            import_set("beir", [folder], tmp_path / "out", split="dev")
        with pytest.raises(UsageError, match=r"is not a BEIR folder: there is no qrels"):
            import_set("beir", [tmp_path], tmp_path / "out")
        (folder / "qrels" / "test.tsv").write_text("9\td1\t1\n", encoding="utf-8")
        with pytest.raises(UsageError, match=r"queries\.jsonl lacks 1 of the judged queries \(9\)"):
            import_set("beir", [folder], tmp_path / "out")
        jsonl(folder / "corpus.jsonl", {"text": "no id"})
        (folder / "qrels" / "test.tsv").write_text("1\td1\t1\n", encoding="utf-8")
        with pytest.raises(UsageError, match=r"corpus\.jsonl line 1 needs '_id'"):
            import_set("beir", [folder], tmp_path / "out")


class TestTrec:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.qrels", "1 0 d1 2\n1 0 d2 0\n2\t0\td2\t1\n"),
            ("a.tsv", "query-id\tcorpus-id\tscore\n1\td1\t2\n1\td2\t0\n2\td2\t1\n"),
            ("a.json", '{"1": {"d1": 2, "d2": 0}, "2": {"d2": 1}}'),
        ],
    )
    def test_judgements(self, tmp_path: Path, name: str, content: str) -> None:
        (tmp_path / name).write_text(content, encoding="utf-8")
        assert read_qrels(tmp_path / name) == {"1": {"d1": 2, "d2": 0}, "2": {"d2": 1}}

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.run", "1 Q0 d2 2 0.5 bm25\n1 Q0 d1 1 0.9 bm25\n2 Q0 d2 1 7 bm25\n"),
            ("a.json", '{"1": {"d2": 0.5, "d1": 0.9}, "2": {"d2": 7}}'),
        ],
    )
    def test_rankings_are_ordered_by_score(self, tmp_path: Path, name: str, content: str) -> None:
        (tmp_path / name).write_text(content, encoding="utf-8")
        assert read_run(tmp_path / name) == {"1": ["d1", "d2"], "2": ["d2"]}

    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("a.qrels", "1 0 d1 2\n1 d2\n", r"a\.qrels line 2 is not 'query 0 document grade'"),
            ("a.qrels", "1 0 d1 2\n1 0 d2 much\n", r"a\.qrels line 2 is not .*'much' is not a number"),
            ("a.qrels", "1 0 d1 0.5\n", "the grade 0.5 is not a whole number"),
            ("a.qrels", "query-id\tcorpus-id\tscore\n", "holds no judgements"),
            ("a.json", "[1]", "is not {query: {document: number}}"),
            ("a.json", '{"1": {"d": "much"}}', "is not {query: {document: number}}"),
        ],
    )
    def test_what_is_no_judgement_is_refused(self, tmp_path: Path, name: str, content: str, message: str) -> None:
        (tmp_path / name).write_text(content, encoding="utf-8")
        with pytest.raises(UsageError, match=message):
            read_qrels(tmp_path / name)

    def test_queries_may_be_tabbed_and_documents_may_be_missing(self, tmp_path: Path) -> None:
        (tmp_path / "topics.tsv").write_text("1\tcost of the dam\n2\tthe ferry\n3\tnot judged\n", encoding="utf-8")
        (tmp_path / "a.qrels").write_text("1 0 d1 1\n2 0 d2 0\n", encoding="utf-8")
        imported, files = import_set("trec", [tmp_path / "a.qrels", tmp_path / "topics.tsv"], tmp_path / "out")
        assert [path.name for path in files] == ["queries.jsonl"]
        assert [(one.id, dict(one.relevant)) for one in imported.questions] == [("1", {"d1": 1}), ("2", {})]


class TestJsonl:
    def test_common_names_are_understood(self, tmp_path: Path) -> None:
        file = jsonl(
            tmp_path / "a.jsonl",
            {
                "question": "What did it cost?",
                "context": CORVANNE,
                "title": "Dam",
                "answers": {"text": ["310 million"]},
            },
            {"id": 7, "query": "Who designed it?", "context": [CORVANNE, FERRY], "answers": []},
        )
        _, (corpus, questions) = import_set("jsonl", [file], tmp_path / "out")
        assert len(lines_of(corpus)) == 2
        first, second = lines_of(questions)
        assert (first["id"], first["answer"], len(first["relevant_document_ids"])) == ("a-1", "310 million", 1)
        assert (second["id"], second["answerable"], second["relevant_document_ids"]) == ("7", False, [])

    def test_passages_for_training_retrievers(self, tmp_path: Path) -> None:
        file = jsonl(
            tmp_path / "a.jsonl",
            {
                "query_id": "1", "query": "ダムの費用は?",
                "positive_passages": [{"docid": "x#1", "title": "Dam", "text": CORVANNE}],
                "negative_passages": [{"docid": "y#1", "title": "Ferry", "text": FERRY}],
            },
        )  # fmt: skip
        _, (corpus, queries) = import_set("jsonl", [file], tmp_path / "out")
        assert [line["doc_id"] for line in lines_of(corpus)] == ["x#1", "y#1"]
        assert lines_of(queries) == [
            {"query_id": "1", "lang": "ja", "question": "ダムの費用は?", "relevant_doc_ids": ["x#1"]}
        ]

    @pytest.mark.parametrize(
        ("record", "message"),
        [
            ({"answer": "x"}, r"line 1 needs 'query_id' .* and 'question'"),
            ({"question": "Why is it so?", "answers": [1]}, "answers must be texts"),
            ({"question": "Why is it so?", "positive_passages": [{"docid": "a"}]}, "a document needs 'text'"),
            ({"question": "7 + 5?", "answer": "12"}, "language of question 'a-1' cannot be told; give --language"),
        ],
    )
    def test_errors(self, tmp_path: Path, record: dict[str, object], message: str) -> None:
        with pytest.raises(UsageError, match=message):
            import_set("jsonl", [jsonl(tmp_path / "a.jsonl", record)], tmp_path / "out")


class TestCommand:
    @pytest.fixture(autouse=True)
    def here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toy_embedder: object) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("index.embedder.load_embedder", lambda config: toy_embedder)

    def test_from_a_public_set_to_our_score_on_it(self, capsys: pytest.CaptureFixture[str]) -> None:
        beir(Path("set"))
        assert main(["import", "beir", "set", "--output", "in"]) == 0
        assert capsys.readouterr().out == "2 documents, 2 questions\n"
        sources = ["--corpus", "in/corpus.jsonl", "--queries", "in/queries.jsonl"]
        assert main(["retrieval", *sources, "--output", "r.json"]) == 0
        report = json.loads(Path("r.json").read_text(encoding="utf-8"))
        assert (report["scored"], report["documents"]) == (2, 2)
        assert [row["found"][0] for row in report["per_query"]] == ["d1", "d2"]
        assert report["estimates"]["all"]["all"]["nDCG@10"]["value"] == 1.0

    def test_a_ranking_made_elsewhere_is_scored_with_the_same_measures(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        jsonl(
            Path("q.jsonl"),
            {"id": "1", "question": "dam", "relevant_doc_ids": ["d1", "d3"], "grades": [1, 2]},
            {"id": "2", "question": "ferry", "relevant_doc_ids": ["d2"]},
        )
        Path("a.run").write_text("1 Q0 d1 1 3 x\n1 Q0 d3 2 2 x\n2 Q0 d9 1 1 x\n", encoding="utf-8")
        assert main(["retrieval", "--run", "a.run", "--queries", "q.jsonl", "--output", "r.json"]) == 0
        report = json.loads(Path("r.json").read_text(encoding="utf-8"))
        first, second = report["per_query"]
        discount = 1 / 1.584962500721156  # 1 / log2(3)
        assert first["values"]["nDCG@10"] == pytest.approx((1 + 2 * discount) / (2 + 1 * discount), abs=1e-6)
        assert second["values"]["R@10"] == 0.0
        assert report["estimates"]["pair"] == {}
        assert "a.run, 2 queries scored" in capsys.readouterr().out

    def test_a_ranking_of_other_queries_is_refused(self) -> None:
        jsonl(Path("q.jsonl"), {"id": "1", "question": "dam", "relevant_doc_ids": ["d1"]})
        Path("a.run").write_text("9 Q0 d1 1 3 x\n", encoding="utf-8")
        with pytest.raises(UsageError, match=r"a\.run ranks documents for none of these queries"):
            main(["retrieval", "--run", "a.run", "--queries", "q.jsonl"])

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["squad", "none.json"], r"cannot read none\.json: No such file"),
            (["beir", "a", "b"], "'import beir' reads a folder with .*; 2 given"),
            (["trec", "a.qrels"], "'import trec' reads QRELS QUERIES"),
            (["jsonl", "a.jsonl", "--split", "dev"], "--split is for BEIR folders"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_wrong_use_is_one_clear_line(self, arguments: list[str], message: str) -> None:
        with pytest.raises(UsageError, match=message):
            main(["import", *arguments, "--output", "out"])

    def test_grades_must_fit_the_documents(self) -> None:
        file = jsonl(Path("q.jsonl"), {"id": "1", "question": "a", "relevant_doc_ids": ["d1"], "grades": [1, 2]})
        with pytest.raises(UsageError, match="'grades' must be whole numbers, one for each relevant document"):
            read_queries([file])
