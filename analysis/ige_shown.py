"""Total IgE as shown: sentences, before and after, the course of every patient's ratio to baseline, and the tables of averages."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, NullFormatter

from analysis import many_shown
from analysis.core.cells import mean_sd, median_quartiles
from analysis.core.design import Tables
from analysis.core.display import interval, named_visit, number, visit
from analysis.core.display_sizes import or_of_many
from analysis.core.drawing import ABSENT, Drawing, of_individuals, of_patient, on_phones_too, subplots
from analysis.core.families import at_week
from analysis.core.markdown import Table, lettered, literal
from analysis.core.origin import with_origins
from analysis.core.results import Results
from analysis.core.style import NO_RESPONSE, PAPER, PATIENT, QUIET, RESULT
from analysis.core.words import Markdown, Words, capital, who
from analysis.ige import HIGHEST, SLOPE_WEEKS, geometric, ige_pairs, total_ige
from analysis.ranking import RESPONSE, ranking

_RATIO, _CHANGE, _SLOPE = "total_ige_ratio", "biomarker.total_ige_change", "biomarker.total_ige_slope.individual"
_NBSP = "\N{NO-BREAK SPACE}"


def statement(words: Words, week: int) -> Markdown:
    """How total IgE changed by a week, in one sentence: by its mean or, where censored values forbid one, by its ratio."""
    mean, ratio = f"{_CHANGE}.w{week}.paired.mean", f"{geometric(words.results, _RATIO, week)}.geometric_mean"
    one = words.row(f"{_CHANGE}.w{week}.paired.n").value == 1
    if words.known(mean):
        return Markdown(f"{'T' if one else 'Mean t'}otal IgE changed by {words.number(mean).marked} kU/L.")
    if words.known(ratio):
        return Markdown(
            f"Total IgE was {words.number(ratio).marked} times its baseline value (geometric mean; a mean change in kU/L cannot be "
            "given, since some values lie beyond the limits of the laboratory)."
        )
    return Markdown(_unknown(words, week))


def _unknown(words: Words, week: int) -> str:
    """Why neither change nor ratio of total IgE can be given."""
    one, many = words.who.one, words.who.many
    weeks = [
        at
        for at in words.results.weeks("biomarker", "total_ige")
        if words.row(f"biomarker.total_ige.w{at}.observed.n").value
    ]
    if not weeks:
        return "Total IgE was not recorded."
    if weeks == [0]:
        return "Total IgE was measured at baseline alone, so no change of it can be given."
    if not words.row(f"{_CHANGE}.w{week}.paired.n").value:
        return f"No {one} has total IgE both at baseline and at week {week}, so no change between them can be given."
    reason = words.row(f"{geometric(words.results, _RATIO, week)}.geometric_mean").reason
    return f"The change of total IgE in these {many} cannot be estimated: {literal(reason)}."


def unknown_ratios(results: Results, week: int) -> int:
    """Patients with a value at baseline and at a week, both beyond a limit on the same side: their change is not known."""
    return results[f"{_CHANGE}.w{week}.paired.n"].value - results[f"biomarker.{_RATIO}.w{week}.mle.n"].value


def change_text(words: Words, week: int) -> Markdown:
    """What became of total IgE by a week: one paragraph, and another on the two averages where both can be given.

    The mean is said to follow the highest values where the patients who have them make up more than twice their share of the change.
    """
    change, ratio = f"{_CHANGE}.w{week}.paired", geometric(words.results, _RATIO, week)
    n, one, many = words.row(f"{change}.n").value, words.who.one, words.who.many
    parts = []
    if words.known(f"{change}.mean"):
        said = f"{words.number(f'{change}.mean').marked} kU/L{words.within(change)}"
        parts.append(f"{'T' if n == 1 else 'Mean t'}otal IgE changed by {said} between baseline and week {week}.")
    elif words.known(f"{ratio}.geometric_mean"):
        parts.append(
            f"A mean change of total IgE in kU/L from baseline to week {week} cannot be given, since some values lie beyond the "
            "limits of the laboratory."
        )
    if words.known(f"{ratio}.geometric_mean"):
        said = f"{words.number(f'{ratio}.geometric_mean').marked}{words.within(ratio)}"
        what = "The ratio of the two values was" if n == 1 else "The ratio of the two values had a geometric mean of"
        percent = words.with_percent(f"{geometric(words.results, 'total_ige_percent_change', week)}.geometric_mean").marked
        parts.append(f"{what} {said}, which is a change of {percent}: @fig-ige and @tbl-ige-averages.")
    if not parts:
        return Markdown(f"{_unknown(words, week)} @fig-ige and @tbl-ige-averages show what was measured.")
    if unknown := unknown_ratios(words.results, week):
        parts.append(
            f"In {unknown} {words.who.count(unknown)} both values lie beyond a limit of the laboratory, so that neither change nor "
            "ratio is known."
        )
    text = " ".join(parts)
    if n == 1 or not words.known(f"{change}.mean", f"{ratio}.geometric_mean"):
        return Markdown(text)
    highest = f"{change.removesuffix('paired')}highest_baseline"
    adds = "The arithmetic mean adds up kU/L."
    if words.known(f"{highest}.percent"):
        part = words.percent(highest).marked
        makes = f"the {HIGHEST} {many} with the highest values at baseline make up {part} of the whole change."
        follows = words.row(f"{highest}.percent").value > 2 * 100 * HIGHEST / n
        adds = f"The arithmetic mean adds up kU/L{', so it follows the highest values:' if follows else ';'} {makes}"
    return Markdown(
        f"{text}\n\nThe two answer different questions. {adds} The ratio asks by which factor {words.who.a}’s own value changed, so "
        f"every {one} has the same weight. A mean change in kU/L cannot be carried over to {words.who.a} with another starting value; "
        "a ratio can."
    )


def slopes_sentence(words: Words) -> Markdown:
    """How the lines through the logarithms of the patients' values run."""
    one, many = words.who.one, words.who.many
    n, falling = (words.row(f"{_SLOPE}.{part}").value for part in ("n", "falling"))
    if not n:
        return Markdown(
            f"No {one} has values above 0 and within the limits of the laboratory at two visits or more, so no line can be drawn "
            f"through {words.who.a}’s values."
        )
    line = f"straight line through the logarithms of {words.who.a}’s values"
    median, low, high = (words.with_percent(f"{_SLOPE}.{part}").marked for part in ("median", "min", "max"))
    if n == 1:
        return Markdown(
            f"The {line} can be drawn for one {one}; its slope is a change of {median} in {SLOPE_WEEKS} weeks."
        )
    marks = {part: words.number(f"{_SLOPE}.{part}").marked for part in ("n", "falling")}
    falls = (
        f"all {marks['n']}"
        if falling == n
        else f"{marks['falling']} of {marks['n']}"
        if falling
        else f"none of {marks['n']}"
    )
    ends = [words.row(f"{_SLOPE}.{part}").display for part in ("min", "max")]
    spread = f" (range {low} to{_NBSP}{high})" if ends[0] != ends[1] else ""
    return Markdown(
        f"A {line} falls in {falls} {many}; the median slope is a change of {median} in {SLOPE_WEEKS} weeks{spread}."
    )


