"""A data cut with its results: validated, loaded, computed once and kept."""

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path

from analysis.design import Design, Tables
from analysis.disclosure import without_small_counts
from analysis.results import Result, Results
from expectations.gate import read_tables
from study import scratch
from study.cuts import Cut, reported_cut
from study.errors import InvalidData
from study.isolation import stop_unless_own_code
from study.paths import PUBLISHED, ROOT, STATE, frozen, private, shown
from study.receipt import Receipt, check_code, checksums, code_files, digest_of, loaded_sum, validate
from study.settings import Published, Settings, load_published, load_settings
from study.withholding import without_names

SHELF = STATE / "results"


@dataclass(frozen=True)
class Analysed:
    """Everything known of one data cut after the gate."""

    cut: Cut
    settings: Settings
    published: Published
    receipt: Receipt
    tables: Tables
    design: Design
    results: Results

    @property
    def printed(self) -> Results:
        """The results as the report prints them: small counts of subgroups may be kept back."""
        if not self.settings.suppress_small_counts or self.cut.kind != "clinical":
            return self.results
        return without_small_counts(self.results)


def design_of(cut: Cut, settings: Settings, published: Published) -> Design:
    return Design(
        primary_week=settings.primary_week,
        planned_weeks=settings.planned_weeks,
        label=settings.label,
        dose_window_days=settings.dose_window_days,
        kind=cut.kind,
        held=published.held,
    )


def analyse(cut: Cut, settings: Settings, published: Published) -> Analysed:
    """Validate, load and compute; raises :class:`InvalidData` when the cut does not pass the gate."""
    stop_unless_own_code()
    receipt = validate(cut, settings)
    read = read_tables(frozen(cut.folder))
    tables = Tables.of(without_names(read, settings) if cut.kind == "clinical" else read)
    if checksums(cut) != receipt.files:
        raise InvalidData(f"{shown(cut.folder)} changed while it was being read; run the command again")
    design = design_of(cut, settings, published)
    shelved = SHELF / f"{results_digest(receipt)[:32]}.json"
    results = _read(shelved)
    if results is None:
        results = compute_results(tables, design)
        stop_unless_own_code()  # now that all of it is imported, and before anything is kept
        check_code()
        _write(shelved, results)
    return Analysed(cut, settings, published, receipt, tables, design, results)


def analyse_reported(data: str | Path | None = None) -> Analysed:
    """:func:`analyse` with the settings: the cut in the folder `data`, or else the one that the settings name."""
    settings = load_settings()
    return analyse(reported_cut(settings, data), settings, load_published())


def compute_results(tables: Tables, design: Design) -> Results:
    from analysis.compute import compute  # scipy takes a second to import, and shelved results do without

    return compute(tables, design)


def results_digest(receipt: Receipt) -> str:
    """Digest of everything the results depend on."""
    code = [PUBLISHED, *code_files("protocol", "analysis"), ROOT / "study/withholding.py"]
    sums = {path.relative_to(ROOT).as_posix(): loaded_sum(path) for path in code}
    return digest_of(sums | {"receipt": receipt.digest})


def _read(path: Path) -> Results | None:
    try:
        text = path.read_text("utf-8")
        checksum, _, table = text.partition("\n")
        if checksum != hashlib.sha256(table.encode()).hexdigest():
            return None
        rows = json.loads(table)
    except (OSError, ValueError):
        return None  # absent, or damaged by a crash: computed again
    return Results(_result(row) for row in rows)


def _result(row: dict) -> Result:
    lines = {table: tuple(numbers) for table, numbers in row.pop("lines").items()}
    return Result(**row, lines=lines)


def sum_of(results: Results) -> str:
    """SHA-256 of the results themselves, whatever code they came from."""
    return hashlib.sha256(_table(results).encode()).hexdigest()


def _table(results: Results) -> str:
    return json.dumps([{f.name: getattr(row, f.name) for f in fields(Result)} for row in results.values()])


def _write(path: Path, results: Results) -> None:
    table = _table(results)
    private(path.parent)
    folder = scratch.folder()
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8", newline="\n") as file:
        file.write(hashlib.sha256(table.encode()).hexdigest() + "\n" + table)
    os.replace(file.name, path)
