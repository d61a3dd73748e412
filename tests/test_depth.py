"""Depth of response: thresholds at their edges, strata and moves against the CSV file."""

import csv
from collections import Counter
from itertools import pairwise

import pytest
from example_tables import CUT, cohort, design, patient, shipped, visit

from analysis.core.results import Results
from analysis.depth import STRATA, depth, move_variable, stratum_variable

NOTHING: dict = {}


def found(tables) -> Results:
    return Results(depth(tables, design()))


def counts(pairs, variable: str) -> tuple[int, int]:
    results = found(cohort(pairs))
    return tuple(results[f"efficacy.{variable}.w26.nri.{part}"].value for part in ("n", "N"))


@pytest.mark.parametrize(
    ("variable", "before", "after", "responds"),
    [
        ("easi_100", {}, {"easi": 0}, True),
        ("easi_100", {}, {"easi": 0.1}, False),
        ("easi_mid", {"easi": 24.9}, {"easi": 18.3}, True),  # 6.599999... in binary
        ("easi_mid", {"easi": 24.9}, {"easi": 18.4}, False),
        ("scorad_mid", {"scorad": 76.5}, {"scorad": 67.8}, True),
        ("scorad_mid", {"scorad": 76.5}, {"scorad": 67.9}, False),
        ("scorad_50", {"scorad": 76.6}, {"scorad": 38.3}, True),
        ("scorad_50", {"scorad": 76.6}, {"scorad": 38.4}, False),
        ("scorad_75", {"scorad": 70.0}, {"scorad": 17.5}, True),
        ("scorad_75", {"scorad": 70.0}, {"scorad": 17.6}, False),
        ("scorad_35", {"scorad": 70.0}, {"scorad": 45.5}, True),
        ("itch_4", {"scorad_pruritus": 8.1}, {"scorad_pruritus": 4.1}, True),
        ("itch_4", {"scorad_pruritus": 8.1}, {"scorad_pruritus": 4.2}, False),
    ],
)
def test_exactly_the_threshold_is_a_response(variable, before, after, responds):
    assert counts([(before, after)], variable) == (int(responds), 1)


def test_itch_counts_those_who_had_enough_of_it():
    pairs = [({"scorad_pruritus": 4}, {"scorad_pruritus": 0}), ({"scorad_pruritus": 3.9}, {"scorad_pruritus": 0}),
             ({"scorad_pruritus": None}, {"scorad_pruritus": 0}), ({"scorad_pruritus": 9}, None)]  # fmt: skip
    results = found(cohort(pairs))
    prefix = "efficacy.itch_4.w26"
    assert [results[f"{prefix}.nri.{part}"].value for part in ("n", "N")] == [1, 2]
    assert [results[f"{prefix}.observed.{part}"].value for part in ("n", "N")] == [1, 1]


def test_nobody_itched_enough():
    results = found(cohort([({"scorad_pruritus": 1}, NOTHING)] * 2))
    assert results["efficacy.itch_4.w26.nri.N"].value == 0
    assert results["efficacy.itch_4.w26.nri.percent"].reason == "no patients"


def test_stopping_treatment_is_no_response():
    stopped = [patient(1, discontinued_week=20, discontinuation_reason="moved"), patient(2)]
    results = found(cohort([(NOTHING, NOTHING)] * 2, patients=stopped))
    assert [results[f"efficacy.scorad_50.w26.{method}.n"].value for method in ("nri", "observed")] == [1, 2]


def stratum(easi: str) -> int:
    if easi == "":
        return 6
    return next(i for i, bound in enumerate((0, 1, 7, 21, 50, 72)) if float(easi) <= bound)


def test_strata_and_moves_against_the_file():
    results = shipped()[2]
    with (CUT / "visits.csv").open(encoding="utf-8", newline="") as file:
        place = {(row["patient_id"], int(row["week"])): stratum(row["easi"]) for row in csv.DictReader(file)}
    children = {child for child, _ in place}
    weeks = [0, 4, 8, 16, 26]
    for week in weeks:
        by_hand = Counter(place.get((child, week), 6) for child in children)
        for number in range(6):
            assert results[f"efficacy.{stratum_variable(number)}.w{week}.observed.n"].value == by_hand[number]
    for before, week in pairwise(weeks):
        by_hand = Counter((place.get((child, before), 6), place.get((child, week), 6)) for child in children)
        for start in range(len(STRATA)):
            for end in range(len(STRATA)):
                id = f"efficacy.{move_variable(start, end)}.w{week}.observed.n"
                assert (results[id].value if id in results else 0) == by_hand[start, end], id


def test_moves_add_up_to_everyone_even_if_unseen():
    tables = cohort([(NOTHING, NOTHING), (NOTHING, None)], visits=[visit(1, 0), visit(2, 0), visit(1, 26, easi=None)])
    results = found(tables)
    moves = {key: row.value for key, row in results.items() if key.startswith("efficacy.easi_move")}
    assert moves == {"efficacy.easi_move_severe_to_not_assessed.w26.observed.n": 2}
