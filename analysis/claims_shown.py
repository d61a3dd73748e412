"""The paper's claims as shown: beside what the data give, and what their arithmetic allows."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.claims import Claim, fractions_that_print, means, percentages, variable_of
from analysis.core.markdown import Table, literal
from analysis.core.origin import marked, with_origins
from analysis.core.results import Results


def claims_table(claims: Sequence[Claim]) -> Table:
    """Published beside computed, for every claim."""
    rows = [
        [
            literal(claim.says),
            " to ".join(claim.published),
            " to ".join(marked(text, [row]) for text, row in zip(claim.computed, claim.results, strict=True)) or "–",
            literal(claim.unit.replace("percent", "%")),
            claim.verdict,
        ]
        for claim in claims
    ]
    return Table(["The paper says", "Published", "Computed", "Unit", "Agreement"], "lrrll", rows)


def fractions_table(published: Mapping[str, Any]) -> Table:
    """For every published percentage the fractions that print as it."""
    patients = published["design"]["patients"]
    rows = []
    for claim in percentages(published["claims"]):
        found = fractions_that_print(claim["value"], patients)
        listed = ", ".join(f"{k}/{n}" for k, n in found) or "none"
        rows.append([literal(claim["says"]), literal(f"{claim['value']} %"), listed])
    return Table(["The paper says", "Printed", f"Fractions that print so, denominator up to {patients}"], "lrl", rows)


@with_origins
def means_table(published: Mapping[str, Any], results: Results) -> Table:
    """For every published mean its grain, its rounding, and how many sums print as it."""
    rows = []
    for claim in means(published["claims"]):
        prefix = f"arithmetic.{variable_of(claim)}.grim"
        rows.append(
            [
                literal(claim["says"]),
                literal(f"{claim['value']} {claim['unit']}"),
                *(results[f"{prefix}.{part}"].display for part in ("rounding", "grain", "sums")),
            ]
        )
    header = ["The paper says", "Printed", "Rounded to", "Grain of the mean", "Sums that print so"]
    return Table(header, "lrrrr", rows)
