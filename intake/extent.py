"""Which rows of a sheet are rows of a table: where the table ends, and which rows hold nothing for it."""

from intake.mapping import Mapping, TableRule
from intake.sheet import EMPTY, Cell, Problems, Sheet, letters
from intake.text import trimmed
from protocol.columns import PATIENT_ID


def keep_rows_of(sheet: Sheet, rule: TableRule, mapping: Mapping, problems: Problems) -> None:
    """Takes out of `sheet` what is no row of the table; where the mapping does not say so, that is a finding for each row."""
    at = {name: sheet.columns_named(each.source) for name, each in rule.columns.items() if each.source is not None}
    if not all(at.values()):
        return  # a heading is absent, which is said already
    columns = {name: found[0] for name, found in at.items()}
    _end(sheet, rule, columns, problems)
    _only_with_values(sheet, rule, mapping, columns)
    _only_patients(sheet, rule, columns, problems)


def _end(sheet: Sheet, rule: TableRule, columns: dict[str, int], problems: Problems) -> None:
    """Ends the table above the first row that begins with a text of stop_at; a patient below it is refused."""
    if not rule.stop_at:
        return
    stop = next((row for row in sorted(sheet.rows) if _beginning(sheet.rows[row]).startswith(rule.stop_at)), None)
    if stop is None:
        return
    below = {row: sheet.rows.pop(row) for row in sorted(sheet.rows) if row >= stop}
    patients = [row for row, cells in below.items() if _is_patient(cells, rule, columns)]
    if patients:
        problems.add(
            "end",
            sheet,
            f"the table ends above row {stop} (stop_at), and below are {len(patients)} row(s) with the id of a patient, the first "
            f"of them row {patients[0]}; move them up, or correct stop_at in the mapping",
            patients[0],
            columns.get("patient_id"),
        )


def _beginning(cells: dict[int, Cell]) -> str:
    """The text of the first cell of a row that holds something."""
    filled = [cells[column] for column in sorted(cells) if not cells[column].blank]
    return trimmed(str(filled[0].value)) if filled else ""


def _only_with_values(sheet: Sheet, rule: TableRule, mapping: Mapping, columns: dict[str, int]) -> None:
    """Of a sheet that serves several tables, leaves the rows with a value in a column that this table alone reads."""
    sharing = [other for other in mapping.tables.values() if other is not rule and other.place == rule.place]
    shared = {source for other in sharing for source in other.sources}
    own = [
        (columns[name], each.missing)
        for name, each in rule.columns.items()
        if each.source is not None and each.source not in shared
    ]
    if not sharing or not own:
        return
    for row in list(sheet.rows):
        if not any(_holds(sheet.rows[row].get(column, EMPTY), missing) for column, missing in own):
            del sheet.rows[row]


def _holds(cell: Cell, missing: frozenset[str]) -> bool:
    return not cell.blank and not (isinstance(cell.value, str) and trimmed(cell.value) in missing)


def _only_patients(sheet: Sheet, rule: TableRule, columns: dict[str, int], problems: Problems) -> None:
    """Refuses what looks like totals, footnotes or headings that come again, with one finding a row in place of one a cell.

    That is a row without a patient's id below the last one that has it, or between such rows if at most half of its cells hold
    something. A row with an id that is mistyped so gets the same message, which says that, too.
    """
    if "patient_id" not in columns:
        return
    good = {row for row, cells in sheet.rows.items() if _is_patient(cells, rule, columns)}
    if not good:
        return  # then it is the ids that are of another kind, which the cells say better
    others = [column for name, column in columns.items() if name != "patient_id"]
    listing = False  # the id stands in a patient's first row only
    for row in sorted(sheet.rows.keys() - good):
        cells = sheet.rows[row]
        filled = sum(not cells.get(column, EMPTY).blank for column in others)
        without_id = cells.get(columns["patient_id"], EMPTY).blank
        if not filled and without_id:
            continue  # holds something in columns that are not read
        dense = 2 * filled > len(others)
        if row < max(good) and dense and not _repeats_headings(sheet, cells, columns):
            listing = listing or without_id
            continue
        if listing and without_id and dense:
            continue
        del sheet.rows[row]
        if _repeats_headings(sheet, cells, columns):
            what = "the row repeats the headings; delete it"
        else:
            what = (
                f"the row is no row of a patient, as {letters(columns['patient_id'])}{row} holds no id: "
                "totals or footnotes? Delete the row, or name the text that it begins with under stop_at in the mapping; "
                "if it is a patient's, correct the id"
            )
        problems.add("row", sheet, what, row)


def _is_patient(cells: dict[int, Cell], rule: TableRule, columns: dict[str, int]) -> bool:
    each = rule.columns["patient_id"]
    if "patient_id" not in columns:
        return each.constant is not None
    value = cells.get(columns["patient_id"], EMPTY).value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else trimmed(str(value))
    if each.codes is not None:
        return text in each.codes
    if each.template is not None:
        # REDCap names a group, as in 5373-7; the cell's own message says whether the template allows it
        number = text.rpartition("-")[-1]
        return number.isascii() and number.isdigit()
    return PATIENT_ID.fullmatch(text) is not None


def _repeats_headings(sheet: Sheet, cells: dict[int, Cell], columns: dict[str, int]) -> bool:
    heading = sheet.headings[columns["patient_id"]].rpartition(" / ")[2]
    return trimmed(str(cells.get(columns["patient_id"], EMPTY).value or "")) == heading
