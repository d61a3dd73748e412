"""Total IgE: intervals of the geometric mean, individual slopes, and who makes up the mean change."""

import math
import re

import matplotlib
import numpy as np
import pytest
from conftest import printed
from example_tables import cohort, design, ige, shipped, survives
from scipy import stats

from analysis import ige_shown
from analysis.compute import compute
from analysis.core.words import Words
from analysis.ige import HIGHEST, SLOPE_WEEKS, geometric, ige_pairs, ige_slopes, total_ige

PAIR = ({}, {})


@pytest.fixture(autouse=True, scope="module")
def no_screen():
    matplotlib.use("Agg")


def labs_of(courses):
    """Courses of IgE by child: {week: value}."""
    return [ige(n, week, value) for n, course in enumerate(courses, 1) for week, value in course.items()]


def computed(courses):
    return compute(cohort([PAIR] * len(courses), labs=labs_of(courses)), design())


def test_interval_of_the_geometric_mean_is_student_on_the_logarithms():
    tables, _, results = shipped()
    logs = np.log(tables.labs.loc[tables.labs["week"] == 26, "value"].astype(float))
    limits = stats.t.interval(0.95, len(logs) - 1, loc=logs.mean(), scale=stats.sem(logs))
    prefix = "biomarker.total_ige.w26.geometric"
    found = [results[f"{prefix}.{part}"].value for part in ("geometric_mean", "ci_low", "ci_high")]
    assert found == pytest.approx([stats.gmean(np.exp(logs)), *np.exp(limits)])
    assert found[0] == results["biomarker.total_ige.w26.observed.geometric_mean"].value


def test_slopes_are_those_of_a_straight_line_through_the_logarithms():
    tables, _, results = shipped()
    slopes = ige_slopes(total_ige(tables.labs))
    for child, own in tables.labs.groupby("patient_id"):
        line = np.polyfit(own["week"].astype(float), np.log(own["value"].astype(float)), 1)
        assert slopes[child] == pytest.approx(100 * (math.exp(SLOPE_WEEKS * line[0]) - 1))
    assert results["biomarker.total_ige_slope.individual.n"].value == len(slopes)
    assert results["biomarker.total_ige_slope.individual.median"].value == pytest.approx(np.median(slopes))


def test_halving_every_four_weeks_is_a_slope_of_minus_50_percent():
    results = computed([{0: 800, 4: 400, 8: 200}, {0: 100, 8: 100}])
    found = {part: results[f"biomarker.total_ige_slope.individual.{part}"].value for part in ("min", "max", "falling")}
    assert found == {"min": pytest.approx(-50), "max": 0, "falling": 1}


def test_a_child_with_one_value_a_censored_value_or_a_zero_has_no_slope():
    labs = [ige(1, 0, 100), ige(2, 0, 5000, ">"), ige(2, 26, 900), ige(3, 0, 0), ige(3, 26, 5)]
    results = survives(cohort([PAIR] * 3, labs=labs), pictures=["ratio_courses"])
    assert results["biomarker.total_ige_slope.individual.n"].value == 0
    assert results["biomarker.total_ige_slope.individual.median"].reason == "no values"


def test_share_of_the_highest():
    before, after = [5000, 4000, 3000, 100, 200], [1000, 1500, 2000, 90, 150]
    results = computed([{0: one, 26: other} for one, other in zip(before, after, strict=True)])
    share = results["biomarker.total_ige_change.w26.highest_baseline.percent"]
    assert share.value == pytest.approx(100 * (4000 + 2500 + 1000) / (4000 + 2500 + 1000 + 10 + 50))


@pytest.mark.parametrize(
    ("courses", "reason"),
    [
        ([{0: 100, 26: 50}] * HIGHEST, f"needs more than {HIGHEST} patients, has {HIGHEST}"),
        ([{0: 100, 26: 150}] * (HIGHEST + 1), "the mean did not fall"),
        ([{0: 100, 26: 100}] * (HIGHEST + 1), "the mean did not fall"),
    ],
)
def test_share_of_the_highest_says_why_not(courses, reason):
    assert computed(courses)["biomarker.total_ige_change.w26.highest_baseline.percent"].reason == reason


