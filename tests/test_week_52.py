"""The simulated follow-up cut: the same children later on, and what was meant to change, nothing else."""

import csv
import doctest
import subprocess
import sys
from collections import Counter
from decimal import Decimal

import pytest
import yaml
from conftest import ROOT, SHIPPED_CUT

from expectations.gate import check
from protocol.columns import TABLES
from protocol.treatment import regimen
from study.settings import load_published, load_settings

DATA = ROOT / "data"
CUT = DATA / "examples" / "week-52"
FILES = sorted([*(f"{table}.csv" for table in TABLES), "cut.yml"])
KEYS = {
    "patients": ("patient_id",),
    "visits": ("patient_id", "week"),
    "labs": ("patient_id", "week", "analyte"),
    "doses": ("patient_id", "study_day"),
    "adverse_events": ("patient_id", "term", "start_day"),
}
LEAVES = "P016"
CORRECTED = {
    ("visits", ("P019", "26"), "easi"): ("4.6", "6.4"),
    ("visits", ("P017", "16"), "iga"): ("", "2"),
    ("labs", ("P012", "16", "total_ige"), "value"): ("1106", "1016"),
    ("patients", ("P003",), "weight_kg"): ("48.9", "49.8"),
}
FOLLOWED_UP = {
    ("patients", (LEAVES,), "discontinued_week"): ("", "41.9"),
    ("patients", (LEAVES,), "discontinuation_reason"): ("", "family moved to another city"),
    ("adverse_events", ("P009", "Facial erythema", "118"), "end_day"): ("", "252"),
    ("adverse_events", ("P009", "Facial erythema", "118"), "outcome"): ("not recovered", "recovered"),
}


