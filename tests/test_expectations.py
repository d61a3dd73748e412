"""Each expectation, with data that break it and nothing else; and what the gate says of a data cut.

One run of Great Expectations takes seconds, so the cases share a cut: every case breaks the rows of one
patient of its own, and must bring about exactly one finding there.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cut_examples import PARAMETERS, valid_cut, write_cut, write_valid_cut

from expectations import checkpoint, folder, privacy, reading, single_columns, spelling
from expectations.finding import Finding
from expectations.gate import Verdict, check, read_tables
from protocol.columns import TABLES, Column

SUITES = (*TABLES, checkpoint.ACROSS)
Rows = dict[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Case:
    """How to break the rows of one patient, and the finding that this must bring about."""

    rule: str
    table: str
    change: Callable[
        [Rows], dict[str, str] | None
    ]  # returns the row that the finding must point at; None: no row is there
    column: str
    value: str | None
    level: str = "critical"


def edit(rule: str, table: str, row: int, level: str = "critical", column: str | None = None, **cells: str) -> Case:
    """Overwrites cells of one row. The finding names the cells in their order; `column` says otherwise."""

    def change(rows: Rows) -> dict[str, str]:
        rows[table][row].update(cells)
        return rows[table][row]

    named = column or ", ".join(cells)
    return Case(rule, table, change, named, cells.get(named.split(", ")[0]), level)


def with_value(case: Case, value: str) -> Case:
    """The same case whose finding shows a cell that the case itself leaves as it is."""
    return Case(case.rule, case.table, case.change, case.column, value, case.level)


def repeated(
    rule: str, table: str, row: int, column: str, value: str | None, level: str = "critical", **cells: str
) -> Case:
    """Adds a row after the last one: a copy of row number `row` with other `cells`."""

    def change(rows: Rows) -> dict[str, str]:
        rows[table].append(rows[table][row] | cells)
        return rows[table][-1]

    return Case(rule, table, change, column, value, level)


def removed(rule: str, table: str, rows_removed: slice, column: str, level: str = "critical") -> Case:
    def change(rows: Rows) -> None:
        del rows[table][rows_removed]

    return Case(rule, table, change, column, None, level)


# Row of a patient on which the case of a single cell happens, chosen so that the cases do not meet: a visit
# whose patient is unclear might belong to any patient of that week, so these are at week 8.
ROW = {"patients": 0, "visits": 2, "labs": 2, "doses": 1, "adverse_events": 0}


def cell_cases(table: str, column: Column) -> list[Case]:
    """What every column of a kind must refuse."""
    base = f"{table}-{column.name}".replace("_", "-")
    suffixes = {rule.removeprefix(base) for rule in RULES if rule.startswith(base)}
    wrong = {
        "-present": "",
        "-format": "p1",
        "-choice": "Other",
        "-placeholder": "n/a",
        "-number": "12,5",
        "-whole": "1.5",
        "-flag": "2",
    }
    return [
        edit(base + suffix, table, ROW[table], **{column.name: text})
        for suffix, text in wrong.items()
        if suffix in suffixes
    ]


def _suite_rules() -> dict[str, dict]:
    return {
        expectation["meta"]["rule"]: expectation
        for suite in SUITES
        for expectation in checkpoint.load_suite(suite)["expectations"]
    }


RULES = _suite_rules()
CELLS = [case for table, all_columns in TABLES.items() for column in all_columns for case in cell_cases(table, column)]
PARTS = "scorad_extent, scorad_intensity, scorad_pruritus, scorad_sleep_loss"

RANGES = [
    edit("patients-age-years-range", "patients", 0, age_years="7.9"),
    edit("patients-weight-kg-range", "patients", 0, weight_kg="0"),
    edit("patients-ad-duration-years-range", "patients", 0, ad_duration_years="-1"),
    edit("patients-last-contact-week-range", "patients", 0, last_contact_week="-1"),
    edit(
        "patients-discontinued-week-range",
        "patients",
        0,
        column="discontinued_week",
        discontinued_week="-2",
        discontinuation_reason="moved away",
    ),
    edit("visits-week-range", "visits", 2, week="-8"),
    edit("visits-iga-range", "visits", 2, iga="5"),
    edit("visits-easi-range", "visits", 2, easi="84.2"),
    edit("visits-scorad-extent-range", "visits", 2, scorad_extent="101"),
    edit("visits-scorad-intensity-range", "visits", 2, scorad_intensity="19"),
    edit("visits-scorad-pruritus-range", "visits", 2, scorad_pruritus="10.1"),
    edit("visits-scorad-sleep-loss-range", "visits", 2, scorad_sleep_loss="-0.1"),
    edit("visits-scorad-range", "visits", 2, scorad="103.1"),
    edit("visits-emollient-per-day-range", "visits", 2, emollient_per_day="-1"),
    edit("labs-week-range", "labs", 2, week="-1"),
    edit("labs-value-range", "labs", 2, value="-0.5"),
    edit("doses-study-day-range", "doses", 0, study_day="0"),
    edit("doses-dose-mg-range", "doses", 1, dose_mg="0"),
    edit("adverse-events-start-day-not-zero", "adverse_events", 0, start_day="0"),
    edit("adverse-events-end-day-not-zero", "adverse_events", 0, end_day="0"),
]

def died(**cells: str) -> Callable[[Rows], dict[str, str]]:
    """The event becomes the cause of death at the end of follow-up, with `cells`."""

    def change(rows: Rows) -> dict[str, str]:
        rows["adverse_events"][0] |= {"start_day": "180", "end_day": "183", "outcome": "fatal"}
        rows["adverse_events"][0] |= {"severity": "severe", "serious": "1"} | cells
        return rows["adverse_events"][0]

    return change


def filled(table: str, *cells: dict[str, str], at: int = 0) -> Callable[[Rows], dict[str, str]]:
    """Overwrites cells of the first rows, one after the other; the finding points at row `at`."""

    def change(rows: Rows) -> dict[str, str]:
        for row, new in zip(rows[table], cells, strict=False):
            row |= new
        return rows[table][at]

    return change


def _ige(*values: str) -> list[dict[str, str]]:
    return [{"value": value} for value in values]


ALMOST_CLEAR = {
    "iga": "1", "easi": "2", "scorad_extent": "5", "scorad_intensity": "2", "scorad_pruritus": "1",
    "scorad_sleep_loss": "0", "scorad": "9",
}  # fmt: skip
SEVERE = {
    "iga": "4", "easi": "30.5", "scorad_extent": "61", "scorad_intensity": "13", "scorad_pruritus": "7.1",
    "scorad_sleep_loss": "6", "scorad": "70.8",
}  # fmt: skip
SCORES = "iga, easi, scorad_extent, scorad_intensity, scorad_pruritus, scorad_sleep_loss, scorad"


def _exchanged(rows: Rows) -> dict[str, str]:
    first, *others = rows["visits"]
    for row in others:
        row |= SEVERE | {"easi": f"{30 + int(row['week']) / 10}"}
    first |= ALMOST_CLEAR
    return first


def _copied(rows: Rows) -> dict[str, str]:
    """The second visit is a copy of the first."""
    rows["visits"][1] |= {name: rows["visits"][0][name] for name in SCORES.split(", ")}
    return rows["visits"][1]


COURSES = [
    edit("visits-emollient-per-day-plausible", "visits", 2, emollient_per_day="20.5"),
    edit("visits-easi-of-clear-skin", "visits", 4, "warning", column="easi, iga", iga="0", easi="0.9"),
    Case("visits-easi-and-scorad-agree", "visits", filled(
        "visits", {}, {"iga": "", "easi": "1"}, at=1), "easi, scorad, scorad_intensity", "1", "warning"),
    edit("visits-iga-and-scorad-agree", "visits", 2, "warning", column="iga, scorad", iga="4", easi="",
         scorad_extent="10", scorad_intensity="5", scorad_pruritus="4", scorad_sleep_loss="1.4", scorad="24.9"),
    edit("visits-extent-and-intensity-agree", "visits", 2, "warning", column="scorad_extent, scorad_intensity",
         scorad_extent="0", easi="1", iga="2", scorad="35.5"),
    edit("visits-extent-and-easi-agree", "visits", 1, "warning", column="scorad_extent, easi, scorad_intensity",
         scorad_extent="4", easi="30", iga="4", scorad="40.3", scorad_intensity="8"),
    Case("visits-not-copied", "visits", _copied, SCORES, "4", "warning"),
    Case("visits-baseline-above-later", "visits", _exchanged, "week, iga, easi, scorad", "0", "warning"),
    edit("visits-easi-in-course", "visits", 1, "warning", column="easi, iga", easi="3", iga="3"),
    edit("labs-week-planned", "labs", 2, "warning", week="9"),
    Case("labs-baseline", "labs", lambda rows: (rows["labs"].pop(0), rows["labs"][0])[1], "patient_id, week, analyte",
         "its own", "warning"),
    Case("labs-value-off-the-others", "labs", filled("labs", *_ige("2400.1", "1600", "1000", "800", "35"), at=4),
         "value", "35", "warning"),
    Case("labs-value-in-course", "labs", filled("labs", *_ige("2400.2", "1600", "1001", "120", "980"), at=3),
         "value", "120", "warning"),
    Case("labs-value-plausible", "labs", filled("labs", *_ige("100001", "90000", "80000", "70000", "60000")),
         "value, unit", "100001", "warning"),
    Case("labs-values-differ", "labs", filled("labs", *_ige(*["777.7"] * 5), at=1), "value", "777.7", "warning"),
    Case("adverse-events-fatal-is-severe", "adverse_events", died(severity="mild"), "severity, outcome", "mild", "warning"),
    edit("adverse-events-end-by-outcome", "adverse_events", 0, "warning", column="end_day, outcome", end_day=""),
    Case("adverse-events-end-by-outcome", "adverse_events", filled("adverse_events", {"outcome": "not recovered"}),
         "end_day, outcome", "26", "warning"),
    repeated("adverse-events-apart", "adverse_events", 0, "start_day, term, patient_id", "27", "warning",
             start_day="27", end_day="30"),
    repeated("adverse-events-one-class", "adverse_events", 0, "system_organ_class, term", "Eye disorders", "warning",
             start_day="40", end_day="45", system_organ_class="Eye disorders"),
    Case("adverse-events-one-death", "adverse_events", lambda rows: (
        died()(rows), rows["adverse_events"].append(rows["adverse_events"][0] | {"term": "Sepsis", "start_day": "181"}),
        rows["adverse_events"][1])[2], "outcome", "fatal"),
    Case("nothing-after-death", "doses", lambda rows: (
        died(start_day="170", end_day="182")(rows), rows["doses"][13])[1], "study_day, given", "183", "warning"),
    edit("event-by-sex", "adverse_events", 0, "warning", term="Testicular torsion"),
]  # fmt: skip

ROWS = [
    edit(
        "patients-ad-duration-within-age",
        "patients",
        0,
        column="ad_duration_years, age_years",
        ad_duration_years="19",
    ),
    edit("patients-weight-for-age", "patients", 0, "warning", column="weight_kg, age_years", weight_kg="650"),
    edit(
        "patients-discontinued-by-last-contact",
        "patients",
        0,
        "warning",
        column="discontinued_week, last_contact_week",
        discontinued_week="30",
        discontinuation_reason="moved away",
    ),
    edit(
        "patients-discontinuation-complete",
        "patients",
        0,
        "warning",
        column="discontinued_week, discontinuation_reason",
        discontinued_week="26",
    ),
    repeated("visits-unique", "visits", 2, "patient_id, week", "its own"),
    edit(
        "visits-baseline-scored",
        "visits",
        0,
        column="iga, easi, scorad",
        iga="",
        easi="",
        scorad="",
        scorad_extent="",
        scorad_intensity="",
        scorad_pruritus="",
        scorad_sleep_loss="",
    ),
    edit("visits-scorad-sum", "visits", 2, column=f"scorad, {PARTS}", scorad="60.2"),
    edit("visits-week-planned", "visits", 2, "warning", week="9"),
    edit(
        "visits-scorad-verifiable",
        "visits",
        2,
        "warning",
        column=f"scorad, {PARTS}",
        scorad="41",
        scorad_pruritus="",
    ),
    edit("visits-scorad-computed", "visits", 2, "warning", column=f"scorad, {PARTS}", scorad=""),
    edit("visits-iga-and-easi-agree", "visits", 2, "warning", column="iga, easi", iga="1", easi="20.4"),
    edit(
        "visits-scored",
        "visits",
        2,
        "warning",
        column="iga, easi, scorad",
        iga="",
        easi="",
        scorad="",
        scorad_extent="",
        scorad_intensity="",
        scorad_pruritus="",
        scorad_sleep_loss="",
    ),
    repeated("labs-unique", "labs", 2, "patient_id, week, analyte", "its own"),
    edit("labs-value-above-zero", "labs", 2, "warning", value="0.0"),
    repeated("doses-unique", "doses", 1, "patient_id, study_day", "its own"),
    edit("doses-given", "doses", 1, "warning", given="0"),
    edit("adverse-events-end-after-start", "adverse_events", 0, column="end_day, start_day", end_day="19"),
    edit("adverse-events-start-on-treatment", "adverse_events", 0, "warning", start_day="-3"),
    repeated(
        "adverse-events-once",
        "adverse_events",
        0,
        "patient_id, term, start_day",
        "its own",
        "warning",
        severity="moderate",
    ),
    Case("adverse-events-fatal-is-serious", "adverse_events", died(serious="0"), "serious, outcome", "0", "warning"),
]

ACROSS = [
    edit("patient-known", "visits", 2, patient_id="P999"),
    edit("patient-known", "labs", 2, patient_id="P999"),
    edit("patient-known", "doses", 13, patient_id="P999"),
    edit("patient-known", "adverse_events", 0, patient_id="P999"),
    repeated("visit-by-last-contact", "visits", 4, "week", "39", week="39", easi="0.81"),
    edit("event-start-by-last-contact", "adverse_events", 0, column="start_day", start_day="191", end_day="300"),
    edit("event-end-by-last-contact", "adverse_events", 0, end_day="191"),
    removed("planned-visit", "visits", slice(1, 2), "patient_id, week", "warning"),
    repeated("lab-by-last-contact", "labs", 4, "week", "39", "warning", week="39"),
    repeated("dose-by-last-contact", "doses", 13, "study_day", "197", "warning", study_day="197"),
    edit("dose-first-on-day-1", "doses", 0, "warning", study_day="2"),
    edit("dose-amount-by-label", "doses", 3, "warning", column="dose_mg, kind", dose_mg="100"),
    edit("event-discontinuation-recorded", "adverse_events", 0, "warning", action="discontinued"),
]

# Where an id in patients.csv is wrong, no row is called foreign; where the patient or the day of a dose is
# unclear, neither the order of doses nor their absence is judged. These cases have cuts of their own.
PATIENT_IDS = [case for case in CELLS if case.table == "patients" and case.column == "patient_id"] + [
    repeated("patients-unique", "patients", 0, "patient_id", "its own")
]
SITES = [case for case in CELLS if case.column == "site"] + [edit("patients-site-of-all", "patients", 0, site="")]
"""Where somebody has a site, everybody needs one."""


def _last_seen(week: str) -> Callable[[Rows], dict[str, str]]:
    """Visits to week 52, and the last contact at `week`."""

    def change(rows: Rows) -> dict[str, str]:
        for later in ("39", "52"):
            rows["visits"].append(rows["visits"][4] | {"week": later, "easi": f"0.{week[-1]}{later[0]}"})
        rows["patients"][0]["last_contact_week"] = week
        return rows["patients"][0]

    return change


ORDER = [
    Case("contact-within-a-year", "patients", _last_seen("105"), "last_contact_week", "105"),
    Case("contact-within-half-a-year", "patients", _last_seen("104"), "last_contact_week", "104", "warning"),
    Case("doses-until-the-end", "patients", lambda rows: (
        rows["doses"].__delitem__(slice(7, None)), rows["patients"][0])[1], "discontinued_week, last_contact_week", "", "warning"),
    edit("discontinuation-has-its-event", "patients", 0, "warning", column="discontinuation_reason",
         discontinued_week="26", discontinuation_reason="Adverse event"),
    edit("dose-kind-by-label", "doses", 3, "warning", kind="loading"),
    edit("dose-interval-by-label", "doses", 13, "warning", study_day="187"),
    removed("baseline-visit", "visits", slice(0, 1), "patient_id, week"),
    removed("patient-treated", "doses", slice(0, None), "patient_id", "warning"),
    Case(
        "dose-by-discontinuation",
        "doses",
        lambda rows: (
            rows["patients"][0].update(discontinued_week="25", discontinuation_reason="moved away"),
            rows["doses"][13],
        )[1],
        "study_day, given",
        "183",
        "warning",
    ),
]

GROUPS = {
    "cells": [case for case in CELLS if case not in PATIENT_IDS + SITES] + RANGES + ROWS + ACROSS + COURSES,
    "ids of patients": PATIENT_IDS,
    "order and absence": ORDER,
    "sites": SITES,
}
CASES = [
    pytest.param(group, number, id=f"{case.rule}-{case.table}")
    for group, cases in GROUPS.items()
    for number, case in enumerate(cases)
]


@dataclass(frozen=True)
class Broken:
    """A cut with one patient for each case: what is expected and what was found, by number of the case."""

    expected: list[tuple]
    found: list[list[tuple]]


def _signature(finding: Finding) -> tuple:
    return finding.rule, finding.level, finding.file, finding.line, finding.column, finding.value


@pytest.fixture(scope="module")
def broken(tmp_path_factory) -> dict[str, Broken]:
    sites = {"sites": "KIEL"}
    return {group: _break(cases, tmp_path_factory.mktemp("cut"), sites.get(group, "")) for group, cases in GROUPS.items()}


def _break(cases: list[Case], folder: Path, site: str) -> Broken:
    # The last patient stays whole, so that no table of a small group is left without a row.
    whole = valid_cut(len(cases) + 1)
    for position, patient in enumerate(whole["patients"]):  # 45 kg: a dose every second week for everyone, 14 in all
        patient |= {"age_years": "14", "weight_kg": "45", "ad_duration_years": f"{4 + position / 100:.2f}", "site": site}
        assert patient["patient_id"] == f"P{position + 1:03}"
    doses = [row for row in valid_cut(7)["doses"] if row["patient_id"] == "P007"]
    assert len(doses) == 14
    whole["doses"] = [dose | {"patient_id": patient["patient_id"]} for patient in whole["patients"] for dose in doses]

    cut: Rows = {table: [] for table in TABLES}
    owner: dict[tuple[str, int], int] = {}
    expected = []
    for number in range(len(cases) + 1):
        patient_id = f"P{number + 1:03}"
        own = {table: [row for row in rows if row["patient_id"] == patient_id] for table, rows in whole.items()}
        place = cases[number].change(own) if number < len(cases) else None
        line = None
        for table, rows in own.items():
            for row in rows:
                cut[table].append(row)
                owner[f"{table}.csv", len(cut[table]) + 1] = number
                if row is place:
                    line = len(cut[table]) + 1
        if number < len(cases):
            case = cases[number]
            value = patient_id if case.value == "its own" else case.value
            expected.append((case.rule, case.level, f"{case.table}.csv", line, case.column, value))
    verdict = check(write_cut(folder, cut), PARAMETERS)
    found: list[list[tuple]] = [[] for _ in range(len(cases) + 1)]
    for finding in verdict.findings:
        number = int(finding.patient_id[1:]) - 1 if finding.line is None else owner[finding.file, finding.line]
        found[number].append(_signature(finding))
    assert found.pop() == [], "the patient that no case touches has findings"
    return Broken(expected, found)


@pytest.mark.parametrize(("group", "number"), CASES)
def test_broken_data_bring_exactly_one_finding(broken, group, number):
    assert broken[group].found[number] == [broken[group].expected[number]]


def test_every_rule_has_data_that_break_it():
    assert {case.rule for cases in GROUPS.values() for case in cases} | {rule for rule, *_ in TWINS} == set(RULES)


TWINS = [
    ("patients-twin", "patients.csv", 8, "P007"),
    ("patients-id-leading-zero", "patients.csv", 9, "P0004"),
    ("visits-own-scores", "visits.csv", 22, "P005"),
    ("labs-own-values", "labs.csv", 27, "P006"),
]


def _rows(cut: Rows, table: str, patient_id: str) -> list[dict[str, str]]:
    return [row for row in cut[table] if row["patient_id"] == patient_id]


def _copy(cut: Rows, table: str, source: str, target: str, *names: str) -> None:
    for row, model in zip(_rows(cut, table, target), _rows(cut, table, source), strict=True):
        row |= {name: model[name] for name in names or model if name != "patient_id"}


def test_two_children_alike_are_found(tmp_path):
    cut = valid_cut(8)
    _copy(cut, "visits", "P001", "P005", *SCORES.split(", "))
    _copy(cut, "labs", "P002", "P006", "value")
    _copy(cut, "patients", "P003", "P007")
    for rows in cut.values():
        for row in rows:
            row["patient_id"] = row["patient_id"].replace("P008", "P0004")
    findings = check(write_cut(tmp_path, cut), PARAMETERS).findings
    assert [(each.rule, each.file, each.line, each.patient_id) for each in findings] == TWINS


def test_what_is_only_near_an_alarm_raises_none(tmp_path):
    """The same kinds just inside what the suites accept."""
    cut = valid_cut(14)
    own = {f"P{number + 1:03}": {table: _rows(cut, table, f"P{number + 1:03}") for table in TABLES} for number in range(14)}
    cells = [  # for each patient: a table, a row, and what it holds
        ("visits", 2, {"emollient_per_day": "20"}),
        ("visits", 4, {"iga": "0", "easi": "0", "scorad_extent": "0", "scorad_intensity": "3", "scorad_pruritus": "7",
                       "scorad_sleep_loss": "4", "scorad": "21.5"}),  # a dry skin that itches
        ("visits", 4, {"iga": "1", "easi": "0", "scorad_extent": "1", "scorad_intensity": "0", "scorad": "1.7"}),
        ("visits", 2, {"easi": "4.5", "iga": "2"}),  # IGA goes with it
        ("labs", 4, {"value": "90"}),  # a fall of 16 times to the last value
        ("adverse_events", 0, {"end_day": "", "outcome": "not recovered"}),
        ("adverse_events", 0, {"end_day": "", "outcome": "unknown", "severity": "severe"}),
        ("adverse_events", 0, {"start_day": "180", "end_day": "184", "outcome": "fatal", "severity": "severe", "serious": "1"}),
        ("patients", 0, {"discontinued_week": "26", "discontinuation_reason": "moved to another city"}),
        ("adverse_events", 0, {"term": "Dysmenorrhoea"}),
        ("visits", 0, {"iga": "3", "easi": "16.1"}),  # the least severe, later better
        ("labs", 2, {"value": "1800", "qualifier": ">"}),
    ]  # fmt: skip
    for (table, row, new), rows in zip(cells, own.values(), strict=False):
        rows[table][row] |= new
    assert own["P010"]["patients"][0]["sex"] == "M"
    own["P010"]["patients"][0]["sex"] = "F"
    again = own["P013"]["adverse_events"][0] | {"start_day": "28", "end_day": "30"}  # two days after the end of the first
    cut["adverse_events"].append(again)
    for row in own["P014"]["labs"]:
        row["value"] = "5.1"  # of few digits, as in nobody else
    own["P014"]["labs"][1]["value"] = "5.2"
    (tmp_path / ".DS_Store").touch()
    (tmp_path / "Thumbs.db").touch()
    findings = check(write_cut(tmp_path, cut), PARAMETERS).findings
    assert [each.message for each in findings] == []


def test_another_file_in_the_folder_is_asked_about(tmp_path):
    folder_of_a_cut = write_valid_cut(tmp_path, patients=1)
    (folder_of_a_cut / "visits (1).csv").touch()
    (folder_of_a_cut / "old").mkdir()
    (folder_of_a_cut / "labs Иванова Анна.csv").touch()
    verdict = check(folder_of_a_cut, PARAMETERS)
    assert verdict.valid
    assert [(each.file, each.level, each.rule) for each in verdict.findings] == [
        (name, "warning", "folder-other-file") for name in ("[withheld]", "old", "visits (1).csv")
    ]
    assert all(each.message.startswith(f"{each.file}: is in the folder") for each in verdict.findings)


# --- the suites ---------------------------------------------------------------------------------------------


def test_rules_are_unique_and_complete():
    names = [
        expectation["meta"]["rule"] for suite in SUITES for expectation in checkpoint.load_suite(suite)["expectations"]
    ]
    assert len(names) == len(set(names))
    for rule, expectation in RULES.items():
        assert rule == rule.lower() and " " not in rule and "_" not in rule
        assert expectation["description"].endswith(".") and expectation["severity"] in {"critical", "warning"}
        assert set(expectation["meta"]["columns"]) <= set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_rules_on_single_columns_follow_from_the_columns(table):
    """So no column is without one, and none is written twice; `python -m expectations.single_columns` writes the files anew."""
    text = (checkpoint.SUITES / f"{table}.json").read_text("utf-8")
    assert text == single_columns.as_text(single_columns.suite(table, json.loads(text)))
    former = {"name": table, "expectations": []}
    guarded = {column for rule in single_columns.suite(table, former)["expectations"] for column in rule["meta"]["columns"][table]}
    assert guarded == {column.name for column in TABLES[table]}


@pytest.mark.parametrize("suite", SUITES)
def test_suite_files_are_stable_and_without_random_ids(suite):
    text = (checkpoint.SUITES / f"{suite}.json").read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
    assert '"id"' not in text


def test_great_expectations_is_imported_only_by_a_check():
    code = (
        "import sys, expectations.gate as gate, expectations.data_docs; "
        "assert callable(gate.check) and callable(gate.read_tables); "
        "assert 'great_expectations' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent.parent)


# --- whole cuts ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def valid(tmp_path_factory) -> tuple[Path, Verdict]:
    folder = write_valid_cut(tmp_path_factory.mktemp("valid"))
    return folder, check(folder, PARAMETERS)


def test_a_valid_cut_has_no_finding_and_gives_its_tables(valid):
    folder, verdict = valid
    assert verdict.valid and verdict.findings == ()
    assert list(read_tables(folder)) == list(TABLES)


def test_the_account_has_every_rule_once(valid):
    _, verdict = valid
    rules = [account["rule"] for account in verdict.expectations]
    outside = [*privacy.WARNING_RULES, *spelling.WARNING_RULES, *folder.RULES]
    assert sorted(rules) == sorted([*reading.READING_RULES, *outside, *RULES])
    for account in verdict.expectations:
        assert list(account) == ["rule", "sentence", "level", "files", "evaluated", "failed"]
        assert account["failed"] == 0
    by_rule = {account["rule"]: account for account in verdict.expectations}
    assert by_rule["visits-easi-range"]["evaluated"] == 30
    assert by_rule["baseline-visit"]["evaluated"] == 6


def _cut_of_one_visit_per_patient(edits: list[dict[str, str]]):
    """Every patient's visit at week 8 has the cells of one of `edits`."""
    cut = valid_cut(len(edits))
    for row, cells in zip([row for row in cut["visits"] if row["week"] == "8"], edits, strict=True):
        row |= cells
    return cut


