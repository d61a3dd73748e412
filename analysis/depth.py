"""How deep the response goes: thresholds beyond EASI-90, SCORAD, itch, minimal important differences, EASI strata."""

from itertools import pairwise

import pandas as pd

from analysis.core.design import Design, Tables
from analysis.core.families import Family, at_week, lines_of, no_visit, of_patients, visit_weeks
from analysis.core.results import Result
from analysis.efficacy import responders
from protocol import outcomes, scores

STRATA = (*scores.EASI_STRATA, "not assessed")
"""Where a patient stands at a visit, from best to worst."""


def depth(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `efficacy` on depth of response: thresholds, EASI strata, and moves between strata."""
    weeks = visit_weeks(tables.visits, design)
    rows: list[Result] = []
    for response in outcomes.RESPONSES.values():
        if not response.main:  # those are in analysis.efficacy
            for week in weeks[1:]:
                rows += responders(tables.patients, tables.visits, response, week)
    for week in weeks:
        rows += _strata(tables.visits, week)
    planned = [week for week in weeks if week in design.planned_weeks and not no_visit(tables.visits, week)]
    for before, week in pairwise(planned):
        rows += _moves(tables, before, week)
    return rows + _iga_shifts(tables, design.primary_week)


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
            absent=no_visit(visits, week), lines=lines_of(visits=seen),
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
            lines=lines_of(visits=of_patients(seen, movers)),
            how=f"Patients whose EASI was {STRATA[start]} at week {before} and {STRATA[end]} at this week.",
        )  # fmt: skip
        rows.append(family.count("n", int(count)))
    return rows


def iga_shift_variable(before: int, after: int | None) -> str:
    """Variable of the results table for the patients who went from one grade of IGA to another; None: not assessed."""
    return f"iga_shift_{before}_to_{'not_assessed' if after is None else after}"


def _iga_shifts(tables: Tables, week: int) -> list[Result]:
    """From every grade of IGA that somebody had at baseline to every grade at a week, whether or not anybody went there."""
    start, end = (at_week(tables.visits, at, "iga").set_index("patient_id")["iga"].astype(int) for at in (0, week))
    seen = tables.visits[tables.visits["week"].isin([0, week]) & tables.visits["iga"].notna()]
    rows = []
    for before in sorted(start.unique(), reverse=True):
        having = start.index[start == before]
        for after in (*range(len(scores.IGA_LABELS)), None):
            there = end.reindex(having)
            movers = having[(there.isna() if after is None else there == after).to_numpy()]
            family = Family(
                "efficacy", iga_shift_variable(before, after), "patients", len(having), week=week, method="observed",
                lines=lines_of(visits=of_patients(seen, movers)),
                how=f"Patients with IGA {before} at baseline and "
                f"{'none recorded' if after is None else f'IGA {after}'} at this week, of those with IGA {before} at baseline.",
            )  # fmt: skip
            rows.append(family.count("n", len(movers)))
    return rows


def _places(visits: pd.DataFrame, week: int, everyone: list[str]) -> pd.Series:
    """Place in :data:`STRATA` of each patient at one week."""
    seen = at_week(visits, week, "easi").set_index("patient_id")["easi"].astype(float)
    return scores.easi_stratum(seen).reindex(everyone).fillna(len(STRATA) - 1).astype(int)
