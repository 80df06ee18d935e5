"""Files of JSON objects, one a line: reading with errors that name the line, appending, going on after a cut."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from index.errors import RunError, UsageError

Value = TypeVar("Value")


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


def id_and_text(record: Mapping[str, Any], where: str) -> tuple[str, str]:
    """The id and the text of a query, under any of the names that are common for them.

    Raises:
        UsageError: one of the two is missing.
    """
    identity = next((str(record[key]) for key in ("query_id", "id", "_id") if record.get(key) is not None), "")
    text = next((record[key] for key in ("question", "query", "text") if isinstance(record.get(key), str)), "")
    if not identity or not text.strip():
        raise UsageError(f"{where} needs 'query_id' (or 'id', '_id') and 'question' (or 'query', 'text')")
    return identity, text


def add_once(known: dict[str, Value], identity: str, value: Value, where: str) -> None:
    """Add a value under its id.

    Raises:
        UsageError: the id is taken.
    """
    if identity in known:
        raise UsageError(f"{where}: id '{identity}' stands twice")
    known[identity] = value


def whole_lines(path: Path) -> list[str]:
    """The lines of a file that lines are appended to; what follows the last line end was cut off and is left out.

    Raises:
        UsageError: the file cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    whole, _, _ = content.rpartition(b"\n")
    return [line for line in whole.decode("utf-8", errors="replace").split("\n") if line.strip()]


def append(path: Path, *lines: str) -> None:
    """Append lines to a file; they are there when this returns. Without a line it is only made where it is missing.

    Raises:
        RunError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as stream:
            stream.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}; what it holds so far is kept") from error
