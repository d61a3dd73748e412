"""The primary results read in other ways: with other intervals, as a posterior distribution, and as a prediction."""

import math

from analysis.core import statistics
from analysis.core.design import Design, Tables
from analysis.core.families import Family, at_week, no_visit, paired
from analysis.core.results import Result
from analysis.efficacy import responders
from analysis.ige import ige_pairs, total_ige
from protocol import outcomes

PRIOR = (1.0, 1.0)
"""Of the beta distribution before the data: uniform, so every proportion is held as likely as any other."""
NEXT = 10
"""Patients to come whose number of responders is predicted."""


def inference(tables: Tables, design: Design) -> list[Result]:
    """Rows at the primary week: of the sections `efficacy` and `biomarker`, by the methods mid_p, jeffreys, bayes and prediction."""
    week = design.primary_week
    rows: list[Result] = []
    for response in outcomes.PRIMARY:
        primary = {
            row.statistic: row
            for row in responders(tables.patients, tables.visits, response, week)
            if row.method == "nri"
        }
        rows += _proportion(primary)
    for score in outcomes.MODELLED:
        pairs, lines = paired(tables.visits, week, score.column)
        change = (pairs["value"] - pairs["baseline"]).round(6)
        family = Family(
            "efficacy", f"{score.id}_change", score.unit, len(change), week=week, method="prediction", lines=lines,
            absent=no_visit(tables.visits, week),
            how=f"Change of {score.column} from baseline to this week that the next patient is expected to lie within, 95 %: "
            "Student's t prediction interval of one more value (Hahn and Meeker 1991, doi 10.1002/9780470316771).",
        )  # fmt: skip
        rows += family.several(("low", "high"), lambda change=change: statistics.prediction_interval(change))
    return rows + _ige(tables, week)


def _proportion(primary: dict[str, Result]) -> list[Result]:
    """The other readings of one proportion, from the rows of the primary analysis."""
    count, of = primary["n"], primary["N"].value

    def family(method: str, how: str) -> Family:
        return Family(
            count.section, count.variable, "percent", of, week=count.week, method=method, lines=count.lines,
            absent=count.reason, how=f"{how} {count.how.split(' Exact')[0]}",
        )  # fmt: skip

    mid = family("mid_p", "Mid-P interval, 95 % (Berry and Armitage 1995, doi 10.2307/2348891).")
    jeffreys = family("jeffreys", "Jeffreys' interval, 95 % (Brown, Cai and DasGupta 2001, doi 10.1214/ss/1009213286).")
    bayes = family(
        "bayes",
        f"Posterior distribution of the proportion under the prior Beta({PRIOR[0]:g}, {PRIOR[1]:g}): mean, and 2.5th and 97.5th "
        "percentile.",
    )
    ahead = family(
        "prediction",
        f"Responders among the next {NEXT} patients, if they are like these: beta-binomial distribution of the posterior under the "
        f"prior Beta({PRIOR[0]:g}, {PRIOR[1]:g}). probability: that the next patient responds; low and high: 2.5th and "
        "97.5th percentile.",
    )

    def posterior() -> tuple[float, float]:
        if not of:
            raise statistics.NotEstimable("no patients")
        return count.value + PRIOR[0], of - count.value + PRIOR[1]

    def credible() -> tuple[float, float]:
        low, high = statistics.beta_quantiles(*posterior())
        return 100 * low, 100 * high

    def expected() -> float:
        a, b = posterior()
        return 100 * a / (a + b)

    def predicted() -> tuple[float, float]:
        return prediction_of_responders(*posterior(), NEXT)

    return [
        *mid.interval(lambda: statistics.mid_p(count.value, of)),
        *jeffreys.interval(lambda: statistics.jeffreys(count.value, of)),
        bayes.row("mean", expected),
        *bayes.interval(credible),
        ahead.row("probability", expected),
        ahead.count("next", NEXT),
        *ahead.several(("low", "high"), predicted, unit="patients", decimals=0),
    ]


def prediction_of_responders(a: float, b: float, patients: int) -> tuple[float, float]:
    """The 2.5th and the 97.5th percentile of the responders among so many patients to come: beta-binomial, Beta(a, b).

    >>> prediction_of_responders(27, 2, 10)
    (7.0, 10.0)
    """

    def log_beta(x: float, y: float) -> float:
        return math.lgamma(x) + math.lgamma(y) - math.lgamma(x + y)

    share = [
        math.comb(patients, k) * math.exp(log_beta(a + k, b + patients - k) - log_beta(a, b))
        for k in range(patients + 1)
    ]
    tail = (1 - statistics.LEVEL) / 2
    low = next(k for k in range(patients + 1) if math.fsum(share[: k + 1]) >= tail)
    high = next(k for k in range(patients, -1, -1) if math.fsum(share[k:]) >= tail)
    return float(low), float(high)


def _ige(tables: Tables, week: int) -> list[Result]:
    ige = total_ige(tables.labs)
    pairs = ige_pairs(ige, week)
    _, lines = paired(ige, week, "value", file="labs")
    family = Family(
        "biomarker", "total_ige_ratio", "ratio", len(pairs), week=week, method="prediction", decimals=3, lines=lines,
        absent=no_visit(tables.visits, week) if not len(at_week(ige, week, "value")) else None,
        how="Value at this week divided by baseline that the next patient is expected to lie within, 95 %: Student's t prediction "
        "interval of one more value on the log scale (Hahn and Meeker 1991, doi 10.1002/9780470316771).",
    )  # fmt: skip

    def ahead() -> tuple[float, float]:
        if pairs["censored"].any():
            raise statistics.NotEstimable(
                f"{int(pairs['censored'].sum())} of {len(pairs)} patients have a censored value"
            )
        if not pairs["positive"].all():
            raise statistics.NotEstimable("a value of 0 has no ratio")
        return statistics.geometric_prediction_interval(pairs["ratio_lower"])

    return family.several(("low", "high"), ahead)
