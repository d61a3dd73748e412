"""How often the report's 95 % intervals hold the truth in small samples: python benchmarks/calibration.py writes coverage.csv.

Each row is one method on one kind of data: the share of simulated studies whose interval holds the true value, with its Monte Carlo
error. The methods of the report are called as the report calls them; beside them stands what they replaced or could have been. Where
the number of responders is all there is, the coverage is worked out exactly, without simulation. The same bytes every time; minutes.
"""

import csv
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np
from scipy import special, stats

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from analysis.core import statistics  # noqa: E402
from analysis.core.kaplan_meier import kaplan_meier  # noqa: E402
from analysis.core.statistics import NotEstimable  # noqa: E402
from analysis.core.turnbull import turnbull  # noqa: E402

FILE = Path(__file__).with_name("coverage.csv")
SEED, SIMULATIONS, RESAMPLES = 20220920, 2000, 999
SIZES = (10, 27)
WEEKS = (4, 8, 16, 26)
Interval = tuple[float, float]
Study = Callable[[np.random.Generator, int], dict[str, tuple[Interval, float]]]
"""From one simulated study of so many patients the intervals of each method, and the truth that they should hold."""


@dataclass(frozen=True)
class Row:
    """Coverage of one method in percent; `used` says whether the report uses it. `estimable`: percent of the studies that gave an
    interval; coverage is among those. Without simulations the coverage is exact."""

    quantity: str
    data: str
    n: int
    method: str
    used: str
    coverage: float
    monte_carlo_error: float
    estimable: float
    simulations: int
    seed: int


def normal(random: np.random.Generator, n: int) -> np.ndarray:
    return random.standard_normal(n)


def skewed(random: np.random.Generator, n: int) -> np.ndarray:
    """Exponential, less its mean: skewness 2."""
    return random.standard_exponential(n) - 1


def very_skewed(random: np.random.Generator, n: int) -> np.ndarray:
    """Log-normal with standard deviation 1 on the log scale, less its mean: skewness 6.2."""
    return np.exp(random.standard_normal(n)) - math.exp(0.5)


def means(draw: Callable[[np.random.Generator, int], np.ndarray]) -> Study:
    def study(random, n):
        values = draw(random, n)
        samples = values[random.integers(0, n, size=(RESAMPLES, n))]
        centre, error, mean = samples.mean(axis=1), samples.std(axis=1, ddof=1), values.mean()
        ratio = np.quantile((centre - mean)[error > 0] / error[error > 0], (0.975, 0.025))
        found = {
            "Student's t": statistics.t_interval(values),
            "bootstrap-t": tuple(mean - ratio * values.std(ddof=1)),
            "percentile bootstrap": tuple(np.quantile(centre, (0.025, 0.975))),
        }
        return {name: (interval, 0.0) for name, interval in found.items()}

    return study


def predictions(draw: Callable[[np.random.Generator, int], np.ndarray]) -> Study:
    def study(random, n):
        *values, following = draw(random, n + 1)
        return {"Student's t, one more value": (statistics.prediction_interval(values), following)}

    return study


def censored(share: float) -> Study:
    """Log-normal values of which this share is expected below the limit of the laboratory."""
    limit = math.exp(stats.norm.ppf(share))

    def study(random, n):
        values = np.exp(random.standard_normal(n))
        lower, upper = np.where(values < limit, 0.0, values), np.where(values < limit, limit, values)
        middle, low, high = statistics.lognormal_mle(lower, upper)
        return {"profile likelihood": ((low, high), 1.0), "Wald": (_wald(lower, upper, middle), 1.0)}

    return study


def _wald(lower: np.ndarray, upper: np.ndarray, middle: float) -> Interval:
    """From the observed information, at the maximum that the report finds."""
    exact = lower == upper
    value, limit = np.log(lower[exact]), np.log(upper[~exact])

    def log_likelihood(mean: float, log_sigma: float) -> float:
        sigma = math.exp(log_sigma)
        z = (value - mean) / sigma
        return float(-len(value) * log_sigma - z @ z / 2 + special.log_ndtr((limit - mean) / sigma).sum())

    mean, low, high = math.log(middle), -5.0, 5.0
    for _ in range(60):  # the standard deviation that goes with the mean, by golden section
        left, right = high - (high - low) * 0.618, low + (high - low) * 0.618
        low, high = (low, right) if log_likelihood(mean, left) > log_likelihood(mean, right) else (left, high)
    at, step = (mean, (low + high) / 2), 1e-4
    shifts = (np.array([step, 0]), np.array([0, step]))
    second = [[sum(a * b * log_likelihood(*(at + a * one + b * two)) for a in (1, -1) for b in (1, -1)) / (4 * step**2)
               for two in shifts] for one in shifts]  # fmt: skip
    half = stats.norm.ppf(0.975) * math.sqrt(np.linalg.inv(-np.array(second))[0, 0])
    return math.exp(mean - half), math.exp(mean + half)


