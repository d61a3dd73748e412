"""The primary results under every assumption about missing values, as shown, or why there is nothing to show."""

from analysis.core.cells import interval_of, n_of
from analysis.core.display import interval
from analysis.core.drawing import Drawing
from analysis.core.forest import forest, proportion_row
from analysis.core.markdown import Table, indented, lettered, literal
from analysis.core.origin import with_origins
from analysis.core.results import Results
from analysis.core.words import Markdown, Words, capital
from analysis.sensitivity import CARRIED, HALF, METHODS, grid
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
        "assessments gives the same result."
    )


def sensitivity_forest(results: Results, week: int) -> Drawing:
    """The primary results under every assumption about missing values."""
    rows = [
        proportion_row(results, f"efficacy.{outcome.id}.w{week}.{method}", words, outcome.name, main=method == "nri")
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


def tipping_sentence(words: Words, week: int) -> Markdown:
    """How many of the missing would have to respond for most patients to do so, response by response."""
    said = []
    for outcome in outcomes.PRIMARY:
        prefix = f"efficacy.{outcome.id}.w{week}.tipping"
        missing, needed = words.row(f"{prefix}.missing"), words.row(f"{prefix}.needed")
        if not missing.value:
            continue
        start = f"for {outcome.name} ({words.number(missing.id).marked} missing), the interval"
        if needed.value is None:
            said.append(f"{start} does not lie above {HALF} % even if all of them responded")
        elif not needed.value:
            said.append(f"{start} lies above {HALF} % even if none of them responded")
        else:
            said.append(f"{start} lies above {HALF} % only if {words.number(needed.id).marked} or more of them responded")
    text = "; ".join(said)
    return Markdown(f"{capital(text)}." if text else "")


@with_origins
def tipping_table(results: Results, week: int) -> Table:
    """The primary results for every number of responders among the missing."""
    rows = []
    for outcome in outcomes.PRIMARY:
        prefix = f"efficacy.{outcome.id}.w{week}.tipping"
        missing = results[f"{prefix}.missing"].value
        if f"{prefix}.percent_0" not in results:  # nothing missing, or nobody was seen
            continue
        rows.append([f"**{outcome.name}**", "", ""])
        for more in grid(missing):
            percent, low, high = (results[f"{prefix}.{part}_{more}"].display for part in ("percent", "ci_low", "ci_high"))
            rows.append([indented(f"{more} of {missing}"), percent, interval(low, high)])
    return Table(["Responders among the missing", "%", "95 % CI^a^"], "lrr", rows, [lettered("Exact (Clopper-Pearson).")])


def scores_missing(results: Results, week: int) -> bool:
    """Whether a modelled score is missing in somebody at a week at which others were seen."""
    prefixes = [f"efficacy.{score.id}_change.w{week}.bocf" for score in outcomes.MODELLED]
    return any(results[f"{each}.filled_in"].value and results[f"{each}.mean"].value is not None for each in prefixes)


@with_origins
def scores_table(results: Results, week: int) -> Table:
    """Mean changes of the modelled scores under every assumption about missing values."""
    methods = {"paired": "Observed cases", "mixed_model": "Missing at random (mixed model)", **CARRIED}
    rows = []
    for score in outcomes.MODELLED:
        rows.append([f"**{score.name}**", "", "", "", ""])
        for method, words in methods.items():
            prefix = f"efficacy.{score.id}_change.w{week}.{method}"
            filled = results.get(f"{prefix}.filled_in")
            size = f"efficacy.{score.id}_change.mixed_model.n" if method == "mixed_model" else f"{prefix}.n"
            rows.append(
                [
                    indented(words),
                    "–" if filled is None else filled.display,
                    results[size].display,
                    results[f"{prefix}.mean"].display,
                    interval_of(results, prefix),
                ]
            )
    note = lettered("Missing values that the method replaces.", "Student’s; of the mixed model after Kenward and Roger.")
    return Table([f"Change to week {week}, points", "Filled in^a^", "n", "Mean", "95 % CI^b^"], "lrrrr", rows, [note])
