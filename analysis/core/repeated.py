"""Mixed model for repeated measures (MMRM): normal outcomes of one patient's visits with a common covariance.

Restricted maximum likelihood (Patterson and Thompson 1971, doi 10.1093/biomet/58.3.545) by Fisher's scoring with halved steps, then
Newton's; standard errors and degrees of freedom after Kenward and Roger 1997, doi 10.2307/2533558, with the observed information of
the covariance parameters, as SAS PROC MIXED has it (DDFM=KR; for structures that are not linear in their parameters
DDFM=KR(LINEAR)). The tests hold it against SAS, R's nlme and statsmodels. No Python library fits such models with free covariance.

All that the likelihood needs of the data are cross products of design and outcome, summed over the patients who have the same visits;
so a fit takes milliseconds, whatever the number of patients.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.core.statistics import NotEstimable, t_quantile

_SINGULAR = 1e-6
"""A correlation matrix whose smallest eigenvalue lies below is singular."""
_STEPS = 200
"""Steps of the search; ordinary data need fewer than ten."""

At = Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]]
"""From parameters and the number of visits: the covariance (visits by visits), and its derivatives by each parameter."""


@dataclass(frozen=True)
class Structure:
    """A form of the covariance; `start` gives parameters to start from, from the variance at each visit."""

    id: str
    name: str
    at: At
    start: Callable[[np.ndarray], np.ndarray]


def _free(visits: int) -> np.ndarray:
    """The base of symmetric matrices: one for each variance and each covariance."""
    rows, columns = np.tril_indices(visits)
    base = np.zeros((len(rows), visits, visits))
    base[np.arange(len(rows)), rows, columns] = base[np.arange(len(rows)), columns, rows] = 1
    return base


def _shared(visits: int) -> np.ndarray:
    """The base of compound symmetry: a variance within, and a covariance of all visits."""
    return np.array([np.eye(visits), np.ones((visits, visits))])


def _linear(base: Callable[[int], np.ndarray]) -> At:
    def at(parameters: np.ndarray, visits: int) -> tuple[np.ndarray, np.ndarray]:
        return np.tensordot(parameters, base(visits), 1), base(visits)

    return at


def _heterogeneous(correlate: At) -> At:
    """A variance for each visit, then the parameters of a correlation matrix."""

    def at(parameters: np.ndarray, visits: int) -> tuple[np.ndarray, np.ndarray]:
        variances = parameters[:visits]
        correlation, slopes = correlate(parameters[visits:], visits)
        if (variances <= 0).any():
            return np.full_like(correlation, np.nan), slopes
        sizes = np.sqrt(np.outer(variances, variances))
        covariance, unit = correlation * sizes, np.eye(visits)
        by_variance = covariance * (unit[:, :, None] + unit[:, None, :]) / (2 * variances[:, None, None])
        return covariance, np.concatenate([by_variance, slopes * sizes])

    return at


def _lags(visits: int) -> np.ndarray:
    return np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))


def _toeplitz(parameters: np.ndarray, visits: int) -> tuple[np.ndarray, np.ndarray]:
    slopes = np.array([(_lags(visits) == lag).astype(float) for lag in range(1, visits)])
    return np.eye(visits) + np.tensordot(parameters, slopes, 1), slopes


def _autoregressive(parameters: np.ndarray, visits: int) -> tuple[np.ndarray, np.ndarray]:
    lags, (rho,) = _lags(visits), parameters
    return rho**lags, (lags * rho ** np.maximum(lags - 1, 0))[None]


def _equal(parameters: np.ndarray, visits: int) -> tuple[np.ndarray, np.ndarray]:
    slope = 1.0 - np.eye(visits)
    return np.eye(visits) + parameters[0] * slope, slope[None]


def _uncorrelated(extra: Callable[[int], int]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda variances: np.concatenate([variances, np.zeros(extra(len(variances)))])


UNSTRUCTURED = Structure(
    "unstructured",
    "Unstructured",
    _linear(_free),
    lambda variances: np.diag(variances)[np.tril_indices(len(variances))],
)
COMPOUND_SYMMETRY = Structure(
    "compound_symmetry", "Compound symmetry", _linear(_shared), lambda variances: np.array([variances.mean(), 0.0])
)
STRUCTURES = (
    UNSTRUCTURED,
    Structure(
        "toeplitz", "Heterogeneous Toeplitz", _heterogeneous(_toeplitz), _uncorrelated(lambda visits: visits - 1)
    ),
    Structure(
        "autoregressive",
        "Heterogeneous autoregressive",
        _heterogeneous(_autoregressive),
        _uncorrelated(lambda visits: 1),
    ),
    Structure(
        "heterogeneous_symmetry",
        "Heterogeneous compound symmetry",
        _heterogeneous(_equal),
        _uncorrelated(lambda visits: 1),
    ),
    COMPOUND_SYMMETRY,
)
"""From the freest to the most restricted: the order in which they are tried."""


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of coefficients: estimate, standard error, degrees of freedom, and 95 % limits by Student's t."""

    estimate: float
    standard_error: float
    freedom: float
    low: float
    high: float


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    `coefficients` (p); `information` inverse of the fixed effects' information (p by p) and `adjusted` the same after Kenward and
    Roger; `covariance` of the visits; `parameters` of its structure, `uncertainty` their covariance and `spread` the derivatives
    (parameters by p by p) of `information` by them; `deviance` is -2 log restricted likelihood.
    """

    structure: Structure
    coefficients: np.ndarray
    information: np.ndarray
    adjusted: np.ndarray
    covariance: np.ndarray
    parameters: np.ndarray
    uncertainty: np.ndarray
    spread: np.ndarray
    deviance: float

    def contrast(self, weights: np.ndarray) -> Contrast:
        """The weighted sum of coefficients. For a single one Kenward and Roger's degrees of freedom are Satterthwaite's."""
        gradient = self.spread @ weights @ weights
        variance, squared = weights @ self.information @ weights, weights @ self.adjusted @ weights
        freedom = 2 * variance**2 / (gradient @ self.uncertainty @ gradient)
        estimate, error = float(weights @ self.coefficients), float(np.sqrt(squared))
        half = t_quantile(freedom) * error
        return Contrast(estimate, error, float(freedom), estimate - half, estimate + half)


def scaled_residuals(outcome: np.ndarray, design: np.ndarray, found: Fit) -> np.ndarray:
    """Residuals (patients by visits, NaN where missing) that the model takes to be independent and standard normal: a patient's
    residuals times the inverse of the Cholesky factor of their covariance."""
    residuals = outcome - design @ found.coefficients
    scaled = np.full_like(residuals, np.nan)
    for row, own in zip(scaled, residuals, strict=True):
        seen = ~np.isnan(own)
        row[seen] = np.linalg.solve(np.linalg.cholesky(found.covariance[np.ix_(seen, seen)]), own[seen])
    return scaled


def fit(outcome: np.ndarray, design: np.ndarray, structure: Structure) -> Fit:
    """The model of `outcome` (patients by visits, NaN where missing) with the fixed effects `design` (patients by visits by p).

    Raises NotEstimable where the fixed effects are not determined, the outcome does not vary, the search does not converge, or the
    covariance it comes to is singular.

    Three visits that are complete: the means, and the interval of the last change is Student's.

    >>> outcome = np.array([[9.0, 5, 2], [8, 6, 4], [7, 3, 3], [9, 4, 1], [6, 4, 2], [8, 3, 2]])
    >>> found = fit(outcome, np.tile(np.eye(3), (6, 1, 1)), UNSTRUCTURED)
    >>> change = found.contrast(np.array([-1, 0, 1]))
    >>> round(change.estimate, 3), round(change.standard_error, 3), round(change.freedom, 3)
    (-5.5, 0.719, 5.0)
    """
    seen = ~np.isnan(outcome)
    rows, values = design[seen], outcome[seen]
    if len(values) <= rows.shape[1] or np.linalg.matrix_rank(rows) < rows.shape[1]:
        raise NotEstimable("too few visits for the model")
    rest = values - rows @ np.linalg.lstsq(rows, values, rcond=None)[0]
    scale = float(np.sqrt(rest @ rest / (len(values) - rows.shape[1])))
    if scale <= 1e-6 * max(float(np.abs(values).max()), 1e-6):
        raise NotEstimable("the values do not vary")
    products = _Products.of(outcome / scale, design.astype(float))
    spread = np.where(seen, 0.0, np.nan)
    spread[seen] = (rest / scale) ** 2
    variances = np.maximum(np.nanmean(spread, axis=0), 1e-3)
    found = _maximise(products, structure, structure.start(variances))
    covariance, slopes = structure.at(found, outcome.shape[1])
    likelihood = products.likelihood(covariance)
    information = _observed(products, structure, found)
    if not np.linalg.eigvalsh(information)[0] > 0:
        raise NotEstimable("the search did not converge")
    uncertainty = np.linalg.inv(information)
    first, second = products.derivatives(covariance, slopes)
    inverse = likelihood.inverse
    both = second - first[:, None] @ inverse @ first[None]
    adjusted = inverse + 2 * inverse @ np.tensordot(uncertainty, both, 2) @ inverse
    if not np.linalg.eigvalsh(adjusted)[0] > 0:
        raise NotEstimable("the model gives no standard errors")
    count = len(values) - rows.shape[1]
    # Parameters stay on the scaled outcome: variances and correlations scale differently, and nothing asks for them.
    return Fit(
        structure=structure,
        coefficients=scale * likelihood.coefficients,
        information=scale**2 * inverse,
        adjusted=scale**2 * adjusted,
        covariance=scale**2 * covariance,
        parameters=found,
        uncertainty=uncertainty,
        spread=-(scale**2) * inverse @ first @ inverse,
        deviance=likelihood.deviance + count * float(np.log(2 * np.pi * scale**2)),
    )


@dataclass(frozen=True)
class _Likelihood:
    """-2 log restricted likelihood less a constant, its gradient by the covariance, the coefficients and the inverse of their
    information."""

    deviance: float
    gradient: np.ndarray
    coefficients: np.ndarray
    inverse: np.ndarray


@dataclass(frozen=True)
class _Products:
    """Cross products of design and outcome, for each set of visits that some patients have (the first axis, s).

    `seen` (s by visits) are those sets, as 0 and 1, `patients` (s) the number who have each, and `sums` (s by visits by visits by
    p + 1 by p + 1) the sums of the outer products of their rows (design, outcome); 0 where a visit is not among the set.
    """

    seen: np.ndarray
    patients: np.ndarray
    sums: np.ndarray

    @classmethod
    def of(cls, outcome: np.ndarray, design: np.ndarray) -> "_Products":
        seen = ~np.isnan(outcome)
        joined = np.concatenate([design, outcome[:, :, None]], axis=2)
        joined[~seen] = 0
        sets, which, patients = np.unique(seen, axis=0, return_inverse=True, return_counts=True)
        rows = [joined[which.ravel() == place] for place in range(len(sets))]
        return cls(sets.astype(float), patients, np.array([np.einsum("iar,ibs->abrs", each, each) for each in rows]))

    def likelihood(self, covariance: np.ndarray) -> _Likelihood:
        """Raises LinAlgError where the covariance is not positive definite."""
        weights, log_determinant = self._weights(covariance)
        products = _contract(weights, self.sums)
        inverse = np.linalg.inv(products[:-1, :-1])
        coefficients = inverse @ products[:-1, -1]
        rest = float(products[-1, -1] - coefficients @ products[:-1, -1])
        residual = np.append(-coefficients, 1.0)
        both = np.outer(residual, residual)
        both[:-1, :-1] += inverse
        inner = np.tensordot(self.sums, both, 2)
        gradient = (self.patients[:, None, None] * weights - weights @ inner @ weights).sum(axis=0)
        deviance = log_determinant + float(np.linalg.slogdet(products[:-1, :-1])[1]) + rest
        return _Likelihood(deviance, gradient, coefficients, inverse)

    def _weights(self, covariance: np.ndarray) -> tuple[np.ndarray, float]:
        """The inverse covariance of each set of visits (0 outside it), and the sum of the log determinants over patients."""
        both = self.seen[:, :, None] * self.seen[:, None, :]
        part = covariance * both + np.eye(len(covariance)) * (1 - self.seen[:, :, None])
        diagonal = np.diagonal(np.linalg.cholesky(part), axis1=1, axis2=2)
        return np.linalg.inv(part) * both, 2 * float(self.patients @ np.log(diagonal).sum(axis=1))

    def _turned(self, covariance: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For each set of visits V^-1 dV and V^-1 dV V^-1, by parameter (the second axis)."""
        weights = self._weights(covariance)[0][:, None]
        return weights @ slopes, weights @ slopes @ weights

    def derivatives(self, covariance: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """P (parameters by p by p) and Q (parameters by parameters by p by p) of Kenward and Roger: X' d(V^-1) X and
        X' d(V^-1) V d(V^-1) X."""
        inner, turned = self._turned(covariance, slopes)
        design = self.sums[..., :-1, :-1]
        second = [
            np.tensordot(np.tensordot(left, right, ((2,), (1,))), total, ((1, 3), (0, 1)))
            for left, right, total in zip(inner, turned, design, strict=True)
        ]
        return -_contract(turned, design), sum(second)

    def expected(self, covariance: np.ndarray, slopes: np.ndarray, inverse: np.ndarray) -> np.ndarray:
        """The expected restricted information of the parameters."""
        inner, turned = self._turned(covariance, slopes)
        design = self.sums[..., :-1, :-1]
        leverage = np.tensordot(design, inverse, 2)[:, None]
        solved = inverse @ _contract(turned, design)
        both = _traces(inner * self.patients[:, None, None, None], inner) - 2 * _traces(leverage @ inner, turned)
        return (both + _traces(solved[None], solved[None])) / 2


def _contract(weights: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Sums over sets (the first axis) and pairs of visits (the last two of `weights`, the next two of `sums`)."""
    return np.tensordot(weights, sums, ((0, -2, -1), (0, 1, 2)))


def _traces(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Traces of left_j right_k, summed over sets (the first axis), for each pair of parameters (the second)."""
    return np.tensordot(left, right, ((0, 2, 3), (0, 3, 2)))


def _gradient(products: _Products, structure: Structure, parameters: np.ndarray) -> tuple[float, np.ndarray]:
    """Deviance, and the gradient of the log restricted likelihood by the parameters."""
    covariance, slopes = structure.at(parameters, products.seen.shape[1])
    found = products.likelihood(covariance)
    return found.deviance, -np.tensordot(slopes, found.gradient, 2) / 2


def _maximise(products: _Products, structure: Structure, parameters: np.ndarray) -> np.ndarray:
    """Parameters at the maximum of the restricted likelihood."""
    try:
        for _ in range(_STEPS):
            covariance, slopes = structure.at(parameters, products.seen.shape[1])
            _require_regular(covariance, _SINGULAR)
            deviance, gradient = _gradient(products, structure, parameters)
            inverse = products.likelihood(covariance).inverse
            step = np.linalg.solve(products.expected(covariance, slopes, inverse), gradient)
            if gradient @ step < 1e-9:
                break
            parameters = _better(products, structure, parameters, step, deviance)
        else:
            raise np.linalg.LinAlgError
        observed = _observed(products, structure, parameters)
        for _ in range(3):  # Newton's steps: to the last digits, on every machine
            parameters = parameters + np.linalg.solve(observed, _gradient(products, structure, parameters)[1])
        _require_regular(structure.at(parameters, products.seen.shape[1])[0], _SINGULAR)
    except np.linalg.LinAlgError:
        _require_regular(structure.at(parameters, products.seen.shape[1])[0], 100 * _SINGULAR)
        raise NotEstimable("the search did not converge") from None
    return parameters


def _better(
    products: _Products, structure: Structure, parameters: np.ndarray, step: np.ndarray, deviance: float
) -> np.ndarray:
    """The parameters after the longest of the halved steps that lessens the deviance; LinAlgError where none does."""
    for _ in range(40):
        try:
            if _gradient(products, structure, parameters + step)[0] < deviance:
                return parameters + step
        except np.linalg.LinAlgError:
            pass
        step = step / 2
    raise np.linalg.LinAlgError


def _require_regular(covariance: np.ndarray, least: float) -> None:
    """Raises NotEstimable where the smallest eigenvalue of the correlation matrix is below `least`."""
    sizes = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    singular = not sizes.min() > 1e-6 * sizes.max()
    if singular or np.linalg.eigvalsh(covariance / np.outer(sizes, sizes))[0] < least:
        raise NotEstimable("the covariance comes out singular")


def _observed(products: _Products, structure: Structure, parameters: np.ndarray) -> np.ndarray:
    """The observed restricted information of the parameters, by central differences of the gradient; the steps are small beside
    what the data leave open of each parameter."""
    covariance, slopes = structure.at(parameters, products.seen.shape[1])
    expected = products.expected(covariance, slopes, products.likelihood(covariance).inverse)
    rows = []
    for place, step in enumerate(1e-4 / np.sqrt(np.diag(expected))):
        shift = np.zeros(len(parameters))
        shift[place] = step
        above, below = (_gradient(products, structure, parameters + sign * shift)[1] for sign in (1, -1))
        rows.append((below - above) / (2 * step))
    return (np.array(rows) + np.array(rows).T) / 2
