"""What happened to the skin as shown: sentences, responders, scores at every visit, and changes from baseline.

Sizes are in inches at print size; weeks count from the first dose.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from functools import partial
from itertools import cycle, pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis import many_shown
from analysis.core import display
from analysis.core.cells import extremes, interval_of, mean_sd, median_quartiles, n_of
from analysis.core.design import Tables
from analysis.core.display import interval, named_visit, p_value, visit
from analysis.core.display_sizes import or_of_many
from analysis.core.drawing import ABSENT, Drawing, by_child, of_individuals, of_patient, on_phones_too, subplots
from analysis.core.families import paired
from analysis.core.markdown import Table, indented, lettered, literal
from analysis.core.multiples import Course, Groups, small_multiples
from analysis.core.origin import marked, with_origins
from analysis.core.results import Result, Results
from analysis.core.sizes import MOST_EXACT
from analysis.core.style import INK, NARROW, NO_RESPONSE, PAPER, QUIET, RESULT, text_on
from analysis.core.words import Markdown, Words, capital, listed, who
from analysis.efficacy import percent_change
from analysis.ranking import RESPONSE, ranking
from analysis.standing_shown import HATCHED, LOOKS, NAMES, standing
from protocol import outcomes
from protocol.outcomes import EASI_THRESHOLDS

_LEVELS = {"scorad": (0.0, 25.0, 50.0)}
"""Where a score has bounds of severity: the lines across its panels."""
_MARKERS = ("o", "^", "s", "D")
_LEADER = {"arrowstyle": "-", "color": QUIET, "linewidth": 0.4, "shrinkA": 1, "shrinkB": 4}
_NO_VALUE = {"facecolor": PAPER, "edgecolor": QUIET, "linewidth": 0.4, "hatch": "//////"}
_NOT_MET = {"facecolor": NO_RESPONSE, "edgecolor": PAPER, "hatch": "////"}
_MET = {"facecolor": RESULT, "edgecolor": PAPER}


def share(words: Words, prefix: str, name: str = "95 % CI ") -> str:
    """Who responded, as Markdown within a sentence: "26 of 27 children (96.3 %; 95 % CI 81.0 to 99.9 %)", "none of 27 children
    (95 % CI ...)", "all 27 children (95 % CI ...)"; of one patient "the one child" or "nobody". The results have to be known."""
    n, everyone = words.row(f"{prefix}.n").value, words.row(f"{prefix}.N").value
    if everyone == 1:
        return f"the one {words.who.one}" if n else "nobody"
    many, interval = words.who.many, f"{name}{words.interval(prefix).marked}"
    if n == everyone:
        return f"all {words.number(f'{prefix}.N').marked} {many} ({interval})"
    if not n:
        return f"none of {words.number(f'{prefix}.N').marked} {many} ({interval})"
    return f"{words.of(prefix).marked} {many} ({words.percent(prefix).marked}; {interval})"


def _why_not(words: Words, what: str, result_id: str) -> str:
    """The sentence in place of a result that could not be estimated."""
    return f"{what} cannot be given: {literal(words.row(result_id).reason)}."


def iga_sentence(words: Words, week: int) -> Markdown:
    """Who had IGA 0/1 at a week."""
    prefix = f"efficacy.iga_0_1.w{week}.nri"
    if not words.known(f"{prefix}.n"):
        return Markdown(_why_not(words, f"IGA 0/1 at week {week}", f"{prefix}.n"))
    return Markdown(f"At week {week}, {share(words, prefix)} had IGA 0/1.")


def reached(words: Words, responses: Sequence[str], week: int) -> Markdown:
    """By whom these responses, ids of :data:`protocol.outcomes.RESPONSES`, were reached at a week, in one sentence."""
    prefixes = {outcomes.RESPONSES[each].name: f"efficacy.{each}.w{week}.nri" for each in responses}
    names = listed(list(prefixes))
    first = next(iter(prefixes.values()))
    if not words.known(*(f"{prefix}.n" for prefix in prefixes.values())):
        return Markdown(_why_not(words, f"{names} at week {week}", f"{first}.n"))
    said = [f"{name} by {share(words, prefix, '95 % CI ' if prefix == first else '')}" for name, prefix in prefixes.items()]
    said = [said[0].replace(" by ", " was reached by ", 1), *(each.replace(f" {words.who.many}", "", 1) for each in said[1:])]
    return Markdown(f"At week {week}, {listed(said)}.")


