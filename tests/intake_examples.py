"""Data as clinics send them, written by code from the tables of a cut: a workbook, CSV files, a REDCap export; and their mappings."""

import csv
import datetime
import io
from pathlib import Path

import openpyxl
from cut_examples import Cut

from protocol.columns import TABLES, columns

DATES = {
    "patients": ("last_contact_week", "discontinued_week"),
    "visits": ("week",),
    "labs": ("week",),
    "doses": ("study_day",),
    "adverse_events": ("start_day", "end_day"),
}
FIRST = "first dose"
EVENTS = {0: "baseline_arm_1"}


def first_dose(patient_id: str) -> datetime.date:
    return datetime.date(2021, 1, 4) + datetime.timedelta(days=9 * int(patient_id[1:]) % 500)


def dated(cut: Cut, jitter=lambda patient_id, week: 0) -> dict[str, list[dict]]:
    """The rows with dates in the place of study days and weeks; `jitter` moves a visit some days off its planned day."""
    out: dict[str, list[dict]] = {}
    for table, rows in cut.items():
        out[table] = []
        for row in rows:
            day, new = first_dose(row["patient_id"]), dict(row)
            for name in DATES[table]:
                if row[name] == "":
                    continue
                if name == "week":
                    days = 7 * int(row[name]) + jitter(row["patient_id"], int(row[name]))
                elif name.endswith("_week"):
                    days = int(7 * float(row[name]))
                else:
                    days = int(row[name]) - (int(row[name]) > 0)
                new[name] = day + datetime.timedelta(days=days)
            if table == "patients":
                new[FIRST] = day
            out[table].append(new)
    return out


def headings(table: str, rows: list[dict]) -> list[str]:
    return [*of_one_site(table), FIRST] if table == "patients" and rows and FIRST in rows[0] else of_one_site(table)


def of_one_site(table: str) -> list[str]:
    """Names of the columns that a cut of one site has."""
    return [name for name in columns(table) if name != "site"]


def workbook(rows: dict[str, list[dict]], numbers: bool = True) -> openpyxl.Workbook:
    """A sheet a table, its name that of the table; numbers as numbers (or all as text)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for table, of_table in rows.items():
        sheet = book.create_sheet(table)
        sheet.append(headings(table, of_table))
        kinds = {column.name: column.kind for column in TABLES[table]}
        for number, row in enumerate(of_table, start=2):
            for at, name in enumerate(headings(table, of_table), start=1):
                value = row[name]
                if isinstance(value, str) and value and numbers and kinds[name] in {"number", "whole"}:
                    value = float(value) if "." in value else int(value)
                cell = sheet.cell(number, at)
                if isinstance(value, str):
                    if value:
                        cell.value, cell.data_type = value, "s"  # text, also where it looks like a formula
                        cell._value = value
                else:
                    cell.value = value
    return book


def csv_text(header: list[str], rows: list[dict], separator: str = ",", ends: str = "\n") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, header, delimiter=separator, lineterminator=ends)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_files(
    folder: Path, rows: dict[str, list[dict]], encoding="utf-8", separator=",", decimal=".", ends="\n", dates="%d.%m.%Y"
) -> Path:
    """A file a table in the given way of writing; dates as text."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, of_table in rows.items():
        numbers = {column.name for column in TABLES[table] if column.numeric}
        written = [
            {
                name: value.strftime(dates) if isinstance(value, datetime.date)
                else value.replace(".", decimal) if name in numbers
                else value
                for name, value in row.items()
            }
            for row in of_table
        ]  # fmt: skip
        text = csv_text(headings(table, of_table), written, separator, ends)
        (folder / f"{table}.csv").write_bytes(text.encode(encoding))
    return folder


