"""Whether groups differ in a proportion, and how much: methods that hold for few groups and few patients.

Each takes the responders and the patients of every group, in the same order, and raises :class:`NotEstimable` with the reason in
words where the data do not determine what is asked.
"""

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from analysis.core.sizes import MOST_TABLES, MOST_TABULATED
from analysis.core.statistics import LEVEL, NotEstimable

FEWEST_GROUPS = 3
"""From how many groups with two patients and more a spread between them is estimated."""


def _some_of_all(responders: Sequence[int], patients: Sequence[int]) -> None:
    if sum(size > 0 for size in patients) < 2:
        raise NotEstimable("needs two groups")
    if sum(responders) in (0, sum(patients)):
        raise NotEstimable("everybody had the same outcome")


def fisher_freeman_halton_p(responders: Sequence[int], patients: Sequence[int]) -> float:
    """Exact p of the hypothesis that all groups have one proportion: the share, among all tables with these margins, of those that are
    no more probable than the one observed. Probabilities are compared as whole numbers, so that no tie is lost.

    Source: Freeman and Halton 1951, doi 10.1093/biomet/38.1-2.141.

    >>> round(fisher_freeman_halton_p([3, 0], [3, 3]), 3)
    0.1
    """
    _some_of_all(responders, patients)
    if sum(patients) > MOST_TABULATED:
        raise NotEstimable(f"of more than {MOST_TABULATED:,} patients it is not worked out")
    total = sum(responders)
    # How many tables of the groups so far have this sum and this weight (the product of the binomial coefficients).
    tables: dict[tuple[int, int], int] = {(0, 1): 1}
    rest = sum(patients)
    for size in sorted(patients):
        rest -= size
        weights = [math.comb(size, count) for count in range(size + 1)]
        longer: dict[tuple[int, int], int] = defaultdict(int)
        for (found, weight), number in tables.items():
            for count in range(max(0, total - found - rest), min(size, total - found) + 1):
                longer[found + count, weight * weights[count]] += number
            if len(longer) > MOST_TABLES:
                raise NotEstimable("there are too many tables with these margins to go through all of them")
        tables = longer
    observed = math.prod(map(math.comb, patients, responders))
    as_rare = sum(weight * number for (_, weight), number in tables.items() if weight <= observed)
    return as_rare / math.comb(sum(patients), total)


def pearson_p(responders: Sequence[int], patients: Sequence[int]) -> float:
    """Large-sample p of the same hypothesis, by Pearson's chi-squared test. Fewer than 1 expected in some cell, or fewer than 5 in
    more than a fifth of them, are too few for it.

    Source: Cochran 1954, doi 10.2307/3001616.

    >>> round(pearson_p([30, 45], [60, 60]), 4)
    0.0047
    """
    from scipy import stats

    _some_of_all(responders, patients)
    observed = np.array([(x, n - x) for x, n in zip(responders, patients, strict=True) if n], dtype=float)
    expected = stats.contingency.expected_freq(observed)
    if expected.min() < 1 or (expected < 5).mean() > 0.2:
        raise NotEstimable("the expected numbers are too small for a chi-squared test")
    return float(stats.chi2_contingency(observed, correction=False).pvalue)


def between_group_sd(responders: Sequence[int], patients: Sequence[int]) -> tuple[float, float, float]:
    """Standard deviation of the groups' true percentages, in points, with its 95 % interval: maximum likelihood of the beta-binomial
    distribution and its profile likelihood. It is 0 where the groups differ no more than chance makes them differ.

    The likelihood needs no integration. With few groups the estimate is on average a little too low, and the interval, whose
    bound is a quantile of chi-squared, is approximate.

    Source: Williams 1975, doi 10.2307/2529820.

    >>> sd, low, high = between_group_sd([2, 9, 5, 1], [10, 10, 10, 10])
    >>> [round(value, 1) for value in (sd, low, high)]
    [26.3, 10.8, 40.6]
    """
    from scipy import optimize, stats

    _some_of_all(responders, patients)
    groups = [(x, n) for x, n in zip(responders, patients, strict=True) if n]
    informative = [(x, n) for x, n in groups if n > 1]
    if len(informative) < FEWEST_GROUPS:
        raise NotEstimable(f"needs {FEWEST_GROUPS} groups with two patients and more")
    if all(x in (0, n) for x, n in groups):
        raise NotEstimable("within every group all patients had the same outcome")
    x, n = np.array(groups).T
    steps = np.arange(n.max())
    # By step j of Polya's urn: how many groups have more than j responders, others, and patients.
    yes, no, all_of = ((counts[:, None] > steps).sum(axis=0) for counts in (x, n - x, n))

    def cost(mean: float, sd: float) -> float:
        share = sd**2 / (mean * (1 - mean))  # correlation within a group
        urn = steps * share / (1 - share)
        return float((all_of * np.log1p(urn)).sum() - (yes * np.log(mean + urn)).sum() - (no * np.log(1 - mean + urn)).sum())

    def profile(sd: float) -> float:
        edge = (1 - math.sqrt(1 - 4 * sd**2)) / 2  # closer to 0 or 1 a proportion cannot vary so much
        margin = 1e-9 * (1 - 2 * edge) + 1e-12
        return optimize.minimize_scalar(
            cost, args=(sd,), bounds=(edge + margin, 1 - edge - margin), method="bounded", options={"xatol": 1e-10}
        ).fun

    widest = 0.5 - 1e-6
    grid = np.linspace(0, widest, 101)
    costs = [profile(each) for each in grid]
    best = int(np.argmin(costs))
    near = grid[max(best - 1, 0)], grid[min(best + 1, 100)]
    found = optimize.minimize_scalar(profile, bounds=near, method="bounded", options={"xatol": 1e-8})
    sd, least = (float(found.x), float(found.fun)) if found.fun < costs[0] - 1e-9 else (0.0, costs[0])
    beyond = least + stats.chi2.ppf(LEVEL, 1) / 2

    def excess(each: float) -> float:
        return profile(each) - beyond

    low = 0.0 if excess(0.0) <= 0 else float(optimize.brentq(excess, 0.0, sd))
    if excess(widest) <= 0:
        raise NotEstimable("the groups are too few or too small to bound their spread")
    return 100 * sd, 100 * low, 100 * float(optimize.brentq(excess, sd, widest))
