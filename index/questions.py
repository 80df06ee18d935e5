"""Reading a file of questions for a batch search: one JSON object a line."""

import json
from collections.abc import Iterator
from pathlib import Path

from index.errors import UsageError

_ID_KEYS = ("query_id", "id", "_id")
_TEXT_KEYS = ("question", "query", "text")


def read_questions(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (query_id, text) of each line; white lines are passed over.

    Raises:
        UsageError: the file cannot be read, a line is not JSON or lacks a field, or an id stands twice.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read questions from {path}: {getattr(error, 'strerror', None) or error}") from None
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            raise UsageError(f"{path} line {number} is not JSON") from None
        record = record if isinstance(record, dict) else {}
        query_id = next((str(record[key]) for key in _ID_KEYS if record.get(key) is not None), "")
        text = next((record[key] for key in _TEXT_KEYS if isinstance(record.get(key), str)), "")
        if not query_id or not text.strip():
            raise UsageError(f"{path} line {number} needs 'query_id' (or 'id') and 'question' (or 'query', 'text')")
        if query_id in seen:
            raise UsageError(f"{path} line {number}: query_id '{query_id}' stands twice")
        seen.add(query_id)
        yield query_id, text
