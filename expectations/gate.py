"""The gate: what a data cut must fulfil before anything is computed from it.

:func:`check` reads the files, runs the suites and puts the outcome into words. :func:`read_tables` is the
short way for a cut that has passed already.
"""

import string
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from numbers import Real
from pathlib import Path
from typing import Any

import pandas as pd

from expectations import characters, checkpoint, privacy, spelling
from expectations import folder as folder_of_a_cut
from expectations.across import across_frame
from expectations.derived import AS_WRITTEN, file_frame
from expectations.finding import MOST_LISTED, Finding, Lines, Phrase, shown
from expectations.joined import Joined
from expectations.ordinary import files_of
from expectations.reading import READING_RULES, read_text, typed
from protocol.columns import TABLES

__all__ = ["Finding", "Verdict", "check", "read_tables"]


_CELL_WARNING_RULES = privacy.WARNING_RULES | spelling.WARNING_RULES
"""Warnings about single cells, outside the suites."""


@dataclass(frozen=True)
class Verdict:
    """Outcome of the gate.

    `findings` are sorted by file, line and column. `tables` are the typed tables (see
    :func:`expectations.reading.typed`), empty if the cut is invalid. `expectations` has a dict for each rule:
    rule, sentence, level, files, evaluated (values examined; 0 if the file could not be read), failed (number
    of findings, with those that are not listed). `outcomes` say what became of each expectation of the suites.
    """

    findings: tuple[Finding, ...]
    tables: dict[str, pd.DataFrame]
    valid: bool
    expectations: list[dict]
    outcomes: tuple[checkpoint.Outcome, ...]


def check(folder: Path, parameters: Mapping) -> Verdict:
    """Examines the data cut in `folder`.

    `parameters`: age_min, age_max (years), planned_weeks (list), label ("us" or "eu"), dose_window_days,
    scorad_tolerance (points), grace_days, and not_names (lists of file, patient_id, column and text of cells that look like
    names and are none; optional). Defects of the data are findings, never exceptions.
    """
    not_names = frozenset(map(tuple, parameters.get("not_names", ())))
    readings = {table: read_text(Path(folder), table) for table in TABLES}
    texts = {table: reading.text for table, reading in readings.items() if reading.text is not None}
    values = {table: typed(text, table) for table, text in texts.items()}
    veiled = {table: privacy.veiled(text, table, not_names) for table, text in texts.items()}
    texts = {table: text for table, (text, _) in veiled.items()}
    frames = {table: file_frame(text, values[table], table) for table, text in texts.items()}
    batches = frames | {checkpoint.ACROSS: across_frame(frames, parameters)}
    outcomes = checkpoint.run(batches, parameters)

    read = [finding for reading in readings.values() for finding in reading.findings]
    names = [finding for _, of_table in veiled.values() for finding in of_table]
    outside = _listed(names) + spelling.findings(texts) + folder_of_a_cut.findings_on_others(Path(folder))
    told = sorted(read + outside + _findings(outcomes, batches, texts, parameters, read), key=_place)
    findings = _in_own_files(told, Path(folder))
    failed = Counter()
    for finding in findings:
        failed[finding.rule] += 1 + finding.more
    valid = not any(finding.level == "critical" for finding in findings)
    return Verdict(
        findings=findings,
        tables=values if valid else {},
        valid=valid,
        expectations=_reading_account(texts, failed) + _suites_account(outcomes, failed),
        outcomes=tuple(outcomes),
    )


def _in_own_files(findings: list[Finding], folder: Path) -> tuple[Finding, ...]:
    """The findings, which name each table by its CSV, with the file that holds it."""
    parquet = {
        f"{table}.csv": paths[0].name
        for table in TABLES
        if len(paths := files_of(folder, table)) == 1 and paths[0].suffix == ".parquet"
    }
    if not parquet:
        return tuple(findings)

    def moved(lines: Lines) -> Lines:
        return replace(lines, file=parquet.get(lines.file, lines.file))

    return tuple(
        replace(finding, file=parquet.get(finding.file, finding.file), what=finding.what.moved(moved)) for finding in findings
    )


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """The typed tables of a cut that the gate has let pass, without running the suites again; raises as :func:`read_table`."""
    return {table: read_table(folder, table) for table in TABLES}


