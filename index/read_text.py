"""Reads what is text already: Markdown with front matter, plain text, lines of a BEIR-style corpus.jsonl."""

import json
from collections.abc import Mapping
from typing import Any

from index.encoding import NotTextError, decode
from index.extract import Extract, RefusedError
from index.formats import LARGEST_TEXT_BYTES
from index.front_matter import FrontMatterError, split_front_matter


def read_markdown(content: bytes) -> Extract:
    """Read Markdown with optional YAML front matter; the text is the body, unchanged but for its line ends.

    Raises:
        RefusedError: not text, or its front matter cannot be read.
    """
    try:
        metadata, body = split_front_matter(_with_newlines(_decoded(content)))
    except FrontMatterError as error:
        raise RefusedError(str(error)) from None
    title = str(metadata.pop("title", "") or "")
    return Extract(body, title, metadata)


def read_text(content: bytes) -> Extract:
    """Read plain text.

    Raises:
        RefusedError: not text.
    """
    return Extract(_with_newlines(_decoded(content)))


def read_corpus_line(content: bytes) -> Extract:
    """Read one line of a corpus.jsonl: doc_id, title, text; the other keys become metadata.

    Raises:
        RefusedError: not JSON with an id and a text.
    """
    record = corpus_record(content)
    for key in ("doc_id", "_id", "id"):
        record.pop(key, None)
    text = _with_newlines(record.pop("text"))
    title = str(record.pop("title", "") or "")
    return Extract(text.encode("utf-8", "replace").decode("utf-8"), title, record)  # no lone surrogates


def corpus_id(record: Mapping[str, Any]) -> str:
    """Give the document id of a corpus line; "" without one."""
    return str(record.get("doc_id") or record.get("_id") or record.get("id") or "")


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


def _decoded(content: bytes) -> str:
    try:
        return decode(content)
    except NotTextError as error:
        raise RefusedError(str(error)) from None


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
