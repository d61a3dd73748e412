"""Course over time: a random-intercept model of change.

The model of a patient's change at visit t is `visit t + slope x (baseline - mean baseline) + patient + error`, with patient
and error normal with constant variances: a random-intercept model. It is no MMRM, which would leave the covariance of
the visits unstructured; the paper's 27 patients do not carry that. Missing visits are taken to be missing at random given the
baseline and the other visits of the patient.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis.core.design import Design, Tables
from analysis.core.families import Family, at_week, lines_of, no_visit, visit_weeks
from analysis.core.results import Result
from analysis.core.statistics import NotEstimable
from protocol import outcomes

REPLICATES, SEED = 1000, 20220920
_FEWEST = 5
"""Patients that a visit needs to enter the model: with fewer, many a bootstrap sample would have none of them."""
_ACCEPTED = 0.95
"""Share of bootstrap samples that have to be estimable for an interval."""


def course(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `efficacy`: change by the method mixed_model."""
    rows: list[Result] = []
    for score in outcomes.MODELLED:
        rows += _modelled_change(tables, design, score.id)
    return rows


# --- change -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changes:
    """Changes of a score in long form, one row a patient and visit (patient_id, week, baseline, change), and the weeks
    that enter the model."""

    long: pd.DataFrame
    weeks: tuple[int, ...]
    lines: dict

    @property
    def patients(self) -> list[str]:
        return sorted(self.long["patient_id"].unique())

    def matrix(self) -> tuple[np.ndarray, np.ndarray]:
        """Columns of the design (one a week, then baseline less its mean over patients), and the changes."""
        baseline = self.long["baseline"] - self.long.groupby("patient_id")["baseline"].first().mean()
        indicators = [(self.long["week"] == week).astype(float) for week in self.weeks]
        return np.column_stack([*indicators, baseline]), self.long["change"].to_numpy()


def changes(tables: Tables, design: Design, score: str) -> Changes:
    """The changes from baseline at the planned visits that at least five patients have."""
    visits = tables.visits
    planned = [week for week in visit_weeks(visits, design)[1:] if week in design.planned_weeks]
    before = at_week(visits, 0, score).set_index("patient_id")[score].astype(float)
    after = visits[visits["week"].isin(planned) & visits[score].notna() & visits["patient_id"].isin(before.index)]
    seen = after["week"].value_counts()
    weeks = tuple(week for week in planned if seen.get(week, 0) >= _FEWEST)
    after = after[after["week"].isin(weeks)].sort_values(["patient_id", "week"])
    baseline = after["patient_id"].map(before)
    long = pd.DataFrame(
        {
            "patient_id": after["patient_id"],
            "week": after["week"].astype(int),
            "baseline": baseline,
            "change": (after[score].astype(float) - baseline).round(6),
        }
    )
    start = visits[(visits["week"] == 0) & visits["patient_id"].isin(long["patient_id"])]
    return Changes(long.reset_index(drop=True), weeks, lines_of(visits=pd.concat([start, after])))


@dataclass(frozen=True)
class Fit:
    """A fitted random-intercept model: mean change at each of the weeks at the mean baseline, the slope on baseline,
    the standard deviations between and within patients (points), and fitted values and residuals in the order of
    :attr:`Changes.long`, both with the patient's own level predicted."""

    change: tuple[float, ...]
    slope: float
    sd_between: float
    sd_within: float
    fitted: np.ndarray
    residuals: np.ndarray


def fit(found: Changes) -> Fit:
    """The model by restricted maximum likelihood, with statsmodels (Lindstrom and Bates 1988,
    doi 10.1080/01621459.1988.10478693).

    Powell's search needs no gradient and so finds a variance between patients of zero, where the others get lost; its
    result has to agree with the likelihood as :func:`bootstrap` computes it, or it counts as not converged.
    Raises NotEstimable where the data cannot carry the model or the search does not converge.
    """
    _require(found)
    from statsmodels.regression.mixed_linear_model import MixedLM

    matrix, change = found.matrix()
    groups = found.long["patient_id"].to_numpy()
    with warnings.catch_warnings():  # a variance at zero and a failed search both warn; the second is asked for below
        warnings.simplefilter("ignore")
        try:
            model = MixedLM(change, matrix, groups=groups).fit(reml=True, method=["powell"])
        except np.linalg.LinAlgError:
            raise NotEstimable("the mixed model did not converge") from None
        fitted = np.asarray(model.fittedvalues)
    estimates = np.asarray(model.fe_params, dtype=float)
    between, within = float(np.asarray(model.cov_re)[0, 0]), float(model.scale)
    if not model.converged or not np.isfinite([*estimates, between, within]).all():
        raise NotEstimable("the mixed model did not converge")
    again = _PerPatient.of(matrix, change, _code(found)).restricted_likelihood(np.ones((1, len(found.patients))))[0]
    if np.abs(again - estimates).max() > 0.01 * max(within**0.5, 0.1):
        raise NotEstimable("the mixed model did not converge")
    return Fit(
        tuple(estimates[:-1].tolist()), float(estimates[-1]), max(between, 0.0) ** 0.5, within**0.5, fitted, change - fitted
    )  # fmt: skip


