"""What the primary result would be under other assumptions about missing assessments.

All methods here keep the primary estimand: a child who stopped treatment at the week or before is no responder. They
differ in what they put in place of an assessment that is missing in the other children. `nri` and `observed` are in
:mod:`analysis.efficacy`.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis.core import statistics
from analysis.core.design import Design, Tables
from analysis.core.families import Family, at_week, lines_of
from analysis.core.imputation import joint_normal
from analysis.core.results import Result
from analysis.core.statistics import NotEstimable
from analysis.efficacy import discontinued_by, responses
from protocol import outcomes

METHODS = {
    "nri": "Missing is non-response (primary)",
    "observed": "Observed cases",
    "locf": "Last observation carried forward",
    "worst_case": "Worst case: missing failed",
    "best_case": "Best case: missing responded",
    "mi": "Multiple imputation",
}
"""In the order of print."""
IMPUTATIONS, SEED = 50, 20220920
_HOW = {
    "locf": "the last value after baseline and up to this week stands in for a missing one; without any, non-response",
    "worst_case": "every missing response counts as non-response, which is the primary analysis in other words",
    "best_case": "every missing response counts as response",
}


def sensitivity(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `efficacy` at the primary week by the methods locf, worst_case, best_case and mi."""
    week, patients = design.primary_week, tables.patients
    everyone = sorted(patients["patient_id"])
    stopped = discontinued_by(patients, week)
    lines = lines_of(patients=patients, visits=tables.visits[tables.visits["week"] <= week])
    imputed = cache(lambda: impute(tables, design))
    rows: list[Result] = []
    for outcome in outcomes.PRIMARY:
        seen = responses(tables.visits, outcome, week)
        carried = responses(_carried_forward(tables.visits, outcome.column, week), outcome, week)
        missing = [child for child in everyone if child not in seen.index and child not in stopped]
        responders = {child for child in seen.index[seen] if child not in stopped}

        def family(method: str, how: str, outcome=outcome, missing=missing) -> Family:
            return Family(
                "efficacy", outcome.id, "patients", len(everyone), week=week, method=method, lines=lines,
                how=f"Responder: {outcome.rule}. N: all patients; treatment stopped at this week or before "
                f"counts as non-response. Of the other patients {len(missing)} have no response to judge: {how}.",
            )  # fmt: skip

        additional = {
            "locf": sum(bool(carried.get(child, False)) for child in missing),
            "worst_case": 0,
            "best_case": len(missing),
        }
        for method, more in additional.items():
            exact = family(method, f"{_HOW[method]}. Exact (Clopper-Pearson) 95 % interval")
            rows += exact.proportion(len(responders) + more, len(everyone))
            rows.append(exact.count("filled_in", len(missing)))
        rows += _multiple(family, outcome.id, responders, missing, len(everyone), imputed)
    return rows


def _carried_forward(visits: pd.DataFrame, column: str, week: int) -> pd.DataFrame:
    """The visits at baseline, and at `week` with the last value of `column` since baseline."""
    past = visits[(visits["week"] > 0) & (visits["week"] <= week) & visits[column].notna()]
    last = past.sort_values("week").groupby("patient_id").tail(1).assign(week=week)
    return pd.concat([visits[visits["week"] == 0], last])


def _multiple(family, outcome: str, responders: set[str], missing: list[str], size: int, imputed) -> list[Result]:
    """Rows of multiple imputation; where nothing is missing there is nothing to impute, and they are exact."""
    if not missing:
        exact = family("mi", "nothing to impute, so that this is the plain proportion with its exact interval")
        return [*exact.proportion(len(responders), size), exact.count("filled_in", 0)]
    several = family(
        "mi",
        f"{IMPUTATIONS} imputations of log(1 + EASI) and IGA jointly, from baseline and all visits up to this week, "
        "under a multivariate normal model (data augmentation, Schafer 1997); imputed IGA is rounded to a grade and "
        "the response derived from the values. n: mean over the imputations. Pooled by Rubin's rules with the "
        "degrees of freedom of Barnard and Rubin 1999, doi 10.1093/biomet/86.4.948; Wilson interval after Lott and "
        f"Reiter 2020, doi 10.1080/00031305.2018.1473796. Seed {SEED}",
    )
    pooled = cache(lambda: pool([len(responders) + count for count in imputed()[outcome].loc[missing].sum()], size))
    return [
        several.row("n", lambda: pooled().percent * size / 100, decimals=1),
        several.count("N", size),
        several.row("percent", lambda: pooled().percent, unit="percent"),
        *several.interval(lambda: (pooled().ci_low, pooled().ci_high), unit="percent"),
        several.count("filled_in", len(missing)),
        several.row("degrees_of_freedom", lambda: pooled().degrees_of_freedom, unit="degrees of freedom", decimals=1),
        several.row("missing_information", lambda: pooled().missing_information, unit="percent"),
    ]


