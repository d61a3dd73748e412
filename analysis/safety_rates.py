"""How often adverse events came, when they began and how long they lasted.

Two rates per 100 patient-years are given, each with its exact Poisson interval. The rate of *first events* counts each
patient once and the time until that patient's first event: patients are independent of each other, so its interval
is meant. The rate of *all events* counts every event and the whole follow-up; events of one patient are not
independent, so its interval is narrower than it should be where patients have several.
"""

import math

import pandas as pd

from analysis import statistics
from analysis.design import Tables
from analysis.results import Result
from analysis.rows import Family, Lines, lines_of
from analysis.statistics import NotEstimable

DAYS_PER_YEAR = 365.25
_WANTED = ("median", "q1", "q3", "min", "max")


def follow_up_days(patients: pd.DataFrame) -> pd.Series:
    """Days from the first dose to the last contact, by patient_id."""
    return 7 * patients.set_index("patient_id")["last_contact_week"].astype(float)


def days_to_first(selected: pd.DataFrame, follow_up: pd.Series) -> pd.Series:
    """Days at risk of a first event: until the day it began, else the whole follow-up, by patient_id.

    The day of the first dose is day 1, so an event of day 1 leaves no time at risk.
    """
    first = selected.groupby("patient_id")["start_day"].min().astype(float) - 1
    return follow_up.where(follow_up <= first.reindex(follow_up.index).fillna(math.inf), first.reindex(follow_up.index))


def rates(variable: str, meaning: str, selected: pd.DataFrame, tables: Tables) -> list[Result]:
    """Rates of first events and of all events over all follow-up."""
    follow_up = follow_up_days(tables.patients)
    lines = lines_of(patients=tables.patients, adverse_events=selected)
    size = len(tables.patients)
    kinds = (
        (
            "first_event", selected["patient_id"].nunique(), "patients", days_to_first(selected, follow_up),
            "Patients with at least one, per 100 patient-years until the first one or, without one, until the last "
            "contact",
        ),
        (
            "all_events", len(selected), "events", follow_up,
            "All events, per 100 patient-years from the first dose to the last contact; events of one patient are "
            "counted as if they were independent",
        ),
    )  # fmt: skip
    rows = []
    for method, count, unit, days, how in kinds:
        years = math.fsum(days) / DAYS_PER_YEAR
        family = Family("safety", variable, "per 100 patient-years", size, method=method, lines=lines,
                        how=f"Event: {meaning}. {how}; exact Poisson (Garwood) 95 % interval.")  # fmt: skip
        rows += [
            family.count("n", count, unit),
            family.row("patient_years", lambda years=years: years, unit="patient-years", decimals=1),
            family.row("rate", lambda count=count, years=years: 100 * count / _some(years)),
            *family.interval(
                lambda count=count, years=years: tuple(
                    100 * limit / _some(years) for limit in statistics.garwood(count)
                )
            ),
        ]
    return rows


def _some(years: float) -> float:
    if years <= 0:
        raise NotEstimable("no time of follow-up")
    return years


def onset_and_duration(variable: str, meaning: str, selected: pd.DataFrame) -> list[Result]:
    """When the first event of a patient began, and how long the events that ended had lasted, in days."""
    lines: Lines = lines_of(adverse_events=selected)
    first = selected.groupby("patient_id")["start_day"].min().astype(float)
    onset = Family(
        "safety", variable, "days", len(first), method="onset", lines=lines, decimals=0,
        how=f"Event: {meaning}. Study day on which each patient's first one began (day 1 is the day of the first "
        "dose), in the patients who had one. Quartiles of type 7.",
    )  # fmt: skip
    ended = selected[selected["end_day"].notna()]
    lasted = days_lasted(ended)
    duration = Family(
        "safety", variable, "days", len(ended), method="duration", lines=lines, decimals=0,
        how=f"Event: {meaning}. Days from the first to the last, both counted, of the events that ended; those that "
        "were going on at the last contact are not counted, and `ongoing` is their number. Quartiles of type 7.",
    )  # fmt: skip
    return [
        onset.count("n", len(first)),
        *onset.summary(first, _WANTED),
        duration.count("n", len(ended), unit="events"),
        duration.count("ongoing", len(selected) - len(ended), unit="events"),
        *duration.summary(lasted, _WANTED),
    ]


def days_lasted(events: pd.DataFrame) -> pd.Series:
    """Days that events lasted, first and last day counted: start and end may lie on either side of the first dose,
    and there is no day 0.
    """
    start, end = events["start_day"].astype(float), events["end_day"].astype(float)
    return end - start + 1 - ((start < 0) & (end > 0))
