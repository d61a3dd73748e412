"""The form of a data cut: its tables, and of each column everything that is known of it.

This is the one place that knows the columns. The reader, the intake of new data, the rules of the suites on single columns
(:mod:`expectations.single_columns`) and the tables of the data dictionary follow from it.
"""

import re
from dataclasses import dataclass
from typing import Literal

from protocol.treatment import DRUG

PATIENT_ID = re.compile(r"P[0-9]{3,}")
SITE = re.compile(r"(?=.{1,20}$)[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*")
"""No two of these become one in a result id, where capitals and hyphens do not count."""

Kind = Literal["id", "site", "text", "choice", "number", "whole", "flag"]
"""What the cells of a column are: whole numbers may be written 61.0, a flag is 0 (no) or 1 (yes), a site is the code of a clinic."""


@dataclass(frozen=True)
class Limits:
    """Between which numbers a column lies; a text names a setting of the study, None is no limit.

    `rule` says so in a sentence, `because` ends the message on a value outside. `above` excludes the lowest number itself.
    """

    lowest: float | str | None
    highest: float | str | None
    rule: str
    because: str
    above: bool = False


@dataclass(frozen=True)
class Column:
    """One column of a table.

    `called` begins sentences about it, `meaning` explains it, `unit` and `allowed` (its values in words) and `source` (instrument
    or record) stand in the data dictionary. `choices` are the allowed texts of a "choice". `may_be_empty` allows a missing value;
    otherwise `if_none` says what is written where there is nothing. `optional`: an older cut, or a mapping, may lack the whole
    column, which then counts as empty. `no_zero`: a study day, of which there is no 0.
    """

    name: str
    kind: Kind
    called: str
    meaning: str
    allowed: str
    source: str
    unit: str = "–"
    may_be_empty: bool = False
    choices: tuple[str, ...] = ()
    limits: Limits | None = None
    if_none: str | None = None
    no_zero: bool = False
    optional: bool = False

    def __post_init__(self) -> None:
        if self.optional and not self.may_be_empty:
            raise ValueError(f"the optional column {self.name} has to allow empty cells, for an older cut has no others")

    @property
    def numeric(self) -> bool:
        return self.kind in {"number", "whole", "flag"}


