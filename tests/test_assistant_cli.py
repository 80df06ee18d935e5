"""The command line of the assistant: what it prints, what it loads, and nothing left behind after Ctrl-C."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from assistant import opening
from index.retriever import Retriever
from tests.command_line import CommandLine, expect_error
from tests.processes import children_of, has_loaded, is_running
from tests.small_model import small_model

ROOT = Path(__file__).parent.parent
QUESTION = "When did the Brenmoor tram line open?"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path, monkeypatch, capsys)


@pytest.fixture
def island_folder(island: Retriever, real_embedder: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The index of the island, with the embedder that this process has loaded."""
    monkeypatch.setattr(opening, "load_embedder", lambda config: real_embedder)
    return island._folder


def test_ask_prints_the_answer_and_its_quotes(run: CommandLine, island_folder: Path) -> None:
    code, output, _ = run("ask", QUESTION, "--index", island_folder, "--server", "none")
    assert code == 0
    assert output.startswith("Extracts from the documents:\n")
    assert "12 March 2021" in output
    assert "[1] The Brenmoor tram · 2023-09 · https://example.org/tram\n    “" in output


def test_ask_as_json_is_the_record_and_nothing_else(run: CommandLine, island_folder: Path, island: Retriever) -> None:
    code, output, _ = run("ask", QUESTION, "--index", island_folder, "--server", "none", "--json")
    assert code == 0
    answer = json.loads(output)
    assert (answer["status"], answer["engine"], answer["extractive"]) == ("answered", "none", True)
    for citation in (citation for claim in answer["claims"] for citation in claim["citations"]):
        text = island.document(citation["document_id"]).text
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_an_abstention_exits_0_and_names_the_nearest(run: CommandLine, island_folder: Path) -> None:
    code, output, _ = run(
        "ask", "Quel est le salaire du maire de Paris ?", "--index", island_folder, "--server", "none"
    )
    assert code == 0
    assert output.startswith("Les documents ne ")
    assert "  ~ " in output


def test_the_question_may_come_from_standard_input(
    run: CommandLine, island_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("青浜フェリーはいつ運航を始めましたか。\n".encode())))
    code, output, _ = run("ask", "-", "--index", island_folder, "--server", "none")
    assert code == 0
    assert "2022年4月" in output


def test_the_history_makes_a_follow_up_stand_alone(run: CommandLine, island_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "history.json"
    turns = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "12 March 2021."}]
    file.write_text(json.dumps(turns), encoding="utf-8")
    follow_up = "And how many stops does it have?"
    arguments = ("ask", follow_up, "--index", island_folder, "--server", "none", "--json", "--history", file)
    code, output, _ = run(*arguments)
    assert code == 0
    assert json.loads(output)["standalone_question"] == "How many stops does the Brenmoor tram line have?"


def test_models_are_listed(run: CommandLine) -> None:
    code, output, _ = run("models", "--json")
    assert code == 0
    models = json.loads(output)
    assert {"name", "kind", "licence", "size_bytes", "languages", "source", "sha256", "default", "path"} == set(
        models[0]
    )
    assert {model["kind"] for model in models if model["default"]} == {"embedder", "generator"}
    code, table, _ = run("models")
    assert code == 0
    for model in models:
        assert model["name"] in table
        assert model["licence"] in table


@pytest.mark.parametrize("module", ["assistant", "index"])
def test_help_loads_no_heavy_library(module: str) -> None:
    code = (
        f"import sys\nfrom {module}.__main__ import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'sentence_transformers', 'faiss', 'gradio', 'xllamacpp', 'llama_index', 'fastapi', 'numpy', "
        "'huggingface_hub'} & set(sys.modules)\nsys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"usage: python -m {module}".encode() in done.stdout


def test_the_module_reports_an_error_in_one_line() -> None:
    command = [sys.executable, "-m", "assistant", "ask", "x" * 100_000]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    expect_error((done.returncode, done.stdout, done.stderr), 2, "shorten")


@pytest.mark.model
@pytest.mark.parametrize("moment", ["while libraries load", "while the model server starts"])
def test_ctrl_c_while_starting_leaves_nothing_behind(moment: str, index_folder: Path) -> None:
    command = [sys.executable, "-m", "assistant", "ask", QUESTION, "--index", str(index_folder)]
    process = subprocess.Popen(
        [*command, "--server", "llama", "--model", small_model()],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("SHOKO_")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    servers: list[int] = []
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        servers = children_of(process.pid, "assistant.llama_server")
        if servers if "server" in moment else has_loaded(process.pid, "libtorch_cpu"):
            break
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (130, b""), errors
    assert b"interrupted" in errors
    assert b"Traceback" not in errors
    while any(map(is_running, servers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_running, servers))


def test_an_answer_is_recorded_and_asked_again(run: CommandLine, island_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    shared = ("--index", island_folder, "--server", "none")
    assert run("ask", QUESTION, *shared, "--record", file)[0] == 0
    assert run("ask", "How tall is the lighthouse at Cape Orrin?", *shared, "--record", file)[0] == 0
    recorded = file.read_bytes()
    assert recorded.count(b"\n") == 2
    code, output, _ = run("replay", file, *shared)
    assert (code, output) == (0, "2 of 2 answers are the same\n")
    code, output, _ = run("replay", file, *shared, "--json")
    assert code == 0
    summary = json.loads(output)
    assert (summary["answers"], summary["same"], summary["same_fingerprint"]) == (2, 2, 2)
    assert file.read_bytes() == recorded


def test_a_record_may_be_configured(run: CommandLine, island_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[assistant]\nrecord = "kept.jsonl"\n', encoding="utf-8")
    assert run("ask", QUESTION, "--index", island_folder, "--server", "none")[0] == 0
    before = (tmp_path / "kept.jsonl").read_bytes()
    assert json.loads(before)["question"] == QUESTION
    assert run("replay", "kept.jsonl", "--index", island_folder, "--server", "none")[0] == 0
    assert (tmp_path / "kept.jsonl").read_bytes() == before


def test_a_record_that_cannot_be_written_is_noted_and_the_answer_stays(
    run: CommandLine, island_folder: Path, tmp_path: Path
) -> None:
    code, output, errors = run("ask", QUESTION, "--index", island_folder, "--server", "none", "--record", tmp_path)
    assert code == 0
    assert "12 March 2021" in output
    assert errors.count("note: answers are not recorded") == 1


def test_a_replay_shows_what_is_different(run: CommandLine, island_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    shared = ("--index", island_folder, "--server", "none")
    run("ask", QUESTION, *shared, "--record", file)
    file.write_text(file.read_text(encoding="utf-8").replace('"status": "answered"', '"status": "abstained"'))
    code, output, _ = run("replay", file, *shared)
    assert code == 0
    assert "  status\n    - abstained\n    + answered\n" in output
    assert "0 of 1 answers are the same\ndifferent: status 1\n" in output
