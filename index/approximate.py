"""The FAISS index for a number of passages: exact up to a hundred thousand, an inverted file above.

Measured (`eval/results/retrieval.md`): exact search takes .6 ms at 10⁴ vectors, 16 ms at 10⁵ and 160 ms at 10⁶. An
inverted file with one byte a number (Jégou, Douze, Schmid 2011, "Product Quantization for Nearest Neighbor Search")
takes 2 ms at 10⁶. HNSW is no faster at the same recall, takes many times longer to build and cannot remove. The true
cosines of what is found come from the database, so quantisation costs candidates only. The file is read into memory:
mapped, it opens in no time, but each search takes twice as long. The only importer of faiss.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

EXACT_UP_TO = 100_000
_LISTS_PER_ROOT = 4  # lists: 4 √n
_SAMPLES_PER_LIST = 40
_LEAST_PER_LIST = 8
_TRAINING_ROUNDS = 10
_SHARE_PROBED = 64  # one list in so many
_LEAST_PROBED = 64
_STALE_GROWTH = 4  # a file trained for n passages serves up to 4 n


def is_exact(index: Any) -> bool:  # noqa: ANN401  (the library is untyped)
    """Tell whether an index holds the vectors themselves."""
    return type(index).__name__ == "IndexIDMap2"


def suits(index: Any, count: int) -> bool:  # noqa: ANN401
    """Tell whether an index may go on to serve a number of passages."""
    if is_exact(index):
        return count <= EXACT_UP_TO
    lists: int = index.nlist
    return EXACT_UP_TO < count <= _STALE_GROWTH * (lists / _LISTS_PER_ROOT) ** 2


def empty_index(dimension: int, count: int, sample: NDArray[np.float32]) -> Any:  # noqa: ANN401
    """Make an index for a number of unit vectors, and train it where it needs that.

    Args:
        dimension: length of a vector.
        count: how many vectors it will hold.
        sample: vectors to train it with, shape (vectors, dimension); `sample_size` says how many.
    """
    import faiss

    if count <= EXACT_UP_TO:
        return faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    lists = _lists(count)
    index: Any = faiss.index_factory(dimension, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = _TRAINING_ROUNDS
    index.cp.seed = 1
    index.cp.min_points_per_centroid = 1
    index.train(np.ascontiguousarray(sample))
    index.nprobe = min(lists, max(_LEAST_PROBED, lists // _SHARE_PROBED))
    return index


def sample_size(count: int) -> int:
    """How many vectors an index for so many is trained with; 0 where it is exact."""
    return 0 if count <= EXACT_UP_TO else min(count, _SAMPLES_PER_LIST * _lists(count))


def keys_of(index: Any) -> NDArray[np.int64]:  # noqa: ANN401
    """The keys of all vectors in an index, in order."""
    import faiss

    if is_exact(index):
        return np.sort(faiss.vector_to_array(index.id_map))
    lists = index.invlists
    found: Iterable[NDArray[np.int64]] = (
        faiss.rev_swig_ptr(lists.get_ids(number), lists.list_size(number)).copy()
        for number in range(index.nlist)
        if lists.list_size(number)
    )
    return np.sort(np.concatenate([np.zeros(0, np.int64), *found]))


def vectors_of(index: Any, keys: Sequence[int]) -> NDArray[np.float32]:  # noqa: ANN401
    """Give the vectors of an exact index by their keys, shape (keys, dimension).

    Raises:
        RuntimeError: FAISS: it has no such key.
    """
    found: NDArray[np.float32] = index.reconstruct_batch(np.array(keys, np.int64))
    return found


def read_index(file: Path) -> Any:  # noqa: ANN401
    """Read an index from its file; None where the file is damaged."""
    import faiss

    try:
        return faiss.read_index(str(file))
    except RuntimeError:
        return None


def index_bytes(index: Any) -> memoryview:  # noqa: ANN401
    """Give an index as it stands in its file."""
    import faiss

    content: memoryview = faiss.serialize_index(index).data
    return content


def search_index(
    index: Any,  # noqa: ANN401
    vector: NDArray[np.float32],
    count: int,
    allowed: NDArray[np.int64] | None,
) -> list[tuple[int, float]]:
    """Find the vectors nearest to one of shape (dimension,): (key, cosine), best first; of `allowed` keys if given."""
    import faiss

    faiss.omp_set_num_threads(1)  # a setting per thread; two threads make one query many times slower
    count = min(count, index.ntotal if allowed is None else len(allowed))
    if count == 0:
        return []
    settings: Any = None
    if allowed is not None:
        settings = faiss.SearchParameters() if is_exact(index) else faiss.SearchParametersIVF()
        settings.sel = faiss.IDSelectorBatch(allowed)
        if not is_exact(index):  # few passages may be allowed: then more lists are worth a look
            settings.nprobe = min(index.nlist, int(index.nprobe * index.ntotal / len(allowed)))
    scores, keys = index.search(np.ascontiguousarray(vector[None], dtype=np.float32), count, params=settings)
    return [(int(key), float(score)) for key, score in zip(keys[0], scores[0], strict=True) if key >= 0]


def _lists(count: int) -> int:
    return max(1, min(int(_LISTS_PER_ROOT * count**0.5), count // _LEAST_PER_LIST))
