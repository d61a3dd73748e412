"""The paper beside other studies, as shown."""

import re
from collections.abc import Sequence

from analysis.context import OUTCOMES, Arm
from analysis.core.display import interval
from analysis.core.drawing import Drawing
from analysis.core.forest import ForestRow, forest
from analysis.core.markdown import Table, lettered, literal
from analysis.core.origin import with_origins
from analysis.core.results import Results


def context_forest(found: Sequence[Arm], results: Results) -> Drawing:
    """Every arm with its exact interval, by outcome; placebo arms are hollow."""
    rows = []
    for arm in found:
        percent, low, high = (results[f"{arm.prefix}.{part}"].value for part in ("percent", "ci_low", "ci_high"))
        label = f"{arm.short}: {arm.treatment}, {arm.at}"
        heading = arm.outcome[0].upper() + arm.outcome[1:]
        rows.append(ForestRow(label, percent, low, high, _numbers(arm, results), heading, filled=not arm.is_control))
    return forest(rows, "Patients (%)")


def _numbers(arm: Arm, results: Results) -> str:
    percent, low, high = (results[f"{arm.prefix}.{part}"].display for part in ("percent", "ci_low", "ci_high"))
    return f"{arm.n}/{arm.N}, {percent} ({low} to {high})"


def alt_context_forest(found: Sequence[Arm], results: Results) -> str:
    """What the figure shows, in words."""
    parts = []
    for outcome in OUTCOMES:
        members = [arm for arm in found if arm.outcome == outcome]
        paper = [_percents([arm], results) for arm in members if arm.is_paper]
        others = [arm for arm in members if not arm.is_paper and not arm.is_control]
        placebo = [arm for arm in members if arm.is_control]
        words = [f"the paper {paper[0]}"]
        words += [f"dupilumab in other studies {_percents(others, results)}"] if others else []
        words += [f"placebo {_percents(placebo, results)}"] if placebo else []
        parts.append(f"{outcome}: {', '.join(words)}")
    return f"Forest plot of published proportions with exact 95 percent intervals. {'; '.join(parts)}."


def _percents(members: Sequence[Arm], results: Results) -> str:
    rows = sorted((results[f"{arm.prefix}.percent"] for arm in members), key=lambda row: row.value)
    low, high = rows[0].display, rows[-1].display
    return f"{low} percent" if low == high else f"{low} to {high} percent"


@with_origins
def context_table(found: Sequence[Arm], results: Results) -> Table:
    """The same numbers as a table, with the design of every study."""
    rows = []
    for outcome in OUTCOMES:
        rows.append([f"**{literal(outcome[0].upper() + outcome[1:])}**", *[""] * 5])
        for arm in found:
            if arm.outcome != outcome:
                continue
            low, high = (results[f"{arm.prefix}.{part}"].display for part in ("ci_low", "ci_high"))
            rows.append(
                [
                    literal(f"{arm.short}: {arm.treatment}"),
                    literal(f"{arm.design}; {arm.age_years.replace('-', '–')} years"),
                    literal(arm.at),
                    f"{arm.n}/{arm.N}",
                    results[f"{arm.prefix}.percent"].display,
                    interval(low, high),
                ]
            )
    note = lettered(
        "Dupilumab, where not placebo. q2w, q4w: every 2 or 4 weeks.",
        "RCT: randomised controlled trial; TCS: topical glucocorticosteroids.",
        "Any time: over all follow-up, which differed between patients.",
        "As published.",
        "Exact (Clopper-Pearson) confidence interval, recomputed from the counts.",
    )
    header = ["Study and arm^a^", "Design, age^b^", "When^c^", "n/N^d^", "%", "95 % CI^e^"]
    return Table(header, "lllrrr", rows, [note])


def sources_table(found: Sequence[Arm]) -> Table:
    """Where the counts of each study come from."""
    sources: dict[str, list[str]] = {}
    for arm in found:
        listed = sources.setdefault(arm.study, [])
        if arm.source not in listed:
            listed.append(arm.source)
    rows = [[literal(study), "; ".join(map(_linked, listed))] for study, listed in sources.items()]
    return Table(["Study", "Source of the counts"], "ll", rows)


def _linked(source: str) -> str:
    """A DOI as a link, anything else as it stands."""
    return f"[{literal(source)}](https://doi.org/{source})" if re.fullmatch(r"10\.\S+", source) else literal(source)
