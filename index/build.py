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

from index.build_plan import BuildPlan, is_under, plan_build
from index.build_progress import BuildProgress
from index.config import IndexConfig
from index.database import DATABASE_FILE, connect, transaction, translated, writing
from index.dense import refresh_dense
from index.errors import RunError, ShokoError, UsageError
from index.extract import RefusedError
from index.formats import FORMATS
from index.manifest import manifest_for, require, stored_sources, token_limit
from index.passages import PassageDraft, split_document
from index.reading import DocumentReader
from index.records import Document
from index.sources import Refusal, Source, find_sources
from index.store import (
    Entry,
    compact,
    delete,
    forget_refusals,
    initialise,
    is_initialised,
    known_documents,
    put,
    set_origin,
    store_refusals,
    store_sources,
)
from index.token_vectors import PassageEncoder

if TYPE_CHECKING:
    from index.embedder import Embedder

_BATCH_PASSAGES = 256  # embedded together (the embedder sorts by length) and stored in one transaction


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
            plan = plan_build(found, connection, sources, folder)
            added, changed = _index(connection, plan, embedder, config, one_transaction=rebuild)
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
        refresh_dense(folder, connection)
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


def _index(
    connection: sqlite3.Connection, plan: BuildPlan, embedder: "Embedder", config: IndexConfig, *, one_transaction: bool
) -> tuple[list[str], list[str]]:
    """Read, split, embed and store; returns the ids of the added and of the changed documents."""
    added: list[str] = []
    changed: list[str] = []
    if not plan.to_read:
        return added, changed  # without asking the embedder, which may have to be loaded
    limit = token_limit(embedder, config)
    encoder = PassageEncoder(connection, embedder, config)
    with (
        BuildProgress(total_bytes=sum(source.size for source in plan.to_read)) as progress,
        DocumentReader() as reader,
    ):
        for batch in _batches(plan, reader, embedder, limit):
            texts = [draft.embedding_text for _, _, drafts in batch for draft in drafts]
            encoded = [
                encoder.encode(texts[at : at + _BATCH_PASSAGES])
                for at in progress.steps(texts, _BATCH_PASSAGES, sum(source.size for source, _, _ in batch))
            ]
            vectors = _checked(np.concatenate([some for some, _ in encoded]), embedder)
            codes = [one for _, some in encoded for one in some]
            entries = []
            for source, document, drafts in batch:
                count = len(drafts)
                entries.append(Entry(document, source.origin, drafts, vectors[:count], codes[:count]))
                vectors, codes = vectors[count:], codes[count:]
                plan.noticed.extend((source.document_id, str(one)) for one in noticed_in(document))
                (added if source.document_id in plan.added else changed).append(source.document_id)
            with nullcontext() if one_transaction else transaction(connection):
                put(connection, entries)
    return added, changed


def _checked(vectors: NDArray[np.float32], embedder: "Embedder") -> NDArray[np.float32]:
    if not np.isfinite(vectors).all():
        raise RunError(f"the embedder {embedder.name} gave numbers that are not finite; this batch was not stored")
    return vectors


def noticed_in(document: Document) -> list[object]:
    """List the parts of a document that were left out, or look damaged."""
    noticed = document.metadata.get("noticed")
    return noticed if isinstance(noticed, list) else []


def _batches(
    plan: BuildPlan, reader: DocumentReader, embedder: "Embedder", limit: int
) -> Iterator[list[tuple[Source, Document, list[PassageDraft]]]]:
    batch: list[tuple[Source, Document, list[PassageDraft]]] = []
    passages = 0
    for source in plan.to_read:
        try:
            document = reader.read(source)
        except RefusedError as error:
            plan.newly_refused.append((source, str(error)))
            continue
        drafts = split_document(document, embedder.count_tokens, limit)
        batch.append((source, document, drafts))
        passages += len(drafts)
        if passages >= _BATCH_PASSAGES:
            yield batch
            batch, passages = [], 0
    if batch:
        yield batch
