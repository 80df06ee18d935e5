"""Reads web pages: the main text as Markdown, and title, author, date and address from the page's own statements."""

import re
from collections.abc import Iterator

from lxml import etree, html

from index.encoding import NotTextError, decode
from index.extract import Extract, RefusedError, require_text_size
from index.html_blocks import html_markdown, inline_text, is_dropped

_CHARSET = re.compile(
    rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)|^<\?xml[^>]+encoding\s*=\s*[\"']([\w-]+)", re.IGNORECASE
)
_CODECS = {"shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "iso-8859-1": "cp1252", "latin1": "cp1252",
           "us-ascii": "cp1252"}  # fmt: skip  # as browsers read them
_HEAD_BYTES = 4096
_MOST_BAD_SHARE = 0.001
_LEAST_MAIN_SHARE = 0.25  # of the text of the page
_DATES = (
    "article:published_time", "citation_publication_date", "dcterms.issued", "dc.date.issued", "dcterms.date",
    "dc.date", "date", "pubdate", "last-modified", "article:modified_time",
)  # fmt: skip
_AUTHORS = ("author", "article:author", "dc.creator", "dcterms.creator", "citation_author")


def read_html(content: bytes) -> Extract:
    """Read a web page.

    Raises:
        RefusedError: not text, or nested so deeply that parts of it would be lost.
    """
    root = parse_html(content)
    named = dict(_named_values(root))
    title_element = root.find(".//title")
    title = named.get("og:title") or (inline_text(title_element) if title_element is not None else "")
    metadata: dict[str, object] = {}
    if author := next((named[name] for name in _AUTHORS if name in named), ""):
        metadata["author"] = author
    if date := next((named[name] for name in _DATES if name in named), "") or _first_time(root):
        metadata["date"] = date
    if description := named.get("description"):
        metadata["description"] = description
    if address := _address(root, named):
        metadata["url"] = address
    if language := root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang"):
        metadata["declared_language"] = language
    text = html_markdown(_main(root))
    require_text_size(len(text))
    return Extract(text, title, metadata)


def parse_html(content: bytes) -> html.HtmlElement:
    """Parse HTML without network, entities or scripts.

    Raises:
        RefusedError: not text, or nested too deeply.
    """
    text = _decoded(content)
    if not text.strip():
        raise RefusedError("holds no text")
    # A parser per document: it keeps the errors of the last one.
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        raise RefusedError("holds no HTML") from None
    if any("depth" in error.message for error in parser.error_log):
        raise RefusedError("its elements are nested too deeply to be read")
    return root


def _decoded(content: bytes) -> str:
    declared = _CHARSET.search(content[:_HEAD_BYTES])
    if declared and not content.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        name = (declared.group(1) or declared.group(2)).decode("ascii").lower()
        try:
            text = content.decode(_CODECS.get(name, name), "replace")
        except LookupError:
            text = ""
        # Pages often declare what they are not; but a few bad bytes do not make a page unreadable.
        if text and text.count("\ufffd") <= _MOST_BAD_SHARE * len(text):
            return text
    try:
        return decode(content)
    except NotTextError as error:
        raise RefusedError(str(error)) from None


def _named_values(root: html.HtmlElement) -> Iterator[tuple[str, str]]:
    for meta in root.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        value = (meta.get("content") or "").strip()
        if name and value:
            yield name, value


def _first_time(root: html.HtmlElement) -> str:
    return next((one.get("datetime", "") for one in root.iter("time") if one.get("datetime")), "")


def _address(root: html.HtmlElement, named: dict[str, str]) -> str:
    links = (link.get("href", "") for link in root.iter("link") if link.get("rel") == "canonical")
    address = next(links, "") or named.get("og:url", "")
    return address if address.startswith(("https://", "http://")) else ""


def _main(root: html.HtmlElement) -> html.HtmlElement:
    """Find the element with the text proper: main or the one article, where it holds a fair share of the page."""
    body = root.find("body")
    body = root if body is None else body
    whole = len(_visible(body))
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = [one for one in body.iterfind(path) if not is_dropped(one)]
        if len(found) == 1 and len(_visible(found[0])) >= max(_LEAST_MAIN_SHARE * whole, 1):
            return found[0]
    return body


def _visible(element: html.HtmlElement) -> str:
    return inline_text(element)
