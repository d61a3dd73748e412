"""The tables. Every number comes from the results table; free text of the data is shown literally."""

import pandas as pd

from analysis import display
from analysis.biomarker import printed_geometric_mean
from analysis.design import Design, Tables
from analysis.display import p_value, visit
from analysis.exposure import dose_conformity
from analysis.markdown import Table, indented, lettered, literal
from analysis.origin import marked, with_origins
from analysis.results import Results
from analysis.safety import treatment_emergent, variables_of_terms
from protocol import outcomes
from protocol.special_interest import same_term

_NBSP = "\N{NO-BREAK SPACE}"


def n_percent(results: Results, prefix: str) -> str:
    """`n (percent)` of a proportion, for instance "15 (55.6)"."""
    return f"{results[f'{prefix}.n'].display}{_NBSP}({results[f'{prefix}.percent'].display})"


def interval(results: Results, prefix: str) -> str:
    """`low to high`, unbroken."""
    low, high = results[f"{prefix}.ci_low"], results[f"{prefix}.ci_high"]
    if low.value is None:
        return "not estimable"
    return display.interval(low.display, high.display)


def mean_sd(results: Results, prefix: str) -> str:
    """`mean (SD)`; a single value has a mean alone."""
    mean, sd = results[f"{prefix}.mean"], results[f"{prefix}.sd"]
    return mean.display if sd.value is None else f"{mean.display}{_NBSP}({sd.display})"


def median_quartiles(results: Results, prefix: str) -> str:
    middle, low, high = (results[f"{prefix}.{part}"] for part in ("median", "q1", "q3"))
    if middle.value is None:
        return middle.display
    return f"{middle.display}{_NBSP}({display.interval(low.display, high.display)})"


def extremes(results: Results, prefix: str) -> str:
    """`min to max`, unbroken."""
    low, high = results[f"{prefix}.min"], results[f"{prefix}.max"]
    if low.value is None:
        return low.display
    return display.interval(low.display, high.display)


@with_origins
def baseline(results: Results) -> Table:
    """Who was treated: characteristics and scores before the first dose."""

    def measured(name: str, prefix: str) -> list[str]:
        return [name, mean_sd(results, prefix), median_quartiles(results, prefix), extremes(results, prefix)]

    def counted(name: str, variable: str) -> list[str]:
        return [name, n_percent(results, f"population.{variable}"), "", ""]

    regimens = [id.split(".")[1] for id in results if id.startswith("population.regimen_") and id.endswith(".n")]
    dosing = [counted(indented(_regimen_name(name)), name) for name in regimens]
    rows = [
        measured("Age, years", "population.age_years"),
        counted("Girls, n (%)", "female"),
        measured("Weight, kg", "population.weight_kg"),
        measured("Duration of disease, years", "population.ad_duration_years"),
        counted("Asthma, n (%)", "asthma"),
        counted("Allergic rhinitis, n (%)", "allergic_rhinitis"),
        counted("Food allergy, n (%)", "food_allergy"),
        counted("Systemic therapy before, n (%)", "prior_systemic_therapy"),
        *(measured(score.with_range, f"efficacy.{score.id}.w0.observed") for score in outcomes.DESCRIBED),
        ["IGA 4 (severe), n (%)", n_percent(results, "efficacy.iga_grade_4.w0.observed"), "", ""],
        [
            "Total IgE, kU/L",
            mean_sd(results, "biomarker.total_ige.w0.observed"),
            median_quartiles(results, "biomarker.total_ige.w0.observed"),
            "",
        ],
        ["Maintenance dose by label, n (%)", "", "", ""],
        *dosing,
    ]
    size = results["population.enrolled.n"].display
    header = [f"All children, N = {size}", "Mean (SD) or n (%)", "Median (quartiles)", "Range"]
    return Table(header, "lrrr", rows)


def _regimen_name(variable: str) -> str:
    _, amount, interval_weeks = variable.split("_")
    return f"{amount.removesuffix('mg')} mg every {interval_weeks[1:-1]} weeks"


@with_origins
def responders(results: Results, week: int) -> Table:
    """Responders at one week: the primary analysis beside the observed cases."""
    rows = []
    for response in outcomes.MAIN:
        cells = [response.name]
        for method in ("nri", "observed"):
            prefix = f"efficacy.{response.id}.w{week}.{method}"
            of = f"{results[f'{prefix}.n'].display}/{results[f'{prefix}.N'].display}"
            cells += [of, results[f"{prefix}.percent"].display, interval(results, prefix)]
        rows.append(cells)
    header = [f"Week {week}", "n/N^a^", "%", "95 % CI^b^", "n/N observed^c^", "%", "95 % CI^b^"]
    note = lettered(
        "Of everyone; a missing value or stopped treatment is non-response (the primary analysis).",
        "Exact (Clopper-Pearson) confidence interval.",
        "Of the children with a value at both visits.",
    )
    return Table(header, "lrrrrrr", rows, [note])


