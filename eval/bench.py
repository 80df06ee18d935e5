"""`eval bench`: times and memory of the whole program, beside what it should reach on two CPU cores."""

import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assistant.records import Answer, Turn
from eval.provenance import machine, revision, versions
from eval.questions import EvalQuestion
from eval.tables import markdown_table

MODEL_STAGES = ("choose", "copy", "generate", "compare", "condense", "repair")  # stages that wait for the model
_MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured value beside its goal; the ratio is value / goal, so below 1 the goal is reached."""

    name: str
    value: float
    unit: str
    goal: float | None = None

    @property
    def ratio(self) -> float | None:
        """Value divided by goal, or None where there is no goal."""
        return None if self.goal is None else self.value / self.goal


class Answering(Protocol):
    """What is measured; `assistant.pipeline.Assistant` is one."""

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Answer one question."""


def bench(
    opened: Callable[[], AbstractContextManager[Answering]], questions: Sequence[EvalQuestion]
) -> tuple[list[Measurement], list[Answer]]:
    """Open an assistant, ask, and measure.

    Args:
        opened: opens the assistant; its time is the start-up.
        questions: what is asked, one after the other.

    Returns:
        The measurements, and the answers that they were taken from.
    """
    from rich.console import Console
    from rich.progress import track

    console = Console(file=sys.stderr)
    began = time.perf_counter()
    with opened() as assistant:
        startup_s = time.perf_counter() - began
        steps = track(questions, "asking", console=console, disable=not console.is_terminal)
        answers = [assistant.answer(question.question, question.history) for question in steps]
        own_mib, server_mib = resident_mib(), children_mib()
    return [
        Measurement("start-up until the first question can be asked", startup_s, "s", 15.0),
        *of_answers(answers),
        Measurement("resident memory without the model server", own_mib, "MiB", 1.5e9 / _MIB),
        Measurement("resident memory of the model server", server_mib, "MiB"),
    ], answers


def of_answers(answers: Sequence[Answer]) -> list[Measurement]:
    """What the stopwatches of the answers say: medians of first token, whole answer, and all but the model."""
    timings = [answer.timings_s for answer in answers]
    written = [timing["first_token"] for timing in timings if "first_token" in timing]
    whole = [answer.timings_s["total"] for answer in answers if "first_token" in answer.timings_s]
    found = []
    if written:
        found = [
            Measurement("first token, median", statistics.median(written), "s", 6.0),
            Measurement("whole answer, median", statistics.median(whole), "s", 15.0),
            Measurement("whole answer, slowest", max(whole), "s"),
        ]
    rest_ms = [1000 * without_model_s(timing) for timing in timings]
    found.append(Measurement("all but the model, median", statistics.median(rest_ms), "ms", 60.0))
    stages = sorted({stage for timing in timings for stage in timing} - {"total", "first_token"})
    for stage in stages:
        taken = [1000 * timing[stage] for timing in timings if stage in timing]
        found.append(Measurement(f"stage {stage}, median of {len(taken)}", statistics.median(taken), "ms"))
    return found


def without_model_s(timings_s: Mapping[str, float]) -> float:
    """Seconds of one answer that were not spent waiting for the model server."""
    return timings_s["total"] - sum(timings_s.get(stage, 0.0) for stage in MODEL_STAGES)


def bench_table(measurements: Sequence[Measurement]) -> str:
    """The measurements as a Markdown table."""
    rows = [
        (
            one.name,
            _number(one.value, one.unit),
            "" if one.goal is None else f"≤ {_number(one.goal, one.unit)}",
            "" if one.ratio is None else f"{one.ratio:.2f}",
        )
        for one in measurements
    ]
    return markdown_table(("measured", "value", "goal", "value / goal"), rows)


def bench_page(command: str, measurements: Sequence[Measurement], answers: Sequence[Answer]) -> str:
    """The whole page for eval/results: command, machine, versions, table."""
    engines = sorted({f"{answer.model} on {answer.engine}" for answer in answers})
    about = f"{len(answers)} questions, {', '.join(engines)}."
    return results_page("Times and memory of the whole program", command, about, [bench_table(measurements)])


def results_page(title: str, command: str, about: str, parts: Sequence[str]) -> str:
    """A page for eval/results, in Markdown.

    Args:
        title: what was measured.
        command: what makes the page.
        about: what it was measured on; the machine and the versions follow it.
        parts: headings, sentences and tables.
    """
    there = machine()
    gpu = f", {there['gpu']}" if there["gpu"] else ""
    made_with = (
        f"{there['processor']}, {there['cores']} cores, {there['memory_gib']} GiB{gpu}. "
        f"Revision {revision() or 'unknown'}; {', '.join(f'{name} {v}' for name, v in versions().items())}."
    )
    return "\n\n".join([f"# {title}", f"    {command}", f"{about} {made_with}", *parts]) + "\n"


def ratio(ours: float, other: float) -> str:
    """How many times one number another is; "–" where it cannot be said."""
    return f"{ours / other:.2f}" if other else "–"


def resident_mib(process: int | str = "self") -> float:
    """Resident memory of a process in MiB; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


def children_mib() -> float:
    """Resident memory of the processes that this one started, and of theirs, in MiB."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        parents[int(status.parent.name)] = int(fields[1])
    mine = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in mine} - mine:
        mine |= more
    return sum(resident_mib(child) for child in mine - {os.getpid()})


def _number(value: float, unit: str) -> str:
    digits = 0 if unit == "MiB" or value >= 100 else 1 if unit == "ms" else 2
    return f"{value:,.{digits}f} {unit}"
