"""The statistical methods of the report, each on plain sequences of numbers without missing values.

Whatever cannot be computed raises :class:`NotEstimable` with the reason in words; nothing returns NaN.
scipy takes a second to import, so the functions that need it import it: chapters that only draw do without.
"""

import math
from collections.abc import Sequence

import numpy as np

from analysis.core.sizes import MOST_EXACT

LEVEL = 0.95


class NotEstimable(ValueError):
    """The data do not determine the statistic; the message says why, in words for the reader."""


def _need(values: Sequence[float], at_least: int) -> np.ndarray:
    # Sorted, so that the order of the rows in a file does not change the last digit of a sum.
    array = np.sort(np.asarray(values, dtype=float))
    if len(array) < at_least:
        raise NotEstimable("no values" if not len(array) else f"needs at least {at_least} values, has {len(array)}")
    return array


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean; the sum is exact before it is rounded."""
    array = _need(values, 1)
    return math.fsum(array) / len(array)


def sd(values: Sequence[float]) -> float:
    """Sample standard deviation (n - 1 in the denominator)."""
    array = _need(values, 2)
    return float(array.std(ddof=1)) if np.ptp(array) else 0.0


def quantile(values: Sequence[float], q: float) -> float:
    """Quantile with linear interpolation: type 7 of Hyndman and Fan 1996, doi 10.1080/00031305.1996.10473566.

    >>> quantile([1, 2, 3, 4], 0.25)
    1.75
    """
    return float(np.quantile(_need(values, 1), q, method="linear"))


def smallest(values: Sequence[float]) -> float:
    return float(_need(values, 1).min())


def largest(values: Sequence[float]) -> float:
    return float(_need(values, 1).max())


def t_quantile(freedom: float) -> float:
    """Half the width of a 95 % interval in standard errors, by Student's t distribution with these degrees of freedom.

    >>> round(t_quantile(10), 3)
    2.228
    """
    from scipy import stats

    return float(stats.t.ppf((1 + LEVEL) / 2, freedom))


def t_interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % confidence interval of the mean, from Student's t distribution.

    Identical values have no spread to estimate from, so there is no interval.
    """
    from scipy import stats

    array = _need(values, 2)
    if np.ptp(array) == 0:
        raise NotEstimable("all values are identical")
    low, high = stats.t.interval(LEVEL, len(array) - 1, loc=array.mean(), scale=stats.sem(array))
    return float(low), float(high)


def clopper_pearson(responders: float, patients: float) -> tuple[float, float]:
    """Exact two-sided 95 % interval of a proportion, in percent. An effective sample may have broken numbers; then it is approximate.

    Source: Clopper and Pearson 1934, doi 10.1093/biomet/26.4.404.

    >>> [round(limit, 1) for limit in clopper_pearson(26, 27)]
    [81.0, 99.9]
    """
    from scipy import special

    if not patients:
        raise NotEstimable("no patients")
    tail, others = (1 - LEVEL) / 2, patients - responders
    low = special.betaincinv(responders, others + 1, tail) if responders else 0.0
    high = special.betaincinv(responders + 1, others, 1 - tail) if others else 1.0
    return 100 * float(low), 100 * float(high)


def mid_p(responders: int, patients: int) -> tuple[float, float]:
    """Mid-P two-sided 95 % interval of a proportion, in percent: each tail counts the observed number by half.

    Source: Berry and Armitage 1995, doi 10.2307/2348891.

    >>> [round(limit, 1) for limit in mid_p(26, 27)]
    [83.1, 99.8]
    """
    from scipy import optimize, special

    if not patients:
        raise NotEstimable("no patients")
    tail = (1 - LEVEL) / 2

    def at_least(p: float) -> float:  # P(X > responders) + P(X = responders) / 2
        whole = special.bdtrc(responders - 1, patients, p) if responders else 1.0
        return (whole + special.bdtrc(responders, patients, p)) / 2

    low = optimize.brentq(lambda p: at_least(p) - tail, 0, 1, xtol=1e-15) if responders else 0.0
    high = optimize.brentq(lambda p: 1 - at_least(p) - tail, 0, 1, xtol=1e-15) if responders < patients else 1.0
    return 100 * low, 100 * high


