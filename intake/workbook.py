"""Excel workbooks, one sheet a table."""

import posixpath
import re
import warnings
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
from lxml import etree
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from expectations.ordinary import LARGEST_FILE
from intake import appearance
from intake.extent import keep_rows_of
from intake.mapping import Mapping, TableRule
from intake.sheet import EMPTY, Cell, Problems, Sheet, letters, set_headings
from intake.text import trimmed

MOST_ROWS, MOST_COLUMNS = 200_000, 500
MOST_CELLS = 500_000
LARGEST_UNPACKED = 8 * LARGEST_FILE
_COMPOUND = b"\xd0\xcf\x11\xe0"  # the container of .xls, and of workbooks with a password
_SAVE = "save it in Excel as a workbook (.xlsx), without a password"
_NO_RESULT = (
    "the cell is a formula whose result is not in the file; open the workbook in Excel, save it there and send that, "
    "or type the value"
)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class _Unreadable(Exception):
    """The file is no workbook that is read; the message says what it is and what to do."""


@dataclass(frozen=True)
class _Book:
    """A workbook with the results of its formulas, once more with the formulas, and by sheet the formulas without a result."""

    values: openpyxl.Workbook
    formulas: openpyxl.Workbook
    without_result: dict[str, set[str]]


def read_workbook(path: Path, mapping: Mapping, problems: Problems) -> dict[str, Sheet]:
    """The sheets that hold the tables, by table; what is absent or cannot be read is a finding."""
    book = _open(path, problems)
    if book is None:
        return {}
    by_name = {trimmed(sheet.title): sheet for sheet in book.values.worksheets}
    wanted = {rule.place for rule in mapping.tables.values()}
    for name, sheet in by_name.items():
        hidden = {"hidden": "; it is hidden", "veryHidden": "; it is hidden so that only Excel's macro editor shows it"}
        if name not in wanted and name not in mapping.ignore and not _is_empty(sheet):
            problems.add(
                "sheet",
                f"{path.name}, sheet {name}",
                f"the mapping does not know the sheet{hidden.get(sheet.sheet_state, '')}; map it, or list it in ignore_sheets",
            )
        elif name in wanted and sheet.sheet_state in hidden:
            problems.add(
                "hidden",
                f"{path.name}, sheet {name}",
                f"the sheet is taken in like any other{hidden[sheet.sheet_state]}; make sure that it is the one that is kept",
                level="warning",
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
        read = Sheet(path.name, rule.place, rule.header[1], epoch=book.values.epoch)
        row, column = _reach(sheet)
        if row > MOST_ROWS or column > MOST_COLUMNS:
            problems.add(
                "sheet",
                read,
                f"the table reaches to this cell; a table has at most {MOST_ROWS:,} rows and {MOST_COLUMNS} columns; clear "
                "what lies beyond it",
                row,
                column,
            )
            continue
        _fill(read, sheet, book, rule, mapping, problems)
        sheets[table] = read
    return sheets


# --- opening ---------------------------------------------------------------------------------------------------------


def _open(path: Path, problems: Problems) -> _Book | None:
    try:
        _check_container(path)
        without_result = _examined(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of drop-down lists and the like, which openpyxl does not keep
            values, formulas = (
                openpyxl.load_workbook(path, data_only=only, keep_links=False, rich_text=only) for only in (True, False)
            )
        return _Book(values, formulas, without_result)
    except _Unreadable as problem:
        problems.add("workbook", path.name, str(problem))
    except Exception:  # a damaged archive makes openpyxl raise almost anything
        problems.add(
            "workbook",
            path.name,
            f"the file cannot be read as a workbook; it may be damaged, or have another program's quirks; {_SAVE}",
        )
    return None


def _check_container(path: Path) -> None:
    """Raises :class:`_Unreadable` for the files that come under the name of a workbook and are none, or one of another kind."""
    with path.open("rb") as stream:
        content = stream.read(LARGEST_FILE + 1)
    if content.startswith(_COMPOUND):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise _Unreadable("the file is a workbook with a password; save it in Excel without one (.xlsx)")
        raise _Unreadable(f"the file is an old .xls workbook, or has a password; {_SAVE}")
    if content.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "xl/workbook.bin" in names:
                raise _Unreadable(f"the file cannot be read as a workbook: it is a binary one (.xlsb); {_SAVE}")
            if "content.xml" in names and "mimetype" in names:
                raise _Unreadable(
                    "the file cannot be read as a workbook: it is an OpenDocument file (.ods); save it as "
                    "Excel 2007-365 (.xlsx)"
                )
            if not any(name.startswith("xl/") for name in names):
                raise _Unreadable(f"the file cannot be read as a workbook: it holds no sheets; {_SAVE}")
        return
    start = content[:1024].lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    if start[:1] == b"<":
        raise _Unreadable(
            "the file cannot be read as a workbook: it is a web page or XML that only bears the name; open it in Excel "
            "and save it as a workbook (.xlsx)"
        )
    if content.startswith(b"%PDF"):
        raise _Unreadable("the file cannot be read as a workbook: it is a PDF; ask for the workbook (.xlsx) itself")
    if content and (b"\0" not in content or content.startswith((b"\xff\xfe", b"\xfe\xff"))):
        raise _Unreadable(
            "the file cannot be read as a workbook: it is text, as of a CSV file; open it in Excel and save it as a "
            "workbook (.xlsx), or take it in with a mapping of the form csv"
        )


def _examined(path: Path) -> dict[str, set[str]]:
    """The formulas without a result by sheet, after a look at how much openpyxl would have to build.

    A merge over a whole sheet or cells with nothing but a format take a few bytes in the file and gigabytes in memory.
    """
    without: dict[str, set[str]] = {}
    with zipfile.ZipFile(path) as archive:
        sizes = {part.filename: part.file_size for part in archive.infolist()}
        written = sum(size for name, size in sizes.items() if name.endswith((".xml", ".rels")))
        if sum(sizes.values()) > LARGEST_UNPACKED or written > 2 * LARGEST_FILE:
            raise _Unreadable("the workbook is far too large for the tables of this study; clear unused sheets")
        root = etree.fromstring(archive.read("xl/workbook.xml"), _parser())
        if "purl.oclc.org/ooxml" in root.tag:
            raise _Unreadable(
                "the file cannot be read as a workbook: it is in the form Strict Open XML; save it in Excel as "
                "Excel Workbook (.xlsx), the entry without the word Strict"
            )
        relations = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), _parser())
        targets = {each.get("Id"): posixpath.normpath(posixpath.join("/xl", each.get("Target"))) for each in relations}
        cells = 0
        for sheet in root.iter(f"{_MAIN}sheet"):
            name, part = sheet.get("name"), targets.get(sheet.get(_RELATION), "").lstrip("/")
            if part not in sizes:
                continue
            open_ended = without.setdefault(name, set())
            with archive.open(part) as stream:
                tags = [_MAIN + tag for tag in ("c", "mergeCell", "row")]
                for _, element in etree.iterparse(stream, tag=tags, resolve_entities=False, no_network=True):
                    if element.tag == tags[1]:
                        left, top, right, bottom = range_boundaries(element.get("ref"))
                        cells += (right - left + 1) * (bottom - top + 1)
                        where = (
                            f"the cells from column {letters(left)} to {letters(right)} in the rows {top:,} to {bottom:,} are "
                            "merged; unmerge them"
                        )
                    elif element.tag == tags[0]:
                        cells += 1
                        where = (
                            "clear the formats of empty cells beyond the tables (select the rows there and delete them)"
                        )
                        formula, result = element.find(f"{_MAIN}f"), element.find(f"{_MAIN}v")
                        if formula is not None and (result is None or (not result.text and element.get("t") != "str")):
                            open_ended.add(element.get("r"))
                    else:
                        element.clear()
                        continue
                    if cells > MOST_CELLS:
                        raise _Unreadable(
                            f"the workbook stores more than {MOST_CELLS:,} cells, with or without a value, up to sheet "
                            f"{name}; {where}"
                        )
    return without


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True)


