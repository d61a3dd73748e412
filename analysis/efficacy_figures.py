"""Figures of the assumptions, the depth and the course of the response; sizes in inches at print size."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from analysis import course, depth, subgroups
from analysis import sensitivity as assumptions
from analysis.design import Design, Tables
from analysis.disclosure import WITHHELD
from analysis.display import interval, visit
from analysis.drawing import Drawing, cell, subplots
from analysis.forest import ForestRow, forest
from analysis.markdown import Table, indented, literal
from analysis.results import Results
from analysis.statistics import NotEstimable
from analysis.style import BLUE, GRADES, INK, ORANGE, QUIET, SKY, WIDTH, text_on
from protocol import outcomes

STRATUM_COLOURS = (*GRADES, "#051B2C", "#FFFFFF")
"""From clear to very severe, and not assessed (white, with an outline)."""
_BAR, _GAP = 0.09, 0.6
"""Half the width of a bar (visits are 1 apart), and the space between strata in children."""


def sensitivity(results: Results, week: int) -> Drawing:
    """The primary results under every assumption about missing values."""
    rows = [
        _forest_row(results, f"efficacy.{outcome.id}.w{week}.{method}", words, outcome.name, filled=method == "nri")
        for outcome in outcomes.PRIMARY
        for method, words in assumptions.METHODS.items()
    ]
    return forest(rows, f"Responders at week {week} (%)")


def subgroup_forest(results: Results, week: int, outcome: str) -> Drawing:
    """Responders of every subgroup, below those of all children; `outcome` is the id of one of
    :data:`protocol.outcomes.PRIMARY`."""
    rows = [_forest_row(results, f"efficacy.{outcome}.w{week}.nri", "All children", "")]
    for heading, groups in subgroups.GROUPS.items():
        for group, name in groups.items():
            prefix = f"subgroups.{outcome}_{group}.w{week}.nri"
            rows.append(_forest_row(results, prefix, name, heading, filled=False))
    return forest(rows, f"{outcomes.RESPONSES[outcome].name} at week {week} (% of the children of the group)")


def _forest_row(results: Results, prefix: str, label: str, group: str, filled: bool = True) -> ForestRow:
    n, of, percent, low, high = (results[f"{prefix}.{part}"] for part in ("n", "N", "percent", "ci_low", "ci_high"))
    if percent.value is None:
        text = f"{n.display}/{of.display}" if n.value is not None or n.reason == WITHHELD else "not estimable"
    else:
        limits = "no interval" if low.value is None else f"{low.display} to {high.display}"
        text = f"{n.display}/{of.display}, {percent.display} ({limits})"
    return ForestRow(label, percent.value, low.value, high.value, text, group, filled)


def easi_flow(results: Results) -> Drawing:
    """EASI strata at every planned visit as columns of children, with bands for the moves between them."""
    moves = easi_moves(results)
    weeks = [0, *sorted(moves)]
    figure, axes = subplots(figsize=(WIDTH, 3.9))
    columns = [_column(moves, weeks, place) for place in range(len(weeks))]
    tops = [_stack(counts) for counts in columns]
    for place, week in enumerate(weeks[1:]):
        leaving, arriving = dict(tops[place]), dict(tops[place + 1])
        # Top of the column first on both sides, so that bands cross only where children do.
        for (start, end), count in sorted(moves[week].items(), key=lambda move: tuple(map(_from_top, move[0]))):
            _band(axes, place, leaving[start], arriving[end], count, STRATUM_COLOURS[start])
            leaving[start] += count
            arriving[end] += count
    for place, (counts, top) in enumerate(zip(columns, tops, strict=True)):
        for stratum, count in counts.items():
            colour = STRATUM_COLOURS[stratum]
            axes.add_patch(plt.Rectangle((place - _BAR, top[stratum]), 2 * _BAR, count, facecolor=colour,
                                         edgecolor=QUIET, linewidth=0.6, zorder=3))  # fmt: skip
            axes.text(place, top[stratum] + count / 2, f"{count}", ha="center", va="center", fontsize=7,
                      color=text_on(colour), zorder=4)  # fmt: skip
    used = sorted({stratum for counts in columns for stratum in counts})
    handles = [plt.Rectangle((0, 0), 1, 1, facecolor=STRATUM_COLOURS[i], edgecolor=QUIET) for i in used]
    figure.legend(handles, [depth.STRATA[i] for i in used], title="EASI", loc="outside upper left", ncols=len(used),
                  alignment="left", handlelength=1.2, columnspacing=1.2)  # fmt: skip
    lowest = max((top[s] + n for counts, top in zip(columns, tops, strict=True) for s, n in counts.items()), default=1)
    axes.set(xlim=(-0.3, len(weeks) - 0.7), ylim=(lowest + 0.5, -0.5), yticks=[])
    assessed = [sum(counts.values()) - counts.get(len(depth.STRATA) - 1, 0) for counts in columns]
    labels = [f"{visit(week)}\nn = {n}" for week, n in zip(weeks, assessed, strict=True)]
    axes.set_xticks(range(len(weeks)), labels)
    axes.tick_params(axis="x", length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    rows = []
    for before, week in pairwise(weeks):
        rows.append([f"**{visit(before)} to {visit(week).lower()}**", "", ""])
        for (start, end), count in sorted(moves[week].items(), key=lambda move: tuple(map(_from_top, move[0]))):
            rows.append([indented(literal(depth.STRATA[start])), literal(depth.STRATA[end]), f"{count}"])
    return Drawing(figure, Table(["Stratum of EASI before", "After", "Children"], "llr", rows))


def easi_moves(results: Results) -> dict[int, dict[tuple[int, int], int]]:
    """Children by (stratum at the planned visit before, stratum at this week), for every week with moves."""
    found: dict[int, dict[tuple[int, int], int]] = {}
    for start in range(len(depth.STRATA)):
        for end in range(len(depth.STRATA)):
            variable = depth.move_variable(start, end)
            for week in results.weeks("efficacy", variable):
                found.setdefault(week, {})[start, end] = results[f"efficacy.{variable}.w{week}.observed.n"].value
    return found


def _column(moves: dict, weeks: list[int], place: int) -> dict[int, int]:
    """Children in each stratum at one visit, from very severe down to clear, then those not assessed."""
    week, side = (weeks[place], 1) if place else (weeks[1] if len(weeks) > 1 else 0, 0)
    counts: dict[int, int] = {}
    for move, count in moves.get(week, {}).items():
        counts[move[side]] = counts.get(move[side], 0) + count
    return {stratum: counts[stratum] for stratum in sorted(counts, key=_from_top)}


def _from_top(stratum: int) -> tuple[bool, int]:
    """Very severe first, not assessed last."""
    return stratum == len(depth.STRATA) - 1, -stratum


def _stack(counts: dict[int, int]) -> dict[int, float]:
    tops, height = {}, 0.0
    for stratum, count in counts.items():
        tops[stratum] = height
        height += count + _GAP
    return tops


def _band(axes: Axes, place: int, start: float, end: float, count: int, colour: str) -> None:
    left, right = place + _BAR, place + 1 - _BAR
    middle = (left + right) / 2
    points = [(left, start), (middle, start), (middle, end), (right, end),
              (right, end + count), (middle, end + count), (middle, start + count), (left, start + count),
              (left, start)]  # fmt: skip
    codes = [Outline.MOVETO, *[Outline.CURVE4] * 3, Outline.LINETO, *[Outline.CURVE4] * 3, Outline.CLOSEPOLY]
    axes.add_patch(
        PathPatch(Outline(points, codes), facecolor=colour, alpha=0.45, edgecolor=QUIET, linewidth=0.4, zorder=1)
    )


def _modelled() -> list[tuple[str, str]]:
    """Variable and name of the scores that have a model."""
    return [(score.id, score.name) for score in outcomes.MODELLED]


def modelled_changes(results: Results) -> Drawing:
    """Modelled mean changes with bootstrap intervals, and the observed means beside them."""
    figure, panels = subplots(1, len(outcomes.MODELLED), figsize=(WIDTH, 2.9))
    data = []
    for axes, (score, name) in zip(panels, _modelled(), strict=True):
        weeks = results.weeks("efficacy", f"{score}_change")
        weeks = [week for week in weeks if f"efficacy.{score}_change.w{week}.mixed_model.n" in results]
        counts = [results[f"efficacy.{score}_change.w{week}.paired.n"].display for week in weeks]
        rows = [[indented(visit(week)), n] for week, n in zip(weeks, counts, strict=True)]
        for offset, method, marker, colour, face in (
            (-0.12, "mixed_model", "o", BLUE, BLUE), (0.12, "paired", "s", ORANGE, "white"),
        ):  # fmt: skip
            for place, week in enumerate(weeks):
                mean, low, high = (
                    results[f"efficacy.{score}_change.w{week}.{method}.{part}"] for part in ("mean", "ci_low", "ci_high")
                )
                if low.value is not None:
                    axes.vlines(place + offset, low.value, high.value, color=colour, linewidth=1.2)
                if mean.value is not None:
                    axes.plot(place + offset, mean.value, marker, color=colour, markerfacecolor=face, markersize=4.5)
                rows[place] += [mean.display, interval(low.display, high.display) if low.value is not None else low.display]
        axes.axhline(0, color=QUIET, linewidth=0.6)
        axes.set_xticks(range(len(weeks)), [f"{week}\n{n}" for week, n in zip(weeks, counts, strict=True)])
        axes.set(title=name, xlim=(-0.5, max(len(weeks), 1) - 0.5), ylabel="Change from baseline (points)")
        axes.set_xlabel("Week (below: children observed)")
        data += [[f"**{name}**", *[""] * 5], *rows]
        if axes.get_ylim()[1] < 2:
            axes.set_ylim(top=2)
    handles = [plt.Line2D([], [], marker="o", color=BLUE, linestyle="", markersize=4.5),
               plt.Line2D([], [], marker="s", color=ORANGE, linestyle="", markerfacecolor="white", markersize=4.5)]  # fmt: skip
    figure.legend(handles, ["Random-intercept model", "Children observed"], loc="outside upper left", ncols=2)
    header = ["Change, points", "n", "Modelled mean", "95 % CI", "Observed mean", "95 % CI"]
    return Drawing(figure, Table(header, "lrrrrr", data))


def times_to_response(results: Results) -> Drawing:
    """Share of children with a first response by each visit; between visits the curve is not determined."""
    figure, panels = subplots(1, len(outcomes.PRIMARY), figsize=(WIDTH, 2.6), sharey=True)
    data = []
    for axes, response in zip(panels, outcomes.PRIMARY, strict=True):
        variable, name = f"time_to_{response.id}", response.name
        rows = {week: results[f"efficacy.{variable}.w{week}.turnbull.percent"] for week in results.weeks("efficacy", variable)}
        known = [(0, 0.0), *((week, row.value) for week, row in rows.items() if row.value is not None)]
        for (start, low), (end, high) in pairwise(known):
            axes.fill_between((start, end), low, high, color=SKY, alpha=0.4, linewidth=0)
        weeks, shares = zip(*known, strict=True)
        axes.plot(weeks, shares, "o", color=BLUE, markersize=4.5, clip_on=False, zorder=3)
        for week, share in known[1:]:
            axes.annotate(f"{share:.0f}", (week, share), xytext=(-4, 3), textcoords="offset points", ha="right",
                          fontsize=7)  # fmt: skip
        axes.axhline(50, color=QUIET, linewidth=0.6, linestyle=(0, (3, 3)), zorder=0)
        axes.set_xticks([0, *rows])
        count = results[f"efficacy.{variable}.turnbull.n"].display
        axes.set(title=f"{name}, n = {count}", xlabel="Week", ylim=(0, 105), xlim=(0, max(rows) + 1))
        data.append([f"{name}, n = {count}", *(row.display for row in rows.values())])
    panels[0].set_ylabel("First response so far (% of children)")
    header = ["First response, % of children", *(f"By week {week}" for week in rows)]
    return Drawing(figure, Table(header, "l" + "r" * len(rows), data))


def residuals(tables: Tables, design: Design) -> Drawing:
    """Residuals of the random-intercept models: against fitted values, and against normal quantiles."""
    from scipy import stats

    figure, panels = subplots(len(outcomes.MODELLED), 2, figsize=(WIDTH, 5.2), squeeze=False)
    data = []
    for row, (score, name) in zip(panels, _modelled(), strict=True):
        try:
            found = course.fit(course.changes(tables, design, score))
        except NotEstimable as problem:
            for axes in row:
                axes.set_axis_off()
                axes.text(0.5, 0.5, f"{name}: no model\n({problem})", ha="center", va="center", wrap=True)
            continue
        spread, quantiles = row
        spread.plot(found.fitted, found.residuals, "o", color=BLUE, markersize=3.5, alpha=0.6, markeredgewidth=0)
        spread.axhline(0, color=QUIET, linewidth=0.6)
        spread.set(title=name, xlabel="Fitted change (points)", ylabel="Residual (points)")
        size, order = len(found.residuals), np.argsort(found.residuals, kind="stable")
        expected = stats.norm.ppf((np.arange(1, size + 1) - 0.5) / size) * found.residuals.std()
        ascending = found.residuals[order]
        quantiles.plot(expected, ascending, "o", color=BLUE, markersize=3.5, alpha=0.6, markeredgewidth=0)
        quantiles.axline((0, 0), slope=1, color=INK, linewidth=0.6, linestyle=(0, (3, 3)))
        quantiles.set(title=name, xlabel="Normal quantile (points)", ylabel="Residual, sorted (points)")
        data.append([f"**{name}**", "", ""])
        for numbers in zip(ascending, found.fitted[order], expected, strict=True):
            data.append([cell(number, 2) for number in numbers])
    return Drawing(figure, Table(["Residual, points", "Fitted change, points", "Normal quantile, points"], "rrr", data))
