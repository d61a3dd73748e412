"""Tables of the safety chapter: what was recorded of the events, rates, events of special interest, and the listing."""

import pandas as pd

from analysis.design import Tables
from analysis.markdown import Table, indented, lettered, literal
from analysis.origin import with_origins
from analysis.results import Results
from analysis.safety import OUTCOMES, treatment_emergent, variables_of_terms
from analysis.safety_rates import days_lasted
from analysis.tables import interval, median_quartiles, n_percent
from protocol.special_interest import SPECIAL_INTEREST, same_term, unreadable

_NBSP = "\N{NO-BREAK SPACE}"
_KINDS = (
    ("Severity", (("mild", "severity_mild"), ("moderate", "severity_moderate"), ("severe", "severity_severe"))),
    ("Seriousness", (("serious", "serious_event"), ("not serious", "non_serious_event"))),
    ("Relation to dupilumab", (("related", "related_event"), ("not related", "not_related_event"))),
    (
        "Action taken with dupilumab",
        (("none", "action_none"), ("dose delayed", "action_delayed"), ("stopped", "discontinued_for_event")),
    ),
    ("Outcome", tuple((name, f"outcome_{name.replace(' ', '_')}") for name in OUTCOMES)),
)


@with_origins
def event_kinds(results: Results) -> Table:
    """Events by severity, seriousness, relatedness, action and outcome: children and events."""
    rows = [_counts("All events", "any_event", results)]
    for heading, kinds in _KINDS:
        rows.append([f"**{heading}**", "", "", ""])
        rows += [_counts(indented(name), variable, results) for name, variable in kinds]
    note = lettered(
        "A child with events of several kinds counts once in each.",
        "Exact (Clopper-Pearson) confidence interval of the children.",
    )
    return Table(["Events", "Children, n (%)^a^", "95 % CI, %^b^", "Events, n"], "lrrr", rows, [note])


def _counts(name: str, variable: str, results: Results) -> list[str]:
    prefix = f"safety.{variable}"
    return [name, n_percent(results, prefix), interval(results, prefix), results[f"{prefix}.events"].display]


@with_origins
def event_rates(tables: Tables, results: Results) -> Table:
    """Rates per 100 patient-years, time to onset and duration, by organ class and term."""
    rows = [_rates("Any event", "any_event", results)]
    for name, variable in _by_class(treatment_emergent(tables.adverse_events)):
        rows.append(_rates(name, variable, results))
    lasting = results["safety.any_event.duration.ongoing"].display
    note = lettered(
        "Children with at least one, over the time until the first.",
        "Every event, over all follow-up; events of one child are not independent, so this interval is too narrow where a "
        "child has several.",
        "Study day of each child's first event.",
        f"Days of the events that ended; those still going on ({lasting}) are not counted.",
    )
    header = ["Event", "First events, rate (95 % CI)^a^", "All events, rate (95 % CI)^b^", "Onset, day^c^", "Duration, days^d^"]
    return Table(header, "lrrrr", rows, ["Rates per 100 patient-years with exact Poisson (Garwood) intervals. " + note])


def _rates(name: str, variable: str, results: Results) -> list[str]:
    prefix = f"safety.{variable}"
    cells = []
    for method in ("first_event", "all_events"):
        rate = results[f"{prefix}.{method}.rate"].display
        limits = interval(results, f"{prefix}.{method}")
        cells.append(rate if limits == "not estimable" else f"{rate} ({limits})")
    return [name, *cells, *(_median(results, f"{prefix}.{part}") for part in ("onset", "duration"))]


def _median(results: Results, prefix: str) -> str:
    """Median with the quartiles; one value alone as it is, and a dash where there is none."""
    count = results[f"{prefix}.n"].value
    if not count:
        return "–"
    return results[f"{prefix}.median"].display if count == 1 else median_quartiles(results, prefix)


