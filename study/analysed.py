"""A data cut with its results: validated, loaded, computed once and kept."""

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

from analysis.core.design import Design, Tables
from analysis.core.lines import Lines
from analysis.core.results import Result, Results
from analysis.disclosure import without_small_counts
from expectations.gate import read_tables
from study import published_results, scratch
from study.cuts import Cut, find_cut, reported_cut
from study.errors import InvalidData, UsageError
from study.isolation import stop_unless_own_code
from study.paths import CUTS, PUBLISHED, ROOT, frozen, private, shown, state
from study.receipt import Receipt, check_code, checksums, examined, loaded_sum, shelved
from study.settings import Published, Settings, load_published, load_settings
from study.sums import code_files, digest_of
from study.withholding import without_names


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

    @cached_property
    def earlier(self) -> list["Analysed"]:
        """The data cuts before this one, each validated and computed like it; see :func:`earlier_cuts`."""
        return earlier_cuts(self)

    @cached_property
    def digest(self) -> str:
        """Digest of everything the results depend on."""
        return results_digest(self.receipt)

    @property
    def printed(self) -> Results:
        """The results as the report prints them: small counts of subgroups may be kept back."""
        if not self.settings.suppress_small_counts or self.cut.kind != "clinical":
            return self.results
        return without_small_counts(self.results, self.settings.label)


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
    receipt, read = examined(cut, settings)
    if read is None:
        read = read_tables(frozen(cut.folder))
    tables = Tables.of(without_names(read, settings) if cut.kind == "clinical" else read)
    if checksums(cut) != receipt.files:
        raise InvalidData(f"{shown(cut.folder)} changed while it was being read; run the command again")
    design = design_of(cut, settings, published)
    place = _place(receipt)
    results = _read(place)
    if results is None:
        results = compute_results(tables, design)
        stop_unless_own_code()  # now that all of it is imported, and before anything is kept
        check_code()
        _write(place, results)
    published_results.claims(published, cut.kind, results, design.primary_week)  # refuses a claim about nothing before any cell
    return Analysed(cut, settings, published, receipt, tables, design, results)


def on_the_shelf(data: str | Path | None) -> bool:
    """Whether the receipt and the results of this cut are there already, so that :func:`analyse_reported` only reads them."""
    settings = load_settings()
    receipt = shelved(reported_cut(settings, data), settings)
    return receipt is not None and _place(receipt).is_file()


def analyse_reported(data: str | Path | None = None) -> Analysed:
    """:func:`analyse` with the settings: the cut in the folder `data`, or else the one that the settings name."""
    settings = load_settings()
    return analyse(reported_cut(settings, data), settings, load_published())


def earlier_cuts(reported: Analysed) -> list[Analysed]:
    """The chain of cuts that `previous` in cut.yml names, the latest first; empty for a first cut.

    Raises :class:`UsageError` when a named cut is not below `data/cuts` or the chain runs in a circle, and
    :class:`study.errors.InvalidData` when an earlier cut does not pass the gate any more.
    """
    chain: list[Analysed] = []
    seen = {reported.cut.folder}
    cut = reported.cut
    while cut.previous is not None:
        place = shown(cut.folder / "cut.yml")
        if not (CUTS / cut.previous).is_dir():
            raise UsageError(f"{place} names the previous cut {cut.previous}, which is not below {shown(CUTS)}; add it or write null")
        cut = find_cut(cut.previous)
        if cut.folder in seen:
            raise UsageError(f"{place} names the previous cut {cut.name}, which comes after it: the cuts run in a circle")
        seen.add(cut.folder)
        chain.append(analyse(cut, reported.settings, reported.published))
    return chain


def compute_results(tables: Tables, design: Design) -> Results:
    from analysis.compute import compute  # scipy takes a second to import, and shelved results do without

    return compute(tables, design)


def results_digest(receipt: Receipt) -> str:
    """Digest of everything the results depend on."""
    code = [*filter(Path.is_file, [PUBLISHED]), *code_files("protocol", "analysis"), ROOT / "study/withholding.py"]
    sums = {path.relative_to(ROOT).as_posix(): loaded_sum(path) for path in code}
    return digest_of(sums | {"receipt": receipt.digest})


def _place(receipt: Receipt) -> Path:
    return state("results", f"{results_digest(receipt)[:32]}.json")


def _read(path: Path) -> Results | None:
    try:
        text = path.read_text("utf-8")
        checksum, _, table = text.partition("\n")
        if checksum != hashlib.sha256(table.encode()).hexdigest():
            return None
        rows = json.loads(table)
    except (OSError, ValueError):
        return None  # absent, or damaged by a crash: computed again
    lines = [Lines.read(each) for each in rows["lines"]]
    return Results(_result(row, lines) for row in rows["results"])


def _result(row: dict, known: list[Lines]) -> Result:
    return Result(**row | {"lines": {table: known[place] for table, place in row["lines"].items()}})


def sum_of(results: Results) -> str:
    """SHA-256 of the results themselves, whatever code they came from."""
    return hashlib.sha256(_table(results).encode()).hexdigest()


def _table(results: Results) -> str:
    """As JSON: many results rest on the same lines, so these stand in a list of their own."""
    places: dict[Lines, int] = {}
    rows = []
    for row in results.values():
        lines = {table: places.setdefault(of_table, len(places)) for table, of_table in row.lines.items()}
        rows.append({f.name: getattr(row, f.name) for f in fields(Result)} | {"lines": lines})
    return json.dumps({"lines": [each.written() for each in places], "results": rows})


def _write(path: Path, results: Results) -> None:
    table = _table(results)
    private(path.parent)
    folder = scratch.folder()
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8", newline="\n") as file:
        file.write(hashlib.sha256(table.encode()).hexdigest() + "\n" + table)
    os.replace(file.name, path)
