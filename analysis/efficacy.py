"""What happened to the skin: responders, scores at every visit, and change from baseline."""

import pandas as pd

from analysis import display, statistics
from analysis.design import Design, Tables
from analysis.results import Result
from analysis.rows import Family, Lines, at_week, lines_of, paired, visit_weeks
from protocol import scores

RESPONSES = {"iga_0_1": "iga", "easi_50": "easi", "easi_75": "easi", "easi_90": "easi"}
SCORES = {
    "easi": "easi",
    "scorad": "scorad",
    "objective_scorad": "objective_scorad",
    "scorad_extent": "scorad_extent",
    "scorad_intensity": "scorad_intensity",
    "pruritus": "scorad_pruritus",
    "sleep_loss": "scorad_sleep_loss",
}
"""Variables of the results table and the columns of the visits they come from."""
_UNITS = {"scorad_extent": "percent of body surface"}


def efficacy(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `efficacy`."""
    visits = with_objective_scorad(tables.visits)
    weeks = visit_weeks(visits, design)
    rows: list[Result] = []
    for variable in RESPONSES:
        for week in weeks[1:]:
            rows += _responders(tables.patients, visits, variable, week)
    for week in weeks:
        rows += _iga_distribution(visits, week)
    for variable, column in SCORES.items():
        for week in weeks:
            rows += _course(visits, variable, column, week)
        for week in weeks[1:]:
            rows += _change(visits, variable, column, week, design.primary_week)
    for variable in ("easi", "scorad"):
        for week in weeks[1:]:
            rows += _percent_change(visits, variable, week)
    return rows


def with_objective_scorad(visits: pd.DataFrame) -> pd.DataFrame:
    """The visits with the column `objective_scorad` (points, missing where a part is missing)."""
    parts = visits["scorad_extent"].astype(float), visits["scorad_intensity"].astype(float)
    return visits.assign(objective_scorad=scores.objective_scorad(*parts))


def responses(visits: pd.DataFrame, variable: str, week: int) -> pd.Series:
    """Whether each patient with a score at baseline and at `week` responded; booleans indexed by patient_id.

    `variable` is a key of :data:`RESPONSES`. A baseline EASI of 0 cannot fall: no response.
    """
    pairs, _ = paired(visits, week, RESPONSES[variable])
    if variable == "iga_0_1":
        response = scores.iga_0_1(pairs["baseline"], pairs["value"])
    else:
        response = scores.fell_by_percent(pairs["baseline"], pairs["value"], int(variable.removeprefix("easi_")))
    return response.fillna(False).astype(bool)


def discontinued_by(patients: pd.DataFrame, week: int) -> set[str]:
    """Patients who had stopped treatment at `week` or before."""
    return set(patients.loc[patients["discontinued_week"] <= week, "patient_id"])


def responder_rule(variable: str) -> str:
    """The rule of a response in words; `variable` is a key of :data:`RESPONSES`."""
    if variable == "iga_0_1":
        return "IGA 0 or 1 and at least 2 points below baseline"
    return f"EASI at least {variable.removeprefix('easi_')} % below baseline, in exact decimals"


def responder_rows(
    variable: str, week: int, rule: str, patients: pd.DataFrame, response: pd.Series, lines: Lines
) -> list[Result]:
    """Responders among all `patients` (method nri) and among those with a `response` (method observed; booleans indexed
    by patient_id, from `lines` of the files), each with its exact interval."""
    everyone = Family(
        "efficacy", variable, "patients", len(patients), week=week, method="nri",
        lines=lines | lines_of(patients=patients),
        how=f"Responder: {rule}. N: all patients; a missing value, or treatment stopped at this week or before, "
        "counts as "
        "non-response. Exact (Clopper-Pearson) 95 % interval.",
    )  # fmt: skip
    observed = Family(
        "efficacy", variable, "patients", len(response), week=week, method="observed", lines=lines,
        how=f"Responder: {rule}. N: patients with a value at baseline and at this week. Exact (Clopper-Pearson) 95 % "
        "interval.",
    )  # fmt: skip
    responders = set(response.index[response])
    on_treatment = responders - discontinued_by(patients, week)
    return [
        *everyone.proportion(len(on_treatment), len(patients)),
        *observed.proportion(len(responders), len(response)),
    ]


def _responders(patients: pd.DataFrame, visits: pd.DataFrame, variable: str, week: int) -> list[Result]:
    response = responses(visits, variable, week)
    _, lines = paired(visits, week, RESPONSES[variable])
    return responder_rows(variable, week, responder_rule(variable), patients, response, lines)


def _iga_distribution(visits: pd.DataFrame, week: int) -> list[Result]:
    seen = at_week(visits, week, "iga")
    rows = []
    for grade in range(len(scores.IGA_LABELS)):
        having = seen[seen["iga"] == grade]
        family = Family(
            "efficacy", f"iga_grade_{grade}", "patients", len(seen), week=week, method="observed",
            lines=lines_of(visits=seen), how=f"Patients with IGA {grade} among those assessed at this week.",
        )  # fmt: skip
        rows += family.proportion(len(having), len(seen), counted=lines_of(visits=having), exact_interval=False)
    return rows


def _course(visits: pd.DataFrame, variable: str, column: str, week: int) -> list[Result]:
    seen = at_week(visits, week, column)
    family = Family(
        "efficacy", variable, _UNITS.get(variable, "points"), len(seen), week=week, method="observed",
        lines=lines_of(visits=seen), how=f"Column {column} of the patients assessed at this week; quartiles of type 7.",
    )  # fmt: skip
    return [family.count("n", len(seen)), *family.summary(seen[column].astype(float))]


def _change(visits: pd.DataFrame, variable: str, column: str, week: int, primary_week: int) -> list[Result]:
    pairs, lines = paired(visits, week, column)
    # Scores have one decimal; the subtraction's binary noise must not break ties between ranks.
    change = (pairs["value"] - pairs["baseline"]).round(6)
    family = Family(
        "efficacy", f"{variable}_change", _UNITS.get(variable, "points"), len(change), week=week, method="paired",
        lines=lines,
        how=f"{column} at this week minus baseline, in patients with both. Interval: Student's t, 95 %. p_wilcoxon: "
        "signed-rank test, two-sided, zero differences dropped, with scipy's choice between exact p and normal "
        "approximation. "
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
            family.row("hodges_lehmann", lambda: statistics.hodges_lehmann(change)),
        ]
    return rows


def _percent_change(visits: pd.DataFrame, variable: str, week: int) -> list[Result]:
    pairs, _ = paired(visits, week, SCORES[variable])
    change = percent_change(pairs)
    _, lines = paired(visits[visits["patient_id"].isin(change.index)], week, SCORES[variable])
    family = Family(
        "efficacy", f"{variable}_percent_change", "percent", len(change), week=week, method="paired", lines=lines,
        how="100 x (value - baseline) / baseline, in patients with both and a baseline above 0; quartiles of type 7.",
    )  # fmt: skip
    return [family.count("n", len(change)), *family.summary(change)]


def percent_change(pairs: pd.DataFrame) -> pd.Series:
    """Change in percent of baseline, of pairs with columns `baseline` and `value`; pairs with a baseline of 0 are
    left out.
    """
    defined = pairs[pairs["baseline"] > 0]
    return 100 * (defined["value"] - defined["baseline"]) / defined["baseline"]
