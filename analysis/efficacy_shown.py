"""What happened to the skin as shown: sentences, responders, scores at every visit, and changes from baseline.

Sizes are in inches at print size; weeks count from the first dose.
"""

from collections.abc import Iterable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.core import display, style
from analysis.core.cells import extremes, interval_of, mean_sd, median_quartiles, n_of
from analysis.core.design import Tables
from analysis.core.display import interval, named_visit, p_value, visit
from analysis.core.drawing import Drawing, by_child, of_individuals, of_patient, subplots
from analysis.core.families import paired
from analysis.core.markdown import Table, indented, lettered, literal
from analysis.core.origin import marked, with_origins
from analysis.core.results import Results
from analysis.core.style import BLUE, FAINT, GRADES, INK, ORANGE, QUIET, WIDTH
from analysis.core.words import Markdown, Words, listed, who
from analysis.efficacy import percent_change
from protocol import outcomes, scores
from protocol.outcomes import EASI_THRESHOLDS


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
        return Markdown(f"{no_pairs(words, 'EASI', week, change)} @fig-easi shows every {words.who.one}.")
    mean = "mean " if _pairs(words, change) > 1 else ""
    return Markdown(
        f"{'The mean ' if mean else ''}EASI at week {week} was {words.number(at).marked} points, a {mean}change of "
        f"{mean_change(words, change, '')}; @fig-easi shows every {words.who.one}."
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
    """Responders at every visit with exact intervals, everyone counted, one panel a response."""
    figure, panels = subplots(1, len(outcomes.MAIN), figsize=(WIDTH, 2.8), sharey=True)
    data = []
    for axes, response in zip(panels, outcomes.MAIN, strict=True):
        weeks = _decided(results, response.id)
        found = [[results[f"efficacy.{response.id}.w{week}.nri.{part}"] for part in ("percent", "ci_low", "ci_high", "n", "N")]
                 for week in weeks]  # fmt: skip
        percent, low, high = np.array([[row.value for row in rows[:3]] for rows in found], dtype=float).reshape(-1, 3).T
        places = range(len(weeks))
        axes.vlines(places, low, high, color=BLUE, linewidth=1.2)
        axes.plot(places, percent, "o", color=BLUE, markersize=4.5, clip_on=False)
        for place, value, bottom, top in zip(places, percent, low, high, strict=True):
            below = top > 88
            axes.annotate(
                f"{value:.0f}", (place, bottom if below else top), xytext=(0, -3 if below else 3),
                textcoords="offset points", ha="center", va="top" if below else "bottom", fontsize=7,
            )  # fmt: skip
        axes.set_xticks(places, [f"{week}\n{n.display}" for week, (*_, n, _) in zip(weeks, found, strict=True)], fontsize=7)
        axes.set(title=response.name, xlim=(-0.6, max(len(weeks), 1) - 0.4), ylim=(0, 105))
        data.append([f"**{response.name}**", "", "", ""])
        for week, rows in zip(weeks, found, strict=True):
            percent, *limits, n, of = (row.display for row in rows)
            data.append([indented(visit(week)), f"{n}/{of}", percent, interval(*limits)])
    if not any(_decided(results, response.id) for response in outcomes.MAIN):
        figure.set_layout_engine("none")  # panels without a tick have no size that could be laid out
    called, enrolled = who(results), results["population.enrolled.n"]
    panels[0].set_ylabel(f"Responders (% of all {called.many})")
    figure.supxlabel(f"Week (below: responders, of {enrolled.display} {called.count(enrolled.value)})", fontsize=8)
    return Drawing(figure, Table(["Response", "n/N", "%", "95 % CI"], "lrrr", data))


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
        f"Percentage of responders at every visit with exact 95 percent intervals, one panel a response: {'; '.join(parts)}."
    )


def _decided(results: Results, response: str) -> list[int]:
    """Weeks at which it is known who responded."""
    weeks = results.weeks("efficacy", response)
    return [week for week in weeks if results[f"efficacy.{response}.w{week}.nri.percent"].value is not None]


def assessed(results: Results, variable: str, statistic: str = "n") -> list[int]:
    """Weeks at which somebody's value of an observed variable is known; baseline always."""
    weeks = results.weeks("efficacy", variable)
    return [week for week in weeks if not week or results[f"efficacy.{variable}.w{week}.observed.{statistic}"].value]


