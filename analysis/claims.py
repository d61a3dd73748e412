"""The paper's claims, held against the results."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analysis import display
from analysis.markdown import Table, literal
from analysis.origin import marked
from analysis.results import Result, Results


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
        decimals = max(0, -int(Decimal(str(value)).as_tuple().exponent))
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


def claims_table(claims: Sequence[Claim]) -> Table:
    """Published beside computed, for every claim."""
    rows = [
        [
            literal(claim.says),
            " to ".join(claim.published),
            " to ".join(marked(text, [row]) for text, row in zip(claim.computed, claim.results, strict=True)) or "–",
            literal(claim.unit.replace("percent", "%")),
            claim.verdict,
        ]
        for claim in claims
    ]
    return Table(["The paper says", "Published", "Computed", "Unit", "Agreement"], "lrrll", rows)
