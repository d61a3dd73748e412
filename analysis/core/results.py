"""The results table: every statistic of the report is one row, computed once and looked up by its id.

The idea is that of CDISC's Analysis Results Data: results are data first and layout second. A row's id is
`<section>.<variable>.<week>.<method>.<statistic>`; a part that does not apply is left out.
"""

import csv
import difflib
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

COLUMNS = (
    "id", "section", "variable", "week", "method", "statistic", "value", "unit", "n", "basis", "display", "reason",
)  # fmt: skip
DIGITS = 10
"""Significant digits of a written value; the arithmetic of two processors agrees in more."""
_ITERATED = {"mixed_model": 8}
"""Fewer for what a search ends with: processors stop it at places that differ in the twelfth digit."""
WITHHELD = "a count of 1 to 4, or one from which it follows, is not printed"
"""The reason of a result that is kept back in print; see :mod:`analysis.disclosure`."""


def id_part(text: str) -> str:
    """A text as part of an id: its letters and digits, joined by low lines.

    >>> id_part("Paller 2020: 300 mg q4w")
    'paller_2020_300_mg_q4w'
    """
    return re.sub(r"[^0-9a-z]+", "_", text.casefold()).strip("_")


class UnknownResult(KeyError):
    """No result has this id; the message names the nearest ones."""

    def __str__(self) -> str:
        return self.args[0]


@dataclass(frozen=True)
class Result:
    """One statistic.

    `value` is None where it cannot be computed, and `reason` then says why; it is never NaN. `n` counts the patients
    (or, for doses, the doses) that entered; None where that is kept back in print. `basis` is "published" (held to a
    figure of the paper), "assumed" (simulated freely) or "observed" (clinical data). `how` is the method in a
    sentence, `lines` the lines of the files that entered, by table; both tell a number's origin and are no part of the
    table.
    """

    section: str
    variable: str
    statistic: str
    value: float | int | None
    unit: str
    n: int | None
    display: str
    week: int | None = None
    method: str | None = None
    basis: str = ""
    reason: str | None = None
    how: str = field(default="", compare=False)
    lines: Mapping[str, Sequence[int]] = field(default_factory=dict, compare=False)

    def __post_init__(self):
        if (self.value is None) != (self.reason is not None):
            raise ValueError(f"{self.id}: a value or a reason why there is none, not both and not neither")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"{self.id}: {self.value} is not a number that can be reported")

    @cached_property
    def id(self) -> str:
        week = None if self.week is None else f"w{self.week}"
        return ".".join(part for part in (self.section, self.variable, week, self.method, self.statistic) if part)

    @property
    def written(self) -> float | int | None:
        """The value as files have it, with the digits on which processors agree.

        >>> Result("a", "b", "mean", 0.1 + 0.2, "", 1, "0.3").written
        0.3
        """
        digits = _ITERATED.get(self.method or "", DIGITS)
        return float(f"{self.value:.{digits}g}") if isinstance(self.value, float) else self.value

    def as_dict(self) -> dict:
        return {column: getattr(self, column) for column in COLUMNS} | {"value": self.written}


class Results(Mapping[str, Result]):
    """The results table of one data cut: a read-only mapping from id to :class:`Result`, in the order of
    computation.
    """

    def __init__(self, rows: Iterable[Result]):
        self._rows: dict[str, Result] = {}
        for row in rows:
            if row.id in self._rows:
                raise ValueError(f"two results have the id {row.id}")
            self._rows[row.id] = row

    def __getitem__(self, result_id: str) -> Result:
        try:
            return self._rows[result_id]
        except KeyError:
            near = difflib.get_close_matches(result_id, self._rows, n=3, cutoff=0.5)
            hint = f"; the nearest are {', '.join(near)}" if near else ""
            raise UnknownResult(f"no result has the id {result_id!r}{hint}") from None

    def get(self, result_id: str, default: Result | None = None) -> Result | None:
        """The result, or `default`; unlike `[]` it spares the search for the nearest ids."""
        return self._rows.get(result_id, default)

    def __contains__(self, result_id: object) -> bool:
        return result_id in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def weeks(self, section: str, variable: str) -> list[int]:
        """Weeks for which the variable has results, in ascending order."""
        found = {row.week for row in self._rows.values() if (row.section, row.variable) == (section, variable)}
        return sorted(week for week in found if week is not None)

    def with_basis(self, kind: str, held: Iterable[str]) -> "Results":
        """The same results, marked "observed" in a clinical cut, else "published" (ids in `held`) or "assumed"."""
        published = set(held)

        def basis(result_id: str) -> str:
            if kind == "clinical":
                return "observed"
            return "published" if result_id in published else "assumed"

        return Results(replace(row, basis=basis(row.id)) for row in self.values())

    def to_json(self) -> str:
        """The table as a JSON list of objects, one a line so that a diff reads well."""
        rows = (json.dumps(row.as_dict(), ensure_ascii=False, allow_nan=False) for row in self.values())
        return "[\n" + ",\n".join(rows) + "\n]\n"

    def to_csv(self) -> str:
        """The table as CSV; an empty cell is a null."""
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row.as_dict() for row in self.values())
        return text.getvalue()
