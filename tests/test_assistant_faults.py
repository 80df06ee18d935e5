"""The checks of a whole sentence, in their order, over evidence in one or several languages."""

import pytest

from assistant.faults import Evidence, find_fault
from assistant.support import WordMatcher
from tests.word_vectors import WordVectors

QUOTE = "In May 2024 METI announced support of up to ¥42.1 billion for SoftBank."


def evidence(*quotes: str, language: str = "en", around: tuple[str, ...] = ()) -> Evidence:
    return Evidence(quotes, around or quotes, language)


@pytest.mark.parametrize(
    ("claim", "quote", "reason"),
    [
        ("METI announced support of up to ¥42.1 billion for SoftBank.", QUOTE, ""),
        ("METI did not announce support of ¥42.1 billion for SoftBank.", QUOTE, "denies what its source affirms"),
        ("METI announced support of ¥42.1 billion for SAKURA internet.", QUOTE, "another subject: ¥42.1 billion"),
        ("SoftBank completed the site in 2026.", "SoftBank plans to complete the site in 2026.", "planned, not done"),
        ("METI announced generous bribes for SoftBank.", QUOTE, "not in the source: "),
    ],
)
def test_the_first_fault_is_named(claim: str, quote: str, reason: str) -> None:
    found = find_fault(claim, "en", [evidence(quote)], WordMatcher(WordVectors()))
    assert found.startswith(reason)
    assert bool(found) is bool(reason)


def test_evidence_in_another_language_is_not_compared_word_by_word() -> None:
    matcher = WordMatcher(WordVectors())
    french = evidence("Le METI a annoncé une aide de 42,1 milliards de yens à SoftBank.", language="fr")
    assert find_fault("SoftBank gets a subsidy of ¥42.1 billion.", "en", [french], matcher) == ""
    assert find_fault("KDDI gets a subsidy of ¥42.1 billion.", "en", [french], matcher) != ""


def test_one_of_several_languages_is_enough() -> None:
    claim = "METI announced support for SoftBank."
    japanese = evidence("経済産業省はソフトバンクへの支援を発表していない。", language="ja")
    matcher = WordMatcher(WordVectors())
    assert find_fault(claim, "en", [japanese], matcher) != ""
    assert find_fault(claim, "en", [japanese, evidence(QUOTE)], matcher) == ""
    assert find_fault(claim, "en", [], matcher) == ""


def test_without_token_vectors_words_are_not_held_against_a_claim(toy_embedder: object) -> None:
    claim = "METI announced generous bribes for SoftBank."
    assert find_fault(claim, "en", [evidence(QUOTE)], WordMatcher(toy_embedder)) == ""


def test_words_of_the_heading_are_borne_out() -> None:
    matcher = WordMatcher(WordVectors())
    quote = "It opened in 2021."
    assert find_fault("The Brenmoor tram opened in 2021.", "en", [evidence(quote)], matcher) != ""
    heading = evidence(quote, around=(f"The Brenmoor tram\n{quote}",))
    assert find_fault("The Brenmoor tram opened in 2021.", "en", [heading], matcher) == ""
