"""Kaplan and Meier's estimate: remission of leukaemia, the interval of the R package bpcp, and the plain proportion."""

import numpy as np
import pytest

from analysis.core.kaplan_meier import kaplan_meier
from analysis.core.statistics import NotEstimable, clopper_pearson

# Weeks of remission under 6-mercaptopurine, 21 children: Freireich et al. 1963, Blood 21, 699-716; the example of Cox 1972.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
# Of R's survfit, and limits of bpcp 1.4.2 for the same data (its times without anybody lost at the very time: it takes who is lost
# at a time as lost before, while a patient here is seen on the day of the last contact).
SURVIVAL = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
LIMITS = {7: (57.230435, 94.482135), 13: (42.655122, 87.890138), 16: (36.436287, 83.841693), 22: (24.813979, 78.646516),
          23: (17.619681, 72.606374)}  # fmt: skip


@pytest.fixture
def remission():
    return kaplan_meier(WEEKS, [bool(each) for each in RELAPSED])


def test_remission_of_leukaemia(remission):
    assert {time: round(after, 3) for time, after in remission.steps()} == SURVIVAL


@pytest.mark.parametrize("week", LIMITS)
def test_limits_of_bpcp(remission, week):
    assert remission.interval(week) == pytest.approx(LIMITS[week], abs=2e-6)


def test_without_anybody_lost_it_is_the_exact_interval_of_the_proportion():
    found = kaplan_meier([3, 5, 5, 8, 9, 9, 9, 9, 9], [True] * 4 + [False] * 5)
    for time, staying in ((1, 9), (3, 8), (5, 6), (8, 5), (9, 5)):
        assert found.at_risk(time) == staying and found.after(time) == pytest.approx(staying / 9)
        assert found.interval(time) == pytest.approx(clopper_pearson(staying, 9))


def test_everybody_and_nobody():
    gone = kaplan_meier([2, 4], [True, True])
    assert gone.after(9) == 0 and gone.interval(9) == pytest.approx(clopper_pearson(0, 2))
    with pytest.raises(NotEstimable, match="nobody was followed until then"):
        kaplan_meier([2, 4], [True, False]).after(5)
    with pytest.raises(NotEstimable, match="no patients"):
        kaplan_meier([], [])


def test_it_covers_with_many_lost():
    """With 12 patients of whom about half are lost, at most a fortieth of the intervals lie wholly on either side (and some more by
    chance: three standard errors)."""
    random, draws = np.random.default_rng(3), 1500
    truth, wrong = 100 * np.exp(-0.5), np.zeros(2)
    for _ in range(draws):
        event, lost = random.exponential(1, 12), random.exponential(1, 12)
        try:
            low, high = kaplan_meier(np.minimum(event, lost), event <= lost).interval(0.5)
        except NotEstimable:
            continue
        wrong += [truth < low, truth > high]
    assert (wrong / draws <= 0.025 + 3 * (0.025 * 0.975 / draws) ** 0.5).all()
