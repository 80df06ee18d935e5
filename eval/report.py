"""report.json: everything that was measured, and what is needed to read it. Only "created" differs in equal runs."""

import datetime
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from eval.bootstrap import LEVEL, RESAMPLES, SEED, Estimate
from eval.grading import Grade, Table, unscored_reasons
from eval.metrics import METRICS
from eval.questions import QuestionSet
from eval.risk import risk_coverage

FORMAT = 1
_DIGITS = 6


def make_report(
    questions: QuestionSet,
    grades: Sequence[Grade],
    table: Table,
    *,
    unasked: Sequence[str],
    assistant: Mapping[str, Any],
    made_with: Mapping[str, Any],
) -> dict[str, Any]:
    """Put a report together.

    Args:
        questions: what was asked.
        grades: one per question that has an answer.
        table: the estimates, from `eval.grading.tabulate`.
        unasked: ids of the questions without an answer.
        assistant: model, engine, settings, fingerprints, as plain values.
        made_with: from `eval.provenance.provenance`.
    """
    curve = risk_coverage(grades)
    selection = questions.selection
    return {
        "format": FORMAT,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "questions": {
            "file": questions.name,
            "sha256": questions.sha256,
            "split": selection.split,
            "languages": list(selection.languages or ()),
            "kinds": list(selection.kinds or ()),
            "limit": selection.limit,
            "n": len(questions.questions),
        },
        "assistant": dict(assistant),
        "made_with": dict(made_with),
        "intervals": {
            "level": LEVEL,
            "method": "percentile bootstrap over clusters of questions with the same documents",
            "seed": SEED,
            "resamples": RESAMPLES,
        },
        "metrics": [
            {"name": item.name, "title": item.title, "better": item.better, "unit": item.unit, "of": item.statistic}
            for item in METRICS
        ],
        "outcomes": dict(sorted(Counter(grade.outcome for grade in grades).items())),
        "scored": len(grades),
        "unscored": {"unasked": list(unasked), "by_metric": unscored_reasons(grades)},
        "failures": {grade.question.id: grade.answer.failure for grade in grades if grade.answer.failure},
        "reused": sum(grade.answer.reused for grade in grades),
        "lost_model": [grade.question.id for grade in grades if grade.answer.lost_model],
        "estimates": {
            division: {group: {name: estimate_json(one) for name, one in row.items()} for group, row in groups.items()}
            for division, groups in table.items()
        },
        "risk_coverage": {
            "points": [[_round(x) for x in point] for point in curve.points],
            "aurc": estimate_json(curve.aurc),
        },
        "per_question": [_question(grade) for grade in grades],
    }


def report_text(report: Mapping[str, Any]) -> str:
    """The report as it stands in the file."""
    return json.dumps(report, ensure_ascii=False, indent=1) + "\n"


def estimate_json(one: Estimate) -> dict[str, float | int | None]:
    """An estimate as plain values, rounded to six digits."""
    return {
        "value": _round(one.value),
        "low": _round(one.low),
        "high": _round(one.high),
        "n": one.n,
        "clusters": one.clusters,
    }


def _question(grade: Grade) -> dict[str, Any]:
    question = grade.question
    return {
        "id": question.id,
        "lang": question.lang,
        "kind": question.kind,
        "question": question.question,
        "answerable": question.answerable,
        "turn": "follow-up" if question.history else "first",
        "pairs": list(grade.pairs),
        "cluster": question.cluster,
        "outcome": grade.outcome,
        "right_wording": grade.right_wording,
        "confidence": _round(grade.confidence),
        "values": {name: _round(value) for name, value in grade.values.items()},
        "unscored": dict(grade.unscored),
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