def jeffreys(responders: int, patients: int) -> tuple[float, float]:
    """Jeffreys' two-sided 95 % interval of a proportion, in percent: the quantiles of the posterior distribution under the prior
    Beta(1/2, 1/2); without responders it begins at 0, and where all responded it ends at 100.

    Source: Brown, Cai and DasGupta 2001, doi 10.1214/ss/1009213286.

    >>> [round(limit, 1) for limit in jeffreys(26, 27)]
    [84.0, 99.6]
    """
    if not patients:
        raise NotEstimable("no patients")
    low, high = beta_quantiles(responders + 0.5, patients - responders + 0.5)
    return (100 * low if responders else 0.0), (100 * high if responders < patients else 100.0)


def beta_quantiles(a: float, b: float) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of the distribution Beta(a, b)."""
    from scipy import special

    tail = (1 - LEVEL) / 2
    return float(special.betaincinv(a, b, tail)), float(special.betaincinv(a, b, 1 - tail))


def garwood(events: int) -> tuple[float, float]:
    """Exact two-sided 95 % interval of the mean of a Poisson count.

    Source: Garwood 1936, doi 10.1093/biomet/28.3-4.437.

    >>> [round(limit, 2) for limit in garwood(10)]
    [4.8, 18.39]
    """
    from scipy import special

    tail = (1 - LEVEL) / 2
    low = special.gammaincinv(events, tail) if events else 0.0
    return float(low), float(special.gammaincinv(events + 1, 1 - tail))


def hodges_lehmann(differences: Sequence[float]) -> float:
    """Median of all Walsh averages (x_i + x_j) / 2 with i <= j, zeros kept: the shift that belongs to Wilcoxon's test.

    Source: Hodges and Lehmann 1963, doi 10.1214/aoms/1177704172.

    >>> hodges_lehmann([1, 2, 6])
    2.75
    """
    values, counts = np.unique(_need(differences, 1), return_counts=True)
    averages = int(counts.sum()) * (int(counts.sum()) + 1) // 2
    middle = [_walsh_average(values, counts, rank) for rank in {(averages - 1) // 2, averages // 2}]
    return float(np.mean(middle))


def _walsh_average(values: np.ndarray, counts: np.ndarray, rank: int) -> float:
    """The Walsh average of this rank (from 0) of different values in ascending order, each of which is there `counts` times.

    Row i of the table of sums holds values[i] + values[j], j >= i, in ascending order. In each round the rows keep the stretch in
    which the sum may be; the weighted median of the middles of these stretches tells which part falls away, a quarter at least.

    Source: Johnson and Mizoguchi 1978, doi 10.1137/0207013.
    """
    size = len(values)
    row = np.arange(size)
    upto = np.concatenate([[0], np.cumsum(counts)])
    twice = counts * (counts - 1) // 2  # pairs of equal values, which count once

    def below(bound: float, also_equal: bool) -> np.ndarray:
        """In each row the place of the first sum that is not below the bound; of sums as they are rounded."""
        compare = np.less_equal if also_equal else np.less
        place = np.clip(np.searchsorted(values, bound - values, side="right" if also_equal else "left"), row, size)
        while True:
            more = (place < size) & compare(values + values[np.minimum(place, size - 1)], bound)
            less = (place > row) & ~compare(values + values[np.maximum(place - 1, 0)], bound)
            if not (more.any() or less.any()):
                return place
            place = place + more - less

    def number(place: np.ndarray) -> int:
        return int((counts * (upto[place] - upto[row]) - twice * (place > row)).sum())

    low, high = row.copy(), np.full(size, size)
    while True:
        open_rows = np.flatnonzero(low < high)
        middle = (low[open_rows] + high[open_rows]) // 2
        sums, weight = values[open_rows] + values[middle], (high - low)[open_rows]
        order = np.argsort(sums, kind="stable")
        passed = np.cumsum(weight[order])
        guess = sums[order[np.searchsorted(passed, (passed[-1] + 1) // 2)]]
        less, up_to = below(guess, False), below(guess, True)
        if rank < number(less):
            high = np.maximum(np.minimum(high, less), low)
        elif rank >= number(up_to):
            low = np.minimum(np.maximum(low, up_to), high)
        else:
            return float(guess / 2)


def wilcoxon_p(differences: Sequence[float]) -> float:
    """Two-sided p of Wilcoxon's signed-rank test, as scipy computes it by default.

    Zero differences are dropped. Without zeros and ties, p is exact for up to 50 differences; with them, it is exact
    for up to 13, and otherwise the normal approximation without continuity correction. Differences of decimals have to come
    rounded: binary noise would break their ties.

    Source: Wilcoxon 1945, doi 10.2307/3001968.
    """
    from scipy import stats

    array = _need(differences, 1)
    if not array.any():
        raise NotEstimable("all differences are zero")
    tied = len(np.unique(np.abs(array))) < len(array) or not array.all()
    if tied and len(array) <= 13:
        return _signed_rank_p(array[array != 0])  # scipy's p, without its 8192 permutations
    return float(stats.wilcoxon(array).pvalue)


def wilcoxon_exact_p(differences: Sequence[float]) -> float:
    """Two-sided p of Wilcoxon's signed-rank test from the exact distribution of the rank sum, given the ties; zero differences
    are dropped. Twice the smaller tail, at most 1.

    Of more than :data:`analysis.core.sizes.MOST_EXACT` differences it is :func:`wilcoxon_p`. Differences of decimals have to come
    rounded.

    Source: the shift algorithm of Streitberg and Röhmel 1986, Statistical Software Newsletter 12, 10-17.

    >>> wilcoxon_exact_p([1, 1, 2, 2, -1, 3])
    0.125
    """
    array = _need(differences, 1)
    if not array.any():
        raise NotEstimable("all differences are zero")
    array = array[array != 0]
    return _signed_rank_p(array) if len(array) <= MOST_EXACT else wilcoxon_p(array)


def _signed_rank_p(array: np.ndarray) -> float:
    """Exact p of differences without zeros. Twice the average ranks are whole numbers, so that the distribution of their sum over
    all changes of sign is found one rank after the other."""
    from scipy import stats

    ranks = np.rint(2 * stats.rankdata(np.abs(array))).astype(int)
    share = np.zeros(ranks.sum() + 1)
    share[0] = 1.0
    for rank in ranks:
        share[rank:] = (share[rank:] + share[:-rank]) / 2
        share[:rank] /= 2
    positive = ranks[array > 0].sum()
    return float(min(1.0, 2 * min(math.fsum(share[: positive + 1]), math.fsum(share[positive:]))))


def prediction_interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % prediction interval of one more value from the same normal distribution: mean and *t* quantile, with the spread of a
    value added to the uncertainty of the mean.

    Source: Hahn and Meeker 1991, Statistical Intervals, doi 10.1002/9780470316771.

    >>> [round(limit, 2) for limit in prediction_interval([1, 2, 3])]
    [-2.97, 6.97]
    """
    array = _need(values, 2)
    if np.ptp(array) == 0:
        raise NotEstimable("all values are identical")
    half = t_quantile(len(array) - 1) * sd(array) * math.sqrt(1 + 1 / len(array))
    return mean(array) - half, mean(array) + half


