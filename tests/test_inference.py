"""The primary results read in other ways: posterior, prediction, and rows of the results table."""

import pytest
from example_tables import cohort, design, ige, shipped
from scipy import stats

from analysis.core.results import Results
from analysis.core.statistics import jeffreys, mid_p
from analysis.inference import inference, prediction_of_responders


@pytest.mark.parametrize(("a", "b", "patients"), [(1, 1, 10), (27, 2, 10), (2, 9, 5), (0.5, 27.5, 20), (12, 17, 1)])
def test_responders_to_come_are_beta_binomial(a, b, patients):
    ahead = stats.betabinom(patients, a, b)
    assert prediction_of_responders(a, b, patients) == (ahead.ppf(0.025), ahead.ppf(0.975))


def test_of_nobody_known_every_number_is_as_likely():
    """Laplace: under the uniform prior each of 0 to 39 responders has the probability 1/40."""
    assert prediction_of_responders(1, 1, 39) == (0, 39)
    assert prediction_of_responders(1, 1, 79) == (1, 78)


def test_rows_of_the_shipped_cut():
    """26 of 27: the rule of succession gives 27 / 29 for the next child, and R's qbeta(c(.025, .975), 27, 2) the credible limits."""
    _, _, results = shipped()
    prefix = "efficacy.iga_0_1.w26"
    assert results[f"{prefix}.prediction.probability"].value == pytest.approx(100 * 27 / 29)
    limits = [results[f"{prefix}.bayes.{end}"].value for end in ("ci_low", "ci_high")]
    assert limits == pytest.approx([81.65224, 99.12295], abs=5e-6)
    for method, function in (("mid_p", mid_p), ("jeffreys", jeffreys)):
        assert [results[f"{prefix}.{method}.{end}"].value for end in ("ci_low", "ci_high")] == pytest.approx(function(26, 27))


def test_what_cannot_be_predicted_says_why():
    tables = cohort([({}, None)] * 3, labs=[ige(n, w, 5, "<" if w else "") for n in range(1, 4) for w in (0, 26)])
    results = Results(inference(tables, design()))
    assert results["efficacy.iga_0_1.w26.bayes.mean"].reason == "no visit at week 26"
    assert results["efficacy.easi_change.w26.prediction.low"].reason == "no visit at week 26"
    assert "censored" in results["biomarker.total_ige_ratio.w26.prediction.low"].reason
