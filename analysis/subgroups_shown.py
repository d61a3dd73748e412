"""Responders in subgroups as shown."""

from analysis import subgroups
from analysis.core.drawing import Drawing
from analysis.core.forest import forest, proportion_row
from analysis.core.results import Results
from protocol import outcomes


def subgroup_forest(results: Results, week: int, outcome: str) -> Drawing:
    """Responders of every subgroup, below those of all children; `outcome` is the id of one of
    :data:`protocol.outcomes.PRIMARY`."""
    rows = [proportion_row(results, f"efficacy.{outcome}.w{week}.nri", "All children", "")]
    for heading, groups in subgroups.GROUPS.items():
        for group, name in groups.items():
            prefix = f"subgroups.{outcome}_{group}.w{week}.nri"
            rows.append(proportion_row(results, prefix, name, heading, filled=False))
    return forest(rows, f"{outcomes.RESPONSES[outcome].name} at week {week} (% of the children of the group)")


def alt_subgroup_forest(results: Results, week: int, outcome: str) -> str:
    parts = []
    for heading, groups in subgroups.GROUPS.items():
        counts = ", ".join(
            f"{name} {results[f'{prefix}.n'].display} of {results[f'{prefix}.N'].display}"
            for group, name in groups.items()
            for prefix in (f"subgroups.{outcome}_{group}.w{week}.nri",)
        )
        parts.append(f"{heading}: {counts}")
    return f"Forest plot of {outcomes.RESPONSES[outcome].name} at week {week} in subgroups. {'. '.join(parts)}."
