"""The files of a cut: CSV tables and `cut.yml`, the same bytes on every platform."""

import csv
from collections.abc import Iterable
from pathlib import Path

from .children import Child
from .courses import Visit
from .events import Event
from .laboratory import Ige
from .treatment import Dose


def write_cut(
    folder: Path,
    description: str,
    children: list[Child],
    visits: list[Visit],
    ige: list[Ige],
    doses: list[Dose],
    events: list[Event],
) -> None:
    """Writes the five tables, and `description` as `cut.yml`. Columns as in `protocol/columns.py`."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_table(folder / "patients.csv", map(_patient, children))
    _write_table(folder / "visits.csv", map(_visit, visits))
    _write_table(folder / "labs.csv", map(_lab, ige))
    _write_table(folder / "doses.csv", map(_dose, doses))
    _write_table(folder / "adverse_events.csv", map(_event, events))
    (folder / "cut.yml").write_bytes(description.encode("utf-8"))


def _write_table(path: Path, rows: Iterable[dict[str, str | int | None]]) -> None:
    """One line a row under the names of the columns; None is an empty cell. Texts with a comma are quoted."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(file, fieldnames=list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow(row)


def _tenths(value: int | None) -> str | None:
    """A count of tenths as a number with one decimal, by whole numbers: 788 as 78.8."""
    return None if value is None else f"{value // 10}.{value % 10}"


def _weeks(day: int) -> str:
    """A study day as weeks since the first dose, rounded up to one decimal so that the day lies within."""
    return _tenths(-(-10 * (day - 1) // 7))


def _flag(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _patient(child: Child) -> dict:
    return {
        "patient_id": child.patient_id,
        "sex": child.sex,
        "age_years": child.age_years,
        "weight_kg": _tenths(child.weight_hectograms),
        "ad_duration_years": _tenths(child.ad_duration_tenths),
        "asthma": _flag(child.asthma),
        "allergic_rhinitis": _flag(child.allergic_rhinitis),
        "food_allergy": _flag(child.food_allergy),
        "prior_systemic_therapy": child.prior_systemic_therapy,
        "last_contact_week": _weeks(child.last_contact_day),
        "discontinued_week": None if child.discontinued_day is None else _weeks(child.discontinued_day),
        "discontinuation_reason": child.discontinuation_reason,
    }


def _visit(visit: Visit) -> dict:
    return {
        "patient_id": visit.child.patient_id,
        "week": visit.week,
        "iga": visit.iga,
        "easi": _tenths(visit.easi_tenths),
        "scorad_extent": visit.extent,
        "scorad_intensity": visit.intensity,
        "scorad_pruritus": _tenths(visit.pruritus_tenths),
        "scorad_sleep_loss": _tenths(visit.sleep_loss_tenths),
        "scorad": _tenths(visit.scorad_tenths),
        "tcs_use": _flag(visit.tcs_use),
        "emollient_per_day": visit.emollient_per_day,
    }


def _lab(ige: Ige) -> dict:
    return {
        "patient_id": ige.child.patient_id,
        "week": ige.week,
        "analyte": "total_ige",
        "qualifier": None,
        "value": ige.tenths // 10 if ige.tenths >= 1000 else _tenths(ige.tenths),
        "unit": "kU/L",
    }


def _dose(dose: Dose) -> dict:
    return {
        "patient_id": dose.child.patient_id,
        "study_day": dose.study_day,
        "dose_mg": dose.dose_mg,
        "kind": dose.kind,
        "given": _flag(dose.given),
    }


def _event(event: Event) -> dict:
    return {
        "patient_id": event.child.patient_id,
        "term": event.term,
        "system_organ_class": event.system_organ_class,
        "start_day": event.start_day,
        "end_day": event.end_day,
        "severity": event.severity,
        "serious": 0,
        "relatedness": event.relatedness,
        "action": event.action,
        "outcome": event.outcome,
    }