def iga_distribution(results: Results) -> Drawing:
    """Share of patients in each IGA grade at each visit, as stacked bars with their counts."""
    weeks = assessed(results, "iga_grade_0", "N")
    figure, axes = subplots(figsize=(WIDTH, 2.9))
    left = np.zeros(len(weeks))
    data = []
    for grade, (name, colour) in enumerate(zip(scores.IGA_LABELS, GRADES, strict=True)):
        rows = [results[f"efficacy.iga_grade_{grade}.w{week}.observed.percent"].value or 0.0 for week in weeks]
        counts = [results[f"efficacy.iga_grade_{grade}.w{week}.observed.n"].value for week in weeks]
        bars = axes.barh(range(len(weeks)), rows, left=left, color=colour, edgecolor="white", label=f"{grade} {name}")
        labels = [str(count) if count else "" for count in counts]
        axes.bar_label(bars, labels=labels, label_type="center", color=style.text_on(colour))
        left += rows
        data.append([f"{count} ({display.number(share, 1)})" for count, share in zip(counts, rows, strict=True)])
    totals = [results[f"efficacy.iga_grade_0.w{week}.observed.N"].value for week in weeks]
    axes.set_yticks(range(len(weeks)), [f"{visit(week)}\nn = {n}" for week, n in zip(weeks, totals, strict=True)])
    axes.invert_yaxis()
    axes.set(xlim=(0, 100), xlabel=f"{who(results).many.capitalize()} assessed (%), with counts in the bars")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    handles, names = axes.get_legend_handles_labels()
    for handle in handles:
        handle.patches[0].set_edgecolor(QUIET)
    figure.legend(handles, names, title="IGA", loc="outside upper left", ncols=5, alignment="left", handlelength=1.2)
    table = [[visit(week), *cells, f"{n}"] for week, *cells, n in zip(weeks, *data, totals, strict=True)]
    return Drawing(figure, Table(["IGA, n (%)", *names, "Assessed"], "lrrrrrr", table))


def alt_iga_distribution(results: Results) -> str:
    parts = []
    for week in assessed(results, "iga_grade_0", "N"):
        clear = sum(results[f"efficacy.iga_grade_{grade}.w{week}.observed.n"].value for grade in (0, 1))
        everyone = results[f"efficacy.iga_grade_0.w{week}.observed.N"]
        of = f"{clear} of {everyone.display}" if everyone.value > 1 else "the one assessed" if clear else "nobody"
        parts.append(f"{of} at {named_visit(week)}")
    return f"Stacked bars of IGA grades at each visit. Clear or almost clear: {', '.join(parts)}."


@of_individuals
def easi_waterfall(tables: Tables, results: Results, week: int) -> Drawing:
    """Change of EASI from baseline in percent, one bar a patient, with the thresholds of EASI-50, -75 and -90."""
    pairs, _ = paired(tables.visits, week, "easi")
    change = percent_change(pairs).sort_values(ascending=False, kind="stable")
    responded = scores.fell_by_percent(pairs["baseline"], pairs["value"], 75).reindex(change.index).fillna(False)
    figure, axes = subplots(figsize=(WIDTH, 3.4))
    colours = [BLUE if response else ORANGE for response in responded]
    hatches = ["" if response else "////" for response in responded]
    bars = axes.bar(range(len(change)), change, width=0.78, color=colours, hatch=hatches, edgecolor="white")
    for threshold in EASI_THRESHOLDS:
        axes.axhline(-threshold, color="white", linewidth=1.4)  # or the dashes would be lost in the bars
        axes.axhline(-threshold, color=INK, linewidth=0.6, linestyle=(0, (3, 3)))
        axes.annotate(
            f"EASI-{threshold}", xy=(1, -threshold), xycoords=("axes fraction", "data"), xytext=(3, 0),
            textcoords="offset points", va="center", annotation_clip=False,
        )  # fmt: skip
    axes.axhline(0, color=QUIET, linewidth=0.6)
    axes.set_xticks(range(len(change)), [f"{int(patient[1:])}" for patient in change.index], fontsize=7)
    for patient, bar, name in zip(change.index, bars, axes.get_xticklabels(), strict=True):
        of_patient(bar, patient)
        of_patient(name, patient)
    axes.tick_params(axis="x", length=0, labeltop=False)
    called = who(results)
    highest = max(5.0, float(change.max()) * 1.05) if len(change) else 5.0
    axes.set(ylim=(-105, highest), xlim=(-0.7, max(len(change), 1) - 0.3))
    axes.set(ylabel=f"EASI, change from baseline\nto week {week} (%)", xlabel=f"{called.one.capitalize()} (number of the patient id)")
    _key(figure, [("EASI-75 reached", BLUE, ""), ("EASI-75 not reached", ORANGE, "////")])
    rows = [[literal(patient), display.number(value, 1), "reached" if response else "not reached"]
            for (patient, value), response in zip(change.items(), responded, strict=True)]  # fmt: skip
    return Drawing(figure, Table([called.one.capitalize(), "Change of EASI, %", "EASI-75"], "lrl", rows))


def _key(figure: Figure, entries: list[tuple[str, str, str]]) -> None:
    patches = [
        plt.Rectangle((0, 0), 1, 1, facecolor=colour, hatch=hatch, edgecolor="white") for _, colour, hatch in entries
    ]
    figure.legend(
        patches, [name for name, *_ in entries], loc="outside upper left", ncols=len(entries), handlelength=1.2
    )


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
def score_courses(tables: Tables, results: Results, variable: str) -> Drawing:
    """A score of every patient over time, with the median and the quartiles; `variable` is a key of :data:`protocol.outcomes.SCORES`
    whose column the visits have."""
    score = outcomes.SCORES[variable]
    figure, axes = subplots(figsize=(WIDTH, 3.2))
    rows = _courses(axes, tables.visits, results, variable, score.column, f"{score.name} ({score.unit}, 0 to {score.highest})")
    axes.set_ylim(bottom=0)
    return Drawing(figure, _courses_data(results, variable, score.name, rows))


