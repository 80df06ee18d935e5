"""`eval run`: ask, grade, report. The answers are kept, so that grading can be repeated without asking again."""

import dataclasses
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Protocol

from assistant.config import AssistantConfig
from assistant.generator import Generator
from eval.answers import ANSWERS_FILE, GivenAnswer, replace_text
from eval.asking import Asked, ask_all, with_generator
from eval.case import Documents, Library
from eval.generations import KeptGenerator
from eval.grading import grade_all, tabulate
from eval.page import make_page
from eval.provenance import ENGINES, provenance, versions, weights_digests
from eval.questions import LANGUAGES, QuestionSet
from eval.report import make_report, report_text
from index.embedder import Embedder
from index.errors import RunError, UsageError

REPORT_FILE = "report.json"
PAGE_FILE = "report.html"


class Versioned(Documents, Protocol):
    """Documents with the state they are in."""

    @property
    def generation(self) -> str:
        """Changes with every change of the documents."""


class Evaluated(Asked, Protocol):
    """An assistant with the parts that a report describes; `assistant.pipeline.Assistant` is one."""

    @property
    def retriever(self) -> Versioned:
        """Gives the documents."""

    @property
    def embedder(self) -> Embedder:
        """The embedder of the index."""

    @property
    def config(self) -> AssistantConfig:
        """The settings."""


def run(
    questions: QuestionSet,
    assistant: Evaluated,
    output: Path,
    *,
    restart: bool = False,
    parallel: int = 1,
    generations: Path | None = None,
) -> dict[str, Any]:
    """Ask the questions that are not answered yet, grade all answers, and write the report.

    Args:
        questions: what to ask.
        assistant: what is evaluated.
        output: folder for answers.jsonl, report.json and report.html.
        restart: forget earlier answers in this folder.
        parallel: questions asked at the same time.
        generations: file in which what the model writes is kept and looked up; None: the model is always asked.

    Returns:
        The report, as it stands in report.json.

    Raises:
        UsageError: the folder holds answers of another assistant or to other questions; generations are to be kept of
            an assistant without a model.
        RunError: the folder cannot be written, or the assistant breaks on everything.
    """
    _make(output)
    with _keeping(assistant, generations):
        answers = ask_all(questions.questions, assistant, output / ANSWERS_FILE, restart=restart, parallel=parallel)
    return write_report(questions, answers, assistant, output)


def write_report(
    questions: QuestionSet, answers: dict[str, GivenAnswer], assistant: Evaluated, output: Path
) -> dict[str, Any]:
    """Grade answers and write the report; see `run`."""
    library = Library(assistant.retriever)
    grades, unasked = grade_all(questions.questions, answers, library)
    report = make_report(
        questions,
        grades,
        tabulate(grades),
        unasked=unasked,
        assistant=describe(assistant),
        made_with=provenance(*_weights(assistant)),
    )
    replace_text(output / REPORT_FILE, report_text(report))
    replace_text(output / PAGE_FILE, make_page(report, grades, library))
    return report


def describe(assistant: Evaluated) -> dict[str, Any]:
    """Model, engine, settings, embedder, documents and fingerprints as plain values."""
    generator = assistant.generator
    return {
        "engine": generator.engine if generator else "none",
        "model": generator.model if generator else "none",
        "embedder": assistant.embedder.name,
        "documents": assistant.retriever.generation,
        "fingerprints": {language: assistant.fingerprint(language) for language in LANGUAGES},
        "settings": dataclasses.asdict(assistant.config),
    }


def _weights(assistant: Evaluated) -> list[str]:
    generator = assistant.generator
    return [assistant.embedder.name.split("@")[0], generator.model if generator else ""]


def keeping(generator: Generator, file: Path | None) -> Generator:
    """The generator, keeping what it writes in a file and looking it up there; the generator itself without a file.

    Raises:
        UsageError: the file is something else.
        RunError: the file cannot be written.
    """
    if file is None:
        return generator
    engines = {name: version for name, version in versions().items() if name in ENGINES}
    return KeptGenerator(generator, file, engines | weights_digests(generator.model))


def _keeping(assistant: Evaluated, file: Path | None) -> AbstractContextManager[None]:
    if file is None:
        return nullcontext()
    if assistant.generator is None:
        raise UsageError("--generations keeps what a model writes, and there is no model; leave it out")
    return with_generator(assistant, keeping(assistant.generator, file))


def _make(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"cannot make the folder {output}: {error.strerror}; use another --output") from error
