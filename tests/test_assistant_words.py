"""What two texts are about: folding, function words, and Japanese without spaces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.words import content_spans, content_words, fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Économie", "economie"),
        ("L’aide", "l aide"),
        ("ＫＤＤＩ １０２", "kddi 102"),
        ("ｸﾗｳﾄﾞ", "クラウド"),
        ("ガバメント", "ガバメント"),
        ("STRASSE Œuvre", "strasse œuvre"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("How much did the Corvanne dam cost?", "en", {"corvanne", "dam", "cost"}),
        ("Combien le barrage de Corvanne a-t-il coûté ?", "fr", {"barrage", "corvanne", "coute"}),
        ("Quelles sont les subventions de l'État ?", "fr", {"subvention", "etat"}),
        ("What is the share in 2024?", "en", {"share", "2024"}),
        ("", "en", set()),
        ("???", "ja", set()),
    ],
)
def test_content_words(text: str, language: str, words: set[str]) -> None:
    assert content_words(text, language) == words


def test_singular_and_plural_meet() -> None:
    assert content_words("subvention", "fr") == content_words("subventions", "fr")
    assert content_words("press", "en") == {"press"}


def test_japanese_is_compared_by_pairs_of_characters() -> None:
    assert {"建造", "造費"} <= content_words("船の建造費は48億円である。", "ja")
    assert "48" in content_words("船の建造費は48億円である。", "ja")


def test_a_japanese_question_shares_words_with_its_answer_and_not_with_another() -> None:
    question = content_words("青浜フェリーの建造費はいくらですか。", "ja")
    answer = content_words("青浜フェリーの船の建造費は48億円である。", "ja")
    other = content_words("緑原町は2030年までに杉を60万本植える。", "ja")
    assert len(question & answer) > 3
    assert not question & other


def test_asking_words_are_no_content() -> None:
    assert not content_words("何人ですか。何年ですか。", "ja")


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("The tram wasn't built in 2021, yes.", "en", ["tram", "wasn", "built"]),
        ("L’aide de l'État, tandis que celle", "fr", ["aide", "État"]),
        ("建物の前に一台のトラックが停まっています。", "ja", ["建物", "前", "一台", "トラック", "停"]),
        ("KDDIはGPUを買う。", "ja", ["KDDI", "GPU", "買"]),
        ("", "en", []),
    ],
)
def test_where_content_words_stand(text: str, language: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in content_spans(text, language)] == words