def redcap_rows(cut: Cut, rows: dict[str, list[dict]]) -> tuple[list[str], list[dict]]:
    """Header and rows of a raw export: visits and labs in one row an event, doses and events of harm repeating. Weeks are events."""
    header = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"]
    fields = {
        table: [f"{table}_{name}" for name in headings(table, rows[table])[1:] if name != "week"] for table in rows
    }
    for table in rows:
        header += fields[table] + ([f"{table}_complete"])
    out = []
    for patient in rows["patients"]:
        patient_id = patient["patient_id"]
        weeks = sorted(
            {int(row["week"]) for table in ("visits", "labs") for row in cut[table] if row["patient_id"] == patient_id}
            | {0}
        )
        for week in weeks:
            line = {"record_id": patient_id, "redcap_event_name": event(week)}
            for table in ("patients", "visits", "labs"):
                for given, row in zip(cut[table], rows[table], strict=True):
                    if given["patient_id"] == patient_id and (
                        week == 0 if table == "patients" else int(given["week"]) == week
                    ):
                        line |= _fields(table, row) | {f"{table}_complete": "2"}
            out.append(line)
        for table in ("doses", "adverse_events"):
            mine = [row for row in rows[table] if row["patient_id"] == patient_id]
            for instance, row in enumerate(mine, start=1):
                out.append(
                    {"record_id": patient_id, "redcap_event_name": "follow_up_arm_1", "redcap_repeat_instrument": table,
                     "redcap_repeat_instance": instance} | _fields(table, row) | {f"{table}_complete": "2"}
                )  # fmt: skip
    return header, out


def event(week: int) -> str:
    return EVENTS.get(week, f"week_{week}_arm_1")


def _fields(table: str, row: dict) -> dict:
    coded = {"F": "1", "M": "2"}
    return {
        f"{table}_{name}": coded.get(value, value) if name == "sex" else value
        for name, value in row.items()
        if name not in {"patient_id", "week"}
    }


def dictionary_text(header: list[str]) -> str:
    names = [
        "Variable / Field Name",
        "Form Name",
        "Field Type",
        "Field Label",
        "Choices, Calculations, OR Slider Labels",
    ]
    rows = [{names[0]: "record_id", names[1]: "patients", names[2]: "text"}]
    for field in header[4:]:
        if field.endswith("_complete"):
            continue
        form = next(table for table in sorted(TABLES, key=len, reverse=True) if field.startswith(f"{table}_"))
        sex = field == "patients_sex"
        yes_no = field in {"visits_tcs_use", "doses_given", "adverse_events_serious"}
        kind = "radio" if sex else "yesno" if yes_no else "text"
        rows.append({names[0]: field, names[1]: form, names[2]: kind, names[4]: "1, Female | 2, Male" if sex else ""})
    return csv_text(names, rows)


def write_redcap(folder: Path, cut: Cut, rows: dict[str, list[dict]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    header, out = redcap_rows(cut, rows)
    (folder / "export.csv").write_text(csv_text(header, out), encoding="utf-8", newline="")
    (folder / "dictionary.csv").write_text(dictionary_text(header), encoding="utf-8", newline="")
    return folder


def mapping_text(form: str, with_dates: bool, top: str = "", weeks=(0, 4, 8, 16, 26, 39, 52)) -> str:
    """A mapping for what the functions above write; `top` are further lines."""
    lines = [f"form: {form}", *top.splitlines()]
    if form == "redcap":
        lines += ["data: export.csv", "dictionary: dictionary.csv"]
    if with_dates:
        first = f"patients_{FIRST}" if form == "redcap" else FIRST
        lines += [f"first_dose: {first}", f"dates: {'yyyy-mm-dd' if form == 'redcap' else 'dd.mm.yyyy'}"]
    lines += [
        "cut: {label: Example, extracted: 2026-01-01, kind: reconstructed, description: made by the tests}",
        "tables:",
    ]
    events = ", ".join(event(week) for week in weeks)
    codes = ", ".join(f"{event(week)}: {week}" for week in weeks)
    for table in TABLES:
        place = {"excel": f"sheet: {table}", "csv": f"file: {table}.csv"}.get(form)
        if form == "redcap":
            where = {"patients": "[baseline_arm_1]", "visits": f"[{events}]", "labs": f"[{events}]"}.get(table)
            place = f"events: {where}" if where else f"repeat_instrument: {table}"
        lines += [f"  {table}:", f"    {place}", "    columns:"]
        for name in of_one_site(table):
            source, more = (name, "") if form != "redcap" else (f"{table}_{name}", "")
            if form == "redcap" and name == "patient_id":
                source = "record_id"
            elif form == "redcap" and name == "week":
                source, more = "redcap_event_name", f", codes: {{{codes}}}"
            elif form == "redcap" and name == "sex":
                more = ", codes: {1: F, 2: M}"
            elif with_dates and name in DATES[table]:
                more = ", date: true"
            lines.append(f"      {name}: {{from: {source}{more}}}")
    return "\n".join(lines) + "\n"
