"""Word and PowerPoint files: structure, places of notes and boxes, nothing deleted or hidden, damage refused."""
# ruff: noqa: E501  (samples are easier to read on one line)

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from index.extract import RefusedError
from index.read_docx import read_docx
from index.read_pptx import read_pptx
from tests.sample_files import FRENCH, JAPANESE, archive, docx, pptx, with_member

BODY = "word/document.xml"


def _report(document: Any) -> None:
    document.core_properties.author, document.core_properties.title = "経済産業省", "Rapport"
    document.core_properties.modified = datetime(2024, 5, 10, 12)
    document.add_heading("計算基盤の整備", 0)
    document.add_heading("Les aides", 1)
    document.add_paragraph(FRENCH)
    document.add_heading("細目", 2)
    document.add_paragraph(JAPANESE)
    document.add_paragraph("第一の項目", style="List Bullet")
    document.add_paragraph("Second point", style="List Number")
    table = document.add_table(rows=3, cols=3)
    for at, texts in enumerate([("企業", "助成額", "年"), ("ソフトバンク", "421\n億円", "2024"), ("", "53", "2025")]):
        for cell, text in zip(table.rows[at].cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    document.add_paragraph("Fin.")


def test_a_word_document_keeps_its_structure() -> None:
    extract = read_docx(docx(_report))
    assert extract.text == (
        f"# 計算基盤の整備\n\n## Les aides\n\n{FRENCH}\n\n### 細目\n\n{JAPANESE}\n\n- 第一の項目\n1. Second point\n\n"
        "| 企業 | 助成額 | 年 |\n| --- | --- | --- |\n| ソフトバンク | 421億円 | 2024 |\n| ソフトバンク | 53 | 2025 |\n\nFin."
    )
    assert (extract.title, extract.metadata["author"], extract.metadata["date"]) == (
        "Rapport",
        "経済産業省",
        "2024-05-10",
    )


PARAGRAPH = '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">%s</w:p>'
RUN = "<w:r><w:t xml:space='preserve'>%s</w:t></w:r>"


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (RUN % "Kept " + f"<w:del w:id='1'><w:r><w:delText>deleted</w:delText></w:r></w:del><w:ins w:id='2'>{RUN % 'inserted'}</w:ins>", "Kept inserted"),
        (f"<w:sdt><w:sdtContent>{RUN % 'In a content control'}</w:sdtContent></w:sdt>", "In a content control"),
        (f"<w:r><w:ruby><w:rt>{RUN % 'とまこまい'}</w:rt><w:rubyBase>{RUN % '苫小牧'}</w:rubyBase></w:ruby></w:r>{RUN % 'に建設'}", "苫小牧に建設"),
        (RUN % "421" + "<w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr><w:t>2</w:t></w:r>" + RUN % "億円", "421[2]億円"),
        ("<w:fldSimple w:instr='DATE'>" + RUN % "2024" + "</w:fldSimple><w:r><w:instrText>PAGE</w:instrText></w:r>", "2024"),
        (RUN % "a" + "<w:r><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r>", "a b\nc-d"),
        ("<w:r><w:pict><w:txbxContent><w:p>" + RUN % "A text box" + "</w:p></w:txbxContent></w:pict></w:r>", "A text box"),
    ],
    ids=["changes", "control", "ruby", "raised digit", "fields", "breaks", "text box"],
)  # fmt: skip
def test_text_in_unusual_places(inside: str, text: str) -> None:
    content = docx(lambda document: document.add_paragraph("MARK"))
    changed = with_member(content, BODY, lambda xml: xml.replace("<w:t>MARK</w:t></w:r>", f"</w:r>{inside}"))
    assert read_docx(changed).text == text


def test_footnotes_follow_their_paragraph() -> None:
    content = docx(
        lambda document: [document.add_paragraph("Le montant est de 421."), document.add_paragraph("Suite.")]
    )
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    content = with_member(content, BODY, lambda xml: xml.replace("421.</w:t></w:r>", f"421.</w:t></w:r>{note}"))
    content = with_member(
        content, "word/_rels/document.xml.rels",
        lambda xml: xml.replace("</Relationships>", '<Relationship Id="rIdN" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" Target="footnotes.xml"/></Relationships>'),
    )  # fmt: skip
    content = with_member(
        content, "[Content_Types].xml",
        lambda xml: xml.replace("</Types>", '<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"/></Types>'),
    )  # fmt: skip
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        files: dict[str, str | bytes] = {name: opened.read(name) for name in opened.namelist()}
    files["word/footnotes.xml"] = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="2">'
        f"<w:p>{RUN % '単位は億円。'}</w:p></w:footnote></w:footnotes>"
    )
    assert read_docx(archive(files)).text == "Le montant est de 421.\n\n単位は億円。\n\nSuite."


