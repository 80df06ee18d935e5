"""CSV files and workbooks: every row stands alone with the names of its columns."""
# ruff: noqa: E501  (samples are easier to read on one line)

from datetime import date, datetime
from typing import Any

import pytest

from index import read_tables
from index.blocks import Kind, find_blocks
from index.extract import RefusedError
from index.read_tables import read_csv, read_xlsx
from tests.sample_files import docx, xlsx

ROWS = "| 企業: ソフトバンク | 助成額: 421億円 |\n| 企業: さくら | 助成額: 501億円 |"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("企業,助成額\nソフトバンク,421億円\nさくら,501億円\n".encode(), ROWS),
        ("企業,助成額\r\nソフトバンク,421億円\r\nさくら,501億円\r\n".encode("cp932"), ROWS),
        ("企業\t助成額\nソフトバンク\t421億円\nさくら\t501億円\n".encode("utf-16"), ROWS),
        ("Entreprise;Aide\nSoftBank;42,1\nÉlan;50,1\n".encode("cp1252"), "| Entreprise: SoftBank | Aide: 42,1 |\n| Entreprise: Élan | Aide: 50,1 |"),
        (b'a,b\n"x, ""y""\nz",2\n', '| a: x, "y" z | b: 2 |'),
        (b"Aides de 2024\n(milliards de yens)\nEntreprise,Aide\nKDDI,\"10,2\"\n", "Aides de 2024\n\n(milliards de yens)\n\n| Entreprise: KDDI | Aide: 10,2 |"),
        (b"1,2\n3,4\n", "| 1 | 2 |\n| 3 | 4 |"),
        (b"name,2024,2025\nKDDI,1,2\n", "| name: KDDI | 2024: 1 | 2025: 2 |"),
        (b"a,b\nx|y,\n", "| a: x\\|y |"),
        (b"a,b\n1,2,3\n", "| a: 1 | b: 2 | 3 |"),
    ],
    ids=["utf-8", "shift-jis", "tabs", "semicolons", "quotes", "title above", "no names", "years", "bar", "longer row"],
)  # fmt: skip
def test_rows_carry_the_names_of_their_columns(content: bytes, text: str) -> None:
    assert read_csv(content).text == text


def test_a_row_is_one_block_line_that_is_never_cut_inside() -> None:
    blocks = find_blocks(read_csv("会社,説明\nA,第一文。第二文。\nB,x. Y. Z.\n".encode()).text)
    assert [block.kind for block in blocks] == [Kind.TABLE]


def test_binary_content_is_no_csv() -> None:
    with pytest.raises(RefusedError, match="not text"):
        read_csv(b"\x89PNG\r\n\x1a\n")


def _workbook(workbook: Any) -> None:
    sheet = workbook.active
    sheet.title = "助成額"
    workbook.properties.title, workbook.properties.creator = "Tableau", "METI"
    workbook.properties.modified = datetime(2024, 5, 10)
    sheet.append(["（単位：億円）"])
    sheet.append(["企業", "助成額", "割合", "日付", "備考"])
    sheet.append(["ソフトバンク", 421, 0.5, date(2024, 5, 10), None])
    sheet.append(["さくら", 501.25, 1 / 3, datetime(2024, 5, 10, 9, 30), True])
    for row in (3, 4):
        sheet.cell(row, 2).number_format = '#,##0.00"億円"'
        sheet.cell(row, 3).number_format = "0.0%"
    hidden = workbook.create_sheet("brouillon")
    hidden.append(["secret"])
    hidden.sheet_state = "hidden"
    second = workbook.create_sheet("Aides")
    second.append(["Entreprise", "Aide"])
    second.append(["KDDI", 1234567])
    second.cell(2, 2).number_format = "[$€-40C]#,##0"
    second.cell(5000, 1).value = "loin"


def test_sheets_are_sections_and_values_are_as_shown() -> None:
    extract = read_xlsx(xlsx(_workbook))
    assert extract.text == (
        "## 助成額\n\n（単位：億円）\n\n"
        "| 企業: ソフトバンク | 助成額: 421億円 | 割合: 50% | 日付: 2024-05-10 |\n"
        "| 企業: さくら | 助成額: 501.25億円 | 割合: 33.33333333% | 日付: 2024-05-10 09:30 | 備考: TRUE |\n\n"
        "## Aides\n\n| Entreprise: KDDI | Aide: €1,234,567 |\n| Entreprise: loin |"
    )
    assert extract.noticed == ("sheet 'brouillon': hidden",)
    assert (extract.title, extract.metadata["author"]) == ("Tableau", "METI")


def test_merged_cells_give_their_value_to_every_row_and_column() -> None:
    def write(workbook: Any) -> None:
        sheet = workbook.active
        for row in (
            ["助成額の一覧（単位：億円）"],
            ["企業", "2024年度", None, "備考"],
            [None, "予算", "決算", None],
            ["ソフトバンク", 421, 400, "苫小牧"],
            [None, 53, 50, "堺"],
            ["KDDI", 102, 90, None],
        ):
            sheet.append(row)
        for merged in ("A1:D1", "A2:A3", "B2:C2", "D2:D3", "A4:A5"):
            sheet.merge_cells(merged)

    assert read_xlsx(xlsx(write)).text == (
        "## Sheet\n\n助成額の一覧（単位：億円）\n\n"
        "| 企業: ソフトバンク | 2024年度 予算: 421 | 2024年度 決算: 400 | 備考: 苫小牧 |\n"
        "| 企業: ソフトバンク | 2024年度 予算: 53 | 2024年度 決算: 50 | 備考: 堺 |\n"
        "| 企業: KDDI | 2024年度 予算: 102 | 2024年度 決算: 90 |"
    )


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_tables, "MOST_CELLS", 5)
    with pytest.raises(RefusedError, match="more than 5 cells"):
        read_xlsx(xlsx(_workbook))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"garbage", "damaged"),
        (docx(lambda d: None), "no workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "encrypted"),
    ],
    ids=["garbage", "a document", "encrypted"],
)
def test_what_cannot_be_read_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        read_xlsx(content)
