"""A question set from elsewhere, and how it is written in our own form.

`corpus.jsonl` holds the documents ({doc_id, title, text} a line) for `index build` and `eval retrieval`. Where answers
are known `questions.jsonl` is what `eval run` and `eval retrieval` read, else `queries.jsonl` what `eval retrieval`
reads.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.answers import replace_text
from eval.questions import LANGUAGES
from index.errors import UsageError
from index.language import UNDETERMINED, detect_language

CORPUS_FILE, QUESTIONS_FILE, QUERIES_FILE = "corpus.jsonl", "questions.jsonl", "queries.jsonl"


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """A document; the title may be empty."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ImportedQuestion:
    """A question.

    Attributes:
        id: unique in the set.
        text: the question.
        relevant: document id → grade of relevance, above 0.
        answers: accepted answers, the best first.
        answerable: whether the documents answer it; None where the set does not know answers.
        evidence: document id → sentence that gives the answer.
    """

    id: str
    text: str
    relevant: Mapping[str, int] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    answerable: bool | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportedSet:
    """Documents (none where the set has only judgements) and questions."""

    documents: tuple[ImportedDocument, ...]
    questions: tuple[ImportedQuestion, ...]


def write_set(imported: ImportedSet, output: Path, language: str | None = None) -> list[Path]:
    """Write a set into a folder.

    Args:
        imported: what was read.
        output: folder; made where it is missing.
        language: of all questions; None: told from each question.

    Returns:
        The files, the documents first.

    Raises:
        UsageError: there is nothing in the set, or the language of a question with answers cannot be told.
        RunError: a file cannot be written.
    """
    if not imported.questions:
        raise UsageError("there are no questions in it")
    written = []
    if imported.documents:
        documents = ({"doc_id": one.id, "title": one.title, "text": one.text} for one in imported.documents)
        written.append(_write(output / CORPUS_FILE, documents))
    if any(one.answerable is None for one in imported.questions):
        written.append(_write(output / QUERIES_FILE, (_query(one, language) for one in imported.questions)))
    else:
        written.append(_write(output / QUESTIONS_FILE, (_question(one, language) for one in imported.questions)))
    return written


def _query(one: ImportedQuestion, language: str | None) -> dict[str, Any]:
    record: dict[str, Any] = {
        "query_id": one.id,
        "lang": language or detect_language(one.text),
        "question": one.text,
        "relevant_doc_ids": list(one.relevant),
    }
    if any(grade != 1 for grade in one.relevant.values()):
        record["grades"] = list(one.relevant.values())
    return record


def _question(one: ImportedQuestion, language: str | None) -> dict[str, Any]:
    known = language or detect_language(one.text)
    if known == UNDETERMINED:
        raise UsageError(f"the language of question '{one.id}' cannot be told; give --language {'|'.join(LANGUAGES)}")
    return {
        "id": one.id,
        "lang": known,
        "question": one.text,
        "answerable": one.answerable,
        "answer": one.answers[0] if one.answers else "",
        "answer_aliases": list(one.answers[1:]),
        "relevant_document_ids": list(one.relevant),
        "evidence": [{"document_id": document_id, "text": text} for document_id, text in one.evidence.items()],
    }


def _write(file: Path, records: Iterable[Mapping[str, Any]]) -> Path:
    replace_text(file, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))
    return file