def impute(tables: Tables, design: Design) -> dict[str, pd.DataFrame]:
    """For each of :data:`protocol.outcomes.PRIMARY` the response of every patient (rows) in every imputation (columns), as booleans.

    Observed values stay. Raises NotEstimable where a score to be imputed varies too little to model.
    """
    week, visits = design.primary_week, tables.visits
    everyone = sorted(tables.patients["patient_id"])
    columns = {}
    for at in sorted(
        {int(w) for w in visits["week"].unique() if 0 <= w <= week and w in design.planned_weeks} | {week}
    ):
        for score in ("easi", "iga"):
            values = at_week(visits, at, score).set_index("patient_id")[score].astype(float).reindex(everyone)
            columns[score, at] = np.log1p(values) if score == "easi" else values
    table = pd.DataFrame(columns, index=everyone)
    for baseline in (("easi", 0), ("iga", 0)):
        if (
            table[baseline].nunique() == 1
        ):  # a cohort that is alike at the start, as one of IGA 4: no gap to wonder about
            table[baseline] = table[baseline].fillna(table[baseline].max())
    needed = [(score, at) for score in ("easi", "iga") for at in (0, week)]
    draws = joint_normal(table, needed, IMPUTATIONS, SEED)
    found: dict[str, dict[int, pd.Series]] = {outcome.id: {} for outcome in outcomes.PRIMARY}
    for i, draw in enumerate(draws):
        filled = {"easi": {at: np.expm1(draw["easi", at]).clip(0, 72).round(1) for at in (0, week)}}
        filled["iga"] = {at: draw["iga", at].clip(0, 4).round() for at in (0, week)}
        for outcome in outcomes.PRIMARY:
            values = filled[outcome.column]
            found[outcome.id][i] = outcome.met(pd.DataFrame({"baseline": values[0], "value": values[week]}))
    return {outcome: pd.DataFrame(by_imputation) for outcome, by_imputation in found.items()}


@dataclass(frozen=True)
class Pooled:
    """A proportion pooled over imputations: percentages, degrees of freedom, and the share of information missing."""

    percent: float
    ci_low: float
    ci_high: float
    degrees_of_freedom: float
    missing_information: float


def pool(counts: list[int], size: int) -> Pooled:
    """Responders of `size` patients in each imputation, pooled by Rubin's rules.

    With q the mean proportion, U the mean of p(1 - p)/n within and B the variance between m imputations, the variance
    is U + (1 + 1/m) B. Near 0 or 100 % an interval symmetric about q would leave the range, and where every imputation
    has the same 0 or 100 % it would have no width; Wilson's interval, with its variance inflated by r = (1 + 1/m) B/U,
    does neither. The degrees of freedom are those for a complete sample of `size` - 1.

    Sources: Rubin 1987, doi 10.1002/9780470316696; Barnard and Rubin 1999, doi 10.1093/biomet/86.4.948; Lott and
    Reiter 2020, doi 10.1080/00031305.2018.1473796.
    """
    from scipy import stats

    if size < 2:
        raise NotEstimable("needs at least 2 patients")
    share = np.array(counts) / size
    m, q = len(share), float(share.mean())
    within = float((share * (1 - share)).mean() / size)
    between = (1 + 1 / m) * float(share.var(ddof=1))
    missing = between / (within + between) if between else 0.0
    complete = size - 1
    observed = (complete + 1) / (complete + 3) * complete * (1 - missing)
    if missing == 1:
        raise NotEstimable("each imputation has nobody or everybody respond, and they differ")
    freedom = 1 / (1 / observed + missing**2 / (m - 1))
    inflation = 1 + (between / within if between else 0.0)
    weight = stats.t.ppf((1 + statistics.LEVEL) / 2, freedom) ** 2 * inflation / size
    centre = (q + weight / 2) / (1 + weight)
    half = np.sqrt(max(weight * q * (1 - q) + weight**2 / 4, 0.0)) / (1 + weight)
    low, high = max(centre - half, 0.0), min(centre + half, 1.0)
    return Pooled(100 * q, 100 * float(low), 100 * float(high), float(freedom), 100 * missing)