def test_the_table_takes_the_likelihood_where_values_are_censored():
    courses = [(1, 900, 300), (2, 5000, 2100), (3, 80, 2), (4, 400, 250), (5, 1500, 700)]
    labs = [row for n, before, after in courses for row in (ige(n, 0, before, ">" * (n == 2)), ige(n, 26, after))]
    found = cohort([PAIR] * 5, labs=labs)
    results = survives(found, pictures=["ratio_courses"])
    assert geometric(results, "total_ige", 0).endswith(".mle")
    assert geometric(results, "total_ige", 26).endswith(".geometric")
    assert geometric(results, "total_ige_ratio", 26).endswith(".mle")
    shown = ige_shown.averages_table(results)
    assert results["biomarker.total_ige_ratio.w26.mle.geometric_mean"].display in printed(shown.rows[1])[-1].replace(
        "\\", ""
    )
    assert "maximum" in shown.notes[-1]


def test_alt_text_has_every_visit():
    results = shipped()[2]
    text = ige_shown.alt_ratio_courses(results)
    for week in (16, 26):
        assert f"{results[f'biomarker.total_ige_ratio.w{week}.paired.geometric_mean'].display} at week {week}" in text


LIMITS = [  # before, after, what is known of the ratio
    (5000, ">", 5000, ">", None, "unknown"), (2, "<", 2, "<", None, "unknown"), (5000, ">", 300, "", 0.06, "<0.06"),
    (2, "<", 300, "", 150, ">150"), (5000, ">", 2, "<", 0.0004, "<0.0004"), (100, "", 50, "", 0.5, "0.500"),
]  # fmt: skip


def test_of_two_values_beyond_the_same_limit_neither_change_nor_ratio_is_known():
    labs = [row for n, (before, first, after, second, *_) in enumerate(LIMITS, 1)
            for row in (ige(n, 0, before, first), ige(n, 26, after, second))]  # fmt: skip
    found = cohort([PAIR] * len(LIMITS), labs=labs)
    pairs = ige_pairs(total_ige(found.labs), 26)
    assert [None if np.isnan(ratio) else ratio for ratio in pairs["ratio"]] == [known for *_, known, _ in LIMITS]
    results = survives(found, pictures=["ratio_courses", "ige_pairs"])
    assert results["biomarker.total_ige_ratio.w26.mle.n"].value == len(LIMITS) - 2
    drawn = ige_shown.ratio_courses(found, results, 26)
    assert [row[-1].replace("\\", "") for row in drawn.data.rows[-len(LIMITS) :]] == [text for *_, text in LIMITS]
    assert "nothing is known of them: 2 ratios" in ige_shown.alt_ratio_courses(results)
    assert "2 of them dotted" in ige_shown.alt_before_after(results, 26)
    assert "2 at week 26" in ige_shown.averages_table(results).notes[-1]


def test_the_likelihood_of_ratios_does_not_hear_of_unknown_ones():
    pairs = [(1, 900, 300), (2, 80, 20), (3, 400, 250), (4, 1500, 700)]
    labs = [row for n, before, after in pairs for row in (ige(n, 0, before), ige(n, 26, after))]
    more = [*labs, ige(5, 0, 5000, ">"), ige(5, 26, 5000, ">")]
    alone, joined = (compute(cohort([PAIR] * 5, labs=rows), design()) for rows in (labs, more))
    prefix = "biomarker.total_ige_ratio.w26.mle.geometric_mean"
    assert joined[prefix].value == pytest.approx(alone[prefix].value)


@pytest.mark.parametrize(
    ("courses", "sentence"),
    [
        ([], "Total IgE was not recorded."),
        ([{0: 100}], "Total IgE was measured at baseline alone, so no change of it can be given."),
        ([{0: 100}, {26: 50}], "No adolescent has total IgE both at baseline and at week 26"),
        ([{0: 100, 26: 50}], "Total IgE changed by −50 kU/L."),
        ([{0: 100, 26: 50}, {0: 100, 26: 70}], "Mean total IgE changed by −40 kU/L."),
        ([{0: 0, 26: 50}], "Total IgE changed by 50 kU/L."),
    ],
)
def test_the_statement_says_what_is_known(courses, sentence):
    results = compute(cohort([PAIR] * max(len(courses), 1), labs=labs_of(courses)), design())
    said = [
        re.sub("<.*?>|\\\\", "", text)
        for text in (ige_shown.statement(Words(results), 26), ige_shown.change_text(Words(results), 26))
    ]
    assert said[0].startswith(sentence)
    assert not [text for text in said if "not estimable" in text or "  " in text]


def test_the_mean_follows_the_highest_only_where_they_make_it_up():
    even, uneven = (
        [{0: high + n, 26: (high + n) / 2} for n in range(4)] + [{0: 100.0 + n, 26: 50} for n in range(8)]
        for high in (100, 9000)
    )
    said = [ige_shown.change_text(Words(computed(courses)), 26) for courses in (even, uneven)]
    assert ["so it follows the highest values" in text for text in said] == [False, True]
