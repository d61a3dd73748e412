"""Turnbull's estimate: a published example, and direct maximisation of the likelihood by another route."""

import math

import numpy as np
import pytest
from scipy import optimize

from analysis.core.statistics import NotEstimable, clopper_pearson
from analysis.core.turnbull import turnbull

NEVER = math.inf
# Months to cosmetic deterioration after radiotherapy alone, 46 women: Finkelstein and Wolfe 1985, Biometrics 41,
# 933-945, doi 10.2307/2530965. The estimate is the one that the R package interval prints for them.
BREAST = [
    (45, NEVER), (6, 10), (0, 7), (46, NEVER), (46, NEVER), (7, 16), (17, NEVER), (7, 14), (37, 44), (0, 8), (4, 11),
    (15, NEVER), (11, 15), (22, NEVER), (46, NEVER), (46, NEVER), (25, 37), (46, NEVER), (26, 40), (46, NEVER),
    (27, 34), (36, 44), (46, NEVER), (36, 48), (37, NEVER), (40, NEVER), (17, 25), (46, NEVER), (11, 18), (38, NEVER),
    (5, 12), (37, NEVER), (0, 5), (18, NEVER), (24, NEVER), (36, NEVER), (5, 11), (19, 35), (17, 25), (24, NEVER),
    (32, NEVER), (33, NEVER), (19, 26), (37, NEVER), (34, NEVER), (36, NEVER),
]  # fmt: skip
PUBLISHED = {(4, 5): 0.0463, (6, 7): 0.0334, (7, 8): 0.0887, (11, 12): 0.0708, (24, 25): 0.0926, (33, 34): 0.0818,
             (38, 40): 0.1209, (46, 48): 0.4656}  # fmt: skip


def estimate(intervals):
    return turnbull(*zip(*intervals, strict=True))


def log_likelihood(intervals, left, right, mass):
    inside = [[a <= low and high <= b for low, high in zip(left, right, strict=True)] for a, b in intervals]
    return float(np.log(np.array(inside) @ np.array(mass)).sum())


def test_breast_cosmesis():
    found = estimate(BREAST)
    held = {(a, b): round(p, 4) for a, b, p in zip(found.left, found.right, found.probability, strict=True) if p > 1e-6}
    assert held == PUBLISHED


@pytest.mark.parametrize("seed", range(6))
def test_no_other_distribution_is_more_likely(seed):
    random = np.random.default_rng(seed)
    weeks = np.array([0, 4, 8, 16, 26])
    intervals = []
    for _ in range(25):
        first = random.integers(0, 5)
        later = random.integers(first + 1, 6)
        intervals.append((weeks[first], weeks[later] if later < 5 else NEVER) if first < 4 else (weeks[4], NEVER))
    found = estimate(intervals)
    assert sum(found.probability) == pytest.approx(1)

    def cost(logits):
        mass = np.exp(logits - logits.max())
        return -log_likelihood(intervals, found.left, found.right, mass / mass.sum())

    best = min(
        optimize.minimize(cost, random.normal(size=len(found.left)), method="Nelder-Mead",
                          options={"maxiter": 20000, "maxfev": 20000, "fatol": 1e-10, "xatol": 1e-8}).fun
        for _ in range(2)
    )  # fmt: skip
    own = -log_likelihood(intervals, found.left, found.right, found.probability)
    assert own <= best + 1e-6 and own == pytest.approx(best, abs=1e-4)


def visits_at_random(random, size):
    """Intervals of first response as visits give them, some of which are missed; a patient may never respond."""
    found = []
    for _ in range(size):
        seen = [0, *(week for week in (4, 8, 16, 26, 39, 52) if random.random() < random.uniform(0.2, 1))]
        place = random.integers(0, len(seen))
        found.append((seen[place], seen[place + 1] if place + 1 < len(seen) else NEVER))
    return found


