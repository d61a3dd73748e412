"""How much was given and for how long, whether the label was followed, and what else was used."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.core.design import Design, Tables
from analysis.core.families import Family, at_week, lines_of, of_patients, visit_weeks
from analysis.core.results import Result
from analysis.core.statistics import NotEstimable
from protocol import dosing, treatment
from protocol.days import DAYS_PER_YEAR, study_day

APART = {
    "lacking": "Doses due of which doses.csv has no row, and which were late at the last contact or stop.",
    "not_yet_late": "Doses due of which doses.csv has no row, and which could still have come within the window at the last contact "
    "or stop.",
    "beyond": "Rows of doses.csv, given or missed, in excess of the doses due.",
}
"""What lies between doses due and doses recorded: due + beyond = given + missed + lacking + not yet late, for every patient."""


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
    return rows + _by_child(tables, doses, design)


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
            "doses. An amount that the label names as an option counts with its own interval.",
        ),
    ):
        base = Family("exposure", "doses", "doses", len(whole), method=method, how=how, lines=lines_of(doses=whole))
        rows += base.proportion(
            len(selected), len(whole), "doses", counted=lines_of(doses=selected), exact_interval=False
        )
    return rows


def _by_child(tables: Tables, doses: pd.DataFrame, design: Design) -> list[Result]:
    """Summaries over the children of :func:`child_exposure`, and of the intervals between doses."""
    children = child_exposure(tables, design)
    given = doses[doses["given"] == 1]
    everyone, treated = lines_of(patients=tables.patients), lines_of(patients=tables.patients, doses=given)
    weeks = Family(
        "exposure", "weeks_on_treatment", "weeks", len(children), lines=treated,
        how=f"Weeks from the first dose until {treatment.DRUG.name} was stopped or, if it was not, until the last contact; 0 for a "
        "patient without a given dose. Quartiles of type 7.",
    )  # fmt: skip
    rows = weeks.summary(children["weeks"])
    rows.append(
        weeks.row("patient_years", lambda: 7 * math.fsum(children["weeks"]) / DAYS_PER_YEAR, unit="patient-years")
    )
    expected = int(children["expected"].sum())
    total = Family(
        "exposure", "doses_expected", "doses", len(children), lines=everyone,
        how="Doses that the label has due from day 1 to the last contact or, for a patient who stopped, before the "
        "day of stopping; under the regimen that the patient's maintenance doses follow.",
    )  # fmt: skip
    rows += [
        total.count("n", expected, unit="doses"),
        *(
            replace(total, method=part, how=how).count("n", int(children[part].sum()), unit="doses")
            for part, how in APART.items()
        ),
        Family("exposure", "doses_expected", "percent", len(children), method="given", lines=treated,
               how="Doses given, in percent of those expected under the label until the last contact or the stop; "
               "above 100 where more were given.").row(
            "percent", lambda: _share(int(children["given"].sum()), expected)),
    ]  # fmt: skip
    conforming = Family(
        "exposure", "children_conforming", "patients", len(children), lines=treated,
        how="Patients all of whose given doses conform to the label and who got every dose expected, but for those that "
        "were not yet late at the last contact or stop; among patients with a given dose.",
    )  # fmt: skip
    some = children[children["given"] > 0]
    rows += conforming.proportion(int(some["all_conform"].sum()), len(some))
    label = treatment.LABELS[design.label]
    for interval_days in sorted({plan.interval_days for plan in label.regimens}):
        on = children.index[(children["interval_days"] == interval_days) & (children["given"] > 0)]
        these = of_patients(given[given["interval_days"].notna() & (given["kind"] == "maintenance")], on)
        family = Family(
            "exposure", f"interval_{treatment.every(interval_days)}", "days", len(these), lines=lines_of(doses=given),
            how="Days between a given maintenance dose and the given dose before it, in patients whose regimen has "
            f"{treatment.a_dose(interval_days)}; n counts intervals. Quartiles of type 7.",
        )  # fmt: skip
        rows.append(family.count("n", len(these), unit="intervals"))
        rows += family.summary(these["interval_days"].astype(float))
    if any(len(plan.loading_days) > 1 for plan in label.regimens):
        these = given[given["interval_days"].notna() & (given["kind"] == "loading")]
        family = Family(
            "exposure", "interval_loading", "days", len(these), lines=lines_of(doses=given),
            how="Days between a given loading dose and the given dose before it; n counts intervals. Quartiles of type 7.",
        )  # fmt: skip
        rows.append(family.count("n", len(these), unit="intervals"))
        rows += family.summary(these["interval_days"].astype(float))
    return rows


def _share(given: int, expected: int) -> float:
    if not expected:
        raise NotEstimable("no dose was due")
    return 100 * given / expected


def child_exposure(tables: Tables, design: Design) -> pd.DataFrame:
    """One row a patient, indexed by patient_id in order: `regimen` (a :class:`protocol.treatment.Regimen`), `interval_days` (its
    maintenance interval), `weeks` on treatment, doses `given`, `missed`, `expected` and `conforming`, `intervals` (list of days
    between given doses), and `all_conform`: every given dose conforms, and every dose that was due was given, but for those that
    were not yet late.

    `expected` counts the label's days from day 1 to the last contact; for a patient who stopped, those before the day of
    stopping. Of doses due without a record, those due within the window before that end could still come in time: they are
    `not_yet_late`, the others `lacking`. Records in excess of the doses due are `beyond`. So for every patient
    expected + beyond = given + missed + lacking + not_yet_late.
    """
    doses = dose_conformity(tables, design)
    patients = tables.patients.sort_values("patient_id").set_index("patient_id")
    at, given = patients.index.get_indexer(doses["patient_id"]), (doses["given"] == 1).to_numpy()
    size = len(patients)

    def count(which: np.ndarray) -> np.ndarray:
        return np.bincount(at[which], minlength=size)

    contact, stop = (patients[name].astype(float).to_numpy() for name in ("last_contact_week", "discontinued_week"))
    stopped = ~np.isnan(stop)
    end = np.floor(study_day(contact) + 1e-9)
    end = np.where(stopped, np.fmin(end, np.ceil(study_day(stop) - 1e-9) - 1), end)
    plans = _plans_in_use(patients, doses[given & (doses["kind"] == "maintenance").to_numpy()], design)
    due = _doses_due(plans, end)
    recorded, had = count(np.ones(len(at), dtype=bool)), count(given)
    missing = due - recorded
    not_yet_late = np.minimum(np.maximum(missing, 0), due - _doses_due(plans, end - design.dose_window_days))
    conforming = count(doses["conforming"].to_numpy(dtype=bool) & given)
    timed = given & doses["interval_days"].notna().to_numpy()
    intervals = np.split(doses["interval_days"].to_numpy(dtype=float)[timed].astype(int), np.cumsum(count(timed))[:-1])
    return pd.DataFrame(
        {
            "regimen": plans,
            "interval_days": [plan.interval_days for plan in plans],
            "weeks": np.where(had > 0, np.fmin(contact, stop), 0.0),
            "given": had,
            "missed": recorded - had,
            "expected": due,
            "lacking": np.maximum(missing, 0) - not_yet_late,
            "not_yet_late": not_yet_late,
            "beyond": np.maximum(-missing, 0),
            "conforming": conforming,
            "intervals": pd.Series([each.tolist() for each in intervals], index=patients.index, dtype=object),
            "all_conform": (had > 0) & (conforming == had) & (had >= due - not_yet_late),
        },
        index=patients.index,
    )


def _plans_in_use(patients: pd.DataFrame, maintenance: pd.DataFrame, design: Design) -> pd.Series:
    """The regimen that each patient's given maintenance doses follow; see :func:`protocol.treatment.in_use`."""
    places, allowed = dosing.allowed(design.label, patients["age_years"].astype(float), patients["weight_kg"].astype(float))
    found = np.array([each[0] for each in allowed], dtype=object)[places]
    several = [place for place, each in enumerate(allowed) if len(each) > 1]
    chosen = np.flatnonzero(np.isin(places, several))
    amounts = of_patients(maintenance, patients.index[chosen])
    of_patient = {name: own.astype(float).tolist() for name, own in amounts.groupby("patient_id")["dose_mg"]}
    for row in chosen:
        found[row] = treatment.in_use(allowed[places[row]], of_patient.get(patients.index[row], []))
    return pd.Series(found, index=patients.index, dtype=object)


