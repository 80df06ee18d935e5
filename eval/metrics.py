"""The metrics of `eval run`, as small values: a name, what it is good for, and a function of one case.

A metric gives a number, None where it does not apply, or raises `UnscoredError` where it cannot tell; such a case is
counted as unscored, with the reason. Where the assistant broke, a metric gives its worst value on every question that
it could have applied to.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from assistant.names import missing_names
from eval import citation_checks as cites
from eval.bootstrap import Statistic
from eval.canonical import trigram_recall
from eval.case import Case
from eval.matching import FREE_TEXT_KINDS, LIST_KIND
from index.language import UNDETERMINED, detect_language


class UnscoredError(Exception):
    """A metric cannot tell; the message is the reason, short and without particulars."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        name: for files and commands.
        title: for people.
        better: which direction is better, or "" where none is.
        unit: "share" (0 to 1), "score" (0 to 1, graded), "s", "tokens".
        measure: the value of a case; None where the metric does not apply to it.
        statistic: what is taken of the values.
    """

    name: str
    title: str
    better: Literal["higher", "lower", ""]
    unit: Literal["share", "score", "s", "tokens"]
    measure: Callable[[Case], float | None]
    statistic: Statistic = "mean"

    def __str__(self) -> str:
        return self.name


def _right(case: Case) -> float:
    return float(case.outcome in ("correct", "right refusal"))


def _correct(case: Case) -> float | None:
    return float(case.outcome == "correct") if case.question.answerable else None


def _false_refusal(case: Case) -> float | None:
    return float(case.outcome in ("false refusal", "failed")) if case.question.answerable else None


def _false_answer(case: Case) -> float | None:
    return None if case.question.answerable else float(case.outcome != "right refusal")


def _answer_precision(case: Case) -> float | None:
    return float(case.outcome == "correct") if case.answer.answered or case.failed else None


def _list_items(case: Case) -> float | None:
    if case.question.kind != LIST_KIND or not case.question.answerable:
        return None
    return case.accepted.share_of_items(case.answer.said, case.said_language) if case.answer.answered else 0.0


def _trigrams(case: Case) -> float | None:
    question = case.question
    if question.kind not in FREE_TEXT_KINDS or not question.answerable:
        return None
    said = case.answer.said if case.answer.answered else ""
    return max(trigram_recall(said, wording) for wording in question.accepted)


def _language(case: Case) -> float | None:
    language = detect_language(case.answer.said)
    if language == UNDETERMINED:
        raise UnscoredError("the language of the answer cannot be told")
    return float(language == case.question.lang)


def _subject_kept(case: Case) -> float | None:
    """Share of the names that the user said earlier and that the evidence is about which the rewritten question has."""
    question = case.question
    if not question.history or not question.answerable:
        return None
    earlier = "\n".join(turn.content for turn in question.history if turn.role == "user")
    documents = (case.library.get(document_id) for document_id in question.relevant_document_ids)
    gold = [one.text for one in question.evidence] + [one.title for one in documents if one is not None]
    wanted = set(missing_names(earlier, [])) - set(missing_names(earlier, gold))
    lost = wanted & set(missing_names(earlier, [case.answer.standalone_question]))
    return 1.0 - len(lost) / len(wanted) if wanted else None


def _retrieved_rank(case: Case) -> int | None:
    """Rank of the first retrieved passage of a relevant document, from 1; 0 where there is none."""
    relevant = case.question.relevant_document_ids
    if not relevant:
        return None
    ranks = (rank for rank, hit in enumerate(case.answer.passages, start=1) if hit.document_id in relevant)
    return next(ranks, 0)


def _retrieved_at(most: int) -> Callable[[Case], float | None]:
    def measure(case: Case) -> float | None:
        rank = _retrieved_rank(case)
        return None if rank is None else float(0 < rank <= most)

    return measure


def _reciprocal_rank(case: Case) -> float | None:
    rank = _retrieved_rank(case)
    return None if rank is None else (1.0 / rank if rank else 0.0)


def _ndcg(case: Case) -> float | None:
    """Gain of the first relevant document, discounted by its rank: any one relevant document is enough."""
    rank = _retrieved_rank(case)
    return None if rank is None else (1.0 / math.log2(rank + 1) if rank else 0.0)


def _of_answers(check: Callable[[Case], float | None], *, worst: float = 0.0) -> Callable[[Case], float | None]:
    """Apply a check to answers only: an abstention shows no sentence."""

    def measure(case: Case) -> float | None:
        if case.failed:
            return worst if case.question.answerable else None
        return check(case) if case.answer.answered else None

    return measure


def _seconds(stage: str) -> Callable[[Case], float | None]:
    def measure(case: Case) -> float | None:
        if case.untimed and stage in case.answer.timings_s:
            raise UnscoredError(case.untimed)
        return case.answer.timings_s.get(stage)

    return measure


def _tokens(which: str) -> Callable[[Case], float | None]:
    def measure(case: Case) -> float | None:
        if case.answer.reused:
            raise UnscoredError(case.untimed)
        return case.answer.tokens.get(which)

    return measure


def _extract(case: Case) -> float | None:
    return float(case.answer.extractive) if case.answer.answered else None


def _failed(case: Case) -> float:
    return float(case.failed)


METRICS: tuple[Metric, ...] = (
    Metric("right", "right: correct answer or right refusal", "higher", "share", _right),
    Metric("correct", "correct answer, of answerable questions", "higher", "share", _correct),
    Metric("answer_precision", "correct, of the answers given", "higher", "share", _answer_precision),
    Metric("false_refusal", "refused although the documents answer it", "lower", "share", _false_refusal),
    Metric("false_answer", "answered although the documents do not", "lower", "share", _false_answer),
    Metric("list_items", "items found, of list questions", "higher", "score", _list_items),
    Metric("trigram_recall", "character-3-gram recall, of free text", "higher", "score", _trigrams),
    Metric("language", "answer in the language of the question", "higher", "share", _of_answers(_language)),
    Metric("subject_kept", "names kept in a rewritten follow-up question", "higher", "score", _subject_kept),
    Metric("retrieved_at_1", "relevant document retrieved first", "higher", "share", _retrieved_at(1)),
    Metric("retrieved_at_3", "relevant document among the first 3 passages", "higher", "share", _retrieved_at(3)),
    Metric("retrieved", "relevant document among all passages", "higher", "share", _retrieved_at(10_000)),
    Metric("retrieved_mrr", "reciprocal rank of a relevant document", "higher", "score", _reciprocal_rank),
    Metric("retrieved_ndcg", "nDCG of the first relevant document", "higher", "score", _ndcg),
    Metric("citation_hit", "a cited document is relevant", "higher", "share", _of_answers(cites.hit)),
    Metric("gold_quote", "a quote holds the answer", "higher", "share", _of_answers(cites.gold_quote)),
    Metric("verbatim", "quotes word for word in the document", "higher", "score", _of_answers(cites.verbatim)),
    Metric("cited", "sentences with a citation", "higher", "score", _of_answers(cites.cited)),
    Metric("citation_recall", "sentences that their quotes bear out", "higher", "score", _of_answers(cites.recall)),
    Metric("citation_precision", "citations that are needed", "higher", "score", _of_answers(cites.precision)),
    Metric("supported", "sentences found supported by the assistant", "higher", "score", _of_answers(cites.supported)),
    Metric("wrong_figure", "figure no quote bears out", "lower", "share", _of_answers(cites.wrong_figure, worst=1)),
    Metric("extract", "answers made of extracts", "", "share", _extract),
    Metric("failed", "questions on which the assistant broke", "lower", "share", _failed),
    Metric("first_token_s", "first token, median", "lower", "s", _seconds("first_token"), "median"),
    Metric("total_s", "whole answer, median", "lower", "s", _seconds("total"), "median"),
    Metric("total_s_p90", "whole answer, 90th percentile", "lower", "s", _seconds("total"), "p90"),
    Metric("prompt_tokens", "prompt tokens per question", "", "tokens", _tokens("prompt")),
    Metric("answer_tokens", "generated tokens per question", "", "tokens", _tokens("answer")),
)  # fmt: skip


def metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        KeyError: there is none.
    """
    return {item.name: item for item in METRICS}[name]
