"""Finds model weights by name in a cache addressed by SHA-256; what is missing is fetched (`index.delivery`).

    cache/sha256/<digest>/<file>           verified weights, next to `verified.json` (size and time when hashed)
    cache/hub/<name>@<revision>/           an ordinary model folder, where the hub's form has no single file
    cache/partial/<digest>/part<NN>        what an interrupted fetch keeps for the next one
    cache/locks/<digest>.lock              held while fetching; the system releases it when the process ends

Nothing that was fetched is imported, installed or run; what does not match its digest is deleted. Once fetched, no
network is used. A file put at its place by hand (a machine without network) is hashed once and taken over.
"""

import hashlib
import json
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from index.errors import UsageError


@dataclass(frozen=True, slots=True)
class RegistryPart:
    """One piece of a file: a member of a pinned distribution. `sha256` and `size_bytes` are those of the archive."""

    distribution: str
    member: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file on the hub; without `sha256` the pinned revision alone identifies it."""

    name: str
    size_bytes: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One model of the catalogue.

    Attributes:
        name: how configuration and commands call it.
        kind: "embedder" or "generator".
        licence: SPDX identifier.
        languages: the languages of this program that the model knows.
        size_bytes: of the verified file.
        sha256: of the verified file, hex.
        filename: its name in the cache.
        default: whether the program uses it when the configuration says nothing.
        parts: distributions that carry the file in pieces, in order.
        repository: name on the model hub, or "".
        revision: pinned commit on the hub.
        hub_files: what to take from the hub: a single file with the digest above, or a whole model folder.
    """

    name: str
    kind: str
    licence: str
    languages: tuple[str, ...]
    size_bytes: int
    sha256: str
    filename: str
    default: bool = False
    parts: tuple[RegistryPart, ...] = ()
    repository: str = ""
    revision: str = ""
    hub_files: tuple[HubFile, ...] = ()

    @property
    def source(self) -> str:
        """Where the weights come from, for people."""
        registry = ""
        if self.parts:
            rest = f" to {self.parts[-1].distribution}" if len(self.parts) > 1 else ""
            registry = f"registry {self.parts[0].distribution}{rest}"
        return ", ".join(text for text in (registry, f"hub {self.repository}" if self.repository else "") if text)

    @property
    def hub_is_same_file(self) -> bool:
        """Whether the hub has the very file that the digest names."""
        return len(self.hub_files) == 1 and self.hub_files[0].sha256 == self.sha256


def catalogue(file: Path | None = None) -> list[CatalogueEntry]:
    """Read the catalogue of models.

    Args:
        file: a catalogue; by default the one of the program.
    """
    content = tomllib.loads((file or Path(__file__).with_name("catalogue.toml")).read_text(encoding="utf-8"))
    entries = []
    for table in content["model"]:
        hub, languages, parts = table.pop("hub", {}), table.pop("languages"), table.pop("parts", [])
        entries.append(
            CatalogueEntry(
                **table,
                languages=tuple(languages),
                parts=tuple(RegistryPart(**part) for part in parts),
                repository=hub.get("repository", ""),
                revision=hub.get("revision", ""),
                hub_files=tuple(HubFile(**one) for one in hub.get("files", [])),
            )
        )
    return entries


def fetch(name: str, cache: Path, *, entries: Sequence[CatalogueEntry] | None = None) -> Path:
    """Return the verified weights of a model, fetching them when they are not here yet.

    Args:
        name: a name in the catalogue.
        cache: folder of the cache; made when missing.
        entries: another catalogue than that of the program.

    Returns:
        The file, or the model folder where the hub supplied one.

    Raises:
        UsageError: the catalogue does not know the name, or the cache cannot be written.
        RunError: no source delivers, a digest differs, or the disk is full. What was fetched is kept for the next try.
    """
    entry = entry_named(name, catalogue() if entries is None else entries)
    cache = cache.expanduser()
    found = locate(entry, cache)
    if found is not None:
        return found
    from index.delivery import deliver  # what fetching needs is seldom needed

    return deliver(entry, cache)


def entry_named(name: str, entries: Sequence[CatalogueEntry]) -> CatalogueEntry:
    """Find an entry by its name.

    Raises:
        UsageError: there is none.
    """
    for entry in entries:
        if entry.name == name:
            return entry
    raise UsageError(f"no model '{name}' in the catalogue; known: {', '.join(entry.name for entry in entries)}")


def locate(entry: CatalogueEntry, cache: Path) -> Path | None:
    """Find verified weights in the cache, without network and without hashing them again."""
    file, folder = file_place(entry, cache.expanduser()), folder_place(entry, cache.expanduser())
    with suppress(OSError, ValueError):
        if json.loads(file.with_name("verified.json").read_text(encoding="utf-8")) == stamp(file):
            return file
    return folder if entry.hub_files and not entry.hub_is_same_file and folder.is_dir() else None


def verify(entry: CatalogueEntry, cache: Path) -> bool:
    """Hash the weights in the cache again; True when they are here and unchanged."""
    found = locate(entry, cache)
    if found is None:
        return False
    if found.is_dir():
        return all(not one.sha256 or file_digest(found / one.name) == one.sha256 for one in entry.hub_files)
    return file_digest(found) == entry.sha256


def stamp(file: Path) -> dict[str, int]:
    """Size and time of a file, which tell whether it was touched since it was hashed."""
    status = file.stat()
    return {"size_bytes": status.st_size, "mtime_ns": status.st_mtime_ns}


def file_digest(file: Path) -> str:
    """SHA-256 of a file, hex."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def file_place(entry: CatalogueEntry, cache: Path) -> Path:
    """Where the verified file of a model stands."""
    return cache / "sha256" / entry.sha256 / entry.filename


def folder_place(entry: CatalogueEntry, cache: Path) -> Path:
    """Where the folder of a model stands that the hub supplied."""
    return cache / "hub" / f"{entry.name}@{entry.revision[:12]}"
