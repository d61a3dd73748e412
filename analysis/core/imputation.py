"""Draws of missing values from a joint normal model, by data augmentation.

Source: Schafer 1997, Analysis of Incomplete Multivariate Data, chapter 5 (Chapman & Hall).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from analysis.core.statistics import NotEstimable

_BURN_IN, _BETWEEN = 100, 10
"""Steps before the first imputation, and from one to the next."""
_FEWEST = 5
"""Observed values that a column needs to be modelled."""


def joint_normal(table: pd.DataFrame, needed: Sequence, imputations: int, seed: int) -> Iterator[pd.DataFrame]:
    """Completed copies of `table` (patients by columns, NaN where missing), with at least the columns `needed`.

    Columns are standardised; the covariance has an inverse Wishart prior about the identity that weighs as much as one
    patient, which keeps the posterior proper when columns outnumber patients. Columns that hardly anybody has or in
    which nobody differs are left out; raises NotEstimable where one of them is needed and has gaps: there is nothing to
    learn it from.
    """
    informative = [column for column in table if table[column].count() >= _FEWEST and table[column].nunique() > 1]
    for column in needed:
        if table[column].isna().any() and column not in informative:
            few = table[column].count() < _FEWEST
            raise NotEstimable(
                f"fewer than {_FEWEST} patients have the values to impute from" if few else
                "the values to impute from do not vary"
            )  # fmt: skip
    model = table[informative]
    centre, scale = model.mean(), model.std()
    complete = table[list(dict.fromkeys([*informative, *needed]))]
    standard = ((model - centre) / scale).to_numpy()
    for drawn in _augmented(standard, imputations, np.random.Generator(np.random.PCG64(seed))):
        yield complete.fillna(pd.DataFrame(drawn, index=model.index, columns=model.columns) * scale + centre)


def _augmented(data: np.ndarray, imputations: int, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Completed copies of `data` (n by d, NaN where missing): a Markov chain that draws mean and covariance given the
    data, then the missing values given both."""
    size, width = data.shape
    gaps = np.isnan(data)
    patterns = [(pattern, np.flatnonzero((gaps == pattern).all(axis=1))) for pattern in np.unique(gaps, axis=0)]
    filled = np.where(gaps, 0.0, data)
    for step in range(_BURN_IN + _BETWEEN * imputations):
        mean = filled.mean(axis=0)
        deviations = filled - mean
        covariance = _inverse_wishart(np.eye(width) + deviations.T @ deviations, size + width + 1, random)
        mean = mean + np.linalg.cholesky(covariance) @ random.standard_normal(width) / np.sqrt(size)
        for pattern, members in patterns:
            if not pattern.any():
                continue
            known = ~pattern
            slope = np.linalg.solve(covariance[np.ix_(known, known)], covariance[np.ix_(known, pattern)])
            rest = covariance[np.ix_(pattern, pattern)] - covariance[np.ix_(pattern, known)] @ slope
            noise = random.standard_normal((len(members), pattern.sum())) @ np.linalg.cholesky((rest + rest.T) / 2).T
            expected = mean[pattern] + (filled[np.ix_(members, known)] - mean[known]) @ slope
            filled[np.ix_(members, pattern)] = expected + noise
        if step >= _BURN_IN and (step - _BURN_IN) % _BETWEEN == _BETWEEN - 1:
            yield filled.copy()


def _inverse_wishart(scale: np.ndarray, freedom: int, random: np.random.Generator) -> np.ndarray:
    """A draw from the inverse Wishart distribution, by Bartlett's decomposition of the Wishart matrix."""
    width = len(scale)
    factor = np.linalg.cholesky(np.linalg.inv(scale))
    triangle = np.tril(random.standard_normal((width, width)), -1)
    triangle[np.diag_indices(width)] = np.sqrt(random.chisquare(freedom - np.arange(width)))
    root = factor @ triangle
    inverse = np.linalg.inv(root @ root.T)
    return (inverse + inverse.T) / 2
