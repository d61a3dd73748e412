"""Assumptions about missing values: each against counts by hand, Rubin's rules against published formulas, and the
imputation model against data whose law is known."""

import numpy as np
import pandas as pd
import pytest
from example_tables import cohort, design, patient, shipped, visit
from scipy import stats

from analysis.core.imputation import _inverse_wishart, joint_normal
from analysis.core.results import Results
from analysis.core.sizes import Chain
from analysis.core.statistics import NotEstimable
from analysis.sensitivity import METHODS, grid, pool, sensitivity
from protocol.outcomes import PRIMARY

NOTHING: dict = {}
BAD = {"iga": 4, "easi": 40}


def found(tables) -> Results:
    return Results(sensitivity(tables, design()))


def counts(results: Results, outcome: str) -> dict[str, tuple]:
    return {
        method: tuple(results[f"efficacy.{outcome}.w26.{method}.{part}"].value for part in ("n", "N"))
        for method in ("locf", "worst_case", "best_case")
    }


def test_nothing_is_missing_in_the_shipped_cut_and_all_methods_agree():
    results = shipped()[2]
    for outcome in (response.id for response in PRIMARY):
        for part in ("n", "N", "percent", "ci_low", "ci_high"):
            assert len({results[f"efficacy.{outcome}.w26.{method}.{part}"].value for method in METHODS}) == 1


def small():
    """1 responds; 2 is missing and last responded at week 8; 3 is missing after failing; 4 was only seen at baseline;
    5 stopped and is missing, having responded before; 6 stopped and responds all the same; 7 fails."""
    visits = [
        visit(1, 0), visit(1, 26),
        visit(2, 0), visit(2, 4, **BAD), visit(2, 8), visit(2, 26, iga=None, easi=None),
        visit(3, 0), visit(3, 16, **BAD),
        visit(4, 0),
        visit(5, 0), visit(5, 8),
        visit(6, 0), visit(6, 26),
        visit(7, 0), visit(7, 26, **BAD),
    ]  # fmt: skip
    patients = [patient(n, **({"discontinued_week": 20} if n in (5, 6) else {})) for n in range(1, 8)]
    return cohort([(NOTHING, NOTHING)] * 7, visits=visits, patients=patients)


@pytest.mark.parametrize("outcome", [response.id for response in PRIMARY])
def test_single_values_by_hand(outcome):
    results = found(small())
    assert counts(results, outcome) == {"locf": (2, 7), "worst_case": (1, 7), "best_case": (4, 7)}
    assert results[f"efficacy.{outcome}.w26.best_case.filled_in"].value == 3
    assert results[f"efficacy.{outcome}.w26.best_case.ci_low"].value == pytest.approx(100 * stats.beta.ppf(0.025, 4, 4))


def test_a_value_after_the_week_is_not_carried_back():
    visits = [visit(1, 0), visit(1, 39), visit(2, 0), visit(2, 26)]
    patients = [patient(n, last_contact_week=40) for n in (1, 2)]
    results = found(cohort([(NOTHING, NOTHING)] * 2, visits=visits, patients=patients))
    assert counts(results, "easi_75")["locf"] == (1, 2)


def test_too_little_to_impute_from_says_so():
    row = found(small())["efficacy.easi_75.w26.mi.percent"]
    assert row.value is None and "fewer than 5 patients" in row.reason
    alike = cohort([(NOTHING, NOTHING)] * 9 + [(NOTHING, None)])
    assert found(alike)["efficacy.iga_0_1.w26.mi.percent"].reason == "the values to impute from do not vary"


def without(children: list[str], columns=("easi", "iga")):
    tables, _, _ = shipped()
    visits = tables.visits.copy()
    visits.loc[visits["patient_id"].isin(children) & (visits["week"] == 26), list(columns)] = pd.NA
    return type(tables)(tables.patients, visits, tables.labs, tables.doses, tables.adverse_events)


@pytest.fixture(scope="module")
def imputed():
    return found(without(["P005", "P009", "P012", "P019"]))


