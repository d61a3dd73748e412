"""Numbers that come from no cut: those of other studies, the paper's own arithmetic, and how often the intervals hold the truth.

They are the same for every data cut, so they are no part of a cut's results table. The paper's claims are held against a cut here,
if it holds the paper's own patients.
"""

import csv
import io
import re
from collections.abc import Iterator

import pandas as pd

from analysis.claims import Claim, UnknownClaims, check_claims
from analysis.core.results import Results
from expectations.ordinary import LARGEST_FILE, is_ordinary
from study.errors import UsageError
from study.paths import COVERAGE, EVIDENCE, PUBLISHED, frozen, shown
from study.settings import Published

SECTIONS = ("context", "arithmetic", "coverage")
"""Sections that the ids of these numbers begin with."""
_WHOLE = re.compile("[0-9]{1,8}")


def evidence() -> pd.DataFrame:
    """What other studies published, as in `data/evidence.csv`: one row an arm and outcome, all columns text. No rows without the file.

    Raises :class:`UsageError` that names every line that has no form.
    """
    from analysis import context  # it draws, too, and matplotlib takes a second to import

    file = frozen(EVIDENCE)
    if not file.exists():
        return pd.DataFrame(columns=list(context.COLUMNS), dtype=str)
    if not is_ordinary(file):
        raise UsageError(f"{shown(EVIDENCE)} is no ordinary file of at most {LARGEST_FILE // 1024 // 1024} MB; put the file back")
    try:
        lines = list(csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        raise UsageError(f"{shown(EVIDENCE)} is no CSV file in UTF-8; save it as one") from None
    header, *rows = lines or [[]]
    if absent := [name for name in context.COLUMNS if name not in header]:
        raise UsageError(f"{shown(EVIDENCE)} line 1: the columns {', '.join(absent)} are missing; data/README.md describes them")
    wrong = [f"line {line}: {what}" for line, row in enumerate(rows, 2) for what in _faults(row, header)]
    if wrong:
        raise UsageError(f"{shown(EVIDENCE)} {'; '.join(wrong)}")
    return pd.DataFrame(rows, columns=header, dtype=str)[list(context.COLUMNS)]


def _faults(row: list[str], header: list[str]) -> Iterator[str]:
    from analysis import context  # it draws, too, and matplotlib takes a second to import

    if len(row) != len(header):
        yield f"{len(row)} cells in place of {len(header)}"
        return
    cell = dict(zip(header, row, strict=True))
    if cell["outcome"] not in context.OUTCOMES:
        yield f"unknown outcome {cell['outcome'] or '(empty)'}; known are {', '.join(context.OUTCOMES)}"
    if cell["type"] not in context.TYPES:
        yield f"type is {cell['type'] or '(empty)'}; it must be {' or '.join(context.TYPES)}"
    if cell["topical"] not in context.TOPICAL:
        yield f"topical is {cell['topical']}; it must be {', '.join(filter(None, context.TOPICAL))} or empty"
    for column in ("study", "drug", "arm"):
        if not cell[column].strip():
            yield f"{column} is empty"
    numbers = {name: cell[name] for name in ("n", "N", "week") if cell[name] or name != "week"}
    odd = [f"{name} is {text or '(empty)'}" for name, text in numbers.items() if not _WHOLE.fullmatch(text)]
    if odd:
        yield f"{' and '.join(odd)}; it must be a whole number"
    elif not int(cell["N"]) or int(cell["n"]) > int(cell["N"]):
        yield f"n is {cell['n']} of {cell['N']}"


def simulated_coverage() -> list[dict[str, str]]:
    """The rows of `benchmarks/coverage.csv`, which `benchmarks/calibration.py` writes; none without the file.

    Raises :class:`UsageError` where it is not as that program wrote it.
    """
    from analysis import coverage

    file = frozen(COVERAGE)
    if not file.exists():
        return []
    try:
        rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline=""), strict=True)) if is_ordinary(file) else []
        coverage.coverage(rows)
    except (UnicodeDecodeError, csv.Error, KeyError, TypeError, ValueError):
        rows = []
    if not rows:
        raise UsageError(f"{shown(COVERAGE)} is not as benchmarks/calibration.py wrote it; run that again, or take the file away")
    return rows


def computed(published: Published) -> Results:
    """The numbers as a table of results; their basis is the published figures or a simulation, and no row of a cut entered."""
    from analysis import context, coverage
    from analysis.claims import arithmetic

    facts = published.facts
    tables = (context.context(facts, evidence()), arithmetic(facts), coverage.coverage(simulated_coverage()))
    return Results(row for table in tables for row in table.values())


def claims(published: Published, kind: str, results: Results, primary_week: int) -> list[Claim]:
    """The paper's claims held against the results of a data cut of this kind; none unless it holds the paper's own patients.

    Raises :class:`UsageError` that names every claim that points to no result, with its line.
    """
    if not published.reports(kind):
        return []
    try:
        return check_claims(published.claims, results, primary_week)
    except UnknownClaims as problem:
        lines = (f"line {published.lines.get(f'claims[{place + 1}]', 1)}: {what}" for place, what in problem.faults.items())
        raise UsageError(f"{shown(PUBLISHED)} {'; '.join(lines)}") from None
