"""Time to an event whose day is known, or until which a patient was followed without it: Kaplan and Meier's estimate.

Own code, because no kept library has an interval for small samples; the estimate itself is three lines.

Sources: Kaplan and Meier 1958, doi 10.1080/01621459.1958.10501452; interval: the beta product of Fay, Brittain and Proschan 2013,
doi 10.1093/biostatistics/kxt016.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.core.statistics import NotEstimable, beta_quantiles

_TIE = 1e-9
"""Two shares closer than this are the same: products of fractions carry binary noise."""


@dataclass(frozen=True)
class KaplanMeier:
    """The estimate for patients who had the event at `times`, or were followed without it until then where `happened` is False."""

    times: np.ndarray
    happened: np.ndarray

    def at_risk(self, time: float) -> int:
        """Patients without the event at `time` who were followed until then."""
        return int(((self.times > time) | ((self.times == time) & ~self.happened)).sum())

    def after(self, time: float) -> float:
        """Probability that the event comes later than `time`.

        Raises NotEstimable where nobody was followed until then and somebody had had no event before.
        """
        return float(np.prod([1 - had / risk for had, risk in self._steps(time)]))

    def interval(self, time: float) -> tuple[float, float]:
        """95 % interval of :meth:`after`, in percent.

        A product of beta distributions, one a time of events, stands for what is known of the probability; it is taken as a beta
        distribution with the same mean and variance. Where nobody was lost before `time` it is one, and the interval is Clopper
        and Pearson's. Raises what :meth:`after` raises.
        """
        factors = [(risk - had + 1, had) for had, risk in self._steps(time)]
        high = 1.0 if not factors else _quantiles(factors)[1]
        staying = self.at_risk(time)
        low = 0.0 if not staying else _quantiles([*factors, (staying, 1)])[0]
        return 100 * low, 100 * high

    def steps(self) -> list[tuple[float, float]]:
        """Where the estimate falls: the time of each event, and the probability that it comes later."""
        return [(float(time), self.after(time)) for time in np.unique(self.times[self.happened])]

    def quantile(self, q: float) -> float:
        """The time by which the share `q` had the event. Where the curve runs level at exactly 1 - q, the middle of that stretch, as
        in R's survival package. Raises NotEstimable where fewer had the event.

        >>> kaplan_meier([1, 4, 9], [True, True, False]).quantile(0.5)
        4.0
        """
        steps = self.steps()
        reached = [time for time, share in steps if share <= 1 - q + _TIE]
        if not reached:
            raise NotEstimable("not reached: too few had the event while they were observed")
        passed = [time for time, share in steps if share < 1 - q - _TIE]
        if passed and passed[0] == reached[0]:
            return reached[0]
        return (reached[0] + (passed[0] if passed else float(self.times.max()))) / 2

    def _steps(self, time: float) -> list[tuple[int, int]]:
        """For each time of events up to `time`, the events and the patients at risk just before."""
        ends = np.unique(self.times[self.happened & (self.times <= time)])
        found = [(int((self.happened & (self.times == end)).sum()), int((self.times >= end).sum())) for end in ends]
        if not self.at_risk(time) and not (found and found[-1][0] == found[-1][1]):
            raise NotEstimable("nobody was followed until then")
        return found


def kaplan_meier(times: Sequence[float], happened: Sequence[bool]) -> KaplanMeier:
    """The estimate; a patient followed until a time at which another had the event was at risk of it then.

    >>> found = kaplan_meier([6, 7, 10, 10], [True, False, True, False])
    >>> found.after(6), found.after(10), found.at_risk(7)
    (0.75, 0.375, 3)
    """
    if not len(times):
        raise NotEstimable("no patients")
    return KaplanMeier(np.asarray(times, dtype=float), np.asarray(happened, dtype=bool))


def _quantiles(factors: list[tuple[int, int]]) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of a product of independent beta variables, taken as a beta distribution."""
    a, b = np.array(factors, dtype=float).T
    mean = np.prod(a / (a + b))
    square = np.prod(a * (a + 1) / ((a + b) * (a + b + 1)))
    scale = (mean - square) / (square - mean**2)
    return beta_quantiles(mean * scale, (1 - mean) * scale)
