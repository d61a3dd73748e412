"""The cohort beside other studies: counts as published, intervals recomputed from them, and no test between them.

The counts of other studies are those of `data/evidence.csv` and, of the paper, of `data/published.yml`. Where a data cut holds the
paper's own patients, the paper stands for them: no row of the cut enters, for a reconstructed number would only repeat the paper.
Any other clinical cohort stands beside the studies by its own results, and the paper is one of the studies.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.core.families import Family
from analysis.core.results import Results, id_part
from protocol import outcomes
from protocol.treatment import DRUG

OUTCOMES = {each.name: f"efficacy.{each.id}" for each in outcomes.MAIN} | {"conjunctivitis": "safety.conjunctivitis"}
"""The outcomes that other studies can have, with the variable of this report's results."""
_METHODS = {"efficacy": "nri"}
COLUMNS = ("study", "citation", "type", "topical", "drug", "design", "age_years", "arm", "week", "outcome", "n", "N",
           "percent_published", "source")  # fmt: skip
"""Of `data/evidence.csv`; see `data/README.md`."""
OPTIONAL = ("severity", "counts", "read", "remark")
"""Columns that may be absent; they are then empty."""
WITHIN = "within "
"""Begins the week of an outcome that was reached at some time until then."""
COUNTS = ("published", "inferred", "")
"""Whether the source prints the count, or it was inferred from a percentage; empty where that is not stated."""
TYPES = ("randomised trial", "cohort")
TOPICAL = ("everybody", "nobody", "when needed", "")
"""Who had topical glucocorticosteroids; empty where it is not stated."""


@dataclass(frozen=True)
class Arm:
    """One arm of one study with one outcome. `week` is None where follow-up varied, and the last one where the outcome could be
    reached at any time `within` it; `severity` is that of the disease; `counts` is one of :data:`COUNTS`; `read` says what was read
    of the source; `citation` is empty without a key in `references.bib`, `topical` (glucocorticosteroids) where it is not stated.
    `is_own` marks this cohort, whose rows are results of the data cut, and `is_paper` the paper.
    """

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
    drug: str = DRUG.name
    type: str = "cohort"
    topical: str = ""
    citation: str = ""
    within: bool = False
    severity: str = ""
    counts: str = ""
    read: str = ""
    remark: str = ""
    is_paper: bool = False
    is_own: bool = False

    @property
    def short(self) -> str:
        """Author and year."""
        found = re.search(r"\(([^()]+)\)$", self.study)
        return found[1] if found else self.study

    @property
    def treatment(self) -> str:
        """The arm without the name of the drug."""
        return self.arm.removeprefix(self.drug).strip() or "any dose"

    @property
    def is_control(self) -> bool:
        return not self.arm.startswith(self.drug)

    @property
    def label(self) -> str:
        """The arm in a figure or table, without its week."""
        return self.short if self.is_own else f"{self.short}: {self.treatment}"

    @property
    def prefix(self) -> str:
        """Beginning of the ids of its rows."""
        if self.is_own:
            return own_prefix(self.outcome, self.week)
        week = "" if self.week is None else f".w{self.week}"
        return f"context.{id_part(self.outcome)}{week}.{id_part(f'{self.short} {self.arm}')}"

    @property
    def at(self) -> str:
        if self.week is None:
            return "any time"
        return f"within {self.week} weeks" if self.within else f"week {self.week}"


def own_prefix(outcome: str, week: int | None) -> str:
    """Beginning of the ids of this report's results of an outcome at a week."""
    variable = OUTCOMES[outcome]
    method = _METHODS.get(variable.partition(".")[0])
    return f"{variable}.w{week}" + (f".{method}" if method else "")


def arms(published: Mapping[str, Any], evidence: pd.DataFrame) -> list[Arm]:
    """The arms of the paper and then those of the evidence (all columns text), by outcome; those about another drug are left out.

    Of the paper any fact may be absent; an outcome whose count it does not give is not there.
    """
    found = []
    for outcome in OUTCOMES:
        found += _paper(published, outcome)
        for row in evidence[evidence["outcome"] == outcome].to_dict("records"):
            week = row["week"].removeprefix(WITHIN)
            numbers = {"n": int(row["n"]), "N": int(row["N"]), "week": int(week) if week else None}
            found.append(Arm(**(row | numbers), within=row["week"].startswith(WITHIN)))
    return [arm for arm in found if arm.drug == DRUG.name]


