"""What went wrong: patients with adverse events and numbers of events, over all follow-up and by the primary week; how often
events came, when they began and how long they lasted.

Two rates per 100 patient-years are given, each with its exact Poisson interval. The rate of *first events* counts each
patient once and the time until that patient's first event: patients are independent of each other, so its interval
is meant. The rate of *all events* counts every event and the whole time at risk; events of one patient are not
independent, so its interval is narrower than it should be where patients have several.

Each stands twice: on treatment (events that began before it was stopped, per time on treatment) and over all follow-up. Who has
stopped is still followed, so that the latter mixes time with the drug and time without it.
"""

import math
import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import pandas as pd

from analysis.core import statistics
from analysis.core.design import Design, Tables
from analysis.core.families import Family, LinesOf, lines_of, of_patients
from analysis.core.kaplan_meier import KaplanMeier, kaplan_meier
from analysis.core.results import Result
from analysis.core.statistics import NotEstimable
from protocol.days import DAYS_PER_YEAR, study_day
from protocol.special_interest import SPECIAL_INTEREST, is_special, same_term, unreadable

OUTCOMES = ("recovered", "recovering", "not recovered", "fatal", "unknown")
_TERM_COLUMNS = {"system_organ_class": "soc", "term": "term"}
_WANTED = ("median", "q1", "q3", "min", "max")
_QUARTERS = {"median": 0.5, "q1": 0.25, "q3": 0.75}
FOLLOWED_OVER_TIME = ("any_event", "conjunctivitis")
"""Variables whose first events are told period by period."""


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
    treated = Family(
        "safety", "treated", "weeks", len(patients), lines=everyone,
        how="Weeks on treatment: from the first dose until treatment was stopped, or else to the last contact.",
    )  # fmt: skip
    time = Time.of(patients, events)
    rows += [
        treated.row("patient_years", lambda: math.fsum(time.treated) / DAYS_PER_YEAR, unit="patient-years", decimals=1),
        *treated.summary(time.treated / 7, ("median", "min", "max")),
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
                rows += related(variable, meaning, selected, len(patients))
                rows += rates(variable, meaning, selected, time)
                rows += onset_and_duration(variable, meaning, selected, time)
                if variable in FOLLOWED_OVER_TIME:
                    rows += over_time(variable, meaning, selected, time, design)
    foreign = Family(
        "safety", "terms_in_another_script", "events", len(events), lines=lines_of(adverse_events=events) if len(events)
        else everyone,
        how="Events whose term has letters beyond the Latin script, or none: the rules of the events of special "
        "interest, which are English, cannot read them.",
    )  # fmt: skip
    late = replace(
        foreign, variable="after_stopping", how="Events that began after treatment had been stopped: they count over all follow-up, "
        "and not on treatment.",
    )  # fmt: skip
    return [
        *rows,
        foreign.count("events", int(unreadable(events).sum()), unit="events"),
        late.count("events", int((~time.on_treatment).sum()), unit="events"),
    ]


def treatment_emergent(events: pd.DataFrame) -> pd.DataFrame:
    """Events that started on the day of the first dose or later."""
    return events[events["start_day"] >= 1]


def _categories(events: pd.DataFrame, names: dict[str, dict[str, str]]) -> dict[str, tuple[str, pd.DataFrame]]:
    """For each variable its meaning in words and the events that it counts."""
    conjunctivitis = is_conjunctivitis(events)
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


def is_conjunctivitis(events: pd.DataFrame) -> pd.Series:
    """For each event whether its term is "conjunctivitis" itself."""
    return same_term(events["term"]) == "conjunctivitis"


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


@dataclass(frozen=True)
class Time:
    """How long every patient was `followed` and `treated`, in days from the first dose, by patient_id; and of every event, by line,
    whether it began `on_treatment` and how many days of it were seen (`lasted`): to its end, or else to the last contact. `lines` are
    those of the patients.

    The day on which treatment was stopped is a day of treatment.
    """

    followed: pd.Series
    treated: pd.Series
    on_treatment: pd.Series
    lasted: pd.Series
    lines: LinesOf

    @classmethod
    def of(cls, patients: pd.DataFrame, events: pd.DataFrame) -> "Time":
        known = patients.set_index("patient_id")
        followed = 7 * known["last_contact_week"].astype(float)
        stopped = 7 * known["discontinued_week"].astype(float).fillna(math.inf)
        start = events["start_day"].astype(float)
        # Without events the ids that are mapped stay texts; and the last contact may be a few days earlier.
        so_far = (events["patient_id"].map(followed).astype(float) + 1 - start + 1).clip(lower=1)
        return cls(
            followed=followed,
            treated=followed.where(followed <= stopped, stopped),
            on_treatment=(start - 1 <= events["patient_id"].map(stopped).astype(float)).astype(bool),
            lasted=days_lasted(events).fillna(so_far),
            lines=lines_of(patients=patients),
        )


def days_to_first(selected: pd.DataFrame, until: pd.Series) -> pd.Series:
    """Days at risk of a first event: until the day it began, else the whole time (`until`, in days), by patient_id.

    The day of the first dose is day 1, so an event of day 1 leaves no time at risk.
    """
    first = _first_day(selected, until.index).fillna(math.inf)
    return until.where(until <= first, first)


def _first_day(selected: pd.DataFrame, everyone: pd.Index) -> pd.Series:
    """Days from the first dose to the start of each patient's first event, missing without one, by patient_id."""
    return (selected.groupby("patient_id")["start_day"].min().astype(float) - 1).reindex(everyone)


def related(variable: str, meaning: str, selected: pd.DataFrame, patients: int) -> list[Result]:
    """Patients with at least one event that was recorded as related to the drug, and the number of such events."""
    chosen = selected[selected["relatedness"] == "related"]
    family = Family(
        "safety", variable, "patients", patients, method="related", lines=lines_of(adverse_events=chosen),
        how=f"Event: {meaning}, and relatedness is related, as it was recorded. n: patients with at least one; events: their number.",
    )  # fmt: skip
    return [family.count("n", chosen["patient_id"].nunique()), family.count("events", len(chosen), unit="events")]


def rates(variable: str, meaning: str, selected: pd.DataFrame, time: Time) -> list[Result]:
    """Rates of first events and of all events, over all follow-up and on treatment."""
    treated = selected[time.on_treatment.loc[selected.index]]
    rows = []
    for ending, events, until, end in (
        ("", selected, time.followed, "the last contact"),
        ("_on_treatment", treated, time.treated, "treatment was stopped, or else to the last contact"),
    ):
        lines = time.lines | lines_of(adverse_events=events)
        began = " that began on treatment" if ending else ""
        kinds = (
            (
                f"first_event{ending}", events["patient_id"].nunique(), "patients", days_to_first(events, until),
                f"Patients with at least one{began}, per 100 patient-years until the first one or, without one, until {end}",
            ),
            (
                f"all_events{ending}", len(events), "events", until,
                f"All events{began}, per 100 patient-years from the first dose until {end}; events of one patient are counted as if "
                "they were independent",
            ),
        )  # fmt: skip
        for method, count, unit, days, how in kinds:
            family = Family("safety", variable, "per 100 patient-years", len(until), method=method, lines=lines,
                            how=f"Event: {meaning}. {how}; exact Poisson (Garwood) 95 % interval.")  # fmt: skip
            rows += [family.count("n", count, unit), *_rate(family, count, math.fsum(days) / DAYS_PER_YEAR)]
    return rows


def _rate(family: Family, count: int, years: float) -> list[Result]:
    """Time at risk in patient-years, and the rate per 100 of them with its interval."""
    return [
        family.row("patient_years", lambda: years, unit="patient-years", decimals=1),
        family.row("rate", lambda: 100 * count / _some(years)),
        *family.interval(lambda: tuple(100 * limit / _some(years) for limit in statistics.garwood(count))),
    ]


def _some(years: float) -> float:
    if years <= 0:
        raise NotEstimable("no time of follow-up")
    return years


def periods(time: Time, design: Design) -> list[tuple[int, int]]:
    """The stretches of follow-up between planned visits, as first and last week; the last one runs on to the last contact."""
    longest = time.followed.max()
    later = [week for week in design.planned_weeks if week]
    ends = [week for week in later if 7 * week <= longest] or later[:1] or [design.primary_week]
    return list(pairwise([0, *ends]))


def over_time(variable: str, meaning: str, selected: pd.DataFrame, time: Time, design: Design) -> list[Result]:
    """First events from one planned visit to the next, over all follow-up; the week of a row is the one that ends the period."""
    until = time.followed
    at_risk_for, first = days_to_first(selected, until), _first_day(selected, until.index)
    # Somebody may have an event within the days of grace after the last contact: it counts, at the time where it was.
    curve = kaplan_meier(first.fillna(until), first.notna())
    stretches, rows = periods(time, design), []
    for start, end in stretches:
        begin, stop = 7.0 * start, math.inf if end == stretches[-1][1] else 7.0 * end
        happened = (first > begin) & (first <= stop) if start else first <= stop
        exposed = at_risk_for.clip(upper=stop).sub(begin).clip(lower=0)
        entered = at_risk_for > begin if start else at_risk_for >= 0
        until_when = "to the last contact" if math.isinf(stop) else f"to week {end}"
        began = of_patients(selected, happened.index[happened])
        family = Family(
            "safety", variable, "per 100 patient-years", len(until), week=end, method="period",
            lines=time.lines | lines_of(adverse_events=began),
            how=f"Event: {meaning}. First events from {'day 1' if not start else f'after week {start}'} {until_when}. at_risk: "
            "patients followed without one when the period began; n: those who had the first one in it; rate: per 100 "
            "patient-years at risk in the period, with exact Poisson (Garwood) 95 % interval; percent: share with a first event by "
            "its end (Kaplan-Meier, censored at the last contact).",
        )  # fmt: skip
        rows += [
            family.count("at_risk", int(entered.sum())),
            family.count("n", int(happened.sum())),
            *_rate(family, int(happened.sum()), math.fsum(exposed) / DAYS_PER_YEAR),
            family.row("percent", lambda stop=stop: 100 * (1 - curve.after(min(stop, curve.times.max()))), unit="percent", decimals=1),
        ]
    return rows


def onset_and_duration(variable: str, meaning: str, selected: pd.DataFrame, time: Time) -> list[Result]:
    """When the first event of a patient began, and how long events lasted, in days."""
    lines: LinesOf = lines_of(adverse_events=selected)
    first = selected.groupby("patient_id")["start_day"].min().astype(float)
    onset = Family(
        "safety", variable, "days", len(first), method="onset", lines=lines, decimals=0,
        how=f"Event: {meaning}. Study day on which each patient's first one began (day 1 is the day of the first "
        "dose), in the patients who had one. Quartiles of type 7.",
    )  # fmt: skip
    ended = selected["end_day"].notna()
    lasted = time.lasted.loc[selected.index]
    duration = Family(
        "safety", variable, "days", len(selected), method="duration", lines=lines, decimals=0,
        how=f"Event: {meaning}. Days from the first to the last, both counted. median, q1, q3: by Kaplan-Meier, where events without "
        "an end are censored at the patient's last contact (ongoing: their number); min, max: of the events that ended (n).",
    )  # fmt: skip

    @cache
    def curve() -> KaplanMeier:
        return kaplan_meier(lasted, ended)

    return [
        onset.count("n", len(first)),
        *onset.summary(first, _WANTED),
        duration.count("n", int(ended.sum()), unit="events"),
        duration.count("ongoing", int((~ended).sum()), unit="events"),
        *(duration.row(name, lambda q=q: curve().quantile(q)) for name, q in _QUARTERS.items()),
        *duration.summary(lasted[ended], ("min", "max")),
    ]


def days_lasted(events: pd.DataFrame) -> pd.Series:
    """Days that events lasted, first and last day counted: start and end may lie on either side of the first dose,
    and there is no day 0.
    """
    start, end = events["start_day"].astype(float), events["end_day"].astype(float)
    return end - start + 1 - ((start < 0) & (end > 0))
