"""Tables of the assumptions, the depth and the course of the response. Every number comes from the results table."""

from itertools import groupby

from analysis import depth
from analysis import sensitivity as assumptions
from analysis.display import visit
from analysis.markdown import Table, indented, lettered
from analysis.origin import with_origins
from analysis.results import Results
from analysis.tables import interval, n_percent
from protocol import outcomes


def estimands(week: int) -> Table:
    """What each main result estimates: population, variable, intercurrent events, missing values, summary.

    The attributes are those of ICH E9(R1).
    """
    everyone = "All children who started"
    policy = "Values count as measured, whether or not treatment went on"
    attributes = ["Estimand", "Population", "Variable", "Stopping treatment^a^", "Missing value", "Summary"]
    estimands = [
        ["IGA 0/1 (primary)", everyone, f"IGA 0 or 1 and at least 2 points below baseline at week {week}",
         "Stopping treatment is non-response", "Non-response", "Proportion, exact interval"],
        ["EASI-75", everyone, f"EASI at least 75 % below baseline at week {week}",
         "Stopping treatment is non-response", "Non-response", "Proportion, exact interval"],
        ["SCORAD change", "Children with SCORAD at both visits", f"SCORAD at week {week} less baseline", policy,
         "Left out; model of all visits as a check", "Mean, *t* interval"],
        ["Total IgE", "Children with IgE at both visits", f"IgE at week {week} less baseline, and divided by it",
         policy, "Left out; censored values as ranges", "Mean; geometric mean of the ratio; *t* intervals"],
    ]  # fmt: skip
    header, *rows = [list(row) for row in zip(attributes, *estimands, strict=True)]
    note = lettered(
        "Topical glucocorticosteroids are background treatment and no intercurrent event. Rescue treatment would be one, "
        "but the source does not report it and the data do not record it: a response here is a response whatever else "
        "was given."
    )
    return Table(header, "lllll", rows, [note])


@with_origins
def sensitivity(results: Results, week: int) -> Table:
    """The primary results under every assumption about missing values."""
    rows = []
    for outcome in outcomes.PRIMARY:
        rows.append([f"**{outcome.name}**", "", "", "", ""])
        for method, words in assumptions.METHODS.items():
            prefix = f"efficacy.{outcome.id}.w{week}.{method}"
            filled = results[f"{prefix}.filled_in"].display if f"{prefix}.filled_in" in results else "–"
            of = f"{results[f'{prefix}.n'].display}/{results[f'{prefix}.N'].display}"
            rows.append([indented(words), filled, of, results[f"{prefix}.percent"].display, interval(results, prefix)])
    note = lettered(
        "Missing responses that the method replaces.",
        "For multiple imputation *n* is the mean over the imputations.",
        "Exact (Clopper-Pearson); for multiple imputation Wilson's with Rubin's rules if anything was imputed.",
    )
    return Table([f"Week {week}", "Filled in^a^", "n/N^b^", "%", "95 % CI^c^"], "lrrrr", rows, [note])


@with_origins
def depths(results: Results, week: int) -> Table:
    """Responders at one week by every threshold, in both ways of counting."""
    rows = []
    in_depth = [response for response in outcomes.RESPONSES.values() if response.heading]
    for heading, members in groupby(in_depth, key=lambda response: response.heading):
        rows.append([f"**{heading}**", *[""] * 6])
        for response in members:
            cells = [indented(response.in_depth)]
            for method in ("nri", "observed"):
                prefix = f"efficacy.{response.id}.w{week}.{method}"
                of = f"{results[f'{prefix}.n'].display}/{results[f'{prefix}.N'].display}"
                cells += [of, results[f"{prefix}.percent"].display, interval(results, prefix)]
            rows.append(cells)
    note = lettered(
        "Of everyone (itch: of everyone with enough of it at baseline); a missing value or stopped treatment is non-response.",
        "Exact (Clopper-Pearson) confidence interval.",
        "Of the children with a value at both visits.",
    )
    header = [f"Week {week}", "n/N^a^", "%", "95 % CI^b^", "n/N observed^c^", "%", "95 % CI^b^"]
    return Table(header, "lrrrrrr", rows, [note])


@with_origins
def strata(results: Results) -> Table:
    """Children in each EASI stratum at every visit."""
    variables = [depth.stratum_variable(number) for number in range(len(depth.STRATA) - 1)]
    weeks = results.weeks("efficacy", variables[0])
    rows = [
        [
            visit(week),
            results[f"efficacy.{variables[0]}.w{week}.observed.N"].display,
            *(n_percent(results, f"efficacy.{variable}.w{week}.observed") for variable in variables),
        ]
        for week in weeks
    ]
    header = ["Visit", "Assessed", *(name.capitalize() for name in depth.STRATA[:-1])]
    return Table(header, "l" + "r" * (len(header) - 1), rows, ["Number of children (percent of those assessed)."])


@with_origins
def modelled_changes(results: Results) -> Table:
    """Mean change at every visit: from the random-intercept model, and of the children seen."""
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
                    interval(results, model),
                    results[f"{seen}.mean"].display,
                    interval(results, seen),
                ]
            )
    header = ["Change, points", "n", "Modelled mean^a^", "95 % CI^b^", "Observed mean", "95 % CI^c^"]
    notes = [lettered("At the mean baseline.", "From a bootstrap of children.", "*t* interval.")]
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


@with_origins
def times_to_response(results: Results) -> Table:
    """Turnbull's estimate: share with a first response by every visit, and where the median falls."""
    weeks = results.weeks("efficacy", f"time_to_{outcomes.PRIMARY[0].id}")
    rows = []
    for response in outcomes.PRIMARY:
        prefix = f"efficacy.time_to_{response.id}"
        after, by = (results[f"{prefix}.turnbull.{part}"] for part in ("median_after", "median_by"))
        median = "not reached" if after.value is None else f"after {after.display}, by {by.display}"
        rows.append(
            [
                response.name,
                f"{results[f'{prefix}.turnbull.events'].display}/{results[f'{prefix}.turnbull.n'].display}",
                *(_determined(results, f"{prefix}.w{week}.turnbull.percent") for week in weeks),
                median,
            ]
        )
    header = ["First response", "n/N", *(f"% by week {week}" for week in weeks), "Median, weeks"]
    return Table(header, "l" + "r" * (len(header) - 1), rows)


def _determined(results: Results, result_id: str) -> str:
    row = results[result_id]
    return "not determined" if row.value is None else row.display
