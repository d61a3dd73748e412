"""Strict reading of one table of a data cut.

A spreadsheet program is generous and guesses; this reader is not. Whatever would make two people read a file
differently (encoding, quotes, the number of cells, the header) is a finding, and the file is then not used.
What remains is text: a frame of the cells as written, which :func:`typed` turns into numbers.
"""

import csv
import io
import itertools
import re
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from expectations import characters, parquet, plain_csv, privacy
from expectations.finding import MOST_LISTED, Finding, in_words, shown
from expectations.ordinary import files_of, largest_file, megabytes
from protocol.columns import ROWS_OPTIONAL, TABLES, columns

MOST_CELLS = 1_000
"""Separators of a line; no table of a study is so wide, and every cell takes memory."""
_AT_A_TIME = 50_000
"""Records that are held as lists before they become columns, in which equal cells are one object."""

# Nine digits before the point are plenty for a clinical quantity, and keep every number exact as a float.
NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]+)?")
WHOLE = re.compile(r"-?[0-9]{1,9}(?:\.0+)?")

# The rules of this module, each with its sentence for the reader. All of them are critical.
READING_RULES = {
    "file-absent": "Every table of a cut is there.",
    "file-not-ordinary": "A table is an ordinary file, not a folder, a link or a device.",
    "file-unreadable": "The file can be opened and read.",
    "file-twice": "A table is there once, as CSV or as Parquet.",
    "parquet-syntax": "A Parquet file is whole.",
    "file-too-large": f"A file is not larger than the memory of this machine allows, and no line has more than {MOST_CELLS:,} cells.",
    "file-empty": "A file is not empty.",
    "file-encoding": "The text is encoded in UTF-8.",
    "nul-byte": "The text holds no NUL bytes.",
    "csv-syntax": "Quotation marks are balanced and cells are separated by commas.",
    "header": "The first line names the columns of the data dictionary, in its order.",
    "ragged-row": "Every line has as many cells as the header.",
    "empty-row": "No line between the data is blank or has only empty cells.",
    "no-rows": "There is at least one row (adverse_events.csv may have none).",
    "cell-blanks": "No cell begins or ends with blanks.",
    "cell-control-character": "No cell holds line breaks, tabs or other control characters.",
    **privacy.CRITICAL_RULES,
    **characters.CRITICAL_RULES,
}


@dataclass
class Reading:
    """Outcome of reading one file: findings, and the cells as written (None if the file cannot be used)."""

    table: str
    findings: list[Finding] = field(default_factory=list)
    text: pd.DataFrame | None = None
    told: Counter[str] = field(default_factory=Counter)
    listed_last: dict[str, int] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return f"{self.table}.csv"

    def add(
        self,
        rule: str,
        message: str,
        line: int | None = None,
        column: str | None = None,
        value: str | None = None,
        patient_id: str | None = None,
    ) -> None:
        """Records a critical finding; `message` says what is wrong. Beyond a hundred of one rule only their number."""
        self.told[rule] += 1
        if self.told[rule] > MOST_LISTED:
            last = self.listed_last[rule]
            self.findings[last] = replace(self.findings[last], more=self.told[rule] - MOST_LISTED)
            return
        self.listed_last[rule] = len(self.findings)
        self.findings.append(
            Finding(
                file=self.file,
                line=line,
                column=column,
                value=None if value is None else shown(value),
                patient_id=None if patient_id is None else shown(patient_id),
                week=None,
                level="critical",
                rule=rule,
                what=in_words(message),
            )
        )


def read_text(folder: Path, table: str) -> Reading:
    """Reads `<table>.csv` or `<table>.parquet` below `folder` without interpreting its cells.

    On success `text` is a frame of str, an empty cell being "", with the columns of the schema and the index
    `line`: the line of the file on which the record starts (the header is line 1), of a Parquet file the number
    of the row (the first is 1). The findings may then
    still name single cells. A cell that identifies a person is a finding, and is withheld in `text`.
    """
    reading = Reading(table)
    found = files_of(folder, table)
    if len(found) > 1:
        there = " and ".join(path.name for path in found)
        reading.add("file-twice", f"the table is there twice, as {there}; keep the one that is meant")
        return reading
    content = _content(found[0], reading)
    if content is not None and found[0].suffix == ".parquet":
        reading.text = _of_parquet(content, reading)
    else:
        text = None if content is None else _decoded(content, reading)
        del content
        if text is not None:
            reading.text = _frame(text, reading)
    if reading.text is not None:
        _check_privacy(reading)
        _check_cells(reading)
    return reading


