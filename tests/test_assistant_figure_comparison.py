from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.figures import (
    compare,
    find_figures,
    parse_figure,
    render_figure,
    rewrite_figure,
    spelled_numbers,
)


@pytest.mark.parametrize(
    ("claim", "language", "evidence", "evidence_language", "verdict"),
    [
        ("¥114.6 billion", "en", "1,146億円", "ja", "exact"),
        ("42,1 milliards de yens", "fr", "最大421億円", "ja", "exact"),
        ("6社", "ja", "six companies", "en", "exact"),
        ("five plans", "en", "5件", "ja", "exact"),
        ("2000 GPU", "fr", "2000基", "ja", "exact"),
        ("12 months", "en", "1年間は one year, 2 years or 1 year", "en", "exact"),
        ("20–30 times", "en", "20〜30倍", "ja", "exact"),
        ("20 times", "en", "20–30 times", "en", "exact"),
        ("about 115 billion yen", "en", "¥114.6 billion", "en", "rounds to"),
        ("72,5 milliards de yens", "fr", "72.53 billion yen", "en", "rounds to"),
        ("about 2,000 GPUs", "en", "1,996 GPUs", "en", "rounds to"),
        ("more than 10,000 GPUs", "en", "10,800 GPUs", "en", "rounds to"),
        ("33%", "en", "3分の1", "ja", "rounds to"),
        ("between 100 and 120 billion yen", "en", "¥114.6 billion", "en", "rounds to"),
        ("¥114.6 billion", "en", "¥72.5 billion, then ¥42.1 billion", "en", "derived"),
        (
            "¥72.5 billion",
            "en",
            "50.1, 10.24: ¥50.1 billion, ¥10.24 billion, ¥7.7 billion, ¥2.56 billion, ¥1.93 billion",
            "en",
            "derived",
        ),
        ("800 GPUs", "en", "100 nodes with eight H100 each", "en", "derived"),
        ("28,1 %", "fr", "42,1 milliards de yens sur 150 milliards de yens", "fr", "derived"),
        ("doubled", "en", "from 30 people to 60 people", "en", "derived"),
        ("2倍", "ja", "30人から60人", "ja", "derived"),
        ("more than doubled", "en", "30 people then, 70 people now", "en", "derived"),
        ("50 %", "fr", "de 20 milliards de yens à 30 milliards de yens", "fr", "derived"),
        ("25 %", "fr", "40 milliards de yens puis 30 milliards de yens", "fr", "derived"),
        ("27.4%", "en", "¥114.6 billion, ¥146.0 billion, ¥20 billion", "en", "derived"),
        ("doublé", "fr", "2倍", "ja", "exact"),
        ("三倍", "ja", "tripled", "en", "exact"),
        ("tripled", "en", "from 30 people to 60 people", "en", "not found"),
        ("doubled", "en", "30 people, 60 people and 12 people", "en", "not found"),
        ("30%", "en", "40 GPUs and ¥30 billion", "en", "not found"),
        ("600 millions de couronnes", "fr", "6億クローネ", "ja", "exact"),
        ("127 systems", "en", "127システム", "ja", "exact"),
        ("two thousand GPUs", "en", "二千基のGPU", "ja", "exact"),
        ("740 million yen", "en", "US$740 million", "en", "conflict"),
        ("150億円", "ja", "150 milliards de yens", "fr", "conflict"),
        ("¥1,146 billion", "en", "1,146億円", "ja", "conflict"),
        ("3 points", "en", "a rise of 3%", "en", "conflict"),
        ("8 nodes", "en", "8 GPUs", "en", "conflict"),
        ("at least 5 GPUs", "en", "up to 5 GPUs", "en", "conflict"),
        ("¥72.5 billion", "en", "¥42.1 billion", "en", "not found"),
        ("six companies", "en", "five companies in 2024", "en", "not found"),
        ("6 companies", "en", "5 companies, 3 companies and 2 companies, 11 companies", "en", "not found"),
        ("2,000 GPUs", "en", "1,996 GPUs", "en", "not found"),
        ("¥114.6 billion", "en", "about ¥115 billion", "en", "not found"),
        ("25 times", "en", "20–30 times", "en", "not found"),
        ("30%", "en", "one third", "en", "not found"),
        ("5 companies", "en", "5 years", "en", "not found"),
    ],
)
def test_verdicts_on_quantities(claim, language, evidence, evidence_language, verdict):
    assert compare(parse_figure(claim, language), find_figures(evidence, evidence_language)).verdict == verdict


