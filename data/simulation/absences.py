"""What is missing: a few intermediate visits, and a few single values of visits that took place."""

from dataclasses import replace

from .chance import Stream
from .courses import Visit

_MISSED_VISITS = ((4, 1), (8, 2), (16, 1))
_LEFT_OUT = (
    ("easi_tenths", 4),
    ("iga", 16),
    ("tcs_use", 8),
    ("emollient_per_day", 8),
    ("emollient_per_day", 16),
)


def take_away(visits: list[Visit]) -> list[Visit]:
    """The visits as they were recorded.

    Baseline, week 26 and the parts of SCORAD stay complete; no child has more than one gap.
    """
    stream = Stream("absence")
    numbers = sorted({visit.child.number for visit in visits})
    chosen = iter(stream.sample(numbers, sum(count for _, count in _MISSED_VISITS) + len(_LEFT_OUT)))
    missed = {(next(chosen), week) for week, count in _MISSED_VISITS for _ in range(count)}
    left_out = {(next(chosen), week): name for name, week in _LEFT_OUT}
    recorded = []
    for visit in visits:
        key = (visit.child.number, visit.week)
        if key in left_out:
            visit = replace(visit, **{left_out[key]: None})
        if key not in missed:
            recorded.append(visit)
    return recorded