def nothing_to_follow(words: Words) -> Markdown | None:
    """A sentence in place of the figure of ratios where no patient has one."""
    weeks = words.results.weeks("biomarker", _RATIO)
    if any(words.row(f"biomarker.{_RATIO}.w{week}.mle.n").value for week in weeks):
        return None
    return Markdown(f"No {words.who.one} has a known ratio to baseline, so there is nothing to draw.")


def nothing_measured(words: Words, week: int) -> Markdown | None:
    """A sentence in place of the figure of both visits where no patient has a value at either."""
    if any(words.row(f"biomarker.total_ige.w{at}.observed.n").value for at in (0, week)):
        return None
    return Markdown(f"No total IgE was recorded at baseline or at week {week}, so there is nothing to draw.")


def _caption(begin: str, kinds: Mapping[str, bool]) -> Markdown:
    said = [text for text, drawn in kinds.items() if drawn]
    return Markdown(f"{begin} {capital('; '.join(said))}." if said else begin)


@of_individuals
@or_of_many(many_shown.before_after)
def before_after(tables: Tables, results: Results, week: int) -> Drawing:
    """Total IgE of every patient at baseline and at `week` on a logarithmic scale; censored values are hollow.

    Two values beyond a limit on the same side are joined by a dotted line: it may rise or fall. Thick lines rise; those of patients
    without the primary response are orange.
    """
    return on_phones_too(partial(_before_after, tables, results, week))


