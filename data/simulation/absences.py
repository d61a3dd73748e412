"""What is missing: a few visits, and a few single values of visits that took place."""

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
_LATER_MISSED_VISITS = ((39, 2), (52, 1))
_LATER_LEFT_OUT = (("easi_tenths", 39), ("emollient_per_day", 52))


def take_away(visits: list[Visit]) -> list[Visit]:
    """The visits up to week 26 as they were recorded.

    Baseline, week 26 and the parts of SCORAD stay complete; no child has more than one gap.
    """
    return _with_gaps(visits, _MISSED_VISITS, _LEFT_OUT, Stream("absence"))


def take_away_later(visits: list[Visit]) -> list[Visit]:
    """The same for the visits after week 26. Only a child with all of them is chosen."""
    return _with_gaps(visits, _LATER_MISSED_VISITS, _LATER_LEFT_OUT, Stream("later absence"))


def _with_gaps(
    visits: list[Visit],
    missed_visits: tuple[tuple[int, int], ...],
    values_left_out: tuple[tuple[str, int], ...],
    stream: Stream,
) -> list[Visit]:
    weeks: dict[int, set[int]] = {}
    for visit in visits:
        weeks.setdefault(visit.child.number, set()).add(visit.week)
    most = max(map(len, weeks.values()))
    numbers = sorted(number for number, attended in weeks.items() if len(attended) == most)
    chosen = iter(stream.sample(numbers, sum(count for _, count in missed_visits) + len(values_left_out)))
    missed = {(next(chosen), week) for week, count in missed_visits for _ in range(count)}
    left_out = {(next(chosen), week): name for name, week in values_left_out}
    recorded = []
    for visit in visits:
        key = (visit.child.number, visit.week)
        if key in left_out:
            visit = replace(visit, **{left_out[key]: None})
        if key not in missed:
            recorded.append(visit)
    return recorded
