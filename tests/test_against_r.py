"""The methods against R, where R and its package survival are installed; elsewhere every test here is named as skipped."""

import csv
import io
import math
import shutil
import subprocess

import numpy as np
import pytest
from example_tables import shipped

from analysis.core.kaplan_meier import kaplan_meier
from analysis.core.statistics import beta_quantiles, lognormal_mle, prediction_interval, wilcoxon_exact_p
from analysis.core.turnbull import turnbull
from analysis.response_time import METHODS, response_intervals, time_on_treatment
from protocol.outcomes import PRIMARY

_HAS = shutil.which("Rscript") and not subprocess.run(["Rscript", "-e", "library(survival)"], capture_output=True).returncode
pytestmark = pytest.mark.skipif(not _HAS, reason="R with its package survival is not installed (r-base-core, r-cran-survival)")


def r(code, **columns):
    """What R prints for `code`, a list of numbers; `columns` are vectors there."""
    vectors = "\n".join(f"{name} <- c({', '.join(_number(value) for value in values)})" for name, values in columns.items())
    script = f"suppressMessages(library(survival))\n{vectors}\ncat(format(c({{{code}}}), digits = 15), sep = '\\n')"
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [float(row[0]) for row in csv.reader(io.StringIO(done.stdout)) if row]


def _number(value):
    return "NA" if value is None else "Inf" if value == math.inf else repr(float(value))


# The maximum is survreg's. It takes no model without coefficients, so for a given mean the likelihood is written out, and the
# interval ends where its ratio to survreg's is Student's.
PROFILE = """
  y <- Surv(ifelse(low == 0, NA, low), ifelse(is.infinite(high), NA, high), type = 'interval2')
  best <- survreg(y ~ 1, dist = 'lognormal', control = survreg.control(rel.tolerance = 1e-13, maxiter = 200))
  known <- low == high; size <- sum(known); bound <- size * log(1 + qt(.975, size - 1)^2 / (size - 1))
  likelihood <- function(mean, sigma) sum(dlnorm(low[known], mean, sigma, log = TRUE)) +
    sum(log(plnorm(high[!known], mean, sigma) - plnorm(low[!known], mean, sigma)))
  excess <- function(mean) {
    one <- optimize(function(log_sigma) likelihood(mean, exp(log_sigma)), c(-4, 4), maximum = TRUE, tol = 1e-11)
    2 * (best$loglik[1] - one$objective) - bound
  }
  at <- coef(best)[[1]]; far <- 6 * best$scale / sqrt(length(low))
  exp(c(at, uniroot(excess, c(at - far, at), tol = 1e-11)$root, uniroot(excess, c(at, at + far), tol = 1e-11)$root))
"""


@pytest.mark.parametrize("seed", range(3))
def test_profile_likelihood_of_survreg(seed):
    values = np.exp(np.random.default_rng(seed).normal(5, 1, 18)).round(1)
    low, high = np.where(values < 90, 0, values), np.where(values < 90, 90, values)
    low, high = np.where(values > 600, 600, low), np.where(values > 600, math.inf, high)
    assert lognormal_mle(low, high) == pytest.approx(r(PROFILE, low=low, high=high), rel=1e-5)


# R takes an interval with both its ends, so the open one is moved a little. Its search stops early: it agrees in two digits.
TURNBULL = """
  fit <- survfit(Surv(left + .001, ifelse(is.infinite(right), NA, right), type = 'interval2') ~ 1)
  1 - summary(fit, times = c(4, 8, 16, 26) + .001, extend = TRUE)$surv
"""


@pytest.mark.parametrize("seed", range(3))
def test_turnbull_of_survfit(seed):
    random = np.random.default_rng(seed)
    weeks = [0, 4, 8, 16, 26]
    ends = [*weeks[1:], math.inf]
    intervals = [(weeks[a], ends[b]) for a in range(5) for b in range(a, 5) for _ in range(random.integers(0, 4))]
    left, right = zip(*intervals, strict=True)
    found = turnbull(left, right)
    assert [found.by(week) for week in (4, 8, 16, 26)] == pytest.approx(r(TURNBULL, left=left, right=right), abs=1e-2)


def test_time_to_response_of_the_shipped_cut():
    found, how, results = shipped()
    for response in PRIMARY:
        for method in METHODS:
            intervals = response_intervals(found, how, response, method)
            own = [results[f"efficacy.time_to_{response.id}.w{week}.{method}.percent"].value for week in (4, 8, 16, 26)]
            assert own == pytest.approx([100 * share for share in r(TURNBULL, **intervals)], abs=0.3)


def test_kaplan_meier_of_survfit():
    random = np.random.default_rng(7)
    times, happened = random.integers(1, 30, 40), random.random(40) < 0.5
    found = kaplan_meier(times, happened)
    own = [found.after(week) for week in (4, 8, 16, 26)]
    theirs = r("summary(survfit(Surv(t, e) ~ 1), times = c(4, 8, 16, 26))$surv", t=times, e=happened)
    assert own == pytest.approx(theirs, rel=1e-12)
    patients = shipped()[0].patients
    own = kaplan_meier(*time_on_treatment(patients)).after(26)
    assert own == 1 and not patients["discontinued_week"].notna().any()


def test_posterior_prediction_and_signed_ranks():
    assert [*beta_quantiles(27, 2)] == pytest.approx(r("qbeta(c(.025, .975), 27, 2)"), rel=1e-10)
    values = np.random.default_rng(2).normal(-3, 2, 23).round(3)
    predicted = r("predict(lm(x ~ 1), data.frame(y = 1), interval = 'prediction')[1, 2:3]", x=values)
    assert prediction_interval(values) == pytest.approx(predicted, rel=1e-10)
    assert wilcoxon_exact_p(values) == pytest.approx(r("wilcox.test(x, exact = TRUE)$p.value", x=values)[0], rel=1e-9)
