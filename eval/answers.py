"""What the assistant answered: one line of answers.jsonl per question, written as soon as it is known.

A line is the `Answer` record with "id" in front, where they are known "tokens", and "reused" where generations came
from a file (`eval.generations`). A question on which the assistant broke is a line {"id", "question", "failure"}.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.records import Answer, CheckedFigure, Citation, Claim, Removed
from eval.json_lines import whole_lines
from index.errors import RunError, UsageError

ANSWERS_FILE = "answers.jsonl"


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that the assistant retrieved. `dense_score` is the cosine of the embedder, or None."""

    passage_id: str
    document_id: str
    title: str
    text: str
    dense_score: float | None


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """One line of answers.jsonl, as far as scoring reads it; see `assistant.records.Answer` for the fields.

    Attributes:
        failure: what the assistant broke on; "" where there is an answer.
        tokens: "prompt", "cached" and "answer" tokens and "requests", where the model server says them.
        reused: a kept generation was used, so that the times say nothing; tokens are those of new generations only.
    """

    id: str
    question: str
    standalone_question: str = ""
    language: str = ""
    status: str = ""
    abstention_reason: str = ""
    text: str = ""
    claims: tuple[Claim, ...] = ()
    passages: tuple[Retrieved, ...] = ()
    engine: str = ""
    model: str = ""
    extractive: bool = False
    timings_s: Mapping[str, float] = field(default_factory=dict)
    fingerprint: str = ""
    removed: tuple[Removed, ...] = ()
    tokens: Mapping[str, int] = field(default_factory=dict)
    failure: str = ""
    reused: bool = False
    answer_margin: float | None = None

    @property
    def answered(self) -> bool:
        """Whether there is an answer, right or wrong."""
        return not self.failure and self.status == "answered"

    @property
    def lost_model(self) -> bool:
        """Whether extracts stand in for an answer because the model server was lost on the way."""
        return self.extractive and self.engine != "none"

    @property
    def said(self) -> str:
        """The sentences of the answer, without citation marks."""
        return " ".join(claim.text for claim in self.claims) if self.claims else self.text


def answer_line(
    question_id: str, answer: Answer, tokens: Mapping[str, int] | None = None, *, reused: bool = False
) -> str:
    """One line for an answer, without the line end."""
    record = {"id": question_id, **answer.to_json()}
    if tokens:
        record["tokens"] = dict(tokens)
    if reused:
        record["reused"] = True
    return json.dumps(record, ensure_ascii=False)


def failure_line(question_id: str, question: str, failure: str) -> str:
    """One line for a question on which the assistant broke."""
    return json.dumps({"id": question_id, "question": question, "failure": failure}, ensure_ascii=False)


def read_answers(path: Path) -> dict[str, GivenAnswer]:
    """Read answers.jsonl; a line that was cut off at the end of the file is left out.

    Raises:
        UsageError: the file cannot be read, or a line is not an answer record.
    """
    answers: dict[str, GivenAnswer] = {}
    for number, line in enumerate(whole_lines(path), start=1):
        try:
            given = parse_answer(json.loads(line))
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
            raise UsageError(
                f"{path} line {number} is not an answer record; use another --output or --restart"
            ) from None
        answers[given.id] = given
    return answers


def parse_answer(record: Mapping[str, Any]) -> GivenAnswer:
    """Read one record.

    Raises:
        KeyError, TypeError, AttributeError: it has not the form of an answer record.
    """
    if record.get("failure"):
        return GivenAnswer(str(record["id"]), str(record["question"]), failure=str(record["failure"]))
    return GivenAnswer(
        id=str(record["id"]),
        question=record["question"],
        standalone_question=record["standalone_question"],
        language=record["language"],
        status=record["status"],
        abstention_reason=record["abstention_reason"],
        text=record["text"],
        claims=tuple(_claim(item) for item in record["claims"]),
        passages=tuple(
            Retrieved(item["passage_id"], item["document_id"], item["title"], item["text"], item["dense_score"])
            for item in record["passages"]
        ),
        engine=record["engine"],
        model=record["model"],
        extractive=record["extractive"],
        timings_s=dict(record["timings_s"]),
        fingerprint=record["fingerprint"],
        removed=tuple(Removed(item["text"], item["reason"]) for item in record.get("removed", ())),
        answer_margin=record.get("answer_margin"),
        tokens=dict(record.get("tokens", {})),
        reused=record.get("reused") is True,
    )


def keep_answers(path: Path) -> dict[str, GivenAnswer]:
    """Prepare a file for going on: keep what was answered; drop a cut line, failures, and answers without their model.

    Raises:
        UsageError: as `read_answers`.
        RunError: the file cannot be written.
    """
    answers = {given.id: given for given in read_answers(path).values() if not (given.failure or given.lost_model)}
    lines = {str(json.loads(line)["id"]): line for line in whole_lines(path)}
    content = "".join(f"{lines[question_id]}\n" for question_id in answers)
    if content != path.read_text(encoding="utf-8"):
        replace_text(path, content)
    return answers


def replace_text(path: Path, content: str) -> None:
    """Write a file so that either the old or the new content is there, whatever happens.

    Raises:
        RunError: it cannot be written.
    """
    temporary = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}; free some space or use another --output") from error


def _claim(item: Mapping[str, Any]) -> Claim:
    return Claim(
        text=item["text"],
        support=item["support"],
        figures=tuple(CheckedFigure(**figure) for figure in item["figures"]),
        citations=tuple(Citation(**citation) for citation in item["citations"]),
    )
