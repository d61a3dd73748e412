"""The course over time as shown: sentences, modelled changes, and what checks the model; sizes in inches."""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np

from analysis import many_shown
from analysis.core.cells import interval_of
from analysis.core.design import Design, Tables
from analysis.core.display import interval, named_visit, visit
from analysis.core.display_sizes import or_of_many
from analysis.core.drawing import Drawing, cell, of_individuals, on_phones_too, subplots
from analysis.core.markdown import Table, indented, lettered, literal
from analysis.core.origin import with_origins
from analysis.core.repeated import COMPOUND_SYMMETRY, STRUCTURES, Structure
from analysis.core.results import Results
from analysis.core.statistics import NotEstimable
from analysis.core.style import NARROW, PAPER, PATIENT, QUIET, RESULT
from analysis.core.words import Markdown, Words, listed, who
from analysis.residuals import Residuals, of_models
from analysis.residuals_shown import framed, panels_with_a_model
from protocol import outcomes
from protocol.outcomes import Score


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
    """The standard deviations at each visit, or why there is no model."""
    said, reasons = [], {}
    for score in outcomes.MODELLED:
        weeks = [week for week in words.results.weeks("efficacy", score.id) if words.known(_spread(score.id, week))]
        if not weeks:
            reasons.setdefault(words.row(_spread(score.id, 0)).reason, []).append(score.name)
            continue
        sizes = [f"{words.number(_spread(score.id, week)).marked} at {named_visit(week)}" for week in weeks]
        said.append(f"the standard deviations of {score.name} were {listed(sizes)}")
    text = [f"By the model, {'; '.join(said)}."] if said else []
    text += [f"There is no model of {' and '.join(names)}: {literal(reason)}." for reason, names in reasons.items()]
    return Markdown(" ".join(text))


def _spread(score: str, week: int) -> str:
    return f"efficacy.{score}.w{week}.mixed_model.sd"


def chosen(results: Results, score: str) -> Structure | None:
    """The structure of the covariance that the model of a score has: the first that can be estimated."""
    return next((each for each in STRUCTURES if results[f"efficacy.{score}.{each.id}.deviance"].value is not None), None)


def structure_sentence(words: Words) -> Markdown:
    """Which structures the models have, why no freer one, and what the likelihood says against equal variances and correlations."""
    found = {score: chosen(words.results, score.id) for score in outcomes.MODELLED}
    said = []
    for structure in STRUCTURES:
        scores = [score for score, its in found.items() if its is structure]
        if scores:
            said.append(f"The covariance of {listed([score.name for score in scores])} is {_running(structure)}.")
        for score in scores if structure is not STRUCTURES[0] else ():
            freer = STRUCTURES[: STRUCTURES.index(structure)]
            reasons = [f"{_running(each)}, {literal(words.row(_deviance(score.id, each)).reason)}" for each in freer]
            said.append(f"Freer ones could not be estimated for {score.name} ({'; '.join(reasons)}).")
    tested = [
        f"{words.number(prefix).marked} for {score.name}"
        for score, its in found.items()
        if its and its is not COMPOUND_SYMMETRY and words.known(prefix := f"efficacy.{score.id}.{its.id}.p_likelihood_ratio")
    ]
    if tested:
        said.append(
            f"Against one variance for all visits and one correlation of any two, the likelihood ratio gives {listed(tested)}."
        )
    if said:
        said.append("All structures are compared in @tbl-structures, and the residuals are in @fig-residuals.")
    return Markdown(" ".join(said))


def _running(structure: Structure) -> str:
    """Its name within a sentence."""
    return structure.name[0].lower() + structure.name[1:]


def _deviance(score: str, structure: Structure) -> str:
    return f"efficacy.{score}.{structure.id}.deviance"


