"""The primary results read in other ways, as shown."""

from analysis.core.cells import interval_of, n_of
from analysis.core.markdown import Table, indented, lettered, literal
from analysis.core.origin import with_origins
from analysis.core.results import Results
from analysis.core.words import Markdown, Words, listed
from analysis.inference import NEXT
from protocol import outcomes

_READINGS = {
    "nri": "Exact (Clopper-Pearson)",
    "mid_p": "Mid-P",
    "jeffreys": "Jeffreys",
    "bayes": "Posterior, uniform prior^a^",
}
"""In the order of print; the first is that of the report."""


@with_origins
def readings_table(results: Results, week: int) -> Table:
    """The primary results with each kind of interval."""
    rows = []
    for outcome in outcomes.PRIMARY:
        rows.append([f"**{outcome.name}**", "", "", ""])
        primary = f"efficacy.{outcome.id}.w{week}.nri"
        for method, name in _READINGS.items():
            prefix = f"efficacy.{outcome.id}.w{week}.{method}"
            centre = results[f"{prefix}.mean" if method == "bayes" else f"{primary}.percent"].display
            rows.append([indented(name), n_of(results, primary), centre, interval_of(results, prefix)])
    note = lettered("Mean and central 95 % of the posterior distribution.")
    return Table([f"Week {week}", "n/N", "%", "95 %"], "lrrr", rows, [note])


def next_sentence(words: Words, week: int) -> Markdown:
    """What these patients let one expect of the next ones."""
    one, many, said = words.who.one, words.who.many, []
    for response in outcomes.PRIMARY:
        prefix = f"efficacy.{response.id}.w{week}.prediction"
        if not words.known(f"{prefix}.low"):
            continue
        chance, low, high = (words.number(f"{prefix}.{part}").marked for part in ("probability", "low", "high"))
        number = low if words.row(f"{prefix}.low").value == words.row(f"{prefix}.high").value else f"{low} to {high}"
        said.append(
            f"The next {one} like these has {response.name} at week {week}, still on treatment, with a probability of {chance} %, and "
            f"of the next {NEXT} {many} {number} will (95 % prediction)."
        )
    if not said:
        reason = words.row(f"efficacy.{outcomes.PRIMARY[0].id}.w{week}.prediction.low").reason
        return Markdown(f"Nothing can be said of the next {one} at week {week}: {literal(reason)}.")
    text = " ".join(said)
    changes = []
    for name, prefix, unit in (
        *((score.name, f"efficacy.{score.id}_change.w{week}.prediction", " points") for score in outcomes.MODELLED),
        ("the ratio of total IgE to baseline", f"biomarker.total_ige_ratio.w{week}.prediction", ""),
    ):
        if words.known(f"{prefix}.low"):
            low, high = (words.number(f"{prefix}.{end}").marked for end in ("low", "high"))
            changes.append(f"{f'a change of {name}' if unit else name} of {low} to {high}{unit}")
    if changes:
        text += f" The 95 % prediction intervals for this {one} are {listed(changes)}."
    return Markdown(text)
