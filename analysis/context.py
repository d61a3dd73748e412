"""The paper beside other studies: counts as published, intervals recomputed from them, and no test between them.

The counts are those of the paper (`data/published.yml`) and of `data/evidence.csv`. Rows of a data cut never enter:
a reconstructed number would only repeat the paper, and a clinical cut is another study.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.core.families import Family
from analysis.core.results import Results

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
