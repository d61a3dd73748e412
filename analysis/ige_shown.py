"""Total IgE as shown: before and after, the course of every child's ratio to baseline, and the tables of averages."""

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from analysis.core.cells import mean_sd, median_quartiles
from analysis.core.design import Tables
from analysis.core.display import interval, visit
from analysis.core.drawing import ABSENT, Drawing, by_child, subplots
from analysis.core.families import at_week
from analysis.core.markdown import Table, lettered, literal
from analysis.core.origin import with_origins
from analysis.core.results import Results
from analysis.core.style import BLUE, FAINT, ORANGE, QUIET, WIDTH
from analysis.ige import ige_pairs, printed_geometric_mean, total_ige


def before_after(tables: Tables, results: Results, week: int) -> Drawing:
    """Total IgE of every child at baseline and at `week` on a logarithmic scale; censored values are hollow."""
    ige = total_ige(tables.labs)
    before, after = (at_week(ige, at, "value").set_index("patient_id") for at in (0, week))
    figure, axes = subplots(figsize=(WIDTH, 3.4))
    axes.set_yscale("log")
    positive = [value for value in (*before["value"], *after["value"]) if value > 0]
    if positive:  # before anything is drawn: a single value has no range that matplotlib could scale to
        axes.set_ylim(min(positive) / 1.6, max(positive) * 1.6)
    for patient in before.index.intersection(after.index):
        values = before.at[patient, "value"], after.at[patient, "value"]
        axes.plot((0, 1), values, color=FAINT if values[1] <= values[0] else ORANGE, linewidth=0.8, zorder=1)
    for place, side in enumerate((before, after)):
        for censored, face in ((False, QUIET), (True, "white")):
            values = side.loc[side["censored"] == censored, "value"]
            places = [place] * len(values)
            axes.plot(places, values, "o", markersize=3.5, markerfacecolor=face, markeredgecolor=QUIET, zorder=2)
    means = [printed_geometric_mean(results, at) for at in (0, week)]
    for place, row in enumerate(means):
        if row.value is not None:
            axes.plot(place, row.value, "D", color=BLUE, markersize=6, zorder=3)
            side = -1 if place == 0 else 1
            axes.annotate(
                f"geometric\nmean {row.display}", (place, row.value), xytext=(9 * side, 0), textcoords="offset points",
                ha="right" if side < 0 else "left", va="center", color=BLUE,
            )  # fmt: skip
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xticks((0, 1), [f"{visit(0)}\nn = {len(before)}", f"{visit(week)}\nn = {len(after)}"])
    axes.set(xlim=(-0.55, 1.55), ylabel="Total IgE (kU/L, logarithmic scale)")
    written = {visit(at): (side["qualifier"].fillna("") + side["value"].map("{:g}".format)).to_dict()
               for at, side in ((0, before), (week, after))}  # fmt: skip
    rows = [["Geometric mean", *(row.display for row in means)]]
    for child in sorted(before.index.union(after.index)):
        rows.append([literal(child), *(literal(values.get(child, ABSENT)) for values in written.values())])
    return Drawing(figure, Table(["Total IgE, kU/L", *written], "lrr", rows))


def alt_before_after(results: Results, week: int) -> str:
    before, after = (printed_geometric_mean(results, at).display for at in (0, week))
    pairs = results[f"biomarker.total_ige_change.w{week}.paired.n"].display
    return (
        f"Total IgE of every child at baseline and week {week} on a logarithmic scale, both values of {pairs} "
        "children joined by "
        f"lines; geometric mean {before} and {after} kU/L."
    )