def test_a_table_that_only_holds_a_table_gives_its_blocks() -> None:
    def write(document: Any) -> None:
        outer = document.add_table(rows=1, cols=2)
        outer.cell(0, 0).text = "Left part."
        inner = outer.cell(0, 1).add_table(rows=2, cols=2)
        for at, texts in enumerate([("Company", "Aid"), ("KDDI", "102")]):
            for cell, text in zip(inner.rows[at].cells, texts, strict=True):
                cell.text = text

    assert read_docx(docx(write)).text == "Left part.\n\n| Company | Aid |\n| --- | --- |\n| KDDI | 102 |"


def _slides(presentation: Any) -> None:
    presentation.core_properties.title, presentation.core_properties.author = "PowerPoint Presentation", "A. Autrice"
    for title, body in (("Programme", FRENCH), ("計画", JAPANESE)):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
    hidden = presentation.slides.add_slide(presentation.slide_layouts[5])
    hidden.shapes.title.text = "Secret"
    hidden._element.set("show", "0")
    _tables_and_charts(presentation)
    last = presentation.slides.add_slide(presentation.slide_layouts[1])
    last.placeholders[1].text_frame.text = "Premier point"
    point = last.placeholders[1].text_frame.add_paragraph()
    point.text, point.level = "Détail", 1
    last.notes_slide.notes_text_frame.text = "Note de l'orateur."


def _tables_and_charts(presentation: Any) -> None:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    table = slide.shapes.add_table(2, 2, 0, 0, 3_000_000, 500_000).table
    for (row, column), text in {(0, 0): "企業", (0, 1): "額", (1, 0): "KDDI", (1, 1): "102億円"}.items():
        table.cell(row, column).text = text
    data = CategoryChartData()
    data.categories = ["2024", "2025"]
    data.add_series("Aide", (42.1, 50.1))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 2_000_000, 3_000_000, 2_000_000, data)
    box = slide.shapes.add_textbox(0, 6_000_000, 1_000_000, 300_000)
    box.text_frame.text = "En bas de page"


def test_a_presentation_has_a_page_per_slide() -> None:
    extract = read_pptx(pptx(_slides))
    starts = [number for _, number in extract.pages]
    assert starts == [1, 2, 4, 5]
    assert extract.noticed == ("slide 3: hidden",)
    assert "Secret" not in extract.text
    parts = [
        extract.text[start:stop].strip()
        for (start, _), (stop, _) in zip(extract.pages, [*extract.pages[1:], (None, 0)], strict=True)
    ]
    assert parts[0] == f"## Programme\n\n{FRENCH}"
    assert parts[1] == f"## 計画\n\n{JAPANESE}"
    assert parts[2] == (
        "| 企業 | 額 |\n| --- | --- |\n| KDDI | 102億円 |\n\n|  | Aide |\n| --- | --- |\n| 2024 | 42.1 |\n| 2025 | 50.1 |\n\n"
        "En bas de page"
    )
    assert parts[3] == "- Premier point\n  - Détail\n\nNote de l'orateur."
    assert (extract.title, extract.metadata["author"]) == ("", "A. Autrice")


def test_a_presentation_of_pictures_is_refused() -> None:
    def write(presentation: Any) -> None:
        import io

        from PIL import Image

        picture = io.BytesIO()
        Image.new("RGB", (8, 8)).save(picture, "PNG")
        presentation.slides.add_slide(presentation.slide_layouts[6]).shapes.add_picture(picture, 0, 0)

    with pytest.raises(RefusedError, match="slide 1: no text, only a picture"):
        read_pptx(pptx(write))


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'


def _entities(xml: str) -> str:
    head, body = xml.split("?>", 1)
    return f"{head}?>{LAUGHS}{body}".replace("</w:t>", "&b;&c;</w:t>").replace("</a:t>", "&b;&c;</a:t>")


@pytest.mark.parametrize(
    ("read", "content", "reason"),
    [
        (read_docx, with_member(docx(lambda d: d.add_paragraph("x")), BODY, _entities), "XML entities"),
        (read_docx, with_member(docx(lambda d: d.add_paragraph("x")), BODY, lambda xml: xml.replace("?>", "?><!DOCTYPE x>", 1)), "document type"),
        (read_docx, with_member(docx(lambda d: d.add_paragraph("x")), BODY, lambda xml: xml[:-30]), "damaged"),
        (read_docx, with_member(docx(lambda d: d.add_paragraph("x")), BODY, lambda xml: xml.replace("<w:body>", "<w:body>" + "<w:sdt>" * 400).replace("</w:body>", "</w:sdt>" * 400 + "</w:body>")), "damaged|deeply"),
        (read_docx, pptx(lambda p: None), "no Word document"),
        (read_docx, archive({"a.txt": "x"}), "no Word document"),
        (read_docx, b"PK\x03\x04 garbage", "damaged"),
        (read_docx, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted, or in the old"),
        (read_pptx, docx(lambda d: None), "no presentation"),
        (read_pptx, pptx(lambda p: None), "no slide can be read"),
        (read_pptx, b"", "damaged"),
    ],
    ids=["entities", "doctype", "cut off", "nesting", "other type", "no package", "garbage", "encrypted", "a document", "empty", "no bytes"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(read: Callable[[bytes], object], content: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        read(content)