def _content(path: Path, reading: Reading) -> bytes | None:
    try:
        found = path.lstat()  # of a link itself; a pipe would be waited for if it were opened
        if not stat.S_ISREG(found.st_mode):
            is_link, is_folder = stat.S_ISLNK(found.st_mode), stat.S_ISDIR(found.st_mode)
            what = "a link" if is_link else "a folder" if is_folder else "a device or a pipe"
            reading.add("file-not-ordinary", f"this is {what}; put the table itself in its place")
            return None
        largest = largest_file()
        with path.open("rb") as stream:
            content = stream.read(min(largest, found.st_size) + 1)  # room is made for all that is asked for
    except FileNotFoundError:
        tables = ", ".join(f"{table}.csv" for table in TABLES)
        reading.add("file-absent", f"the file is absent; a data cut consists of {tables}")
        return None
    except OSError as error:
        reading.add(
            "file-unreadable",
            f"the file cannot be read ({error.strerror or type(error).__name__}); "
            "check that it is not open elsewhere and that you may read it",
        )
        return None
    if len(content) > largest:
        reading.add(
            "file-too-large",
            f"the file is larger than the {megabytes(largest)} for which this machine has memory; check it on one with more, or "
            "a part of the cut",
        )
        return None
    return content


def _line_of(content: bytes, offset: int) -> int:
    """Line on which the byte at `offset` stands; \\n, \\r\\n and \\r each end a line."""
    before = content[:offset]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def _decoded(content: bytes, reading: Reading) -> str | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        reading.add("file-encoding", "the text is encoded in UTF-16; save the table as CSV UTF-8", line=1)
        return None
    nul = content.find(b"\0")
    if nul >= 0:
        reading.add(
            "nul-byte",
            f"byte {nul + 1} of the file is NUL; this is not a text file, or it was damaged; export it again",
            line=_line_of(content, nul),
        )
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        reading.add(
            "file-encoding",
            f"byte {error.start + 1} of the file (0x{content[error.start]:02x}) is not UTF-8; "
            "save the table as CSV UTF-8",
            line=_line_of(content, error.start),
        )
        return None
    text = text.removeprefix("\ufeff")  # Excel writes this mark in front of UTF-8; it says nothing
    if not text.strip():
        reading.add("file-empty", "the file is empty; it needs at least its header")
        return None
    return text


