import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.generation import Generation, GenerationStream
from assistant.records import Answer, Turn
from eval.answers import ANSWERS_FILE, read_answers
from eval.asking import MOST_FAILURES_IN_A_ROW, Meter, ask_all
from index.errors import RunError, UsageError
from tests.eval_sample import FAILED, QUESTIONS, SampleAssistant, ask


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ANSWERS_FILE


def test_each_line_is_the_answer_record_with_the_id_first(file: Path) -> None:
    ask_all(QUESTIONS[:2], SampleAssistant(), file)
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [next(iter(record.items())) for record in records] == [("id", "e1"), ("id", "e2")]
    assert set(records[0]) >= {
        "question", "standalone_question", "language", "status", "abstention_reason", "text", "claims", "passages",
        "engine", "model", "extractive", "timings_s", "fingerprint",
    }  # fmt: skip
    assert records[0]["claims"][0]["citations"][0]["document_id"] == "en/softbank.md"


def test_a_stopped_run_goes_on_and_asks_nothing_twice(file: Path) -> None:
    first = SampleAssistant(stop_after=7)
    with pytest.raises(KeyboardInterrupt):
        ask_all(QUESTIONS, first, file)
    second = SampleAssistant()
    answers = ask_all(QUESTIONS, second, file)
    assert first.asked + second.asked == [question.id for question in QUESTIONS]
    assert list(answers) == [question.id for question in QUESTIONS]


