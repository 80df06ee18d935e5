"""Lexical terms: one form for numbers, accents, elisions; Japanese bigrams; queries that cannot break FTS5."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import TOKENIZER, match_expression, segmented, terms


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ("114.6", "114.6"),
        ("114,6", "114.6"),
        ("１１４．６", "114.6"),
        ("1,146", "1146"),
        ("1\u202f146", "1146"),
        ("1 146", "1146"),
        ("10\u00a0800", "10800"),
        ("1,146,000.5", "1146000.5"),
        ("1.146.000", "1146000"),
        ("2024", "2024"),
        ("H200", "h200"),
        ("U.S.", "us"),
        ("A.I.", "ai"),
        ("l’État", "etat"),
        ("d'IA", "ia"),
        ("NVIDIA's", "nvidia"),
        ("œuvres", "oeuvr"),
        ("ＫＤＤＩ", "kddi"),
        ("companies", "compani"),
    ],
)
def test_one_term(written: str, term: str) -> None:
    assert terms(written) == [term]


def test_numbers_beside_japanese_stay_whole() -> None:
    assert terms("1,146億円") == ["1146", "億円"]
    assert terms("H200を約800基") == ["h200", "を約", "800", "基"]


def test_japanese_becomes_bigrams_with_voicing_kept() -> None:
    assert terms("ガバメント") == ["ガバ", "バメ", "メン", "ント"]


def test_dates_and_lists_of_numbers_do_not_glue() -> None:
    assert terms("2024 100") == ["2024", "100"]
    assert terms("10.5.2") == ["10", "5", "2"]


@pytest.mark.parametrize(
    "query",
    ['"', "a AND b", "NOT", "x NEAR y", "heading:body", "(", "a*", "^a", "-a", "a + b", "'; DROP TABLE words; --",
    "a\x00b", "{}", "\ud800x"],
)  # fmt: skip
def test_fts_syntax_in_a_question_does_nothing(query: str) -> None:
    _matches("nothing", query)


@given(st.text(max_size=80))
def test_no_text_breaks_a_search(query: str) -> None:
    _matches("nothing", query)


@given(st.text(alphabet="aé1.,0 ソフト億l'’œ-", min_size=1, max_size=40))
def test_a_text_finds_itself(text: str) -> None:
    assert _matches(text, text) == bool(terms(text))


def test_very_long_queries_are_cut() -> None:
    assert match_expression(" ".join(f"w{number}" for number in range(100_000))).count(" OR ") < 200


def _matches(stored: str, query: str) -> bool:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f'CREATE VIRTUAL TABLE words USING fts5 (body, tokenize = "{TOKENIZER}")')
        connection.execute("INSERT INTO words VALUES (?)", (segmented(stored),))
        expression = match_expression(query)
        return bool(expression) and bool(
            connection.execute("SELECT 1 FROM words WHERE words MATCH ?", (expression,)).fetchall()
        )
