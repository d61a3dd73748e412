"""A printed number that carries its origin: what a reader sees on pointing at it, and where it leads.

The mark is a `span` in HTML, which Pandoc, Quarto and JupyterLab all read inside Markdown; the PDF and the Word file show its
text alone. What is assumed in a reconstructed data cut looks different from what is published, in every format.
"""

import functools
import html
from collections.abc import Callable, Iterable
from dataclasses import replace

from analysis.core.markdown import Table, literal
from analysis.core.naming import named
from analysis.core.results import Result, Results

_BASIS = {"published": "published by the paper", "assumed": "assumed (simulated)", "observed": "observed"}


def marked(text: str, rows: Iterable[Result]) -> str:
    """Markdown of a printed text that shows these results, the first of which it leads to. If one of them is assumed, so is the text.

    >>> row = Result("safety", "cold", "n", 3, "patients", 27, "3", basis="assumed", how="Children with a cold")
    >>> print(marked("3", [row]))  # doctest: +ELLIPSIS
    <span class="result assumed" data-result="safety.cold.n" title="Cold, number: 3 · n = 27 ... · safety.cold.n">3</span>
    """
    rows = tuple(rows)
    return f'<span class="{_looks(rows)}" data-result="{rows[0].id}" title="{_origin(text, rows)}">{literal(text)}</span>'


def _looks(rows: tuple[Result, ...]) -> str:
    return "result assumed" if any(row.basis == "assumed" for row in rows) else "result"


def _origin(text: str, rows: tuple[Result, ...]) -> str:
    """What it is and its value, size, basis, method and rows; last the ids."""
    first = rows[0]
    entered = ", ".join(f"{len(lines)} of {table}.csv" for table, lines in first.lines.items())
    size = first.reason if first.n is None else f"n = {first.n}"
    told = {"Basis": _BASIS.get(first.basis), "Method": first.how, "Rows": entered}
    ids = " ".join(row.id for row in rows)
    parts = (f"{named(rows)}: {text}", size, *(f"{name}: {words}" for name, words in told.items() if words), ids)
    return html.escape(" ".join(" · ".join(filter(None, parts)).split())).replace("|", "&#124;")  # a bar would end a table's cell


def with_origins(table: Callable[..., Table]) -> Callable[..., Table]:
    """For a function that makes a table from results: every number that it prints carries its origin."""

    @functools.wraps(table)
    def made(*arguments, **named) -> Table:
        return table(*(_Traced(argument) if isinstance(argument, Results) else argument for argument in arguments), **named)

    return made


class _Traced(Results):
    """Results whose displayed texts carry their origin, put together when one is asked for: a table shows a few of two thousand."""

    def __init__(self, results: Results):
        super().__init__(())
        self._rows = {row.id: row for row in results.values()}

    def __getitem__(self, result_id: str) -> Result:
        return _marked(super().__getitem__(result_id))

    def get(self, result_id: str, default: Result | None = None) -> Result | None:
        row = super().get(result_id)
        return default if row is None else _marked(row)


def _marked(row: Result) -> Result:
    return replace(row, display=marked(row.display, [row]))
