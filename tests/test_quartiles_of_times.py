"""The product-limit estimate, held to printed ones and, where R is present, to its package survival."""

import random
import shutil
import subprocess

import pytest

from analysis.core.kaplan_meier import kaplan_meier
from analysis.core.statistics import NotEstimable

# Weeks in remission of children with leukaemia under 6-mercaptopurine and under placebo. Source: Freireich et al. 1963, doi
# 10.1182/blood.V21.6.699.699, as in Gehan 1965, doi 10.1093/biomet/52.1-2.203 (table 1); negative: still in remission.
TREATED = (6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35)
PLACEBO = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)


def estimate(weeks):
    return kaplan_meier([abs(week) for week in weeks], [week > 0 for week in weeks])


def test_the_curve_of_the_remissions_is_that_of_the_textbooks():
    """Kalbfleisch and Prentice 2002, The Statistical Analysis of Failure Time Data, doi 10.1002/9781118032985, chapter 1."""
    curve = estimate(TREATED)
    times, without = zip(*curve.steps(), strict=True)
    assert times == (6, 7, 10, 13, 16, 22, 23)
    assert without == pytest.approx((0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448), abs=0.0005)
    assert (curve.quantile(0.25), curve.quantile(0.5), estimate(PLACEBO).quantile(0.5)) == (13, 23, 8)
    assert (curve.after(5.9), curve.after(6), curve.after(35)) == (1, without[0], without[-1])


def test_what_too_few_reach_is_not_estimable():
    with pytest.raises(NotEstimable, match="not reached"):
        estimate(TREATED).quantile(0.75)
    with pytest.raises(NotEstimable, match="not reached"):
        kaplan_meier([3, 4], [False, False]).quantile(0.5)
    with pytest.raises(NotEstimable, match="no patients"):
        kaplan_meier([], [])


def test_without_censoring_the_median_is_the_ordinary_one():
    for times in ([1, 10], [3, 1, 2], [4, 4, 4, 9], [1, 2, 3, 10], [7]):
        ordered = sorted(times)
        middle = (ordered[(len(times) - 1) // 2] + ordered[len(times) // 2]) / 2
        assert kaplan_meier(times, [True] * len(times)).quantile(0.5) == middle


def test_an_end_on_the_day_of_a_censoring_comes_first():
    assert kaplan_meier([5, 5], [True, False]).steps() == [(5, 0.5)]


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_quartiles_are_those_of_r():
    dice = random.Random(17)
    samples = [[(dice.randint(1, 12), dice.random() < 0.7) for _ in range(dice.randint(2, 15))] for _ in range(100)]
    lines = ["suppressMessages(library(survival))"]
    for sample in samples:
        times, happened = (", ".join(f"{int(value)}" for value in column) for column in zip(*sample, strict=True))
        lines.append(f"cat(quantile(survfit(Surv(c({times}), c({happened})) ~ 1), c(.25, .5, .75))$quantile, '\\n')")
    done = subprocess.run(["Rscript", "-"], input="\n".join(lines), capture_output=True, text=True)
    if "no package called" in done.stderr:
        pytest.skip("R has no package survival")
    for sample, line in zip(samples, done.stdout.splitlines(), strict=True):
        times, happened = zip(*sample, strict=True)
        for q, printed in zip((0.25, 0.5, 0.75), line.split(), strict=True):
            curve = kaplan_meier(times, happened)
            if printed == "NA":
                with pytest.raises(NotEstimable):
                    curve.quantile(q)
            else:
                assert curve.quantile(q) == pytest.approx(float(printed)), (sample, q)
