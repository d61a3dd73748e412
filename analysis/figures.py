"""The figures. Each function draws one, from the tables (every child visible) and the results (every statistic), and
returns it with the numbers drawn.

Sizes are in inches at print size; weeks and days count from the first dose.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis import display, style
from analysis.biomarker import printed_geometric_mean, total_ige
from analysis.design import Tables
from analysis.display import interval, visit
from analysis.drawing import ABSENT, Drawing, by_child, cell, subplots
from analysis.efficacy import percent_change
from analysis.markdown import Table, indented, literal
from analysis.results import Results
from analysis.rows import at_week, paired
from analysis.safety import treatment_emergent
from analysis.style import BLUE, FAINT, GRADES, GREEN, INK, ORANGE, QUIET, WIDTH
from protocol import outcomes, scores
from protocol.outcomes import EASI_THRESHOLDS
from protocol.special_interest import same_term


def patient_flow(results: Results) -> Drawing:
    """Patients enrolled, seen and not seen at each visit, and still on treatment at the end, as a row of boxes."""
    weeks = results.weeks("population", "visit")
    figure, axes = subplots(figsize=(WIDTH, 1.5))
    axes.set_axis_off()
    count = {key: results[f"population.{key}.n"].value for key in ("enrolled", "discontinued")}
    boxes = [("Enrolled", f"{count['enrolled']}", "")]
    for week in weeks:
        seen, due = (results[f"population.visit.w{week}.{part}"].value for part in ("n", "N"))
        boxes.append((visit(week), f"{seen}", f"{due - seen} not seen" if due > seen else ""))
    boxes.append(("Stopped\ntreatment", f"{count['discontinued']}", ""))
    for i, (name, number, note) in enumerate(boxes):
        box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": QUIET, "linewidth": 0.8}
        axes.text(i, 0.5, f"{number}", ha="center", va="center", fontsize=11, fontweight="bold", bbox=box)
        axes.text(i, 0.86, name, ha="center", va="bottom", linespacing=1.1)
        if note:
            axes.text(i, 0.12, note, ha="center", va="top", color=ORANGE)
        if 0 < i < len(boxes) - 1:
            arrow = {"arrowstyle": "-|>", "color": QUIET, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
            axes.annotate("", xy=(i - 0.3, 0.5), xytext=(i - 0.7, 0.5), arrowprops=arrow)
    axes.set(xlim=(-0.5, len(boxes) - 0.5), ylim=(-0.15, 1.3))
    rows = [[name.replace("\n", " "), number, note or ABSENT] for name, number, note in boxes]
    return Drawing(figure, Table(["Step", "Children", "Of those due"], "lrr", rows))


def iga_distribution(results: Results) -> Drawing:
    """Share of children in each IGA grade at each visit, as stacked bars with their counts."""
    weeks = results.weeks("efficacy", "iga_grade_0")
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
    axes.set(xlim=(0, 100), xlabel="Children assessed (%), with counts in the bars")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    handles, names = axes.get_legend_handles_labels()
    for handle in handles:
        handle.patches[0].set_edgecolor(QUIET)
    figure.legend(handles, names, title="IGA", loc="outside upper left", ncols=5, alignment="left", handlelength=1.2)
    table = [[visit(week), *cells, f"{n}"] for week, *cells, n in zip(weeks, *data, totals, strict=True)]
    return Drawing(figure, Table(["IGA, n (%)", *names, "Assessed"], "lrrrrrr", table))


def easi_waterfall(tables: Tables, results: Results, week: int) -> Drawing:
    """Change of EASI from baseline in percent, one bar a child, with the thresholds of EASI-50, -75 and -90."""
    pairs, _ = paired(tables.visits, week, "easi")
    change = percent_change(pairs).sort_values(ascending=False, kind="stable")
    responded = scores.fell_by_percent(pairs["baseline"], pairs["value"], 75).reindex(change.index).fillna(False)
    figure, axes = subplots(figsize=(WIDTH, 3.4))
    colours = [BLUE if response else ORANGE for response in responded]
    hatches = ["" if response else "////" for response in responded]
    axes.bar(range(len(change)), change, width=0.78, color=colours, hatch=hatches, edgecolor="white")
    for threshold in EASI_THRESHOLDS:
        axes.axhline(-threshold, color="white", linewidth=1.4)  # or the dashes would be lost in the bars
        axes.axhline(-threshold, color=INK, linewidth=0.6, linestyle=(0, (3, 3)))
        axes.annotate(
            f"EASI-{threshold}", xy=(1, -threshold), xycoords=("axes fraction", "data"), xytext=(3, 0),
            textcoords="offset points", va="center", annotation_clip=False,
        )  # fmt: skip
    axes.axhline(0, color=QUIET, linewidth=0.6)
    axes.set_xticks(range(len(change)), [f"{int(patient[1:])}" for patient in change.index], fontsize=7)
    axes.tick_params(axis="x", length=0, labeltop=False)
    highest = max(5.0, float(change.max()) * 1.05) if len(change) else 5.0
    axes.set(ylim=(-105, highest), xlim=(-0.7, max(len(change), 1) - 0.3))
    axes.set(ylabel=f"EASI, change from baseline\nto week {week} (%)", xlabel="Child (number of the patient id)")
    _key(figure, [("EASI-75 reached", BLUE, ""), ("EASI-75 not reached", ORANGE, "////")])
    rows = [[literal(child), display.number(value, 1), "reached" if response else "not reached"]
            for (child, value), response in zip(change.items(), responded, strict=True)]  # fmt: skip
    return Drawing(figure, Table(["Child", "Change of EASI, %", "EASI-75"], "lrl", rows))


def scorad_courses(tables: Tables, results: Results) -> Drawing:
    """SCORAD of every child over time, with the median and the quartiles."""
    figure, axes = subplots(figsize=(WIDTH, 3.4))
    rows = _courses(axes, tables.visits, results, "scorad", "scorad", "SCORAD (points, 0 to 103)")
    for band, name in ((25, "moderate\nfrom 25"), (50, "severe\nabove 50")):
        axes.axhline(band, color=QUIET, linewidth=0.6, linestyle=(0, (3, 3)), zorder=0)
        axes.annotate(
            name, xy=(1, band), xycoords=("axes fraction", "data"), xytext=(3, 0), textcoords="offset points",
            va="center", color=QUIET, fontsize=7, annotation_clip=False, linespacing=1.1,
        )  # fmt: skip
    axes.set_ylim(0, 103)
    return Drawing(figure, _courses_table(results, "scorad", "SCORAD", rows))


def score_courses(tables: Tables, results: Results, variable: str) -> Drawing:
    """A score of every child over time, with the median and the quartiles; `variable` is a key of :data:`protocol.outcomes.SCORES`
    whose column the visits have."""
    score = outcomes.SCORES[variable]
    figure, axes = subplots(figsize=(WIDTH, 3.2))
    rows = _courses(axes, tables.visits, results, variable, score.column, f"{score.name} ({score.unit}, 0 to {score.highest})")
    axes.set_ylim(bottom=0)
    return Drawing(figure, _courses_table(results, variable, score.name, rows))


def itch_and_sleep(tables: Tables, results: Results) -> Drawing:
    """Itch and sleep loss of every child over time, side by side on the same scale."""
    figure, panels = subplots(1, 2, figsize=(WIDTH, 3.0), sharey=True)
    rows = []
    pairs = (("pruritus", "scorad_pruritus", "Itch"), ("sleep_loss", "scorad_sleep_loss", "Sleep loss"))
    for axes, (variable, column, name) in zip(panels, pairs, strict=True):
        drawn = _courses(axes, tables.visits, results, variable, column, "Visual analogue scale (0 to 10)")
        rows += [[f"**{name}**", *[""] * (len(drawn[0]) - 1)], *drawn]
        axes.set(ylim=(0, 10.2), title=name)
    panels[1].set_ylabel("")
    return Drawing(figure, _courses_table(results, "pruritus", "Points", rows))


def responders_over_time(results: Results) -> Drawing:
    """Responders at every visit with exact intervals, everyone counted, one panel a response."""
    figure, panels = subplots(1, len(outcomes.MAIN), figsize=(WIDTH, 2.8), sharey=True)
    data = []
    for axes, response in zip(panels, outcomes.MAIN, strict=True):
        weeks = results.weeks("efficacy", response.id)
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
        axes.set(title=response.name, xlim=(-0.6, len(weeks) - 0.4), ylim=(0, 105))
        data.append([f"**{response.name}**", "", "", ""])
        for week, rows in zip(weeks, found, strict=True):
            percent, *limits, n, of = (row.display for row in rows)
            data.append([indented(visit(week)), f"{n}/{of}", percent, interval(*limits)])
    panels[0].set_ylabel("Responders (% of all children)")
    figure.supxlabel(f"Week (below: responders, of {results['population.enrolled.n'].display} children)", fontsize=8)
    return Drawing(figure, Table(["Response", "n/N", "%", "95 % CI"], "lrrr", data))


def ige_pairs(tables: Tables, results: Results, week: int) -> Drawing:
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


def timelines(tables: Tables, results: Results) -> Drawing:
    """Every child on one time line: doses given and missed, adverse events, and the last contact."""
    patients = tables.patients.sort_values(["last_contact_week", "patient_id"], ascending=[False, True])
    places = {patient: place for place, patient in enumerate(patients["patient_id"])}
    events = treatment_emergent(tables.adverse_events)
    figure, axes = subplots(figsize=(WIDTH, 0.8 + 0.19 * len(places)))
    for row in patients.itertuples():
        place = places[row.patient_id]
        axes.plot(
            (0, row.last_contact_week), (place, place), color=FAINT, linewidth=2.2, solid_capstyle="butt", zorder=1
        )
        if not pd.isna(row.discontinued_week):
            axes.plot(row.discontinued_week, place, marker="X", color=INK, markersize=5, linestyle="", zorder=4)
    weeks = (tables.doses["study_day"].astype(float) - 1) / 7
    heights = tables.doses["patient_id"].map(places)
    given = tables.doses["given"] == 1
    axes.plot(weeks[given], heights[given], "|", color=BLUE, markersize=5.5, markeredgewidth=1, zorder=2)
    axes.plot(
        weeks[~given], heights[~given], "o", markerfacecolor="white", markeredgecolor=BLUE, markersize=3.5, zorder=3
    )
    eyes = same_term(events["term"]) == "conjunctivitis"
    starts = (events["start_day"].astype(float) - 1) / 7
    for selected, marker, colour in ((~eyes, "v", ORANGE), (eyes, "s", GREEN)):
        start = starts[selected]
        at = events.loc[selected, "patient_id"].map(places) - 0.3
        axes.plot(start, at, marker, color=colour, markersize=4, markeredgecolor="white", markeredgewidth=0.4, zorder=5)
    axes.set_yticks(list(places.values()), list(places), fontsize=7)
    last = max(patients["last_contact_week"].max(), weeks.max(), starts.max() if len(starts) else 0.0)
    axes.set(ylim=(len(places) - 0.3, -0.9), xlim=(-0.6, last + 0.6))
    axes.set(xlabel="Weeks since the first dose", ylabel="Child")
    axes.set_xticks([week for week in results.weeks("population", "visit")])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    marks = [("dose given", "|", BLUE, BLUE), ("dose missed", "o", "white", BLUE),
             ("conjunctivitis", "s", GREEN, GREEN), ("other adverse event", "v", ORANGE, ORANGE),
             ("treatment stopped", "X", INK, INK)]  # fmt: skip
    handles = [
        Line2D(
            [], [], linestyle="", marker=marker, markerfacecolor=face, markeredgecolor=edge, markersize=5, label=name
        )
        for name, marker, face, edge in marks
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=len(marks), handletextpad=0.2, columnspacing=1.2)
    columns = {
        "Doses given, day": _days(tables.doses[given], "study_day"),
        "Missed, day": _days(tables.doses[~given], "study_day"),
        "Conjunctivitis, from day": _days(events[eyes], "start_day"),
        "Other event, from day": _days(events[~eyes], "start_day"),
    }
    rows = [
        [literal(row.patient_id), *(column.get(row.patient_id, ABSENT) for column in columns.values()),
         cell(row.discontinued_week, 1), cell(row.last_contact_week, 1)]
        for row in patients.itertuples()
    ]  # fmt: skip
    return Drawing(figure, Table(["Child", *columns, "Stopped, week", "Last contact, week"], "lllllrr", rows))


def _days(rows: pd.DataFrame, column: str) -> dict[str, str]:
    """The study days of every child's rows, in their order."""
    return {
        child: ", ".join(f"{int(day)}" for day in sorted(days)) for child, days in rows.groupby("patient_id")[column]
    }


