"""Arithmetic of the published figures, against counting by hand and against plain enumeration."""

from fractions import Fraction

import pytest
from conftest import printed

from analysis import claims, claims_shown
from analysis.core.display import number
from study.settings import load_published

FACTS = load_published().facts


@pytest.mark.parametrize(("percent", "fraction"), [(96.3, (26, 27)), (7.4, (2, 27))])
def test_published_percentages_have_one_fraction_each(percent, fraction):
    """Counted by hand: the only ones with a denominator of 27 or less."""
    assert claims.fractions_that_print(percent, 27) == [fraction]


def test_the_fraction_is_the_count_on_record():
    for claim in claims.percentages(FACTS["claims"]):
        (found,) = claims.fractions_that_print(claim["value"], FACTS["design"]["patients"])
        assert found == (FACTS["consistency"][claim["id"].removesuffix("-percent")], 27)


def test_fractions_by_hand():
    assert claims.fractions_that_print("50", 4) == [(1, 2), (2, 4)]
    assert claims.fractions_that_print("33.3", 9) == [(1, 3), (2, 6), (3, 9)]
    assert claims.fractions_that_print("96.2", 27) == [(25, 26)]
    assert claims.fractions_that_print("12.3", 7) == []
    assert claims.fractions_that_print("0.0", 2) == [(0, 1), (0, 2)]
    assert claims.fractions_that_print("6.3", 16) == [(1, 16)], "6.25 rounds away from zero"


def test_grim_finds_what_it_was_made_for():
    """Brown and Heathers 2017 explain the test with whole numbers of few people: the grain is 1/n."""
    seven = claims.grain_of_mean("3.45", 7, Fraction(1))
    assert seven.can_fail and seven.sums == 0, "24/7 prints as 3.43 and 25/7 as 3.57"
    assert claims.grain_of_mean("3.43", 7, Fraction(1)).sums == 1
    assert not claims.grain_of_mean("3.45", 200, Fraction(1)).can_fail


@pytest.mark.parametrize("claim", claims.means(FACTS["claims"]), ids=lambda claim: claim["id"])
def test_grim_is_empty_for_the_means_of_the_paper(claim):
    step, patients = claims.STEPS[claim["unit"]], FACTS["design"]["patients"]
    found = claims.grain_of_mean(claim["value"], patients, step)
    assert not found.can_fail
    decimals = 1 if isinstance(claim["value"], float) else 0
    printed = number(claim["value"], decimals)
    about = round(claim["value"] * patients / step)
    sums = [k for k in range(about - 100, about + 101) if number(float(k * step / patients), decimals) == printed]
    assert found.sums == len(sums) > 1


def test_rows_and_tables():
    results = claims.arithmetic(FACTS)
    assert results["arithmetic.cohort.n"].value == 27
    assert results["arithmetic.iga_0_1_week_26.fractions.count"].value == 1
    assert results["arithmetic.scorad_baseline.grim.grain"].value == pytest.approx(0.1 / 27)
    assert [row[2] for row in claims_shown.fractions_table(FACTS).rows] == ["26/27", "26/27", "2/27"]
    assert printed(row[2] for row in claims_shown.means_table(FACTS, results).rows) == ["0\\.1", "0\\.1", "1"]
