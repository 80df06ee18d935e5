"""Finding the documents under files and folders, and telling the unchanged ones by their hash without reading them."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.corpus import corpus_id, corpus_record
from index.errors import UsageError
from index.extract import RefusedError, encodable
from index.formats import CORPUS_SUFFIX, FORMATS, UNREAD

_BAD_NAME = "its name is not valid UTF-8; rename it"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document comes from.

    Attributes:
        document_id: identity in the index.
        origin: absolute path of the file.
        offset: first byte of the document in the file; 0 except in a corpus.jsonl.
        size: its length in bytes.
        content_hash: SHA-256 (hex) of these bytes.
    """

    document_id: str
    origin: Path
    offset: int
    size: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file, or a line of one, that was not indexed, and why.

    Attributes:
        origin: absolute path of a file that could not be read at all; None for a line of a corpus or a link.
    """

    name: str
    origin: Path | None
    reason: str


def find_sources(paths: Sequence[Path]) -> Iterator[Source | Refusal]:
    """Find the documents under files and folders, in a stable order.

    Hidden files and file types without text are passed over in folders. Documents in formats without a reader, links
    that leave their folder, unreadable and too large files are refused by name. A `.jsonl` that is no corpus is passed
    over in a folder, refused when named.

    Raises:
        UsageError: a path does not exist, a named file has no reader, or two sources have the same document id.
    """
    seen: dict[str, Source] = {}
    files: dict[Path, Path] = {}  # which argument a file was found by: one in two arguments belongs to the first
    for path in paths:
        for found in _sources_of(path):
            if isinstance(found, Source):
                if files.setdefault(found.origin, path) != path:
                    continue
                other = seen.setdefault(found.document_id, found)
                if other.origin != found.origin:
                    raise UsageError(
                        f"two documents would be called '{found.document_id}': {other.origin} and {found.origin}; "
                        "index the folder above both, or rename one"
                    )
                if other is not found:
                    yield Refusal(found.document_id, None, "this doc_id stands twice in the file")
                    continue
            yield found


def _sources_of(path: Path) -> Iterator[Source | Refusal]:
    root = path.absolute()
    if encodable(str(root)) != str(root):
        raise UsageError(f"{encodable(str(root))}: {_BAD_NAME}")
    if not root.exists():
        raise UsageError(f"no file or folder at {path}; give the path of documents to index")
    if root.is_dir():
        yield from _sources_in_folder(root.resolve())
    elif root.suffix.lower() not in FORMATS:
        remedy = f"; save it as {UNREAD[root.suffix.lower()]}" if root.suffix.lower() in UNREAD else ""
        raise UsageError(f"{path}: no reader for this file type{remedy}; known: {', '.join(sorted(FORMATS))}")
    else:
        yield from _sources_in_file(root.resolve(), root.name, named=True)


def _sources_in_folder(root: Path) -> Iterator[Source | Refusal]:
    for folder, subfolders, names in os.walk(root):
        for name in [*subfolders, *names]:
            if encodable(name) != name:
                yield Refusal(encodable(Path(folder, name).relative_to(root).as_posix()), None, _BAD_NAME)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith(".") and encodable(name) == name)
        for name in list(subfolders):
            if Path(folder, name).is_symlink():  # os.walk does not follow it
                relative = Path(folder, name).relative_to(root).as_posix()
                yield Refusal(relative, None, "a link to a folder is not followed")
        for name in sorted(names):
            file = Path(folder, name)
            relative = file.relative_to(root).as_posix()
            if name.startswith((".", "~$")) or encodable(name) != name:  # ~$: the lock file of an open Office document
                continue
            if file.suffix.lower() in UNREAD:
                yield Refusal(relative, None, f"no reader for {file.suffix}; save it as {UNREAD[file.suffix.lower()]}")
            if file.suffix.lower() not in FORMATS:
                continue
            if file.is_symlink() and not file.resolve().is_relative_to(root):
                yield Refusal(relative, None, "a link that leaves the folder")
            elif file.is_symlink() and not file.exists():
                yield Refusal(relative, None, "a link to nothing")
            else:
                yield from _sources_in_file(file, relative, named=False)


def _sources_in_file(file: Path, document_id: str, *, named: bool) -> Iterator[Source | Refusal]:
    if not file.is_file():
        yield Refusal(document_id, file, "not a regular file")
        return
    try:
        if file.suffix.lower() == CORPUS_SUFFIX:
            yield from _sources_in_corpus(file, document_id, named=named)
            return
        size = file.stat().st_size
        limit = FORMATS[file.suffix.lower()].largest_bytes
        if size > limit:
            yield Refusal(document_id, file, f"{size / 1e6:.0f} MB; it may have {limit // 1_000_000} MB: split it")
            return
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        yield Source(document_id, file, 0, size, digest)
    except OSError as error:
        yield Refusal(document_id, file, f"cannot be read: {error.strerror}")


def _sources_in_corpus(file: Path, name: str, *, named: bool) -> Iterator[Source | Refusal]:
    """Yield a source per line of a BEIR-style corpus; white lines are passed over."""
    offset = 0
    good = 0
    with file.open("rb") as opened:
        for number, line in enumerate(opened, start=1):
            start, offset = offset, offset + len(line)
            if not line.strip():
                continue
            try:
                record = corpus_record(line)
            except RefusedError as error:
                if good == 0 and number == 1:
                    if named:
                        yield Refusal(name, file, f"not a corpus: line 1 {error}")
                    return
                yield Refusal(f"{name} line {number}", None, str(error))
                continue
            good += 1
            yield Source(corpus_id(record), file, start, len(line), hashlib.sha256(line).hexdigest())
