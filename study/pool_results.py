"""`study pool --results`: one results table from those of sites that may not share rows."""

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path

from analysis.core.results import COLUMNS, Result, Results
from analysis.pooling import pooled
from expectations.finding import Finding, in_words
from expectations.finding import shown as cell
from expectations.ordinary import is_ordinary, largest_file, megabytes
from study.errors import InvalidData, UsageError
from study.paths import shown
from study.sums import sha256

_NUMBERS = {"value": float, "n": int, "week": int}
_BASES = ("published", "assumed", "observed")
_PARTS = {field.name for field in fields(Result)}


def pool_results(paths: Sequence[Path]) -> Results:
    """The pooled results of tables as `study results` prints them, CSV or JSON; see :func:`analysis.pooling.pooled`.

    Raises :class:`UsageError` for every file that cannot be read, :class:`InvalidData` with every line that is no result and with what
    keeps the tables apart.
    """
    wrong = [f"{path} is no ordinary file of at most {megabytes(largest_file())}" for path in paths if not is_ordinary(path)]
    if len(paths) < 2:
        wrong.append("name at least two tables of results to pool")
    if wrong:
        raise UsageError("; ".join(wrong))
    findings: list[Finding] = []
    tables: dict[str, Results] = {}
    sums: dict[str, Path] = {}
    for path in paths:
        first = sums.setdefault(sha256(path), path)
        if first is not path:
            findings.append(_finding(path, None, None, None, f"it is the same table as {shown(first)}; name each site once"))
        rows: dict[str, Result] = {}
        for line, record in _records(path, findings):
            row = _result(path, line, record, findings)
            if row is not None and row.id in rows:
                findings.append(_finding(path, line, "id", row.id, "this id has been there before; keep one row"))
            elif row is not None:
                rows[row.id] = row
        tables[shown(path)] = Results(rows.values())
    clinical = {name: any(row.basis == "observed" for row in table.values()) for name, table in tables.items()}
    if len(set(clinical.values())) > 1:
        known = "; ".join(f"{name}: {'clinical' if each else 'reconstructed'}" for name, each in clinical.items())
        said = f"the tables are of two kinds, and simulated and true patients are not pooled ({known})"
        findings.append(_finding(paths[-1], None, "basis", None, said))
    if findings:
        raise InvalidData("the tables of results cannot be pooled", findings)
    return pooled(tables)


def _finding(path: Path, line: int | None, column: str | None, value: str | None, said: str) -> Finding:
    place = shown(path) + ("" if line is None else f" line {line}")
    return Finding(path.name, line, column, value, None, None, "critical", "pool-results", in_words(said), signed=False, place=place)


def _records(path: Path, findings: list[Finding]) -> Iterator[tuple[int, dict]]:
    """Line and cells of each result. In JSON, which has one result a line below the bracket, numbers are numbers already."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if text.lstrip().startswith("["):
            records = json.loads(text)
            if not all(isinstance(record, dict) for record in records):
                raise ValueError("it is no list of results")
            yield from enumerate(records, 2)
            return
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = next(rows, [])
        if tuple(header) != COLUMNS:
            findings.append(_finding(path, 1, None, None, f"the header must be {','.join(COLUMNS)}, as study results writes it"))
            return
        for cells in rows:
            if len(cells) != len(COLUMNS):
                said = f"there are {len(cells)} cells; there must be {len(COLUMNS)}"
                findings.append(_finding(path, rows.line_num, None, None, said))
            else:
                yield rows.line_num, {key: text or None for key, text in zip(COLUMNS, cells, strict=True)}
    except (ValueError, csv.Error) as problem:
        findings.append(_finding(path, None, None, None, f"it cannot be read as a table of results ({problem})"))


def _result(path: Path, line: int, record: dict, findings: list[Finding]) -> Result | None:
    def wrong(column: str, said: str) -> None:
        value = record.get(column)
        findings.append(_finding(path, line, column, None if value is None else cell(str(value)), said))

    if set(record) != set(COLUMNS):
        findings.append(_finding(path, line, None, None, f"a result has exactly the columns {', '.join(COLUMNS)}"))
        return None
    given = dict(record)
    before = len(findings)
    for column, kind in _NUMBERS.items():
        if given[column] is None:
            continue
        try:
            number = float(given[column])
            if not math.isfinite(number) or (kind is int and not number.is_integer()):
                raise ValueError
        except (TypeError, ValueError):
            wrong(column, f"{column} is {cell(str(given[column]))}; it must be a {'whole ' if kind is int else ''}number")
            continue
        whole = kind is int or (isinstance(given[column], int) or str(given[column]).lstrip("-").isdecimal())
        given[column] = int(number) if whole else number
    if given["basis"] not in _BASES:
        wrong("basis", f"basis must be one of {', '.join(_BASES)}")
    if (given["value"] is None) == (given["reason"] is None):
        wrong("value", "there must be a value, or a reason why there is none, and not both")
    if len(findings) > before:
        return None
    texts = {key: given[key] or "" for key in ("section", "variable", "statistic", "unit", "display")}
    result = Result(**{key: value for key, value in (given | texts).items() if key in _PARTS})
    if result.id != given["id"]:
        wrong("id", f"the id does not follow from section, variable, week, method and statistic, which give {cell(result.id)}")
        return None
    return result
