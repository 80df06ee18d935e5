"""Recorded questions asked again: what is the same, what is different, and which files are no records."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.pipeline import Assistant
from assistant.record import RecordFile
from assistant.records import Turn
from assistant.replay import Replayed, differences, print_report, read_record, replay, report
from index.errors import UsageError
from tests.scripted_generator import written

TRAM = "When did the Brenmoor tram line open?"
STOPS = "And how many stops does it have?"
OPENED = written(("K3", "The tram line opened on 12 March 2021."))


@pytest.fixture
def recorded(make_assistant: Callable[..., Assistant], tmp_path: Path) -> Path:
    """A record of two questions, the second with a history, answered in extracts."""
    made = make_assistant(None)
    file = RecordFile(tmp_path / "answers.jsonl")
    assistant = Assistant(made.retriever, made.embedder, None, made.config, record=file)
    answer = assistant.answer(TRAM)
    assistant.answer(STOPS, [Turn("user", TRAM), Turn("assistant", answer.text)])
    return file.path


def again(path: Path, assistant: Assistant) -> list[Replayed]:
    return list(replay(assistant, read_record(path)))


def changed(path: Path, **fields: Any) -> Path:
    """The record with other fields in its first line."""
    first, *others = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([json.dumps({**json.loads(first), **fields}), *others]) + "\n", encoding="utf-8")
    return path


def test_the_same_assistant_answers_the_same(recorded: Path, make_assistant: Callable[..., Assistant]) -> None:
    found = again(recorded, make_assistant(None))
    assert [one.recorded.question for one in found] == [TRAM, STOPS]
    assert [dict(one.differences) for one in found] == [{}, {}]
    assert report(found)["same"] == report(found)["same_fingerprint"] == 2


def test_another_model_is_seen_in_the_fingerprint_and_the_text(
    recorded: Path, make_assistant: Callable[..., Assistant]
) -> None:
    first, _ = again(recorded, make_assistant(OPENED))
    assert not first.same_fingerprint
    assert first.differences["text"][1] == "The tram line opened on 12 March 2021. [1]"


def test_an_abstention_is_another_status(recorded: Path, make_assistant: Callable[..., Assistant]) -> None:
    first, _ = again(recorded, make_assistant(written()))
    assert first.differences["status"] == ("answered", "abstained")
    assert first.differences["citations"][1] == []
    assert first.differences["figures"][1] == []


def test_fewer_passages_are_seen_by_their_ranks(recorded: Path, make_assistant: Callable[..., Assistant]) -> None:
    first, _ = again(recorded, make_assistant(None, retrieved_passages=3, candidate_passages=3))
    was, now = first.differences["passages"]
    assert len(now) == 3
    assert len(was) > 3


def test_a_question_that_is_refused_now_is_a_difference(
    recorded: Path, make_assistant: Callable[..., Assistant]
) -> None:
    first, _ = again(recorded, make_assistant(None, question_characters=35))
    assert first.differences["status"] == ("answered", "refused")
    assert "shorten it to 35" in first.differences["text"][1]


def test_a_history_is_asked_again_too(recorded: Path, make_assistant: Callable[..., Assistant]) -> None:
    assert read_record(recorded)[1].history[0] == Turn("user", TRAM)
    path = changed(recorded, standalone_question="When did the tram open?")
    first, second = again(path, make_assistant(None))
    assert first.differences == {"standalone_question": ("When did the tram open?", TRAM)}
    assert second.differences == {}


def test_the_report_counts_fields_and_keeps_lines(recorded: Path, make_assistant: Callable[..., Assistant]) -> None:
    found = again(changed(recorded, text="Another text.", fingerprint="0" * 16), make_assistant(None))
    summary = report(found)
    assert (summary["answers"], summary["same"], summary["same_fingerprint"]) == (2, 1, 1)
    assert summary["different"] == {"text": 1}
    assert summary["results"][0]["line"] == 1
    assert summary["results"][0]["differences"]["text"]["was"] == "Another text."
    assert summary["results"][1] == {
        "line": 2, "question": STOPS, "same": True, "same_fingerprint": True, "differences": {},
    }  # fmt: skip
    assert json.loads(json.dumps(summary)) == summary | {"results": json.loads(json.dumps(summary["results"]))}


def test_the_differences_are_printed_for_people(
    recorded: Path, make_assistant: Callable[..., Assistant], capsys: pytest.CaptureFixture[str]
) -> None:
    print_report(again(changed(recorded, text="Another\ntext.", fingerprint="0" * 16), make_assistant(None)))
    output = capsys.readouterr().out
    assert output.startswith(f"line 1: {TRAM}\n  text\n    - Another text.\n    + ")
    assert "\n1 of 2 answers are the same\ndifferent: text 1\n1 recorded with another model" in output


def test_moved_passages_and_citations_are_printed(
    recorded: Path, make_assistant: Callable[..., Assistant], capsys: pytest.CaptureFixture[str]
) -> None:
    answer = json.loads(recorded.read_text(encoding="utf-8").splitlines()[0])
    passages = [answer["passages"][1], answer["passages"][0], *answer["passages"][2:]]
    print_report(again(changed(recorded, passages=passages, claims=[]), make_assistant(None)))
    output = capsys.readouterr().out
    first, second = (passage["passage_id"] for passage in passages[:2])
    assert f"    - 1. {first}\n    - 2. {second}\n    + 1. {second}\n    + 2. {first}\n" in output
    assert "  citations\n    + en/tram.md · " in output


def test_answers_that_differ_in_nothing_have_no_differences(recorded: Path) -> None:
    answer = read_record(recorded)[0].answer
    assert differences(answer, {**answer, "timings_s": {}, "fingerprint": "x", "time": ""}) == {}


def test_an_empty_record_is_replayed_as_nothing(tmp_path: Path, make_assistant: Callable[..., Assistant]) -> None:
    (tmp_path / "answers.jsonl").write_text("\n\n", encoding="utf-8")
    assert report(again(tmp_path / "answers.jsonl", make_assistant(None)))["answers"] == 0


@pytest.mark.parametrize(
    "line",
    ["not json", "{", "7", '"text"', "[]", "null", "{}", '{"question": "What?"}', "[" * 100_000, '{"question": 7}'],
    ids=lambda line: line[:20],
)
def test_a_line_that_is_no_answer_is_named(recorded: Path, line: str) -> None:
    with recorded.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(UsageError, match=r"answers\.jsonl, line 3: not a") as raised:
        read_record(recorded)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"claims": [{}]}, {"claims": [7]}, {"claims": {}}, {"claims": [{"citations": [{}], "figures": []}]},
        {"passages": [{}]}, {"passages": ["x"]}, {"passages": None}, {"status": None}, {"text": 7}, {"history": ["x"]},
        {"history": [{"role": "system", "content": "x"}]}, {"history": [{"role": "user", "content": 7}]},
        {"history": [{"role": ["user"], "content": "x"}]}, {"history": 7},
    ],
    ids=str,
)  # fmt: skip
def test_a_line_that_is_only_half_an_answer_is_named(recorded: Path, fields: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"answers\.jsonl, line 1: not a recorded answer"):
        read_record(changed(recorded, **fields))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", "助成".encode("shift_jis")])
def test_a_file_that_is_not_text_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "answers.jsonl").write_bytes(content)
    with pytest.raises(UsageError, match="not UTF-8"):
        read_record(tmp_path / "answers.jsonl")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_record(tmp_path / "no.jsonl")
    with pytest.raises(UsageError, match="directory"):
        read_record(tmp_path)
