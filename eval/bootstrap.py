"""Estimates with 95 % intervals from the cluster bootstrap.

Questions about the same documents are right or wrong together, so whole clusters are drawn, not questions (Davison and
Hinkley, "Bootstrap Methods and Their Application", 1997, section 3.8). Intervals are percentiles of the resampled
values. Where every value is 0, or every value is 1, resampling shows no spread; the exact binomial bound over the
clusters (Clopper and Pearson 1934) is given instead. The stream of random numbers depends on the seed and on the name of
what is estimated, not on the order of the work.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SEED = 20240419
RESAMPLES = 2000
LEVEL = 0.95

Statistic = Literal["mean", "median", "p90"]


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
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Estimate a statistic of values with its interval.

    Args:
        values: one per scored question.
        clusters: the cluster of each, in the same order.
        name: what is estimated; decides the random numbers together with the seed.
        statistic: what is taken of the values.
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
    if statistic == "mean" and value in (0.0, 1.0) and bool(np.all(numbers == value)):
        low, high = _exact_bound(value, count)
        return Estimate(value, low, high, len(values), count)
    drawn = draw_clusters(count, name=name, seed=seed, resamples=resamples)
    sampled = _resampled(numbers, member, drawn, statistic)
    low, high = (float(end) for end in np.quantile(sampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    return Estimate(value, low, high, len(values), count)


def statistic_of(numbers: NDArray[np.float64], statistic: Statistic) -> float:
    """The statistic of at least one number."""
    if statistic == "mean":
        return float(np.mean(numbers))
    return float(np.quantile(numbers, 0.5 if statistic == "median" else 0.9))


def draw_clusters(count: int, *, name: str, seed: int, resamples: int) -> NDArray[np.int64]:
    """How often each cluster is drawn in each sample: shape (resamples, count), each row sums to `count`."""
    generator = np.random.default_rng([seed, zlib.crc32(name.encode())])
    return generator.multinomial(count, np.full(count, 1.0 / count), size=resamples).astype(np.int64)


def _resampled(
    numbers: NDArray[np.float64], member: NDArray[np.intp], drawn: NDArray[np.int64], statistic: Statistic
) -> NDArray[np.float64]:
    if statistic != "mean":
        times = drawn[:, member]
        return np.asarray([statistic_of(np.repeat(numbers, row), statistic) for row in times])
    count = drawn.shape[1]
    sums = np.bincount(member, weights=numbers, minlength=count)
    sizes = np.bincount(member, minlength=count)
    return np.asarray((drawn @ sums) / (drawn @ sizes), dtype=np.float64)


def _exact_bound(value: float, count: int) -> tuple[float, float]:
    """The Clopper-Pearson interval for 0 of n or n of n: (α/2)^(1/n) is as far as the truth may lie from it."""
    reach = float(((1 - LEVEL) / 2) ** (1 / count))
    return (0.0, 1.0 - reach) if value == 0.0 else (reach, 1.0)
