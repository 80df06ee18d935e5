"""The second building is not the first one, in any of the three languages."""

import pytest

from assistant.ordinals import about_another, ordinals


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "the second building", {2}),
        ("en", "rutilea's 1st building, not the third", {1, 3}),
        ("fr", "le deuxième cycle et la première phase", {1, 2}),
        ("fr", "la 3e tranche", {3}),
        ("ja", "GENIAC第3期の予算", {3}),
        ("ja", "大熊町の２棟目", {2}),
        ("ja", "第二期", {2}),
        ("ja", "第1工場と第2工場", {1, 2}),
        ("ja", "第3条", set()),
        ("ja", "第12回", set()),
        ("en", "18 stops and 10,000 GPUs", set()),
        ("ja", "2025年に3棟を建てた", set()),
    ],
)
def test_ranks(language: str, text: str, expected: set[int]) -> None:
    assert ordinals(text, language) == expected


@pytest.mark.parametrize(
    ("question", "quote", "expected"),
    [
        ("When did the second building open?", "The first building opened in 2024.", True),
        ("When did the second building open?", "The second building opened in 2025.", False),
        ("When did the second building open?", "The building opened in 2025.", False),
        ("When did the building open?", "The first building opened in 2024.", False),
        ("Is the second call larger than the third?", "The third call was worth ¥1 billion.", False),
    ],
)
def test_another_one_of_several(question: str, quote: str, expected: bool) -> None:
    assert about_another(question, "en", quote, "en") is expected


def test_across_languages() -> None:
    assert about_another("2棟目はいつ開所しましたか", "ja", "The first building opened in 2024.", "en")
    assert not about_another("2棟目はいつ開所しましたか", "ja", "Le second bâtiment a ouvert en 2025.", "fr")
