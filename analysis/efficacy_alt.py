"""Alternative texts of the figures on depth, course and subgroups, in words computed from the results."""

from analysis import depth, subgroups
from analysis.efficacy_figures import easi_moves
from analysis.results import Results
from protocol import outcomes


def easi_flow(results: Results) -> str:
    moves = easi_moves(results)
    parts = []
    for week, counts in sorted(moves.items()):
        assessed = {move: n for move, n in counts.items() if len(depth.STRATA) - 1 not in move}
        better = sum(n for (start, end), n in assessed.items() if end < start)
        worse = sum(n for (start, end), n in assessed.items() if end > start)
        parts.append(f"to week {week}, {better} children moved to a better stratum and {worse} to a worse one")
    return f"Flow of children between EASI strata from visit to visit: {'; '.join(parts) or 'no later visit'}."


def modelled_changes(results: Results) -> str:
    parts = []
    for score in outcomes.MODELLED:
        rows = [
            row for row in results.values()
            if (row.variable, row.method, row.statistic) == (f"{score.id}_change", "mixed_model", "mean")
        ]  # fmt: skip
        means = ", ".join(f"{row.display} at week {row.week}" for row in rows)
        parts.append(f"{score.name} {means or 'not estimable'}")
    return f"Mean changes from baseline by the random-intercept model, beside the observed means: {'; '.join(parts)}."


def times_to_response(results: Results) -> str:
    parts = []
    for response in outcomes.PRIMARY:
        variable = f"time_to_{response.id}"
        shares = [(week, results[f"efficacy.{variable}.w{week}.turnbull.percent"])
                  for week in results.weeks("efficacy", variable)]  # fmt: skip
        words = ", ".join(f"{row.display} percent by week {week}" for week, row in shares if row.value is not None)
        parts.append(f"{response.name} {words or 'not determined'}")
    return f"Share of children with a first response by each visit: {'; '.join(parts)}."


def subgroup_forest(results: Results, week: int, outcome: str) -> str:
    parts = []
    for heading, groups in subgroups.GROUPS.items():
        counts = ", ".join(
            f"{name} {results[f'{prefix}.n'].display} of {results[f'{prefix}.N'].display}"
            for group, name in groups.items()
            for prefix in (f"subgroups.{outcome}_{group}.w{week}.nri",)
        )
        parts.append(f"{heading}: {counts}")
    return f"Forest plot of {outcomes.RESPONSES[outcome].name} at week {week} in subgroups. {'. '.join(parts)}."


def residuals() -> str:
    return (
        "For EASI and SCORAD, residuals of the random-intercept model plotted against fitted changes, and their "
        "quantiles against those of a normal distribution."
    )
