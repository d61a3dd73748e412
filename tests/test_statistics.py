"""The statistical methods against published worked examples and independent formulas."""

import itertools
import math
import time
from fractions import Fraction

import numpy as np
import pytest
from example_tables import cohort, design
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from analysis.compute import compute
from analysis.core.statistics import (
    NotEstimable,
    clopper_pearson,
    geometric_mean,
    geometric_prediction_interval,
    geometric_t_interval,
    hodges_lehmann,
    jeffreys,
    largest,
    lognormal_mle,
    mean,
    mid_p,
    prediction_interval,
    quantile,
    sd,
    smallest,
    t_interval,
    wilcoxon_exact_p,
    wilcoxon_p,
)

MPG = [21, 21, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 32.4, 30.4,
       33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26, 30.4, 15.8, 19.7, 15, 21.4]  # fmt: skip
"""Miles per gallon in R's data set mtcars."""
DEPRESSION = (
    [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30],
    [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29],
)
"""Hollander and Wolfe 1973, page 29: Hamilton depression scale factor at two visits (example of R's wilcox.test)."""
SLEEP = (
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
)
"""R's data set sleep: Student 1908, extra hours under two drugs."""
SMALL = st.lists(st.integers(-50, 50), min_size=1, max_size=9)
POSITIVE = st.lists(st.integers(1, 5000), min_size=3, max_size=12, unique=True)


def decimals(values):
    return [Fraction(str(value)) for value in values]


def differences(pair):
    return [float(b - a) for a, b in zip(*map(decimals, pair), strict=True)]


# --- proportions --------------------------------------------------------------------------------------------


def test_clopper_pearson_of_r_binom_test():
    """binom.test(682, 682 + 243), Mendelian inheritance: Conover 1971, page 97."""
    assert clopper_pearson(682, 925) == pytest.approx((70.76683, 76.54066), abs=5e-6)


def test_mid_p_of_r_stests():
    """The examples of ci_p_mid_p in the R package stests: 5 of 20, 10 of 30 and 15 of 40."""
    published = [(9.786008, 47.022380), (18.33232, 51.41852), (23.61295, 53.13953)]
    for responders, patients, limits in zip((5, 10, 15), (20, 30, 40), published, strict=True):
        assert mid_p(responders, patients) == pytest.approx(limits, abs=1e-3)  # its search stops there


def test_jeffreys_of_r_rsurveillance():
    """The examples of binom.jeffreys in the R package RSurveillance: 25, 10 and 50 of 200."""
    published = {25: (8.462743, 17.6126), 10: (2.599340, 8.687509), 50: (19.387268, 31.330266)}
    for responders, limits in published.items():
        assert jeffreys(responders, 200) == pytest.approx(limits, abs=5e-5)


def test_limits_of_a_proportion_where_nobody_or_everybody_responded():
    assert mid_p(0, 27) == pytest.approx((0, 100 - 100 * 0.05 ** (1 / 27)))
    for method in (mid_p, jeffreys):
        assert method(0, 27)[0] == 0 and method(27, 27)[1] == 100
        assert method(27, 27)[0] == pytest.approx(100 - method(0, 27)[1])


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_mid_p_and_jeffreys_lie_within_the_exact_interval(counts):
    low, high = clopper_pearson(*counts)
    for method in (mid_p, jeffreys):
        found = method(*counts)
        assert low - 1e-9 <= found[0] <= 100 * counts[0] / counts[1] <= found[1] <= high + 1e-9


def test_none_of_27_has_an_upper_limit_of_12_8_percent():
    low, high = clopper_pearson(0, 27)
    assert low == 0
    assert high == pytest.approx(100 * (1 - 0.025 ** (1 / 27)), abs=1e-10)
    assert round(high, 1) == 12.8


@pytest.mark.parametrize("patients", [1, 2, 5, 12])
def test_clopper_pearson_is_where_an_exact_tail_is_two_and_a_half_percent(patients):
    for responders in range(patients + 1):
        low, high = clopper_pearson(responders, patients)
        assert low == pytest.approx(100 * _tail_at(patients, range(responders, patients + 1)), abs=1e-8)
        assert high == pytest.approx(
            100 - 100 * _tail_at(patients, range(patients - responders, patients + 1)), abs=1e-8
        )
        assert low <= 100 * responders / patients <= high


def _tail_at(patients: int, outcomes: range) -> float:
    """The share p at which these outcomes (the upper tail) have a probability of 1/40, by bisection in exact
    fractions.
    """
    low, high = 0, 2**40
    if 0 in outcomes:
        return 0.0
    while high - low > 1:
        middle = (low + high) // 2
        p = Fraction(middle, 2**40)
        tail = sum(math.comb(patients, k) * p**k * (1 - p) ** (patients - k) for k in outcomes)
        low, high = (middle, high) if tail < Fraction(1, 40) else (low, middle)
    return low / 2**40


