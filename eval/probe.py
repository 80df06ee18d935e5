"""`eval probe`: fits the probe (`assistant.probe`) that tells whether a sentence answers a question.

The close sentences of each question are read by the language model; those that stand in the question's `evidence` are
right, all others wrong. A conditional logit (McFadden 1974, "Conditional logit analysis of qualitative choice
behavior") learns from the state of one layer which sentence of a question answers it, or that none does: "none" is a
choice of its own with the logit 0. Each index is judged by a probe that has not seen it: questions about documents that
it was fitted on would flatter it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.choosing import OBJECTIONS, asking, objections, on_subject
from assistant.config import AssistantConfig
from assistant.finding import read_and_find
from assistant.prefill_model import PrefillModel
from assistant.probe import PROMPT, Probe
from assistant.quoting import ScoredSentence, SentenceIndex
from assistant.relevance import Aim
from eval.conditional_logit import Choice, conditional_logit
from eval.questions import EvalQuestion, Evidence
from index.embedder import Embedder
from index.errors import UsageError
from index.retriever import Retriever

_LEAST_QUESTIONS = 20
_REGULARISATION_BESIDE = 0.003  # there are few weights


@dataclass(frozen=True, slots=True)
class Examples(Choice):
    """The close sentences of one question, closest first: states of the language model, and which give the answer.

    Attributes:
        answerable: whether the documents answer the question.
        beside: what is weighed beside the probe, (sentences, 1 + `OBJECTIONS`): by how much the score of another one is
            higher, and whether a rule objects.
    """

    answerable: bool
    beside: NDArray[np.float32]


def examples_of(
    questions: Sequence[EvalQuestion],
    retriever: Retriever,
    embedder: Embedder,
    model: PrefillModel,
    config: AssistantConfig,
) -> Iterator[Examples]:
    """Read the close sentences of questions that stand alone, in their order."""
    for question in questions:
        if question.history:
            continue
        text, hits = read_and_find(retriever, question.question, question.lang, config.retrieved_passages)
        sentences = SentenceIndex(retriever, embedder)
        close = sentences.ranked(text, question.lang, hits[: config.candidate_passages])
        close = on_subject(text, question.lang, close, hits)[: config.judged_sentences_probed]
        if close:
            states = model.states([asking(PROMPT, text, question.lang, item) for item in close])
            right = [any(gives(item, one) for one in question.evidence) for item in close]
            yield Examples(
                states, np.asarray(right), question.answerable, _beside(text, question.lang, close, sentences)
            )


def _beside(
    question: str, language: str, close: Sequence[ScoredSentence], sentences: SentenceIndex
) -> NDArray[np.float32]:
    aim, closest = Aim(question, language), max(item.score for item in close)
    found = [set(objections(aim, item, sentences)) for item in close]
    return np.array(
        [
            [closest - item.score, *(float(one in against) for one in OBJECTIONS)]
            for item, against in zip(close, found, strict=True)
        ],
        np.float32,
    )


def gives(item: ScoredSentence, evidence: Evidence) -> bool:
    """Whether a sentence is part of the evidence, or holds it; only letters and digits count."""
    passage, sentence = item.hit.passage, item.sentence
    if passage.document_id != evidence.document_id:
        return False
    written = _letters(passage.text[sentence.start - passage.start : sentence.end - passage.start])
    return bool(written) and (written in _letters(evidence.text) or _letters(evidence.text) in written)


def fitted(examples: Sequence[Examples], layer: int, model: str, prompt: str) -> Probe:
    """Fit a probe.

    Args:
        examples: of all questions.
        layer: that the states are of.
        model: SHA-256 of the language model's file.
        prompt: hash of the prompt.

    Raises:
        UsageError: there are too few questions.
    """
    if len(examples) < _LEAST_QUESTIONS or not any(one.right.any() for one in examples):
        raise UsageError(f"a probe needs at least {_LEAST_QUESTIONS} questions, some of them with evidence")
    weights, bias = conditional_logit(examples)
    return Probe(layer, weights.astype(np.float32), bias, model, prompt)


def weights_beside(examples: Sequence[Examples], logits: Sequence[NDArray[np.float32]]) -> dict[str, float]:
    """How much the probe, the score and the rules should count in `assistant.choosing.weighed`.

    Args:
        examples: of all questions.
        logits: of a probe for their sentences that has not seen them.
    """
    choices = [
        Choice(np.column_stack([logit, -one.beside]), one.right) for one, logit in zip(examples, logits, strict=True)
    ]
    weights, bias = conditional_logit(choices, _REGULARISATION_BESIDE)
    return {**dict(zip(("probe", "score", *OBJECTIONS), map(float, weights), strict=True)), "bias": bias}


def best_is_right(examples: Sequence[Examples], probe: Probe) -> tuple[int, float]:
    """How well a probe does: for how many questions the best sentence is right, and how well they are told apart.

    Returns:
        The number of questions, and the area under the curve of those best sentences that are right against the best
        ones of unanswerable questions; NaN where one of both is missing.
    """
    from sklearn.metrics import roc_auc_score

    best = [(logits.argmax(), logits.max()) for logits in (logits_of(one, probe) for one in examples)]
    right = [value for one, (place, value) in zip(examples, best, strict=True) if one.right[place]]
    wrong = [value for one, (_, value) in zip(examples, best, strict=True) if not one.answerable]
    if not right or not wrong:
        return len(right), float("nan")
    return len(right), float(roc_auc_score([True] * len(right) + [False] * len(wrong), right + wrong))


def logits_of(example: Examples, probe: Probe) -> NDArray[np.float32]:
    """What a probe says of the sentences of a question."""
    return np.asarray(example.states @ probe.weights + probe.bias, np.float32)


def model_of(folder: Path, layer: int) -> PrefillModel:
    """The language model, cut off after a layer."""
    return PrefillModel(folder, Probe(layer, np.zeros(0, np.float32), 0.0, "", ""))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
