"""The record of answers: whole lines from many threads, and no answer lost for a file that cannot be written."""

import json
import multiprocessing
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.pipeline import Assistant
from assistant.record import RecordFile, record_file
from assistant.records import Answer, Question, Turn
from index.records import Passage, RetrievedPassage
from prompts import load
from tests.scripted_generator import written

TRAM = "When did the Brenmoor tram line open?"
PASSAGE = Passage("tram#1", "tram", "The tram", "", "The tram opened in 2021.", 0, 24, "en")
ANSWER = Answer(
    question="And when did it open?",
    standalone_question="When did the tram open?",
    language="en",
    status="answered",
    abstention_reason="",
    text="The tram opened in 2021. [1]",
    claims=(),
    passages=(RetrievedPassage(PASSAGE, 0.9, 1.0, 1.0),),
    engine="none",
    model="none",
    extractive=True,
    timings_s={"total": 0.12345},
    fingerprint="0123456789abcdef",
)
QUESTION = Question(ANSWER.question, "en", (Turn("user", "How long is the tram?"), Turn("assistant", "14 kilometres.")))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_holds_the_answer_and_what_made_it(tmp_path: Path) -> None:
    RecordFile(tmp_path / "answers.jsonl", "b4567").append(QUESTION, ANSWER)
    [line] = lines(tmp_path / "answers.jsonl")
    assert {name: line[name] for name in ANSWER.to_json()} == json.loads(json.dumps(ANSWER.to_json()))
    assert line["history"] == [
        {"role": "user", "content": "How long is the tram?"},
        {"role": "assistant", "content": "14 kilometres."},
    ]
    assert line["prompts"]["answer"] == load("answer", "en").hash
    assert line["prompts"].keys() == {"answer", "condense", "translate"}
    assert line["server_version"] == "b4567"
    assert line["time"].endswith("+00:00")


def test_what_people_asked_is_only_for_the_owner(tmp_path: Path) -> None:
    RecordFile(tmp_path / "answers.jsonl").append(QUESTION, ANSWER)
    assert (tmp_path / "answers.jsonl").stat().st_mode & 0o077 == 0


def test_japanese_and_line_breaks_stay_on_one_line(tmp_path: Path) -> None:
    text = "一行目\n二行目\u2028三行目\r\n\x85 \ud800"
    RecordFile(tmp_path / "answers.jsonl").append(QUESTION, replace(ANSWER, text=text))
    content = (tmp_path / "answers.jsonl").read_bytes()
    assert content.count(b"\n") == 1
    assert json.loads(content)["text"].startswith("一行目\n二行目\u2028三行目")


def test_answers_are_appended_from_many_threads(tmp_path: Path) -> None:
    file = RecordFile(tmp_path / "answers.jsonl")
    long = replace(ANSWER, text="word " * 5000)

    def write(number: int) -> None:
        for _ in range(10):
            file.append(replace(QUESTION, text=str(number)), long)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [line["text"] for line in lines(file.path)] == [long.text] * 80


def _write_ten(path: Path) -> None:
    for _ in range(10):
        RecordFile(path).append(QUESTION, replace(ANSWER, text="word " * 5000))


def test_answers_are_appended_from_many_programs(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    context = multiprocessing.get_context("spawn")
    programs = [context.Process(target=_write_ten, args=(path,)) for _ in range(2)]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
    assert len(lines(path)) == 20


def test_half_a_line_of_another_program_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text('{"question": "cut', encoding="utf-8")
    RecordFile(path).append(QUESTION, ANSWER)
    cut, whole = path.read_text(encoding="utf-8").splitlines()
    assert cut == '{"question": "cut'
    assert json.loads(whole)["text"] == ANSWER.text


def test_a_full_disk_leaves_no_half_line_and_is_noted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "answers.jsonl"
    file = RecordFile(path)
    file.append(QUESTION, ANSWER)
    before = path.read_bytes()
    write = os.write
    taken: list[int] = []

    def full(descriptor: int, data: bytes) -> int:
        if taken:
            raise OSError(28, "No space left on device")
        taken.append(write(descriptor, data[:50]))
        return taken[0]

    monkeypatch.setattr("assistant.record.os.write", full)
    file.append(QUESTION, ANSWER)
    file.append(QUESTION, ANSWER)
    assert path.read_bytes() == before
    [note] = capsys.readouterr().err.splitlines()
    assert note.startswith("note: answers are not recorded")
    assert str(path) in note
    assert "No space left on device" in note
    assert "--record" in note
    monkeypatch.undo()
    file.append(QUESTION, ANSWER)
    assert len(lines(path)) == 2


@pytest.mark.parametrize("name", ["no/such/folder/answers.jsonl", "."], ids=["no folder", "a folder"])
def test_a_file_that_cannot_be_opened_is_noted(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    RecordFile(tmp_path / name).append(QUESTION, ANSWER)
    [note] = capsys.readouterr().err.splitlines()
    assert note.startswith("note: answers are not recorded")


def test_no_file_is_wanted_by_default() -> None:
    assert record_file("") is None


def test_a_home_folder_is_expanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    file = record_file("~/answers.jsonl")
    assert file is not None
    assert file.path == tmp_path / "answers.jsonl"


@pytest.mark.parametrize(
    "model", [written(("K3", "The tram line opened on 12 March 2021.")), None], ids=["model", "none"]
)
def test_every_answer_of_an_assistant_is_recorded(
    make_assistant: Callable[..., Assistant], tmp_path: Path, model: str | None
) -> None:
    made = make_assistant(model)
    file = RecordFile(tmp_path / "answers.jsonl")
    assistant = Assistant(made.retriever, made.embedder, made.generator, made.config, record=file)
    answered = assistant.answer(TRAM)
    *_, last = assistant.stream(
        "And how many stops does it have?", [Turn("user", TRAM), Turn("assistant", answered.text)]
    )
    assert last.answer is not None
    first, second = lines(file.path)
    assert first["text"] == answered.text
    assert second["text"] == last.answer.text
    assert second["standalone_question"] == "How many stops does the Brenmoor tram line have?"
    assert [turn["content"] for turn in second["history"]] == [TRAM, answered.text]


def test_where_answers_are_recorded_does_not_change_the_fingerprint(make_assistant: Callable[..., Assistant]) -> None:
    here, there = make_assistant(None, record="a.jsonl"), make_assistant(None, record="b.jsonl")
    assert here.fingerprint("en") == there.fingerprint("en")


def test_an_answer_survives_a_record_that_cannot_be_written(
    make_assistant: Callable[..., Assistant], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_assistant(None)
    assistant = Assistant(made.retriever, made.embedder, None, made.config, record=RecordFile(tmp_path))
    assert "12 March 2021" in assistant.answer(TRAM).text
    assert "12 March 2021" in assistant.answer(TRAM).text
    assert len(capsys.readouterr().err.splitlines()) == 1