def test_imputation_lies_between_the_bounds_and_repeats_itself(imputed):
    for outcome in (response.id for response in PRIMARY):
        prefix = f"efficacy.{outcome}.w26"
        values = {method: imputed[f"{prefix}.{method}.percent"].value for method in ("worst_case", "mi", "best_case")}
        assert values["worst_case"] <= values["mi"] <= values["best_case"]
        low, high = (imputed[f"{prefix}.mi.{limit}"].value for limit in ("ci_low", "ci_high"))
        assert 0 <= low < values["mi"] < high <= 100
        assert imputed[f"{prefix}.mi.n"].value == pytest.approx(values["mi"] * 27 / 100)
        assert imputed[f"{prefix}.mi.filled_in"].value == 4
    again = found(without(["P005", "P009", "P012", "P019"]))
    assert {key: row.value for key, row in again.items()} == {key: row.value for key, row in imputed.items()}


def test_one_score_alone_is_missing():
    results = found(without(["P002", "P005", "P009"], ["easi"]))
    assert results["efficacy.easi_75.w26.mi.filled_in"].value == 3
    assert results["efficacy.iga_0_1.w26.mi.filled_in"].value == 0
    assert results["efficacy.iga_0_1.w26.mi.percent"].value == pytest.approx(100 * 26 / 27)


def test_a_baseline_that_is_alike_in_all_others_is_taken_to_be_so():
    tables = without(["P002", "P005"])
    tables.visits.loc[(tables.visits["patient_id"] == "P007") & (tables.visits["week"] == 0), "iga"] = pd.NA
    results = found(tables)
    assert results["efficacy.iga_0_1.w26.mi.filled_in"].value == 3
    assert results["efficacy.iga_0_1.w26.mi.percent"].value > 0


def test_pooling_against_the_formulas():
    """Rubin's rules and Barnard and Rubin's degrees of freedom written out; the limits solve Wilson's equation."""
    counts_, n = [20, 22, 21, 19, 23], 27
    found_ = pool(counts_, n)
    p = np.array(counts_) / n
    m, q, u, b = 5, p.mean(), (p * (1 - p) / n).mean(), p.var(ddof=1)
    total = u + (1 + 1 / m) * b
    gamma = (1 + 1 / m) * b / total
    old = (m - 1) / gamma**2
    complete = n - 1
    observed = (complete + 1) / (complete + 3) * complete * (1 - gamma)
    freedom = old * observed / (old + observed)
    assert found_.degrees_of_freedom == pytest.approx(freedom)
    assert found_.percent == pytest.approx(100 * q)
    t, r = stats.t.ppf(0.975, freedom), (1 + 1 / m) * b / u
    for limit in (found_.ci_low / 100, found_.ci_high / 100):
        assert (q - limit) ** 2 == pytest.approx(t**2 * (1 + r) * limit * (1 - limit) / n)


def test_pooling_without_missing_information_is_wilsons_interval():
    found_ = pool([26] * 10, 27)
    t = stats.t.ppf(0.975, 27 / 29 * 26)
    for limit in (found_.ci_low / 100, found_.ci_high / 100):
        assert (26 / 27 - limit) ** 2 == pytest.approx(t**2 * limit * (1 - limit) / 27)
    everyone = pool([27] * 10, 27)
    assert everyone.ci_high == pytest.approx(100) and 80 < everyone.ci_low < 90


def test_pooling_what_cannot_be_pooled():
    with pytest.raises(NotEstimable, match="they differ"):
        pool([0, 2], 2)
    with pytest.raises(NotEstimable, match="2 patients"):
        pool([1, 0], 1)


def test_inverse_wishart_has_the_right_mean():
    random = np.random.Generator(np.random.PCG64(1))
    scale = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
    mean = np.mean([_inverse_wishart(scale, 12, random) for _ in range(20000)], axis=0)
    assert mean == pytest.approx(scale / (12 - 3 - 1), abs=0.02)


def test_imputations_follow_the_regression_on_what_is_known():
    """With many patients the draws have the conditional mean and spread of the normal law that made the data."""
    random = np.random.Generator(np.random.PCG64(2))
    x = random.normal(10, 2, 400)
    y = 3 + 0.5 * x + random.normal(0, 1, 400)
    table = pd.DataFrame({"x": x, "y": y}, index=[f"P{i:03}" for i in range(400)])
    gone = x > 11.5  # missing at random: the observed mean of y is too low
    table.loc[gone, "y"] = np.nan
    draws = np.array([draw["y"].to_numpy() for draw in joint_normal(table, ["x", "y"], Chain(40, 200, 10), 3)])
    assert np.array_equal(draws[:, ~gone], np.tile(y[~gone], (40, 1)))
    assert draws[:, gone].mean() == pytest.approx((3 + 0.5 * x[gone]).mean(), abs=0.25)
    assert (draws[:, gone] - (3 + 0.5 * x[gone])).std() == pytest.approx(1, abs=0.15)


