"""Reads PDF files with PDFium: text page by page as Markdown, and the pages whose text cannot be trusted by name."""

import re
from collections.abc import Mapping, Sequence
from contextlib import closing

import pypdfium2
import pypdfium2.raw as pdfium

from index.extract import Extract, RefusedError, joined_pages, named_pages, require_text_size
from index.office_properties import real_title
from index.pdf_glyphs import Glyph, page_glyphs, page_rulings
from index.pdf_layout import heading_sizes, page_markdown
from index.pdf_lines import Page, body_size, read_page, running_heads, without_margins
from index.text_quality import page_fault

MOST_PAGES = 5_000
_MOST_UNMAPPED_SHARE = 0.05
_LEAST_CHARS_ON_SCAN = 15
_SCAN_SHARE = 0.6  # of the page that one image covers
_NO_TEXT = "no text layer (a scanned or drawn page): run text recognition (OCR) on the file first"
_PDF_DATE = re.compile(r"(?:D:)?(\d{4})(\d{2})?(\d{2})?")


def read_pdf(content: bytes) -> Extract:
    """Read a PDF file.

    Raises:
        RefusedError: damaged, encrypted, too many pages, or no page whose text can be trusted.
    """
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise RefusedError("encrypted: it needs a password; save it without one") from None
        raise RefusedError("a damaged file, or no PDF") from None
    with closing(document):
        if len(document) > MOST_PAGES:
            raise RefusedError(f"{len(document):,} pages; at most {MOST_PAGES:,} are read: split it")
        if len(document) == 0:
            raise RefusedError("a PDF without pages")
        pages, faults = _pages(document)
        properties = document.get_metadata_dict()
    body = body_size(pages)
    heads = running_heads(pages)
    pages = [without_margins(page, heads, body) for page in pages]
    sizes = heading_sizes(pages, body)
    good = []
    for page in pages:
        text = page_markdown(page, body, sizes)
        fault = page_fault(text)
        if fault:
            faults.append((page.number, fault))
        else:
            good.append((page.number, text))
    noticed = tuple(named_pages("page", sorted(faults)))
    if not any(text.strip() for _, text in good):
        raise RefusedError("no page can be read: " + ("; ".join(noticed) or "all are blank"))
    text, starts = joined_pages(good)
    title, metadata = _properties(properties)
    return Extract(text, title, metadata, starts, noticed)


def _pages(document: pypdfium2.PdfDocument) -> tuple[list[Page], list[tuple[int, str]]]:
    """Read every page; returns those with text, and (number, reason) of those that must be left out."""
    pages: list[Page] = []
    faults: list[tuple[int, str]] = []
    chars = 0
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError:
            faults.append((number, "the page is damaged"))
            continue
        with closing(page), closing(page.get_textpage()) as text_page:
            glyphs = list(page_glyphs(text_page))
            chars += len(glyphs)
            require_text_size(chars)
            fault = _layer_fault(page, glyphs)
            if fault:
                faults.append((number, fault))
            elif glyphs:
                pages.append(read_page(number, page.get_height(), glyphs, page_rulings(page)))
    return pages, faults


def _layer_fault(page: pypdfium2.PdfPage, glyphs: Sequence[Glyph]) -> str:
    """Say what is wrong with the text layer of a page; "" for a good or a blank page."""
    if len(glyphs) < _LEAST_CHARS_ON_SCAN:
        area = max(page.get_width() * page.get_height(), 1.0)
        drawn = list(page.get_objects(max_depth=2))
        if not glyphs:
            return _NO_TEXT if drawn else ""
        if any(_area(one) > _SCAN_SHARE * area for one in drawn if one.type == pdfium.FPDF_PAGEOBJ_IMAGE):
            return _NO_TEXT
    unmapped = sum(glyph.unmapped for glyph in glyphs)
    if unmapped > max(_MOST_UNMAPPED_SHARE * len(glyphs), 3):
        return f"mojibake: its fonts do not say which characters they draw ({unmapped} of {len(glyphs)})"
    return ""


def _area(one: pypdfium2.PdfObject) -> float:
    left, bottom, right, top = one.get_bounds()
    return float((right - left) * (top - bottom))


def _properties(found: Mapping[str, str]) -> tuple[str, dict[str, object]]:
    title = found.get("Title", "").strip()
    metadata: dict[str, object] = {}
    for name in ("Author", "Subject", "Keywords"):
        if value := found.get(name, "").strip():
            metadata[name.lower()] = value
    for name, key in (("CreationDate", "date"), ("ModDate", "modified")):
        if day := _day(found.get(name, "")):
            metadata[key] = day
    return real_title(title), metadata


def _day(written: str) -> str:
    match = _PDF_DATE.match(written.strip())
    return "-".join(part for part in match.groups() if part) if match else ""
