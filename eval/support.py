"""`eval support`: how well the claim checker tells supported responses from others, on items that people labelled.

A response is taken as unsupported when one of its sentences fails against its passages. Of the labels, "supported" is
the one class; "partially_supported", "not_supported" and "contradicted" are the other.
"""

import datetime
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from assistant.citation import Draft
from assistant.context import Context
from assistant.quoting import SentenceIndex
from assistant.support import LEAST_SUPPORT
from assistant.verification import Verifier
from eval.bootstrap import LEVEL, RESAMPLES, SEED, estimate_ratio
from eval.json_lines import read_records, text_list
from eval.provenance import machine, revision, versions
from eval.report import estimate_json
from index.embedder import Embedder
from index.errors import UsageError
from index.language import detect_language
from index.records import Passage, RetrievedPassage
from index.retriever import Retriever
from index.sentences import sentence_spans

LABELS = ("supported", "partially_supported", "not_supported", "contradicted")
_RIGHT_KEPT, _WRONG_KEPT, _WRONG_REJECTED, _RIGHT_REJECTED = range(4)


@dataclass(frozen=True, slots=True)
class SupportItem:
    """A response, the passages that it was made from, and whether they support it, as people say."""

    id: str
    language: str
    source: str
    question: str
    passages: tuple[str, ...]
    response: str
    label: str


@dataclass(frozen=True, slots=True)
class SupportVerdict:
    """What the checker says of an item; `reasons` names why sentences failed, and is empty where none did."""

    item: SupportItem
    reasons: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Whether the checker took the response as supported."""
        return not self.reasons


class _NothingStored:
    """Stands for an index that holds no sentences, so that those of the items are embedded."""

    def sentences(self, passage_ids: Sequence[str]) -> dict[str, Any]:
        """None of them."""
        return {}


def read_items(path: Path) -> list[SupportItem]:
    """Read labelled items: `id`, `passages`, `response`, `label`, and optionally `question`, `lang`, `source`.

    Raises:
        UsageError: the file cannot be read, a line lacks a field, or a label is unknown.
    """
    items: dict[str, SupportItem] = {}
    for where, record in read_records(path):
        passages = text_list(record, ("passages",), where)
        identity, response, label = record.get("id"), record.get("response"), record.get("label")
        if identity is None or not passages or not isinstance(response, str) or not response.strip():
            raise UsageError(f"{where} needs 'id', 'passages' (a list of texts) and 'response'")
        if label not in LABELS:
            raise UsageError(f"{where}: 'label' must be one of {', '.join(LABELS)}, not {label!r}")
        if str(identity) in items:
            raise UsageError(f"{where}: id '{identity}' stands twice")
        language = str(record.get("lang") or detect_language(response))
        items[str(identity)] = SupportItem(
            id=str(identity),
            language=language,
            source=str(record.get("source") or ""),
            question=str(record.get("question") or ""),
            passages=passages,
            response=response,
            label=label,
        )
    if not items:
        raise UsageError(f"{path} has no items")
    return list(items.values())


def check_item(item: SupportItem, embedder: Embedder, least_cosine: float) -> SupportVerdict:
    """Check every sentence of a response against all passages of its item together."""
    hits = {f"P{number}": _hit(item, number, text) for number, text in enumerate(item.passages, start=1)}
    sentences = SentenceIndex(cast("Retriever", _NothingStored()), embedder)
    context = Context(by_code=hits, text="", left_out=())
    verifier = Verifier(item.question, item.language, context, sentences, least_cosine)
    reasons = []
    for start, end in sentence_spans(item.response) or [(0, len(item.response))]:
        checked = verifier.check(Draft(item.response[start:end], tuple(hits)))
        if checked.removed is not None:
            reasons.append(checked.removed.reason)
    return SupportVerdict(item, tuple(reasons))


def score_verdicts(verdicts: Sequence[SupportVerdict], *, resamples: int = RESAMPLES) -> dict[str, Any]:
    """Balanced accuracy, and precision and recall of "unsupported", overall and per language, source and label set."""
    groups: dict[str, dict[str, list[SupportVerdict]]] = {"all": {"all": list(verdicts)}, "language": {}, "source": {}}
    for verdict in verdicts:
        groups["language"].setdefault(verdict.item.language, []).append(verdict)
        groups["source"].setdefault(verdict.item.source or "unnamed", []).append(verdict)
    estimates = {
        division: {
            group: {
                name: estimate_json(
                    estimate_ratio(
                        _counts(members),
                        ["\n".join(verdict.item.passages) for verdict in members],
                        compute,
                        name=f"{division}/{group}/{name}",
                        resamples=resamples,
                    )
                )
                for name, compute in MEASURES.items()
            }
            for group, members in sorted(found.items())
        }
        for division, found in groups.items()
    }
    return {
        "scored": len(verdicts),
        "unscored": 0,
        "estimates": estimates,
        "by_label": {
            label: {
                "n": sum(verdict.item.label == label for verdict in verdicts),
                "found_unsupported": sum(verdict.item.label == label and not verdict.kept for verdict in verdicts),
            }
            for label in LABELS
        },
        "per_item": [
            {
                "id": verdict.item.id,
                "lang": verdict.item.language,
                "source": verdict.item.source,
                "label": verdict.item.label,
                "found": "supported" if verdict.kept else "unsupported",
                "reasons": list(verdict.reasons),
            }
            for verdict in verdicts
        ],
    }


def evaluate_support(
    name: str, items: Sequence[SupportItem], embedder: Embedder, least_cosine: float
) -> dict[str, Any]:
    """Check items and score the verdicts.

    Args:
        name: of the file that the items come from.
        items: what to check.
        embedder: for the closeness of a sentence and its evidence.
        least_cosine: the setting `least_claim_cosine`.
    """
    from rich.console import Console
    from rich.progress import track

    console = Console(file=sys.stderr)
    steps = track(items, "checking", console=console, disable=not console.is_terminal)
    verdicts = [check_item(item, embedder, least_cosine) for item in steps]
    return {
        "format": 1,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "items": name,
        "embedder": embedder.name,
        "least_claim_cosine": least_cosine,
        "least_support": LEAST_SUPPORT,
        "made_with": {"revision": revision(), "versions": versions(), "machine": machine()},
        "intervals": {"level": LEVEL, "seed": SEED, "resamples": RESAMPLES, "clusters": "items with the same passages"},
        **score_verdicts(verdicts),
    }


def print_support(report: Mapping[str, Any]) -> None:
    """The scores in the terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 130, highlight=False)
    table = Table(box=box.SIMPLE_HEAD, title=f"{report['scored']} items of {report['items']}", title_justify="left")
    table.add_column("", no_wrap=True)
    for name in MEASURES:
        table.add_column(f"{name.replace('_', ' ')} [95 %]", justify="right")
    table.add_column("n", justify="right")
    for division in ("all", "language", "source"):
        for group, row in report["estimates"][division].items():
            table.add_row(group, *(_cell(row[name]) for name in MEASURES), str(row["balanced_accuracy"]["n"]))
    console.print(table)
    for label, row in report["by_label"].items():
        if row["n"]:
            console.print(f"{label}: {row['found_unsupported']} of {row['n']} found unsupported")


