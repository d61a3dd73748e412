"""How often the report's intervals hold the truth, as shown."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from analysis.core.markdown import Table, indented, lettered, literal
from analysis.core.origin import marked
from analysis.core.results import Results
from analysis.core.words import Markdown
from analysis.coverage import prefix

Rows = Sequence[Mapping[str, str]]


def coverage_table(rows: Rows, results: Results) -> Table:
    """Coverage of every method by quantity, data and number of patients."""
    sizes = sorted({int(row["n"]) for row in rows})
    lines = []
    for quantity, members in groupby(rows, key=lambda row: row["quantity"]):
        lines.append([f"**{literal(quantity)}**", *[""] * (1 + len(sizes))])
        kinds: dict[tuple[str, str], dict[int, str]] = {}
        for row in members:
            mark = "^a^" if row["used"] == "yes" else ""
            kinds.setdefault((row["data"], literal(row["method"]) + mark), {})[int(row["n"])] = _cell(row, results)
        for (data, method), cells in kinds.items():
            lines.append([indented(literal(data)), method, *(cells.get(size, "") for size in sizes)])
    header = ["Data", "Interval", *(f"n = {size}, % (error^b^)" for size in sizes)]
    note = lettered("The interval that the report gives.", "Standard error of the simulation; without one the coverage is exact.")
    return Table(header, "ll" + "r" * len(sizes), lines, [note])


def _cell(row: Mapping[str, str], results: Results) -> str:
    parts = [results.get(f"{prefix(row)}.{part}") for part in ("percent", "monte_carlo_error")]
    text = parts[0].display + (f" ({parts[1].display})" if parts[1] else "")
    return marked(text, [part for part in parts if part])


def how_sentence(rows: Rows) -> Markdown:
    """How the table came about."""
    simulated = [row for row in rows if int(row["simulations"])]
    number, seed = simulated[0]["simulations"], simulated[0]["seed"]
    text = f"Each simulated coverage rests on {number} studies (seed {seed})."
    few = [row for row in simulated if float(row["estimable"]) < 100]
    if few:
        least = min(float(row["estimable"]) for row in few)
        text += f" Studies that gave no interval, at most {100 - least:.1f} % of a row, are left out."
    return Markdown(text)
