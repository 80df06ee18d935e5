"""Estimates with 95 % intervals from the cluster bootstrap.

Questions about the same documents are right or wrong together, so whole clusters are drawn, not questions (Davison and
Hinkley, "Bootstrap Methods and Their Application", 1997, section 3.8). Intervals are percentiles of the resampled
values. Where every value of a share is 0, or every one is 1, resampling shows no spread; the exact binomial bound over
the clusters (Clopper and Pearson 1934) is given instead. The random numbers depend on the seed and on the name of what
is estimated, not on the order of the work.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SEED = 20240419
RESAMPLES = 2000
LEVEL = 0.95
_ALL_SWAPS = 4096
_RANDOM_SWAPS = 10_000
_ROUNDING = 1e-9

Statistic = Literal["mean", "median", "p90"]
_QUANTILES = {"median": 0.5, "p90": 0.9}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval.

    Attributes:
        value: mean, median or 90th percentile of the scored values; None where nothing was scored.
        low, high: ends of the 95 % interval; None where fewer than two clusters were scored.
        n: how many values were scored.
        clusters: how many clusters they fall into.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    clusters: int

    def __str__(self) -> str:
        if self.value is None:
            return "-"
        if self.low is None or self.high is None:
            return f"{self.value:.3f} (n {self.n})"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}] (n {self.n})"


def estimate(
    values: Sequence[float],
    clusters: Sequence[str],
    *,
    name: str,
    statistic: Statistic = "mean",
    share: bool = False,
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Estimate a statistic of values with its interval.

    Args:
        values: one per scored question.
        clusters: the cluster of each, in the same order.
        name: what is estimated; decides the random numbers together with the seed.
        statistic: what is taken of the values.
        share: whether the values lie between 0 and 1, so that the exact bound is used where all are 0 or all are 1.
        seed: of the random numbers.
        resamples: how many samples of clusters are drawn.
    """
    if not values:
        return Estimate(None, None, None, 0, 0)
    numbers = np.asarray(values, dtype=np.float64)
    names, member = np.unique(np.asarray(clusters, dtype=object), return_inverse=True)
    count = len(names)
    value = statistic_of(numbers, statistic)
    if count < 2:
        return Estimate(value, None, None, len(values), count)
    if share and value in (0.0, 1.0) and bool(np.all(numbers == value)):
        low, high = _exact_bound(value, count)
        return Estimate(value, low, high, len(values), count)
    drawn = draw_clusters(count, name=name, seed=seed, resamples=resamples)
    sampled = _resampled(numbers, member, drawn, statistic)
    low, high = _ends(sampled)
    return Estimate(value, low, high, len(values), count)


def statistic_of(numbers: NDArray[np.float64], statistic: Statistic) -> float:
    """The statistic of at least one number."""
    if statistic == "mean":
        return float(np.mean(numbers))
    return float(np.quantile(numbers, _QUANTILES[statistic]))


def sign_flip_p(differences: Sequence[float], clusters: Sequence[str], *, name: str, seed: int = SEED) -> float:
    """How often chance alone gives a mean difference at least as far from 0: a two-sided paired randomisation test.

    Under the hypothesis of no difference the two systems could be swapped in each cluster (Smucker, Allan and
    Carterette, CIKM 2007). All swaps are tried where there are at most 4,096, else 10,000 random ones.
    """
    names, member = np.unique(np.asarray(clusters, dtype=object), return_inverse=True)
    sums = np.bincount(member, weights=np.asarray(differences, dtype=np.float64), minlength=len(names))
    sums = sums[sums != 0]
    count = len(sums)
    if 2**count <= _ALL_SWAPS:
        signs = 1 - 2 * ((np.arange(2**count)[:, None] >> np.arange(count)) & 1)
        swapped = np.abs(signs @ sums)
        return float(np.mean(swapped >= abs(sums.sum()) - _ROUNDING))
    generator = np.random.default_rng([seed, zlib.crc32(name.encode())])
    signs = 1 - 2 * generator.integers(0, 2, size=(_RANDOM_SWAPS, count))
    swapped = np.abs(signs @ sums)
    return float((1 + np.sum(swapped >= abs(sums.sum()) - _ROUNDING)) / (1 + _RANDOM_SWAPS))


