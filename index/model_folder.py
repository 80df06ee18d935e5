"""Finds the folder of the embedding model that the configuration names, its identity and its prefixes.

Names of the catalogue come first, then local folders, then the model hub. No model library is imported here.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from index import weights
from index.errors import UsageError

_HASHED_WHOLE_BYTES = 1 << 20
_CONVERTED_FOLDER = "sentence-transformers-v1"  # a new number where what `e5_container` writes changes

# Families whose published folders carry no prompts: a pattern of the name, the query prefix, the passage prefix.
# Source: the model cards of intfloat's E5.
_FAMILIES = (
    (r"e5-[\w-]*instruct", "Instruct: Given a question, retrieve passages that answer it\nQuery: ", ""),
    (r"(^|[/_-])e5([/_-]|$)", "query: ", "passage: "),
)


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A sentence-transformers folder on this machine.

    Attributes:
        path: the folder.
        name: identity with revision or digest, as the manifest of an index records it.
    """

    path: Path
    name: str


def find_model(embedder: str, cache: Path) -> ModelFolder:
    """Find the embedding model, fetching it first when it is not here.

    Args:
        embedder: a name in the catalogue, a local folder, or a name on the model hub, "owner/model" or
            "owner/model@revision".
        cache: folder of the weights cache.

    Raises:
        UsageError: the text names no model.
        RunError: the model cannot be fetched, or is damaged.
    """
    entries = {entry.name: entry for entry in weights.catalogue() if entry.kind == "embedder"}
    if embedder in entries:
        entry, found = entries[embedder], weights.fetch(embedder, cache)
        if found.is_dir():
            return ModelFolder(found, f"{embedder}@{entry.revision[:12]}")
        converted = found.with_name(_CONVERTED_FOLDER)
        if not converted.is_dir():
            from index.e5_container import convert

            convert(found, converted)
        return ModelFolder(converted, f"{embedder}@sha256:{entry.sha256[:12]}")
    folder = Path(embedder).expanduser()
    if (folder / "config.json").is_file() or (folder / "modules.json").is_file():
        return ModelFolder(folder, f"{folder.resolve().name}@content:{content_digest(folder)}")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+(@[\w./-]+)?", embedder):
        raise UsageError(
            f"no embedding model '{embedder}': give a name of the catalogue ({', '.join(entries)}), a folder that "
            "holds a model, or a name on the model hub (owner/model or owner/model@revision)"
        )
    repository, _, revision = embedder.partition("@")
    from index.hub import fetch_snapshot

    snapshot = fetch_snapshot(repository, revision, cache)
    return ModelFolder(snapshot, f"{repository}@{snapshot.name[:12]}")


def published_prefixes(prompts: Mapping[str, str], embedder: str) -> tuple[str, str]:
    """The prefixes of queries and passages that a model was published with.

    Args:
        prompts: the prompts saved in the model; the library adds empty ones that were never saved.
        embedder: name or path, which tells the family where no prompt was saved.
    """
    query = prompts.get("query") or ""
    passage = prompts.get("passage") or prompts.get("document") or ""
    if query or passage:
        return query, passage
    for pattern, family_query, family_passage in _FAMILIES:
        if re.search(pattern, embedder, re.IGNORECASE):
            return family_query, family_passage
    return "", ""


def content_digest(folder: Path) -> str:
    """Tell models in local folders apart: names, sizes and contents, of large files the first and last megabyte."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        size = file.stat().st_size
        digest.update(f"{file.relative_to(folder).as_posix()}\0{size}\0".encode())
        with file.open("rb") as source:
            digest.update(source.read(_HASHED_WHOLE_BYTES))
            if size > _HASHED_WHOLE_BYTES:
                source.seek(-_HASHED_WHOLE_BYTES, 2)
                digest.update(source.read())
    return digest.hexdigest()[:12]
