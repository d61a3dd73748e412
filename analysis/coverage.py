"""How often the report's intervals hold the truth, as `benchmarks/calibration.py` found: rows of results from its file."""

from collections.abc import Mapping, Sequence

from analysis.core import display
from analysis.core.results import Result, Results, id_part

COLUMNS = ("quantity", "data", "n", "method", "used", "coverage", "monte_carlo_error", "estimable", "simulations", "seed")
"""Of `benchmarks/coverage.csv`; see :class:`benchmarks.calibration.Row`."""


def coverage(rows: Sequence[Mapping[str, str]]) -> Results:
    """Rows `coverage.*`: the percentage of intervals that hold the truth and, where it was simulated, its Monte Carlo error."""
    found = []
    for row in rows:
        simulations = int(row["simulations"])
        how = f"{row['quantity']}, {row['data']}: share of 95 % intervals that hold the truth in samples of {row['n']}, "
        how += f"{simulations} simulations, seed {row['seed']}." if simulations else "summed over every number of responders."
        for statistic, decimals in (("percent", 1), ("monte_carlo_error", 1)) if simulations else (("percent", 1),):
            value = float(row["coverage" if statistic == "percent" else statistic])
            found.append(
                Result(
                    "coverage", variable(row), statistic, value, "percent", int(row["n"]), display.number(value, decimals),
                    method=_word(row["method"]), basis="simulated", how=how,
                )
            )  # fmt: skip
    return Results(found)


def variable(row: Mapping[str, str]) -> str:
    """Variable of the results for one kind of data at one size."""
    return f"{_word(row['quantity'])}_{_word(row['data'])}_n{row['n']}"


def prefix(row: Mapping[str, str]) -> str:
    """The beginning of the ids of one row."""
    return f"coverage.{variable(row)}.{_word(row['method'])}"


def _word(text: str) -> str:
    return id_part(text.replace("%", "percent"))
