"""The mixed model for repeated measures against SAS PROC MIXED (published output), R's nlme, statsmodels and Student's t."""

import csv
import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from analysis.core.repeated import COMPOUND_SYMMETRY, STRUCTURES, UNSTRUCTURED, fit, scaled_residuals
from analysis.core.statistics import NotEstimable

BY_ID = {structure.id: structure for structure in STRUCTURES}
FEV = Path(__file__).parent / "fev" / "fev.csv"
SAS = {  # difference between arms, its standard error and degrees of freedom, and -2 log restricted likelihood, as SAS prints it
    "unstructured": (3.81972492174648, 0.66124382270307, 160.733266403768, 3667.96276376),
    "toeplitz": (3.92287746213894, 0.72537324518435, 180.062730071701, 3693.3),
    "autoregressive": (3.72674356244499, 0.75924807546934, 188.225339095373, 3715.3),
    "heterogeneous_symmetry": (3.77090812499029, 0.67403858183242, 190.737701349941, 3754.2),
    "compound_symmetry": (4.19663617897035, 0.7964696053595, 177.038485931223, 3891.0),
}
"""MODEL FEV1 = ARMCD / DDFM=KR(LINEAR), METHOD=REML, TYPE=UN, TOEPH, ARH(1), CSH and CS: the files kr1_us, kr1_toeph, kr1_arh1,
kr1_csh and kr1_cs in design/ddfm_covtype of openpharma/mmrm. For UN and CS, DDFM=KR gives the same."""


def fev() -> tuple[np.ndarray, np.ndarray]:
    """FEV1 (patients by 4 visits) and the design: intercept and arm."""
    rows = list(csv.DictReader(FEV.open(encoding="utf-8")))
    patients = sorted({row["patient"] for row in rows})
    outcome, design = np.full((len(patients), 4), np.nan), np.ones((len(patients), 4, 2))
    for row in rows:
        place = patients.index(row["patient"])
        outcome[place, int(row["visit"]) - 1] = float(row["fev1"])
        design[place, :, 1] = float(row["treated"])
    return outcome, design


@pytest.mark.parametrize("name", SAS)
def test_fev_as_sas_has_it(name):
    """As closely as SAS searches: it stops when the likelihood moves by less than 1e-8 of itself, at a slightly larger deviance."""
    found = fit(*fev(), BY_ID[name])
    arm = found.contrast(np.array([0.0, 1.0]))
    estimate, error, freedom, deviance = SAS[name]
    assert arm.estimate == pytest.approx(estimate, rel=5e-5)
    assert arm.standard_error == pytest.approx(error, rel=2e-4)
    assert arm.freedom == pytest.approx(freedom, rel=5e-4)
    assert found.deviance == pytest.approx(deviance, abs=1e-5 if name == "unstructured" else 0.05)
    assert found.deviance < deviance + 0.05


def test_the_covariance_of_fev_as_sas_has_it():
    found = fit(*fev(), UNSTRUCTURED)
    sas = [108.39, 45.4113, 40.1721, -2.6971, 0.7771, 24.6058, -47.0103, -13.0998, 18.7346, 152.36]
    assert found.covariance[np.tril_indices(4)] == pytest.approx(sas, rel=1e-3, abs=5e-3)
    assert len(found.parameters) == 10