NOT_NUMBERS = [
    "NA",
    "n/a",
    "N/A",
    "NaN",
    "nan",
    "inf",
    "-inf",
    "Infinity",
    "1e3",
    "1e999",
    "0x1F",
    "12,5",
    "1.234,5",
    "1,000",
    "1 000",
    "1'000",
    "+5",
    ".5",
    "5.",
    "1_000",
    "٣",
    "−3",
    "12.5 %",
    "<2",
    "?",
    "None",
    "null",
    "TRUE",
    "#N/A",
    "1234567890",
    "1-2",
    "5" * 400,
]


def test_only_plain_numbers_are_numbers(tmp_path):
    cut = _cut_of_one_visit_per_patient([{"easi": text} for text in NOT_NUMBERS])
    findings = check(write_cut(tmp_path, cut), PARAMETERS).findings
    assert [finding.rule for finding in findings] == ["visits-easi-number"] * len(NOT_NUMBERS)
    assert [finding.value for finding in findings[:-1]] == NOT_NUMBERS[:-1]
    assert findings[-1].value == "5" * 79 + "…"


def test_limits_belong_to_the_accepted_ranges(tmp_path):
    """Both ends of each range, whole numbers written 61.0, and the widest deviations allowed."""
    cut = _cut_of_one_visit_per_patient(
        [
            {
                "iga": "4",
                "easi": "72",
                "scorad_extent": "100.0",
                "scorad_intensity": "18.0",
                "scorad_pruritus": "10",
                "scorad_sleep_loss": "10",
                "scorad": "103",
            },
            {
                "iga": "0",
                "easi": "0",
                "scorad_extent": "0",
                "scorad_intensity": "0",
                "scorad_pruritus": "0",
                "scorad_sleep_loss": "0",
                "scorad": "0.1",
                "tcs_use": "0.0",
                "emollient_per_day": "0",
            },
            {
                "scorad_extent": "60",
                "scorad_intensity": "14",
                "scorad_pruritus": "8",
                "scorad_sleep_loss": "7.5",
                "scorad": "76.6",
            },
            {"iga": "2", "easi": "7.1", "week": "8.0"},
            {"iga": "4", "easi": "50.1", "scorad_extent": "", "scorad": ""},
            {"iga": "", "easi": "", "scorad": "41.0"}
            | {
                "scorad_extent": "35",
                "scorad_intensity": "8",
                "scorad_pruritus": "3",
                "scorad_sleep_loss": "3",
            },
        ]
    )
    cut["patients"][0] |= {"age_years": "8.0", "ad_duration_years": "8"}
    cut["patients"][1] |= {
        "age_years": "18",
        "weight_kg": "60",
        "discontinued_week": "26",
        "discontinuation_reason": "none",
        "prior_systemic_therapy": "none",
    }
    cut["adverse_events"][2] |= {"start_day": "190", "end_day": "190"}
    cut["adverse_events"][3] |= {"end_day": "", "outcome": "unknown", "serious": "1.0"}
    own_doses = [dose for dose in cut["doses"] if dose["patient_id"] == "P005"]
    own_doses[-1]["study_day"] = str(int(own_doses[-1]["study_day"]) + 3)
    cut["labs"][0] |= {"qualifier": ">", "value": "5000"}
    folder = write_cut(tmp_path, cut)
    verdict = check(folder, PARAMETERS)
    # Patient 2 became heavy enough for another dose; nothing else is worth a word.
    assert {(finding.rule, finding.patient_id) for finding in verdict.findings} == {("dose-amount-by-label", "P002")}
    assert read_tables(folder)["visits"]["scorad_intensity"].dtype == "Int64"


