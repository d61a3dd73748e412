"""The form of a data cut: its tables, their columns in order, and what kind of text each column holds.

This is the one place that knows the columns. The reader, the suites' tests, the data dictionary's test and
the intake of new data refer to it.
"""

import re
from dataclasses import dataclass
from typing import Literal

PATIENT_ID = re.compile(r"P[0-9]{3,}")

Kind = Literal["id", "text", "choice", "number", "whole"]


@dataclass(frozen=True)
class Column:
    """One column of a table. `choices` are the allowed texts of a "choice"; `may_be_empty` allows a missing
    value.
    """

    name: str
    kind: Kind
    may_be_empty: bool = False
    choices: tuple[str, ...] = ()


def _flag(name: str, **options) -> Column:
    """0 or 1; whole numbers may be written 1.0, so it is a whole number whose range the suite limits."""
    return Column(name, "whole", **options)


TABLES: dict[str, tuple[Column, ...]] = {
    "patients": (
        Column("patient_id", "id"),
        Column("sex", "choice", choices=("F", "M")),
        Column("age_years", "number"),
        Column("weight_kg", "number"),
        Column("ad_duration_years", "number"),
        _flag("asthma"),
        _flag("allergic_rhinitis"),
        _flag("food_allergy"),
        Column("prior_systemic_therapy", "text"),
        Column("last_contact_week", "number"),
        Column("discontinued_week", "number", may_be_empty=True),
        Column("discontinuation_reason", "text", may_be_empty=True),
    ),
    "visits": (
        Column("patient_id", "id"),
        Column("week", "whole"),
        Column("iga", "whole", may_be_empty=True),
        Column("easi", "number", may_be_empty=True),
        Column("scorad_extent", "number", may_be_empty=True),
        Column("scorad_intensity", "whole", may_be_empty=True),
        Column("scorad_pruritus", "number", may_be_empty=True),
        Column("scorad_sleep_loss", "number", may_be_empty=True),
        Column("scorad", "number", may_be_empty=True),
        _flag("tcs_use", may_be_empty=True),
        Column("emollient_per_day", "number", may_be_empty=True),
    ),
    "labs": (
        Column("patient_id", "id"),
        Column("week", "whole"),
        Column("analyte", "choice", choices=("total_ige",)),
        Column("qualifier", "choice", may_be_empty=True, choices=("<", ">")),
        Column("value", "number"),
        Column("unit", "choice", choices=("kU/L",)),
    ),
    "doses": (
        Column("patient_id", "id"),
        Column("study_day", "whole"),
        Column("dose_mg", "number"),
        Column("kind", "choice", choices=("loading", "maintenance")),
        _flag("given"),
    ),
    "adverse_events": (
        Column("patient_id", "id"),
        Column("term", "text"),
        Column("system_organ_class", "text"),
        Column("start_day", "whole"),
        Column("end_day", "whole", may_be_empty=True),
        Column("severity", "choice", choices=("mild", "moderate", "severe")),
        _flag("serious"),
        Column("relatedness", "choice", choices=("related", "not related")),
        Column("action", "choice", choices=("none", "delayed", "discontinued")),
        Column("outcome", "choice", choices=("recovered", "recovering", "not recovered", "fatal", "unknown")),
    ),
}

WITHHELD_NAME = "withheld: looks like a name"
"""Stands in the tables of a clinical cut for a free text that may be somebody's name, until the settings say that it is none."""

ROWS_OPTIONAL = frozenset({"adverse_events"})


def columns(table: str) -> list[str]:
    """Names of the columns of a table, in the order of the file.

    >>> columns("doses")
    ['patient_id', 'study_day', 'dose_mg', 'kind', 'given']
    """
    return [column.name for column in TABLES[table]]