def _hit(item: SupportItem, number: int, text: str) -> RetrievedPassage:
    passage = Passage(
        passage_id=f"{item.id}#{number}",
        document_id=item.id,
        title="",
        section="",
        text=text,
        start=0,
        end=len(text),
        language=detect_language(text),
    )
    return RetrievedPassage(passage, dense_score=None, lexical_score=None, retrieval_score=0.0)


def _counts(verdicts: Sequence[SupportVerdict]) -> NDArray[np.float64]:
    """One row per item with a single 1: rightly kept, wrongly kept, wrongly rejected or rightly rejected."""
    counts = np.zeros((len(verdicts), 4))
    for row, verdict in enumerate(verdicts):
        supported = verdict.item.label == "supported"
        kept = _RIGHT_KEPT if supported else _WRONG_KEPT
        rejected = _WRONG_REJECTED if supported else _RIGHT_REJECTED
        counts[row, kept if verdict.kept else rejected] = 1.0
    return counts


def _share(part: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    whole = part + other
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _recall(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return _share(counts[:, _RIGHT_REJECTED], counts[:, _WRONG_KEPT])


def _kept(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return _share(counts[:, _RIGHT_KEPT], counts[:, _WRONG_REJECTED])


def _precision(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return _share(counts[:, _RIGHT_REJECTED], counts[:, _WRONG_REJECTED])


def _balanced(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return (_recall(counts) + _kept(counts)) / 2


MEASURES = {
    "balanced_accuracy": _balanced,
    "unsupported_precision": _precision,
    "unsupported_recall": _recall,
    "supported_recall": _kept,
}


def _cell(one: Mapping[str, Any]) -> str:
    if one["value"] is None:
        return "-"
    value = f"{one['value']:.3f}"
    return value if one["low"] is None else f"{value} [{one['low']:.3f}, {one['high']:.3f}]"