def mean_change(words: Words, prefix: str, unit: str) -> str:
    """A mean change with its interval, as Markdown: "−65.1 points (95 % CI −67.3 to −62.9)"; without one where there is none."""
    return f"{words.number(f'{prefix}.mean').marked}{f' {unit}' if unit else ''}{words.within(prefix)}"


def _pairs(words: Words, prefix: str) -> int:
    return words.row(f"{prefix}.n").value


def no_pairs(words: Words, what: str, week: int, prefix: str) -> str:
    """Why there is no change of a score: nobody was seen, or nobody has both values."""
    reason = words.row(f"{prefix}.mean").reason
    if reason == "no values":
        reason = f"no {words.who.one} has a value both at baseline and at week {week}"
    return f"The change of {what} to week {week} cannot be given: {literal(reason)}."


def easi_sentence(words: Words, week: int) -> Markdown:
    """Mean EASI at a week and its mean change."""
    change, at = f"efficacy.easi_change.w{week}.paired", f"efficacy.easi.w{week}.observed.mean"
    if not words.known(f"{change}.mean", at):
        return Markdown(f"{no_pairs(words, 'EASI', week, change)} @fig-easi shows {words.every}.")
    mean = "mean " if _pairs(words, change) > 1 else ""
    return Markdown(
        f"{'The mean ' if mean else ''}EASI at week {week} was {words.number(at).marked} points, a {mean}change of "
        f"{mean_change(words, change, '')}; @fig-easi shows {words.every}."
    )


def scorad_sentence(words: Words, week: int) -> Markdown:
    """SCORAD at baseline and at a week, and its change with test and shift where there is more than one patient."""
    start, at, change = "efficacy.scorad.w0.observed", f"efficacy.scorad.w{week}.observed", f"efficacy.scorad_change.w{week}.paired"
    if not words.known(f"{change}.mean"):
        before = f"Mean SCORAD was {words.mean_sd(start).marked} at baseline. " if words.known(f"{start}.mean") else ""
        return Markdown(before + no_pairs(words, "SCORAD", week, change))
    n = _pairs(words, change)
    means = f"SCORAD was {words.mean_sd(start).marked} at baseline and {words.mean_sd(at).marked} at week {week}"
    if n == 1:
        return Markdown(f"{means}, a change of {words.number(f'{change}.mean').marked} points.")
    test = ""
    if words.known(f"{change}.p_exact", f"{change}.hodges_lehmann"):
        shift, p = (words.number(f"{change}.{part}").marked for part in ("hodges_lehmann", "p_exact"))
        test = f", the Hodges-Lehmann estimate {shift} points ({p})"
    return Markdown(f"Mean {means}. The mean change was {mean_change(words, change, 'points')}{test}.")


def symptoms_sentence(words: Words, week: int) -> Markdown:
    """The changes of itch and of sleep loss to a week."""
    prefixes = [f"efficacy.{score}_change.w{week}.paired" for score in ("pruritus", "sleep_loss")]
    if not all(words.known(f"{prefix}.mean") for prefix in prefixes):
        unknown = no_pairs(words, "itch and of sleep loss", week, prefixes[0])
        return Markdown(f"{unknown} @fig-itch and @tbl-changes show what is known.")
    of = "a mean of " if max(_pairs(words, prefix) for prefix in prefixes) > 1 else ""
    itch, sleep = (_same_in_all(words, prefix) or mean_change(words, prefix, "points") for prefix in prefixes)
    return Markdown(f"Itch changed by {of}{itch} and sleep loss by {sleep}, on scales from 0 to 10 (@fig-itch, @tbl-changes).")


def _same_in_all(words: Words, prefix: str) -> str | None:
    """A change that all patients share, which has no interval."""
    if words.row(f"{prefix}.ci_low").reason != "all values are identical":
        return None
    return f"{words.number(f'{prefix}.mean').marked} points (the same in every {words.who.one})"


def no_later_visit(words: Words) -> Markdown | None:
    """A sentence in place of the figure of responders where nobody was seen after baseline."""
    if any(_decided(words.results, response.id) for response in outcomes.MAIN):
        return None
    return Markdown(f"No {words.who.one} was seen after baseline, so there is nothing to draw.")


