"""Folders of text files, a file a table."""

import fnmatch
import re
from pathlib import Path

from intake.extent import keep_rows_of
from intake.mapping import Mapping
from intake.sheet import Cell, Problems, Sheet, set_headings
from intake.text import lines_named, read_records, trimmed


def read_folder(folder: Path, mapping: Mapping, problems: Problems) -> dict[str, Sheet]:
    """The files of the tables, by table; what is absent or cannot be read is a finding."""
    sheets, taken = {}, set()
    for table, rule in mapping.tables.items():
        path = the_file(folder, rule.place, problems)
        if path is None:
            continue
        taken.add(path.name)
        sheet, heading = read_file(path, mapping.encoding, mapping.separator, problems)
        if sheet is None:
            continue
        extra = {mapping.first_dose} if table == "patients" and mapping.first_dose else set()
        set_headings(sheet, heading, rule.sources | extra, mapping.ignored(rule), problems)
        keep_rows_of(sheet, rule, mapping, problems)
        sheets[table] = sheet
    for path in sorted(folder.iterdir()):
        known = path.name in taken or any(fnmatch.fnmatchcase(path.name, pattern) for pattern in mapping.ignore)
        if path.is_file() and path.suffix.lower() in {".csv", ".tsv", ".txt", ".xlsx"} and not known:
            problems.add("file", path.name, "the mapping does not know the file; map it, or list it in ignore_files")
    return sheets


def the_file(folder: Path, pattern: str, problems: Problems) -> Path | None:
    found = [path for path in sorted(folder.iterdir()) if fnmatch.fnmatchcase(path.name, pattern)]
    if len(found) == 1 and found[0].is_file():
        return found[0]
    if not found:
        there = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
        problems.add(
            "file", pattern, f"there is no such file; the folder holds {there}; correct the mapping, or add the file"
        )
    else:
        names = ", ".join(path.name for path in found)
        problems.add(
            "file", pattern, f"this must be one ordinary file, it is {names}; leave one, or name it in the mapping"
        )
    return None


def read_file(
    path: Path, encoding: str, separator: str, problems: Problems
) -> tuple[Sheet | None, dict[int, list[str]]]:
    """The rows of a text file and its headings by column; None, and a finding, if it cannot be read."""
    try:
        records, short = read_records(path, encoding, separator)
    except ValueError as problem:
        place, _, what = str(problem).partition(": ")
        line = int(place.split()[1]) if place else None
        problems.add("text", path.name, what, line)
        return None, {}
    header_line, header = records[0]
    sheet = Sheet(path.name, None, header_line)
    for line, cells in records[1:]:
        sheet.rows[line] = {column: _cell(text) for column, text in enumerate(cells, start=1) if trimmed(text)}
    if short:
        problems.add(
            "short-lines",
            path.name,
            f"{len(short)} of {len(records) - 1} lines end before the last heading ({lines_named(short)}); the cells that they lack "
            "are taken as empty, as spreadsheets leave out empty cells at the end of a line; see that no separator was lost",
            level="warning",
        )
    return sheet, {column: [text] for column, text in enumerate(header, start=1)}


def _cell(text: str) -> Cell:
    value = trimmed(text)
    if re.match(r"=[-+]?\$?[A-Z]+(?:\$?[0-9]+|\()", value):
        return Cell(text, fault="the cell holds a formula in place of its result; export values")
    if re.fullmatch(
        r"#(?:REF!|N/A|NV|DIV/0!|VALUE!|WERT!|NAME\?|NULL!|NUM!|ЗНАЧ!|ССЫЛКА!|ДЕЛ/0!|ИМЯ\?|Н/Д|ЧИСЛО!|ПУСТО!|#+)",
        value,
        re.I,
    ):
        return Cell(
            text, fault=f"the cell holds {value}, an error of a spreadsheet; correct it there, or list it under missing"
        )
    return Cell(text)
