"""Reading files of JSON objects, one a line, with errors that name the line."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from index.errors import UsageError


def read_records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (place, object) of every line; white lines are passed over. The place is for error messages.

    Raises:
        UsageError: the file cannot be read, or a line is not a JSON object.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path} line {number}"
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            raise UsageError(f"{where} is not JSON") from None
        if not isinstance(record, dict):
            raise UsageError(f"{where} is not a JSON object")
        yield where, record


def text_list(record: dict[str, Any], keys: Sequence[str], where: str) -> tuple[str, ...]:
    """The list of texts under the first of these keys that is there; empty where none is.

    Raises:
        UsageError: what stands there is not a list of texts.
    """
    for key in keys:
        if record.get(key) is None:
            continue
        value = record[key]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise UsageError(f"{where}: '{key}' must be a list of texts")
        return tuple(value)
    return ()
