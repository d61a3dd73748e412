"""Residuals of the mixed models of the scores, which say whether the models' assumptions hold."""

from dataclasses import dataclass

import numpy as np

from analysis import course
from analysis.core import repeated
from analysis.core.design import Design, Tables
from analysis.core.statistics import NotEstimable
from protocol import outcomes


@dataclass(frozen=True)
class Residuals:
    """One score's, patients by visits (NaN where missing): `plain` in points, `scaled` to independent ones of variance 1.

    `sizes` are the model's standard deviations at the `weeks`.
    """

    weeks: list[int]
    plain: np.ndarray
    scaled: np.ndarray
    sizes: np.ndarray


def of_models(tables: Tables, design: Design) -> list[tuple[outcomes.Score, Residuals | NotEstimable]]:
    """Of each modelled score the residuals of the first model that can be estimated, or why there is none."""
    return [(score, _of(tables, design, score.id)) for score in outcomes.MODELLED]


def _of(tables: Tables, design: Design, score: str) -> Residuals | NotEstimable:
    found = course.scores(tables, design, score)
    try:
        model = course.first_fitting(found)
    except NotEstimable as problem:
        return problem
    outcome = found.table.to_numpy()
    scaled = repeated.scaled_residuals(outcome, found.design(), model)
    return Residuals(found.weeks, outcome - model.coefficients, scaled, np.sqrt(np.diag(model.covariance)))
