"""Total IgE: arithmetic, in the unit of the laboratory; geometric, because IgE is usually skewed; and censored, because
laboratories report limits."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.core import display, statistics
from analysis.core.design import Design, Tables
from analysis.core.families import Family, at_week, lines_of, no_visit, paired
from analysis.core.results import Result, Results
from analysis.core.statistics import NotEstimable

HIGHEST = 3
"""Patients with the highest baseline values whose share of the mean change is reported."""
SLOPE_WEEKS = 4
"""Weeks to which an individual slope refers."""
_UNIT = "kU/L"
_LIKELIHOOD = ("geometric_mean", "ci_low", "ci_high")
_PERCENT = "total_ige_percent_change"
_EXACT = {"total_ige": "geometric", "total_ige_ratio": "paired", _PERCENT: "paired"}
"""Variables with a geometric mean, and the method that takes their values as exact."""


def biomarker(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `biomarker`: every week with a sample, baseline and the primary week."""
    ige = total_ige(tables.labs)
    weeks = sorted({0, design.primary_week, *(int(week) for week in ige["week"].unique())})
    # A sample counts whether or not somebody was seen; only where there is neither, there was no visit.
    unseen = {week: no_visit(tables.visits, week) if no_visit(ige, week) else None for week in weeks}
    rows: list[Result] = []
    for week in weeks:
        rows += _level(ige, week, unseen[week])
    for week in weeks[1:]:
        rows += _change(ige, week, unseen[week])
    rows += _highest(ige, design.primary_week, unseen[design.primary_week])
    return rows + _slopes(ige)


def total_ige(labs: pd.DataFrame) -> pd.DataFrame:
    """Rows of total IgE with `censored` (whether the laboratory gave a limit) and the bounds of the true value,
    `lower` and `upper` (kU/L), equal unless censored."""
    ige = labs[labs["analyte"] == "total_ige"]
    qualifier, value = ige["qualifier"].fillna(""), ige["value"].astype(float)
    return ige.assign(
        censored=qualifier != "",
        lower=value.mask(qualifier == "<", 0.0),
        upper=value.mask(qualifier == ">", np.inf),
    )


def geometric(results: Results, variable: str, week: int) -> str:
    """The prefix of the geometric mean to print, of `total_ige`, its ratio or its change in percent at a week: exact, or else by
    maximum likelihood. Where neither is estimable it is the latter if there are values, since its reason is the last word, else
    the former."""
    exact, likelihood = (f"biomarker.{variable}.w{week}.{method}" for method in (_EXACT[variable], "mle"))
    if results[f"{exact}.geometric_mean"].value is not None or not results[f"{exact}.n"].value:
        return exact
    return likelihood


def _level(ige: pd.DataFrame, week: int, unseen: str | None) -> list[Result]:
    seen = at_week(ige, week, "value")
    count, censored = len(seen), int(seen["censored"].sum())
    reason = f"{censored} of {count} values are censored (reported as < or >); see the method mle"

    def family(method: str, how: str) -> Family:
        return Family("biomarker", "total_ige", _UNIT, count, week, method, how, lines_of(labs=seen), 0, unseen)

    def exact(compute: Callable[[pd.Series], float]) -> Callable[[], float]:
        return _unless(reason if censored else None, compute, seen["value"])

    def order_statistic(q: float) -> float:
        found = statistics.quantile(seen["lower"], q)
        neighbours = [
            [np.quantile(seen[bound], q, method=side) for side in ("lower", "higher")] for bound in ("lower", "upper")
        ]
        if neighbours[0] != neighbours[1]:
            raise NotEstimable("lies among the censored values")
        return found

    observed = family(
        "observed",
        "Values of the patients sampled at this week. Quartiles of type 7, where the censored values leave no doubt "
        "of them.",
    )
    likelihood = family(
        "mle",
        "Log-normal maximum likelihood; a censored value enters as the range it stands for. Profile likelihood interval, 95 %, "
        "with the bound that makes it Student's where nothing is censored.",
    )
    geometric = family("geometric", "Geometric mean of the values, with Student's t interval on the log scale, 95 %.")
    return [
        observed.count("n", count),
        observed.row("mean", exact(statistics.mean)),
        observed.row("sd", exact(statistics.sd)),
        observed.row("median", lambda: order_statistic(0.5)),
        observed.row("q1", lambda: order_statistic(0.25)),
        observed.row("q3", lambda: order_statistic(0.75)),
        observed.row("geometric_mean", exact(statistics.geometric_mean)),
        geometric.count("n", count),
        geometric.row("geometric_mean", exact(statistics.geometric_mean)),
        *geometric.interval(exact(statistics.geometric_t_interval)),
        likelihood.count("n", count),
        *likelihood.several(_LIKELIHOOD, lambda: statistics.lognormal_mle(seen["lower"], seen["upper"])),
    ]


