"""The primary results under every assumption about missing values, as shown, or why there is nothing to show."""

from analysis.core.cells import interval_of, n_of
from analysis.core.drawing import Drawing
from analysis.core.forest import forest, proportion_row
from analysis.core.markdown import Table, indented, lettered, literal
from analysis.core.origin import with_origins
from analysis.core.results import Results
from analysis.core.words import Markdown, Words
from analysis.sensitivity import METHODS
from protocol import outcomes


def nothing_missing(words: Words, week: int) -> Markdown | None:
    """A sentence in place of the figure where all assumptions give the same result, or none does."""
    names = " or ".join(response.column.upper() for response in outcomes.PRIMARY)
    filled = [words.row(f"efficacy.{each.id}.w{week}.best_case.n") for each in outcomes.PRIMARY]
    if filled[0].value is None:
        return Markdown(f"No response at week {week} can be given under any assumption: {literal(filled[0].reason)}.")
    if any(words.row(f"efficacy.{each.id}.w{week}.best_case.filled_in").value for each in outcomes.PRIMARY):
        return None
    if not any(words.row(f"efficacy.{each.id}.w{week}.observed.N").value for each in outcomes.PRIMARY):
        return Markdown(f"At week {week} nobody was on treatment, so everybody is a non-responder under every assumption.")
    return Markdown(
        f"At week {week} no assessment of {names} is missing in {words.who.a} on treatment, so every assumption about missing "
        "assessments gives the same result and there is nothing to draw."
    )


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
