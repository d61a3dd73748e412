"""The depth of the response as shown: sentences, every threshold, and the moves between strata of EASI; sizes in inches."""

from functools import partial
from itertools import groupby, pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from analysis import depth
from analysis.core.cells import n_percent
from analysis.core.design import Tables
from analysis.core.display import visit
from analysis.core.display_sizes import PLACES, evenly
from analysis.core.drawing import Drawing, cell, of_individuals, on_phones_too, subplots
from analysis.core.families import paired
from analysis.core.markdown import Table, indented, literal
from analysis.core.origin import with_origins
from analysis.core.results import Result, Results
from analysis.core.style import FAINT, GRADES, NARROW, PAPER, QUIET, RESULT, VERY_SEVERE, text_on
from analysis.core.words import Markdown, Words, who
from analysis.efficacy import discontinued_by, percent_change
from analysis.efficacy_shown import assessed, by_ways_of_counting, mean_change, no_pairs, share
from protocol import outcomes, scores

_LOOKS = (*({"facecolor": colour} for colour in (*GRADES, VERY_SEVERE)), {"facecolor": PAPER, "hatch": "//////"})
"""Of the strata of EASI, from clear to very severe, and of those not assessed."""
_UNSEEN = len(_LOOKS) - 1
_GAP, _THINNEST = 0.6, 1 / 70
"""Space between strata: in patients, and of many at least this share of all."""


def itch_sentence(words: Words, week: int) -> Markdown:
    """Who of those with enough itch at baseline met the rule on itch."""
    prefix, many = f"efficacy.itch_4.w{week}.nri", words.who.many
    entry = f"{outcomes.ITCH_POINTS} points or more at baseline"
    if not words.row(f"{prefix}.N").value:
        return Markdown(f"No {words.who.one} had {entry}.")
    if not words.known(f"{prefix}.n"):
        return Markdown(f"Who met it at week {week} cannot be given: {literal(words.row(f'{prefix}.n').reason)}.")
    if words.row(f"{prefix}.N").value == 1:
        met = "met it" if words.row(f"{prefix}.n").value else "did not meet it"
        return Markdown(f"The one {words.who.one} with {entry} {met} at week {week}.")
    return Markdown(f"Of the {many} with {entry}, {share(words, prefix).replace(f' {many}', '', 1)} met it at week {week}.")


def objective_sentence(words: Words, week: int) -> Markdown:
    """The change of the objective SCORAD to a week."""
    change = f"efficacy.objective_scorad_change.w{week}.paired"
    what = f"The objective SCORAD leaves out what the {words.who.one} feels."
    if not words.known(f"{change}.mean"):
        return Markdown(f"{what} {no_pairs(words, 'the objective SCORAD', week, change)}")
    of = "a mean of " if words.row(f"{change}.n").value > 1 else ""
    start, end = (words.mean_sd(f"efficacy.objective_scorad.w{at}.observed").marked for at in (0, week))
    return Markdown(f"{what} It changed by {of}{mean_change(words, change, 'points')}, from {start} to {end}.")


@with_origins
def depths_table(results: Results, week: int) -> Table:
    """Responders at one week by every threshold, in both ways of counting."""
    rows: list[tuple[outcomes.Response | None, str]] = []
    in_depth = [response for response in outcomes.RESPONSES.values() if response.heading]
    for heading, members in groupby(in_depth, key=lambda response: response.heading):
        rows.append((None, f"**{heading}**"))
        rows += [(response, indented(response.in_depth)) for response in members]
    everyone = "Of everyone (itch: of everyone with enough of it at baseline); a missing value or stopped treatment is non-response."
    return by_ways_of_counting(results, week, rows, everyone)


@of_individuals
def cumulative(tables: Tables, results: Results, week: int) -> Drawing:
    """Share of all patients whose EASI fell by at least so much; who was not seen or had stopped treatment counts as not."""
    return on_phones_too(partial(_cumulative, tables, results, week))


def _cumulative(tables: Tables, results: Results, week: int, width: float) -> Drawing:
    pairs, _ = paired(tables.visits, week, "easi")
    fall = -percent_change(pairs[~pairs.index.isin(discontinued_by(tables.patients, week))]).round(9)
    everyone = results["population.enrolled.n"].value
    ascending = np.sort(fall)
    falls = evenly(np.unique(ascending[ascending > 0]).tolist(), 4 * PLACES)  # more points no longer show more
    shares = [100 * int(count) / everyone for count in len(ascending) - np.searchsorted(ascending, falls, side="left")]
    figure, axes = subplots(figsize=(width, 2.8))
    size = 7 if width > NARROW else 8
    ends = [0.0, *falls, 100.0]
    # Up to and with each fall its share holds; beyond it only those who fell further count.
    axes.step(ends, [*(shares or [0.0])[:1], *shares, 0.0 if not falls or falls[-1] < 100 else shares[-1]], where="pre", color=RESULT)
    for response, row in _named_falls(results, week):
        axes.plot(response.percent, row.value, "o", color=RESULT, markersize=4.5, clip_on=False)
        above = row.value < 20
        axes.annotate(f"{response.name}\n{row.display}", (response.percent, row.value), xytext=(-3, 4 if above else -4),
                      textcoords="offset points", ha="right", va="bottom" if above else "top", fontsize=size)  # fmt: skip
    called = who(results)
    axes.set(xlim=(0, 100), ylim=(0, 105), xlabel=f"EASI lower than at baseline by at least (%), week {week}")
    axes.set_ylabel(f"% of all {called.many}")
    data = [[cell(each, 1), cell(share, 1)] for each, share in evenly([*zip(falls, shares, strict=True)], PLACES)]
    return Drawing(figure, Table(["Fall of EASI, at least %", f"% of all {called.many}"], "rr", data))