def _before_after(tables: Tables, results: Results, week: int, width: float) -> Drawing:
    ige = total_ige(tables.labs)
    before, after = (at_week(ige, at, "value").set_index("patient_id") for at in (0, week))
    without = ranking(tables, week).without
    figure, axes = subplots(figsize=(width, 3.4))
    axes.set_yscale("log")
    positive = [value for value in (*before["value"], *after["value"]) if value > 0]
    if positive:  # before anything is drawn: a single value has no range that matplotlib could scale to
        axes.set_ylim(min(positive) / 1.6, max(positive) * 1.6)
    pairs = ige_pairs(ige, week)
    rising, unknown = _rising(ige, week), _undetermined(ige, week)
    for patient in pairs.index:
        colour = NO_RESPONSE if patient in without else PATIENT
        values = before.at[patient, "value"], after.at[patient, "value"]
        (line,) = axes.plot((0, week), values, ":" if patient in unknown else "-", color=colour,
                            linewidth=1.8 if patient in rising else 0.8, zorder=1)  # fmt: skip
        of_patient(line, patient)
    for at, side in ((0, before), (week, after)):
        for patient, value, censored in zip(side.index, side["value"], side["censored"], strict=True):
            colour = NO_RESPONSE if patient in without else QUIET
            face = PAPER if censored else colour
            (point,) = axes.plot(at, value, "o", markersize=3.5, markerfacecolor=face, markeredgecolor=colour, zorder=2)
            of_patient(point, patient)
    means = [results[f"{geometric(results, 'total_ige', at)}.geometric_mean"] for at in (0, week)]
    for at, row in zip((0, week), means, strict=True):
        if row.value is not None:
            axes.plot(at, row.value, "D", color=RESULT, markersize=6, zorder=3)
            side = 1 if at else -1
            axes.annotate(
                f"geometric\nmean {row.display}", (at, row.value), xytext=(9 * side, 0), textcoords="offset points",
                ha="left" if at else "right", va="center", color=RESULT,
            )  # fmt: skip
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xticks((0, week), [f"{visit(0)}\nn = {len(before)}", f"{visit(week)}\nn = {len(after)}"])
    axes.set(xlim=(-0.55 * week, 1.55 * week), ylabel="Total IgE (kU/L, logarithmic scale)")
    written = {visit(at): (side["qualifier"].fillna("") + side["value"].map("{:g}".format).astype("str")).to_dict()
               for at, side in ((0, before), (week, after))}  # fmt: skip
    rows = [["Geometric mean", *(row.display for row in means)]]
    for child in sorted(before.index.union(after.index)):
        rows.append([literal(child), *(literal(values.get(child, ABSENT)) for values in written.values())])
    return Drawing(figure, Table(["Total IgE, kU/L", *written], "lrr", rows))


def _rising(ige: pd.DataFrame, week: int) -> set[str]:
    """Patients whose total IgE is higher at the week than at baseline, as far as that is known."""
    pairs = ige_pairs(ige, week)
    return set(pairs.index[pairs["change"] > 0]) - _undetermined(ige, week)


def _undetermined(ige: pd.DataFrame, week: int) -> set[str]:
    """Patients of whom both values lie beyond a limit on the same side."""
    pairs = ige_pairs(ige, week)
    return set(pairs.index[pairs["positive"] & pairs["ratio"].isna()])


def _without(week: int) -> str:
    return f"orange lines are of those without {RESPONSE.name} at week {week}"


