"""The course over time as shown: sentences, modelled changes, and what checks the model; sizes in inches."""

import matplotlib.pyplot as plt
import numpy as np

from analysis import course
from analysis.core.cells import interval_of
from analysis.core.design import Design, Tables
from analysis.core.display import interval, visit
from analysis.core.drawing import Drawing, cell, of_individuals, subplots
from analysis.core.markdown import Table, indented, lettered, literal
from analysis.core.origin import with_origins
from analysis.core.results import Results
from analysis.core.statistics import NotEstimable
from analysis.core.style import BLUE, INK, ORANGE, QUIET, WIDTH
from analysis.core.words import Markdown, Words, who
from protocol import outcomes


def modelled_sentence(words: Words, week: int) -> Markdown:
    """The modelled mean changes at a week, or why there are none."""
    prefixes = {score.name: f"efficacy.{score.id}_change.w{week}.mixed_model" for score in reversed(outcomes.MODELLED)}
    found, reasons = [], {}
    for name, prefix in prefixes.items():
        row = words.row(f"{prefix}.mean")
        if row.value is None:
            reasons.setdefault(row.reason, []).append(name)
        else:
            found.append(f"that of {name} {words.number(row.id).marked} points{words.within(prefix)}")
    said = []
    if found:
        first = found[0].removeprefix("that of ").split(" ", 1)
        said.append(f"The modelled mean change of {first[0]} at week {week} was {' and '.join([first[1], *found[1:]])}.")
    for reason, names in reasons.items():
        said.append(f"No modelled change of {' and '.join(names)} at week {week} can be given: {literal(reason)}.")
    return Markdown(" ".join(said))


def spread_sentence(words: Words) -> Markdown:
    """The standard deviations between and within patients, or why there is no model."""
    said, reasons = [], {}
    for score in outcomes.MODELLED:
        prefix = f"efficacy.{score.id}_change.mixed_model"
        if not words.known(f"{prefix}.sd_between", f"{prefix}.sd_within"):
            reasons.setdefault(words.row(f"{prefix}.sd_between").reason, []).append(score.name)
            continue
        between, within = (words.number(f"{prefix}.{part}").marked for part in ("sd_between", "sd_within"))
        said.append(f"{between} and {within} points of {score.name}")
    text = []
    if said:
        many, one = words.who.many, words.who.a
        text.append(f"The standard deviations between {many} and within {one}, between visits, were {'; '.join(said)}.")
    for reason, names in reasons.items():
        text.append(f"There is no model of {' and '.join(names)}: {literal(reason)}.")
    return Markdown(" ".join(text))


def modelled_changes(results: Results) -> Drawing:
    """Modelled mean changes with bootstrap intervals, and the observed means beside them."""
    figure, panels = subplots(1, len(outcomes.MODELLED), figsize=(WIDTH, 2.9))
    called, data = who(results), []
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
        axes.set_xlabel(f"Week (below: {called.many} observed)")
        data += [[f"**{name}**", *[""] * 5], *rows]
        if axes.get_ylim()[1] < 2:
            axes.set_ylim(top=2)
    handles = [plt.Line2D([], [], marker="o", color=BLUE, linestyle="", markersize=4.5),
               plt.Line2D([], [], marker="s", color=ORANGE, linestyle="", markerfacecolor="white", markersize=4.5)]  # fmt: skip
    figure.legend(handles, ["Random-intercept model", f"{called.many.capitalize()} observed"], loc="outside upper left", ncols=2)
    header = ["Change, points", "n", "Modelled mean", "95 % CI", "Observed mean", "95 % CI"]
    return Drawing(figure, Table(header, "lrrrrr", data))


def alt_modelled_changes(results: Results) -> str:
    parts = []
    for score in outcomes.MODELLED:
        rows = [
            row for row in results.values()
            if (row.variable, row.method, row.statistic) == (f"{score.id}_change", "mixed_model", "mean")
        ]  # fmt: skip
        means = ", ".join(f"{row.display} at week {row.week}" for row in rows if row.value is not None)
        parts.append(f"{score.name} {means or 'without a model'}")
    return f"Mean changes from baseline by the random-intercept model, beside the observed means: {'; '.join(parts)}."


@with_origins
def modelled_changes_table(results: Results) -> Table:
    """Mean change at every visit: from the random-intercept model, and of the patients seen."""
    rows = []
    for score in outcomes.MODELLED:
        rows.append([f"**{score.name}**", *[""] * 5])
        for week in _modelled_weeks(results, score.id):
            model, seen = (f"efficacy.{score.id}_change.w{week}.{method}" for method in ("mixed_model", "paired"))
            rows.append(
                [
                    indented(f"Week {week}"),
                    results[f"{model}.n"].display,
                    results[f"{model}.mean"].display,
                    interval_of(results, model),
                    results[f"{seen}.mean"].display,
                    interval_of(results, seen),
                ]
            )
    header = ["Change, points", "n", "Modelled mean^a^", "95 % CI^b^", "Observed mean", "95 % CI^c^"]
    notes = [lettered("At the mean baseline.", f"From a bootstrap of {who(results).many}.", "*t* interval.")]
    reasons = {
        results[f"efficacy.{score.id}_change.w{week}.mixed_model.{part}"].reason
        for score in outcomes.MODELLED
        for week in _modelled_weeks(results, score.id)
        for part in ("mean", "ci_low")
    } - {None}
    notes += [f"Not estimable: {reason}." for reason in sorted(reasons)]
    return Table(header, "lrrrrr", rows, notes)


def _modelled_weeks(results: Results, score: str) -> list[int]:
    return [
        week
        for week in results.weeks("efficacy", f"{score}_change")
        if f"efficacy.{score}_change.w{week}.mixed_model.n" in results
    ]


@of_individuals
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


def no_model(words: Words) -> Markdown | None:
    """A sentence in place of the figure of residuals where no score has a model."""
    rows = [words.row(f"efficacy.{score.id}_change.mixed_model.sd_within") for score in outcomes.MODELLED]
    return None if any(row.value is not None for row in rows) else Markdown("There is no model, so there are no residuals to draw.")


def alt_residuals(results: Results) -> str:
    scores = [score.name for score in outcomes.MODELLED
              if results[f"efficacy.{score.id}_change.mixed_model.sd_within"].value is not None]  # fmt: skip
    if not scores:
        return "Nothing is drawn: no random-intercept model could be fitted."
    return (
        f"For {' and '.join(scores)}, residuals of the random-intercept model plotted against fitted changes, and their "
        "quantiles against those of a normal distribution."
    )


def _modelled() -> list[tuple[str, str]]:
    """Variable and name of the scores that have a model."""
    return [(score.id, score.name) for score in outcomes.MODELLED]
