"""`study compare` and the report's chapter on changes: two validated cuts side by side."""

import json
from collections.abc import Mapping, Sequence

from analysis.changes import Change, Changes, Row, changes
from analysis.disclosure import relabelled, report_ids
from study import published_results
from study.analysed import Analysed


def compare(old: Analysed, new: Analysed, ids: Mapping[str, str] | None = None) -> Changes:
    """What changed from the older to the newer cut, of results as they are printed; `ids` replace the patients' own."""
    sides = [published_results.claims(s.published, s.cut.kind, s.results, s.design.primary_week) for s in (old, new)]
    tables = [side.tables if ids is None else relabelled(side.tables, ids) for side in (old, new)]
    return changes(*tables, old.printed, new.printed, *sides, new.design)


def shown_ids(analysed: Analysed, earlier: Sequence[Analysed]) -> dict[str, str] | None:
    """The ids that the report prints in place of the patients' own; None if it prints these."""
    if not analysed.settings.report_only_ids:
        return None
    return report_ids(analysed.tables, *(each.tables for each in earlier))


def to_json(found: Changes) -> str:
    """The changes for other tools, as `changes.json` beside the report."""
    return json.dumps(found.as_dict(), ensure_ascii=False, indent=1) + "\n"


def to_text(found: Changes) -> str:
    """The changes for a person at a terminal."""
    if found.none:
        return "no difference\n"
    blocks = {
        "rows that vanished": [_row(row) for row in found.vanished_rows],
        "corrected values": [_change(change) for change in found.corrections],
        "values that follow-up moved on": [_change(change) for change in found.changed_values if change.follow_up],
        "new rows": [_row(row) for row in found.new_rows],
        "claims that changed": [
            f"{claim.id}: published {claim.published}, was {claim.old}, is {claim.new}"
            + ("; it holds no longer" if claim.held_before and not claim.holds_now else "")
            for claim in found.claims
        ],
        "results that moved": [
            f"{moved.id}: was {moved.old}, is {moved.new}" + (f" (difference {moved.difference})" if moved.difference else "")
            for moved in found.results
            if moved.old is not None and moved.new is not None
        ],
        "results that are new": [f"{moved.id}: {moved.new}" for moved in found.results if moved.old is None],
        "results that are gone": [f"{moved.id}: was {moved.old}" for moved in found.results if moved.new is None],
    }
    return "\n".join(
        f"{title} ({len(lines)})\n" + "".join(f"  {line}\n" for line in lines) for title, lines in blocks.items() if lines
    )


def place(row: Row | Change) -> str:
    """A row's place in words, for instance "visits: P001, week 4"."""
    parts = [value if name == "patient_id" else f"{name.replace('_', ' ')} {value}" for name, value in row.key.items()]
    return f"{row.table.replace('_', ' ')}: {', '.join(parts)}"


def _row(row: Row) -> str:
    return place(row)


def _change(change: Change) -> str:
    critical = " (critical: it enters a primary endpoint)" if change.primary else ""
    return f"{place(change)}: {change.column} was {change.old or 'empty'}, is {change.new or 'empty'}{critical}"
