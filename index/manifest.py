"""What an index was made with, and how often it changed: the manifest, a table of names and values in the database."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.config import IndexConfig
from index.errors import UsageError

if TYPE_CHECKING:
    from index.embedder import Embedder

SCHEMA_VERSION = "2"
SPLITTER_VERSION = "2"  # of `index.passages`: where it cuts, and what is embedded
LEXICAL_VERSION = "1"  # of `index.lexical`: the terms it makes of a text
_SPECIAL_TOKENS = 4  # beginning, end, and what joining prefix and text may add


class OtherIndexError(UsageError):
    """An index that was made with something else; `reason` says what, the message also how to make it again."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; make it again: {remedy}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made with. The vectors of two indexes can be compared only if all of it is the same."""

    embedder: str
    dimension: int
    query_prefix: str
    passage_prefix: str
    splitter: str
    lexical: str = LEXICAL_VERSION
    schema: str = SCHEMA_VERSION


def manifest_for(embedder: "Embedder", config: IndexConfig) -> Manifest:
    """Describe the index that this embedder and configuration would make."""
    return Manifest(
        embedder=embedder.name,
        dimension=embedder.dimension,
        query_prefix=embedder.query_prefix,
        passage_prefix=embedder.passage_prefix,
        splitter=f"{SPLITTER_VERSION}, {token_limit(embedder, config)} tokens",
    )


def token_limit(embedder: "Embedder", config: IndexConfig) -> int:
    """Give the most tokens of an embedding text that the embedder reads whole, at most what the configuration says."""
    prefix = embedder.count_tokens([embedder.passage_prefix])[0] if embedder.passage_prefix else 0
    return min(config.passage_tokens, embedder.max_tokens - prefix - _SPECIAL_TOKENS)


def value_of(connection: sqlite3.Connection, name: str) -> str:
    """Read one value of the manifest; "" where it has none."""
    row = connection.execute("SELECT value FROM manifest WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def read_manifest(connection: sqlite3.Connection) -> Manifest:
    """Read what the index was made with."""
    values = dict(connection.execute("SELECT name, value FROM manifest"))
    names = ("embedder", "query_prefix", "passage_prefix", "splitter", "lexical", "schema")
    return Manifest(dimension=int(values.get("dimension", 0)), **{name: str(values.get(name, "")) for name in names})


def generation(connection: sqlite3.Connection) -> tuple[str, int]:
    """Give the identity of the index and the number of changes it has seen."""
    return value_of(connection, "identity"), int(value_of(connection, "generation") or 0)


def require(connection: sqlite3.Connection, folder: Path, wanted: Manifest, *, for_building: bool) -> None:
    """Refuse an index that was made with something else.

    Raises:
        OtherIndexError: names both sides and the command that mends it.
    """
    found = read_manifest(connection)
    names = ["schema", "embedder", "dimension", "query_prefix", "passage_prefix", "lexical"] + [
        "splitter"
    ] * for_building
    for name in names:
        here, there = getattr(wanted, name), getattr(found, name)
        if here != there:
            raise OtherIndexError(
                f"the index at {folder} was made with {name.replace('_', ' ')} {there!r}, now it is {here!r}",
                rebuild_command(connection, folder),
            )


def rebuild_command(connection: sqlite3.Connection, folder: Path) -> str:
    """Give the command that makes this index again from the same sources."""
    paths = " ".join(stored_sources(connection)) or "DOCUMENTS"
    return f"python -m index build {paths} --index {folder} --rebuild"


def stored_sources(connection: sqlite3.Connection) -> list[str]:
    """List the files and folders that the index was built from."""
    return [row[0] for row in connection.execute("SELECT path FROM sources ORDER BY path")]