@with_origins
def structures_table(results: Results) -> Table:
    """How well each structure of the covariance fits, or why it does not."""
    rows, reasons = [], {}
    for score in outcomes.MODELLED:
        rows.append([f"**{score.name}**", *[""] * 4])
        for structure in STRUCTURES:
            prefix = f"efficacy.{score.id}.{structure.id}"
            parts = [results.get(f"{prefix}.{part}") for part in ("parameters", "deviance", "aic", "p_likelihood_ratio")]
            rows.append([indented(structure.name), *("–" if part is None or part.value is None else part.display for part in parts)])
            if parts[1].value is None:
                reasons.setdefault(parts[1].reason, []).append(f"{score.name}, {_running(structure)}")
    notes = [
        lettered(
            "The first that can be estimated is the one reported.",
            "−2 log restricted likelihood.",
            "Akaike’s criterion; smaller is better.",
            "Against compound symmetry, with the same means; in small samples χ² makes *p* somewhat too small.",
        )
    ]
    notes += [f"Not estimable: {'; '.join(names)} ({reason})." for reason, names in reasons.items()]
    return Table(["Covariance of the visits^a^", "Parameters", "Deviance^b^", "AIC^c^", "Likelihood ratio^d^"], "lrrrr", rows, notes)


def modelled_changes(results: Results) -> Drawing:
    """Modelled mean changes with their intervals, and the observed means beside them."""
    return on_phones_too(partial(_modelled_changes, results))


def _modelled_changes(results: Results, width: float) -> Drawing:
    shape, height = ((len(outcomes.MODELLED), 1), 2.5) if width <= NARROW else ((1, len(outcomes.MODELLED)), 2.9)
    figure, panels = subplots(*shape, figsize=(width, height * shape[0]), squeeze=False)
    called, data = who(results), []
    for axes, score in zip(panels.flat, outcomes.MODELLED, strict=True):
        weeks = _modelled_weeks(results, score.id)
        counts = [results[f"efficacy.{score.id}_change.w{week}.paired.n"].display for week in weeks]
        rows = [[indented(visit(week)), n] for week, n in zip(weeks, counts, strict=True)]
        beside = 0.014 * max([*weeks, 1])  # or the intervals would hide each other
        for offset, method, marker, colour, face in (
            (-beside, "mixed_model", "o", RESULT, RESULT), (beside, "paired", "s", QUIET, PAPER),
        ):  # fmt: skip
            for place, week in enumerate(weeks):
                mean, low, high = (
                    results[f"efficacy.{score.id}_change.w{week}.{method}.{part}"] for part in ("mean", "ci_low", "ci_high")
                )
                if low.value is not None:
                    axes.vlines(week + offset, low.value, high.value, color=colour, linewidth=1.2)
                if mean.value is not None:
                    axes.plot(week + offset, mean.value, marker, color=colour, markerfacecolor=face, markersize=4.5)
                rows[place] += [mean.display, interval(low.display, high.display) if low.value is not None else low.display]
        axes.axhline(0, color=QUIET, linewidth=0.6)
        axes.set_xticks([0, *weeks], ["0\n", *(f"{week}\n{n}" for week, n in zip(weeks, counts, strict=True))])
        axes.set(title=score.name, xlim=(0, 1.06 * max([*weeks, 1])), ylabel="Change from baseline (points)")
        axes.set_xlabel(f"Week (below: {called.many} observed)")
        data += [[f"**{score.name}**", *[""] * 5], *rows]
        if axes.get_ylim()[1] < 2:
            axes.set_ylim(top=2)
    handles = [plt.Line2D([], [], marker="o", color=RESULT, linestyle="", markersize=4.5),
               plt.Line2D([], [], marker="s", color=QUIET, linestyle="", markerfacecolor=PAPER, markersize=4.5)]  # fmt: skip
    figure.legend(handles, ["Mixed model", f"{called.many.capitalize()} observed"], loc="outside upper left", ncols=2)
    header = ["Change, points", "n", "Modelled mean", "95 % CI", "Observed mean", "95 % CI"]
    return Drawing(figure, Table(header, "lrrrrr", data))