def draw_clusters(count: int, *, name: str, seed: int, resamples: int) -> NDArray[np.int64]:
    """How often each cluster is drawn in each sample: shape (resamples, count), each row sums to `count`."""
    generator = np.random.default_rng([seed, zlib.crc32(name.encode())])
    return generator.multinomial(count, np.full(count, 1.0 / count), size=resamples).astype(np.int64)


def _resampled(
    numbers: NDArray[np.float64], member: NDArray[np.intp], drawn: NDArray[np.int64], statistic: Statistic
) -> NDArray[np.float64]:
    if statistic != "mean":
        return _resampled_quantile(numbers, drawn[:, member], _QUANTILES[statistic])
    count = drawn.shape[1]
    sums = np.bincount(member, weights=numbers, minlength=count)
    sizes = np.bincount(member, minlength=count)
    return np.asarray((drawn @ sums) / (drawn @ sizes), dtype=np.float64)


def _resampled_quantile(numbers: NDArray[np.float64], times: NDArray[np.int64], quantile: float) -> NDArray[np.float64]:
    """The quantile of each sample, as numpy interpolates it, without writing the samples out."""
    order = np.argsort(numbers)
    ordered, reached = numbers[order], np.cumsum(times[:, order], axis=1)
    place = quantile * (reached[:, -1] - 1)  # counted from 0 among the numbers of the sample
    below, above = (np.sum(reached <= end[:, None], axis=1) for end in (np.floor(place), np.ceil(place)))
    share = place - np.floor(place)
    return np.asarray(ordered[below] * (1 - share) + ordered[above] * share)


def _exact_bound(value: float, count: int) -> tuple[float, float]:
    """The Clopper-Pearson interval for 0 of n or n of n: (α/2)^(1/n) is as far as the truth may lie from it."""
    reach = float(((1 - LEVEL) / 2) ** (1 / count))
    return (0.0, 1.0 - reach) if value == 0.0 else (reach, 1.0)


def estimate_ratio(
    counts: NDArray[np.float64],
    clusters: Sequence[str],
    compute: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    name: str,
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Estimate what is computed from counts, such as precision, with its interval.

    Args:
        counts: what each item adds to each count, shape (items, kinds of counts).
        clusters: the cluster of each item.
        compute: sums of counts, shape (samples, kinds) → values, shape (samples,); NaN where one is not defined.
        name: see `estimate`.
        seed: see `estimate`.
        resamples: see `estimate`.
    """
    if not len(counts):
        return Estimate(None, None, None, 0, 0)
    names, member = np.unique(np.asarray(clusters, dtype=object), return_inverse=True)
    value = float(compute(counts.sum(axis=0, keepdims=True))[0])
    if np.isnan(value):
        return Estimate(None, None, None, len(counts), len(names))
    if len(names) < 2:
        return Estimate(value, None, None, len(counts), len(names))
    drawn = draw_clusters(len(names), name=name, seed=seed, resamples=resamples)
    summed = np.zeros((len(names), counts.shape[1]))
    np.add.at(summed, member, counts)
    low, high = _ends(compute(drawn @ summed))
    return Estimate(value, low, high, len(counts), len(names))


def estimate_weighted(
    compute: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    clusters: Sequence[str],
    *,
    name: str,
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Estimate what is computed from items that are drawn several times, such as an area under a curve.

    Args:
        compute: how often each item is drawn, shape (samples, items) → values, shape (samples,); NaN where a sample
            has none of the items.
        clusters: the cluster of each item.
        name: see `estimate`.
        seed: see `estimate`.
        resamples: see `estimate`.
    """
    if not clusters:
        return Estimate(None, None, None, 0, 0)
    names, member = np.unique(np.asarray(clusters, dtype=object), return_inverse=True)
    value = float(compute(np.ones((1, len(clusters))))[0])
    if len(names) < 2:
        return Estimate(value, None, None, len(clusters), len(names))
    drawn = draw_clusters(len(names), name=name, seed=seed, resamples=resamples)
    low, high = _ends(compute(drawn[:, member].astype(np.float64)))
    return Estimate(value, low, high, len(clusters), len(names))


def _ends(sampled: NDArray[np.float64]) -> tuple[float, float]:
    """The interval that holds the middle 95 % of the sampled values; undefined ones do not count."""
    low, high = (float(end) for end in np.nanquantile(sampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    return low, high
