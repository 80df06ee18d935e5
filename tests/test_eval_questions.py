import json
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.questions import Selection, evenly, read_questions
from index.errors import UsageError

LINE = {"id": "a", "lang": "en", "question": "How much?", "answerable": True, "answer": "¥1 billion"}


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def make(*records: object) -> Path:
        path = tmp_path / "questions.jsonl"
        lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return make


def test_all_fields_of_the_contract_are_read(file: Callable[..., Path]) -> None:
    history = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "SoftBank."}]
    full = LINE | {
        "answer_aliases": ["10億円"], "kind": "number", "history": history, "relevant_document_ids": ["b.md", "a.md"],
        "evidence": [{"document_id": "a.md", "text": "It costs ¥1 billion."}], "split": "dev", "facts": ["F-1"],
    }  # fmt: skip
    question = read_questions(file(full, "")).questions[0]
    assert question.accepted == ("¥1 billion", "10億円")
    assert [turn.content for turn in question.history] == ["Who?", "SoftBank."]
    assert question.cluster == "a.md\nb.md"
    assert question.evidence[0].document_id == "a.md"


def test_only_the_first_fields_are_needed(file: Callable[..., Path]) -> None:
    question = read_questions(file(LINE | {"history": None})).questions[0]
    assert (question.kind, question.history, question.relevant_document_ids) == ("", (), ())
    assert question.cluster == "a"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("{", "line 1 is not JSON"),
        ("[]", "line 1 is not a JSON object"),
        ({"id": "a"}, "needs 'lang'"),
        (LINE | {"id": ""}, "needs 'id'"),
        (LINE | {"answerable": "yes"}, r"needs 'answerable' \(true or false\)"),
        (LINE | {"lang": "de"}, "lang must be one of en, fr, ja"),
        (LINE | {"answer": ""}, "neither 'answer' nor 'answer_aliases'"),
        (LINE | {"answer_aliases": "x"}, "'answer_aliases' has not the form"),
        (LINE | {"history": [{"role": "system", "content": "x"}]}, "'history' has not the form"),
        (LINE | {"history": [{"role": "user"}]}, "'history' has not the form"),
        (LINE | {"evidence": ["x"]}, "'evidence' has not the form"),
        (LINE | {"kind": 3}, "'kind' has not the form"),
    ],
)
def test_malformed_line_is_named(file: Callable[..., Path], record: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_questions(file(record))


def test_id_that_stands_twice_is_refused(file: Callable[..., Path]) -> None:
    with pytest.raises(UsageError, match="line 2: id 'a' stands twice"):
        read_questions(file(LINE, LINE))


def test_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*none\.jsonl: No such file"):
        read_questions(tmp_path / "none.jsonl")


def test_selection(file: Callable[..., Path]) -> None:
    records = [
        LINE | {"id": f"{lang}{kind}{number}", "lang": lang, "kind": kind, "split": "dev" if number % 2 else "test"}
        for lang in ("en", "fr")
        for kind in ("number", "date")
        for number in range(4)
    ]
    path = file(*records)
    ids = [question.id for question in read_questions(path, Selection("dev", ("fr",), ("date",))).questions]
    assert ids == ["frdate1", "frdate3"]
    with pytest.raises(UsageError, match=r"no questions of kind 'why'.*there are: date, number"):
        read_questions(path, Selection(kinds=("why",)))
    with pytest.raises(UsageError, match="no questions are left"):
        read_questions(path, Selection(languages=("ja",)))


def test_split_of_a_file_without_splits_is_refused(file: Callable[..., Path]) -> None:
    with pytest.raises(UsageError, match="have no 'split'; leave out --split dev"):
        read_questions(file(LINE), Selection("dev"))


def test_limit_takes_the_same_share_of_every_group_and_keeps_the_order(file: Callable[..., Path]) -> None:
    records = [LINE | {"id": f"n{number}", "kind": "number"} for number in range(6)]
    records += [LINE | {"id": f"d{number}", "lang": "ja", "kind": "date"} for number in range(3)]
    questions = read_questions(file(*records)).questions
    assert [question.id for question in evenly(questions, 3)] == ["n0", "n1", "d0"]
    assert len(evenly(questions, 100)) == 9
