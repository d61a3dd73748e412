"""What changed between two data cuts, as shown, and the data cuts that there were."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from analysis.changes import Changes, ClaimChange, Moved
from analysis.core.display_sizes import FIRST, LISTED
from analysis.core.markdown import Table, lettered, literal
from analysis.core.results import Results
from analysis.core.words import Markdown
from protocol import outcomes
from protocol.outcomes import Response, Score
from protocol.population import PATIENTS, Called

_EVENTS = {"any_event": "Any adverse event", "conjunctivitis": "Conjunctivitis", "serious_event": "Serious event",
           "discontinued_for_event": "Treatment stopped for an event"}  # fmt: skip
_NAMES = {"patients": "Patients", "visits": "Visits", "labs": "Laboratory values", "doses": "Doses",
          "adverse_events": "Adverse events"}  # fmt: skip
_RATIO = ("biomarker", "total_ige_ratio")
_LISTED = 30
"""Ids that a sentence lists at most; the file of changes has all of them."""


class Cut(Protocol):
    """A data cut as it is called in print."""

    label: str
    extracted: datetime.date


def statement(now: Cut, before: Cut | None, found: Changes) -> Markdown:
    """With which cut this one is compared, and what came of it, in a few sentences."""
    if before is None:
        return Markdown(f"The data cut “{literal(now.label)}” is the first one, so there is nothing to compare it with.")
    moved = sum(row.old is not None and row.new is not None for row in found.results)
    return Markdown(
        f"The data cut “{literal(now.label)}” (extracted {now.extracted.isoformat()}) is compared with “{literal(before.label)}” "
        f"(extracted {before.extracted.isoformat()}). "
        + (f"Results that moved: {moved}." if moved else "No result moved.")
    )


def records_statement(found: Changes, who: Called) -> Markdown:
    """What became of the records, with references to the tables that have rows."""
    said = []
    if found.new_rows or found.vanished_rows or found.corrections:
        said.append("@tbl-change-counts counts what is new, what vanished and what was corrected.")
    else:
        said.append("No record is new, none vanished and none was corrected.")
    gone = found.vanished_patients
    if gone:
        named = f": {', '.join(map(literal, gone))}" if len(gone) <= _LISTED else ""
        are = "is" if len(gone) == 1 else "are"
        said.append(f"{len(gone)} {who.count(len(gone))} of the previous cut {are} no longer there{named}.")
    if found.corrections:
        critical = sum(change.primary for change in found.corrections)
        of = "them" if len(found.corrections) <= LISTED else "all"
        entered = f"{critical:,} of {of}" if critical else "none of them"
        said.append(
            f"{_table_of('corrections', found.corrections, 'corrected values')}, {entered} in a primary endpoint. Values that "
            "follow-up moves on by itself, such as the last contact or the end of an event, are no corrections."
        )
    if new_events(found):
        said.append(f"{_table_of('new-events', new_events(found), 'adverse events that were added')}.")
    return Markdown(" ".join(said))


def results_statement(found: Changes, results: Results) -> Markdown:
    """What became of the results and of the claims, with references to the tables that have rows."""
    said = ["@tbl-moved shows the main results that moved." if moved_results(found, results) else "No main result moved."]
    if found.claims:
        lost = sum(claim.held_before and not claim.holds_now for claim in found.claims)
        no_longer = f"{lost} no longer {'holds' if lost == 1 else 'hold'}" if lost else "all that held before hold"
        said.append(f"@tbl-claim-changes shows the paper's claims whose computed value changed; of them, {no_longer}.")
    return Markdown(" ".join(said))


def _names(measured: Iterable[Score | Response]) -> list[tuple[str, str]]:
    return [(each.id, each.name) for each in measured]


def _main(who: Called) -> Mapping[tuple[str, str, str | None, str], str]:
    """Main results by section, variable, method and statistic, in words."""
    everybody = f"% of all {who.many}"
    return (
        {("efficacy", key, "nri", "percent"): f"{name}, {everybody}" for key, name in _names(outcomes.MAIN)}
        | {("efficacy", f"{key}_change", "paired", "mean"): f"{name}, mean change" for key, name in _names(outcomes.DESCRIBED)}
        | {("safety", key, None, "percent"): f"{name}, {everybody}" for key, name in _EVENTS.items()}
        | {
            ("population", "discontinued", None, "percent"): f"Treatment stopped, {everybody}",
            ("exposure", "doses", "conforming", "percent"): "Doses as the label says, %",
            ("biomarker", "total_ige_change", "paired", "mean"): "Total IgE, mean change, kU/L",
            (*_RATIO, "paired", "geometric_mean"): "Total IgE, ratio to baseline",
            (*_RATIO, "mle", "geometric_mean"): "Total IgE, ratio to baseline, by maximum likelihood",
        }
    )


def counts_table(found: Changes) -> Table:
    """New, vanished and corrected records by table."""
    rows = []
    for table, name in _NAMES.items():
        numbers = [
            sum(row.table == table for row in found.new_rows),
            sum(row.table == table for row in found.vanished_rows),
            sum(change.table == table for change in found.corrections),
        ]
        rows.append([name, *map(str, numbers)])
    return Table(["Records", "New", "Vanished", "Values corrected"], "lrrr", rows)


def corrections_table(found: Changes, who: Called) -> Table:
    """Every corrected value, those of a primary endpoint first."""
    rows = [
        [
            literal(change.key["patient_id"]),
            literal(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in change.key.items() if name != "patient_id")),
            literal(change.column.replace("_", " ")),
            literal(change.old or "empty"),
            literal(change.new or "empty"),
            "yes" if change.primary else "no",
        ]
        for change in _listed(found.corrections)
    ]
    header = [who.one.capitalize(), "Record", "Value", "Before", "Now", "Primary endpoint"]
    return Table(header, "lllrrl", rows, _others(found.corrections))


def _table_of(label: str, records: Sequence[Any], what: str) -> str:
    """What a table that :func:`_listed` fills has of these records."""
    if len(records) <= LISTED:
        return f"@tbl-{label} lists the {what}"
    return f"@tbl-{label} has the first {FIRST} of {len(records):,} {what}"


def _listed(records: Sequence[Any]) -> Sequence[Any]:
    """The records that the report shows: all, or of very many the first."""
    return records if len(records) <= LISTED else records[:FIRST]


def _others(records: Sequence[Any]) -> list[str]:
    if len(records) <= LISTED:
        return []
    return [f"Here the first {FIRST} of {len(records):,}. All are in the file `changes.json` beside the report."]


def moved_results(found: Changes, results: Results) -> list[tuple[Moved, tuple[str, str | None, str | None, str], str]]:
    """The main results that both cuts have and that moved: each with its key and its week ("" for none).

    `results` are those of the newer cut. Of the ratio of total IgE, the one by maximum likelihood takes the place of the paired one
    where either cut has censored values.
    """
    names = _main(PATIENTS)
    moved = {each.id: (each, *_key(each.id)) for each in found.results if each.old is not None and each.new is not None}
    rows = [row for row in moved.values() if row[1] in names]

    def censored(week: str) -> bool:
        paired = ".".join((*_RATIO, f"w{week}", "paired", "geometric_mean"))
        row, change = results.get(paired), moved.get(paired)
        return row is None or row.value is None or (change is not None and change[0].difference is None)

    return [
        row for row in rows
        if row[1][:2] != _RATIO or (row[1][2] == "mle") == censored(row[2])
    ]  # fmt: skip


def moved_results_table(found: Changes, results: Results, who: Called) -> Table:
    """The main results that both cuts have and that moved, in words; `changes.json` has all of them."""
    names = _main(who)
    rows = []
    for moved, key, week in moved_results(found, results):
        name = names[key] if not week else f"{names[key]}, week {week}"
        before, now = _with_interval(moved.old, moved.old_interval), _with_interval(moved.new, moved.new_interval)
        rows.append([name, before, now, moved.difference or ""])
    note = lettered("In brackets: 95 % confidence interval.")
    note += " All results that moved are in the file `changes.json` beside the report."
    return Table(["Result", "Before^a^", "Now^a^", "Difference"], "lrrr", rows, [note])


def _key(result_id: str) -> tuple[tuple[str, str, str | None, str], str]:
    """Section, variable, method and statistic of an id, and its week.

    >>> _key("efficacy.easi_90.w26.nri.percent")
    (('efficacy', 'easi_90', 'nri', 'percent'), '26')
    """
    section, variable, *middle, statistic = result_id.split(".")
    week = next((part[1:] for part in middle if part[0] == "w" and part[1:].isdigit()), "")
    method = next((part for part in middle if part != f"w{week}"), None)
    return (section, variable, method, statistic), week


def _with_interval(shown: str | None, interval: str | None) -> str:
    return f"{shown} ({interval})" if interval else f"{shown}"


def claim_changes_table(found: Changes) -> Table:
    """Claims whose computed value changed."""
    rows = [[literal(claim.says), claim.published, claim.old, claim.new, _holds(claim)] for claim in found.claims]
    return Table(["The paper says", "Published", "Before", "Now", "Holds"], "lrrrl", rows)


def _holds(claim: ClaimChange) -> str:
    if claim.holds_now:
        return "yes"
    return "no longer" if claim.held_before else "no"


def new_events(found: Changes) -> list[dict[str, str]]:
    """Keys of the adverse events that the newer cut adds."""
    return [row.key for row in found.new_rows if row.table == "adverse_events"]


def new_events_table(found: Changes, who: Called) -> Table:
    """Adverse events that the newer cut adds."""
    rows = [[literal(key[name]) for name in ("patient_id", "term", "start_day")] for key in _listed(new_events(found))]
    return Table([who.one.capitalize(), "Event", "From day"], "llr", rows, _others(new_events(found)))


class Kept(Protocol):
    """A data cut that the report has shown, as far as its history tells of it."""

    cut: Cut
    tables: object
    results: Results


def history_table(kept: Sequence[Kept], week: int, who: Called) -> Table:
    """The data cuts of this report with their size, primary results and checksum."""
    rows = []
    for each in kept:
        names = [literal(each.cut.label), literal(each.cut.extracted.isoformat())]
        sizes = [f"{len(getattr(each.tables, table))}" for table in ("patients", "visits")]
        shown = [_of(each.results, f"efficacy.{response.id}.w{week}.nri") for response in outcomes.PRIMARY]
        rows.append([*names, *sizes, *shown, f"`{each.receipt.digest[:12]}`"])
    header = ["Data cut", "Extracted", who.many.capitalize(), "Visits", *(response.name for response in outcomes.PRIMARY), "Receipt"]
    return Table(header, "llrr" + "r" * len(outcomes.PRIMARY) + "l", rows)


def _of(results: Results, prefix: str) -> str:
    """Responders of all; a dash where the cut has no such result."""
    rows = [results.get(f"{prefix}.{part}") for part in ("n", "N", "percent")]
    if any(row is None or row.value is None for row in rows):
        return "–"
    return f"{rows[0].display}/{rows[1].display}"


def history_caption(week: int, who: Called) -> str:
    """What the columns of the history mean."""
    names = " and ".join(response.name for response in outcomes.PRIMARY)
    return f"Data cuts of this report. {names}: of all {who.many}, at week {week}; a dash where a cut has no result of that week."
