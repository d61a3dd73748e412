"""Adverse events as shown: events by kind and term, rates, events of special interest, the listing."""

from itertools import pairwise

import pandas as pd

from analysis.core import display
from analysis.core.cells import interval_of, median_quartiles, n_percent
from analysis.core.design import Tables
from analysis.core.display_sizes import FIRST, LISTED
from analysis.core.drawing import ABSENT
from analysis.core.markdown import Table, indented, lettered, literal
from analysis.core.origin import with_origins
from analysis.core.results import Result, Results
from analysis.core.words import Markdown, Words, capital, who
from analysis.listings import EVENTS, adverse_events
from analysis.listings_shown import first_of
from analysis.safety import OUTCOMES, treatment_emergent, variables_of_terms
from protocol.population import PATIENTS, Called
from protocol.special_interest import SPECIAL_INTEREST, same_term, unreadable
from protocol.treatment import DRUG

_NBSP = "\N{NO-BREAK SPACE}"
_GRADE = {"mild": 0, "moderate": 1, "severe": 2}
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


_SAME_YEARS = 1e-9
FEWEST_YEARS = 5
"""Patient-years from which on a rate stands in a sentence; from fewer, its interval is too wide to be read beside others."""


def follow_up_sentence(words: Words) -> Markdown:
    """How long patients were followed."""
    prefix = "safety.follow_up"
    low, high, median, years = (words.number(f"{prefix}.{part}") for part in ("min", "max", "median", "patient_years"))
    in_all = f", {years.marked} patient-years in all"
    treated = _treated(words)
    if _size(words) == 1:
        return Markdown(f"The {words.who.one} was followed for {median.marked} weeks.{treated}")
    if low == high:
        return Markdown(f"Every {words.who.one} was followed for {median.marked} weeks{in_all}.{treated}")
    many = words.who.many.capitalize()
    return Markdown(
        f"{many} were followed for a median of {median.marked} weeks (range {low.marked} to {high.marked}){in_all}.{treated}"
    )


def _treated(words: Words) -> str:
    """How much of the follow-up was on treatment, where it was not all of it."""
    if stayed(words.results):
        return ""
    if _size(words) == 1:
        return f" Treatment went on for {words.number('safety.treated.median').marked} of them."
    years = words.number("safety.treated.patient_years").marked
    return f" Of these, {years} patient-years were on treatment; who had stopped was still followed."


def stayed(results: Results) -> bool:
    """Whether time on treatment is all of the follow-up."""
    treated, followed = (results[f"safety.{each}.patient_years"].value for each in ("treated", "follow_up"))
    return abs(treated - followed) < _SAME_YEARS


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


def coding_sentence(words: Words, coding: str) -> Markdown:
    """What the rows of the tables of events are; coding: the dictionary of the terms as the settings name it, or nothing."""
    if words.number("safety.any_event.events") == "0":
        return Markdown("")
    if coding:
        return Markdown(
            f"Events are coded in {literal(coding)}; they stand by system organ class and, below it, by preferred term, the two "
            "levels that the data hold."
        )
    return Markdown("Organ classes and terms stand as they were recorded; no dictionary is named in which they were coded.")


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
    stopped = not stayed(words.results)
    over = "the whole time at risk" if stopped else "the whole follow-up"
    said = [
        "@tbl-event-rates relates the events to the time of observation, with exact Poisson intervals [@garwood1936]. The rate of "
        f"first events counts each {words.who.one} once, up to the first event; the rate of all events counts each event over {over}."
    ]
    if stopped:
        said.append(
            "On treatment, time ends where treatment was stopped, and events that began later do not count; all follow-up runs on "
            f"to the last contact. {_late(words)}"
        )
    else:
        said.append("Nobody stopped treatment before the last contact, so all follow-up is time on treatment.")
    ending, where = ("_on_treatment", " on treatment") if stopped else ("", "")
    prefix, eyes = (f"safety.{variable}.first_event{ending}" for variable in ("any_event", "conjunctivitis"))
    years = f"safety.{'treated' if stopped else 'follow_up'}.patient_years"
    happened = words.number("safety.any_event.events") != "0"
    if happened and words.known(f"{prefix}.rate") and words.row(years).value >= FEWEST_YEARS:
        interval = f"95{_NBSP}% CI {words.interval(prefix).marked}"
        rate = f"{words.number(f'{prefix}.rate').marked} per 100 patient-years for any event ({interval})"
        if words.known(f"{eyes}.rate") and words.number("safety.conjunctivitis.n") != "0":
            rate += f" and {words.number(f'{eyes}.rate').marked} for conjunctivitis ({words.interval(eyes).marked})"
        said.append(f"The rate of first events{where} is {rate}.")
    if happened:
        said.append(
            f"A rate per 100 patient-years from {words.number(years).marked} patient-years is a calculation for comparison with other "
            "studies and no observation of 100 years: it assumes that the risk stays the same over time. @tbl-event-periods has the "
            "first events from visit to visit, each stretch with its own rate."
        )
    return Markdown(" ".join(said))


