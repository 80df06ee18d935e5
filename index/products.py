"""Matrix products small enough for one thread.

BLAS shares larger products between threads, and a thread waits long for another where the cores are busy. OpenBLAS
keeps a product of 2¹⁸ multiplications or fewer to one thread (`SMP_THRESHOLD_MIN` × `GEMM_MULTITHREAD_THRESHOLD` in
its interface/gemm.c).
"""

import numpy as np
from numpy.typing import NDArray

_ONE_THREAD_PRODUCTS = 250_000


def rows_at_once(columns: NDArray[np.float32]) -> int:
    """How many rows may be multiplied at once with columns (others, dimension), on one thread; at least one."""
    return max(1, _ONE_THREAD_PRODUCTS // max(columns.size, 1))


def pairwise_products(rows: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """The inner product of every row (rows, dimension) with every other (others, dimension); shape (rows, others)."""
    found = np.empty((len(rows), len(others)), np.float32)
    step = rows_at_once(others)
    for at in range(0, len(rows), step):
        np.matmul(rows[at : at + step], others.T, out=found[at : at + step])
    return found