def no_waterfall(words: Words, week: int) -> Markdown | None:
    """A sentence in place of the bars where no patient has one."""
    if words.row(f"efficacy.easi_percent_change.w{week}.paired.n").value:
        return None
    return Markdown(f"No {words.who.one} has EASI both at baseline and at week {week}, so there is nothing to draw.")


def counted_alike(results: Results, responses: Iterable[outcomes.Response], week: int) -> bool:
    """Whether the observed cases are everyone for all these responses, so that to show both ways of counting would say it twice."""
    return all(
        results[f"efficacy.{response.id}.w{week}.nri.{part}"].value == results[f"efficacy.{response.id}.w{week}.observed.{part}"].value
        for response in responses for part in ("n", "N")
    )  # fmt: skip


def responders_sentence(words: Words, week: int) -> Markdown:
    """What the table of responders holds."""
    if counted_alike(words.results, outcomes.MAIN, week):
        return Markdown("@tbl-responders gives the responders; nobody’s value is missing, so that those observed are everyone.")
    return Markdown("@tbl-responders gives the responders of everyone and of those observed.")


@with_origins
def responders_table(results: Results, week: int) -> Table:
    """Responders at one week: the primary analysis and, where they are others, the observed cases beside it."""
    return by_ways_of_counting(
        results, week, [(response, response.name) for response in outcomes.MAIN],
        "Of everyone; a missing value or stopped treatment is non-response (the primary analysis).",
    )  # fmt: skip


def by_ways_of_counting(results: Results, week: int, rows: Sequence[tuple[outcomes.Response | None, str]], everyone: str) -> Table:
    """A table of responders. rows: responses and what they are called, or headings without a response. everyone: the note on whom the
    primary analysis counts."""
    alike = counted_alike(results, [response for response, _ in rows if response], week)
    methods = ("nri",) if alike else ("nri", "observed")
    cells = []
    for response, name in rows:
        cells.append([name])
        for method in methods:
            prefix = f"efficacy.{response.id}.w{week}.{method}" if response else ""
            cells[-1] += (
                [n_of(results, prefix), results[f"{prefix}.percent"].display, interval_of(results, prefix)] if response else [""] * 3
            )
    header = [f"Week {week}", "n/N^a^", "%", "95 % CI^b^", "n/N observed^c^", "%", "95 % CI^b^"][: 1 + 3 * len(methods)]
    notes = [everyone, "Exact (Clopper-Pearson) confidence interval."]
    if not alike:
        notes.append(f"Of the {who(results).many} with a value at both visits.")
    return Table(header, "l" + "rrr" * len(methods), cells, [lettered(*notes)])


def responders_over_time(results: Results) -> Drawing:
    """Responders at every visit with exact intervals, everyone counted, one labelled line a response."""
    data = []
    for response in outcomes.MAIN:
        data.append([f"**{response.name}**", "", "", ""])
        for week, rows in _responders(results, response.id).items():
            percent, *limits, n, of = (row.display for row in rows)
            data.append([indented(visit(week)), f"{n}/{of}", percent, interval(*limits)])
    table = Table(["Response", "n/N", "%", "95 % CI"], "lrrr", data)
    return on_phones_too(lambda width: Drawing(_responder_lines(results, width), table))


def _responder_lines(results: Results, width: float) -> Figure:
    figure, axes = subplots(figsize=(width, 3.0))
    lines = {response.name: _responders(results, response.id) for response in outcomes.MAIN}
    weeks = sorted({week for rows in lines.values() for week in rows})
    last = max(weeks, default=1)
    ends = {name: rows[max(rows)][0].value for name, rows in lines.items() if rows}
    heights = _apart(ends, 7.5)
    for place, ((name, rows), marker) in enumerate(zip(lines.items(), cycle(_MARKERS), strict=False)):
        if not rows:
            continue
        beside = (place - (len(lines) - 1) / 2) * 0.011 * last  # or the intervals would hide each other
        percent, low, high = np.array([[row.value for row in found[:3]] for found in rows.values()], dtype=float).T
        places = np.array([*rows]) + beside
        axes.vlines(places, low, high, color=RESULT, linewidth=0.9)
        axes.plot(places, percent, marker, color=RESULT, markerfacecolor=RESULT if marker in "os" else PAPER, markersize=4.2,
                  linestyle="-", linewidth=1.8 if name == RESPONSE.name else 0.9, clip_on=False, zorder=3)  # fmt: skip
        axes.annotate(
            f"{name} {rows[max(rows)][0].display}", (places[-1], ends[name]), xytext=(1.06 * last, heights[name]), va="center",
            annotation_clip=False, color=INK, arrowprops=_LEADER,
        )  # fmt: skip
    called, enrolled = who(results), results["population.enrolled.n"]
    axes.set_xticks([0, *weeks], ["0", *map(str, weeks)])
    axes.set(xlim=(0, last * (1.33 if width > NARROW else 1.5)), ylim=(0, 105), xlabel="Weeks since the first dose")
    axes.set_ylabel(f"Responders (% of {enrolled.display} {called.count(enrolled.value)})")
    axes.spines["bottom"].set_bounds(0, last)
    axes.xaxis.set_label_coords(0.4, -0.13)
    return figure


