"""report.html: one self-contained page with scores, charts and every question side by side. It opens offline."""

import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from eval.case import Library
from eval.case_card import FAULTS, card, faults
from eval.charts import Whisker, histogram, percent, risk_coverage_chart, whiskers
from eval.grading import Grade
from eval.questions import LANGUAGES
from eval.summary import area_text, number, with_interval

_SLOT = re.compile(r"\{\{(\w+)\}\}")
_NAMES = {"en": "English", "fr": "French", "ja": "Japanese"}
_ORDER = ("failed", "false answer", "wrong", "false refusal", "correct", "right refusal")  # worst first
_FIGURES = ("right", "correct", "false_answer", "citation_hit", "verbatim", "wrong_figure", "first_token_s", "total_s")


def make_page(report: Mapping[str, Any], grades: Sequence[Grade], library: Library) -> str:
    """The page for a report and its grades.

    Args:
        report: from `eval.report.make_report`.
        grades: the graded questions of that report.
        library: for checking quotes in their documents.
    """
    faulty = {grade.question.id: faults(grade, library) for grade in grades}
    ordered = sorted(
        grades, key=lambda grade: (_ORDER.index(grade.outcome), not faulty[grade.question.id], grade.question.id)
    )
    seconds = [grade.values["total_s"] for grade in grades if "total_s" in grade.values]
    aurc = area_text(report)
    about = (
        "Answers are ordered by how near the best passage is to the question. "
        f"Area under the curve: {aurc} (lower is better)."
        if aurc is not None
        else "Nothing was answered."
    )
    kinds = sorted({grade.question.kind for grade in grades})
    slots = {
        "title": _title(report),
        "about": _about(report),
        "figures": _figures(report),
        "scores": _scores(report),
        "heat": _heat(report["estimates"].get("pair", {})),
        "kinds": whiskers(_whiskers(report)),
        "risk": risk_coverage_chart([(x, y) for x, y in report["risk_coverage"]["points"]]),
        "aurc": html.escape(about),
        "latency": histogram(seconds, "seconds"),
        "outcomes": _options([outcome for outcome in _ORDER if outcome in report["outcomes"]]),
        "languages": _options(sorted({grade.question.lang for grade in grades})),
        "kind_options": _options([kind for kind in kinds if kind]),
        "flags": _options([fault for fault in FAULTS if any(fault in one for one in faulty.values())]),
        "cases": "\n".join(card(grade, faulty[grade.question.id], library) for grade in ordered),
        "made_with": html.escape(_made_with(report)),
    }
    template = (files("eval") / "page.html").read_text(encoding="utf-8")
    return _SLOT.sub(lambda slot: slots[slot.group(1)], template)


def _title(report: Mapping[str, Any]) -> str:
    questions = report["questions"]
    split = f", {questions['split']} split" if questions["split"] != "all" else ""
    return html.escape(f"{questions['file']}{split}: {report['scored']} questions")


def _about(report: Mapping[str, Any]) -> str:
    assistant, there = report["assistant"], report["made_with"].get("machine", {})
    parts = [
        f"{assistant['model']} on {assistant['engine']}",
        f"{there['processor']}, {there['cores']} cores" if there else "",
        there.get("gpu", ""),
        f"revision {report['made_with']['revision'][:12]}" if report["made_with"].get("revision") else "",
        report["created"],
    ]
    return html.escape(" · ".join(part for part in parts if part))


def _figures(report: Mapping[str, Any]) -> str:
    by_name = {item["name"]: item for item in report["metrics"]}
    row = report["estimates"]["all"]["all"]
    boxes = []
    for name in _FIGURES:
        if name not in row:
            continue
        one, unit = row[name], by_name[name]["unit"]
        interval = with_interval(one, unit).partition(" [")[2].rstrip("]")
        between = f"{interval.replace(', ', ' – ')}, n {one['n']}" if interval else f"n {one['n']}"
        value, title = number(one["value"], unit), html.escape(by_name[name]["title"])
        boxes.append(f'<div class="figure"><span>{title}</span><b>{value}</b><span>{between}</span></div>')
    return "".join(boxes)


def _scores(report: Mapping[str, Any]) -> str:
    estimates = report["estimates"]
    languages = list(estimates["language"])
    unscored = {name: sum(reasons.values()) for name, reasons in report["unscored"]["by_metric"].items()}
    head = "".join(f"<th>{_NAMES.get(language, language)}</th>" for language in languages)
    rows = []
    for item in report["metrics"]:
        one = estimates["all"]["all"].get(item["name"])
        if one is None:
            continue
        cells = [_cell(one, item["unit"])]
        cells += [_cell(estimates["language"][language].get(item["name"]), item["unit"]) for language in languages]
        counted = f"{one['n']}" + (
            f" <small>+{unscored[item['name']]} unscored</small>" if unscored.get(item["name"]) else ""
        )
        rows.append(f"<tr><td>{html.escape(item['title'])}</td>{''.join(cells)}<td>{counted}</td></tr>")
    return f"<table><thead><tr><th></th><th>all</th>{head}<th>n</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cell(one: Mapping[str, Any] | None, unit: str) -> str:
    if one is None:
        return "<td>–</td>"
    value, _, interval = with_interval(one, unit).partition(" [")
    ends = f"<br><small>{interval.rstrip(']').replace(', ', ' – ')}</small>" if interval else ""
    return f"<td>{value}{ends}</td>"


def _heat(pairs: Mapping[str, Mapping[str, Any]]) -> str:
    """Questions down, documents across; a cell is as dark as its share of correct answers."""
    head = "".join(f"<th>{_NAMES[language]}</th>" for language in LANGUAGES)
    rows = []
    for asked in LANGUAGES:
        cells = []
        for written in LANGUAGES:
            one = pairs.get(f"{asked}→{written}", {}).get("correct")
            if one is None:
                cells.append("<td>–</td>")
                continue
            shade = f"background: color-mix(in srgb, var(--accent) {6 + 44 * one['value']:.0f}%, transparent)"
            ends = "" if one["low"] is None else f"{100 * one['low']:.0f}–{100 * one['high']:.0f} %, "
            cells.append(
                f'<td style="{shade}"><b>{percent(one["value"])}</b><br><small>{ends}n&nbsp;{one["n"]}</small></td>'
            )
        rows.append(f"<tr><th>{_NAMES[asked]}</th>{''.join(cells)}</tr>")
    body = "".join(rows)
    return f'<table class="heat"><thead><tr><th>question ↓</th>{head}</tr></thead><tbody>{body}</tbody></table>'


def _whiskers(report: Mapping[str, Any]) -> list[Whisker]:
    rows = []
    for division in ("language", "kind", "turn"):
        groups = report["estimates"].get(division, {})
        if len(groups) < 2:
            continue
        for group, row in groups.items():
            one = row["right"]
            label = f"{group} turn" if division == "turn" and group == "first" else _NAMES.get(group, group)
            rows.append(Whisker(label, one["value"], one["low"], one["high"], one["n"]))
    return rows


def _options(values: Sequence[str]) -> str:
    return "".join(
        f'<option value="{html.escape(value)}">{html.escape(_NAMES.get(value, value))}</option>' for value in values
    )


def _made_with(report: Mapping[str, Any]) -> str:
    shown = {key: report[key] for key in ("created", "questions", "assistant", "made_with", "intervals", "unscored")}
    return json.dumps(shown, ensure_ascii=False, indent=2)
