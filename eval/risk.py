"""How errors fall when only the surest answers are given (El-Yaniv and Wiener, JMLR 11, 2010).

Answers are ordered by how near the best passage is to the question. Coverage is the share of all questions answered;
risk is the share of wrong ones among them. AURC is the mean risk over the steps of coverage (Geifman et al., ICLR
2019); its interval comes from resampling clusters of questions, as for every other score.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.bootstrap import RESAMPLES, Estimate, estimate_weighted
from eval.grading import Grade


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """The curve as (coverage, risk) points, surest answers first, and the area under it."""

    points: tuple[tuple[float, float], ...]
    aurc: Estimate


def risk_coverage(grades: Sequence[Grade], *, resamples: int = RESAMPLES) -> RiskCoverage:
    """The curve over the questions that were answered; answers of equal confidence are taken together."""
    answered = sorted((grade for grade in grades if grade.answer.answered), key=lambda grade: -grade.confidence)
    wrong = np.array([grade.outcome != "correct" for grade in answered], dtype=np.float64)
    confidences = [grade.confidence for grade in answered]
    ends = np.array([len(confidences) - confidences[::-1].index(one) - 1 for one in confidences], dtype=np.intp)

    def area(times: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((times * _risks(times, wrong, ends)).sum(axis=1) / times.sum(axis=1))

    aurc = estimate_weighted(
        area, [grade.question.cluster for grade in answered], name="risk_coverage/aurc", resamples=resamples
    )
    risks = _risks(np.ones((1, len(answered))), wrong, ends)[0] if answered else []
    points = [((int(end) + 1) / len(grades), float(risks[end])) for end in dict.fromkeys(ends.tolist())]
    return RiskCoverage(tuple(points), aurc)


def _risks(times: NDArray[np.float64], wrong: NDArray[np.float64], ends: NDArray[np.intp]) -> NDArray[np.float64]:
    """Share of wrong answers among those that are at least as sure as each, shape (samples, answers).

    Args:
        times: how often each answer is drawn, surest first, shape (samples, answers).
        wrong: 1 where an answer is wrong.
        ends: place of the last answer that is as sure as each.
    """
    taken, errors = np.cumsum(times, axis=1)[:, ends], np.cumsum(times * wrong, axis=1)[:, ends]
    return np.divide(errors, taken, out=np.zeros_like(errors), where=taken > 0)