def _responders(results: Results, response: str) -> dict[int, list[Result]]:
    """By week percent, limits, number and size, where it is known who responded."""
    parts = ("percent", "ci_low", "ci_high", "n", "N")
    return {week: [results[f"efficacy.{response}.w{week}.nri.{part}"] for part in parts] for week in _decided(results, response)}


def _apart(heights: Mapping[str, float], least: float) -> dict[str, float]:
    """Heights of labels near these from 0 to 100, in their order and no closer than this.

    >>> _apart({"a": 96.0, "b": 100.0, "c": 96.0, "d": 70.0}, 7.0)
    {'d': 70.0, 'c': 86.0, 'a': 93.0, 'b': 100.0}
    """
    found: dict[str, float] = {}
    for name, height in sorted(reversed(heights.items()), key=lambda each: each[1]):  # of equal ones the first on top
        found[name] = max([height, *(above + least for above in found.values())])
    ceiling = 100.0
    for name in reversed(found):
        found[name] = min(found[name], ceiling)
        ceiling = found[name] - least
    return found


def alt_responders_over_time(results: Results) -> str:
    parts = []
    for response in outcomes.MAIN:
        last = max(_decided(results, response.id), default=None)
        if last is None:
            parts.append(f"{response.name} at no visit after baseline")
            continue
        prefix = f"efficacy.{response.id}.w{last}.nri"
        if results[f"{prefix}.N"].value == 1:
            parts.append(f"{response.name} {'' if results[f'{prefix}.n'].value else 'not '}reached at week {last}")
            continue
        parts.append(
            f"{response.name} {results[f'{prefix}.percent'].display} percent ({results[f'{prefix}.ci_low'].display} to "
            f"{results[f'{prefix}.ci_high'].display}) at week {last}"
        )
    return (
        f"Percentage of responders at every visit with exact 95 percent intervals, one labelled line a response: {'; '.join(parts)}."
    )


def _decided(results: Results, response: str) -> list[int]:
    """Weeks at which it is known who responded."""
    weeks = results.weeks("efficacy", response)
    return [week for week in weeks if results[f"efficacy.{response}.w{week}.nri.percent"].value is not None]


def assessed(results: Results, variable: str, statistic: str = "n") -> list[int]:
    """Weeks at which somebody's value of an observed variable is known; baseline always."""
    weeks = results.weeks("efficacy", variable)
    return [week for week in weeks if not week or results[f"efficacy.{variable}.w{week}.observed.{statistic}"].value]


