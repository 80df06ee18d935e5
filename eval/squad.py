"""Reads question sets in the form of SQuAD (Rajpurkar et al., EMNLP 2016), 1.1 and 2.0, such as FQuAD and JSQuAD.

Each paragraph becomes a document; the sentence around an answer is its evidence. A question marked `is_impossible` is
unanswerable.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.imported import ImportedDocument, ImportedQuestion, ImportedSet
from eval.json_lines import add_once
from index.errors import UsageError
from index.sentences import sentence_spans


def read_squad(files: Sequence[Path]) -> ImportedSet:
    """Read one or several files into one set.

    Raises:
        UsageError: a file cannot be read or has not the form, or the id of a question stands twice.
    """
    documents: dict[str, ImportedDocument] = {}
    questions: dict[str, ImportedQuestion] = {}
    for file in files:
        for paragraph, asked in _paragraphs(file):
            document = documents.setdefault(paragraph.text, paragraph)  # one text, one document
            for record in asked:
                question = _question(record, document, file)
                add_once(questions, question.id, question, str(file))
    return ImportedSet(tuple(documents.values()), tuple(questions.values()))


def _paragraphs(file: Path) -> Iterator[tuple[ImportedDocument, list[Any]]]:
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
        for number, article in enumerate(content["data"]):
            title = str(article.get("title", "")).replace("_", " ")
            for place, paragraph in enumerate(article["paragraphs"]):
                document = ImportedDocument(f"{file.stem}-{number}-{place}", title, str(paragraph["context"]))
                yield document, list(paragraph["qas"])
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(f"{file} is not SQuAD: {{data: [{{title, paragraphs: [{{context, qas}}]}}]}}") from None


def _question(record: Mapping[str, Any], document: ImportedDocument, file: Path) -> ImportedQuestion:
    try:
        identity, text = str(record["id"]), str(record["question"]).strip()
        impossible = bool(record.get("is_impossible"))
        answers = [] if impossible else [(str(one["text"]), int(one["answer_start"])) for one in record["answers"]]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UsageError(f"{file}: a question lacks 'id', 'question' or 'answers' ({{text, answer_start}})") from None
    if not answers and not impossible:
        raise UsageError(f"{file}: question '{identity}' has neither 'answers' nor 'is_impossible'")
    return ImportedQuestion(
        id=identity,
        text=text,
        relevant={document.id: 1} if answers else {},
        answers=tuple(dict.fromkeys(answer for answer, _ in answers)),
        answerable=bool(answers),
        evidence={document.id: _sentence_at(document.text, answers[0][1])} if answers else {},
    )


def _sentence_at(text: str, at: int) -> str:
    return next((text[start:end] for start, end in sentence_spans(text) if start <= at < end), text)
