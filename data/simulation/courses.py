"""The course of the skin: IGA, EASI, the parts of SCORAD and the topical treatment at every planned visit.

Behind all scores of a visit stands one number, the share of the baseline EASI that remains. The scores follow
it, each with an error of its own. EASI multiplies area and signs, so extent and intensity fall more slowly.
"""

from dataclasses import dataclass, replace
from math import sqrt

from .chance import Stream, rounded, within
from .children import Child

PLANNED_WEEKS = (0, 4, 8, 16, 26)
LATER_WEEKS = (39, 52)
PRIMARY_WEEK = 26

# Share of the improvement up to week 26 that is still to come: most of it is seen by week 8.
_STILL_TO_COME = {0: 1.0, 4: 0.37, 8: 0.22, 16: 0.065}
_NON_RESPONDER_REMAINING = 0.34
# What remains after week 26, as a share of what remained then: still a little less, in the mean.
_LATER_DRIFT = {39: 0.93, 52: 0.86}
_TCS = {0: 0.97, 4: 0.75, 8: 0.50, 16: 0.36, 26: 0.18, 39: 0.16, 52: 0.15}

# Upper ends in points of EASI for IGA 0, 1, 2 and 3, about which physicians differ by a quarter.
_IGA_LIMITS = (0.9, 4.0, 9.0, 21.0)
_EASI_STRATA_TENTHS = (0, 10, 70, 210)


@dataclass(frozen=True)
class Visit:
    """One visit. EASI, itch and sleep loss are in tenths of a point. None is a value not recorded."""

    child: Child
    week: int
    iga: int | None
    easi_tenths: int | None
    extent: int
    intensity: int
    pruritus_tenths: int
    sleep_loss_tenths: int
    tcs_use: bool | None
    emollient_per_day: int | None

    @property
    def scorad_tenths(self) -> int:
        """SCORAD = A/5 + 7B/2 + C in tenths of a point; exact, as A and B are whole and C is in tenths."""
        return 2 * self.extent + 35 * self.intensity + self.pruritus_tenths + self.sleep_loss_tenths


def course(child: Child, weeks: tuple[int, ...] = PLANNED_WEEKS) -> list[Visit]:
    """All planned visits of a child, complete: what was missed or left out is taken away later."""
    baseline = _baseline(child)
    return [_follow_up(baseline, week) if week > 0 else baseline for week in weeks]


def _baseline(child: Child) -> Visit:
    stream = Stream("baseline", child.number)

    def related(weight: float) -> float:
        return weight * child.severity + (1 - weight) * 1.3 * stream.normal()

    severity = related(0.8)
    return Visit(
        child=child,
        week=0,
        iga=4,
        easi_tenths=rounded(10 * within(22.1, 33.0 + 8.8 * severity + 1.6 * severity * severity, 66)),
        extent=rounded(within(34, 63 + 13 * related(0.8), 94)),
        intensity=rounded(within(11, 14.9 + 1.5 * related(0.7), 18)),
        pruritus_tenths=rounded(10 * within(5.5, 8.4 + 1.1 * related(0.5), 10)),
        sleep_loss_tenths=rounded(10 * within(3.0, 7.4 + 1.7 * related(0.5), 10)),
        tcs_use=stream.happens(_TCS[0]),
        emollient_per_day=stream.choice((1, 2, 2, 2, 2, 3)),
    )


def _final_share(child: Child, baseline_easi_tenths: int) -> float:
    """The share of the baseline EASI that remains at week 26."""
    stream = Stream("course", child.number)
    if not child.responds:
        return _NON_RESPONDER_REMAINING
    clear = stream.happens(0.12)
    spread = (stream.uniform() + stream.uniform()) / 2
    share = 0.024 * spread if clear else 0.016 + 0.15 * spread
    return min(share, 46 / baseline_easi_tenths)


def _remaining(baseline: Visit, week: int, stream: Stream) -> float:
    """The share of the baseline EASI that remains at `week`, with the ups and downs of the disease."""
    final = _final_share(baseline.child, baseline.easi_tenths)
    pace = within(0.35, 1 + 0.42 * Stream("course", baseline.child.number, 1).normal(), 2.0)
    if week == PRIMARY_WEEK:
        return final
    later = week in _LATER_DRIFT
    still_to_come = 0.0 if later else (1 - final) * min(1.0, pace * _STILL_TO_COME[week])
    share = final * _LATER_DRIFT.get(week, 1) + still_to_come
    # Visits lie further apart after week 26, so there is more between them.
    flares, error = (0.12, 0.30) if later else (0.07, 0.20)
    flare = 1.9 if stream.happens(flares) else 1.0
    return within(0.002, share * flare * (1 + error * within(-2, stream.normal(), 2)), 1.05)


