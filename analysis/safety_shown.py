"""Adverse events as shown: every patient on a time line, events by kind and term, rates, events of special interest, the listing."""

import pandas as pd
from matplotlib.lines import Line2D

from analysis.core.cells import interval_of, median_quartiles, n_percent
from analysis.core.design import Tables
from analysis.core.drawing import ABSENT, Drawing, cell, of_individuals, subplots
from analysis.core.markdown import Table, indented, lettered, literal
from analysis.core.origin import with_origins
from analysis.core.results import Results
from analysis.core.style import BLUE, FAINT, GREEN, INK, ORANGE, WIDTH
from analysis.core.words import Markdown, Words, who
from analysis.safety import OUTCOMES, days_lasted, treatment_emergent, variables_of_terms
from protocol.population import PATIENTS, Called
from protocol.special_interest import SPECIAL_INTEREST, same_term, unreadable
from protocol.treatment import DRUG

_NBSP = "\N{NO-BREAK SPACE}"
_NAMED = 30
"""Ids that a note lists at most."""
_KINDS = (
    ("Severity", (("mild", "severity_mild"), ("moderate", "severity_moderate"), ("severe", "severity_severe"))),
    ("Seriousness", (("serious", "serious_event"), ("not serious", "non_serious_event"))),
    (f"Relation to {DRUG.name}", (("related", "related_event"), ("not related", "not_related_event"))),
    (
        f"Action taken with {DRUG.name}",
        (("none", "action_none"), ("dose delayed", "action_delayed"), ("stopped", "discontinued_for_event")),
    ),
    ("Outcome", tuple((name, f"outcome_{name.replace(' ', '_')}") for name in OUTCOMES)),
)


@of_individuals
def timelines(tables: Tables, results: Results) -> Drawing:
    """Every patient on one time line: doses given and missed, adverse events, and the last contact."""
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
    axes.set(xlabel="Weeks since the first dose", ylabel=who(results).one.capitalize())
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
    return Drawing(figure, Table([who(results).one.capitalize(), *columns, "Stopped, week", "Last contact, week"], "lllllrr", rows))


def _days(rows: pd.DataFrame, column: str) -> dict[str, str]:
    """The study days of every patient's rows, in their order."""
    return {
        child: ", ".join(f"{int(day)}" for day in sorted(days)) for child, days in rows.groupby("patient_id")[column]
    }


def alt_timelines(results: Results) -> str:
    words = Words(results)
    given, missed, events, having, conjunctivitis = (
        results[each].display
        for each in (
            "exposure.doses.given.n", "exposure.doses.missed.n", "safety.any_event.events", "safety.any_event.n",
            "safety.conjunctivitis.events",
        )
    )  # fmt: skip
    parts = [f"{_several(given, 'dose')} given", f"{missed if missed != '0' else 'none'} missed"]
    told = f"One line for each {words.who.one} from the first dose to the last contact, with {', '.join(parts)}"
    if events == "0":
        return f"{told}, and no adverse event."
    happened = f"{told}, and {_several(events, 'adverse event')} in {having} {words.who.count(int(having))}"
    if events == "1":
        return f"{happened}, {'no ' if conjunctivitis == '0' else ''}conjunctivitis."
    return f"{happened}, {'none' if conjunctivitis == '0' else conjunctivitis} of them conjunctivitis."


def _several(number: str, thing: str) -> str:
    """A number with its noun: "no dose", "1 dose", "2 doses"."""
    return f"{'no' if number == '0' else number} {thing}{'' if number in ('0', '1') else 's'}"


FEWEST_YEARS = 5
"""Patient-years from which on a rate stands in a sentence; from fewer, its interval is too wide to be read beside others."""


def follow_up_sentence(words: Words) -> Markdown:
    """How long patients were followed."""
    prefix = "safety.follow_up"
    low, high, median, years = (words.number(f"{prefix}.{part}") for part in ("min", "max", "median", "patient_years"))
    in_all = f", {years.marked} patient-years in all"
    if _size(words) == 1:
        return Markdown(f"The {words.who.one} was followed for {median.marked} weeks.")
    if low == high:
        return Markdown(f"Every {words.who.one} was followed for {median.marked} weeks{in_all}.")
    many = words.who.many.capitalize()
    return Markdown(f"{many} were followed for a median of {median.marked} weeks (range {low.marked} to {high.marked}){in_all}.")


