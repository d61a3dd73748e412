"""`study compare`: what changed between two data cuts, in patients, values, results and claims."""

import math
from dataclasses import dataclass

import pandas as pd

from analysis.claims import check_claims
from expectations.schema import TABLES
from study.analysed import Analysed

KEYS = {
    "patients": ["patient_id"],
    "visits": ["patient_id", "week"],
    "labs": ["patient_id", "week", "analyte"],
    "doses": ["patient_id", "study_day"],
    "adverse_events": ["patient_id", "term", "start_day"],
}


@dataclass(frozen=True)
class Comparison:
    """Differences between an older and a newer cut, each a line of text, by heading."""

    differences: dict[str, list[str]]

    @property
    def same(self) -> bool:
        return not any(self.differences.values())

    def __str__(self) -> str:
        if self.same:
            return "no difference\n"
        blocks = [f"{title} ({len(lines)})\n" + "".join(f"  {line}\n" for line in lines)
                  for title, lines in self.differences.items() if lines]  # fmt: skip
        return "\n".join(blocks)


def compare(old: Analysed, new: Analysed) -> Comparison:
    """Compare two validated cuts: rows by their keys, results by their ids."""
    differences: dict[str, list[str]] = {}
    for table in TABLES:
        differences |= _rows(table, getattr(old.tables, table), getattr(new.tables, table))
    differences["results that moved"] = _results(old, new)
    differences["claims that changed"] = _claims(old, new)
    return Comparison(differences)


def _rows(table: str, old: pd.DataFrame, new: pd.DataFrame) -> dict[str, list[str]]:
    name, keys = table.replace("_", " "), KEYS[table]
    before, after = (_by_key(frame, keys) for frame in (old, new))
    changed = []
    for key in before.index.intersection(after.index):
        for column in before.columns:
            was, now = _text(before.at[key, column]), _text(after.at[key, column])
            if was != now:
                changed.append(f"{_named(keys, key)}: {column} was {was or 'empty'}, is {now or 'empty'}")
    return {
        f"{name}: new rows": [_named(keys, key) for key in after.index.difference(before.index)],
        f"{name}: rows that vanished": [_named(keys, key) for key in before.index.difference(after.index)],
        f"{name}: values changed": changed,
    }


def _by_key(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Rows by key; an event recorded twice is told apart by a running number."""
    numbered = frame.assign(occurrence=frame.groupby(keys).cumcount() + 1)
    return numbered.set_index([*keys, "occurrence"]).sort_index()


def _named(keys: list[str], key: tuple) -> str:
    parts = [
        f"{value}" if name == "patient_id" else f"{name.replace('_', ' ')} {value}"
        for name, value in zip(keys, key[:-1], strict=True)
    ]
    return ", ".join(parts) + ("" if key[-1] == 1 else f" (no. {key[-1]})")


def _text(value) -> str:
    if pd.isna(value):
        return ""
    return str(value) if isinstance(value, str) else f"{value:.12g}"


def _results(old: Analysed, new: Analysed) -> list[str]:
    lines = []
    for result_id in dict.fromkeys([*old.results, *new.results]):
        was, now = (side.results.get(result_id) for side in (old, new))
        if was is None or now is None:
            lines.append(f"{result_id}: {'new' if was is None else 'gone'}, {(now or was).display}")
        elif was.display != now.display or not _equal(was.value, now.value):
            lines.append(f"{result_id}: was {was.display}, is {now.display}")
    return lines


def _equal(was: float | None, now: float | None) -> bool:
    """Equal up to the noise of summation, which an unrelated row can change."""
    if was is None or now is None:
        return was is now
    return math.isclose(was, now, rel_tol=1e-12, abs_tol=1e-12)


def _claims(old: Analysed, new: Analysed) -> list[str]:
    sides = [check_claims(side.published.claims, side.results) for side in (old, new)]
    return [
        f"{was.id}: {was.verdict} before ({' to '.join(was.computed)}), {now.verdict} now ({' to '.join(now.computed)})"
        for was, now in zip(*sides, strict=True)
        if (was.agrees, was.computed) != (now.agrees, now.computed)
    ]
