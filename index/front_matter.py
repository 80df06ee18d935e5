"""The YAML block at the head of a Markdown file: title, language, date, status, sources and whatever else it says."""

import re
from datetime import date, datetime
from typing import Any

_OPENING = re.compile(r"---[ \t]*\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE)
_ISO_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?=$|[T ])")
LARGEST_CHARS = 100_000
_DEEPEST = 50


class FrontMatterError(Exception):
    """The front matter is not YAML, or not a list of names and values."""


def split_front_matter(text: str) -> tuple[dict[str, object], str]:
    """Separate the front matter from the body.

    Dates become ISO 8601 strings at every depth. Without front matter, the body is the whole text.

    Raises:
        FrontMatterError: the block is too long, not valid YAML, or not a mapping.
    """
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end()) if opening else None
    if opening is None or closing is None:
        return {}, text
    if closing.start() > LARGEST_CHARS:
        raise FrontMatterError(f"front matter of {closing.start():,} characters; at most {LARGEST_CHARS:,} are read")
    import yaml

    try:
        values = _loaded(text[opening.end() : closing.start()])
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 2}" if mark else ""
        raise FrontMatterError(f"its front matter is not valid YAML{where}") from None
    if values is None:
        values = {}
    if not isinstance(values, dict):
        if not isinstance(values, str):
            raise FrontMatterError("its front matter is not a list of names and values")
        return {}, text  # prose between two rules
    return {str(key): _plain(value) for key, value in values.items()}, text[closing.end() :].lstrip("\n")


def iso_date(value: object) -> str:
    """Give a date as YYYY, YYYY-MM or YYYY-MM-DD; "" where the value is not a date of this kind."""
    match = _ISO_DATE.match(str(value or "").strip())
    if match is None:
        return ""
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        date(year or 0, month or 1, day or 1)
    except ValueError:
        return ""
    return f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")


def _loaded(block: str) -> Any:  # noqa: ANN401
    """Read safe YAML without aliases, of which a few can describe gigabytes, and without deep nesting."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C it is ten times faster, where the library has it
    depth = 0
    for event in yaml.parse(block, loader):
        if isinstance(event, yaml.AliasEvent):
            raise FrontMatterError("front matter with YAML aliases is not read")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise FrontMatterError("its front matter is nested too deeply to be read")
    return yaml.load(block, loader)


def _plain(value: object) -> object:
    """Turn YAML's dates, sets and bytes into what JSON can hold."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(inner) for inner in value]
    if isinstance(value, bytes):
        return value.hex()
    return value
