"""Folders of text files: a file a table, or one REDCap export with its data dictionary."""

import fnmatch
from dataclasses import dataclass
from pathlib import Path

from intake.extent import keep_rows_of
from intake.mapping import Mapping, TableRule
from intake.sheet import EMPTY, Cell, Problems, Sheet, set_headings
from intake.text import read_records, trimmed

EVENT, REPEAT, INSTANCE = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
# What REDCap calls the columns of the dictionary in its pages and in its interface for programs.
_DICTIONARY = {
    "field": ("Variable / Field Name", "field_name"),
    "form": ("Form Name", "form_name"),
    "type": ("Field Type", "field_type"),
    "choices": ("Choices, Calculations, OR Slider Labels", "select_choices_or_calculations"),
}
_TWO = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}


def read_folder(folder: Path, mapping: Mapping, problems: Problems) -> dict[str, Sheet]:
    """The files of the tables, by table; what is absent or cannot be read is a finding."""
    sheets, taken = {}, set()
    for table, rule in mapping.tables.items():
        path = _the_file(folder, rule.place, problems)
        if path is None:
            continue
        taken.add(path.name)
        sheet, heading = _read(path, mapping.encoding, mapping.separator, problems)
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


def _the_file(folder: Path, pattern: str, problems: Problems) -> Path | None:
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


def _read(path: Path, encoding: str, separator: str, problems: Problems) -> tuple[Sheet | None, dict[int, list[str]]]:
    try:
        records = read_records(path, encoding, separator)
    except ValueError as problem:
        place, _, what = str(problem).partition(": ")
        line = int(place.split()[1]) if place else None
        problems.add("text", path.name, what, line)
        return None, {}
    header_line, header = records[0]
    sheet = Sheet(path.name, None, header_line)
    for line, cells in records[1:]:
        sheet.rows[line] = {column: Cell(text) for column, text in enumerate(cells, start=1) if trimmed(text)}
    return sheet, {column: [text] for column, text in enumerate(header, start=1)}


# --- REDCap ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Field:
    """A line of the data dictionary; `choices` are labels by code, empty if anything may be entered."""

    form: str
    kind: str
    choices: dict[str, str]
    line: int


def read_redcap(folder: Path, mapping: Mapping, problems: Problems) -> dict[str, Sheet]:
    """The rows of each table of a REDCap export of raw codes, by table.

    A row of the export belongs to each table that names its event or repeating instrument, if it holds anything for it. What no table
    takes is a finding, and so is whatever contradicts the dictionary.
    """
    data, dictionary = (_the_file(folder, pattern, problems) for pattern in (mapping.data, mapping.dictionary))
    if data is None or dictionary is None:
        return {}
    fields = _fields(dictionary, problems)
    export, heading = _read(data, mapping.encoding, mapping.separator, problems)
    if fields is None or export is None:
        return {}
    wanted = {source for rule in mapping.tables.values() for source in rule.sources} | {mapping.first_dose} - {None}
    if any(rule.events for rule in mapping.tables.values()):
        wanted.add(EVENT)
    if any(rule.repeat_instrument for rule in mapping.tables.values()):
        wanted.add(REPEAT)
    system = {EVENT, REPEAT, INSTANCE} | {f"{field.form}_complete" for field in fields.values()}
    set_headings(export, heading, wanted, mapping.ignore | system, problems)
    _check_fields(wanted - system, fields, mapping, dictionary, problems)
    if problems.critical:
        return {}
    _check_choices(export, wanted, fields)
    return _rows_by_table(export, mapping, system, problems)


def _fields(path: Path, problems: Problems) -> dict[str, _Field] | None:
    """The dictionary by field. REDCap always writes it in UTF-8 and with commas."""
    try:
        records = read_records(path, "utf-8", ",")
    except ValueError as problem:
        problems.add("dictionary", f"{path.name}", str(problem).lstrip(": "))
        return None
    header = [trimmed(name) for name in records[0][1]]
    at = {}
    for part, names in _DICTIONARY.items():
        found = [name for name in names if name in header]
        if not found:
            problems.add(
                "dictionary",
                path.name,
                f'there is no column "{names[0]}"; is this REDCap\'s data dictionary?',
                records[0][0],
            )
            return None
        at[part] = header.index(found[0])
    fields = {}
    for line, cells in records[1:]:
        kind, written = cells[at["type"]], cells[at["choices"]]
        choices = dict(_TWO.get(kind, {}))
        if kind in {"radio", "dropdown", "checkbox"}:
            for choice in written.split("|"):
                code, _, label = choice.partition(",")
                choices[trimmed(code)] = trimmed(label)
        fields[trimmed(cells[at["field"]])] = _Field(cells[at["form"]], kind, choices, line)
    return fields