def test_a_cut_may_be_without_adverse_events(tmp_path):
    cut = valid_cut(2) | {"adverse_events": []}
    folder = write_cut(tmp_path, cut)
    assert check(folder, PARAMETERS).valid and len(read_tables(folder)["adverse_events"]) == 0


def test_a_check_prints_nothing_and_leaves_the_folder_as_it_was(tmp_path, capfd):
    folder = write_valid_cut(tmp_path, patients=1)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    check(folder, PARAMETERS)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert capfd.readouterr() == ("", "")  # standard output is for the product; no progress bars either
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path):
    cut = valid_cut(2)
    cut["labs"][3]["unit"] = "IU/mL"
    write_cut(tmp_path, cut)
    (tmp_path / "visits.csv").unlink()
    verdict = check(tmp_path, PARAMETERS)
    assert [(finding.file, finding.line, finding.rule) for finding in verdict.findings] == [
        ("visits.csv", None, "file-absent"),
        ("labs.csv", 5, "labs-unit-choice"),
    ]
    assert not verdict.valid
    evaluated = {account["rule"]: account["evaluated"] for account in verdict.expectations}
    assert evaluated["visits-easi-range"] == 0 and evaluated["labs-unit-choice"] == 10


def test_without_patients_nobody_is_called_unknown(tmp_path):
    write_cut(tmp_path, valid_cut(2))
    (tmp_path / "patients.csv").write_bytes(b"")
    assert [finding.rule for finding in check(tmp_path, PARAMETERS).findings] == ["file-empty"]


