"""How numbers are printed: halves away from zero, a true minus, p values."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.display import MINUS, number, p_value


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [(0.05, 1, "0.1"), (0.25, 1, "0.3"), (2.5, 0, "3"), (0.5, 0, "1"), (-0.25, 1, "−0.3"), (-2.5, 0, "−3"),
     (96.25, 1, "96.3"),
     (1.005, 2, "1.01"), (0.15000000000000002, 1, "0.2"), (3.2499999999999996, 1, "3.3"),
     (3.2499, 1, "3.2"), (-1518.0000000000002, 0, "−1518"),
     (0, 1, "0.0"), (-0.0, 1, "0.0"), (-0.04, 1, "0.0"), (27, 0, "27"), (12345678, 1, "12345678.0")],
)  # fmt: skip
def test_number(value, decimals, printed):
    assert number(value, decimals) == printed


@given(st.integers(-(10**7), 10**7), st.integers(0, 3))
def test_thousandths_round_half_away_from_zero(thousandths, decimals):
    exact = Decimal(thousandths) / 1000
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    printed = number(thousandths / 1000, decimals)
    assert Decimal(printed.replace(MINUS, "-")) == rounded
    assert "-" not in printed
    assert len(printed.partition(".")[2]) == decimals


@pytest.mark.parametrize(
    ("value", "printed"),
    [(0.0, "p < 0.001"), (0.000999, "p < 0.001"), (0.001, "p = 0.001"), (0.0314, "p = 0.031"),
     (0.0495, "p = 0.050"), (0.05, "p = 0.050"),
     (1.0, "p = 1.000")],
)  # fmt: skip
def test_p_value(value, printed):
    assert p_value(value) == printed
