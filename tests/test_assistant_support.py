"""How well the words of a claim are borne out: letter by letter, by name, and by token vectors that can be seen."""

import pytest

from assistant.support import LEAST_SUPPORT, SpanEmbedder, WordMatcher
from tests.word_vectors import WordVectors


@pytest.fixture
def matcher() -> WordMatcher:
    return WordMatcher(WordVectors())


def test_the_toy_is_an_embedder_with_spans() -> None:
    assert isinstance(WordVectors(), SpanEmbedder)


@pytest.mark.parametrize(
    ("language", "claim", "quote"),
    [
        ("en", "The tram was built by the council.", "The council built a tram in 2021."),
        ("en", "Trams were built.", "The tram was built."),
        ("en", "It was 12 million euros in May 2024.", "The price is another one."),
        ("en", "Three trams were built.", "The tram was built."),
        ("en", "SoftBank built it.", "ソフトバンクがbuilt."),
        ("fr", "Les subventions de l'État ont été versées.", "La subvention est versée par l'État."),
        ("ja", "建物の前に停まる。", "建物の壁の前に停まった。"),
        ("en", "It was and is.", "Something."),
    ],
)
def test_what_stands_in_the_quote_is_borne_out_in_full(language: str, claim: str, quote: str) -> None:
    toy = WordVectors()
    found = WordMatcher(toy).match(claim, language, [quote])
    assert (found.worst, found.mean, found.score, found.word) == (1.0, 1.0, 1.0, "")
    assert toy.calls == 0  # nothing to embed


def test_the_source_around_the_quote_is_looked_up_letter_by_letter(matcher: WordMatcher) -> None:
    assert matcher.match("The tram was built.", "en", ["It was built."], ["# The tram"]).score == 1.0
    assert matcher.match("The tram was built.", "en", ["It was built."], ["# The ferry"]).score < LEAST_SUPPORT["en"]


@pytest.mark.parametrize(
    ("language", "claim", "quote"),
    [
        ("en", "The bike was constructed.", "The bicycle was built."),
        ("ja", "建造が始まった。", "建設が始まった。"),
    ],
)
def test_another_word_of_the_same_meaning_is_borne_out(
    matcher: WordMatcher, language: str, claim: str, quote: str
) -> None:
    assert matcher.match(claim, language, [quote]).score > 0.95


def test_one_invented_word_is_found_and_named(matcher: WordMatcher) -> None:
    found = matcher.match(
        "The red bicycle was built in the old town.", "en", ["The bicycle was built in the town, old."]
    )
    assert found.word == "red"
    assert found.worst < 0.3
    assert found.mean > LEAST_SUPPORT["en"] > found.score


def test_two_quotes_are_taken_together(matcher: WordMatcher) -> None:
    claim = "The bike was constructed."
    assert matcher.match(claim, "en", ["The bicycle was old.", "It was built."]).score > 0.95
    assert matcher.match(claim, "en", ["The bicycle was old."]).word == "constructed"


def test_the_centre_is_found_once_for_an_embedder() -> None:
    toy = WordVectors()
    for _ in range(2):
        WordMatcher(toy).match("The bike.", "en", ["The bicycle."])
    assert toy.calls == 3


def test_an_embedder_without_token_vectors_compares_words_only(toy_embedder: object) -> None:
    matcher = WordMatcher(toy_embedder)
    assert not matcher.compares_meaning
    assert matcher.match("The tram was built.", "en", ["The tram was built."]).score == 1.0
    found = matcher.match("The tram was constructed.", "en", ["The tram was built."])
    assert (found.worst, found.mean, found.word) == (0.0, 0.5, "constructed")


def test_a_claim_without_words_is_borne_out(matcher: WordMatcher) -> None:
    assert matcher.match("???", "ja", ["島。"]).score == 1.0
    assert matcher.match("Tram", "en", []).word == "Tram"
