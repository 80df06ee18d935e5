"""How errors fall when only the surest answers are given (El-Yaniv and Wiener, JMLR 11, 2010).

Answers are ordered by how near the best passage is to the question. Coverage is the share of all questions answered;
risk is the share of wrong ones among them. AURC is the mean risk over the steps of coverage (Geifman et al., ICLR
2019).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.grading import Grade


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """The curve as (coverage, risk) points, surest answers first, and the area under it; None without answers."""

    points: tuple[tuple[float, float], ...]
    aurc: float | None


def risk_coverage(grades: Sequence[Grade]) -> RiskCoverage:
    """The curve over the questions that were answered; answers of equal confidence are taken together."""
    answered = sorted((grade for grade in grades if grade.answer.answered), key=lambda grade: -grade.confidence)
    points: list[tuple[float, float]] = []
    steps: list[float] = []
    wrong = taken = 0
    while taken < len(answered):
        tied = [grade for grade in answered[taken:] if grade.confidence == answered[taken].confidence]
        taken += len(tied)
        wrong += sum(grade.outcome != "correct" for grade in tied)
        points.append((taken / len(grades), wrong / taken))
        steps += [wrong / taken] * len(tied)
    return RiskCoverage(tuple(points), sum(steps) / len(steps) if steps else None)
