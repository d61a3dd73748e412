"""Course over time: the model against statsmodels and by hand, and its bootstrap."""

import numpy as np
import pandas as pd
import pytest
from example_tables import cohort, design, shipped, visit

from analysis import course
from analysis.core.results import Results
from analysis.core.statistics import NotEstimable
from analysis.course import REPLICATES, bootstrap, changes, fit

NOTHING: dict = {}


@pytest.fixture(scope="module", params=["easi", "scorad"])
def data(request):
    found, how, _ = shipped()
    return changes(found, how, request.param)


def restricted_log_likelihood(found, between, within):
    """Of the model, up to a constant, with dense matrices."""
    matrix, change = found.matrix()
    same = (found.long["patient_id"].to_numpy()[:, None] == found.long["patient_id"].to_numpy()).astype(float)
    covariance = within * np.eye(len(change)) + between * same
    inverse = np.linalg.inv(covariance)
    inner = matrix.T @ inverse @ matrix
    beta = np.linalg.solve(inner, matrix.T @ inverse @ change)
    rest = change - matrix @ beta
    return -(np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(inner)[1] + rest @ inverse @ rest) / 2, beta


def test_the_fit_maximises_the_restricted_likelihood(data):
    found = fit(data)
    between, within = found.sd_between**2, found.sd_within**2
    best, beta = restricted_log_likelihood(data, between, within)
    assert [*found.change, found.slope] == pytest.approx(list(beta), abs=1e-4)
    for b, w in ((1.05, 1), (0.95, 1), (1, 1.05), (1, 0.95)):
        assert restricted_log_likelihood(data, between * b, within * w)[0] < best


def test_own_likelihood_of_the_bootstrap_agrees_with_statsmodels(data):
    """The sample that has every child once is the data; and a sample is the data with its children repeated."""
    code = pd.Categorical(data.long["patient_id"], data.patients).codes
    parts = course._PerPatient.of(*data.matrix(), code)
    found = fit(data)
    beta = parts.restricted_likelihood(np.ones((1, len(data.patients))))[0]
    assert list(beta) == pytest.approx([*found.change, found.slope], abs=1e-3)

    draw = np.random.Generator(np.random.PCG64(course.SEED)).integers(0, len(data.patients), len(data.patients))
    copies = [data.long[data.long["patient_id"] == data.patients[i]].assign(patient_id=f"P{k:03}")
              for k, i in enumerate(draw)]  # fmt: skip
    sample = course.Changes(pd.concat(copies, ignore_index=True), data.weeks, {})
    first = data.long.groupby("patient_id")["baseline"].first().mean()
    again = fit(sample)
    moved = sample.long.groupby("patient_id")["baseline"].first().mean() - first
    at_own_mean = bootstrap(data, replicates=1)[0]
    assert list(at_own_mean) == pytest.approx(list(again.change), abs=2e-3)
    assert abs(moved) > 0  # otherwise the shift of the mean baseline would go untested


def test_complete_visits_give_the_plain_means():
    """Without missing visits the generalised least squares means are the arithmetic ones."""
    random = np.random.default_rng(3)
    visits = [visit(n, 0, easi=round(30 + n, 1)) for n in range(1, 13)]
    visits += [
        visit(n, w, easi=round(float(25 - w / 2 + random.normal(0, 3)), 1)) for n in range(1, 13) for w in (4, 8, 26)
    ]
    tables = cohort([(NOTHING, NOTHING)] * 12, visits=visits)
    results = Results(course.course(tables, design()))
    easi = tables.visits.pivot(index="patient_id", columns="week", values="easi").astype(float)
    for week in (4, 8, 26):
        assert results[f"efficacy.easi_change.w{week}.mixed_model.mean"].value == pytest.approx(
            (easi[week] - easi[0]).mean(), abs=1e-6
        )


def test_bootstrap_is_the_same_every_time_and_its_limits_are_reported(data):
    means = bootstrap(data)
    assert means.shape == (REPLICATES, len(data.weeks)) and np.array_equal(means, bootstrap(data))
    results, score = shipped()[2], "scorad" if data.long["change"].min() < -52 else "easi"
    low, high = np.quantile(means[:, -1], (0.025, 0.975))
    prefix = f"efficacy.{score}_change.w26.mixed_model"
    assert [results[f"{prefix}.{part}"].value for part in ("ci_low", "ci_high")] == [low, high]
    assert low < results[f"{prefix}.mean"].value < high


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        (lambda: cohort([(NOTHING, NOTHING)] * 3), "no visit after baseline with at least 5 patients"),
        (lambda: cohort([({"easi": 30 + n}, NOTHING) for n in range(8)]), "nobody has two visits after baseline"),
        (lambda: cohort([(NOTHING, NOTHING)] * 6, visits=[visit(n, w) for n in range(1, 7) for w in (0, 8, 26)]),
         "all baseline values are identical"),
        (lambda: cohort([(NOTHING, NOTHING)] * 6,
                        visits=[visit(n, w, **({} if w else {"easi": 30 + n})) for n in range(1, 7) for w in (0, 8, 26)]),
         "do not vary"),
    ],
)  # fmt: skip
def test_what_cannot_be_modelled_says_why(tables, reason):
    with pytest.raises(NotEstimable, match=reason):
        fit(changes(tables(), design(), "easi"))
    row = Results(course.course(tables(), design()))["efficacy.easi_change.w26.mixed_model.mean"]
    assert row.value is None and (reason in row.reason or "fewer than 5 patients" in row.reason)


def test_a_search_that_fails_gives_no_number(monkeypatch):
    from statsmodels.regression import mixed_linear_model

    class Lost:
        fe_params, cov_re, scale, converged, fittedvalues = [0.0, 0.0], [[0.0]], 1.0, False, [0.0]

    found, how, _ = shipped()
    monkeypatch.setattr(mixed_linear_model.MixedLM, "fit", lambda *_, **__: Lost())
    with pytest.raises(NotEstimable, match="did not converge"):
        fit(changes(found, how, "easi"))


def test_children_who_do_not_differ_beyond_their_visits():
    """Variance between children at its bound of zero: the estimates are those of ordinary least squares."""
    random = np.random.default_rng(42)
    visits = [visit(n, w, easi=round(float(30 + n if w == 0 else 12 + random.normal(0, 3)), 1))
              for n in range(1, 15) for w in (0, 4, 8, 26) if w == 0 or (n + w) % 5]  # fmt: skip
    errors = {(row["patient_id"], row["week"]): row["easi"] for row in visits}
    for n in range(1, 15):  # visits of a child balance each other: negatively correlated, so that none is shared
        later = [row for row in visits if row["patient_id"] == f"P{n:03}" and row["week"]]
        excess = sum(errors[row["patient_id"], row["week"]] - 12 for row in later) / len(later)
        for row in later:
            row["easi"] = round(max(row["easi"] - excess, 0), 1)
    data = changes(cohort([(NOTHING, NOTHING)] * 14, visits=visits), design(), "easi")
    found = fit(data)
    matrix, change = data.matrix()
    assert found.sd_between == pytest.approx(0, abs=1e-3)
    assert [*found.change, found.slope] == pytest.approx(
        np.linalg.lstsq(matrix, change, rcond=None)[0].tolist(), abs=1e-3
    )
