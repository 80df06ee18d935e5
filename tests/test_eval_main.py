"""The command line: exit codes, what goes to standard output and what to standard error."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from eval.__main__ import main
from index.errors import RunError, UsageError
from tests.eval_sample import QUESTIONS, SampleAssistant


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def assistant(monkeypatch: pytest.MonkeyPatch) -> SampleAssistant:
    """The assistant that every command opens."""
    sample = SampleAssistant()

    @contextmanager
    def opened(index: object = None, *, config: object = None) -> Iterator[SampleAssistant]:
        sample.index, sample.config_given = index, config
        yield sample

    monkeypatch.setattr("assistant.opening.open_assistant", opened)
    return sample


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    lines = [json.dumps(asdict(question), ensure_ascii=False) for question in QUESTIONS]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_run_writes_answers_report_and_page(
    assistant: SampleAssistant, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--questions", str(questions), "--index", "some/index", "--output", "out"]
    assert main(["run", *options, "--server", "none"]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["answers.jsonl", "report.html", "report.json"]
    captured = capsys.readouterr()
    assert "correct answer, of answerable questions" in captured.out
    assert "written: out/report.json" in captured.err
    assert assistant.index == Path("some/index")
    assert assistant.config_given.server == "none"


def test_run_selects(assistant: SampleAssistant, questions: Path) -> None:
    base = ["run", "--questions", str(questions)]
    main([*base, "--output", "a", "--split", "dev", "--languages", "fr,ja", "--kinds", "number"])
    assert assistant.asked == ["f1", "f2", "j1", "j2", "j4", "j5"]
    assistant.asked.clear()
    main([*base, "--output", "b", "--limit", "6"])
    assert len(assistant.asked) == 6


def test_run_restarts_only_when_told(assistant: SampleAssistant, questions: Path) -> None:
    base = ["run", "--questions", str(questions), "--limit", "4"]
    main(base)
    assistant.mark = "other"
    with pytest.raises(UsageError, match="--restart"):
        main(base)
    assert main([*base, "--restart"]) == 0


def test_default_questions_are_the_shipped_ones(assistant: SampleAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(
        "eval.questions.read_questions", lambda path, selection: seen.append((path, selection)) or 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        main(["run", "--split", "test"])
    assert (seen[0][0].name, seen[0][1].split) == ("initiative.jsonl", "test")


def test_nothing_is_opened_for_questions_that_cannot_be_read(assistant: SampleAssistant) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*none\.jsonl"):
        main(["run", "--questions", "none.jsonl"])
    assert not hasattr(assistant, "index")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["walk"],
        ["run", "--limit", "0"],
        ["run", "--limit", "many"],
        ["run", "--languages", "de"],
        ["run", "--languages", ","],
        ["run", "--split", "training"],
        ["retrieval", "--corpus", "a.jsonl"],
        ["support"],
        ["gate"],
        ["gate", "--baseline", "b.json", "--most-lost", "-1"],
        ["compare", "a"],
    ],
    ids=" ".join,
)
def test_wrong_use_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert capsys.readouterr().out == ""


def test_compare_and_gate(
    assistant: SampleAssistant, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for output in ("a", "b"):
        main(["run", "--questions", str(questions), "--output", output])
    assert main(["compare", "a", "b/report.json"]) == 0
    assert "30 questions in both" in capsys.readouterr().out
    assert main(["gate", "--baseline", "base.json", "--report", "a", "--accept"]) == 0
    assert main(["gate", "--baseline", "base.json", "--report", "b"]) == 0
    report = json.loads((tmp_path / "b" / "report.json").read_text(encoding="utf-8"))
    for number, item in enumerate(report["per_question"]):
        item["values"]["right"] = 0.0
        item["cluster"] = str(number)
    (tmp_path / "b" / "report.json").write_text(json.dumps(report), encoding="utf-8")
    with pytest.raises(RunError, match=r"significantly worse than base\.json: right 66\.7 % → 0\.0 %"):
        main(["gate", "--baseline", "base.json", "--report", "b"])


@pytest.fixture
def gated(assistant: SampleAssistant, questions: Path, tmp_path: Path) -> Callable[..., int]:
    """Accept a run on nine questions as the baseline; the result changes the report of the same run and holds it
    against the baseline."""
    sample = ["run", "--questions", str(questions), "--limit", "9", "--output", "sample"]
    report, base = tmp_path / "sample" / "report.json", tmp_path / "results" / "baseline.json"
    main(sample)
    main(["gate", "--baseline", str(base), "--report", "sample", "--accept"])

    def gate(*options: str, change: Callable[[dict], object] = lambda report: None) -> int:
        content = json.loads(report.read_text(encoding="utf-8"))
        change(content)
        report.write_text(json.dumps(content), encoding="utf-8")
        return main(["gate", "--baseline", str(base), "--report", "sample", *options])

    return gate


def spoil(report: dict, count: int) -> None:
    right = [item for item in report["per_question"] if item["values"]["right"] == 1]
    for item in right[:count]:
        item["values"]["right"] = 0.0


def test_gate_passes_on_the_same_sample(gated: Callable[..., int], tmp_path: Path) -> None:
    kept = json.loads((tmp_path / "results" / "baseline.json").read_text(encoding="utf-8"))
    assert len(kept["per_question"]) == 9
    assert {item["lang"] for item in kept["per_question"]} == {"en", "fr", "ja"}
    assert gated("--most-lost", "0") == 0


def test_gate_refuses_other_questions(gated: Callable[..., int]) -> None:
    with pytest.raises(UsageError, match=r"another version of questions\.jsonl .*--accept"):
        gated(change=lambda report: report["questions"].update(sha256="1" * 64))


def test_gate_refuses_a_run_that_leaves_questions_out(gated: Callable[..., int]) -> None:
    with pytest.raises(UsageError, match=r"2 questions of the baseline were not asked \(\w+, \w+\)"):
        gated(change=lambda report: report["per_question"].__delitem__(slice(2)))


def test_gate_of_a_small_sample_counts_what_is_lost(gated: Callable[..., int]) -> None:
    assert gated(change=lambda report: spoil(report, 2)) == 0  # two of nine may be chance
    assert gated("--most-lost", "2") == 0
    with pytest.raises(RunError, match=r"2 questions are no longer right \(\w+, \w+\), and at most 1 may be"):
        gated("--most-lost", "1")


def test_gate_says_that_generations_are_not_new(gated: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    gated(change=lambda report: report.update(reused=4))
    assert "note: 4 answers reuse kept generations" in capsys.readouterr().err


def test_gate_without_baseline_is_wrong_use(assistant: SampleAssistant, questions: Path) -> None:
    main(["run", "--questions", str(questions), "--limit", "3", "--output", "a"])
    with pytest.raises(UsageError, match=r"no report at none\.json"):
        main(["gate", "--baseline", "none.json", "--report", "a"])


def test_bench_prints_a_table_with_ratios(
    assistant: SampleAssistant, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--questions", str(questions), "--limit", "3", "--output", "bench.md"]) == 0
    assert "value / goal" in capsys.readouterr().out
    assert "python -m eval bench" in (tmp_path / "bench.md").read_text(encoding="utf-8")


def test_retrieval_of_a_missing_corpus_is_wrong_use(tmp_path: Path) -> None:
    queries = tmp_path / "queries.jsonl"
    queries.write_text('{"id": "1", "query": "x", "relevant_doc_ids": ["d"]}', encoding="utf-8")
    with pytest.raises(UsageError, match=r"no corpus at none\.jsonl"):
        main(["retrieval", "--corpus", "none.jsonl", "--queries", str(queries)])


def test_retrieval_and_support_write_their_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toy_embedder: object, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("index.embedder.load_embedder", lambda config: toy_embedder)
    Path("corpus.jsonl").write_text('{"doc_id": "d", "title": "Tram", "text": "The tram opened in 2021."}\n')
    Path("queries.jsonl").write_text('{"id": "1", "query": "When did the tram open?", "relevant_doc_ids": ["d"]}\n')
    item = {"id": "1", "passages": ["The tram opened in 2021."], "response": "It opened in 2021.", "label": "supported"}
    Path("items.jsonl").write_text(json.dumps(item))
    assert main(["retrieval", "--corpus", "corpus.jsonl", "--queries", "queries.jsonl", "--output", "r.json"]) == 0
    assert main(["support", "--items", "items.jsonl", "--output", "s.json"]) == 0
    assert json.loads(Path("r.json").read_text(encoding="utf-8"))["scored"] == 1
    assert json.loads(Path("s.json").read_text(encoding="utf-8"))["scored"] == 1
    assert "1 items of items.jsonl" in capsys.readouterr().out


def test_the_program_exits_with_2_and_one_line(tmp_path: Path) -> None:
    root = str(Path(__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-m", "eval", "compare", "a", "b"],
        capture_output=True, text=True, cwd=tmp_path, env=os.environ | {"PYTHONPATH": root}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: no report at a: No such file or directory; make one with: python -m eval run\n"
