"""Responders in subgroups, as a description: the groups are small, and nothing compares them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.core import statistics
from analysis.core.design import Design, Tables
from analysis.core.families import Family, at_week, lines_of
from analysis.core.results import Result
from analysis.efficacy import discontinued_by, responses
from analysis.ige import total_ige
from protocol import outcomes

BANDS_KG, ADOLESCENT_YEARS = (30, 60), 12
"""Where the United States label changes the dose (see :mod:`protocol.treatment`)."""
GROUPS: Mapping[str, Mapping[str, str]] = {
    "Age": {"age_under_12": "Under 12 years", "age_12_and_over": "12 years and over"},
    "Sex": {"girls": "Girls", "boys": "Boys"},
    "Weight": {
        "weight_under_30": "Under 30 kg",
        "weight_30_to_60": "30 to under 60 kg",
        "weight_60_and_over": "60 kg and over",
    },
    "Asthma": {"asthma": "With asthma", "no_asthma": "Without asthma"},
    "EASI at baseline": {"easi_up_to_median": "Median or below", "easi_above_median": "Above the median"},
    "Total IgE at baseline": {"ige_up_to_median": "Median or below", "ige_above_median": "Above the median"},
}
"""Headings, and below each the groups: the end of a variable of the results table, and its name in print."""


def subgroups(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `subgroups`: responders at the primary week among all members of each group."""
    week, patients = design.primary_week, tables.patients
    stopped = discontinued_by(patients, week)
    groups = members(tables)
    rows: list[Result] = []
    for outcome in outcomes.PRIMARY:
        response = responses(tables.visits, outcome, week)
        responders = set(response.index[response]) - stopped
        for group, belongs in groups.items():
            inside = patients[patients["patient_id"].isin(belongs)]
            counted = inside[inside["patient_id"].isin(responders)]
            family = Family(
                "subgroups", f"{outcome.id}_{group}", "patients", len(inside), week=week, method="nri",
                lines=lines_of(patients=inside),
                how=f"Responder: {outcome.rule}. N: all patients of the group ({group.replace('_', ' ')}); "
                "a missing value, or treatment stopped at this week or before, counts as non-response. Exact "
                "(Clopper-Pearson) 95 % interval. Descriptive: groups are not compared.",
            )  # fmt: skip
            rows += family.proportion(len(counted), len(inside), counted=lines_of(patients=counted))
    return rows


def members(tables: Tables) -> dict[str, set[str]]:
    """patient_ids of every group of :data:`GROUPS`. Patients without a baseline EASI or IgE are in neither half.

    A censored IgE enters just beyond its limit.
    """
    patients = tables.patients
    age, weight = patients["age_years"].astype(float), patients["weight_kg"].astype(float)

    def ids(having: pd.Series) -> set[str]:
        return set(patients.loc[having, "patient_id"])

    easi = at_week(tables.visits, 0, "easi").set_index("patient_id")["easi"].astype(float)
    sampled = at_week(total_ige(tables.labs), 0, "value").set_index("patient_id")
    # The bounds of a censored value, 0 or infinity, say to which side of its limit it lies.
    ige = np.nextafter(sampled["value"].astype(float), np.where(np.isinf(sampled["upper"]), np.inf, sampled["lower"]))
    return {
        "age_under_12": ids(age < ADOLESCENT_YEARS),
        "age_12_and_over": ids(age >= ADOLESCENT_YEARS),
        "girls": ids(patients["sex"] == "F"),
        "boys": ids(patients["sex"] == "M"),
        "weight_under_30": ids(weight < BANDS_KG[0]),
        "weight_30_to_60": ids((weight >= BANDS_KG[0]) & (weight < BANDS_KG[1])),
        "weight_60_and_over": ids(weight >= BANDS_KG[1]),
        "asthma": ids(patients["asthma"] == 1),
        "no_asthma": ids(patients["asthma"] == 0),
        **_halves("easi", easi),
        **_halves("ige", ige),
    }


def _halves(name: str, values: pd.Series) -> dict[str, set[str]]:
    above = values > statistics.quantile(values, 0.5) if len(values) else values > 0
    return {f"{name}_up_to_median": set(values.index[~above]), f"{name}_above_median": set(values.index[above])}
