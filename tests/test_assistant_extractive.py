"""Answers without a language model: quoted sentences, each with the passage it comes from."""

import pytest

from assistant.extractive import extractive_claims, quoted_claim
from assistant.quoting import SentenceIndex
from index.records import RetrievedPassage
from index.retriever import Retriever

Hits = dict[str, RetrievedPassage]

QUESTIONS = [
    ("Who restored the reading room?", "en", "en/library.md", "Larkspur Joinery"),
    ("Combien a coûté le barrage de Corvanne ?", "fr", "fr/barrage.md", "310 millions d'euros"),
    ("緑原町は杉を何本植えますか。", "ja", "ja/forest.md", "60万本"),
    ("How much did the Corvanne dam cost?", "en", "fr/barrage.md", "310 millions d'euros"),
]


@pytest.mark.parametrize(("question", "language", "document_id", "evidence"), QUESTIONS)
def test_the_first_extract_answers(
    sentence_index: SentenceIndex,
    island: Retriever,
    question: str,
    language: str,
    document_id: str,
    evidence: str,
) -> None:
    hits = island.search(question, 3, language=language)
    claim = extractive_claims(question, language, hits, sentence_index)[0]
    assert claim.citations[0].document_id == document_id
    assert evidence in claim.text


@pytest.mark.parametrize(("question", "language", "document_id", "evidence"), QUESTIONS)
def test_extracts_are_verbatim_and_numbered(
    sentence_index: SentenceIndex,
    island: Retriever,
    question: str,
    language: str,
    document_id: str,
    evidence: str,
) -> None:
    claims = extractive_claims(question, language, island.search(question, 3, language=language), sentence_index)
    assert claims
    for number, claim in enumerate(claims, 1):
        (citation,) = claim.citations
        assert citation.number == number
        assert island.document(citation.document_id).text[citation.start : citation.end] == citation.quote
        assert claim.text == " ".join(citation.quote.split())
        assert claim.support == "supported"


def test_a_passage_is_quoted_once(sentence_index: SentenceIndex, island: Retriever) -> None:
    hits = island.search("What is known of the Brenmoor tram?", 8, language="en")
    claims = extractive_claims("What is known of the Brenmoor tram?", "en", hits, sentence_index)
    quoted = [claim.citations[0].passage_id for claim in claims]
    assert len(set(quoted)) == len(quoted)


def test_no_passage_no_extract(sentence_index: SentenceIndex) -> None:
    assert extractive_claims("What is known?", "en", [], sentence_index) == []


def test_the_figures_of_an_extract_are_listed(sentence_index: SentenceIndex, island_hits: Hits) -> None:
    ranked = sentence_index.ranked("建造費はいくらですか。", "ja", [island_hits["ja/ferry.md"]])
    extract = next(item for item in ranked if "48億円" in item.sentence.text)
    figures = quoted_claim(extract, 1).figures
    assert ("4800000000", "JPY", "exact") in {(figure.value, figure.unit, figure.verdict) for figure in figures}
