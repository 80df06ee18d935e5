"""Builds an `Assistant` with its models: embedder, index, model server. Used by the entry points and by programs.

The model server starts while the embedder loads: the two take most of the time.
"""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

from assistant import serving
from assistant.config import AssistantConfig
from assistant.fingerprint import PROMPTS, READ_ONLY
from assistant.generator import Generator
from assistant.launch import prepare
from assistant.memory import return_memory
from assistant.pipeline import Assistant
from assistant.prefill import PrefillingGenerator, PrefillProcess, start_prefill, when_ready
from assistant.probe import probe_of
from assistant.reading_ahead import reading_ahead
from assistant.record import record_file
from index.config import IndexConfig, read_table
from index.database import connect
from index.embedder import Embedder
from index.errors import RunError
from index.lazy_embedder import LazyEmbedder
from index.retriever import Retriever
from index.sentence_vectors import missing_count, prepare_sentences
from index.shipped import build_shipped
from prompts import LANGUAGES, load

_PREPARED_PASSAGES = 2000  # about a minute on two cores
_USUAL_TOKENS = 64  # of a question or a claim, prefix included


@contextmanager
def open_assistant(
    index: Path | str | None = None,
    *,
    config: AssistantConfig | None = None,
    index_config: IndexConfig | None = None,
) -> Iterator[Assistant]:
    """Start everything an assistant needs, and stop it again at the end.

    Args:
        index: folder of an index made with `python -m index build`. None: the index of the configuration; the
            shipped documents are indexed into it first where they are new or changed.
        config: settings of the assistant; None: `config.toml`, environment, defaults.
        index_config: settings of the index; None: the same.

    Raises:
        UsageError: no such index, or a setting that cannot be used.
        RunError: weights cannot be fetched, or the model server does not start.
    """
    config = config or read_table(AssistantConfig, "assistant")
    index_config = index_config or read_table(IndexConfig, "index")
    folder = Path(index or index_config.folder)
    if index is not None:
        connect(folder).close()  # before anything slow is started
    with ExitStack() as stack:
        starting = None
        if config.server != "none":
            starting = _in_background(lambda: _start(config, Path(index_config.cache).expanduser()))
        try:
            embedder = load_embedder(index_config)
            if index is None:
                build_shipped(folder, embedder, index_config)
            _prepare(folder, embedder)
            return_memory()
            retriever = stack.enter_context(Retriever.open(folder, embedder, index_config))
            _warm_up(embedder)  # loads the model while the server starts, not with the first question
            server, prefill = starting.result() if starting else (None, None)
        except BaseException:
            if starting is not None:
                starting.add_done_callback(_stop)  # now, or as soon as it has started
            raise
        if server is None:
            yield Assistant(retriever, embedder, None, config, record=record_file(config.record))
            return
        stack.enter_context(server)
        if prefill is not None:
            stack.enter_context(prefill)
        written = [name for name in PROMPTS if prefill is None or name not in READ_ONLY]
        server.warm([prompt for name in written for prompt in _static_prompts(name)])
        record = record_file(config.record, server.version)
        stack.enter_context(reading_ahead(retriever, embedder))
        generator: Generator = server.generator()
        if prefill is not None:
            generator = PrefillingGenerator(generator, prefill)
        yield Assistant(retriever, embedder, generator, config, revive=server.restart, record=record)


def _start(config: AssistantConfig, cache: Path) -> "_Started":
    """The model server, and what reads prompts for it where that is faster."""
    launch = prepare(config, cache)
    unread = {"confirm"} if launch.weights is not None and probe_of(launch.weights) else set()
    beginnings = [load(name, LANGUAGES[0]).system for name in READ_ONLY if name not in unread]
    prefill = start_prefill(config.prefill, launch.weights, cache, beginnings)
    try:
        return serving.launched(config, cache, launch), when_ready(prefill)
    except BaseException:
        if prefill is not None:
            prefill.stop()
        raise


def load_embedder(config: IndexConfig) -> Embedder:
    """Name the embedding model; it is loaded when it is needed, so an index of another one is refused without it."""
    return LazyEmbedder(config)


def _prepare(folder: Path, embedder: Embedder) -> None:
    """Store sentence embeddings of a small index, so that answers need not compute them; a large one does without."""
    if not 0 < missing_count(folder) <= _PREPARED_PASSAGES:
        return
    try:
        prepare_sentences(folder, embedder)
    except RunError as error:  # somebody else writes, or the folder is read-only: slower, not wrong
        sys.stderr.write(f"note: sentences are not stored ({error})\n")


def _warm_up(embedder: Embedder) -> None:
    """Embed a text of each usual length: the first questions need not wait for what is made once per length."""
    for words in range(4, _USUAL_TOKENS, 8):
        embedder.embed_queries([" ".join("a" * words)])


def settings(**flags: object) -> AssistantConfig:
    """The configuration with the flags of a command line on top; a flag that is None was not given."""
    given = {name: value for name, value in flags.items() if value is not None}
    return replace(read_table(AssistantConfig, "assistant"), **given)  # type: ignore[arg-type]


def _static_prompts(name: str) -> list[list[dict[str, str]]]:
    return [[{"role": "system", "content": load(name, language).system}] for language in LANGUAGES]


_Started = tuple[serving.ServerHandle, PrefillProcess | None]


def _in_background(start: Callable[[], _Started]) -> "Future[_Started]":
    """Run in a daemon thread: unlike a thread of an executor, it does not hold up the end of the program."""
    future: Future[_Started] = Future()

    def run() -> None:
        try:
            future.set_result(start())
        except BaseException as error:  # noqa: BLE001 - raised again where the result is awaited
            future.set_exception(error)

    Thread(target=run, daemon=True, name="model server start").start()
    return future


def _stop(started: "Future[_Started]") -> None:
    if started.exception() is None:
        for one in started.result():
            if one is not None:
                one.stop()
