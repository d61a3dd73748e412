"""The reconstructed cut is reproducible, meets every published aggregate exactly, makes clinical sense."""

import csv
import re
import runpy
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from analysis.claims import check_claims
from protocol.columns import TABLES, columns
from protocol.treatment import regimen

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
CUT = DATA / "cuts" / "week-26"
FILES = [*(f"{table}.csv" for table in TABLES), "cut.yml"]
CHILDREN = [f"P{number:03d}" for number in range(1, 28)]


def read(table: str) -> list[dict[str, str]]:
    with (CUT / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def patients():
    return {row["patient_id"]: row for row in read("patients")}


@pytest.fixture(scope="module")
def visits():
    return {(row["patient_id"], int(row["week"])): row for row in read("visits")}


@pytest.fixture(scope="module")
def ige():
    return {(row["patient_id"], int(row["week"])): Decimal(row["value"]) for row in read("labs")}


@pytest.fixture(scope="module")
def doses():
    found = defaultdict(list)
    for row in read("doses"):
        found[row["patient_id"]].append(row)
    return found


@pytest.fixture(scope="module")
def rewritten(tmp_path_factory):
    """The cut as the script writes it now, started in a folder that is not the repository's."""
    folder = tmp_path_factory.mktemp("elsewhere") / "written again"
    script = [sys.executable, "-B", str(DATA / "reconstruct.py"), "week-26", "--output", str(folder)]
    subprocess.run(script, check=True, cwd=folder.parent)
    return folder


# --- the files ---


@pytest.mark.parametrize("name", FILES)
def test_script_writes_the_shipped_bytes(rewritten, name):
    assert (rewritten / name).read_bytes() == (CUT / name).read_bytes()


def test_script_writes_nothing_else(rewritten):
    assert sorted(path.name for path in rewritten.iterdir()) == sorted(FILES)
    assert sorted(path.name for path in CUT.iterdir()) == sorted(FILES)


@pytest.mark.parametrize("name", FILES)
def test_files_are_plain_text_with_unix_line_ends(name):
    content = (CUT / name).read_bytes()
    content.decode("ascii")
    assert b"\r" not in content
    assert content.endswith(b"\n") and not content.endswith(b"\n\n")


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_those_of_the_schema(table):
    with (CUT / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == [name for name in columns(table) if name != "site"], "it is of one site"


def test_cut_says_that_it_is_reconstructed():
    cut = yaml.safe_load((CUT / "cut.yml").read_text(encoding="utf-8"))
    assert list(cut) == ["label", "extracted", "kind", "description", "previous"]
    assert cut["kind"] == "reconstructed" and cut["previous"] is None
    assert "never evidence" in cut["description"] and "extraction is assumed" in cut["description"]


# --- the published figures ---


def test_27_children_of_8_to_18_years(patients):
    assert list(patients) == CHILDREN
    ages = [Decimal(row["age_years"]) for row in patients.values()]
    assert (min(ages), max(ages)) == (8, 18)


def test_everyone_is_severe_at_baseline(visits):
    for child in CHILDREN:
        row = visits[child, 0]
        assert row["iga"] == "4" and Decimal(row["easi"]) > 21 and Decimal(row["scorad"]) > 50


def test_the_same_26_have_iga_0_1_and_easi_75_at_week_26(visits):
    def fell(child, percent):
        start, now = (Decimal(visits[child, week]["easi"]) for week in (0, 26))
        return 100 * now <= (100 - percent) * start

    clear = {child for child in CHILDREN if visits[child, 26]["iga"] in "01"}
    assert clear == {child for child in CHILDREN if fell(child, 75)}
    assert len(clear) == 26
    (non_responder,) = set(CHILDREN) - clear
    assert fell(non_responder, 50) and visits[non_responder, 26]["iga"] in "23"
    assert 15 <= sum(fell(child, 90) for child in CHILDREN) <= 23


@pytest.mark.parametrize(("week", "total", "mean"), [(0, "2127.6", "78.8"), (26, "369.9", "13.7")])
def test_mean_scorad_is_exact(visits, week, total, mean):
    values = [Decimal(visits[child, week]["scorad"]) for child in CHILDREN]
    assert sum(values) == Decimal(total) == 27 * Decimal(mean)


def test_scorad_is_computed_from_its_parts_in_every_row(visits):
    for row in visits.values():
        extent, intensity, pruritus, sleep, scorad = (
            Decimal(row[name])
            for name in (
                "scorad_extent",
                "scorad_intensity",
                "scorad_pruritus",
                "scorad_sleep_loss",
                "scorad",
            )
        )
        assert scorad == extent / 5 + 7 * intensity / 2 + pruritus + sleep
        assert extent == int(extent) and 0 <= extent <= 100
        assert intensity == int(intensity) and 0 <= intensity <= 18
        assert 0 <= pruritus <= 10 and 0 <= sleep <= 10
        assert {-value.as_tuple().exponent for value in (pruritus, sleep, scorad)} == {1}


def test_mean_total_ige_falls_by_exactly_1518(ige):
    falls = [ige[child, 0] - ige[child, 26] for child in CHILDREN]
    assert sum(falls) == 40986 == 27 * 1518


def test_conjunctivitis_in_two_children_and_nobody_stops(patients):
    episodes = [row for row in read("adverse_events") if row["term"].casefold() == "conjunctivitis"]
    assert len({row["patient_id"] for row in episodes}) == 2 < len(episodes)
    assert {row["action"] for row in episodes} == {"none"}
    assert all(1 <= int(row["start_day"]) <= 183 for row in episodes)
    assert all(row["discontinued_week"] == row["discontinuation_reason"] == "" for row in patients.values())


# --- complete where it has to be, incomplete where it is meant to be ---


def test_only_the_meant_visits_and_values_are_missing(visits):
    absent = Counter(week for child in CHILDREN for week in (0, 4, 8, 16, 26) if (child, week) not in visits)
    assert absent == {4: 1, 8: 2, 16: 1}
    empty = Counter((name, week) for (_, week), row in visits.items() for name, cell in row.items() if cell == "")
    assert empty == {
        ("easi", 4): 1,
        ("iga", 16): 1,
        ("tcs_use", 8): 1,
        ("emollient_per_day", 8): 1,
        ("emollient_per_day", 16): 1,
    }


def test_week_26_was_due_for_everyone(patients):
    assert all(26 <= Decimal(row["last_contact_week"]) <= 27 for row in patients.values())


def test_blood_is_taken_at_visits_and_no_value_is_censored(visits, ige):
    assert set(ige) == {key for key in visits if key[1] in (0, 16, 26)}
    assert {(row["analyte"], row["qualifier"], row["unit"]) for row in read("labs")} == {("total_ige", "", "kU/L")}


# --- doses ---


def test_amounts_follow_the_label_and_all_three_regimens_occur(patients, doses):
    regimens = set()
    for child in CHILDREN:
        label = regimen("us", float(patients[child]["age_years"]), float(patients[child]["weight_kg"]))
        regimens.add((label.maintenance_mg, label.interval_days))
        kinds = [row["kind"] for row in doses[child]]
        assert kinds == ["loading"] * len(label.loading_days) + ["maintenance"] * (len(kinds) - len(label.loading_days))
        assert all(int(row["dose_mg"]) == label.amount(row["kind"]) for row in doses[child])
        assert doses[child][0]["study_day"] == "1"
    assert regimens == {(300, 28), (200, 14), (300, 14)}


def test_intervals_follow_the_label_but_for_the_meant_irregularities(patients, doses):
    off = {}
    for child in CHILDREN:
        label = regimen("us", float(patients[child]["age_years"]), float(patients[child]["weight_kg"]))
        days = [int(row["study_day"]) for row in doses[child] if row["given"] == "1"]
        late = [after - before - label.interval_days for before, after in pairwise(days)]
        if any(abs(days) > 3 for days in late):
            off[child] = [days for days in late if abs(days) > 3]
        last_contact_day = 7 * Decimal(patients[child]["last_contact_week"]) + 1
        assert 183 - label.interval_days < days[-1] <= last_contact_day
    assert sorted(off.values()) == [[-14], [5, -5], [6], [8], [14]]


def test_the_missed_dose_is_on_record(doses):
    missed = [row for rows in doses.values() for row in rows if row["given"] == "0"]
    assert [row["kind"] for row in missed] == ["maintenance"]


def test_the_dose_put_off_belongs_to_an_event(doses):
    (event,) = [row for row in read("adverse_events") if row["action"] == "delayed"]
    days = [int(row["study_day"]) for row in doses[event["patient_id"]]]
    longest = max(pairwise(days), key=lambda pair: pair[1] - pair[0])
    assert longest[1] - longest[0] == 22
    assert longest[0] < int(event["start_day"]) <= int(event["end_day"]) <= longest[1]


# --- clinical sense ---


def test_iga_and_easi_tell_the_same(visits):
    limits = (0, 1, 7, 21)
    for row in visits.values():
        if row["iga"] and row["easi"]:
            stratum = sum(Decimal(row["easi"]) > limit for limit in limits)
            assert abs(int(row["iga"]) - stratum) < 2, row


def test_the_cohort_improves_fast_and_then_slower(visits):
    def mean(name, week):
        values = [float(row[name]) for (_, at), row in visits.items() if at == week and row[name]]
        return sum(values) / len(values)

    for name in ("easi", "scorad", "scorad_pruritus", "scorad_sleep_loss"):
        means = [mean(name, week) for week in (0, 4, 8, 16, 26)]
        assert means == sorted(means, reverse=True)
        assert means[0] - means[2] > means[2] - means[4]
    assert 32 <= mean("easi", 0) <= 36 and 2 <= mean("easi", 26) <= 4
    assert 7.5 <= mean("scorad_pruritus", 0) <= 9 and 1.5 <= mean("scorad_pruritus", 26) <= 2.5
    assert mean("tcs_use", 0) > 0.8 > mean("tcs_use", 8) > mean("tcs_use", 26)


def test_courses_are_not_robotic(visits):
    """Some children get worse between two visits, and no two have the same scores at a visit."""
    worse = 0
    for child in CHILDREN:
        scores = [Decimal(visits[child, week]["scorad"]) for week in (0, 4, 8, 16, 26) if (child, week) in visits]
        worse += any(after > before for before, after in pairwise(scores))
    assert 2 <= worse <= 12
    profiles = Counter(tuple(row.values())[2:9] for row in visits.values())
    assert max(profiles.values()) == 1


def test_ige_is_skewed_and_belongs_to_the_child(ige):
    baseline = sorted(ige[child, 0] for child in CHILDREN)
    assert sum(baseline) / 27 > 2 * baseline[13]
    assert all(Decimal("0.15") < ige[child, 26] / ige[child, 0] < Decimal("1.1") for child in CHILDREN)


def test_patients_are_plausible(patients):
    for row in patients.values():
        assert 0 < Decimal(row["ad_duration_years"]) <= Decimal(row["age_years"])
        assert 18 <= Decimal(row["weight_kg"]) <= 90
        assert row["prior_systemic_therapy"]
    for disease in ("asthma", "allergic_rhinitis", "food_allergy"):
        assert 9 <= sum(row[disease] == "1" for row in patients.values()) <= 20, disease
    assert 9 <= sum(row["sex"] == "F" for row in patients.values()) <= 18


def test_events_lie_in_the_follow_up_and_none_is_serious(patients):
    events = read("adverse_events")
    for row in events:
        last_day = 7 * Decimal(patients[row["patient_id"]]["last_contact_week"]) + 1
        end = row["end_day"] or row["start_day"]
        assert 1 <= int(row["start_day"]) <= int(end) <= last_day
        assert (row["outcome"] == "recovered") == (row["end_day"] != "")
        assert row["serious"] == "0" and row["severity"] in ("mild", "moderate")
    assert len({row["patient_id"] for row in events}) < len(events) <= 20


# --- the data dictionary and the published figures ---


def dictionary_rows(table: str) -> list[list[str]]:
    """The cells of the rows that describe the columns of a table in `data/README.md`."""
    text = (DATA / "README.md").read_text(encoding="utf-8")
    section = text.split(f"### {table}.csv\n")[1].split("\n### ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.removeprefix("|").removesuffix("|").split(" | ")] for line in lines]


@pytest.mark.parametrize("table", TABLES)
def test_the_dictionary_gives_every_column_a_status(table):
    rows = dictionary_rows(table)
    assert [row[0].strip("`") for row in rows] == columns(table)
    for row, column in zip(rows, TABLES[table], strict=True):
        assert re.match(r"held: \S|assumed\b|absent: \S", row[-1]), row
        for choice in column.choices:
            assert choice in column.allowed, (column.name, choice)


def test_the_dictionary_follows_from_the_columns():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    rewritten = runpy.run_path(str(DATA / "dictionary.py"))["rewritten"]
    assert rewritten(text) == text, "run python data/dictionary.py"


def test_every_claim_names_results_that_the_simulation_holds(shipped):
    published = yaml.safe_load((DATA / "published.yml").read_text(encoding="utf-8"))
    held = published["held"]
    assert len(set(held)) == len(held)
    for claim in check_claims(published["claims"], shipped.results, shipped.design.primary_week):
        assert len(claim.results) == len(claim.published)
        assert {row.id for row in claim.results} <= set(held)
    assert {claim["id"] for claim in published["claims"] if claim.get("sign") == -1} == {"ige-decrease"}


def test_evidence_counts_give_the_published_percentages():
    with (DATA / "evidence.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            percent = 100 * Decimal(row["n"]) / Decimal(row["N"])
            assert abs(percent - Decimal(row["percent_published"])) <= Decimal("0.06"), row
