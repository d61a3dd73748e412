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

from analysis.core.statistics import NotEstimable

_TOLERANCE, _STEPS = 1e-12, 200_000
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
    """The non-parametric maximum likelihood estimate, by self-consistency (an EM algorithm).

    Patient i had the event in (`left[i]`, `right[i]`]; `right` is infinite where it was not seen. Raises NotEstimable
    without patients. The censoring is taken to say nothing about the event.

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
    holds = (patterns[:, [0]] <= starts) & (ends <= patterns[:, [1]])
    mass = np.full(len(starts), 1 / len(starts))
    for _ in range(_STEPS):
        expected = holds * mass
        updated = (count[:, None] * expected / expected.sum(axis=1, keepdims=True)).sum(axis=0) / count.sum()
        change = np.abs(updated - mass).max()
        mass = updated
        if change < _TOLERANCE:
            break
    else:
        raise NotEstimable("the estimate did not converge")
    return Turnbull(tuple(starts.tolist()), tuple(ends.tolist()), tuple(mass.tolist()))


def _innermost(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The intervals that can hold probability: a left end directly followed by a right end. At equal times a right end
    comes first, because intervals are open on the left."""
    ends = sorted({(time, 0) for time in high.tolist()} | {(time, 1) for time in low.tolist()})
    found = [(a, b) for (a, a_left), (b, b_left) in pairwise(ends) if a_left and not b_left]
    starts, stops = np.array(found).T
    return starts, stops
