"""Question files: one JSON object a line, read strictly, selected by split, language and kind."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from assistant.records import Turn
from eval.json_lines import read_records
from index.errors import UsageError

LANGUAGES = ("en", "fr", "ja")
SPLITS = ("dev", "test", "all")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that stands word for word in a document and gives the answer."""

    document_id: str
    text: str


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """One question with what is accepted as its answer.

    Attributes:
        id: unique in its file.
        lang: language of the question and of the answer: "en", "fr" or "ja".
        question: as a person would write it.
        answerable: whether the documents answer it.
        answer: the short reference answer; "" where there is none.
        answer_aliases: other accepted wordings.
        kind: what is asked for ("number", "list", ...), or "".
        history: earlier turns.
        relevant_document_ids: documents that answer it, or a closed group: any one is enough.
        evidence: sentences that give the answer.
        near: groups of facts that an unanswerable question comes close to.
        split: "dev", "test" or "".
    """

    id: str
    lang: str
    question: str
    answerable: bool
    answer: str = ""
    answer_aliases: tuple[str, ...] = ()
    kind: str = ""
    history: tuple[Turn, ...] = ()
    relevant_document_ids: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    near: tuple[str, ...] = ()
    split: str = ""

    @property
    def accepted(self) -> tuple[str, ...]:
        """The reference answer and its aliases, without empty ones."""
        return tuple(text for text in (self.answer, *self.answer_aliases) if text.strip())

    @property
    def cluster(self) -> str:
        """Questions of one cluster stand or fall together: same documents, or the same facts that they come near."""
        return "\n".join(sorted(self.relevant_document_ids or self.near or (self.id,)))


@dataclass(frozen=True, slots=True)
class Selection:
    """Which questions of a file are asked. None or "all" take everything."""

    split: str = "all"
    languages: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """The selected questions of one file, with what identifies the file."""

    name: str
    sha256: str
    questions: tuple[EvalQuestion, ...]
    selection: Selection = field(default_factory=Selection)


def default_questions() -> Path:
    """The file of questions on the shipped documents."""
    return Path(str(files("eval") / "data" / "initiative.jsonl"))


def read_questions(path: Path, selection: Selection | None = None) -> QuestionSet:
    """Read a file of questions and select from it.

    A limit takes the same share of every language and kind.

    Raises:
        UsageError: the file cannot be read, a line is malformed, an id stands twice, or nothing is left.
    """
    selection = selection or Selection()
    questions: dict[str, EvalQuestion] = {}
    for where, record in read_records(path):
        question = _parse(record, where)
        if question.id in questions:
            raise UsageError(f"{where}: id '{question.id}' stands twice")
        questions[question.id] = question
    chosen = _select(list(questions.values()), selection, path)
    return QuestionSet(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), tuple(chosen), selection)


def _parse(record: Mapping[str, Any], where: str) -> EvalQuestion:
    for key, kind in (("id", str), ("lang", str), ("question", str), ("answerable", bool)):
        if not isinstance(record.get(key), kind) or record[key] == "":
            raise UsageError(f"{where} needs '{key}' ({'true or false' if kind is bool else 'text'})")
    if record["lang"] not in LANGUAGES:
        raise UsageError(f"{where}: lang must be one of {', '.join(LANGUAGES)}, not {record['lang']!r}")
    known = {item.name for item in fields(EvalQuestion)}
    values = {key: _value(key, value, where) for key, value in record.items() if key in known and value is not None}
    question = EvalQuestion(**values)
    if question.answerable and not question.accepted:
        raise UsageError(f"{where} is answerable and has neither 'answer' nor 'answer_aliases'")
    return question


def _value(key: str, value: Any, where: str) -> Any:  # noqa: ANN401 - one field of a JSON object
    try:
        match key:
            case "history":
                return tuple(_turn(item) for item in value)
            case "evidence":
                return tuple(Evidence(str(item["document_id"]), str(item["text"])) for item in value)
            case "answer_aliases" | "relevant_document_ids" | "near":
                if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                    raise TypeError
                return tuple(value)
            case "answerable":
                return value
            case _:
                if not isinstance(value, str):
                    raise TypeError
                return value
    except (TypeError, KeyError):
        raise UsageError(f"{where}: '{key}' has not the form that the question format asks for") from None


def _turn(item: Mapping[str, Any]) -> Turn:
    if item["role"] not in ("user", "assistant") or not isinstance(item["content"], str):
        raise TypeError
    return Turn(item["role"], item["content"])


def _select(questions: Sequence[EvalQuestion], selection: Selection, path: Path) -> list[EvalQuestion]:
    chosen = list(questions)
    if selection.split != "all":
        if not any(question.split for question in chosen):
            raise UsageError(f"the questions of {path} have no 'split'; leave out --split {selection.split}")
        chosen = [question for question in chosen if question.split == selection.split]
    if selection.languages is not None:
        chosen = [question for question in chosen if question.lang in selection.languages]
    if selection.kinds is not None:
        known = sorted({question.kind for question in questions if question.kind})
        for kind in selection.kinds:
            if kind not in known:
                raise UsageError(f"no questions of kind '{kind}' in {path}; there are: {', '.join(known) or 'none'}")
        chosen = [question for question in chosen if question.kind in selection.kinds]
    if not chosen:
        raise UsageError(f"no questions are left of {path}; widen --split, --languages or --kinds")
    return chosen if selection.limit is None else evenly(chosen, selection.limit)


def evenly(questions: Sequence[EvalQuestion], limit: int) -> list[EvalQuestion]:
    """Take the same share of every language and kind, each in the order of the file."""
    groups: dict[tuple[str, str], list[int]] = {}
    for place, question in enumerate(questions):
        groups.setdefault((question.lang, question.kind), []).append(place)
    order = [((rank + 0.5) / len(places), place) for places in groups.values() for rank, place in enumerate(places)]
    kept = {place for _, place in sorted(order)[:limit]}
    return [question for place, question in enumerate(questions) if place in kept]
