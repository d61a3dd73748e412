"""The table of coverage: what the shipped file says is what the program finds, and what the report makes of it."""

import csv
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from analysis.coverage import COLUMNS, coverage, prefix
from analysis.coverage_shown import coverage_table, how_sentence

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))
import calibration  # noqa: E402


@pytest.fixture(scope="module")
def rows():
    with (ROOT / "benchmarks" / "coverage.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(found):
    return [{name: str(value) for name, value in asdict(row).items()} for row in found]


def test_coverage_of_a_proportion_is_as_the_file_says(rows):
    assert written(calibration.proportions()) == [row for row in rows if row["quantity"] == "Proportion"]


def _one(place, n, rows):
    quantity, data, _ = calibration.SIMULATED[place]
    expected = [row for row in rows if (row["quantity"], row["data"], row["n"]) == (quantity, data, str(n))]
    assert expected and written(calibration.simulated(place, n)) == expected


def test_one_simulation_made_again_is_as_the_file_says(rows):
    _one(3, 10, rows)


@pytest.mark.slow
@pytest.mark.parametrize("place", range(len(calibration.SIMULATED)))
@pytest.mark.parametrize("n", calibration.SIZES)
def test_every_simulation_made_again_is_as_the_file_says(place, n, rows):
    _one(place, n, rows)


def test_the_file_is_complete(rows):
    assert tuple(rows[0]) == COLUMNS
    kinds = {(row["quantity"], row["data"], row["n"]) for row in rows if int(row["simulations"])}
    assert kinds == {(quantity, data, str(n)) for quantity, data, _ in calibration.SIMULATED for n in calibration.SIZES}


def test_exact_intervals_keep_their_level_and_those_for_small_samples_are_near_it(rows):
    """What the report says of its intervals: three standard errors below 95 %, except for the mean of a skewed distribution."""
    for row in rows:
        if row["used"] == "yes" and "skewed" not in row["data"]:
            assert float(row["coverage"]) >= 95 - 3 * float(row["monte_carlo_error"]), row


def test_every_number_of_the_table_leads_to_its_row(rows):
    results = coverage(rows)
    text = coverage_table(rows, results)._repr_markdown_()
    for row in rows:
        assert f'data-result="{prefix(row)}.percent"' in text
    assert f"{calibration.SIMULATIONS} studies (seed {calibration.SEED})" in how_sentence(rows)
