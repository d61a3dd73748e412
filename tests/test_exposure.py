"""Exposure by child, intervals and the label's options, by hand."""

import random
import re

import pandas as pd
import pytest
from example_tables import cohort, design, dose, ige, patient, shipped, survives, tables_of, visit

from analysis import exposure_shown
from analysis.compute import compute
from analysis.core.results import Results
from analysis.core.words import Words
from analysis.exposure import child_exposure, dose_conformity, exposure
from analysis.population import population
from expectations.across import _follow_doses, known_patients
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
    taken = [(1, 300, "loading"), (15, 300, "loading"), *((*each, "maintenance") for each in doses)]
    rows = pd.DataFrame(taken, columns=["study_day", "dose_mg", "kind"], dtype=object).astype({"study_day": float, "dose_mg": float})
    rows = rows.assign(patient_id="P001", line=rows["study_day"])
    rows["patient known"] = 1.0
    children = known_patients(pd.DataFrame([{"patient_id": "P001", "line": 2, **CHILD}]))
    of_file = rows.assign(given=1.0)
    of_file["earlier line"] = float("nan")
    _follow_doses(rows, of_file, children, "eu")
    assert rows["mg off the label"].tolist() == [0] * len(rows)
    assert rows["days off the label"].max() == off


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
    assert found["regimen"].words == "200 mg every 2 weeks"


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
    assert len(exposure_shown.by_child_table(tables, how, results).rows) == len(tables.patients) + 1


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


def kept(length: int, *moved: tuple[int, int], gone: tuple[int, ...] = (), missed: tuple[int, ...] = (), **cells):
    """A patient of 200 mg every 2 weeks with this many doses, some on another day, without a row, or recorded as missed."""
    days = dict(enumerate(range(1, 14 * length, 14))) | dict(moved)
    rows = [
        dose(1, day, 200 if n else 400, "maintenance" if n else "loading", given=int(n not in missed))
        for n, day in days.items()
        if n not in gone
    ]
    return cut(rows, **({"last_contact_week": 16} | cells))


PARTS = ("expected", "given", "missed", "lacking", "not_yet_late", "beyond")


@pytest.mark.parametrize(
    ("found", "parts", "label_kept"),
    [
        (kept(9), (9, 9, 0, 0, 0, 0), True),
        (kept(8), (9, 8, 0, 0, 1, 0), True),
        (kept(8, last_contact_week=16.5), (9, 8, 0, 1, 0, 0), False),
        (kept(9, missed=(8,)), (9, 8, 1, 0, 0, 0), False),
        (kept(9, missed=(4,)), (9, 8, 1, 0, 0, 0), False),
        (kept(9, gone=(4,)), (9, 8, 0, 0, 1, 0), False),  # by number the last, by its interval another one: off the label
        (kept(7), (9, 7, 0, 1, 1, 0), False),
        (kept(10), (9, 10, 0, 0, 0, 1), True),
        (kept(9, discontinued_week=4), (2, 9, 0, 0, 0, 7), True),
        (kept(0), (9, 0, 0, 8, 1, 0), False),
    ],
)
def test_what_became_of_the_doses_due(found, parts, label_kept):
    child = child_exposure(found, design()).loc["P001"]
    assert tuple(child[part] for part in PARTS) == parts
    assert child["all_conform"] == label_kept


