"""`eval retrieval`: index a corpus, search for every query, and score the ranking of documents with intervals."""

import datetime
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from eval.bootstrap import LEVEL, RESAMPLES, SEED, estimate
from eval.case import Documents, Library
from eval.json_lines import add_once, id_and_text, read_records, text_list
from eval.provenance import machine, revision, versions
from eval.ranking_measures import DEPTH, MEASURES, measure_run
from eval.report import estimate_json
from index.config import IndexConfig
from index.embedder import Embedder
from index.errors import UsageError
from index.language import detect_language
from index.records import RetrievedPassage

_PASSAGES_PER_DOCUMENT = 5  # passages fetched for each document of the ranking, as documents have several
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Query:
    """A query with its relevant documents; none where no document of the corpus is relevant.

    `grades` says how relevant each is, 1 or more; empty: all are equally relevant.
    """

    id: str
    text: str
    language: str
    relevant: tuple[str, ...]
    grades: tuple[int, ...] = ()


class Searcher(Documents, Protocol):
    """Searches an index; `index.retriever.Retriever` is one."""

    def search_many(
        self, queries: Sequence[str], k: int, *, language: str | None = None
    ) -> list[list[RetrievedPassage]]:
        """The best passages for each query."""


def read_queries(files: Sequence[Path]) -> list[Query]:
    """Read query files: `query_id` (or `id`), `question` (or `query`, `text`), relevant documents, `grades`, `lang`.

    Raises:
        UsageError: a file cannot be read, a line lacks a field, or an id stands twice.
    """
    queries: dict[str, Query] = {}
    for file in files:
        for where, record in read_records(file):
            identity, text = id_and_text(record, where)
            relevant = text_list(record, ("relevant_doc_ids", "relevant_document_ids"), where)
            language = str(record.get("lang") or detect_language(text))
            query = Query(identity, text, language, relevant, _grades(record, relevant, where))
            add_once(queries, identity, query, where)
    if not any(query.relevant for query in queries.values()):
        names = ", ".join(str(file) for file in files)
        raise UsageError(f"no query of {names} has 'relevant_doc_ids' (or 'relevant_document_ids'); nothing to score")
    return list(queries.values())


def _grades(record: Mapping[str, Any], relevant: Sequence[str], where: str) -> tuple[int, ...]:
    grades = record.get("grades")
    if grades is None:
        return ()
    if not isinstance(grades, list) or len(grades) != len(relevant) or not all(isinstance(one, int) for one in grades):
        raise UsageError(f"{where}: 'grades' must be whole numbers, one for each relevant document")
    return tuple(grades)


def rank_documents(queries: Sequence[Query], searcher: Searcher, depth: int = DEPTH) -> dict[str, list[str]]:
    """The best documents for each query: the order of their best passages."""
    run: dict[str, list[str]] = {}
    for language in sorted({query.language for query in queries}):
        asked = [query for query in queries if query.language == language]
        for at in range(0, len(asked), _BATCH):
            batch = asked[at : at + _BATCH]
            found = searcher.search_many(
                [query.text for query in batch], depth * _PASSAGES_PER_DOCUMENT, language=language
            )
            for query, hits in zip(batch, found, strict=True):
                run[query.id] = list(dict.fromkeys(hit.passage.document_id for hit in hits))[:depth]
    return run


def score_ranking(
    queries: Sequence[Query], run: Mapping[str, Sequence[str]], library: Library | None, *, resamples: int = RESAMPLES
) -> dict[str, Any]:
    """The scores of a run, overall, per language of the query, and per pair with the language of the document.

    A query whose relevant documents are in several languages counts in the pair of its own language where there is
    one, else in each. Without a library there are no pairs, and every relevant document is taken to be there.
    """
    missing = set()
    if library is not None:
        missing = {query.id for query in queries for document in query.relevant if library.get(document) is None}
    judged = [query for query in queries if query.relevant and query.id not in missing]
    scores = measure_run(run, {query.id: _judgement(query) for query in judged})
    groups: dict[str, dict[str, list[Query]]] = {"all": {"all": list(judged)}, "language": {}, "pair": {}}
    for query in judged:
        groups["language"].setdefault(query.language, []).append(query)
        for pair in _pairs(query, library) if library is not None else ():
            groups["pair"].setdefault(pair, []).append(query)
    estimates = {
        division: {
            group: {
                name: estimate_json(
                    estimate(
                        [scores[query.id][name] for query in members],
                        ["\n".join(sorted(query.relevant)) for query in members],
                        name=f"{division}/{group}/{name}",
                        share=True,
                        resamples=resamples,
                    )
                )
                for name in MEASURES
            }
            for group, members in sorted(found.items())
        }
        for division, found in groups.items()
    }
    return {
        "scored": len(judged),
        "unscored": {
            "no relevant document given": sum(not query.relevant for query in queries),
            "a relevant document is not in the corpus": len(missing),
        },
        "estimates": estimates,
        "never_retrieved": [query.id for query in judged if not scores[query.id][f"R@{DEPTH}"]],
        "per_query": [
            {
                "id": query.id,
                "lang": query.language,
                "relevant": list(query.relevant),
                "found": list(run.get(query.id, ())),
                "values": {name: round(value, 6) for name, value in scores[query.id].items()},
            }
            for query in judged
        ],
    }