def _size(words: Words) -> int:
    return int(words.row("safety.any_event.N").value)


def events_paragraph(words: Words) -> Markdown:
    """How many patients had an event, conjunctivitis, a serious event, and stopped for one; what did not happen is said with the
    upper limit of its interval."""
    if words.number("safety.any_event.events") == "0":
        limit = words.number("safety.any_event.ci_high").marked
        return Markdown(
            f"No adverse event was recorded (@tbl-events). A count of zero does not exclude events: a proportion of up to {limit}"
            f"{_NBSP}% would still be compatible with it (upper limit of the 95{_NBSP}% CI)."
        )
    said = [f"{_had('any_event', words)} at least one adverse event{_in_all('any_event', 'event', words)} (@tbl-events)."]
    for variable, thing, noun in (("conjunctivitis", "conjunctivitis", "episode"), ("serious_event", "a serious event", "")):
        said.append(f"{_had(variable, words)} {thing}{_in_all(variable, noun, words) if noun else ''}.")
    stopped = words.number("safety.discontinued_for_event.n")
    interval = f" (95{_NBSP}% CI {words.interval('safety.discontinued_for_event').marked})" if _size(words) > 1 else ""
    whom = f"Nobody stopped {DRUG.name}" if stopped == "0" else (
        f"{words.counted('safety.discontinued_for_event.n')} stopped {DRUG.name}"
    )  # fmt: skip
    said.append(f"{whom} because of an adverse event{interval}.")
    kinds = ("conjunctivitis", "serious_event", "discontinued_for_event")
    if _size(words) > 1 and any(words.number(f"safety.{variable}.n") == "0" for variable in kinds):
        said.append(
            "A count of zero does not exclude rare events: the upper limit of the interval is the proportion that would still "
            "be compatible with it."
        )
    return Markdown(" ".join(said))


def _had(variable: str, words: Words) -> str:
    """Who had an event, with the interval: "3 of 24 children (12.5 %; 95 % CI ...) had"."""
    prefix = f"safety.{variable}"
    n, size = (int(words.row(f"{prefix}.{part}").value) for part in ("n", "N"))
    interval = f"95{_NBSP}% CI {words.interval(prefix).marked}"
    if size == 1:
        return f"The {words.who.one} had" if n else "Nobody had"
    if n == size:
        return f"All {words.counted(f'{prefix}.N')} ({interval}) had"
    if not n:
        return f"Nobody ({interval}) had"
    return f"{words.of(prefix).marked} {words.who.many} ({words.percent(prefix).marked}; {interval}) had"


def _in_all(variable: str, noun: str, words: Words) -> str:
    """The number of events, where it is not that of the patients."""
    events, having = (words.row(f"safety.{variable}.{part}") for part in ("events", "n"))
    if events.value == having.value:
        return ""
    return f", {words.number(events.id).marked} {noun}s in all"


def kinds_sentence(words: Words) -> Markdown:
    """What the table of kinds holds, or that there is nothing to sort."""
    if words.number("safety.any_event.events") == "0":
        return Markdown("Without an event there is nothing to sort.")
    return Markdown(
        f"@tbl-event-kinds sorts the events by what was recorded of them. Relation to {DRUG.name} is as it was recorded; without "
        "a control group it cannot be checked."
    )