@pytest.mark.parametrize(("label", "window"), [("us", 0), ("us", 3), ("eu", 3), ("eu", 13)])
def test_doses_add_up_for_every_patient_and_in_all(label, window):
    chance = random.Random(f"{label} {window}")
    patients, doses = [], []
    for number in range(1, 61):
        age, weight, last = chance.randint(6, 30), chance.randint(15, 90), chance.choice([0, 2, 7.3, 16, 26, 26.4])
        stop = chance.choice([{}, {}, {"discontinued_week": chance.choice([0, 1.5, 8, 30])}])
        patients.append(patient(number, age_years=age, weight_kg=weight, last_contact_week=last, **stop))
        for day in treatment.regimen(label, age, weight).days(int(7 * last) + chance.choice([-20, 1, 20])):
            if chance.random() > 0.1:
                kind = "loading" if day == 1 else "maintenance"
                doses.append(dose(number, day + chance.randint(0, 5), kind=kind, given=int(chance.random() > 0.1)))
    tables, how = tables_of(patients=patients, visits=[visit(1, 0)], doses=doses), design(label=label, dose_window_days=window)
    children, results = child_exposure(tables, how), rows(tables, how)
    due, given, missed, lacking, not_yet_late, beyond = (children[part] for part in PARTS)
    assert (due + beyond == given + missed + lacking + not_yet_late).all()
    assert (children[list(PARTS)] >= 0).all(axis=None) and (lacking > 0).any() and (beyond > 0).any()
    assert window == 0 or (not_yet_late > 0).any()
    kept = children[children["all_conform"]]
    assert (kept["given"] + kept["not_yet_late"] >= kept["expected"]).all() and (kept["lacking"] == 0).all()
    ids = ("doses_expected", "doses.given", "doses.missed", *(f"doses_expected.{part}" for part in PARTS[3:]))
    totals = [results[f"exposure.{each}.n"].value for each in ids]
    assert totals == [children[part].sum() for part in PARTS]
    shown = exposure_shown.by_child_table(tables, how, results).rows
    assert [[int(cell) for cell in row[3:9]] for row in map(plain, shown)][-1] == totals
    assert [[int(cell) for cell in plain(row)[3:9]] for row in shown[:-1]] == children[list(PARTS)].to_numpy().tolist()


def rows(found, how) -> Results:
    """The results that the sentences on exposure need."""
    return Results([*population(found, how), *exposure(found, how)])


def plain(cells) -> list[str]:
    return [re.sub("<[^>]*>", "", cell).replace(",", "") for cell in cells]


def said(found, about=exposure_shown.exposure_paragraph, **settings) -> str:
    how = design(**settings)
    words = Words(rows(found, how))
    return re.sub(r"<[^>]*>|\\", "", about(words, how)).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("found", "settings", "sentences"),
    [
        (kept(9), {}, ["had 9 doses due; all of them were given.", "In adolescents on a dose every 2 weeks, every interval",
                       "The label was kept throughout."]),
        (kept(8), {}, ["9 doses due: 8 were given (88.9 %) and 1, due in the last 3 days and without a record, was not yet late.",
                       "The label was kept throughout; doses not yet late do not count against it."]),
        (kept(9, missed=(4,)), {}, ["9 doses due: 8 were given (88.9 %) and 1 was recorded as missed.", "was not kept throughout."]),
        (kept(7), {}, ["7 were given (77.8 %), 1 is lacking in the record and 1, due in the last 3 days"]),
        (kept(10), {}, ["9 doses due: 10 were given; of the doses recorded, 1 was beyond those due."]),
        (kept(1, last_contact_week=1), {}, ["Treatment lasted 1.0 weeks, 0.0 patient-years", "had 1 dose due; it was given."]),
        (kept(2, last_contact_week=2), {}, ["the only interval before a maintenance dose was 14 days."]),
        (european((43, 300)), {"label": "eu"}, ["on a dose every 4 weeks, the only interval before a maintenance dose was 28",
                                                "Between loading doses, the only interval was 14 days.",
                                                "Beside 300 mg every 4 weeks, the label names 200 mg every 2 weeks as an option"]),
        (kept(0), {}, ["Nobody received a dose (@tbl-exposure-by-child)."]),
    ],
)  # fmt: skip
def test_sentences_on_exposure(found, settings, sentences):
    text = said(found, **settings)
    for sentence in sentences:
        assert sentence in text
    assert "not estimable" not in text and "1 doses" not in text and not re.search(r"\b(\d+) to \1\b", text)
    assert ("every 4 weeks" in text) == (settings != {})


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (kept(9), "9 doses were given; no dose was recorded as missed. Every dose given followed the label in amount and interval"),
        (kept(1), "1 dose was given"),
        (kept(9, missed=(4,)), "8 doses were given; 1 was recorded as missed. Of the doses given, 87.5 % followed the label"),
        (kept(0), "No dose was given (@tbl-exposure)."),
        (kept(1, missed=(0,)), "No dose was given (@tbl-exposure; 1 was recorded as missed)."),
    ],
)
def test_sentences_on_doses(found, sentence):
    text = said(found, about=lambda words, _: exposure_shown.doses_paragraph(words))
    assert text.startswith(sentence)
    table = exposure_shown.off_label(found, design(), Words(rows(found, design())))
    assert ("@tbl-off-label" in text) == (table is not None)
