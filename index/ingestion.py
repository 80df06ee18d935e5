"""Reading, splitting, embedding and storing what a build found new or changed.

The encoder takes nearly all of the time, so it never waits for the rest: while it works on one batch, the next one is
read and split, and the one before is stored. Large batches let it sort many passages by length, which spares padding.
Each batch is one transaction.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.build_plan import BuildPlan
from index.build_progress import BuildProgress
from index.config import IndexConfig
from index.cores import CORE, let_go_of_core
from index.database import transaction
from index.errors import RunError
from index.extract import RefusedError
from index.late_interaction import Codes
from index.lexical import segmented
from index.manifest import token_limit
from index.passages import PassageDraft, split_document
from index.reading import DocumentReader
from index.records import Document
from index.sources import Source
from index.store import Entry, put
from index.token_vectors import PassageEncoder

if TYPE_CHECKING:
    from index.embedder import Embedder

_BATCH_PASSAGES = 512  # embedded together (the embedder sorts by length) and stored in one transaction
_FIRST_BATCH_PASSAGES = 32  # the encoder begins early
_ENCODED_AT_ONCE = 2  # one batch is tokenised while the one before is embedded

Batch = list[tuple[Source, Document, list[PassageDraft]]]
Encoded = tuple[NDArray[np.float32], list[Codes]]


def ingest(
    connection: sqlite3.Connection, plan: BuildPlan, embedder: "Embedder", config: IndexConfig, *, one_transaction: bool
) -> tuple[list[str], list[str]]:
    """Read, split, embed and store what the plan says, and add to it what was refused or noticed.

    Args:
        connection: the database, of its one writer.
        plan: what to read.
        embedder: embeds the passages.
        config: settings.
        one_transaction: whether the caller has begun a transaction that holds everything.

    Returns:
        The ids of the added and of the changed documents.

    Raises:
        RunError: the process that reads cannot be started, or the embedder gives no numbers.
    """
    added: list[str] = []
    changed: list[str] = []
    encoder = PassageEncoder(connection, embedder, config)
    with (
        CORE,
        BuildProgress(total_bytes=sum(source.size for source in plan.to_read)) as progress,
        DocumentReader() as reader,
        ThreadPoolExecutor(_ENCODED_AT_ONCE) as background,
    ):

        def store(batch: Batch, futures: Sequence["Future[Encoded]"]) -> None:
            size = sum(source.size for source, _, _ in batch)
            texts = sum(len(drafts) for _, _, drafts in batch)
            words = [[_words(draft) for draft in drafts] for _, _, drafts in batch]  # while the encoder works
            with let_go_of_core():
                steps = progress.steps(texts, _BATCH_PASSAGES, size)
                encoded = [futures[at // _BATCH_PASSAGES].result() for at in steps]
            vectors = _checked(np.concatenate([some for some, _ in encoded]), embedder)
            codes = [one for _, some in encoded for one in some]
            with nullcontext() if one_transaction else transaction(connection):
                encoder.keep_centre()
                put(connection, _entries(batch, words, vectors, codes))
            for source, document, _ in batch:
                plan.noticed.extend((source.document_id, str(one)) for one in noticed_in(document))
                (added if source.document_id in plan.added else changed).append(source.document_id)

        try:
            waiting: tuple[Batch, list[Future[Encoded]]] | None = None
            for batch in _batches(plan, reader, embedder, token_limit(embedder, config)):
                texts = [draft.embedding_text for _, _, drafts in batch for draft in drafts]
                steps = [texts[at : at + _BATCH_PASSAGES] for at in range(0, len(texts), _BATCH_PASSAGES)]
                futures = [background.submit(encoder.encode, step) for step in steps]
                if waiting:
                    store(*waiting)
                waiting = batch, futures
            if waiting:
                store(*waiting)
        except BaseException:  # Ctrl-C included: what is on its way need not be finished
            encoder.stop()
            background.shutdown(wait=False, cancel_futures=True)
            raise
    return added, changed


def noticed_in(document: Document) -> list[object]:
    """List the parts of a document that were left out, or look damaged."""
    noticed = document.metadata.get("noticed")
    return noticed if isinstance(noticed, list) else []


def _words(draft: PassageDraft) -> tuple[str, str]:
    passage = draft.passage
    return segmented(f"{passage.title} {passage.section}"), segmented(passage.text)


def _entries(
    batch: Batch, words: list[list[tuple[str, str]]], vectors: NDArray[np.float32], codes: list[Codes]
) -> Iterator[Entry]:
    for (source, document, drafts), own in zip(batch, words, strict=True):
        count = len(drafts)
        yield Entry(document, source.origin, drafts, own, vectors[:count], codes[:count])
        vectors, codes = vectors[count:], codes[count:]


def _checked(vectors: NDArray[np.float32], embedder: "Embedder") -> NDArray[np.float32]:
    if not np.isfinite(vectors).all():
        raise RunError(f"the embedder {embedder.name} gave numbers that are not finite; this batch was not stored")
    return vectors


def _batches(plan: BuildPlan, reader: DocumentReader, embedder: "Embedder", limit: int) -> Iterator[Batch]:
    batch: Batch = []
    passages, wanted = 0, min(_FIRST_BATCH_PASSAGES, _BATCH_PASSAGES)
    for source in plan.to_read:
        try:
            document = reader.read(source)
        except RefusedError as error:
            plan.newly_refused.append((source, str(error)))
            continue
        drafts = split_document(document, embedder.count_tokens, limit)
        batch.append((source, document, drafts))
        passages += len(drafts)
        if passages >= wanted:
            yield batch
            batch, passages, wanted = [], 0, _BATCH_PASSAGES
    if batch:
        yield batch
