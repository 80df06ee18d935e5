"""Command line of the evaluation.

    python -m eval run --questions FILE.jsonl --index DIR --output DIR
    python -m eval run --split dev --languages fr,ja --limit 30

Results go to standard output, progress and notes to standard error. Exit code 0: done; 1: a failure while running;
2: wrong use or bad input.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.bench_command import add_bench
from eval.probe_command import add_probe, run_probe
from index.errors import RunError, UsageError, exit_with

_LANGUAGES = ("en", "fr", "ja")
_FORMS = "squad (JSON files), beir (a folder), trec (QRELS QUERIES [CORPUS]) or jsonl (files)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    options = _parser().parse_args(arguments)
    return {
        "run": _run, "retrieval": _retrieval, "support": _support, "bench": _bench, "compare": _compare,
        "gate": _gate, "import": _import, "judge": _judge, "probe": run_probe,
    }[options.command](options)  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval", description="Measure the assistant, with intervals.")
    commands = parser.add_subparsers(dest="command", required=True)
    served = argparse.ArgumentParser(add_help=False)
    served.add_argument("--index", metavar="DIR", type=Path, help="an index (default: the shipped documents)")
    served.add_argument("--server", metavar="NAME", help="auto, vllm, llama, none (extracts only), or http://HOST:PORT")
    served.add_argument("--model", metavar="NAME", help="a model of the catalogue, or a hub name for vLLM")
    served.add_argument("--questions", metavar="FILE", type=Path, help="questions (default: the shipped ones)")

    run = commands.add_parser("run", parents=[served], help="ask a file of questions and score the answers")
    run.add_argument(
        "--output", metavar="DIR", type=Path, default=Path(".shoko/eval"),
        help="folder for the answers and the report; a run that was stopped goes on there (default: .shoko/eval)",
    )  # fmt: skip
    run.add_argument("--split", choices=("dev", "test", "all"), default="all", help="only this part (default: all)")
    run.add_argument("--languages", metavar="LIST", type=_languages, help="only these, such as fr,ja")
    run.add_argument("--kinds", metavar="LIST", type=_names, help="only these kinds, such as number,date")
    run.add_argument("--limit", metavar="N", type=_positive, help="at most N questions, of all languages and kinds")
    run.add_argument("--parallel", metavar="N", type=_positive, default=1, help="questions asked at the same time")
    run.add_argument("--restart", action="store_true", help="forget the answers that are already in the output folder")
    run.add_argument(
        "--generations", metavar="FILE", type=Path,
        help="keep what the model writes in FILE, and take it from there for the same request; times do not count then",
    )  # fmt: skip

    retrieval = commands.add_parser("retrieval", help="index a corpus, search for its queries, score the ranking")
    searched = retrieval.add_mutually_exclusive_group(required=True)
    searched.add_argument("--corpus", metavar="FILE", type=Path, nargs="+", help="{doc_id, title, text} a line")
    searched.add_argument("--run", metavar="FILE", type=Path, help="score this ranking (TREC or ranx) instead of ours")
    retrieval.add_argument(
        "--queries", metavar="FILE", type=Path, nargs="+", required=True, help="with relevant_doc_ids"
    )
    retrieval.add_argument("--output", metavar="FILE", type=Path, help="where report.json goes")

    support = commands.add_parser("support", help="score the claim checker on labelled items")
    support.add_argument("--items", metavar="FILE", type=Path, required=True, help="passages, response, label a line")
    support.add_argument("--output", metavar="FILE", type=Path, help="where report.json goes")

    add_bench(commands, served, _positive)

    compare = commands.add_parser("compare", help="what changed between two runs, and whether it is chance")
    compare.add_argument("before", metavar="A", type=Path, help="output folder or report.json of a run")
    compare.add_argument("after", metavar="B", type=Path, help="the same of another run")
    gate = commands.add_parser("gate", help="exit 1 where a run is significantly worse than a baseline")
    gate.add_argument("--baseline", metavar="FILE", type=Path, required=True, help="what an earlier run reached")
    gate.add_argument("--report", metavar="FILE", type=Path, default=Path(".shoko/eval"), help="default: .shoko/eval")
    gate.add_argument(
        "--most-lost", metavar="N", type=_count,
        help="fail, too, where more than N questions are no longer right; for samples too small for significance",
    )  # fmt: skip
    gate.add_argument("--accept", action="store_true", help="make this run the baseline, whatever it reached")
    _add_judge(commands)
    _add_import(commands)
    add_probe(commands, _positive)
    return parser


def _add_judge(commands: Any) -> None:  # noqa: ANN401 - argparse does not name this type
    judge = commands.add_parser("judge", help="let a model judge the sentences of a run, after its own examination")
    judge.add_argument("--items", metavar="FILE", type=Path, required=True, help="labelled items, as for support")
    judge.add_argument("--report", metavar="DIR", type=Path, required=True, help="output folder of a run")
    judge.add_argument("--server", metavar="NAME", required=True, help="http://HOST:PORT, or vllm, llama, auto")
    judge.add_argument("--model", metavar="NAME", help="a model of the catalogue, or a hub name for vLLM")
    judge.add_argument(
        "--generations", metavar="FILE", type=Path, help="keep verdicts in FILE, and take them from there"
    )
    judge.add_argument("--limit", metavar="N", type=_positive, help="at most N labelled items, spread over the file")
    judge.add_argument("--output", metavar="FILE", type=Path, help="where report.json goes")


def _add_import(commands: Any) -> None:  # noqa: ANN401 - argparse does not name this type
    taken = commands.add_parser("import", help="put a public question set into our form")
    taken.add_argument("form", metavar="FORM", choices=("squad", "beir", "trec", "jsonl"), help=_FORMS)
    taken.add_argument("sources", metavar="SOURCE", type=Path, nargs="+", help="files or folder of the set")
    taken.add_argument("--output", metavar="DIR", type=Path, required=True, help="where corpus and questions go")
    taken.add_argument("--language", choices=_LANGUAGES, help="of the questions (default: told from each)")
    taken.add_argument("--split", metavar="NAME", help="judgements of a BEIR folder (default: test)")


def _run(options: argparse.Namespace) -> int:
    from eval.questions import Selection, default_questions, read_questions

    selection = Selection(options.split, options.languages, options.kinds, options.limit)
    questions = read_questions(options.questions or default_questions(), selection)
    from assistant.opening import open_assistant, settings
    from eval.run import PAGE_FILE, REPORT_FILE, run
    from eval.summary import print_summary

    with open_assistant(options.index, config=settings(server=options.server, model=options.model)) as assistant:
        report = run(
            questions, assistant, options.output,
            restart=options.restart, parallel=options.parallel, generations=options.generations,
        )  # fmt: skip
    print_summary(report)
    sys.stderr.write(f"written: {options.output / REPORT_FILE}, {options.output / PAGE_FILE}\n")
    return 0


def _retrieval(options: argparse.Namespace) -> int:
    from eval.retrieval import evaluate_retrieval, evaluate_run, print_retrieval, read_queries
    from eval.trec import read_run
    from index.config import IndexConfig, read_table
    from index.embedder import load_embedder

    queries = read_queries(options.queries)
    if options.run is not None:
        report = evaluate_run(options.run.name, read_run(options.run), queries)
        _save(report, options.output)
        print_retrieval(report)
        return 0
    for corpus in options.corpus:
        if not corpus.exists():
            raise UsageError(f"no corpus at {corpus}; give a .jsonl file with doc_id, title and text on every line")
    config = read_table(IndexConfig, "index")
    report = evaluate_retrieval(options.corpus, queries, load_embedder(config), config)
    _save(report, options.output)
    print_retrieval(report)
    return 0


def _support(options: argparse.Namespace) -> int:
    from assistant.opening import settings
    from eval.support import evaluate_support, print_support, read_items
    from index.config import IndexConfig, read_table
    from index.embedder import load_embedder

    items = read_items(options.items)
    embedder = load_embedder(read_table(IndexConfig, "index"))
    report = evaluate_support(options.items.name, items, embedder, settings().least_claim_cosine)
    _save(report, options.output)
    print_support(report)
    return 0


def _judge(options: argparse.Namespace) -> int:
    from assistant.opening import settings
    from assistant.serving import start
    from eval.judge import ModelJudge
    from eval.judging import evaluate_judge, print_judged
    from eval.notebook import read_run
    from eval.run import keeping
    from eval.support import read_items
    from index.config import IndexConfig, read_table

    items = read_items(options.items)
    step = 1 if options.limit is None else -(-len(items) // options.limit)
    run = read_run(options.report)
    config = settings(server=options.server, model=options.model)
    if config.server == "none":
        raise UsageError("a judge needs a model: give --server")
    with start(config, Path(read_table(IndexConfig, "index").cache)) as server:
        judge = ModelJudge(keeping(server.generator(), options.generations))
        report = evaluate_judge(judge, items[::step], options.items.name, run)
    _save(report, options.output)
    print_judged(report)
    return 0


def _import(options: argparse.Namespace) -> int:
    from eval.importing import import_set

    imported, files = import_set(
        options.form, options.sources, options.output, language=options.language, split=options.split
    )
    sys.stdout.write(f"{len(imported.documents)} documents, {len(imported.questions)} questions\n")
    sys.stderr.write(f"written: {', '.join(map(str, files))}\n")
    return 0


def _bench(options: argparse.Namespace) -> int:
    from eval.bench_command import run_bench

    return run_bench(options)


def _compare(options: argparse.Namespace) -> int:
    from eval.compare import compare, read_report
    from eval.comparison_table import print_comparison

    print_comparison(compare(read_report(options.before), read_report(options.after)))
    return 0


def _gate(options: argparse.Namespace) -> int:
    from eval.compare import baseline, compare, read_report, require_baseline
    from eval.comparison_table import drops_text, print_comparison

    report = read_report(options.report)
    if options.accept:
        _save(baseline(report), options.baseline)
        return 0
    earlier = read_report(options.baseline)
    require_baseline(earlier, report)
    comparison = compare(earlier, report)
    print_comparison(comparison)
    if report.get("reused"):
        sys.stderr.write(f"note: {report['reused']} answers reuse kept generations; the model was not asked again\n")
    if drops := comparison.drops():
        raise RunError(f"significantly worse than {options.baseline}: {drops_text(drops)}")
    lost = [flip.question_id for flip in comparison.flips if not flip.now_right]
    if options.most_lost is not None and len(lost) > options.most_lost:
        raise RunError(
            f"worse than {options.baseline}: {len(lost)} questions are no longer right ({', '.join(lost)}), "
            f"and at most {options.most_lost} may be"
        )
    return 0


def _save(report: Mapping[str, Any], output: Path | None) -> None:
    from eval.answers import replace_text
    from eval.report import report_text

    if output is not None:
        replace_text(output, report_text(report))
        sys.stderr.write(f"written: {output}\n")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _count(text: str) -> int:
    return 0 if text == "0" else _positive(text)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise argparse.ArgumentTypeError("give at least one name")
    return names


def _languages(text: str) -> tuple[str, ...]:
    names = _names(text)
    for name in names:
        if name not in _LANGUAGES:
            raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(_LANGUAGES)}")
    return names


if __name__ == "__main__":
    exit_with(main)
