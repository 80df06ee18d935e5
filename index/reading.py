"""From files to documents: finding them, telling the unchanged ones by their hash, and extracting their text.

Finding yields a `Source` per document (one per line of a corpus.jsonl) with its content hash, so that unchanged
documents are never parsed. Reading a source gives its `Document`. A format is one function in `READERS`.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.blocks import Kind, find_blocks
from index.encoding import NotTextError, decode
from index.errors import UsageError
from index.front_matter import FrontMatterError, iso_date, split_front_matter
from index.language import LANGUAGES, detect_language
from index.records import Document

LARGEST_DOCUMENT_BYTES = 50_000_000
STATUSES = ("plan", "decision", "outcome")
CORPUS_SUFFIX = ".jsonl"


class RefusedError(Exception):
    """A source that cannot become a document; the message is the reason, without the name of the file."""


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


@dataclass(frozen=True, slots=True)
class Extract:
    """What a reader takes out of the bytes of one source. Empty fields are filled in from the text."""

    text: str
    title: str
    metadata: Mapping[str, object]


def find_sources(paths: Sequence[Path]) -> Iterator[Source | Refusal]:
    """Find the documents under files and folders, in a stable order.

    Hidden files and file types without a reader are passed over in folders. Links that leave their folder, unreadable
    and too large files are refused by name. A `.jsonl` that is no corpus is passed over in a folder, refused when
    named.

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


def read_source(source: Source) -> Document:
    """Read one source into a document; its hash is that of the bytes read now.

    Raises:
        RefusedError: the bytes are not a document of their type, or hold no text.
    """
    try:
        with source.origin.open("rb") as file:
            file.seek(source.offset)
            content = file.read(source.size if source.origin.suffix == CORPUS_SUFFIX else LARGEST_DOCUMENT_BYTES + 1)
    except OSError as error:
        raise RefusedError(f"cannot be read: {error.strerror}") from None
    try:
        extract = READERS[source.origin.suffix.lower()](content)
    except (NotTextError, FrontMatterError) as error:
        raise RefusedError(str(error)) from None
    if not extract.text.strip():
        raise RefusedError("holds no text")
    return _document(source, extract, hashlib.sha256(content).hexdigest())


def _document(source: Source, extract: Extract, content_hash: str) -> Document:
    metadata = dict(extract.metadata)
    language = str(metadata.pop("language", metadata.pop("lang", ""))).lower()[:2]
    sources = metadata.get("sources")
    first = sources[0] if isinstance(sources, list) and sources else {}
    url = metadata.pop("url", "") or (first.get("url") if isinstance(first, dict) else "")
    status = str(metadata.get("status") or "")
    known_status = status if status in STATUSES else ""
    if known_status:
        del metadata["status"]
    day = iso_date(metadata.get("date"))
    if day:
        del metadata["date"]
    return Document(
        document_id=source.document_id,
        title=extract.title or _first_heading(extract.text) or source.origin.stem,
        text=extract.text,
        language=language if language in LANGUAGES else detect_language(extract.text),
        date=day,
        url=str(url or ""),
        status=known_status,
        translation_of=str(metadata.pop("translation_of", "") or ""),
        content_hash=content_hash,
        metadata=metadata,
    )


def _first_heading(text: str) -> str:
    return next((block.heading for block in find_blocks(text[:20_000]) if block.kind is Kind.HEADING), "")


def _sources_of(path: Path) -> Iterator[Source | Refusal]:
    root = path.absolute()
    if not root.exists():
        raise UsageError(f"no file or folder at {path}; give the path of documents to index")
    if root.is_dir():
        yield from _sources_in_folder(root.resolve())
    elif root.suffix.lower() not in READERS:
        raise UsageError(f"{path}: no reader for this file type; known: {', '.join(sorted(READERS))}")
    else:
        yield from _sources_in_file(root.resolve(), root.name, named=True)


def _sources_in_folder(root: Path) -> Iterator[Source | Refusal]:
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in list(subfolders):
            if Path(folder, name).is_symlink():  # os.walk does not follow it
                relative = Path(folder, name).relative_to(root).as_posix()
                yield Refusal(relative, None, "a link to a folder is not followed")
        for name in sorted(names):
            file = Path(folder, name)
            if name.startswith(".") or file.suffix.lower() not in READERS:
                continue
            relative = file.relative_to(root).as_posix()
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
        if size > LARGEST_DOCUMENT_BYTES:
            limit = LARGEST_DOCUMENT_BYTES // 1_000_000
            yield Refusal(document_id, file, f"{size / 1e6:.0f} MB; a document may have {limit} MB: split it")
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
                record = _corpus_record(line)
            except RefusedError as error:
                if good == 0 and number == 1:
                    if named:
                        yield Refusal(name, file, f"not a corpus: line 1 {error}")
                    return
                yield Refusal(f"{name} line {number}", None, str(error))
                continue
            good += 1
            yield Source(_corpus_id(record), file, start, len(line), hashlib.sha256(line).hexdigest())


def _corpus_id(record: Mapping[str, Any]) -> str:
    return str(record.get("doc_id") or record.get("_id") or record.get("id") or "")


def _corpus_record(line: bytes) -> dict[str, Any]:
    if len(line) > LARGEST_DOCUMENT_BYTES:
        raise RefusedError("is longer than a document may be")
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise RefusedError("is not JSON in UTF-8") from None
    if not isinstance(record, dict) or not _corpus_id(record) or not isinstance(record.get("text"), str):
        raise RefusedError("has no 'doc_id' and 'text'")
    return record


def read_markdown(content: bytes) -> Extract:
    """Read Markdown with optional YAML front matter; the text is the body, unchanged but for its line ends."""
    metadata, body = split_front_matter(_with_newlines(decode(content)))
    title = str(metadata.pop("title", "") or "")
    return Extract(body, title, metadata)


def read_text(content: bytes) -> Extract:
    """Read plain text."""
    return Extract(_with_newlines(decode(content)), "", {})


def read_corpus_line(content: bytes) -> Extract:
    """Read one line of a corpus.jsonl: doc_id, title, text; the other keys become metadata."""
    record = _corpus_record(content)
    for key in ("doc_id", "_id", "id"):
        record.pop(key, None)
    text = _with_newlines(record.pop("text"))
    title = str(record.pop("title", "") or "")
    return Extract(text.encode("utf-8", "replace").decode("utf-8"), title, record)  # no lone surrogates


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


READERS: Mapping[str, Callable[[bytes], Extract]] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".txt": read_text,
    CORPUS_SUFFIX: read_corpus_line,
}
