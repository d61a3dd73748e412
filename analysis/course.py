"""Course over time: mean scores and changes from a mixed model for repeated measures.

The model uses every visit of every patient. A patient's scores at baseline and at the later visits are jointly normal, with a
mean of its own for each visit; baseline is one of the outcomes and no covariate, as in constrained longitudinal analysis (Lu
2010, doi 10.1111/j.1541-0420.2009.01332.x). So the interval of a mean change covers the chance in baseline, too, and where no
visit is missing it is Student's for the paired changes. Missing visits are taken to be missing at random given the patient's
other visits.

The covariance of the visits is unstructured. Only where that cannot be estimated the next of
:data:`analysis.core.repeated.STRUCTURES` is taken; every structure has rows that say how well it fits or why it does not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis.core import display, repeated
from analysis.core.design import Design, Tables
from analysis.core.families import Family, at_week, lines_of, no_visit, visit_weeks
from analysis.core.repeated import COMPOUND_SYMMETRY, STRUCTURES, UNSTRUCTURED, Fit, Structure
from analysis.core.results import Result
from analysis.core.statistics import NotEstimable
from protocol import outcomes

_FEWEST = 5
"""Patients that a visit needs to enter the model."""


def course(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `efficacy`: means and changes by the method mixed_model, and the fit of each structure of the covariance."""
    rows: list[Result] = []
    for score in outcomes.MODELLED:
        rows += _modelled(tables, design, score.id)
    return rows


@dataclass(frozen=True)
class Scores:
    """A score at the visits that enter the model: one row a patient who has any, one column a week (NaN where missing)."""

    table: pd.DataFrame
    lines: dict

    @property
    def weeks(self) -> list[int]:
        return list(self.table.columns)

    def design(self) -> np.ndarray:
        """Patients by visits by coefficients: each visit has its own mean."""
        return np.tile(np.eye(len(self.weeks)), (len(self.table), 1, 1))


def scores(tables: Tables, design: Design, score: str) -> Scores:
    """The scores at baseline and at the planned visits that at least five patients have."""
    seen = tables.visits[tables.visits[score].notna()]
    counts = seen["week"].value_counts()
    weeks = [
        week
        for week in visit_weeks(tables.visits, design)
        if week in {0, *design.planned_weeks} and counts.get(week, 0) >= _FEWEST
    ]
    seen = seen[seen["week"].isin(weeks)]
    table = seen.assign(**{score: seen[score].astype(float)}).pivot(index="patient_id", columns="week", values=score)
    return Scores(table.sort_index(), lines_of(visits=seen))


def fit(found: Scores, structure: Structure) -> Fit:
    """The model with one structure; raises NotEstimable where the data cannot carry it."""
    _require(found)
    seen = found.table.notna().to_numpy().astype(int)
    if structure is UNSTRUCTURED and (seen.T @ seen).min() <= len(found.weeks):
        raise NotEstimable(f"two visits are shared by no more patients than there are visits ({len(found.weeks)})")
    return repeated.fit(found.table.to_numpy(), found.design(), structure)


def _require(found: Scores) -> None:
    if 0 not in found.weeks:
        raise NotEstimable(f"fewer than {_FEWEST} patients have a value at baseline")
    if len(found.weeks) < 2:
        raise NotEstimable(f"no visit after baseline with at least {_FEWEST} patients")
    for week in found.weeks:
        if found.table[week].nunique() < 2:
            raise NotEstimable(f"all values at week {week} are identical")


def first_fitting(found: Scores) -> Fit:
    """The model with the first structure that can be estimated; raises NotEstimable where there is none."""
    for structure in STRUCTURES:
        try:
            return fit(found, structure)
        except NotEstimable as problem:
            last = problem
    raise last