# --- description --------------------------------------------------------------------------------------------


def test_summary_of_r_mtcars():
    """summary(mtcars$mpg): 10.40, 15.43, 19.20, 20.09, 22.80, 33.90; sd 6.026948."""
    assert [quantile(MPG, q) for q in (0, 0.25, 0.5, 0.75, 1)] == pytest.approx([10.4, 15.425, 19.2, 22.8, 33.9])
    assert mean(MPG) == pytest.approx(20.09062, abs=5e-6)
    assert sd(MPG) == pytest.approx(6.026948, abs=5e-7)
    assert (smallest(MPG), largest(MPG)) == (10.4, 33.9)


@given(SMALL, st.sampled_from([0.25, 0.5, 0.75]))
def test_quantile_is_of_type_7(values, q):
    ordered, place = sorted(values), Fraction(q) * (len(values) - 1)
    below, share = int(place), place - int(place)
    above = min(below + 1, len(values) - 1)
    assert quantile(values, q) == pytest.approx(float(ordered[below] + share * (ordered[above] - ordered[below])))


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=12))
def test_mean_and_sd_by_exact_fractions(tenths):
    exact = [Fraction(value, 10) for value in tenths]
    centre = sum(exact) / len(exact)
    variance = sum((value - centre) ** 2 for value in exact) / (len(exact) - 1)
    values = [value / 10 for value in tenths]
    assert mean(values) == pytest.approx(float(centre), abs=1e-12)
    assert sd(values) == pytest.approx(math.sqrt(variance), abs=1e-10)


def test_identical_decimals_have_no_spread_at_all():
    assert sd([0.1] * 3) == 0


def test_t_interval_of_r_sleep():
    """t.test(extra ~ group, paired): mean 1.58, 95 % interval 0.7001142 to 2.4598858."""
    assert mean(differences(SLEEP)) == pytest.approx(1.58)
    assert t_interval(differences(SLEEP)) == pytest.approx((0.7001142, 2.4598858), abs=5e-8)


# --- signed ranks -------------------------------------------------------------------------------------------


def test_signed_rank_of_hollander_and_wolfe():
    """V = 40, one-sided p = 0.01953 (10 of 512), two-sided 0.03906; pseudomedian of R's wilcox.test 0.46."""
    found = [-value for value in differences(DEPRESSION)]
    assert wilcoxon_p(found) == pytest.approx(20 / 512)
    assert hodges_lehmann(found) == pytest.approx(0.46)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=8).filter(any))
def test_wilcoxon_is_exact_in_small_samples_also_with_ties(values):
    ranks = _ranks([value for value in values if value])
    observed = sum(rank for rank, value in zip(ranks, [v for v in values if v], strict=True) if value > 0)
    sums = [
        sum(rank for rank, up in zip(ranks, ups, strict=True) if up)
        for ups in itertools.product((0, 1), repeat=len(ranks))
    ]
    below, above = (
        Fraction(sum(test), len(sums)) for test in ([s <= observed for s in sums], [s >= observed for s in sums])
    )
    assert wilcoxon_p(values) == pytest.approx(float(min(1, 2 * min(below, above))))


def test_wilcoxon_with_ties_in_a_larger_sample_is_the_normal_approximation():
    values = [3, -1, 2, 2, 5, 4, -2, 1, 6, 3, 3, 0, 7, 2, -1, 5, 4, 1]
    kept = [value for value in values if value]
    ranks = _ranks(kept)
    up, n = sum(rank for rank, value in zip(ranks, kept, strict=True) if value > 0), len(kept)
    groups = [ranks.count(rank) for rank in set(ranks)]
    variance = Fraction(n * (n + 1) * (2 * n + 1), 24) - sum(Fraction(t**3 - t, 48) for t in groups)
    z = float(up - Fraction(n * (n + 1), 4)) / math.sqrt(variance)
    assert wilcoxon_p(values) == pytest.approx(math.erfc(abs(z) / math.sqrt(2)))


def _ranks(values):
    """Average ranks of the absolute values, as fractions."""
    sizes = sorted(abs(value) for value in values)
    return [Fraction(2 * sizes.index(abs(v)) + sizes.count(abs(v)) + 1, 2) for v in values]


