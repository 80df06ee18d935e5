"""Reads question sets of one JSON object a line, with the field names that are common for them.

    id         id, query_id or _id; else the number of the line
    question   question, query or text
    answers    answer (text), answers (texts, or {"text": [texts]}), answer_aliases (texts)
    documents  context (text, or texts), positive_passages and negative_passages ({docid, title, text} each)

What stands under `context` and `positive_passages` is relevant. A question with an empty list of answers is
unanswerable.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.imported import ImportedDocument, ImportedQuestion, ImportedSet
from eval.json_lines import add_once, id_and_text, read_records
from index.errors import UsageError


def read_loose(files: Sequence[Path]) -> ImportedSet:
    """Read one or several files into one set.

    Raises:
        UsageError: a file cannot be read or a line has not the form, or an id stands twice.
    """
    documents: dict[str, ImportedDocument] = {}
    questions: dict[str, ImportedQuestion] = {}
    for file in files:
        for number, (where, record) in enumerate(read_records(file), start=1):
            identity, text = id_and_text({"id": f"{file.stem}-{number}"} | record, where)
            found = list(_documents(record, where))
            for document, _ in found:
                documents.setdefault(document.id, document)
            answers = _answers(record, where)
            answerable = None if answers is None else bool(answers)
            relevant = {} if answerable is False else {document.id: 1 for document, is_relevant in found if is_relevant}
            question = ImportedQuestion(identity, text.strip(), relevant, answers or (), answerable)
            add_once(questions, identity, question, where)
    return ImportedSet(tuple(documents.values()), tuple(questions.values()))


def _answers(record: Mapping[str, Any], where: str) -> tuple[str, ...] | None:
    """The accepted answers; None where the line has no field for them."""
    given = [record[key] for key in ("answer", "answers", "answer_aliases") if record.get(key) is not None]
    texts: list[Any] = []
    for value in given:
        value = value.get("text") if isinstance(value, Mapping) else value
        texts += [value] if isinstance(value, str) else value if isinstance(value, list) else [None]
    if not all(isinstance(text, str) for text in texts):
        raise UsageError(f"{where}: answers must be texts")
    return tuple(dict.fromkeys(text for text in texts if text.strip())) if given else None


def _documents(record: Mapping[str, Any], where: str) -> Iterator[tuple[ImportedDocument, bool]]:
    context = record.get("context", [])
    for text in [context] if isinstance(context, str) else context:
        yield _document({"text": text, "title": record.get("title")}, where), True
    for key, is_relevant in (("positive_passages", True), ("negative_passages", False)):
        for item in record.get(key) or []:
            yield _document(item, where), is_relevant


def _document(item: Any, where: str) -> ImportedDocument:  # noqa: ANN401 - one value of a JSON object
    if not isinstance(item, Mapping) or not isinstance(item.get("text"), str) or not item["text"].strip():
        raise UsageError(f"{where}: a document needs 'text'")
    text = item["text"]
    identity = str(item.get("docid") or hashlib.sha256(text.encode()).hexdigest()[:16])
    return ImportedDocument(identity, str(item.get("title") or ""), text)
