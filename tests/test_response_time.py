"""Time to response under both strategies for stopped treatment, and the time on treatment."""

import math
from dataclasses import replace

import pytest
from example_tables import cohort, design, patient, shipped, visit

from analysis import response_time_shown
from analysis.compute import compute
from analysis.core.results import Results
from analysis.core.statistics import NotEstimable, clopper_pearson
from analysis.core.turnbull import NOT_REACHED
from analysis.core.words import Words
from analysis.population import population
from analysis.response_time import METHODS, response_intervals, response_time
from protocol.outcomes import PRIMARY, RESPONSES

BAD = {"easi": 40, "iga": 4}


@pytest.fixture
def six():
    """Six patients: the fourth stops at week 8, at a visit that would have been a response."""
    visits = [
        *(visit(1, w, **cells) for w, cells in ((0, {}), (4, BAD), (8, {}), (16, BAD))),  # first response counts
        *(visit(2, w, **cells) for w, cells in ((0, {}), (8, BAD), (26, {}))),
        *(visit(3, w, **cells) for w, cells in ((0, {}), (8, {"easi": None}), (16, BAD))),
        *(visit(4, w, **cells) for w, cells in ((0, {}), (4, BAD), (8, {}))),  # stopped before the response
        visit(5, 0), visit(5, 16),
        visit(6, 0),
    ]  # fmt: skip
    patients = [patient(n, **({"discontinued_week": 8} if n == 4 else {})) for n in range(1, 7)]
    return cohort([({}, {})] * 6, visits=visits, patients=patients)


def test_intervals_of_response(six):
    censored, composite = (
        [tuple(row) for row in response_intervals(six, design(), RESPONSES["easi_75"], method).to_numpy()]
        for method in ("turnbull", "composite")
    )
    assert censored == [(4, 8), (8, 26), (16, math.inf), (4, math.inf), (0, 16), (0, math.inf)]
    assert composite == [(4, 8), (8, 26), (16, math.inf), (26, math.inf), (0, 16), (0, math.inf)]


def test_who_stopped_never_responds_and_the_share_ever_is_at_least_that_at_the_visit():
    """Twelve of 27 stop at week 8 without a response, the others respond at week 16: 15 of 27 by the composite, with the exact
    interval, as in the primary analysis; everybody else's 15 of 15 where those who stopped are censored."""
    patients = [patient(n, **({"discontinued_week": 8} if n <= 12 else {})) for n in range(1, 28)]
    visits = [visit(n, w, **(BAD if w == 4 else {})) for n in range(1, 28) for w in (0, 4, 16, 26) if n > 12 or w <= 4]
    results = Results(response_time(cohort([({}, {})] * 27, visits=visits, patients=patients), design()))
    for response in PRIMARY:
        prefix = f"efficacy.time_to_{response.id}.w26"
        assert results[f"{prefix}.composite.percent"].value == pytest.approx(100 * 15 / 27)
        limits = [results[f"{prefix}.composite.{end}"].value for end in ("ci_low", "ci_high")]
        assert limits == pytest.approx(clopper_pearson(15, 27))
        assert results[f"{prefix}.turnbull.percent"].value == pytest.approx(100)
    staying = results["exposure.on_treatment.w26.kaplan_meier.percent"]
    assert staying.value == pytest.approx(100 * 15 / 27)
    assert results["exposure.on_treatment.w4.kaplan_meier.percent"].value == 100


def test_time_to_response_of_the_shipped_cut_lies_between_its_bounds():
    """Everyone assessed bounds the estimate: those seen to have responded, and those not yet seen without response."""
    found, how, results = shipped()
    for response in PRIMARY:
        for method in METHODS:
            intervals = response_intervals(found, how, response, method)
            for week in (4, 8, 16, 26):
                prefix = f"efficacy.time_to_{response.id}.w{week}.{method}"
                share = results[f"{prefix}.percent"].value / 100
                assert (intervals["right"] <= week).mean() - 1e-9 <= share <= (intervals["left"] < week).mean() + 1e-9
                assert results[f"{prefix}.ci_low"].value <= 100 * share <= results[f"{prefix}.ci_high"].value


def test_nobody_is_followed_beyond_the_last_contact():
    patients = [patient(n, last_contact_week=20) for n in range(1, 6)]
    results = Results(response_time(cohort([({}, {})] * 5, patients=patients), design()))
    row = results["exposure.on_treatment.w26.kaplan_meier.percent"]
    assert row.value is None and row.reason == "nobody was followed until then"


def test_a_median_that_is_not_known_is_not_called_not_reached(monkeypatch):
    """Of all reasons for which there is no median only one says that it was not reached; any other stands below the table."""
    monkeypatch.setattr("analysis.response_time.turnbull", lambda *_: (_ for _ in ()).throw(NotEstimable("another reason")))
    found, how, _ = shipped()
    results = compute(found, how)
    text = response_time_shown.times_to_response_table(results)._repr_markdown_()
    assert "not reached" not in text and "Not determined: another reason." in text
    assert "why no median is given" in response_time_shown.first_response_sentence(Words(results))
    assert response_time_shown.alt_times_to_response(results).count("not determined") == len(PRIMARY)


def test_where_nothing_is_known_of_the_censored_nothing_of_them_is_drawn():
    _, _, results = shipped()
    hidden = [replace(row, value=None, display="not estimable", reason="none") if row.method == [*METHODS][1] else row
              for row in results.values()]  # fmt: skip
    figure = response_time_shown.times_to_response(Results(hidden)).figure
    assert all(axes.yaxis.get_units() is None for axes in figure.axes)


@pytest.mark.parametrize(("patients", "stopped", "ticks"), [(5, 1, True), (5, 5, False), (61, 1, False)])
def test_the_caption_tells_of_ticks_only_where_they_are_drawn(patients, stopped, ticks):
    rows = [patient(n, **({"discontinued_week": 8} if n <= stopped else {})) for n in range(1, patients + 1)]
    found = cohort([({}, {})] * patients, patients=rows)
    results = Results([*response_time(found, design()), *population(found, design())])
    assert ("ticks" in response_time_shown.on_treatment_caption(Words(results))) is ticks
    axes = response_time_shown.on_treatment(found, results).figure.axes[0]
    assert any(line.get_marker() == "|" and len(line.get_xdata()) for line in axes.lines) is ticks


def test_a_median_that_was_not_reached_says_so():
    visits = [visit(n, w, **(BAD if n > 1 else {})) for n in range(1, 6) for w in (0, 4, 26)]
    results = compute(cohort([({}, {})] * 5, visits=visits), design())
    row = results["efficacy.time_to_iga_0_1.composite.median_by"]
    assert row.reason == NOT_REACHED
    assert "not reached" in response_time_shown.times_to_response_table(results)._repr_markdown_()
    assert response_time_shown.first_response_sentence(Words(results)).endswith("no median was reached.")
