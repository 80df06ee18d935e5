"""Diagrams of presentations and Word documents become lists in their own order."""
# ruff: noqa: E501  (samples are easier to read on one line)

from typing import Any

from index.read_docx import read_docx
from index.read_pptx import read_pptx
from tests.sample_files import archive, docx, pptx, with_member

BODY = "word/document.xml"


def _diagram(name: str, relation: str) -> str:
    return (
        f'<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="x"><dgm:relIds xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
        f'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:dm="{relation}"/></a:graphicData></a:graphic>'
    )  # fmt: skip


def _with_diagram(content: bytes, folder: str, rels: str) -> bytes:
    """Add the data of a diagram to an archive: two points, one of them with two below it, in another order."""
    import io
    import zipfile

    def point(identity: str, text: str) -> str:
        return (
            f'<dgm:pt modelId="{identity}"><dgm:t><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>'
        )

    def line(source: str, target: str, order: int, kind: str = "") -> str:
        return f'<dgm:cxn modelId="c{source}{target}" {kind} srcId="{source}" destId="{target}" srcOrd="{order}"/>'

    points = (
        '<dgm:pt modelId="0" type="doc"/>'
        + point("1", "経済産業省")
        + point("2", "Fournisseurs")
        + point("3", "KDDI")
        + point("4", "Sakura")
        + '<dgm:pt modelId="5" type="pres"/>'
    )
    lines = (
        line("0", "2", 1)
        + line("0", "1", 0)
        + line("2", "4", 1)
        + line("2", "3", 0)
        + line("4", "0", 0)
        + line("1", "5", 0, 'type="presOf"')
    )
    data = f'<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><dgm:ptLst>{points}</dgm:ptLst><dgm:cxnLst>{lines}</dgm:cxnLst></dgm:dataModel>'
    content = with_member(
        content,
        rels,
        lambda xml: xml.replace(
            "</Relationships>",
            '<Relationship Id="rIdD" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/diagramData" Target="%s"/></Relationships>'
            % ("diagrams/data1.xml" if folder == "word" else "../diagrams/data1.xml"),
        ),
    )
    content = with_member(
        content,
        "[Content_Types].xml",
        lambda xml: xml.replace(
            "</Types>",
            f'<Override PartName="/{folder}/diagrams/data1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml"/></Types>',
        ),
    )
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return archive({**{name: opened.read(name) for name in opened.namelist()}, f"{folder}/diagrams/data1.xml": data})  # fmt: skip


DIAGRAM_LIST = "- 経済産業省\n- Fournisseurs\n  - KDDI\n  - Sakura"


def test_a_diagram_on_a_slide_is_a_list() -> None:
    def write(presentation: Any) -> None:
        from pptx.oxml import parse_xml

        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        namespace = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        slide.shapes._spTree.append(parse_xml(
            f'<p:graphicFrame {namespace}><p:nvGraphicFramePr><p:cNvPr id="9" name="Diagram"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>'
            f'<p:xfrm><a:off x="0" y="0"/><a:ext cx="9" cy="9"/></p:xfrm>{_diagram("p", "rIdD")}</p:graphicFrame>'
        ))  # fmt: skip

    assert read_pptx(_with_diagram(pptx(write), "ppt", "ppt/slides/_rels/slide1.xml.rels")).text == DIAGRAM_LIST


def test_a_diagram_in_a_word_document_is_a_list() -> None:
    content = docx(lambda document: document.add_paragraph("Voici :"))
    drawing = f"<w:r><w:drawing>{_diagram('w', 'rIdD')}</w:drawing></w:r>"
    content = with_member(
        content, BODY, lambda xml: xml.replace("Voici :</w:t></w:r>", f"Voici :</w:t></w:r>{drawing}")
    )
    found = read_docx(_with_diagram(content, "word", "word/_rels/document.xml.rels"))
    assert found.text == f"Voici :\n\n{DIAGRAM_LIST}"
