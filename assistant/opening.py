"""Builds an `Assistant` with its models: embedder, index, model server. Used by the entry points and by programs.

The model server starts while the embedder loads: the two take most of the time.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from assistant import serving
from assistant.config import AssistantConfig
from assistant.pipeline import Assistant
from index.build import build, default_documents
from index.config import IndexConfig, read_table
from index.embedder import load_embedder
from index.errors import UsageError
from index.retriever import Retriever
from prompts import LANGUAGES, load

_WARM_ORDER = ("answer", "condense", "translate")


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
    if index is not None and not folder.is_dir():
        raise UsageError(f"no index at {folder}; make it with: python -m index build DOCUMENTS --index {folder}")
    with ExitStack() as stack, ThreadPoolExecutor(1) as background:
        starting = None if config.server == "none" else background.submit(serving.start, config, Path(index_config.cache))
        try:
            embedder = load_embedder(index_config)
            if index is None:
                build([default_documents()], folder, embedder, index_config)
            retriever = stack.enter_context(Retriever.open(folder, embedder, index_config))
        except BaseException:
            if starting is not None and starting.exception() is None:
                starting.result().stop()
            raise
        if starting is None:
            yield Assistant(retriever, embedder, None, config)
            return
        server = stack.enter_context(starting.result())
        server.warm([prompt for name in _WARM_ORDER for prompt in _static_prompts(name)])
        yield Assistant(retriever, embedder, server.generator(), config, revive=server.restart)


def settings(**flags: object) -> AssistantConfig:
    """The configuration with the flags of a command line on top; a flag that is None was not given."""
    given = {name: value for name, value in flags.items() if value is not None}
    return replace(read_table(AssistantConfig, "assistant"), **given)  # type: ignore[arg-type]


def _static_prompts(name: str) -> list[list[dict[str, str]]]:
    return [[{"role": "system", "content": load(name, language).system}] for language in LANGUAGES]