def _require(found: Changes) -> None:
    long = found.long
    if not found.weeks:
        raise NotEstimable(f"no visit after baseline with at least {_FEWEST} patients")
    if long.groupby("patient_id").size().max() < 2:
        raise NotEstimable("nobody has two visits after baseline")
    if long.groupby("patient_id")["baseline"].first().nunique() < 2:
        raise NotEstimable("all baseline values are identical, so that none can be adjusted for")
    matrix, change = found.matrix()
    if len(change) <= matrix.shape[1] + 1 or np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        raise NotEstimable("too few visits for the model")
    rest = change - matrix @ np.linalg.lstsq(matrix, change, rcond=None)[0]
    if rest @ rest <= 1e-9 * max(change @ change, 1.0):
        raise NotEstimable("the changes do not vary beyond visit and baseline")


def bootstrap(found: Changes, replicates: int = REPLICATES, seed: int = SEED) -> np.ndarray:
    """Mean changes at the weeks (columns) in samples of patients drawn with replacement (rows; NaN where a sample
    cannot be estimated).

    A sample is the data with a whole-number weight for each patient, and restricted likelihood is a function of the ratio
    of the two variances alone; so all samples are fitted at once, by golden section on that ratio, within a second:
    statsmodels would need a minute. The tests hold one against the other. Percentile method: Efron and Tibshirani 1993,
    doi 10.1201/9780429246593.
    """
    _require(found)
    matrix, change = found.matrix()
    patients = found.patients
    random = np.random.Generator(np.random.PCG64(seed))
    draws = random.integers(0, len(patients), size=(replicates, len(patients)))
    weights = np.apply_along_axis(np.bincount, 1, draws, minlength=len(patients)).astype(float)
    parts = _PerPatient.of(matrix, change, _code(found))
    estimable = parts.estimable(weights)
    means = np.full((replicates, len(found.weeks)), np.nan)
    if estimable.any():
        weights = weights[estimable]
        beta = parts.restricted_likelihood(weights)
        # Baseline is centred at the mean of the sample drawn, not of the patients we have: that, too, is chance.
        first = found.long.groupby("patient_id")["baseline"].first().reindex(patients).to_numpy()
        shift = weights @ (first - first.mean()) / weights.sum(axis=1)
        means[estimable] = beta[:, :-1] + beta[:, [-1]] * shift[:, None]
    return means


def _code(found: Changes) -> np.ndarray:
    """The place of each row's patient among :attr:`Changes.patients`."""
    return pd.Categorical(found.long["patient_id"], found.patients).codes


