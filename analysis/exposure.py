"""How much was given, whether the label was followed, and what else was used."""

import pandas as pd

from analysis import label
from analysis.design import Design, Tables
from analysis.results import Result
from analysis.rows import Family, at_week, lines_of, visit_weeks


def exposure(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `exposure`."""
    doses = dose_conformity(tables, design)
    given = doses[doses["given"] == 1]
    rows = _doses(doses, given, design)
    per_patient = given.groupby("patient_id").size().reindex(tables.patients["patient_id"], fill_value=0)
    family = Family(
        "exposure", "doses_per_patient", "doses", len(per_patient),
        lines=lines_of(patients=tables.patients, doses=given),
        how="Doses given to each patient, who counts with 0 if there was none; quartiles of type 7.",
    )  # fmt: skip
    rows += family.summary(per_patient.astype(float))
    for week in visit_weeks(tables.visits, design):
        seen = at_week(tables.visits, week, "tcs_use")
        using = seen[seen["tcs_use"] == 1]
        family = Family(
            "exposure", "tcs_use", "patients", len(seen), week=week, method="observed", lines=lines_of(visits=seen),
            how="Patients using topical glucocorticosteroids, among those with a tcs_use at this week.",
        )  # fmt: skip
        rows += family.proportion(len(using), len(seen), counted=lines_of(visits=using), exact_interval=False)
    return rows


def _doses(doses: pd.DataFrame, given: pd.DataFrame, design: Design) -> list[Result]:
    rows = []
    for method, selected, whole, how in (
        ("given", given, doses, "Rows of doses.csv with given = 1, of all rows."),
        ("missed", doses[doses["given"] == 0], doses, "Rows of doses.csv with given = 0, of all rows."),
        (
            "conforming",
            given[given["conforming"]],
            given,
            "Given doses with the label's amount for weight and age at baseline and, after the first dose, the label's "
            f"interval to the previous given dose, up to {design.dose_window_days} days less or more; of all given "
            "doses.",
        ),
    ):
        base = Family("exposure", "doses", "doses", len(whole), method=method, how=how, lines=lines_of(doses=whole))
        rows += base.proportion(
            len(selected), len(whole), "doses", counted=lines_of(doses=selected), exact_interval=False
        )
    return rows


def dose_conformity(tables: Tables, design: Design) -> pd.DataFrame:
    """The doses in order of patient and day, with `interval_days` since the previous given dose (missing for the
    first and for doses not given), `label_mg`, `label_interval_days` and `conforming` (False for doses not given)."""
    children = tables.patients.set_index("patient_id")[["age_years", "weight_kg"]]
    doses = tables.doses.sort_values(["patient_id", "study_day"]).copy()
    columns: dict[str, list] = {"interval_days": [], "label_mg": [], "label_interval_days": [], "conforming": []}
    earlier: dict[str, list[int]] = {}
    for dose in doses.itertuples():
        child = children.loc[dose.patient_id]
        regimen = label.regimen(design.label, child["age_years"], child["weight_kg"])
        given_before = earlier.setdefault(dose.patient_id, [])
        was_given = dose.given == 1
        interval = dose.study_day - given_before[-1] if given_before and was_given else None
        expected = regimen.interval_before(len(given_before)) if interval is not None else None
        on_time = interval is None or abs(interval - expected) <= design.dose_window_days
        columns["interval_days"].append(interval)
        columns["label_mg"].append(regimen.amount(dose.kind))
        columns["label_interval_days"].append(expected)
        columns["conforming"].append(bool(was_given and on_time and dose.dose_mg == regimen.amount(dose.kind)))
        if was_given:
            given_before.append(int(dose.study_day))
    return doses.assign(**columns)
