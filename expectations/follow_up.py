"""What a patient's records in all files say of its follow-up: death, silence before the last contact, the end of treatment.

Works on the rows of :func:`expectations.across.across_frame`; the bounds stand in the suite across_files.
"""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from expectations.finding import Lines, Phrase
from protocol.days import study_day

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

_DAY = {"visits": "day", "labs": "day", "doses": "study_day", "adverse_events": "start_day"}


def judge(
    parts: Mapping[str, pd.DataFrame], frames: Mapping[str, pd.DataFrame], patients: pd.DataFrame, grace_days: float, sure: bool
) -> pd.DataFrame:
    """Adds what each row tells to the rows of each file in `parts`, and returns a row for each patient of patients.csv.

    `patients` are the cells of patients.csv by id. Nothing is said of a patient's silence unless every file could be read and it is
    `sure` whose each row is.
    """
    deaths, stopped_by_event = _events(frames.get("adverse_events"))
    records = []
    for table, part in parts.items():
        given = frames["doses"]["given"].to_numpy() == 1 if table == "doses" else np.ones(len(part), dtype=bool)
        at, day = patients.index.get_indexer(part["patient_id"]), part[_DAY[table]].to_numpy(dtype=float)
        _after_death(table, part, day, given & (at >= 0), deaths, grace_days)
        there = (at >= 0) & ~np.isnan(day)
        records.append(pd.DataFrame({"at": at, "day": day, "line": part["line"], "table": table, "given": given})[there])
    if "adverse_events" in parts:
        _sex(parts["adverse_events"], frames["adverse_events"], patients)
    of_patient = pd.concat(records, ignore_index=True) if records else pd.DataFrame(columns=["at", "day", "line", "table", "given"])
    complete = len(frames) == 5 and sure
    return _follow_up(patients, of_patient, deaths, stopped_by_event, complete, grace_days)


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


def _after_death(
    table: str, part: pd.DataFrame, day: np.ndarray, counts: np.ndarray, deaths: Mapping, grace_days: float
) -> None:
    if not deaths:
        return
    # The week of a visit or a sample is the planned one, so its day may be off by the days of grace.
    planned = table in {"visits", "labs"}
    name = "week" if planned else _DAY[table]
    rows = np.flatnonzero(counts & part["patient_id"].isin(deaths.keys()).to_numpy())
    found = {
        row: (day[row] - death - (grace_days if planned else 0), death, line,
              f"{name} is {part[name].iat[row]:g}" + (f" (day {day[row]:g})" if planned else ""))
        for row in rows
        for death, line in [deaths[part["patient_id"].iat[row]]]
    }  # fmt: skip
    for place, column in enumerate(("days after death", "death day", "death line", "what")):
        dtype = object if column == "what" else float
        part[column] = pd.Series({row: each[place] for row, each in found.items()}, dtype=dtype).reindex(part.index)


def _sex(part: pd.DataFrame, events: pd.DataFrame, patients: pd.DataFrame) -> None:
    other = {
        term: "F" if OF_WOMEN.search(term) else "M" if OF_MEN.search(term) else ""
        for term in events["term"].dropna().unique()
    }
    sex = part["patient_id"].map(patients["sex"]) if len(patients) else pd.Series(None, index=part.index, dtype=object)
    judged = sex.isin(["F", "M"]) & events["term"].notna()
    meant = events["term"].map(other)
    part["sex"], part["term"] = sex.where(judged), events["term"].where(judged)
    part["term against sex"] = ((meant != "") & (meant != sex)).astype(float).where(judged)


def _follow_up(
    patients: pd.DataFrame, records: pd.DataFrame, deaths: Mapping, stopped_by_event: set | None, complete: bool, grace_days: float
) -> pd.DataFrame:
    size = len(patients)
    contact, stopped = (patients[name].to_numpy(dtype=float) for name in ("last_contact_week", "discontinued_week"))
    rows = pd.DataFrame(
        {
            "file": "patients.csv",
            "line": patients["line"].to_numpy(dtype=float),
            "patient_id": patients["patient_id"].to_numpy(),
            "patient line": patients["line"].to_numpy(dtype=float),
            "last_contact_week": contact,
            "discontinued_week": stopped,
        }
    )
    day = study_day(contact)
    died = rows["patient_id"].isin(deaths.keys()).to_numpy()
    if died.any():
        death = np.full((size, 2), np.nan)
        death[died] = [deaths[patient_id] for patient_id in rows["patient_id"][died]]
        rows["days after death"] = day - death[:, 0] - grace_days
        rows["death day"], rows["death line"] = death.T
        said = [f"last_contact_week is {week:g} (day {on:g})" for week, on in zip(contact[died], day[died], strict=True)]
        rows["what"] = pd.Series(said, index=np.flatnonzero(died), dtype=object).reindex(rows.index)
    if complete:
        _silence(rows, records, contact, stopped, ~died)
    if stopped_by_event is not None:
        reason = patients["discontinuation_reason"].reset_index(drop=True)
        of_event = {text for text in reason.dropna().unique() if OF_AN_EVENT.search(text)}
        tells = reason.isin(of_event)
        rows["adverse events that stopped treatment"] = rows["patient_id"].isin(stopped_by_event).astype(float).where(tells)
        rows["discontinuation_reason"] = reason.where(tells)
    return rows


def _silence(rows: pd.DataFrame, records: pd.DataFrame, contact: np.ndarray, stopped: np.ndarray, alive: np.ndarray) -> None:
    """Weeks from the last record to the last contact, and from the last dose to the end of treatment."""
    given = records[records["given"]]
    last = given.loc[given.groupby("at")["day"].idxmax()].set_index("at") if len(given) else given.set_index("at")
    latest = np.full(len(rows), np.nan)
    latest[last.index] = last["day"]
    rows["weeks of silence"] = np.round((study_day(contact) - latest) / 7, 1)
    named = np.full(len(rows), None, dtype=object)
    for at, on, line, table in last[["day", "line", "table"]].itertuples():
        named[at] = Phrase("day {day}, {at}", {"day": f"{on:g}", "at": Lines(f"{table}.csv", (int(line),))})
    rows["last record"] = named

    doses = records[records["table"] == "doses"].groupby("at")["day"].max()
    dose = np.full(len(rows), np.nan)
    dose[doses.index] = doses
    dose[~alive] = np.nan
    rows["last dose"] = dose
    rows["weeks without a dose"] = np.round((study_day(np.fmin(contact, stopped)) - dose) / 7, 1)
    rows["end of treatment"] = [
        f"last_contact_week {until:g}, and discontinued_week is empty" if np.isnan(stop)
        else f"discontinued_week {stop:g}" if stop <= until
        else f"last_contact_week {until:g}"
        for until, stop in zip(contact, stopped, strict=True)
    ]  # fmt: skip