@of_individuals
def scorad_courses(tables: Tables, results: Results) -> Drawing:
    """SCORAD of every patient over time, with the median and the quartiles."""
    figure, axes = subplots(figsize=(WIDTH, 3.4))
    rows = _courses(axes, tables.visits, results, "scorad", "scorad", "SCORAD (points, 0 to 103)")
    for band, name in ((25, "moderate\nfrom 25"), (50, "severe\nabove 50")):
        axes.axhline(band, color=QUIET, linewidth=0.6, linestyle=(0, (3, 3)), zorder=0)
        axes.annotate(
            name, xy=(1, band), xycoords=("axes fraction", "data"), xytext=(3, 0), textcoords="offset points",
            va="center", color=QUIET, fontsize=7, annotation_clip=False, linespacing=1.1,
        )  # fmt: skip
    axes.set_ylim(0, 103)
    return Drawing(figure, _courses_data(results, "scorad", "SCORAD", rows))


@of_individuals
def itch_and_sleep(tables: Tables, results: Results) -> Drawing:
    """Itch and sleep loss of every patient over time, side by side on the same scale."""
    figure, panels = subplots(1, 2, figsize=(WIDTH, 3.0), sharey=True)
    rows = []
    pairs = (("pruritus", "scorad_pruritus", "Itch"), ("sleep_loss", "scorad_sleep_loss", "Sleep loss"))
    for axes, (variable, column, name) in zip(panels, pairs, strict=True):
        drawn = _courses(axes, tables.visits, results, variable, column, "Visual analogue scale (0 to 10)")
        rows += [[f"**{name}**", *[""] * (len(drawn[0]) - 1)], *drawn]
        axes.set(ylim=(0, 10.2), title=name)
    panels[1].set_ylabel("")
    return Drawing(figure, _courses_data(results, "pruritus", "Points", rows))


def _courses(
    axes: Axes, visits: pd.DataFrame, results: Results, variable: str, column: str, label: str
) -> list[list[str]]:
    """Thin line per patient; median and quartiles on top; n under every visit. Returns what is drawn, as rows of a table.

    Quartiles, since the scores are skewed once the disease clears: a standard deviation would reach out of the scale.
    """
    seen = visits[visits[column].notna()].sort_values(["patient_id", "week"])
    for patient, course in seen.groupby("patient_id"):
        of_patient(axes.plot(course["week"], course[column].astype(float), color=FAINT, linewidth=0.7, zorder=1)[0], patient)
    weeks = assessed(results, variable)
    rows = {
        part: [results[f"efficacy.{variable}.w{week}.observed.{part}"] for week in weeks]
        for part in ("n", "median", "q1", "q3")
    }
    median, low, high = (np.array([row.value for row in rows[part]], dtype=float) for part in ("median", "q1", "q3"))
    axes.vlines(weeks, low, high, color=BLUE, linewidth=2, zorder=3)
    axes.plot(weeks, median, color=BLUE, marker="o", markersize=4.5, zorder=3)
    axes.set_xticks(weeks, [f"{week}\n{row.display}" for week, row in zip(weeks, rows["n"], strict=True)])
    axes.yaxis.set_major_locator(MaxNLocator(6))
    called = who(results)
    axes.set(xlabel=f"Week (below: {called.many} assessed)", ylabel=label)
    values = {week: dict(zip(at["patient_id"], at[column], strict=True)) for week, at in seen.groupby("week")}
    return [
        [f"{called.many.capitalize()} assessed", *(row.display for row in rows["n"])],
        ["Median", *(row.display for row in rows["median"])],
        ["Quartiles", *(interval(q1.display, q3.display) for q1, q3 in zip(rows["q1"], rows["q3"], strict=True))],
        *by_child({visit(week): values.get(week, {}) for week in weeks}, 1),
    ]


def _courses_data(results: Results, variable: str, name: str, rows: list[list[str]]) -> Table:
    weeks = assessed(results, variable)
    return Table([name, *map(visit, weeks)], "l" + "r" * len(weeks), rows)


def alt_score_courses(results: Results, variable: str, name: str) -> str:
    found = {week: results[f"efficacy.{variable}.w{week}.observed.median"] for week in assessed(results, variable)}
    medians = ", ".join(f"{row.display} at {named_visit(week)}" for week, row in found.items() if row.value is not None)
    if not medians:
        return f"{name} of every {who(results).one} over time: no value was recorded."
    return f"{name} of every {who(results).one} over time as thin lines, with the quartiles and the median: {medians}."


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
        "Wilcoxon signed-rank test, exact given the ties; without a control group it speaks against no change, not for an effect of "
        "the drug.",
    )
    return Table(header, "lrrrrr", rows, [note])


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