def test_an_empty_folder_is_five_absent_files(tmp_path):
    findings = check(tmp_path, PARAMETERS).findings
    assert [(finding.file, finding.rule) for finding in findings] == [
        (f"{table}.csv", "file-absent") for table in TABLES
    ]


@pytest.fixture(scope="module")
def findings_of_a_careless_cut(tmp_path_factory) -> tuple[Finding, ...]:
    cut = valid_cut(4)
    visits = [row for row in cut["visits"] if row["patient_id"] == "P003"]
    visits[3]["easi"] = "84.2"
    visits[0] |= {
        "scorad_extent": "60",
        "scorad_intensity": "14",
        "scorad_pruritus": "8",
        "scorad_sleep_loss": "7.5",
        "scorad": "71.0",
    }
    for dose in [row for row in cut["doses"] if row["patient_id"] == "P004"]:
        dose["patient_id"] = "P099"
    cut["adverse_events"][0]["end_day"] = "19"
    cut["labs"][0]["unit"] = "kU\x1b[31m"
    return check(write_cut(tmp_path_factory.mktemp("careless"), cut), PARAMETERS).findings


def test_messages_read_like_a_colleague_wrote_them(findings_of_a_careless_cut):
    assert [finding.message for finding in findings_of_a_careless_cut] == [
        "visits.csv line 12: scorad is 71.0, but scorad_extent 60, scorad_intensity 14, scorad_pruritus 8 "
        "and scorad_sleep_loss 7.5 give 76.5; correct whichever is wrong (patient P003, week 0)",
        "visits.csv line 15: easi is 84.2; EASI runs from 0 to 72 (patient P003, week 16)",
        'labs.csv line 2: unit is "kU\\x1b[31m", which holds a line break or another control character; '
        "remove it (patient P001)",
        "doses.csv line 37: patient_id P099 is not in patients.csv; so it is on lines 38, 39, 40, 41, 42, "
        "43, 44, 45 and 5 more; correct the id, or add the patient there (patient P099, day 1)",
        "adverse_events.csv line 2: end_day is 19, before start_day 20; correct whichever is wrong "
        "(patient P001, day 20)",
    ]


