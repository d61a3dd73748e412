"""The figures. Each function draws one, from the tables (every child visible) and the results (every statistic), and
returns it.

Sizes are in inches at print size; weeks and days count from the first dose.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis import scores, style
from analysis.biomarker import printed_geometric_mean, total_ige
from analysis.design import Tables
from analysis.efficacy import percent_change
from analysis.results import Results
from analysis.rows import at_week, paired
from analysis.safety import same_term, treatment_emergent
from analysis.style import BLUE, FAINT, GRADES, GREEN, INK, ORANGE, QUIET, WIDTH

_RESPONSE_NAMES = {"iga_0_1": "IGA 0/1", "easi_50": "EASI-50", "easi_75": "EASI-75", "easi_90": "EASI-90"}


def patient_flow(results: Results) -> Figure:
    """Patients enrolled, seen and not seen at each visit, and still on treatment at the end, as a row of boxes."""
    weeks = results.weeks("population", "visit")
    figure, axes = _subplots(figsize=(WIDTH, 1.5))
    axes.set_axis_off()
    count = {key: results[f"population.{key}.n"].value for key in ("enrolled", "discontinued")}
    boxes = [("Enrolled", f"{count['enrolled']}", "")]
    for week in weeks:
        seen, due = (results[f"population.visit.w{week}.{part}"].value for part in ("n", "N"))
        name = "Baseline" if week == 0 else f"Week {week}"
        boxes.append((name, f"{seen}", f"{due - seen} not seen" if due > seen else ""))
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
    return figure


def iga_distribution(results: Results) -> Figure:
    """Share of children in each IGA grade at each visit, as stacked bars with their counts."""
    weeks = results.weeks("efficacy", "iga_grade_0")
    figure, axes = _subplots(figsize=(WIDTH, 2.9))
    left = np.zeros(len(weeks))
    for grade, (name, colour) in enumerate(zip(scores.IGA_LABELS, GRADES, strict=True)):
        rows = [results[f"efficacy.iga_grade_{grade}.w{week}.observed.percent"].value or 0.0 for week in weeks]
        counts = [results[f"efficacy.iga_grade_{grade}.w{week}.observed.n"].value for week in weeks]
        bars = axes.barh(range(len(weeks)), rows, left=left, color=colour, edgecolor="white", label=f"{grade} {name}")
        labels = [str(count) if count else "" for count in counts]
        axes.bar_label(bars, labels=labels, label_type="center", color=style.text_on(colour))
        left += rows
    totals = [results[f"efficacy.iga_grade_0.w{week}.observed.N"].value for week in weeks]
    axes.set_yticks(range(len(weeks)), [f"{_visit(week)}\nn = {n}" for week, n in zip(weeks, totals, strict=True)])
    axes.invert_yaxis()
    axes.set(xlim=(0, 100), xlabel="Children assessed (%), with counts in the bars")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    handles, names = axes.get_legend_handles_labels()
    for handle in handles:
        handle.patches[0].set_edgecolor(QUIET)
    figure.legend(handles, names, title="IGA", loc="outside upper left", ncols=5, alignment="left", handlelength=1.2)
    return figure


def easi_waterfall(tables: Tables, results: Results, week: int) -> Figure:
    """Change of EASI from baseline in percent, one bar a child, with the thresholds of EASI-50, -75 and -90."""
    pairs, _ = paired(tables.visits, week, "easi")
    change = percent_change(pairs).sort_values(ascending=False, kind="stable")
    responded = scores.fell_by_percent(pairs["baseline"], pairs["value"], 75).reindex(change.index).fillna(False)
    figure, axes = _subplots(figsize=(WIDTH, 3.4))
    colours = [BLUE if response else ORANGE for response in responded]
    hatches = ["" if response else "////" for response in responded]
    axes.bar(range(len(change)), change, width=0.78, color=colours, hatch=hatches, edgecolor="white")
    for threshold in (50, 75, 90):
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
    return figure


def scorad_courses(tables: Tables, results: Results) -> Figure:
    """SCORAD of every child over time, with the mean and its standard deviation."""
    figure, axes = _subplots(figsize=(WIDTH, 3.4))
    _courses(axes, tables.visits, results, "scorad", "scorad", "SCORAD (points, 0 to 103)")
    for band, name in ((25, "moderate from 25"), (50, "severe above 50")):
        axes.axhline(band, color=QUIET, linewidth=0.6, linestyle=(0, (3, 3)), zorder=0)
        axes.annotate(
            name, xy=(1, band), xycoords=("axes fraction", "data"), xytext=(0, 2), textcoords="offset points",
            ha="right", va="bottom", color=QUIET, fontsize=7,
        )  # fmt: skip
    axes.set_ylim(0, 103)
    return figure


def easi_courses(tables: Tables, results: Results) -> Figure:
    """EASI of every child over time, with the mean and its standard deviation."""
    figure, axes = _subplots(figsize=(WIDTH, 3.2))
    _courses(axes, tables.visits, results, "easi", "easi", "EASI (points, 0 to 72)")
    axes.set_ylim(bottom=0)
    return figure


def itch_and_sleep(tables: Tables, results: Results) -> Figure:
    """Itch and sleep loss of every child over time, side by side on the same scale."""
    figure, panels = _subplots(1, 2, figsize=(WIDTH, 3.0), sharey=True)
    pairs = (("pruritus", "scorad_pruritus", "Itch"), ("sleep_loss", "scorad_sleep_loss", "Sleep loss"))
    for axes, (variable, column, name) in zip(panels, pairs, strict=True):
        _courses(axes, tables.visits, results, variable, column, "Visual analogue scale (0 to 10)")
        axes.set(ylim=(0, 10.2), title=name)
    panels[1].set_ylabel("")
    return figure


def responders_over_time(results: Results) -> Figure:
    """Responders at every visit with exact intervals, everyone counted, one panel a response."""
    figure, panels = _subplots(1, len(_RESPONSE_NAMES), figsize=(WIDTH, 2.7), sharey=True)
    for axes, (variable, name) in zip(panels, _RESPONSE_NAMES.items(), strict=True):
        weeks = results.weeks("efficacy", variable)
        rows = [[results[f"efficacy.{variable}.w{week}.nri.{part}"].value for part in ("percent", "ci_low", "ci_high")]
                for week in weeks]  # fmt: skip
        percent, low, high = np.array(rows, dtype=float).reshape(-1, 3).T
        places = range(len(weeks))
        axes.vlines(places, low, high, color=BLUE, linewidth=1.2)
        axes.plot(places, percent, "o", color=BLUE, markersize=4.5)
        for place, value, bottom, top in zip(places, percent, low, high, strict=True):
            below = top > 88
            axes.annotate(
                f"{value:.0f}", (place, bottom if below else top), xytext=(0, -3 if below else 3),
                textcoords="offset points", ha="center", va="top" if below else "bottom", fontsize=7,
            )  # fmt: skip
        axes.set_xticks(places, [str(week) for week in weeks])
        axes.set(title=name, xlim=(-0.6, len(weeks) - 0.4), ylim=(0, 105), xlabel="Week")
    panels[0].set_ylabel("Responders (% of all children)")
    return figure


def ige_pairs(tables: Tables, results: Results, week: int) -> Figure:
    """Total IgE of every child at baseline and at `week` on a logarithmic scale; censored values are hollow."""
    ige = total_ige(tables.labs)
    before, after = (at_week(ige, at, "value").set_index("patient_id") for at in (0, week))
    figure, axes = _subplots(figsize=(WIDTH * 0.75, 3.4))
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
    for place, at in ((0, 0), (1, week)):
        row = printed_geometric_mean(results, at)
        if row.value is not None:
            axes.plot(place, row.value, "D", color=BLUE, markersize=6, zorder=3)
            side = -1 if place == 0 else 1
            axes.annotate(
                f"geometric\nmean {row.display}", (place, row.value), xytext=(9 * side, 0), textcoords="offset points",
                ha="right" if side < 0 else "left", va="center", color=BLUE,
            )  # fmt: skip
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xticks((0, 1), [f"{_visit(0)}\nn = {len(before)}", f"{_visit(week)}\nn = {len(after)}"])
    axes.set(xlim=(-0.55, 1.55), ylabel="Total IgE (kU/L, logarithmic scale)")
    return figure


def timelines(tables: Tables, results: Results) -> Figure:
    """Every child on one time line: doses given and missed, adverse events, and the last contact."""
    patients = tables.patients.sort_values(["last_contact_week", "patient_id"], ascending=[False, True])
    places = {patient: place for place, patient in enumerate(patients["patient_id"])}
    events = treatment_emergent(tables.adverse_events)
    figure, axes = _subplots(figsize=(WIDTH, 0.8 + 0.19 * len(places)))
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
    return figure


def _subplots(*shape: int, **options):
    """As pyplot's, but pyplot forgets the figure: a notebook shows it once, where the cell returns it."""
    figure, axes = plt.subplots(*shape, **options)
    plt.close(figure)
    return figure, axes


