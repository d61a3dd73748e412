"""Cells of tables: the estimates that share a prefix of their ids, as they are printed together."""

from analysis.core import display
from analysis.core.results import Results

_NBSP = "\N{NO-BREAK SPACE}"


def n_of(results: Results, prefix: str) -> str:
    """`n/N` of a proportion, for instance "15/27"."""
    return f"{results[f'{prefix}.n'].display}/{results[f'{prefix}.N'].display}"


def n_percent(results: Results, prefix: str) -> str:
    """`n (percent)` of a proportion, for instance "15 (55.6)"."""
    return f"{results[f'{prefix}.n'].display}{_NBSP}({results[f'{prefix}.percent'].display})"


def interval_of(results: Results, prefix: str) -> str:
    """`low to high`, unbroken."""
    low, high = results[f"{prefix}.ci_low"], results[f"{prefix}.ci_high"]
    if low.value is None:
        return "not estimable"
    return display.interval(low.display, high.display)


def mean_sd(results: Results, prefix: str) -> str:
    """`mean (SD)`; a single value has a mean alone."""
    mean, sd = results[f"{prefix}.mean"], results[f"{prefix}.sd"]
    return mean.display if sd.value is None else f"{mean.display}{_NBSP}({sd.display})"


def median_quartiles(results: Results, prefix: str) -> str:
    """`median (q1 to q3)`."""
    middle, low, high = (results[f"{prefix}.{part}"] for part in ("median", "q1", "q3"))
    if middle.value is None:
        return middle.display
    return f"{middle.display}{_NBSP}({display.interval(low.display, high.display)})"


def extremes(results: Results, prefix: str) -> str:
    """`min to max`, unbroken."""
    low, high = results[f"{prefix}.min"], results[f"{prefix}.max"]
    if low.value is None:
        return low.display
    return display.interval(low.display, high.display)
