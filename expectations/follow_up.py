"""What a child's records in all files say of its follow-up: death, silence before the last contact, the end of treatment.

Works on the rows of :func:`expectations.derived.across_frame`; the bounds stand in the suite across_files.
"""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from expectations.finding import Lines, Phrase

COLUMNS = (
    "days after death",
    "weeks of silence",
    "weeks without a dose",
    "adverse events that stopped treatment",
    "term against sex",
)
"""Derived columns that the suite examines."""

CONTEXT = (
    "what",
    "death day",
    "death line",
    "last record",
    "last dose",
    "end of treatment",
    "sex",
    "term",
    "discontinuation_reason",
)
TEXTS = {"what", "last record", "end of treatment", "sex", "term", "discontinuation_reason"}

OF_WOMEN = re.compile(
    r"\b(?:menstrua|menarche|dysmenorrh|amenorrh|menorrhag|metrorrhag|vagin|vulv|uter(?:us|in)|ovar|cervicitis|pregnan|menopaus)"
    r"|менстру|менархе|меноре|вагин|вульв|яични|эндометр|беременн",
    re.IGNORECASE,
)
OF_MEN = re.compile(
    r"\b(?:testic|testis|orchitis|epididym|prostat|penis|penile|phimosis|balanit|balanoposth|scrot|hydrocele|varicocele|erectile)"
    r"|яичек|яичк|орхит|эпидидим|простат|фимоз|баланит|баланопост|мошон|варикоцеле",
    re.IGNORECASE,
)
OF_AN_EVENT = re.compile(
    r"\b(?:adverse|side effect|toxicity|intoleran|conjunctivitis|death|died)|нежелательн|побочн|неперенос|осложнен|смерт",
    re.IGNORECASE,
)
"""Reasons of discontinuation that have an event in adverse_events.csv."""

_DAY = {"visits.csv": "day", "labs.csv": "day", "doses.csv": "study_day", "adverse_events.csv": "start_day"}


def judge(
    rows: list[dict], frames: Mapping[str, pd.DataFrame], patients: Mapping[str, dict], grace_days: float
) -> list[dict]:
    """Adds what each row tells to `rows`, and returns a row for each patient of patients.csv.

    `patients` are the cells of patients.csv by id. Nothing is said of a patient's silence unless every file could be read.
    """
    deaths, stopped_by_event = _events(frames.get("adverse_events"))
    last_record: dict[str, tuple[float, Lines]] = {}
    last_dose: dict[str, float] = {}
    doubtful = {row["patient_id"] for row in rows if not row.get("patient known")}  # whose a stray row is stays open
    for row in rows:
        patient_id, day = row["patient_id"], row.get(_DAY[row["file"]], float("nan"))
        if patient_id not in patients:
            continue
        given = row["file"] != "doses.csv" or row["given"] == 1
        latest = np.fmax(day, row.get("end_day", float("nan")))
        if given and latest > last_record.get(patient_id, (-np.inf,))[0]:
            last_record[patient_id] = (latest, Lines(row["file"], (int(row["line"]),)))
        if row["file"] == "doses.csv" and day > last_dose.get(patient_id, -np.inf):
            last_dose[patient_id] = day
        if patient_id in deaths and given:
            _after_death(row, day, deaths[patient_id], grace_days)
    _sex(rows, frames.get("adverse_events"), patients)
    complete = len(frames) == 5 and not doubtful
    return [
        _follow_up(patient, last_record, last_dose, deaths, stopped_by_event, complete, grace_days)
        for patient in patients.values()
    ]


def _events(events: pd.DataFrame | None) -> tuple[dict[str, tuple[float, int]], set[str] | None]:
    """Day and line of each patient's first death (its last day, else its first), and whom an event made stop."""
    if events is None:
        return {}, None
    fatal = events[events["outcome"] == "fatal"]
    days = fatal["end_day"].fillna(fatal["start_day"])
    deaths: dict[str, tuple[float, int]] = {}
    for patient_id, day, line in zip(fatal["patient_id"], days, fatal["line"], strict=True):
        if patient_id is not None and not day >= deaths.get(patient_id, (np.inf, 0))[0]:
            deaths[patient_id] = (day, line)
    return deaths, set(events["patient_id"][events["action"] == "discontinued"]) | set(deaths)


def _after_death(row: dict, day: float, death: tuple[float, int], grace_days: float) -> None:
    # The week of a visit or a sample is the planned one, so its day may be off by the days of grace.
    planned = row["file"] in {"visits.csv", "labs.csv"}
    row["days after death"] = day - death[0] - (grace_days if planned else 0)
    row |= {"death day": death[0], "death line": death[1]}
    name = "week" if planned else _DAY[row["file"]]
    row["what"] = f"{name} is {row[name]:g}" + (f" (day {day:g})" if planned else "")


def _sex(rows: list[dict], events: pd.DataFrame | None, patients: Mapping[str, dict]) -> None:
    if events is None:
        return
    other = {
        term: "F" if OF_WOMEN.search(term) else "M" if OF_MEN.search(term) else None
        for term in set(events["term"].dropna())
    }
    terms = dict(zip(events["line"], events["term"], strict=True))
    for row in rows:
        if row["file"] == "adverse_events.csv" and row["patient_id"] in patients:
            term, sex = terms[row["line"]], patients[row["patient_id"]].get("sex")
            if term is not None and sex in {"F", "M"}:
                row |= {"sex": sex, "term": term, "term against sex": float(other[term] not in {None, sex})}


def _follow_up(
    patient: Mapping, last_record, last_dose, deaths, stopped_by_event, complete: bool, grace_days: float
) -> dict:
    patient_id = patient["patient_id"]
    contact, stopped = patient.get("last_contact_week", np.nan), patient.get("discontinued_week", np.nan)
    row = {"file": "patients.csv", "line": patient["line"], "patient_id": patient_id, "patient line": patient["line"]}
    row |= {"last_contact_week": contact, "discontinued_week": stopped}
    day = 7 * contact + 1
    if patient_id in deaths:
        row["days after death"] = day - deaths[patient_id][0] - grace_days
        row |= {"death day": deaths[patient_id][0], "death line": deaths[patient_id][1]}
        row["what"] = f"last_contact_week is {contact:g} (day {day:g})"
    if complete and patient_id in last_record:
        last, where = last_record[patient_id]
        row["weeks of silence"] = round((day - last) / 7, 1)
        row["last record"] = Phrase("day {day}, {at}", {"day": f"{last:g}", "at": where})
    if complete and patient_id in last_dose and patient_id not in deaths:
        recorded_stop = not np.isnan(stopped)
        end = np.fmin(contact, stopped)
        row |= {
            "last dose": last_dose[patient_id],
            "weeks without a dose": round((7 * end + 1 - last_dose[patient_id]) / 7, 1),
            "end of treatment": f"discontinued_week {stopped:g}" if recorded_stop and stopped <= contact
            else f"last_contact_week {contact:g}, and discontinued_week is empty" if not recorded_stop
            else f"last_contact_week {contact:g}",
        }  # fmt: skip
    reason = patient.get("discontinuation_reason")
    if stopped_by_event is not None and isinstance(reason, str) and OF_AN_EVENT.search(reason):
        row |= {
            "adverse events that stopped treatment": float(patient_id in stopped_by_event),
            "discontinuation_reason": reason,
        }
    return row