def test_binary_noise_does_not_break_ties():
    """0.3 - 0.1 and 0.7 - 0.5 are the same change; as raw floats they are not, and p moves."""
    pairs = [(0.1, 0.3), (0.5, 0.7), (0.7, 0.5), (2.0, 2.5), (3.0, 3.7), (1.1, 1.2), (4.3, 4.4), (9.0, 9.9), (6.0, 5.9)]
    raw = [after - before for before, after in pairs]
    exact = [float(Fraction(str(after)) - Fraction(str(before))) for before, after in pairs]
    assert len(set(map(abs, raw))) > len(set(map(abs, exact)))
    assert wilcoxon_p(raw) != wilcoxon_p(exact)
    results = compute(cohort([({"easi": before}, {"easi": after}) for before, after in pairs]), design())
    assert results["efficacy.easi_change.w26.paired.p_wilcoxon"].value == wilcoxon_p(exact)


@given(SMALL)
def test_hodges_lehmann_is_the_median_of_all_walsh_averages(values):
    averages = sorted(Fraction(a + b, 2) for a, b in itertools.combinations_with_replacement(values, 2))
    middle = len(averages) // 2
    median = averages[middle] if len(averages) % 2 else (averages[middle - 1] + averages[middle]) / 2
    assert hodges_lehmann(values) == float(median)


def test_signed_ranks_with_ties_of_r_exactranktests():
    """Two examples with zeros and ties on R-help (Grosse, 25 August 2006, data of Bortz, Lienert and Boehnke; Steele, 9 February
    2010): exactRankTests gives V = 13, p = 0.1367, and p = 0.771."""
    first = [9, 14, 8, 11, 14, 10, 8, 14, 12, 14, 13, 9, 15, 12, 9]
    second = [13, 15, 9, 12, 16, 10, 8, 13, 12, 16, 9, 10, 16, 12, 9]
    assert round(wilcoxon_exact_p([a - b for a, b in zip(first, second, strict=True)]), 4) == 0.1367
    scores = [136, 103, 91, 122, 96, 145, 140, 138, 126, 120, 99, 125, 91, 142, 119, 137]
    assert round(wilcoxon_exact_p([score - 119 for score in scores]), 3) == 0.771


@given(st.lists(st.integers(-30, 30), min_size=1, max_size=40, unique_by=abs).filter(any))
def test_signed_ranks_without_ties_are_scipys(values):
    kept = [value for value in values if value]
    assert wilcoxon_exact_p(values) == pytest.approx(stats.wilcoxon(kept, method="exact").pvalue, abs=1e-12)


@settings(deadline=None, max_examples=5)
@given(st.lists(st.integers(-4, 4), min_size=10, max_size=13).filter(any))
def test_thirteen_tied_values_need_no_permutations(values):
    started = time.process_time()
    found = wilcoxon_p(values)
    assert time.process_time() - started < 0.1
    assert found == pytest.approx(stats.wilcoxon(values).pvalue, abs=1e-12)


def test_signed_ranks_of_very_many_are_approximated():
    values = [1 + number % 7 - 3 * (number % 2) for number in range(400)]
    assert wilcoxon_exact_p(values) == wilcoxon_p(values)


# --- prediction ---------------------------------------------------------------------------------------------


def test_prediction_of_montgomery_and_runger():
    """Applied Statistics and Probability for Engineers, example 8-8: load at failure of 22 specimens of U-700, mean 13.71, standard
    deviation 3.55; the 95 % prediction interval of the next is 6.16 to 21.26."""
    loads = [19.8, 10.1, 14.9, 7.5, 15.4, 15.4, 15.4, 18.5, 7.9, 12.7, 11.9, 11.4, 11.4, 14.1, 17.6, 16.7, 15.8, 19.5, 8.8, 13.6,
             11.9, 11.4]  # fmt: skip
    assert (round(mean(loads), 2), round(sd(loads), 2)) == (13.71, 3.55)
    assert prediction_interval(loads) == pytest.approx((6.16, 21.26), abs=0.01)
    logs = geometric_prediction_interval([math.exp(load) for load in loads])
    assert np.log(logs) == pytest.approx(prediction_interval(loads))


# --- logarithms ---------------------------------------------------------------------------------------------


def test_geometric_mean_and_its_interval():
    assert geometric_mean([1, 10, 100]) == pytest.approx(10)
    half = stats.t.ppf(0.975, 2) * math.log(10) / math.sqrt(3)
    assert geometric_t_interval([1, 10, 100]) == pytest.approx((10 * math.exp(-half), 10 * math.exp(half)))


@settings(deadline=None, max_examples=40)
@given(POSITIVE)
def test_likelihood_without_censoring_is_students(values):
    assert lognormal_mle(values, values) == pytest.approx((geometric_mean(values), *geometric_t_interval(values)), rel=1e-9)


