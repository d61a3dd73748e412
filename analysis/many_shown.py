"""Figures of more patients than can be drawn one by one: what each figure of individuals shows in their place.

Each function takes the arguments of the one whose figure it stands for. All show distributions, of everyone; a few patients at even
ranks of the response (:func:`analysis.ranking.ranking`) are drawn beside them, and said to be that. Sizes in inches.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.core import bands, display
from analysis.core.bands import Course
from analysis.core.design import Design, Tables
from analysis.core.display_sizes import PLACES, SAMPLED, are_many, evenly
from analysis.core.drawing import ABSENT, Drawing, cell, subplots
from analysis.core.families import of_patients, paired
from analysis.core.kaplan_meier import kaplan_meier
from analysis.core.markdown import Table, indented, literal
from analysis.core.results import Result, Results
from analysis.core.style import CONJUNCTIVITIS, INK, NARROW, NO_RESPONSE, PAPER, QUIET, RESULT, WIDTH
from analysis.core.words import Markdown, Words, who
from analysis.efficacy import percent_change
from analysis.happened import doses_and_events
from analysis.ige import geometric, ige_pairs, total_ige
from analysis.ranking import RESPONSE, ranking
from analysis.residuals import of_models
from analysis.residuals_shown import framed, panels_with_a_model
from analysis.safety import is_conjunctivitis, treatment_emergent
from analysis.standing_shown import HATCHED, LOOKS, NAMES, standing
from protocol import outcomes
from protocol.special_interest import same_term

_BESIDE = f"{SAMPLED} at even ranks of the response"
_TERMS = 5
"""Terms of adverse events whose incidence is drawn: the most frequent."""
_LINES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)), (0, (2, 2)))


def sampled(tables: Tables, week: int) -> Tables:
    """The tables of the patients at even ranks of the response at a week: as many as are drawn one by one of many."""
    chosen = set(evenly(ranking(tables, week).order))
    return Tables(**{name: of_patients(table, chosen) for name, table in vars(tables).items()})


def nobody_sampled(words: Words) -> Markdown | None:
    """A sentence in place of the figure of the sampled, which few patients do not have."""
    return None if are_many(words.results) else Markdown(f"Every {words.who.one} is drawn, so nobody is sampled.")


def sampled_caption(words: Words, week: int) -> Markdown:
    """Who is drawn one by one beside the figures of everyone."""
    return Markdown(
        f"{SAMPLED} of the {words.counted('population.enrolled.n')}, at even ranks of the response at week {week}, from the best to "
        "the worst; nobody chose them."
    )


def alt_sampled(results: Results, week: int) -> str:
    """Who is drawn."""
    called = who(results)
    return (
        f"A row for each of {SAMPLED} {called.many} at even ranks of the response at week {week}, with the IGA grade at each visit as "
        "a tile, doses as ticks and adverse events as bars."
    )


def _courses(
    tables: Tables, results: Results, week: int, label: str, courses: list[Course], decimals: int, logarithmic: bool = False
) -> Drawing:
    ranked = ranking(tables, week)
    chosen = evenly(ranked.order)
    draw = partial(bands.pictures, courses, chosen, set(ranked.without), label, f"{RESPONSE.name} at week {week}", who(results),
                   logarithmic=logarithmic)  # fmt: skip
    weeks = sorted({int(at) for each in courses for at in each.values.columns})
    rows = []
    for each in courses:
        rows += [[f"**{each.name}**", *[""] * len(weeks)]] if len(courses) > 1 else []
        rows += bands.rows(each, chosen, weeks, decimals, {patient: literal(patient) for patient in chosen})
    table = Table([label.partition(" (")[0].replace("\n", " "), *map(display.visit, weeks)], "l" + "r" * len(weeks), rows)
    return Drawing(draw(width=WIDTH), table, partial(draw, width=NARROW))


def score_courses(tables: Tables, results: Results, week: int, variable: str) -> Drawing:
    """The distribution of a score over time."""
    score = outcomes.SCORES[variable]
    levels = (25.0, 50.0) if variable == "scorad" else ()
    courses = [Course(score.name, bands.wide(tables.visits, score.column), levels)]
    return _courses(tables, results, week, f"{score.name} ({score.unit}, 0 to {score.highest})", courses, 1)


def itch_and_sleep(tables: Tables, results: Results, week: int) -> Drawing:
    """The distributions of itch and of sleep loss over time."""
    pair = (("Itch", "scorad_pruritus"), ("Sleep loss", "scorad_sleep_loss"))
    courses = [Course(name, bands.wide(tables.visits, column)) for name, column in pair]
    return _courses(tables, results, week, "Scale (0 to 10)", courses, 1)


def courses_caption(tables: Tables, words: Words, week: int, name: str) -> Markdown:
    """What is drawn of a score."""
    return Markdown(f"{name} of all {words.who.many}: median, quartiles, and 5 to 95 % (bands). Beside: {_BESIDE} at week {week}.")


def alt_score_courses(results: Results, variable: str, name: str) -> str:
    """Medians with quartiles."""
    said = []
    for week in results.weeks("efficacy", variable):
        middle, low, high = (results[f"efficacy.{variable}.w{week}.observed.{part}"] for part in ("median", "q1", "q3"))
        if middle.value is not None:
            said.append(f"{middle.display} ({display.interval(low.display, high.display)}) at {display.named_visit(week)}")
    many = who(results).many
    if not said:
        return f"{name} of all {many} over time: no value was recorded."
    return f"{name} of all {many} over time as bands between quantiles, beside {_BESIDE}; median (quartiles): {', '.join(said)}."


def easi_waterfall(tables: Tables, results: Results, week: int) -> Drawing:
    """Changes of EASI in percent, sorted, as one outline for those without the response and one for those with it."""
    change = percent_change(paired(tables.visits, week, "easi")[0])
    without = ranking(tables, week).without
    lacking = change.index.isin(list(without))
    parts = [(f"no {RESPONSE.name}", change[lacking], NO_RESPONSE), (RESPONSE.name, change[~lacking], RESULT)]
    parts = [(name, np.sort(own.to_numpy(float))[::-1], colour) for name, own, colour in parts if len(own)]
    unknown, everyone, called = len(tables.patients) - len(change), len(tables.patients), who(results)
    draw = partial(_envelope, parts, unknown, everyone, week, called.many)
    rows = [["No value at both visits", f"{unknown}", *[ABSENT] * len(bands.QUANTILES)]] if unknown else []
    for name, own, _ in parts:
        rows.append([name, f"{len(own)}", *(cell(value, 1) for value in np.quantile(own, bands.QUANTILES))])
    header = ["Change of EASI, %", called.many.capitalize(), *(f"{100 * share:g} %" for share in bands.QUANTILES)]
    return Drawing(draw(WIDTH), Table(header, "l" + "r" * (len(header) - 1), rows), partial(draw, NARROW))


def _envelope(parts: list, unknown: int, everyone: int, week: int, many: str, width: float) -> Figure:
    figure, axes = subplots(figsize=(width, 3.2))
    start, highest = 0.0, 5.0
    if unknown:
        start = 100 * unknown / everyone
        axes.add_patch(Rectangle((0, -6), start, 6, facecolor=PAPER, edgecolor=QUIET, linewidth=0.4, hatch="//////"))
    handles, names = [], []
    for name, own, colour in parts:
        share = 100 * len(own) / everyone
        # As many ranks as a reader can tell apart, each with its own value: nothing is smoothed.
        ranks = np.unique(np.linspace(0, len(own) - 1, min(len(own), 4 * PLACES)).round().astype(int))
        places = start + share * np.concatenate([ranks / len(own), [1.0]])
        values = np.concatenate([own[ranks], own[-1:]])
        hatched = {"hatch": "////", "edgecolor": PAPER} if colour == NO_RESPONSE else {"edgecolor": "none"}
        handles.append(axes.fill_between(places, values, step="post", facecolor=colour, linewidth=0, **hatched))
        names.append(name)
        highest = max(highest, 1.05 * float(own[0]))
        start += share
    if unknown:
        handles.append(Rectangle((0, 0), 1, 1, facecolor=PAPER, edgecolor=QUIET, linewidth=0.4, hatch="//////"))
        names.append("no value at both visits")
    for threshold in outcomes.EASI_THRESHOLDS:
        axes.axhline(-threshold, color=PAPER, linewidth=1.4)
        axes.axhline(-threshold, color=INK, linewidth=0.6, linestyle=(0, (3, 3)))
        axes.annotate(f"EASI-{threshold}", (1, -threshold), xycoords=("axes fraction", "data"), xytext=(3, 0),
                      textcoords="offset points", va="center", annotation_clip=False)  # fmt: skip
    axes.axhline(0, color=QUIET, linewidth=0.6)
    axes.set(xlim=(0, 100), ylim=(-105, min(highest, 150)), xlabel=f"% of all {everyone:,} {many}, sorted")
    axes.set_ylabel(f"EASI, change from baseline\nto week {week} (%)")
    figure.legend(handles, names, loc="outside upper left", ncols=3 if width > NARROW else 2, handlelength=1.2)
    return figure


def waterfall_caption(tables: Tables, words: Words, week: int) -> Markdown:
    """What is drawn of the changes."""
    known, without = set(percent_change(paired(tables.visits, week, "easi")[0]).index), ranking(tables, week).without
    said = f"Change of EASI from baseline to week {week}, in percent of all {words.who.many}, sorted"
    kinds = [(known & without, f"without {RESPONSE.name} (orange and hatched)"), (known - without, f"with {RESPONSE.name} (blue)")]
    if drawn := [name for some, name in kinds if some]:
        said += f" within those {' and those '.join(drawn)}"
    if len(known) < len(tables.patients):
        said += "; the empty, hatched box is of those without both values"
    return Markdown(f"{said}.")


def alt_easi_waterfall(results: Results, week: int) -> str:
    """Extremes, median and thresholds."""
    prefix = f"efficacy.easi_percent_change.w{week}.paired"
    n, low, high = (results[f"{prefix}.{part}"].display for part in ("n", "min", "max"))
    if n == "0":
        return f"No {who(results).one} has a change of EASI from baseline to week {week}."
    reached = ", ".join(
        f"EASI-{percent} by {results[f'efficacy.easi_{percent}.w{week}.observed.n'].display}" for percent in outcomes.EASI_THRESHOLDS
    )
    return (
        f"Sorted changes of EASI from baseline to week {week}, {n} {who(results).many}, as two outlines, from {high} to {low} "
        f"percent; {reached}."
    )


def before_after(tables: Tables, results: Results, week: int) -> Drawing:
    """The distribution of total IgE at baseline and at a week."""
    ige = total_ige(tables.labs)
    shown = bands.wide(ige[ige["week"].isin((0, week))], "value")
    return _courses(tables, results, week, "Total IgE (kU/L, logarithmic scale)", [Course("Total IgE", shown)], 0, logarithmic=True)


def before_after_caption(tables: Tables, words: Words, week: int) -> Markdown:
    """What is drawn of total IgE."""
    return Markdown(
        f"Total IgE of all {words.who.many} at baseline and at week {week}: median, quartiles, and 5 to 95 % (bands); a value beyond "
        f"a limit of the laboratory stands at the limit. Beside: {_BESIDE} at week {week}."
    )


def alt_before_after(results: Results, week: int) -> str:
    """What is drawn, and the medians."""
    found = {at: results[f"biomarker.total_ige.w{at}.observed.median"] for at in (0, week)}
    return _alt_ige(f"Total IgE of all {who(results).many} at baseline and week {week}", "median in kU/L", found)


def _alt_ige(what: str, middle: str, rows: Mapping[int, Result]) -> str:
    known = ", ".join(f"{row.display} at {display.named_visit(week)}" for week, row in rows.items() if row.value is not None)
    told = f"; {middle}: {known}" if known else ""
    return f"{what} as bands between quantiles on a logarithmic scale, beside {_BESIDE}{told}."


def ratio_courses(tables: Tables, results: Results, primary: int) -> Drawing:
    """The distribution of the ratio of total IgE to baseline over time; ratios of which nothing is known are left out."""
    ige = total_ige(tables.labs)
    weeks = results.weeks("biomarker", "total_ige_ratio")
    ratios = pd.DataFrame({week: ige_pairs(ige, week)["ratio"] for week in weeks})
    ratios.insert(0, 0, np.where(ratios.notna().any(axis=1), 1.0, np.nan))
    return _courses(tables, results, primary, "Total IgE, ratio to baseline\n(logarithmic scale)",
                    [Course("Ratio", ratios.dropna(how="all"), (1.0,))], 3, logarithmic=True)  # fmt: skip


def ratio_courses_caption(tables: Tables, words: Words, primary: int) -> Markdown:
    """What is drawn of the ratios."""
    return Markdown(
        f"Total IgE of all {words.who.many} as a ratio to their own baseline: median, quartiles, and 5 to 95 % (bands); a ratio with "
        f"a value beyond a limit of the laboratory stands at the bound that is known. Beside: {_BESIDE} at week {primary}."
    )


def alt_ratio_courses(results: Results) -> str:
    """What is drawn, and the geometric mean ratios."""
    found = {week: results[f"{geometric(results, 'total_ige_ratio', week)}.geometric_mean"]
             for week in results.weeks("biomarker", "total_ige_ratio")}  # fmt: skip
    what = f"Total IgE of all {who(results).many} as a ratio to their own baseline at each visit"
    return _alt_ige(what, "geometric mean ratio", found)


def residuals(tables: Tables, design: Design) -> Drawing:
    """Residuals of the mixed models: by visit quantiles with the model's standard deviation, and scaled ones at even quantiles."""
    from scipy import stats

    figure, panels = subplots(len(outcomes.MODELLED), 2, figsize=(WIDTH, 5.2), squeeze=False)
    rows: list[list[str]] = []
    for spread, quantiles, name, found in panels_with_a_model(panels, of_models(tables, design)):
        rows.append([f"**{name}**", *[""] * (1 + len(bands.QUANTILES))])
        for week, own, size in zip(found.weeks, found.plain.T, found.sizes, strict=True):
            own = own[~np.isnan(own)]
            lowest, low, middle, high, highest = np.quantile(own, bands.QUANTILES)
            spread.vlines(week, lowest, highest, color=QUIET, linewidth=0.8)
            spread.vlines(week, low, high, color=QUIET, linewidth=4)
            spread.plot(week, middle, "o", color=PAPER, markersize=2)
            for end in (-size, size):
                spread.plot((week - 0.8, week + 0.8), (end, end), color=RESULT, linewidth=1.4)
            numbers = (lowest, low, middle, high, highest)
            rows.append([indented(display.visit(week)), cell(size, 2), *(cell(each, 2) for each in numbers)])
        ascending = np.sort(found.scaled[~np.isnan(found.scaled)])
        ranks = np.unique(np.linspace(0, len(ascending) - 1, 2 * PLACES).round().astype(int))
        expected = stats.norm.ppf((ranks + 0.5) / len(ascending))
        quantiles.plot(expected, ascending[ranks], "o", color=QUIET, markersize=2, markeredgewidth=0)
        framed(spread, quantiles, name, found.weeks)
        rows.append([indented("Scaled"), cell(1.0, 2), *(cell(each, 2) for each in np.quantile(ascending, bands.QUANTILES))])
    header = ["Residual, points", "SD of the model", *(f"{100 * share:g} %" for share in bands.QUANTILES)]
    return Drawing(figure, Table(header, "l" + "r" * (len(header) - 1), rows))


