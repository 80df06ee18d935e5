"""`eval bench NAME`: which options go with which, what is printed, written and typed above it."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from eval.__main__ import main
from eval.serving_bench import Prompt
from index.embedder import Embedder
from index.errors import UsageError
from tests.eval_sample import SampleAssistant
from tests.fake_model_server import FakeServer, serve


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toy_embedder: Embedder) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("index.embedder.load_embedder", lambda config: toy_embedder)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the questions that reach a bench, whichever it is."""
    ids: list[str] = []

    @contextmanager
    def opened(index: object = None, *, config: object = None) -> Iterator[SampleAssistant]:
        yield SampleAssistant()

    def record(assistant: object, questions: Sequence[object]) -> list[Prompt]:
        ids.extend(question.id for question in questions)  # type: ignore[attr-defined]
        return [Prompt(({"role": "system", "content": "s"}, {"role": "user", "content": "u"}), None, 5)]

    def bench(assistant: object, index: Path, questions: Sequence[object], folder: Path, *, restart: bool) -> str:
        ids.extend(question.id for question in questions)  # type: ignore[attr-defined]
        return f"{index} {folder} {restart}"

    monkeypatch.setattr("assistant.opening.open_assistant", opened)
    monkeypatch.setattr("eval.serving_bench.record_prompts", record)
    monkeypatch.setattr("eval.answers_bench.bench_answers", bench)
    monkeypatch.setattr("eval.answers_bench.answers_page", lambda command, found, assistant: f"{command}\n{found}\n")
    return ids


@pytest.fixture
def questions(tmp_path: Path) -> str:
    lines = [
        {"id": f"{lang}{split}{number}", "lang": lang, "question": f"How many {number}?", "answerable": number < 3,
         "answer": "3", "kind": "number" if number < 3 else "unanswerable", "split": split,
         "history": [{"role": "user", "content": "Hm?"}] if number == 2 else []}
        for lang in ("en", "fr") for split in ("dev", "test") for number in (1, 2, 3)
    ]  # fmt: skip
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path.name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "x"], "--data does not go with `bench program`, but with: retrieval"),
        (
            ["retrieval", "--limit", "3"],
            "--limit does not go with `bench retrieval`, but with: program, ",
        ),
        (["answers", "--passages", "3"], "--passages does not go with `bench answers`, but with: index"),
        (["index", "--restart"], "--restart does not go with `bench index`, but with: answers"),
        (["retrieval"], "needs --data FOLDER"),
        (["serving", "--server", "none"], "needs a model server"),
        (["index", "--documents", "nowhere"], "nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_options_that_do_not_go_together_are_wrong_use(arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        main(["bench", *arguments])


def test_an_unknown_bench_exits_with_2() -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["bench", "everything"])
    assert stopped.value.code == 2


def test_without_a_name_the_whole_program_is_measured(
    asked: list[str], questions: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.bench.bench", lambda opened, chosen: (asked.extend(one.id for one in chosen) or [], []))
    assert main(["bench", "--questions", questions, "--limit", "2", "--output", "page.md"]) == 0
    assert asked == ["endev1", "frdev1"]  # answerable ones, follow-ups too
    out = capsys.readouterr().out
    assert "    python -m eval bench --output page.md --questions questions.jsonl --limit 2\n" in out
    assert Path("page.md").read_text(encoding="utf-8") == out
    asked.clear()
    main(["bench", "program", "--questions", questions])
    assert len(asked) == 8


def test_answers_asks_questions_that_stand_alone(
    asked: list[str], questions: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["bench", "answers", "--questions", questions, "--split", "test", "--index", "ix", "--restart"])
    assert asked == ["entest1", "entest3", "frtest1", "frtest3"]
    assert capsys.readouterr().out == (
        "python -m eval bench answers --index ix --questions questions.jsonl --split test --restart\n"
        "ix .shoko/bench/answers True\n"
    )
    main(["bench", "answers", "--questions", questions, "--answers", "kept"])
    assert capsys.readouterr().out.endswith("\n.shoko/index kept False\n")


def test_serving_measures_the_server_that_it_starts(
    asked: list[str], questions: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    events = []
    with serve(FakeServer()) as fake:
        prompts = SimpleNamespace(wait=lambda: events.append("ready"), request=lambda messages: nullcontext(1))
        server = SimpleNamespace(
            base_url=fake.address, api_key="", model="toy", engine="llama.cpp", prompts=prompts,
            warm=lambda beginnings: events.append(len(beginnings)),
        )  # fmt: skip
        monkeypatch.setattr("assistant.serving.start", lambda config, cache: nullcontext(server))
        assert main(["bench", "serving", "--questions", questions, "--limit", "2"]) == 0
    assert asked == ["endev1", "frdev1"]
    assert events == [3, "ready"]
    out = capsys.readouterr().out
    assert out.startswith("# Model server\n\n    python -m eval bench serving --questions questions.jsonl --limit 2\n")


def test_retrieval_hides_where_the_data_lie(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(
        "eval.retrieval_bench.run_retrieval_bench",
        lambda command, data, config, *, with_trials: f"{command} {with_trials}",
    )
    main(["bench", "retrieval", "--data", str(tmp_path), "--output", str(tmp_path / "r.md"), "--trials"])
    assert capsys.readouterr().out == "python -m eval bench retrieval --output r.md --data FOLDER --trials True"


def test_index_measures_documents_questions_and_sizes(
    write: Callable[[str, str], Path], questions: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("tram.md", "# Tram\n\nThe tram line opened in 2021. It has 18 stops.\n")
    write("bus.md", "# Bus\n\nThe bus line opened in 2020. It has 20 stops.\n")
    base = ["bench", "index", "--documents", "documents", "--questions", questions]
    assert main([*base, "--passages", "30", "--sizes", "20,50"]) == 0
    out = capsys.readouterr().out
    assert "--documents documents --passages 30 --sizes 20,50 --questions questions.jsonl\n" in out
    assert "## One question in 30 passages" in out
    assert "## Dense search by size" in out
    assert main(base) == 0
    assert "## One question" not in capsys.readouterr().out