def test_findings_are_plain_data_in_the_order_of_the_contract(findings_of_a_careless_cut):
    records = json.loads(json.dumps([finding.as_dict() for finding in findings_of_a_careless_cut]))
    for record in records:
        assert list(record) == [
            "file",
            "line",
            "column",
            "value",
            "patient_id",
            "week",
            "level",
            "rule",
            "message",
        ]
    assert records[2]["value"] == "kU\\x1b[31m"
    assert (records[1]["patient_id"], records[1]["week"], records[4]["week"]) == ("P003", 16, None)


def test_a_wrong_last_contact_is_one_finding_for_each_file(tmp_path):
    cut = valid_cut(2)
    cut["patients"][0]["last_contact_week"] = "2"
    findings = check(write_cut(tmp_path, cut), PARAMETERS).findings
    assert [(finding.file, finding.line, finding.rule, finding.level) for finding in findings] == [
        ("visits.csv", 3, "visit-by-last-contact", "critical"),
        ("labs.csv", 3, "lab-by-last-contact", "warning"),
        ("doses.csv", 3, "dose-by-last-contact", "warning"),
        ("adverse_events.csv", 2, "event-end-by-last-contact", "critical"),
    ]
    assert "so it is on lines 4, 5, 6" in findings[0].message and "patients.csv line 2" in findings[0].message


