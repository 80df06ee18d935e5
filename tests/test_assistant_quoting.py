"""Step 8, second half: the quoted span is the document's own text, and the right one, whatever the claim's language."""

from dataclasses import replace

import pytest

from assistant.lists import leads_to_list
from assistant.plain_text import on_one_line
from assistant.quoting import SentenceIndex
from index.records import RetrievedPassage
from index.retriever import Retriever
from index.sentence_vectors import prepare_sentences

Hits = dict[str, RetrievedPassage]

CLAIMS = [
    ("en/tram.md", "en", "The tram line has 18 stops.", "18 stops"),
    ("en/tram.md", "en", "Construction cost £86 million.", "£86 million"),
    ("en/tram.md", "fr", "Environ 9 400 voyageurs prennent le tram en semaine.", "9,400 passengers"),
    ("en/library.md", "ja", "図書館は24万冊の本を所蔵している。", "240,000 books"),
    ("fr/barrage.md", "fr", "Le barrage mesure 92 mètres de haut.", "92 mètres"),
    ("fr/barrage.md", "en", "The dam cost €310 million.", "310 millions d'euros"),
    ("fr/musee.md", "ja", "入館料は7ユーロである。", "7 euros"),
    ("ja/ferry.md", "ja", "定員は320人である。", "320人"),
    ("ja/ferry.md", "en", "The ship cost ¥4.8 billion to build.", "48億円"),
    ("ja/forest.md", "fr", "Le budget est de 120 millions de yens par an.", "1億2,000万円"),
]


@pytest.mark.parametrize(("name", "language", "claim", "expected"), CLAIMS, ids=lambda value: str(value)[:24])
def test_the_quote_is_verbatim_and_holds_the_evidence(
    sentence_index: SentenceIndex,
    island: Retriever,
    island_hits: Hits,
    name: str,
    language: str,
    claim: str,
    expected: str,
) -> None:
    quote = sentence_index.quote(claim, language, island_hits[name].passage)
    assert expected in quote.text
    assert island.document(name).text[quote.start : quote.end] == quote.text
    assert len(quote.text) < len(island_hits[name].passage.text)
    assert -1 <= quote.cosine <= 1.001


def test_every_sentence_of_every_passage_is_verbatim(
    sentence_index: SentenceIndex, island: Retriever, island_hits: Hits
) -> None:
    by_passage = sentence_index.add([hit.passage for hit in island_hits.values()])
    for hit in island_hits.values():
        text = island.document(hit.passage.document_id).text
        sentences = by_passage[hit.passage.passage_id]
        assert sentences
        assert all(text[sentence.start : sentence.end] == sentence.text for sentence in sentences)


def test_two_figures_in_neighbouring_sentences_are_quoted_together(
    sentence_index: SentenceIndex, island: Retriever, island_hits: Hits
) -> None:
    claim = "The tram opened on 12 March 2021 and has 18 stops."
    quote = sentence_index.quote(claim, "en", island_hits["en/tram.md"].passage)
    assert "12 March 2021" in quote.text
    assert "18 stops" in quote.text
    assert island.document("en/tram.md").text[quote.start : quote.end] == quote.text
    assert {"2021-03-12", "18"} <= {figure.key[0] for figure in quote.figures}


def test_a_heading_is_not_quoted(sentence_index: SentenceIndex, island_hits: Hits) -> None:
    quote = sentence_index.quote("The Brenmoor tram.", "en", island_hits["en/tram.md"].passage)
    assert not quote.text.startswith("#")


def test_a_sentence_that_announces_a_list_is_quoted_with_it(
    island: Retriever, sentence_index: SentenceIndex, island_hits: Hits
) -> None:
    text = "The ferry calls at these ports:\n\n- Dunmore\n- Eastwick\n\nIt sails twice a day."
    start = island_hits["en/tram.md"].passage.start
    passage = replace(island_hits["en/tram.md"].passage, passage_id="list", text=text, end=start + len(text))
    quote = sentence_index.quote("The ferry calls at these ports.", "en", passage)
    assert on_one_line(quote.text) == "The ferry calls at these ports: Dunmore; Eastwick"
    assert sentence_index.around(quote, passage) == ("", "It sails twice a day.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The partners are:", True),
        ("採択したのは次の5つである。", True),
        ("It has: two decks.", False),
        ("次の年である。", False),
    ],
)
def test_what_announces_a_list(text: str, expected: bool) -> None:
    assert leads_to_list(text) is expected


def test_a_passage_that_was_not_stored_is_embedded_once(
    sentence_index: SentenceIndex, island_hits: Hits, monkeypatch: pytest.MonkeyPatch
) -> None:
    passage = replace(island_hits["en/tram.md"].passage, passage_id="elsewhere#1")
    first = sentence_index.quote("The line has 18 stops.", "en", passage)
    monkeypatch.setattr(sentence_index._embedder, "embed_passages", None)
    assert sentence_index.quote("The line has 18 stops.", "en", passage) == first


@pytest.mark.parametrize("text", ["# Only a heading", "***", ""])
def test_a_passage_without_a_sentence_gives_a_quote_and_no_error(
    sentence_index: SentenceIndex, island_hits: Hits, text: str
) -> None:
    passage = replace(island_hits["en/tram.md"].passage, passage_id="odd#1", text=text, start=5, end=5 + len(text))
    quote = sentence_index.quote("The line has 18 stops.", "en", passage)
    assert quote.text == text
    assert (quote.start, quote.end) == (5, 5 + len(text))


def test_sentences_are_ranked_by_the_question(sentence_index: SentenceIndex, island_hits: Hits) -> None:
    ranked = sentence_index.ranked("Who restored the reading room?", "en", list(island_hits.values()))
    assert "Larkspur Joinery" in ranked[0].sentence.text
    assert [item.score for item in ranked] == sorted((item.score for item in ranked), reverse=True)
    assert not any(item.sentence.is_heading for item in ranked)


def test_stored_sentences_are_those_that_would_be_embedded(
    index_folder: object, retriever: Retriever, toy_embedder: object
) -> None:
    hits = retriever.search("SoftBank plans to invest", 5)
    passages = [hit.passage for hit in hits]
    fresh = SentenceIndex(retriever, toy_embedder).add(passages)  # type: ignore[arg-type]
    prepare_sentences(index_folder, toy_embedder)  # type: ignore[arg-type]
    stored = SentenceIndex(retriever, toy_embedder).add(passages)  # type: ignore[arg-type]
    assert [[(s.text, s.start, s.end) for s in stored[p.passage_id]] for p in passages] == [
        [(s.text, s.start, s.end) for s in fresh[p.passage_id]] for p in passages
    ]