def iga_distribution(tables: Tables, results: Results) -> Drawing:
    """The grades of all patients at each visit as columns, as the primary analysis counts them: who was not assessed and who had
    stopped treatment are shown as such, above those who did not respond."""
    weeks = assessed(results, "iga_grade_0", "N")
    counts = standing(tables, weeks)
    everyone = results["population.enrolled.n"].value
    response = outcomes.RESPONSES["iga_0_1"]
    responders = {week: rows for week, rows in _responders(results, response.id).items() if week in weeks}
    used = [kind for kind in LOOKS if kind not in HATCHED or counts[kind].any()]

    def draw(width: float) -> Figure:
        figure, axes = subplots(figsize=(width, 3.2))
        last = max(weeks)
        across = 0.75 * min([later - week for week, later in pairwise(weeks)], default=4)
        for week in weeks:
            floor = 0.0
            for kind in used:
                count = int(counts.at[week, kind])
                if not count:
                    continue
                look = LOOKS[kind]
                axes.bar(week, 100 * count / everyone, across, bottom=floor, edgecolor=QUIET, linewidth=0.5, **look)
                colour = text_on(look["facecolor"])
                box = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.4} if "hatch" in look else None
                share = 100 * count / everyone
                if share > (3 if width > NARROW else 6):  # lower ones have no room for a number
                    axes.text(week, floor + share / 2, f"{count}", ha="center", va="center", color=colour, bbox=box,
                              fontsize=8 if share > 6 else 6)  # fmt: skip
                floor += share
            if week in responders:
                axes.text(week, 102, f"{responders[week][0].display}\N{NO-BREAK SPACE}%", ha="center", va="bottom", color=RESULT,
                          fontweight="bold")  # fmt: skip
        axes.set_xticks(weeks)
        called = who(results)
        axes.set(xlim=(-across, last + across), ylim=(0, 100), xlabel="Weeks since the first dose")
        whom = f"all {everyone} {called.many}" if everyone > 1 else f"the one {called.one}"
        axes.set_ylabel(f"% of {whom}, numbers inside")
        if responders:
            axes.annotate(f"{response.name}: ", (weeks[0], 102), ha="center", va="bottom", color=RESULT, annotation_clip=False)
        handles = [plt.Rectangle((0, 0), 1, 1, edgecolor=QUIET, linewidth=0.5, **LOOKS[kind]) for kind in used]
        names = [NAMES[kind] for kind in used]
        if width > NARROW:
            figure.legend(handles[::-1], names[::-1], title="IGA", loc="outside right center", alignment="left", handlelength=1.2)
        else:
            figure.legend(handles, names, title="IGA", loc="outside upper left", ncols=2, alignment="left", handlelength=1.2)
        return figure

    header = [f"IGA, n of {everyone}", *map(capital, NAMES.values())]
    table = [[visit(week), *(f"{counts.at[week, kind]}" for kind in LOOKS)] for week in weeks]
    data = Table(header, "l" + "r" * len(LOOKS), table)
    return on_phones_too(lambda width: Drawing(draw(width), data))


def iga_caption(tables: Tables, words: Words) -> Markdown:
    """What is drawn in this cut."""
    weeks = assessed(words.results, "iga_grade_0", "N")
    found = standing(tables, weeks)
    hatched = [kind for kind in HATCHED if found[kind].any()]
    said = f"Investigator's global assessment of all {words.who.many} at each visit"
    if hatched:
        said += f"; hatched: {' or '.join(hatched)}, which the primary analysis counts as non-response"
    above = " Above: responders." if set(weeks) & set(_decided(words.results, "iga_0_1")) else ""
    return Markdown(f"{said}.{above}")


def alt_iga_distribution(results: Results) -> str:
    parts = []
    for week, (*_, n, everyone) in _responders(results, "iga_0_1").items():
        of = f"{n.display} of {everyone.display}" if everyone.value > 1 else "the only one" if n.value else "nobody"
        parts.append(f"{of} at {named_visit(week)}")
    many = who(results).many
    return (
        f"Columns of all {many} by IGA grade at each visit, with those not assessed or off treatment hatched. Clear or almost clear "
        f"on treatment: {', '.join(parts) or 'not known at any visit after baseline'}."
    )


@of_individuals
@or_of_many(many_shown.easi_waterfall)
def easi_waterfall(tables: Tables, results: Results, week: int) -> Drawing:
    """Change of EASI from baseline in percent, one bar a patient, with the thresholds of EASI-50, -75 and -90; who has no change has
    an empty place at the worse end."""
    pairs, _ = paired(tables.visits, week, "easi")
    change = percent_change(pairs).sort_values(ascending=False, kind="stable")
    unknown = [each for each in tables.patients["patient_id"] if each not in change.index]
    without, called = ranking(tables, week).without, who(results)
    draw = partial(_waterfall, change, unknown, without, week)
    names = {True: "no", False: "yes"}
    rows = [[literal(patient), ABSENT, names[patient in without]] for patient in unknown]
    rows += [[literal(patient), display.number(value, 1), names[patient in without]] for patient, value in change.items()]
    table = Table([called.one.capitalize(), "Change of EASI, %", RESPONSE.name], "lrl", rows)
    return on_phones_too(lambda width: Drawing(draw(width), table))


