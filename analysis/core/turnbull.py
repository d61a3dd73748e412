"""Time to an event that is seen only at visits: Turnbull's estimate from interval-censored times.

Own code, because `lifelines`, which has this estimate, cannot be installed from wheels alone (its dependency
autograd-gamma comes as source only), and statsmodels has none.

Source: Turnbull 1976, doi 10.1111/j.2517-6161.1976.tb01597.x.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import nnls

from analysis.core.statistics import NotEstimable

_GAP, _STEPS, _SHORTEST = 1e-9, 500, 1e-10
_NOTHING = 1e-8
"""A probability below this is none: what is left of a mass that the iteration drives to zero."""


@dataclass(frozen=True)
class Turnbull:
    """The estimated distribution: `probability[i]` lies somewhere in (`left[i]`, `right[i]`], in the unit of the times;
    the last `right` is infinite where some never had the event. Intervals ascend and do not overlap."""

    left: tuple[float, ...]
    right: tuple[float, ...]
    probability: tuple[float, ...]

    def by(self, time: float) -> float:
        """Probability that the event came at `time` or before.

        Raises NotEstimable where an interval that holds probability contains `time`: how much of it lies before is
        then not determined.
        """
        inside = any(
            low < time < high and mass > _NOTHING
            for low, high, mass in zip(self.left, self.right, self.probability, strict=True)
        )
        if inside:
            raise NotEstimable("lies within an interval in which too few were assessed")
        return math.fsum(mass for high, mass in zip(self.right, self.probability, strict=True) if high <= time)

    def median(self) -> tuple[float, float]:
        """The interval (low, high] in which half of the probability is reached."""
        reached = np.cumsum(self.probability)
        first = int(np.argmax(reached >= 0.5 - _NOTHING))
        if not np.isfinite(self.right[first]):
            raise NotEstimable("not reached: fewer than half had the event by the last visit")
        return self.left[first], self.right[first]


def turnbull(left: Sequence[float], right: Sequence[float]) -> Turnbull:
    """The non-parametric maximum likelihood estimate.

    Patient i had the event in (`left[i]`, `right[i]`]; `right` is infinite where it was not seen. Raises NotEstimable
    without patients. The censoring is taken to say nothing about the event.

    The likelihood is concave. It is climbed by constrained Newton steps (Wang 2007, doi 10.1111/j.1467-9868.2007.00583.x), and the
    climb ends where the Karush-Kuhn-Tucker conditions hold: no distribution has a log-likelihood that is larger by more than 1e-9
    (Gentleman and Geyer 1994, doi 10.1093/biomet/81.3.618). The estimate is the only one: every interval that can hold probability
    begins where some patient's interval begins, which holds none of the earlier ones, so that the likelihood is strictly concave.

    >>> found = turnbull([0, 0, 4], [4, 8, 8])
    >>> found.left, found.right, [round(p, 3) for p in found.probability]
    ((0.0, 4.0), (4.0, 8.0), [0.5, 0.5])
    """
    low, high = np.asarray(left, dtype=float), np.asarray(right, dtype=float)
    if not len(low):
        raise NotEstimable("no patients")
    if (low >= high).any():
        raise ValueError("an interval has to start before it ends")
    starts, ends = _innermost(low, high)
    patterns, count = np.unique(np.column_stack([low, high]), axis=0, return_counts=True)
    holds = ((patterns[:, [0]] <= starts) & (ends <= patterns[:, [1]])).astype(float)
    mass = _likeliest(holds, count.astype(float))
    return Turnbull(tuple(starts.tolist()), tuple(ends.tolist()), tuple(mass.tolist()))


def _likeliest(holds: np.ndarray, count: np.ndarray) -> np.ndarray:
    """The probabilities p that make sum(count * log(holds @ p)) largest, p >= 0 and sum(p) = 1."""
    mass = np.full(holds.shape[1], 1 / holds.shape[1])
    for _ in range(_STEPS):
        ratio = holds / (holds @ mass)[:, None]
        if (count @ ratio).max() - count.sum() <= _GAP:
            return mass
        # The quadratic approximation at `mass`, with sum(p) = 1 built in: a least squares problem with p >= 0.
        rows = np.sqrt(count)[:, None] * (ratio - 2)
        wanted, _ = nnls(np.vstack([rows, np.ones(len(mass))]), np.append(np.zeros(len(rows)), 1))
        direction = wanted / wanted.sum() - mass
        here, slope = count @ np.log(holds @ mass), count @ (ratio @ direction)
        step = 1.0
        while step > _SHORTEST:
            with np.errstate(divide="ignore"):
                there = count @ np.log(np.maximum(holds @ (mass + step * direction), 0))
            if there >= here + step * slope / 3 - 1e-12 * abs(here):  # near the top, gains drown in rounding
                break
            step /= 2
        mass = np.maximum(mass + step * direction, 0)
        mass /= mass.sum()
    raise NotEstimable("the estimate did not converge")


def _innermost(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The intervals that can hold probability: a left end directly followed by a right end. At equal times a right end
    comes first, because intervals are open on the left."""
    ends = sorted({(time, 0) for time in high.tolist()} | {(time, 1) for time in low.tolist()})
    found = [(a, b) for (a, a_left), (b, b_left) in pairwise(ends) if a_left and not b_left]
    starts, stops = np.array(found).T
    return starts, stops