def _by_class(events: pd.DataFrame) -> list[tuple[str, str]]:
    """Organ classes, each followed by its terms: the name to show and the variable of the results table."""
    classes = variables_of_terms(events["system_organ_class"], "soc")
    terms = variables_of_terms(events["term"], "term")
    found = []
    for organ_class, variable in classes.items():
        members = events[same_term(events["system_organ_class"]) == organ_class]
        found.append((f"**{literal(members['system_organ_class'].iloc[0])}**", variable))
        for term in sorted(same_term(members["term"]).unique()):
            written = events.loc[same_term(events["term"]) == term, "term"].iloc[0]
            found.append((indented(literal(written)), terms[term]))
    return found


@with_origins
def special_interest(tables: Tables, results: Results) -> Table:
    """Every event of special interest: what happened, or the upper limit that 0 of n leaves open."""
    rows = []
    for kind in SPECIAL_INTEREST:
        prefix = f"safety.{kind.variable}"
        count, of, low, high, events = (
            results[f"{prefix}.{part}"] for part in ("n", "N", "ci_low", "ci_high", "events")
        )
        open_to = f"up to {high.display}" if count.value == 0 else f"{low.display} to {high.display}"
        rows.append([kind.name, f"{count.display} of {of.display}", open_to, events.display])
    size = results["population.enrolled.n"].display
    note = lettered(
        "Exact (Clopper-Pearson) confidence interval. Where nobody had the event, the limit is the two-sided 95 % upper limit "
        f"for 0 of {size}: a proportion that large would still be compatible with seeing no case."
    )
    header = ["Event of special interest", "Children", "95 % CI, %^a^", "Events"]
    return Table(header, "lrrr", rows, [note, *_foreign(tables)])


def _foreign(tables: Tables) -> list[str]:
    events = treatment_emergent(tables.adverse_events)
    terms = sorted(set(events.loc[unreadable(events), "term"]))
    if not terms:
        return []
    return [
        "**These terms are not in Latin letters and could not be read by the rules; they are in none of the rows above "
        f"and have to be judged by a person:** {'; '.join(map(literal, terms))}."
    ]


def special_interest_rules() -> Table:
    """By which rule a recorded term counts as an event of special interest."""
    rows = [[kind.name, literal(kind.rule[0].upper() + kind.rule[1:])] for kind in SPECIAL_INTEREST]
    return Table(["Event of special interest", "Counted when"], "ll", rows)


def event_listing(tables: Tables) -> Table:
    """Every adverse event of every child in the order of time; who had none is named below."""
    patients = tables.patients.set_index("patient_id")
    events = tables.adverse_events.sort_values(["patient_id", "start_day", "term"], kind="stable")
    rows = []
    for row in events.itertuples():
        child = patients.loc[row.patient_id]
        name = f"{row.patient_id}{_NBSP}({child['sex']},{_NBSP}{child['age_years']:g})"
        ongoing = pd.isna(row.end_day)
        days = "" if ongoing else f"{days_lasted(events.loc[[row.Index]]).iloc[0]:g}"
        rows.append(
            [
                name,  # in every row: a page may begin with any of them
                literal(row.term) + ("" if row.start_day >= 1 else " (before the first dose)"),
                f"{row.start_day}",
                "ongoing" if ongoing else f"{row.end_day}",
                days,
                literal(row.severity) + (", **serious**" if row.serious == 1 else ""),
                *(literal(word.replace(" ", _NBSP)) for word in (row.relatedness, row.action, row.outcome)),
            ]
        )
    without = [patient for patient in sorted(patients.index) if patient not in set(events["patient_id"])]
    notes = [lettered("In brackets: sex and age in years.", "The first and the last day counted.", "To dupilumab.")]
    if without:
        notes.append(f"No event was recorded in {len(without)} children: {', '.join(without)}.")
    header = ["Child^a^", "Event", "From day", "To day", "Days^b^", "Severity", "Relation^c^", "Action", "Outcome"]
    return Table(header, "llrrrllll", rows or [["none", *[""] * 8]], notes)
