"""Reads Word documents: headings, lists, tables, notes and text boxes in their places; deleted text stays out."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import docx
from docx.document import Document as DocxDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml.etree import _Element as Element

from index.archive import DAMAGE, open_archive
from index.extract import Extract, RefusedError, join_lines, one_line, require_text_size
from index.markdown import heading, item, superscript, table
from index.office_properties import office_properties

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Deleted text, readings above ideographs, codes of fields, and the older copy of a drawing.
_LEFT_OUT = {qn("w:del"), qn("w:moveFrom"), qn("w:rt"), qn("w:instrText"), qn("w:delText"), _FALLBACK, qn("w:pPr")}
_HEADING_NAME = re.compile(r"(?:heading|titre|見出し) ?(\d)", re.IGNORECASE)
_DEEPEST = 200


@dataclass(frozen=True, slots=True)
class _Style:
    """What a paragraph style says.

    Attributes:
        level: 1 for a title, 2 and more for headings, 0 for text.
        is_item: whether it makes list items.
    """

    level: int = 0
    is_item: bool = False


@dataclass
class _Reading:
    """What is needed while walking through a document."""

    styles: dict[str, _Style] = field(default_factory=dict)
    notes: dict[tuple[str, str], Element] = field(default_factory=dict)


def read_docx(content: bytes) -> Extract:
    """Read a Word document.

    Raises:
        RefusedError: damaged, encrypted, a ZIP bomb, or no Word document.
    """
    open_archive(content).close()
    try:
        document = docx.Document(io.BytesIO(content))
        reading = _Reading(_styles(document), dict(_notes(document)))
        text = ""
        for block in _blocks(document.element.body, reading, 0):
            if block:
                tight = block.lstrip().startswith("- ") and text.rsplit("\n", 1)[-1].lstrip().startswith("- ")
                text += ("\n" if tight else "\n\n") * bool(text) + block
        require_text_size(len(text))
        title, metadata = office_properties(document.core_properties)
    except (PackageNotFoundError, *DAMAGE) as error:
        raise RefusedError(f"a damaged file, or no Word document ({str(error)[:80]})") from None
    return Extract(text, title, metadata)


def _styles(document: DocxDocument) -> dict[str, _Style]:
    elements = {style.get(qn("w:styleId"), ""): style for style in document.styles.element.iter(qn("w:style"))}
    found: dict[str, _Style] = {}

    def resolved(identity: str, depth: int = 0) -> _Style:
        if identity in found or identity not in elements or depth > 20:
            return found.get(identity, _Style())
        element = elements[identity]
        based_on = element.find(qn("w:basedOn"))
        inherited = resolved(based_on.get(qn("w:val"), ""), depth + 1) if based_on is not None else _Style()
        name_element = element.find(qn("w:name"))
        name = name_element.get(qn("w:val"), "").lower() if name_element is not None else ""
        level = _outline_level(element.find(qn("w:pPr"))) or inherited.level
        if match := _HEADING_NAME.match(name):
            level = int(match.group(1)) + 1
        elif name in ("title", "titre", "表題"):
            level = 1
        is_item = _numbered(element.find(qn("w:pPr")), default=inherited.is_item) or name.startswith("list ")
        found[identity] = _Style(level, is_item and not level)
        return found[identity]

    for identity in elements:
        resolved(identity)
    return found


def _outline_level(properties: Element | None) -> int:
    outline = properties.find(qn("w:outlineLvl")) if properties is not None else None
    written = outline.get(qn("w:val"), "9") if outline is not None else "9"
    return int(written) + 2 if written.isdecimal() and int(written) < 9 else 0


def _numbered(properties: Element | None, *, default: bool) -> bool:
    number = properties.find(f"{qn('w:numPr')}/{qn('w:numId')}") if properties is not None else None
    return default if number is None else number.get(qn("w:val")) != "0"


def _notes(document: DocxDocument) -> Iterator[tuple[tuple[str, str], Element]]:
    """Yield footnotes and endnotes by (kind, id)."""
    for kind, relation in (("footnote", RELATIONSHIP_TYPE.FOOTNOTES), ("endnote", RELATIONSHIP_TYPE.ENDNOTES)):
        for related in document.part.rels.values():
            if related.reltype == relation and not related.is_external:
                for note in parse_xml(related.target_part.blob).iter(qn(f"w:{kind}")):
                    yield (kind, note.get(qn("w:id"), "")), note


def _blocks(parent: Element, reading: _Reading, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise RefusedError("its elements are nested too deeply to be read")
    for child in parent:
        if child.tag == qn("w:p"):
            yield from _paragraph(child, reading, depth)
        elif child.tag == qn("w:tbl"):
            yield table(_rows(child))
        elif isinstance(child.tag, str) and child.tag not in _LEFT_OUT and child.tag != qn("w:sectPr"):
            yield from _blocks(child, reading, depth + 1)  # content controls, inserted text


def _paragraph(paragraph: Element, reading: _Reading, depth: int) -> Iterator[str]:
    properties = paragraph.find(qn("w:pPr"))
    named = properties.find(qn("w:pStyle")) if properties is not None else None
    style = reading.styles.get(named.get(qn("w:val"), ""), _Style()) if named is not None else _Style()
    level = _outline_level(properties) or style.level
    text = _text(paragraph)
    if level:
        yield heading(level, one_line(text))
    elif _numbered(properties, default=style.is_item) and text.strip():
        indent = properties.find(f"{qn('w:numPr')}/{qn('w:ilvl')}") if properties is not None else None
        written = indent.get(qn("w:val"), "0") if indent is not None else "0"
        yield item(one_line(text), int(written) if written.isdecimal() else 0)
    else:
        yield "\n".join(line.strip() for line in text.split("\n") if line.strip())
    for box in _text_boxes(paragraph):
        yield from _blocks(box, reading, depth + 1)
    for kind in ("footnote", "endnote"):
        for mark in paragraph.iter(qn(f"w:{kind}Reference")):
            note = reading.notes.get((kind, mark.get(qn("w:id"), "")))
            if note is not None:
                yield " ".join(filter(None, (_text(inner).strip() for inner in note.iter(qn("w:p")))))


def _text_boxes(paragraph: Element) -> Iterator[Element]:
    for box in paragraph.iter(qn("w:txbxContent")):
        if not any(one.tag == _FALLBACK for one in box.iterancestors()):
            yield box


def _text(element: Element) -> str:
    """Give the text of a paragraph as it reads with all changes accepted."""
    written: list[str] = []
    _collect(element, written, 0)
    return "".join(written)


def _collect(element: Element, written: list[str], depth: int) -> None:
    if depth > _DEEPEST:
        raise RefusedError("its elements are nested too deeply to be read")
    for child in element:
        tag = child.tag
        if tag in (qn("w:t"), f"{_MATH}t"):
            text = child.text or ""
            written.append(superscript("".join(written[-8:]), text) if _is_raised(element) else text)
        elif tag == qn("w:tab"):
            written.append(" ")
        elif tag in (qn("w:br"), qn("w:cr")):
            written.append("\n")
        elif tag == qn("w:noBreakHyphen"):
            written.append("-")
        elif isinstance(tag, str) and tag not in _LEFT_OUT and tag != qn("w:txbxContent"):
            _collect(child, written, depth + 1)


def _is_raised(run: Element) -> bool:
    raised = run.find(f"{qn('w:rPr')}/{qn('w:vertAlign')}")
    return raised is not None and raised.get(qn("w:val")) == "superscript"


def _rows(element: Element) -> Iterator[list[str]]:
    """Lay out the cells of a table; a cell over several rows or columns is repeated in each of them."""
    above: list[str] = []
    for row in element.iterchildren(qn("w:tr"), qn("w:sdt")):
        texts: list[str] = []
        for cell in row.iter(qn("w:tc")):
            if next(cell.iterancestors(qn("w:tbl"))) is not element:
                continue  # of a table inside a cell, whose text its cell has already
            merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            continues = merged is not None and merged.get(qn("w:val"), "continue") != "restart"
            text = above[len(texts)] if continues and len(texts) < len(above) else _cell_text(cell)
            span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
            written = span.get(qn("w:val"), "1") if span is not None else "1"
            texts += [text] * (min(int(written), 200) if written.isdecimal() else 1)
        above = texts
        yield texts


def _cell_text(cell: Element) -> str:
    text = ""
    for paragraph in cell.iter(qn("w:p")):
        text = join_lines(text, one_line(_text(paragraph)))
    return text
