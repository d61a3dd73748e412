"""The paper's claims, held against the results; and what its printed figures allow by arithmetic alone: which counts print as a
published percentage, and whether a published mean could be impossible.

The arithmetic looks at no patient-level data: the figures are those of `data/published.yml`.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from analysis.core import display
from analysis.core.families import Family
from analysis.core.results import Result, Results


@dataclass(frozen=True)
class Claim:
    """One claim of the paper with what the data give. `agrees` compares at the precision at which the paper printed
    it.
    """

    id: str
    says: str
    unit: str
    published: tuple[str, ...]
    computed: tuple[str, ...]
    results: tuple[Result, ...]
    estimable: bool
    agrees: bool
    by_construction: bool
    absent_week: int | None = None
    """The week of the claim where the data have no visit then: it is neither met nor missed."""

    @property
    def verdict(self) -> str:
        if self.absent_week is not None:
            return f"not comparable: no visit at week {self.absent_week}"
        if not self.estimable:
            return "not estimable"
        if not self.agrees:
            return "differs"
        return "by construction" if self.by_construction else "agrees"


def check_claims(claims: Sequence[Mapping], results: Results) -> list[Claim]:
    """Each claim of `data/published.yml` (keys id, says, value, unit, result, sign) against the results table.

    A claim whose result cannot be computed does not agree; one of a week that has no visit cannot be held against the data. Raises
    UnknownResult when a claim points to no result.
    """
    return [_check(claim, results) for claim in claims]


def _check(claim: Mapping, results: Results) -> Claim:
    values = _several(claim["value"])
    absent = next(filter(None, (_absent_week(result_id, results) for result_id in _several(claim["result"]))), None)
    if absent is not None:
        published = tuple(f"{value}" for value in values)
        return Claim(claim["id"], claim["says"], claim["unit"], published, (), (), False, False, False, absent)
    rows = [results[result_id] for result_id in _several(claim["result"])]
    sign = claim.get("sign", 1)
    published, computed = [], []
    for value, row in zip(values, rows, strict=True):
        decimals = _decimals(value)
        published.append(display.number(value, decimals))
        computed.append(row.display if row.value is None else display.number(sign * row.value, decimals))
    return Claim(
        id=claim["id"],
        says=claim["says"],
        unit=claim["unit"],
        published=tuple(published),
        computed=tuple(computed),
        results=tuple(rows),
        estimable=all(row.value is not None for row in rows),
        agrees=published == computed,
        by_construction=all(row.basis == "published" for row in rows),
    )


def _absent_week(result_id: str, results: Results) -> int | None:
    """The week of a result that is not there because nobody was seen then."""
    week = re.search(r"\.w([0-9]+)\.", result_id)
    if week is None or result_id in results or int(week[1]) in results.weeks("efficacy", "easi"):
        return None
    return int(week[1])


def _several(value) -> list:
    return value if isinstance(value, list) else [value]


STEPS = {"points": Fraction(1, 10), "kU/L": Fraction(1)}
"""The coarsest step in which a single value of this unit is recorded: SCORAD with one decimal, IgE in whole kU/L."""


@dataclass(frozen=True)
class Grain:
    """How finely the mean of `patients` values is divided, beside how coarsely it was printed (both in its unit).

    `sums` counts the sums of the values whose mean prints as published.
    """

    grain: Fraction
    rounding: Fraction
    sums: int

    @property
    def can_fail(self) -> bool:
        """Whether a GRIM test could find any printed mean impossible."""
        return self.grain > self.rounding


def fractions_that_print(percent: str | float, largest: int) -> list[tuple[int, int]]:
    """Every `k` of `n` with n up to `largest` that prints as this percentage, halves rounded away from zero.

    The decimals of `percent` are those that were printed.

    >>> fractions_that_print(96.3, 27)
    [(26, 27)]
    """
    decimals = _decimals(percent)
    wanted = display.number(float(percent), decimals)
    return [
        (k, n) for n in range(1, largest + 1) for k in range(n + 1) if display.number(100 * k / n, decimals) == wanted
    ]


def grain_of_mean(mean: str | float, patients: int, step: Fraction) -> Grain:
    """The grain of a mean of `patients` values recorded in steps of `step`, against its rounding.

    A GRIM test (Brown and Heathers 2017, doi 10.1177/1948550616673876) asks whether some sum of such values prints as
    the published mean. Where the grain, `step / patients`, is not larger than the unit of the last printed digit,
    every mean can be printed, and the test is empty.

    >>> grain_of_mean("78.8", 27, Fraction(1, 10)).can_fail
    False
    >>> grain_of_mean("3.5", 7, Fraction(1)).can_fail
    True
    """
    rounding = Fraction(1, 10 ** _decimals(mean))
    low, high = (Fraction(str(mean)) + side * rounding / 2 for side in (-1, 1))
    # The half below is printed upwards and belongs to this mean, the half above to the next one.
    first, last = math.ceil(low * patients / step), math.ceil(high * patients / step) - 1
    return Grain(step / patients, rounding, last - first + 1)


def _decimals(value: str | float) -> int:
    return max(0, -int(Decimal(str(value)).as_tuple().exponent))


def percentages(claims: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The claims of `data/published.yml` that are percentages."""
    return [claim for claim in claims if claim["unit"] == "percent"]


def means(claims: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The claims that are means of scores or concentrations."""
    return [claim for claim in claims if claim["unit"] in STEPS]


def arithmetic(published: Mapping[str, Any]) -> Results:
    """The rows `arithmetic.<claim>.*` of the paper's facts (the whole of `data/published.yml`)."""
    patients, claims = published["design"]["patients"], published["claims"]
    rows: list[Result] = [
        Family("arithmetic", "cohort", "patients", patients, how="Patients of the paper.").count("n", patients)
    ]
    for claim in percentages(claims):
        found = fractions_that_print(claim["value"], patients)
        family = Family(
            "arithmetic", variable_of(claim), "fractions", patients, method="fractions",
            how=f"Fractions with a denominator of {patients} or less that print as {claim['value']} %.",
        )  # fmt: skip
        rows.append(family.count("count", len(found), unit="fractions"))
    for claim in means(claims):
        grain = grain_of_mean(claim["value"], patients, STEPS[claim["unit"]])
        family = Family(
            "arithmetic", variable_of(claim), claim["unit"], patients, method="grim",
            how=f"Sums of {patients} values, in steps of {display.number(float(STEPS[claim['unit']]), 1)}, whose mean "
            f"prints as {claim['value']}; grain: step divided by the number of values.",
        )  # fmt: skip
        rows += [
            family.row("grain", lambda grain=grain: float(grain.grain), decimals=4),
            family.row("rounding", lambda grain=grain: float(grain.rounding), decimals=_decimals(claim["value"])),
            family.count("sums", grain.sums, unit="sums"),
        ]
    return Results(rows).with_basis("published figures", {row.id for row in rows})


def variable_of(claim: Mapping[str, Any]) -> str:
    return str(claim["id"]).replace("-", "_")