def complete(patients: int = 27, visits: int = 5, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    return 30 - 6.0 * np.arange(visits) + random.normal(size=(patients, visits)) * np.linspace(7, 2, visits) + random.normal(
        0, 3, size=(patients, 1)
    )  # fmt: skip


def by_visit(outcome: np.ndarray) -> np.ndarray:
    return np.tile(np.eye(outcome.shape[1]), (len(outcome), 1, 1))


def test_complete_visits_give_students_interval_of_the_paired_changes():
    """An exact result of theory: with complete data Kenward and Roger's method gives the multivariate test back."""
    outcome = complete()
    change = fit(outcome, by_visit(outcome), UNSTRUCTURED).contrast(np.array([-1.0, 0, 0, 0, 1]))
    paired = outcome[:, 4] - outcome[:, 0]
    low, high = stats.t.interval(0.95, len(paired) - 1, loc=paired.mean(), scale=stats.sem(paired))
    assert (change.estimate, change.freedom) == (pytest.approx(paired.mean()), pytest.approx(len(paired) - 1))
    assert (change.low, change.high) == (pytest.approx(low), pytest.approx(high))


def with_gaps(seed: int = 3) -> np.ndarray:
    outcome = complete(seed=seed)
    outcome[np.random.default_rng(seed).random(outcome.shape) < 0.15] = np.nan
    return outcome


def test_compound_symmetry_is_the_random_intercept_model_of_statsmodels():
    from statsmodels.regression.mixed_linear_model import MixedLM

    outcome = with_gaps()
    seen = ~np.isnan(outcome)
    patient = np.nonzero(seen)[0]
    model = MixedLM(outcome[seen], by_visit(outcome)[seen], groups=patient).fit(reml=True, method=["powell", "bfgs"])
    found = fit(outcome, by_visit(outcome), COMPOUND_SYMMETRY)
    assert found.coefficients == pytest.approx(model.fe_params, abs=1e-4)
    assert found.covariance[0, 1] == pytest.approx(float(model.cov_re[0, 0]), rel=1e-3)
    assert found.deviance == pytest.approx(-2 * model.llf, abs=1e-4)


NLME = """
library(nlme)
options(digits = 12)
d <- as.data.frame(Orthodont)
d$time <- as.integer(factor(d$age))
d <- d[!(d$Subject %in% c("M01", "F03") & d$age == 14) & !(d$Subject == "M07" & d$age == 10), ]
write.csv(d[, c("distance", "time", "Subject", "Sex")], "data.csv", row.names = FALSE)
free <- list(unstructured = corSymm(form = ~ time | Subject), autoregressive = corAR1(0.5, form = ~ time | Subject),
             heterogeneous_symmetry = corCompSymm(form = ~ 1 | Subject))
for (name in names(free)) {
  m <- gls(distance ~ Sex * factor(time), d, correlation = free[[name]], weights = varIdent(form = ~ 1 | time), method = "REML",
           control = glsControl(maxIter = 500, msMaxIter = 500, tolerance = 1e-10))
  cat(name, -2 * as.numeric(logLik(m)), coef(m), sqrt(diag(vcov(m))), "\\n")
}
m <- gls(distance ~ Sex * factor(time), d, correlation = corCompSymm(form = ~ 1 | Subject), method = "REML")
cat("compound_symmetry", -2 * as.numeric(logLik(m)), coef(m), sqrt(diag(vcov(m))), "\\n")
"""


def test_orthodont_as_nlme_has_it(tmp_path):
    """Growth of 27 children's jaws (Potthoff and Roy 1964, doi 10.1093/biomet/51.3-4.313) with three values taken out, by R's gls."""
    if not shutil.which("Rscript") or subprocess.run(["Rscript", "-e", "library(nlme)"], capture_output=True).returncode:
        pytest.skip("Orthodont against R's nlme: no R with nlme here (Debian: r-base-core r-cran-nlme)")
    answer = subprocess.run(["Rscript", "-e", NLME], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    rows = list(csv.DictReader(io.StringIO((tmp_path / "data.csv").read_text(encoding="utf-8"))))
    children = sorted({row["Subject"] for row in rows})
    outcome, design = np.full((len(children), 4), np.nan), np.zeros((len(children), 4, 8))
    for row in rows:
        child, time = children.index(row["Subject"]), int(row["time"]) - 1
        outcome[child, time] = float(row["distance"])
        design[child, time, [0, *([1 + 1 + time - 1] if time else [])]] = 1
        if row["Sex"] == "Female":
            design[child, time, [1, *([5 + time - 1] if time else [])]] = 1
    assert len(rows) == 105
    for line in answer.splitlines():
        name, *numbers = line.split()
        deviance, *others = map(float, numbers)
        found = fit(outcome, design, BY_ID[name])
        assert found.deviance == pytest.approx(deviance, abs=1e-4), name
        assert [*found.coefficients, *np.sqrt(np.diag(found.information))] == pytest.approx(others, abs=2e-3), name
    assert len(answer.splitlines()) == 4


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda each: each.id)
def test_any_other_covariance_is_less_likely(structure):
    """At the maximum, and the derivatives of a structure by its parameters are those of differences."""
    outcome = with_gaps(5)
    found = fit(outcome, by_visit(outcome), structure)
    at, slopes = structure.at(found.parameters, 5)
    for place in range(len(found.parameters)):
        shift = np.zeros(len(found.parameters))
        shift[place] = 1e-6
        ends = [structure.at(found.parameters + sign * shift, 5)[0] for sign in (1, -1)]
        assert slopes[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-6)
    for scale in (0.97, 1.03):
        assert _deviance(outcome, found.covariance * scale) > _deviance(outcome, found.covariance)
    assert _deviance(outcome, found.covariance) == pytest.approx(found.deviance)
    assert at.shape == (5, 5)


def _deviance(outcome: np.ndarray, covariance: np.ndarray) -> float:
    """-2 log restricted likelihood with dense matrices (Harville 1977, doi 10.1080/01621459.1977.10480998)."""
    seen = ~np.isnan(outcome)
    rows, values = by_visit(outcome)[seen], outcome[seen]
    patient, visit = np.nonzero(seen)
    whole = covariance[np.ix_(visit, visit)] * (patient[:, None] == patient)
    inverse = np.linalg.inv(whole)
    inner = rows.T @ inverse @ rows
    rest = values - rows @ np.linalg.solve(inner, rows.T @ inverse @ values)
    freedom = len(values) - rows.shape[1]
    logs = np.linalg.slogdet(whole)[1] + np.linalg.slogdet(inner)[1]
    return float(freedom * np.log(2 * np.pi) + logs + rest @ inverse @ rest)


def test_intervals_cover_what_they_promise():
    """400 small cohorts with gaps: 95 % intervals of a change cover it in 95 %, up to three standard errors of the simulation."""
    random, hits, runs = np.random.default_rng(8), 0, 400
    size = np.array([7.0, 5, 2.5])
    law = np.outer(size, size) * (0.5 + 0.5 * np.eye(3))
    for _ in range(runs):
        outcome = random.multivariate_normal(np.zeros(3), law, size=14)
        outcome[random.random(outcome.shape) < 0.12] = np.nan
        change = fit(outcome[~np.isnan(outcome).all(axis=1)], by_visit(outcome[~np.isnan(outcome).all(axis=1)]), UNSTRUCTURED)
        change = change.contrast(np.array([-1.0, 0, 1]))
        hits += change.low <= 0 <= change.high
    assert abs(hits / runs - 0.95) < 3 * (0.95 * 0.05 / runs) ** 0.5


def test_scaled_residuals_are_independent_and_of_one_spread():
    outcome = complete(400, 4, seed=11)
    found = fit(outcome, by_visit(outcome), UNSTRUCTURED)
    scaled = scaled_residuals(outcome, by_visit(outcome), found)
    assert np.cov(scaled.T) == pytest.approx(np.eye(4), abs=1e-6)
    outcome[0, 1] = np.nan
    assert np.isnan(scaled_residuals(outcome, by_visit(outcome), found)[0]).tolist() == [False, True, False, False]


def test_a_singular_covariance_says_so():
    outcome = complete(12, 3)
    outcome[:, 2] = 2 * outcome[:, 1] - 5
    with pytest.raises(NotEstimable, match="singular"):
        fit(outcome, by_visit(outcome), UNSTRUCTURED)
    with pytest.raises(NotEstimable, match="do not vary"):
        fit(np.tile([3.0, 2.0], (9, 1)), np.tile(np.eye(2), (9, 1, 1)), UNSTRUCTURED)
    with pytest.raises(NotEstimable, match="too few visits"):
        fit(np.array([[1.0, np.nan]] * 6), np.tile(np.eye(2), (6, 1, 1)), UNSTRUCTURED)