def rows(folder, table):
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return {tuple(row[key] for key in KEYS[table]): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def cuts():
    """The rows by key of each table, in the earlier cut and in this one."""
    return {table: (rows(SHIPPED_CUT, table), rows(CUT, table)) for table in TABLES}


@pytest.fixture(scope="module")
def now(cuts):
    return {table: list(after.values()) for table, (_, after) in cuts.items()}


def reconstruct(*arguments, cwd):
    script = [sys.executable, "-B", str(DATA / "reconstruct.py"), *map(str, arguments)]
    return subprocess.run(script, cwd=cwd, capture_output=True, text=True, encoding="utf-8")


# --- the files ---


def test_script_writes_the_shipped_bytes_and_nothing_else(tmp_path):
    folder = tmp_path / "written again"
    done = reconstruct("week-52", "--output", folder, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["written again"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in CUT.iterdir()) == FILES
    for name in FILES:
        written = (folder / name).read_bytes()
        assert written == (CUT / name).read_bytes(), name
        assert b"\r" not in written and written.isascii()


def test_a_folder_without_the_name_of_a_cut_is_refused(tmp_path):
    done = reconstruct("--output", tmp_path / "both", cwd=tmp_path)
    assert done.returncode == 2 and "week-26, week-52" in done.stderr
    assert not (tmp_path / "both").exists()


def test_cut_says_what_it_is():
    before, after = (yaml.safe_load((cut / "cut.yml").read_text("utf-8")) for cut in (SHIPPED_CUT, CUT))
    assert (after["label"], after["kind"], after["previous"]) == ("Week 52", "reconstructed", "week-26")
    assert after["extracted"] > before["extracted"]
    for words in ("never evidence", "is invented", "extraction is assumed"):
        assert words in after["description"]


# --- what changed since the cut of week 26 ---


def test_the_same_children(cuts):
    before, after = cuts["patients"]
    assert list(after) == list(before) == [(f"P{number:03d}",) for number in range(1, 28)]


def test_no_row_vanished_and_new_rows_are_of_the_follow_up(cuts):
    new = {table: [after[key] for key in after.keys() - before.keys()] for table, (before, after) in cuts.items()}
    assert all(before.keys() <= after.keys() for before, after in cuts.values())
    assert {row["week"] for row in new["visits"]} == {"39", "52"}
    assert {row["week"] for row in new["labs"]} == {"52"}
    assert min(int(row["start_day"]) for row in new["adverse_events"]) > 183
    last_contact = {number: Decimal(row["last_contact_week"]) for (number,), row in cuts["patients"][0].items()}
    assert all(int(row["study_day"]) > 7 * last_contact[row["patient_id"]] for row in new["doses"])
    assert {table: len(found) for table, found in new.items() if table != "doses"} == {
        "patients": 0,
        "visits": 50,
        "labs": 25,
        "adverse_events": 7,
    }


def test_four_cells_were_corrected_and_the_rest_is_follow_up(cuts):
    changed = {
        (table, key, column): (before[key][column], after[key][column])
        for table, (before, after) in cuts.items()
        for key in before
        for column in before[key]
        if before[key][column] != after[key][column] and column != "last_contact_week"
    }
    assert changed == CORRECTED | FOLLOWED_UP


def test_the_dictionary_names_every_corrected_cell():
    text = (DATA / "README.md").read_text("utf-8")
    for (table, key, column), (old, new) in CORRECTED.items():
        week = f", week {key[1]}" if len(key) > 1 else ""
        assert f"| `{table}.csv`, {key[0]}{week}, `{column}` | {old or 'empty'} | {new} |" in text


def test_the_corrected_weight_keeps_the_dose(cuts):
    before, after = (side["P003",] for side in cuts["patients"])
    assert regimen("us", float(before["age_years"]), float(before["weight_kg"])) == regimen(
        "us", float(after["age_years"]), float(after["weight_kg"])
    )


def test_exchanged_digits(monkeypatch):
    monkeypatch.syspath_prepend(str(DATA))
    from simulation import corrections

    outcome = doctest.testmod(corrections)
    assert outcome.attempted and not outcome.failed


# --- what the paper reports still holds ---


def test_responders_of_week_26_are_the_same(cuts):
    def responders(visits):
        return {
            number
            for number, week in visits
            if week == "26"
            and visits[number, "26"]["iga"] in "01"
            and 4 * Decimal(visits[number, "26"]["easi"]) <= Decimal(visits[number, "0"]["easi"])
        }

    before, after = map(responders, cuts["visits"])
    assert before == after and len(after) == 26


def test_every_held_result_of_week_26_and_every_claim_is_as_before(shipped):
    from analysis.claims import check_claims
    from study.analysed import analyse
    from study.cuts import find_cut

    published = load_published()
    later = analyse(find_cut(CUT), load_settings(), published)
    by_week_26 = [name for name in published.held if not name.startswith("safety.") or ".w26." in name]
    assert len(by_week_26) > 30
    for name in by_week_26:
        assert later.results[name].display == shipped.results[name].display, name
    assert all(claim.agrees for claim in check_claims(published.claims, later.results, 26))
    assert later.results["safety.conjunctivitis.n"].value == 3
    easi_90 = "efficacy.easi_90.w26.nri.n"
    assert (shipped.results[easi_90].value, later.results[easi_90].value) == (19, 18)
    assert later.results["safety.conjunctivitis.w26.n"].value == 2


# --- the follow-up itself ---


def test_everyone_is_followed_to_week_52_but_one(now):
    for row in now["patients"]:
        if row["patient_id"] != LEAVES:
            assert 52 <= Decimal(row["last_contact_week"]) <= 53
            assert row["discontinued_week"] == row["discontinuation_reason"] == ""


def test_the_discontinuation_fits_doses_visits_and_events(now):
    (row,) = [row for row in now["patients"] if row["discontinued_week"]]
    assert row["patient_id"] == LEAVES
    stopped, last = Decimal(row["discontinued_week"]), Decimal(row["last_contact_week"])
    assert 39 < stopped < last < 52
    days = [int(dose["study_day"]) for dose in now["doses"] if dose["patient_id"] == LEAVES]
    assert 7 * stopped + 1 - 14 <= days[-1] < 7 * stopped + 1
    weeks = [int(visit["week"]) for visit in now["visits"] if visit["patient_id"] == LEAVES]
    assert weeks == [0, 4, 8, 16, 26, 39]
    assert not [event for event in now["adverse_events"] if event["action"] == "discontinued"]


def test_one_late_conjunctivitis_in_a_child_who_had_none(cuts):
    before, after = (Counter(key[0] for key in side if key[1] == "Conjunctivitis") for side in cuts["adverse_events"])
    assert after - before == {"P005": 1} and "P005" not in before


def test_events_lie_in_the_follow_up_and_none_is_serious(now):
    last_contact = {row["patient_id"]: Decimal(row["last_contact_week"]) for row in now["patients"]}
    for event in now["adverse_events"]:
        end = event["end_day"] or event["start_day"]
        assert int(event["start_day"]) <= int(end) <= 7 * last_contact[event["patient_id"]] + 1
        assert (event["outcome"] == "recovered") == (event["end_day"] != "")
        assert event["serious"] == "0"


def test_only_the_meant_visits_and_values_of_the_follow_up_are_missing(now):
    seen = {(row["patient_id"], row["week"]): row for row in now["visits"]}
    children = [row["patient_id"] for row in now["patients"]]
    absent = {(number, week) for number in children for week in ("39", "52") if (number, week) not in seen}
    assert absent == {("P011", "39"), ("P024", "39"), ("P010", "52"), (LEAVES, "52")}
    empty = {(*key, name) for key, row in seen.items() if key[1] in ("39", "52") for name in row if not row[name]}
    assert empty == {("P019", "39", "easi"), ("P005", "52", "emollient_per_day")}


def test_the_improvement_lasts_but_courses_differ(cuts):
    visits = cuts["visits"][1]

    def scores(week):
        return {number: Decimal(row["scorad"]) for (number, at), row in visits.items() if at == week}

    half, late = scores("26"), scores("52")
    assert 10 < sum(late.values()) / len(late) < 16
    worse = sum(late[number] > half[number] for number in late)
    assert 5 <= worse <= 16
    profiles = Counter(tuple(row.values())[2:9] for row in visits.values())
    assert max(profiles.values()) == 1


# --- the gate and the command line ---


def test_the_gate_passes_with_the_meant_warnings_alone():
    before, after = (check(cut, load_settings().gate_parameters()) for cut in (SHIPPED_CUT, CUT))
    assert not [finding for finding in after.findings if finding.level == "critical"]

    def found(verdict):
        return Counter(finding.rule for finding in verdict.findings)

    assert (found(after) - found(before)).total() == 6  # three visits, three doses
    assert not found(before) - found(after)


def test_compare_lists_the_corrections(capsys):
    from study.cli import main

    with pytest.raises(SystemExit) as ended:
        main(["compare", "week-26", str(CUT)])
    assert ended.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    for (table, key, column), (old, new) in CORRECTED.items():
        change = f"{column} was {old or 'empty'}, is {new}"
        assert any(table in line and key[0] in line and change in line for line in lines), change
