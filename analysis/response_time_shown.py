"""Time to response and time on treatment as shown: sentences, curves and the table; sizes in inches."""

from functools import partial
from itertools import pairwise

import matplotlib.pyplot as plt

from analysis.core.cells import interval_of
from analysis.core.design import Tables
from analysis.core.display_sizes import PLACES, are_many, evenly
from analysis.core.drawing import Drawing, cell, of_individuals, on_phones_too, subplots
from analysis.core.kaplan_meier import kaplan_meier
from analysis.core.markdown import Table, indented, lettered, literal
from analysis.core.origin import with_origins
from analysis.core.results import Results
from analysis.core.style import BETWEEN, NARROW, PAPER, QUIET, RESULT
from analysis.core.turnbull import NOT_REACHED
from analysis.core.words import Markdown, Words, capital, who
from analysis.response_time import METHODS, time_on_treatment
from protocol import outcomes

_MAIN, _CENSORED = METHODS
_STAYING = "exposure.on_treatment"


def first_response_sentence(words: Words) -> Markdown:
    """What the table of times to a first response gives."""
    prefixes = [f"efficacy.time_to_{response.id}" for response in outcomes.PRIMARY]
    if not any(words.row(f"{prefix}.{_MAIN}.events").value for prefix in prefixes):
        return Markdown(f"No {words.who.one} had a first response while on treatment (@tbl-time).")
    medians = [words.row(f"{prefix}.{_MAIN}.median_by") for prefix in prefixes]
    text = "@tbl-time gives the share that had responded by each visit"
    if any(row.value is not None for row in medians):
        return Markdown(f"{text}, and the interval in which the median falls: the data cannot say more about it.")
    if all(row.reason == NOT_REACHED for row in medians):
        return Markdown(f"{text}; no median was reached.")
    return Markdown(f"{text}; why no median is given stands below it.")


def strategies_sentence(words: Words) -> Markdown:
    """Whether it matters what stopping treatment is taken for."""
    if not words.row(f"{_STAYING}.kaplan_meier.events").value:
        return Markdown(f"As no {words.who.one} stopped treatment, both ways give the same numbers.")
    if _same(words.results):
        return Markdown("Here both ways give the same numbers.")
    return Markdown("Where the two differ, both are shown.")


def _same(results: Results) -> bool:
    """Whether both methods print the same shares."""
    return all(
        results[f"efficacy.time_to_{response.id}.w{week}.{_MAIN}.percent"].display
        == results[f"efficacy.time_to_{response.id}.w{week}.{_CENSORED}.percent"].display
        for response in outcomes.PRIMARY
        for week in results.weeks("efficacy", f"time_to_{response.id}")
    )


def times_to_response(results: Results) -> Drawing:
    """Share of patients with a first response by each visit; between visits the curve is not determined. Hollow: those who stopped
    treatment are censored, where that gives other numbers."""
    return on_phones_too(partial(_times_to_response, results))


