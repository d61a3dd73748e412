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

from analysis.core.statistics import NotEstimable, clopper_pearson

NOT_REACHED = "not reached: fewer than half had the event by the last visit"
"""The reason of a median that there is not; any other reason says that it is not known."""
_GAP, _STEPS, _SHORTEST = 1e-9, 500, 1e-10
_NOTHING = 1e-8
"""A probability below this is none: what is left of a mass that the iteration drives to zero."""


@dataclass(frozen=True)
class Turnbull:
    """The estimated distribution: `probability[i]` lies somewhere in (`left[i]`, `right[i]`], in the unit of the times;
    the last `right` is infinite where some never had the event. Intervals ascend and do not overlap. `patterns` are the different
    intervals (lower, upper] of the patients with the number of patients that each has."""

    left: tuple[float, ...]
    right: tuple[float, ...]
    probability: tuple[float, ...]
    patterns: tuple[tuple[float, float, int], ...]

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

    def interval(self, time: float) -> tuple[float, float]:
        """95 % interval of :meth:`by` in percent: Clopper and Pearson's, of as many patients as the estimate is worth.

        The worth is p (1 - p) / variance, with the variance from the observed information of the intervals that hold probability, and
        never more than the patients; where p is 0 or 1, the patients of whom it is known whether the event came by `time`. If that
        is known of everyone, the interval is the exact one of the plain proportion. Raises what :meth:`by` raises.

        Source: effective samples for intervals of survival probabilities, Dorey and Korn 1987, doi 10.1002/sim.4780060605.
        """
        share = self.by(time)
        known = sum(count for low, high, count in self.patterns if high <= time or low >= time)
        worth = float(known)
        if _NOTHING < share < 1 - _NOTHING:
            everyone = sum(count for *_, count in self.patterns)
            worth = min(share * (1 - share) / self._variance(time), everyone)
            if known == everyone:
                worth = float(known)  # without the rounding of the variance: the number of events is then whole
        share = min(max(share, 0.0), 1.0) if _NOTHING < share < 1 - _NOTHING else round(share)
        return clopper_pearson(share * worth, worth)

    def _variance(self, time: float) -> float:
        """Of :meth:`by`, from the observed information; the last probability is one less the others."""
        held = [place for place, mass in enumerate(self.probability) if mass > _NOTHING]
        left, right, mass = (np.array(each)[held] for each in (self.left, self.right, self.probability))
        inside = np.array([(low <= left) & (right <= high) for low, high, _ in self.patterns], dtype=float)
        count = np.array([count for *_, count in self.patterns], dtype=float)
        moved = (inside[:, :-1] - inside[:, [-1]]) / (inside @ mass)[:, None]
        by_then = (right <= time).astype(float)
        gradient = by_then[:-1] - by_then[-1]
        return float(gradient @ np.linalg.solve(moved.T @ (count[:, None] * moved), gradient))

    def median(self) -> tuple[float, float]:
        """The interval (low, high] in which half of the probability is reached. Raises NotEstimable with :data:`NOT_REACHED`."""
        reached = np.cumsum(self.probability)
        first = int(np.argmax(reached >= 0.5 - _NOTHING))
        if not np.isfinite(self.right[first]):
            raise NotEstimable(NOT_REACHED)
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
    kinds = tuple((float(start), float(end), int(size)) for (start, end), size in zip(patterns, count, strict=True))
    return Turnbull(tuple(starts.tolist()), tuple(ends.tolist()), tuple(mass.tolist()), kinds)


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