def _change(ige: pd.DataFrame, week: int, unseen: str | None) -> list[Result]:
    pairs = ige_pairs(ige, week)
    _, lines = paired(ige, week, "value", file="labs")
    count, censored = len(pairs), int(pairs["censored"].sum())
    reason = (
        f"{censored} of {count} patients have a censored value (reported as < or >); see total_ige_ratio "
        "by the method mle"
    )
    zero = "a value of 0 has no ratio" if not pairs["positive"].all() else None

    def family(variable: str, unit: str, method: str, decimals: int, how: str) -> Family:
        return Family("biomarker", variable, unit, count, week, method, how, lines, decimals, unseen)

    def difference(compute: Callable) -> Callable:
        return _unless(reason if censored else None, compute, pairs["change"])

    def ratio(compute: Callable) -> Callable:
        return _unless(reason if censored else zero, compute, pairs["ratio_lower"])

    change = family(
        "total_ige_change",
        _UNIT,
        "paired",
        0,
        "Value at this week minus baseline, in patients with both; t interval, 95 %.",
    )
    geometric = family(
        "total_ige_ratio", "ratio", "paired", 3,
        "Value at this week divided by baseline, in patients with both: geometric mean, t interval (95 %) on the log "
        "scale.",
    )  # fmt: skip
    known = pairs[np.isfinite(pairs["ratio_upper"]) | (pairs["ratio_lower"] > 0)]
    likelihood = replace(family(
        "total_ige_ratio", "ratio", "mle", 3,
        "Value at this week divided by baseline, in patients with both, by log-normal maximum likelihood; a ratio "
        "with a censored "
        "value enters as a range. Profile likelihood interval, 95 %, with the bound that makes it Student's where nothing is "
        "censored.",
    ), n=len(known))  # fmt: skip
    ratios = [
        geometric.count("n", count),
        geometric.row("geometric_mean", ratio(statistics.geometric_mean)),
        *geometric.interval(ratio(statistics.geometric_t_interval)),
        likelihood.count("n", len(known)),
        *likelihood.several(
            _LIKELIHOOD,
            _unless(zero, lambda low: statistics.lognormal_mle(low, known["ratio_upper"]), known["ratio_lower"]),
        ),
    ]
    return [
        change.count("n", count),
        change.row("mean", difference(statistics.mean)),
        change.row("sd", difference(statistics.sd)),
        *change.interval(difference(statistics.t_interval)),
        *ratios,
        *map(_in_percent, ratios),
    ]


def _in_percent(ratio: Result) -> Result:
    """The same as a change in percent: a ratio of 0.44 is a change of −56 %."""
    change = replace(ratio, variable=_PERCENT, how=f"{ratio.how} In percent: 100 times the ratio less 1.")
    if ratio.statistic == "n" or ratio.value is None:
        return replace(change, unit=ratio.unit if ratio.statistic == "n" else "percent")
    value = 100 * (ratio.value - 1)
    return replace(change, unit="percent", value=value, display=display.number(value, 1))


def _highest(ige: pd.DataFrame, week: int, unseen: str | None) -> list[Result]:
    """How much of the fall of the mean is due to the few patients who had the highest values at baseline."""
    pairs = ige_pairs(ige, week)
    _, lines = paired(ige, week, "value", file="labs")
    censored = int(pairs["censored"].sum())
    family = Family(
        "biomarker", "total_ige_change", "percent", len(pairs), week, "highest_baseline", lines=lines, absent=unseen,
        how=f"Share of the sum of all changes to this week that comes from the {HIGHEST} patients with the highest "
        "baseline values, in patients with both.",
    )  # fmt: skip

    def share() -> float:
        if len(pairs) <= HIGHEST:
            raise NotEstimable(f"needs more than {HIGHEST} patients, has {len(pairs)}")
        if censored:
            raise NotEstimable(f"{censored} of {len(pairs)} patients have a censored value (reported as < or >)")
        total = statistics.mean(pairs["change"]) * len(pairs)
        if total >= 0:
            raise NotEstimable("the mean did not fall")
        order = pairs.assign(patient=pairs.index).sort_values(["before", "patient"], ascending=[False, True])
        return 100 * float(order["change"].head(HIGHEST).sum()) / total

    return [family.row("percent", share)]


