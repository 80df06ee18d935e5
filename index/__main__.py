"""Command line of the index: build, search, list, remove, inspect, check.

    python -m index build DOCUMENTS... --index DIR
    python -m index search --index DIR "question" --k 10

Answers go to standard output, progress and notes to standard error. Exit code 0: done; 1: a failure while running;
2: wrong use or bad input.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from index.config import IndexConfig, read_table
from index.errors import RunError, ShokoError, UsageError, exit_with
from index.filters import add_filter_options, filter_of

if TYPE_CHECKING:
    from index.build import BuildReport
    from index.embedder import Embedder
    from index.records import RetrievedPassage

_SNIPPET_CHARS = 220
_QUERY_BATCH = 64


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code.

    Raises:
        UsageError: wrong use or bad input.
        RunError: a failure while running.
    """
    options = _parser().parse_args(arguments)
    config = read_table(IndexConfig, "index", file=options.config)
    folder = Path(options.index or config.folder)
    command = {
        "build": _build, "search": _search, "list": _list, "remove": _remove, "inspect": _inspect, "check": _check,
    }[options.command]  # fmt: skip
    return command(options, folder, config)


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--index", metavar="DIR", help="the index folder (default: `folder` of [index] in config.toml)")
    shared.add_argument("--config", metavar="FILE", type=Path, help="the configuration file (default: config.toml)")
    parser = argparse.ArgumentParser(prog="python -m index", description="Index documents and search them.")
    commands = parser.add_subparsers(dest="command", required=True)

    build = commands.add_parser("build", parents=[shared], help="bring the index up to date with documents")
    build.add_argument(
        "documents", metavar="DOCUMENTS", nargs="*", type=Path,
        help="folders, files, or a corpus.jsonl ({doc_id, title, text} a line); default: the packaged collection",
    )  # fmt: skip
    build.add_argument("--rebuild", action="store_true", help="start again; without DOCUMENTS, from the same sources")
    build.add_argument("--watch", action="store_true", help="go on: index again whenever a document changes")
    build.add_argument("--json", action="store_true", help="print the report as JSON")

    search = commands.add_parser("search", parents=[shared], help="find passages")
    search.add_argument("question", nargs="?", help="what to look for")
    search.add_argument("--queries", metavar="FILE", type=Path, help="search for every line of a .jsonl file")
    search.add_argument("--output", metavar="FILE", type=Path, help="with --queries: where the hits are written")
    search.add_argument("--k", type=_positive, default=10, help="most passages per question (default 10)")
    search.add_argument("--json", action="store_true", help="print JSON")
    add_filter_options(search)

    listing = commands.add_parser("list", parents=[shared], help="list the documents")
    listing.add_argument("--json", action="store_true", help="print JSON")
    remove = commands.add_parser("remove", parents=[shared], help="remove documents")
    remove.add_argument("documents", metavar="DOCUMENT_ID", nargs="+")
    inspect = commands.add_parser("inspect", parents=[shared], help="show one document and its passages")
    inspect.add_argument("document", metavar="DOCUMENT_ID")
    form = inspect.add_mutually_exclusive_group()
    form.add_argument("--text", action="store_true", help="print the extracted text, exactly")
    form.add_argument("--json", action="store_true", help="print JSON")
    commands.add_parser("check", parents=[shared], help="verify the whole index")
    return parser


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 10000")
    return number


def _build(options: argparse.Namespace, folder: Path, config: IndexConfig) -> int:
    from index.build import build, default_documents, recorded_sources
    from index.lazy_embedder import LazyEmbedder

    sources = options.documents
    if not sources and options.rebuild:
        sources = recorded_sources(folder)
    sources = sources or [default_documents()]
    embedder = LazyEmbedder(config)
    report = build(sources, folder, embedder, config, rebuild=options.rebuild)
    _write_report(report, folder, as_json=options.json)
    if report.refused and not report.passages and not options.watch:
        raise UsageError("no document could be indexed; the reasons stand above")
    if options.watch:
        _watch(sources, folder, embedder, config, report.refused, as_json=options.json)
    return 0


def _watch(
    sources: Sequence[Path],
    folder: Path,
    embedder: "Embedder",
    config: IndexConfig,
    refused: tuple[tuple[str, str], ...],
    *,
    as_json: bool,
) -> None:
    """Build whenever something changes, until Ctrl-C."""
    from index.build import build
    from index.watch import FolderWatch

    watch = FolderWatch(sources)
    sys.stderr.write(f"watching {', '.join(map(str, sources))}; Ctrl-C ends it\n")
    try:
        while True:
            watch.wait()
            try:
                report = build(sources, folder, embedder, config)
            except ShokoError as error:
                sys.stderr.write(f"error: {error}; still watching\n")
                watch.forget()
                continue
            if report.added or report.changed or report.removed or report.refused != refused:
                _write_report(report, folder, as_json=as_json)
                sys.stdout.flush()
            refused = report.refused
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped watching; the index is whole\n")


def _write_report(report: "BuildReport", folder: Path, *, as_json: bool) -> None:
    for name, reason in report.refused:
        sys.stderr.write(f"refused: {name}: {reason}\n")
    for name, reason in report.noticed:
        sys.stderr.write(f"noticed: {name}: {reason}\n")
    if as_json:
        _write_json(asdict(report))
        return
    sys.stdout.write(
        f"{len(report.added)} added, {len(report.changed)} changed, {len(report.unchanged)} unchanged, "
        f"{len(report.removed)} removed, {len(report.refused)} refused; "
        f"{report.passages} passages in {folder} ({report.seconds:.1f} s)\n"
    )


