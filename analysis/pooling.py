"""One results table from those of several sites that may not share rows, as far as numbers determine each other.

Counts, proportions, rates, means, standard deviations and geometric means follow from those of the parts, and so do the intervals that
rest on them alone. Quantiles, tests of ranks, models and survival curves do not: they are null, and the reason says so.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from analysis.core import display, statistics
from analysis.core.results import DIGITS, Result, Results
from analysis.core.statistics import NotEstimable

_METHODS = {
    None, "nri", "observed", "locf", "bocf", "worst_case", "best_case", "paired", "geometric", "given", "missed", "conforming",
    "lacking", "not_yet_late", "beyond", "related", "first_event", "all_events", "first_event_on_treatment",
    "all_events_on_treatment", "onset", "duration",
}  # fmt: skip
"""Methods that count and describe. Others estimate something from all patients together."""
_DIGITS = DIGITS - 1
"""The parts are written with one digit more; a mean of exactly 3.25 is shown as 3.3 again."""
_SUMS = {"n", "N", "events", "filled_in", "patient_years", "ongoing"}
_HALVES = ("_up_to_median", "_above_median")
"""End the names of groups that every part cuts at a median of its own."""
_NOT_FROM_PARTS = {
    "median": "a quantile", "q1": "a quantile", "q3": "a quantile", "hodges_lehmann": "an estimate from ranks",
    "p_wilcoxon": "a test of ranks", "p_exact": "a test of ranks",
}  # fmt: skip

Parts = Mapping[str, Results]
_Rows = dict[str, Sequence[Result]]
"""Of one family (rows whose ids differ in the statistic alone): by statistic, the rows of all parts in their order."""


def pooled(parts: Parts) -> Results:
    """The results of the patients of all parts together, in the order of the first part; `parts` by the name that reasons give them.

    A row that some part lacks or cannot give, that has several units, or that the parts do not determine, is null with its reason.
    The parts are of one kind: all observed, or none.
    """
    names, tables = list(parts), list(parts.values())
    ids = list(dict.fromkeys(result_id for table in tables for result_id in table))
    families: dict[str, _Rows] = {}
    for result_id in ids:
        rows = [table.get(result_id) for table in tables]
        if None not in rows:
            families.setdefault(_family(rows[0]), {})[rows[0].statistic] = rows
    found = []
    for result_id in ids:
        rows = [table.get(result_id) for table in tables]
        first = next(row for row in rows if row is not None)
        basis = first.basis if all(row is None or row.basis == first.basis for row in rows) else "assumed"
        n = None if any(row is None or row.n is None for row in rows) else sum(row.n for row in rows)
        try:
            value, decimals = _value(rows, families.get(_family(first), {}), names)
            shown = f"{value}" if isinstance(value, int) else display.number(value, decimals)
            found.append(replace(first, value=value, n=n, basis=basis, display=shown, reason=None, how="", lines={}))
        except NotEstimable as problem:
            null = {"value": None, "n": n, "basis": basis, "display": "not estimable", "reason": str(problem)}
            found.append(replace(first, **null, how="", lines={}))
    return Results(found)


def _family(row: Result) -> str:
    return row.id.removesuffix(row.statistic)


def _value(rows: Sequence[Result | None], family: _Rows, names: Sequence[str]) -> tuple[float | int, int]:
    """The pooled value, and with how many decimals it is shown; raises :class:`NotEstimable`."""
    if None in rows:
        lacking = ", ".join(name for name, row in zip(names, rows, strict=True) if row is None)
        raise NotEstimable(f"{lacking} has no such result")
    if len({row.unit for row in rows}) > 1:
        units = "; ".join(f"{name}: {row.unit}" for name, row in zip(names, rows, strict=True))
        raise NotEstimable(f"the units differ ({units})")
    first = rows[0]
    if first.section == "sites" or first.method not in _METHODS:
        raise NotEstimable("an estimate from all patients together does not follow from those of the parts")
    if first.section == "subgroups" and first.variable.endswith(_HALVES):
        raise NotEstimable("every part cuts its patients at its own median")
    if first.statistic in _NOT_FROM_PARTS:
        raise NotEstimable(f"{_NOT_FROM_PARTS[first.statistic]} needs the values of all patients")
    decimals = max(len(row.display.partition(".")[2]) for row in rows if row.value is not None) if _known(rows) else 1
    value = _METHOD_OF.get(first.statistic, _other)(rows, family, names)
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value, decimals


def _known(rows: Sequence[Result]) -> bool:
    return any(row.value is not None for row in rows)


def _need(rows: Sequence[Result], names: Sequence[str]) -> list[float | int]:
    """The values of all parts; raises :class:`NotEstimable` with the reasons of those that have none."""
    missing = {name: row.reason for name, row in zip(names, rows, strict=True) if row.value is None}
    if missing:
        raise NotEstimable("; ".join(f"{name}: {reason}" for name, reason in missing.items()))
    return [row.value for row in rows]


def _of(family: _Rows, statistic: str, names: Sequence[str]) -> list[float | int]:
    if statistic not in family:
        raise NotEstimable(f"it needs {statistic}, which is not among the results of every part")
    return _need(family[statistic], names)


def _sum(rows, family, names) -> float | int:
    values = _need(rows, names)
    return math.fsum(values) if any(isinstance(value, float) for value in values) else sum(values)


def _percent(rows, family, names) -> float:
    count, of = (sum(_of(family, each, names)) for each in ("n", "N"))
    if not of:
        _need(rows, names)
    return 100 * count / of


def _rate(rows, family, names) -> float:
    years = math.fsum(_of(family, "patient_years", names))
    if years <= 0:
        _need(rows, names)
    return 100 * sum(_of(family, "n", names)) / years


def _extreme(choose):
    def found(rows, family, names) -> float | int:
        some = [(row, name) for row, name in zip(rows, names, strict=True) if row.n != 0]
        return choose(_need(*zip(*(some or zip(rows, names, strict=True)), strict=True)))

    return found


def _moments(centre: str, family: _Rows, names: Sequence[str], spread: bool) -> tuple[int, float, float]:
    """Number, mean and sum of squared deviations of the values of all parts, of their logarithms where `centre` is the geometric mean.

    By the parallel formula of Chan, Golub and LeVeque 1983, doi 10.1080/00031305.1983.10483115. Where a part has no standard
    deviation it follows from Student's interval; `spread` is whether it is wanted at all.
    """
    number, mean, squares = 0, 0.0, 0.0
    if centre not in family:
        raise NotEstimable(f"it needs {centre}, which is not among the results of every part")
    scale, _ = _scale(centre, family)
    for place, (row, name) in enumerate(zip(family[centre], names, strict=True)):
        if row.n == 0:
            continue  # nobody with a value adds nothing
        if row.n is None:
            raise NotEstimable(f"{name}: {row.reason}")
        own, own_mean = row.n, scale(_need([row], [name])[0])
        own_squares = 0.0
        if spread and own > 1:
            own_squares = (own - 1) * _sd({key: [rows[place]] for key, rows in family.items()}, own, centre, name) ** 2
        step = own_mean - mean
        mean += step * own / (number + own)
        squares += own_squares + step**2 * number * own / (number + own)
        number += own
    if not number:
        _need(family[centre], names)
    return number, mean, squares


def _scale(centre: str, family: _Rows) -> tuple[Callable[[float], float], Callable[[float], float]]:
    """To the scale on which values are averaged, and back: of geometric means the logarithms, of those in percent (a mean percentage
    change) the logarithms of the ratios that they stand for."""
    if centre == "mean":
        return float, float
    if family[centre][0].unit == "percent":
        return lambda value: math.log1p(value / 100), lambda mean: 100 * math.expm1(mean)
    return math.log, math.exp


def _sd(part: _Rows, number: int, centre: str, name: str) -> float:
    """Standard deviation of one part, as it is given or as Student's interval tells it."""
    if "sd" in part and centre == "mean":
        return _need(part["sd"], [name])[0]
    scale, _ = _scale(centre, part)
    low, high = (scale(_of(part, limit, [name])[0]) for limit in ("ci_low", "ci_high"))
    return (high - low) / 2 * math.sqrt(number) / statistics.t_quantile(number - 1)


