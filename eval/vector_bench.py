"""Dense search at sizes that no public collection here has: real vectors, and synthetic ones that cluster like them.

Synthetic vectors are topics around real passages with the covariance of real passages inside, about fifty to a topic.
Half of the queries are real, half are synthetic passages moved by the mean difference of queries and passages.
"""

import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.tables import markdown_table
from index.approximate import empty_index, is_exact, sample_size, search_index

Vectors = NDArray[np.float32]
_PER_TOPIC = 50
_SPREAD = 0.5  # nearer neighbours than real passages have, so that recall is harder
_QUERIES = 200
_BATCH = 50_000
_DEPTH = 10
_FETCHED = 100  # as the retriever asks


@dataclass(frozen=True, slots=True)
class SizeBench:
    """What was measured at one size.

    Attributes:
        recall: share of the exact ten nearest among the ten first, and among the hundred that are fetched.
    """

    size: int
    kind: str
    recall_at_10: float
    recall_in_100: float
    median_ms: float
    p99_ms: float
    exact_ms: float
    build_s: float
    file_mib: float
    add_one_ms: float


def bench_sizes(passages: Vectors, queries: Vectors, sizes: Sequence[int]) -> list[SizeBench]:
    """Measure the index that is chosen for each size.

    Args:
        passages: unit vectors of real passages, (passages, dimension).
        queries: unit vectors of real queries.
        sizes: how many passages; 10⁶ with 384 dimensions takes 3 GB of memory.
    """
    return [_bench(clustered(passages, size), passages, queries) for size in sizes]


def size_section(sizes: Sequence[SizeBench]) -> list[str]:
    """Heading and table for a page."""
    head = [
        "passages", "index", "recall@10", "of the ten in 100", "median ms", "p99 ms", "exact ms", "build s", "file MiB",
        "add one ms",
    ]  # fmt: skip
    rows = [
        [
            f"{one.size:,}", one.kind, f"{one.recall_at_10:.3f}", f"{one.recall_in_100:.3f}", f"{one.median_ms:.2f}",
            f"{one.p99_ms:.2f}", f"{one.exact_ms:.1f}", f"{one.build_s:.1f}", f"{one.file_mib:.0f}",
            f"{one.add_one_ms:.2f}",
        ]
        for one in sizes
    ]  # fmt: skip
    return [
        "## Dense search by size",
        "Real passages and synthetic ones that cluster like them; the index is the one chosen for the size.",
        markdown_table(head, rows),
    ]


def _bench(vectors: Vectors, passages: Vectors, queries: Vectors) -> SizeBench:
    import faiss

    asked = _queries(vectors, passages, queries)
    threads = faiss.omp_get_max_threads()
    exact = faiss.IndexFlatIP(vectors.shape[1])
    exact.add(vectors)
    _, truth = exact.search(asked, _DEPTH)
    faiss.omp_set_num_threads(1)
    began = time.perf_counter()
    exact.search(asked[:10], _DEPTH)
    exact_ms = (time.perf_counter() - began) * 100
    del exact
    faiss.omp_set_num_threads(threads)
    began = time.perf_counter()
    places = np.linspace(0, len(vectors) - 1, sample_size(len(vectors))).astype(int)
    index = empty_index(vectors.shape[1], len(vectors), vectors[places])
    for at in range(0, len(vectors), _BATCH):
        part = vectors[at : at + _BATCH]
        index.add_with_ids(part, np.arange(at, at + len(part)))
    build_s = time.perf_counter() - began
    seconds, first, fetched = [], [], []
    for vector, true in zip(asked, truth, strict=True):
        began = time.perf_counter()
        found = [key for key, _ in search_index(index, vector, _FETCHED, None)]
        seconds.append(time.perf_counter() - began)
        first.append(len(set(found[:_DEPTH]) & set(true.tolist())) / _DEPTH)
        fetched.append(len(set(found) & set(true.tolist())) / _DEPTH)
    with tempfile.NamedTemporaryFile(prefix="bench-vectors-") as file:
        faiss.write_index(index, file.name)
        size_mib = Path(file.name).stat().st_size / 2**20
    began = time.perf_counter()
    index.add_with_ids(vectors[:1], np.array([len(vectors)]))
    add_one_ms = (time.perf_counter() - began) * 1000
    milliseconds = sorted(1000 * one for one in seconds)
    kind = "exact" if is_exact(index) else f"inverted file, {index.nlist} lists, {index.nprobe} probed, 8 bits"
    return SizeBench(
        len(vectors), kind, statistics.fmean(first), statistics.fmean(fetched), statistics.median(milliseconds),
        milliseconds[int(0.99 * len(milliseconds))], exact_ms, build_s, size_mib, add_one_ms,
    )  # fmt: skip


def clustered(passages: Vectors, size: int, spread: float = _SPREAD) -> Vectors:
    """Unit vectors, (size, dimension): the real ones first, then others that cluster like them.

    Args:
        passages: the real ones.
        size: how many.
        spread: of a topic's centre around a passage, and of passages around the centre, in standard deviations.
    """
    random = np.random.default_rng(0)
    values, directions = np.linalg.eigh(np.cov((passages - passages.mean(axis=0)).T))
    shape = (directions * np.sqrt(np.maximum(values, 0))).astype(np.float32)
    dimension = passages.shape[1]

    def noise(count: int) -> Vectors:
        drawn = random.normal(size=(count, dimension)).astype(np.float32)
        return np.asarray(spread * drawn @ shape.T, np.float32)

    real = passages[:size]
    made = np.empty((size, dimension), np.float32)
    made[: len(real)] = real
    topics = size // _PER_TOPIC + 1
    centres = passages[random.integers(0, len(passages), topics)] + noise(topics)
    for at in range(len(real), size, _BATCH):
        count = min(_BATCH, size - at)
        made[at : at + count] = _unit(centres[random.integers(0, topics, count)] + noise(count))
    return made


def _queries(vectors: Vectors, passages: Vectors, queries: Vectors) -> Vectors:
    random = np.random.default_rng(1)
    real = queries[random.permutation(len(queries))[: _QUERIES // 2]]
    chosen = vectors[random.integers(0, len(vectors), _QUERIES - len(real))]
    moved = chosen + queries.mean(axis=0) - passages.mean(axis=0)
    return np.concatenate([real, _unit(moved + 0.012 * random.normal(size=moved.shape))]).astype(np.float32)


def _unit(vectors: NDArray[np.floating]) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
