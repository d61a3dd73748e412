"""What happened to the skin: responders, scores at every visit, and change from baseline."""

import pandas as pd

from analysis.core import display, statistics
from analysis.core.design import Design, Tables
from analysis.core.families import Family, at_week, lines_of, no_response, no_visit, of_patients, paired, visit_weeks
from analysis.core.results import Result
from analysis.core.sizes import MOST_EXACT
from protocol import outcomes, scores
from protocol.outcomes import Response, Score


def efficacy(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `efficacy`."""
    visits = with_objective_scorad(tables.visits)
    weeks = visit_weeks(visits, design)
    rows: list[Result] = []
    for response in outcomes.MAIN:
        for week in weeks[1:]:
            rows += responders(tables.patients, visits, response, week)
    for week in weeks:
        rows += _iga_distribution(visits, week)
    for score in outcomes.SCORES.values():
        for week in weeks:
            rows += _course(visits, score, week)
        for week in weeks[1:]:
            rows += _change(visits, score, week, design.primary_week)
    for score in outcomes.SCORES.values():
        if score.percent_change:
            for week in weeks[1:]:
                rows += _percent_change(visits, score, week)
    return rows


def with_objective_scorad(visits: pd.DataFrame) -> pd.DataFrame:
    """The visits with the column `objective_scorad` (points, missing where a part is missing)."""
    parts = visits["scorad_extent"].astype(float), visits["scorad_intensity"].astype(float)
    return visits.assign(objective_scorad=scores.objective_scorad(*parts))


def responses(visits: pd.DataFrame, response: Response, week: int) -> pd.Series:
    """Whether each patient with a score at baseline and at `week` responded; booleans indexed by patient_id."""
    pairs, _ = paired(visits, week, response.column)
    return response.met(pairs)


def responded_on_treatment(tables: Tables, response: Response, week: int) -> set[str]:
    """Who has a response at a week, as the primary analysis counts it: on treatment, and assessed."""
    met = responses(tables.visits, response, week)
    return set(met.index[met]) - discontinued_by(tables.patients, week)


def discontinued_by(patients: pd.DataFrame, week: int) -> set[str]:
    """Patients who had stopped treatment at `week` or before."""
    return set(patients.loc[patients["discontinued_week"] <= week, "patient_id"])


def responders(patients: pd.DataFrame, visits: pd.DataFrame, response: Response, week: int) -> list[Result]:
    """Responders among all patients (method nri) and among those seen (method observed), each with its exact interval; where
    the response has an entry, of those whose baseline reaches it."""
    unseen, undecided = no_visit(visits, week), no_response(patients, visits, week)
    if response.entry is not None:
        entered = visits[(visits["week"] == 0) & (visits[response.column].astype(float) >= response.entry)]
        patients, visits = (of_patients(table, entered["patient_id"]) for table in (patients, visits))
    pairs, lines = paired(visits, week, response.column)
    met = response.met(pairs)
    everyone = Family(
        "efficacy", response.id, "patients", len(patients), week=week, method="nri", absent=undecided,
        lines=lines | lines_of(patients=patients),
        how=f"Responder: {response.rule}. N: all patients; a missing value, or treatment stopped at this week or before, "
        "counts as "
        "non-response. Exact (Clopper-Pearson) 95 % interval.",
    )  # fmt: skip
    observed = Family(
        "efficacy", response.id, "patients", len(met), week=week, method="observed", absent=unseen, lines=lines,
        how=f"Responder: {response.rule}. N: patients with a value at baseline and at this week. Exact (Clopper-Pearson) 95 % "
        "interval.",
    )  # fmt: skip
    successes = set(met.index[met])
    on_treatment = successes - discontinued_by(patients, week)
    return [
        *everyone.proportion(len(on_treatment), len(patients)),
        *observed.proportion(len(successes), len(met)),
    ]


def _iga_distribution(visits: pd.DataFrame, week: int) -> list[Result]:
    seen, unseen = at_week(visits, week, "iga"), no_visit(visits, week)
    rows = []
    for grade in range(len(scores.IGA_LABELS)):
        having = seen[seen["iga"] == grade]
        family = Family(
            "efficacy", f"iga_grade_{grade}", "patients", len(seen), week=week, method="observed", absent=unseen,
            lines=lines_of(visits=seen), how=f"Patients with IGA {grade} among those assessed at this week.",
        )  # fmt: skip
        rows += family.proportion(len(having), len(seen), counted=lines_of(visits=having), exact_interval=False)
    return rows


def _course(visits: pd.DataFrame, score: Score, week: int) -> list[Result]:
    seen = at_week(visits, week, score.column)
    family = Family(
        "efficacy", score.id, score.unit, len(seen), week=week, method="observed", absent=no_visit(visits, week),
        lines=lines_of(visits=seen), how=f"Column {score.column} of the patients assessed at this week; quartiles of type 7.",
    )  # fmt: skip
    return [family.count("n", len(seen)), *family.summary(seen[score.column].astype(float))]


def _change(visits: pd.DataFrame, score: Score, week: int, primary_week: int) -> list[Result]:
    pairs, lines = paired(visits, week, score.column)
    # Scores have one decimal; the subtraction's binary noise must not break ties between ranks.
    change = (pairs["value"] - pairs["baseline"]).round(6)
    family = Family(
        "efficacy", f"{score.id}_change", score.unit, len(change), week=week, method="paired", absent=no_visit(visits, week),
        lines=lines,
        how=f"{score.column} at this week minus baseline, in patients with both. Interval: Student's t, 95 %. p_wilcoxon: "
        "signed-rank test, two-sided, zero differences dropped, with scipy's choice between exact p and normal "
        "approximation; p_exact: the same from the exact distribution given the ties (up to "
        f"{MOST_EXACT} differences). "
        "hodges_lehmann: median of all pairwise averages, zeros kept. Quartiles of type 7.",
    )  # fmt: skip
    rows = [
        family.count("n", len(change)),
        *family.summary(change, ("mean", "sd", "median", "q1", "q3", "min", "max")),
        *family.interval(lambda: statistics.t_interval(change)),
    ]
    if week == primary_week:
        # One test per score, at the primary week: tests at every visit would only multiply chances of error.
        rows += [
            family.row("p_wilcoxon", lambda: statistics.wilcoxon_p(change), unit="probability", show=display.p_value),
            family.row("p_exact", lambda: statistics.wilcoxon_exact_p(change), unit="probability", show=display.p_value),
            family.row("hodges_lehmann", lambda: statistics.hodges_lehmann(change)),
        ]
    return rows


def _percent_change(visits: pd.DataFrame, score: Score, week: int) -> list[Result]:
    pairs, _ = paired(visits, week, score.column)
    change = percent_change(pairs)
    _, lines = paired(of_patients(visits, change.index), week, score.column)
    family = Family(
        "efficacy", f"{score.id}_percent_change", "percent", len(change), week=week, method="paired", absent=no_visit(visits, week),
        lines=lines,
        how="100 x (value - baseline) / baseline, in patients with both and a baseline above 0; quartiles of type 7.",
    )  # fmt: skip
    return [family.count("n", len(change)), *family.summary(change)]


def percent_change(pairs: pd.DataFrame) -> pd.Series:
    """Change in percent of baseline, of pairs with columns `baseline` and `value`; pairs with a baseline of 0 are
    left out.
    """
    defined = pairs[pairs["baseline"] > 0]
    return 100 * (defined["value"] - defined["baseline"]) / defined["baseline"]
