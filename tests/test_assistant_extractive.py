"""Answers without a language model: quoted sentences, each with the passage it comes from."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.extractive import both_figures_claims, extractive_claims, quoted_claim
from assistant.quoting import ScoredSentence, Sentence, SentenceIndex
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


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("Was it founded in 1996 or 1999?", "The Herald gives 1999, the Gazette 1996.", True),
        ("Was it founded in 1996 or 1999?", "The Herald gives 1999.", False),
        ("Was it founded in 1996?", "The Herald gives 1999, the Gazette 1996.", False),
        ("Is it 25 exaflops or 13.7 exaflops?", "13.7 exaflops is what was built, 25 exaflops the plan.", True),
        ("Did 18 stops cost £86 million?", "18 stops cost £86 million.", False),
        ("On what date did 18 men and 20 men arrive?", "18 men came first, then 20 men.", False),
    ],
    ids=["both", "one of them", "one asked", "measures", "of different units", "a date asked"],
)
def test_a_question_between_two_values_gets_the_sentence_that_has_both(
    sentence_index: SentenceIndex, island_hits: Hits, question: str, text: str, expected: bool
) -> None:
    hit = island_hits["en/tram.md"]
    sentence = Sentence(text, 0, len(text), "en", np.zeros(4, np.float32))
    claims = both_figures_claims(question, "en", [ScoredSentence(hit, sentence, 1.0)])
    assert [claim.text for claim in claims] == ([text] if expected else [])


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("I read 25 exaflops in one article, 13.7 exaflops in another. Who is right?", 2),
        ("Is it 25 exaflops or 13.7 exaflops?", 2),
        ("Is it 25 exaflops or 14 exaflops?", 0),
        ("Does it need 25 exaflops for 13.7 exaflops of work?", 0),
    ],
    ids=["in other words", "or", "one is not there", "no alternative"],
)
def test_two_rival_values_in_two_sentences_are_both_shown_newest_first(
    island_hits: Hits, question: str, expected: int
) -> None:
    texts = {"2024-11": "The plan was for 25 exaflops.", "2025-06": "The machine described has 13.7 exaflops."}
    hit = island_hits["en/tram.md"]
    ranked = [
        ScoredSentence(
            replace(hit, passage=replace(hit.passage, date=date)),
            Sentence(text, 0, len(text), "en", np.zeros(4, np.float32)),
            1.0,
        )
        for date, text in texts.items()
    ]
    claims = both_figures_claims(question, "en", ranked)
    assert [claim.text for claim in claims] == [*reversed(texts.values())][:expected]
    assert [claim.citations[0].number for claim in claims] == [1, 2][:expected]
