"""The doses as shown: those of everyone, those that depart from the label, the exposure of every patient, and what is said of them."""

import pandas as pd

from analysis import listings
from analysis.core import display
from analysis.core.cells import n_of
from analysis.core.design import Design, Tables
from analysis.core.display_sizes import FIRST, LISTED, are_many
from analysis.core.markdown import Table, lettered
from analysis.core.origin import with_origins
from analysis.core.results import Results
from analysis.core.words import Markdown, Words, listed, who
from analysis.exposure import APART, child_exposure
from analysis.listings_shown import beside, first_of
from protocol import treatment

_NBSP = "\N{NO-BREAK SPACE}"
_WITHOUT = "due, but without a record"


@with_origins
def doses_table(results: Results) -> Table:
    """Doses due and what became of them, and how many of those given followed the label."""

    def recorded(name: str, method: str) -> list[str]:
        prefix = f"exposure.doses.{method}"
        return [name, n_of(results, prefix), results[f"{prefix}.percent"].display]

    lacking, not_yet_late, beyond = (results[f"exposure.doses_expected.{part}.n"].display for part in APART)
    rows = [
        ["Due by the label^a^", results["exposure.doses_expected.n"].display, ""],
        recorded("Recorded as given^b^", "given"),
        recorded("Recorded as missed^b^", "missed"),
        ["Lacking^c^", lacking, ""],
        ["Not yet late^d^", not_yet_late, ""],
        ["Recorded beyond those due^e^", beyond, ""],
        recorded("Given as the label says^f^", "conforming"),
    ]
    notes = lettered(
        "Until the last contact or until treatment was stopped.",
        "Of the doses recorded.",
        f"{_WITHOUT.capitalize()}.",
        f"{_WITHOUT.capitalize()}; within the window before the last contact or stop.",
        "Doses due = given + missed + lacking + not yet late − beyond.",
        "In amount and interval, of the doses given.",
    )
    return Table(["Doses", "n/N", "%"], "lrr", rows, [notes])


@with_origins
def off_label_doses_table(tables: Tables, design: Design, results: Results) -> Table:
    """Each given dose that departs from the label, with what the label asks for."""
    odd = listings.off_label(tables, design)
    rows = [
        [
            row.patient_id,
            f"{row.study_day}",
            f"{row.dose_mg:g}",
            f"{row.label_mg}",
            "–" if pd.isna(row.interval_days) else f"{row.interval_days:g}",
            "–" if pd.isna(row.label_interval_days) else f"{row.label_interval_days:g}",
        ]
        for row in (odd if len(odd) <= LISTED else odd.head(FIRST)).itertuples()
    ]
    header = [who(results).one.capitalize(), "Study day", "Dose, mg", "Label, mg", "Interval, days", "Label, days"]
    notes = [first_of(listings.OFF_LABEL, len(odd), f"{who(results).one} by {who(results).one}")] if len(odd) > LISTED else []
    return Table(header, "lrrrrr", rows or [["none", "", "", "", "", ""]], notes)


def off_label(tables: Tables, design: Design, words: Words) -> Markdown | None:
    """The table of the doses that depart from the label with its caption; nothing where all conform."""
    if _all_conform(words):
        return None
    table = off_label_doses_table(tables, design, words.results)._repr_markdown_()
    caption = "Given doses that depart from the label. Interval: days since the previous given dose."
    return Markdown(f"::: {{#tbl-off-label}}\n\n{table}\n\n{caption}\n\n:::")


@with_origins
def by_child_table(tables: Tables, design: Design, results: Results) -> Table:
    """Weeks on treatment, what became of the doses due, intervals and conformity, one patient a row and all of them."""
    rows = []
    exposed = child_exposure(tables, design)
    if are_many(tables):
        return _by_regimen(exposed, design, results)
    for patient, child in exposed.iterrows():
        intervals = child["intervals"]
        between = "–" if not intervals else (
            f"{intervals[0]}" if min(intervals) == max(intervals) else f"{min(intervals)} to {max(intervals)}"
        )  # fmt: skip
        rows.append(
            [
                f"{patient}",
                f"{child['regimen'].maintenance_mg}{_NBSP}{treatment.every(child['regimen'].interval_days)}",
                display.number(child["weeks"], 1),
                *(f"{child[part]}" for part in ("expected", "given", "missed", *APART)),
                between,
                f"{child['conforming']}/{child['given']}",
                "yes" if child["all_conform"] else "no",
            ]
        )
    rows.append(["All", "", "", *_in_all(results)])
    header = [who(results).one.capitalize(), "Label’s regimen, mg^a^", "Weeks", *_COLUMNS]
    return Table(header, "llrrrrrrrrrl", rows, [_legend(exposed, design)])


_COLUMNS = ("Due^b^", "Given", "Missed^c^", "Lacking^d^", "Not yet late^e^", "Beyond^f^", "Interval, days", "By the label^g^",
            "Label kept^h^")  # fmt: skip