@with_origins
def total_ige_table(results: Results) -> Table:
    """Total IgE at every visit, averaged in both ways."""
    rows = [
        [
            visit(at),
            results[f"biomarker.total_ige.w{at}.observed.n"].display,
            mean_sd(results, f"biomarker.total_ige.w{at}.observed"),
            median_quartiles(results, f"biomarker.total_ige.w{at}.observed"),
            printed_geometric_mean(results, at).display,
        ]
        for at in results.weeks("biomarker", "total_ige")
    ]
    header = ["Visit", "n", "Mean (SD), kU/L^a^", "Median (quartiles), kU/L", "Geometric mean, kU/L^b^"]
    note = lettered(
        "Not given where values are censored (reported as below or above a limit).",
        "By log-normal maximum likelihood where values are censored.",
    )
    return Table(header, "lrrrr", rows, [note])


def ratio_of(results: Results, week: int) -> str:
    """The prefix of the ratio to print: of the values, or by maximum likelihood where some are censored."""
    paired, likelihood = (f"biomarker.total_ige_ratio.w{week}.{method}" for method in ("paired", "mle"))
    censored = results[f"{paired}.geometric_mean"].value is None
    return likelihood if censored and results[f"{likelihood}.geometric_mean"].value is not None else paired


def level_of(results: Results, week: int) -> str:
    """The prefix of the geometric mean of one week to print; as :func:`ratio_of`."""
    plain, likelihood = (f"biomarker.total_ige.w{week}.{method}" for method in ("geometric", "mle"))
    censored = results[f"{plain}.geometric_mean"].value is None
    return likelihood if censored and results[f"{likelihood}.geometric_mean"].value is not None else plain


def ratio_courses(tables: Tables, results: Results) -> Drawing:
    """Total IgE of every child as a ratio to its baseline, on a logarithmic scale, with the geometric mean ratio.

    A ratio with a censored value is drawn hollow at the limit that the laboratory gave; a ratio with a value of 0 has no
    place on the scale and is left out.
    """
    ige = total_ige(tables.labs)
    weeks = results.weeks("biomarker", "total_ige_ratio")
    figure, axes = subplots(figsize=(WIDTH, 3.2))
    pairs = {week: ige_pairs(ige, week) for week in weeks}
    ratios = {week: found[found["positive"]] for week, found in pairs.items()}
    shown = {week: found["as_written"] for week, found in ratios.items()}
    drawn = [value for found in shown.values() for value in found]
    axes.set_yscale("log")
    axes.set_ylim(min([*drawn, 0.5]) / 1.4, max([*drawn, 1.0]) * 1.4)
    for child in sorted({child for found in shown.values() for child in found.index}):
        course = [(0, 1.0), *((week, found[child]) for week, found in shown.items() if child in found.index)]
        rises = course[-1][1] > 1
        axes.plot(*zip(*course, strict=True), color=ORANGE if rises else FAINT, linewidth=0.8, zorder=1)
    for week, found in ratios.items():
        for censored, face in ((False, QUIET), (True, "white")):
            values = found.loc[found["censored"] == censored, "as_written"]
            axes.plot(
                [week] * len(values), values, "o", markersize=3, markerfacecolor=face, markeredgecolor=QUIET, zorder=2
            )
    means = {week: [results[f"{ratio_of(results, week)}.{part}"] for part in ("geometric_mean", "ci_low", "ci_high")]
             for week in weeks}  # fmt: skip
    for week, (middle, low, high) in means.items():
        if low.value is not None:
            axes.vlines(week, low.value, high.value, color=BLUE, linewidth=2, zorder=3)
        if middle.value is not None:
            axes.plot(week, middle.value, "D", color=BLUE, markersize=6, zorder=4)
            axes.annotate(
                middle.display, (week, middle.value), xytext=(7, 0), textcoords="offset points", va="center", color=BLUE,
            )  # fmt: skip
    axes.axhline(1, color=QUIET, linewidth=0.6, linestyle=(0, (3, 3)))
    axes.yaxis.set_major_locator(_ticks(*axes.get_ylim()))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    counts = [results[f"biomarker.total_ige_change.w{week}.paired.n"].display for week in weeks]
    axes.set_xticks([0, *weeks], ["0\n", *(f"{week}\n{n}" for week, n in zip(weeks, counts, strict=True))])
    axes.set_xlim(-0.03 * weeks[-1], 1.1 * weeks[-1])
    axes.set(xlabel="Week (below: children with a value then and at baseline)")
    axes.set(ylabel="Total IgE, ratio to baseline\n(logarithmic scale)")
    rows = [
        ["Children with both values", *counts],
        ["Geometric mean ratio", *(middle.display for middle, *_ in means.values())],
        ["95 % CI", *(interval(*(row.display for row in limits)) for _, *limits in means.values())],
        *by_child({visit(week): found.to_dict() for week, found in shown.items()}, 3),
    ]
    header = ["Total IgE, ratio to baseline", *map(visit, weeks)]
    return Drawing(figure, Table(header, "l" + "r" * len(weeks), rows))


