"""Reads a small index once while nobody asks: figures, words, names and orders of its sentences are then remembered."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from assistant.instructions import documents_with_instructions
from assistant.memory import return_memory
from assistant.names import groups_in
from assistant.quoting import SentenceIndex
from assistant.subject import heading_and_text
from index.embedder import Embedder
from index.retriever import Retriever

_MOST_PASSAGES = 2000  # about ten seconds of one core
_BATCH_PASSAGES = 16


@contextmanager
def reading_ahead(retriever: Retriever, embedder: Embedder) -> Iterator[None]:
    """Read in a thread of its own while the block runs; the thread ends with it."""
    ended = Event()
    thread = Thread(target=_read, args=(retriever, embedder, ended), daemon=True, name="reading ahead")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _read(retriever: Retriever, embedder: Embedder, ended: Event) -> None:
    SentenceIndex(retriever, embedder).words.prepare()
    passages = retriever.passages(_MOST_PASSAGES)
    for first in range(0, len(passages), _BATCH_PASSAGES):
        batch = passages[first : first + _BATCH_PASSAGES]
        stored = retriever.sentences([passage.passage_id for passage in batch])
        known = [passage for passage in batch if passage.passage_id in stored]  # the others would have to be embedded
        sentences = SentenceIndex(retriever, embedder).add(known)
        documents_with_instructions(known)
        for passage in known:
            if ended.wait(0.001):  # also lets a question go first
                return
            groups_in(heading_and_text(passage))
            for sentence in sentences[passage.passage_id]:
                _ = sentence.figures, sentence.words
    return_memory()
