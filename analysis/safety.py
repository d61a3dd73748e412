"""What went wrong: patients with adverse events and numbers of events, over all follow-up and by the primary week."""

import math
import re
from dataclasses import replace

import pandas as pd

from analysis.design import Design, Tables, study_day
from analysis.results import Result
from analysis.rows import Family, lines_of
from analysis.safety_rates import DAYS_PER_YEAR, onset_and_duration, rates
from protocol.special_interest import SPECIAL_INTEREST, is_special, same_term, unreadable

OUTCOMES = ("recovered", "recovering", "not recovered", "fatal", "unknown")
_TERM_COLUMNS = {"system_organ_class": "soc", "term": "term"}


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