def read_table(folder: Path, table: str) -> pd.DataFrame:
    """One of :func:`read_tables`.

    Raises ValueError, naming file and line, when a file has not even the form that the gate requires.
    """
    reading = read_text(Path(folder), table)
    if reading.findings:
        raise ValueError(_in_own_files(reading.findings, Path(folder))[0].message)
    return typed(reading.text, table)


# --- from failed rows to findings ---------------------------------------------------------------------------


def _findings(outcomes, batches, texts, parameters, read) -> list[Finding]:
    """A finding for each failed row, unless a cell that the rule concerns already has a finding of its own.

    The suites list their rules from the single cell to the whole row, so the first finding of a cell is the
    one to act on. Critical rules go first: a warning never hides one.
    """
    patient_lines = _patient_lines(texts)
    settings = {name: worded(value) for name, value in parameters.items()}
    taken = {(finding.file, finding.line, finding.column) for finding in read}
    findings = []
    for level in ("critical", "warning"):
        for outcome in outcomes:
            if outcome.level == level:
                findings += _of_outcome(outcome, batches[outcome.suite], texts, settings, patient_lines, taken)
    return findings


def _listed(findings: list[Finding]) -> list[Finding]:
    """The first of each rule and file, the last of which counts the others."""
    by_rule: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault((finding.file, finding.rule), []).append(finding)
    return [
        replace(finding, more=len(each) - MOST_LISTED) if place == MOST_LISTED and len(each) > MOST_LISTED else finding
        for each in by_rule.values()
        for place, finding in enumerate(each[:MOST_LISTED], 1)
    ]


_AT_A_TIME = 1_000
"""Failed rows that are looked at together."""


def _of_outcome(outcome, batch: pd.DataFrame | Joined, texts, settings, patient_lines, taken: set) -> Iterable[Finding]:
    """The first findings of one rule in each file, the last of which counts the others; adds their cells to `taken`."""
    if not len(outcome.failed_rows):
        return  # before a column of all rows is made
    files = batch["file"].iloc[outcome.failed_rows] if outcome.suite == checkpoint.ACROSS else None
    parts = [outcome.failed_rows] if files is None else [outcome.failed_rows[files == file] for file in files.unique()]
    for rows in parts:
        found: list[Finding] = []
        looked_at = 0
        while looked_at < len(rows) and len(found) < MOST_LISTED:
            failed = batch.take(rows[looked_at : looked_at + _AT_A_TIME])
            for row in failed[_needed(outcome, failed)].to_dict("records"):
                looked_at += 1
                own, of_patient = _cells(outcome, row, patient_lines)
                if taken.isdisjoint(own | of_patient):
                    taken |= own
                    found.append(finding(outcome, row, texts, settings))
                    if len(found) == MOST_LISTED:
                        break
        yield from found[:-1]
        yield from (replace(last, more=len(rows) - looked_at) for last in found[-1:])


def _patient_lines(texts: Mapping[str, pd.DataFrame]) -> dict[str, int]:
    if "patients" not in texts:
        return {}
    ids = texts["patients"]["patient_id"][::-1]
    return {shown(patient_id): line for line, patient_id in zip(ids.index, ids, strict=True)}


_DAYS = ("study_day", "start_day")
"""By what a record is known that has no week."""


def _needed(outcome, frame: pd.DataFrame) -> list[str]:
    """The columns of a batch of which a finding is made."""
    asked = {name for _, name, _, _ in string.Formatter().parse(outcome.expectation["meta"]["message"]) if name}
    asked |= {name + AS_WRITTEN for name in asked} | {"file", "line", "patient_id", "week", *_DAYS}
    return [name for name in frame.columns if name in asked]


def _table(outcome, row: Mapping) -> str:
    return row["file"].removesuffix(".csv") if outcome.suite == checkpoint.ACROSS else outcome.suite


def _cells(outcome, row: Mapping, patient_lines: Mapping[str, int]) -> tuple[set, set]:
    """The cells of the row itself that a rule concerns, and those of its patient: (file, line, column)."""
    concerned = outcome.expectation["meta"]["columns"]
    table = _table(outcome, row)
    own = set() if pd.isna(row["line"]) else {(f"{table}.csv", int(row["line"]), name) for name in concerned[table]}
    line = None if row["patient_id"] is None else patient_lines.get(shown(row["patient_id"]))
    of_patient = (
        {("patients.csv", line, column) for column in concerned.get("patients", ())} if table != "patients" else set()
    )
    return own, of_patient


