"""Distributions over time for figures of many patients: bands between quantiles, and patients at even ranks as lines beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullFormatter

from analysis.core.drawing import ABSENT, cell, of_patient, subplots
from analysis.core.style import FAINT, NARROW, NO_RESPONSE, RESULT
from protocol.population import Called

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Linear interpolation (R type 7), as everywhere in the report."""
_OUTER, _INNER = {"alpha": 0.15, "linewidth": 0}, {"alpha": 0.35, "linewidth": 0}


@dataclass(frozen=True)
class Course:
    """A variable of many patients: its name, its values in a table with a row a patient and a column a week, and heights of lines."""

    name: str
    values: pd.DataFrame
    levels: Sequence[float] = ()

    @cached_property
    def quantiles(self) -> pd.DataFrame:
        """:data:`QUANTILES` by week, of those with a value."""
        return self.values.quantile(list(QUANTILES)).T


def wide(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """A row a patient and a column a week, missing where there is no value."""
    seen = table[table[column].notna()]
    return seen.pivot(index="patient_id", columns="week", values=column).astype(float).sort_index(axis=1)


def pictures(
    courses: Sequence[Course], sampled: Sequence[str], without: set[str], label: str, response: str, called: Called, width: float,
    logarithmic: bool = False,
) -> Figure:
    """For every variable the bands of all patients, and beside them (on a phone below) the `sampled` ones, each on the scale of all.

    `without` are those of them without the `response`, in words; `called` is what patients are called.
    """
    beside = width > NARROW
    count = 2 * len(courses)
    shape = (len(courses), 2) if beside else (count, 1)
    figure, panels = subplots(*shape, figsize=(width, 0.7 + (2.1 if beside else 1.9) * shape[0]), sharex=True, squeeze=False)
    panels = panels.reshape(len(courses), 2)
    weeks = sorted({week for course in courses for week in course.values.columns})  # the panels share them
    for (bands, lines), course in zip(panels, courses, strict=True):
        _bands(bands, course)
        own = course.values.reindex(sampled)
        for patient, row in own.iterrows():
            row = row.dropna()
            colour = NO_RESPONSE if patient in without else RESULT
            (line,) = lines.plot(row.index, row.to_numpy(), color=colour, linewidth=0.7, marker="o", markersize=1.8)
            of_patient(line, str(patient))
        name = f"{course.name}: " if len(courses) > 1 else ""
        bands.set_title(f"{name}{len(course.values):,} {called.count(len(course.values))}")  # those with a value
        lines.set_title(f"{name}{len(own)} at even ranks")
        low, high = _limits(course, own, logarithmic)
        for axes in (bands, lines):
            if logarithmic:
                axes.set_yscale("log")
                axes.yaxis.set_major_locator(FixedLocator(_round_ones(low, high)))
                axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
                axes.yaxis.set_minor_formatter(NullFormatter())
            axes.set(ylim=(low, high), xlim=(-0.5, max(weeks, default=0) + 0.5))
            axes.set_xticks(weeks)
            for level in course.levels:
                axes.axhline(level, color=FAINT, linewidth=0.6, linestyle=(0, (2, 2)), zorder=0)
        bands.set_ylabel(label)
        if beside:
            lines.tick_params(axis="y", labelleft=False)
    for axes in panels[-1] if beside else panels.reshape(-1)[-1:]:
        axes.set_xlabel("Weeks since the first dose")
    figure.legend(handles=_key(response, bool(set(sampled) - without), bool(set(sampled) & without)), loc="outside upper left",
                  ncols=5 if beside else 2, handlelength=1.4, columnspacing=1.2)  # fmt: skip
    return figure


def _limits(course: Course, own: pd.DataFrame, logarithmic: bool) -> tuple[float, float]:
    drawn = np.concatenate([course.quantiles.to_numpy().ravel(), own.to_numpy().ravel(), np.asarray(course.levels, float)])
    drawn = drawn[~np.isnan(drawn)]
    if logarithmic:
        drawn = drawn[drawn > 0]
        return (drawn.min() / 1.3, drawn.max() * 1.3) if len(drawn) else (0.1, 10.0)
    return min(0.0, *drawn) if len(drawn) else 0.0, 1.04 * max([*drawn, 1.0])


def _round_ones(low: float, high: float) -> list[float]:
    """Values that a logarithmic scale between these names: powers of ten or, where these are fewer than three, also twice and five
    times them.

    >>> _round_ones(30, 12000), _round_ones(0.15, 1.2)
    ([100.0, 1000.0, 10000.0], [0.2, 0.5, 1.0])
    """
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    for steps in ((1,), (1, 2, 5)):
        found = [float(f"{step}e{power}") for power in powers for step in steps if low <= float(f"{step}e{power}") <= high]
        if len(found) > 2:
            break
    return found


def _bands(axes: Axes, course: Course) -> None:
    found = course.quantiles
    weeks, (lowest, low, middle, high, highest) = found.index.to_numpy(float), found.to_numpy().T
    if len(weeks) == 1:  # a band needs a width
        weeks, (lowest, low, middle, high, highest) = np.array([-0.4, 0.4]) + weeks, np.repeat(found.to_numpy().T, 2, axis=1)
    axes.fill_between(weeks, lowest, highest, color=RESULT, **_OUTER)
    axes.fill_between(weeks, low, high, color=RESULT, **_INNER)
    axes.plot(weeks, middle, color=RESULT, linewidth=1.6, marker="o" if len(found) > 1 else "", markersize=3)


def _key(response: str, with_it: bool, without_it: bool) -> list:
    entries = [
        Line2D([], [], color=RESULT, linewidth=1.6, marker="o", markersize=3, label="median"),
        Patch(color=RESULT, alpha=0.5, linewidth=0, label="quartiles"),
        Patch(color=RESULT, **_OUTER, label="5 to 95 %"),
    ]
    if with_it:
        entries.append(Line2D([], [], color=RESULT, linewidth=0.7, label=response))
    if without_it:
        entries.append(Line2D([], [], color=NO_RESPONSE, linewidth=0.7, label=f"no {response}"))
    return entries


def rows(course: Course, sampled: Sequence[str], weeks: Sequence[int], decimals: int, names: Mapping[str, str]) -> list[list[str]]:
    """What is drawn as rows of a table: by week the number with a value, the quantiles, then the `sampled` patients by their
    `names`."""
    found, counts = course.quantiles, course.values.notna().sum()
    table = [["Patients with a value", *(f"{counts.get(week, 0)}" for week in weeks)]]
    for share in QUANTILES:
        name = "Median" if share == 0.5 else f"{100 * share:g} %"
        table.append([name, *(cell(found[share].get(week), decimals) for week in weeks)])
    own = course.values.reindex(sampled)
    for patient in own.index:
        table.append([names[patient], *(cell(own.at[patient, week], decimals) if week in own else ABSENT for week in weeks)])
    return table