@with_origins
def courses(results: Results) -> Table:
    """EASI, SCORAD, itch and sleep loss at every visit."""
    rows = []
    for score in outcomes.DESCRIBED:
        rows.append([f"**{score.name}**", "", "", "", ""])
        for week in results.weeks("efficacy", score.id):
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
def changes(results: Results, week: int) -> Table:
    """Change from baseline to one week, with interval, test and estimate of shift."""
    rows = []
    for score in outcomes.DESCRIBED:
        prefix = f"efficacy.{score.id}_change.w{week}.paired"
        test = results[f"{prefix}.p_wilcoxon"]
        p = test.display if test.value is None else p_value(test.value).removeprefix("p ").removeprefix("= ")
        rows.append(
            [
                score.name,
                results[f"{prefix}.n"].display,
                results[f"{prefix}.mean"].display,
                interval(results, prefix),
                results[f"{prefix}.hodges_lehmann"].display,
                marked(p, [test]) if test.value is not None else p,
            ]
        )
    header = [f"Change to week {week}, points", "n^a^", "Mean", "95 % CI^b^", "Shift^c^", "p^d^"]
    note = lettered(
        "Children with both visits.",
        "*t* interval of the mean.",
        "Hodges-Lehmann estimate.",
        "Wilcoxon signed-rank test; without a control group it speaks against no change, not for an effect of the drug.",
    )
    return Table(header, "lrrrrr", rows, [note])


@with_origins
def scorad_parts(results: Results, week: int) -> Table:
    """The parts of SCORAD at baseline and at one week."""
    rows = [
        [
            part.as_part,
            mean_sd(results, f"efficacy.{part.id}.w0.observed"),
            mean_sd(results, f"efficacy.{part.id}.w{week}.observed"),
            results[f"efficacy.{part.id}_change.w{week}.paired.mean"].display,
            interval(results, f"efficacy.{part.id}_change.w{week}.paired"),
        ]
        for part in outcomes.PARTS
    ]
    return Table(["Part", "Baseline, mean (SD)", f"Week {week}, mean (SD)", "Change", "95 % CI"], "lrrrr", rows)


@with_origins
def total_ige(results: Results) -> Table:
    """Total IgE at every visit, averaged in both ways."""
    rows = [
        [
            visit(at),
            results[f"biomarker.total_ige.w{at}.observed.n"].display,
            mean_sd(results, f"biomarker.total_ige.w{at}.observed"),
            median_quartiles(results, f"biomarker.total_ige.w{at}.observed"),
            printed_geometric_mean(results, at).display,
        ]
        for at in results.weeks("biomarker", "total_ige")
    ]
    header = ["Visit", "n", "Mean (SD), kU/L^a^", "Median (quartiles), kU/L", "Geometric mean, kU/L^b^"]
    note = lettered(
        "Not given where values are censored (reported as below or above a limit).",
        "By log-normal maximum likelihood where values are censored.",
    )
    return Table(header, "lrrrr", rows, [note])


@with_origins
def exposure(results: Results) -> Table:
    """Doses of each regimen: given, missed, and how many followed the label."""
    rows = []
    for name, method in (
        ("Doses recorded as given", "given"),
        ("Doses missed", "missed"),
        ("Given as the label says", "conforming"),
    ):
        prefix = f"exposure.doses.{method}"
        rows.append(
            [
                name,
                f"{results[f'{prefix}.n'].display}/{results[f'{prefix}.N'].display}",
                results[f"{prefix}.percent"].display,
            ]
        )
    return Table(["Doses", "n/N", "%"], "lrr", rows)


def off_label_doses(tables: Tables, design: Design) -> Table:
    """Each given dose that departs from the label, with what the label asks for."""
    doses = dose_conformity(tables, design)
    odd = doses[(doses["given"] == 1) & ~doses["conforming"]]
    rows = [
        [
            row.patient_id,
            f"{row.study_day}",
            f"{row.dose_mg:g}",
            f"{row.label_mg}",
            "–" if pd.isna(row.interval_days) else f"{row.interval_days:g}",
            "–" if pd.isna(row.label_interval_days) else f"{row.label_interval_days:g}",
        ]
        for row in odd.itertuples()
    ]
    header = ["Child", "Study day", "Dose, mg", "Label, mg", "Interval, days", "Label, days"]
    return Table(header, "lrrrrr", rows or [["none", "", "", "", "", ""]])


@with_origins
def adverse_events(tables: Tables, results: Results) -> Table:
    """Adverse events over all follow-up: kinds, then terms by organ class."""
    rows = [
        _event_row(name, f"safety.{variable}", results)
        for name, variable in (
            ("Any event", "any_event"),
            ("Related to dupilumab", "related_event"),
            ("Severe", "severity_severe"),
            ("Serious", "serious_event"),
            ("Treatment stopped for it", "discontinued_for_event"),
        )
    ]
    events = treatment_emergent(tables.adverse_events)
    classes = variables_of_terms(events["system_organ_class"], "soc")
    terms = variables_of_terms(events["term"], "term")
    for organ_class, variable in classes.items():
        members = events[same_term(events["system_organ_class"]) == organ_class]
        rows.append(_event_row(f"**{literal(members['system_organ_class'].iloc[0])}**", f"safety.{variable}", results))
        for term in sorted(same_term(members["term"]).unique()):
            written = events.loc[same_term(events["term"]) == term, "term"].iloc[0]
            rows.append(_event_row(indented(literal(written)), f"safety.{terms[term]}", results))
    notes = []
    coded = same_term(events["system_organ_class"]).groupby(same_term(events["term"])).nunique()
    for term in coded.index[coded > 1]:
        written = events.loc[same_term(events["term"]) == term, "term"].iloc[0]
        notes.append(
            f"{literal(written)} is recorded under more than one organ class; its row, the same under each, counts "
            "all of it."
        )
    return Table(["Event", "Children, n (%)", "95 % CI, %", "Events"], "lrrr", rows, notes)


def _event_row(name: str, prefix: str, results: Results) -> list[str]:
    return [name, n_percent(results, prefix), interval(results, prefix), results[f"{prefix}.events"].display]


