"""Asks the assistant every question and writes each answer down at once, so that a run can be killed and go on."""

import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from assistant.generation import Generation, GenerationStream
from assistant.generator import Generator
from assistant.records import Answer, Turn
from assistant.wrapped_generator import WrappedGenerator
from eval.answers import GivenAnswer, answer_line, failure_line, keep_answers, read_answers
from eval.generations import KeptGeneration
from eval.json_lines import append
from eval.questions import EvalQuestion
from index.errors import RunError, ShokoError, UsageError

MOST_FAILURES_IN_A_ROW = 5


class Asked(Protocol):
    """What is evaluated; `assistant.pipeline.Assistant` is one."""

    generator: Generator | None

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Answer one question."""

    def fingerprint(self, language: str) -> str:
        """What decides the answers in a language."""


class Usage(NamedTuple):
    """Tokens of new generations, empty where the server did not say, and whether a kept one was used."""

    tokens: dict[str, int]
    reused: bool


class Meter(WrappedGenerator):
    """A generator that counts tokens on the way, per thread. It passes everything through."""

    def __init__(self, generator: Generator) -> None:
        super().__init__(generator)
        self._of_thread = threading.local()

    def stream(
        self, messages: Sequence[Mapping[str, str]], *, schema: Mapping[str, Any] | None, max_tokens: int, language: str
    ) -> Iterator[str]:
        """Generate as the generator does, and keep the record of the request."""
        stream = super().stream(messages, schema=schema, max_tokens=max_tokens, language=language)
        if isinstance(stream, GenerationStream):
            self._seen().append(stream.generation)
        return stream

    def take(self) -> Usage:
        """What this thread's requests since the last call cost."""
        seen = self._seen()
        self._of_thread.seen = []
        kept = [item for item in seen if isinstance(item, KeptGeneration)]
        reused = any(item.reused for item in kept)
        if not any(item.prompt_tokens for item in seen):
            return Usage({}, reused)
        tokens = {
            "requests": len(seen) - sum(not item.asked for item in kept),
            "prompt": sum(item.prompt_tokens for item in seen),
            "cached": sum(item.cached_tokens for item in seen),
            "answer": sum(item.answer_tokens for item in seen),
        }
        return Usage(tokens, reused)

    def _seen(self) -> list[Generation]:
        if not hasattr(self._of_thread, "seen"):
            self._of_thread.seen = []
        seen: list[Generation] = self._of_thread.seen
        return seen


def ask_all(
    questions: Sequence[EvalQuestion],
    assistant: Asked,
    file: Path,
    *,
    restart: bool = False,
    parallel: int = 1,
) -> dict[str, GivenAnswer]:
    """Ask what is not answered yet, appending each answer to the file.

    A question on which the assistant broke gets a line with the failure. The next run asks it again, and those whose
    answer was made of extracts because the model server was lost.

    Args:
        questions: what to ask, in order.
        assistant: what is asked.
        file: answers.jsonl; an existing one is gone on with where it was made with the same settings.
        restart: begin anew; the old answers are lost.
        parallel: questions asked at the same time.

    Returns:
        The answers to these questions, by id.

    Raises:
        UsageError: the file holds answers of another assistant or to other questions.
        RunError: the file cannot be written, or the assistant broke on several questions in a row.
    """
    known = {} if restart or not file.exists() else keep_answers(file)
    require_same(known, questions, assistant, file)
    missing = [question for question in questions if question.id not in known]
    if restart or not file.exists():
        _begin(file)
    with _metered(assistant) as meter, _Progress(len(questions), len(questions) - len(missing)) as progress:
        writer = _Writer(file)

        def ask(question: EvalQuestion) -> None:
            writer.raise_if_hopeless()
            line, failure = _ask(question, assistant, meter)
            writer.write(line, failure)
            progress.advance()

        _for_each(ask, missing, parallel)
    answers = read_answers(file)
    return {question.id: answers[question.id] for question in questions}


def require_same(
    known: Mapping[str, GivenAnswer], questions: Sequence[EvalQuestion], assistant: Asked, file: Path
) -> None:
    """Make sure that answers already there can stand beside new ones.

    Raises:
        UsageError: they come from another model, other prompts, settings or documents, or from other questions.
    """
    remedy = f"use another --output, or --restart to answer all questions of {file} again"
    for answer in known.values():
        if answer.fingerprint != assistant.fingerprint(answer.language):
            raise UsageError(
                f"{file} holds answers made with another model, other prompts, settings or documents "
                f"(fingerprint {answer.fingerprint}, now {assistant.fingerprint(answer.language)}); {remedy}"
            )
    for question in questions:
        if question.id in known and known[question.id].question.strip() != question.question.strip():
            raise UsageError(f"{file} answers another question under the id '{question.id}'; {remedy}")


def _for_each(ask: Callable[[EvalQuestion], None], questions: Sequence[EvalQuestion], parallel: int) -> None:
    if parallel == 1:  # in this thread, so that an interruption takes effect at once
        for question in questions:
            ask(question)
        return
    with ThreadPoolExecutor(parallel) as pool:
        try:
            for _ in pool.map(ask, questions):
                pass
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _ask(question: EvalQuestion, assistant: Asked, meter: Meter | None) -> tuple[str, str]:
    """One line for the file, and what broke, if anything."""
    if meter is not None:
        meter.take()
    try:
        answer = assistant.answer(question.question, question.history)
    except ShokoError as error:
        failure = f"{type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001 - whatever the assistant breaks on is its failure, and scores zero
        frame = traceback.extract_tb(error.__traceback__)[-1]
        failure = f"{type(error).__name__}: {error} ({Path(frame.filename).name}, line {frame.lineno}, {frame.name})"
    else:
        used = meter.take() if meter is not None else Usage({}, reused=False)
        return answer_line(question.id, answer, used.tokens, reused=used.reused), ""
    return failure_line(question.id, question.question, failure), failure


class _Writer:
    """Appends lines from several threads; counts failures in a row."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._last = ""

    def raise_if_hopeless(self) -> None:
        with self._lock:
            if self._in_a_row >= MOST_FAILURES_IN_A_ROW:
                raise RunError(
                    f"the assistant broke on {self._in_a_row} questions in a row, last with: {self._last}; "
                    "the answers so far are kept: mend it and run the same command again"
                )

    def write(self, line: str, failure: str) -> None:
        with self._lock:
            self._in_a_row = self._in_a_row + 1 if failure else 0
            self._last = failure
            append(self._file, line)


class _Progress:
    """Questions done and time left, on standard error."""

    def __init__(self, total: int, done: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(file=sys.stderr)
        if done:
            console.print(f"{done} of {total} questions are already answered", highlight=False)
        columns = (TextColumn("asking"), BarColumn(), MofNCompleteColumn(), TextColumn("left"), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._bar.add_task("", total=total, completed=done)

    def __enter__(self) -> "_Progress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def advance(self) -> None:
        self._bar.advance(self._task)


@contextmanager
def _metered(assistant: Asked) -> Iterator[Meter | None]:
    """Count the tokens of an assistant while the block runs."""
    generator = assistant.generator
    if generator is None:
        yield None
        return
    meter = Meter(generator)
    with with_generator(assistant, meter):
        yield meter


@contextmanager
def with_generator(assistant: Asked, generator: Generator) -> Iterator[None]:
    """Let an assistant use another generator while the block runs."""
    own = assistant.generator
    assistant.generator = generator
    try:
        yield
    finally:
        assistant.generator = own


def _begin(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    except OSError as error:
        raise RunError(f"cannot write {file}: {error.strerror}; use another --output") from error
