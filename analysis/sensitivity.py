"""What the primary result and the mean changes would be under other assumptions about missing assessments.

All methods for responses keep the primary estimand: a patient who stopped treatment at the week or before is no responder. They
differ in what they put in place of an assessment that is missing in the other patients. `nri` and `observed` are in
:mod:`analysis.efficacy`.
"""

from bisect import bisect
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pandas as pd

from analysis.core import statistics
from analysis.core.design import Design, Tables
from analysis.core.families import Family, at_week, lines_of, no_response, no_visit
from analysis.core.imputation import joint_normal
from analysis.core.results import Result
from analysis.core.sizes import LONG_CHAIN, MOST_IMPUTED_AT_LENGTH, chain
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
SEED = 20220920
HALF = 50
"""Percent: the tipping point is where the interval comes to lie above it, so that most patients respond."""
_GRID = 11
"""Numbers of responders among the missing that are shown, at most."""
CARRIED = {"locf": "Last observation carried forward", "bocf": "Baseline observation carried forward"}
"""Methods for changes of scores, in the order of print."""
_HOW = {
    "locf": "the last value after baseline and up to this week stands in for a missing one; without any, non-response",
    "worst_case": "every missing response counts as non-response, which is the primary analysis in other words",
    "best_case": "every missing response counts as response",
}