@settings(deadline=None, max_examples=25)
@given(POSITIVE, st.lists(st.tuples(st.integers(2, 3000), st.sampled_from("<>~")), min_size=1, max_size=8))
def test_censored_likelihood_against_a_second_implementation(values, limits):
    lower = values + [0 if sign == "<" else limit for limit, sign in limits]
    upper = values + [math.inf if sign == ">" else (1.5 * limit if sign == "~" else limit) for limit, sign in limits]
    found = lognormal_mle(lower, upper)

    def cost(at):
        centre, spread = at
        if spread <= 0:
            return math.inf
        total = stats.norm.logpdf(np.log(values), centre, spread).sum()
        for limit, sign in limits:
            edges = [math.log(limit), math.log(1.5 * limit)]
            if sign == "~":
                total += np.log(stats.norm.cdf(edges[1], centre, spread) - stats.norm.cdf(edges[0], centre, spread))
            else:
                total += (stats.norm.logcdf if sign == "<" else stats.norm.logsf)(edges[0], centre, spread)
        return -total

    everywhere = np.log([*values, *(limit for limit, _ in limits)])  # the values alone may lie close together, far from a limit
    start = (everywhere.mean(), everywhere.std())
    with np.errstate(divide="ignore"):
        at = optimize.minimize(
            cost, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 2000}
        ).x
        assert math.log(found[0]) == pytest.approx(at[0], abs=1e-5 * at[1])
        lowest, exact = cost(at), len(values)
        bound = exact / 2 * math.log1p(stats.t.ppf(0.975, exact - 1) ** 2 / (exact - 1))
        for limit in map(math.log, found[1:]):
            within = optimize.minimize_scalar(lambda log, limit=limit: cost((limit, math.exp(log))), options={"xtol": 1e-10})
            assert within.fun - lowest == pytest.approx(bound, rel=1e-4)


def test_likelihood_scales_with_the_unit_and_forgets_the_order():
    lower, upper = [10, 100, 40, 0, 500], [10, 100, 40, 20, math.inf]
    found = lognormal_mle(lower, upper)
    assert lognormal_mle([2.4 * v for v in lower], [2.4 * v for v in upper]) == pytest.approx(
        [2.4 * v for v in found], rel=1e-9
    )
    assert lognormal_mle(lower[::-1], upper[::-1]) == found


def test_likelihood_takes_limits_far_out_and_empty_knowledge():
    plain = lognormal_mle([10, 11, 12], [10, 11, 12])
    assert lognormal_mle([10, 11, 12, 0], [10, 11, 12, math.inf]) == pytest.approx(plain)
    assert lognormal_mle([10, 11, 12, 0], [10, 11, 12, 1e9]) == pytest.approx(plain)
    far = lognormal_mle([10, 11, 12, 1e6], [10, 11, 12, math.inf])
    assert plain[0] < far[0] < math.inf
    assert all(map(math.isfinite, far))


# --- what the data do not determine -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compute", "reason"),
    [
        (lambda: mean([]), "no values"),
        (lambda: sd([]), "no values"),
        (lambda: sd([1]), "needs at least 2 values, has 1"),
        (lambda: quantile([], 0.5), "no values"),
        (lambda: smallest([]), "no values"),
        (lambda: largest([]), "no values"),
        (lambda: t_interval([]), "no values"),
        (lambda: t_interval([1]), "needs at least 2 values, has 1"),
        (lambda: t_interval([0.1, 0.1, 0.1]), "all values are identical"),
        (lambda: clopper_pearson(0, 0), "no patients"),
        (lambda: wilcoxon_p([]), "no values"),
        (lambda: wilcoxon_p([0, 0]), "all differences are zero"),
        (lambda: wilcoxon_exact_p([0, 0]), "all differences are zero"),
        (lambda: mid_p(0, 0), "no patients"),
        (lambda: jeffreys(0, 0), "no patients"),
        (lambda: prediction_interval([1]), "needs at least 2 values, has 1"),
        (lambda: prediction_interval([1, 1]), "all values are identical"),
        (lambda: hodges_lehmann([]), "no values"),
        (lambda: geometric_mean([]), "no values"),
        (lambda: geometric_mean([1, 0]), "a value of 0 has no logarithm"),
        (lambda: geometric_t_interval([5]), "needs at least 2 values, has 1"),
        (lambda: geometric_t_interval([5, 5]), "all values are identical"),
        (lambda: lognormal_mle([], []), "no values"),
        (lambda: lognormal_mle([1, 2], [1, 2]), "needs at least three uncensored values that are not all the same"),
        (
            lambda: lognormal_mle([1, 1, 1], [1, 1, 1]),
            "needs at least three uncensored values that are not all the same",
        ),
        (lambda: lognormal_mle([0] * 9, [5] * 9), "needs at least three uncensored values that are not all the same"),
        (lambda: lognormal_mle([0, 1, 2], [0, 1, 2]), "a value of 0 has no logarithm"),
    ],
)
def test_not_estimable_says_why(compute, reason):
    with pytest.raises(NotEstimable) as problem:
        compute()
    assert str(problem.value) == reason
