"""Build an index: read what is new or changed, split, embed, store; remove what is gone.

Unchanged documents cost a hash, and no library of numbers or models is loaded for them. Documents are stored in
batches, each one transaction, so an interrupted build leaves a valid index that the next build completes. A rebuild is
one single transaction: the old index answers until the new one is whole.
"""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.build_plan import is_under, plan_build
from index.config import IndexConfig
from index.database import DATABASE_FILE, connect, transaction, translated, writing
from index.dense_file import is_current
from index.errors import ShokoError, UsageError
from index.formats import FORMATS
from index.manifest import generation, manifest_for, require, stored_sources
from index.sources import Refusal, Source, find_sources
from index.store import (
    compact,
    delete,
    forget_refusals,
    initialise,
    is_initialised,
    known_documents,
    set_origin,
    store_refusals,
    store_sources,
)

if TYPE_CHECKING:
    from index.embedder import Embedder


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        added, changed, unchanged, removed: document ids.
        refused: (name, reason) of what could not be indexed; an earlier version of it stays.
        noticed: (document id, part and reason) of what was left out of the documents that were added or changed, or
            looks damaged in them.
        passages: how many the index holds now.
        seconds: duration.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    noticed: tuple[tuple[str, str], ...]
    passages: int
    seconds: float


def default_documents() -> Path:
    """Give the folder of the document collection that comes with the program."""
    return Path(__file__).parent / "documents"


def recorded_sources(folder: Path) -> list[Path]:
    """List the files and folders that an index was built from; empty where there is no index or it cannot be read."""
    try:
        with closing(connect(folder, any_schema=True)) as connection, translated(folder):
            return [Path(path) for path in stored_sources(connection)]
    except ShokoError:
        return []


def build(
    sources: Sequence[Path],
    folder: Path,
    embedder: "Embedder",
    config: IndexConfig,
    *,
    rebuild: bool = False,
) -> BuildReport:
    """Bring an index up to date with its sources.

    Documents of earlier builds stay if they came from elsewhere; those that are gone from these sources are removed.

    Args:
        sources: files, folders or corpus.jsonl files.
        folder: the index folder; made where it is missing.
        embedder: embeds the passages.
        config: settings.
        rebuild: start again from these sources only, whatever the index was made with.

    Raises:
        UsageError: a source is missing or holds no document, ids clash, or the index was made with something else.
        RunError: another build is writing, the folder is not writable, the disk is full, or the index is damaged.
    """
    began = time.monotonic()
    found = list(find_sources(sources))
    if not any(isinstance(source, Source) for source in found) and not _knows_some(folder, sources, rebuild=rebuild):
        _refuse_empty(sources, found)
    manifest = manifest_for(embedder, config)
    with writing(folder, replace_damaged=rebuild) as connection, translated(folder):
        with transaction(connection) if rebuild else nullcontext():
            if rebuild or not is_initialised(connection):
                with nullcontext() if rebuild else transaction(connection):
                    initialise(connection, manifest)
            require(connection, folder, manifest, for_building=True)
            plan = plan_build(found, connection, sources, folder)
            added: list[str] = []
            changed: list[str] = []
            if plan.to_read:  # else no library of numbers or models is needed
                from index.ingestion import ingest

                added, changed = ingest(connection, plan, embedder, config, one_transaction=rebuild)
            with nullcontext() if rebuild else transaction(connection):
                delete(connection, plan.gone)
                for source in plan.moved:
                    set_origin(connection, source.document_id, source.origin)
                forget_refusals(connection, plan.forgotten)
                store_refusals(
                    connection,
                    [(one.document_id, one.origin, one.content_hash, why) for one, why in plan.newly_refused],
                )
                store_sources(connection, sources)
        if changed or plan.gone or rebuild:
            compact(connection)
        _refresh_dense(folder, connection)
        passages = connection.execute("SELECT COUNT(*) FROM passages").fetchone()[0]
    return BuildReport(
        added=tuple(added),
        changed=tuple(changed),
        unchanged=tuple(plan.unchanged),
        removed=tuple(plan.gone),
        refused=tuple(plan.refused + [(one.document_id, reason) for one, reason in plan.newly_refused]),
        noticed=tuple(plan.noticed),
        passages=passages,
        seconds=time.monotonic() - began,
    )


def remove(document_ids: Sequence[str], folder: Path) -> None:
    """Remove documents from an index, all or none, and erase their text from its files.

    Raises:
        UsageError: there is no index, or no such document in it.
        RunError: another build is writing, or the folder is not writable.
    """
    connect(folder).close()
    with writing(folder) as connection, translated(folder):
        known = known_documents(connection)
        for document_id in document_ids:
            if document_id not in known:
                raise UsageError(f"no document '{document_id}' in the index; `python -m index list` shows them")
        with transaction(connection):
            delete(connection, document_ids)
        compact(connection)
        _refresh_dense(folder, connection)


def _refresh_dense(folder: Path, connection: sqlite3.Connection) -> None:
    if not is_current(folder, generation(connection)):
        from index.dense import refresh_dense

        refresh_dense(folder, connection)


def _knows_some(folder: Path, sources: Sequence[Path], *, rebuild: bool) -> bool:
    """Tell whether the index has documents from these sources, so that an emptied folder means removal."""
    if rebuild or not (folder / DATABASE_FILE).is_file():
        return False
    with closing(connect(folder)) as connection, translated(folder):
        return any(is_under(known.origin, sources) for known in known_documents(connection).values())


def _refuse_empty(sources: Sequence[Path], found: Sequence[Source | Refusal]) -> None:
    reasons = "; ".join(f"{refusal.name}: {refusal.reason}" for refusal in found[:3] if isinstance(refusal, Refusal))
    where = ", ".join(map(str, sources)) or "nothing"
    raise UsageError(
        f"no documents in {where}"
        + (f" ({reasons})" if reasons else "")
        + f"; give a folder with files of these types: {', '.join(sorted(FORMATS))}"
    )
