"""Every band of the two labels, their boundaries, days and intervals."""

from itertools import pairwise
from pathlib import Path

import pytest

from protocol.treatment import LABELS, Regimen, regimen

Q2W_300 = Regimen(600, (1,), 300, 14, 15)
Q2W_200 = Regimen(400, (1,), 200, 14, 15)
Q4W_300 = Regimen(600, (1,), 300, 28, 29)
EU_CHILD = Regimen(300, (1, 15), 300, 28, 43)


@pytest.mark.parametrize("age", [6, 11.9, 12, 17, 17.9])
@pytest.mark.parametrize(
    ("weight", "expected"),
    [(15, Q4W_300), (29.9, Q4W_300), (29.99, Q4W_300), (30, Q2W_200), (59.9, Q2W_200), (60, Q2W_300), (120, Q2W_300)],
)
def test_us_label_goes_by_weight_under_18(age, weight, expected):
    assert regimen("us", age, weight) == expected


@pytest.mark.parametrize("label", ["us", "eu"])
@pytest.mark.parametrize("weight", [15, 29.9, 45, 60, 100])
@pytest.mark.parametrize("age", [18, 18.5])
def test_adults_get_one_regimen(label, age, weight):
    assert regimen(label, age, weight) == Q2W_300


@pytest.mark.parametrize(
    ("age", "weight", "expected"),
    [(6, 15, EU_CHILD), (11, 59.9, EU_CHILD), (11.9, 30, EU_CHILD), (12, 59.9, Q2W_200), (12, 20, Q2W_200), (17.9, 45,
     Q2W_200), (6, 60, Q2W_300), (11, 60, Q2W_300), (12, 60, Q2W_300), (17.9, 61, Q2W_300)],
)  # fmt: skip
def test_eu_label_goes_by_age_then_weight(age, weight, expected):
    assert regimen("eu", age, weight) == expected


@pytest.mark.parametrize(
    ("plan", "days"),
    [
        (Q2W_300, [1, 15, 29, 43, 57, 71]),
        (Q2W_200, [1, 15, 29, 43, 57, 71]),
        (Q4W_300, [1, 29, 57]),
        (EU_CHILD, [1, 15, 43, 71]),
    ],
)
def test_days_and_intervals_agree(plan, days):
    assert plan.days(71) == days
    assert plan.days(70) == [day for day in days if day <= 70]
    assert [plan.interval_before(n) for n in range(1, len(days))] == [b - a for a, b in pairwise(days)]


def test_days_before_the_first_dose_are_none():
    assert Q2W_300.days(0) == []
    assert EU_CHILD.days(14) == [1]


def test_amounts():
    assert [(plan.amount("loading"), plan.amount("maintenance")) for plan in (Q2W_300, Q2W_200, Q4W_300, EU_CHILD)] == [
        (600, 300), (400, 200), (600, 300), (300, 300),
    ]  # fmt: skip
    with pytest.raises(KeyError):
        Q2W_300.amount("rescue")


def test_labels_have_names_and_others_are_refused():
    library = (Path(__file__).resolve().parent.parent / "references.bib").read_text("utf-8")
    for label in LABELS.values():
        assert label.name and f"{{{label.citation}," in library
    with pytest.raises(KeyError):
        regimen("jp", 10, 30)
