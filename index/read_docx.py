"""Reads Word documents: headings, lists with their numbers, tables, notes, text boxes, diagrams; no deleted text."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import docx
from docx.document import Document as DocxDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.opc.rel import Relationships
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml.etree import _Element as Element

from index.archive import DAMAGE, open_archive
from index.docx_numbering import Numbering
from index.extract import Extract, RefusedError, join_lines, one_line, require_text_size
from index.markdown import heading, item, joined, superscript, table
from index.office_properties import office_properties
from index.smart_art import diagram_list, diagram_parts

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
        list_id: the list that its paragraphs are items of, or "".
        depth: their level in that list, from 0.
        is_item: whether it makes list items, also without a list.
    """

    level: int = 0
    list_id: str = ""
    depth: int = 0
    is_item: bool = False


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is needed while walking through a document."""

    styles: dict[str, _Style]
    notes: dict[tuple[str, str], Element]
    numbering: Numbering
    parts: Relationships


def read_docx(content: bytes) -> Extract:
    """Read a Word document.

    Raises:
        RefusedError: damaged, encrypted, a ZIP bomb, or no Word document.
    """
    open_archive(content).close()
    try:
        document = docx.Document(io.BytesIO(content))
        reading = _Reading(_styles(document), dict(_notes(document)), Numbering(document), document.part.rels)
        text = joined(_blocks(document.element.body, reading, 0))
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
        list_id, depth = _list_place(element.find(qn("w:pPr")), inherited)
        is_item = bool(list_id) or inherited.is_item or name.startswith("list ")
        found[identity] = _Style(level, list_id, depth, is_item and not level)
        return found[identity]

    for identity in elements:
        resolved(identity)
    return found


def _outline_level(properties: Element | None) -> int:
    outline = properties.find(qn("w:outlineLvl")) if properties is not None else None
    written = outline.get(qn("w:val"), "9") if outline is not None else "9"
    return int(written) + 2 if written.isdecimal() and int(written) < 9 else 0


def _list_place(properties: Element | None, style: _Style) -> tuple[str, int]:
    """Give the list and the level in it that properties name, else those of the style; list "" for none."""
    numbered = properties.find(qn("w:numPr")) if properties is not None else None
    if numbered is None:
        return style.list_id, style.depth
    list_id, depth = numbered.find(qn("w:numId")), numbered.find(qn("w:ilvl"))
    written = depth.get(qn("w:val"), "0") if depth is not None else str(style.depth)
    named = style.list_id if list_id is None else list_id.get(qn("w:val"), "")
    return "" if named == "0" else named, int(written) if written.isdecimal() else 0


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
            yield from _table(child, reading, depth)
        elif isinstance(child.tag, str) and child.tag not in _LEFT_OUT and child.tag != qn("w:sectPr"):
            yield from _blocks(child, reading, depth + 1)  # content controls, inserted text


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """What a paragraph is: its text, its heading level or 0, its place in a list, and its number there."""

    text: str
    level: int
    is_item: bool
    depth: int
    label: str

    @classmethod
    def of(cls, paragraph: Element, reading: _Reading) -> "_Paragraph":
        properties = paragraph.find(qn("w:pPr"))
        named = properties.find(qn("w:pStyle")) if properties is not None else None
        style = reading.styles.get(named.get(qn("w:val"), ""), _Style()) if named is not None else _Style()
        text = _text(paragraph)
        list_id, depth = _list_place(properties, style)
        label = reading.numbering.label(list_id, depth) if list_id and text.strip() else ""
        unlisted = properties is not None and properties.find(qn("w:numPr")) is not None and not list_id
        is_item = bool(list_id) or (style.is_item and not unlisted)
        return cls(text, _outline_level(properties) or style.level, is_item, depth, label)


def _paragraph(paragraph: Element, reading: _Reading, depth: int) -> Iterator[str]:
    found = _Paragraph.of(paragraph, reading)
    if found.level:
        yield heading(found.level, f"{found.label} {one_line(found.text)}")
    elif found.is_item:
        yield item(one_line(found.text), found.depth, found.label)
    else:
        yield "\n".join(line.strip() for line in found.text.split("\n") if line.strip())
    for identity in diagram_parts(paragraph):
        if identity in reading.parts and not reading.parts[identity].is_external:
            yield diagram_list(reading.parts[identity].target_part.blob)
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


def _table(element: Element, reading: _Reading, depth: int) -> Iterator[str]:
    """Write a table of data; one with tables inside only arranges a page, and gives the blocks of its cells."""
    if next(element.iterdescendants(qn("w:tbl")), None) is None:
        yield table(_rows(element, reading))
        return
    for cell in element.iter(qn("w:tc")):
        if next(cell.iterancestors(qn("w:tbl"))) is element:
            yield from _blocks(cell, reading, depth + 1)


def _rows(element: Element, reading: _Reading) -> Iterator[list[str]]:
    """Lay out the cells of a table; a cell over several rows or columns is repeated in each of them."""
    above: list[str] = []
    for row in element.iterchildren(qn("w:tr"), qn("w:sdt")):
        texts: list[str] = []
        for cell in row.iter(qn("w:tc")):
            merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            continues = merged is not None and merged.get(qn("w:val"), "continue") != "restart"
            text = above[len(texts)] if continues and len(texts) < len(above) else _cell_text(cell, reading)
            span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
            written = span.get(qn("w:val"), "1") if span is not None else "1"
            texts += [text] * (min(int(written), 200) if written.isdecimal() else 1)
        above = texts
        yield texts


def _cell_text(cell: Element, reading: _Reading) -> str:
    text = ""
    for paragraph in cell.iter(qn("w:p")):
        found = _Paragraph.of(paragraph, reading)
        text = join_lines(text, f"{found.label} {one_line(found.text)}".strip())
    return text