def test_a_killed_process_loses_no_answer(file: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from eval.asking import ask_all
from tests.eval_sample import QUESTIONS, SampleAssistant

class Killed(SampleAssistant):
    def answer(self, question, history=()):
        if len(self.asked) == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().answer(question, history)

ask_all(QUESTIONS, Killed(), Path({str(file)!r}))
"""
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL
    going_on = SampleAssistant()
    answers = ask_all(QUESTIONS, going_on, file)
    assert going_on.asked == [question.id for question in QUESTIONS[4:]]
    assert len(answers) == len(QUESTIONS)


def test_an_answer_without_its_model_is_asked_again(file: Path) -> None:
    class Lost(SampleAssistant):
        def answer(self, question: str, history: object = ()) -> Answer:
            return replace(super().answer(question), engine="llama.cpp", extractive=True)

    assert ask_all(QUESTIONS[:2], Lost(), file)["e1"].lost_model
    again = SampleAssistant()
    assert not ask_all(QUESTIONS[:2], again, file)["e1"].lost_model
    assert again.asked == ["e1", "e2"]


def test_a_line_that_was_cut_off_is_asked_again(file: Path) -> None:
    ask_all(QUESTIONS[:3], SampleAssistant(), file)
    file.write_bytes(file.read_bytes()[:-40])
    again = SampleAssistant()
    ask_all(QUESTIONS[:3], again, file)
    assert again.asked == ["e3"]
    assert len(file.read_text(encoding="utf-8").splitlines()) == 3


def test_a_wider_selection_goes_on_with_the_same_file(file: Path) -> None:
    ask_all(QUESTIONS[:3], SampleAssistant(), file)
    wider = SampleAssistant()
    assert len(ask_all(QUESTIONS[:5], wider, file)) == 5
    assert wider.asked == ["e4", "e5"]
    assert list(ask_all(QUESTIONS[1:2], SampleAssistant(), file)) == ["e2"]


def test_answers_of_another_assistant_are_refused_with_the_remedy(file: Path) -> None:
    ask_all(QUESTIONS[:2], SampleAssistant(mark="old"), file)
    before = file.read_bytes()
    with pytest.raises(UsageError, match=r"another model.*fingerprint old-en, now new-en.*--restart"):
        ask_all(QUESTIONS[:2], SampleAssistant(mark="new"), file)
    assert file.read_bytes() == before
    ask_all(QUESTIONS[:2], SampleAssistant(mark="new"), file, restart=True)
    assert {given.fingerprint for given in read_answers(file).values()} == {"new-en"}


def test_answers_to_another_question_of_the_same_id_are_refused(file: Path) -> None:
    ask_all(QUESTIONS[:1], SampleAssistant(), file)
    with pytest.raises(UsageError, match="another question under the id 'e1'"):
        ask_all([ask("e1", "Something else?", "¥1")], SampleAssistant(), file)


def test_a_file_of_something_else_is_refused(file: Path) -> None:
    file.write_text('{"id": "e1"}\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"line 1 is not an answer record; use another --output or --restart"):
        ask_all(QUESTIONS[:1], SampleAssistant(), file)


def test_a_failure_is_recorded_and_asked_again_by_the_next_run(file: Path) -> None:
    broken = [question for question in QUESTIONS if question.id in ("e9", FAILED, "f1")]
    answers = ask_all(broken, SampleAssistant(), file)
    assert answers[FAILED].failure.startswith("RuntimeError: no answer today (eval_sample.py, line ")
    again = SampleAssistant()
    ask_all(broken, again, file)
    assert again.asked == [FAILED]
    assert len(file.read_text(encoding="utf-8").splitlines()) == 3


def test_an_assistant_that_only_breaks_stops_the_run(file: Path) -> None:
    class Broken(SampleAssistant):
        def answer(self, question: str, history: object = ()) -> object:
            self.asked.append(question)
            raise RunError("the model server is gone")

    broken = Broken()
    with pytest.raises(RunError, match=r"broke on 5 questions in a row.*the model server is gone.*are kept"):
        ask_all(QUESTIONS, broken, file)
    assert len(broken.asked) == MOST_FAILURES_IN_A_ROW


def test_questions_can_be_asked_side_by_side(file: Path) -> None:
    assistant = SampleAssistant()
    answers = ask_all(QUESTIONS, assistant, file, parallel=4)
    assert sorted(assistant.asked) == sorted(question.id for question in QUESTIONS)
    assert list(answers) == [question.id for question in QUESTIONS]


def test_earlier_turns_reach_the_assistant(file: Path) -> None:
    history = (Turn("user", "Who invests?"), Turn("assistant", "SoftBank."))
    assistant = SampleAssistant()
    ask_all([replace(QUESTIONS[0], history=history)], assistant, file)
    assert assistant.histories["e1"] == history


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RunError, match=r"cannot write .*; use another --output"):
        ask_all(QUESTIONS[:1], SampleAssistant(), tmp_path / "file" / ANSWERS_FILE)


class CountedGenerator:
    """Says how many tokens each request cost, as a model server does."""

    model, engine, context_tokens, reads_fast, probed = "toy", "llama.cpp", 4096, False, False

    def stream(self, messages: Sequence[object], **_: object) -> Iterator[str]:
        generation = Generation(prompt_tokens=300, cached_tokens=200, answer_tokens=len(messages))
        return GenerationStream(iter(["a", "b"]), generation)

    def count_tokens(self, text: str) -> int:
        return len(text)


class GeneratingAssistant(SampleAssistant):
    def __init__(self) -> None:
        super().__init__()
        self.generator = CountedGenerator()

    def answer(self, question: str, history: object = ()) -> object:
        for messages in ([1, 2], [1, 2, 3]):
            list(self.generator.stream(messages, schema=None, max_tokens=5, language="en"))
        return super().answer(question)


def test_tokens_of_all_requests_of_a_question_are_added_up(file: Path) -> None:
    assistant = GeneratingAssistant()
    generator = assistant.generator
    answers = ask_all(QUESTIONS[:2], assistant, file)
    assert answers["e1"].tokens == {"requests": 2, "prompt": 600, "cached": 400, "answer": 5}
    assert answers["e2"].tokens == answers["e1"].tokens
    assert assistant.generator is generator


def test_meter_passes_everything_through() -> None:
    meter = Meter(CountedGenerator())  # type: ignore[arg-type]
    assert (meter.model, meter.engine, meter.context_tokens, meter.count_tokens("abc")) == ("toy", "llama.cpp", 4096, 3)
    assert list(meter.stream([], schema=None, max_tokens=1, language="en")) == ["a", "b"]
    assert meter.take().tokens["requests"] == 1
    assert meter.take() == ({}, False)