def _times_to_response(results: Results, width: float) -> Drawing:
    phone = width <= NARROW
    shape = (len(outcomes.PRIMARY), 1) if phone else (1, len(outcomes.PRIMARY))
    figure, panels = subplots(*shape, figsize=(width, (2.5 if phone else 2.8) * shape[0]), sharey=True, squeeze=False)
    many, same = who(results).many, _same(results)
    data = []
    for axes, response in zip(panels.flat, outcomes.PRIMARY, strict=True):
        variable, name = f"time_to_{response.id}", response.name
        weeks = results.weeks("efficacy", variable)
        rows = {week: f"efficacy.{variable}.w{week}.{_MAIN}" for week in weeks}
        known = [(0, 0.0), *((week, row.value) for week, prefix in rows.items()
                             if (row := results[f"{prefix}.percent"]).value is not None)]  # fmt: skip
        for (start, low), (end, high) in pairwise(known):
            axes.fill_between((start, end), low, high, facecolor=BETWEEN, edgecolor=RESULT, linewidth=0.5)
        for week, prefix in rows.items():
            low, high = results[f"{prefix}.ci_low"], results[f"{prefix}.ci_high"]
            if low.value is not None:
                axes.vlines(week, low.value, high.value, color=RESULT, linewidth=1.2)
        axes.plot(*zip(*known, strict=True), "o", color=RESULT, markersize=4.5, clip_on=False, zorder=3)
        for week, share in known[1:]:
            axes.annotate(f"{share:.0f}", (week, share), xytext=(-4, 3), textcoords="offset points", ha="right",
                          fontsize=8 if phone else 7)  # fmt: skip
        if not same:
            others = [(week, row.value) for week in weeks
                      if (row := results[f"efficacy.{variable}.w{week}.{_CENSORED}.percent"]).value is not None]  # fmt: skip
            if others:
                axes.plot(*zip(*others, strict=True), "s", color=QUIET, markerfacecolor=PAPER, markersize=4.5, clip_on=False)
        axes.axhline(50, color=QUIET, linewidth=0.6, linestyle=(0, (3, 3)), zorder=0)
        axes.set_xticks([0, *weeks])
        count = results[f"efficacy.{variable}.{_MAIN}.n"].display
        axes.set(title=f"{name}, n = {count}", xlabel="Week", ylim=(0, 105), xlim=(0, max(weeks) + 1))
        data.append([f"**{name}, n = {count}**", "", "", ""])
        for week, prefix in rows.items():
            beside = results[f"efficacy.{variable}.w{week}.{_CENSORED}.percent"].display
            data.append([indented(f"By week {week}"), results[f"{prefix}.percent"].display, interval_of(results, prefix), beside])
    for axes in panels[:, 0]:
        axes.set_ylabel(f"First response so far\n(% of {many})")
    if not same:
        handles = [plt.Line2D([], [], marker="o", color=RESULT, linestyle="", markersize=4.5),
                   plt.Line2D([], [], marker="s", color=QUIET, linestyle="", markerfacecolor=PAPER, markersize=4.5)]  # fmt: skip
        names = ["Who stopped treatment never responds", "Censored when treatment was stopped"]
        figure.legend(handles, names, loc="outside upper left", ncols=1 if phone else 2)
    return Drawing(figure, Table([f"First response, % of {many}", "%", "95 % CI", "Censored at stopping, %"], "lrrr", data))


def alt_times_to_response(results: Results) -> str:
    parts = []
    for response in outcomes.PRIMARY:
        variable = f"time_to_{response.id}"
        shares = [(week, results[f"efficacy.{variable}.w{week}.{_MAIN}.percent"])
                  for week in results.weeks("efficacy", variable)]  # fmt: skip
        words = ", ".join(f"{row.display} percent by week {week}" for week, row in shares if row.value is not None)
        parts.append(f"{response.name} {words or 'not determined'}")
    return f"Share of {who(results).many} with a first response by each visit, with 95 percent intervals: {'; '.join(parts)}."


@with_origins
def times_to_response_table(results: Results) -> Table:
    """Share with a first response by every visit and where the median falls, beside the responders at the visit."""
    rows, reasons = [], set()

    def median(prefix: str) -> str:
        after, by = (results[f"{prefix}.{part}"] for part in ("median_after", "median_by"))
        if after.value is not None:
            return f"after {after.display}, by {by.display}"
        if after.reason == NOT_REACHED:
            return "not reached"
        reasons.add(after.reason)
        return "not determined"

    for response in outcomes.PRIMARY:
        variable = f"efficacy.time_to_{response.id}"
        seen = f"{results[f'{variable}.{_MAIN}.events'].display}/{results[f'{variable}.{_MAIN}.n'].display}"
        rows.append([f"**{response.name}** (seen in {seen})", *[""] * 5])
        for week in results.weeks("efficacy", f"time_to_{response.id}"):
            main, beside = (f"{variable}.w{week}.{method}" for method in METHODS)
            rows.append(
                [
                    indented(f"By week {week}"),
                    _determined(results, f"{main}.percent"),
                    interval_of(results, main),
                    results[f"efficacy.{response.id}.w{week}.nri.percent"].display,
                    _determined(results, f"{beside}.percent"),
                    interval_of(results, beside),
                ]
            )
        main, beside = (median(f"{variable}.{method}") for method in METHODS)
        rows.append([indented("Median, weeks"), main, "", "", beside, ""])
    header = ["First response", "Ever^a^, %", "95 % CI^b^", "At the visit^c^, %", "Censored^d^, %", "95 % CI^b^"]
    notes = [
        lettered(
            "Who stopped treatment before a response never has one.",
            "Clopper-Pearson, of as many patients as the estimate is worth.",
            "Responders at that visit (the primary analysis at its week).",
            "Who stopped treatment is taken to respond later like the others.",
        ),
        *(f"Not determined: {literal(reason)}." for reason in sorted(reasons)),
    ]
    return Table(header, "lrrrrr", rows, notes)


def _determined(results: Results, result_id: str) -> str:
    row = results[result_id]
    return "not determined" if row.value is None else row.display


