"""What the model tells from another language is held against its source by the model itself."""

from dataclasses import replace

import pytest

from assistant.faithful import is_faithful
from assistant.quoting import SentenceIndex
from assistant.records import Claim
from tests.scripted_generator import ScriptedGenerator
from tests.test_assistant_copying import only_sentence

QUESTION = "Qui a restauré la salle ?"
SOURCE = "The room was restored by Larkspur Joinery."
CLAIM = "Larkspur Joinery a restauré la salle."


@pytest.fixture
def claim(sentence_index: SentenceIndex) -> Claim:
    from assistant.extractive import quoted_claim

    item = only_sentence(sentence_index, "The room", SOURCE, "en", QUESTION)
    return replace(quoted_claim(item, 1), text=CLAIM)


@pytest.mark.parametrize(
    ("forth", "back", "answering", "probed", "faithful"),
    [
        (2.0, 2.0, 4.0, True, True),
        (0.6, 2.0, 4.0, True, False),
        (2.0, 0.8, 4.0, True, False),
        (2.0, 2.0, 2.4, True, False),
        (2.0, 2.0, -4.0, False, True),  # only a probe judges well enough what answers
    ],
)
def test_it_must_say_the_same_in_both_orders_and_answer(
    claim: Claim, forth: float, back: float, answering: float, probed: bool, faithful: bool
) -> None:
    generator = ScriptedGenerator(
        [],
        margin_of=lambda read: answering if CLAIM in read else 9.0,
        faithful=lambda first, _: forth if first == SOURCE else back,
        probed=probed,
    )
    assert is_faithful(claim, QUESTION, "fr", {"d#1": "en"}, generator) is faithful


def test_what_is_quoted_in_the_readers_language_or_copied_is_not_asked_about(claim: Claim) -> None:
    generator = ScriptedGenerator([], margin_of=lambda _: -9.0, faithful=-9.0)
    assert is_faithful(claim, QUESTION, "fr", {}, generator)
    copied = replace(claim, text="La réponse est : Larkspur Joinery.")
    assert is_faithful(copied, QUESTION, "fr", {"d#1": "en"}, generator)
