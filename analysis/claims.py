"""The paper's claims, held against the results; and what its printed figures allow by arithmetic alone: which counts print as a
published percentage, and whether a published mean could be impossible.

The arithmetic looks at no patient-level data: the figures are those of `data/published.yml`.
"""

import difflib
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from analysis.core import display
from analysis.core.families import LIMITS, SUMMARY, Family
from analysis.core.results import Result, Results, UnknownResult
from protocol import outcomes


@dataclass(frozen=True)
class Claim:
    """One claim of the paper with what the data give. `agrees` compares at the precision at which the paper printed
    it. `incomparable` says why the data cannot be held against it, as after "because"; it is then neither met nor missed.
    """

    id: str
    says: str
    unit: str
    published: tuple[str, ...]
    computed: tuple[str, ...]
    results: tuple[Result, ...]
    agrees: bool
    by_construction: bool
    incomparable: str | None = None

    @property
    def verdict(self) -> str:
        if self.incomparable is not None:
            return f"not comparable: {self.incomparable}"
        if not self.agrees:
            return "differs"
        return "by construction" if self.by_construction else "agrees"


class UnknownClaims(UnknownResult):
    """Claims that point to no result. `faults` has the place of each in the list of claims, counted from 0, and what is wrong."""

    def __init__(self, faults: Mapping[int, str]):
        super().__init__("; ".join(faults.values()))
        self.faults = dict(faults)


def check_claims(claims: Sequence[Mapping], results: Results, primary_week: int) -> list[Claim]:
    """Each claim of `data/published.yml` against the results table.

    A claim has the keys id, says, value, unit and, if the paper states a decrease as a positive number, sign. Its result it names
    by variable (with the section: "efficacy.iga_0_1"), method where there are several, statistic and week, or by `result`, the whole
    id. Without a week it is about the primary week, or about the result without one where the variable has no weeks. `value`,
    `statistic` and `result` are lists where a claim has several numbers.

    What the data cannot answer is not comparable. Raises :class:`UnknownClaims`, with all of them, for claims that point to no result.
    """
    named = [_ids(claim, results, primary_week) for claim in claims]
    known = {_without_week(result_id) for result_id in results}
    faults = {}
    for place, ids in enumerate(named):
        strange = [wanted for wanted in map(_without_week, ids) if wanted not in known and not _of_some_data(wanted)]
        if strange:
            faults[place] = f"claim {place + 1} ({claims[place]['id']}): {' and '.join(_nearest(each, known) for each in strange)}"
    if faults:
        raise UnknownClaims(faults)
    return [_check(claim, ids, results) for claim, ids in zip(claims, named, strict=True)]


def _ids(claim: Mapping, results: Results, primary_week: int) -> list[str]:
    """The ids of the results that a claim is compared with."""
    if "result" in claim:
        return list(map(str, _several(claim["result"])))
    weeks = [claim["week"]] if "week" in claim else [primary_week, None]
    found = []
    for statistic in _several(claim["statistic"]):
        ids = [
            ".".join(
                str(part)
                for part in (claim["variable"], None if week is None else f"w{week}", claim.get("method"), statistic)
                if part is not None
            )
            for week in weeks
        ]
        found.append(next((each for each in ids if each in results), ids[0]))
    return found


_WEEK = re.compile(r"\.w([0-9]+)(?=\.)")


def _without_week(result_id: str) -> str:
    return _WEEK.sub("", result_id)


def _of_some_data(name: str) -> bool:
    """Whether this is a result of which not every data cut has one: of a term that is recorded, a regimen that somebody has, or a
    column that may be absent."""
    section, _, variable = name.partition(".")
    variable = variable.partition(".")[0].removesuffix("_change")
    of_data = {"safety": ("term_", "soc_"), "population": ("regimen_",)}
    return variable.startswith(of_data.get(section, ())) or (
        section == "efficacy" and (variable in outcomes.SCORES or variable in outcomes.RESPONSES)
        and name.rpartition(".")[2] in {*SUMMARY, *LIMITS, "n", "N", "percent"}
    )  # fmt: skip


def _nearest(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), 1, 0.5)
    return f"there is no result {name}" + (f"; the nearest is {near[0]}" if near else "")


def _check(claim: Mapping, ids: Sequence[str], results: Results) -> Claim:
    values = _several(claim["value"])
    rows = [results.get(result_id) for result_id in ids]
    why = next(filter(None, (_incomparable(each, results) for each in ids)), None)
    published = [display.number(value, _decimals(value)) for value in values]
    computed = []
    if why is None:
        for value, row in zip(values, rows, strict=True):
            computed.append(display.number(claim.get("sign", 1) * row.value, _decimals(value)))
    return Claim(
        id=claim["id"],
        says=claim["says"],
        unit=claim["unit"],
        published=tuple(published),
        computed=tuple(computed),
        results=() if why else tuple(rows),
        agrees=why is None and published == computed,
        by_construction=why is None and all(row.basis == "published" for row in rows),
        incomparable=why,
    )


def _incomparable(result_id: str, results: Results) -> str | None:
    """Why the data have no value of this result; None where they have one."""
    row = results.get(result_id)
    if row is not None:
        return row.reason
    week = _WEEK.search(result_id)
    if week is None:
        return "nothing of the kind was recorded"
    seen = int(week[1]) in results.weeks("efficacy", "easi")
    return f"no result of week {week[1]}" if seen else f"no visit at week {week[1]}"


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


def percentages(published: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The claims among the paper's facts that are percentages of its patients; none where their number is not known."""
    return [claim for claim in _single(published) if claim["unit"] == "percent"]


def means(published: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The claims that are means of scores or concentrations; none where the number of patients is not known."""
    return [claim for claim in _single(published) if claim["unit"] in STEPS]


def _single(published: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The claims of one number, if the number of patients is known."""
    known = "patients" in published.get("design", {})
    return [claim for claim in published.get("claims", []) if known and not isinstance(claim["value"], list)]


def arithmetic(published: Mapping[str, Any]) -> Results:
    """The rows `arithmetic.<claim>.*` of the paper's facts (the whole of `data/published.yml`); none unless they say how many
    patients the paper has."""
    patients = published.get("design", {}).get("patients")
    if patients is None:
        return Results([])
    rows: list[Result] = [
        Family("arithmetic", "cohort", "patients", patients, how="Patients of the paper.").count("n", patients)
    ]
    for claim in percentages(published):
        found = fractions_that_print(claim["value"], patients)
        family = Family(
            "arithmetic", variable_of(claim), "fractions", patients, method="fractions",
            how=f"Fractions with a denominator of {patients} or less that print as {claim['value']} %.",
        )  # fmt: skip
        rows.append(family.count("count", len(found), unit="fractions"))
    for claim in means(published):
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
