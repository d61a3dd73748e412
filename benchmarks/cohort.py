"""Writes a large synthetic data cut: python benchmarks/cohort.py FOLDER --patients 100000 [--seed N] [--parquet]

It conforms to the gate and is there to measure time and memory with: patients, courses, absences, values left out, limits of assays,
doses off the label, stops and events come at rates that a register may have, and none of it is evidence. A course follows the model
of `data/simulation/courses.py`, whole tables at a time. The same seed gives the same rows whatever the form of the files, and the
first patients are the same whatever their number.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # as a script it is outside the packages of the project

from protocol import treatment  # noqa: E402
from protocol.columns import TABLES  # noqa: E402
from protocol.scores import scorad  # noqa: E402

SEED = 20261130
BLOCK = 10_000
"""Patients made at a time, so that memory does not grow with their number."""
LABEL = "us"
WEEKS = np.array([0, 4, 8, 16, 26])
SAMPLED = (0, 16, 26)
"""Weeks with a laboratory value."""
AGES = np.arange(8, 18)
MEDIAN_WEIGHT = np.array([25.7, 28.9, 32.5, 36.5, 41.2, 45.8, 50.3, 54.2, 57.5, 60.0])
"""In kg by age, between those of boys and girls in the CDC growth charts of 2000."""
THERAPIES = np.array(["none", "systemic glucocorticosteroids", "ciclosporin", "methotrexate", "ciclosporin, methotrexate"])
REASONS = np.array(["lack of effect", "adverse event", "wish of the family", "lost to follow-up"])
STOPPING = {"by": 0.06, "still followed": 0.5}
"""Share of patients who stop treatment before the last visit, and of those the share who are followed on."""
VISIT_MISSED, CELL_LEFT_OUT, DOSE_MISSED, DOSE_OFF_LABEL, SAMPLE_LACKING = 0.04, 0.01, 0.012, 0.003, 0.05
LIMIT_OF_ASSAY = 5000
REMAINING = np.array([1.0, 0.37, 0.22, 0.09, 0.0])
"""Of the improvement that is to come, by week."""
TOPICAL = np.array([0.97, 0.75, 0.50, 0.36, 0.18])
EVENTS_PER_PATIENT = 0.8
TERMS = (
    ("Conjunctivitis", "Eye disorders"),
    ("Injection site reaction", "General disorders and administration site conditions"),
    ("Nasopharyngitis", "Infections and infestations"),
    ("Oral herpes", "Infections and infestations"),
    ("Headache", "Nervous system disorders"),
    ("Facial erythema", "Skin and subcutaneous tissue disorders"),
    ("Eosinophilia", "Blood and lymphatic system disorders"),
    ("Arthralgia", "Musculoskeletal and connective tissue disorders"),
)

Cut = dict[str, pd.DataFrame]


def blocks(patients: int, seed: int = SEED) -> Iterator[Cut]:
    """The tables of so many patients, block by block, with the columns of :data:`protocol.columns.TABLES`."""
    for start in range(0, patients, BLOCK):
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, start))))
        # A block is made whole and then cut, so that the first patients stay who they are.
        cut = _block(np.arange(start, start + BLOCK), random)
        last = f"P{patients - 1:06d}"
        yield {table: frame[frame["patient_id"] <= last] for table, frame in cut.items()} if patients < start + BLOCK else cut


def _block(number: np.ndarray, random: np.random.Generator) -> Cut:
    patients = _patients(number, random)
    visits = _visits(patients, random)
    return {
        "patients": patients,
        "visits": visits,
        "labs": _labs(visits, random),
        "doses": _doses(patients, random),
        "adverse_events": _events(patients, random),
    }


def _patients(number: np.ndarray, random: np.random.Generator) -> pd.DataFrame:
    size = len(number)
    age = random.choice(AGES, size)
    weight = np.round(MEDIAN_WEIGHT[age - AGES[0]] * np.exp(0.13 * random.standard_normal(size).clip(-2.2, 2.2)), 1)
    contact = np.round(26 + random.random(size) * 0.9, 1)
    stops = random.random(size) < STOPPING["by"]
    stop = np.round(3 + 22 * random.random(size), 1)
    leaves = stops & (random.random(size) >= STOPPING["still followed"])
    contact = np.where(leaves, np.minimum(np.round(stop + 2 * random.random(size), 1), contact), contact)
    return pd.DataFrame(
        {
            "patient_id": np.char.mod("P%06d", number),
            "sex": random.choice(["F", "M"], size),
            "age_years": age,
            "weight_kg": weight,
            "ad_duration_years": np.round(age - 0.3 - np.minimum(6 * random.random(size) ** 2, age - 2), 1),
            "asthma": _happens(0.45, size, random),
            "allergic_rhinitis": _happens(0.55, size, random),
            "food_allergy": _happens(0.35, size, random),
            "prior_systemic_therapy": random.choice(THERAPIES, size, p=[0.35, 0.3, 0.2, 0.1, 0.05]),
            "last_contact_week": contact,
            "discontinued_week": np.where(stops, stop, np.nan),
            "discontinuation_reason": np.where(stops, random.choice(REASONS, size, p=[0.4, 0.2, 0.25, 0.15]), None),
        }
    )


def _happens(probability: float, size: int, random: np.random.Generator) -> np.ndarray:
    return (random.random(size) < probability).astype(int)


def _visits(patients: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    size, planned = len(patients), len(WEEKS)
    severity = random.standard_normal((size, 1))

    def about(mean: float, slope: float, weight: float) -> np.ndarray:
        return mean + slope * (weight * severity + (1 - weight) * 1.3 * random.standard_normal((size, 1)))

    easi = (33 + 8.8 * severity + 1.6 * severity**2).clip(22.1, 66)
    extent, intensity = about(63, 13, 0.8).clip(34, 94), about(14.9, 1.5, 0.7).clip(11, 18)
    itch, sleep = about(8.4, 1.1, 0.5).clip(5.5, 10), about(7.4, 1.7, 0.5).clip(3, 10)
    final = np.where(random.random((size, 1)) < 0.85, 0.016 + 0.15 * random.random((size, 1)), 0.34)
    pace = (1 + 0.42 * random.standard_normal((size, 1))).clip(0.35, 2)
    error = 1 + 0.2 * random.standard_normal((size, planned)).clip(-2, 2)
    share = ((final + (1 - final) * np.minimum(1, pace * REMAINING)) * error).clip(0.002, 1.05)
    share[:, 0] = 1
    easi = np.round(easi * share, 1).clip(0, 72)
    noise = 1 + 0.12 * random.standard_normal((4, size, planned)).clip(-2, 2)
    noise[:, :, 0] = 1
    least = (easi > 0).astype(int)
    extent = np.maximum(np.round(extent * share**0.75 * noise[0]), least).clip(0, 100)
    intensity = np.maximum(np.round(intensity * share**0.625 * noise[1]), least).clip(0, 18)
    itch = np.round(itch * share**0.625 * noise[2], 1).clip(0, 10)
    sleep = np.round(sleep * share**0.75 * noise[3], 1).clip(0, 10)
    stratum = np.searchsorted([0, 1, 7, 21], easi, side="left")  # 0 clear ... 4 severe
    judged = np.searchsorted([0.9, 4, 9, 21], easi * (1 + 0.12 * random.standard_normal((size, planned)).clip(-2, 2)))
    iga = judged.clip(stratum - 1, stratum + 1).clip(0, 4)
    topical = random.random((size, planned)) < TOPICAL
    table = pd.DataFrame(
        {
            "patient_id": np.repeat(patients["patient_id"].to_numpy(), planned),
            "week": np.tile(WEEKS, size),
            "iga": iga.ravel(),
            "easi": easi.ravel(),
            "scorad_extent": extent.ravel(),
            "scorad_intensity": intensity.ravel(),
            "scorad_pruritus": itch.ravel(),
            "scorad_sleep_loss": sleep.ravel(),
            "scorad": np.round(scorad(extent, intensity, itch, sleep), 1).ravel(),
            "tcs_use": topical.astype(int).ravel(),
            "emollient_per_day": random.choice([1, 2, 3], size * planned, p=[0.3, 0.6, 0.1]),
        }
    )
    due = table["week"].to_numpy() <= np.repeat(patients["last_contact_week"].to_numpy(), planned)
    seen = due & ((random.random(size * planned) >= VISIT_MISSED) | (table["week"] == 0))
    table = table[seen].reset_index(drop=True)
    left_out = (random.random((len(table), 3)) < CELL_LEFT_OUT) & (table["week"] > 0).to_numpy()[:, None]
    table["easi"] = table["easi"].mask(left_out[:, 0])
    for name in ("scorad_sleep_loss", "scorad"):  # without a part there is no total
        table[name] = table[name].mask(left_out[:, 1])
    table["emollient_per_day"] = table["emollient_per_day"].astype("Int64").mask(left_out[:, 2])
    for name in ("scorad_extent", "scorad_intensity"):
        table[name] = table[name].astype(int)
    return table


def _labs(visits: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    at = visits.loc[visits["week"].isin(SAMPLED), ["patient_id", "week"]]
    codes, names = pd.factorize(at["patient_id"])
    start = 6.8 + 1.1 * random.standard_normal(len(names))
    fall = 0.04 + 0.008 * random.standard_normal(len(names))
    value = np.exp(start[codes] - fall[codes] * at["week"] + 0.08 * random.standard_normal(len(at))).clip(2).round(1)
    labs = at.assign(analyte="total_ige", qualifier=None, value=value, unit="kU/L")
    beyond = value > LIMIT_OF_ASSAY
    labs["qualifier"] = np.where(beyond, ">", None)
    labs["value"] = labs["value"].mask(beyond, LIMIT_OF_ASSAY)
    return labs[(random.random(len(labs)) >= SAMPLE_LACKING) | (labs["week"] == 0)].reset_index(drop=True)


def _doses(patients: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    until = np.fmin(patients["last_contact_week"], patients["discontinued_week"])
    pairs = patients[["age_years", "weight_kg"]]
    plan_of = {(age, kg): treatment.regimen(LABEL, age, kg) for age, kg in pairs.drop_duplicates().itertuples(index=False)}
    plans = pd.Series([plan_of[pair] for pair in pairs.itertuples(index=False)])
    parts = []
    for plan in sorted(set(plans), key=lambda plan: plan.id):
        mine = np.flatnonzero(plans == plan)
        days = np.array(plan.days(7 * 27))
        loading = len([day for day in plan.loading_days if day <= days[-1]])
        shift = random.integers(-1, 2, (len(mine), len(days)))
        shift[:, 0] = 0
        given_on = days + shift
        due = given_on < (7 * until.to_numpy()[mine] + 1)[:, None]
        due[:, 0] = True
        who, which = np.nonzero(due)
        mg = np.where(which < loading, plan.loading_mg, plan.maintenance_mg)
        off = (random.random(len(who)) < DOSE_OFF_LABEL) & (which > 0)
        parts.append(
            pd.DataFrame(
                {
                    "patient": mine[who],
                    "patient_id": patients["patient_id"].to_numpy()[mine[who]],
                    "study_day": given_on[who, which],
                    "dose_mg": np.where(off, 100, mg),
                    "kind": np.where(which < loading, "loading", "maintenance"),
                    "given": 1 - _happens(DOSE_MISSED, len(who), random) * (which > 0),
                }
            )
        )
    doses = pd.concat(parts).sort_values(["patient", "study_day"], kind="stable", ignore_index=True)
    return doses.drop(columns="patient")


def _events(patients: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    who = np.repeat(np.arange(len(patients)), random.poisson(EVENTS_PER_PATIENT, len(patients)))
    stopped = np.flatnonzero((patients["discontinuation_reason"] == "adverse event").to_numpy())
    days = 7 * patients["last_contact_week"].to_numpy() + 1
    kind = random.choice(len(TERMS), len(who), p=[0.2, 0.25, 0.2, 0.08, 0.12, 0.07, 0.03, 0.05])
    start = 1 + np.floor((days[who] - 1) * random.random(len(who))).astype(int)
    stop_day = (7 * patients["discontinued_week"].to_numpy()[stopped] + 1).astype(int)
    who, start = np.concatenate([who, stopped]), np.concatenate([start, stop_day])
    kind = np.concatenate([kind, np.zeros(len(stopped), int)])
    action = np.repeat(["none", "discontinued"], [len(who) - len(stopped), len(stopped)])
    lasts = 1 + random.poisson(9, len(who))
    over = (start + lasts <= days[who]) & (random.random(len(who)) < 0.95)
    terms = np.array(TERMS)[kind]
    events = pd.DataFrame(
        {
            "patient": who,
            "patient_id": patients["patient_id"].to_numpy()[who],
            "term": terms[:, 0],
            "system_organ_class": terms[:, 1],
            "start_day": start,
            "end_day": pd.Series(start + lasts, dtype="Int64").where(over),
            "severity": random.choice(["mild", "moderate", "severe"], len(who), p=[0.75, 0.22, 0.03]),
            "serious": _happens(0.01, len(who), random),
            "relatedness": random.choice(["related", "not related"], len(who), p=[0.4, 0.6]),
            "action": action,
            "outcome": np.where(over, "recovered", "not recovered"),
        }
    )
    # One episode of a term a patient, and the one that stopped treatment before others.
    events = events.sort_values(["action", "start_day"], kind="stable").drop_duplicates(["patient", "term"])
    return events.sort_values(["patient", "start_day"], kind="stable").drop(columns="patient").reset_index(drop=True)


def write(folder: Path, patients: int, seed: int = SEED, parquet: bool = False) -> None:
    """Writes the tables, as CSV or as Parquet, and `cut.yml` into `folder`, which is made."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    folder.mkdir(parents=True, exist_ok=True)
    writers = {}
    for cut in blocks(patients, seed):
        for table, frame in cut.items():
            arrow = pa.Table.from_pandas(frame, preserve_index=False, schema=_schema(table, frame))
            if table not in writers:
                path = folder / f"{table}.{'parquet' if parquet else 'csv'}"
                options = pa.csv.WriteOptions(quoting_style="needed", quoting_header="none")
                writers[table] = (
                    pa.parquet.ParquetWriter(path, arrow.schema) if parquet
                    else pa.csv.CSVWriter(path, arrow.schema, write_options=options)
                )  # fmt: skip
            writers[table].write_table(arrow)
    for writer in writers.values():
        writer.close()
    (folder / "cut.yml").write_text(
        f"label: Synthetic cohort of {patients}\nextracted: 2026-01-15\nkind: reconstructed\n"
        f"description: Made by benchmarks/cohort.py with seed {seed} to measure with; no evidence of anything.\nprevious: null\n",
        encoding="utf-8",
        newline="\n",
    )


def _schema(table: str, frame: pd.DataFrame):
    """The columns that are made, in the order of the dictionary."""
    import pyarrow as pa

    kinds = {"number": pa.float64(), "whole": pa.int64(), "flag": pa.int64()}
    return pa.schema([(column.name, kinds.get(column.kind, pa.string())) for column in TABLES[table] if column.name in frame])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--patients", type=int, default=3_000, help="how many, up to a million")
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--parquet", action="store_true", help="write Parquet in place of CSV")
    given = options.parse_args()
    if not 1 <= given.patients <= 1_000_000:
        options.error("--patients must lie between 1 and 1,000,000: the study's ids have six digits")
    write(given.folder, given.patients, given.seed, given.parquet)


if __name__ == "__main__":
    main()