def test_a_thousand_patterns_reach_the_top():
    """At the top no interval has a larger gradient than the number of patients, and none with probability a smaller one: the
    Karush-Kuhn-Tucker conditions, which are enough where the likelihood is concave."""
    random = np.random.default_rng(20221119)
    for _ in range(1000):
        intervals = visits_at_random(random, random.integers(1, 60))
        found = estimate(intervals)
        inside = np.array([[a <= low and high <= b for low, high in zip(found.left, found.right, strict=True)] for a, b in intervals])
        mass = np.array(found.probability)
        gradient = (inside / (inside @ mass)[:, None]).sum(axis=0)
        assert mass.min() >= 0 and mass.sum() == pytest.approx(1, abs=1e-12)
        assert gradient.max() <= len(intervals) + 1e-6
        assert gradient[mass > 1e-6] == pytest.approx(len(intervals), abs=1e-3)


def test_a_pattern_on_which_self_consistency_does_not_come_to_rest():
    """Eight children, after Turnbull's own iteration had not converged in 200,000 steps; in R 25 % had
    responded by week 16 and 62.5 % by week 26."""
    found = estimate([(0, 16), (26, NEVER), (16, 52), (16, 39), (39, NEVER), (0, 4), (16, 26), (52, NEVER)])
    assert [found.by(week) for week in (16, 26)] == pytest.approx([0.25, 0.625])
    assert found.median() == (16, 26)


def test_exactly_known_visits_give_the_plain_share():
    found = estimate([(0, 4)] * 3 + [(4, 8)] * 5 + [(8, NEVER)] * 2)
    assert [found.by(week) for week in (4, 8)] == pytest.approx([0.3, 0.8])
    assert found.median() == (4, 8)


def test_median_at_exactly_half_and_beyond_the_last_visit():
    assert estimate([(0, 4), (8, NEVER)]).median() == (0, 4)
    with pytest.raises(NotEstimable, match="not reached"):
        estimate([(0, 4), (8, NEVER), (8, NEVER)]).median()


def test_a_week_at_which_nobody_was_seen_is_not_determined():
    found = estimate([(0, 8), (0, 8), (8, NEVER)])
    with pytest.raises(NotEstimable, match="too few were assessed"):
        found.by(4)
    assert found.by(8) == pytest.approx(2 / 3)
    assert found.median() == (0, 8)


def test_where_everybody_is_known_the_interval_is_the_exact_one():
    found = estimate([(0, 4)] * 3 + [(4, 8)] * 5 + [(8, NEVER)] * 2)
    for week, had in ((4, 3), (8, 8)):
        assert found.interval(week) == pytest.approx(clopper_pearson(had, 10), rel=1e-12)
    assert estimate([(8, NEVER)] * 9 + [(4, NEVER)] * 3).interval(8) == clopper_pearson(0, 9)
    assert estimate([(0, 8)] * 9 + [(0, 4)] * 3).interval(8) == clopper_pearson(12, 12)


@pytest.mark.parametrize("seed", range(4))
def test_variance_is_that_of_the_information_by_another_route(seed):
    """The inverse of the numerically differentiated log-likelihood of all but one of the probabilities."""
    random = np.random.default_rng(seed)
    intervals = [(0, 8), (4, 16), (8, NEVER), (0, 4), (4, 8), (8, 16), (16, NEVER)] * 3 + visits_at_random(random, 12)
    found = estimate(intervals)
    held = [(a, b, p) for a, b, p in zip(found.left, found.right, found.probability, strict=True) if p > 1e-8]
    left, right, mass = (np.array(each) for each in zip(*held, strict=True))

    def cost(free):
        return -log_likelihood(intervals, left, right, [*free, 1 - sum(free)])

    free, step = mass[:-1], 1e-3 * mass.min()
    shifts = np.eye(len(free)) * step
    second = np.array([[(cost(free + a + b) - cost(free + a - b) - cost(free - a + b) + cost(free - a - b)) / (4 * step**2)
                        for b in shifts] for a in shifts])  # fmt: skip
    for week in (8, 16):
        by_then = (right <= week).astype(float)
        gradient = by_then[:-1] - by_then[-1]
        assert found._variance(week) == pytest.approx(gradient @ np.linalg.solve(second, gradient), rel=1e-3)


def test_nobody():
    with pytest.raises(NotEstimable, match="no patients"):
        turnbull([], [])
    with pytest.raises(ValueError, match="before it ends"):
        turnbull([4], [4])
