"""The suites on Spark, for data that lie where no single machine reads them: through Great Expectations' own engine.

Each suite runs unchanged, but for the rules whose column is made by :mod:`expectations.derived` in pandas alone: those are named as
not checked, and so is what is no suite at all (the form of the files, spelling, identifying data). Of a failed rule all rows are
counted and the first are named. Whoever needs the other rules draws a cut and gives it to the gate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from expectations import checkpoint, privacy
from expectations.derived import AS_WRITTEN
from expectations.finding import Finding
from expectations.gate import finding, worded
from expectations.reading import NUMBER, WHOLE
from protocol.columns import KEYS, TABLES

MOST_PLACES = 20
"""Rows of one rule that are named."""
_LINE, _TIMES = "line", ("week", "study_day", "start_day")


@dataclass(frozen=True)
class Checked:
    """What Spark found: `findings` name the first rows of every failed rule; `failed` counts all of them, by rule; `rules` were
    checked, `unchecked` not."""

    findings: tuple[Finding, ...]
    failed: dict[str, int]
    rules: tuple[str, ...]
    unchecked: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Whether no critical rule failed that was checked."""
        return not any(each.level == "critical" for each in self.findings)


def check(tables: Mapping[str, Any], parameters: Mapping, numbered: bool = True) -> Checked:
    """Runs the suites on Spark data frames by table, whose columns are texts (an empty cell is null).

    `parameters` as in :func:`expectations.gate.check`. `numbered` is whether the rows of each frame come from one file, so that their
    number says a line.
    """
    frames = {table: _file_frame(frame, table) for table, frame in tables.items()}
    frames[checkpoint.ACROSS] = _across_frame(frames)
    findings: list[Finding] = []
    failed: dict[str, int] = {}
    rules: list[str] = []
    unchecked: list[str] = []
    for name, frame in frames.items():
        suite = checkpoint.load_suite(name)
        there = [each for each in suite["expectations"] if each["kwargs"]["column"] in frame.columns]
        unchecked += [each["meta"]["rule"] for each in suite["expectations"] if each not in there]
        rules += [each["meta"]["rule"] for each in there]
        for outcome, number, rows in checkpoint.first_failures(suite | {"expectations": there}, frame, parameters, MOST_PLACES):
            failed[outcome.rule] = number
            findings += _findings(outcome, number, rows, parameters, numbered)
    return Checked(tuple(findings), failed, tuple(rules), tuple(unchecked))


def _file_frame(frame, table: str):
    """As :func:`expectations.derived.file_frame`: lines, numbers, numbers as written, and where a key stood before."""
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    text = _with_lines(frame.select(*(F.col(column.name) for column in TABLES[table])))
    columns = [F.col(_LINE)]
    for column in TABLES[table]:
        cell = F.col(column.name)
        if column.numeric:
            form = NUMBER if column.kind == "number" else WHOLE
            columns += [
                F.when(cell.rlike(f"^(?:{form.pattern})$"), number_of(column.name)).alias(column.name),
                cell.alias(column.name + AS_WRITTEN),
            ]
        else:
            columns.append(cell)
    made = text.select(*columns)
    if table in KEYS:
        first = F.min(_LINE).over(Window.partitionBy(*KEYS[table]))
        complete = F.lit(True)
        for key in KEYS[table]:
            complete = complete & F.col(key).isNotNull()
        made = made.withColumn("earlier line", F.when(complete & (first < F.col(_LINE)), first))
    return made


def number_of(name: str):
    """The number in a column of texts; null where there is none."""
    from pyspark.sql import functions as F

    return F.expr(f"try_cast({name} as double)")


def _with_lines(frame):
    """The frame with the number of each row as a line of its file, below the header, without moving rows between machines."""
    from pyspark.sql import functions as F

    marked = frame.withColumn("number", F.monotonically_increasing_id())
    part = F.shiftright("number", 33)
    sizes = marked.groupBy(part.alias("part")).count().orderBy("part").collect()
    before, offset = [F.lit(0)], 2
    for size in sizes:
        before += [F.lit(size["part"]), F.lit(offset)]
        offset += size["count"]
    offsets = F.create_map(*before[1:])
    own = F.col("number").bitwiseAND(F.lit((1 << 33) - 1))
    return marked.withColumn(_LINE, (offsets[part.cast("int")] + own).cast("double")).drop("number")


def _across_frame(frames: Mapping[str, Any]):
    """As :func:`expectations.across.across_frame`, but of its columns `patient known` alone."""
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    known = frames["patients"].select("patient_id").where(F.col("patient_id").isNotNull()).distinct()
    known = known.withColumn("known", F.lit(1.0))
    rows = None
    for table, frame in frames.items():
        if table == "patients":
            continue
        times = ((F.col(name) if name in frame.columns else F.lit(None).cast("double")).alias(name) for name in _TIMES)
        own = frame.select(F.lit(f"{table}.csv").alias("file"), _LINE, "patient_id", *times)
        rows = own if rows is None else rows.unionByName(own)
    found = rows.where(F.col("patient_id").isNotNull()).join(known, "patient_id", "left")
    place = F.row_number().over(Window.partitionBy("file", "patient_id").orderBy(_LINE))
    found = found.withColumn("patient known", F.when(F.col("known").isNotNull(), F.lit(1.0)).when(place == 1, F.lit(0.0)))
    return found.withColumn("others", F.lit(None).cast("string")).drop("known")


def _findings(outcome, number: int, rows: list[dict], parameters: Mapping, numbered: bool) -> list[Finding]:
    settings = {name: worded(value) for name, value in parameters.items()}
    found = []
    for row in sorted(rows, key=lambda row: row[_LINE]):
        cells = {name: privacy.redacted(cell) if isinstance(cell, str) else cell for name, cell in row.items()}
        if cells["patient_id"] is not None:
            cells["patient_id"] = privacy.redacted_id(row["patient_id"])
        table = cells["file"].removesuffix(".csv") if outcome.suite == checkpoint.ACROSS else outcome.suite
        text = {name: cells.get(name + AS_WRITTEN, cells.get(name)) or "" for name in outcome.expectation["meta"]["columns"][table]}
        texts = {table: pd.DataFrame([text], index=[int(cells[_LINE])])}
        each = finding(outcome, cells, texts, settings)
        found.append(each if numbered else replace(each, line=None))
    return [*found[:-1], *(replace(last, more=number - len(found)) for last in found[-1:])]