def _waterfall(change: pd.Series, unknown: list[str], without: Set[str], week: int, width: float) -> Figure:
    """Upright columns, or on a phone, where all their names have no room side by side, bars below each other."""
    upright = width > NARROW
    everyone = [*unknown, *change.index]
    figure, axes = subplots(figsize=(width, 3.4 if upright else 1.0 + 0.155 * max(len(everyone), 3)))
    highest = max(5.0, float(change.max()) * 1.05) if len(change) else 5.0
    for place, patient in enumerate(everyone):
        known = patient in change.index
        look, length = (_NOT_MET if patient in without else _MET, change[patient]) if known else (_NO_VALUE, -6)
        (bar,) = axes.bar(place, length, width=0.78, **look) if upright else axes.barh(place, length, height=0.78, **look)
        of_patient(bar, patient)
    for threshold in EASI_THRESHOLDS:
        line, beside = (axes.axhline, (1, -threshold)) if upright else (axes.axvline, (-threshold, 1))
        line(-threshold, color=PAPER, linewidth=1.4)  # or the dashes would be lost in the bars
        line(-threshold, color=INK, linewidth=0.6, linestyle=(0, (3, 3)))
        axes.annotate(
            f"EASI-{threshold}", xy=beside, xycoords=("axes fraction", "data") if upright else ("data", "axes fraction"),
            xytext=(3, 0) if upright else (0, 2), textcoords="offset points", va="center" if upright else "bottom",
            ha="left" if upright else "center", annotation_clip=False,
        )  # fmt: skip
    named, measured = (axes.xaxis, axes.yaxis) if upright else (axes.yaxis, axes.xaxis)
    (axes.axhline if upright else axes.axvline)(0, color=QUIET, linewidth=0.6)
    room = (0.85 * width if upright else 0.155 * len(everyone)) * 72 / max(len(everyone), 1)
    size = min(7.0 if upright else 8.0, 0.95 * room)
    named.set_ticks(range(len(everyone)), everyone, fontsize=size, rotation=90 if upright else 0)
    for label, patient in zip(named.get_ticklabels(), everyone, strict=True):
        label.set_color(NO_RESPONSE if patient in without else INK)
        of_patient(label, patient)
    axes.tick_params(axis="x" if upright else "y", length=0)
    ends, across = (-105, highest), (-0.7, max(len(everyone), 1) - 0.3)
    axes.set(ylim=ends, xlim=across) if upright else axes.set(xlim=ends, ylim=across[::-1])
    measured.set_label_text(f"EASI, change from baseline{chr(10) if upright else ' '}to week {week} (%)")
    entries = [
        (any(each not in without for each in change.index), RESPONSE.name, _MET),
        (any(each in without for each in change.index), f"no {RESPONSE.name}", _NOT_MET),
        (bool(unknown), "no value at both visits", _NO_VALUE),
    ]
    shown = [(plt.Rectangle((0, 0), 1, 1, **look), name) for there, name, look in entries if there]
    if shown:
        figure.legend(*zip(*shown, strict=True), loc="outside upper left", ncols=len(shown), handlelength=1.2)
    return figure


@or_of_many(many_shown.waterfall_caption)
def waterfall_caption(tables: Tables, words: Words, week: int) -> Markdown:
    """What is drawn in this cut."""
    pairs, _ = paired(tables.visits, week, "easi")
    known, without = set(percent_change(pairs).index), ranking(tables, week).without
    said = f"Change of EASI from baseline to week {week}, one bar for each {words.who.one}"
    if known & without:
        said += f"; orange and hatched without {RESPONSE.name} at week {week}"
    if len(known) < len(tables.patients):
        said += "; an empty, hatched place is of one without both values"
    return Markdown(f"{said}.")


@or_of_many(many_shown.alt_easi_waterfall)
def alt_easi_waterfall(results: Results, week: int) -> str:
    called, change = who(results), f"efficacy.easi_percent_change.w{week}.paired"
    n, low, high = (results[f"{change}.{part}"] for part in ("n", "min", "max"))
    if not n.value:
        return f"No {called.one} has a change of EASI from baseline to week {week}."
    reached = {percent: results[f"efficacy.easi_{percent}.w{week}.observed.n"].display for percent in EASI_THRESHOLDS}
    if n.value == 1:
        passed = [f"EASI-{percent}" for percent, count in reached.items() if count != "0"]
        return (
            f"One bar for the one {called.one}, change of EASI from baseline to week {week} {low.display} percent; "
            f"{', '.join(passed) or 'no threshold'} reached."
        )
    said = ", ".join(f"EASI-{percent} by {count if count != '0' else 'nobody'}" for percent, count in reached.items())
    return (
        f"One bar for each of {n.display} {called.many}, change of EASI from baseline to week {week}, from {high.display} to "
        f"{low.display} percent; {said}."
    )


