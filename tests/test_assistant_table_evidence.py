"""A figure in a table is evidence with its unit, and is quoted with the names of the columns."""

import pytest

from assistant.figure_check import check_figures
from assistant.quoting import SentenceIndex
from assistant.verification import cite
from index.embedder import Embedder
from index.records import Passage, RetrievedPassage
from index.retriever import Retriever

TABLE = """The ministry paid more every year:

| Fiscal year | Support (billion yen) |
|---|---|
| 2022 | 70 |
| 2023 | 260 |
"""
START = 40  # of the passage in its document


@pytest.fixture
def passage() -> Passage:
    return Passage(
        passage_id="support.md#1",
        document_id="support.md",
        title="Support",
        section="",
        text=TABLE,
        start=START,
        end=START + len(TABLE),
        language="en",
        date="2024-01",
        url="",
        status="",
        translation_of="",
        page=None,
        pages=(),
    )


@pytest.fixture
def sentences(island: Retriever, real_embedder: Embedder) -> SentenceIndex:
    return SentenceIndex(island, real_embedder)


def test_a_figure_of_a_cell_has_the_unit_of_its_column(sentences: SentenceIndex, passage: Passage) -> None:
    claim = "Support was 260 billion yen in fiscal year 2023."
    quote = sentences.quote(claim, "en", passage)
    figures, wrong = check_figures(claim, "en", [quote], [passage])
    assert wrong == []
    assert ("260000000000", "JPY") in {(figure.value, figure.unit) for figure in figures}


@pytest.mark.parametrize("claim", ["Support was 260 million yen in 2023.", "Support was $260 billion in 2023."])
def test_another_scale_or_currency_is_not_borne_out(sentences: SentenceIndex, passage: Passage, claim: str) -> None:
    assert check_figures(claim, "en", [sentences.quote(claim, "en", passage)], [passage])[1]


def test_the_quote_is_verbatim_from_the_head_of_the_table_on(sentences: SentenceIndex, passage: Passage) -> None:
    quote = sentences.quote("Support was 260 billion yen in fiscal year 2023.", "en", passage)
    citation = cite(1, passage, quote)
    assert citation.quote == TABLE[citation.start - START : citation.end - START]
    assert citation.quote.splitlines()[0] == "| Fiscal year | Support (billion yen) |"
    assert citation.quote.splitlines()[-1] == "| 2023 | 260 |"
    assert quote.text == "Fiscal year 2023 | Support: 260 billion yen"


def test_a_row_is_found_by_the_name_of_its_column(sentences: SentenceIndex, passage: Passage) -> None:
    hit = RetrievedPassage(passage, 0.9, 1.0, 1.0, None)
    ranked = sentences.ranked("How much support was there in fiscal year 2022?", "en", [hit])
    assert ranked[0].sentence.text == "Fiscal year 2022 | Support: 70 billion yen"
    assert all("---" not in item.sentence.text and "Support (billion" not in item.sentence.text for item in ranked)