def _key(figure: Figure, entries: list[tuple[str, str, str]]) -> None:
    patches = [
        plt.Rectangle((0, 0), 1, 1, facecolor=colour, hatch=hatch, edgecolor="white") for _, colour, hatch in entries
    ]
    figure.legend(
        patches, [name for name, *_ in entries], loc="outside upper left", ncols=len(entries), handlelength=1.2
    )


def _courses(
    axes: Axes, visits: pd.DataFrame, results: Results, variable: str, column: str, label: str
) -> list[list[str]]:
    """Thin line per child; median and quartiles on top; n under every visit. Returns what is drawn, as rows of a table.

    Quartiles, since the scores are skewed once the disease clears: a standard deviation would reach out of the scale.
    """
    seen = visits[visits[column].notna()].sort_values(["patient_id", "week"])
    for _, course in seen.groupby("patient_id"):
        axes.plot(course["week"], course[column].astype(float), color=FAINT, linewidth=0.7, zorder=1)
    weeks = results.weeks("efficacy", variable)
    rows = {
        part: [results[f"efficacy.{variable}.w{week}.observed.{part}"] for week in weeks]
        for part in ("n", "median", "q1", "q3")
    }
    median, low, high = (np.array([row.value for row in rows[part]], dtype=float) for part in ("median", "q1", "q3"))
    axes.vlines(weeks, low, high, color=BLUE, linewidth=2, zorder=3)
    axes.plot(weeks, median, color=BLUE, marker="o", markersize=4.5, zorder=3)
    axes.set_xticks(weeks, [f"{week}\n{row.display}" for week, row in zip(weeks, rows["n"], strict=True)])
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.set(xlabel="Week (below: children assessed)", ylabel=label)
    values = {week: dict(zip(at["patient_id"], at[column], strict=True)) for week, at in seen.groupby("week")}
    return [
        ["Children assessed", *(row.display for row in rows["n"])],
        ["Median", *(row.display for row in rows["median"])],
        ["Quartiles", *(interval(q1.display, q3.display) for q1, q3 in zip(rows["q1"], rows["q3"], strict=True))],
        *by_child({visit(week): values.get(week, {}) for week in weeks}, 1),
    ]


def _courses_table(results: Results, variable: str, name: str, rows: list[list[str]]) -> Table:
    weeks = results.weeks("efficacy", variable)
    return Table([name, *map(visit, weeks)], "l" + "r" * len(weeks), rows)
