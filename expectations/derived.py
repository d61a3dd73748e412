"""What the suites look at beyond the cells: one frame for each file, and one for the rules that span files.

A derived column is missing wherever the question does not arise or cannot be answered, because a cell it
needs is empty or is not a number. Great Expectations skips missing values, so one wrong cell is not reported
again by each rule that builds on it.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from expectations import follow_up, plausibility
from expectations.finding import Lines, Phrase
from expectations.plausibility import AS_WRITTEN
from protocol.columns import PATIENT_ID, TABLES
from protocol.days import study_day
from protocol.scores import EASI_STRATA, easi_stratum, scorad
from protocol.special_interest import same_term
from protocol.treatment import Regimen, expected, regimens

SEVERE = 4

# Kilograms that a rough screen accepts at an age in years, both sexes together, linear in between; about the
# 0.1st and the 99.9th centile of the CDC 2000 growth charts (https://www.cdc.gov/growthcharts/), a little
# wider. It finds a slipped decimal point or pounds in place of kilograms; it is no judgement on a child's
# growth.
WEIGHT_SCREEN = {8: (16, 50), 10: (19, 70), 12: (23, 90), 14: (28, 106), 16: (33, 118), 18: (36, 128)}


def file_frame(text: pd.DataFrame, values: pd.DataFrame, table: str) -> pd.DataFrame:
    """The batch of one file: line numbers, values (numbers as float64), numbers as written, derived columns.

    `text` and `values` come from :mod:`expectations.reading`; the rows of the result are numbered from 0.
    """
    frame = pd.DataFrame({"line": text.index})
    for column in TABLES[table]:
        if column.numeric:
            frame[column.name] = values[column.name].astype("float64").to_numpy()
            frame[column.name + AS_WRITTEN] = _or_none(text[column.name])
        else:
            frame[column.name] = _or_none(text[column.name])
    return _DERIVE[table](frame)


def _or_none(cells: pd.Series) -> pd.Series:
    return pd.Series([cell or None for cell in cells], dtype="object")


def _patients(frame: pd.DataFrame) -> pd.DataFrame:
    frame["earlier line"] = _earlier_line(frame, ["patient_id"])
    frame["years with AD beyond age"] = frame["ad_duration_years"] - frame["age_years"]
    ages = list(WEIGHT_SCREEN)
    known_age = frame["age_years"].where(frame["age_years"].between(ages[0], ages[-1]))
    for name, side in (("lowest weight", 0), ("highest weight", 1)):
        frame[name] = np.interp(known_age, ages, [bounds[side] for bounds in WEIGHT_SCREEN.values()]).round(0)
    below, above = frame["lowest weight"] - frame["weight_kg"], frame["weight_kg"] - frame["highest weight"]
    frame["kg outside the screen"] = np.maximum(np.maximum(below, above), 0)
    frame["weeks from last contact to discontinuation"] = frame["discontinued_week"] - frame["last_contact_week"]
    has_week, has_reason = (
        frame["discontinued_week" + AS_WRITTEN].notna(),
        frame["discontinuation_reason"].notna(),
    )
    sited = frame["site"].notna()
    frame["site of others alone"] = (~sited).astype("float64") if sited.any() else np.nan
    frame["discontinuation incomplete"] = (has_week != has_reason).astype("float64")
    plausibility.patients(frame)
    return frame


def _visits(frame: pd.DataFrame) -> pd.DataFrame:
    frame["earlier line"] = _earlier_line(frame, ["patient_id", "week"])
    parts = ["scorad_extent", "scorad_intensity", "scorad_pruritus", "scorad_sleep_loss"]
    frame["scorad from its parts"] = scorad(*(frame[part] for part in parts)).round(6)
    # Binary floats make 76.5 and 76.6 differ by a little more than 0.1; six decimals are far finer than any
    # record.
    frame["points off"] = (frame["scorad"] - frame["scorad from its parts"]).abs().round(6)
    written = frame[[part + AS_WRITTEN for part in parts]].notna()
    some_empty, all_there = ~written.all(axis=1), written.all(axis=1)
    total = frame["scorad" + AS_WRITTEN].notna()
    frame["parts of scorad empty"] = (total & some_empty).astype("float64")
    frame["scorad not worked out"] = (~total & all_there).astype("float64")
    stratum = easi_stratum(frame["easi"]).astype("float64")
    frame["easi stratum name"] = [None if np.isnan(number) else EASI_STRATA[int(number)] for number in stratum]
    frame["categories apart"] = (frame["iga"] - stratum.clip(upper=SEVERE)).abs()
    scores = ["iga", "easi", "scorad"]
    scored = frame[[score + AS_WRITTEN for score in scores]].notna().any(axis=1).astype("float64")
    frame["scored at baseline"] = scored.where(frame["week"] == 0)
    frame["scored later"] = scored.where(frame["week"] > 0)
    plausibility.visits(frame)
    return frame


def _labs(frame: pd.DataFrame) -> pd.DataFrame:
    frame["earlier line"] = _earlier_line(frame, ["patient_id", "week", "analyte"])
    plausibility.labs(frame)
    return frame


def _doses(frame: pd.DataFrame) -> pd.DataFrame:
    frame["earlier line"] = _earlier_line(frame, ["patient_id", "study_day"])
    return frame


def _adverse_events(frame: pd.DataFrame) -> pd.DataFrame:
    frame["term in one spelling"] = same_term(frame["term"].fillna("")).where(frame["term"].notna())
    frame["earlier line"] = _earlier_line(frame, ["patient_id", "term in one spelling", "start_day"])
    # Day 0 and a cell that is no number have their own findings; an order can be judged only without them.
    start, end = (frame[name].where(frame[name] != 0) for name in ("start_day", "end_day"))
    frame["days from start to end"] = end - start
    frame["fatal but not serious"] = ((frame["outcome"] == "fatal") & (frame["serious"] == 0)).astype("float64")
    plausibility.adverse_events(frame)
    return frame


_DERIVE = {
    "patients": _patients,
    "visits": _visits,
    "labs": _labs,
    "doses": _doses,
    "adverse_events": _adverse_events,
}


def _earlier_line(frame: pd.DataFrame, key: list[str]) -> pd.Series:
    """Line on which the same key stands already; missing for its first row and for an incomplete key."""
    complete = frame[frame[key].notna().all(axis=1)]
    first = complete.groupby(key)["line"].transform("first")
    return first.where(first != complete["line"]).reindex(frame.index).astype("float64")


# --- rules that span files ----------------------------------------------------------------------------------

ACROSS_COLUMNS = (
    "patient known",
    "baseline rows",
    "planned visit rows",
    "dose rows",
    "visit days after last contact",
    "start days after last contact",
    "end days after last contact",
    "lab days after last contact",
    "dose days after last contact",
    "days after discontinuation",
    "day of the first dose",
    "mg off the label",
    "days off the label",
    "kind off the label",
    "discontinued week empty",
    *follow_up.COLUMNS,
)
"""The derived columns that the suite across_files examines; always there, if without values."""

_CONTEXT_COLUMNS = (
    "file",
    "line",
    "patient_id",
    "week",
    "day",
    "patient line",
    "last_contact_week",
    "last contact day",
    "discontinued_week",
    "age_years",
    "weight_kg",
    "study_day",
    "dose_mg",
    "kind",
    "start_day",
    "end_day",
    "label mg",
    "label kind",
    "interval",
    "label interval",
    "previous day",
    "previous line",
    "others",
    *follow_up.CONTEXT,
)
_TEXTS = {"file", "patient_id", "kind", "label kind", "others", *follow_up.TEXTS}


def across_frame(frames: Mapping[str, pd.DataFrame], parameters: Mapping) -> pd.DataFrame:
    """One row for each row of a file that refers to a patient, and one for each row that ought to be there.

    `frames` holds the batches of :func:`file_frame` of the files that could be read. `parameters` gives
    label, planned_weeks and grace_days.

    Where one slip touches many rows of a patient (an id or a week of last contact that is wrong in
    patients.csv), only the first of them keeps its value; `others` names the rest for the message.
    """
    patients = _known_patients(frames.get("patients"))
    rows = []
    if patients is not None:
        for table in ("visits", "labs", "doses", "adverse_events"):
            if table in frames:
                rows += _rows_of(table, frames[table], patients, parameters["grace_days"])
        _follow_doses([row for row in rows if row["file"] == "doses.csv"], patients, parameters["label"])
        if not _all_ids_clear(frames["patients"]):  # an unknown id may belong to a patient whose own id is wrong
            for row in rows:
                row.pop("patient known", None)
        _keep_first(rows, "patient known", lambda known: known == 0)
        for column in ACROSS_COLUMNS:
            if column.endswith("days after last contact"):
                _keep_first(rows, column, lambda days: days > parameters["grace_days"])
        rows += follow_up.judge(rows, frames, patients, parameters["grace_days"])
        for column in ("days after death", "term against sex"):
            _keep_first(rows, column, lambda value: value > 0)
        if "visits" in frames:
            rows += _visits_due(frames["visits"], patients, parameters["planned_weeks"])
        if "doses" in frames:
            rows += _patients_due_for_doses(frames["doses"], patients)
    frame = pd.DataFrame(rows, columns=[*_CONTEXT_COLUMNS, *ACROSS_COLUMNS])
    return frame.astype(dict.fromkeys((set(_CONTEXT_COLUMNS) - _TEXTS) | set(ACROSS_COLUMNS), "float64"))


def _all_ids_clear(patients: pd.DataFrame) -> bool:
    ids = patients["patient_id"]
    return bool(ids.notna().all() and ids.is_unique and all(PATIENT_ID.fullmatch(patient_id) for patient_id in ids))


def _keep_first(rows: list[dict], column: str, fails) -> None:
    """Leaves `column` only in the first failing row of each file and patient, which names the other lines."""
    failing: dict[tuple[str, str], list[dict]] = {}
    for row in rows:
        if column in row and fails(row[column]):
            failing.setdefault((row["file"], row["patient_id"]), []).append(row)
    for first, *others in failing.values():
        for row in others:
            del row[column]
        if others:
            lines = Lines(first["file"], tuple(row["line"] for row in others))
            first["others"] = Phrase("; so it is on {lines:line}", {"lines": lines})


def _known_patients(frame: pd.DataFrame | None) -> dict[str, dict] | None:
    """Patients by id. Where an id stands twice it is open which row is meant: its values count as missing."""
    if frame is None:
        return None
    known: dict[str, dict] = {}
    for row in frame.dropna(subset=["patient_id"]).to_dict("records"):
        if row["patient_id"] in known:
            row = {"patient_id": row["patient_id"], "line": known[row["patient_id"]]["line"]}
        known[row["patient_id"]] = row
    return known


def _number(row: Mapping, name: str) -> float:
    return row.get(name, float("nan"))


def _rows_of(table: str, frame: pd.DataFrame, patients: Mapping[str, dict], grace_days: float) -> list[dict]:
    rows = []
    for cells in frame.to_dict("records"):
        row = {"file": f"{table}.csv"} | {name: cells[name] for name in _CONTEXT_COLUMNS if name in cells}
        rows.append(row)
        if "week" in cells:
            row["day"] = study_day(cells["week"])
        if table == "doses":  # for the order of the doses, no columns of the frame
            row |= {"given": cells["given"], "repeated": not np.isnan(cells["earlier line"])}
        if row["patient_id"] is None:
            continue
        patient = patients.get(row["patient_id"])
        row["patient known"] = float(patient is not None)
        if patient is None:
            continue
        last_contact = study_day(_number(patient, "last_contact_week"))
        stopped = study_day(_number(patient, "discontinued_week"))
        row |= {"patient line": patient["line"], "last contact day": last_contact}
        row |= {
            name: _number(patient, name)
            for name in ("last_contact_week", "discontinued_week", "age_years", "weight_kg")
        }
        if table == "visits":
            row["visit days after last contact"] = row["day"] - last_contact
        elif table == "labs":
            row["lab days after last contact"] = row["day"] - last_contact
        elif table == "doses":
            row["dose days after last contact"] = cells["study_day"] - last_contact
            if cells["given"] == 1:
                row["days after discontinuation"] = cells["study_day"] - stopped
        else:
            row |= _event_days(cells, last_contact, grace_days)
            if cells["action"] == "discontinued" and "discontinued_week" in patient:
                row["discontinued week empty"] = float(patient["discontinued_week" + AS_WRITTEN] is None)
    return rows


def _event_days(cells: Mapping, last_contact: float, grace_days: float) -> dict[str, float]:
    start, end = cells["start_day"] - last_contact, cells["end_day"] - last_contact
    days = {"start days after last contact": start}
    # An event that starts too late also ends too late; its end is a finding of its own only when its start is
    # in order.
    if not start > grace_days:
        days["end days after last contact"] = end
    return days


def _visits_due(visits: pd.DataFrame, patients: Mapping[str, dict], planned_weeks) -> list[dict]:
    """A row for the baseline and for each planned visit up to the last contact: whether it took place.

    A row of visits.csv that has a finding of its own (patient unknown, week no number or not planned, a
    repetition) may be the very one that seems to be absent, so it counts. Only the baseline must be exactly
    week 0. Of a patient without any row only the baseline is asked for.
    """
    exact: set[tuple[str, float]] = set()
    doubtful_week: set[str] = set()  # these patients have a row that may belong to any week
    off_plan: set[str] = set()
    doubtful_patient: set[float] = set()  # these weeks have a row that may belong to any patient
    for row in visits[["patient_id", "week", "earlier line"]].to_dict("records"):
        patient_id, week = row["patient_id"], row["week"]
        if patient_id not in patients:
            doubtful_patient |= set(planned_weeks) if np.isnan(week) else {week}
        elif np.isnan(week) or week < 0 or not np.isnan(row["earlier line"]):
            doubtful_week.add(patient_id)
        else:
            exact.add((patient_id, week))
            if week not in planned_weeks:
                off_plan.add(patient_id)
    with_rows = doubtful_week | {patient_id for patient_id, _ in exact}

    rows = []
    for patient_id, patient in patients.items():
        last_contact = _number(patient, "last_contact_week")
        later = [week for week in planned_weeks if 0 < week <= last_contact] if patient_id in with_rows else []
        for week in (0, *later):
            there = (patient_id, week) in exact or patient_id in doubtful_week or week in doubtful_patient
            row = {
                "file": "visits.csv",
                "patient_id": patient_id,
                "week": week,
                "patient line": patient["line"],
                "last_contact_week": last_contact,
            }
            if week == 0:
                row["baseline rows"] = float(there)
            else:
                row["planned visit rows"] = float(there or patient_id in off_plan)
            rows.append(row)
    return rows


def _patients_due_for_doses(doses: pd.DataFrame, patients: Mapping[str, dict]) -> list[dict]:
    treated = set(doses["patient_id"])
    doubtful = bool(treated - set(patients))  # a row with a wrong id may be theirs
    return [
        {
            "file": "doses.csv",
            "patient_id": patient_id,
            "patient line": patient["line"],
            "dose rows": float(doubtful or patient_id in treated),
        }
        for patient_id, patient in patients.items()
    ]


def _follow_doses(doses: list[dict], patients: Mapping[str, dict], label: str) -> None:
    """Adds to the rows of doses what their order tells: the first day, the label's amount, kind and interval.

    A row whose patient or day is wrong has a finding of its own. Where it may belong in between, the order is
    not judged.
    """
    strays = [row["study_day"] for row in doses if not row.get("patient known")]
    by_patient: dict[str, list[dict]] = {}
    for row in doses:
        if row.get("patient known") and not row["repeated"]:
            by_patient.setdefault(row["patient_id"], []).append(row)
    for patient_id, rows in by_patient.items():
        doubtful = any(np.isnan(row["study_day"]) or row["study_day"] < 1 for row in rows)
        strays_of_patient = [float("nan")] if doubtful else strays
        rows.sort(key=lambda row: row["study_day"])
        age, weight = (_number(patients[patient_id], name) for name in ("age_years", "weight_kg"))
        plans = () if np.isnan(age) or np.isnan(weight) else regimens(label, age, weight)
        _follow_patient(rows, plans, strays_of_patient)


def _stray_between(strays: list[float], start: float, end: float) -> bool:
    return any(np.isnan(day) or start <= day <= end for day in strays)


def _follow_patient(rows: list[dict], plans: tuple[Regimen, ...], strays: list[float]) -> None:
    """`rows` are one patient's doses by day; `plans` is empty where age or weight is missing."""
    previous, given_before, skipped = None, 0, 0
    for position, row in enumerate(rows):
        if plans:
            is_kind = row["kind"] in {"loading", "maintenance"}
            previous_mg = None if previous is None else previous["dose_mg"]
            kind = row["kind"] if is_kind else "maintenance"
            amount, intervals = expected(plans, kind, row["dose_mg"], previous_mg, given_before, skipped)
        if plans and is_kind:
            row["label mg"] = amount
            row["mg off the label"] = row["dose_mg"] - row["label mg"]
            if not _stray_between(strays, 0, row["study_day"]):
                row["label kind"] = "loading" if position < len(plans[0].loading_days) else "maintenance"
                row["kind off the label"] = float(row["kind"] != row["label kind"])
        if row["given"] != 1:
            skipped += 1
            continue
        if previous is None:
            if not _stray_between(strays, 0, row["study_day"]):
                row["day of the first dose"] = row["study_day"]
        elif plans and not _stray_between(strays, previous["study_day"], row["study_day"]):
            # A dose that was left out has its own finding; the next one is on time if it keeps to the
            # schedule.
            interval = row["interval"] = row["study_day"] - previous["study_day"]
            row["label interval"] = min(intervals, key=lambda days: abs(interval - days))
            row["days off the label"] = abs(row["interval"] - row["label interval"])
            row |= {"previous day": previous["study_day"], "previous line": previous["line"]}
        previous, given_before, skipped = row, given_before + 1, 0
