"""Tables of the chapter on changes."""

from analysis.changes import Changes, ClaimChange
from analysis.markdown import Table, literal

_HEADLINE = ("percent", "mean", "geometric_mean", "median")
_NAMES = {"patients": "Patients", "visits": "Visits", "labs": "Laboratory values", "doses": "Doses",
          "adverse_events": "Adverse events"}  # fmt: skip


def counts(found: Changes) -> Table:
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


def corrections(found: Changes) -> Table:
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


def moved_results(found: Changes) -> Table:
    """Results that both cuts have and that moved: proportions and averages, the others are in `changes.json`."""
    rows = [
        [
            f"`{moved.id}`",
            _with_interval(moved.old, moved.old_interval),
            _with_interval(moved.new, moved.new_interval),
            moved.difference or "",
        ]
        for moved in found.results
        if moved.old is not None and moved.new is not None and moved.id.rpartition(".")[2] in _HEADLINE
    ]
    notes = ["In brackets: 95 % confidence interval. All results that moved are in the file `changes.json` beside the report."]
    return Table(["Result", "Before", "Now", "Difference"], "lrrr", rows or [["none", "", "", ""]], notes)


def _with_interval(shown: str | None, interval: str | None) -> str:
    return f"{shown} ({interval})" if interval else f"{shown}"


def claim_changes(found: Changes) -> Table:
    """Claims whose computed value changed."""
    rows = [[literal(claim.says), claim.published, claim.old, claim.new, _holds(claim)] for claim in found.claims]
    header = ["The paper says", "Published", "Before", "Now", "Holds"]
    return Table(header, "lrrrl", rows or [["no claim changed", "", "", "", ""]])


def _holds(claim: ClaimChange) -> str:
    if claim.holds_now:
        return "yes"
    return "no longer" if claim.held_before else "no"


def new_events(found: Changes) -> Table:
    """Adverse events that the newer cut adds."""
    rows = [
        [literal(row.key["patient_id"]), literal(row.key["term"]), literal(row.key["start_day"])]
        for row in found.new_rows
        if row.table == "adverse_events"
    ]
    return Table(["Child", "Event", "From day"], "llr", rows or [["none", "", ""]])
