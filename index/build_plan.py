"""What a build must do: sources as found compared with what the index knows of them."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import UsageError
from index.sources import Refusal, Source
from index.store import known_documents, known_refusals


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """What a build must do, document by document; reading adds to the last two.

    Attributes:
        to_read: sources that are new or changed.
        added: ids of the new ones among them.
        unchanged: ids of documents whose bytes are the same.
        moved: unchanged ones that came from another file.
        gone: ids of documents whose source is gone.
        refused: (name, reason) of what was refused when looking for sources, or earlier with the same bytes.
        forgotten: ids of earlier refusals that no longer hold.
        newly_refused: (source, reason) of what could not be read now.
        noticed: (document id, part and reason) of what was left out of documents.
    """

    to_read: list[Source]
    added: set[str]
    unchanged: list[str]
    moved: list[Source]
    gone: list[str]
    refused: list[tuple[str, str]]
    forgotten: list[str]
    newly_refused: list[tuple[Source, str]]
    noticed: list[tuple[str, str]]


def plan_build(
    found: Sequence[Source | Refusal], connection: sqlite3.Connection, sources: Sequence[Path], folder: Path
) -> BuildPlan:
    """Compare what was found with what the index knows.

    Raises:
        UsageError: a document of another source that is still there has the same id.
    """
    known, refusals = known_documents(connection), known_refusals(connection)
    plan = BuildPlan([], set(), [], [], [], [], [], [], [])
    kept: set[str] = set()
    refused_origins: set[Path] = set()
    for item in found:
        if isinstance(item, Refusal):
            plan.refused.append((item.name, item.reason))
            if item.origin is not None:
                refused_origins.add(item.origin)
            continue
        kept.add(item.document_id)
        old = known.get(item.document_id)
        if old is not None and old.origin != item.origin and old.origin.exists() and not is_under(old.origin, sources):
            raise UsageError(
                f"'{item.document_id}' is in the index already, from {old.origin}; remove it first "
                f"(python -m index remove {item.document_id} --index {folder}) or use another --index"
            )
        if old is not None and old.content_hash == item.content_hash:
            plan.unchanged.append(item.document_id)
            if old.origin != item.origin:
                plan.moved.append(item)
        elif item.document_id in refusals and refusals[item.document_id].content_hash == item.content_hash:
            plan.refused.append((item.document_id, refusals[item.document_id].reason))
        else:
            plan.to_read.append(item)
            if old is None:
                plan.added.add(item.document_id)
    for document_id, old in known.items():
        # What cannot be read today is not gone: its last good version stays.
        if document_id not in kept and old.origin not in refused_origins and is_under(old.origin, sources):
            plan.gone.append(document_id)
    read_again = {source.document_id for source in plan.to_read}
    plan.forgotten.extend(
        name
        for name, refusal in refusals.items()
        if name in read_again or (name not in kept and is_under(refusal.origin, sources))
    )
    return plan


def is_under(origin: Path, sources: Sequence[Path]) -> bool:
    """Tell whether a file is one of the sources or lies in one of them."""
    return any(origin.is_relative_to(path) for source in sources for path in (source.absolute(), source.resolve()))