def finding(outcome, row: Mapping, texts, settings: Mapping[str, str]) -> Finding:
    """What a failed row of an outcome says: `row` has the columns of the batch, `texts` the cells as written by table and line,
    `settings` the parameters of the study in words."""
    meta = outcome.expectation["meta"]
    table = _table(outcome, row)
    line = None if pd.isna(row["line"]) else int(row["line"])
    concerned = meta["columns"][table]
    written = None if line is None else texts[table].at[line, concerned[0]]
    days = tuple(worded(row[name]) for name in _DAYS if name in row and not pd.isna(row[name]))
    return Finding(
        file=f"{table}.csv",
        line=line,
        column=", ".join(concerned),
        value=None if written is None else shown(written),
        patient_id=None if row["patient_id"] is None else shown(row["patient_id"]),
        week=None if "week" not in row or pd.isna(row["week"]) or row["week"] % 1 else int(row["week"]),
        level=outcome.level,
        rule=outcome.rule,
        what=Phrase(meta["message"], _words(meta["message"], row, table, settings)),
        days=days,
    )


def _words(template: str, row: Mapping, table: str, settings: Mapping[str, str]) -> dict[str, Any]:
    """What a message names: places (whose form names their file, unless it is the row's own), cells as written, derived values,
    settings."""
    words = {}
    for _, name, form, _ in string.Formatter().parse(template):
        if not name:
            continue
        if form:
            file = next((each for each in form.split() if each.endswith(".csv")), f"{table}.csv")
            words[name] = Lines(file, (int(row[name]),))
        elif isinstance(row.get(name), Phrase):
            words[name] = row[name]
        elif name + AS_WRITTEN in row:
            words[name] = worded(row[name + AS_WRITTEN])
        else:
            words[name] = worded(row[name]) if name in row else settings[name]
    return words


def worded(value) -> str:
    """A value as a message has it."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(worded, value))
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ""
    if isinstance(value, Real):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return shown(str(value))


def _place(finding: Finding) -> tuple:
    table = finding.file.removesuffix(".csv")
    names = [column.name for column in TABLES.get(table, ())]
    first = (finding.column or "").split(", ")[0]
    return (
        list(TABLES).index(table) if table in TABLES else len(TABLES),
        finding.file,
        finding.line or 0,
        names.index(first) if first in names else -1,
        finding.patient_id or "",
        -1 if finding.week is None else finding.week,
    )


# --- the account for the data-quality chapter ---------------------------------------------------------------


def _account(rule, sentence, level, files, evaluated, failed: Counter) -> dict:
    return {
        "rule": rule,
        "sentence": sentence,
        "level": level,
        "files": files,
        "evaluated": evaluated,
        "failed": failed[rule],
    }


def _reading_account(texts, failed) -> list[dict]:
    files = [f"{table}.csv" for table in TABLES]
    cells = sum(text.size for text in texts.values())
    rows = sum(len(text) for text in texts.values())
    counts = {"ragged-row": rows, "empty-row": rows, "cell-blanks": cells, "cell-control-character": cells}
    counts |= dict.fromkeys([*privacy.CRITICAL_RULES, *characters.CRITICAL_RULES, *_CELL_WARNING_RULES], cells)
    accounts = (("critical", READING_RULES), ("warning", _CELL_WARNING_RULES), ("warning", folder_of_a_cut.RULES))
    return [
        _account(rule, sentence, level, files, counts.get(rule, len(files)), failed)
        for level, rules in accounts
        for rule, sentence in rules.items()
    ]


def _suites_account(outcomes, failed) -> list[dict]:
    evaluated = {outcome.rule: outcome.evaluated for outcome in outcomes}
    accounts = []
    for suite in (*TABLES, checkpoint.ACROSS):
        for expectation in checkpoint.load_suite(suite)["expectations"]:
            meta = expectation["meta"]
            files = [f"{table}.csv" for table in meta["columns"]]
            accounts.append(
                _account(
                    meta["rule"],
                    expectation["description"],
                    expectation["severity"],
                    files,
                    evaluated.get(meta["rule"], 0),
                    failed,
                )
            )
    return accounts
