"""`eval probe`: fits the probes (`assistant.probe`) that tell whether a sentence answers a question.

The close sentences of each question are read by the language model; those that stand in the question's `evidence` are
right, all others wrong. From the states of one layer it is learned which sentence of a question answers it, or that
none does. Each index is judged by probes that have not seen it: documents that they were fitted on would flatter them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.choosing import ASKED_AGAIN, asking, on_subject
from assistant.config import AssistantConfig
from assistant.finding import read_and_find
from assistant.prefill_model import PrefillModel
from assistant.probe import PROMPTS, Probe, Probes
from assistant.quoting import ScoredSentence, SentenceIndex
from eval.conditional_logit import Choice, States, conditional_logit
from eval.questions import EvalQuestion, Evidence
from index.embedder import Embedder
from index.errors import UsageError
from index.retriever import Retriever
from prompts import load

_LEAST_QUESTIONS = 20
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Examples:
    """The close sentences of one question, closest first.

    Attributes:
        states: of the language model at the end of each prompt, (sentences, dimension).
        right: which of them give the answer.
        answerable: whether the documents answer the question.
    """

    states: Mapping[str, States]
    right: NDArray[np.bool_]
    answerable: bool


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
        close = SentenceIndex(retriever, embedder).ranked(text, question.lang, hits[: config.candidate_passages])
        close = on_subject(text, question.lang, close, hits)[: config.judged_sentences_probed]
        if close:
            states = {
                name: model.states([asking(name, text, question.lang, item) for item in close]) for name in PROMPTS
            }
            right = [any(gives(item, one) for one in question.evidence) for item in close]
            yield Examples(states, np.asarray(right), question.answerable)


def gives(item: ScoredSentence, evidence: Evidence) -> bool:
    """Whether a sentence is part of the evidence, or holds it; only letters and digits count."""
    passage, sentence = item.hit.passage, item.sentence
    if passage.document_id != evidence.document_id:
        return False
    written = _letters(passage.text[sentence.start - passage.start : sentence.end - passage.start])
    return bool(written) and (written in _letters(evidence.text) or _letters(evidence.text) in written)


def fitted(examples: Sequence[Examples], layer: int, model: str) -> Probes:
    """Fit the probes.

    The second one learns what a second look adds, from the sentences that the first finds likeliest; how likely, it
    is told by probes that have not seen the question.

    Args:
        examples: of all questions.
        layer: that the states are of.
        model: SHA-256 of the language model's file.

    Raises:
        UsageError: there are too few questions.
    """
    if len(examples) < _LEAST_QUESTIONS or not any(one.right.any() for one in examples):
        raise UsageError(f"a probe needs at least {_LEAST_QUESTIONS} questions, some of them with evidence")
    first, second = PROMPTS
    choices = [Choice(one.states[first], one.right, np.zeros(len(one.right))) for one in examples]
    again = []
    for fold in range(_FOLDS):
        weights, bias = conditional_logit([one for place, one in enumerate(choices) if place % _FOLDS != fold])
        for one in examples[fold::_FOLDS]:
            logits = one.states[first] @ weights + bias
            likeliest = np.argsort(-logits)[:ASKED_AGAIN]
            again.append(Choice(one.states[second][likeliest], one.right[likeliest], logits[likeliest]))
    by_prompt = {}
    for name, given in ((first, choices), (second, again)):
        weights, bias = conditional_logit(given)
        by_prompt[name] = Probe(weights.astype(np.float32), bias, load(name, "en").hash)
    return Probes(layer, model, by_prompt)


def best_is_right(examples: Sequence[Examples], probes: Probes) -> tuple[int, float]:
    """How well probes do: for how many questions the best sentence is right, and how well they are told apart.

    Returns:
        The number of questions, and the area under the curve of those best sentences that are right against the best
        ones of unanswerable questions; NaN where one of both is missing.
    """
    from sklearn.metrics import roc_auc_score

    first, second = (probes.by_prompt[name] for name in PROMPTS)
    best = []
    for one in examples:
        logits = one.states[PROMPTS[0]] @ first.weights + first.bias
        likeliest = np.argsort(-logits)[:ASKED_AGAIN]
        logits = logits[likeliest] + one.states[PROMPTS[1]][likeliest] @ second.weights + second.bias
        best.append((bool(one.right[likeliest[logits.argmax()]]), float(logits.max())))
    right = [value for is_right, value in best if is_right]
    wrong = [value for one, (_, value) in zip(examples, best, strict=True) if not one.answerable]
    if not right or not wrong:
        return len(right), float("nan")
    return len(right), float(roc_auc_score([True] * len(right) + [False] * len(wrong), right + wrong))


def model_of(folder: Path, layer: int) -> PrefillModel:
    """The language model, cut off after a layer."""
    return PrefillModel(folder, Probes(layer, "", {name: Probe(np.zeros(0, np.float32), 0.0, "") for name in PROMPTS}))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
