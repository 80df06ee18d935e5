"""A sentence that sets facts side by side is taken apart; a list of names is not."""

import pytest

from assistant.clauses import split_clauses


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "Gefion a 1 528 GPU, tandis qu’ABCI 3.0 a 6 128 GPU.", ["Gefion a 1 528 GPU", "ABCI 3.0 a 6 128 GPU"]),
        (
            "en",
            "SoftBank got ¥42.1 billion, while KDDI got ¥10.24 billion.",
            ["SoftBank got ¥42.1 billion", "KDDI got ¥10.24 billion"],
        ),
        ("en", "It has 18 stops; it opened in 2021.", ["It has 18 stops", "it opened in 2021"]),
        ("ja", "KDDIは77億円であるのに対し、RUTILEAは25億円である。", ["KDDIは77億円", "RUTILEAは25億円である"]),
        ("ja", "1本目は3月に開き、一方、2本目は5月に開いた。", ["1本目は3月に開き", "2本目は5月に開いた"]),
    ],
)
def test_facts_side_by_side(language: str, text: str, expected: list[str]) -> None:
    assert split_clauses(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The line has 18 stops."),
        ("en", "The harbour was dredged, but nobody came."),
        ("fr", "Le barrage mesure 92 mètres et domine la vallée."),
        ("ja", "図書館は静かで、広い。"),
    ],
)
def test_a_sentence_with_one_fact_stays_whole(language: str, text: str) -> None:
    assert split_clauses(text, language) == [text]