def _visit(week: int) -> str:
    return "Baseline" if week == 0 else f"Week {week}"


def _key(figure: Figure, entries: list[tuple[str, str, str]]) -> None:
    patches = [
        plt.Rectangle((0, 0), 1, 1, facecolor=colour, hatch=hatch, edgecolor="white") for _, colour, hatch in entries
    ]
    figure.legend(
        patches, [name for name, *_ in entries], loc="outside upper left", ncols=len(entries), handlelength=1.2
    )


def _courses(axes: Axes, visits: pd.DataFrame, results: Results, variable: str, column: str, label: str) -> None:
    """Thin line per child; mean with its standard deviation on top; n under every visit."""
    seen = visits[visits[column].notna()].sort_values(["patient_id", "week"])
    for _, course in seen.groupby("patient_id"):
        axes.plot(course["week"], course[column].astype(float), color=FAINT, linewidth=0.7, zorder=1)
    weeks = results.weeks("efficacy", variable)
    rows = {
        part: [results[f"efficacy.{variable}.w{week}.observed.{part}"].value for week in weeks]
        for part in ("n", "mean", "sd")
    }
    mean, sd = np.array(rows["mean"], dtype=float), np.array(rows["sd"], dtype=float)
    axes.errorbar(weeks, mean, yerr=np.nan_to_num(sd), color=BLUE, marker="o", markersize=4.5, capsize=0, zorder=3)
    axes.set_xticks(weeks, [f"{week}\n{n}" for week, n in zip(weeks, rows["n"], strict=True)])
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.set(xlabel="Week (below: children assessed)", ylabel=label)
