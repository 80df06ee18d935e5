"""`eval bench index`: how fast documents become an index, what it costs, and how fast a large one answers.

Ingestion stands beside the encoder alone on the same texts, as the library runs it and as we do, and beside
LlamaIndex's pipeline with the same encoder.
"""

import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from eval.bench import ratio, resident_mib, results_page
from eval.latency_bench import LatencyBench, latency_section
from eval.tables import markdown_table
from eval.vector_bench import SizeBench, Vectors, size_section
from index.config import IndexConfig
from index.embedder import Embedder

_ENCODER_GOAL, _UNCHANGED_GOAL = 0.90, 100.0
_LIBRARY = "SentenceTransformer.encode, the same texts"
_ROUNDS = 3  # the first one also loads libraries, and meets every length of text for the first time
_SAMPLE_S = 0.02
_MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Stage:
    """What one piece of work cost.

    Attributes:
        passages: how many it made or embedded.
        seconds, cpu_seconds: on the clock, and of all cores together, those of processes that it started included.
        peak_mib: most memory above what the program held before.
        disk_mib: what it left on disk.
    """

    name: str
    passages: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    disk_mib: float = 0.0


@dataclass(frozen=True, slots=True)
class IngestionBench:
    """What was measured; the vectors and texts of the passages serve the other benches."""

    characters: int
    documents: int
    library: Stage
    encoder: Stage
    build: Stage
    unchanged: Stage
    stock: Stage
    stock_unchanged: Stage
    vectors: Vectors
    texts: Sequence[str]


def bench_ingestion(sources: Sequence[Path], embedder: Embedder, config: IndexConfig) -> IngestionBench:
    """Index documents, embed the same texts alone, index again unchanged, and do the same with LlamaIndex.

    Args:
        sources: files or folders.
        embedder: embeds for all.
        config: settings of the index.

    Raises:
        UsageError: there are no documents.
        RunError: the disk is full.
    """
    with tempfile.TemporaryDirectory(prefix="bench-index-") as name:
        rounds = [_round(sources, Path(name, str(number)), embedder, config) for number in range(_ROUNDS)]
        first = Path(name, "0", "shoko")
        documents, texts = indexed_texts(first), embedding_texts(first, embedder, config)
        characters = sum(len(text) for _, _, text in documents)
    library, encoder, built, unchanged, stock, again = (
        _fastest(stages) for stages in zip(*(stages for stages, _ in rounds), strict=True)
    )
    return IngestionBench(
        characters, len(documents), library, encoder, built, unchanged, stock, again, rounds[-1][1], texts
    )


def _round(
    sources: Sequence[Path], folder: Path, embedder: Embedder, config: IndexConfig
) -> tuple[tuple[Stage, ...], Vectors]:
    """Measure every stage once, as IngestionBench has them; with the vectors of the passages."""
    from eval.llama_index_pipeline import StockIngestion
    from index.build import build

    ours, theirs = folder / "shoko", folder / "llama-index"
    built = _measured("index build", lambda: build(sources, ours, embedder, config).passages, ours)
    texts = embedding_texts(ours, embedder, config)
    kept: list[Vectors] = []
    by_itself = getattr(embedder, "embed_as_library", embedder.embed_passages)
    library = _measured(_LIBRARY, lambda: len(by_itself(texts)))
    encoder = _measured("our encoder alone, the same texts", lambda: _embed(embedder, texts, kept))
    unchanged = _measured("index build, nothing changed", lambda: build(sources, ours, embedder, config).passages)
    stock = StockIngestion(indexed_texts(ours), embedder)
    stock_built = _measured("LlamaIndex IngestionPipeline", lambda: stock.build(theirs), theirs)
    again = _measured("LlamaIndex, nothing changed", stock.again)
    return (library, encoder, built, unchanged, stock_built, again), kept[0]


def _fastest(measured: Sequence[Stage]) -> Stage:
    """The fastest of the rounds; memory is that of the round that needed most, where it was not held already."""
    return replace(min(measured, key=lambda stage: stage.seconds), peak_mib=max(one.peak_mib for one in measured))


def indexed_texts(folder: Path) -> list[tuple[str, str, str]]:
    """Id, title and text of every document of an index.

    Raises:
        UsageError: there is no index.
    """
    from index.database import connect
    from index.lookup import read_document, summaries

    with closing(connect(folder)) as connection:
        read = [read_document(connection, one.document_id) for one in summaries(connection)]
    return [(document.document_id, document.title, document.text) for document in read]