def _field_of(name: str, fields: dict[str, _Field]) -> _Field | None:
    """The field behind a column of the export; a checkbox has a column for each choice, field___choice."""
    box, marked, _ = name.partition("___")
    field = fields.get(box if marked else name)
    return _Field(field.form, field.kind, {"0": "", "1": ""}, field.line) if field is not None and marked else field


def _check_fields(
    names: set[str], fields: dict[str, _Field], mapping: Mapping, dictionary: Path, problems: Problems
) -> None:
    for name in sorted(names):
        if _field_of(name, fields) is None:
            problems.add(
                "dictionary",
                dictionary.name,
                f"the field {name} is not in the data dictionary; export both at the same time",
            )
    for rule in (rule for table in mapping.tables.values() for rule in table.columns.values()):
        field = None if rule.source is None else _field_of(rule.source, fields)
        if field is None or not field.choices or rule.codes is None:
            continue
        for code in rule.codes.keys() - field.choices.keys():
            problems.add(
                "dictionary",
                dictionary.name,
                f"{rule.source} has no choice {code}, which {mapping.path.name} line {rule.line} maps; its choices are "
                f"{', '.join(field.choices)}; correct the mapping",
                field.line,
            )


def _check_choices(export: Sheet, wanted: set[str], fields: dict[str, _Field]) -> None:
    """Marks the cells whose code is not among the choices of their field."""
    for column, name in export.headings.items():
        field = _field_of(name, fields) if name in wanted else None
        if field is None or not field.choices:
            continue
        for cells in export.rows.values():
            cell = cells.get(column, EMPTY)
            if not cell.blank and trimmed(cell.value) not in field.choices:
                labels = {label: code for code, label in field.choices.items()}
                hint = (
                    f"this is the label of choice {labels[trimmed(cell.value)]}; export raw data, not labels"
                    if trimmed(cell.value) in labels
                    else f"the data dictionary has {', '.join(field.choices)}; correct the entry in REDCap"
                )
                cells[column] = Cell(cell.value, fault=f"{name} is {trimmed(cell.value)}; {hint}")


def _rows_by_table(export: Sheet, mapping: Mapping, system: set[str], problems: Problems) -> dict[str, Sheet]:
    at = {name: column for column, name in export.headings.items()}
    sheets = {table: Sheet(export.file, None, export.header_row, export.headings) for table in mapping.tables}
    own = {table: _own_fields(rule, mapping) - system for table, rule in mapping.tables.items()}
    mapped = set().union(*own.values())
    for line, cells in export.rows.items():
        event, repeat = (trimmed(str(cells.get(at.get(name, 0), EMPTY).value or "")) for name in (EVENT, REPEAT))
        filled = {name for name in mapped if not cells.get(at[name], EMPTY).blank}
        concerned = [table for table, rule in mapping.tables.items() if _is_of(rule, event, repeat)]
        read: set[str] = set()
        for table in concerned:
            read |= own[table]
            if own[table] & filled:
                sheets[table].rows[line] = cells
        for name in sorted(filled - read, key=at.__getitem__):
            where = f"the repeating instrument {repeat}" if repeat else f"the event {event}"
            problems.add(
                "event",
                export,
                f"no table of the mapping reads this field at {where}, so the value would be lost; correct the entry, or add "
                "the event to the mapping",
                line,
                at[name],
                cells[at[name]].value,
            )
    return sheets


def _own_fields(rule: TableRule, mapping: Mapping) -> set[str]:
    """The fields that say whether a row holds anything for a table: all that it reads but the patient's id, which is in every row."""
    first_dose = {mapping.first_dose} - {None} if rule.table == "patients" else set()
    return (rule.sources | first_dose) - {rule.columns["patient_id"].source}


def _is_of(rule: TableRule, event: str, repeat: str) -> bool:
    if rule.repeat_instrument is not None:
        return repeat == rule.repeat_instrument
    return not repeat and (not rule.events or event in rule.events)
