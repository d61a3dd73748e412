"""Which results are published: those that are held to a figure of the paper, and those that say the same or follow from it alone.

A number must not be called published on one page and simulated on another. So what is held is carried on to every result that is
the same fact under another id, or arithmetic on held results and on nothing else. What a model gives stays assumed even where it
comes to the same digits, since all simulated visits enter it.
"""

from collections.abc import Iterator

from analysis.core.design import Design
from analysis.core.results import Results
from analysis.sensitivity import METHODS
from protocol import outcomes

_EVERYBODY = "population.enrolled.n"
_PARTS = ("n", "N", "percent", "ci_low", "ci_high")
_OF_A_COUNT = ("mid_p", "jeffreys", "bayes", "prediction")
"""Methods that ask for responders and denominator, and for nothing else of the data."""
_IF_MISSING = tuple(method for method in METHODS if method not in ("nri", "observed"))
"""Methods that differ from the primary analysis where a value is missing, and nowhere else."""


def published(results: Results, design: Design) -> set[str]:
    """The ids of the results that are published: `design.held`, and what restates or follows from it."""
    held = set(design.held)
    if not held:
        return held
    for rule in (_over_all_follow_up, _as_first_events, _of_everybody, _of_those_seen, _of_held_counts, _with_nothing_missing):
        held |= set(rule(results, design, held))
    return held


def _equal(results: Results, one: str, other: str) -> bool:
    return one in results and other in results and results[one].value == results[other].value


def _over_all_follow_up(results: Results, design: Design, held: set[str]) -> Iterator[str]:
    """Events by a week are those over all follow-up where nobody was followed to another planned week."""
    longest = results["safety.follow_up.max"].value if "safety.follow_up.max" in results else None
    if longest is None:
        return
    for name in held:
        row = results.get(name)
        if row is None or row.section != "safety" or row.week is None or row.method is not None:
            continue
        whole = name.replace(f".w{row.week}.", ".", 1)
        later = [week for week in design.planned_weeks if row.week < week <= longest]
        if row.week <= longest and not later and _equal(results, name, whole):
            yield whole


def _as_first_events(results: Results, design: Design, held: set[str]) -> Iterator[str]:
    """Who had an event is who had a first one."""
    for name in held:
        row = results.get(name)
        if row is not None and (row.section, row.week, row.method, row.statistic) == ("safety", None, None, "n"):
            alike = (name.removesuffix("n") + method for method in ("first_event.n", "onset.n"))
            yield from (each for each in alike if _equal(results, name, each))


def _of_everybody(results: Results, design: Design, held: set[str]) -> Iterator[str]:
    """The denominator of a proportion of everyone is the number enrolled."""
    if _EVERYBODY not in held:
        return
    for row in results.values():
        if row.statistic == "N" and _equal(results, row.id, _EVERYBODY):
            response = outcomes.RESPONSES.get(row.variable)
            of_all = response is not None and response.entry is None and row.method == "nri"
            whole_cohort = row.method is None and (
                row.section == "safety" or (row.section == "population" and row.week is None)
            )
            if of_all or whole_cohort:
                yield row.id


def _of_those_seen(results: Results, design: Design, held: set[str]) -> Iterator[str]:
    """Who has a score at baseline and at a week has it for every response that is read from it."""
    seen = {(outcomes.RESPONSES[row.variable].column, row.week, row.value) for name in held
            if (row := results.get(name)) and row.variable in outcomes.RESPONSES and (row.method, row.statistic) == ("observed", "N")}
    for row in results.values():
        response = outcomes.RESPONSES.get(row.variable)
        of_seen = response and response.entry is None and (row.method, row.statistic) == ("observed", "N")
        if of_seen and (response.column, row.week, row.value) in seen:
            yield row.id


def _of_held_counts(results: Results, design: Design, held: set[str]) -> Iterator[str]:
    """What is computed from k of n responders alone, both of which are held."""
    for row in results.values():
        count = f"{row.section}.{row.variable}.w{row.week}.nri"
        if row.method in _OF_A_COUNT and {f"{count}.n", f"{count}.N"} <= held:
            yield row.id


def _with_nothing_missing(results: Results, design: Design, held: set[str]) -> Iterator[str]:
    """Where everybody enrolled has a value, whatever is assumed of missing ones gives the held result."""
    for row in results.values():
        if row.method in _IF_MISSING and row.statistic in _PARTS:
            seen, primary = (f"{row.section}.{row.variable}.w{row.week}.{part}" for part in ("observed.N", f"nri.{row.statistic}"))
            if {seen, primary, _EVERYBODY} <= held and _equal(results, seen, _EVERYBODY) and _equal(results, row.id, primary):
                yield row.id
