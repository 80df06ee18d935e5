"""The report in the terminal: headline numbers with their intervals, by language, and what needs a look."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

_HEADLINE = (
    "right", "correct", "answer_precision", "false_refusal", "false_answer", "language", "subject_kept", "retrieved",
    "citation_hit", "gold_quote", "verbatim", "citation_recall", "wrong_figure", "failed", "first_token_s", "total_s",
    "total_s_p90",
)  # fmt: skip
_WIDTH = 120


def print_summary(report: Mapping[str, Any], stream: TextIO | None = None) -> None:
    """Write the headline table of a report."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    stream = stream or sys.stdout
    console = Console(file=stream, width=None if stream.isatty() else _WIDTH, highlight=False)
    estimates = report["estimates"]
    languages = list(estimates["language"])
    table = Table(box=box.SIMPLE_HEAD, title=_title(report), title_justify="left")
    table.add_column("", no_wrap=True)
    table.add_column("all [95 %]", justify="right", no_wrap=True)
    table.add_column("n", justify="right")
    for language in languages:
        table.add_column(language, justify="right", no_wrap=True)
    by_name = {item["name"]: item for item in report["metrics"]}
    for name in _HEADLINE:
        one = estimates["all"].get("all", {}).get(name)
        if one is None:
            continue
        rows = [estimates["language"][language].get(name) for language in languages]
        unit = by_name[name]["unit"]
        shares = [number(row["value"], unit) if row else "-" for row in rows]
        table.add_row(by_name[name]["title"], with_interval(one, unit), str(one["n"]), *shares)
    console.print(table)
    kinds = estimates.get("kind", {})
    if len(kinds) > 1:
        console.print(_by_group(kinds, "kind"))
    if estimates.get("pair"):
        console.print(_by_group(estimates["pair"], "question → document"))
    for note in _notes(report):
        console.print(note)


def with_interval(one: Mapping[str, Any] | None, unit: str) -> str:
    """A value with its interval: shares in percent, seconds with one or two digits."""
    if one is None or one["value"] is None:
        return "-"
    value = number(one["value"], unit)
    return value if one["low"] is None else f"{value} [{number(one['low'], unit)}, {number(one['high'], unit)}]"


def area_text(report: Mapping[str, Any]) -> str | None:
    """The area under the risk-coverage curve with its interval; None where nothing was answered."""
    one = report["risk_coverage"]["aurc"]
    if one["value"] is None:
        return None
    return f"{one['value']:.3f}" + ("" if one["low"] is None else f" [{one['low']:.3f}, {one['high']:.3f}]")


def number(value: float, unit: str) -> str:
    """A value in its unit, for people."""
    match unit:
        case "share" | "score":
            return f"{100 * value:.1f} %"
        case "s":
            return f"{value:.2f} s"
        case _:
            return f"{value:,.0f}"


def _title(report: Mapping[str, Any]) -> str:
    questions, assistant = report["questions"], report["assistant"]
    split = f", {questions['split']} split" if questions["split"] != "all" else ""
    model = f"{assistant['model']} on {assistant['engine']}"
    return f"{questions['file']}{split}: {report['scored']} questions · {model}"


def _by_group(groups: Mapping[str, Mapping[str, Any]], name: str) -> Any:  # noqa: ANN401 - a rich table
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(name, no_wrap=True)
    for metric in ("right [95 %]", "retrieved", "cited it", "quote holds it", "n"):
        table.add_column(metric, justify="right", no_wrap=True)
    for group, row in groups.items():
        others = [row.get(metric) for metric in ("retrieved", "citation_hit", "gold_quote")]
        shares = [number(one["value"], "share") if one else "-" for one in others]
        table.add_row(group, with_interval(row["right"], "share"), *shares, str(row["right"]["n"]))
    return table


def _notes(report: Mapping[str, Any]) -> Sequence[str]:
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in report["outcomes"].items())
    notes = [f"outcomes: {outcomes}"]
    if (aurc := area_text(report)) is not None:
        notes.append(f"area under the risk-coverage curve: {aurc} (lower is better)")
    unscored: dict[tuple[str, int], list[str]] = {}
    for metric, reasons in report["unscored"]["by_metric"].items():
        for item in reasons.items():
            unscored.setdefault(item, []).append(metric)
    notes += [f"unscored by {', '.join(names)}: {count} ({reason})" for (reason, count), names in unscored.items()]
    if report["unscored"]["unasked"]:
        notes.append(f"not asked: {len(report['unscored']['unasked'])} questions")
    if report["lost_model"]:
        notes.append(
            f"made of extracts because the model server was lost: {len(report['lost_model'])} answers; "
            "run the same command again to ask them again"
        )
    for question_id, failure in list(report["failures"].items())[:3]:
        notes.append(f"broke on {question_id}: {failure}")
    return notes
