"""Exposure by child, intervals and the label's options, by hand."""

import pytest
from example_tables import cohort, design, dose, ige, patient, shipped, survives, tables_of, visit

from analysis import exposure_shown
from analysis.compute import compute
from analysis.exposure import child_exposure, dose_conformity
from expectations.derived import _follow_patient
from protocol import treatment

CHILD = {"age_years": 10, "weight_kg": 34}


def cut(doses, **cells):
    return tables_of(patients=[patient(1, **cells)], visits=[visit(1, 0)], labs=[ige(1, 0, 9)], doses=doses)


def european(*days_and_mg):
    """Two loading doses, then maintenance on these days."""
    loading = [dose(1, 1, 300, "loading"), dose(1, 15, 300, "loading")]
    return cut([*loading, *(dose(1, day, mg) for day, mg in days_and_mg)], **CHILD)


@pytest.mark.parametrize(
    ("doses", "conforming"),
    [
        ([(43, 300), (71, 300), (99, 300)], 5),
        ([(29, 200), (43, 200), (57, 200)], 5),
        ([(43, 200), (57, 200), (71, 200)], 5),
        ([(43, 300), (57, 200), (71, 200)], 5),
        ([(43, 300), (71, 200), (85, 200)], 5),
        ([(29, 200), (43, 200), (71, 300), (99, 300)], 6),
        ([(29, 200), (57, 200), (85, 200)], 3),
        ([(29, 300), (43, 300)], 2),
        ([(43, 250), (71, 300)], 3),
    ],
    ids=["every 4 weeks", "option from day 29", "option from day 43", "raised after 2 weeks", "raised after 4 weeks",
         "and back", "200 mg too rarely", "300 mg too often", "neither amount"],
)  # fmt: skip
def test_a_child_on_the_european_option_conforms(doses, conforming):
    results = compute(european(*doses), design(label="eu"))
    found = {part: results[f"exposure.doses.conforming.{part}"].value for part in ("n", "N")}
    assert found == {"n": conforming, "N": 2 + len(doses)}


@pytest.mark.parametrize(
    ("doses", "off"), [([(29, 200), (43, 200)], 0), ([(43, 200), (57, 200)], 0), ([(29, 200), (57, 200)], 14)]
)
def test_the_data_check_judges_as_the_analysis_does(doses, off):
    rows = [
        {"study_day": day, "dose_mg": mg, "kind": kind, "given": 1, "line": day}
        for day, mg, kind in [(1, 300, "loading"), (15, 300, "loading"), *((*d, "maintenance") for d in doses)]
    ]
    _follow_patient(rows, treatment.regimens("eu", **CHILD), [])
    assert [row["mg off the label"] for row in rows] == [0] * len(rows)
    assert max(row.get("days off the label", 0) for row in rows) == off


def test_the_option_is_for_6_to_11_years_under_60_kg_in_europe_only():
    assert [plan.maintenance_mg for plan in treatment.regimens("eu", 11, 59.9)] == [300, 200]
    for where, age, weight in (("us", 10, 34), ("eu", 12, 34), ("eu", 10, 60), ("eu", 18, 50)):
        assert treatment.regimens(where, age, weight) == (treatment.regimen(where, age, weight),)


def test_expected_doses_run_to_the_last_contact_or_the_day_before_the_stop():
    days = [dose(1, 1, 400, "loading"), *(dose(1, day) for day in (15, 29))]
    usual = child_exposure(cut(days, last_contact_week=6), design()).loc["P001"]
    assert (usual["expected"], usual["given"], usual["weeks"]) == (4, 3, 6)
    assert usual["all_conform"], "the dose of day 43 may still come within the window"
    longer = child_exposure(cut(days, last_contact_week=6.6), design()).loc["P001"]
    assert not longer["all_conform"], "the dose of day 43 is lacking"
    stopped = child_exposure(cut(days, last_contact_week=26, discontinued_week=6), design()).loc["P001"]
    assert (stopped["expected"], stopped["weeks"]) == (3, 6)
    assert stopped["all_conform"]


def test_expected_doses_follow_the_regimen_in_use():
    found = child_exposure(european((29, 200), (43, 200)), design(label="eu")).loc["P001"]
    assert found["expected"] == len(treatment.regimens("eu", **CHILD)[1].days(183))
    assert found["regimen"] == "200 mg every 2 weeks"


def test_totals_are_the_sums_of_the_children():
    tables, how, results = shipped()
    children = child_exposure(tables, how)
    assert results["exposure.doses_expected.n"].value == children["expected"].sum()
    assert results["exposure.doses.given.n"].value == children["given"].sum()
    assert results["exposure.doses.conforming.n"].value == children["conforming"].sum()
    assert results["exposure.children_conforming.n"].value == children["all_conform"].sum()
    share = 100 * children["given"].sum() / children["expected"].sum()
    assert results["exposure.doses_expected.given.percent"].value == pytest.approx(share)
    count = sum(results[f"exposure.interval_{name}.n"].value for name in ("q2w", "q4w"))
    assert count == dose_conformity(tables, how)["interval_days"].notna().sum()
    assert len(exposure_shown.by_child_table(tables, how, results).rows) == len(tables.patients)


def test_nobody_treated():
    results = survives(cohort([({}, {})], doses=[dose(1, 1, given=0)]), pictures=[])
    assert results["exposure.weeks_on_treatment.max"].value == 0
    assert results["exposure.children_conforming.percent"].reason == "no patients"
    assert results["exposure.interval_q2w.median"].reason == "no values"
    assert results["exposure.doses_expected.given.percent"].value == 0


def test_stopped_before_anything_was_due():
    found = cut([dose(1, 1, 400, "loading")], last_contact_week=1, discontinued_week=0)
    results = survives(found, pictures=[])
    assert results["exposure.doses_expected.given.percent"].reason == "no dose was due"
