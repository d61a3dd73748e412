"""Adverse events of a real trial, counted as its report has them.

Source of the counts: CDISC SDTM/ADaM Pilot Project (study CDISCPILOT01), clinical study report, tables 14-5.01 (incidence of
treatment-emergent adverse events) and 14-5.02 (serious ones): subjects with at least one, and events, in each arm. The data are an
extract with its licence, `tests/cdisc_pilot/README.md`.
"""

import csv
from functools import cache

import pandas as pd
import pytest
from conftest import ROOT
from example_tables import design, event, patient, tables_of

from analysis.core.results import Results
from analysis.safety import safety, variables_of_terms

FOLDER = ROOT / "tests" / "cdisc_pilot"
ARMS = ("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose")
SUBJECTS = (86, 84, 84)
NONE = (0, 0)
CLASSES = {
    "CARDIAC DISORDERS": ((12, 26), (13, 30), (15, 30)),
    "CONGENITAL, FAMILIAL AND GENETIC DISORDERS": (NONE, (1, 1), (2, 2)),
    "EAR AND LABYRINTH DISORDERS": ((1, 2), (2, 2), (1, 1)),
    "EYE DISORDERS": ((2, 5), (2, 2), (1, 2)),
    "GASTROINTESTINAL DISORDERS": ((17, 26), (14, 22), (20, 36)),
    "GENERAL DISORDERS AND ADMINISTRATION SITE CONDITIONS": ((21, 46), (47, 118), (40, 124)),
    "HEPATOBILIARY DISORDERS": ((1, 1), NONE, NONE),
    "IMMUNE SYSTEM DISORDERS": (NONE, (1, 2), NONE),
    "INFECTIONS AND INFESTATIONS": ((16, 35), (9, 16), (13, 20)),
    "INJURY, POISONING AND PROCEDURAL COMPLICATIONS": ((4, 9), (5, 12), (5, 8)),
    "INVESTIGATIONS": ((10, 19), (6, 7), (6, 8)),
    "METABOLISM AND NUTRITION DISORDERS": ((6, 8), (1, 1), (2, 4)),
    "MUSCULOSKELETAL AND CONNECTIVE TISSUE DISORDERS": ((4, 6), (7, 10), (7, 10)),
    "NEOPLASMS BENIGN, MALIGNANT AND UNSPECIFIED (INCL CYSTS AND POLYPS)": (NONE, (2, 3), (1, 1)),
    "NERVOUS SYSTEM DISORDERS": ((8, 11), (20, 40), (25, 41)),
    "PSYCHIATRIC DISORDERS": ((10, 12), (10, 14), (8, 11)),
    "RENAL AND URINARY DISORDERS": ((4, 5), (3, 3), (3, 4)),
    "REPRODUCTIVE SYSTEM AND BREAST DISORDERS": ((2, 4), NONE, (1, 1)),
    "RESPIRATORY, THORACIC AND MEDIASTINAL DISORDERS": ((8, 12), (9, 14), (10, 22)),
    "SKIN AND SUBCUTANEOUS TISSUE DISORDERS": ((20, 45), (39, 111), (40, 104)),
    "SOCIAL CIRCUMSTANCES": (NONE, NONE, (1, 1)),
    "SURGICAL AND MEDICAL PROCEDURES": ((2, 2), (1, 1), (2, 2)),
    "VASCULAR DISORDERS": ((3, 7), (3, 3), (1, 1)),
}
TERMS = {
    "PRURITUS": ((8, 11), (21, 31), (26, 38)),
    "APPLICATION SITE PRURITUS": ((6, 10), (22, 32), (22, 35)),
    "ERYTHEMA": ((8, 12), (14, 22), (14, 22)),
    "APPLICATION SITE ERYTHEMA": ((3, 3), (12, 20), (15, 23)),
    "RASH": ((5, 9), (13, 18), (9, 15)),
    "APPLICATION SITE IRRITATION": ((3, 7), (9, 18), (9, 16)),
    "APPLICATION SITE DERMATITIS": ((5, 9), (9, 15), (7, 12)),
    "DIZZINESS": ((2, 3), (8, 13), (11, 15)),
    "SINUS BRADYCARDIA": ((2, 2), (7, 10), (8, 12)),
    "DIARRHOEA": ((9, 10), (4, 5), (4, 4)),
    "HYPERHIDROSIS": ((2, 2), (4, 5), (8, 10)),
    "SKIN IRRITATION": ((3, 4), (6, 13), (5, 8)),
}


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def arm(name: str) -> Results:
    """The section `safety` of one arm."""
    numbers = {row["USUBJID"]: n for n, row in enumerate(_rows("adsl.csv"), 1) if row["TRT01A"] == name}
    events = [
        event(
            numbers[row["USUBJID"]], row["AEDECOD"], int(row["ASTDY"]), system_organ_class=row["AEBODSYS"],
            serious=int(row["AESER"] == "Y"),
        )
        for row in _rows("adae.csv") if row["USUBJID"] in numbers
    ]  # fmt: skip
    tables = tables_of(patients=[patient(n, last_contact_week=30) for n in numbers.values()], adverse_events=events)
    return Results(safety(tables, design()))


def found(results: Results, variable: str) -> tuple[int, int]:
    """Subjects and events, none where nobody had any."""
    rows = [results.get(f"safety.{variable}.{part}") for part in ("n", "events")]
    return tuple(0 if row is None else row.value for row in rows)


@pytest.mark.parametrize("place", range(3), ids=ARMS)
def test_treatment_emergent_events_are_those_of_table_14_5_01(place):
    results = arm(ARMS[place])
    assert results["safety.any_event.N"].value == SUBJECTS[place]
    assert found(results, "any_event") == ((65, 281), (77, 412), (76, 433))[place]
    for published, prefix in ((CLASSES, "soc"), (TERMS, "term")):
        for text, counts in published.items():
            variable = next(iter(variables_of_terms(pd.Series([text]), prefix).values()))
            assert found(results, variable) == counts[place], text


def test_every_organ_class_is_one_of_the_table():
    recorded = {row["AEBODSYS"] for row in _rows("adae.csv")}
    assert recorded == set(CLASSES) and len(_rows("adae.csv")) == 281 + 412 + 433


@pytest.mark.parametrize("place", range(3), ids=ARMS)
def test_serious_events_are_those_of_table_14_5_02(place):
    assert found(arm(ARMS[place]), "serious_event") == (NONE, (1, 1), (2, 2))[place]