def _stored(sheet: Worksheet):
    """The cells that the file holds, in order. The public iterators would build every cell up to the last one that has a format."""
    return [sheet._cells[place] for place in sorted(sheet._cells)]


def _holds(cell) -> bool:
    return cell.value is not None and trimmed(str(cell.value)) != ""


def _is_empty(sheet: Worksheet) -> bool:
    return not any(map(_holds, _stored(sheet)))


def _reach(sheet: Worksheet) -> tuple[int, int]:
    """The last row and the last column that hold anything."""
    held = [(cell.row, cell.column) for cell in _stored(sheet) if _holds(cell)]
    return max((row for row, _ in held), default=0), max((column for _, column in held), default=0)


# --- a sheet ---------------------------------------------------------------------------------------------------------


def _fill(read: Sheet, sheet: Worksheet, book: _Book, rule: TableRule, mapping: Mapping, problems: Problems) -> None:
    first, last = rule.header
    extra = {mapping.first_dose} if rule.table == "patients" and mapping.first_dose else set()
    formulas, without_result = book.formulas[sheet.title], book.without_result.get(sheet.title, set())
    parts: dict[int, list[str]] = {}
    for cell in _stored(sheet):
        if first <= cell.row <= last:
            parts.setdefault(cell.column, [""] * (last - first + 1))[cell.row - first] = _text(cell.value)
        elif cell.row > last:
            made = _cell(cell, formulas._cells.get((cell.row, cell.column)), cell.coordinate in without_result)
            if not made.blank:
                read.rows.setdefault(cell.row, {})[cell.column] = made
    for merged in sheet.merged_cells.ranges:
        for row in range(max(first, merged.min_row), min(last, merged.max_row) + 1):
            for column in range(merged.min_col, min(merged.max_col, MOST_COLUMNS) + 1):
                text = _text(sheet.cell(merged.min_row, merged.min_col).value)
                parts.setdefault(column, [""] * (last - first + 1))[row - first] = text
    parts = dict(sorted(parts.items()))
    set_headings(read, parts, rule.sources | extra, mapping.ignored(rule), problems)
    keep_rows_of(read, rule, mapping, problems)
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
    mapped = {column for name in rule.sources | extra for column in read.columns_named(name)}
    dated = {each.source for each in rule.columns.values() if each.dated} | extra
    _look(read, sheet, formulas, mapped, {column for name in dated for column in read.columns_named(name)}, problems)


