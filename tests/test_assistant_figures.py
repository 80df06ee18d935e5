import datetime
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.figure_records import plain_decimal
from assistant.figures import (
    Figure,
    canonical_values,
    compare,
    find_figures,
    parse_figure,
    render_figure,
    rewrite_figure,
)

ROWS = [json.loads(line) for line in (Path(__file__).parent / "data" / "figures.jsonl").read_text("utf-8").splitlines()]
LANGUAGES = st.sampled_from(["fr", "en", "ja"])
CURRENCIES = st.sampled_from(
    ["JPY", "USD", "EUR", "GBP", "CAD", "SGD", "KRW", "CNY", "DKK", "MYR", "INR", "CHF", "AUD"]
)
COUNTED = st.sampled_from(["company", "person", "GPU", "server", "node", "site", "language", "parameter", "token"])
MEASURED = st.sampled_from(["FLOPS", "W", "Wh", "byte", "bit/s", "Hz", "m2"])


def figures_of(text: str, language: str) -> list[Figure]:
    return [figure for figure in find_figures(text, language) if figure.kind != "ordinal"]


def written_value(figure: Figure) -> str:
    if figure.is_date:
        return figure.iso
    value = plain_decimal(figure.value)
    return f"{value}..{plain_decimal(figure.high)}" if figure.qualifier == "range" and figure.high else value


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['language']} {row['text'][:40]}")
def test_real_notations_have_their_expected_values(row):
    found = figures_of(row["text"], row["language"])
    if row["kind"] == "none":
        assert [figure.text for figure in found] == []
    elif row["kind"] == "several":
        assert [list(figure.key) for figure in found] == row["figures"]
    else:
        assert [(f.kind, written_value(f), f.unit, f.qualifier) for f in found] == [
            (row["kind"], row["value"], row["unit"], row["qualifier"])
        ]


def test_the_table_covers_three_languages_and_texts_without_figures():
    assert len({(row["language"], row["text"]) for row in ROWS}) == len(ROWS) >= 300
    assert all(sum(row["language"] == language for row in ROWS) >= 90 for language in ("fr", "en", "ja"))
    assert sum(row["kind"] == "none" for row in ROWS) >= 40


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("114,6 milliards de yens", "fr"),
        ("114 600 000 000 yens", "fr"),
        ("114\u202f600\u00a0millions de yens", "fr"),
        ("¥114.6 billion", "en"),
        ("¥114.6 billion", "fr"),
        ("114.6 bn JPY", "en"),
        ("1146億円", "ja"),
        ("1,146億円", "ja"),
        ("1,146億円", "fr"),
        ("千百四十六億円", "ja"),
        ("１，１４６億円", "ja"),
        ("1146億円", "und"),
    ],
)
def test_all_notations_of_one_amount_have_one_canonical_value(text, language):
    assert canonical_values(text, language) == [("114600000000", "JPY")]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("令和6年度", "ja"),
        ("2024年度", "ja"),
        ("FY2024", "en"),
        ("fiscal 2024", "en"),
        ("exercice 2024", "fr"),
        ("April 2024–March 2025", "en"),
        ("avril 2024 à mars 2025", "fr"),
        ("2024年4月～2025年3月", "ja"),
        ("2025年3月期", "ja"),
    ],
)
def test_all_notations_of_one_fiscal_year_are_equal(text, language):
    figure = parse_figure(text, language)
    assert figure.key == ("FY2024", "date")
    assert (figure.first_day, figure.last_day) == (datetime.date(2024, 4, 1), datetime.date(2025, 3, 31))