def _doses_due(plans: pd.Series, end: np.ndarray) -> np.ndarray:
    """How many doses each regimen has up to a day: each different pair is counted once."""
    pairs = list(zip(plans, end.tolist(), strict=True))
    known = {(plan, day): len(plan.days(int(day))) for plan, day in set(pairs)}
    return np.array([known[pair] for pair in pairs], dtype=int)


def dose_conformity(tables: Tables, design: Design) -> pd.DataFrame:
    """The doses in order of patient and day, with `interval_days` since the previous given dose (missing for the
    first and for doses not given), `label_mg`, `label_interval_days` and `conforming` (False for doses not given).

    Where the label names an option, `label_mg` and `label_interval_days` are those of the regimen that the dose
    follows; see :func:`protocol.treatment.expected`.
    """
    children = tables.patients.set_index("patient_id")
    doses = tables.doses.sort_values(["patient_id", "study_day"]).copy()
    at = children.index.get_indexer(doses["patient_id"])
    given, day = (doses["given"] == 1).to_numpy(dtype=bool), doses["study_day"].to_numpy(dtype=float)
    mg, kind = doses["dose_mg"].to_numpy(dtype=float), doses["kind"].to_numpy(dtype=object)
    places, plans = dosing.allowed(design.label, children["age_years"].astype(float), children["weight_kg"].astype(float))
    before = dosing.order(at, given)
    previous = before["previous"].to_numpy()
    follows = given & (previous >= 0)
    # What was left out since the dose before is no excuse here: the interval is that between two neighbouring doses.
    amount, intervals = dosing.due(
        plans, places[at], kind, mg, np.where(follows, mg[previous], np.nan), before["given_before"], np.zeros(len(doses), dtype=int)
    )
    interval = np.where(follows, day - day[previous], np.nan) if len(doses) else day
    wanted = dosing.nearest(intervals, interval)
    on_time = ~follows | (np.abs(interval - wanted) <= design.dose_window_days)
    return doses.assign(
        interval_days=interval, label_mg=amount.astype(int), label_interval_days=np.where(follows, wanted, np.nan),
        conforming=given & on_time & (mg == amount),
    )  # fmt: skip