@or_of_many(many_shown.before_after_caption)
def before_after_caption(tables: Tables, words: Words, week: int) -> Markdown:
    """What is drawn of both visits; marks of a kind are told only where there are any."""
    ige = total_ige(tables.labs)
    shown, paired = ige[ige["week"].isin((0, week))], set(ige_pairs(ige, week).index)
    kinds = {
        _without(week): bool(ranking(tables, week).without & paired),
        "thick lines rise": bool(_rising(ige, week)),
        "hollow points are censored values": shown["censored"].any(),
        "dotted lines may rise or fall": bool(_undetermined(ige, week)),
        "diamonds are geometric means": any(
            words.known(f"{geometric(words.results, 'total_ige', at)}.geometric_mean") for at in (0, week)
        ),
    }
    return _caption(f"Total IgE of every {words.who.one} at baseline and at week {week}.", kinds)


@or_of_many(many_shown.alt_before_after)
def alt_before_after(results: Results, week: int) -> str:
    called = who(results)
    means = {at: results[f"{geometric(results, 'total_ige', at)}.geometric_mean"] for at in (0, week)}
    known = {at: row.display for at, row in means.items() if row.value is not None}
    if len(known) == 2:
        mean = f"geometric mean {known[0]} and {known[week]} kU/L"
    elif known:
        mean = "; ".join(f"geometric mean {shown} kU/L at {named_visit(at)}" for at, shown in known.items())
    else:
        mean = "no geometric mean can be given"
    pairs, unknown = results[f"{_CHANGE}.w{week}.paired.n"], unknown_ratios(results, week)
    joined = (
        f"both values of {pairs.display} {called.count(pairs.value)} joined by lines" if pairs.value
        else f"no {called.one} with both values"
    )  # fmt: skip
    dotted = f", {unknown} of them dotted since both values lie beyond a limit" if unknown else ""
    return (
        f"Total IgE of every {called.one} at baseline and week {week} on a logarithmic scale, {joined}{dotted}; {mean}."
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
            results[f"{geometric(results, 'total_ige', at)}.geometric_mean"].display,
        ]
        for at in results.weeks("biomarker", "total_ige")
    ]
    header = ["Visit", "n", "Mean (SD), kU/L^a^", "Median (quartiles), kU/L", "Geometric mean, kU/L^b^"]
    note = lettered(
        "Not given where values are censored (reported as below or above a limit).",
        "By log-normal maximum likelihood where values are censored.",
    )
    return Table(header, "lrrrr", rows, [note])


@of_individuals
@or_of_many(many_shown.ratio_courses)
def ratio_courses(tables: Tables, results: Results, primary: int) -> Drawing:
    """Total IgE of every patient as a ratio to its baseline, on a logarithmic scale, with the geometric mean ratio.

    A ratio with a censored value is drawn hollow at the one bound that is known of it. A ratio of which nothing is known, or with a
    value of 0, has no place on the scale and is left out. Thick lines end above baseline; those of patients without the response at
    the week `primary` are orange.
    """
    return on_phones_too(partial(_ratio_courses, tables, results, primary))