def _in_all(results: Results) -> list[str]:
    """The cells of :data:`_COLUMNS` for everyone."""
    total = [
        results[f"exposure.{each}.n"].display
        for each in ("doses_expected", "doses.given", "doses.missed", *(f"doses_expected.{part}" for part in APART))
    ]
    return [*total, "", n_of(results, "exposure.doses.conforming"), n_of(results, "exposure.children_conforming")]


def _legend(exposed: pd.DataFrame, design: Design) -> str:
    used = sorted({f"{plan.short}: {treatment.how_often(plan.interval_days)}" for plan in exposed["regimen"]})
    return lettered(
        f"{'; '.join(used)}.",
        "The label’s doses until the last contact or until treatment was stopped: given + missed + lacking + not yet late − beyond.",
        "Rows of the record that say so.",
        f"{_WITHOUT.capitalize()}.",
        f"{_WITHOUT.capitalize()}; the last contact or stop was less than {_days(design.dose_window_days)} later.",
        "Records in excess of the doses due.",
        "Of the doses given, those with the label’s amount and interval.",
        "Every dose given conforms, and every dose due was given, but for those not yet late.",
    )


def _by_regimen(exposed: pd.DataFrame, design: Design, results: Results) -> Table:
    """The same of many patients: a row a regimen of the label, with the median of the weeks and the range of the intervals."""
    rows = []
    plans = exposed["regimen"]
    for plan in sorted(set(plans), key=lambda plan: (plan.maintenance_mg, plan.interval_days)):
        own = exposed[[each == plan for each in plans]]
        intervals = [days for each in own["intervals"] for days in each]
        between = f"{min(intervals)} to {max(intervals)}" if intervals else "–"
        rows.append(
            [
                f"{plan.maintenance_mg}{_NBSP}{treatment.every(plan.interval_days)}",
                f"{len(own)}",
                display.number(own["weeks"].median(), 1),
                *(f"{own[part].sum()}" for part in ("expected", "given", "missed", *APART)),
                between,
                f"{own['conforming'].sum()}/{own['given'].sum()}",
                f"{own['all_conform'].sum()}/{(own['given'] > 0).sum()}",
            ]
        )
    rows.append(["All", f"{len(exposed)}", results["exposure.weeks_on_treatment.median"].display, *_in_all(results)])
    called = who(results)
    header = ["Label’s regimen, mg^a^", called.many.capitalize(), "Weeks, median", *_COLUMNS]
    notes = [_legend(exposed, design), beside(listings.EXPOSURE, len(exposed), f"by regimen, not {called.one} by {called.one}")]
    return Table(header, "lrrrrrrrrrrr", rows, notes)


def by_child_caption(tables: Tables, words: Words) -> Markdown:
    """Whose exposure the table has."""
    whose = f"all {words.who.many}, by regimen" if are_many(tables) else f"every {words.who.one}"
    return Markdown(f"Exposure of {whose}, held to the label in force.")


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


# --- sentences ---------------------------------------------------------------------------------------------------


def doses_paragraph(words: Words) -> Markdown:
    """What was given, what was missed, and how much of it followed the label."""
    given, missed = (words.number(f"exposure.doses.{part}.n") for part in ("given", "missed"))
    if given == "0":
        return Markdown(f"No dose was given (@tbl-exposure{_missed_of_recorded(words)}).")
    text = f"{given.marked} {_doses(given)} {_were(given)} given"
    if words.number("exposure.doses_per_patient.median").rows[0].n > 1:
        text += f", a median of {words.number('exposure.doses_per_patient.median', 0).marked} per {words.who.one}"
    if missed == "0":
        text += "; no dose was recorded as missed. "
    else:
        text += f"; {missed.marked} {_were(missed)} recorded as missed. "
    if _all_conform(words):
        text += "Every dose given followed the label in amount and interval (@tbl-exposure)."
    else:
        share = words.percent("exposure.doses.conforming").marked
        text += f"Of the doses given, {share} followed the label in amount and interval (@tbl-exposure); "
        others = words.row("exposure.doses.conforming.N").value - words.row("exposure.doses.conforming.n").value
        text += "@tbl-off-label lists the others." if others <= LISTED else "@tbl-off-label says where the others are listed."
    return Markdown(text)


def _missed_of_recorded(words: Words) -> str:
    missed = words.number("exposure.doses.missed.n")
    return "" if missed == "0" else f"; {missed.marked} {_were(missed)} recorded as missed"


def exposure_paragraph(words: Words, design: Design) -> Markdown:
    """How long treatment lasted, what became of the doses due, how far apart they were, and by whom the label was kept."""
    if words.row("exposure.doses.given.n").value == 0:
        return Markdown("Nobody received a dose (@tbl-exposure-by-child).")
    label = treatment.LABELS[design.label]
    sentences = [
        _duration(words), _due(words, design), *_intervals(words, label), _kept(words), _tables(words), *_options(label, words)
    ]  # fmt: skip
    return Markdown(" ".join(sentences))


def _duration(words: Words) -> str:
    weeks = "exposure.weeks_on_treatment"
    low, high, years = (words.number(f"{weeks}.{part}") for part in ("min", "max", "patient_years"))
    in_all = f"{years.marked} patient-years in all"
    if low == high:
        return f"Treatment lasted {low.marked} weeks{_each(words)}, {in_all}."
    median = words.number(f"{weeks}.median").marked
    return f"Treatment lasted a median of {median} weeks (range {low.marked} to {high.marked}), {in_all}."


