"""From a source to its document: reading the bytes, judging the text, filling in what the file does not say.

Formats that are text already are read here; all others in a process of their own, which a file may hang or crash.
"""

import hashlib
import json
from pathlib import Path
from types import TracebackType
from typing import Self

from index.blocks import Kind, find_blocks
from index.extract import Extract, RefusedError, encodable
from index.formats import CORPUS_SUFFIX, FORMATS
from index.front_matter import iso_date
from index.language import LANGUAGES, UNDETERMINED, detect_language
from index.reader_process import ReaderProcess
from index.records import Document
from index.sources import Source
from index.text_quality import glued_numbers, glued_words, mojibake

STATUSES = ("plan", "decision", "outcome")
_HEADING_REACH_CHARS = 20_000


class DocumentReader:
    """Reads sources one after the other; use it with `with`, or `close` it."""

    def __init__(self) -> None:
        self._process = ReaderProcess()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process that reads, if it runs."""
        self._process.close()

    def read(self, source: Source) -> Document:
        """Read one source into a document; its hash is that of the bytes read now.

        Raises:
            RefusedError: the bytes are not a document of their type, hold no text, or none that can be trusted.
            RunError: the process that reads cannot be started.
        """
        suffix = source.origin.suffix.lower()
        if FORMATS[suffix].apart:
            extract, digest = self._process.read(source.origin, source.size)
        else:
            size = source.size if suffix == CORPUS_SUFFIX else None
            extract, digest = read_file(source.origin, offset=source.offset, size=size)
        return _document(source, extract, digest)


def read_file(path: Path, *, offset: int = 0, size: int | None = None) -> tuple[Extract, str]:
    """Read and judge one file, or the part of it that is a document; returns its extract and its SHA-256.

    Raises:
        RefusedError: the bytes are not a document of their type, hold no text, or none that can be trusted.
    """
    form = FORMATS[path.suffix.lower()]
    try:
        with path.open("rb") as file:
            file.seek(offset)
            content = file.read(form.largest_bytes + 1 if size is None else size)
    except OSError as error:
        raise RefusedError(f"cannot be read: {error.strerror}") from None
    extract = form.read(content)
    if not extract.text.strip():
        raise RefusedError("holds no text")
    if not form.pages_judged:
        extract = _judged(extract)
    return extract, hashlib.sha256(content).hexdigest()


def _judged(extract: Extract) -> Extract:
    """Refuse mojibake; note what else looks damaged, which a text file without pages may have for good reasons."""
    if fault := mojibake(extract.text):
        raise RefusedError(fault)
    doubts = tuple(f"doubtful: {doubt}" for doubt in (glued_words(extract.text), glued_numbers(extract.text)) if doubt)
    if not doubts:
        return extract
    return Extract(extract.text, extract.title, extract.metadata, extract.pages, extract.noticed + doubts)


def _document(source: Source, extract: Extract, content_hash: str) -> Document:
    text = encodable(extract.text)
    metadata = json.loads(encodable(json.dumps(dict(extract.metadata), ensure_ascii=False, default=str)))
    language = str(metadata.pop("language", metadata.pop("lang", ""))).lower()[:2]
    declared = str(metadata.pop("declared_language", "")).lower()[:2]  # of a page template, often wrong
    if language not in LANGUAGES:
        language = detect_language(text)
    if language == UNDETERMINED and declared in LANGUAGES:
        language = declared
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
    if extract.noticed:
        metadata["noticed"] = list(extract.noticed)
    return Document(
        document_id=source.document_id,
        title=encodable(extract.title) or _first_heading(text) or source.origin.stem,
        text=text,
        language=language,
        date=day,
        url=str(url or ""),
        status=known_status,
        translation_of=str(metadata.pop("translation_of", "") or ""),
        content_hash=content_hash,
        metadata=metadata,
        pages=extract.pages,
    )


def _first_heading(text: str) -> str:
    blocks = find_blocks(text[:_HEADING_REACH_CHARS])
    return next((block.heading for block in blocks if block.kind is Kind.HEADING), "")