def _slopes(ige: pd.DataFrame) -> list[Result]:
    """How fast IgE fell in each patient."""
    lines = lines_of(labs=ige)
    slopes = ige_slopes(ige)
    falling = int((slopes < 0).sum())
    family = Family(
        "biomarker", "total_ige_slope", "percent", len(slopes), method="individual", lines=lines,
        how=f"Change of total IgE in {SLOPE_WEEKS} weeks from the straight line of least squares through each patient's "
        "logarithms, in patients with at least two different weeks, all values measured and above 0. Quartiles of "
        "type 7.",
    )  # fmt: skip
    return [
        family.count("n", len(slopes)),
        family.count("falling", falling),
        *family.summary(slopes, ("median", "q1", "q3", "min", "max")),
    ]


def ige_slopes(ige: pd.DataFrame) -> pd.Series:
    """Change in percent per :data:`SLOPE_WEEKS` weeks of each patient with a line, indexed by patient_id in order."""
    seen = ige[ige["value"].notna()]
    unfit = seen["censored"] | (seen["value"].astype(float) <= 0)
    seen = seen[~seen["patient_id"].isin(seen.loc[unfit, "patient_id"].unique())]
    table = seen.assign(value=seen["value"].astype(float)).pivot(index="patient_id", columns="week", values="value").sort_index()
    weeks, there = table.columns.to_numpy(dtype=float), table.notna().to_numpy()
    found = pd.Series(np.nan, index=table.index)
    for pattern in np.unique(there, axis=0):  # patients with the same weeks have the same line to draw
        if pattern.sum() < 2:
            continue
        same = (there == pattern).all(axis=1)
        values = table.to_numpy()[same][:, pattern]
        centred, logs = weeks[pattern] - weeks[pattern].mean(), np.log(values)
        # Of the logarithms less their mean: identical values then have a slope of exactly 0.
        slope = (logs - logs.mean(axis=1, keepdims=True)) @ centred / (centred @ centred)
        found[same] = 100 * np.expm1(SLOPE_WEEKS * np.where(np.ptp(values, axis=1) > 0, slope, 0.0))
    return found.dropna()


def ige_pairs(ige: pd.DataFrame, week: int) -> pd.DataFrame:
    """Patients with IgE at baseline and at `week`, indexed by patient_id.

    `change` and the value `before` (kU/L, as written), the bounds `ratio_lower` and `ratio_upper` of week / baseline, whether
    either value is `censored`, and whether both are `positive` (only then do the ratios mean anything). `ratio` is the exact ratio
    or its one known bound, `qualifier` "<" where that is an upper and ">" where it is a lower bound. Where both values lie beyond a
    limit on the same side neither change nor ratio is known: `ratio` is then missing.
    """
    sides = {
        side: at_week(ige, at, "value")
        .set_index("patient_id")[["value", "lower", "upper", "censored"]]
        .add_suffix(f"_{side}")
        for side, at in (("before", 0), ("after", week))
    }
    both = sides["before"].join(sides["after"], how="inner").sort_index()
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = pd.DataFrame(
            {
                "change": (both["value_after"] - both["value_before"]).round(
                    6
                ),  # without the subtraction's binary noise
                "before": both["value_before"],
                "ratio_lower": both["lower_after"] / both["upper_before"],
                "ratio_upper": both["upper_after"] / both["lower_before"],
                "censored": both["censored_before"] | both["censored_after"],
                "positive": (both["value_before"] > 0) & (both["value_after"] > 0),
            }
        )
    below, above = pairs["ratio_lower"] == 0, np.isinf(pairs["ratio_upper"])
    return pairs.assign(
        ratio=pairs["ratio_lower"].mask(below, pairs["ratio_upper"]).where(pairs["positive"] & ~(below & above)),
        qualifier=np.where(~pairs["censored"], "", np.where(below, "<", ">")),
    )


def _unless(reason: str | None, compute: Callable, values: pd.Series) -> Callable:
    """`compute` of the values, or the reason why it must not be computed."""

    def result():
        if reason and len(values):
            raise NotEstimable(reason)
        return compute(values)

    return result
