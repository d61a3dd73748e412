"""What changed between two data cuts, as shown."""

from collections.abc import Iterable

from analysis.changes import Changes, ClaimChange
from analysis.core.markdown import Table, lettered, literal
from protocol import outcomes
from protocol.outcomes import Response, Score

_NAMES = {"patients": "Patients", "visits": "Visits", "labs": "Laboratory values", "doses": "Doses",
          "adverse_events": "Adverse events"}  # fmt: skip
_EVENTS = {"any_event": "Any adverse event", "conjunctivitis": "Conjunctivitis", "serious_event": "Serious event",
           "discontinued_for_event": "Treatment stopped for an event"}  # fmt: skip


def _names(measured: Iterable[Score | Response]) -> list[tuple[str, str]]:
    return [(each.id, each.name) for each in measured]


_MAIN = (
    {("efficacy", key, "nri", "percent"): f"{name}, % of all children" for key, name in _names(outcomes.MAIN)}
    | {("efficacy", f"{key}_change", "paired", "mean"): f"{name}, mean change" for key, name in _names(outcomes.DESCRIBED)}
    | {("safety", key, None, "percent"): f"{name}, % of children" for key, name in _EVENTS.items()}
    | {
        ("population", "discontinued", None, "percent"): "Treatment stopped, % of children",
        ("exposure", "doses", "conforming", "percent"): "Doses as the label says, %",
        ("biomarker", "total_ige_change", "paired", "mean"): "Total IgE, mean change, kU/L",
        ("biomarker", "total_ige_ratio", "paired", "geometric_mean"): "Total IgE, ratio to baseline",
    }
)
"""Main results by section, variable, method and statistic, in words."""


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


def corrections_table(found: Changes) -> Table:
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
        for change in found.corrections
    ]
    header = ["Child", "Record", "Value", "Before", "Now", "Primary endpoint"]
    return Table(header, "lllrrl", rows or [["none", *[""] * 5]])


def moved_results_table(found: Changes) -> Table:
    """The main results that both cuts have and that moved, in words; `changes.json` has all of them."""
    rows = []
    for moved in found.results:
        name = _name(moved.id)
        if name is None or moved.old is None or moved.new is None:
            continue
        before, now = _with_interval(moved.old, moved.old_interval), _with_interval(moved.new, moved.new_interval)
        rows.append([name, before, now, moved.difference or ""])
    note = lettered("In brackets: 95 % confidence interval.")
    note += " All results that moved are in the file `changes.json` beside the report."
    header = ["Result", "Before^a^", "Now^a^", "Difference"]
    return Table(header, "lrrr", rows or [["none of the main results", "", "", ""]], [note])


def _name(result_id: str) -> str | None:
    """A main result in words; None for any other.

    >>> _name("efficacy.easi_90.w26.nri.percent")
    'EASI-90, % of all children, week 26'
    """
    section, variable, *middle, statistic = result_id.split(".")
    week = next((part[1:] for part in middle if part[0] == "w" and part[1:].isdigit()), None)
    method = next((part for part in middle if part != f"w{week}"), None)
    name = _MAIN.get((section, variable, method, statistic))
    if name is None:
        return None
    return name if week is None else f"{name}, week {week}"


def _with_interval(shown: str | None, interval: str | None) -> str:
    return f"{shown} ({interval})" if interval else f"{shown}"


def claim_changes_table(found: Changes) -> Table:
    """Claims whose computed value changed."""
    rows = [[literal(claim.says), claim.published, claim.old, claim.new, _holds(claim)] for claim in found.claims]
    header = ["The paper says", "Published", "Before", "Now", "Holds"]
    return Table(header, "lrrrl", rows or [["no claim changed", "", "", "", ""]])


def _holds(claim: ClaimChange) -> str:
    if claim.holds_now:
        return "yes"
    return "no longer" if claim.held_before else "no"


def new_events_table(found: Changes) -> Table:
    """Adverse events that the newer cut adds."""
    rows = [
        [literal(row.key["patient_id"]), literal(row.key["term"]), literal(row.key["start_day"])]
        for row in found.new_rows
        if row.table == "adverse_events"
    ]
    return Table(["Child", "Event", "From day"], "llr", rows or [["none", "", ""]])
