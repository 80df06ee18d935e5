"""The command line: formats, exit codes, and nothing half written."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from index.__main__ import main
from index.errors import RunError, UsageError, exit_with

Write = Callable[[str, str | bytes], Path]
ROOT = Path(__file__).parent.parent


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, toy_embedder) -> None:
    monkeypatch.setattr("index.embedder.load_embedder", lambda config: toy_embedder)
    monkeypatch.setattr("index.lazy_embedder.LazyEmbedder", lambda config: toy_embedder)


@pytest.fixture
def run(toy: None, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def run_command(*arguments: str | Path) -> str:
        assert main([str(argument) for argument in arguments]) == 0
        return capsys.readouterr().out

    return run_command


def test_build_reports_and_search_finds(run, collection: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    assert "4 added, 0 changed" in run("build", collection, "--index", folder)
    report = json.loads(run("build", collection, "--index", folder, "--json"))
    assert len(report["unchanged"]) == 4
    assert "notes.txt#1" in run("search", "--index", folder, "closed school")
    [hit] = json.loads(run("search", "--index", folder, "closed school", "--k", "1", "--json"))
    assert hit["passage"]["document_id"] == "notes.txt"
    assert hit.keys() == {"passage", "dense_score", "lexical_score", "retrieval_score", "rerank_score"}


def test_build_without_documents_takes_the_packaged_collection(run, tmp_path: Path) -> None:
    report = json.loads(run("build", "--index", tmp_path / "index", "--json"))
    assert "en/softbank.md" in report["added"]
    assert report["refused"] == []


def test_rebuild_without_documents_takes_the_same_sources(run, index_folder: Path) -> None:
    report = json.loads(run("build", "--index", index_folder, "--rebuild", "--json"))
    assert report["added"] == ["notes.txt", "en/softbank.md", "fr/softbank.md", "ja/kddi.md"]


def test_batch_search_writes_a_line_per_hit(run, write: Write, index_folder: Path, tmp_path: Path) -> None:
    queries = write("q.jsonl", '{"query_id": "q1", "question": "Kagawa"}\n\n{"id": 2, "query": "KDDIの助成"}\n')
    output = tmp_path / "run.jsonl"
    assert run("search", "--index", index_folder, "--queries", queries, "--k", "2", "--output", output) == ""
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert [(line["query_id"], line["rank"]) for line in lines] == [("q1", 1), ("q1", 2), ("2", 1), ("2", 2)]
    names = ["query_id", "rank", "passage_id", "document_id", "dense_score", "lexical_score", "retrieval_score"]
    assert all(list(line) == names for line in lines)
    assert lines[2]["document_id"] == "ja/kddi.md"


def test_search_takes_filters(run, index_folder: Path) -> None:
    def found(*options: str) -> set[str]:
        hits = json.loads(run("search", "--index", index_folder, "SoftBank KDDI Kagawa", "--json", *options))
        return {hit["passage"]["document_id"] for hit in hits}

    assert found("--language", "fr", "--language", "ja") == {"fr/softbank.md", "ja/kddi.md"}
    assert found("--document", "en/") == {"en/softbank.md"}
    assert found("--status", "decision", "--as-of", "2020") == set()


def test_corpus_documents_keep_their_doc_id(run, write: Write, tmp_path: Path) -> None:
    corpus = write("corpus.jsonl", '{"doc_id": "d-7", "title": "T", "text": "Zanzibar."}\n')
    queries = write("q.jsonl", '{"query_id": "q", "text": "zanzibar"}')
    run("build", corpus, "--index", tmp_path / "i")
    run("search", "--index", tmp_path / "i", "--queries", queries, "--output", tmp_path / "run.jsonl")
    assert json.loads((tmp_path / "run.jsonl").read_text())["document_id"] == "d-7"


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        '{"question": "x"}',
        '{"id": "q", "question": " "}',
        '{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}',
    ],
)
def test_bad_query_files_are_user_errors_and_write_nothing(
    toy: None, write: Write, index_folder: Path, tmp_path: Path, line: str
) -> None:
    queries = write("q.jsonl", line)
    output = tmp_path / "run.jsonl"
    with pytest.raises(UsageError, match=r"q\.jsonl line"):
        main(["search", "--index", str(index_folder), "--queries", str(queries), "--output", str(output)])
    assert not output.exists()


def test_output_that_cannot_be_written_is_one_line(toy: None, write: Write, index_folder: Path, tmp_path: Path) -> None:
    queries = write("q.jsonl", '{"id": "a", "text": "x"}')
    with pytest.raises(RunError, match="cannot write"):
        main(
            [
                "search",
                "--index",
                str(index_folder),
                "--queries",
                str(queries),
                "--output",
                str(tmp_path / "no" / "run"),
            ]
        )


def test_list_remove_inspect_check(run, index_folder: Path) -> None:
    listed = json.loads(run("list", "--index", index_folder, "--json"))
    first = {"document_id": "en/softbank.md", "language": "en", "date": "2024-05", "title": "SoftBank and its platform"}
    assert listed[0] == {**first, "passages": 1}
    table = run("list", "--index", index_folder)
    assert all(name in table for name in ("document_id", "passages", "ja/kddi.md", "KDDIの計画"))
    assert run("inspect", "--index", index_folder, "notes.txt", "--text") == (
        "Highreso runs a data centre in a closed school in Kagawa. It opened in 2024.\n"
    )
    shown = run("inspect", "--index", index_folder, "en/softbank.md")
    assert "title: SoftBank and its platform" in shown
    assert "[en/softbank.md#1]" in shown
    as_json = json.loads(run("inspect", "--index", index_folder, "en/softbank.md", "--json"))
    passage = as_json["passages"][0]
    assert as_json["text"][passage["start"] : passage["end"]] == passage["text"]
    assert "is whole: 4 documents, 4 passages" in run("check", "--index", index_folder)
    run("remove", "--index", index_folder, "notes.txt")
    assert "is whole: 3 documents, 3 passages" in run("check", "--index", index_folder)


def test_check_of_a_damaged_index_exits_1_and_names_it(index_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (index_folder / "dense.faiss").unlink()
    with pytest.raises(SystemExit) as stopped:
        exit_with(lambda: main(["check", "--index", str(index_folder)]))
    assert stopped.value.code == 1
    assert "dense.faiss is missing" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "--k", "0", "x"],
        ["search", "--k", "ten", "x"],
        ["search"],
        ["search", "   "],
        ["search", "x", "--queries", "f"],
        ["search", "--queries", "f"],
        ["search", "x", "--index", "/nonexistent-index"],
        ["list", "--index", "/nonexistent-index"],
        ["inspect", "--index", "/nonexistent-index", "x"],
        ["build", "/nonexistent-documents"],
        ["nothing"],
        [],
    ],
    ids=" ".join,
)
def test_wrong_use_exits_2(toy: None, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        exit_with(lambda: main(arguments))
    assert stopped.value.code == 2
    assert capsys.readouterr().err


def test_a_build_that_can_index_nothing_exits_2(toy: None, write: Write, tmp_path: Path, capsys) -> None:
    write("a.txt", b"\x89PNG")
    with pytest.raises(SystemExit) as stopped:
        exit_with(lambda: main(["build", str(tmp_path / "documents"), "--index", str(tmp_path / "i")]))
    assert stopped.value.code == 2
    assert "refused: a.txt: not text: a PNG image" in capsys.readouterr().err


def test_listing_loads_no_heavy_library(index_folder: Path) -> None:
    code = (
        "import sys; from index.__main__ import main; main(['list', '--index', sys.argv[1], '--json'])\n"
        "heavy = {'torch', 'sentence_transformers', 'transformers', 'faiss', 'llama_index'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(index_folder)], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_module_runs(index_folder: Path) -> None:
    command = [sys.executable, "-m", "index", "inspect", "notes.txt", "--text", "--index", str(index_folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"Highreso runs")