def _each(words: Words) -> str:
    return "" if words.row("exposure.weeks_on_treatment.min").n == 1 else f" in every {words.who.one}"


def _due(words: Words, design: Design) -> str:
    """Doses due, and every part of them that is not empty; the parts make up the whole."""
    due, given, missed = (
        words.number(f"exposure.{each}.n") for each in ("doses_expected", "doses.given", "doses.missed")
    )
    if due == "0":
        return "Until the last contact, or until treatment was stopped, the label had no dose due."
    lacking, not_yet_late, beyond = (words.number(f"exposure.doses_expected.{part}.n") for part in APART)
    begin = f"Until the last contact, or until treatment was stopped, the label had {due.marked} {_doses(due)} due"
    if {missed, lacking, not_yet_late, beyond} == {"0"}:
        return f"{begin}; {'it' if due == '1' else 'all of them'} {_were(due)} given."
    share = f" ({words.percent('exposure.doses_expected.given').marked})" if beyond == "0" else ""  # of those due, then
    parts = [f"{given.marked} {_were(given)} given{share}"]
    if missed != "0":
        parts.append(f"{missed.marked} {_were(missed)} recorded as missed")
    if lacking != "0":
        parts.append(f"{lacking.marked} {'is' if lacking == '1' else 'are'} lacking in the record")
    if not_yet_late != "0":
        end = f"the last {_days(design.dose_window_days)}"
        parts.append(f"{not_yet_late.marked}, due in {end} and without a record, {_were(not_yet_late)} not yet late")
    sentence = f"{begin}: {listed(parts)}"
    if beyond != "0":
        sentence += f"; of the doses recorded, {beyond.marked} {_were(beyond)} beyond those due"
    return f"{sentence}."


def _intervals(words: Words, label: treatment.Label) -> list[str]:
    """A sentence on each interval of the label that somebody's maintenance doses have, and on that between loading doses."""
    kinds = {
        treatment.every(days): f"In {words.who.many} on {treatment.a_dose(days)}" for days in label.intervals_days
    } | {"loading": "Between loading doses"}
    sentences = []
    between = "interval before a maintenance dose" if any(plan.loading_days for plan in label.regimens) else "interval"
    for kind, begin in kinds.items():
        prefix = f"exposure.interval_{kind}"
        if not words.known(f"{prefix}.median"):
            continue
        low, high, median = (words.number(f"{prefix}.{part}", decimals=0) for part in ("min", "max", "median"))
        name = "interval" if kind == "loading" else between
        if words.row(f"{prefix}.n").value == 1:
            sentences.append(f"{begin}, the only {name} was {low.marked} {_day(low)}.")
        elif low == high:
            sentences.append(f"{begin}, every {name} was {low.marked} {_day(low)}.")
        else:
            sentences.append(
                f"{begin}, the median {name} was {median.marked} {_day(median)} (range {low.marked} to {high.marked})."
            )
    return sentences


def _kept(words: Words) -> str:
    prefix = "exposure.children_conforming"
    kept, of = (words.row(f"{prefix}.{part}").value for part in ("n", "N"))
    aside = "" if words.row("exposure.doses_expected.not_yet_late.n").value == 0 else "; doses not yet late do not count against it"
    if of == 1:
        return f"The label was {'' if kept else 'not '}kept throughout{aside}."
    whom = {0: "nobody", of: f"all {words.counted(f'{prefix}.N')}"}.get(
        kept, f"{words.of(prefix).marked} {words.who.many}"
    )
    interval = f"95{_NBSP}% CI {words.interval(prefix).marked}"
    share = "" if kept in (0, of) else f"{words.percent(prefix).marked}; "
    return f"The label was kept throughout by {whom} ({share}{interval}){aside}."


def _tables(words: Words) -> str:
    number = words.row("exposure.doses_per_patient.mean").n
    shown = "the doses" if number == 1 else f"the {words.who.many} by regimen" if are_many(words.results) else f"every {words.who.one}"
    begin = f"@tbl-exposure-by-child shows {shown}"
    return f"{begin}." if _all_conform(words) else f"{begin}; for the doses that depart from the label see @tbl-off-label."


def _options(label: treatment.Label, words: Words) -> list[str]:
    """What the label names as an option beside the regimen of somebody."""
    return [
        f"Beside {plan.words}, the label names {option.words} as an option: a dose that follows the option conforms, too, and "
        f"treatment may change from one to the other when either has its next dose due."
        for plan, option in label.options
        if f"population.regimen_{plan.id}.n" in words.results
    ]


def _all_conform(words: Words) -> bool:
    return words.row("exposure.doses.conforming.n").value == words.row("exposure.doses.conforming.N").value


def _doses(number: str) -> str:
    return "dose" if number == "1" else "doses"


def _day(number: str) -> str:
    return "day" if number == "1" else "days"


def _were(number: str) -> str:
    return "was" if number == "1" else "were"
