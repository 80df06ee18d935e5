"""`eval bench retrieval`: our retrieval beside its parts and beside LlamaIndex, on the same data in one run.

The data are a folder with `corpus.LANGUAGE.jsonl` ({doc_id, title, text}) and `queries.LANGUAGE.jsonl` (with
`relevant_doc_ids`), as `eval retrieval` reads them.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from eval.arms_bench import Forgetful, Search, arms, passage_texts
from eval.bench import results_page
from eval.index_bench import embedding_texts
from eval.json_lines import read_records
from eval.lexical_bench import WordTable, japanese_cuts
from eval.pair_bench import PairBench, bench_pairs, pair_section
from eval.questions import default_questions, read_questions
from eval.ranking_measures import DEPTH, measure_run
from eval.retrieval import Query, read_queries
from eval.tables import markdown_table
from index.config import IndexConfig
from index.embedder import Embedder
from index.errors import UsageError

if TYPE_CHECKING:
    from index.retriever import Retriever

_PASSAGES = 50  # fetched for ten documents, by every system
_LANGUAGES = ("en", "fr", "ja")
_OURS = "Shoko"


@dataclass(slots=True)
class LanguageBench:
    """What was measured in one language.

    Attributes:
        ndcg, recall: system → nDCG@10, recall@5.
        median_ms: system → time of one query, embedding included.
        segmentation: way to cut Japanese → nDCG@10 of lexical search alone.
        trials: trial → nDCG@10.
        held_out: what is fitted on part of the queries → nDCG@10 on the others.
    """

    queries: int
    passages: int = 0
    ndcg: dict[str, float] = field(default_factory=dict)
    recall: dict[str, float] = field(default_factory=dict)
    median_ms: dict[str, float] = field(default_factory=dict)
    segmentation: dict[str, float] = field(default_factory=dict)
    trials: dict[str, float] = field(default_factory=dict)
    held_out: dict[str, float] = field(default_factory=dict)


def bench_retrieval(
    data: Path, embedder: Embedder, config: IndexConfig, *, with_trials: bool = False
) -> dict[str, LanguageBench]:
    """Measure every language that the data folder has.

    Args:
        data: the folder.
        embedder: embeds for all systems.
        config: settings of the index.
        with_trials: score the trials of `eval.retrieval_trials`, too; takes another pass of the encoder.

    Raises:
        UsageError: the folder has no pair of files, or a file cannot be read.
    """
    found = {}
    for language in _LANGUAGES:
        corpus, questions = data / f"corpus.{language}.jsonl", data / f"queries.{language}.jsonl"
        if corpus.is_file() and questions.is_file():
            queries = [query for query in read_queries([questions]) if query.relevant]
            sys.stderr.write(f"{language}: {len(queries)} queries\n")
            found[language] = _bench_language(corpus, queries, embedder, config, with_trials=with_trials)
    if not found:
        raise UsageError(f"{data} has no corpus.LANGUAGE.jsonl with its queries.LANGUAGE.jsonl (en, fr, ja)")
    return found


def _bench_language(
    corpus: Path, queries: Sequence[Query], embedder: Embedder, config: IndexConfig, *, with_trials: bool
) -> LanguageBench:
    from eval.llama_index_pipeline import llama_index_searches
    from index.build import build
    from index.retriever import Retriever

    measured = LanguageBench(len(queries))
    with tempfile.TemporaryDirectory(prefix="bench-retrieval-") as name:
        folder = Path(name)
        measured.passages = build([corpus], folder, embedder, config).passages
        forgetful = Forgetful(embedder)
        with ExitStack() as opened:
            searches: dict[str, Search] = dict(opened.enter_context(arms(folder, forgetful, _PASSAGES)))
            # The second stage takes the tokens of the question, which are never remembered, from the real embedder.
            for label, late, asked in ((f"{_OURS}, first stage only", False, forgetful), (_OURS, True, embedder)):
                settings = replace(config, late_interaction=late)
                retriever = opened.enter_context(Retriever.open(folder, asked, settings))
                searches[label] = partial(_documents, retriever)
            documents = [(str(r["doc_id"]), str(r.get("title", "")), str(r["text"])) for _, r in read_records(corpus)]
            for label, stock in llama_index_searches(documents, forgetful, _PASSAGES).items():
                searches[label] = partial(_stock, stock)
            run_in_turn(measured, queries, searches)
        if queries[0].language == "ja":
            measured.segmentation = _segmentations(folder, queries)
        if with_trials:
            from eval.retrieval_trials import held_out, make_pool, trials

            pool = make_pool(folder, embedding_texts(folder, embedder, config), queries, embedder)
            scores = trials(pool)
            measured.trials = {name: float(values.mean()) for name, values in scores.items()}
            measured.held_out = held_out(scores, queries[0].language)
    return measured


def _documents(retriever: "Retriever", query: Query) -> list[str]:
    hits = retriever.search(query.text, _PASSAGES, language=query.language)
    return list(dict.fromkeys(hit.passage.document_id for hit in hits))


def _stock(search: Callable[[str], list[str]], query: Query) -> list[str]:
    return search(query.text)


def run_in_turn(measured: LanguageBench, queries: Sequence[Query], searches: Mapping[str, Search]) -> None:
    """Ask every system a query before the next one, each first in turn: what slows the machine slows all alike.

    Args:
        measured: gets nDCG@10, recall@5 and the median time of every system.
        queries: what is asked.
        searches: name of the system → its search.
    """
    labels = list(searches)
    runs: dict[str, dict[str, Sequence[str]]] = {label: {} for label in labels}
    seconds: dict[str, list[float]] = {label: [] for label in labels}
    for search in searches.values():
        search(replace(queries[0], text="The first query is slower than the others."))
    for place, query in enumerate(queries):
        first = place % len(labels)
        for label in labels[first:] + labels[:first]:
            began = time.perf_counter()
            runs[label][query.id] = searches[label](query)[:DEPTH]
            seconds[label].append(time.perf_counter() - began)
    for label in labels:
        measured.ndcg[label] = _mean(runs[label], queries, "nDCG@10")
        measured.recall[label] = _mean(runs[label], queries, "R@5")
        measured.median_ms[label] = 1000 * statistics.median(seconds[label])


def _segmentations(folder: Path, queries: Sequence[Query]) -> dict[str, float]:
    texts, found = passage_texts(folder), {}
    for name, cut in japanese_cuts().items():
        table = WordTable(texts, cut, weight=2.0)
        run = {query.id: table.search(query.text, _PASSAGES)[:DEPTH] for query in queries}
        table.close()
        found[name] = _mean(run, queries, "nDCG@10")
    return found


def _mean(run: Mapping[str, Sequence[str]], queries: Sequence[Query], measure: str) -> float:
    scores = measure_run(run, {query.id: query.relevant for query in queries})
    return statistics.fmean(one[measure] for one in scores.values())


def retrieval_page(
    command: str,
    found: Mapping[str, LanguageBench],
    pairs: Mapping[str, Mapping[str, Sequence[PairBench]]] | None = None,
) -> str:
    """The whole page for eval/results: command, machine, versions, tables."""
    counts = ", ".join(f"{one}: {bench.queries} queries on {bench.passages} passages" for one, bench in found.items())
    parts = [
        "## Beside plain search and LlamaIndex, on the same data with the same embedder in one run",
        markdown_table(
            ["nDCG@10 (recall@5; median ms of a query)", *found],
            [
                [name, *(f"{b.ndcg[name]:.3f} ({b.recall[name]:.3f}; {b.median_ms[name]:.1f})" for b in found.values())]
                for name in next(iter(found.values())).ndcg
            ],
        ),
        *_lead(found),
        *(part for split, systems in (pairs or {}).items() for part in pair_section(split, systems)),
        *_only_where_measured(found),
    ]
    return results_page(
        "Retrieval", command, f"{counts}; FOLDER holds corpus.LANG.jsonl and queries.LANG.jsonl.", parts
    )


def _lead(found: Mapping[str, LanguageBench]) -> Iterator[str]:
    """Our nDCG@10 minus that of every other, and time as a ratio."""
    names = [name for name in next(iter(found.values())).ndcg if name != _OURS]
    yield f"{_OURS} beside each: nDCG@10 minus theirs (time divided by theirs)."
    yield markdown_table(
        ["beside", *found],
        [
            [
                name,
                *(
                    f"{b.ndcg[_OURS] - b.ndcg[name]:+.3f} ({b.median_ms[_OURS] / max(b.median_ms[name], 1e-9):.1f} ×)"
                    for b in found.values()
                ),
            ]
            for name in names
        ],
    )


def _only_where_measured(found: Mapping[str, LanguageBench]) -> Iterator[str]:
    for bench in found.values():
        if bench.segmentation:
            yield "## How Japanese is cut for lexical search"
            yield "BM25 alone, everything else equal. A segmenter is measured where the package janome is installed."
            yield markdown_table(
                ["nDCG@10", "ja"], [[name, f"{value:.3f}"] for name, value in bench.segmentation.items()]
            )
    tried = {language: bench for language, bench in found.items() if bench.trials}
    if not tried:
        return
    yield "## What was tried"
    yield "All on the same candidates; z: each score brought to mean 0 and standard deviation 1 over them."
    yield markdown_table(["nDCG@10", *tried, "mean"], _rows({name: bench.trials for name, bench in tried.items()}))
    yield "## What fitting gains on queries that it has not seen"
    yield (
        "The one number fitted for each language is the weight of the lexical score beside late interaction. The last "
        "line chooses it without the queries that it is scored on; what the lines above have more, fitting overstates."
    )
    yield markdown_table(["nDCG@10", *tried, "mean"], _rows({name: bench.held_out for name, bench in tried.items()}))


def _rows(columns: Mapping[str, Mapping[str, float]]) -> list[list[str]]:
    return [
        [
            name,
            *(f"{values[name]:.4f}" for values in columns.values()),
            f"{statistics.fmean(values[name] for values in columns.values()):.4f}",
        ]
        for name in next(iter(columns.values()))
    ]


def run_retrieval_bench(command: str, data: Path, config: IndexConfig, *, with_trials: bool = False) -> str:
    """Everything that `eval bench retrieval` does; returns the page.

    Args:
        command: what was typed, for the page.
        data: folder with corpus.LANGUAGE.jsonl and queries.LANGUAGE.jsonl.
        config: settings of the index.
        with_trials: also score what was tried.

    Raises:
        UsageError: the folder has no pair of files, or a file cannot be read.
        RunError: the weights cannot be used.
    """
    from index.embedder import load_embedder

    embedder = load_embedder(config)
    found = bench_retrieval(data, embedder, config, with_trials=with_trials)
    pairs = bench_pairs(read_questions(default_questions()).questions, embedder, config)
    return retrieval_page(command, found, pairs)
