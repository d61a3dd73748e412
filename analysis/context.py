"""The paper beside other studies: counts as published, intervals recomputed from them, and no test between them.

The counts are those of the paper (`data/published.yml`) and of `data/evidence.csv`. Rows of a data cut never enter:
a reconstructed number would only repeat the paper, and a clinical cut is another study.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.display import interval
from analysis.drawing import Drawing
from analysis.forest import ForestRow, forest
from analysis.markdown import Table, lettered, literal
from analysis.origin import with_origins
from analysis.results import Results
from analysis.rows import Family

OUTCOMES = ("IGA 0/1", "EASI-75", "conjunctivitis")
_PAPER = {"IGA 0/1": "iga-0-1-week-26", "EASI-75": "easi-75-week-26", "conjunctivitis": "conjunctivitis"}
"""For each outcome the key of the paper's count under `consistency` of `data/published.yml`."""


@dataclass(frozen=True)
class Arm:
    """One arm of one study with one outcome, as published. `week` is None where follow-up varied."""

    study: str
    design: str
    age_years: str
    arm: str
    week: int | None
    outcome: str
    n: int
    N: int
    percent_published: str
    source: str
    is_paper: bool = False

    @property
    def short(self) -> str:
        """Author and year."""
        found = re.search(r"\(([^()]+)\)$", self.study)
        return found[1] if found else self.study

    @property
    def treatment(self) -> str:
        """The arm without the name of the drug."""
        return "any dose" if self.arm == "dupilumab" else self.arm.removeprefix("dupilumab ")

    @property
    def is_control(self) -> bool:
        return self.arm == "placebo"

    @property
    def prefix(self) -> str:
        """Beginning of the ids of its rows."""
        week = "" if self.week is None else f".w{self.week}"
        return f"context.{_slug(self.outcome)}{week}.{_slug(f'{self.short} {self.arm}')}"

    @property
    def at(self) -> str:
        return "any time" if self.week is None else f"week {self.week}"


def _slug(text: str) -> str:
    return re.sub(r"[^0-9a-z]+", "_", text.casefold()).strip("_")


def arms(published: Mapping[str, Any], evidence: pd.DataFrame) -> list[Arm]:
    """The arms of the paper and then those of the evidence (all columns text), by outcome.

    Raises ValueError for an outcome that the figure does not know, so that no line of the file is dropped silently.
    """
    strange = sorted(set(evidence["outcome"]) - set(OUTCOMES))
    if strange:
        raise ValueError(f"evidence.csv: unknown outcome {', '.join(strange)}; known are {', '.join(OUTCOMES)}")
    design, paper = published["design"], published["paper"]
    youngest, oldest = design["age_years"]
    stated = {claim["id"]: f"{claim['value']}" for claim in published["claims"]}
    found = []
    for outcome in OUTCOMES:
        key = _PAPER[outcome]
        found.append(
            Arm(
                study=f"{paper['authors'][0]['name'].split()[-1]} {paper['year']}",
                design="single-arm cohort, TCS when needed",
                age_years=f"{youngest}-{oldest}",
                arm="dupilumab by label",
                week=design["primary_timepoint_weeks"],
                outcome=outcome,
                n=published["consistency"][key],
                N=design["patients"],
                percent_published=stated.get(f"{key}-percent", stated[key]),
                source=paper["doi"],
                is_paper=True,
            )
        )
        for row in evidence[evidence["outcome"] == outcome].to_dict("records"):
            numbers = {"n": int(row["n"]), "N": int(row["N"]), "week": int(row["week"]) if row["week"] else None}
            found.append(Arm(**(row | numbers)))
    return found


def context(published: Mapping[str, Any], evidence: pd.DataFrame) -> Results:
    """The rows `context.*`: n, N, percentage and exact interval of every arm, all of them published counts."""
    rows = []
    for arm in arms(published, evidence):
        _, variable, *week, method = arm.prefix.split(".")
        family = Family(
            "context", variable, "patients", arm.N, week=arm.week if week else None, method=method,
            how=f"{arm.study}, {arm.arm}, {arm.at}: published counts ({arm.source}); exact (Clopper-Pearson) 95 % "
            "interval recomputed from them.",
        )  # fmt: skip
        rows += family.proportion(arm.n, arm.N)
    return Results(rows).with_basis("published figures", {row.id for row in rows})


def _numbers(arm: Arm, results: Results) -> str:
    percent, low, high = (results[f"{arm.prefix}.{part}"].display for part in ("percent", "ci_low", "ci_high"))
    return f"{arm.n}/{arm.N}, {percent} ({low} to {high})"


def context_forest(found: Sequence[Arm], results: Results) -> Drawing:
    """Every arm with its exact interval, by outcome; placebo arms are hollow."""
    rows = []
    for arm in found:
        percent, low, high = (results[f"{arm.prefix}.{part}"].value for part in ("percent", "ci_low", "ci_high"))
        label = f"{arm.short}: {arm.treatment}, {arm.at}"
        heading = arm.outcome[0].upper() + arm.outcome[1:]
        rows.append(ForestRow(label, percent, low, high, _numbers(arm, results), heading, filled=not arm.is_control))
    return forest(rows, "Patients (%)")


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