def _paper(published: Mapping[str, Any], outcome: str) -> list[Arm]:
    """The arm of the paper whose claim about this outcome has a count under `consistency`."""
    design, paper, counts = (published.get(part, {}) for part in ("design", "paper", "consistency"))
    about = [claim for claim in published.get("claims", []) if _variable(claim) == OUTCOMES[outcome]]
    claim = next((claim for claim in about if claim["id"] in counts), None)
    if claim is None or not design or not paper:
        return []
    printed = next((f"{each['value']}" for each in about if each["unit"] == "percent"), "")
    drug = design.get("drug", DRUG.name)
    return [
        Arm(
            study=f"{paper['authors'][0]['name'].split()[-1]} {paper['year']}",
            design="single-arm cohort" + (f", TCS {design['topical']}" if "topical" in design else ""),
            age_years="-".join(f"{age:g}" for age in design["age_years"]),
            arm=f"{drug} {design.get('dosing', '')}".strip(),
            week=design["primary_timepoint_weeks"],
            outcome=outcome,
            n=counts[claim["id"]],
            N=design["patients"],
            percent_published=printed,
            source=paper["doi"],
            drug=drug,
            topical=design.get("topical", ""),
            citation=paper.get("citation", ""),
            severity=design.get("severity", ""),
            counts="published" if any(each["unit"] == "patients" for each in about) else "inferred",
            read=paper.get("read", ""),
            is_paper=True,
        )
    ]


def _variable(claim: Mapping[str, Any]) -> str:
    """The variable of a claim, which may name the id of a result instead."""
    if "variable" in claim:
        return str(claim["variable"])
    first = claim["result"][0] if isinstance(claim["result"], list) else claim["result"]
    return ".".join(str(first).split(".")[:2])


def own_arms(results: Results, week: int, others: Sequence[Arm]) -> list[Arm]:
    """This cohort at its primary week, for the outcomes that the other arms have and that its data can answer."""
    ages = [results.get(f"population.age_years.{limit}") for limit in ("min", "max")]
    known = [f"{int(age.value)}" for age in ages if age is not None and age.value is not None]
    found = []
    for outcome in dict.fromkeys(arm.outcome for arm in others):
        prefix = own_prefix(outcome, week)
        rows = [results.get(f"{prefix}.{part}") for part in ("n", "N", "percent", "ci_low")]
        if any(row is None or row.value is None for row in rows):
            continue
        found.append(
            Arm(
                study="This cohort", design="single-arm cohort", age_years="-".join(dict.fromkeys(known)), arm=DRUG.name, week=week,
                outcome=outcome, n=int(rows[0].value), N=int(rows[1].value), percent_published="", source="this report", is_own=True,
            )
        )  # fmt: skip
    return found


def beside(own: Sequence[Arm], others: Sequence[Arm]) -> list[Arm]:
    """All arms by outcome, this cohort's before the others."""
    return [arm for outcome in OUTCOMES for arm in (*own, *others) if arm.outcome == outcome]


def context(published: Mapping[str, Any], evidence: pd.DataFrame) -> Results:
    """The rows `context.*`: n, N, percentage and exact interval of every arm, all of them published counts."""
    rows = []
    for arm in arms(published, evidence):
        _, variable, *week, method = arm.prefix.split(".")
        family = Family(
            "context", variable, "patients", arm.N, week=arm.week if week else None, method=method,
            how=f"{arm.study}, {arm.arm}, {arm.at}: {'counts inferred from percentages' if arm.counts == 'inferred' else 'counts'} as "
            f"published ({arm.source}); exact (Clopper-Pearson) 95 % interval recomputed from them.",
        )  # fmt: skip
        rows += family.proportion(arm.n, arm.N)
    return Results(replace(row, basis="published") for row in rows)