def _ticks(low: float, high: float):
    """Few round ratios inside the limits, halves and doubles first."""
    from matplotlib.ticker import FixedLocator

    halves = [2.0**power for power in range(-12, 13)]
    inside = [value for value in halves if low <= value <= high]
    step = int(np.ceil(len(inside) / 7)) or 1
    at_one = inside.index(1.0) % step
    return FixedLocator(inside[at_one::step])


def alt_ratio_courses(results: Results) -> str:
    """What the figure of the ratios shows, in words."""
    parts = []
    for week in results.weeks("biomarker", "total_ige_ratio"):
        row = results[f"{ratio_of(results, week)}.geometric_mean"]
        parts.append(f"{row.display} at week {week}")
    falling, n = (results[f"biomarker.total_ige_slope.individual.{part}"].display for part in ("falling", "n"))
    return (
        "Total IgE of every child as a ratio to its own baseline at each visit, one line a child on a logarithmic "
        f"scale, with the geometric mean ratio: {', '.join(parts)}. The line of {falling} of {n} children falls."
    )


@with_origins
def averages_table(results: Results) -> Table:
    """Arithmetic and geometric averages of total IgE at every visit, with intervals, and the ratio to baseline."""
    rows = []
    for week in results.weeks("biomarker", "total_ige"):
        arithmetic = f"biomarker.total_ige.w{week}.observed"
        level = level_of(results, week)
        cells = [
            visit(week),
            results[f"{arithmetic}.n"].display,
            results[f"{arithmetic}.mean"].display,
            _with_interval(results, level),
        ]
        if week:
            change = f"biomarker.total_ige_change.w{week}.paired"
            cells += [_with_interval(results, change, "mean"), _with_interval(results, ratio_of(results, week))]
        rows.append(cells if week else [*cells, "", ""])
    header = ["Visit", "n", "Mean, kU/L", "Geometric mean (95 % CI), kU/L^a^", "Mean change (95 % CI), kU/L^b^",
              "Geometric mean ratio (95 % CI)^c^"]  # fmt: skip
    children = "the children with a value at baseline and at the visit"
    notes = [
        lettered(
            "*t* interval on the log scale.", f"In {children}; *t* interval.", f"In {children}; *t* interval on the log scale."
        )
    ]
    if any(f"biomarker.total_ige.w{week}.mle" == level_of(results, week)
           for week in results.weeks("biomarker", "total_ige")):  # fmt: skip
        notes.append(
            "Where values are censored there is no arithmetic mean, and geometric means come from log-normal maximum "
            "likelihood with Wald's interval."
        )
    return Table(header, "lrrrrr", rows, notes)


def _with_interval(results: Results, prefix: str, statistic: str = "geometric_mean") -> str:
    """`value (low to high)`; a value alone where there is no interval."""
    middle, low, high = (results[f"{prefix}.{part}"] for part in (statistic, "ci_low", "ci_high"))
    if middle.value is None or low.value is None:
        return middle.display
    return f"{middle.display} ({interval(low.display, high.display)})"
