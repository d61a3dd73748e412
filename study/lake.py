"""`study validate --engine spark`: data checked where they lie, by the suites on Spark, and a cut drawn from them."""

import csv
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from expectations.finding import Finding, in_words
from expectations.on_spark import Checked, check, number_of
from protocol.columns import KEYS, ROWS_OPTIONAL, TABLES, columns
from study import placing
from study.errors import InvalidData, UsageError
from study.paths import shown
from study.settings import Settings

_FORMS = ("csv", "parquet")
_ORDER = KEYS | {"adverse_events": ("patient_id", "start_day", "term")}


def validate(place: str, settings: Settings, draw: Path | None = None) -> Checked:
    """Checks the tables in `place`, a folder or an address that Spark reads, each a `.csv` or `.parquet` file or folder.

    With `draw`, what passes is written there as the tables of a cut. Raises :class:`UsageError` where pyspark or Java is absent or
    `draw` is there, and :class:`InvalidData` where tables or columns are absent.
    """
    if draw is not None and draw.exists() and (not draw.is_dir() or any(draw.iterdir())):
        raise UsageError(f"{draw} exists and is never overwritten; name a folder that does not")
    with _session() as spark:
        tables, one_file = _read(spark, place)
        found = check(tables, settings.gate_parameters(), numbered=one_file)
        if draw is not None and found.valid:
            _draw(tables, place, draw)
    return found


@contextmanager
def _session() -> Iterator[Any]:
    """Spark as it is configured on this machine, or else on all of its processors; stopped at the end unless it ran before."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError(
            "pyspark is not installed, which --engine spark needs; install it with: "
            '.venv/bin/uv pip install --python .venv "pyspark>=4,<4.2"'
        ) from None
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java") if home is None else shutil.which("java", path=str(Path(home) / "bin"))
    if java is None and not os.environ.get("SPARK_REMOTE"):
        where = "is not installed" if home is None else f"is not in {home}, which JAVA_HOME names"
        raise UsageError(f"Java {where}, which Spark runs on; install Java 17 or newer (Debian: default-jre-headless)")
    before = SparkSession.getActiveSession()
    spark = before or SparkSession.builder.appName("study validate").config("spark.ui.showConsoleProgress", "false").getOrCreate()
    if context := getattr(spark, "sparkContext", None):  # a session of Spark Connect has none
        context.setLogLevel("ERROR")
    try:
        yield spark
    finally:
        if before is None:
            spark.stop()


def _read(spark, place: str) -> tuple[dict[str, Any], bool]:
    """The tables as texts, and whether each is one CSV file, so that rows have lines."""
    from pyspark.errors import AnalysisException
    from pyspark.sql import functions as F

    tables, findings, forms = {}, [], []

    def tell(rule: str, table: str, said: str, column: str | None = None) -> None:
        where = f"{place}/{table}"
        findings.append(Finding(f"{table}.csv", None, column, None, None, None, "critical", rule, in_words(said), place=where))

    for table, known in TABLES.items():
        there = {}
        for form in _FORMS:
            path = f"{place.rstrip('/')}/{table}.{form}"
            with suppress(AnalysisException):  # it is not there
                there[path] = spark.read.csv(path, header=True, escape='"') if form == "csv" else spark.read.parquet(path)
        if len(there) != 1:
            names = [f"{table}.{form}" for form in _FORMS]
            if there:
                tell("file-twice", table, f"the table is there twice, as {' and '.join(names)}; keep the one that is meant")
            else:
                tell("file-absent", table, f"there is neither {' nor '.join(names)}")
            continue
        ((path, frame),) = there.items()
        absent = [column for column in known if column.name not in frame.columns]
        for column in absent:
            if not column.optional:
                said = f"column {column.name} is missing; the columns are {', '.join(columns(table))}"
                tell("header", table, said, column.name)
        cells = [
            F.lit(None).cast("string").alias(column.name) if column in absent
            else F.when(F.col(column.name).cast("string") != "", F.col(column.name).cast("string")).alias(column.name)
            for column in known
        ]  # fmt: skip
        tables[table] = frame.select(*cells)
        forms.append(path.endswith(".csv") and Path(path).is_file())
    if not findings:
        for table, frame in tables.items():
            if table not in ROWS_OPTIONAL and frame.isEmpty():
                tell("file-absent", table, "there is no row in it")
    if findings:
        raise InvalidData(f"{place} does not hold the tables of a data cut", findings)
    return tables, all(forms)


def _draw(tables: dict[str, Any], place: str, draw: Path) -> None:
    """The tables as CSV files of a cut, with its columns alone, in the order of patients and times; and `cut.yml` if it lies there."""
    from pyspark.sql import functions as F

    with placing.replacing(draw, folder=True) as folder:
        for table, frame in tables.items():
            numeric = {column.name for column in TABLES[table] if column.numeric}
            order = [number_of(name) if name in numeric else F.col(name) for name in _ORDER[table]]
            optional = [column.name for column in TABLES[table] if column.optional]
            empty = [name for name in optional if frame.where(F.col(name).isNotNull()).isEmpty()]
            kept = [name for name in columns(table) if name not in empty]
            with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(kept)
                writer.writerows(frame.select(*kept).orderBy(*order).toLocalIterator())
        described = Path(place) / "cut.yml"
        if described.is_file():
            shutil.copyfile(described, folder / "cut.yml")


def told(found: Checked, place: str, draw: Path | None) -> list[str]:
    """What is to be said beside the findings: what was checked, what was not, and what to do about it."""
    state = "no critical rule failed of those that were checked" if found.valid else "not valid"
    lines = [
        f"{place}: {state} ({len(found.rules)} rules checked on Spark, {len(found.failed)} of them failed)",
        f"{len(found.unchecked)} rules of the suites were NOT checked on Spark, and neither were the form of the files, spelling and "
        f"identifying data: {', '.join(found.unchecked)}",
    ]
    if draw is not None and found.valid:
        lines.append(f"{shown(draw)} holds the cut that was drawn; check all rules with: study validate --data {shown(draw)}")
        if not (draw / "cut.yml").exists():
            lines.append(f"write {shown(draw / 'cut.yml')} first (data/README.md says what belongs in it)")
    elif draw is not None:
        lines.append("no cut was drawn")
    return lines