def _late(words: Words) -> str:
    late = words.row("safety.after_stopping.events")
    if not late.value:
        return "No event began after treatment had been stopped."
    return f"{words.number(late.id).marked} event{'' if late.value == 1 else 's'} began after treatment had been stopped."


def duration_sentence(words: Words) -> Markdown:
    """How onset and duration are given, and how many events had not ended."""
    if words.number("safety.any_event.events") == "0":
        return Markdown("Without an event there is neither onset nor duration.")
    going_on = words.row("safety.any_event.duration.ongoing")
    ended = _ended(words, words.row("safety.any_event.events"), going_on)
    return Markdown(
        "@tbl-event-times has the day on which events began and how long they lasted. Durations are times to the end of the event, "
        "estimated by the method of Kaplan and Meier [@kaplan1958]: an event without an end is censored at the last contact. To leave "
        f"it out would make the typical duration too short. {ended}. Several events of one {words.who.one} are not "
        "independent, so no interval is given."
    )


def _ended(words: Words, events: Result, going_on: Result) -> str:
    """How many of all events had not ended."""
    if events.value == 1:
        return f"The only event had {'no' if going_on.value else 'a'} recorded end"
    if not going_on.value:
        return "Every event had a recorded end"
    return f"Of the {words.number(events.id).marked} events, {words.number(going_on.id).marked} had no recorded end"


def listing_sentence(tables: Tables, called: Called) -> Markdown:
    """What the listing holds, or that there is nothing to list."""
    if tables.adverse_events.empty:
        return Markdown("No adverse event was recorded, before the first dose or after it.")
    if len(tables.adverse_events) > LISTED:
        return Markdown(f"@tbl-listing has the gravest of {len(tables.adverse_events):,} events, and says where all of them are.")
    return Markdown(f"@tbl-listing lists every event, {called.one} by {called.one}.")


def listing_caption(tables: Tables) -> Markdown:
    """What the listing holds."""
    which = "The gravest" if len(tables.adverse_events) > LISTED else "All"
    return Markdown(f"{which} adverse events. Days count from the first dose (day 1).")


def special_interest_sentence() -> Markdown:
    """Which events are listed, and how a term is read."""
    return Markdown(
        f"@tbl-special-interest lists the events of special interest under {DRUG.name} as this report defines them, whether they "
        "happened or not. Terms are "
        "recorded as free text, so @tbl-special-rules states by which words of the term an event counts. One event can count under "
        "several headings."
    )


