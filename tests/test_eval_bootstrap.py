import numpy as np
import pytest

from eval.bootstrap import Estimate, draw_clusters, estimate, estimate_ratio, estimate_weighted, sign_flip_p


def test_two_clusters_of_which_one_is_right() -> None:
    # a resample holds the right cluster 0, 1 or 2 times with 1/4, 1/2, 1/4: the 95 % interval is all of it
    assert estimate([0, 1], ["a", "b"], name="x") == Estimate(0.5, 0.0, 1.0, 2, 2)


def test_interval_of_a_mean_is_near_the_normal_one() -> None:
    values = [1.0] * 50 + [0.0] * 50
    one = estimate(values, [str(place) for place in range(100)], name="x", resamples=4000)
    # standard error √(0.25 / 100) = 0.05, so 0.5 ± 1.96 × 0.05
    assert (one.low, one.high) == (pytest.approx(0.402, abs=0.011), pytest.approx(0.598, abs=0.011))


def test_repeating_every_question_in_its_cluster_adds_no_certainty() -> None:
    values = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0]
    clusters = list("abcdefgh")
    once = estimate(values, clusters, name="x")
    tenfold = estimate(values * 10, clusters * 10, name="x")
    apart = estimate(values * 10, [str(place) for place in range(80)], name="x")
    assert (once.low, once.high) == (tenfold.low, tenfold.high)
    assert apart.high - apart.low < (tenfold.high - tenfold.low) / 2


def test_nothing_wrong_in_n_clusters_has_an_exact_bound() -> None:
    # Clopper and Pearson: 0.025 ** (1 / 10) = 0.6915
    one = estimate([1.0] * 10, list("abcdefghij"), name="x", share=True)
    assert (one.value, one.low, one.high) == (1.0, pytest.approx(0.6915, abs=1e-4), 1.0)
    none = estimate([0.0] * 10, list("abcdefghij"), name="x", share=True)
    assert (none.low, none.high) == (0.0, pytest.approx(0.3085, abs=1e-4))


def test_differences_that_are_all_zero_have_no_spread() -> None:
    one = estimate([0.0] * 10, list("abcdefghij"), name="x")
    assert (one.low, one.high) == (0.0, 0.0)


def test_one_cluster_has_no_interval_and_no_value_no_estimate() -> None:
    assert estimate([1.0, 0.0], ["a", "a"], name="x") == Estimate(0.5, None, None, 2, 1)
    assert estimate([], [], name="x") == Estimate(None, None, None, 0, 0)


def test_medians_and_percentiles() -> None:
    values = [float(number) for number in range(1, 12)]
    clusters = [str(number) for number in range(11)]
    assert estimate(values, clusters, name="x", statistic="median").value == 6.0
    assert estimate(values, clusters, name="x", statistic="p90").value == 10.0
    middle = estimate(values, clusters, name="x", statistic="median", resamples=300)
    assert 1.0 <= middle.low < 6.0 < middle.high <= 11.0


@pytest.mark.parametrize(("statistic", "quantile"), [("median", 0.5), ("p90", 0.9)])
def test_resampled_quantiles_are_those_of_the_samples(statistic: str, quantile: float) -> None:
    values, clusters = [3.0, 1.0, 4.0, 1.5, 9.0, 2.6], list("aabbcd")
    one = estimate(values, clusters, name="x", statistic=statistic, resamples=40)
    members = np.array([0, 0, 1, 1, 2, 3])
    drawn = draw_clusters(4, name="x", seed=20240419, resamples=40)
    samples = [np.quantile(np.repeat(values, row[members]), quantile) for row in drawn]
    assert (one.low, one.high) == pytest.approx(tuple(np.quantile(samples, [0.025, 0.975])))


def test_random_numbers_depend_on_name_and_seed_and_on_nothing_else() -> None:
    first = draw_clusters(5, name="a", seed=1, resamples=20)
    assert (first == draw_clusters(5, name="a", seed=1, resamples=20)).all()
    assert (first != draw_clusters(5, name="b", seed=1, resamples=20)).any()
    assert (first != draw_clusters(5, name="a", seed=2, resamples=20)).any()
    assert (first.sum(axis=1) == 5).all()


@pytest.mark.parametrize(
    ("differences", "clusters", "p"),
    [
        pytest.param([1, 1, 1], ["a", "b", "c"], 2 / 8, id="three of three: 2 of 8 swaps are as far"),
        pytest.param([1, 1, 1], ["a", "a", "a"], 1.0, id="one cluster: both swaps are as far"),
        pytest.param([1, -1], ["a", "b"], 1.0, id="no difference"),
        pytest.param([0, 0, 0], ["a", "b", "c"], 1.0, id="nothing changed"),
        pytest.param([1] * 6, list("abcdef"), 2 / 64, id="six of six"),
        pytest.param([1, 1, 1, -1], list("abcd"), 10 / 16, id="three against one: sums ±4 (2) and ±2 (8) of 16"),
    ],
)
def test_randomisation_test(differences: list[float], clusters: list[str], p: float) -> None:
    assert sign_flip_p(differences, clusters, name="x") == pytest.approx(p)


def test_randomisation_test_with_many_clusters_draws_swaps() -> None:
    p = sign_flip_p([1.0] * 30, [str(place) for place in range(30)], name="x")
    assert p == pytest.approx(1 / 10_001)


def test_ratio_of_counts() -> None:
    counts = np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 1.0], [1.0, 1.0]])  # 3 of 4
    one = estimate_ratio(counts, list("abcd"), lambda sums: sums[:, 0] / sums[:, 1], name="x")
    assert (one.value, one.n, one.clusters) == (0.75, 4, 4)
    assert one.low < 0.75 < one.high


def test_ratio_that_is_not_defined_has_no_value() -> None:
    with np.errstate(invalid="ignore"):
        one = estimate_ratio(np.zeros((2, 2)), ["a", "b"], lambda sums: sums[:, 0] / sums[:, 1], name="x")
    assert one.value is None


def test_estimates_print_with_their_interval() -> None:
    assert str(Estimate(0.5, 0.25, 0.75, 8, 4)) == "0.500 [0.250, 0.750] (n 8)"
    assert str(Estimate(0.5, None, None, 2, 1)) == "0.500 (n 2)"
    assert str(Estimate(None, None, None, 0, 0)) == "-"


def test_what_is_computed_from_drawn_items_equals_the_same_on_written_out_samples() -> None:
    values, clusters = np.array([1.0, 2.0, 6.0]), ["a", "a", "b"]
    weighted = estimate_weighted(lambda times: times @ values / times.sum(axis=1), clusters, name="x", resamples=500)
    plain = estimate(values.tolist(), clusters, name="x", resamples=500)
    assert weighted == plain


def test_what_is_computed_from_one_cluster_has_no_interval() -> None:
    one = estimate_weighted(lambda times: times.sum(axis=1), ["a", "a"], name="x")
    assert (one.value, one.low, one.n, one.clusters) == (2.0, None, 2, 1)
    assert estimate_weighted(lambda times: times.sum(axis=1), [], name="x").value is None
