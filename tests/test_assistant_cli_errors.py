"""The command line of the assistant with bad input: one line that names the remedy, and the right exit code."""

import io
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant import opening
from assistant.launch import Launch
from index.config import IndexConfig
from index.errors import RunError
from tests.browsing import free_port
from tests.command_line import CommandLine, expect_error

QUESTION = "When did the Brenmoor tram line open?"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path, monkeypatch, capsys)


@pytest.fixture
def toy_folder(index_folder: Path, toy_embedder: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(opening, "load_embedder", lambda config: toy_embedder)
    return index_folder


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("?!…", "empty"),
        ("x" * 100_000, "100,000 characters"),
        ("何" * 2_001, "shorten"),
        ("\x01\x02\x03\x04\x05", "control characters"),
        ("What\x00?", "control characters"),
        ("\udce9\udce9\udce9 is not UTF-8", "not text"),
    ],
    ids=["empty", "blank", "signs", "100,000 characters", "2,001 characters", "control", "NUL", "not UTF-8"],
)
def test_a_question_that_cannot_be_used(
    run: CommandLine, monkeypatch: pytest.MonkeyPatch, question: str, words: str
) -> None:
    monkeypatch.setattr(opening, "load_embedder", lambda config: pytest.fail("the question is checked first"))
    expect_error(run("ask", question), 2, words)


def test_standard_input_that_is_not_text(run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("助成".encode("shift_jis"))))
    expect_error(run("ask", "-"), 2, "UTF-8")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not json",
        "{}",
        '"text"',
        "7",
        '["text"]',
        "[[]]",
        '[{"role": "user"}]',
        '[{"role": "user", "content": 7}]',
        '[{"role": "user", "content": {"text": "x"}}]',
        '[{"role": "system", "content": "x"}]',
        '[{"role": ["user"], "content": "x"}]',
        "\u20ac",
        "[" * 100_000,
    ],
    ids=lambda content: content[:40] or "nothing",
)
def test_a_bad_history(run: CommandLine, tmp_path: Path, content: str) -> None:
    file = tmp_path / "history.json"
    file.write_bytes(content.encode("cp1252"))
    expect_error(run("ask", QUESTION, "--history", file), 2, str(file))


def test_a_history_that_is_not_there(run: CommandLine, tmp_path: Path) -> None:
    expect_error(run("ask", QUESTION, "--history", tmp_path / "no.json"), 2, "No such file")
    expect_error(run("ask", QUESTION, "--history", tmp_path), 2, "directory")


def missing(folder: Path) -> None:
    for file in sorted(folder.iterdir()):
        file.unlink()
    folder.rmdir()


