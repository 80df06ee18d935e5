"""Adapter and head learn what tells right from wrong, and the assistant reads what they were fitted on."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.chat_protocol import Message
from assistant.prefill_model import PrefillModel
from assistant.probe import CHOOSE, Head, Probe
from eval.adapting import Labelled, adapt
from eval.packing import Layers
from prompts import load
from tests.tiny_model import conversation

SYSTEM = load(CHOOSE, "en").system
SENTENCES = ["the sea is blue .", "a b c .", "the sky is red .", "it is green or green .", "1 1 1 .", "sea sky a ."]
START = Head(np.zeros(32, np.float32), 0.0, "a")


@pytest.fixture(scope="module")
def layers(tiny_model: Path) -> Layers:
    return Layers(tiny_model, 1, 2)


def prompts_of(question: str, sentences: list[str]) -> list[list[Message]]:
    return [conversation(f"{question} {sentence}", SYSTEM) for sentence in sentences]


def test_packed_prompts_have_the_states_of_single_ones(layers: Layers, tiny_model: Path) -> None:
    asked = prompts_of("Is the sea blue ?", SENTENCES)
    model = PrefillModel(tiny_model, Probe(2, "m", START))
    packed = layers.packed(asked)
    assert packed.question > 0
    assert layers.last_states(packed).numpy() == pytest.approx(model.states(asked), abs=0.15)
    some = packed.only([3, 1])
    assert layers.last_states(some).numpy() == pytest.approx(model.states([asked[3], asked[1]]), abs=0.15)
    single = layers.packed(asked[2:3])
    assert layers.last_states(single).numpy() == pytest.approx(model.states(asked[2:3]), abs=0.15)


def examples(layers: Layers, rng: np.random.Generator, number: int) -> Iterator[tuple[Labelled, list[list[Message]]]]:
    """The sentence with the colour of the question answers; sometimes there is none."""
    colours = ["red", "green", "blue"]
    for place in range(number):
        asked = colours[rng.integers(3)]
        said = [colours[one] for one in rng.permutation(3)[: 2 + place % 2]]
        prompts = prompts_of(f"Is it {asked} ?", [f"the sea is {one} ." for one in said] + ["a b c ."])
        right = np.array([one == asked for one in said] + [False])
        yield Labelled(layers.packed(prompts), right), prompts


def test_what_is_fitted_is_what_the_assistant_reads(tiny_model: Path) -> None:
    """The loss falls while it is fitted, and is as low through the assistant's own reading of the adapted model."""
    layers, losses = Layers(tiny_model, 1, 2), []
    known = list(examples(layers, np.random.default_rng(2), 12))
    adapter, head = adapt(
        layers, [one for one, _ in known], START, epochs=12, rate=0.01, show=lambda *told: losses.append(told)
    )
    assert [step for step, _, _ in losses] == list(range(1, losses[-1][1] + 1))
    assert losses[-1][2] < losses[4][2]
    assert head.prompt == "a"
    assert {name.split(".")[0] for name in adapter} == {"1"}
    before, head_alone, after = (
        loss(PrefillModel(tiny_model, one), one, known)
        for one in (Probe(2, "m", START), Probe(2, "m", head), Probe(2, "m", head, adapter))
    )
    assert after < 0.95 * before
    assert after < head_alone


def loss(model: PrefillModel, probe: Probe, known: list[tuple[Labelled, list[list[Message]]]]) -> float:
    """The mean negative log-likelihood of what is right."""
    found = []
    for one, prompts in known:
        logits = probe.head.logits(model.states(prompts))
        total = np.logaddexp.reduce([0.0, *logits])
        found.append(total - (np.logaddexp.reduce(logits[one.right]) if one.right.any() else 0.0))
    return float(np.mean(found))
