"""Responders by site, and how much the sites differ; no rows at all where there is one site or none."""

from analysis.core import display
from analysis.core.design import Design, Tables
from analysis.core.families import Family, lines_of, no_response, of_patients
from analysis.core.heterogeneity import between_group_sd, fisher_freeman_halton_p, pearson_p
from analysis.core.results import Result, id_part
from analysis.efficacy import responded_on_treatment
from protocol import outcomes

NUMBER = "sites.number.n"
ENROLLED = "enrolled_"
"""Begins the variable that counts the patients of one site."""


def sites(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `sites`, responders at the primary week among all patients of each site; see :func:`code_of`."""
    patients, week = tables.patients, design.primary_week
    codes = sorted(patients["site"].dropna().unique())
    if len(codes) < 2:
        return []
    members = {code: patients[patients["site"] == code] for code in codes}
    total, everyone = sum(map(len, members.values())), lines_of(patients=patients)
    rows = [
        Family("sites", "number", "sites", total, lines=everyone, how="Different codes in the column site.").count(
            "n", len(codes), unit="sites"
        )
    ]
    for code, own in members.items():
        family = Family("sites", ENROLLED + id_part(code), "patients", total, lines=everyone, how=f"Patients of the site {code}.")
        rows += family.proportion(len(own), total, counted=lines_of(patients=own), exact_interval=False)
    undecided = no_response(patients, tables.visits, week)
    for outcome in outcomes.PRIMARY:
        responders = responded_on_treatment(tables, outcome, week)
        counted = {code: of_patients(own, responders) for code, own in members.items()}
        for code, own in members.items():
            family = Family(
                "sites", f"{outcome.id}_{id_part(code)}", "patients", len(own), week=week, method="nri", absent=undecided,
                lines=lines_of(patients=own),
                how=f"Responder: {outcome.rule}. N: all patients of the site {code}; a missing value, or treatment stopped at this "
                "week or before, counts as non-response. Exact (Clopper-Pearson) 95 % interval.",
            )  # fmt: skip
            rows += family.proportion(len(counted[code]), len(own), counted=lines_of(patients=counted[code]))
        numbers = [len(each) for each in counted.values()], [len(each) for each in members.values()]
        rows += _spread(outcome, week, undecided, total, everyone, *numbers)
    return rows


def _spread(outcome, week, undecided, total, lines, responders: list[int], patients: list[int]) -> list[Result]:
    def family(method: str, how: str, unit: str = "percent") -> Family:
        return Family("sites", outcome.id, unit, total, week, method, how, lines, absent=undecided)

    percents = [100 * x / n for x, n in zip(responders, patients, strict=True)]
    extremes = family("nri", "The site with the fewest and the one with the most responders, as observed.")
    exact = family(
        "fisher_freeman_halton", "Exact test of Fisher, Freeman and Halton, given all margins: the probability of a table that is no "
        "more probable than this one if all sites have one share of responders.", "probability",
    )  # fmt: skip
    large = family(
        "pearson", "Large-sample form of the exact test: Pearson's chi-squared, where the expected numbers allow it.", "probability",
    )  # fmt: skip
    between = family(
        "beta_binomial", "Standard deviation of the sites' true percentages beyond chance, in points: maximum likelihood of the "
        "beta-binomial distribution, and its profile likelihood; approximate with few sites.", "percentage points",
    )  # fmt: skip
    return [
        extremes.row("lowest", lambda: min(percents)),
        extremes.row("highest", lambda: max(percents)),
        exact.row("p", lambda: fisher_freeman_halton_p(responders, patients), show=display.p_value),
        large.row("p", lambda: pearson_p(responders, patients), show=display.p_value),
        *between.several(("sd", "ci_low", "ci_high"), lambda: between_group_sd(responders, patients)),
    ]


def code_of(part: str) -> str:
    """The site whose code became this part of an id.

    >>> code_of(id_part("CLINIC-2"))
    'CLINIC-2'
    """
    return part.replace("_", "-").upper()
