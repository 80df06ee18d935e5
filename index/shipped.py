"""The index of the shipped documents. The program made it, so the program mends it: nobody is asked to.

It goes along with the folder of the program when that is moved or copied, and is made again where an older version or
another embedding model made it. An index that holds documents of the user is never touched in this way.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from index.build import BuildReport, build, default_documents, recorded_sources
from index.config import IndexConfig
from index.database import transaction, translated, writing
from index.manifest import SCHEMA_VERSION, OtherIndexError, value_of
from index.store import forget_source, known_documents, set_origin

if TYPE_CHECKING:
    from index.embedder import Embedder


def build_shipped(folder: Path, embedder: "Embedder", config: IndexConfig) -> BuildReport:
    """Bring the index of the shipped documents up to date.

    Raises:
        UsageError: the index was made with something else, and holds documents of the user, too.
        RunError: another build is writing, the folder is not writable, the disk is full, or the index is damaged.
    """
    documents = default_documents()
    sources = recorded_sources(folder)
    if not sources or not all(_is_shipped(source) for source in sources):
        return build([documents], folder, embedder, config)
    try:
        _follow(folder, [source for source in sources if source != documents], documents)
        return build([documents], folder, embedder, config)
    except OtherIndexError as error:
        sys.stderr.write(f"note: {error.reason}; it is made again\n")
        return build([documents], folder, embedder, config, rebuild=True)


def _is_shipped(source: Path) -> bool:
    """Tell the folder of the shipped documents, in whatever place the program was."""
    documents = default_documents()
    return source.parts[-2:] == documents.parts[-2:]


def _follow(folder: Path, earlier: list[Path], documents: Path) -> None:
    """Note that the documents of a program that was moved or copied are here now."""
    if not earlier:
        return
    roots = [root for one in earlier for root in (one, one.resolve())]
    with writing(folder) as connection, translated(folder), transaction(connection):
        if value_of(connection, "schema") != SCHEMA_VERSION:
            return  # it is made again
        for document_id, known in known_documents(connection).items():
            root = next((one for one in roots if known.origin.is_relative_to(one)), None)
            if root is not None:
                set_origin(connection, document_id, documents.resolve() / known.origin.relative_to(root))
        for root in earlier:
            forget_source(connection, root)
