"""Tables with a row for every record or every patient, whole and as data: what goes beside a report that cannot hold them.

Shorter ones stand in the report (:mod:`analysis.core.display_sizes`) and are not there a second time.
"""

import pandas as pd

from analysis.core.design import Design, Tables
from analysis.core.display_sizes import LISTED, are_many
from analysis.exposure import child_exposure, dose_conformity
from analysis.safety import days_lasted

FOLDER = "listings"
EVENTS, EXPOSURE, OFF_LABEL = "adverse-events", "exposure", "doses-off-label"
FORMATS = ("csv", "parquet")


def whole_listings(tables: Tables, design: Design) -> dict[str, pd.DataFrame]:
    """By name the tables that the report does not hold whole; ids are those of `tables`."""
    found = {}
    if len(tables.adverse_events) > LISTED:
        found[EVENTS] = adverse_events(tables)
    if are_many(tables):
        found[EXPOSURE] = exposure(tables, design)
    if len(odd := off_label(tables, design)) > LISTED:
        found[OFF_LABEL] = odd
    return found


def adverse_events(tables: Tables) -> pd.DataFrame:
    """Every event in the order of patients and time, with sex and age of the patient and the `days` that it lasted."""
    events = tables.adverse_events.sort_values(["patient_id", "start_day", "term"], kind="stable")
    patients = tables.patients.set_index("patient_id")[["sex", "age_years"]]
    told = events.join(patients, on="patient_id").assign(days=days_lasted(events))
    first = ["patient_id", "sex", "age_years", "term", "system_organ_class", "start_day", "end_day", "days"]
    return told[[*first, *(name for name in told if name not in first)]].reset_index(drop=True)


def exposure(tables: Tables, design: Design) -> pd.DataFrame:
    """:func:`analysis.exposure.child_exposure`, with the regimen in short and the shortest and the longest interval in days."""
    found = child_exposure(tables, design)
    intervals = found["intervals"]
    return found.assign(
        regimen=[plan.short for plan in found["regimen"]],
        shortest_interval=pd.array([min(each, default=None) for each in intervals], dtype="Int64"),
        longest_interval=pd.array([max(each, default=None) for each in intervals], dtype="Int64"),
    ).drop(columns="intervals").reset_index()  # fmt: skip


def off_label(tables: Tables, design: Design) -> pd.DataFrame:
    """The given doses that depart from the label, with what it asks for; ordered by patient and day."""
    doses = dose_conformity(tables, design)
    columns = ["patient_id", "study_day", "dose_mg", "label_mg", "interval_days", "label_interval_days"]
    return doses.loc[(doses["given"] == 1) & ~doses["conforming"], columns].reset_index(drop=True)