TABLES: dict[str, tuple[Column, ...]] = {
    "patients": (
        Column(
            "patient_id",
            "id",
            "The patient’s id",
            "pseudonym",
            allowed="P and at least three digits, unique",
            source="assigned",
        ),
        Column(
            "sex",
            "choice",
            "Sex",
            "sex",
            allowed="F, M",
            source="record",
            choices=("F", "M"),
        ),
        Column(
            "age_years",
            "number",
            "Age",
            "age at the first dose, in completed years",
            unit="years",
            allowed="8–18 (setting of the study)",
            source="record",
            limits=Limits(
                "age_min",
                "age_max",
                "Age is within the ages that the study includes.",
                "the study includes ages from {age_min} to {age_max} years",
            ),
        ),
        Column(
            "weight_kg",
            "number",
            "Body weight",
            "body weight at baseline; with age it decides the dose",
            unit="kg",
            allowed="above 0",
            source="scales",
            limits=Limits(0, None, "Body weight is above 0 kg.", "a weight is above 0 kg", above=True),
        ),
        Column(
            "ad_duration_years",
            "number",
            "The duration of atopic dermatitis",
            "time since the onset of the dermatitis",
            unit="years",
            allowed="0 to age",
            source="history",
            limits=Limits(
                0, None, "Atopic dermatitis has lasted 0 years or longer.", "a duration is 0 years or longer"
            ),
        ),
        Column(
            "asthma",
            "flag",
            "Asthma",
            "asthma, ever diagnosed",
            allowed="0 no, 1 yes",
            source="history",
        ),
        Column(
            "allergic_rhinitis",
            "flag",
            "Allergic rhinitis",
            "allergic rhinitis or rhinoconjunctivitis, ever diagnosed",
            allowed="0 no, 1 yes",
            source="history",
        ),
        Column(
            "food_allergy",
            "flag",
            "Food allergy",
            "food allergy, ever diagnosed",
            allowed="0 no, 1 yes",
            source="history",
        ),
        Column(
            "prior_systemic_therapy",
            "text",
            "Prior systemic therapy",
            f'systemic drugs for the dermatitis before {DRUG.name}, or "none"',
            allowed="free text",
            source="history",
            if_none='write "none" if there was none',
        ),
        Column(
            "last_contact_week",
            "number",
            "The week of the last contact",
            "end of follow-up: the last visit or call, with one decimal rounded up",
            unit="weeks",
            allowed="0 and above",
            source="record",
            limits=Limits(
                0,
                None,
                "The last contact is at week 0 or later.",
                "weeks count from the first dose, so the last contact is at week 0 or later",
            ),
        ),
        Column(
            "discontinued_week",
            "number",
            "The week of discontinuation",
            f"when {DRUG.name} was stopped for good; empty: not stopped",
            unit="weeks",
            allowed="0 and above",
            source="record",
            may_be_empty=True,
            limits=Limits(
                0,
                None,
                "Treatment is discontinued at week 0 or later.",
                "weeks count from the first dose, so treatment stops at week 0 or later; leave the cell empty if it went on",
            ),
        ),
        Column(
            "discontinuation_reason",
            "text",
            "The reason of discontinuation",
            "why it was stopped",
            allowed="free text",
            source="record",
            may_be_empty=True,
        ),
        Column(
            "site",
            "site",
            "The site",
            "code of the clinic where the patient is treated, of everyone or of nobody; the whole column may be absent",
            allowed="capital letters, digits and single hyphens, 20 at most",
            source="assigned",
            may_be_empty=True,
            optional=True,
        ),
    ),
    "visits": (
        Column(
            "patient_id",
            "id",
            "The patient’s id",
            "as in patients.csv",
            allowed="as there",
            source="assigned",
        ),
        Column(
            "week",
            "whole",
            "The week",
            "planned week of the visit",
            unit="weeks",
            allowed="whole, 0 and above",
            source="visit plan",
            limits=Limits(
                0,
                None,
                "A visit is at week 0 or later.",
                "weeks count from the first dose; the baseline visit is week 0",
            ),
        ),
        Column(
            "iga",
            "whole",
            "IGA",
            "Investigator's Global Assessment: 0 clear, 1 almost clear, 2 mild, 3 moderate, 4 severe",
            allowed="0–4, whole",
            source="vIGA-AD, physician",
            may_be_empty=True,
            limits=Limits(0, 4, "IGA runs from 0 (clear) to 4 (severe).", "IGA runs from 0 (clear) to 4 (severe)"),
        ),
        Column(
            "easi",
            "number",
            "EASI",
            "Eczema Area and Severity Index",
            unit="points",
            allowed="0–72, one decimal",
            source="EASI (Hanifin 2001), physician",
            may_be_empty=True,
            limits=Limits(0, 72, "EASI runs from 0 to 72.", "EASI runs from 0 to 72"),
        ),
        Column(
            "scorad_extent",
            "number",
            "The extent in SCORAD",
            "SCORAD part A: share of the body surface affected",
            unit="%",
            allowed="0–100",
            source="SCORAD (1993), rule of nines, physician",
            may_be_empty=True,
            limits=Limits(
                0,
                100,
                "The extent in SCORAD runs from 0 to 100 % of the body surface.",
                "the extent runs from 0 to 100 % of the body surface",
            ),
        ),
        Column(
            "scorad_intensity",
            "whole",
            "The intensity in SCORAD",
            "SCORAD part B: sum of six signs of 0–3",
            unit="points",
            allowed="0–18, whole",
            source="SCORAD, physician",
            may_be_empty=True,
            limits=Limits(
                0,
                18,
                "The intensity in SCORAD runs from 0 to 18.",
                "the intensity is the sum of six signs from 0 to 3, so it runs from 0 to 18",
            ),
        ),
        Column(
            "scorad_pruritus",
            "number",
            "Itch in SCORAD",
            "SCORAD part C: itch, mean of the last three days",
            unit="points",
            allowed="0–10",
            source="SCORAD, visual analogue scale, patient or parent",
            may_be_empty=True,
            limits=Limits(0, 10, "Itch in SCORAD runs from 0 to 10.", "itch runs from 0 to 10 on its scale"),
        ),
        Column(
            "scorad_sleep_loss",
            "number",
            "Sleep loss in SCORAD",
            "SCORAD part C: loss of sleep, mean of the last three nights",
            unit="points",
            allowed="0–10",
            source="SCORAD, visual analogue scale, patient or parent",
            may_be_empty=True,
            limits=Limits(
                0, 10, "Sleep loss in SCORAD runs from 0 to 10.", "sleep loss runs from 0 to 10 on its scale"
            ),
        ),
        Column(
            "scorad",
            "number",
            "SCORAD",
            "SCORAD = A/5 + 7B/2 + C, computed from the parts in every row",
            unit="points",
            allowed="0–103, one decimal",
            source="SCORAD",
            may_be_empty=True,
            limits=Limits(0, 103, "SCORAD runs from 0 to 103.", "SCORAD runs from 0 to 103"),
        ),
        Column(
            "tcs_use",
            "flag",
            "Use of topical corticosteroids",
            "topical glucocorticosteroid used in the week before the visit",
            allowed="0 no, 1 yes",
            source="history",
            may_be_empty=True,
        ),
        Column(
            "emollient_per_day",
            "number",
            "Emollient applications a day",
            "emollient applications a day in the week before the visit",
            unit="times a day",
            allowed="0 and above",
            source="history",
            may_be_empty=True,
            limits=Limits(
                0,
                None,
                "Emollient is applied 0 times a day or more often.",
                "the number of applications a day is 0 or more",
            ),
        ),
    ),
    "labs": (
        Column(
            "patient_id",
            "id",
            "The patient’s id",
            "as in patients.csv",
            allowed="as there",
            source="assigned",
        ),
        Column(
            "week",
            "whole",
            "The week",
            "planned week of the sample",
            unit="weeks",
            allowed="whole, 0 and above",
            source="visit plan",
            limits=Limits(
                0,
                None,
                "A blood sample is taken at week 0 or later.",
                "weeks count from the first dose; a sample before it belongs to week 0",
            ),
        ),
        Column(
            "analyte",
            "choice",
            "The analyte",
            "what was measured",
            allowed="total_ige",
            source="laboratory",
            choices=("total_ige",),
        ),
        Column(
            "qualifier",
            "choice",
            "The qualifier",
            "`<` or `>`: the true value lies below or above the limit in `value`; empty: measured",
            allowed="empty, <, >",
            source="laboratory",
            may_be_empty=True,
            choices=("<", ">"),
        ),
        Column(
            "value",
            "number",
            "The laboratory value",
            "the measured value or the limit of the assay",
            unit="as in `unit`",
            allowed="0 and above",
            source="laboratory, serum",
            limits=Limits(
                0,
                None,
                "A laboratory value is 0 or more.",
                "a concentration is 0 or more; a value below the limit is written as < and the limit",
            ),
        ),
        Column(
            "unit",
            "choice",
            "The unit",
            "unit of `value`",
            allowed="kU/L (the same as IU/mL)",
            source="laboratory",
            choices=("kU/L",),
        ),
    ),
    "doses": (
        Column(
            "patient_id",
            "id",
            "The patient’s id",
            "as in patients.csv",
            allowed="as there",
            source="assigned",
        ),
        Column(
            "study_day",
            "whole",
            "The study day",
            "day of the dose, or day on which a missed dose was due",
            unit="days",
            allowed="whole, 1 and above",
            source="record or diary",
            limits=Limits(
                1,
                None,
                "A dose is on study day 1 or later.",
                "day 1 is the day of the first dose, so no dose is earlier",
            ),
        ),
        Column(
            "dose_mg",
            "number",
            "The dose",
            f"{DRUG.name} of the day in all",
            unit="mg",
            allowed="above 0",
            source="record",
            limits=Limits(
                0,
                None,
                "A dose is above 0 mg.",
                "a dose is above 0 mg; a dose that was left out keeps its planned amount, with given = 0",
                above=True,
            ),
        ),
        Column(
            "kind",
            "choice",
            "The kind of dose",
            "the first, higher dose or one of those that follow",
            allowed="loading, maintenance",
            source="record",
            choices=("loading", "maintenance"),
        ),
        Column(
            "given",
            "flag",
            "Whether the dose was given",
            "whether the dose was given",
            allowed="0 missed, 1 given",
            source="record or diary",
        ),
    ),
    "adverse_events": (
        Column(
            "patient_id",
            "id",
            "The patient’s id",
            "as in patients.csv",
            allowed="as there",
            source="assigned",
        ),
        Column(
            "term",
            "text",
            "The term of the event",
            "what happened",
            allowed="free text",
            source="physician",
        ),
        Column(
            "system_organ_class",
            "text",
            "The system organ class",
            "class of the term",
            allowed="free text",
            source="physician",
        ),
        Column(
            "start_day",
            "whole",
            "The first day of the event",
            "first day of the event",
            unit="study days",
            allowed="whole, not 0",
            source="history or visit",
            no_zero=True,
        ),
        Column(
            "end_day",
            "whole",
            "The last day of the event",
            "last day; empty: not over at the last contact",
            unit="study days",
            allowed="whole, not before the start",
            source="history or visit",
            may_be_empty=True,
            no_zero=True,
        ),
        Column(
            "severity",
            "choice",
            "Severity",
            "severity as judged by the physician",
            allowed="mild, moderate, severe",
            source="physician",
            choices=("mild", "moderate", "severe"),
        ),
        Column(
            "serious",
            "flag",
            "Seriousness",
            "serious by the regulatory definition",
            allowed="0 no, 1 yes",
            source="physician",
        ),
        Column(
            "relatedness",
            "choice",
            "Relatedness",
            f"related to {DRUG.name} in the physician's judgement",
            allowed="related, not related",
            source="physician",
            choices=("related", "not related"),
        ),
        Column(
            "action",
            "choice",
            "The action taken",
            f"what was done with {DRUG.name}",
            allowed="none, delayed, discontinued",
            source="physician",
            choices=("none", "delayed", "discontinued"),
        ),
        Column(
            "outcome",
            "choice",
            "The outcome",
            "how it ended, at the last contact",
            allowed="recovered, recovering, not recovered, fatal, unknown",
            source="physician",
            choices=("recovered", "recovering", "not recovered", "fatal", "unknown"),
        ),
    ),
}

WITHHELD_NAME = "withheld: looks like a name"
"""Stands in the tables of a clinical cut for a free text that may be somebody's name, until the settings say that it is none."""

KEYS = {
    "patients": ("patient_id",), "visits": ("patient_id", "week"), "labs": ("patient_id", "week", "analyte"),
    "doses": ("patient_id", "study_day"),
}  # fmt: skip
"""What a row of a table stands there once by. An adverse event has no such columns, for its term may be spelled in several ways."""

ROWS_OPTIONAL = frozenset({"adverse_events"})


def columns(table: str) -> list[str]:
    """Names of the columns of a table, in the order of the file.

    >>> columns("doses")
    ['patient_id', 'study_day', 'dose_mg', 'kind', 'given']
    """
    return [column.name for column in TABLES[table]]
