"""`python -m eval bench`: the whole program, or one part of it beside the stock pipelines, as tables.

python -m eval bench                                  times and memory of the whole program
python -m eval bench retrieval --data FOLDER          ranking, beside plain arms and LlamaIndex
python -m eval bench answers                          answers, beside LlamaIndex's engines
python -m eval bench serving                          the model server, beside a plain client
python -m eval bench index --passages 10000           ingestion, memory, disk, time of a question
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import UsageError

if TYPE_CHECKING:
    from eval.questions import EvalQuestion

_SERVED = ("index", "server", "model", "questions", "limit")
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "program": _SERVED,
    "retrieval": ("data", "trials"),
    "answers": (*_SERVED, "split", "answers", "restart"),
    "serving": _SERVED,
    "index": ("documents", "passages", "sizes", "questions"),
}
_LIMITS = {"program": 10, "answers": 30, "serving": 3}
_FOLDER = Path(".shoko/bench")


def add_bench(
    commands: Any,  # noqa: ANN401 - argparse has no name for it
    served: argparse.ArgumentParser,
    positive: Callable[[str], int],
) -> None:
    """Add the command to a parser.

    Args:
        commands: what `add_subparsers` gave.
        served: a parser with the options of a served assistant: index, server, model, questions.
        positive: reads a whole number above 0.
    """

    def sizes(text: str) -> tuple[int, ...]:
        return tuple(positive(part.strip()) for part in text.split(","))

    bench = commands.add_parser(
        "bench",
        parents=[served],
        help="measure the program or a part of it, beside the stock pipelines",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    bench.add_argument("what", nargs="?", choices=tuple(_OPTIONS), default="program", help="default: program")
    bench.add_argument("--output", metavar="FILE", type=Path, help="write the tables to a Markdown file, too")
    bench.add_argument(
        "--limit", metavar="N", type=positive, help="questions; default: program 10, answers 30, serving 3"
    )
    bench.add_argument(
        "--data", metavar="FOLDER", type=Path,
        help="retrieval: corpus.LANG.jsonl and queries.LANG.jsonl, as `eval retrieval` reads them",
    )  # fmt: skip
    bench.add_argument("--trials", action="store_true", default=None, help="retrieval: also score what was tried")
    bench.add_argument("--split", choices=("dev", "test", "all"), help="answers: part of the questions (default: all)")
    bench.add_argument(
        "--answers", metavar="DIR", type=Path,
        help=f"answers: where they are kept; a bench that was stopped goes on there (default: {_FOLDER}/answers)",
    )  # fmt: skip
    bench.add_argument("--restart", action="store_true", default=None, help="answers: forget those that are kept")
    bench.add_argument(
        "--documents",
        metavar="PATH",
        type=Path,
        nargs="+",
        help="index: what to index (default: the shipped ones)",
    )
    bench.add_argument(
        "--passages", metavar="N", type=positive, help="index: also ask in an index of N made-up passages"
    )
    bench.add_argument(
        "--sizes", metavar="LIST", type=sizes, help="index: also dense search alone, such as 10000,100000,1000000"
    )


def run_bench(options: argparse.Namespace) -> int:
    """Run it: the tables to standard output and, where asked, to a file."""
    known = {name for names in _OPTIONS.values() for name in names}
    for name in sorted(known - set(_OPTIONS[options.what])):
        if getattr(options, name) is not None:
            users = ", ".join(what for what, names in _OPTIONS.items() if name in names)
            raise UsageError(f"--{name} does not go with `bench {options.what}`, but with: {users}")
    page = _BENCHES[options.what](options, _command(options))
    sys.stdout.write(page)
    if options.output is not None:
        from eval.answers import replace_text

        replace_text(options.output, page)
        sys.stderr.write(f"written: {options.output}\n")
    return 0


def _program(options: argparse.Namespace, command: str) -> str:
    from assistant.opening import open_assistant, settings
    from eval.bench import bench, bench_page

    questions = _questions(options, answerable=True)
    config = settings(server=options.server, model=options.model)
    measurements, answers = bench(lambda: open_assistant(options.index, config=config), questions)
    return bench_page(command, measurements, answers)


def _retrieval(options: argparse.Namespace, command: str) -> str:
    from eval.retrieval_bench import run_retrieval_bench
    from index.config import IndexConfig, read_table

    if options.data is None:
        raise UsageError("bench retrieval needs --data FOLDER with corpus.LANG.jsonl and queries.LANG.jsonl")
    return run_retrieval_bench(
        command, options.data, read_table(IndexConfig, "index"), with_trials=bool(options.trials)
    )


def _answers(options: argparse.Namespace, command: str) -> str:
    from assistant.opening import open_assistant, settings
    from eval.answers_bench import answers_page, bench_answers
    from index.config import IndexConfig, read_table

    questions = _questions(options)
    config = settings(server=options.server, model=options.model)
    folder = options.answers or _FOLDER / "answers"
    with open_assistant(options.index, config=config) as assistant:
        index = options.index or Path(read_table(IndexConfig, "index").folder)
        found = bench_answers(assistant, index, questions, folder, restart=bool(options.restart))
        return answers_page(command, found, assistant)


def _serving(options: argparse.Namespace, command: str) -> str:
    from assistant import serving
    from assistant.opening import open_assistant, settings
    from eval.serving_bench import bench_serving, record_prompts, serving_page, static_prompts, wait_for_prompts
    from index.config import IndexConfig, read_table

    config = settings(server=options.server, model=options.model)
    if config.server == "none":
        raise UsageError("bench serving needs a model server; leave out --server none")
    with open_assistant(options.index, config=settings(server="none")) as assistant:
        prompts = record_prompts(assistant, _questions(options, answerable=True))
    if not prompts:
        raise UsageError("the assistant asks the model none of these questions; give others, or a higher --limit")
    with serving.start(config, Path(read_table(IndexConfig, "index").cache)) as server:
        server.warm(static_prompts())
        wait_for_prompts(server)
        return serving_page(command, server, bench_serving(server, prompts))


def _index(options: argparse.Namespace, command: str) -> str:
    from eval.index_bench import bench_ingestion, index_page
    from eval.latency_bench import bench_latency
    from eval.vector_bench import bench_sizes
    from index.build import default_documents
    from index.config import IndexConfig, read_table
    from index.embedder import load_embedder

    config = read_table(IndexConfig, "index")
    questions = [(question.lang, question.question) for question in _all_questions(options)]
    embedder = load_embedder(config)
    found = bench_ingestion(options.documents or [default_documents()], embedder, config)
    latency = None
    if options.passages:
        latency = bench_latency(found.texts, found.vectors, questions, options.passages, embedder, config)
    sizes = []
    if options.sizes:
        queries = embedder.embed_queries([text for _, text in questions])
        sizes = bench_sizes(found.vectors, queries, options.sizes)
    return index_page(command, found, embedder, latency, sizes)


_BENCHES: Mapping[str, Callable[[argparse.Namespace, str], str]] = {
    "program": _program,
    "retrieval": _retrieval,
    "answers": _answers,
    "serving": _serving,
    "index": _index,
}


def _all_questions(options: argparse.Namespace) -> "tuple[EvalQuestion, ...]":
    from eval.questions import Selection, default_questions, read_questions

    path = options.questions or default_questions()
    return read_questions(path, Selection(split=options.split or "all")).questions


def _questions(options: argparse.Namespace, *, answerable: bool = False) -> "list[EvalQuestion]":
    """As many as were asked for, of all languages and kinds; follow-up questions only where the whole program runs."""
    from eval.questions import evenly

    alone = options.what != "program"
    found = [
        question
        for question in _all_questions(options)
        if (question.answerable or not answerable) and not (alone and question.history)
    ]
    return evenly(found, options.limit or _LIMITS[options.what])


def _command(options: argparse.Namespace) -> str:
    """What was typed, as it can be typed again; without folders of this machine."""
    shown = []
    for name in ("output", *_OPTIONS[options.what]):
        value = getattr(options, name)
        if value is None:
            continue
        shown.append(f"--{name}")
        if name == "sizes":
            shown.append(",".join(map(str, value)))
        elif name == "data":
            shown.append("FOLDER")
        elif value is not True:
            values = value if isinstance(value, list) else [value]
            shown += [one.name if isinstance(one, Path) and one.is_absolute() else str(one) for one in values]
    what = [] if options.what == "program" else [options.what]
    return " ".join(["python -m eval bench", *what, *shown])