def visits(missed: float) -> Study:
    """Half of the patients respond by week 16, at a constant rate; each visit before the last is missed with this probability."""
    rate, truth = math.log(2) / 16, 50.0

    def study(random, n):
        left, right = np.zeros(n), np.full(n, math.inf)
        for patient, time in enumerate(random.exponential(1 / rate, n)):
            for week in WEEKS:
                if week != WEEKS[-1] and random.random() < missed:
                    continue
                if time <= week:
                    right[patient] = week
                    break
                left[patient] = week
        return {"effective sample, Clopper-Pearson": (turnbull(left, right).interval(16), truth)}

    return study


def followed(lost: float) -> Study:
    """80 percent of the patients are on treatment beyond week 26; by then this share of all would be lost, both at constant rates."""
    stop, leave = -math.log(0.8) / 26, -math.log(1 - lost) / 26

    def study(random, n):
        stopped, gone = random.exponential(1 / stop, n), random.exponential(1 / leave, n)
        return {"beta product": (kaplan_meier(np.minimum(stopped, gone), stopped <= gone).interval(26), 80.0)}

    return study


SIMULATED = [
    ("Mean", "normal", means(normal)),
    ("Mean", "skewed", means(skewed)),
    ("Mean", "very skewed", means(very_skewed)),
    ("Next value", "normal", predictions(normal)),
    ("Next value", "skewed", predictions(skewed)),
    *(("Geometric mean", f"{100 * share:.0f} % censored", censored(share)) for share in (0.1, 0.3, 0.5)),
    *(("Share with a response by week 16", f"{100 * share:.0f} % of visits missed", visits(share)) for share in (0.1, 0.3)),
    *(("Share on treatment at week 26", f"{100 * share:.0f} % lost", followed(share)) for share in (0.1, 0.4)),
]
"""Quantity, data and study, each simulated for every size."""
NOT_USED = {"bootstrap-t", "percentile bootstrap", "Wald", "mid-P", "Jeffreys"}
PROPORTIONS = {
    "Clopper-Pearson": statistics.clopper_pearson, "mid-P": statistics.mid_p, "Jeffreys": statistics.jeffreys,
}  # fmt: skip


def simulated(place: int, n: int) -> list[Row]:
    """The rows of one of :data:`SIMULATED` at one size, from a stream of random numbers of its own."""
    quantity, data, study = SIMULATED[place]
    random = np.random.Generator(np.random.PCG64([SEED, place, n]))
    held: dict[str, list[bool]] = {}
    for _ in range(SIMULATIONS):
        try:
            found = study(random, n)
        except NotEstimable:
            continue
        for method, ((low, high), truth) in found.items():
            held.setdefault(method, []).append(low <= truth <= high)
    rows = []
    for method, inside in held.items():
        share, size = sum(inside) / len(inside), len(inside)
        error = 100 * math.sqrt(share * (1 - share) / size)
        used = "no" if method in NOT_USED else "yes"
        rows.append(Row(quantity, data, n, method, used, round(100 * share, 2), round(error, 2), round(100 * size / SIMULATIONS, 1),
                        SIMULATIONS, SEED))  # fmt: skip
    return rows


@cache
def proportions() -> list[Row]:
    """Coverage of the intervals of a proportion, by summing over every number of responders: at two proportions, and the lowest over
    a grid of them (0.1 to 99.9 %)."""
    rows = []
    for n in SIZES:
        limits = {name: [method(count, n) for count in range(n + 1)] for name, method in PROPORTIONS.items()}
        grid = np.arange(1, 1000) / 1000
        for data, shares in (("50 %", [0.5]), ("95 %", [0.95]), ("any, the lowest", grid)):
            chances = [stats.binom.pmf(np.arange(n + 1), n, share) for share in shares]
            for name, found in limits.items():
                low, high = np.array(found).T / 100
                inside = [math.fsum(chance[(low <= share) & (share <= high)]) for share, chance in zip(shares, chances, strict=True)]
                used = "no" if name in NOT_USED else "yes"
                rows.append(Row("Proportion", data, n, name, used, round(100 * min(inside), 2), 0.0, 100.0, 0, SEED))
    return rows


def everything() -> Iterator[Row]:
    yield from proportions()
    for place in range(len(SIMULATED)):
        for n in SIZES:
            yield from simulated(place, n)


def main() -> None:
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        for row in everything():
            writer.writerow(asdict(row))
            print(f"{row.quantity}, {row.data}, n = {row.n}: {row.method} {row.coverage} %", flush=True)


if __name__ == "__main__":
    main()
