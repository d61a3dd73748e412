"""The primary results under every assumption about missing values, as shown."""

from analysis.core.cells import interval_of, n_of
from analysis.core.drawing import Drawing
from analysis.core.forest import forest, proportion_row
from analysis.core.markdown import Table, indented, lettered
from analysis.core.origin import with_origins
from analysis.core.results import Results
from analysis.sensitivity import METHODS
from protocol import outcomes


def sensitivity_forest(results: Results, week: int) -> Drawing:
    """The primary results under every assumption about missing values."""
    rows = [
        proportion_row(results, f"efficacy.{outcome.id}.w{week}.{method}", words, outcome.name, filled=method == "nri")
        for outcome in outcomes.PRIMARY
        for method, words in METHODS.items()
    ]
    return forest(rows, f"Responders at week {week} (%)")


@with_origins
def sensitivity_table(results: Results, week: int) -> Table:
    """The primary results under every assumption about missing values."""
    rows = []
    for outcome in outcomes.PRIMARY:
        rows.append([f"**{outcome.name}**", "", "", "", ""])
        for method, words in METHODS.items():
            prefix = f"efficacy.{outcome.id}.w{week}.{method}"
            filled = results[f"{prefix}.filled_in"].display if f"{prefix}.filled_in" in results else "–"
            percent = results[f"{prefix}.percent"].display
            rows.append([indented(words), filled, n_of(results, prefix), percent, interval_of(results, prefix)])
    note = lettered(
        "Missing responses that the method replaces.",
        "For multiple imputation *n* is the mean over the imputations.",
        "Exact (Clopper-Pearson); for multiple imputation Wilson's with Rubin's rules if anything was imputed.",
    )
    return Table([f"Week {week}", "Filled in^a^", "n/N^b^", "%", "95 % CI^c^"], "lrrrr", rows, [note])
