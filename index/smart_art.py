"""The words of a SmartArt diagram in a presentation or a Word document, as a list in its own order and depth.

The drawing names a part of the package with points and connections between them (ECMA-376, part 1, section 21.4).
"""

from collections.abc import Iterator

from lxml import etree
from lxml.etree import _Element as Element

from index.extract import one_line
from index.markdown import item

_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DATA = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm"
_DEEPEST = 20


def diagram_parts(element: Element) -> Iterator[str]:
    """Yield the relationship ids of the diagrams that are drawn inside an element."""
    for found in element.iter(f"{_DIAGRAM}relIds"):
        if identity := found.get(_DATA):
            yield identity


def diagram_list(content: bytes) -> str:
    """Write the texts of a diagram as list items.

    Args:
        content: the data part of the diagram.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(content, parser)
    points = {point.get("modelId", ""): point for point in root.iter(f"{_DIAGRAM}pt")}
    below: dict[str, list[tuple[int, str]]] = {}
    for found in root.iter(f"{_DIAGRAM}cxn"):
        if found.get("type", "parOf") == "parOf":
            order = found.get("srcOrd", "0")
            place = int(order) if order.isdecimal() else 0
            below.setdefault(found.get("srcId", ""), []).append((place, found.get("destId", "")))

    def items(identity: str, depth: int) -> Iterator[str]:
        point = points.pop(identity, None)  # each point once, whatever the connections say
        if point is None or depth > _DEEPEST:
            return
        text = _text(point)
        if text:
            yield item(text, depth)
        for _, child in sorted(below.get(identity, [])):
            yield from items(child, depth + bool(text))

    roots = [identity for identity, point in points.items() if point.get("type") == "doc"]
    return "\n".join(line for identity in roots for line in items(identity, 0))


def _text(point: Element) -> str:
    body = point.find(f"{_DIAGRAM}t")
    if body is None:
        return ""
    paragraphs = ("".join(one.text or "" for one in p.iter(f"{_DRAWING}t")) for p in body.iter(f"{_DRAWING}p"))
    return one_line("\n".join(paragraphs))