def test_settings_of_the_study_move_the_limits(tmp_path):
    folder = write_valid_cut(tmp_path, patients=11, label="eu")
    strict = PARAMETERS | {
        "age_min": 12,
        "label": "eu",
        "planned_weeks": [0, 4, 16, 26],
        "scorad_tolerance": 0.0,
    }
    found = {(finding.rule, finding.patient_id) for finding in check(folder, strict).findings}
    young = {("patients-age-years-range", f"P{number:03}") for number in range(1, 5)}
    unplanned = {(f"{table}-week-planned", f"P{number:03}") for table in ("visits", "labs") for number in range(1, 12)}
    assert found == young | unplanned


def test_what_has_not_changed_is_not_examined_again_and_what_has_is(tmp_path, monkeypatch):
    """Within one process, by the content of each table; the findings are those of a process that knows nothing."""
    asked = []
    given = checkpoint._used
    monkeypatch.setattr(checkpoint, "_used", lambda suite, parameters: asked.append(suite["name"]) or given(suite, parameters))
    cut = valid_cut(3)
    check(write_cut(tmp_path, cut), PARAMETERS)
    known = dict(checkpoint._LATELY)
    cut["visits"][2]["easi"] = "84.2"
    changed = check(write_cut(tmp_path, cut), PARAMETERS)
    assert asked == [*SUITES] * 2
    assert 1 <= len(checkpoint._LATELY.keys() - known.keys()) <= 2  # visits, and where they look at it the rules that span files
    narrower = check(tmp_path, PARAMETERS | {"age_max": 9})
    assert {finding.file for finding in narrower.findings} == {"patients.csv", "visits.csv"}
    monkeypatch.setattr(checkpoint, "_LATELY", {})
    assert check(tmp_path, PARAMETERS).findings == changed.findings
