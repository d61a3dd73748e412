"""How deep the response goes: thresholds beyond EASI-90, SCORAD, itch, minimal important differences, EASI strata."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import pandas as pd

from analysis.design import Design, Tables
from analysis.efficacy import responder_rows
from analysis.results import Result
from analysis.rows import Family, at_week, lines_of, paired, visit_weeks
from protocol import scores

MINIMAL_DIFFERENCE = {"easi": 6.6, "scorad": 8.7}
"""Minimal clinically important differences in points. Source: Schram 2012, doi 10.1111/j.1398-9995.2011.02719.x."""
ITCH_POINTS = 4
"""A fall of 4 points is the rule of the peak pruritus NRS; on SCORAD's itch scale it is an analogy."""
STRATA = (*scores.EASI_STRATA, "not assessed")
"""Where a patient stands at a visit, from best to worst."""


@dataclass(frozen=True)
class Threshold:
    """A response: `met` decides pairs with columns `baseline` and `value`; only patients whose baseline is at least
    `entry` take part."""

    name: str
    column: str
    rule: str
    met: Callable[[pd.DataFrame], pd.Series]
    entry: float | None = None


def _fell_percent(pairs: pd.DataFrame, percent: int) -> pd.Series:
    return scores.fell_by_percent(pairs["baseline"], pairs["value"], percent).fillna(False)


def _fell_points(pairs: pd.DataFrame, points: float) -> pd.Series:
    # Scores have one decimal: without the subtraction's binary noise, exactly the threshold is a response.
    return (pairs["baseline"] - pairs["value"]).round(6) >= points


def _percent(score: str, percent: int) -> Threshold:
    rule = f"{score.upper()} at least {percent} % below baseline, in exact decimals"
    return Threshold(f"{score.upper()}-{percent}", score, rule, partial(_fell_percent, percent=percent))


def _minimal(score: str) -> Threshold:
    points = MINIMAL_DIFFERENCE[score]
    rule = (
        f"{score.upper()} at least {points} points below baseline (Schram 2012, doi 10.1111/j.1398-9995.2011.02719.x)"
    )
    return Threshold(f"{score.upper()}, {points} points or more", score, rule, partial(_fell_points, points=points))


THRESHOLDS = {
    "easi_100": _percent("easi", 100),
    "scorad_35": _percent("scorad", 35),
    "scorad_50": _percent("scorad", 50),
    "scorad_75": _percent("scorad", 75),
    "easi_mid": _minimal("easi"),
    "scorad_mid": _minimal("scorad"),
    "itch_4": Threshold(
        f"Itch, {ITCH_POINTS} points or more",
        "scorad_pruritus",
        f"itch on SCORAD's scale at least {ITCH_POINTS} points below baseline, among patients with {ITCH_POINTS} or "
        "more at baseline (an analogy to the rule of the peak pruritus NRS)",
        partial(_fell_points, points=ITCH_POINTS),
        entry=ITCH_POINTS,
    ),
}  # fmt: skip
"""Variables of the results table, beside those of :data:`analysis.efficacy.RESPONSES`."""


def depth(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `efficacy` on depth of response: thresholds, EASI strata, and moves between strata."""
    weeks = visit_weeks(tables.visits, design)
    rows: list[Result] = []
    for variable, threshold in THRESHOLDS.items():
        for week in weeks[1:]:
            rows += _responders(tables, variable, threshold, week)
    for week in weeks:
        rows += _strata(tables.visits, week)
    planned = [week for week in weeks if week in design.planned_weeks]
    for before, week in pairwise(planned):
        rows += _moves(tables, before, week)
    return rows


def _responders(tables: Tables, variable: str, threshold: Threshold, week: int) -> list[Result]:
    patients, visits = tables.patients, tables.visits
    if threshold.entry is not None:
        entered = visits[(visits["week"] == 0) & (visits[threshold.column].astype(float) >= threshold.entry)]
        patients = patients[patients["patient_id"].isin(entered["patient_id"])]
        visits = visits[visits["patient_id"].isin(entered["patient_id"])]
    pairs, lines = paired(visits, week, threshold.column)
    response = threshold.met(pairs).astype(bool)
    return responder_rows(variable, week, threshold.rule, patients, response, lines)


def stratum_variable(stratum: int) -> str:
    """Variable of the results table for one of :data:`STRATA`."""
    return f"easi_stratum_{STRATA[stratum].replace(' ', '_')}"


def move_variable(before: int, after: int) -> str:
    """Variable of the results table for the patients who went from one of :data:`STRATA` to another."""
    return f"easi_move_{'_to_'.join(STRATA[place].replace(' ', '_') for place in (before, after))}"


def _strata(visits: pd.DataFrame, week: int) -> list[Result]:
    seen = at_week(visits, week, "easi")
    stratum = scores.easi_stratum(seen["easi"].astype(float))
    rows = []
    for number, name in enumerate(scores.EASI_STRATA):
        having = seen[stratum == number]
        family = Family(
            "efficacy", stratum_variable(number), "patients", len(seen), week=week, method="observed",
            lines=lines_of(visits=seen),
            how=f"Patients whose EASI is {name} among those assessed at this week (Leshem 2015, doi 10.1111/bjd.13662).",
        )  # fmt: skip
        rows += family.proportion(len(having), len(seen), counted=lines_of(visits=having), exact_interval=False)
    return rows


def _moves(tables: Tables, before: int, week: int) -> list[Result]:
    """A row for every move between two neighbouring planned visits that happened; the counts add up to all patients."""
    everyone = sorted(tables.patients["patient_id"])
    places = pd.DataFrame(
        {"before": _places(tables.visits, before, everyone), "after": _places(tables.visits, week, everyone)}
    )
    seen = tables.visits[tables.visits["week"].isin([before, week])]
    rows = []
    for (start, end), count in places.value_counts().sort_index().items():
        movers = places.index[(places["before"] == start) & (places["after"] == end)]
        family = Family(
            "efficacy", move_variable(start, end), "patients", len(everyone), week=week, method="observed",
            lines=lines_of(visits=seen[seen["patient_id"].isin(movers)]),
            how=f"Patients whose EASI was {STRATA[start]} at week {before} and {STRATA[end]} at this week.",
        )  # fmt: skip
        rows.append(family.count("n", int(count)))
    return rows


def _places(visits: pd.DataFrame, week: int, everyone: list[str]) -> pd.Series:
    """Place in :data:`STRATA` of each patient at one week."""
    seen = at_week(visits, week, "easi").set_index("patient_id")["easi"].astype(float)
    return scores.easi_stratum(seen).reindex(everyone).fillna(len(STRATA) - 1).astype(int)
