"""The numbers that Word writes before items and headings, which stand in no text."""
# ruff: noqa: E501  (samples are easier to read on one line)

from typing import Any

import pytest

from index.docx_numbering import _FORMS
from index.read_docx import read_docx
from tests.sample_files import docx


def _level(number: int, form: str, text: str, style: str = "") -> str:
    linked = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{linked}<w:lvlText w:val="{text}"/></w:lvl>'


LISTS = (
    '<w:abstractNum w:abstractNumId="90">' + _level(0, "decimal", "%1.") + _level(1, "lowerLetter", "(%2)") + _level(2, "lowerRoman", "%3)") + "</w:abstractNum>"
    '<w:abstractNum w:abstractNumId="91">' + _level(0, "decimal", "第%1章", "Heading1") + _level(1, "decimal", "%1.%2", "Heading2") + "</w:abstractNum>"
    '<w:abstractNum w:abstractNumId="92">' + _level(0, "japaneseCounting", "第%1条") + _level(1, "bullet", "•") + "</w:abstractNum>"
    '<w:num w:numId="90"><w:abstractNumId w:val="90"/></w:num><w:num w:numId="91"><w:abstractNumId w:val="91"/></w:num>'
    '<w:num w:numId="92"><w:abstractNumId w:val="92"/></w:num>'
    '<w:num w:numId="93"><w:abstractNumId w:val="90"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
)  # fmt: skip


def _numbered(paragraphs: list[tuple[str, str, str]]) -> bytes:
    """A document of (style, "list/level" or "", text)."""

    def write(document: Any) -> None:
        from docx.oxml import parse_xml

        root = document.part.numbering_part.element
        namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        found = list(parse_xml(f"<w:numbering {namespace}>{LISTS}</w:numbering>"))
        for element in found[:3]:
            root.insert(0, element)
        root.extend(found[3:])
        for style in ("Heading 1", "Heading 2"):
            level = 0 if style.endswith("1") else 1
            properties = document.styles[style].element.get_or_add_pPr()
            properties.append(
                parse_xml(f'<w:numPr {namespace}><w:ilvl w:val="{level}"/><w:numId w:val="91"/></w:numPr>')
            )
        for style, place, text in paragraphs:
            paragraph = document.add_paragraph(text, style=style)
            if place:
                number, level = place.split("/")
                paragraph._p.get_or_add_pPr().append(
                    parse_xml(f'<w:numPr {namespace}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')
                )

    return docx(write)  # fmt: skip


@pytest.mark.parametrize(
    ("paragraphs", "text"),
    [
        ([("Normal", "90/0", "Un"), ("Normal", "90/1", "a"), ("Normal", "90/1", "b"), ("Normal", "90/0", "Deux"), ("Normal", "90/1", "c"), ("Normal", "90/2", "d")],
         "1. Un\n  - (a) a\n  - (b) b\n2. Deux\n  - (a) c\n    - i) d"),
        ([("Normal", "90/0", "Un"), ("Normal", "", "Entre."), ("Normal", "90/0", "Deux"), ("Normal", "93/0", "Un encore")],
         "1. Un\n\nEntre.\n\n2. Deux\n1. Un encore"),
        ([("Heading 1", "", "総則"), ("Heading 2", "", "目的"), ("Heading 2", "", "定義"), ("Heading 1", "", "雑則"), ("Heading 2", "", "罰則")],
         "## 第1章 総則\n\n### 1.1 目的\n\n### 1.2 定義\n\n## 第2章 雑則\n\n### 2.1 罰則"),
        ([("Normal", "92/0", "条文")] * 11 + [("Normal", "92/1", "puce")], "\n".join(f"- 第{n}条 条文" for n in ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一")) + "\n  - puce"),
        ([("List Number", "0/0", "No item"), ("Heading 1", "0/0", "Sans numéro"), ("Normal", "77/0", "Unknown list")], "No item\n\n## Sans numéro\n\n- Unknown list"),
        ([("Normal", "90/0", " "), ("Normal", "90/0", "First")], "1. First"),
    ],
    ids=["levels", "restart", "headings", "articles", "none", "empty"],
)  # fmt: skip
def test_numbers_that_word_writes_itself_are_there(paragraphs: list[tuple[str, str, str]], text: str) -> None:
    assert read_docx(_numbered(paragraphs)).text == text


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("lowerLetter", {1: "a", 26: "z", 27: "aa", 53: "aaa"}),
        ("upperRoman", {1: "I", 4: "IV", 9: "IX", 14: "XIV", 1990: "MCMXC"}),
        ("japaneseCounting", {1: "一", 10: "十", 12: "十二", 20: "二十", 45: "四十五", 100: "100"}),
        ("ideographDigital", {10: "一〇"}),
        ("decimalFullWidth", {12: "１２"}),
        ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "21"}),
        ("aiueo", {1: "ア", 46: "ン", 47: "47"}),
        ("iroha", {1: "イ", 4: "ニ", 47: "ス"}),
        ("decimalZero", {3: "03", 12: "12"}),
    ],
)
def test_forms_of_numbers(form: str, written: dict[int, str]) -> None:
    assert {number: _FORMS[form](number) for number in written} == written
