"""Score definitions and responder rules, against exact fractions and the tables of measures."""

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.scores import (
    EASI_STRATA,
    easi_stratum,
    fell_by_percent,
    iga_0_1,
    objective_scorad,
    scorad,
)

TENTHS = st.integers(0, 720)
EXTENT, INTENSITY, ANALOGUE = st.integers(0, 1000), st.integers(0, 18), st.integers(0, 100)


@given(EXTENT, INTENSITY, ANALOGUE, ANALOGUE)
def test_scorad_is_the_weighted_sum(extent, intensity, itch, sleep):
    exact = Fraction(extent, 50) + Fraction(7 * intensity, 2) + Fraction(itch + sleep, 10)
    assert scorad(extent / 10, intensity, itch / 10, sleep / 10) == pytest.approx(float(exact), abs=1e-9)
    assert objective_scorad(extent / 10, intensity) == pytest.approx(
        float(exact - Fraction(itch + sleep, 10)), abs=1e-9
    )


def test_scorad_spans_0_to_103_and_its_objective_part_0_to_83():
    assert scorad(0, 0, 0, 0) == objective_scorad(0, 0) == 0
    assert scorad(100, 18, 10, 10) == 103
    assert objective_scorad(100, 18) == 83


def test_scorad_of_columns_is_missing_where_a_part_is():
    intensity = pd.Series([14, None], dtype="Int64")
    found = scorad(pd.Series([60.0, 60.0]), intensity, pd.Series([8.0, 8.0]), pd.Series([7.5, 7.5]))
    assert found[0] == 76.5
    assert pd.isna(found[1])


@given(TENTHS, TENTHS, st.sampled_from([50, 75, 90]))
def test_easi_response_is_decided_in_exact_decimals(before, now, percent):
    responded = fell_by_percent(pd.Series([before / 10]), pd.Series([now / 10]), percent)[0]
    if before == 0:
        assert responded is pd.NA
    else:
        assert responded == (Fraction(before - now, before) >= Fraction(percent, 100))


@pytest.mark.parametrize(("percent", "keeps"), [(50, 50), (75, 25), (90, 10)])
def test_a_fall_of_exactly_the_threshold_is_a_response(percent, keeps):
    """Over every baseline in tenths whose threshold is a decimal, with the next hundredth above it as the
    counter-example.
    """
    for tenths in range(1, 721):
        before, limit = Decimal(tenths) / 10, Decimal(tenths) * keeps / 1000
        values = pd.Series([float(limit), float(limit + Decimal("0.001"))])
        assert list(fell_by_percent(pd.Series([float(before)] * 2), values, percent)) == [True, False], before


def test_binary_floats_would_decide_wrongly():
    """The example for which the exact rule is there: without it, this test of the test has to fail."""
    assert not (22.4 - 5.6) / 22.4 * 100 >= 75
    assert fell_by_percent(pd.Series([22.4]), pd.Series([5.6]), 75)[0]


def test_easi_response_is_unknown_where_a_value_is_missing():
    found = fell_by_percent(pd.Series([None, 20.0, 0.0]), pd.Series([1.0, None, 0.0]), 50)
    assert found.isna().all()
    assert found.dtype == "boolean"


@pytest.mark.parametrize(
    ("score", "stratum"),
    [(0, "clear"), (0.1, "almost clear"), (1.0, "almost clear"), (1.1, "mild"), (7.0, "mild"), (7.1, "moderate"),
     (21.0, "moderate"), (21.1, "severe"), (50.0, "severe"), (50.1, "very severe"), (72, "very severe")],
)  # fmt: skip
def test_easi_strata_of_leshem(score, stratum):
    assert EASI_STRATA[easi_stratum(pd.Series([score]))[0]] == stratum


def test_easi_stratum_of_a_missing_score_is_missing():
    assert easi_stratum(pd.Series([None, 3.0])).isna().tolist() == [True, False]


@given(TENTHS, TENTHS)
def test_easi_strata_rise_with_the_score(one, other):
    low, high = easi_stratum(pd.Series(sorted([one / 10, other / 10])))
    assert low <= high


@pytest.mark.parametrize("before", range(5))
@pytest.mark.parametrize("now", range(5))
def test_iga_response_needs_0_or_1_and_a_fall_of_two(before, now):
    expected = (before, now) in {(2, 0), (3, 0), (4, 0), (3, 1), (4, 1)}
    assert iga_0_1(pd.Series([before], dtype="Int64"), pd.Series([now], dtype="Int64"))[0] == expected


def test_iga_response_is_unknown_where_a_grade_is_missing():
    found = iga_0_1(pd.Series([None, 4, 4], dtype="Int64"), pd.Series([0, None, 0], dtype="Int64"))
    assert found.isna().tolist() == [True, True, False]
