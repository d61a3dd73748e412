"""Who was treated: enrolment, characteristics at baseline, and who was seen when."""

import numpy as np
import pandas as pd

from analysis.core.design import Design, Tables
from analysis.core.families import Family, at_week, lines_of, no_visit, of_patients, visit_weeks
from analysis.core.results import Result
from protocol import dosing

_MEASURES = {"age_years": ("years", 1), "weight_kg": ("kg", 1), "ad_duration_years": ("years", 1)}
_HISTORY = ("asthma", "allergic_rhinitis", "food_allergy")
_NO_PRIOR_THERAPY = "none"


def population(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `population`."""
    patients = tables.patients
    size = len(patients)
    everyone = lines_of(patients=patients)

    def family(variable: str, unit: str = "patients", **options) -> Family:
        return Family("population", variable, unit, size, lines=everyone, **options)

    def share(variable: str, having: pd.Series, how: str) -> list[Result]:
        counted = lines_of(patients=patients[having])
        of_all = f"{how}, of all patients; exact (Clopper-Pearson) 95 % interval."
        return family(variable, how=of_all).proportion(int(having.sum()), size, counted=counted)

    rows = [family("enrolled", how="Patients in patients.csv.").count("n", size)]
    for measure, (unit, decimals) in _MEASURES.items():
        values = patients[measure].astype(float)
        rows += family(
            measure, unit, how=f"Column {measure} of all patients; quartiles of type 7.", decimals=decimals
        ).summary(values, recorded=0 if measure == "age_years" and (values % 1 == 0).all() else None)
    rows += share("female", patients["sex"] == "F", "Patients with sex F")
    rows += share("male", patients["sex"] == "M", "Patients with sex M")
    for condition in _HISTORY:
        rows += share(condition, patients[condition] == 1, f"Patients with {condition} recorded as 1")
    treated_before = patients["prior_systemic_therapy"].str.strip().str.casefold() != _NO_PRIOR_THERAPY
    rows += share("prior_systemic_therapy", treated_before, "Patients with any entry other than none")

    regimens = dose_regimens(patients, design)
    for name in sorted(set(regimens)):
        rows += share(
            name,
            regimens == name,
            "Patients for whom the label has this maintenance dose, by weight and age at baseline",
        )

    discontinued = patients["discontinued_week"].notna()
    rows += share("discontinued", discontinued, "Patients with a discontinued_week")
    rows += _attendance(tables, design)
    treated = at_week(tables.visits, 0, "emollient_per_day")
    emollients = Family(
        "population", "emollient_per_day", "times a day", len(treated), week=0, method="observed", lines=lines_of(visits=treated),
        how="Column emollient_per_day at baseline, of the patients with a value.",
    )  # fmt: skip
    rows += emollients.summary(treated["emollient_per_day"].astype(float), ("median", "min", "max"))
    return rows


def dose_regimens(patients: pd.DataFrame, design: Design) -> pd.Series:
    """Name of each patient's maintenance regimen under the label, for instance `regimen_300mg_q2w`; index as given."""

    places, plans = dosing.allowed(design.label, patients["age_years"].astype(float), patients["weight_kg"].astype(float))
    names = np.array([f"regimen_{allowed[0].id}" for allowed in plans], dtype=object)
    return pd.Series(names[places], index=patients.index, dtype="str")


def _attendance(tables: Tables, design: Design) -> list[Result]:
    patients, visits = tables.patients, tables.visits
    rows = []
    for week in visit_weeks(visits, design):
        if week not in (*design.planned_weeks, design.primary_week):
            continue  # nobody was due at an unplanned visit, and the gate warns of it
        seen = visits[visits["week"] == week]
        came = of_patients(patients, seen["patient_id"]).index
        due = patients[(patients["last_contact_week"] >= week) | patients.index.isin(came)]
        family = Family(
            "population", "visit", "patients", len(due), week=week, absent=no_visit(visits, week),
            lines=lines_of(patients=due, visits=seen),
            how="n: patients with a row in visits.csv at this week; N: those and all others whose last contact was "
            "not before it.",
        )  # fmt: skip
        rows += family.proportion(len(seen), len(due), counted=lines_of(visits=seen), exact_interval=False)
    return rows