def emptied(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def half_written(folder: Path) -> None:
    emptied(folder)
    (folder / "index.sqlite").touch()


def not_a_database(folder: Path) -> None:
    (folder / "index.sqlite").write_bytes(b"not a database" * 1000)


@pytest.mark.parametrize("damage", [missing, emptied, half_written, not_a_database], ids=lambda one: one.__name__)
@pytest.mark.parametrize("command", ["ask", "chat", "serve"])
def test_an_index_that_cannot_be_used(
    run: CommandLine, toy_folder: Path, command: str, damage: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "load_embedder", lambda config: pytest.fail("the index is checked first"))
    damage(toy_folder)
    question = [QUESTION] if command == "ask" else ["--port", str(free_port())]
    code = 1 if damage is not_a_database else 2
    found = run(command, *question, "--index", toy_folder, "--server", "none")
    expect_error(found, code, str(toy_folder), "python -m index build")


def test_an_index_of_another_embedder_names_both_and_the_remedy(
    run: CommandLine, toy_folder: Path, make_embedder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "load_embedder", lambda config: make_embedder("another"))
    found = run("ask", QUESTION, "--index", toy_folder, "--server", "none")
    expect_error(found, 2, "'toy'", "'another'", "python -m index build", "--rebuild")


def test_a_database_without_its_vectors_still_answers_or_says_why(run: CommandLine, toy_folder: Path) -> None:
    (toy_folder / "dense.faiss").unlink()
    code, output, _ = run("ask", "KDDIの助成はいくらですか。", "--index", toy_folder, "--server", "none")
    assert code == 0
    assert output


@pytest.mark.parametrize("command", ["chat", "serve"])
def test_a_port_in_use(run: CommandLine, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        expect_error(run(command, "--port", str(port)), 2, str(port), "--port")


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (["--server", "magic"], 2, "'magic'"),
        (["--server", "ftp://127.0.0.1"], 2, "ftp://127.0.0.1"),
        (["--server", "http://127.0.0.1:1"], 1, "no model server answers"),
        (["--server", "llama", "--model", "no-such-model"], 2, ""),
        (["--server", "llama", "--model", "no-such-file.gguf"], 2, ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_model_server_that_cannot_be_used(
    run: CommandLine, toy_folder: Path, flags: list[str], code: int, words: str
) -> None:
    found = run("ask", QUESTION, "--index", toy_folder, *flags)
    errors = "\n".join(line for line in found[2].splitlines() if not line.endswith(" ..."))
    expect_error((found[0], found[1], errors), code, words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[assistant]\nsevrer = 'none'\n", "unknown setting 'sevrer'"),
        ("[asistant]\nserver = 'none'\n", "unknown table"),
        ("[assistant]\nport = 'high'\n", "must be of type int"),
        ("[index]\npassages = 1\n", "unknown setting 'passages'"),
        ("[assistant\n", "not valid TOML"),
    ],
    ids=["setting", "table", "type", "index", "TOML"],
)
def test_a_configuration_that_cannot_be_used(run: CommandLine, tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "config.toml").write_text(content, encoding="utf-8")
    expect_error(run("ask", QUESTION), 2, words)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SHOKO_ASSISTANT_SEVRER", "none", "SHOKO_ASSISTANT_SEVRER"),
        ("SHOKO_ASSISTANT_PORT", "high", "SHOKO_ASSISTANT_PORT"),
        ("SHOKO_INDEX_FOLDRE", "x", "SHOKO_INDEX_FOLDRE"),
    ],
)
def test_an_environment_that_cannot_be_used(
    run: CommandLine, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    expect_error(run("ask", QUESTION), 2, words)


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "answer",
        "ask",
        "ask a b",
        "chat --port 0",
        "chat --port 65536",
        "serve --port x",
        "models x",
        "replay",
        "replay a b",
    ],
)
def test_wrong_use_exits_2(run: CommandLine, arguments: str) -> None:
    code, output, errors = run(*arguments.split())
    assert (code, output) == (2, "")
    assert "error: " in errors


def test_a_failed_start_stops_the_model_server_and_the_reader(
    monkeypatch: pytest.MonkeyPatch, toy_folder: Path
) -> None:
    stopped: list[str] = []

    class Started:
        def __init__(self, name: str) -> None:
            self.name = name

        def stop(self) -> None:
            stopped.append(self.name)

    def fail(config: IndexConfig) -> None:
        raise RunError("no embedder")

    monkeypatch.setattr(opening, "prepare", lambda config, cache: Launch("llama", "llama.cpp"))
    monkeypatch.setattr(opening.serving, "launched", lambda config, cache, launch: Started("server"))
    monkeypatch.setattr(opening, "when_ready", lambda process: Started("reader"))
    monkeypatch.setattr(opening, "load_embedder", fail)
    config = opening.settings(server="llama")
    with pytest.raises(RunError, match="no embedder"), opening.open_assistant(toy_folder, config=config):
        pass
    deadline = time.monotonic() + 10
    while len(stopped) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert stopped == ["server", "reader"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not json\n", "line 1: not a line of JSON"),
        ('{"question": "What?"}\n', "line 1: not a recorded answer"),
        ("[]\n", "line 1: not a recorded answer"),
    ],
)
def test_a_record_that_cannot_be_replayed(
    run: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, words: str
) -> None:
    monkeypatch.setattr(opening, "load_embedder", lambda config: pytest.fail("the record is read first"))
    (tmp_path / "answers.jsonl").write_text(content, encoding="utf-8")
    expect_error(run("replay", tmp_path / "answers.jsonl"), 2, "answers.jsonl", words)


def test_a_record_that_is_not_there(run: CommandLine, tmp_path: Path) -> None:
    expect_error(run("replay", tmp_path / "no.jsonl"), 2, "no.jsonl", "No such file")
    expect_error(run("replay", tmp_path), 2, "directory")