@pytest.mark.parametrize(
    ("claim", "evidence", "verdict"),
    [
        ("10 May 2024", "2024年5月10日", "exact"),
        ("FY2024", "令和6年度", "exact"),
        ("10 May", "5月10日", "exact"),
        ("May 2024", "2024年5月10日", "rounds to"),
        ("2024", "10 May 2024", "rounds to"),
        ("FY2024", "10 May 2024", "rounds to"),
        ("FY2024", "February 2025", "rounds to"),
        ("first half of 2024", "10 May 2024", "rounds to"),
        ("10 May", "10 May 2024", "rounds to"),
        ("10 May 2024", "In 2024: on 10 May", "derived"),
        ("19 April 2024", "2024年4月10日に1件、19日に5件", "derived"),
        ("FY2024", "in 2024", "conflict"),
        ("2024", "FY2024", "conflict"),
        ("10 May 2023", "10 May 2024", "conflict"),
        ("11 May 2024", "10 May 2024", "conflict"),
        ("10 May 2023", "2023: 5 GPUs. 2024: on 10 May", "not found"),
        ("10 May 2024", "May 2024", "not found"),
        ("FY2024", "February 2024", "not found"),
        ("May 2024", "2024", "not found"),
        ("2027", "2024", "not found"),
    ],
)
def test_verdicts_on_dates(claim, evidence, verdict):
    language = "ja" if "月" in evidence else "en"
    assert compare(parse_figure(claim, "en"), find_figures(evidence, language)).verdict == verdict


def test_a_derived_verdict_shows_its_operands():
    given_figures = find_figures("¥72.5 billion for five plans, then ¥42.1 billion", "en")
    verdict = compare(parse_figure("¥114.6 billion", "en"), given_figures)
    assert [figure.text for figure in verdict.evidence] == ["¥72.5 billion", "¥42.1 billion"]
    assert verdict.note == "¥72.5 billion + ¥42.1 billion = ¥114.6 billion"
    assert verdict.supported


def test_a_ratio_shows_its_operands() -> None:
    verdict = compare(parse_figure("doubled", "en"), find_figures("30 people at first, 60 people now", "en"))
    assert [figure.text for figure in verdict.evidence] == ["30 people", "60 people"]
    assert verdict.note == "30 people and 60 people: 2 times"


@pytest.mark.parametrize(
    ("language", "text", "numbers"),
    [
        ("en", "The duo has two platinum and five gold albums, one of them old.", [2, 1]),
        ("en", "Shorter summaries name just four.", [4]),
        ("ja", "海で一人の男が二つの板に乗る。", [1]),
        ("ja", "一部の三菱は第一に一般である。", []),
        ("fr", "deux grands trams et un bac", [1]),
        ("en", "two thousand GPUs and 5 sites", []),
    ],
)
def test_numbers_in_words_that_are_evidence_only(language: str, text: str, numbers: list[int]) -> None:
    found = spelled_numbers(text, language)
    assert [int(figure.value) for figure in found] == numbers
    assert all(text[figure.start : figure.end] == figure.text for figure in found)
    assert not {figure.start for figure in found} & {figure.start for figure in find_figures(text, language)}


def test_a_count_of_one_is_borne_out_by_a_spelled_one() -> None:
    assert compare(parse_figure("１人", "ja"), spelled_numbers("海で一人の男が", "ja")).verdict == "exact"
    assert compare(parse_figure("2人", "ja"), spelled_numbers("海で一人の男が", "ja")).verdict == "not found"


@pytest.mark.parametrize("language", ["fr", "en", "ja"])
@pytest.mark.parametrize(
    ("text", "source"), [("doubled", "en"), ("a doublé", "fr"), ("倍増", "ja"), ("twice the size", "en")]
)
def test_a_verb_is_not_rewritten_as_a_number(text: str, source: str, language: str) -> None:
    figure = find_figures(text, source)[0]
    assert rewrite_figure(figure, language) == figure.text