def _records(text: str, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each record, the header first; blank lines at the end are left out. It ends where the form is broken."""
    rows = csv.reader(_narrow(io.StringIO(text, newline="")), strict=True)
    blank: list[int] = []
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except _TooWide:
            reading.add(
                "file-too-large",
                f"the line has more than {MOST_CELLS:,} cells, the table has {len(columns(reading.table))}; "
                "delete the columns that do not belong to it",
                line=line,
            )
            return
        except csv.Error as error:
            reading.add("csv-syntax", _csv_problem(str(error)), line=line)
            return
        if not cells:
            blank.append(line)
            continue
        yield from ((each, []) for each in blank)
        blank.clear()
        yield line, cells


class _TooWide(Exception):
    """A line has more cells than any table."""


def _narrow(lines: Iterable[str]) -> Iterator[str]:
    """The lines; raises :class:`_TooWide` before the cells of one fill the memory."""
    for line in lines:
        if line.count(",") >= MOST_CELLS:
            raise _TooWide
        yield line


def _csv_problem(error: str) -> str:
    if "field limit" in error:
        return f"a cell has more than {csv.field_size_limit()} characters; is a quotation mark open?"
    if "unexpected end" in error:
        return "a quotation mark opens a cell here and is never closed; close it, or write it twice if meant"
    if "expected after" in error:
        return (
            "after the closing quotation mark of a cell comes something other than a comma; "
            "write a quotation mark inside a quoted cell twice"
        )
    return f"the line is not valid CSV ({error})"


def _frame(text: str, reading: Reading) -> pd.DataFrame | None:
    """The cells of a table as columns, none where the form is broken. Equal cells of a column are one object, since a cohort of any
    size has few that differ."""
    plain = plain_csv.frame(text, columns(reading.table))
    if plain is not None:
        _check_header(list(plain), 1, reading)
        return None if reading.findings else plain.reindex(columns=columns(reading.table), fill_value="")
    records = _records(text, reading)
    header_line, header = next(records, (1, []))
    if not reading.findings:
        _check_header(header, header_line, reading)
    if reading.findings:
        return None
    lines: list[np.ndarray] = []
    cells: list[list[np.ndarray]] = [[] for _ in header]
    known: list[dict[str, str]] = [{} for _ in header]
    while rows := list(itertools.islice(records, _AT_A_TIME)):
        for line, row in rows:
            if not any(row):
                reading.add("empty-row", "the line is blank or has only empty cells; delete it, or fill it in", line=line)
            elif len(row) != len(header):
                reading.add(
                    "ragged-row",
                    f"the line has {len(row)} cells, the header has {len(header)}; "
                    "look for a comma too many or too few, or a text that needs quotation marks",
                    line=line,
                )
        if reading.findings:
            continue
        lines.append(np.array([line for line, _ in rows], dtype="int64"))
        for column, seen, own in zip(cells, known, zip(*(row for _, row in rows), strict=True), strict=True):
            column.append(np.array(list(map(seen.setdefault, own, own)), dtype=object))
    # What broke the reading off is told alone, for it may be the cause of the rest.
    broken = [finding for finding in reading.findings if finding.rule in ("csv-syntax", "file-too-large")]
    reading.findings = broken or reading.findings
    if not reading.findings and not lines and reading.table not in ROWS_OPTIONAL:
        reading.add("no-rows", "there is a header but no row below it")
    if reading.findings:
        return None
    index = pd.Index(np.concatenate(lines) if lines else [], name="line", dtype="int64")
    found = {name: np.concatenate(column) if column else [] for name, column in zip(header, cells, strict=True)}
    frame = pd.DataFrame(found, index=index, dtype=object)
    return frame.reindex(columns=columns(reading.table), fill_value="")


def _of_parquet(content: bytes, reading: Reading) -> pd.DataFrame | None:
    """The cells of a Parquet file as columns, none where the form is broken."""
    read = parquet.cells(content, reading.add)
    if read is None:
        return None
    header, frame = read
    _check_header(header, None, reading)
    if not reading.findings and not len(frame) and reading.table not in ROWS_OPTIONAL:
        reading.add("no-rows", "there is no row")
    for row in frame.index[(frame == "").all(axis=1)] if not reading.findings else ():
        reading.add("empty-row", "the row has only empty cells; delete it, or fill it in", line=int(row))
    if reading.findings:
        return None
    return frame.set_axis(header, axis=1).reindex(columns=columns(reading.table), fill_value="")


def _check_header(header: list[str], line: int | None, reading: Reading) -> None:
    """A finding for each name of a column that is not as the dictionary has it."""
    expected = columns(reading.table)
    optional = {column.name for column in TABLES[reading.table] if column.optional}
    if header == [name for name in expected if name in header or name not in optional]:
        return
    if not any(name.strip().lower() in expected for cell in header for name in re.split("[;\t]", cell)):
        reading.add("header", f"the line names no column; it must be {','.join(expected)}", line=line)
        return
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and separator in header[0]:
            reading.add(
                "header",
                f"the cells are separated by {name}; export the table with commas, and points in numbers",
                line=line,
            )
            return
    header = [privacy.redacted(name) for name in header]  # without a header this would be the first patient's row
    missing = [name for name in expected if name not in header and name not in optional]
    for name in dict.fromkeys(header):
        if name in expected:
            if header.count(name) > 1:
                reading.add(
                    "header",
                    f"column {name} is there {header.count(name)} times; keep one",
                    line=line,
                    column=name,
                )
            continue
        meant = name.strip().lower().replace(" ", "_")
        if meant in missing:
            missing.remove(meant)
            reading.add(
                "header",
                f'column "{shown(name)}" must be written {meant}',
                line=line,
                column=meant,
                value=name,
            )
        else:
            what = f'column "{shown(name)}" is unknown' if name else "a column has no name"
            reading.add(
                "header",
                f"{what}; the columns are {', '.join(expected)}",
                line=line,
                column=shown(name) or None,
                value=name,
            )
    for name in missing:
        reading.add(
            "header",
            f"column {name} is missing; the columns are {', '.join(expected)}",
            line=line,
            column=name,
        )
    if not reading.findings:
        reading.add("header", f"the columns are out of order; their order is {', '.join(expected)}", line=line)


def _check_privacy(reading: Reading) -> None:
    found = list(privacy.screen(reading.text, reading.table))  # the ids of all rows are withheld before one is named
    for line, column, kind in found:
        patient_id = reading.text.at[line, "patient_id"]
        known = None if patient_id == privacy.WITHHELD else patient_id
        reading.add(kind.rule, privacy.say(kind, column), line=line, column=column, patient_id=known)


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Zl", "Zp"}


def _check_cells(reading: Reading) -> None:
    frame = reading.text
    kinds = {column.name: column.kind for column in TABLES[reading.table]}
    for name in frame.columns:
        found = ((cell, _fault(cell, name, kinds[name])) for cell in frame[name].unique())
        faults = {cell: fault for cell, fault in found if fault is not None}
        if not faults:
            continue
        faulty = frame[frame[name].isin(faults.keys())]
        for line, cell, patient_id in zip(faulty.index, faulty[name], faulty["patient_id"], strict=True):
            rule, message = faults[cell]
            reading.add(rule, message, line=line, column=name, value=cell, patient_id=patient_id)


def _fault(cell: str, name: str, kind: str) -> tuple[str, str] | None:
    """Rule and message of what is wrong with a cell whatever its column means; None if nothing is."""
    if cell != cell.strip():
        where = "only blanks" if not cell.strip() else "blanks at its beginning or end"
        return "cell-blanks", f'{name} is "{shown(cell)}", which has {where}; remove them'
    if any(map(_is_control, cell)):
        what = "which holds a line break or another control character; remove it"
        return "cell-control-character", f'{name} is "{shown(cell)}", {what}'
    odd = None if cell in {"", privacy.WITHHELD} else _odd(cell, name, kind)
    return None if odd is None else (odd.rule, f"{name} {odd.message}")


def _odd(cell: str, name: str, kind: str) -> characters.Odd | None:
    """What is wrong with the characters of a cell; a number that is none is told by the suites."""
    if kind == "text":
        return characters.odd_text(cell, name)
    if kind in {"id", "site", "choice"}:
        return None if cell.isascii() and "#" not in cell else characters.odd_code(cell)
    return None if cell.isascii() and "#" not in cell else characters.odd_form(cell)


def typed(text: pd.DataFrame, table: str) -> pd.DataFrame:
    """The cells of `text` (from :func:`read_text`) as values, with the same index `line`.

    Numbers become float64, whole numbers Int64 ("61.0" is whole), ids, texts and choices the pandas dtype
    "str". An empty cell is missing, and so is a cell that is not written as a number where one is due: the
    suites report it from the text.
    """
    return pd.DataFrame(
        {column.name: _typed_column(text[column.name], column.kind) for column in TABLES[table]},
        index=text.index,
    )


def _typed_column(cells: pd.Series, kind: str) -> pd.Series:
    # Each different cell is read once, as there are few.
    codes, different = pd.factorize(cells)
    if kind == "number":
        values = np.array([float(cell) if NUMBER.fullmatch(cell) else float("nan") for cell in different], dtype="float64")
        return pd.Series(values[codes], index=cells.index)
    if kind in {"whole", "flag"}:
        whole = [int(float(cell)) if WHOLE.fullmatch(cell) else pd.NA for cell in different]
        return pd.Series(pd.array(whole, dtype="Int64").take(codes), index=cells.index)
    return pd.Series(cells.where(cells != "", None), dtype="str")
