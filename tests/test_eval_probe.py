"""A probe is fitted on close sentences and on what stands in the evidence, and judged on unseen questions."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.choosing import OBJECTIONS
from assistant.config import AssistantConfig
from eval.__main__ import main
from eval.conditional_logit import Choice, conditional_logit
from eval.probe import Examples, best_is_right, close_sentences, examples_of, fitted, weights_beside
from eval.questions import EvalQuestion, Evidence
from index.embedder import Embedder
from index.errors import UsageError
from index.retriever import Retriever

DIMENSION = 12
rng = np.random.default_rng(5)
DIRECTION = rng.normal(size=DIMENSION)


def question(answerable: bool = True) -> Examples:
    """Six sentences; the one that answers lies further in one direction."""
    states = rng.normal(size=(6, DIMENSION))
    right = np.zeros(6, bool)
    if answerable:
        right[rng.integers(6)] = True
    beside = np.zeros((6, 1 + len(OBJECTIONS)), np.float32)
    beside[:, 0] = rng.random(6) / 5 * ~right
    return Examples((states + 3 * np.outer(right, DIRECTION)).astype(np.float32), right, answerable, beside)


def test_it_finds_what_tells_right_sentences_from_wrong_ones() -> None:
    probe = fitted([question(number % 4 > 0) for number in range(80)], "prompt")
    assert probe.prompt == "prompt"
    unseen = [question(number % 4 > 0) for number in range(40)]
    right, area = best_is_right(unseen, probe)
    assert right >= 28
    assert area > 0.95
    shuffled = [replace(one, right=np.roll(one.right, 1)) for one in unseen]
    assert best_is_right(shuffled, probe)[0] < 5


def test_too_few_questions_are_refused() -> None:
    with pytest.raises(UsageError, match="needs at least 20 questions, some of them with evidence"):
        fitted([question() for _ in range(5)], "prompt")
    with pytest.raises(UsageError, match="needs at least 20 questions"):
        fitted([question(answerable=False) for _ in range(50)], "prompt")


def test_what_counts_beside_the_probe() -> None:
    """Where it tells nothing, all weight goes to the score, and to a rule that objects to wrong sentences only."""
    examples = [question() for _ in range(60)]
    for one in examples:
        one.beside[:, 1] = ~one.right & (rng.random(6) < 0.6)
        one.beside[:, 2] = rng.random(6) < 0.5
    nothing = [rng.normal(size=6).astype(np.float32) for _ in examples]
    weights = weights_beside(examples, nothing)
    assert list(weights) == ["probe", "score", *OBJECTIONS, "bias"]
    objects, random = OBJECTIONS[:2]
    assert weights["score"] > 10
    assert weights[objects] > 2
    assert abs(weights[random]) < 1
    assert abs(weights["probe"]) < 0.8


def test_none_is_a_choice_whose_logit_is_0() -> None:
    none = [Choice(np.zeros((3, 1), np.float32), np.zeros(3, bool))] * 30
    one_of_three = [Choice(np.zeros((3, 1), np.float32), np.array([True, False, False]))] * 10
    _, bias = conditional_logit([*none, *one_of_three])
    assert bias == pytest.approx(np.log((10 / 40) / 3 / (30 / 40)), abs=1e-3)


class Counting:
    """Stands in for the language model: the state of a prompt is its length."""

    def states(self, conversations: list[list[dict[str, str]]]) -> np.ndarray:
        return np.array([[float(len(one[-1]["content"]))] for one in conversations], np.float32)


def test_close_sentences_and_those_of_the_evidence(island: Retriever, real_embedder: Embedder) -> None:
    asked = EvalQuestion(
        "q", "en", "How many stops does the Brenmoor tram have?", True,
        evidence=(Evidence("en/tram.md", "It is 14.2 kilometres long and has 18 stops."),),
    )  # fmt: skip
    follow_up = replace(asked, history=("earlier",))
    config = replace(AssistantConfig(), judged_sentences_probed=5)
    [close] = close_sentences([asked, follow_up], island, real_embedder, config)
    found = examples_of(close, Counting())  # type: ignore[arg-type]
    assert found.states.shape == (5, 1)
    assert found.states[0, 0] == len(close.conversations[0][-1]["content"])
    assert found.right.sum() == 1
    assert found.answerable
    assert found.beside.shape == (5, 1 + len(OBJECTIONS))
    assert found.beside[0, 0] == 0.0
    assert (found.beside[:, 0] >= 0.0).all()
    assert not found.beside[found.right, 1:].any()
    assert found.beside[~found.right, 1:].any()


NEEDED = ("--unseen-questions", "u", "--unseen-index", "i")


@pytest.mark.parametrize(
    "pairs",
    [
        ("--questions", "a", "b", "--index", "c", *NEEDED),
        ("--questions", "a", "--index", "c", *NEEDED, "--unseen-index", "i", "j"),
    ],
)
def test_files_and_indexes_come_in_pairs(tmp_path: Path, pairs: tuple[str, ...]) -> None:
    output = tmp_path / "probe.npz"
    with pytest.raises(UsageError, match="as many --index as --questions"):
        main(["probe", *pairs, "--output", str(output)])
    assert not output.exists()
