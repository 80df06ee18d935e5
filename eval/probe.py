"""What the probe that chooses sentences is fitted on, and how well it does (`assistant.probe`, `eval.adapting`).

The close sentences of each question are read by the language model; those that stand in the question's `evidence` are
right, all others wrong. A probe learns from the state of one layer which sentence of a question answers it, or that
none does. It is judged on questions about documents that it has not seen: others would flatter it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.chat_protocol import Message
from assistant.choosing import OBJECTIONS, asking, objections, on_subject
from assistant.config import AssistantConfig
from assistant.finding import read_and_find
from assistant.prefill_model import PrefillModel
from assistant.probe import CHOOSE, Head
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
class Close:
    """The close sentences of one question, closest first.

    Attributes:
        conversations: what the language model is asked of each.
        right: which of them give the answer.
        answerable: whether the documents answer the question.
        beside: what is weighed beside the probe, (sentences, 1 + `OBJECTIONS`): by how much the score of another one is
            higher, and whether a rule objects.
    """

    conversations: Sequence[Sequence[Message]]
    right: NDArray[np.bool_]
    answerable: bool
    beside: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Examples(Choice):
    """The close sentences of one question as a probe reads them: their states, and which give the answer.

    Attributes:
        answerable: as of `Close`.
        beside: as of `Close`.
    """

    answerable: bool
    beside: NDArray[np.float32]


def close_sentences(
    questions: Sequence[EvalQuestion], retriever: Retriever, embedder: Embedder, config: AssistantConfig
) -> Iterator[Close]:
    """Find the close sentences of questions that stand alone, in their order."""
    for question in questions:
        if question.history:
            continue
        text, hits = read_and_find(retriever, question.question, question.lang, config.retrieved_passages)
        sentences = SentenceIndex(retriever, embedder)
        close = sentences.ranked(text, question.lang, hits[: config.candidate_passages])
        close = on_subject(text, question.lang, close, hits)[: config.judged_sentences_probed]
        if close:
            right = [any(gives(item, one) for one in question.evidence) for item in close]
            yield Close(
                [asking(CHOOSE, text, question.lang, item) for item in close],
                np.asarray(right),
                question.answerable,
                _beside(text, question.lang, close, sentences),
            )


def examples_of(close: Close, model: PrefillModel) -> Examples:
    """What the language model makes of the close sentences of a question."""
    return Examples(model.states(close.conversations), close.right, close.answerable, close.beside)


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


def fitted(examples: Sequence[Choice], prompt: str) -> Head:
    """Fit a head to states as they are.

    Args:
        examples: of all questions.
        prompt: hash of the prompt.

    Raises:
        UsageError: there are too few questions.
    """
    if len(examples) < _LEAST_QUESTIONS or not any(one.right.any() for one in examples):
        raise UsageError(f"a probe needs at least {_LEAST_QUESTIONS} questions, some of them with evidence")
    weights, bias = conditional_logit(examples)
    return Head(weights.astype(np.float32), bias, prompt)


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


def best_is_right(examples: Sequence[Examples], head: Head) -> tuple[int, float]:
    """How well a probe does: for how many questions the best sentence is right, and how well they are told apart.

    Returns:
        The number of questions, and the area under the curve of those best sentences that are right against the best
        ones of unanswerable questions; NaN where one of both is missing.
    """
    from sklearn.metrics import roc_auc_score

    best = [(logits.argmax(), logits.max()) for logits in (head.logits(one.states) for one in examples)]
    right = [value for one, (place, value) in zip(examples, best, strict=True) if one.right[place]]
    wrong = [value for one, (_, value) in zip(examples, best, strict=True) if not one.answerable]
    if not right or not wrong:
        return len(right), float("nan")
    return len(right), float(roc_auc_score([True] * len(right) + [False] * len(wrong), right + wrong))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