def test_the_same_value_wins_over_the_same_number_in_another_currency():
    given_figures = find_figures("US$740 million, or 740 million yen", "en")
    assert compare(parse_figure("740 million yen", "en"), given_figures).verdict == "exact"


@given(value=st.integers(101, 9999), other=st.integers(101, 9999))
def test_an_amount_that_differs_is_never_supported_by_one_other_amount(value, other):
    claim = parse_figure(f"{value}億円", "ja")
    verdict = compare(claim, find_figures(f"¥{other / 10} billion", "en"))
    assert verdict.supported == (value == other)


@pytest.mark.parametrize(
    ("value", "unit", "language", "written"),
    [
        (114600000000, "JPY", "fr", "114,6\u00a0milliards\u00a0de\u00a0yens"),
        (114600000000, "JPY", "en", "¥114.6 billion"),
        (114600000000, "JPY", "ja", "1,146億円"),
        (10240000000, "JPY", "ja", "102億4,000万円"),
        (1200000000000, "JPY", "ja", "1兆2,000億円"),
        (10**13, "JPY", "fr", "10\u202f000\u00a0milliards\u00a0de\u00a0yens"),
        (10**13, "JPY", "en", "¥10 trillion"),
        (10**9, "EUR", "fr", "1\u00a0milliard\u00a0d'euros"),
        (740000000, "USD", "en", "US$740 million"),
        (740000000, "USD", "ja", "7億4,000万ドル"),
        (2161, "EUR", "fr", "2\u202f161\u00a0euros"),
        (Decimal("18.9") * 10**18, "FLOPS", "en", "18.9\u00a0EFLOPS"),
        (30, "percent", "fr", "30\u00a0%"),
        (30, "percent", "en", "30%"),
        (6, "company", "ja", "6社"),
        (6, "company", "en", "6 companies"),
        (13 * 10**9, "parameter", "fr", "13\u00a0milliards\u00a0de\u00a0paramètres"),
        ("2024-05-15", "date", "fr", "15 mai 2024"),
        ("2024-05-01", "date", "fr", "1er mai 2024"),
        ("2024-05-15", "date", "en", "15 May 2024"),
        ("2024-05-15", "date", "ja", "2024年5月15日"),
        ("FY2024", "date", "fr", "exercice 2024"),
        ("FY2024", "date", "ja", "2024年度"),
        ("2025-H1", "date", "fr", "premier semestre 2025"),
        ("2025-H1", "date", "en", "first half of 2025"),
        ("12000000", "kg", "en", "12,000\u00a0t"),
        ("1500", "kg", "fr", "1,5\u00a0t"),
        ("12000000", "kg", "ja", "12,000トン"),
        ("900", "kg", "en", "900\u00a0kg"),
    ],
)
def test_figures_are_written_in_the_notation_of_the_reader(value, unit, language, written):
    assert render_figure(value, unit, language) == written


@pytest.mark.parametrize(
    ("text", "source", "language", "written"),
    [
        ("最大421億円", "ja", "fr", "jusqu'à 42,1\u00a0milliards\u00a0de\u00a0yens"),
        ("約2000基のGPU", "ja", "en", "about 2,000 GPUs"),
        ("between 20 and 30 billion yen", "en", "ja", "200億円〜300億円"),
        ("令和6年度", "ja", "en", "FY2024"),
        ("US$740 million", "en", "fr", "740\u00a0millions\u00a0de\u00a0dollars"),
        ("740 millions de dollars américains", "fr", "en", "US$740 million"),
        ("1,15 M$", "fr", "en", "$1.15 million"),
        ("entre 40 et 48 millions de dollars", "fr", "en", "$40 million to $48 million"),
    ],
)
def test_a_figure_that_was_read_is_written_for_another_reader(text, source, language, written):
    assert rewrite_figure(parse_figure(text, source), language) == written


@pytest.mark.parametrize(
    ("value", "unit"), [("2024-13-01", "date"), ("yesterday", "date"), ("2023-02-29", "date"), ("many", "JPY")]
)
def test_what_is_no_value_is_refused(value, unit):
    with pytest.raises(ValueError, match=r"."):
        render_figure(value, unit, "en")
