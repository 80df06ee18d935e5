"""A row of a table is read with the names of its columns; the document keeps its text."""

import pytest

from index.table_rows import heads_of_rows, readable, row_readings

SUPPORT = "Support grew:\n\n| Fiscal year | Support (billion yen) |\n|---|---|\n| 2022 | 70 |\n| 2023 | 260 |\n\nAfter."


def readings(*rows: str) -> list[str]:
    return list(row_readings("\n".join(rows)).values())


def test_a_bare_number_takes_the_unit_of_its_column():
    assert list(row_readings(SUPPORT).values()) == [
        "Fiscal year 2022 | Support: 70 billion yen",
        "Fiscal year 2023 | Support: 260 billion yen",
    ]


def test_spans_are_those_of_the_rows_and_heads_those_of_the_table():
    (first, second) = row_readings(SUPPORT)
    assert SUPPORT[slice(*first)] == "| 2022 | 70 |"
    assert SUPPORT[slice(*second)] == "| 2023 | 260 |"
    assert {SUPPORT[at:].partition("\n")[0] for at in heads_of_rows(SUPPORT).values()} == {
        "| Fiscal year | Support (billion yen) |"
    }


def test_columns_without_a_name_for_the_row():
    assert readings("| | Kita | Minami |", "|---|---|---|", "| Length | 8,350 km | 5,120 km |") == [
        "Length | Kita: 8,350 km | Minami: 5,120 km"
    ]


def test_the_unit_may_stand_beside_the_name_of_the_row():
    assert readings("| | 2024 | 2025 |", "|---|---|---|", "| Freight (million tonnes) | 2.6 | 3.7 |") == [
        "Freight | 2024: 2.6 million tonnes | 2025: 3.7 million tonnes"
    ]


@pytest.mark.parametrize(
    ("head", "cell", "read"),
    [
        ("金額（億円）", "118", "118億円"),
        ("Montant (en millions d'euros)", "1 680", "1 680 millions d'euros"),
        ("Part (%)", "17", "17 %"),
        ("Part (%)", "17 %", "17 %"),
        ("Subsidy (NOK million)", "460", "NOK 460 million"),
    ],
)
def test_units_in_three_languages(head, cell, read):
    [row] = readings(f"| x | {head} |", "|---|---|", f"| a | {cell} |")
    assert row.endswith(f": {read}")


@pytest.mark.parametrize("head", ["GPUs (end of 2025)", "PUE（電力使用効率）", "Staff (head office)"])
def test_what_is_no_unit_stays_in_the_heading(head):
    assert readings(f"| x | {head} |", "|---|---|", "| a | 12 |") == [f"x: a | {head}: 12"]


@pytest.mark.parametrize(("head", "read"), [("年度", "2023年度"), ("Exercice", "Exercice 2023"), ("No.", "No. 2023")])
def test_a_number_that_names_the_row_reads_with_its_heading(head, read):
    assert readings(f"| {head} | x |", "|---|---|", "| 2023 | a |") == [f"{read} | x: a"]


def test_cells_may_be_missing_or_hold_a_bar():
    assert readings("| a | b | c |", "|---|---|---|", r"| 1 | x\|y |", "|  |  | 3 |") == ["a 1 | b: x|y", "c: 3"]


def test_text_without_a_named_table_is_left_alone():
    assert row_readings("A | B is no table.\n") == {}
    assert readable("| one | row |\n") == "| one | row |\n"


def test_readable_text_has_no_row_of_names():
    rows = "Fiscal year 2022 | Support: 70 billion yen\nFiscal year 2023 | Support: 260 billion yen"
    assert readable(SUPPORT) == f"Support grew:\n\n{rows}\n\nAfter."


def test_readable_quotes_begin_at_the_head():
    quote = SUPPORT[SUPPORT.index("| Fiscal") : SUPPORT.index("| 2023")]
    assert readable(quote) == "Fiscal year 2022 | Support: 70 billion yen\n"


def test_a_scaled_currency_of_a_column_stands_around_the_number() -> None:
    text = "| Strand | Original (A$m) | Revised (NZ$ million) |\n|---|---|---|\n| Energy | 310 | 4.95 |\n"
    assert list(row_readings(text).values()) == ["Strand: Energy | Original: A$310m | Revised: NZ$4.95 million"]
