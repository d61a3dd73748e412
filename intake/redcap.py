"""A REDCap export of raw data, with the data dictionary that says what its fields are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from intake.files import read_file, the_file
from intake.mapping import ColumnRule, Mapping, TableRule
from intake.sheet import EMPTY, Cell, Problems, Sheet, set_headings
from intake.text import SEPARATORS, lines_named, read_records, trimmed

EVENT, REPEAT, INSTANCE = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
_SYSTEM = {EVENT, REPEAT, INSTANCE, "redcap_data_access_group", "redcap_survey_identifier"}
# What an export with labels has in the place of these names.
_SYSTEM_LABELS = {
    "event name",
    "repeat instrument",
    "repeat instance",
    "data access group",
    "survey identifier",
    "complete?",
}
_REMOVED = "[*DATA REMOVED*]"
# What REDCap calls the columns of the dictionary in its pages and in its interface for programs; the last two may be absent.
_DICTIONARY = {
    "field": ("Variable / Field Name", "field_name"),
    "form": ("Form Name", "form_name"),
    "type": ("Field Type", "field_type"),
    "choices": ("Choices, Calculations, OR Slider Labels", "select_choices_or_calculations"),
    "label": ("Field Label", "field_label"),
    "validation": ("Text Validation Type OR Show Slider Number", "text_validation_type_or_show_slider_number"),
}
_OPTIONAL = {"label", "validation"}
_TWO = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
_BOX = {"0": "Unchecked", "1": "Checked"}
_EXPORT_RAW = 'export it again in REDCap as "CSV / Microsoft Excel (raw data)"'


@dataclass(frozen=True)
class _Field:
    """A line of the data dictionary; `choices` are labels by code, empty if anything may be entered."""

    form: str
    kind: str
    choices: dict[str, str]
    line: int
    label: str = ""
    validation: str = ""

    @property
    def decimal(self) -> str | None:
        """The decimal mark that REDCap makes everybody use in the field."""
        if self.validation.endswith("comma_decimal"):
            return ","
        return "." if self.kind in {"calc", "slider"} or re.match("number|integer", self.validation) else None


def read_redcap(folder: Path, mapping: Mapping, problems: Problems) -> dict[str, Sheet]:
    """The rows of each table of a REDCap export of raw codes, by table.

    A row of the export belongs to each table that names its event or repeating instrument, if it holds anything for it. What no table
    takes is a finding, and so is whatever contradicts the dictionary.
    """
    data, dictionary = (the_file(folder, pattern, problems) for pattern in (mapping.data, mapping.dictionary))
    if data is None or dictionary is None:
        return {}
    fields = _fields(dictionary, mapping, problems)
    export, heading = read_file(data, mapping.encoding, mapping.separator, problems)
    if fields is None or export is None:
        return {}
    if _has_labels_as_headings([texts[0] for texts in heading.values()], fields):
        problems.add(
            "labels",
            export,
            f"the headings are labels, not names of fields, so this is an export with labels; {_EXPORT_RAW}",
            export.header_row,
        )
        return {}
    wanted = {source for rule in mapping.tables.values() for source in rule.sources} | {mapping.first_dose} - {None}
    if any(rule.events for rule in mapping.tables.values()):
        wanted.add(EVENT)
    if any(rule.repeat_instrument for rule in mapping.tables.values()):
        wanted.add(REPEAT)
    forms = {field.form for field in fields.values()}
    system = _SYSTEM | {f"{form}_{end}" for form in forms for end in ("complete", "timestamp")}
    boxes = {_box(name, code) for name in fields for code in mapping.missing if fields[name].kind == "checkbox"}
    set_headings(export, heading, wanted, mapping.ignore | system | boxes, problems)
    _check_fields(wanted - system, fields, mapping, dictionary, problems)
    if problems.critical:
        return {}
    if _has_labels(export, wanted, fields, mapping, problems) or _has_hashed_ids(export, mapping, problems):
        return {}
    _note_decimals(export, wanted, fields)
    _blank_missing(export, wanted, mapping, problems)
    _check_choices(export, wanted, fields)
    return _rows_by_table(export, mapping, system, problems)


def _fields(path: Path, mapping: Mapping, problems: Problems) -> dict[str, _Field] | None:
    """The dictionary by field. REDCap writes it in UTF-8 and mostly with commas; a spreadsheet may have saved it otherwise."""
    first = None
    for separator in SEPARATORS.values():
        for encoding in dict.fromkeys(("utf-8", mapping.encoding)):
            try:
                records = read_records(path, encoding, separator).records
            except ValueError as problem:
                first = first or str(problem)
                continue
            if set(_DICTIONARY["field"]) & set(map(trimmed, records[0][1])):
                return _fields_of(path, records, problems)
            first = (
                first or f' line 1: there is no column "{_DICTIONARY["field"][0]}"; is this REDCap\'s data dictionary?'
            )
    place, _, what = (first or "").partition(": ")
    problems.add("dictionary", path.name, what, int(place.split()[1]) if place else None)
    return None


def _fields_of(path: Path, records: list[tuple[int, list[str]]], problems: Problems) -> dict[str, _Field] | None:
    header = [trimmed(name) for name in records[0][1]]
    at = {}
    for part, names in _DICTIONARY.items():
        found = [name for name in names if name in header]
        if found:
            at[part] = header.index(found[0])
        elif part not in _OPTIONAL:
            problems.add(
                "dictionary",
                path.name,
                f'there is no column "{names[0]}"; is this REDCap\'s data dictionary?',
                records[0][0],
            )
            return None
    fields = {}
    for line, cells in records[1:]:
        of = {part: trimmed(cells[column]) for part, column in at.items()}
        kind = of["type"]
        choices = dict(_TWO.get(kind, {}))
        if kind in {"radio", "dropdown", "checkbox"}:
            for choice in re.split(r"\||\n", of["choices"]):
                code, _, label = choice.partition(",")
                if trimmed(code):
                    choices[trimmed(code)] = trimmed(label)
        fields[of["field"]] = _Field(of["form"], kind, choices, line, of.get("label", ""), of.get("validation", ""))
    return fields


def _box(name: str, code: str) -> str:
    """The column of a choice of a checkbox, as REDCap names it.

    >>> _box("race", "-99"), _box("race", "UNK")
    ('race____99', 'race___unk')
    """
    return f"{name}___{re.sub('[^a-z0-9]', '_', code.lower())}"


def _field_of(name: str, fields: dict[str, _Field]) -> _Field | None:
    """The field behind a column of the export; a checkbox has a column for each choice, field___choice."""
    box, marked, _ = name.partition("___")
    field = fields.get(box if marked else name)
    return replace(field, choices=_BOX) if field is not None and marked else field


def _rules(mapping: Mapping) -> Iterator[ColumnRule]:
    for table in mapping.tables.values():
        yield from (rule for rule in table.columns.values() if rule.source is not None)


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
    for rule in _rules(mapping):
        field = _field_of(rule.source, fields)
        if field is None:
            continue
        where, kind = f"{mapping.path.name} line {rule.line}", field.validation
        if rule.dated and re.match("number|integer|time|email|phone|zipcode", kind):
            what = f"{rule.source} holds no dates, its validation is {kind}; take date: true out of {where}"
            problems.add("dictionary", dictionary.name, what, field.line)
        if (
            not rule.dated
            and rule.codes is None
            and rule.column.numeric
            and kind.startswith("date")
        ):
            what = f"{rule.source} holds dates, its validation is {kind}, but {rule.column.name} is a number; correct {where}"
            problems.add("dictionary", dictionary.name, what, field.line)
        if not field.choices or rule.codes is None:
            continue
        for code in rule.codes.keys() - field.choices.keys() - rule.missing:
            problems.add(
                "dictionary",
                dictionary.name,
                f"{rule.source} has no choice {code}, which {where} maps; its choices are "
                f"{', '.join(field.choices)}; correct the mapping",
                field.line,
            )


def _plain(label: str) -> str:
    """A label without its markup, for comparison."""
    return " ".join(re.sub("<[^>]*>", " ", label).casefold().split())


def _has_labels_as_headings(headings: list[str], fields: dict[str, _Field]) -> bool:
    names = [trimmed(name) for name in headings if trimmed(name)]
    labels = {_plain(field.label) for field in fields.values() if field.label} | _SYSTEM_LABELS
    known = sum(_field_of(name, fields) is not None or name in _SYSTEM for name in names)
    labelled = sum(_plain(re.sub(r"\(choice=.*\)$", "", name)) in labels for name in names)
    return labelled > max(2, 2 * known)


def _has_labels(
    export: Sheet, wanted: set[str], fields: dict[str, _Field], mapping: Mapping, problems: Problems
) -> bool:
    """Whether labels were exported in the place of codes, which one finding says, with the number of cells."""
    events = {event for rule in mapping.tables.values() for event in rule.events}
    labels = codes = 0
    first = None
    for column, name in export.headings.items():
        field = _field_of(name, fields) if name in wanted else None
        if name != EVENT and (field is None or not field.choices):
            continue
        for line, cells in export.rows.items():
            text = trimmed(str(cells.get(column, EMPTY).value or ""))
            if not text or text in mapping.missing:
                continue
            if name == EVENT:
                labelled = text not in events and not re.fullmatch(r"[a-z0-9_]*_arm_[0-9]+[a-z]?", text)
            else:
                labelled = text not in field.choices and text in field.choices.values()
            labels, codes = labels + labelled, codes + (not labelled)
            if labelled and (first is None or line < first[0]):
                first = line, column, text
    if first is None or labels <= codes / 4 or labels < 3:
        return False
    line, column, text = first
    problems.add(
        "labels",
        export,
        f'"{text}" is a label, and so are {labels - 1} more cells, so labels were exported in the place of codes; {_EXPORT_RAW}',
        line,
        column,
        text,
    )
    return True


def _has_hashed_ids(export: Sheet, mapping: Mapping, problems: Problems) -> bool:
    rule = mapping.tables["patients"].columns["patient_id"]
    if rule.source is None or rule.codes is not None:
        return False
    column = export.columns_named(rule.source)[0]
    ids = {trimmed(str(cells[column].value)) for cells in export.rows.values() if column in cells}
    if not ids or not all(re.fullmatch("[0-9a-f]{32,128}", each) for each in ids):
        return False
    problems.add(
        "hashed",
        export,
        f"the {len(ids)} ids are hashed, as REDCap does in a de-identified export; export again without hashing the record id "
        "(pseudonyms name nobody), or list the ids under codes of patient_id",
        export.header_row,
        column,
    )
    return True


def _note_decimals(export: Sheet, wanted: set[str], fields: dict[str, _Field]) -> None:
    """The decimal marks that the dictionary prescribes. Where a comma stands in a field of points, the file was not saved by REDCap,
    and then the mapping alone says what a mark means."""
    marks = {column: field.decimal for column, name in export.headings.items()
             if name in wanted and (field := _field_of(name, fields)) is not None and field.decimal}  # fmt: skip
    points = [column for column, mark in marks.items() if mark == "."]
    resaved = any("," in str(cells.get(column, EMPTY).value) for cells in export.rows.values() for column in points)
    export.decimals = {column: mark for column, mark in marks.items() if not (resaved and mark == ".")}


def _blank_missing(export: Sheet, wanted: set[str], mapping: Mapping, problems: Problems) -> None:
    """Makes declared missing codes empty cells, those of checkboxes too: there they are choices of their own."""
    codes = {column: mapping.missing for column, name in export.headings.items() if name in wanted}
    for rule in _rules(mapping):
        for column in export.columns_named(rule.source):
            codes[column] = codes[column] | rule.missing
    boxes = {
        column: [at for code in mapping.missing for at in export.columns_named(_box(name.partition("___")[0], code))]
        for column, name in export.headings.items()
        if name in wanted and "___" in name
    }
    ids = {rule.source for rule in _rules(mapping) if rule.column.name == "patient_id"} | {EVENT, REPEAT, INSTANCE}
    content = [column for column in codes if export.headings[column] not in ids]
    emptied = []
    for line, cells in export.rows.items():
        held = any(not cells.get(column, EMPTY).blank for column in content)
        for column in codes:
            cell = cells.get(column, EMPTY)
            ticked = any(trimmed(str(cells.get(box, EMPTY).value)) == "1" for box in boxes.get(column, []))
            if ticked or (not cell.blank and trimmed(str(cell.value)) in codes[column]):
                cells[column] = EMPTY
        if held and all(cells.get(column, EMPTY).blank for column in content):
            emptied.append(line)
    if emptied:
        problems.add(
            "missing",
            export,
            f"{len(emptied)} rows hold nothing but missing data codes ({lines_named(emptied)}) and are taken as empty",
            level="warning",
        )


def _check_choices(export: Sheet, wanted: set[str], fields: dict[str, _Field]) -> None:
    """Marks the cells that REDCap has emptied, and those whose code is not among the choices of their field."""
    for column, name in export.headings.items():
        field = _field_of(name, fields) if name in wanted else None
        for cells in export.rows.values() if name in wanted else ():
            cell = cells.get(column, EMPTY)
            text = "" if cell.blank else trimmed(str(cell.value))
            if text == _REMOVED:
                fault = (
                    f"REDCap has taken the value out ({_REMOVED}), as whoever exported may not export identifiers; export "
                    "again with an account that may"
                )
                cells[column] = Cell(cell.value, fault=fault)
            elif text and cell.fault is None and field is not None and field.choices and text not in field.choices:
                labels = {label: code for code, label in field.choices.items()}
                hint = (
                    f"this is the label of choice {labels[text]}; export raw data, not labels"
                    if text in labels
                    else f"the data dictionary has {', '.join(field.choices)}; correct the entry in REDCap, or, if it is a missing "
                    "data code of the project, list it under missing"
                )
                cells[column] = Cell(cell.value, fault=f"{name} is {text}; {hint}")


def _rows_by_table(export: Sheet, mapping: Mapping, system: set[str], problems: Problems) -> dict[str, Sheet]:
    at = {name: column for column, name in export.headings.items()}
    sheets = {table: replace(export, rows={}) for table in mapping.tables}
    own = {table: _own_fields(rule, mapping) - system for table, rule in mapping.tables.items()}
    mapped = set().union(*own.values())
    lost: dict[str, list[tuple[int, str]]] = {}
    for line, cells in export.rows.items():
        event, repeat = (trimmed(str(cells.get(at.get(name, 0), EMPTY).value or "")) for name in (EVENT, REPEAT))
        filled = {name for name in mapped if not cells.get(at[name], EMPTY).blank}
        concerned = [table for table, rule in mapping.tables.items() if _is_of(rule, event, repeat)]
        read: set[str] = set()
        for table in concerned:
            read |= own[table]
            if own[table] & filled:
                sheets[table].rows[line] = cells
        where = (
            f"the repeating instrument {repeat}" if repeat else f"the event {event}" if event else "rows of no event"
        )
        for name in sorted(filled - read, key=at.__getitem__):
            lost.setdefault(where, []).append((line, name))
    for where, cells in lost.items():
        _report_lost(export, where, cells, at, problems)
    return sheets


def _report_lost(
    export: Sheet, where: str, cells: list[tuple[int, str]], at: dict[str, int], problems: Problems
) -> None:
    """One finding for all values at an event, or of an instrument, that no table reads."""
    line, name = cells[0]
    fields = list(dict.fromkeys(field for _, field in cells))
    further = f" ({len(cells)} cells of {', '.join(fields)} in {lines_named(sorted({row for row, _ in cells}))})"
    name_it = (
        "its repeat_instrument"
        if where.startswith("the repeating")
        else "its events, beside repeat_instrument if it has one"
    )
    problems.add(
        "event",
        export,
        f"no table of the mapping reads this field at {where}, so the value would be lost{further if len(cells) > 1 else ''}; correct "
        f"the entry, or name it for the table in the mapping, under {name_it}",
        line,
        at[name],
        export.rows[line][at[name]].value,
    )


def _own_fields(rule: TableRule, mapping: Mapping) -> set[str]:
    """The fields that say whether a row holds anything for a table: all that it reads but the patient's id, which is in every row."""
    first_dose = {mapping.first_dose} - {None} if rule.table == "patients" else set()
    return (rule.sources | first_dose) - {rule.columns["patient_id"].source}


def _is_of(rule: TableRule, event: str, repeat: str) -> bool:
    if repeat:
        return repeat == rule.repeat_instrument
    return event in rule.events if rule.events else rule.repeat_instrument is None
