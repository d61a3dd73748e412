"""Draws of missing values from a joint normal model, by data augmentation, in which ordinal columns are grades of a latent normal.

A grade says no more of its latent value than that it lies between those of the lower and of the higher grades (the rank likelihood of
Hoff 2007, doi 10.1214/07-AOAS107); so an imputed grade is one that somebody has, and the distances between grades are not assumed.

Source: Schafer 1997, Analysis of Incomplete Multivariate Data, chapter 5 (Chapman & Hall).
"""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas as pd

from analysis.core.sizes import Chain
from analysis.core.statistics import NotEstimable

_FEWEST = 5
"""Observed values that a column needs to be modelled."""


def joint_normal(
    table: pd.DataFrame, needed: Sequence, chain: Chain, seed: int, ordinal: Collection = ()
) -> Iterator[pd.DataFrame]:
    """Completed copies of `table` (patients by columns, NaN where missing), with at least the columns `needed`.

    Columns are standardised, those of `ordinal` taken as grades; the covariance has an inverse Wishart prior about the identity that
    weighs as much as one patient, which keeps the posterior proper when columns outnumber patients. Columns that hardly anybody has
    or in which nobody differs are left out; raises NotEstimable where one of them is needed and has gaps: there is nothing to learn
    it from.
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
    graded = [place for place, column in enumerate(informative) if column in ordinal]
    centre, scale = model.mean(), model.std()
    complete = table[list(dict.fromkeys([*informative, *needed]))]
    standard = ((model - centre) / scale).to_numpy()
    for drawn in _augmented(standard, graded, chain, np.random.Generator(np.random.PCG64(seed))):
        yield complete.fillna(pd.DataFrame(drawn, index=model.index, columns=model.columns) * scale + centre)


def _augmented(
    data: np.ndarray, graded: list[int], chain: Chain, random: np.random.Generator
) -> Iterator[np.ndarray]:
    """Completed copies of `data` (n by d, NaN where missing): a Markov chain that draws mean and covariance given the data and the
    latent values of the columns `graded`, then the latent values, then the missing values."""
    size, width = data.shape
    gaps = np.isnan(data)
    patterns = [(pattern, np.flatnonzero((gaps == pattern).all(axis=1))) for pattern in np.unique(gaps, axis=0)]
    filled = np.where(gaps, 0.0, data)
    for column in graded:
        filled[~gaps[:, column], column] = _normal_scores(data[~gaps[:, column], column])
    rows_of_grades = {column: _rows_of_grades(data[:, column]) for column in graded}
    for step in range(chain.burn_in + chain.between * chain.imputations):
        mean = filled.mean(axis=0)
        deviations = filled - mean
        covariance = _inverse_wishart(np.eye(width) + deviations.T @ deviations, size + width + 1, random)
        mean = mean + np.linalg.cholesky(covariance) @ random.standard_normal(width) / np.sqrt(size)
        # Grades leave place and scale of their latent values open: they are set to 0 and 1.
        shift, stretch = np.zeros(width), np.ones(width)
        shift[graded], stretch[graded] = mean[graded], np.sqrt(np.diag(covariance)[graded])
        filled, mean, covariance = (filled - shift) / stretch, (mean - shift) / stretch, covariance / np.outer(stretch, stretch)
        for column in graded:
            _draw_latent(filled, rows_of_grades[column], column, mean, covariance, random)
        for pattern, members in patterns:
            if not pattern.any():
                continue
            known = ~pattern
            slope = np.linalg.solve(covariance[np.ix_(known, known)], covariance[np.ix_(known, pattern)])
            rest = covariance[np.ix_(pattern, pattern)] - covariance[np.ix_(pattern, known)] @ slope
            noise = random.standard_normal((len(members), pattern.sum())) @ np.linalg.cholesky((rest + rest.T) / 2).T
            expected = mean[pattern] + (filled[np.ix_(members, known)] - mean[known]) @ slope
            filled[np.ix_(members, pattern)] = expected + noise
        if step >= chain.burn_in and (step - chain.burn_in) % chain.between == chain.between - 1:
            drawn = filled.copy()
            for column in graded:
                drawn[:, column] = _grades(filled[:, column], data[:, column])
            yield drawn


def _normal_scores(values: np.ndarray) -> np.ndarray:
    """Standard normal quantiles in the order of the values, equal for equal ones."""
    from scipy import special, stats

    return special.ndtri(stats.rankdata(values) / (len(values) + 1))


def _rows_of_grades(grades: np.ndarray) -> list[np.ndarray]:
    """The rows that have each grade, from the lowest grade on."""
    return [np.flatnonzero(grades == grade) for grade in np.unique(grades[~np.isnan(grades)])]


def _draw_latent(
    filled: np.ndarray,
    rows_of_grades: list[np.ndarray],
    column: int,
    mean: np.ndarray,
    covariance: np.ndarray,
    random: np.random.Generator,
) -> None:
    """Draws the latent values of one column in place, each between those of the next lower and the next higher grade."""
    from scipy import special

    others = np.arange(len(mean)) != column
    slope = np.linalg.solve(covariance[np.ix_(others, others)], covariance[others, column])
    spread = np.sqrt(covariance[column, column] - covariance[column, others] @ slope)
    expected = mean[column] + (filled[:, others] - mean[others]) @ slope
    lowest = [filled[rows, column].min() for rows in rows_of_grades]
    low = -np.inf
    for place, own in enumerate(rows_of_grades):
        high = min(lowest[place + 1 :], default=np.inf)
        lower, upper = (low - expected[own]) / spread, (high - expected[own]) / spread
        # Ranges in the upper tail are drawn in the lower one, where probabilities keep their digits.
        sign = np.where(lower > 0, -1.0, 1.0)
        near, far = np.where(lower > 0, -upper, lower), np.where(lower > 0, -lower, upper)
        start, end = special.ndtr(near), special.ndtr(far)
        drawn = sign * special.ndtri(start + (end - start) * random.random(len(own)))
        latent = np.clip(expected[own] + spread * drawn, low, high)
        filled[own, column] = latent
        low = max(low, latent.max())


def _grades(latent: np.ndarray, grades: np.ndarray) -> np.ndarray:
    """The grades (NaN where missing), completed: a missing one is that between whose limits its latent value lies."""
    seen = ~np.isnan(grades)
    present = np.unique(grades[seen])
    limits = [
        (latent[seen][grades[seen] <= low].max() + latent[seen][grades[seen] > low].min()) / 2 for low in present[:-1]
    ]
    return np.where(seen, grades, present[np.searchsorted(limits, latent)])


def _inverse_wishart(scale: np.ndarray, freedom: int, random: np.random.Generator) -> np.ndarray:
    """A draw from the inverse Wishart distribution, by Bartlett's decomposition of the Wishart matrix."""
    width = len(scale)
    factor = np.linalg.cholesky(np.linalg.inv(scale))
    triangle = np.tril(random.standard_normal((width, width)), -1)
    triangle[np.diag_indices(width)] = np.sqrt(random.chisquare(freedom - np.arange(width)))
    root = factor @ triangle
    inverse = np.linalg.inv(root @ root.T)
    return (inverse + inverse.T) / 2
