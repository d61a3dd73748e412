"""How much a report shows one by one: the one place of these numbers.

A reader of a small cohort sees every patient. Of a large one no page holds them all, and what is drawn are distributions, with some
patients at even ranks beside them; what is listed is a summary, with the whole table as a file beside the report.
"""

import functools
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from analysis.core.design import Tables
from analysis.core.results import Results

Each = TypeVar("Each")
Shown = TypeVar("Shown")

EVERY_PATIENT = 60
"""Patients who are each drawn, and each have a row in a table of patients."""
SAMPLED = 30
"""Of more, those who are drawn beside the distribution of all."""
LISTED = 100
"""Records that a table of the report lists, adverse events for instance."""
FIRST = 20
"""Of more, those that stand in the report; the whole table goes beside it as files."""
PLACES = 100
"""Points of a line that would otherwise have one for every patient."""


def are_many(of: Tables | Results) -> bool:
    """Whether these are more patients than are shown one by one; results that do not say how many were enrolled are of few."""
    if isinstance(of, Tables):
        return len(of.patients) > EVERY_PATIENT
    enrolled = of.get("population.enrolled.n")
    return enrolled is not None and enrolled.value > EVERY_PATIENT


def or_of_many(large: Callable[..., Shown]) -> Callable[[Callable[..., Shown]], Callable[..., Shown]]:
    """For what shows every patient: `large` shows as much of many. Both take the same arguments, first tables, results or words."""

    def decorated(small: Callable[..., Shown]) -> Callable[..., Shown]:
        @functools.wraps(small)
        def shown(of, *arguments, **named) -> Shown:
            known = of if isinstance(of, (Tables, Results)) else of.results
            return (large if are_many(known) else small)(of, *arguments, **named)

        return shown

    return decorated


def evenly(order: Sequence[Each], number: int = SAMPLED) -> list[Each]:
    """So many at even ranks of an order, the first and the last among them; all where there are no more.

    >>> evenly(["a", "b", "c", "d", "e", "f", "g"], 3), evenly(["a"], 3)
    (['a', 'd', 'g'], ['a'])
    """
    if len(order) <= number:
        return list(order)
    return [order[rank] for rank in np.linspace(0, len(order) - 1, number).round().astype(int)]