def _search(options: argparse.Namespace, folder: Path, config: IndexConfig) -> int:
    if (options.question is None) == (options.queries is None):
        raise UsageError('give either a question or --queries FILE: python -m index search "question"')
    if (options.queries is None) != (options.output is None):
        raise UsageError("--queries and --output belong together: --queries FILE.jsonl --output RUN.jsonl")
    if options.question is not None and not options.question.strip():
        raise UsageError("the question is empty")
    from index.atomic import replacing
    from index.database import connect
    from index.questions import read_questions

    only = filter_of(options)
    connect(folder).close()  # before anything slow
    questions = list(read_questions(options.queries)) if options.queries else []
    from index.lazy_embedder import LazyEmbedder
    from index.retriever import Retriever

    with Retriever.open(folder, LazyEmbedder(config), config) as retriever:
        if options.queries is None:
            found = retriever.search(options.question, options.k, only=only)
            _write_json([asdict(hit) for hit in found]) if options.json else _print_hits(found)
            return 0
        with replacing(options.output) as file:
            for at in range(0, len(questions), _QUERY_BATCH):
                batch = questions[at : at + _QUERY_BATCH]
                results = retriever.search_many([text for _, text in batch], options.k, only=only)
                for (query_id, _), hits in zip(batch, results, strict=True):
                    file.writelines(_run_lines(query_id, hits))
    return 0


def _run_lines(query_id: str, hits: Iterable["RetrievedPassage"]) -> Iterator[str]:
    for rank, hit in enumerate(hits, start=1):
        line = {
            "query_id": query_id,
            "rank": rank,
            "passage_id": hit.passage.passage_id,
            "document_id": hit.passage.document_id,
            "dense_score": hit.dense_score,
            "lexical_score": hit.lexical_score,
            "retrieval_score": hit.retrieval_score,
        }
        yield json.dumps(line, ensure_ascii=False) + "\n"


def _print_hits(hits: Sequence["RetrievedPassage"]) -> None:
    if not hits:
        sys.stderr.write("nothing found\n")
    for rank, hit in enumerate(hits, start=1):
        passage = hit.passage
        page = f"p. {passage.page}" if passage.page else ""
        about = ", ".join(part for part in (passage.language, passage.date, page, passage.section) if part)
        scores = ", ".join(
            f"{name} {score:.3f}"
            for name, score in (
                ("retrieval", hit.retrieval_score), ("dense", hit.dense_score), ("lexical", hit.lexical_score),
            )
            if score is not None
        )  # fmt: skip
        text = " ".join(passage.text.split())
        snippet = text if len(text) <= _SNIPPET_CHARS else text[:_SNIPPET_CHARS].rstrip() + "…"
        sys.stdout.write(f"{rank}. {passage.title} ({about})\n   {passage.passage_id}: {scores}\n   {snippet}\n")


def _list(options: argparse.Namespace, folder: Path, config: IndexConfig) -> int:
    from index.database import connect, translated
    from index.lookup import summaries

    with closing(connect(folder)) as connection, translated(folder):
        found = summaries(connection)
    if options.json:
        _write_json([asdict(summary) for summary in found])
        return 0
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("document_id", "language", "date", "title"):
        table.add_column(column, overflow="fold")
    table.add_column("passages", justify="right")
    for summary in found:
        table.add_row(summary.document_id, summary.language, summary.date, summary.title, str(summary.passages))
    width = None if sys.stdout.isatty() else 200  # a pipe has no width of its own
    Console(file=sys.stdout, width=width, markup=False, highlight=False, emoji=False).print(table)
    return 0


def _remove(options: argparse.Namespace, folder: Path, config: IndexConfig) -> int:
    from index.build import remove

    remove(options.documents, folder)
    sys.stderr.write(f"removed {len(options.documents)} from {folder}\n")
    return 0


def _inspect(options: argparse.Namespace, folder: Path, config: IndexConfig) -> int:
    from index.database import connect, translated
    from index.lookup import passages_of, read_document

    with closing(connect(folder)) as connection, translated(folder):
        document = read_document(connection, options.document)
        passages = passages_of(connection, options.document)
    if options.text:
        sys.stdout.flush()
        sys.stdout.buffer.write(document.text.encode("utf-8"))
        return 0
    if options.json:
        _write_json({**asdict(document), "passages": [asdict(passage) for passage in passages]})
        return 0
    left_out = ("text", "metadata", "pages")
    fields = {name: value for name, value in asdict(document).items() if name not in left_out and value}
    for name, value in {**fields, **document.metadata, "characters": len(document.text)}.items():
        written = value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)
        sys.stdout.write(f"{name}: {written}\n")
    for passage in passages:
        page = f" p. {passage.page}" if passage.page else ""
        sys.stdout.write(
            f"\n[{passage.passage_id}] {passage.start}:{passage.end}{page} {passage.section}\n{passage.text}\n"
        )
    return 0


def _check(options: argparse.Namespace, folder: Path, config: IndexConfig) -> int:
    from index.check import damages
    from index.database import connect, translated
    from index.lookup import summaries

    found = damages(folder)
    if found:
        for damage in found:
            sys.stdout.write(f"damage: {damage}\n")
        raise RunError(f"the index at {folder} has {len(found)} damage(s)")
    with closing(connect(folder)) as connection, translated(folder):
        listed = summaries(connection)
    sys.stdout.write(f"{folder} is whole: {len(listed)} documents, {sum(one.passages for one in listed)} passages\n")
    return 0


def _write_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    exit_with(main)
