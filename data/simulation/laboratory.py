"""Total IgE before treatment and under it: very skewed between children, closely related within a child."""

from dataclasses import dataclass
from decimal import Decimal

from .chance import Stream, exponential, rounded, within
from .children import Child

IGE_WEEKS = (0, 16, 26)
LATER_IGE_WEEK = 52

_LOG_MEDIAN = 7.0  # about 1100 kU/L
_LOG_SD = 1.35
_LOG_RATIO_26 = -0.95  # 0.39 of baseline after 26 weeks
_LOG_RATIO_SD = 0.38
_LATER_LOG_RATIO = -0.30  # 0.74 of week 26 after 52 weeks
_LATER_LOG_RATIO_SD = 0.22
_SHARE_BY_WEEK_16 = 0.72  # of the fall on the log scale
_WHOLE_FROM_TENTHS = 1000  # laboratories give decimals below 100 kU/L only


@dataclass(frozen=True)
class Ige:
    """One value of total IgE in tenths of a kU/L."""

    child: Child
    week: int
    tenths: int


def total_ige(children: list[Child], fall_tenths: int) -> list[Ige]:
    """Total IgE at weeks 0, 16 and 26; the values of week 26 sum to exactly `fall_tenths` less than baseline.

    All values are first scaled by one factor, which leaves every ratio as drawn. Rounding then leaves a rest
    of a few kU/L: it is put into baseline values in steps of 1 (at the end 0.1) kU/L, in children drawn at
    random.
    """
    drawn = {child.number: _drawn(child) for child in children}
    factor = Decimal(fall_tenths) / 10 / sum(values[0] - values[26] for values in drawn.values())
    tenths = {
        number: {week: _as_reported(10 * factor * value) for week, value in values.items()}
        for number, values in drawn.items()
    }
    _hold_fall(tenths, fall_tenths)
    return [Ige(child, week, tenths[child.number][week]) for child in children for week in IGE_WEEKS]


def later_ige(week_26: list[Ige]) -> list[Ige]:
    """Total IgE at week 52 of the children whose values of week 26 are given: on average a little lower still."""
    values = []
    for ige in week_26:
        stream = Stream("later ige", ige.child.number)
        ratio = exponential(_LATER_LOG_RATIO + _LATER_LOG_RATIO_SD * within(-2.2, stream.normal(), 2.2))
        values.append(Ige(ige.child, LATER_IGE_WEEK, _as_reported(ige.tenths * ratio)))
    return values


def _drawn(child: Child) -> dict[int, Decimal]:
    stream = Stream("ige", child.number)
    atopy = 0.25 * (child.asthma + child.allergic_rhinitis + child.food_allergy - 1.5)
    baseline = _LOG_MEDIAN + atopy + _LOG_SD * within(-2.3, stream.normal(), 1.8)
    fall = _LOG_RATIO_26 + _LOG_RATIO_SD * within(-2.2, stream.normal(), 2.2)
    on_the_way = fall * _SHARE_BY_WEEK_16 + 0.15 * stream.normal()
    return {
        0: exponential(baseline),
        16: exponential(baseline + on_the_way),
        26: exponential(baseline + fall),
    }


def _as_reported(tenths: Decimal) -> int:
    return 10 * rounded(tenths / 10) if tenths >= _WHOLE_FROM_TENTHS else rounded(tenths)


def _hold_fall(tenths: dict[int, dict[int, int]], fall_tenths: int) -> None:
    """Moves baseline values until the fall is met, high ones by whole kU/L, then low ones by tenths."""
    stream = Stream("ige repair")
    high = [number for number, values in tenths.items() if values[0] > 2 * _WHOLE_FROM_TENTHS]
    low = [number for number, values in tenths.items() if values[0] < _WHOLE_FROM_TENTHS - 20]
    for candidates, step in ((high, 10), (low, 1)):
        while abs(missing := fall_tenths - sum(values[0] - values[26] for values in tenths.values())) >= step:
            tenths[stream.choice(candidates)][0] += step if missing > 0 else -step