def test_imputed_grades_follow_the_ordered_probit_model_of_statsmodels():
    """With many patients, missing at random by a variable that goes with the grade: the shares of imputed grades are those that an
    ordered probit model of the observed ones predicts, and not those of the observed."""
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    random = np.random.Generator(np.random.PCG64(4))
    x = random.normal(size=300)
    grade = np.searchsorted([-1.5, -0.3, 0.6, 1.9], 1.2 * x + random.normal(size=300)).astype(float)
    gone = x > random.normal(0.8, 0.5, size=300)
    table = pd.DataFrame({"x": x, "grade": np.where(gone, np.nan, grade)})
    chain = Chain(40, 200, 10)
    draws = np.array([draw["grade"].to_numpy() for draw in joint_normal(table, ["x", "grade"], chain, 3, ordinal=["grade"])])
    assert draws[:, ~gone] == pytest.approx(np.tile(grade[~gone], (40, 1)))
    imputed = [(draws[:, gone].round() == each).mean() for each in range(5)]
    model = OrderedModel(grade[~gone], x[~gone, None], distr="probit").fit(disp=0)
    predicted = model.model.predict(model.params, exog=x[gone, None]).mean(axis=0)
    assert sum(imputed) == pytest.approx(1) and imputed == pytest.approx(list(predicted), abs=0.03)
    assert np.abs(np.array(imputed) - [(grade[~gone] == each).mean() for each in range(5)]).max() > 0.2


def test_tipping_points_are_clopper_and_pearsons_intervals_by_scipy():
    results = found(small())
    for outcome in (response.id for response in PRIMARY):
        prefix = f"efficacy.{outcome}.w26.tipping"
        assert results[f"{prefix}.missing"].value == 3 and grid(3) == [0, 1, 2, 3]
        for more in range(4):
            interval = stats.binomtest(1 + more, 7).proportion_ci(method="exact")
            found_ = [results[f"{prefix}.{part}_{more}"].value for part in ("percent", "ci_low", "ci_high")]
            assert found_ == pytest.approx([100 * (1 + more) / 7, 100 * interval.low, 100 * interval.high])
        row = results[f"{prefix}.needed"]
        assert row.value is None and "even if all of them responded" in row.reason


@pytest.mark.parametrize(("responding", "needed"), [(20, 0), (13, 7), (5, None)])
def test_the_tipping_point_is_where_the_lower_limit_passes_one_half(responding, needed):
    """27 children, of whom 19 or more were seen; by scipy the fewest responders whose exact lower limit is above one half."""
    least = next(n for n in range(28) if stats.binomtest(n, 27).proportion_ci(method="exact").low > 0.5)
    visits = [visit(n, 0) for n in range(1, 28)]
    visits += [visit(n, 26, **({} if n <= responding else BAD)) for n in range(1, 28) if n <= 19 or n <= responding]
    row = found(cohort([(NOTHING, NOTHING)] * 27, visits=visits))["efficacy.easi_75.w26.tipping.needed"]
    missing, expected = 27 - max(19, responding), least - responding
    assert row.value == needed == (None if expected > missing else max(expected, 0))


def test_carried_changes_by_hand():
    """Child 2 is missing after 2 at week 8 (from 40), 3 after 40 at week 16, 4 was only seen at baseline, 5 last at week 8."""
    results = found(small())
    means = {method: results[f"efficacy.easi_change.w26.{method}.mean"].value for method in ("locf", "bocf")}
    # 1 and 6 fell by 38, 7 by nothing
    assert means["locf"] == pytest.approx(-(38 + 38 + 0 + 0 + 38 + 38 + 0) / 7)
    assert means["bocf"] == pytest.approx(-(38 + 0 + 0 + 0 + 0 + 38 + 0) / 7)
    assert results["efficacy.easi_change.w26.bocf.filled_in"].value == 4
    low, high = stats.t.interval(0.95, 6, loc=means["bocf"], scale=stats.sem([-38, 0, 0, 0, 0, -38, 0]))
    assert results["efficacy.easi_change.w26.bocf.ci_low"].value == pytest.approx(low)
    assert results["efficacy.easi_change.w26.bocf.ci_high"].value == pytest.approx(high)