@with_origins
def adverse_events_table(tables: Tables, results: Results) -> Table:
    """Adverse events over all follow-up: kinds, then terms by organ class."""
    rows = [
        [*_counts(name, variable, results), _related(variable, results)]
        for name, variable in (
            ("Any event", "any_event"),
            (f"Related to {DRUG.name}", "related_event"),
            ("Severe", "severity_severe"),
            ("Serious", "serious_event"),
            ("Treatment stopped for it", "discontinued_for_event"),
        )
    ]
    events = treatment_emergent(tables.adverse_events)
    rows += [[*_counts(name, variable, results), _related(variable, results)] for name, variable in _by_class(events)]
    many = who(results).many.capitalize()
    notes = [lettered(f"{many} with at least one that was recorded as related to {DRUG.name}.")]
    coded = same_term(events["system_organ_class"]).groupby(same_term(events["term"])).nunique()
    for term in coded.index[coded > 1]:
        written = events.loc[same_term(events["term"]) == term, "term"].iloc[0]
        notes.append(
            f"{literal(written)} is recorded under more than one organ class; its row, the same under each, counts "
            "all of it."
        )
    return Table(["Event", f"{many}, n (%)", "95 % CI, %", "Events", "Related, n^a^"], "lrrrr", rows, notes)


def _related(variable: str, results: Results) -> str:
    return results[f"safety.{variable}.related.n"].display


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
    """Rates per 100 patient-years, by organ class and term: on treatment and, where somebody stopped, over all follow-up beside it."""
    called = who(results)
    endings = ("",) if stayed(results) else ("_on_treatment", "")
    methods = [f"{kind}{ending}" for kind in ("first_event", "all_events") for ending in endings]
    rows = [
        [name, *(_rate(f"safety.{variable}.{method}", results) for method in methods)]
        for name, variable in [("Any event", "any_event"), *_by_class(treatment_emergent(tables.adverse_events))]
    ]
    notes = [
        f"{called.many.capitalize()} with at least one, over the time until the first.",
        f"Every event, over the whole time; events of one {called.one} are not independent, so this interval is too narrow where "
        "somebody has several.",
    ]
    header = ["Event", "First events, rate (95 % CI)^a^", "All events, rate (95 % CI)^b^"]
    if len(endings) > 1:
        kinds = ("First events^a^", "All events^b^")
        header = ["Event", *(f"{kind}, {time}" for kind in kinds for time in ("on treatment^c^", "all follow-up"))]
        notes.append("Until treatment was stopped: events that began by then, and the time until then.")
    note = "Rates per 100 patient-years with exact Poisson (Garwood) 95 % intervals. " + lettered(*notes)
    return Table(header, "l" + "r" * len(methods), rows, [note])


def _rate(prefix: str, results: Results) -> str:
    rate, limits = results[f"{prefix}.rate"].display, interval_of(results, prefix)
    return rate if limits == "not estimable" else f"{rate} ({limits})"


@with_origins
def event_periods_table(results: Results) -> Table:
    """First events from one planned visit to the next: who was at risk, who had one, the rate, and the share by the end."""
    rows = []
    for name, variable in (("Any event", "any_event"), ("Conjunctivitis", "conjunctivitis")):
        rows.append([f"**{name}**", *[""] * 5])
        ends = [week for week in results.weeks("safety", variable) if f"safety.{variable}.w{week}.period.n" in results]
        for start, end in pairwise([0, *ends]):
            prefix = f"safety.{variable}.w{end}.period"
            rows.append(
                [
                    indented(f"From week {start} on" if end == ends[-1] else f"Week {start} to {end}"),
                    *(results[f"{prefix}.{part}"].display for part in ("at_risk", "n", "patient_years")),
                    _rate(prefix, results),
                    results[f"{prefix}.percent"].display,
                ]
            )
    many = who(results).many.capitalize()
    note = lettered(
        f"{many} who were followed and had had none when the period began.",
        f"{many} whose first event began in the period.",
        "Years at risk of a first event.",
        "Per 100 patient-years, with exact Poisson (Garwood) 95 % interval.",
        "Share with a first event by the end of the period, by the method of Kaplan and Meier.",
    )
    header = ["Period", "At risk^a^", "First events^b^", "Patient-years^c^", "Rate (95 % CI)^d^", "So far, %^e^"]
    return Table(header, "lrrrrr", rows, [note])