def modelled_caption(words: Words) -> Markdown:
    """What is drawn in this cut."""
    seen = f"the {words.who.many} observed at each visit (hollow)"
    kinds = f"the mixed model (filled), and {seen}" if modelled(words.results) else seen
    return Markdown(f"Mean change from baseline with 95 % confidence intervals: {kinds}.")


def alt_modelled_changes(results: Results) -> str:
    parts = []
    for score in outcomes.MODELLED:
        rows = [
            row for row in results.values()
            if (row.variable, row.method, row.statistic) == (f"{score.id}_change", "mixed_model", "mean")
        ]  # fmt: skip
        means = ", ".join(f"{row.display} at week {row.week}" for row in rows if row.value is not None)
        parts.append(f"{score.name} {means or 'without a model'}")
    return f"Mean changes from baseline by the mixed model, beside the observed means: {'; '.join(parts)}."


@with_origins
def modelled_changes_table(results: Results) -> Table:
    """Mean change at every visit: from the mixed model, and of the patients seen."""
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
    notes = [lettered("All visits together.", "After Kenward and Roger.", "*t* interval of the paired changes.")]
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
@or_of_many(many_shown.residuals)
def residuals(tables: Tables, design: Design) -> Drawing:
    """Residuals of the mixed models: by visit with the model's standard deviation, and scaled against normal quantiles."""
    return on_phones_too(partial(_residuals, of_models(tables, design)))


def _residuals(models: list[tuple[Score, Residuals | NotEstimable]], width: float) -> Drawing:
    from scipy import stats

    phone = width <= NARROW
    shape = (2 * len(outcomes.MODELLED), 1) if phone else (len(outcomes.MODELLED), 2)
    figure, panels = subplots(*shape, figsize=(width, (2.3 if phone else 2.6) * shape[0]), squeeze=False)
    data = []
    for spread, quantiles, name, found in panels_with_a_model(panels.reshape(-1, 2), models):
        half = 0.4 * min(np.diff(found.weeks), default=1)
        for week, own, size in zip(found.weeks, found.plain.T, found.sizes, strict=True):
            own = np.sort(own[~np.isnan(own)])
            across = week + half * np.linspace(-1, 1, len(own))
            spread.plot(across, own, "o", color=PATIENT, markersize=3, markeredgewidth=0)
            spread.vlines(week, -size, size, color=RESULT, linewidth=1.6)
            above = {"xytext": (0, 3), "textcoords": "offset points", "ha": "center"}
            spread.annotate(cell(size, 1), (week, size), **above, fontsize=8 if phone else 7, color=RESULT)
        seen = ~np.isnan(found.scaled)
        order = np.argsort(found.scaled[seen], kind="stable")
        ascending = found.scaled[seen][order]
        expected = stats.norm.ppf((np.arange(1, len(ascending) + 1) - 0.5) / len(ascending))
        quantiles.plot(expected, ascending, "o", color=PATIENT, markersize=3, markeredgewidth=0)
        framed(spread, quantiles, name, found.weeks)
        data.append([f"**{name}**", "", "", ""])
        week = np.broadcast_to(found.weeks, found.plain.shape)[seen][order]
        for numbers in zip(week, found.plain[seen][order], ascending, expected, strict=True):
            data.append([f"{numbers[0]}", *(cell(number, 2) for number in numbers[1:])])
    return Drawing(figure, Table(["Week", "Residual, points", "Scaled residual", "Normal quantile"], "rrrr", data))


def modelled(results: Results) -> bool:
    """Whether any score has a model."""
    return any(chosen(results, score.id) for score in outcomes.MODELLED)


def alt_residuals(results: Results) -> str:
    scores = [score.name for score in outcomes.MODELLED if chosen(results, score.id)]
    if not scores:
        return "Nothing is drawn: no mixed model could be fitted."
    return (
        f"For {' and '.join(scores)}, residuals of the mixed model plotted by visit with the model's standard deviation, and scaled "
        "residuals against the quantiles of a normal distribution."
    )
