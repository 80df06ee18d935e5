"""`eval compare` and `eval gate`: what changed between two reports, question by question, and whether it is chance.

Both reports are paired by question. A difference is B - A; its interval is the cluster bootstrap of the paired
differences, its p-value a paired randomisation test. The gate looks at several metrics at once and therefore corrects
their p-values (Holm, "A simple sequentially rejective multiple test procedure", 1979).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.bootstrap import Estimate, estimate, sign_flip_p
from eval.metrics import METRICS, Metric
from eval.report import FORMAT
from index.errors import UsageError

GATED = (
    "right", "correct", "false_answer", "language", "retrieved", "citation_hit", "gold_quote", "verbatim",
    "citation_recall", "wrong_figure", "failed",
)  # fmt: skip
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one metric.

    Attributes:
        metric: which.
        before, after: its mean (seconds: median) over the questions that both reports scored.
        change: mean (seconds: median) of the paired differences, with its interval.
        p: of the paired randomisation test.
        adjusted_p: corrected for the number of metrics looked at.
    """

    metric: Metric
    before: float
    after: float
    change: Estimate
    p: float
    adjusted_p: float = 1.0

    @property
    def verdict(self) -> str:
        """One of "better", "worse", "changed" (neither direction is better), and "same" (it may be chance)."""
        if self.p >= ALPHA or not self.change.value:
            return "same"
        if not self.metric.better:
            return "changed"
        return "better" if (self.change.value > 0) == (self.metric.better == "higher") else "worse"


@dataclass(frozen=True, slots=True)
class Flip:
    """A question whose answer was right in one report and not in the other."""

    question_id: str
    question: str
    before: str
    after: str
    now_right: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """The paired comparison of two reports."""

    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]
    shared: int
    only_before: int
    only_after: int

    def drops(self, names: Sequence[str] = GATED, alpha: float = ALPHA) -> list[Difference]:
        """The metrics that got worse by more than chance, after correction for how many there are."""
        looked_at = [one for one in self.differences if one.metric.name in names]
        return [one for one in _holm(looked_at) if one.verdict == "worse" and one.adjusted_p < alpha]


def read_report(path: Path) -> dict[str, Any]:
    """Read a report.json, or that of an output folder.

    Raises:
        UsageError: there is none, or it is not a report of `eval run`.
    """
    file = path / "report.json" if path.is_dir() else path
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"no report at {file}: {error.strerror}; make one with: python -m eval run") from None
    except ValueError:
        raise UsageError(f"{file} is not JSON; give a report.json or the output folder of a run") from None
    if not isinstance(report, dict) or report.get("format") != FORMAT or "per_question" not in report:
        raise UsageError(f"{file} is not a report of python -m eval run (format {FORMAT})")
    return report


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """Compare two reports on the questions that both have.

    Raises:
        UsageError: they share no question.
    """
    old = {item["id"]: item for item in before["per_question"]}
    new = {item["id"]: item for item in after["per_question"]}
    shared = [question_id for question_id in old if question_id in new]
    if not shared:
        raise UsageError("the two reports share no question; compare runs on the same file of questions")
    found = (_difference(item, [(old[one], new[one]) for one in shared]) for item in METRICS)
    flips = [
        Flip(
            question_id=one,
            question=new[one].get("question", ""),
            before=old[one]["outcome"],
            after=new[one]["outcome"],
            now_right=new[one]["values"]["right"] == 1,
        )
        for one in shared
        if old[one]["values"]["right"] != new[one]["values"]["right"]
    ]
    return Comparison(
        differences=tuple(one for one in found if one is not None),
        flips=tuple(flips),
        shared=len(shared),
        only_before=len(old) - len(shared),
        only_after=len(new) - len(shared),
    )


def baseline(report: Mapping[str, Any]) -> dict[str, Any]:
    """What a later comparison needs of a report, small enough to keep: no times, no texts of answers."""
    kept = {key: report[key] for key in ("format", "created", "questions", "assistant", "made_with", "outcomes")}
    names = {item.name for item in METRICS if item.unit in ("share", "score")}
    kept["per_question"] = [
        {
            **{key: item[key] for key in ("id", "lang", "kind", "question", "cluster", "outcome")},
            "values": {name: value for name, value in item["values"].items() if name in names},
        }
        for item in report["per_question"]
    ]
    return kept


def require_baseline(baseline: Mapping[str, Any], report: Mapping[str, Any]) -> None:
    """Make sure that a report can be held against a baseline: the same file of questions, and none left out.

    Raises:
        UsageError: other questions were asked, or not all of those of the baseline.
    """
    remedy = "run eval on the same questions, or take this run as the new baseline with --accept"
    if baseline["questions"]["sha256"] != report["questions"]["sha256"]:
        raise UsageError(
            f"the baseline was made with another version of {baseline['questions']['file']} (SHA-256 "
            f"{baseline['questions']['sha256'][:12]}, now {report['questions']['sha256'][:12]}); {remedy}"
        )
    left_out = {item["id"] for item in baseline["per_question"]} - {item["id"] for item in report["per_question"]}
    if left_out:
        raise UsageError(
            f"{len(left_out)} questions of the baseline were not asked ({', '.join(sorted(left_out)[:5])}); {remedy}"
        )


def _difference(item: Metric, pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Difference | None:
    """The paired difference of one metric, or None where no question has it in both reports."""
    if item.statistic == "p90":  # a percentile has no paired difference; the median tells of speed
        return None
    both = [(a, b) for a, b in pairs if item.name in a["values"] and item.name in b["values"]]
    if not both:
        return None
    clusters = [b["cluster"] for _, b in both]
    old = [float(a["values"][item.name]) for a, _ in both]
    new = [float(b["values"][item.name]) for _, b in both]
    changes = [after - before for before, after in zip(old, new, strict=True)]
    name = f"difference/{item.name}"
    return Difference(
        metric=item,
        before=_of(old, clusters, item),
        after=_of(new, clusters, item),
        change=estimate(changes, clusters, name=name, statistic=item.statistic),
        p=sign_flip_p(changes, clusters, name=name),
    )


def _of(values: Sequence[float], clusters: Sequence[str], item: Metric) -> float:
    value = estimate(values, clusters, name="", statistic=item.statistic, resamples=1).value
    return 0.0 if value is None else value


def _holm(differences: Sequence[Difference]) -> list[Difference]:
    """Holm's step-down correction: the k-th smallest of m p-values is multiplied by m - k + 1, never falling."""
    adjusted: list[Difference] = []
    largest = 0.0
    for rank, one in enumerate(sorted(differences, key=lambda item: item.p)):
        largest = max(largest, min(1.0, one.p * (len(differences) - rank)))
        adjusted.append(
            Difference(one.metric, one.before, one.after, one.change, one.p, adjusted_p=largest),
        )
    return adjusted
