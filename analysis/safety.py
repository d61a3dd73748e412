"""What went wrong: patients with adverse events and numbers of events, over all follow-up and by the primary week; how often
events came, when they began and how long they lasted.

Two rates per 100 patient-years are given, each with its exact Poisson interval. The rate of *first events* counts each
patient once and the time until that patient's first event: patients are independent of each other, so its interval
is meant. The rate of *all events* counts every event and the whole follow-up; events of one patient are not
independent, so its interval is narrower than it should be where patients have several.
"""

import math
import re
from dataclasses import replace

import pandas as pd

from analysis.core import statistics
from analysis.core.design import Design, Tables
from analysis.core.families import Family, Lines, lines_of
from analysis.core.results import Result
from analysis.core.statistics import NotEstimable
from protocol.days import DAYS_PER_YEAR, study_day
from protocol.special_interest import SPECIAL_INTEREST, is_special, same_term, unreadable

OUTCOMES = ("recovered", "recovering", "not recovered", "fatal", "unknown")
_TERM_COLUMNS = {"system_organ_class": "soc", "term": "term"}
_WANTED = ("median", "q1", "q3", "min", "max")


def safety(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `safety`."""
    patients = tables.patients
    events = treatment_emergent(tables.adverse_events)
    everyone = lines_of(patients=patients)
    years = 7 * patients["last_contact_week"].astype(float) / DAYS_PER_YEAR
    follow_up = Family(
        "safety",
        "follow_up",
        "weeks",
        len(patients),
        lines=everyone,
        how="Weeks from the first dose to the last contact.",
    )
    rows = [
        follow_up.row("patient_years", lambda: math.fsum(years), unit="patient-years", decimals=1),
        *follow_up.summary(patients["last_contact_week"].astype(float), ("median", "min", "max")),
    ]
    names = {column: variables_of_terms(events[column], prefix) for column, prefix in _TERM_COLUMNS.items()}
    cutoff = study_day(design.primary_week)
    for week, period in ((None, events), (design.primary_week, events[events["start_day"] <= cutoff])):
        until = "or later" if week is None else f"to {cutoff:g}"
        for variable, (meaning, selected) in _categories(period, names).items():
            counted = lines_of(adverse_events=selected)
            family = Family(
                "safety", variable, "patients", len(patients), week=week, lines=everyone | counted,
                how=f"Event: {meaning}, that started on day 1 {until}. n: patients with at least one, of all "
                "patients; exact "
                "(Clopper-Pearson) 95 % interval; events: their number.",
            )  # fmt: skip
            rows += family.proportion(selected["patient_id"].nunique(), len(patients), counted=counted)
            rows.append(replace(family, lines=counted).count("events", len(selected), unit="events"))
            if week is None:
                rows += rates(variable, meaning, selected, tables)
                rows += onset_and_duration(variable, meaning, selected)
    foreign = Family(
        "safety", "terms_in_another_script", "events", len(events), lines=lines_of(adverse_events=events) if len(events)
        else everyone,
        how="Events whose term has letters beyond the Latin script, or none: the rules of the events of special "
        "interest, which are English, cannot read them.",
    )  # fmt: skip
    return [*rows, foreign.count("events", int(unreadable(events).sum()), unit="events")]


def treatment_emergent(events: pd.DataFrame) -> pd.DataFrame:
    """Events that started on the day of the first dose or later."""
    return events[events["start_day"] >= 1]


def _categories(events: pd.DataFrame, names: dict[str, dict[str, str]]) -> dict[str, tuple[str, pd.DataFrame]]:
    """For each variable its meaning in words and the events that it counts."""
    conjunctivitis = same_term(events["term"]) == "conjunctivitis"
    stopped = events["action"] == "discontinued"
    term = 'the term "conjunctivitis" itself, in any case'
    categories = {
        "any_event": ("any adverse event", events),
        "conjunctivitis": (term, events[conjunctivitis]),
        "conjunctivitis_discontinued": (f"{term}, with action discontinued", events[conjunctivitis & stopped]),
        "serious_event": ("serious is 1", events[events["serious"] == 1]),
        "discontinued_for_event": ("action is discontinued", events[stopped]),
        "related_event": ("relatedness is related", events[events["relatedness"] == "related"]),
    }
    for grade in ("mild", "moderate", "severe"):
        categories[f"severity_{grade}"] = (f"severity is {grade}", events[events["severity"] == grade])
    categories |= {
        "non_serious_event": ("serious is 0", events[events["serious"] == 0]),
        "not_related_event": ("relatedness is not related", events[events["relatedness"] == "not related"]),
        "action_none": ("action is none", events[events["action"] == "none"]),
        "action_delayed": ("action is delayed", events[events["action"] == "delayed"]),
    }
    for outcome in OUTCOMES:
        variable = f"outcome_{outcome.replace(' ', '_')}"
        categories[variable] = (f"outcome is {outcome}", events[events["outcome"] == outcome])
    for kind in SPECIAL_INTEREST:
        categories[kind.variable] = (f"{kind.name}, which means that {kind.rule}", events[is_special(kind, events)])
    for column, variables in names.items():
        terms = same_term(events[column])
        for text, variable in variables.items():
            categories[variable] = (
                f'{column} is "{text}" in any spelling of case, width and blanks',
                events[terms == text],
            )
    return categories


def variables_of_terms(texts: pd.Series, prefix: str) -> dict[str, str]:
    """A variable of the results table for each different term (as :func:`same_term` writes it), in alphabetical order.

    >>> variables_of_terms(pd.Series(["Headache", "headache", "Oral herpes"]), "term")
    {'headache': 'term_headache', 'oral herpes': 'term_oral_herpes'}
    """
    variables: dict[str, str] = {}
    for term in sorted(same_term(texts).unique()):
        slug = base = f"{prefix}_" + (re.sub(r"\W+", "_", term).strip("_")[:60] or "unnamed")
        number = 1
        while slug in variables.values():
            number += 1
            slug = f"{base}_{number}"
        variables[term] = slug
    return variables


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