def staying_sentence(words: Words, week: int) -> Markdown:
    """How many stayed on treatment, by a week."""
    prefix = f"{_STAYING}.w{week}.kaplan_meier"
    if not words.known(f"{prefix}.percent"):
        reason = literal(words.row(f"{prefix}.percent").reason)
        return Markdown(f"How many stayed on treatment beyond week {week} cannot be given: {reason}.")
    estimate = f"{words.percent(prefix).marked}{words.within(prefix)}"
    followed = f"{words.counted(f'{prefix}.at_risk')} {'was' if words.row(f'{prefix}.at_risk').value == 1 else 'were'}"
    return Markdown(
        f"By the Kaplan-Meier estimate, the share who had not stopped treatment by week {week} was {estimate}; {followed} followed on "
        "treatment until then."
    )


def somebody_stopped(words: Words) -> bool:
    """Whether there is a curve of staying on treatment to draw."""
    return bool(words.row(f"{_STAYING}.kaplan_meier.events").value)


@of_individuals
def on_treatment(tables: Tables, results: Results) -> Drawing:
    """Kaplan-Meier curve of staying on treatment, with intervals at the visits; ticks, where few are shown one by one, are patients
    followed no longer."""
    return on_phones_too(partial(_on_treatment, tables, results))


def _on_treatment(tables: Tables, results: Results, width: float) -> Drawing:
    times, stopped = time_on_treatment(tables.patients)
    found = kaplan_meier(times, stopped)
    figure, axes = subplots(figsize=(width, 2.6))
    visits = results.weeks("exposure", "on_treatment")
    last, steps = float(times.max()), found.steps()
    weeks, shares = zip((0.0, 100.0), *((time, 100 * share) for time, share in steps), strict=True)
    axes.step([*weeks, last], [*shares, shares[-1]], where="post", color=RESULT, linewidth=1.2)
    ends = [] if are_many(tables) else sorted(set(times[~stopped]))
    axes.plot(ends, [100 * found.after(end) for end in ends], "|", color=RESULT, markersize=6, clip_on=False)
    for week in visits:
        low, high = (results[f"{_STAYING}.w{week}.kaplan_meier.{end}"].value for end in ("ci_low", "ci_high"))
        if low is not None:
            axes.vlines(week, low, high, color=RESULT, linewidth=1.2, alpha=0.5)
    followed = [results[f"{_STAYING}.w{week}.kaplan_meier.at_risk"].display for week in visits]
    axes.set_xticks([0, *visits], ["0\n", *(f"{week}\n{n}" for week, n in zip(visits, followed, strict=True))])
    many = who(results).many
    axes.set(xlim=(0, max(last, visits[-1]) * 1.02), ylim=(0, 105), ylabel=f"On treatment (% of {many})")
    axes.set_xlabel(f"Week (below: {many} followed on treatment)")
    data = [[f"Stopped at week {cell(time, 1)}", cell(100 * share, 1), "", ""] for time, share in evenly(steps, PLACES)]
    for week, n in zip(visits, followed, strict=True):
        prefix = f"{_STAYING}.w{week}.kaplan_meier"
        data.append([f"Week {week}", results[f"{prefix}.percent"].display, interval_of(results, prefix), n])
    return Drawing(figure, Table(["Time", f"On treatment, % of {many}", "95 % CI", "Followed"], "lrrr", data))


def on_treatment_caption(words: Words) -> Markdown:
    """What is drawn in this cut: ticks only where patients are few, and some of them did not stop."""
    said = f"{capital(words.who.many)} still on treatment, with 95 % confidence intervals at the visits"
    stopped, n = (words.row(f"{_STAYING}.kaplan_meier.{part}").value for part in ("events", "n"))
    ticks = not are_many(words.results) and stopped < n
    return Markdown(f"{said}; ticks mark the end of follow-up on treatment." if ticks else f"{said}.")


def alt_on_treatment(results: Results) -> str:
    """What the curve shows, in words."""
    count, of = (results[f"{_STAYING}.kaplan_meier.{part}"] for part in ("events", "n"))
    shares = [(week, results[f"{_STAYING}.w{week}.kaplan_meier.percent"]) for week in results.weeks("exposure", "on_treatment")]
    words = ", ".join(f"{row.display} percent beyond week {week}" for week, row in shares if row.value is not None)
    return f"Kaplan-Meier curve of staying on treatment; {count.display} of {of.display} stopped: {words or 'nobody was followed'}."
