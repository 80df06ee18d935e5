"""Build an index: read what is new or changed, split, embed, store; remove what is gone.

Unchanged documents cost a hash. Documents are stored in batches, each one transaction, so an interrupted build leaves
a valid index that the next build completes. A rebuild is one single transaction: the old index answers until the new
one is whole.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.build_progress import BuildProgress
from index.config import IndexConfig
from index.database import DATABASE_FILE, connect, transaction, translated, writing
from index.dense import make_dense, read_dense, write_dense
from index.errors import RunError, ShokoError, UsageError
from index.manifest import generation, manifest_for, require, stored_sources, token_limit
from index.passages import PassageDraft, split_document
from index.reading import Refusal, RefusedError, Source, find_sources, read_source
from index.records import Document
from index.store import (
    Entry,
    Known,
    compact,
    delete,
    initialise,
    is_initialised,
    known_documents,
    put,
    set_origin,
    store_sources,
)

if TYPE_CHECKING:
    from index.embedder import Embedder

_BATCH_PASSAGES = 256  # embedded together (the embedder sorts by length) and stored in one transaction


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        added, changed, unchanged, removed: document ids.
        refused: (name, reason) of what could not be indexed; an earlier version of it stays.
        passages: how many the index holds now.
        seconds: duration.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    passages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Plan:
    to_read: list[Source]
    added: set[str]
    unchanged: list[str]
    moved: list[Source]
    gone: list[str]
    refused: list[tuple[str, str]]


def default_documents() -> Path:
    """Give the folder of the document collection that comes with the program."""
    return Path(__file__).parent / "documents"


def recorded_sources(folder: Path) -> list[Path]:
    """List the files and folders that an index was built from; empty where there is no index or it cannot be read."""
    try:
        connection = connect(folder)
    except ShokoError:
        return []
    with closing(connection):
        return [Path(path) for path in stored_sources(connection)]


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
            plan = _plan(found, known_documents(connection), sources, folder)
            added, changed = _index(connection, plan, embedder, config, one_transaction=rebuild)
            with nullcontext() if rebuild else transaction(connection):
                delete(connection, plan.gone)
                for source in plan.moved:
                    set_origin(connection, source.document_id, source.origin)
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
        refused=tuple(plan.refused),
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


def _knows_some(folder: Path, sources: Sequence[Path], *, rebuild: bool) -> bool:
    """Tell whether the index has documents from these sources, so that an emptied folder means removal."""
    if rebuild or not (folder / DATABASE_FILE).is_file():
        return False
    with closing(connect(folder)) as connection, translated(folder):
        return any(_is_under(known.origin, sources) for known in known_documents(connection).values())


def _refuse_empty(sources: Sequence[Path], found: Sequence[Source | Refusal]) -> None:
    reasons = "; ".join(f"{refusal.name}: {refusal.reason}" for refusal in found[:3] if isinstance(refusal, Refusal))
    where = ", ".join(map(str, sources)) or "nothing"
    raise UsageError(
        f"no documents in {where}"
        + (f" ({reasons})" if reasons else "")
        + "; give a folder with .md, .txt or .jsonl files"
    )


def _plan(found: Sequence[Source | Refusal], known: dict[str, Known], sources: Sequence[Path], folder: Path) -> _Plan:
    """Compare what was found with what the index knows."""
    plan = _Plan([], set(), [], [], [], [])
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
        if old is not None and old.origin != item.origin and old.origin.exists() and not _is_under(old.origin, sources):
            raise UsageError(
                f"'{item.document_id}' is in the index already, from {old.origin}; remove it first "
                f"(python -m index remove {item.document_id} --index {folder}) or use another --index"
            )
        if old is not None and old.content_hash == item.content_hash:
            plan.unchanged.append(item.document_id)
            if old.origin != item.origin:
                plan.moved.append(item)
        else:
            plan.to_read.append(item)
            if old is None:
                plan.added.add(item.document_id)
    for document_id, old in known.items():
        # What cannot be read today is not gone: its last good version stays.
        if document_id not in kept and old.origin not in refused_origins and _is_under(old.origin, sources):
            plan.gone.append(document_id)
    return plan


def _is_under(origin: Path, sources: Sequence[Path]) -> bool:
    return any(origin.is_relative_to(path) for source in sources for path in (source.absolute(), source.resolve()))


def _index(
    connection: sqlite3.Connection, plan: _Plan, embedder: "Embedder", config: IndexConfig, *, one_transaction: bool
) -> tuple[list[str], list[str]]:
    """Read, split, embed and store; returns the ids of the added and of the changed documents."""
    added: list[str] = []
    changed: list[str] = []
    limit = token_limit(embedder, config)
    with BuildProgress(total_bytes=sum(source.size for source in plan.to_read)) as progress:
        for batch in _batches(plan, embedder, limit):
            texts = [draft.embedding_text for _, _, drafts in batch for draft in drafts]
            vectors = np.concatenate(
                [
                    _checked(embedder.embed_passages(texts[at : at + _BATCH_PASSAGES]), embedder)
                    for at in progress.steps(texts, _BATCH_PASSAGES, sum(source.size for source, _, _ in batch))
                ]
            )
            entries = []
            for source, document, drafts in batch:
                entries.append(Entry(document, source.origin, drafts, vectors[: len(drafts)]))
                vectors = vectors[len(drafts) :]
                (added if source.document_id in plan.added else changed).append(source.document_id)
            with nullcontext() if one_transaction else transaction(connection):
                put(connection, entries)
    return added, changed


def _checked(vectors: NDArray[np.float32], embedder: "Embedder") -> NDArray[np.float32]:
    if not np.isfinite(vectors).all():
        raise RunError(f"the embedder {embedder.name} gave numbers that are not finite; this batch was not stored")
    return vectors


def _batches(
    plan: _Plan, embedder: "Embedder", limit: int
) -> Iterator[list[tuple[Source, Document, list[PassageDraft]]]]:
    batch: list[tuple[Source, Document, list[PassageDraft]]] = []
    passages = 0
    for source in plan.to_read:
        try:
            document = read_source(source)
        except RefusedError as error:
            plan.refused.append((source.document_id, str(error)))
            continue
        drafts = split_document(document, embedder.count_tokens, limit)
        batch.append((source, document, drafts))
        passages += len(drafts)
        if passages >= _BATCH_PASSAGES:
            yield batch
            batch, passages = [], 0
    if batch:
        yield batch


def _refresh_dense(folder: Path, connection: sqlite3.Connection) -> None:
    if read_dense(folder, generation(connection)) is None:
        write_dense(folder, make_dense(connection))
