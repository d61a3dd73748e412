"""What the suite across_files looks at: one frame for the rules that span files.

Like the frames of :mod:`expectations.derived` it has a missing value wherever a question does not arise or cannot be answered. All of
it is made column by column, since a register has millions of rows.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from expectations import follow_up
from expectations.finding import Lines, Phrase
from expectations.joined import Joined
from expectations.plausibility import AS_WRITTEN
from protocol import dosing
from protocol.columns import PATIENT_ID
from protocol.days import study_day

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
_TEXTS = frozenset({"file", "patient_id", "kind", "label kind", "others", *follow_up.TEXTS})


def across_frame(frames: Mapping[str, pd.DataFrame], parameters: Mapping) -> Joined:
    """One row for each row of a file that refers to a patient, and one for each row that ought to be there.

    `frames` holds the batches of :func:`expectations.derived.file_frame` of the files that could be read. `parameters` gives
    label, planned_weeks and grace_days.

    Where one slip touches many rows of a patient (an id or a week of last contact that is wrong in
    patients.csv), only the first of them keeps its value; `others` names the rest for the message.
    """
    if "patients" not in frames:
        return _joined([])
    grace_days = parameters["grace_days"]
    patients = known_patients(frames["patients"])
    parts = {
        table: _rows_of(table, frames[table], patients, grace_days)
        for table in ("visits", "labs", "doses", "adverse_events")
        if table in frames
    }
    if "doses" in parts:
        _follow_doses(parts["doses"], frames["doses"], patients, parameters["label"])
    clear = _all_ids_clear(frames["patients"])
    sure = clear and all((part["patient known"] == 1).all() for part in parts.values())
    for part in parts.values():
        if not clear:  # an unknown id may belong to a patient whose own id is wrong
            part["patient known"] = np.nan
        _keep_first(part, "patient known", part["patient known"] == 0)
        for column in ACROSS_COLUMNS:
            if column.endswith("days after last contact") and column in part:
                _keep_first(part, column, part[column] > grace_days)
    followed = follow_up.judge(parts, frames, patients, grace_days, sure)
    for part in (*parts.values(), followed):
        for column in ("days after death", "term against sex"):
            if column in part:
                _keep_first(part, column, part[column] > 0)
    rows = [*parts.values(), followed]
    if "visits" in frames:
        rows.append(_visits_due(frames["visits"], patients, parameters["planned_weeks"]))
    if "doses" in frames:
        rows.append(_patients_due_for_doses(frames["doses"], patients))
    return _joined(rows)


def _joined(parts: Iterable[pd.DataFrame]) -> Joined:
    return Joined(tuple(parts), tuple(dict.fromkeys([*_CONTEXT_COLUMNS, *ACROSS_COLUMNS])), _TEXTS)


def _all_ids_clear(patients: pd.DataFrame) -> bool:
    ids = patients["patient_id"]
    return bool(ids.notna().all() and ids.is_unique and all(map(PATIENT_ID.fullmatch, ids)))


def _keep_first(part: pd.DataFrame, column: str, fails: pd.Series) -> None:
    """Leaves `column` only in the first failing row of each patient, which names the other lines of this file."""
    failing = part.loc[fails.to_numpy(dtype=bool), ["patient_id", "line"]]
    others = failing[failing.duplicated("patient_id")]
    if not len(others):
        return
    part.loc[others.index, column] = np.nan
    first = failing[~failing.duplicated("patient_id")].reset_index().set_index("patient_id")["index"]
    if "others" not in part:
        part["others"] = pd.Series(None, index=part.index, dtype=object)
    named = part["others"].to_numpy(dtype=object, copy=True)
    for patient_id, lines in others.groupby("patient_id", sort=False)["line"]:
        at = Lines(part["file"].iat[0], tuple(lines.astype(int)))
        named[first[patient_id]] = Phrase("; so it is on {lines:line}", {"lines": at})
    part["others"] = named


def known_patients(frame: pd.DataFrame) -> pd.DataFrame:
    """The batch of patients.csv by id, each once. Where an id stands twice it is open which row is meant: its values are missing."""
    there = frame[frame["patient_id"].notna()]
    known = there.drop_duplicates("patient_id").set_index("patient_id", drop=False)
    twice = there["patient_id"][there["patient_id"].duplicated()].unique()
    if len(twice):
        rest = known.columns.difference(["patient_id", "line"])
        known[rest] = known[rest].where(~known["patient_id"].isin(twice))
    return known.assign(twice=known["patient_id"].isin(twice))


def _rows_of(table: str, frame: pd.DataFrame, patients: pd.DataFrame, grace_days: float) -> pd.DataFrame:
    part = frame[[name for name in frame if name in _CONTEXT_COLUMNS]].assign(file=f"{table}.csv")
    at = patients.index.get_indexer(frame["patient_id"])

    def of_patient(name: str) -> np.ndarray:
        values = patients[name].to_numpy(dtype=float)
        return np.where(at >= 0, values[at], np.nan) if len(values) else np.full(len(at), np.nan)

    if "week" in frame:
        part["day"] = study_day(frame["week"])
    part["patient known"] = (at >= 0).astype(float)
    part.loc[frame["patient_id"].isna(), "patient known"] = np.nan
    part["patient line"] = of_patient("line")
    for name in ("last_contact_week", "discontinued_week", "age_years", "weight_kg"):
        part[name] = of_patient(name)
    last_contact = part["last contact day"] = study_day(part["last_contact_week"])
    if table == "visits":
        part["visit days after last contact"] = part["day"] - last_contact
    elif table == "labs":
        part["lab days after last contact"] = part["day"] - last_contact
    elif table == "doses":
        part["dose days after last contact"] = frame["study_day"] - last_contact
        stopped = study_day(part["discontinued_week"])
        part["days after discontinuation"] = (frame["study_day"] - stopped).where(frame["given"] == 1)
    else:
        start, end = frame["start_day"] - last_contact, frame["end_day"] - last_contact
        part["start days after last contact"] = start
        # An event that starts too late also ends too late; its end is a finding of its own only when its start is
        # in order.
        part["end days after last contact"] = end.where(~(start > grace_days))
        empty = patients["discontinued_week" + AS_WRITTEN].isna().to_numpy(dtype=float)
        empty[patients["twice"].to_numpy()] = np.nan
        stops = (frame["action"] == "discontinued").to_numpy() & (at >= 0)
        part["discontinued week empty"] = np.where(stops, empty[at], np.nan) if len(empty) else np.nan
    return part


def _visits_due(visits: pd.DataFrame, patients: pd.DataFrame, planned_weeks) -> pd.DataFrame:
    """A row for the baseline and for each planned visit up to the last contact: whether it took place.

    A row of visits.csv that has a finding of its own (patient unknown, week no number or not planned, a
    repetition) may be the very one that seems to be absent, so it counts. Only the baseline must be exactly
    week 0. Of a patient without any row only the baseline is asked for.
    """
    at, week = patients.index.get_indexer(visits["patient_id"]), visits["week"].to_numpy()
    stray = week[at < 0]
    any_patient = np.isin(planned := np.array([0, *(each for each in planned_weeks if each > 0)]), stray) | np.isnan(stray).any()
    doubtful = (at >= 0) & (np.isnan(week) | (week < 0) | visits["earlier line"].notna().to_numpy())
    sure = (at >= 0) & ~doubtful

    def having(rows: np.ndarray) -> np.ndarray:
        found = np.zeros(len(patients), dtype=bool)
        found[at[rows]] = True
        return found

    any_week, off_plan = having(doubtful), having(sure & ~np.isin(week, list(planned_weeks)))
    there = np.zeros((len(patients), len(planned)), dtype=bool)
    for column, each in enumerate(planned):
        there[:, column] = having(sure & (week == each))
    there |= any_week[:, None] | any_patient
    last_contact = patients["last_contact_week"].to_numpy(dtype=float)
    asked = (planned <= last_contact[:, None]) & having(at >= 0)[:, None]
    asked[:, 0] = True
    who, which = np.nonzero(asked)
    there, first = there[who, which], which == 0
    return pd.DataFrame(
        {
            "file": "visits.csv",
            "patient_id": patients["patient_id"].to_numpy()[who],
            "week": planned[which].astype(float),
            "patient line": patients["line"].to_numpy(dtype=float)[who],
            "last_contact_week": last_contact[who],
            "baseline rows": np.where(first, there.astype(float), np.nan),
            "planned visit rows": np.where(first, np.nan, (there | off_plan[who]).astype(float)),
        }
    )


def _patients_due_for_doses(doses: pd.DataFrame, patients: pd.DataFrame) -> pd.DataFrame:
    at = patients.index.get_indexer(doses["patient_id"])
    treated = np.zeros(len(patients), dtype=bool)
    treated[at[at >= 0]] = True
    return pd.DataFrame(
        {
            "file": "doses.csv",
            "patient_id": patients["patient_id"].to_numpy(),
            "patient line": patients["line"].to_numpy(dtype=float),
            "dose rows": (treated | (at < 0).any()).astype(float),  # a row with a wrong id may be theirs
        }
    )


def _follow_doses(part: pd.DataFrame, doses: pd.DataFrame, patients: pd.DataFrame, label: str) -> None:
    """Adds to the rows of doses what their order tells: the first day, the label's amount, kind and interval.

    A row whose patient or day is wrong has a finding of its own. Where it may belong in between, the order is
    not judged.
    """
    known = (part["patient known"] == 1).to_numpy()
    at = patients.index.get_indexer(part["patient_id"])
    rows = np.flatnonzero(known & doses["earlier line"].isna().to_numpy())
    rows = rows[np.lexsort((part["study_day"].to_numpy()[rows], at[rows]))]
    patient, day = at[rows], part["study_day"].to_numpy()[rows]
    mg, given = part["dose_mg"].to_numpy()[rows], doses["given"].to_numpy()[rows] == 1
    doubtful = np.zeros(len(patients), dtype=bool)
    doubtful[patient[~(day >= 1)]] = True
    strays = np.sort(part["study_day"].to_numpy()[~known])
    unclear = doubtful[patient] | np.isnan(strays).any()

    def stray_between(start: np.ndarray, end: np.ndarray) -> np.ndarray:
        return unclear | (np.searchsorted(strays, end, side="right") > np.searchsorted(strays, start, side="left"))

    before = dosing.order(patient, given)
    previous, has_previous = before["previous"].to_numpy(), before["previous"].to_numpy() >= 0
    places, plans = dosing.allowed(label, patients["age_years"].astype(float), patients["weight_kg"].astype(float))
    place = places[patient]
    kind = part["kind"].to_numpy(dtype=object)[rows]
    is_kind = np.isin(kind, ["loading", "maintenance"]) & (place >= 0)
    held = np.where(kind == "loading", "loading", "maintenance")
    amount, intervals = dosing.due(
        plans, place, held, mg, np.where(has_previous, mg[previous], np.nan), before["given_before"], before["missed"]
    )
    loading = np.array([len(each[0].loading_days) for each in plans] + [0])[place]
    label_kind = np.where(before["position"] < loading, "loading", "maintenance")
    early = stray_between(np.zeros(len(day)), day)
    interval = np.where(has_previous, day - day[previous], np.nan)
    # A dose that was left out has its own finding; the next one is on time if it keeps to the
    # schedule.
    timed = given & has_previous & (place >= 0) & ~stray_between(np.where(has_previous, day[previous], 0), day)
    wanted = dosing.nearest(intervals, interval)

    def add(name: str, values: np.ndarray, where: np.ndarray) -> None:
        column = np.full(len(part), None if name in _TEXTS else np.nan, dtype=object if name in _TEXTS else float)
        column[rows[where]] = values[where]
        part[name] = column

    add("label mg", amount, is_kind)
    add("mg off the label", mg - amount, is_kind)
    add("label kind", label_kind, is_kind & ~early)
    add("kind off the label", (held != label_kind).astype(float), is_kind & ~early)
    add("day of the first dose", day, given & ~has_previous & ~early)
    add("interval", interval, timed)
    add("label interval", wanted, timed)
    add("days off the label", np.abs(interval - wanted), timed)
    add("previous day", day[previous] if len(day) else day, timed)
    add("previous line", part["line"].to_numpy(dtype=float)[rows][previous] if len(day) else day, timed)
