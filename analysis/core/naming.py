"""What a result is called where a reader meets it: its variable, week and statistic in words, which its id only abbreviates."""

from collections.abc import Sequence

from analysis.core import display
from analysis.core.results import Result
from protocol.outcomes import RESPONSES, SCORES

_STATISTICS = {
    "n": "number", "N": "of how many", "percent": "percentage", "ci_low": "lower limit", "ci_high": "upper limit",
    "q1": "first quartile", "q3": "third quartile", "sd": "standard deviation", "min": "lowest", "max": "highest",
    "hodges_lehmann": "shift", "aic": "AIC", "p_wilcoxon": "p value", "p_exact": "exact p value",
    "p_likelihood_ratio": "p value of the likelihood ratio",
}  # fmt: skip
_METHODS = {
    "nri": "missing is non-response", "observed": "as observed", "paired": "pairs with baseline",
    "locf": "last observation carried forward", "bocf": "baseline carried forward", "mi": "multiple imputation",
    "mle": "maximum likelihood",
}  # fmt: skip
_KINDS = ("term", "soc", "aesi")
"""What begins the variable of events of one kind: a term, an organ class, of special interest."""
_OUTCOMES = sorted(((each.id, each.name) for each in (*RESPONSES.values(), *SCORES.values())), key=lambda pair: -len(pair[0]))
_SHORT = {"ige": "IgE", "tcs": "topical glucocorticosteroids", "ad": "disease", "easi": "EASI", "iga": "IGA", "scorad": "SCORAD"}


def named(rows: Sequence[Result]) -> str:
    """One name for results of one variable that are printed together.

    >>> row = Result("efficacy", "easi_75", "percent", 96.3, "percent", 27, "96.3", week=26, method="nri")
    >>> named([row])
    'EASI-75, week 26, percentage'
    >>> named([Result("safety", "term_oral_herpes", "ci_low", 0.1, "percent", 27, "0.1")])
    'Oral herpes, lower limit'
    """
    first = rows[0]
    method = "" if first.method in ("nri", "observed", "paired") else method_named(first.method)  # what is usual for the variable
    return ", ".join(filter(None, (variable_named(first), week_named(first.week), method, *dict.fromkeys(map(statistic_named, rows)))))


def variable_named(row: Result) -> str:
    """The variable of a result.

    >>> variable_named(Result("biomarker", "total_ige_ratio", "mean", 1.0, "", 27, "1.0"))
    'Total IgE ratio'
    """
    for outcome, name in _OUTCOMES:
        if row.variable == outcome or row.variable.startswith(f"{outcome}_"):
            rest = _words(row.variable.removeprefix(outcome))
            return f"{name}, {rest}" if rest else name
    kind, _, rest = row.variable.partition("_")
    words = _words(rest if kind in _KINDS else row.variable)
    return words[:1].upper() + words[1:]


def week_named(week: int | None) -> str:
    """The week of a result, which not every one has."""
    return "" if week is None else display.named_visit(week)


def method_named(method: str | None) -> str:
    """The method of a result, or of what it counts.

    >>> method_named("nri"), method_named("first_event")
    ('missing is non-response', 'first event')
    """
    return _METHODS.get(method or "", (method or "").replace("_", " "))


def statistic_named(row: Result) -> str:
    return _STATISTICS.get(row.statistic, row.statistic.replace("_", " "))


def _words(part: str) -> str:
    return " ".join(_SHORT.get(word, word) for word in part.split("_") if word)