@dataclass(frozen=True)
class _PerPatient:
    """Sums over the visits of each patient (first axis): cross products of the design and the changes, plain and of
    their sums."""

    visits: np.ndarray
    plain: np.ndarray
    summed: np.ndarray

    @classmethod
    def of(cls, matrix: np.ndarray, change: np.ndarray, code: np.ndarray) -> "_PerPatient":
        joined = np.column_stack([matrix, change])
        each = [joined[code == patient] for patient in range(code.max() + 1)]
        return cls(
            np.array([len(rows) for rows in each], dtype=float),
            np.array([rows.T @ rows for rows in each]),
            np.array([np.outer(rows.sum(axis=0), rows.sum(axis=0)) for rows in each]),
        )

    def products(self, weights: np.ndarray, ratio: np.ndarray) -> np.ndarray:
        """Weighted sums of (X, y)' V^-1 (X, y) for each sample, V = I + ratio x (matrix of ones)."""
        shrink = weights * (ratio[:, None] / (1 + ratio[:, None] * self.visits))
        return np.tensordot(weights, self.plain, 1) - np.tensordot(shrink, self.summed, 1)

    def estimable(self, weights: np.ndarray) -> np.ndarray:
        """Whether the design of each sample has full rank."""
        inner = self.products(weights, np.zeros(len(weights)))[:, :-1, :-1]
        length = np.sqrt(np.einsum("bii->bi", inner))
        present = (length > 0).all(axis=1)
        safe = np.where(length > 0, length, 1.0)
        scaled = inner / safe[:, :, None] / safe[:, None, :]
        return present & (np.linalg.eigvalsh(scaled)[:, 0] > 1e-8)

    def restricted_likelihood(self, weights: np.ndarray) -> np.ndarray:
        """Coefficients of each sample at the variance ratio that maximises its restricted likelihood."""
        freedom = weights @ self.visits - (self.plain.shape[1] - 1)

        def evaluate(ratio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            products = self.products(weights, ratio)
            inner, outer = products[:, :-1, :-1], products[:, :-1, -1]
            beta = np.linalg.solve(inner, outer[..., None])[..., 0]
            rest = np.maximum(products[:, -1, -1] - (beta * outer).sum(axis=1), 1e-12)
            log_v = (weights * np.log1p(ratio[:, None] * self.visits)).sum(axis=1)
            return freedom * np.log(rest) + log_v + np.linalg.slogdet(inner)[1], beta

        # The ratio r enters as u = r / (1 + r), from 0 (patients do not differ) to almost 1 (visits do not).
        low, high = np.zeros(len(weights)), np.full(len(weights), 1 - 1e-6)
        golden = (np.sqrt(5) - 1) / 2
        for _ in range(24):
            left, right = high - golden * (high - low), low + golden * (high - low)
            better_left = evaluate(left / (1 - left))[0] < evaluate(right / (1 - right))[0]
            low, high = np.where(better_left, low, left), np.where(better_left, right, high)
        middle = (low + high) / 2
        return evaluate(middle / (1 - middle))[1]


def _modelled_change(tables: Tables, design: Design, score: str) -> list[Result]:
    found = changes(tables, design, score)
    model = cache(_remembering(lambda: fit(found)))
    samples = cache(_remembering(lambda: bootstrap(found)))
    how = (
        f"Random-intercept model of the change of {score} from baseline: visit as factor, baseline as covariate, by "
        "restricted maximum likelihood. Mean change at the mean baseline. Interval: 2.5th and 97.5th percentile of "
        f"{REPLICATES} bootstrap samples of patients, seed {SEED}."
    )

    def limits(place: int) -> tuple[float, float]:
        _raising(model())
        means = _raising(samples())
        usable = means[~np.isnan(means).any(axis=1), place]
        if len(usable) < _ACCEPTED * len(means):
            raise NotEstimable(f"only {len(usable)} of {len(means)} bootstrap samples can be estimated")
        low, high = np.quantile(usable, (0.025, 0.975))
        return float(low), float(high)

    rows: list[Result] = []
    for week in visit_weeks(tables.visits, design)[1:]:
        if week not in design.planned_weeks:
            continue
        size = int((found.long["week"] == week).sum())
        family = Family(
            "efficacy", f"{score}_change", "points", size, week=week, method="mixed_model", lines=found.lines, how=how
        )
        rows.append(family.count("n", size))
        if week in found.weeks:
            place = found.weeks.index(week)
            rows.append(family.row("mean", lambda place=place: _raising(model()).change[place]))
            rows += family.interval(lambda place=place: limits(place))
        else:
            reason = no_visit(tables.visits, week) or f"fewer than {_FEWEST} patients seen at this visit"
            rows += family.several(("mean", "ci_low", "ci_high"), lambda reason=reason: _unable(reason))
    whole = Family(
        "efficacy", f"{score}_change", "points", len(found.patients), method="mixed_model", lines=found.lines, how=how
    )
    rows += [
        whole.count("n", len(found.patients)),
        whole.count("observations", len(found.long), "visits"),
        whole.row("sd_between", lambda: _raising(model()).sd_between),
        whole.row("sd_within", lambda: _raising(model()).sd_within),
        whole.row("slope", lambda: _raising(model()).slope, unit="points per point of baseline", decimals=2),
        whole.count("replicates", REPLICATES, "samples"),
    ]
    return rows


def _remembering(compute: Callable) -> Callable:
    """`compute`, with its NotEstimable returned instead of raised, so that it can be kept."""

    def outcome():
        try:
            return compute()
        except NotEstimable as problem:
            return problem

    return outcome


def _raising(outcome):
    if isinstance(outcome, NotEstimable):
        raise outcome
    return outcome


def _unable(reason: str):
    raise NotEstimable(reason)
