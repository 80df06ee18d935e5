"""From cases to grades, and from grades to estimates by language, kind, language pair and turn."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from eval.answers import GivenAnswer
from eval.bootstrap import RESAMPLES, SEED, Estimate, estimate
from eval.case import Case, Library
from eval.metrics import METRICS, Metric, UnscoredError
from eval.questions import EvalQuestion


@dataclass(frozen=True, slots=True)
class Grade:
    """What the metrics say of one question.

    Attributes:
        values: metric name → value; metrics that do not apply are absent.
        unscored: metric name → reason why it could not tell.
        outcome: see `Case.outcome`.
        right_wording: the accepted wording that was found.
        confidence: see `Case.confidence`.
    """

    question: EvalQuestion
    answer: GivenAnswer
    outcome: str
    values: Mapping[str, float]
    unscored: Mapping[str, str]
    pairs: tuple[str, ...]
    right_wording: str
    confidence: float


Table = dict[str, dict[str, dict[str, Estimate]]]  # division → group → metric name → estimate

DIVISIONS: Mapping[str, Callable[[Grade], Iterable[str]]] = {
    "all": lambda grade: ("all",),
    "language": lambda grade: (grade.question.lang,),
    "kind": lambda grade: (grade.question.kind or "unnamed",),
    "pair": lambda grade: grade.pairs,
    "turn": lambda grade: ("follow-up" if grade.question.history else "first",),
}


def grade(case: Case, metrics: Sequence[Metric] = METRICS) -> Grade:
    """Apply every metric to one case."""
    values: dict[str, float] = {}
    unscored: dict[str, str] = {}
    for item in metrics:
        try:
            value = item.measure(case)
        except UnscoredError as reason:
            unscored[item.name] = str(reason)
            continue
        if value is not None:
            values[item.name] = float(value)
    return Grade(
        question=case.question,
        answer=case.answer,
        outcome=case.outcome,
        values=values,
        unscored=unscored,
        pairs=case.pairs,
        right_wording=case.right_wording,
        confidence=case.confidence,
    )


def grade_all(
    questions: Sequence[EvalQuestion], answers: Mapping[str, GivenAnswer], library: Library
) -> tuple[list[Grade], list[str]]:
    """Grade the questions that have an answer.

    Returns:
        The grades in the order of the questions, and the ids of the questions without an answer.
    """
    asked = [(item, answers[item.id]) for item in questions if item.id in answers]
    reused = any(answer.reused for _, answer in asked)
    grades = [grade(Case(item, answer, library, beside_reused=reused)) for item, answer in asked]
    return grades, [item.id for item in questions if item.id not in answers]


def tabulate(
    grades: Sequence[Grade],
    metrics: Sequence[Metric] = METRICS,
    *,
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> Table:
    """Estimate every metric overall and in every group; a metric without a scored value in a group is left out."""
    table: Table = {}
    for division, groups_of in DIVISIONS.items():
        members: dict[str, list[Grade]] = {}
        for item in grades:
            for group in groups_of(item):
                members.setdefault(group, []).append(item)
        table[division] = {
            group: _estimates(members[group], metrics, f"{division}/{group}", seed=seed, resamples=resamples)
            for group in sorted(members)
        }
    return table


def unscored_reasons(grades: Sequence[Grade]) -> dict[str, dict[str, int]]:
    """How often each metric could not tell, by reason."""
    counts: dict[str, Counter[str]] = {}
    for item in grades:
        for name, reason in item.unscored.items():
            counts.setdefault(name, Counter())[reason] += 1
    return {name: dict(sorted(counts[name].items())) for name in sorted(counts)}


def _estimates(
    grades: Sequence[Grade], metrics: Sequence[Metric], place: str, *, seed: int, resamples: int
) -> dict[str, Estimate]:
    found = {}
    for item in metrics:
        scored = [(one.values[item.name], one.question.cluster) for one in grades if item.name in one.values]
        if scored:
            values, clusters = zip(*scored, strict=True)
            found[item.name] = estimate(
                values,
                clusters,
                name=f"{place}/{item.name}",
                statistic=item.statistic,
                share=item.unit in ("share", "score"),
                seed=seed,
                resamples=resamples,
            )
    return found
