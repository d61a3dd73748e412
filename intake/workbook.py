"""Excel workbooks, one sheet a table."""

import warnings
import zipfile
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from expectations.reading import LARGEST_FILE, MOST_ROWS
from intake.mapping import Mapping, TableRule
from intake.sheet import EMPTY, Cell, Problems, Sheet, letters, set_headings
from intake.text import trimmed

MOST_COLUMNS = 500
LARGEST_UNPACKED = 8 * LARGEST_FILE
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"


def read_workbook(path: Path, mapping: Mapping, problems: Problems) -> dict[str, Sheet]:
    """The sheets that hold the tables, by table; what is absent or cannot be read is a finding."""
    books = _open(path, problems)
    if books is None:
        return {}
    values, formulas = books
    by_name = {trimmed(sheet.title): sheet for sheet in values.worksheets}
    wanted = {rule.place for rule in mapping.tables.values()}
    for name, sheet in by_name.items():
        if name not in wanted and name not in mapping.ignore and not _is_empty(sheet):
            problems.add(
                "sheet",
                f"{path.name}, sheet {name}",
                "the mapping does not know the sheet; map it, or list it in ignore_sheets",
            )
    sheets = {}
    for table, rule in mapping.tables.items():
        if rule.place not in by_name:
            there = ", ".join(by_name)
            problems.add(
                "sheet",
                path.name,
                f"there is no sheet {rule.place} (for {table}); the sheets are {there}; correct the mapping",
            )
            continue
        sheet = by_name[rule.place]
        if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
            problems.add(
                "sheet",
                f"{path.name}, sheet {rule.place}",
                f"the sheet reaches to {letters(sheet.max_column)}{sheet.max_row}; clear what lies beyond the table",
            )
            continue
        extra = {mapping.first_dose} if table == "patients" and mapping.first_dose else set()
        read = Sheet(path.name, rule.place, rule.header[1], epoch=values.epoch)
        _fill(read, sheet, formulas[sheet.title], rule, extra, problems)
        sheets[table] = read
    return sheets


def _open(path: Path, problems: Problems) -> tuple[openpyxl.Workbook, openpyxl.Workbook] | None:
    """The workbook with the results of its formulas, and once more with the formulas themselves."""
    advice = "save it in Excel as a workbook (.xlsx), without a password"
    try:
        with path.open("rb") as stream:
            beginning = stream.read(4)
        if beginning == _OLD_OR_LOCKED:
            problems.add("workbook", path.name, f"the file is an old .xls workbook, or has a password; {advice}")
            return None
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_UNPACKED:
                problems.add(
                    "workbook",
                    path.name,
                    "the workbook is far too large for the tables of this study; clear unused sheets",
                )
                return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of drop-down lists and the like, which openpyxl does not keep
            return tuple(openpyxl.load_workbook(path, data_only=only, keep_links=False) for only in (True, False))
    except Exception as problem:  # a damaged archive makes openpyxl raise almost anything
        problems.add(
            "workbook", path.name, f"the file cannot be read as a workbook ({type(problem).__name__}); {advice}"
        )
        return None


def _is_empty(sheet: Worksheet) -> bool:
    return all(
        trimmed(str(cell)) == "" for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    )


def _fill(read: Sheet, sheet: Worksheet, formulas: Worksheet, rule: TableRule, extra: set, problems: Problems) -> None:
    first, last = rule.header
    parts = {
        column: [_text(sheet.cell(row, column).value) for row in range(first, last + 1)]
        for column in range(1, sheet.max_column + 1)
    }
    for merged in sheet.merged_cells.ranges:
        for row in range(max(first, merged.min_row), min(last, merged.max_row) + 1):
            for column in range(merged.min_col, merged.max_col + 1):
                parts[column][row - first] = _text(sheet.cell(merged.min_row, merged.min_col).value)
    for cells, with_formulas in zip(
        sheet.iter_rows(min_row=last + 1), formulas.iter_rows(min_row=last + 1), strict=True
    ):
        row = {cell.column: _cell(cell, formula) for cell, formula in zip(cells, with_formulas, strict=True)}
        row = {column: cell for column, cell in row.items() if not cell.blank}
        if row:
            read.rows[cells[0].row] = row
    set_headings(read, parts, rule.sources | extra, rule.ignore, problems)
    for merged in sheet.merged_cells.ranges:
        inside = any(
            not read.rows.get(row, {}).get(column, EMPTY).blank
            for row in range(max(last + 1, merged.min_row), merged.max_row + 1)
            for column in range(merged.min_col, merged.max_col + 1)
        )
        if inside:
            problems.add(
                "merged",
                read,
                f"the cells {merged.coord} are merged, so it is open which rows the value is for; unmerge them and fill in each",
                max(last + 1, merged.min_row),
                merged.min_col,
            )
    hidden = [row for row in read.rows if sheet.row_dimensions[row].hidden]
    if hidden:
        problems.add(
            "hidden",
            read,
            f"{len(hidden)} hidden row(s), the first of them row {hidden[0]}, are taken in like all others; delete what "
            "does not belong to the data",
            hidden[0],
            level="warning",
        )


def _text(value) -> str:
    return "" if value is None else str(value)


def _cell(cell, formula) -> Cell:
    if cell.data_type == "e":
        return Cell(None, fault=f"the cell shows the error {cell.value}; correct it in the workbook")
    if formula.data_type == "f" and cell.value is None:
        return Cell(
            None,
            fault="the cell is a formula whose result is not in the file; open and save it in Excel, or type the value",
        )
    numeric = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    return Cell(cell.value, percent=numeric and "%" in (cell.number_format or ""))
