"""From numbers to rows of the results table: families of statistics that share a variable, a week and a method."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute

from analysis.core import display, statistics
from analysis.core.design import Design
from analysis.core.lines import Lines
from analysis.core.results import Result
from analysis.core.statistics import NotEstimable

LIMITS = ("ci_low", "ci_high")
SUMMARY = {
    "mean": statistics.mean,
    "sd": statistics.sd,
    "median": partial(statistics.quantile, q=0.5),
    "q1": partial(statistics.quantile, q=0.25),
    "q3": partial(statistics.quantile, q=0.75),
    "min": statistics.smallest,
    "max": statistics.largest,
}

LinesOf = Mapping[str, Lines]


@dataclass(frozen=True)
class Family:
    """What the rows of one estimate have in common; see :class:`analysis.core.results.Result` for the parts.

    `absent` says why nothing can be estimated, for instance that there was no visit; counts of patients remain.
    """

    section: str
    variable: str
    unit: str
    n: int
    week: int | None = None
    method: str | None = None
    how: str = ""
    lines: LinesOf = field(default_factory=dict)
    decimals: int = 1
    absent: str | None = None

    def row(
        self,
        statistic: str,
        compute: Callable[[], float],
        *,
        unit: str | None = None,
        decimals: int | None = None,
        show: Callable[[float], str] | None = None,
    ) -> Result:
        """One row; a statistic that is not estimable becomes a null with its reason."""
        try:
            if self.absent:
                raise NotEstimable(self.absent)
            value, reason = compute(), None
        except NotEstimable as problem:
            value, reason = None, str(problem)
        decimals = self.decimals if decimals is None else decimals
        show = show or (lambda number: display.number(number, decimals))
        return Result(
            section=self.section,
            variable=self.variable,
            statistic=statistic,
            value=value,
            unit=self.unit if unit is None else unit,
            n=self.n,
            display="not estimable" if value is None else show(value),
            week=self.week,
            method=self.method,
            reason=reason,
            how=self.how,
            lines=self.lines,
        )

    def count(self, statistic: str, number: int, unit: str = "patients") -> Result:
        return replace(self, absent=None).row(statistic, lambda: int(number), unit=unit, decimals=0)

    def several(self, names: Sequence[str], compute: Callable[[], tuple[float, ...]], **options) -> list[Result]:
        """Rows of statistics that come out of one computation, in its order."""
        once = cache(compute)
        return [self.row(name, lambda i=i: once()[i], **options) for i, name in enumerate(names)]

    def interval(self, compute: Callable[[], tuple[float, float]], **options) -> list[Result]:
        """The rows `ci_low` and `ci_high`."""
        return self.several(LIMITS, compute, **options)

    def summary(
        self, values: Sequence[float], wanted: Sequence[str] = tuple(SUMMARY), recorded: int | None = None
    ) -> list[Result]:
        """Descriptive statistics of plain numbers; quartiles are of type 7 (linear interpolation). `recorded` are the decimals of a
        single value, where they are fewer than those of the others: the lowest and the highest are single values.
        """
        own = {"min": recorded, "max": recorded}
        ascending = np.sort(np.asarray(values, dtype=float))  # once; each statistic sorts again what is in order
        return [self.row(name, partial(SUMMARY[name], ascending), decimals=own.get(name)) for name in wanted]

    def proportion(
        self, count: int, of: int, unit: str = "patients", *, counted: LinesOf | None = None, exact_interval: bool = True
    ) -> list[Result]:
        """`n` of `N`, the percentage, and its exact (Clopper-Pearson) interval; `counted` are the lines behind `n`
        alone. What is `absent` was not counted: `n` of `N` patients is then not known either.
        """

        def percent() -> float:
            if not of:
                raise NotEstimable(f"no {unit}")
            return 100 * count / of

        rows = [
            replace(self, lines=self.lines if counted is None else counted, absent=self.absent if of else None).row(
                "n", lambda: int(count), unit=unit, decimals=0
            ),
            self.count("N", of, unit),
            self.row("percent", percent, unit="percent", decimals=1),
        ]
        if exact_interval:
            limits = self.interval(lambda: statistics.clopper_pearson(count, of), unit="percent", decimals=1)
            rows.extend(limits)
        return rows


def lines_of(**tables: pd.DataFrame) -> LinesOf:
    """Lines of the files from which the rows of these frames come (frames are indexed by line).

    >>> lines_of(visits=pd.DataFrame({"easi": [3.0]}, index=[17]))
    {'visits': Lines((17,))}
    """
    return {name: Lines.of(table.index.to_numpy()) for name, table in tables.items()}


def of_patients(table: pd.DataFrame, patients: Iterable[str]) -> pd.DataFrame:
    """The rows of these patients. Arrow looks the ids up among each other; pandas would make an object of each of them first.

    >>> list(of_patients(pd.DataFrame({"patient_id": pd.Series(["P1", "P2", "P1"], dtype="str")}), {"P1"}).index)
    [0, 2]
    """
    wanted = pd.array(patients if isinstance(patients, pd.Series | pd.Index) else list(patients), dtype="str")
    among = compute.is_in(pa.array(table["patient_id"].astype("str")), value_set=pa.array(wanted))
    return table[np.asarray(among, dtype=bool)]


def at_week(table: pd.DataFrame, week: int, column: str) -> pd.DataFrame:
    """The rows of one week in which `column` is present; the index stays the line in the file."""
    return table[(table["week"] == week) & table[column].notna()]


def paired(table: pd.DataFrame, week: int, column: str, file: str = "visits") -> tuple[pd.DataFrame, LinesOf]:
    """Patients with a value at baseline and at `week`: columns `baseline` and `value`, indexed by patient, with the
    lines of both rows in `file`."""
    known = table[column].notna()
    before, after = (table.loc[known & (table["week"] == at), ["patient_id", column]] for at in (0, week))
    place = pd.Index(before["patient_id"], dtype=object).get_indexer(after["patient_id"].astype(object))
    before, after = before.iloc[place[place >= 0]], after[place >= 0]
    pairs = pd.DataFrame(
        {"baseline": before[column].to_numpy(dtype=float), "value": after[column].to_numpy(dtype=float)},
        index=pd.Index(after["patient_id"], name="patient_id"),
    )
    return pairs.sort_index(), {file: Lines.of(np.concatenate([before.index, after.index]))}


def visit_weeks(visits: pd.DataFrame, design: Design) -> list[int]:
    """Every week that has a visit, always with baseline and the primary week."""
    return sorted({int(week) for week in visits["week"].unique()} | {0, design.primary_week})


def no_visit(visits: pd.DataFrame, week: int) -> str | None:
    """The reason why nothing is known of a week at which nobody was seen."""
    return None if (visits["week"] == week).any() else f"no visit at week {week}"


def no_response(patients: pd.DataFrame, visits: pd.DataFrame, week: int) -> str | None:
    """The reason why nobody can be called a responder at a week, nor a non-responder: nobody was seen, so nobody was due.

    Who has stopped treatment by then is a non-responder without a visit; where all have, nothing is unknown.
    """
    return None if (patients["discontinued_week"] <= week).all() else no_visit(visits, week)