def _text(value) -> str:
    return "" if value is None else str(value)


def _cell(cell, formula, without_result: bool) -> Cell:
    if cell.data_type == "e":
        return Cell(None, fault=f"the cell shows the error {cell.value}; correct it in the workbook")
    if formula is not None and formula.data_type == "f" and without_result:
        return Cell(None, fault=_NO_RESULT)
    value = appearance.plain(cell.value)
    if isinstance(value, str):
        return Cell(unescape(value))  # Excel writes control characters as _x000D_
    number_format = cell.number_format or "General"
    if appearance.is_moment(value):
        return Cell(value, shows=appearance.precision(number_format))
    if isinstance(value, int | float) and not isinstance(value, bool):
        percent, scaled = appearance.percent(number_format, value), appearance.scaled(number_format, value)
        return Cell(value, percent=percent, scaled=scaled)
    return Cell(value)


def _look(
    read: Sheet, sheet: Worksheet, formulas: Worksheet, mapped: set[int], dated: set[int], problems: Problems
) -> None:
    """Refuses cells of mapped columns that show another value than they hold; warns of what is taken in though it looks withdrawn."""
    struck, noted, linked, yearless, short = [], [], [], [], []
    for cell in _stored(sheet):
        at = cell.row, cell.column
        if cell.row not in read.rows or cell.column not in mapped:
            continue
        if cell.comment is not None:
            noted.append(at)
        held = read.rows.get(cell.row, {}).get(cell.column, EMPTY)
        if held.blank or held.fault is not None:
            continue
        fault = _fault(cell, held)
        if fault is not None:
            read.rows[cell.row][cell.column] = replace(held, value=None, fault=fault)
            continue
        if cell.font.strike:
            struck.append(at)
        formula = formulas._cells.get(at)
        if formula is not None and formula.data_type == "f" and re.search(r"\[[0-9]+\]", _formula(formula.value)):
            linked.append(at)
        if held.shows == "other" and cell.column in dated:
            yearless.append(at)
        if isinstance(held.value, int | float) and not isinstance(held.value, bool):
            shown = appearance.rounded(cell.number_format or "General", held.value)
            if shown is not None:
                short.append(at)
    taken = "taken in like all others"
    for rule, found, what in (
        ("struck", struck, f"struck through as a whole; {taken}; clear what was withdrawn"),
        ("comment", noted, "with a comment, which is not read; see whether it changes the value"),
        ("link", linked, "with a formula that reads another workbook; the result that was last saved is taken in"),
        ("date", yearless, "with a date whose year or day the format does not show; the stored date is taken in"),
        ("rounded", short, "showing a rounded number; the stored one, with all its decimals, is taken in"),
    ):
        if found:
            problems.add(rule, read, f"{_cells(found)} {what}", *found[0], level="warning")
    columns = [column for column in sorted(mapped) if _is_hidden_column(sheet, column)]
    if columns:
        names = ", ".join(map(letters, columns))
        problems.add(
            "hidden",
            read,
            f"{len(columns)} hidden column(s) ({names}), {taken}; make sure that they are up to date",
            read.header_row,
            columns[0],
            level="warning",
        )
    hidden = [row for row in read.rows if row in sheet.row_dimensions and _is_hidden(sheet.row_dimensions[row])]
    if hidden:
        problems.add(
            "hidden",
            read,
            f"{len(hidden)} hidden row(s), the first of them row {hidden[0]}, are taken in like all others; delete what "
            "does not belong to the data",
            hidden[0],
            level="warning",
        )


