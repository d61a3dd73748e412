"""Patients by their result: who has the primary response, and in which order figures show them."""

from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from analysis.core.design import Tables
from analysis.core.families import no_response, paired
from analysis.efficacy import percent_change, responded_on_treatment
from protocol import outcomes

RESPONSE = outcomes.PRIMARY[0]
"""The response by which figures tell patients apart."""


@dataclass(frozen=True)
class Ranking:
    """Patient ids, best first, and those among them with and without the primary response.

    Both sets are empty where nobody was due at the week, so that nobody can be called either.
    """

    order: tuple[str, ...]
    responded: Set[str]
    without: Set[str]


def ranking(tables: Tables, week: int) -> Ranking:
    """By the primary response at `week`, then by how early it was first seen, then by IGA and by the change of EASI; who was not
    assessed at the week stands last."""
    visits = tables.visits
    first: dict[str, float] = {}
    for each in sorted({int(each) for each in visits["week"]} - {0}):
        for patient in responded_on_treatment(tables, RESPONSE, each):
            first.setdefault(patient, each)
    seen = visits[(visits["week"] == week) & visits["iga"].notna()]
    grade = dict(zip(seen["patient_id"], seen["iga"].astype(float), strict=True))
    change = percent_change(paired(visits, week, "easi")[0])
    responded = responded_on_treatment(tables, RESPONSE, week)

    def place(patient: str) -> tuple:
        return (patient not in responded, patient not in grade, first.get(patient, np.inf), grade.get(patient, np.inf),
                change.get(patient, np.inf), patient)  # fmt: skip

    everyone = tables.patients["patient_id"]
    undecided = no_response(tables.patients, visits, week) is not None
    return Ranking(tuple(sorted(everyone, key=place)), responded, set() if undecided else set(everyone) - responded)