def decimals(smallest: int, largest: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(smallest, largest * 10**places).map(lambda number: Decimal(number).scaleb(-places))


@given(
    value=st.integers(2, 9 * 10**13) | st.integers(2, 9999).map(lambda n: n * 10**8),
    unit=CURRENCIES,
    language=LANGUAGES,
)
def test_an_amount_reads_back_from_the_notation_of_each_language(value, unit, language):
    figure = parse_figure(render_figure(value, unit, language), language)
    assert (figure.kind, figure.key) == ("amount", (str(value), unit))


@given(value=st.integers(2, 9 * 10**12), unit=COUNTED, language=LANGUAGES)
def test_a_count_reads_back(value, unit, language):
    figure = parse_figure(render_figure(value, unit, language), language)
    assert (figure.kind, figure.key) == ("count", (str(value), unit))


@given(value=decimals(1, 10**6, 3), exponent=st.sampled_from([0, 6, 9, 12, 15, 18]), unit=MEASURED, language=LANGUAGES)
def test_a_measure_reads_back(value, exponent, unit, language):
    value = (value * Decimal(10) ** exponent).quantize(Decimal(1)) + 1
    figure = parse_figure(render_figure(value, unit, language), language)
    assert (figure.kind, figure.key) == ("measure", (plain_decimal(value), unit))


@given(value=decimals(2, 10**4, 2), unit=st.sampled_from(["percent", "points", "times"]), language=LANGUAGES)
def test_percentages_points_and_multiples_read_back(value, unit, language):
    assert parse_figure(render_figure(value, unit, language), language).key == (plain_decimal(value), unit)


@given(
    value=st.integers(2, 500), unit=st.sampled_from(["month", "day", "hour", "minute", "second"]), language=LANGUAGES
)
def test_a_duration_reads_back(value, unit, language):
    figure = parse_figure(render_figure(value, unit, language), language)
    assert (figure.kind, figure.key) == ("duration", (str(value), unit))


@given(
    day=st.dates(datetime.date(1950, 1, 1), datetime.date(2099, 12, 31)),
    language=LANGUAGES,
    length=st.sampled_from([4, 7, 10]),
)
def test_a_date_reads_back(day, language, length):
    iso = day.isoformat()[:length]
    assert parse_figure(render_figure(iso, "date", language), language).iso == iso


@given(
    year=st.integers(1950, 2099),
    part=st.sampled_from(["", "-H1", "-H2", "-Q1", "-Q2", "-Q3", "-Q4"]),
    fiscal=st.booleans(),
    language=LANGUAGES,
)
def test_years_fiscal_years_and_their_parts_read_back(year, part, fiscal, language):
    iso = f"{'FY' if fiscal else ''}{year}{part}"
    assert parse_figure(render_figure(iso, "date", language), language).iso == iso


def spoken_scales(value: Decimal) -> list[tuple[str, str]]:
    """Notations that we never write ourselves: value in yen, as the press of three languages has it."""
    billions, hundred_millions = value / 10**9, value / 10**8
    dot, comma = f"{plain_decimal(billions)}", plain_decimal(billions).replace(".", ",")
    wide = plain_decimal(hundred_millions).translate({ord("0") + i: 0xFF10 + i for i in range(10)} | {ord("."): 0xFF0E})
    grouped = f"{int(value):,}"
    return [
        (f"JPY {dot} billion", "en"),
        (f"{dot} bn yen", "en"),
        (f"¥{dot}B", "en"),
        (f"{dot}-billion-yen", "en"),
        (f"{grouped} yen", "en"),
        (f"{comma} Md¥", "fr"),
        (f"{comma} Mds de yens", "fr"),
        (f"{comma} milliards de yens", "fr"),
        (f"¥{dot} billion", "fr"),
        (grouped.replace(",", "\u2009") + " yens", "fr"),
        (f"{wide}億円", "ja"),
        (f"{grouped}円", "ja"),
        (f"{plain_decimal(hundred_millions)}億円", "en"),
    ]


@given(value=st.integers(1001, 9 * 10**6).map(lambda number: Decimal(number) * 10**6))
def test_an_amount_reads_alike_in_every_notation_of_the_press(value):
    for text, language in spoken_scales(value):
        assert canonical_values(text, language) == [(plain_decimal(value), "JPY")], text


@given(number=st.integers(2, 99), language=st.sampled_from(["fr", "en", "ja"]))
def test_numbers_in_words_up_to_a_hundred(number, language):
    nouns = {"fr": " entreprises", "en": " companies", "ja": "社"}
    assert canonical_values(in_words(number, language) + nouns[language], language) == [(str(number), "company")]


def in_words(number: int, language: str) -> str:
    tens, units = divmod(number, 10)
    if language == "ja":
        digits = " 一二三四五六七八九"
        return (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[units] if units else "")
    if language == "en":
        names = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        small = [*names.split(), "seventeen", "eighteen", "nineteen"]
        if number < 20:
            return small[number - 1]
        word = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"][tens - 2]
        return f"{word}-{small[units - 1]}" if units else word
    names = "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
    small = [*names.split(), "dix-sept", "dix-huit", "dix-neuf"]
    if number < 20:
        return small[number - 1]
    if tens in (7, 9):
        tens, units = tens - 1, units + 10
    word = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante", 8: "quatre-vingt"}[tens]
    if not units:
        return word + ("s" if tens == 8 else "")
    return f"{word} et {small[units - 1]}" if units in (1, 11) and tens != 8 else f"{word}-{small[units - 1]}"


@given(
    pieces=st.lists(st.sampled_from([row["text"] for row in ROWS]) | st.text(max_size=12), max_size=8),
    joint=st.sampled_from([" ", "、", ". ", "\n", ""]),
    language=st.sampled_from(["fr", "en", "ja", "und"]),
)
def test_offsets_are_verbatim_ordered_and_do_not_overlap(pieces, joint, language):
    text = joint.join(pieces)
    end = 0
    for figure in find_figures(text, language):
        assert text[figure.start : figure.end] == figure.text
        assert figure.start >= end
        assert figure.text.strip() == figure.text != ""
        end = figure.end


@given(text=st.text(), language=st.sampled_from(["fr", "en", "ja", "und"]))
def test_any_text_is_read_without_error(text, language):
    for figure in find_figures(text, language):
        rewrite_figure(figure, "fr")
        assert compare(figure, [figure]).verdict == "exact"


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("¥114.6 billion", Decimal("114550000000"), Decimal("114650000000")),
        ("up to ¥42.1 billion", None, Decimal("42150000000")),
        ("at least 5 companies", Decimal("4.5"), None),
        ("between 20 and 30 GPUs", Decimal(20), Decimal(30)),
    ],
)
def test_the_interval_is_half_a_unit_of_the_last_digit_or_the_bounds(text, low, high):
    figure = parse_figure(text, "en")
    assert (figure.low, figure.high) == (low, high)


@pytest.mark.parametrize("text", ["", "no figure here", "5 GPUs and 6 nodes", "the budget of ¥5 billion", "H100"])
def test_parse_figure_takes_one_figure_only(text):
    with pytest.raises(ValueError, match="figure"):
        parse_figure(text, "en")