def embedding_texts(folder: Path, embedder: Embedder, config: IndexConfig) -> list[str]:
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


def index_page(
    command: str,
    found: IngestionBench,
    embedder: Embedder,
    latency: LatencyBench | None = None,
    sizes: Sequence[SizeBench] = (),
) -> str:
    """The page for eval/results."""
    about = (
        f"{found.documents} documents, {found.characters:,} characters, {found.build.passages} passages of ours and "
        f"{found.stock.passages} of LlamaIndex; {embedder.name.split('@')[0]}."
    )
    stages = (found.library, found.encoder, found.build, found.stock, found.unchanged, found.stock_unchanged)
    rows = [
        [
            stage.name,
            f"{stage.seconds:.2f}" if stage.seconds >= 1 else f"{stage.seconds:.4f}",
            f"{stage.cpu_seconds:.2f}",
            f"{found.characters / stage.seconds / 1000:,.1f}",
            f"{found.build.passages / stage.seconds:,.1f}" if "LlamaIndex" not in stage.name else "–",
            f"{stage.peak_mib:.0f}",
            f"{stage.disk_mib:.1f}" if stage.disk_mib else "–",
        ]
        for stage in stages
    ]
    library, encoder, build, stock = found.library, found.encoder, found.build, found.stock
    goal = f"≥ {_ENCODER_GOAL:.2f}"
    ratios = [
        ["throughput, index build / SentenceTransformer.encode", ratio(library.seconds, build.seconds), goal],
        ["throughput, index build / our encoder alone", ratio(encoder.seconds, build.seconds), goal],
        ["the same by processor time", ratio(encoder.cpu_seconds, build.cpu_seconds), ""],
        ["first build / nothing changed", ratio(build.seconds, found.unchanged.seconds), f"≥ {_UNCHANGED_GOAL:.0f}"],
        ["throughput, index build / LlamaIndex", ratio(stock.seconds, build.seconds), ""],
        ["disk, index build / LlamaIndex", ratio(build.disk_mib, stock.disk_mib), ""],
    ]
    parts = [
        "## Documents into an index",
        markdown_table(
            [
                "work", "seconds", "processor seconds", "1,000 characters a second", "passages a second",
                "peak memory, MiB", "disk, MiB",
            ],
            rows,
        ),
        f"All in one process, with the models loaded; the fastest of {_ROUNDS} rounds. Peak memory: what was added "
        "while it worked, without the models; index build came first, and what it gave back is not counted again for "
        "the others. Our index holds documents, words for BM25, vectors, and token vectors for the second look; "
        "LlamaIndex's holds documents and vectors. Where nothing changed, LlamaIndex is given documents in memory, and "
        "index build reads the files. Its passages are longer than most encoders read, so it embeds less of long "
        "documents. SentenceTransformer.encode runs as it comes, in the precision that was chosen for this machine; "
        "our encoder sorts more texts by length, and runs batches side by side.",
        markdown_table(["ratio", "value", "goal"], ratios),
        *(latency_section(latency) if latency else ()),
        *(size_section(sizes) if sizes else ()),
    ]  # fmt: skip
    return results_page("Indexing", command, about, parts)


def _embed(embedder: Embedder, texts: Sequence[str], kept: list[Vectors]) -> int:
    kept.append(embedder.embed_passages(texts))
    return len(texts)


def _measured(name: str, work: Callable[[], int], folder: Path | None = None) -> Stage:
    before_mib, clock, cpu = resident_mib(), time.perf_counter(), _cpu_seconds()
    with _peak_mib() as peak:
        passages = work()
        seconds, cpu_seconds = time.perf_counter() - clock, _cpu_seconds() - cpu
    disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / _MIB if folder else 0.0
    return Stage(name, passages, seconds, cpu_seconds, max(0.0, max(peak) - before_mib), disk)


def _cpu_seconds() -> float:
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@contextmanager
def _peak_mib() -> Iterator[list[float]]:
    """Samples of the resident memory while the block runs, in a list that grows."""
    samples = [resident_mib()]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_SAMPLE_S):
            samples.append(resident_mib())

    thread = threading.Thread(target=watch, name="memory watch", daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()
        samples.append(resident_mib())