def rates_paragraph(words: Words) -> Markdown:
    """Rates of first events in a sentence, from :data:`FEWEST_YEARS` patient-years on, and what they assume."""
    years = words.number("safety.follow_up.patient_years")
    said = [
        "@tbl-event-rates relates the events to the time of observation, with exact Poisson intervals [@garwood1936]. The rate of "
        f"first events counts each {words.who.one} once, up to the first event; the rate of all events counts each event over the "
        "whole follow-up."
    ]
    prefix = "safety.any_event.first_event"
    happened = words.number("safety.any_event.events") != "0"
    if happened and words.known(f"{prefix}.rate") and words.row("safety.follow_up.patient_years").value >= FEWEST_YEARS:
        interval = f"95{_NBSP}% CI {words.interval(prefix).marked}"
        rate = f"{words.number(f'{prefix}.rate').marked} per 100 patient-years for any event ({interval})"
        eyes = "safety.conjunctivitis.first_event"
        if words.known(f"{eyes}.rate") and words.number("safety.conjunctivitis.n") != "0":
            rate += f" and {words.number(f'{eyes}.rate').marked} for conjunctivitis ({words.interval(eyes).marked})"
        said.append(f"The rate of first events is {rate}.")
    if happened:
        said.append(
            f"A rate per 100 patient-years from {years.marked} patient-years is a calculation for comparison with other studies "
            "and no observation of 100 years: it assumes that the risk stays the same over time, and that of reactions to the first "
            "doses does not."
        )
    return Markdown(" ".join(said))


def listing_sentence(tables: Tables, called: Called) -> Markdown:
    """What the listing holds, or that there is nothing to list."""
    if tables.adverse_events.empty:
        return Markdown("No adverse event was recorded, before the first dose or after it.")
    return Markdown(f"@tbl-listing lists every event, {called.one} by {called.one}.")


def special_interest_sentence() -> Markdown:
    """Which events are listed, and how a term is read."""
    return Markdown(
        f"@tbl-special-interest lists the events that one looks for under {DRUG.name}, whether they happened or not. Terms are "
        "recorded as free text, so @tbl-special-rules states by which words of the term an event counts. One event can count under "
        "several headings."
    )


@with_origins
def adverse_events_table(tables: Tables, results: Results) -> Table:
    """Adverse events over all follow-up: kinds, then terms by organ class."""
    rows = [
        _counts(name, variable, results)
        for name, variable in (
            ("Any event", "any_event"),
            (f"Related to {DRUG.name}", "related_event"),
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
    return Table(["Event", f"{who(results).many.capitalize()}, n (%)", "95 % CI, %", "Events"], "lrrr", rows, notes)


@with_origins
def event_kinds_table(results: Results) -> Table:
    """Events by severity, seriousness, relatedness, action and outcome: patients and events."""
    rows = [_counts("All events", "any_event", results)]
    for heading, kinds in _KINDS:
        rows.append([f"**{heading}**", "", "", ""])
        rows += [_counts(indented(name), variable, results) for name, variable in kinds]
    called = who(results)
    note = lettered(
        f"A {called.one} with events of several kinds counts once in each." if called.one[0] not in "aeiou"
        else f"An {called.one} with events of several kinds counts once in each.",
        f"Exact (Clopper-Pearson) confidence interval of the {called.many}.",
    )  # fmt: skip
    return Table(["Events", f"{called.many.capitalize()}, n (%)^a^", "95 % CI, %^b^", "Events, n"], "lrrr", rows, [note])


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
    called = who(results)
    note = lettered(
        f"{called.many.capitalize()} with at least one, over the time until the first.",
        f"Every event, over all follow-up; events of one {called.one} are not independent, so this interval is too narrow where "
        "somebody has several.",
        f"Study day of the first event of each {called.one}.",
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
    header = ["Event of special interest", who(results).many.capitalize(), "95 % CI, %^a^", "Events"]
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


def event_listing_table(tables: Tables, called: Called = PATIENTS) -> Table:
    """Every adverse event of every patient in the order of time; who had none is named below, unless these are very many."""
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
    notes = [lettered("In brackets: sex and age in years.", "The first and the last day counted.", f"To {DRUG.name}.")]
    if without and rows:
        named = f": {', '.join(without)}" if len(without) <= _NAMED else ""
        notes.append(f"No event was recorded in {len(without)} {called.count(len(without))}{named}.")
    header = [
        f"{called.one.capitalize()}^a^", "Event", "From day", "To day", "Days^b^", "Severity", "Relation^c^", "Action", "Outcome",
    ]  # fmt: skip
    return Table(header, "llrrrllll", rows or [["none", *[""] * 8]], notes)