def sensitivity(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `efficacy` at the primary week: responses by the methods locf, worst_case, best_case, mi and tipping, and
    changes of scores by locf and bocf."""
    week, patients = design.primary_week, tables.patients
    everyone = sorted(patients["patient_id"])
    stopped, undecided = discontinued_by(patients, week), no_response(patients, tables.visits, week)
    lines = lines_of(patients=patients, visits=tables.visits[tables.visits["week"] <= week])
    imputed = cache(lambda: impute(tables, design))
    rows: list[Result] = []
    for outcome in outcomes.PRIMARY:
        seen = responses(tables.visits, outcome, week)
        carried = responses(_carried_forward(tables.visits, outcome.column, week), outcome, week)
        missing = pd.Index(everyone).difference(seen.index).difference(stopped).tolist()
        responders = set(seen.index[seen]) - stopped

        def family(method: str, how: str, outcome=outcome, missing=missing) -> Family:
            return Family(
                "efficacy", outcome.id, "patients", len(everyone), week=week, method=method, lines=lines, absent=undecided,
                how=f"Responder: {outcome.rule}. N: all patients; treatment stopped at this week or before "
                f"counts as non-response. Of the other patients {len(missing)} have no response to judge: {how}.",
            )  # fmt: skip

        additional = {
            "locf": int(carried.reindex(missing, fill_value=False).sum()),
            "worst_case": 0,
            "best_case": len(missing),
        }
        for method, more in additional.items():
            exact = family(method, f"{_HOW[method]}. Exact (Clopper-Pearson) 95 % interval")
            rows += exact.proportion(len(responders) + more, len(everyone))
            rows.append(exact.count("filled_in", len(missing)))
        rows += _multiple(family, outcome.id, responders, missing, len(everyone), imputed)
        rows += _tipping(family, len(responders), len(missing), len(everyone), known=undecided is None)
    for score in outcomes.MODELLED:
        rows += _carried_changes(tables, score.id, week)
    return rows


def _tipping(family, responders: int, missing: int, size: int, known: bool) -> list[Result]:
    """The interval for every number of responders among the missing (of a large number some, evenly spread), and the smallest with
    which it lies above :data:`HALF` percent."""
    method = family(
        "tipping",
        "each number of them is taken to have responded in turn, with the exact (Clopper-Pearson) 95 % interval; needed: the smallest "
        f"number with which the interval lies above {HALF} %",
    )

    def needed() -> int:
        # The limit rises with every responder more.
        least = bisect(range(missing + 1), HALF, key=lambda more: statistics.clopper_pearson(responders + more, size)[0])
        if least > missing:
            raise NotEstimable(f"the interval does not lie above {HALF} % even if all of them responded")
        return least

    rows = [method.count("missing", missing), method.row("needed", needed, decimals=0)]
    for more in grid(missing) if known and missing else ():
        rows.append(method.row(f"percent_{more}", lambda more=more: 100 * (responders + more) / size, unit="percent"))
        for place, limit in enumerate(("ci_low", "ci_high")):
            both = partial(statistics.clopper_pearson, responders + more, size)
            rows.append(method.row(f"{limit}_{more}", lambda both=both, place=place: both()[place], unit="percent"))
    return rows


def grid(missing: int) -> list[int]:
    """Numbers from 0 to `missing`: all, or of many eleven, evenly spread.

    >>> grid(3), grid(40)
    ([0, 1, 2, 3], [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40])
    """
    return sorted({round(place) for place in np.linspace(0, missing, min(missing + 1, _GRID))})


def _carried_changes(tables: Tables, score: str, week: int) -> list[Result]:
    """Mean change of everyone with a baseline, with the last value or the baseline in place of a missing one."""
    visits = tables.visits
    baseline = at_week(visits, 0, score).set_index("patient_id")[score].astype(float)
    seen = at_week(visits, week, score).set_index("patient_id")[score].astype(float).reindex(baseline.index)
    last = at_week(_carried_forward(visits, score, week), week, score).set_index("patient_id")[score].astype(float)
    lines = lines_of(visits=visits[(visits["week"] <= week) & visits[score].notna()])
    filled = {"locf": seen.fillna(last).fillna(baseline), "bocf": seen.fillna(baseline)}
    hows = {"locf": "the last value after baseline, or else the baseline,", "bocf": "the baseline"}
    rows: list[Result] = []
    for method in CARRIED:
        change = (filled[method] - baseline).round(6)
        family = Family(
            "efficacy", f"{score}_change", "points", len(change), week=week, method=method, absent=no_visit(visits, week),
            lines=lines, how=f"{score} at this week minus baseline in all patients with a baseline; {hows[method]} stands in for a "
            "missing value. Interval: Student's t, 95 %.",
        )  # fmt: skip
        rows += [
            family.count("n", len(change)),
            family.row("mean", partial(statistics.mean, change)),
            *family.interval(partial(statistics.t_interval, change)),
            family.count("filled_in", int(seen.isna().sum())),
        ]
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
        f"{chain(size).imputations} imputations of log(1 + EASI) and IGA jointly, from baseline and all visits up to this week, "
        "under a multivariate normal model (data augmentation, Schafer 1997) in which IGA is a grade of a latent value (rank "
        "likelihood, Hoff 2007, doi 10.1214/07-AOAS107); the response is derived from the values. n: mean over the imputations. "
        "Pooled by Rubin's rules with the degrees of freedom of Barnard and Rubin 1999, doi 10.1093/biomet/86.4.948; Wilson "
        f"interval after Lott and Reiter 2020, doi 10.1080/00031305.2018.1473796. Seed {SEED}" + _shorter(size),
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


def _shorter(size: int) -> str:
    """What a large cohort has in place of the full chain, for the method of a result."""
    if chain(size) is LONG_CHAIN:
        return ""
    steps = f"{chain(size).burn_in} steps before the first draw and {chain(size).between} between two"
    return f"; of more than {MOST_IMPUTED_AT_LENGTH:,} patients {steps}, in place of {LONG_CHAIN.burn_in} and {LONG_CHAIN.between}"


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
    draws = joint_normal(table, needed, chain(len(everyone)), SEED, ordinal=[column for column in table if column[0] == "iga"])
    found: dict[str, dict[int, pd.Series]] = {outcome.id: {} for outcome in outcomes.PRIMARY}
    for i, draw in enumerate(draws):
        filled = {"easi": {at: np.expm1(draw["easi", at]).clip(0, 72).round(1) for at in (0, week)}}
        filled["iga"] = {at: draw["iga", at].round() for at in (0, week)}  # what standardising left of a grade
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
    weight = statistics.t_quantile(freedom) ** 2 * inflation / size
    centre = (q + weight / 2) / (1 + weight)
    half = np.sqrt(max(weight * q * (1 - q) + weight**2 / 4, 0.0)) / (1 + weight)
    low, high = max(centre - half, 0.0), min(centre + half, 1.0)
    return Pooled(100 * q, 100 * float(low), 100 * float(high), float(freedom), 100 * missing)
