"""Responders in subgroups, as a description: the groups are small, and nothing compares them."""

from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.core import statistics
from analysis.core.design import Design, Tables
from analysis.core.families import Family, at_week, lines_of, no_response, of_patients
from analysis.core.results import Result
from analysis.efficacy import responded_on_treatment
from analysis.ige import total_ige
from protocol import outcomes
from protocol.population import PATIENTS, Called
from protocol.treatment import LABELS

ADOLESCENT_YEARS = 12


def headings(label: str, called: Called = PATIENTS) -> dict[str, dict[str, str]]:
    """The headings, and below each the groups: the end of a variable of the results table, and its name in print.

    Weight is cut where the label (a key of :data:`protocol.treatment.LABELS`) changes the dose of patients of some age; a label
    that never does has no such heading. `called` is what patients are called.
    """
    bands = LABELS[label].weight_bands_kg
    weights = {}
    for low, high in pairwise((None, *bands, None) if bands else ()):
        if low is None:
            weights[f"weight_under_{high:g}"] = f"Under {high:g} kg"
        elif high is None:
            weights[f"weight_{low:g}_and_over"] = f"{low:g} kg and over"
        else:
            weights[f"weight_{low:g}_to_{high:g}"] = f"{low:g} to under {high:g} kg"
    return {
        "Age": {
            f"age_under_{ADOLESCENT_YEARS}": f"Under {ADOLESCENT_YEARS} years",
            f"age_{ADOLESCENT_YEARS}_and_over": f"{ADOLESCENT_YEARS} years and over",
        },
        "Sex": {"girls": called.female.capitalize(), "boys": called.male.capitalize()},
        **({"Weight": weights} if bands else {}),
        "Asthma": {"asthma": "With asthma", "no_asthma": "Without asthma"},
        "EASI at baseline": {"easi_up_to_median": "Median or below", "easi_above_median": "Above the median"},
        "Total IgE at baseline": {"ige_up_to_median": "Median or below", "ige_above_median": "Above the median"},
    }


def variable(outcome: str, group: str) -> str:
    """Variable of the results table: a response, by its id, in a group of :func:`headings`."""
    return f"{outcome}_{group}"


def subgroups(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `subgroups`: responders at the primary week among all members of each group."""
    week, patients = design.primary_week, tables.patients
    undecided = no_response(patients, tables.visits, week)
    groups = members(tables, design.label)
    names = {group: f"{heading}: {name}" for heading, groups in headings(design.label).items() for group, name in groups.items()}
    inside_of = {group: of_patients(patients, belongs)[["patient_id"]] for group, belongs in groups.items()}
    rows: list[Result] = []
    for outcome in outcomes.PRIMARY:
        responders = responded_on_treatment(tables, outcome, week)
        responded = of_patients(patients, responders).index
        for group, inside in inside_of.items():
            counted = inside[inside.index.isin(responded)]
            family = Family(
                "subgroups", variable(outcome.id, group), "patients", len(inside), week=week, method="nri", absent=undecided,
                lines=lines_of(patients=inside),
                how=f"Responder: {outcome.rule}. N: all patients of the group ({names[group]}); "
                "a missing value, or treatment stopped at this week or before, counts as non-response. Exact "
                "(Clopper-Pearson) 95 % interval. Descriptive: groups are not compared.",
            )  # fmt: skip
            rows += family.proportion(len(counted), len(inside), counted=lines_of(patients=counted))
    return rows


def members(tables: Tables, label: str) -> dict[str, set[str]]:
    """patient_ids of every group of :func:`headings`. Patients without a baseline EASI or IgE are in neither half.

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
        f"age_under_{ADOLESCENT_YEARS}": ids(age < ADOLESCENT_YEARS),
        f"age_{ADOLESCENT_YEARS}_and_over": ids(age >= ADOLESCENT_YEARS),
        "girls": ids(patients["sex"] == "F"),
        "boys": ids(patients["sex"] == "M"),
        **{group: ids((weight >= low) & (weight < high)) for group, (low, high) in _weights(label).items()},
        "asthma": ids(patients["asthma"] == 1),
        "no_asthma": ids(patients["asthma"] == 0),
        **_halves("easi", easi),
        **_halves("ige", ige),
    }


def _weights(label: str) -> dict[str, tuple[float, float]]:
    """Weights in kg of the label's groups: from the first, up to but not including the second."""
    edges = (-np.inf, *LABELS[label].weight_bands_kg, np.inf)
    return dict(zip(headings(label).get("Weight", {}), pairwise(edges), strict=False))


def _halves(name: str, values: pd.Series) -> dict[str, set[str]]:
    above = values > statistics.quantile(values, 0.5) if len(values) else values > 0
    return {f"{name}_up_to_median": set(values.index[~above]), f"{name}_above_median": set(values.index[above])}