def _mean(rows, family, names) -> float:
    return _moments("mean", family, names, spread=False)[1]


def _geometric_mean(rows, family, names) -> float:
    return _scale("geometric_mean", family)[1](_moments("geometric_mean", family, names, spread=False)[1])


def _pooled_sd(rows, family, names) -> float:
    number, _, squares = _moments("mean", family, names, spread=True)
    if number < 2:
        raise NotEstimable(f"needs at least 2 values, has {number}")
    return math.sqrt(squares / (number - 1))


def _limit(side: int):
    def found(rows, family, names) -> float:
        if "percent" in family:
            return statistics.clopper_pearson(*(sum(_of(family, each, names)) for each in ("n", "N")))[side]
        if "rate" in family:
            years = math.fsum(_of(family, "patient_years", names))
            if years <= 0:
                _need(rows, names)
            return 100 * statistics.garwood(sum(_of(family, "n", names)))[side] / years
        centre = "geometric_mean" if "geometric_mean" in family and "mean" not in family else "mean"
        number, mean, squares = _moments(centre, family, names, spread=True)
        if number < 2:
            raise NotEstimable(f"needs at least 2 values, has {number}")
        if not squares:
            raise NotEstimable("all values are identical")
        half = statistics.t_quantile(number - 1) * math.sqrt(squares / (number - 1) / number)
        return _scale(centre, family)[1](mean + (half if side else -half))

    return found


def _other(rows, family, names) -> float:
    raise NotEstimable("it does not follow from the results of the parts")


_METHOD_OF = {
    **dict.fromkeys(_SUMS, _sum), "percent": _percent, "rate": _rate, "min": _extreme(min), "max": _extreme(max), "mean": _mean,
    "sd": _pooled_sd, "geometric_mean": _geometric_mean, "ci_low": _limit(0), "ci_high": _limit(1),
}  # fmt: skip
