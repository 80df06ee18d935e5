"""`eval judge`: how far a judge agrees with labels of people, and only then what it says of a run.

Agreement is balanced accuracy and Cohen's kappa ("A coefficient of agreement for nominal scales", 1960), each with its
interval. A judge whose kappa is not above 0 with 95 % confidence agrees no better than chance; its scores are withheld.
"""

import datetime
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.bootstrap import LEVEL, RESAMPLES, SEED, Estimate, estimate, estimate_ratio
from eval.judge import Judge, JudgeError
from eval.notebook import RunRecords
from eval.provenance import revision
from eval.report import estimate_json
from eval.support import SupportItem
from index.errors import RunError
from index.table_rows import readable

MOST_FAILURES_IN_A_ROW = 5
_COUNTS = (  # label of people, then verdict: the columns of the counts
    "supported_found_supported", "supported_found_unsupported", "unsupported_found_supported",
    "unsupported_found_unsupported",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text to judge.

    Attributes:
        id: of the labelled item or the question.
        language: of the item or the question.
        cluster: those of one cluster are right or wrong together.
        passages: what must bear it out; none: nothing does.
        text: what is judged.
        label: what people say, where it is known.
    """

    id: str
    language: str
    cluster: str
    passages: tuple[str, ...]
    text: str
    label: bool | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A text with its verdict; None where the judge gave none, for `reason`."""

    sentence: Sentence
    supported: bool | None
    reason: str = ""


def evaluate_judge(judge: Judge, items: Sequence[SupportItem], source: str, run: RunRecords) -> dict[str, Any]:
    """Measure a judge on labelled items, then let it judge the sentences of a run.

    Args:
        judge: who judges.
        items: labelled items, see `eval.support.read_items`.
        source: name of their file.
        run: what is judged.

    Raises:
        RunError: the judge failed several times in a row.
    """
    agreement = score_agreement(judge_all(judge, sentences_of_items(items), "labelled items"))
    trusted = (agreement["kappa"]["low"] or 0.0) > 0.0
    return {
        "format": 1,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "judge": judge.name,
        "labelled": source,
        "revision": revision(),
        "intervals": {"level": LEVEL, "seed": SEED, "resamples": RESAMPLES},
        "agreement": agreement,
        "trusted": trusted,
        "scores": score_sentences(judge_all(judge, sentences_of_run(run), "sentences")) if trusted else None,
    }


def judge_all(judge: Judge, sentences: Sequence[Sentence], what: str) -> list[Judged]:
    """Judge texts one after the other; one that cites nothing is unsupported without asking.

    Raises:
        RunError: the judge failed several times in a row.
    """
    from rich.console import Console
    from rich.progress import track

    console = Console(file=sys.stderr)
    judged: list[Judged] = []
    in_a_row = 0
    for one in track(sentences, f"judging {what}", console=console, disable=not console.is_terminal):
        if not one.passages:
            judged.append(Judged(one, supported=False, reason="no citation"))
            continue
        try:
            supported = judge.supports(one.passages, one.text)
        except JudgeError as error:
            in_a_row += 1
            if in_a_row >= MOST_FAILURES_IN_A_ROW:
                raise RunError(f"the judge gave no verdict {in_a_row} times in a row, at last: {error}") from None
            judged.append(Judged(one, None, str(error)))
            continue
        in_a_row = 0
        judged.append(Judged(one, supported))
    return judged


def sentences_of_items(items: Sequence[SupportItem]) -> list[Sentence]:
    """The responses of labelled items; only "supported" counts as such."""
    return [
        Sentence(
            item.id, item.language, "\n".join(item.passages), item.passages, item.response, item.label == "supported"
        )
        for item in items
    ]


def sentences_of_run(run: RunRecords) -> list[Sentence]:
    """The sentences of all answers, each with its quotes and their titles."""
    rows = {row["id"]: row for row in run.report["per_question"]}
    return [
        Sentence(
            answer.id,
            rows[answer.id]["lang"],
            rows[answer.id]["cluster"],
            tuple(f"{citation.title}\n{readable(citation.quote)}".strip() for citation in claim.citations),
            claim.text,
        )
        for answer in run.answers.values()
        if answer.id in rows and answer.answered
        for claim in answer.claims
    ]


def score_agreement(judged: Sequence[Judged], *, resamples: int = RESAMPLES) -> dict[str, Any]:
    """Agreement with the labels over the items that have a verdict."""
    scored = [one for one in judged if one.supported is not None]
    counts = np.zeros((len(scored), 4))
    for row, one in enumerate(scored):
        counts[row, 2 * (not one.sentence.label) + (not one.supported)] = 1.0
    clusters = [one.sentence.cluster for one in scored]
    return {
        "scored": len(scored),
        "unscored": _reasons(judged),
        "counts": dict(zip(_COUNTS, counts.sum(axis=0).astype(int).tolist(), strict=True)),
        **{
            name: estimate_json(estimate_ratio(counts, clusters, compute, name=f"judge/{name}", resamples=resamples))
            for name, compute in (("balanced_accuracy", _balanced), ("kappa", _kappa))
        },
    }


def score_sentences(judged: Sequence[Judged], *, resamples: int = RESAMPLES) -> dict[str, Any]:
    """Share of the sentences that the judge finds borne out, per answer, overall and by language of the question."""
    groups: dict[str, list[Judged]] = {"all": [one for one in judged if one.supported is not None]}
    for one in groups["all"]:
        groups.setdefault(one.sentence.language, []).append(one)
    return {
        "scored": len(groups["all"]),
        "unscored": _reasons(judged),
        "supported": {
            group: estimate_json(_share_of_answers(members, f"judged/{group}", resamples))
            for group, members in groups.items()
        },
        "found_unsupported": [[one.sentence.id, one.sentence.text] for one in groups["all"] if not one.supported],
    }


def print_judged(report: Mapping[str, Any]) -> None:
    """Agreement first, then the scores."""
    agreement, scores = report["agreement"], report["scores"]
    lines = [
        f"{report['judge']}: agreement with {agreement['scored']} labelled items of {report['labelled']}",
        f"  balanced accuracy {_shown(agreement['balanced_accuracy'])}, kappa {_shown(agreement['kappa'])}",
        *(f"  unscored: {count} ({reason})" for reason, count in agreement["unscored"].items()),
    ]
    if scores is None:
        lines.append("The judge agrees with people no better than chance; what it says of the run is withheld.")
    else:
        lines += [f"sentences of the run that it finds borne out ({scores['scored']} sentences)"]
        lines += [f"  {group}: {_shown(one)}, {one['n']} answers" for group, one in scores["supported"].items()]
        lines += [f"  unscored: {count} ({reason})" for reason, count in scores["unscored"].items()]
    sys.stdout.write("\n".join(lines) + "\n")


def _balanced(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    right = counts[:, [0, 3]]
    whole = right + counts[:, [1, 2]]
    shares = np.divide(right, whole, out=np.full_like(right, np.nan), where=whole > 0)
    return np.asarray(shares.mean(axis=1))


def _kappa(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    total = counts.sum(axis=1)
    observed = (counts[:, 0] + counts[:, 3]) / total
    labelled, found = (counts[:, 0] + counts[:, 1]) / total, (counts[:, 0] + counts[:, 2]) / total
    chance = labelled * found + (1 - labelled) * (1 - found)
    return np.asarray(np.divide(observed - chance, 1 - chance, out=np.full_like(chance, np.nan), where=chance < 1))


def _share_of_answers(judged: Sequence[Judged], name: str, resamples: int) -> Estimate:
    of_answer: dict[str, list[Judged]] = {}
    for one in judged:
        of_answer.setdefault(one.sentence.id, []).append(one)
    values = [sum(bool(one.supported) for one in members) / len(members) for members in of_answer.values()]
    clusters = [members[0].sentence.cluster for members in of_answer.values()]
    return estimate(values, clusters, name=name, share=True, resamples=resamples)


def _reasons(judged: Sequence[Judged]) -> dict[str, int]:
    return dict(sorted(Counter(one.reason for one in judged if one.supported is None).items()))


def _shown(one: Mapping[str, Any]) -> str:
    if one["value"] is None:
        return "not defined"
    return f"{one['value']:.3f}" if one["low"] is None else f"{one['value']:.3f} [{one['low']:.3f}, {one['high']:.3f}]"
