"""An export from REDCap: a longitudinal project with repeating instruments, raw codes, and its data dictionary."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from .dates import Calendar

Row = dict[str, str]

_KEYS = ("record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")
_DICTIONARY = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
_FOLLOW_UP = "follow_up_arm_1"
_COMPLETE = "2"


@dataclass(frozen=True)
class Field:
    """A field of the project. `choices` are raw code and label of a radio field; `calculation` is that of a calc field."""

    name: str
    form: str
    label: str
    type: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    calculation: str = ""
    validation: str = ""
    least: str = ""
    most: str = ""
    note: str = ""
    required: bool = False

    def raw(self, label: str) -> str:
        """The raw code of a label; an empty cell stays empty."""
        return {label: raw for raw, label in self.choices}[label] if label else ""

    @property
    def third_column(self) -> str:
        return self.calculation or " | ".join(f"{raw}, {label}" for raw, label in self.choices)


def _number(name: str, form: str, label: str, least: str = "0", most: str = "", whole: bool = False, note: str = ""):
    return Field(name, form, label, validation="integer" if whole else "number", least=least, most=most, note=note)


def _date(name: str, form: str, label: str, required: bool = False):
    return Field(name, form, label, validation="date_ymd", required=required)


def _radio(name: str, form: str, label: str, *choices: tuple[str, str]):
    return Field(name, form, label, "radio", choices)


def _yes_no(name: str, form: str, label: str):
    return Field(name, form, label, "yesno")


FIELDS = (
    Field("record_id", "demographics", "Pseudonym", required=True),
    _date("first_dose_date", "demographics", "Date of the first dose", required=True),
    _radio("sex", "demographics", "Sex", ("1", "F"), ("2", "M")),
    _number("age_years", "demographics", "Age at the first dose", "8", "18", note="completed years"),
    _number("weight_kg", "demographics", "Body weight", note="kg"),
    _number("ad_duration_years", "demographics", "Duration of atopic dermatitis", note="years"),
    _yes_no("asthma", "demographics", "Asthma, ever"),
    _yes_no("allergic_rhinitis", "demographics", "Allergic rhinitis or rhinoconjunctivitis, ever"),
    _yes_no("food_allergy", "demographics", "Food allergy, ever"),
    Field("prior_therapy", "demographics", "Systemic treatment before dupilumab"),
    _date("last_contact_date", "demographics", "Last contact"),
    _date("stop_date", "demographics", "Dupilumab stopped for good"),
    Field("stop_reason", "demographics", "Reason for stopping"),
    _date("visit_date", "visit", "Date of the visit"),
    _radio(
        "iga",
        "visit",
        "Investigator's Global Assessment",
        ("0", "Clear"),
        ("1", "Almost clear"),
        ("2", "Mild"),
        ("3", "Moderate"),
        ("4", "Severe"),
    ),
    _number("easi", "visit", "EASI", "0", "72"),
    _number("scorad_extent", "visit", "SCORAD A: extent", "0", "100", note="%"),
    _number("scorad_intensity", "visit", "SCORAD B: intensity", "0", "18", whole=True),
    _number("scorad_pruritus", "visit", "SCORAD C: itch", "0", "10"),
    _number("scorad_sleep_loss", "visit", "SCORAD C: loss of sleep", "0", "10"),
    Field(
        "scorad",
        "visit",
        "SCORAD",
        "calc",
        calculation="[scorad_extent]/5+7*[scorad_intensity]/2+[scorad_pruritus]+[scorad_sleep_loss]",
    ),
    _yes_no("tcs_use", "visit", "Topical glucocorticosteroid in the last week"),
    _number("emollient_per_day", "visit", "Emollient, times a day"),
    _radio("ige_qualifier", "laboratory", "Total IgE below or above the limit of the assay", ("1", "<"), ("2", ">")),
    _number("ige_value", "laboratory", "Total IgE"),
    _radio("ige_unit", "laboratory", "Unit", ("1", "kU/L")),
    _date("injection_date", "injection", "Date on which the dose was given or due", required=True),
    _number("dose_mg", "injection", "Dose of the day", note="mg"),
    _radio("dose_kind", "injection", "Kind of dose", ("1", "loading"), ("2", "maintenance")),
    _yes_no("given", "injection", "Given"),
    Field("ae_term", "adverse_event", "Adverse event", required=True),
    Field("ae_class", "adverse_event", "System organ class"),
    _date("ae_start", "adverse_event", "First day", required=True),
    _date("ae_end", "adverse_event", "Last day"),
    _radio("ae_severity", "adverse_event", "Severity", ("1", "mild"), ("2", "moderate"), ("3", "severe")),
    _yes_no("ae_serious", "adverse_event", "Serious"),
    _radio("ae_related", "adverse_event", "Related to dupilumab", ("1", "related"), ("0", "not related")),
    _radio(
        "ae_action",
        "adverse_event",
        "What was done with dupilumab",
        ("0", "none"),
        ("1", "delayed"),
        ("2", "discontinued"),
    ),
    _radio(
        "ae_outcome",
        "adverse_event",
        "Outcome",
        ("1", "recovered"),
        ("2", "recovering"),
        ("3", "not recovered"),
        ("4", "fatal"),
        ("5", "unknown"),
    ),
)
_FIELD = {field.name: field for field in FIELDS}
_AT_VISITS = [field.name for field in FIELDS if field.form == "visit" and field.name != "visit_date"]
_AS_IN_PATIENTS = ("age_years", "weight_kg", "ad_duration_years", "asthma", "allergic_rhinitis", "food_allergy")


def write_export(folder: Path, tables: dict[str, list[Row]], calendars: dict[str, Calendar]) -> None:
    """Writes `export.csv` and `dictionary.csv` into `folder`, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = list(_KEYS)
    for form, fields in groupby(FIELDS[1:], key=lambda field: field.form):
        columns += [*(field.name for field in fields), f"{form}_complete"]
    _write(folder / "export.csv", columns, _records(tables, calendars))
    _write(folder / "dictionary.csv", _DICTIONARY, map(_described, FIELDS))


