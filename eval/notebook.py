"""A run as tables, for notebooks.

The output folder of `python -m eval run` becomes records and pandas tables:

>>> from eval import read_run
>>> run = read_run(folder)
>>> len(run.answers)
30
>>> run.answers["e1"].claims[0].citations[0].document_id
'en/softbank.md'

One row per question with a column per metric; what does not apply to a question is NaN:

>>> scores = run.scores()
>>> scores.groupby("lang")["correct"].mean().to_dict()
{'en': 0.5, 'fr': 0.875, 'ja': 0.625}
>>> sorted(scores[scores["outcome"] == "false answer"].index)
['e9', 'f9']

One row per sentence of an answer, and one per citation, to look at the evidence:

>>> claims = run.claims()
>>> claims[claims["support"] != "supported"]["id"].tolist()
['f6', 'f9']
>>> run.citations()["document_id"].value_counts().idxmax()
'en/softbank.md'

The estimates of the report with their intervals, and what an assistant answered beside its times:

>>> estimates = run.estimates()
>>> whole = estimates[estimates["division"] == "all"].set_index("metric")
>>> whole.loc["correct", ["value", "n"]].round(3).tolist()
[0.667, 24.0]
>>> float(run.table()["total_s"].median())
16.0
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.answers import ANSWERS_FILE, GivenAnswer, read_answers
from index.errors import UsageError

if TYPE_CHECKING:
    from pandas import DataFrame


def read_run(folder: Path | str) -> "RunRecords":
    """Read the output folder of `python -m eval run`.

    Raises:
        UsageError: there is no report or there are no answers in it.
    """
    from eval.compare import read_report

    return RunRecords(read_report(Path(folder)), read_answers(Path(folder) / ANSWERS_FILE))


@dataclass(frozen=True, slots=True)
class RunRecords:
    """A run: the content of report.json, and the answers by the id of their question."""

    report: Mapping[str, Any]
    answers: Mapping[str, GivenAnswer]

    def table(self) -> "DataFrame":
        """One row per answer: texts, status, seconds of each stage (`..._s`) and tokens (`..._tokens`)."""
        fields = ("question", "language", "status", "abstention_reason", "text", "engine", "model", "extractive")
        rows = [
            {
                "id": one.id,
                **{name: getattr(one, name) for name in (*fields, "reused", "failure")},
                "claims": len(one.claims),
                **{f"{stage}_s": seconds for stage, seconds in one.timings_s.items()},
                **{f"{name}_tokens": count for name, count in one.tokens.items() if name != "requests"},
            }
            for one in self.answers.values()
        ]
        return _table(rows, index="id")

    def claims(self) -> "DataFrame":
        """One row per sentence of an answer, with its place in it, and how many figures and citations it has."""
        rows = [
            {
                "id": one.id,
                "place": place,
                "text": claim.text,
                "support": claim.support,
                "figures": len(claim.figures),
                "citations": len(claim.citations),
            }
            for one in self.answers.values()
            for place, claim in enumerate(one.claims)
        ]
        return _table(rows)

    def citations(self) -> "DataFrame":
        """One row per citation of a sentence: document, quote and where it stands."""
        rows = [
            {"id": one.id, "place": place, **asdict(citation)}
            for one in self.answers.values()
            for place, claim in enumerate(one.claims)
            for citation in claim.citations
        ]
        return _table(rows)

    def scores(self) -> "DataFrame":
        """One row per question: language, kind, outcome, and the value of every metric that applies."""
        about = ("id", "lang", "kind", "question", "answerable", "turn", "outcome", "confidence")
        rows = [{**{name: item[name] for name in about}, **item["values"]} for item in self.report["per_question"]]
        return _table(rows, index="id")

    def estimates(self) -> "DataFrame":
        """One row per division ("all", "language", "kind", "pair", "turn"), group and metric, with the interval."""
        rows = [
            {"division": division, "group": group, "metric": metric, **one}
            for division, groups in self.report["estimates"].items()
            for group, row in groups.items()
            for metric, one in row.items()
        ]
        return _table(rows)


def _table(rows: Sequence[Mapping[str, Any]], index: str | None = None) -> "DataFrame":
    try:
        from pandas import DataFrame
    except ImportError:
        raise UsageError("tables need pandas: pip install pandas") from None
    table = DataFrame(rows)
    return table.set_index(index) if index is not None and rows else table
