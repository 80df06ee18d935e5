"""Values that sources give differently for one thing, newest first; and those that only seem to differ."""

import json
from importlib.resources import files

import pytest

from assistant.disagreement import Statement, disagreements


def pairs(*statements: Statement) -> list[tuple[str, str]]:
    return [(found.newer_figure.text, found.older_figure.text) for found in disagreements(statements)]


def test_the_newer_value_comes_first_with_its_date_and_status() -> None:
    old = Statement("SoftBank invests ¥150 billion in Sakai.", "en", "2024-05", "plan")
    new = Statement("SoftBank invests ¥130 billion in Sakai.", "en", "2025-01", "outcome")
    for order in ([old, new], [new, old]):
        found = disagreements(order)[0]
        assert (found.newer, found.older) == (new, old)
        assert (found.newer_figure.text, found.older_figure.text) == ("¥130 billion", "¥150 billion")
    assert disagreements([old, new, old]) == disagreements([old, new])


def test_pairs_come_newest_first() -> None:
    values = {"2023-01": "¥90 billion", "2024-05": "¥110 billion", "2025-02": "¥130 billion"}
    found = disagreements([Statement(f"SoftBank invests {sum_} in Sakai.", "en", day) for day, sum_ in values.items()])
    assert [(one.newer.date, one.older.date) for one in found] == [
        ("2025-02", "2024-05"),
        ("2025-02", "2023-01"),
        ("2024-05", "2023-01"),
    ]


def test_statements_in_two_languages_about_one_company_disagree() -> None:
    one = Statement("さくらインターネットは130億円を投資する。", "ja", "2023-06")
    other = Statement("SAKURA internet invests ¥135 billion.", "en", "2023-09")
    assert pairs(one, other) == [("¥135 billion", "130億円")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SoftBank invests ¥150 billion in Sakai.", "KDDI invests ¥130 billion in Sakai."),
        ("SoftBank invested ¥150 billion in 2024.", "SoftBank invested ¥130 billion in 2023."),
        ("SoftBank invests about ¥150 billion.", "SoftBank invests ¥149.6 billion."),
        ("SoftBank invests ¥150 billion.", "SoftBank has 2,000 GPUs."),
        ("SoftBank invests ¥150 billion.", "SoftBank opened a school in the north with ¥3 billion of its own."),
        ("SoftBank invests ¥150 billion.", "SoftBank invests ¥100 billion and ¥50 billion, ¥150 billion in all."),
    ],
    ids=["other company", "other year", "rounded", "other unit", "other thing", "value in both"],
)
def test_what_is_no_disagreement(one: str, other: str) -> None:
    assert pairs(Statement(one, "en", "2024"), Statement(other, "en", "2025")) == []


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Yomiuri gives 1999 (15 February 2024), Toyo Keizai 1996 (April 2024).", [("1999", "1996")]),
        (
            "fr",
            "En tout : 25 exaflops selon Arkwright ; 13,7 exaflops, selon Bellanger.",
            [("25 exaflops", "13,7 exaflops")],
        ),
        ("ja", "多くの報道は「サーバー120台」とするが、Plus Web3は「A4000が120基」と記した。", [("120台", "120基")]),
        ("en", "The authors give 33.95 PFLOPS for HPL, 396 TFLOPS for HPCG.", []),
        ("en", "Reuters reported ¥10.24 billion for KDDI, ¥2.56 billion for RUTILEA.", []),
        ("en", "There are 20 GPUs in one hall, 30 GPUs in another.", []),
    ],
)
def test_what_one_sentence_sets_side_by_side(language: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(Statement(text, language)) == expected


def test_most_disagreements_of_the_development_questions_are_found() -> None:
    lines = (files("eval") / "data" / "initiative.jsonl").read_text(encoding="utf-8").splitlines()
    records = [record for record in map(json.loads, lines) if record["split"] == "dev"]
    found: dict[bool, list[bool]] = {True: [], False: []}
    for record in records:
        statements = [Statement(one["text"], one["document_id"][:2]) for one in record["evidence"]]
        found[record["kind"] == "disagreement"].append(bool(disagreements(statements)))
    assert sum(found[True]) >= 0.7 * len(found[True]) > 0
    assert sum(found[False]) == 0
