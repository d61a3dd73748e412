"""Subgroups: who belongs where, and that the parts add up to the whole."""

import pytest
from example_tables import cohort, design, ige, patient, shipped
from scipy import stats

from analysis.core.results import Results
from analysis.subgroups import headings, members, subgroups
from protocol.outcomes import PRIMARY

NOTHING: dict = {}
BAD = {"iga": 4, "easi": 40}


def test_edges_of_the_groups():
    patients = [
        patient(1, age_years=11, sex="M", weight_kg=29.9, asthma=0), patient(2, age_years=12, weight_kg=30),
        patient(3, weight_kg=59.9), patient(4, weight_kg=60),
    ]  # fmt: skip
    pairs = [({"easi": easi}, NOTHING) for easi in (30, 40, 50, None)]
    labs = [ige(1, 0, 100), ige(2, 0, 5000, ">"), ige(3, 0, 5000), ige(1, 26, 9)]
    groups = members(cohort(pairs, patients=patients, labs=labs), "us")
    assert groups["age_under_12"] == {"P001"} and groups["age_12_and_over"] == {"P002", "P003", "P004"}
    assert groups["boys"] == groups["no_asthma"] == groups["weight_under_30"] == {"P001"}
    assert groups["weight_30_to_60"] == {"P002", "P003"} and groups["weight_60_and_over"] == {"P004"}
    assert groups["easi_up_to_median"] == {"P001", "P002"} and groups["easi_above_median"] == {"P003"}
    assert groups["ige_up_to_median"] == {"P001", "P003"} and groups["ige_above_median"] == {"P002"}


def test_groups_add_up_and_have_exact_intervals():
    _, _, results = shipped()
    for outcome in (response.id for response in PRIMARY):
        whole = [results[f"efficacy.{outcome}.w26.nri.{part}"].value for part in ("n", "N")]
        for heading, groups in headings("us").items():
            parts = [[results[f"subgroups.{outcome}_{group}.w26.nri.{part}"].value for part in ("n", "N", "ci_low")]
                     for group in groups]  # fmt: skip
            assert [sum(n for n, _, _ in parts), sum(of for _, of, _ in parts)] == whole, heading
            for n, of, low in parts:
                assert low == pytest.approx(100 * stats.beta.ppf(0.025, n, of - n + 1))


def test_nobody_in_a_group_and_missing_is_no_response():
    results = Results(subgroups(cohort([(NOTHING, NOTHING), (NOTHING, None), (NOTHING, BAD)], labs=[]), design()))
    assert results["subgroups.easi_75_boys.w26.nri.percent"].reason == "no patients"
    assert results["subgroups.easi_75_ige_above_median.w26.nri.N"].value == 0
    assert [results[f"subgroups.easi_75_girls.w26.nri.{part}"].value for part in ("n", "N")] == [1, 3]