def geometric_prediction_interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % prediction interval of one more value from the same log-normal distribution."""
    low, high = prediction_interval(_logarithms(values, 2))
    return float(np.exp(low)), float(np.exp(high))


def geometric_mean(values: Sequence[float]) -> float:
    """Geometric mean of positive numbers."""
    return float(np.exp(_logarithms(values, 1).mean()))


def geometric_t_interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % interval of the geometric mean: Student's t on the logarithms."""
    low, high = t_interval(_logarithms(values, 2))
    return float(np.exp(low)), float(np.exp(high))


def _logarithms(values: Sequence[float], at_least: int) -> np.ndarray:
    array = _need(values, at_least)
    if (array <= 0).any():
        raise NotEstimable("a value of 0 has no logarithm")
    return np.log(array)


def lognormal_mle(lower: Sequence[float], upper: Sequence[float]) -> tuple[float, float, float]:
    """Geometric mean with 95 % interval, by maximum likelihood for log-normal values known to lie in [lower, upper].

    Equal bounds are an exact value; a lower bound of 0 means "below `upper`", an upper bound of infinity "above
    `lower`". Needs three exact values that are not all the same: then the maximum exists.

    The interval holds the means whose profile likelihood is close enough to the largest. How close follows from Student's *t*:
    of n exact values the profile likelihood ratio is n log(1 + t^2 / (n - 1)), so the bound is this at the quantile of t, with n the
    number of exact values: censored ones narrow the likelihood, not the bound. Without censored values the interval is therefore
    Student's on the log scale. The usual bound, a quantile of chi-squared, is what this one tends to in large samples; in small
    ones it covers too seldom (`benchmarks/calibration.py`).

    Sources: Helsel 2012, Statistics for Censored Environmental Data, chapter 6, doi 10.1002/9781118162729; profile likelihood:
    Venzon and Moolgavkar 1988, doi 10.2307/2347496.

    >>> gm, low, high = lognormal_mle([10, 100, 1000, 50], [10, 100, 1000, float("inf")])
    >>> low < gm < high
    True
    """
    from scipy import optimize

    low_end, high_end = np.array(sorted(zip(lower, upper, strict=True)), dtype=float).reshape(-1, 2).T
    exact = low_end == high_end
    if not len(low_end):
        raise NotEstimable("no values")
    if exact.sum() < 3 or np.ptp(low_end[exact]) == 0:
        raise NotEstimable("needs at least three uncensored values that are not all the same")
    if (high_end <= 0).any():
        raise NotEstimable("a value of 0 has no logarithm")
    with np.errstate(divide="ignore"):
        low_log, high_log = np.log(low_end), np.log(high_end)
    # On the scale of the exact values the search starts close to the maximum and its steps have the right size.
    centre, scale = low_log[exact].mean(), low_log[exact].std()
    value, ranges = (low_log[exact] - centre) / scale, (np.array([low_log, high_log])[:, ~exact] - centre) / scale

    def cost(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        return _normal_cost(parameters, value, *ranges)

    at = optimize.minimize(cost, (0.0, 0.0), jac=True, method="BFGS").x
    at = at - np.linalg.solve(_hessian(cost, at), cost(at)[1])  # one Newton step: to the last digits, on every machine
    size = len(value)
    quantile = t_quantile(size - 1)
    beyond = cost(at)[0] + size / 2 * math.log1p(quantile**2 / (size - 1))
    ends = [_where_profile_is(beyond, cost, at, step) for step in (-1.0, 1.0)]
    mean, low, high = (float(np.exp(centre + scale * point)) for point in (at[0], *ends))
    return mean, low, high


def _where_profile_is(beyond: float, cost, at: np.ndarray, step: float) -> float:
    """The mean, in the direction of `step` from the minimum `at`, at which the cost is `beyond` when the standard deviation fits best.

    `cost` gives the value and its gradient by mean and log standard deviation. For a given mean it has one minimum, since it is
    convex in 1 / sigma: so is the part of each exact value, and the probability of a range is log-concave (Prékopa's theorem).
    """
    from scipy import optimize

    def excess(mean: float) -> float:
        def slope(log_sigma: float) -> float:
            return cost(np.array([mean, log_sigma]))[1][1]

        low, high = at[1] - 0.5, at[1] + 0.5
        while slope(low) > 0:
            low -= 1
        while slope(high) < 0:
            high += 1
        return cost(np.array([mean, optimize.brentq(slope, low, high, xtol=1e-12)]))[0] - beyond

    near, far = at[0], at[0] + step
    while excess(far) < 0:
        near, far = far, far + 2 * (far - near)
    return float(optimize.brentq(excess, near, far, xtol=1e-14))


def _normal_cost(
    parameters: np.ndarray, value: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[float, np.ndarray]:
    """Negative log-likelihood of a normal sample, less a constant, and its gradient.

    `parameters` are the mean and the logarithm of the standard deviation; `value` are exact values, and `low`, `high`
    the bounds (shape of the censored values, infinite where open) of the others.
    """
    from scipy import special

    mean, sigma = parameters[0], np.exp(parameters[1])
    z, a, b = (value - mean) / sigma, (low - mean) / sigma, (high - mean) / sigma
    # Probabilities of ranges in the upper tail are taken from the lower one, where they keep their digits.
    upper = a > 0
    near, far = np.where(upper, -a, b), np.where(upper, -b, a)
    log_mass = special.log_ndtr(near) + np.log1p(-np.exp(special.log_ndtr(far) - special.log_ndtr(near)))
    cost = len(z) * parameters[1] + (z**2).sum() / 2 - log_mass.sum()
    density_a, density_b = (np.exp(-(end**2) / 2 - log_mass) / np.sqrt(2 * np.pi) for end in (a, b))
    moments = (np.where(np.isfinite(end), end, 0) * density for end, density in ((b, density_b), (a, density_a)))
    by_mean = (density_b - density_a).sum() - z.sum()
    by_log_sigma = len(z) - (z**2).sum() + np.subtract(*moments).sum()
    return float(cost), np.array([by_mean / sigma, by_log_sigma])


def _hessian(cost, at: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Second derivatives of `cost` (which returns value and gradient) by central differences of its gradient."""
    rows = [(cost(at + shift)[1] - cost(at - shift)[1]) / (2 * step) for shift in np.eye(2) * step]
    return (np.array(rows) + np.array(rows).T) / 2
