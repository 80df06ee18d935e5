"""`eval bench retrieval`: our retrieval beside its parts and beside LlamaIndex, on the same data in one run.

The data are a folder with `corpus.LANGUAGE.jsonl` ({doc_id, title, text}) and `queries.LANGUAGE.jsonl` (with
`relevant_doc_ids`), as `eval retrieval` reads them.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eval.json_lines import read_records
from eval.pair_bench import PairBench, bench_pairs, pair_section
from eval.provenance import machine, revision, versions
from eval.questions import default_questions, read_questions
from eval.ranking_measures import measure_run
from eval.retrieval import Query, read_queries
from eval.tables import markdown_table
from eval.vector_bench import SizeBench, bench_sizes
from index.config import IndexConfig
from index.embedder import Embedder
from index.errors import UsageError

if TYPE_CHECKING:
    from index.retriever import Retriever

Vectors = NDArray[np.float32]

_DEPTH = 10
_PASSAGES = 50  # fetched for ten documents, by every system
_LANGUAGES = ("en", "fr", "ja")


@dataclass(slots=True)
class LanguageBench:
    """What was measured in one language.

    Attributes:
        ndcg: system → nDCG@10.
        median_ms: system → time of one query, embedding included.
        seconds, cpu_seconds: what → time on the clock, and of all cores together.
        trials: trial → nDCG@10.
    """

    queries: int
    passages: int = 0
    ndcg: dict[str, float] = field(default_factory=dict)
    median_ms: dict[str, float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    trials: dict[str, float] = field(default_factory=dict)
    passage_vectors: Vectors = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    query_vectors: Vectors = field(default_factory=lambda: np.zeros((0, 0), np.float32))


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
            found[language] = _bench_language(corpus, queries, embedder, config, with_trials=with_trials)
    if not found:
        raise UsageError(f"{data} has no corpus.LANGUAGE.jsonl with its queries.LANGUAGE.jsonl (en, fr, ja)")
    return found


def _bench_language(
    corpus: Path, queries: Sequence[Query], embedder: Embedder, config: IndexConfig, *, with_trials: bool
) -> LanguageBench:
    from index.build import build
    from index.retriever import Retriever

    measured = LanguageBench(len(queries))
    with tempfile.TemporaryDirectory(prefix="bench-retrieval-") as name:
        folder = Path(name)
        with _timed(measured, "whole build"):
            measured.passages = build([corpus], folder, embedder, config).passages
        texts = _embedding_texts(folder, embedder, config)
        with _timed(measured, "encoder alone"):
            measured.passage_vectors = embedder.embed_passages(texts)
        measured.query_vectors = embedder.embed_queries([query.text for query in queries])
        with _timed(measured, "build with nothing changed"):
            build([corpus], folder, embedder, config)
        for label, late in (("Shoko", True), ("Shoko, first stage only", False)):
            with Retriever.open(folder, embedder, replace(config, late_interaction=late)) as retriever:
                _run(measured, label, queries, partial(_documents, retriever))
        if with_trials:
            from eval.retrieval_trials import make_pool, trials

            measured.trials = trials(make_pool(folder, texts, queries, embedder))
        from eval.llama_index_pipeline import llama_index_searches

        documents = [(str(r["doc_id"]), str(r.get("title", "")), str(r["text"])) for _, r in read_records(corpus)]
        for label, search in llama_index_searches(documents, embedder, _PASSAGES).items():
            _run(measured, label, queries, partial(_first, search))
    return measured


@contextmanager
def _timed(measured: LanguageBench, what: str) -> Iterator[None]:
    clock, cpu = time.perf_counter(), time.process_time()
    yield
    measured.seconds[what] = time.perf_counter() - clock
    measured.cpu_seconds[what] = time.process_time() - cpu


def _documents(retriever: "Retriever", query: Query) -> list[str]:
    hits = retriever.search(query.text, _PASSAGES, language=query.language)
    return list(dict.fromkeys(hit.passage.document_id for hit in hits))[:_DEPTH]


def _first(search: Callable[[str], list[str]], query: Query) -> list[str]:
    return search(query.text)[:_DEPTH]


def _run(measured: LanguageBench, label: str, queries: Sequence[Query], search: Callable[[Query], list[str]]) -> None:
    run, seconds = {}, []
    search(queries[0])
    for query in queries:
        began = time.perf_counter()
        run[query.id] = search(query)
        seconds.append(time.perf_counter() - began)
    scores = measure_run(run, {query.id: query.relevant for query in queries})
    measured.ndcg[label] = statistics.fmean(one["nDCG@10"] for one in scores.values())
    measured.median_ms[label] = 1000 * statistics.median(seconds)


def _embedding_texts(folder: Path, embedder: Embedder, config: IndexConfig) -> list[str]:
    """What was embedded for each passage of an index, in the order of the keys."""
    from index.database import connect
    from index.lookup import read_document, summaries
    from index.manifest import token_limit
    from index.passages import split_document

    limit = token_limit(embedder, config)
    with closing(connect(folder)) as connection:
        place = dict(connection.execute("SELECT passage_id, passage_key FROM passages"))
        drafts = [
            draft
            for one in summaries(connection)
            for draft in split_document(read_document(connection, one.document_id), embedder.count_tokens, limit)
        ]
    return [draft.embedding_text for draft in sorted(drafts, key=lambda draft: place[draft.passage.passage_id])]


def bench_vectors(found: Mapping[str, LanguageBench], sizes: Sequence[int]) -> list[SizeBench]:
    """Measure dense search alone at several sizes, with the vectors of a retrieval bench."""
    return bench_sizes(
        np.concatenate([bench.passage_vectors for bench in found.values()]),
        np.concatenate([bench.query_vectors for bench in found.values()]),
        sizes,
    )


def retrieval_page(
    command: str,
    found: Mapping[str, LanguageBench],
    sizes: Sequence[SizeBench] = (),
    pairs: Mapping[str, Sequence[PairBench]] | None = None,
) -> str:
    """The whole page for eval/results: command, machine, versions, tables."""
    there = machine()
    languages = list(found)
    counts = ", ".join(f"{one}: {bench.queries} queries on {bench.passages} passages" for one, bench in found.items())
    parts = [
        "# Retrieval",
        f"    {command}",
        f"{counts}. {there['processor']}, {there['cores']} cores, {there['memory_gib']} GiB. Revision "
        f"{revision() or 'unknown'}; {', '.join(f'{name} {version}' for name, version in versions().items())}.",
        "## Beside LlamaIndex, on the same data with the same embedder in one run",
        markdown_table(
            ["nDCG@10 (median time of a query, ms)", *languages],
            [
                [name, *(f"{found[one].ndcg[name]:.3f} ({found[one].median_ms[name]:.1f})" for one in languages)]
                for name in found[languages[0]].ndcg
            ],
        ),
        "## Indexing",
        markdown_table(
            ["passages a second (a second of one core)", *languages],
            [
                [
                    name,
                    *(
                        f"{bench.passages / bench.seconds[name]:.1f} ({bench.passages / bench.cpu_seconds[name]:.1f})"
                        for bench in found.values()
                    ),
                ]
                for name in found[languages[0]].seconds
            ],
        ),
    ]
    if pairs:
        parts += pair_section(pairs)
    if sizes:
        parts += [
            "## Dense search by size",
            "Real passages and synthetic ones that cluster like them; the index is the one chosen for the size.",
            markdown_table(
                [
                    "passages", "index", "recall@10", "of the ten in 100", "median ms", "p99 ms", "exact ms",
                    "build s", "file MiB", "add one ms",
                ],
                [
                    [
                        f"{one.size:,}", one.kind, f"{one.recall_at_10:.3f}", f"{one.recall_in_100:.3f}",
                        f"{one.median_ms:.2f}", f"{one.p99_ms:.2f}", f"{one.exact_ms:.1f}", f"{one.build_s:.1f}",
                        f"{one.file_mib:.0f}", f"{one.add_one_ms:.2f}",
                    ]
                    for one in sizes
                ],
            ),
        ]  # fmt: skip
    if any(bench.trials for bench in found.values()):
        parts += [
            "## What was tried",
            "All on the same candidates; z: each score brought to mean 0 and standard deviation 1 over them.",
            markdown_table(
                ["nDCG@10", *languages, "mean"],
                [
                    [
                        name,
                        *(f"{found[one].trials[name]:.4f}" for one in languages),
                        f"{statistics.fmean(found[one].trials[name] for one in languages):.4f}",
                    ]
                    for name in found[languages[0]].trials
                ],
            ),
        ]
    return "\n\n".join(parts) + "\n"


def run_retrieval_bench(
    command: str, data: Path, config: IndexConfig, *, sizes: Sequence[int] = (), with_trials: bool = False
) -> str:
    """Everything that `eval bench retrieval` does; returns the page.

    Args:
        command: what was typed, for the page.
        data: folder with corpus.LANGUAGE.jsonl and queries.LANGUAGE.jsonl.
        config: settings of the index.
        sizes: also measure dense search alone at these sizes.
        with_trials: also score what was tried.

    Raises:
        UsageError: the folder has no pair of files, or a file cannot be read.
        RunError: the weights cannot be used.
    """
    from index.embedder import load_embedder

    embedder = load_embedder(config)
    known = read_questions(default_questions()).questions
    pairs = bench_pairs([question for question in known if question.split == "dev"], embedder, config)
    found = bench_retrieval(data, embedder, config, with_trials=with_trials)
    return retrieval_page(command, found, bench_vectors(found, sizes) if sizes else (), pairs)
