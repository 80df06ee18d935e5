"""Reads EPUB books: their chapters in reading order, through the reader of HTML; title, authors, date and language."""

import posixpath
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from index.archive import member, open_archive
from index.extract import Extract, RefusedError, require_text_size
from index.html_blocks import html_markdown
from index.read_html import parse_html

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_DC = "{http://purl.org/dc/elements/1.1/}"
_FONT_ALGORITHMS = (b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC")
_MOST_CHAPTERS = 5_000


def read_epub(content: bytes) -> Extract:
    """Read an EPUB book.

    Raises:
        RefusedError: damaged, protected, a ZIP bomb, or no EPUB.
    """
    with open_archive(content, allow_doctype=True) as archive:
        if _ENCRYPTION in archive.namelist():
            encryption = member(archive, _ENCRYPTION)
            fonts = sum(encryption.count(algorithm) for algorithm in _FONT_ALGORITHMS)
            if encryption.count(b"EncryptedData>") // 2 > fonts:
                raise RefusedError("protected: its chapters are encrypted")
        package_name = _package_name(archive)
        package = _xml(member(archive, package_name), package_name)
        parts: list[str] = []
        noticed: list[str] = []
        length = 0
        for name in _chapters(package, package_name):
            try:
                body = parse_html(member(archive, name)).find("body")
            except RefusedError as error:
                if str(error) not in ("holds no text", "holds no HTML"):
                    noticed.append(f"chapter {name}: {error}")
                continue
            part = "" if body is None else html_markdown(body)
            length += len(part)
            require_text_size(length)
            parts.append(part)
    title, metadata = _metadata(package)
    return Extract("\n\n".join(part for part in parts if part), title, metadata, noticed=tuple(noticed))


def _xml(content: bytes, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise RefusedError(f"a damaged file: {name} is not XML ({str(error)[:60]})") from None


def _package_name(archive: zipfile.ZipFile) -> str:
    container = _xml(member(archive, _CONTAINER), _CONTAINER)
    for root in container.iter("{*}rootfile"):
        if path := root.get("full-path"):
            return str(path)
    raise RefusedError("not a file of its type: it names no package")


def _chapters(package: etree._Element, package_name: str) -> Iterator[str]:
    """Yield the archive names of the chapters in reading order."""
    folder = posixpath.dirname(package_name)
    files = {
        one.get("id", ""): posixpath.normpath(posixpath.join(folder, unquote(one.get("href", ""))))
        for one in package.iter("{*}item")
        if one.get("media-type") in ("application/xhtml+xml", "text/html") and "nav" not in one.get("properties", "")
    }
    for number, reference in enumerate(package.iter("{*}itemref")):
        if number >= _MOST_CHAPTERS:
            raise RefusedError(f"more than {_MOST_CHAPTERS:,} chapters")
        if reference.get("idref") in files and reference.get("linear") != "no":
            yield files[reference.get("idref", "")]


def _metadata(package: etree._Element) -> tuple[str, dict[str, object]]:
    def values(name: str) -> list[str]:
        return [" ".join(one.text.split()) for one in package.iter(_DC + name) if one.text and one.text.strip()]

    metadata: dict[str, object] = {}
    if authors := values("creator"):
        metadata["author"] = ", ".join(authors)
    if publishers := values("publisher"):
        metadata["publisher"] = publishers[0]
    if dates := values("date"):
        metadata["date"] = dates[0]
    if languages := values("language"):
        metadata["declared_language"] = languages[0]
    return next(iter(values("title")), ""), metadata
