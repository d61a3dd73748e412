"""Course over time: the model beside plain means, and its order of covariances."""

import numpy as np
import pytest
from example_tables import cohort, design, shipped, visit
from scipy import stats

from analysis import course
from analysis.core.repeated import COMPOUND_SYMMETRY, STRUCTURES, UNSTRUCTURED
from analysis.core.results import Results
from analysis.core.statistics import NotEstimable
from analysis.course import first_fitting, fit, scores

NOTHING: dict = {}


def varied(children: int, weeks=(0, 4, 8, 26), seed: int = 3, gaps=frozenset()):
    """A cohort whose EASI varies; `gaps` are pairs of child and week without a visit."""
    random = np.random.default_rng(seed)
    visits = [
        visit(n, w, easi=round(float(40 - w + random.normal(0, 6 - w / 8) + level), 1))
        for n in range(1, children + 1)
        for level in [random.normal(0, 2)]
        for w in weeks
        if (n, w) not in gaps
    ]
    return cohort([(NOTHING, NOTHING)] * children, visits=visits)


def test_complete_visits_give_the_paired_changes_and_their_interval():
    results = Results(course.course(varied(12), design()))
    easi = varied(12).visits.pivot(index="patient_id", columns="week", values="easi").astype(float)
    for week in (4, 8, 26):
        change = easi[week] - easi[0]
        low, high = stats.t.interval(0.95, 11, loc=change.mean(), scale=stats.sem(change))
        found = [results[f"efficacy.easi_change.w{week}.mixed_model.{part}"].value for part in ("mean", "ci_low", "ci_high")]
        assert found == pytest.approx([change.mean(), low, high])
        assert results[f"efficacy.easi_change.w{week}.mixed_model.degrees_of_freedom"].value == pytest.approx(11)
        assert results[f"efficacy.easi.w{week}.mixed_model.sd"].value == pytest.approx(easi[week].std())


def test_the_primary_week_of_the_shipped_cut_is_complete_and_agrees_with_the_paired_change():
    results = shipped()[2]
    for score in ("easi", "scorad"):
        for part in ("mean", "ci_low", "ci_high"):
            model, paired = (results[f"efficacy.{score}_change.w26.{method}.{part}"].value for method in ("mixed_model", "paired"))
            assert model == pytest.approx(paired)


def test_rows_are_those_of_the_first_structure_and_every_structure_is_compared():
    tables, how, results = shipped()
    found = scores(tables, how, "easi")
    model, simple = fit(found, UNSTRUCTURED), fit(found, COMPOUND_SYMMETRY)
    assert first_fitting(found).structure is UNSTRUCTURED
    assert results["efficacy.easi.unstructured.deviance"].value == pytest.approx(model.deviance)
    assert results["efficacy.easi.unstructured.parameters"].value == 15
    assert results["efficacy.easi.unstructured.aic"].value == pytest.approx(model.deviance + 30)
    p = stats.chi2.sf(simple.deviance - model.deviance, 13)
    assert results["efficacy.easi.unstructured.p_likelihood_ratio"].value == pytest.approx(p) and p < 0.001
    deviances = {each.id: results[f"efficacy.easi.{each.id}.deviance"].value for each in STRUCTURES}
    assert min(deviances, key=deviances.get) == "unstructured" and max(deviances, key=deviances.get) == "compound_symmetry"
    assert deviances["toeplitz"] <= min(deviances["autoregressive"], deviances["heterogeneous_symmetry"])


def test_too_few_shared_visits_are_modelled_by_the_next_structure():
    """Seven children, of whom four have both visits: no unstructured covariance, and the reason stands beside its result."""
    tables = varied(7, weeks=(0, 4, 8, 26), gaps={(1, 4), (2, 4), (3, 8), (4, 8)}, seed=9)
    results = Results(course.course(tables, design()))
    row = results["efficacy.easi.unstructured.deviance"]
    assert row.value is None and "shared by no more patients than there are visits (4)" in row.reason
    model = first_fitting(scores(tables, design(), "easi"))
    assert model.structure is not UNSTRUCTURED
    assert results["efficacy.easi_change.w26.mixed_model.mean"].value == pytest.approx(
        model.coefficients[3] - model.coefficients[0]
    )
    assert model.structure.name.lower() in results["efficacy.easi_change.w26.mixed_model.mean"].how


def test_a_singular_covariance_is_named_and_the_next_one_taken():
    tables = varied(12)
    visits = tables.visits
    for child in visits["patient_id"].unique():
        own = visits["patient_id"] == child
        visits.loc[own & (visits["week"] == 26), "easi"] = visits.loc[own & (visits["week"] == 8), "easi"].to_numpy() / 2
    results = Results(course.course(tables, design()))
    assert "singular" in results["efficacy.easi.unstructured.deviance"].reason
    assert results["efficacy.easi_change.w26.mixed_model.ci_low"].value is not None


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        (lambda: cohort([(NOTHING, NOTHING)] * 3), "fewer than 5 patients have a value at baseline"),
        (lambda: varied(8, weeks=(0,)), "no visit after baseline with at least 5 patients"),
        (lambda: cohort([(NOTHING, NOTHING)] * 6, visits=[visit(n, w) for n in range(1, 7) for w in (0, 8, 26)]),
         "all values at week 0 are identical"),
        (lambda: cohort([(NOTHING, NOTHING)] * 6,
                        visits=[visit(n, w, **({} if w else {"easi": 30 + n})) for n in range(1, 7) for w in (0, 8, 26)]),
         "all values at week 8 are identical"),
    ],
)  # fmt: skip
def test_what_cannot_be_modelled_says_why(tables, reason):
    with pytest.raises(NotEstimable, match=reason):
        first_fitting(scores(tables(), design(), "easi"))
    row = Results(course.course(tables(), design()))["efficacy.easi_change.w26.mixed_model.mean"]
    unseen = ("fewer than 5 patients seen at this visit", "no visit at week 26")
    assert row.value is None and (reason in row.reason or row.reason in unseen)