def _write(path: Path, columns: Iterable[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _described(field: Field) -> Row:
    texts = (
        field.name,
        field.form,
        "",
        field.type,
        field.label,
        field.third_column,
        field.note,
        field.validation,
        field.least,
        field.most,
        "",
        "",
        "y" if field.required else "",
    )
    return dict(zip(_DICTIONARY, texts, strict=False))


def _records(tables: dict[str, list[Row]], calendars: dict[str, Calendar]) -> Iterable[Row]:
    """The rows of the export: by record its visits, then its injections, then its adverse events."""
    ige = {(row["patient_id"], row["week"]): row for row in tables["labs"]}
    for patient in tables["patients"]:
        number = patient["patient_id"]
        calendar = calendars[number]
        for visit in _of(number, tables["visits"]):
            event = f"week_{visit['week']}_arm_1" if int(visit["week"]) else "baseline_arm_1"
            demographics = {} if int(visit["week"]) else _demographics(patient, calendar)
            sample = ige.get((number, visit["week"]))
            yield {
                **_key(number, event),
                **demographics,
                **_visit(visit, calendar),
                **(_laboratory(sample) if sample else {}),
            }
        for instance, dose in enumerate(_of(number, tables["doses"]), 1):
            yield _key(number, _FOLLOW_UP, "injection", instance) | _injection(dose, calendar)
        for instance, event in enumerate(_of(number, tables["adverse_events"]), 1):
            yield _key(number, _FOLLOW_UP, "adverse_event", instance) | _adverse_event(event, calendar)


def _of(number: str, rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["patient_id"] == number]


def _key(number: str, event: str, instrument: str = "", instance: int | str = "") -> Row:
    return dict(zip(_KEYS, (number, event, instrument, str(instance)), strict=True))


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _demographics(patient: Row, calendar: Calendar) -> Row:
    return {
        "first_dose_date": _iso(calendar.first_dose),
        "sex": _FIELD["sex"].raw(patient["sex"]),
        **{name: patient[name] for name in _AS_IN_PATIENTS},
        "prior_therapy": patient["prior_systemic_therapy"],
        "last_contact_date": _iso(calendar.last_contact),
        "stop_date": _iso(calendar.of_weeks(patient["discontinued_week"])),
        "stop_reason": patient["discontinuation_reason"],
        "demographics_complete": _COMPLETE,
    }


def _visit(visit: Row, calendar: Calendar) -> Row:
    return {
        "visit_date": _iso(calendar.of_visit(visit["week"])),
        **{name: visit[name] for name in _AT_VISITS},
        "visit_complete": _COMPLETE,
    }


def _laboratory(sample: Row) -> Row:
    return {
        "ige_qualifier": _FIELD["ige_qualifier"].raw(sample["qualifier"]),
        "ige_value": sample["value"],
        "ige_unit": _FIELD["ige_unit"].raw(sample["unit"]),
        "laboratory_complete": _COMPLETE,
    }


def _injection(dose: Row, calendar: Calendar) -> Row:
    return {
        "injection_date": _iso(calendar.of_day(dose["study_day"])),
        "dose_mg": dose["dose_mg"],
        "dose_kind": _FIELD["dose_kind"].raw(dose["kind"]),
        "given": dose["given"],
        "injection_complete": _COMPLETE,
    }


def _adverse_event(event: Row, calendar: Calendar) -> Row:
    return {
        "ae_term": event["term"],
        "ae_class": event["system_organ_class"],
        "ae_start": _iso(calendar.of_day(event["start_day"])),
        "ae_end": _iso(calendar.of_day(event["end_day"])),
        "ae_severity": _FIELD["ae_severity"].raw(event["severity"]),
        "ae_serious": event["serious"],
        "ae_related": _FIELD["ae_related"].raw(event["relatedness"]),
        "ae_action": _FIELD["ae_action"].raw(event["action"]),
        "ae_outcome": _FIELD["ae_outcome"].raw(event["outcome"]),
        "adverse_event_complete": _COMPLETE,
    }
