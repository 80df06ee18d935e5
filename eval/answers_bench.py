"""`eval bench answers`: our assistant beside LlamaIndex's engines, asked the same questions in one run.

All answer from the same documents through the same model server and the same embedder, and all are graded by the same
code. Every answer is kept at once, so that a bench that was stopped goes on where it was.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from assistant.generator import Generator
from assistant.records import Citation
from eval.asking import Asked, ask_all
from eval.bench import ratio, results_page
from eval.bootstrap import Estimate, Statistic, estimate
from eval.case import Case, Library
from eval.citation_checks import wrong_figures
from eval.index_bench import indexed_texts
from eval.metrics import UnscoredError, metric
from eval.questions import LANGUAGES, EvalQuestion
from eval.run import Evaluated
from eval.stock_bench import StockAssistant
from eval.tables import markdown_table
from index.errors import UsageError

OURS = "Shoko"
_NOTE = (
    "Ratio: Shoko divided by the other. Intervals: 95 %, bootstrap over questions about the same documents. A source "
    "that an engine cites counts as quoted whole. For the figures alone, a sentence without a citation counts as "
    "citing all that its engine gave to the model."
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A line of the table: what is taken of each case, None where it does not apply."""

    title: str
    unit: Literal["share", "s", "tokens"]
    of: Callable[[Case], float | None]
    statistic: Statistic = "mean"


def _named(name: str) -> Callable[[Case], float | None]:
    return lambda case: metric(name).measure(case)


def _unanswerable_refused(case: Case) -> float | None:
    return None if case.question.answerable else float(case.outcome == "right refusal")


def _wrong_figure(case: Case) -> float | None:
    """Whether an answer shows a figure that nothing it cites bears out; see the note of the table."""
    if not case.answer.answered:
        return None
    given = tuple(
        Citation(0, hit.passage_id, hit.document_id, hit.title, "", "", None, hit.text, 0, 0)
        for hit in case.answer.passages
    )
    claims = (replace(claim, citations=claim.citations or given) for claim in case.answer.claims)
    return float(any(wrong_figures(case, claim) for claim in claims))


MEASURES = (
    Measure("right: correct answer or right refusal", "share", _named("right")),
    Measure("correct, of answerable questions", "share", _named("correct")),
    Measure("unanswerable questions refused", "share", _unanswerable_refused),
    Measure("right passage cited, of answers", "share", _named("gold_quote")),
    Measure("right language, of answers", "share", _named("language")),
    Measure("wrong figure shown, of answers", "share", _wrong_figure),
    Measure("whole answer, median", "s", _named("total_s"), "median"),
    Measure("prompt tokens a question", "tokens", _named("prompt_tokens")),
    Measure("generated tokens a question", "tokens", _named("answer_tokens")),
)


def bench_answers(
    assistant: Evaluated, index: Path, questions: Sequence[EvalQuestion], folder: Path, *, restart: bool = False
) -> dict[str, list[Case]]:
    """Ask our assistant and LlamaIndex's engines.

    Args:
        assistant: ours, with its model server.
        index: folder of its index; its documents are indexed with LlamaIndex, too.
        questions: what to ask; follow-up questions are left out, because the engines know no conversation.
        folder: where the answers of each are kept.
        restart: forget earlier answers in the folder.

    Returns:
        System → a case for each question.

    Raises:
        UsageError: there is no model server, no question is left, or the folder holds answers to other questions.
        RunError: the folder cannot be written, or a system breaks on everything.
    """
    if assistant.generator is None:
        raise UsageError("bench answers needs a model server; leave out --server none")
    questions = [question for question in questions if not question.history]
    if not questions:
        raise UsageError("no question is left that stands alone")
    asked: dict[str, Asked] = {OURS: assistant, **_stock(assistant, assistant.generator, index)}
    library = Library(assistant.retriever)
    found = {}
    for name, system in asked.items():
        sys.stderr.write(f"{name}: {len(questions)} questions\n")
        file = folder / f"{name.replace(' ', '-').lower()}.jsonl"
        answers = ask_all(questions, system, file, restart=restart)
        found[name] = [Case(question, answers[question.id], library) for question in questions]
    return found


def _stock(assistant: Evaluated, generator: Generator, index: Path) -> dict[str, StockAssistant]:
    from eval.llama_index_pipeline import llama_index_engines

    engines = llama_index_engines(indexed_texts(index), assistant.embedder)
    identity = f"{assistant.embedder.name} {assistant.retriever.generation}"
    return {
        name: StockAssistant(name, ask, generator, assistant.retriever, identity=identity)
        for name, ask in engines.items()
    }


def answers_page(command: str, found: Mapping[str, Sequence[Case]], assistant: Evaluated) -> str:
    """The page for eval/results."""
    generator = assistant.generator
    served = f"{generator.model} on {generator.engine}" if generator else "no model"
    cases = found[OURS]
    unanswerable = sum(not case.question.answerable for case in cases)
    about = (
        f"{len(cases)} questions, {unanswerable} of them without an answer in the documents; {served}, "
        f"{assistant.embedder.name.split('@')[0]}."
    )
    others = [name for name in found if name != OURS]
    head = ["measured", OURS, *(cell for name in others for cell in (name, "ratio"))]
    rows = []
    for measure in MEASURES:
        estimates = {name: _estimate(measure, its, name) for name, its in found.items()}
        row = [measure.title, _cell(measure, estimates[OURS])]
        for name in others:
            row += [_cell(measure, estimates[name]), _ratio(estimates[OURS], estimates[name])]
        rows.append(row)
    languages = [language for language in LANGUAGES if any(case.question.lang == language for case in cases)]
    right = MEASURES[0]
    by_language = [
        [
            name,
            *(_cell(right, _estimate(right, _in(language, cases), f"{name} {language}")) for language in languages),
        ]
        for name, cases in found.items()
    ]
    parts = [
        "## Answers from the same documents, model, embedder and questions",
        markdown_table(head, rows),
        _NOTE,
        "## Right, by language of the question",
        markdown_table(["system", *languages], by_language),
    ]
    return results_page("Answers, beside LlamaIndex", command, about, parts)


def _in(language: str, cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if case.question.lang == language]


def _estimate(measure: Measure, cases: Sequence[Case], name: str) -> Estimate | None:
    """The value over those cases that it applies to and that can be told; None where there are none."""
    values, clusters = [], []
    for case in cases:
        try:
            value = measure.of(case)
        except UnscoredError:
            continue
        if value is not None:
            values.append(value)
            clusters.append(case.question.cluster)
    if not values:
        return None
    return estimate(
        values, clusters, name=f"{measure.title}/{name}", statistic=measure.statistic, share=measure.unit == "share"
    )


def _cell(measure: Measure, found: Estimate | None) -> str:
    if found is None or found.value is None:
        return "–"
    factor, digits, unit = {"share": (100, 0, " %"), "s": (1, 1, " s"), "tokens": (1, 0, "")}[measure.unit]
    value = f"{factor * found.value:.{digits}f}{unit}"
    if found.low is None or found.high is None:
        return value
    return f"{value} [{factor * found.low:.{digits}f}, {factor * found.high:.{digits}f}]"


def _ratio(ours: Estimate | None, other: Estimate | None) -> str:
    return ratio(ours.value, other.value) if ours and other and ours.value is not None and other.value else "–"