def _fault(cell, held: Cell) -> str | None:
    marks = appearance.marked(cell.value)
    if marks is not None:
        return (
            f'the cell reads "{held.value}", of which {marks}, so it is open what its value is; leave the value alone in the '
            "cell, and write a remark elsewhere"
        )
    if cell.font.vertAlign in {"superscript", "subscript"}:
        return (
            f'the cell\'s text "{held.value}" is {appearance.RAISED[cell.font.vertAlign]} as a whole, like the mark of a '
            "footnote; clear the cell, or format a value as ordinary text"
        )
    if isinstance(held.value, int | float) and not isinstance(held.value, bool):
        what = appearance.misleads(cell.number_format or "General", held.value)
        if what is not None:
            return (
                f"the cell holds {held.value:.15g}, but its format {what}, so it is open which is meant; write out the value "
                "in a cell without that format"
            )
    return None


def _cells(places: list[tuple[int, int]]) -> str:
    first = ", ".join(f"{letters(column)}{row}" for row, column in places[:5])
    more = ", …" if len(places) > 5 else ""
    return f"{len(places)} cell{'s' if len(places) > 1 else ''} ({first}{more})"


def _formula(value) -> str:
    """The text of a formula; one of an array is an object around it."""
    return str(getattr(value, "text", value) or "")


def _is_hidden(dimension) -> bool:
    return bool(dimension.hidden) or dimension.ht == 0


def _is_hidden_column(sheet: Worksheet, column: int) -> bool:
    """Excel keeps one record for neighbouring columns of the same width."""
    return any(
        (dimension.min or dimension.max or 0) <= column <= (dimension.max or 0)
        and (dimension.hidden or dimension.width == 0)
        for dimension in sheet.column_dimensions.values()
    )