def _follow_up(baseline: Visit, week: int) -> Visit:
    child = baseline.child
    stream = Stream("visit", child.number, week)
    share = _remaining(baseline, week, stream)
    by_area = sqrt(share * sqrt(share))  # share to the power of 3/4
    by_sign = sqrt(share * sqrt(sqrt(share)))  # share to the power of 5/8

    def about(value: float, error: float) -> float:
        return value * (1 + error * within(-2.2, stream.normal(), 2.2))

    easi = rounded(baseline.easi_tenths * share)
    iga = _iga(child, easi, week, stream)
    extent = about(baseline.extent * by_area, 0.18)
    intensity = about(baseline.intensity * by_sign, 0.14) + stream.uniform(-0.4, 0.4)
    pruritus = about(baseline.pruritus_tenths * by_sign, 0.22) + 4 + 6 * stream.normal()
    sleep_loss = about(baseline.sleep_loss_tenths * by_area, 0.25) + 5 * stream.normal()
    least = 1 if easi else 0  # skin that has an EASI has an extent and a sign
    return Visit(
        child=child,
        week=week,
        iga=iga,
        easi_tenths=easi,
        extent=max(least, rounded(extent)),
        intensity=max(least, min(18, rounded(intensity))),
        pruritus_tenths=_analogue_scale(pruritus),
        sleep_loss_tenths=_analogue_scale(sleep_loss),
        tcs_use=stream.happens(_TCS[week] if child.responds else 0.9),
        emollient_per_day=stream.choice((1, 2, 2, 2, 2, 2, 3) if week < PRIMARY_WEEK else (1, 1, 2, 2, 2, 2)),
    )


def _analogue_scale(tenths: float) -> int:
    return rounded(within(0, tenths, 100))


def _iga(child: Child, easi_tenths: int, week: int, stream: Stream) -> int:
    """IGA as the physician judges it: near the EASI, never two strata off; at week 26 as in the paper."""
    judged = easi_tenths / 10 * (1 + 0.12 * within(-2, stream.normal(), 2))
    iga = sum(judged > limit for limit in _IGA_LIMITS)
    stratum = easi_stratum(easi_tenths)
    iga = int(within(stratum - 1, iga, stratum + 1))
    if week != PRIMARY_WEEK:
        return iga
    return min(iga, 1) if child.responds else max(iga, 2)


def easi_stratum(easi_tenths: int) -> int:
    """The stratum of the EASI that answers to IGA 0 (clear) to 4 (severe)."""
    return sum(easi_tenths > limit for limit in _EASI_STRATA_TENTHS)


def hold_scorad(visits: list[Visit], target_tenths: int, bounds: dict[str, tuple[int, int]]) -> list[Visit]:
    """The same visits, all of one week, with single parts moved by one step until SCORAD sums to the target.

    The coarsest part that still helps goes first (intensity 3.5, extent 0.2, itch 0.1 points), each time in a
    child drawn at random: none twice before all had a turn, and only within the part's `bounds`. Raises
    ValueError if nothing can move.
    """
    held = list(visits)
    stream = Stream("repair", visits[0].week)
    for part, step_tenths in (("intensity", 35), ("extent", 2), ("pruritus_tenths", 1)):
        low, high = bounds[part]
        turn: list[int] = []
        while abs(missing := target_tenths - sum(visit.scorad_tenths for visit in held)) >= step_tenths:
            step = 1 if missing > 0 else -1
            if not turn:
                values = [getattr(visit, part) for visit in held]
                movable = [place for place, value in enumerate(values) if low <= min(value, value + step) < high]
                turn = stream.sample(movable, len(movable))
            if not turn:
                raise ValueError(f"SCORAD at week {visits[0].week}: {missing} tenths left, no {part} can move")
            place = turn.pop()
            held[place] = replace(held[place], **{part: getattr(held[place], part) + step})
    return held
