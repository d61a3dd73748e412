"""What changed between two data cuts: rows, values, results and claims, as data first and words second."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from analysis.claims import Claim
from analysis.core import display
from analysis.core.design import Design, Tables
from analysis.core.results import Result, Results
from protocol import columns, outcomes

KEYS = columns.KEYS | {"adverse_events": ("patient_id", "term", "start_day")}
"""The columns by which a row of each table is the same row in another cut."""
_STATUS = {"last_contact_week", "discontinued_week", "discontinuation_reason", "end_day", "outcome"}
"""Columns that follow-up moves on by itself; a change in them is news, not a correction."""
_PRIMARY = {response.column for response in outcomes.PRIMARY}


@dataclass(frozen=True)
class Row:
    """A row that only one of the cuts has."""

    table: str
    key: dict[str, str]


@dataclass(frozen=True)
class Change:
    """A cell whose value differs. `follow_up` marks what time moves on by itself; `primary` what enters a primary endpoint."""

    table: str
    key: dict[str, str]
    column: str
    old: str
    new: str
    follow_up: bool
    primary: bool


@dataclass(frozen=True)
class Moved:
    """A result that is printed differently; None stands for a cut that has no such result. `difference` is new minus old, as
    printed."""

    id: str
    old: str | None
    new: str | None
    difference: str | None
    old_interval: str | None
    new_interval: str | None


@dataclass(frozen=True)
class ClaimChange:
    """A claim of the paper that is met by one cut and not by the other, or whose computed value differs."""

    id: str
    says: str
    published: str
    old: str
    new: str
    held_before: bool
    holds_now: bool


@dataclass(frozen=True)
class Changes:
    """Everything that differs between an older and a newer cut."""

    new_rows: tuple[Row, ...] = ()
    vanished_rows: tuple[Row, ...] = ()
    changed_values: tuple[Change, ...] = ()
    results: tuple[Moved, ...] = ()
    claims: tuple[ClaimChange, ...] = ()

    @property
    def none(self) -> bool:
        return not any((self.new_rows, self.vanished_rows, self.changed_values, self.results, self.claims))

    @property
    def vanished_patients(self) -> tuple[str, ...]:
        """Ids of patients of the older cut who are not in the newer one."""
        return tuple(row.key["patient_id"] for row in self.vanished_rows if row.table == "patients")

    @property
    def corrections(self) -> tuple[Change, ...]:
        """Changed values that are no news of the follow-up, those of a primary endpoint first."""
        found = [change for change in self.changed_values if not change.follow_up]
        return tuple(sorted(found, key=lambda change: not change.primary))

    def as_dict(self) -> dict:
        return asdict(self)


def changes(
    old: Tables, new: Tables, old_results: Results, new_results: Results,
    old_claims: Iterable[Claim], new_claims: Iterable[Claim], design: Design,
) -> Changes:  # fmt: skip
    """Compare two validated cuts. Rows are matched by :data:`KEYS`; an event recorded twice is told apart by its order."""
    new_rows: list[Row] = []
    vanished: list[Row] = []
    values: list[Change] = []
    for table, keys in KEYS.items():
        before, after = (_by_key(getattr(side, table), keys) for side in (old, new))
        new_rows += [Row(table, _key(keys, key)) for key in after.index.difference(before.index)]
        vanished += [Row(table, _key(keys, key)) for key in before.index.difference(after.index)]
        values += _changed(table, keys, before, after, design)
    return Changes(
        new_rows=tuple(new_rows),
        vanished_rows=tuple(vanished),
        changed_values=tuple(values),
        results=tuple(_moved(old_results, new_results)),
        claims=tuple(_claims(old_claims, new_claims)),
    )


def _by_key(frame: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    numbered = frame.assign(occurrence=frame.groupby(list(keys)).cumcount() + 1)
    return numbered.set_index([*keys, "occurrence"]).sort_index()


def _key(keys: tuple[str, ...], key: tuple) -> dict[str, str]:
    named = {name: _text(value) for name, value in zip(keys, key, strict=False)}
    return named if key[-1] == 1 else named | {"occurrence": str(key[-1])}


def _changed(
    table: str, keys: tuple[str, ...], before: pd.DataFrame, after: pd.DataFrame, design: Design
) -> list[Change]:
    there = before.index.intersection(after.index)
    old, new = before.loc[there], after.loc[there]
    found = []
    for row, column in _differing(old, new):
        was, now = _text(old[column].iat[row]), _text(new[column].iat[row])
        if was == now:
            continue
        named = _key(keys, there[row])
        primary = table == "visits" and column in _PRIMARY and named["week"] in ("0", str(design.primary_week))
        found.append(Change(table, named, column, was, now, column in _STATUS, primary))
    return found


def _differing(old: pd.DataFrame, new: pd.DataFrame) -> list[tuple[int, str]]:
    """Row and column of each cell that differs between two frames of the same rows, row by row."""
    cells = []
    for place, column in enumerate(old.columns):
        was, now = old[column], new[column]
        differs = (was != now).fillna(True) & ~(was.isna() & now.isna())
        cells += [(row, place) for row in np.flatnonzero(differs.to_numpy(dtype=bool))]
    return [(int(row), old.columns[place]) for row, place in sorted(cells)]


def _text(value) -> str:
    if pd.isna(value):
        return ""
    return value if isinstance(value, str) else f"{value:.12g}"


def _moved(old: Results, new: Results) -> list[Moved]:
    found = []
    for result_id in dict.fromkeys([*old, *new]):
        was, now = old.get(result_id), new.get(result_id)
        if was is not None and now is not None and was.display == now.display:
            continue  # whoever reads it sees no difference
        found.append(
            Moved(
                id=result_id,
                old=None if was is None else was.display,
                new=None if now is None else now.display,
                difference=_difference(was, now),
                old_interval=_interval(old, was),
                new_interval=_interval(new, now),
            )
        )
    return found


def _difference(was: Result | None, now: Result | None) -> str | None:
    if was is None or now is None or was.value is None or now.value is None:
        return None
    decimals = max(len(row.display.partition(".")[2]) for row in (was, now))
    if was.display.startswith("p"):
        return display.number(now.value - was.value, 3)
    # Of the printed numbers, so that a reader who subtracts finds the same, and never 0 between two that differ.
    return display.number(_printed(now.display) - _printed(was.display), decimals)


def _printed(text: str) -> float:
    return float(text.replace(display.MINUS, "-"))


def _interval(results: Results, row: Result | None) -> str | None:
    if row is None or row.statistic not in ("percent", "mean", "geometric_mean"):
        return None
    stem = row.id.removesuffix(row.statistic)
    limits = [results.get(f"{stem}{limit}") for limit in ("ci_low", "ci_high")]
    if any(limit is None or limit.value is None for limit in limits):
        return None
    return f"{limits[0].display} to {limits[1].display}"


def _claims(old: Iterable[Claim], new: Iterable[Claim]) -> list[ClaimChange]:
    before = {claim.id: claim for claim in old}
    return [
        ClaimChange(
            id=now.id,
            says=now.says,
            published=" to ".join(now.published),
            old=" to ".join(was.computed) or "–",
            new=" to ".join(now.computed) or "–",
            held_before=was.agrees,
            holds_now=now.agrees,
        )
        for now in new
        if (was := before.get(now.id)) is not None and (was.agrees, was.computed) != (now.agrees, now.computed)
    ]
