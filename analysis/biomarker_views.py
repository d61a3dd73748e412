"""How the results of total IgE are shown: the course of every child's ratio to baseline, and the table of averages."""

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from analysis.biomarker import ige_pairs, total_ige
from analysis.design import Tables
from analysis.display import interval, visit
from analysis.drawing import Drawing, by_child, subplots
from analysis.markdown import Table, lettered
from analysis.origin import with_origins
from analysis.results import Results
from analysis.style import BLUE, FAINT, ORANGE, QUIET, WIDTH


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
def ige_averages(results: Results) -> Table:
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