def _named_falls(results: Results, week: int) -> list[tuple[outcomes.Response, Result]]:
    """The falls of EASI that have a name, each with the share of all patients who reached it, as far as that is known."""
    falls = [each for each in outcomes.RESPONSES.values() if each.column == "easi" and each.percent is not None]
    rows = ((each, results[f"efficacy.{each.id}.w{week}.nri.percent"]) for each in falls)
    return [(each, row) for each, row in rows if row.value is not None]


def nobody_fell(words: Words, week: int) -> Markdown | None:
    """A sentence in place of the curve where nothing is known of the fall of EASI."""
    row = words.row(f"efficacy.easi_50.w{week}.nri.percent")
    return None if row.value is not None else Markdown(f"There is no curve to draw: {literal(row.reason)}.")


def alt_cumulative(results: Results, week: int) -> str:
    """Shares at the thresholds that have a name."""
    shares = [f"{row.display} percent by {response.percent} % or more" for response, row in _named_falls(results, week)]
    many = who(results).many
    if not shares:
        return "Nothing is drawn: it is not known by how much EASI fell."
    return f"Falling curve of the share of all {many} whose EASI fell by at least so much of baseline: {', '.join(shares)}."


@with_origins
def iga_shift_table(results: Results, week: int) -> Table:
    """Grades of IGA at baseline (rows) and at one week (columns): counts of patients."""
    ends = (*range(len(scores.IGA_LABELS)), None)
    rows = []
    for before in reversed(range(len(scores.IGA_LABELS))):
        cells = [f"efficacy.{depth.iga_shift_variable(before, after)}.w{week}.observed.n" for after in ends]
        if cells[0] in results:
            having = f"{results[cells[0]].n}"
            rows.append([f"{before} {scores.IGA_LABELS[before]}", having, *(results[each].display for each in cells)])
    header = ["Baseline", "n", *(f"{grade} {label}" for grade, label in enumerate(scores.IGA_LABELS)), "Not assessed"]
    return Table(header, "l" + "r" * (len(header) - 1), rows)


@with_origins
def strata_table(results: Results) -> Table:
    """Patients in each EASI stratum at every visit."""
    variables = [depth.stratum_variable(number) for number in range(len(depth.STRATA) - 1)]
    weeks = assessed(results, variables[0], "N")
    rows = [
        [
            visit(week),
            results[f"efficacy.{variables[0]}.w{week}.observed.N"].display,
            *(n_percent(results, f"efficacy.{variable}.w{week}.observed") for variable in variables),
        ]
        for week in weeks
    ]
    header = ["Visit", "Assessed", *(name.capitalize() for name in depth.STRATA[:-1])]
    return Table(header, "l" + "r" * (len(header) - 1), rows, [f"Number of {who(results).many} (percent of those assessed)."])


def easi_flow(results: Results) -> Drawing:
    """EASI strata at every planned visit as columns of patients, with bands for the moves between them; weeks are to scale.

    Who was not assessed stands above, apart from the strata, on the side of the worst.
    """
    return on_phones_too(partial(_easi_flow, results))


