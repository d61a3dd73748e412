"""Adverse events as shown: every child on a time line, events by kind and term, rates, events of special interest, and the listing."""

import pandas as pd
from matplotlib.lines import Line2D

from analysis.core.cells import interval_of, median_quartiles, n_percent
from analysis.core.design import Tables
from analysis.core.drawing import ABSENT, Drawing, cell, subplots
from analysis.core.markdown import Table, indented, lettered, literal
from analysis.core.origin import with_origins
from analysis.core.results import Results
from analysis.core.style import BLUE, FAINT, GREEN, INK, ORANGE, WIDTH
from analysis.safety import OUTCOMES, days_lasted, treatment_emergent, variables_of_terms
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


def timelines(tables: Tables, results: Results) -> Drawing:
    """Every child on one time line: doses given and missed, adverse events, and the last contact."""
    patients = tables.patients.sort_values(["last_contact_week", "patient_id"], ascending=[False, True])
    places = {patient: place for place, patient in enumerate(patients["patient_id"])}
    events = treatment_emergent(tables.adverse_events)
    figure, axes = subplots(figsize=(WIDTH, 0.8 + 0.19 * len(places)))
    for row in patients.itertuples():
        place = places[row.patient_id]
        axes.plot(
            (0, row.last_contact_week), (place, place), color=FAINT, linewidth=2.2, solid_capstyle="butt", zorder=1
        )
        if not pd.isna(row.discontinued_week):
            axes.plot(row.discontinued_week, place, marker="X", color=INK, markersize=5, linestyle="", zorder=4)
    weeks = (tables.doses["study_day"].astype(float) - 1) / 7
    heights = tables.doses["patient_id"].map(places)
    given = tables.doses["given"] == 1
    axes.plot(weeks[given], heights[given], "|", color=BLUE, markersize=5.5, markeredgewidth=1, zorder=2)
    axes.plot(
        weeks[~given], heights[~given], "o", markerfacecolor="white", markeredgecolor=BLUE, markersize=3.5, zorder=3
    )
    eyes = same_term(events["term"]) == "conjunctivitis"
    starts = (events["start_day"].astype(float) - 1) / 7
    for selected, marker, colour in ((~eyes, "v", ORANGE), (eyes, "s", GREEN)):
        start = starts[selected]
        at = events.loc[selected, "patient_id"].map(places) - 0.3
        axes.plot(start, at, marker, color=colour, markersize=4, markeredgecolor="white", markeredgewidth=0.4, zorder=5)
    axes.set_yticks(list(places.values()), list(places), fontsize=7)
    last = max(patients["last_contact_week"].max(), weeks.max(), starts.max() if len(starts) else 0.0)
    axes.set(ylim=(len(places) - 0.3, -0.9), xlim=(-0.6, last + 0.6))
    axes.set(xlabel="Weeks since the first dose", ylabel="Child")
    axes.set_xticks([week for week in results.weeks("population", "visit")])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    marks = [("dose given", "|", BLUE, BLUE), ("dose missed", "o", "white", BLUE),
             ("conjunctivitis", "s", GREEN, GREEN), ("other adverse event", "v", ORANGE, ORANGE),
             ("treatment stopped", "X", INK, INK)]  # fmt: skip
    handles = [
        Line2D(
            [], [], linestyle="", marker=marker, markerfacecolor=face, markeredgecolor=edge, markersize=5, label=name
        )
        for name, marker, face, edge in marks
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=len(marks), handletextpad=0.2, columnspacing=1.2)
    columns = {
        "Doses given, day": _days(tables.doses[given], "study_day"),
        "Missed, day": _days(tables.doses[~given], "study_day"),
        "Conjunctivitis, from day": _days(events[eyes], "start_day"),
        "Other event, from day": _days(events[~eyes], "start_day"),
    }
    rows = [
        [literal(row.patient_id), *(column.get(row.patient_id, ABSENT) for column in columns.values()),
         cell(row.discontinued_week, 1), cell(row.last_contact_week, 1)]
        for row in patients.itertuples()
    ]  # fmt: skip
    return Drawing(figure, Table(["Child", *columns, "Stopped, week", "Last contact, week"], "lllllrr", rows))


def _days(rows: pd.DataFrame, column: str) -> dict[str, str]:
    """The study days of every child's rows, in their order."""
    return {
        child: ", ".join(f"{int(day)}" for day in sorted(days)) for child, days in rows.groupby("patient_id")[column]
    }


def alt_timelines(results: Results) -> str:
    return (
        f"One line a child from the first dose to the last contact, with {results['exposure.doses.given.n'].display} "
        "doses given, "
        f"{results['exposure.doses.missed.n'].display} missed, and {results['safety.any_event.events'].display} "
        "adverse events in "
        f"{results['safety.any_event.n'].display} children, {results['safety.conjunctivitis.events'].display} of them "
        "conjunctivitis."
    )


@with_origins
def adverse_events_table(tables: Tables, results: Results) -> Table:
    """Adverse events over all follow-up: kinds, then terms by organ class."""
    rows = [
        _counts(name, variable, results)
        for name, variable in (
            ("Any event", "any_event"),
            ("Related to dupilumab", "related_event"),
            ("Severe", "severity_severe"),
            ("Serious", "serious_event"),
            ("Treatment stopped for it", "discontinued_for_event"),
        )
    ]
    events = treatment_emergent(tables.adverse_events)
    rows += [_counts(name, variable, results) for name, variable in _by_class(events)]
    notes = []
    coded = same_term(events["system_organ_class"]).groupby(same_term(events["term"])).nunique()
    for term in coded.index[coded > 1]:
        written = events.loc[same_term(events["term"]) == term, "term"].iloc[0]
        notes.append(
            f"{literal(written)} is recorded under more than one organ class; its row, the same under each, counts "
            "all of it."
        )
    return Table(["Event", "Children, n (%)", "95 % CI, %", "Events"], "lrrr", rows, notes)


@with_origins
def event_kinds_table(results: Results) -> Table:
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
    return [name, n_percent(results, prefix), interval_of(results, prefix), results[f"{prefix}.events"].display]


@with_origins
def event_rates_table(tables: Tables, results: Results) -> Table:
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
        limits = interval_of(results, f"{prefix}.{method}")
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
def special_interest_table(tables: Tables, results: Results) -> Table:
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


def special_interest_rules_table() -> Table:
    """By which rule a recorded term counts as an event of special interest."""
    rows = [[kind.name, literal(kind.rule[0].upper() + kind.rule[1:])] for kind in SPECIAL_INTEREST]
    return Table(["Event of special interest", "Counted when"], "ll", rows)


def event_listing_table(tables: Tables) -> Table:
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
