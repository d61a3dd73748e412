"""The statistical methods of the report, each on plain sequences of numbers without missing values.

Whatever cannot be computed raises :class:`NotEstimable` with the reason in words; nothing returns NaN.
scipy takes a second to import, so the functions that need it import it: chapters that only draw do without.
"""

import math
from collections.abc import Sequence

import numpy as np

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


def clopper_pearson(responders: int, patients: int) -> tuple[float, float]:
    """Exact two-sided 95 % interval of a proportion, in percent.

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
    array = _need(differences, 1)
    first, second = np.triu_indices(len(array))
    return float(np.median((array[first] + array[second]) / 2))


def wilcoxon_p(differences: Sequence[float]) -> float:
    """Two-sided p of Wilcoxon's signed-rank test, as scipy computes it by default.

    Zero differences are dropped. Without zeros and ties, p is exact for up to 50 differences; with them, it is exact
    for up to 13 (all changes of sign), and otherwise the normal approximation. Differences of decimals have to come
    rounded: binary noise would break their ties.

    Source: Wilcoxon 1945, doi 10.2307/3001968.
    """
    from scipy import stats

    array = _need(differences, 1)
    if not array.any():
        raise NotEstimable("all differences are zero")
    return float(stats.wilcoxon(array).pvalue)


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
    `lower`". The interval is Wald's on the log scale, from the observed information. Needs three exact values that
    are not all the same: then the maximum exists.

    Source: Helsel 2012, Statistics for Censored Environmental Data, chapter 6, doi 10.1002/9781118162729.

    >>> gm, low, high = lognormal_mle([10, 100, 1000, 50], [10, 100, 1000, float("inf")])
    >>> low < gm < high
    True
    """
    from scipy import optimize, special

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
    error = np.sqrt(np.linalg.inv(_hessian(cost, at))[0, 0])
    half = special.ndtri((1 + LEVEL) / 2) * error
    mean, low, high = (float(np.exp(centre + scale * point)) for point in (at[0], at[0] - half, at[0] + half))
    return mean, low, high


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
