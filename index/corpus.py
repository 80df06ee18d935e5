"""Lines of a BEIR-style corpus.jsonl: {"doc_id", "title", "text"}; the other keys become metadata."""

import json
from collections.abc import Mapping
from typing import Any

from index.extract import Extract, RefusedError, encodable, with_newlines
from index.formats import LARGEST_TEXT_BYTES


def read_corpus_line(content: bytes) -> Extract:
    """Read one line of a corpus.jsonl: doc_id, title, text; the other keys become metadata.

    Raises:
        RefusedError: not JSON with an id and a text.
    """
    record = corpus_record(content)
    for key in ("doc_id", "_id", "id"):
        record.pop(key, None)
    text = with_newlines(record.pop("text"))
    title = str(record.pop("title", "") or "")
    return Extract(text, title, record)


def corpus_id(record: Mapping[str, Any]) -> str:
    """Give the document id of a corpus line; "" without one."""
    return encodable(str(record.get("doc_id") or record.get("_id") or record.get("id") or ""))


def corpus_record(line: bytes) -> dict[str, Any]:
    """Parse a corpus line.

    Raises:
        RefusedError: not JSON with an id and a text; the message goes on after the name of the line.
    """
    if len(line) > LARGEST_TEXT_BYTES:
        raise RefusedError("is longer than a document may be")
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise RefusedError("is not JSON in UTF-8") from None
    if not isinstance(record, dict) or not corpus_id(record) or not isinstance(record.get("text"), str):
        raise RefusedError("has no 'doc_id' and 'text'")
    return record