def every_patient(tables: Tables, results: Results, week: int) -> Drawing:
    """The whole cohort in time: grades of IGA at each visit, doses and new adverse events by week, and who has had which event."""
    weeks = results.weeks("population", "visit")
    counts = standing(tables, weeks)
    events = treatment_emergent(tables.adverse_events)
    followed = _followed(tables)
    incidence = _incidence(tables, events, len(followed))
    draw = partial(_cohort, tables, results, counts, events, followed, incidence)
    return Drawing(draw(WIDTH), _cohort_data(tables, results, counts, events, incidence), partial(draw, NARROW))


def _followed(tables: Tables) -> np.ndarray:
    """Patients who were followed on the first day of each week, from week 0 to the last."""
    ends = np.sort(tables.patients["last_contact_week"].to_numpy(float))
    return len(ends) - np.searchsorted(ends, np.arange(int(np.floor(ends[-1])) + 1), side="left")


def _per_week(days: pd.Series, weeks: int) -> np.ndarray:
    """How many of these study days fall into each week."""
    return np.bincount(((days.astype(int) - 1) // 7).clip(0, weeks - 1), minlength=weeks)


def _incidence(tables: Tables, events: pd.DataFrame, weeks: int) -> dict[str, np.ndarray]:
    """For the most frequent terms, as written, the percentage who have had one by the end of each week (Kaplan and Meier)."""
    terms = same_term(events["term"])
    first = events.assign(same=terms).groupby(["same", "patient_id"])["start_day"].min()
    found = {}
    for term in first.groupby("same").size().sort_values(ascending=False, kind="stable").index[:_TERMS]:
        onset = tables.patients["patient_id"].map(first[term]).astype(float) / 7
        times = onset.fillna(tables.patients["last_contact_week"].astype(float))
        curve = kaplan_meier(times, onset.notna())
        ends = np.minimum(np.arange(1, weeks + 1), float(times.max()))
        found[events.loc[terms == term, "term"].iloc[0]] = np.array([100 * (1 - curve.after(end)) for end in ends])
    return found


def _cohort(
    tables: Tables, results: Results, counts: pd.DataFrame, events: pd.DataFrame, followed: np.ndarray,
    incidence: Mapping[str, np.ndarray], width: float,
) -> Figure:  # fmt: skip
    figure, (grades, doses, new, having) = subplots(4, 1, figsize=(width, 7.2), sharex=True, height_ratios=(2.2, 1.2, 1.2, 1.5))
    weeks, everyone, many = len(followed), len(tables.patients), who(results).many
    _grades(grades, counts, everyone)
    grades.set_ylabel(f"% of all\n{everyone:,} {many}")
    given = tables.doses["given"] == 1
    floor = np.zeros(weeks)
    for name, days, look in (
        ("given", tables.doses.loc[given, "study_day"], {"facecolor": QUIET}),
        ("missed", tables.doses.loc[~given, "study_day"], {"facecolor": PAPER, "edgecolor": INK, "linewidth": 0.5}),
    ):
        height = 100 * _per_week(days, weeks) / followed
        doses.bar(np.arange(weeks) + 0.5, height, 0.8, bottom=floor, label=name, **look)
        floor = floor + height
    doses.set_ylabel("Doses per 100\nfollowed")
    eyes, floor = is_conjunctivitis(events), np.zeros(weeks)
    for name, own, colour in (("conjunctivitis", events[eyes], CONJUNCTIVITIS), ("other", events[~eyes], INK)):
        height = 100 * _per_week(own["start_day"], weeks) / followed
        new.bar(np.arange(weeks) + 0.5, height, 0.8, bottom=floor, color=colour, label=name)
        floor = floor + height
    new.set_ylabel("New events\nper 100 followed")
    for (term, shares), dashes in zip(incidence.items(), _LINES, strict=False):
        colour = CONJUNCTIVITIS if term.casefold() == "conjunctivitis" else INK
        having.plot(np.arange(weeks + 1), [0, *shares], linestyle=dashes, linewidth=1.1, color=colour, label=term)
    having.set(ylim=(0, None), ylabel="Ever had, %")
    having.set_xlabel("Weeks since the first dose")
    having.set_xticks([*counts.index])
    half = _across(counts) / 2
    having.set_xlim(-half, max(weeks, counts.index.max()) + half)
    for axes in (doses, new, having):
        if axes.get_legend_handles_labels()[0]:
            beside = {"loc": "center left", "bbox_to_anchor": (1, 0.5)} if width > NARROW else {"loc": "lower left", "ncols": 2,
                      "bbox_to_anchor": (0, 1)}  # fmt: skip
            axes.legend(fontsize=7, handlelength=1.8, **beside)
    used = [kind for kind in LOOKS if counts[kind].any()]
    handles = [Rectangle((0, 0), 1, 1, edgecolor=QUIET, linewidth=0.5, **LOOKS[kind]) for kind in used]
    figure.legend(handles, [NAMES[kind] for kind in used], title="IGA", loc="outside upper left", alignment="left",
                  ncols=4 if width > NARROW else 2, handlelength=1.2)  # fmt: skip
    return figure


def _across(counts: pd.DataFrame) -> float:
    """The width of a column at a visit, in weeks."""
    return 0.75 * min(np.diff(counts.index), default=4)


def _grades(axes: Axes, counts: pd.DataFrame, everyone: int) -> None:
    floor = np.zeros(len(counts))
    for kind, look in LOOKS.items():
        share = 100 * counts[kind].to_numpy() / everyone
        axes.bar(counts.index, share, _across(counts), bottom=floor, edgecolor=QUIET, linewidth=0.4, **look)
        floor = floor + share
    axes.set_ylim(0, 100)


def _cohort_data(
    tables: Tables, results: Results, counts: pd.DataFrame, events: pd.DataFrame, incidence: Mapping[str, np.ndarray]
) -> Table:
    """By visit what stands there, and what happened since the visit before; what came after the last visit counts with it."""
    weeks = [int(week) for week in counts.index]
    names = {kind: name.capitalize() if kind in HATCHED else f"IGA {name}" for kind, name in NAMES.items()}
    rows = [[name, *(f"{counts.at[week, kind]}" for week in weeks)] for kind, name in names.items()]
    since = [-1, *(7 * week for week in weeks[:-1]), np.inf]
    eyes = is_conjunctivitis(events)
    for name, days in (
        ("Doses given since the visit before", tables.doses.loc[tables.doses["given"] == 1, "study_day"]),
        ("Doses missed", tables.doses.loc[tables.doses["given"] != 1, "study_day"]),
        ("New conjunctivitis", events.loc[eyes, "start_day"]),
        ("Other new adverse events", events.loc[~eyes, "start_day"]),
    ):
        numbers = pd.cut(days.astype(float) - 1, since, labels=False).value_counts()
        rows.append([name, *(f"{numbers.get(place, 0)}" for place in range(len(weeks)))])
    for term, shares in incidence.items():
        by = [0.0 if not week else float(shares[min(week, len(shares)) - 1]) for week in weeks]
        rows.append([f"Ever had {literal(term)}, %", *(cell(share, 1) for share in by)])
    return Table([f"All {who(results).many}", *map(display.visit, weeks)], "l" + "r" * len(weeks), rows)


def caption(words: Words, week: int) -> Markdown:
    """What is drawn of the cohort."""
    return Markdown(
        f"All {words.who.many}, from above: grades of IGA at each visit; doses, and new adverse events, in each week for 100 "
        f"{words.who.many} followed; and the share who have had the most frequent events (Kaplan-Meier). @fig-sampled shows {SAMPLED} "
        f"{words.who.many} one by one."
    )


def alt_every_patient(results: Results, week: int) -> str:
    """What the picture shows, in words."""
    many = who(results).many
    n, everyone = (results[f"efficacy.{RESPONSE.id}.w{week}.nri.{part}"] for part in ("n", "N"))
    response = f"{RESPONSE.name} at week {week}: {n.display} of {everyone.display}. " if n.value is not None else ""
    return (
        f"All {many} in time: grades of IGA at each visit as columns, doses and new adverse events by week, and the share who have "
        f"had the most frequent events. {response}{doses_and_events(Words(results))}."
    )