def _easi_flow(results: Results, width: float) -> Drawing:
    moves = easi_moves(results)
    weeks = [0, *sorted(moves)]
    figure, axes = subplots(figsize=(width, 3.2 if width > NARROW else 4.0))
    size = 7 if width > NARROW else 8
    columns = [_column(moves, weeks, place) for place in range(len(weeks))]
    tops = [_stack(counts, max(_GAP, _THINNEST * sum(counts.values()))) for counts in columns]
    half = min([0.18 * (after - before) for before, after in pairwise(weeks)] + [0.9])
    for place, (before, week) in enumerate(pairwise(weeks)):
        leaving, arriving = dict(tops[place]), dict(tops[place + 1])
        # Top of the column first on both sides, so that bands cross only where patients do.
        for (start, end), count in sorted(moves[week].items(), key=lambda move: tuple(map(_from_top, move[0]))):
            _band(axes, (before + half, week - half), leaving[start], arriving[end], count)
            leaving[start] += count
            arriving[end] += count
    for week, counts, top in zip(weeks, columns, tops, strict=True):
        for stratum, count in counts.items():
            axes.add_patch(plt.Rectangle((week - half, top[stratum]), 2 * half, count, edgecolor=QUIET, linewidth=0.6, zorder=3,
                                         **_LOOKS[stratum]))  # fmt: skip
            axes.text(week, top[stratum] + count / 2, f"{count}", ha="center", va="center", fontsize=size, zorder=4,
                      color=text_on(_LOOKS[stratum]["facecolor"]),
                      bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6} if stratum == _UNSEEN else None)  # fmt: skip
    used = sorted({stratum for counts in columns for stratum in counts}, key=_from_top)
    handles = [plt.Rectangle((0, 0), 1, 1, edgecolor=QUIET, **_LOOKS[i]) for i in used]
    place = {"loc": "outside right center"} if width > NARROW else {"loc": "outside upper left", "ncols": 3}
    figure.legend(handles, [depth.STRATA[i] for i in used], title="EASI", alignment="left", handlelength=1.2, **place)
    highest = min((top[s] for top in tops for s in top), default=0)
    lowest = max((top[s] + n for counts, top in zip(columns, tops, strict=True) for s, n in counts.items()), default=1)
    axes.set(xlim=(-2 * half, weeks[-1] + 2 * half), ylim=(lowest + 0.5, highest - 0.5), yticks=[])
    axes.set_xlabel(f"Week (below: {who(results).many} assessed)")
    assessed = [sum(counts.values()) - counts.get(_UNSEEN, 0) for counts in columns]
    axes.set_xticks(weeks, [f"{week}\n{n}" for week, n in zip(weeks, assessed, strict=True)])
    axes.tick_params(axis="x", length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    rows = []
    for before, week in pairwise(weeks):
        rows.append([f"**{visit(before)} to {visit(week).lower()}**", "", ""])
        for (start, end), count in sorted(moves[week].items(), key=lambda move: tuple(map(_from_top, move[0]))):
            rows.append([indented(literal(depth.STRATA[start])), literal(depth.STRATA[end]), f"{count}"])
    return Drawing(figure, Table(["Stratum of EASI before", "After", who(results).many.capitalize()], "llr", rows))


def easi_moves(results: Results) -> dict[int, dict[tuple[int, int], int]]:
    """Patients by (stratum at the planned visit before, stratum at this week), for every week with moves."""
    found: dict[int, dict[tuple[int, int], int]] = {}
    for start in range(len(depth.STRATA)):
        for end in range(len(depth.STRATA)):
            variable = depth.move_variable(start, end)
            for week in results.weeks("efficacy", variable):
                found.setdefault(week, {})[start, end] = results[f"efficacy.{variable}.w{week}.observed.n"].value
    return found


def _column(moves: dict, weeks: list[int], place: int) -> dict[int, int]:
    """Patients in each stratum at one visit: those not assessed, then from very severe down to clear."""
    week, side = (weeks[place], 1) if place else (weeks[1] if len(weeks) > 1 else 0, 0)
    counts: dict[int, int] = {}
    for move, count in moves.get(week, {}).items():
        counts[move[side]] = counts.get(move[side], 0) + count
    return {stratum: counts[stratum] for stratum in sorted(counts, key=_from_top)}


def _from_top(stratum: int) -> int:
    """Not assessed first, then very severe."""
    return -stratum


def _stack(counts: dict[int, int], gap: float) -> dict[int, float]:
    """Where each stratum begins: the strata below 0, who was not assessed above it, apart."""
    tops, height = {}, 0.0
    for stratum, count in counts.items():
        if stratum == _UNSEEN:
            tops[stratum] = -count - 2 * gap
            continue
        tops[stratum] = height
        height += count + gap
    return tops


def _band(axes: Axes, sides: tuple[float, float], start: float, end: float, count: int) -> None:
    left, right = sides
    middle = (left + right) / 2
    points = [(left, start), (middle, start), (middle, end), (right, end),
              (right, end + count), (middle, end + count), (middle, start + count), (left, start + count),
              (left, start)]  # fmt: skip
    codes = [Outline.MOVETO, *[Outline.CURVE4] * 3, Outline.LINETO, *[Outline.CURVE4] * 3, Outline.CLOSEPOLY]
    axes.add_patch(PathPatch(Outline(points, codes), facecolor=FAINT, alpha=0.4, edgecolor=QUIET, linewidth=0.3, zorder=1))


def alt_easi_flow(results: Results) -> str:
    moves, called, parts = easi_moves(results), who(results), []
    for week, counts in sorted(moves.items()):
        assessed = {move: n for move, n in counts.items() if len(depth.STRATA) - 1 not in move}
        better = sum(n for (start, end), n in assessed.items() if end < start)
        worse = sum(n for (start, end), n in assessed.items() if end > start)
        counts = [(better, "better"), (worse, "worse")]
        moved = [f"{count} {called.count(count)} moved to a {kind} stratum" for count, kind in counts if count]
        parts.append(f"to week {week}, {' and '.join(moved) or 'nobody moved'}")
    return f"Flow of {called.many} between EASI strata from visit to visit: {'; '.join(parts) or 'no later visit'}."