def _ratio_courses(tables: Tables, results: Results, primary: int, width: float) -> Drawing:
    called = who(results)
    ige = total_ige(tables.labs)
    weeks = results.weeks("biomarker", "total_ige_ratio")
    figure, axes = subplots(figsize=(width, 3.2))
    pairs = {week: ige_pairs(ige, week) for week in weeks}
    ratios = {week: found[found["ratio"].notna()] for week, found in pairs.items()}
    shown = {week: found["ratio"] for week, found in ratios.items()}
    drawn = [value for found in shown.values() for value in found]
    without, rising = ranking(tables, primary).without, _ending_above(shown)
    axes.set_yscale("log")
    axes.set_ylim(min([*drawn, 0.5]) / 1.4, max([*drawn, 1.0]) * 1.4)
    for child in sorted({child for found in shown.values() for child in found.index}):
        course = [(0, 1.0), *((week, found[child]) for week, found in shown.items() if child in found.index)]
        colour, point = (NO_RESPONSE, NO_RESPONSE) if child in without else (PATIENT, QUIET)
        (line,) = axes.plot(*zip(*course, strict=True), color=colour, linewidth=1.8 if child in rising else 0.8, zorder=1)
        of_patient(line, child)
        for week, found in ratios.items():
            if child in found.index:
                face = PAPER if found.at[child, "censored"] else point
                at = week, found.at[child, "ratio"]
                (mark,) = axes.plot(*at, "o", markersize=3, markerfacecolor=face, markeredgecolor=point, zorder=2)
                of_patient(mark, child)
    means = {week: [results[f"{geometric(results, _RATIO, week)}.{part}"] for part in ("geometric_mean", "ci_low", "ci_high")]
             for week in weeks}  # fmt: skip
    for week, (middle, low, high) in means.items():
        if low.value is not None:
            axes.vlines(week, low.value, high.value, color=RESULT, linewidth=2, zorder=3)
        if middle.value is not None:
            axes.plot(week, middle.value, "D", color=RESULT, markersize=6, zorder=4)
            axes.annotate(
                middle.display, (week, middle.value), xytext=(7, 0), textcoords="offset points", va="center", color=RESULT,
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.5}, zorder=4,
            )  # fmt: skip
    axes.axhline(1, color=QUIET, linewidth=0.6, linestyle=(0, (3, 3)))
    axes.yaxis.set_major_locator(_ticks(*axes.get_ylim()))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    counts = [results[f"biomarker.total_ige_change.w{week}.paired.n"].display for week in weeks]
    axes.set_xticks([0, *weeks], ["0\n", *(f"{week}\n{n}" for week, n in zip(weeks, counts, strict=True))])
    axes.set_xlim(-0.03 * weeks[-1], 1.1 * weeks[-1])
    axes.set(xlabel=f"Week (below: {called.many} with a value then and at baseline)")
    axes.set(ylabel="Total IgE, ratio to baseline\n(logarithmic scale)")
    rows = [
        [f"{called.many.capitalize()} with both values", *counts],
        ["Geometric mean ratio", *(middle.display for middle, *_ in means.values())],
        ["95 % CI", *(interval(*(row.display for row in limits)) if limits[0].value is not None else ABSENT
                      for _, *limits in means.values())],
    ]  # fmt: skip
    for patient in sorted({patient for found in pairs.values() for patient in found.index}):
        rows.append([literal(patient), *(_ratio(found, patient) for found in pairs.values())])
    header = ["Total IgE, ratio to baseline", *map(visit, weeks)]
    return Drawing(figure, Table(header, "l" + "r" * len(weeks), rows))


def _ending_above(ratios: Mapping[int, pd.Series]) -> set[str]:
    """Patients whose last known ratio is above 1."""
    last = {child: value for _, found in sorted(ratios.items()) for child, value in found.items()}
    return {child for child, value in last.items() if value > 1}


@or_of_many(many_shown.ratio_courses_caption)
def ratio_courses_caption(tables: Tables, words: Words, primary: int) -> Markdown:
    """As :func:`before_after_caption`, of the ratios to baseline."""
    ige, weeks = total_ige(tables.labs), words.results.weeks("biomarker", _RATIO)
    pairs = {week: ige_pairs(ige, week) for week in weeks}
    known = {week: found[found["ratio"].notna()] for week, found in pairs.items()}
    kinds = {
        _without(primary): bool(ranking(tables, primary).without & {child for found in known.values() for child in found.index}),
        "thick lines end above baseline": bool(_ending_above({week: found["ratio"] for week, found in known.items()})),
        "hollow points contain a censored value and stand at the one bound that is known": any(
            found["censored"].any() for found in known.values()
        ),
        "diamonds are geometric mean ratios with 95 % confidence intervals": any(
            words.known(f"{geometric(words.results, _RATIO, week)}.geometric_mean") for week in weeks
        ),
    }
    return _caption(f"Total IgE of every {words.who.one} as a ratio to its own baseline.", kinds)


def _ratio(pairs: pd.DataFrame, patient: str) -> str:
    """A patient's ratio as a table shows it: exact, or the bound that is known, or that nothing is."""
    if patient not in pairs.index:
        return ABSENT
    pair = pairs.loc[patient]
    if not pair["positive"]:
        return "no ratio to or from 0"
    if pd.isna(pair["ratio"]):
        return "unknown"
    return literal(f"{pair['qualifier']}{pair['ratio']:.3g}") if pair["censored"] else number(pair["ratio"], 3)