def evaluate_retrieval(
    corpora: Sequence[Path], queries: Sequence[Query], embedder: Embedder, config: IndexConfig
) -> dict[str, Any]:
    """Index the corpora in a temporary folder, search for the queries, and score the rankings.

    Raises:
        UsageError: a corpus cannot be indexed.
        RunError: the disk is full, or the weights cannot be used.
    """
    from index.build import build
    from index.retriever import Retriever

    with tempfile.TemporaryDirectory(prefix="eval-retrieval-") as folder:
        built = build(corpora, Path(folder), embedder, config)
        for name, reason in built.refused:
            sys.stderr.write(f"refused: {name}: {reason}\n")
        with Retriever.open(Path(folder), embedder, config) as retriever:
            scored = score_ranking(queries, rank_documents(queries, retriever), Library(retriever))
    about = {
        "corpora": [path.name for path in corpora],
        "documents": len(built.added),
        "passages": built.passages,
        "embedder": embedder.name,
    }
    return _report(about, scored)


def evaluate_run(name: str, run: Mapping[str, Sequence[str]], queries: Sequence[Query]) -> dict[str, Any]:
    """Score a ranking that was made elsewhere.

    Args:
        name: of the ranking.
        run: query → documents, best first.
        queries: with their relevant documents.

    Raises:
        UsageError: the ranking and the queries share no query.
    """
    if not any(query.id in run for query in queries):
        raise UsageError(f"{name} ranks documents for none of these queries; their ids differ")
    return _report({"run": name}, score_ranking(queries, run, None))


def _report(about: Mapping[str, Any], scored: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "format": 1,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        **about,
        "made_with": {"revision": revision(), "versions": versions(), "machine": machine()},
        "intervals": {"level": LEVEL, "seed": SEED, "resamples": RESAMPLES, "clusters": "the relevant documents"},
        "measures": list(MEASURES),
        **scored,
    }


def print_retrieval(report: Mapping[str, Any]) -> None:
    """The scores in the terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 150, highlight=False)
    made = report.get("run") or f"{report['documents']} documents, {report['passages']} passages"
    title = f"{made}, {report['scored']} queries scored"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    for name in report["measures"]:
        table.add_column(f"{name} [95 %]", justify="right", no_wrap=True)
    table.add_column("n", justify="right")
    for division in ("all", "language", "pair"):
        for group, row in report["estimates"][division].items():
            cells = [_cell(row[name]) for name in report["measures"]]
            table.add_row(group, *cells, str(row[report["measures"][0]]["n"]))
    console.print(table)
    for reason, count in report["unscored"].items():
        if count:
            console.print(f"unscored: {count} ({reason})")
    if report["never_retrieved"]:
        shown = ", ".join(report["never_retrieved"][:12])
        console.print(f"never found in the first {DEPTH}: {len(report['never_retrieved'])} ({shown} ...)")


def _judgement(query: Query) -> Mapping[str, int] | Sequence[str]:
    return dict(zip(query.relevant, query.grades, strict=True)) if query.grades else query.relevant


def _cell(one: Mapping[str, Any]) -> str:
    value = f"{one['value']:.3f}"
    return value if one["low"] is None else f"{value} [{one['low']:.3f}, {one['high']:.3f}]"


def _pairs(query: Query, library: Library) -> list[str]:
    found = (library.get(document_id) for document_id in query.relevant)
    languages = {document.language for document in found if document is not None}
    return [
        f"{query.language}→{language}"
        for language in sorted({query.language} if query.language in languages else languages)
    ]