def _modelled(tables: Tables, design: Design, score: str) -> list[Result]:
    found = scores(tables, design, score)
    fits = {structure: _remembering(lambda structure=structure: fit(found, structure))() for structure in STRUCTURES}
    estimated = [each for each in fits.values() if isinstance(each, Fit)]

    def model() -> Fit:
        return estimated[0] if estimated else _raising(fits[COMPOUND_SYMMETRY])

    name = f", here {estimated[0].structure.name.lower()}" if estimated else ""
    how = (
        f"Mixed model for repeated measures of {score} at baseline and later visits, each visit with its own mean, by restricted "
        f"maximum likelihood; covariance unstructured, or the next in order that can be estimated{name}. Standard errors and degrees "
        "of freedom after Kenward and Roger 1997, doi 10.2307/2533558; interval from Student's t."
    )
    rows: list[Result] = []
    planned = [week for week in visit_weeks(tables.visits, design) if week in {0, *design.planned_weeks}]
    for week in planned:
        size = int(at_week(tables.visits, week, score)["patient_id"].nunique())
        few = None
        if week not in found.weeks:
            few = no_visit(tables.visits, week) or f"fewer than {_FEWEST} patients seen at this visit"
        usual = {"week": week, "method": "mixed_model", "lines": found.lines, "how": how, "absent": few}
        rows += _of_week(Family("efficacy", score, "points", size, **usual), found, model)
        if week:
            rows += _change_at(Family("efficacy", f"{score}_change", "points", size, **usual), found, model)
    patients = len(found.table)
    whole = Family("efficacy", f"{score}_change", "points", patients, method="mixed_model", lines=found.lines, how=how)
    rows += [
        whole.count("n", patients),
        whole.count("observations", int(found.table.notna().to_numpy().sum()), "visits"),
    ]
    for structure in STRUCTURES:
        rows += _of_structure(score, found, structure, fits)
    return rows


def _of_week(family: Family, found: Scores, model) -> list[Result]:
    def place() -> int:
        return found.weeks.index(family.week)

    return [
        family.count("n", family.n),
        family.row("mean", lambda: float(model().coefficients[place()])),
        family.row("sd", lambda: float(np.sqrt(model().covariance[place(), place()]))),
    ]


def _change_at(family: Family, found: Scores, model) -> list[Result]:
    @cache
    def change() -> repeated.Contrast:
        weights = np.zeros(len(found.weeks))
        weights[found.weeks.index(family.week)], weights[found.weeks.index(0)] = 1, -1
        return model().contrast(weights)

    return [
        family.count("n", family.n),
        family.row("mean", lambda: change().estimate),
        *family.interval(lambda: (change().low, change().high)),
        family.row("standard_error", lambda: change().standard_error),
        family.row("degrees_of_freedom", lambda: change().freedom, unit="degrees of freedom"),
    ]


def _of_structure(score: str, found: Scores, structure: Structure, fits: dict) -> list[Result]:
    """How well one structure fits, and whether it fits better than compound symmetry (likelihood ratio with the same means)."""
    from scipy import stats

    family = Family(
        "efficacy", score, "units of deviance", len(found.table), method=structure.id, lines=found.lines,
        how=f"Covariance of the visits: {structure.name.lower()}. deviance: -2 log restricted likelihood; aic: deviance + 2 x "
        "parameters; p_likelihood_ratio: against compound symmetry with the same means, chi-squared.",
    )  # fmt: skip

    def own() -> Fit:
        return _raising(fits[structure])

    def against_symmetry() -> float:
        simple = _raising(fits[COMPOUND_SYMMETRY])
        more = len(own().parameters) - len(simple.parameters)
        return float(stats.chi2.sf(max(simple.deviance - own().deviance, 0.0), more))

    rows = [
        family.row("parameters", lambda: len(own().parameters), unit="parameters", decimals=0),
        family.row("deviance", lambda: own().deviance),
        family.row("aic", lambda: own().deviance + 2 * len(own().parameters)),
    ]
    if structure is not COMPOUND_SYMMETRY:
        rows.append(family.row("p_likelihood_ratio", against_symmetry, unit="probability", show=display.p_value))
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