def _ticks(low: float, high: float):
    """Few round ratios inside the limits, halves and doubles first."""
    from matplotlib.ticker import FixedLocator

    halves = [2.0**power for power in range(-12, 13)]
    inside = [value for value in halves if low <= value <= high]
    step = int(np.ceil(len(inside) / 7)) or 1
    at_one = inside.index(1.0) % step
    return FixedLocator(inside[at_one::step])


@or_of_many(many_shown.alt_ratio_courses)
def alt_ratio_courses(results: Results) -> str:
    """What the figure of the ratios shows, in words."""
    called, parts, unknown = who(results), [], 0
    for week in results.weeks("biomarker", _RATIO):
        row = results[f"{geometric(results, _RATIO, week)}.geometric_mean"]
        parts += [f"{row.display} at week {week}"] if row.value is not None else []
        unknown += unknown_ratios(results, week)
    falling, n = (results[f"{_SLOPE}.{part}"] for part in ("falling", "n"))
    mean = f"with the geometric mean ratio: {', '.join(parts)}" if parts else "without a geometric mean ratio"
    said = [f"Total IgE of every {called.one} as a ratio to its own baseline at each visit, one line for each {called.one} on a "
            f"logarithmic scale, {mean}."]  # fmt: skip
    if n.value and falling.value == n.value:
        said.append(
            f"The line falls in all {n.display} {called.many}."
            if n.value > 1
            else f"The line of the {called.one} falls."
        )
    elif n.value:
        falls = f"{falling.display} of {n.display} {called.many}" if falling.value else f"no {called.one}"
        said.append(f"The line of {falls} falls.")
    else:
        said.append(f"No {called.one} has two values through which a line could be drawn.")
    if unknown:
        said.append(f"Not drawn because nothing is known of them: {unknown} ratios of two values beyond a limit.")
    return " ".join(said)


@with_origins
def averages_table(results: Results) -> Table:
    """Arithmetic and geometric averages of total IgE at every visit, with intervals, and the ratio to baseline."""
    rows = []
    for week in results.weeks("biomarker", "total_ige"):
        arithmetic = f"biomarker.total_ige.w{week}.observed"
        level = geometric(results, "total_ige", week)
        cells = [
            visit(week),
            results[f"{arithmetic}.n"].display,
            results[f"{arithmetic}.mean"].display,
            _with_interval(results, level),
        ]
        if week:
            change = f"biomarker.total_ige_change.w{week}.paired"
            cells += [
                _with_interval(results, change, "mean"),
                _with_interval(results, geometric(results, _RATIO, week)),
            ]
        rows.append(cells if week else [*cells, "", ""])
    header = ["Visit", "n", "Mean, kU/L", "Geometric mean (95 % CI), kU/L^a^", "Mean change (95 % CI), kU/L^b^",
              "Geometric mean ratio (95 % CI)^c^"]  # fmt: skip
    both = f"the {who(results).many} with a value at baseline and at the visit"
    notes = [
        lettered(
            "*t* interval on the log scale.", f"In {both}; *t* interval.", f"In {both}; *t* interval on the log scale."
        )
    ]
    if any(geometric(results, "total_ige", week).endswith(".mle") for week in results.weeks("biomarker", "total_ige")):
        notes.append(
            "Where values are censored there is no arithmetic mean, and geometric means, where there are any, come from log-normal "
            "maximum likelihood with the interval of the profile likelihood."
        )
    unknown = {week: unknown_ratios(results, week) for week in results.weeks("biomarker", _RATIO)}
    if any(unknown.values()):
        counts = ", ".join(f"{count} at week {week}" for week, count in unknown.items() if count)
        notes.append(
            f"Pairs of values beyond a limit on the same side, of which neither change nor ratio is known: {counts}."
        )
    return Table(header, "lrrrrr", rows, notes)


def _with_interval(results: Results, prefix: str, statistic: str = "geometric_mean") -> str:
    """`value (low to high)`; a value alone where there is no interval."""
    middle, low, high = (results[f"{prefix}.{part}"] for part in (statistic, "ci_low", "ci_high"))
    if middle.value is None or low.value is None:
        return middle.display
    return f"{middle.display} ({interval(low.display, high.display)})"
