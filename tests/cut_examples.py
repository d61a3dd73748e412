"""A small valid data cut, written by code, for tests that need one to read or to break."""

import csv
from pathlib import Path

from protocol.columns import TABLES, columns
from protocol.scores import scorad
from protocol.treatment import Regimen, regimen

PARAMETERS = {
    "age_min": 8,
    "age_max": 18,
    "planned_weeks": [0, 4, 8, 16, 26, 39, 52],
    "label": "us",
    "dose_window_days": 3,
    "scorad_tolerance": 0.1,
    "grace_days": 7,
}

Cut = dict[str, list[dict[str, str]]]


def doses(patient_id: str, plan: Regimen, last_day: int) -> list[dict[str, str]]:
    """Rows of a patient who gets every dose of the label on its day."""
    kinds = [(day, "loading" if place < len(plan.loading_days) else "maintenance") for place, day in enumerate(plan.days(last_day))]
    return [
        {"patient_id": patient_id, "study_day": f"{day}", "dose_mg": f"{plan.amount(kind)}", "kind": kind, "given": "1"}
        for day, kind in kinds
    ]


def valid_cut(patients: int = 6, weeks: tuple[int, ...] = (0, 4, 8, 16, 26), label: str = "us") -> Cut:
    """Rows of a cut in which nothing is wrong and nothing is worth a warning, by table; cells are text.

    Every patient is severe at week 0 and better at each later week, has a dose on each day of the label up to
    the last of `weeks` and one adverse event. Patients are P001, P002, ... and alike but for sex, age, weight
    and small differences in duration, scores and total IgE, as no two children have the same.
    """
    cut: Cut = {table: [] for table in TABLES}
    for number in range(patients):
        patient_id, age = f"P{number + 1:03}", 8 + number % 11
        weight = 5 * age - 14
        cut["patients"].append(
            {
                "patient_id": patient_id,
                "sex": "FM"[number % 2],
                "age_years": f"{age}",
                "weight_kg": f"{weight}.5",
                "ad_duration_years": f"{age - 2}.{number:02}",
                "asthma": "1",
                "allergic_rhinitis": "0",
                "food_allergy": "0",
                "prior_systemic_therapy": "ciclosporin",
                "last_contact_week": f"{weeks[-1]}",
                "discontinued_week": "",
                "discontinuation_reason": "",
            }
        )
        for visit, week in enumerate(weeks):
            cut["visits"].append(_visit(patient_id, week, visit / max(len(weeks) - 1, 1), number))
            cut["labs"].append(
                {
                    "patient_id": patient_id,
                    "week": f"{week}",
                    "analyte": "total_ige",
                    "qualifier": "",
                    "value": f"{2400 + number - 300 * visit}",
                    "unit": "kU/L",
                }
            )
        cut["doses"] += doses(patient_id, regimen(label, age, weight + 0.5), 7 * weeks[-1] + 1)
        cut["adverse_events"].append(
            {
                "patient_id": patient_id,
                "term": "Nasopharyngitis",
                "system_organ_class": "Infections and infestations",
                "start_day": "20",
                "end_day": "26",
                "severity": "mild",
                "serious": "0",
                "relatedness": "not related",
                "action": "none",
                "outcome": "recovered",
            }
        )
    return cut


def _visit(patient_id: str, week: int, better: float, number: int) -> dict[str, str]:
    """A visit between severe (`better` = 0) and almost clear (1); `number` tells children apart."""
    extent, intensity = 60 - number // 100 - round(50 * better), 14 - round(12 * better)
    itch, sleep = 8 - round(7 * better), 7.5 - round(7 * better)
    easi = 40 - 39.2 * better - 0.1 * (number % 100) * (1 - better)
    iga = next(score for score, bound in enumerate((0, 1, 7, 21, 72)) if easi <= bound)
    return {
        "patient_id": patient_id,
        "week": f"{week}",
        "iga": f"{iga}",
        "easi": f"{easi:.2f}",
        "scorad_extent": f"{extent}",
        "scorad_intensity": f"{intensity}",
        "scorad_pruritus": f"{itch}",
        "scorad_sleep_loss": f"{sleep}",
        "scorad": f"{scorad(extent, intensity, itch, sleep):.1f}",
        "tcs_use": "1",
        "emollient_per_day": "2",
    }


def write_cut(folder: Path, cut: Cut) -> Path:
    """Writes the tables as CSV files into `folder`, which is made if it is not there, and returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in cut.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns(table), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def write_valid_cut(
    folder: Path, patients: int = 6, weeks: tuple[int, ...] = (0, 4, 8, 16, 26), label: str = "us"
) -> Path:
    """:func:`valid_cut` as files in `folder`, with a `cut.yml`."""
    write_cut(folder, valid_cut(patients, weeks, label))
    (folder / "cut.yml").write_text(
        "label: example\nextracted: 2026-01-01\nkind: reconstructed\n"
        "description: a cut made by the tests\nprevious: null\n",
        encoding="utf-8",
        newline="\n",
    )
    return folder