@of_individuals
@or_of_many(many_shown.score_courses)
def score_courses(tables: Tables, results: Results, week: int, variable: str) -> Drawing:
    """A score of every patient over time, a panel each, in the order of the response at `week`; `variable` is a key of
    :data:`protocol.outcomes.SCORES` whose column the visits have."""
    score = outcomes.SCORES[variable]
    label = f"{score.name} ({score.unit}, 0 to {score.highest})"
    return _panels(tables, results, week, label, {variable: (score.column, score.name)}, _LEVELS.get(variable, ()))


@of_individuals
@or_of_many(many_shown.itch_and_sleep)
def itch_and_sleep(tables: Tables, results: Results, week: int) -> Drawing:
    """Itch and sleep loss of every patient over time on one scale, a panel each, in the order of the response at `week`."""
    pair = {"pruritus": ("scorad_pruritus", "Itch"), "sleep_loss": ("scorad_sleep_loss", "Sleep loss")}
    return _panels(tables, results, week, "Visual analogue scale (0 to 10)", pair)


def _panels(
    tables: Tables, results: Results, week: int, label: str, variables: Mapping[str, tuple[str, str]], levels: Sequence[float] = ()
) -> Drawing:
    """Small multiples of these variables, each with its column and name; the data are the points of the lines.

    Quartiles beside the median, since the scores are skewed once the disease clears: a standard deviation would reach out of the
    scale.
    """
    ranked, called = ranking(tables, week), who(results)
    groups = Groups(ranked.order, ranked.without, f"{RESPONSE.name} at week {week}", called.one, called.many)
    courses, rows, weeks = [], [], set()
    for variable, (column, name) in variables.items():
        drawn, own = _course(tables.visits, results, variable, column)
        weeks |= set(drawn)
        values = {child: dict(zip(at["week"], at[column].astype(float), strict=True)) for child, at in own.groupby("patient_id")}
        courses.append(Course(name, values, {at: quartiles for at, quartiles in drawn.items() if quartiles}, dotted=bool(courses)))
        table = _course_rows(own, results, variable, column, [*drawn])
        rows += [[f"**{name}**", *[""] * (len(table[0]) - 1)], *table] if len(variables) > 1 else table
    draw = partial(small_multiples, courses, groups, sorted(weeks), label, levels)
    name = label.partition(" (")[0] if len(variables) == 1 else "Points"
    data = _courses_data(results, next(iter(variables)), name, rows)
    return on_phones_too(lambda width: Drawing(draw(width), data))


def _course(visits: pd.DataFrame, results: Results, variable: str, column: str) -> tuple[dict, pd.DataFrame]:
    """By week the median and the quartiles, None where there are none; and the visits with a value, in order."""
    seen = visits[visits[column].notna()].sort_values(["patient_id", "week"])
    drawn = {}
    for week in assessed(results, variable):
        found = tuple(results[f"efficacy.{variable}.w{week}.observed.{part}"].value for part in ("median", "q1", "q3"))
        drawn[week] = None if None in found else found
    return drawn, seen


def _course_rows(seen: pd.DataFrame, results: Results, variable: str, column: str, weeks: Sequence[int]) -> list[list[str]]:
    """What is drawn, as rows of a table."""
    rows = {
        part: [results[f"efficacy.{variable}.w{week}.observed.{part}"] for week in weeks]
        for part in ("n", "median", "q1", "q3")
    }
    values = {week: dict(zip(at["patient_id"], at[column], strict=True)) for week, at in seen.groupby("week")}
    return [
        [f"{who(results).many.capitalize()} assessed", *(row.display for row in rows["n"])],
        ["Median", *(row.display for row in rows["median"])],
        ["Quartiles", *(interval(q1.display, q3.display) for q1, q3 in zip(rows["q1"], rows["q3"], strict=True))],
        *by_child({visit(week): values.get(week, {}) for week in weeks}, 1),
    ]


def _courses_data(results: Results, variable: str, name: str, rows: list[list[str]]) -> Table:
    weeks = assessed(results, variable)
    return Table([name, *map(visit, weeks)], "l" + "r" * len(weeks), rows)


