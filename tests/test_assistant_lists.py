"""What a sentence only announces is quoted with it."""

import pytest

from assistant.lists import announced, leads_to_list
from assistant.quoting import SentenceIndex
from index.records import Passage


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("苫小牧が選ばれた理由は三つある。", 3),
        ("狙いは2つです。", 2),
        ("The ministry has four conditions.", 4),
        ("It gave three main reasons:", 3),
        ("L'État a fixé trois objectifs principaux.", 3),
        ("Il y a deux raisons :", 2),
        ("It met the three conditions of the ministry.", 0),
        ("Deux usines ouvrent.", 0),
        ("三つの工場がある。", 0),
        ("The plan has two centres.", 0),
    ],
)
def test_how_many_things_a_sentence_announces(text: str, count: int) -> None:
    assert announced(text) == count


@pytest.mark.parametrize(
    ("text", "sentence", "expected"),
    [
        (
            "There are two reasons. Power is cheap. The sea is near. It opened in May.",
            "There are two reasons.",
            ["Power is cheap.", "The sea is near."],
        ),
        (
            "There are two reasons.\n\n- Power is cheap.\n- The sea is near.\n- Staff is there.",
            "There are two reasons.",
            ["- Power is cheap.", "- The sea is near.", "- Staff is there."],
        ),
        ("There are two reasons.\n\nPower is cheap. The sea is near.", "There are two reasons.", []),
        ("There are three reasons. Power is cheap. The sea is near.", "There are three reasons.", []),
        ("Power is cheap. The sea is near.", "Power is cheap.", []),
    ],
)
def test_the_sentences_that_follow(
    sentence_index: SentenceIndex, text: str, sentence: str, expected: list[str]
) -> None:
    passage = Passage(f"d#{text}", "d", "Things", "", text, 0, len(text), "en")
    [found] = [one for one in sentence_index.add([passage])[passage.passage_id] if one.text == sentence]
    assert [one.text for one in sentence_index.listed_after(found, passage)] == expected


def test_a_sentence_that_ends_in_a_colon_leads_to_a_list() -> None:
    assert leads_to_list("The partners are:")
    assert not leads_to_list("The partners are two.")