@with_origins
def event_times_table(tables: Tables, results: Results) -> Table:
    """Onset and duration by organ class and term."""
    rows = []
    for name, variable in [("Any event", "any_event"), *_by_class(treatment_emergent(tables.adverse_events))]:
        onset, duration = (f"safety.{variable}.{part}" for part in ("onset", "duration"))
        having, ended, going_on = (results[each].display for each in (f"{onset}.n", f"{duration}.n", f"{duration}.ongoing"))
        rows.append([name, having, _onset(results, onset), ended, going_on, _duration(results, duration)])
    called = who(results)
    note = lettered(
        f"{called.many.capitalize()} with at least one.",
        f"Study day of the first event of each {called.one}: median, with quartiles where there are several.",
        "Days with the event, the first and the last counted: median and quartiles by the method of Kaplan and Meier; “not reached” "
        "where too few of the events had ended.",
    )
    header = ["Event", f"{called.many.capitalize()}^a^", "Onset, day^b^", "Ended", "Going on", "Duration, days^c^"]
    return Table(header, "lrrrrr", rows, [note])


def _onset(results: Results, prefix: str) -> str:
    """Median with the quartiles; one value alone as it is, and a dash where there is none."""
    count = results[f"{prefix}.n"].value
    if not count:
        return ABSENT
    return results[f"{prefix}.median"].display if count == 1 else median_quartiles(results, prefix)


def _duration(results: Results, prefix: str) -> str:
    """Median with the quartiles by Kaplan-Meier; one value alone as it is, and a dash where there is none."""
    count = results[f"{prefix}.n"].value + results[f"{prefix}.ongoing"].value
    if not count:
        return ABSENT
    rows = (results[f"{prefix}.{part}"] for part in ("median", "q1", "q3"))
    middle, low, high = ("not reached" if row.value is None else row.display for row in rows)
    if count == 1 or {middle, low, high} == {"not reached"}:
        return middle
    return f"{middle}{_NBSP}({display.interval(low, high)})"


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
    rows = [[kind.name, literal(capital(kind.rule))] for kind in SPECIAL_INTEREST]
    return Table(["Event of special interest", "Counted when"], "ll", rows)


def event_listing_table(tables: Tables, called: Called = PATIENTS) -> Table:
    """Every adverse event of every patient in the order of time, of very many the gravest alone; who had none is named below, unless
    these are very many."""
    events = adverse_events(tables)
    having, count = set(events["patient_id"]), len(events)
    if count > LISTED:
        grave = events.assign(grade=events["severity"].map(_GRADE))
        events = events.loc[grave.sort_values(["serious", "grade"], ascending=False, kind="stable").index[:FIRST]]
    rows = []
    for row in events.itertuples():
        ongoing = pd.isna(row.end_day)
        rows.append(
            [
                f"{row.patient_id}{_NBSP}({row.sex},{_NBSP}{row.age_years:g})",  # in every row: a page may begin with any of them
                literal(row.term) + ("" if row.start_day >= 1 else " (before the first dose)"),
                f"{row.start_day}",
                "ongoing" if ongoing else f"{row.end_day}",
                "" if ongoing else f"{row.days:g}",
                literal(row.severity) + (", **serious**" if row.serious == 1 else ""),
                *(literal(word.replace(" ", _NBSP)) for word in (row.relatedness, row.action, row.outcome)),
            ]
        )
    without = [patient for patient in sorted(tables.patients["patient_id"]) if patient not in having]
    notes = [lettered("In brackets: sex and age in years.", "The first and the last day counted.", f"To {DRUG.name}.")]
    if count > LISTED:
        notes.append(first_of(EVENTS, count, "serious ones before others and severe ones before milder"))
    if without and rows:
        named = f": {', '.join(without)}" if len(without) <= _NAMED else ""
        notes.append(f"No event was recorded in {len(without)} {called.count(len(without))}{named}.")
    header = [
        f"{called.one.capitalize()}^a^", "Event", "From day", "To day", "Days^b^", "Severity", "Relation^c^", "Action", "Outcome",
    ]  # fmt: skip
    return Table(header, "llrrrllll", rows or [["none", *[""] * 8]], notes)
