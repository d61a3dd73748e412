"""Alternative texts: the numbers of the data, in plain words that fit into an attribute."""

import csv
from statistics import median

import pytest
from example_tables import CUT, alt_texts, cohort, design, ige, patient, shipped

from analysis.compute import compute
from analysis.core.display import number


def rows(table: str) -> list[dict[str, str]]:
    with (CUT / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def median_at(column: str, week: int) -> str:
    return number(median(float(row[column]) for row in rows("visits") if int(row["week"]) == week and row[column]), 1)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    _, how, results = shipped()
    return alt_texts(how, results)


def test_patient_flow_counts_rows(texts):
    seen = {week: sum(int(row["week"]) == week for row in rows("visits")) for week in (0, 4, 8, 16, 26)}
    visits = (
        f"{seen[0]} at baseline, {seen[4]} at week 4, {seen[8]} at week 8, {seen[16]} at week 16, {seen[26]} at week 26"
    )
    assert not any(row["discontinued_week"] for row in rows("patients"))
    assert (
        texts["patient_flow"]
        == f"Flow of patients: {len(rows('patients'))} enrolled; seen {visits}; nobody stopped treatment."
    )


def test_iga_distribution_counts_clear_and_almost_clear(texts):
    for week, name in ((4, "week 4"), (8, "week 8"), (16, "week 16"), (26, "week 26")):
        grades = [int(row["iga"]) for row in rows("visits") if int(row["week"]) == week and row["iga"]]
        assert f"{sum(grade <= 1 for grade in grades)} of {len(rows('patients'))} at {name}" in texts["iga_distribution"]


def test_waterfall_gives_extremes_and_responders(texts):
    easi = {(row["patient_id"], int(row["week"])): row["easi"] for row in rows("visits")}
    falls = [100 - 100 * float(easi[child, 26]) / float(easi[child, 0]) for child, week in easi if week == 26]
    text = texts["easi_waterfall"]
    assert f"each of {len(falls)} children" in text
    assert f"from −{min(falls):.1f} to −{max(falls):.1f} percent" in text
    for threshold in (50, 75, 90):
        assert f"EASI-{threshold} by {sum(fall >= threshold - 1e-9 for fall in falls)}" in text


@pytest.mark.parametrize(("name", "column"), [("easi", "easi"), ("scorad", "scorad"), ("itch_and_sleep",
                                              "scorad_pruritus"), ("itch_and_sleep", "scorad_sleep_loss")])  # fmt: skip
def test_courses_give_the_median_of_every_visit(texts, name, column):
    assert f"{median_at(column, 0)} at baseline, {median_at(column, 4)} at week 4" in texts[name]
    assert f"{median_at(column, 26)} at week 26" in texts[name]


def test_responders_at_the_last_visit(texts):
    assert "IGA 0/1 96.3 percent (81.0 to 99.9) at week 26; EASI-50" in texts["responders_over_time"]


def test_ige_pairs_gives_geometric_means(texts):
    values = {(row["patient_id"], int(row["week"])): float(row["value"]) for row in rows("labs")}
    pairs = sum((child, 26) in values for child, week in values if week == 0)
    means = []
    for at in (0, 26):
        product, found = 1.0, [value for (_, week), value in values.items() if week == at]
        for value in found:
            product *= value ** (1 / len(found))
        means.append(f"{product:.0f}")
    assert f"both values of {pairs} children" in texts["ige_pairs"]
    assert f"geometric mean {means[0]} and {means[1]} kU/L" in texts["ige_pairs"]


def test_the_cohort_counts_doses_and_events(texts):
    given = [row["given"] for row in rows("doses")].count("1")
    events = [row for row in rows("adverse_events") if int(row["start_day"]) >= 1]
    eyes = sum(row["term"].lower() == "conjunctivitis" for row in events)
    assert f"{given} doses given, {len(rows('doses')) - given} missed" in texts["every_patient"]
    assert (
        f"{len(events)} adverse events in {len({row['patient_id'] for row in events})} children, {eyes} of them"
        in texts["every_patient"]
    )


def test_they_fit_into_an_attribute_in_every_cohort(texts):
    empty = compute(
        cohort([({}, None)], patients=[patient(1, last_contact_week=0)], labs=[ige(1, 0, 5, ">")]), design()
    )
    for text in [*texts.values(), *alt_texts(design(), empty).values()]:
        assert not set(text) & set('"{}`\n\\<>')
        assert not [word for word in ("nan", "NaN", "None") if word in text.split()]
        assert text.endswith(".")
        assert 40 < len(text) < 600