@or_of_many(many_shown.courses_caption)
def courses_caption(tables: Tables, words: Words, week: int, name: str) -> Markdown:
    """What is drawn in this cut of the score or scores of this name."""
    ranked, one, many = ranking(tables, week), words.who.one, words.who.many
    if len(ranked.order) == 1:
        return Markdown(f"{name} of the one {one}.")
    said = f"{name} of every {one}, a panel each, sorted by {RESPONSE.name} at week {week}"
    orange = " Orange: without it." if ranked.without else ""
    return Markdown(f"{said}; behind (grey) and in the first panel, with its quartiles, the median of all {many}.{orange}")


@or_of_many(many_shown.alt_score_courses)
def alt_score_courses(results: Results, variable: str, name: str) -> str:
    found = {week: results[f"efficacy.{variable}.w{week}.observed.median"] for week in assessed(results, variable)}
    medians = ", ".join(f"{row.display} at {named_visit(week)}" for week, row in found.items() if row.value is not None)
    if results["population.enrolled.n"].value == 1:
        return f"{name} of the one {who(results).one} over time: {medians or 'no value was recorded'}."
    if not medians:
        return f"{name} of every {who(results).one} over time: no value was recorded."
    return f"{name} of every {who(results).one} over time, sorted by response, beside the median of all: {medians}."


def alt_itch_and_sleep(results: Results) -> str:
    return f"{alt_score_courses(results, 'pruritus', 'Itch')} {alt_score_courses(results, 'sleep_loss', 'Sleep loss')}"


@with_origins
def courses_table(results: Results) -> Table:
    """EASI, SCORAD, itch and sleep loss at every visit."""
    rows = []
    for score in outcomes.DESCRIBED:
        rows.append([f"**{score.name}**", "", "", "", ""])
        for week in assessed(results, score.id):
            prefix = f"efficacy.{score.id}.w{week}.observed"
            rows.append(
                [
                    indented(visit(week)),
                    results[f"{prefix}.n"].display,
                    mean_sd(results, prefix),
                    median_quartiles(results, prefix),
                    extremes(results, prefix),
                ]
            )
    return Table(["Score and visit", "n", "Mean (SD)", "Median (quartiles)", "Range"], "lrrrr", rows)


@with_origins
def changes_table(results: Results, week: int) -> Table:
    """Change from baseline to one week, with interval, test and estimate of shift."""
    rows = []
    for score in outcomes.DESCRIBED:
        prefix = f"efficacy.{score.id}_change.w{week}.paired"
        test = results[f"{prefix}.p_exact"]
        p = test.display if test.value is None else p_value(test.value).removeprefix("p ").removeprefix("= ")
        rows.append(
            [
                score.name,
                results[f"{prefix}.n"].display,
                results[f"{prefix}.mean"].display,
                interval_of(results, prefix),
                results[f"{prefix}.hodges_lehmann"].display,
                marked(p, [test]) if test.value is not None else p,
            ]
        )
    header = [f"Change to week {week}, points", "n^a^", "Mean", "95 % CI^b^", "Shift^c^", "p^d^"]
    note = lettered(
        f"{who(results).many.capitalize()} with both visits.",
        "*t* interval of the mean.",
        "Hodges-Lehmann estimate.",
        f"Wilcoxon signed-rank test, {how_exact(results, week)}; without a control group it speaks against no change, not for an "
        "effect of the drug.",
    )
    return Table(header, "lrrrrr", rows, [note])


def how_exact(results: Results, week: int) -> str:
    """Whether the p values of the changes to a week are exact, in words: of very many differences they are approximate."""
    most = max(results[f"efficacy.{score.id}_change.w{week}.paired.n"].value or 0 for score in outcomes.DESCRIBED)
    if most <= MOST_EXACT:
        return "exact given the ties"
    return f"exact given the ties up to {MOST_EXACT:,} differences, and the normal approximation of more"


@with_origins
def scorad_parts_table(results: Results, week: int) -> Table:
    """The parts of SCORAD at baseline and at one week."""
    rows = [
        [
            part.as_part,
            mean_sd(results, f"efficacy.{part.id}.w0.observed"),
            mean_sd(results, f"efficacy.{part.id}.w{week}.observed"),
            results[f"efficacy.{part.id}_change.w{week}.paired.mean"].display,
            interval_of(results, f"efficacy.{part.id}_change.w{week}.paired"),
        ]
        for part in outcomes.PARTS
    ]
    return Table(["Part", "Baseline, mean (SD)", f"Week {week}, mean (SD)", "Change", "95 % CI"], "lrrrr", rows)
