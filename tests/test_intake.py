"""Data as they come from clinics, good and bad: what is taken in is the same as what was sent, and what is not is named."""

import csv
import datetime
import errno
import json
import os
import re
import shutil
import stat
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
import yaml
from click.testing import CliRunner
from conftest import ROOT, SHIPPED_CUT, change_cell
from cut_examples import PARAMETERS, valid_cut, write_cut
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_examples import (
    csv_text,
    dated,
    first_dose,
    mapping_text,
    of_one_site,
    redcap_rows,
    workbook,
    write_files,
    write_redcap,
)

from expectations import gate
from expectations.characters import odd_text
from expectations.finding import Finding
from expectations.privacy import identifying
from expectations.reading import read_text, typed
from intake import MappingError, Plan, convert, read_mapping
from intake.dates import planned_week, study_day, weeks_since
from intake.numbers import plain_number
from intake.text import read_records, trimmed
from protocol.columns import TABLES, columns
from study import placing_cuts
from study.cli import main
from study.version_control import exposed

PLAN = Plan(tuple(PARAMETERS["planned_weeks"]), 7)
CUT = valid_cut(patients=2, weeks=(0, 4, 8))


def same_values(converted, cut, folder) -> None:
    """The converted tables hold the values of `cut`; 7.0 and 7 are the same number."""
    folder.mkdir(parents=True, exist_ok=True)
    converted.write(folder)
    expected = write_cut(folder / "expected", cut)
    for table in TABLES:
        found, wanted = (_values(each, table) for each in (folder, expected))
        assert found == wanted


def _values(folder, table) -> list[tuple]:
    reading = read_text(folder, table)
    assert not reading.findings
    frame = typed(reading.text, table)
    return sorted(tuple("" if value != value or value is None else str(value) for value in row)
                  for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False))  # fmt: skip


def critical(converted) -> list[Finding]:
    return [finding for finding in converted.findings if finding.level == "critical"]


def mapped(tmp_path, text: str):
    path = tmp_path / "mapping.yml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


# --- workbooks --------------------------------------------------------------------------------------------------------


def place_of(sheet, heading: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == heading)


def put(table: str, row: int, heading: str, value, number_format: str | None = None):
    def change(book):
        cell = book[table].cell(row, place_of(book[table], heading))
        cell.value = value
        if number_format:
            cell.number_format = number_format

    return change


def each_cell(table: str, heading: str, change):
    def over(book):
        sheet = book[table]
        for row in range(2, sheet.max_row + 1):
            cell = sheet.cell(row, place_of(sheet, heading))
            change(cell)

    return over


def as_text_with_comma(book):
    for row in book["visits"].iter_rows(min_row=2, min_col=3):
        for cell in row:
            if cell.value is not None:
                cell.value = str(cell.value).replace(".", ",")


def trailing_blanks(book):
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = f" {cell.value}\u00a0 "


def empty_rows(book):
    book["visits"].insert_rows(4, 2)
    book["visits"].cell(4, 2).value = "  "
    book["doses"].cell(book["doses"].max_row + 3, 1).value = "\u00a0"


def title_rows(book):
    book["visits"].insert_rows(1, 2)
    book["visits"]["A1"] = "Visits of the study"
    book["visits"].merge_cells("A1:K1")


def group_heading(book):
    sheet = book["visits"]
    sheet.insert_rows(1)
    sheet["E1"] = "SCORAD"
    sheet.merge_cells("E1:H1")
    for column in (1, 2):
        sheet.cell(1, column).value = sheet.cell(2, column).value
        sheet.merge_cells(start_row=1, start_column=column, end_row=2, end_column=column)


def heading_over_an_empty_column(book):
    sheet = book["labs"]
    sheet.insert_cols(7)
    sheet.merge_cells("F1:G1")


def serial_numbers(cell):
    cell.value, cell.number_format = (cell.value - datetime.date(1899, 12, 30)).days, "General"


def since_1904(book):
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904


def with_time(cell):
    cell.value = datetime.datetime.combine(cell.value, datetime.time(10, 30))


def dates_as_text(cell):
    cell.value, cell.number_format = f"{cell.value.day}.{cell.value.month:02}.{cell.value.year} 00:00:00", "@"


def further_sheets(book):
    book.create_sheet("Sheet1")
    book.create_sheet("notes")["A1"] = "call the laboratory"


def extra_column(book):
    book["patients"]["M1"], book["patients"]["M2"] = "remark", "asked about the school"


def columns_in_another_order(book):
    sheet = book["doses"]
    for row in sheet.iter_rows():
        first, last = row[0].value, row[-1].value
        row[0].value, row[-1].value = last, first


def plain_ids(book):
    for sheet in book:
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, 1).value = int(sheet.cell(row, 1).value[1:])


def extent_as_percentage(cell):
    cell.value, cell.number_format = cell.value / 100, "0%"


def millimetres(cell):
    cell.value = round(cell.value * 10)


def flags(cell):
    cell.value = bool(cell.value)


def dashes(book):
    for row in range(2, book["patients"].max_row + 1):
        book["patients"].cell(row, 11).value = "-"


def header_3(text):
    return text.replace("sheet: visits\n", "sheet: visits\n    header: 3\n")


def header_1_2(text):
    text = text.replace("sheet: visits\n", "sheet: visits\n    header: 1-2\n")
    for name in ("scorad_extent", "scorad_intensity", "scorad_pruritus", "scorad_sleep_loss"):
        text = text.replace(f"from: {name}}}", f"from: SCORAD / {name}}}")
    return text


def add_to(column: str, more: str):
    return lambda text: text.replace(f"{{from: {column}", f"{{from: {column}, {more}")


def add_top(line: str):
    return lambda text: text.replace("form: excel\n", f"form: excel\n{line}\n")


def nothing(given):
    return given


GOOD_WORKBOOKS = {  # what is done to the workbook, what to the mapping, whether the rows hold dates
    "as-it-is": (nothing, nothing, False),
    "dates": (nothing, nothing, True),
    "numbers-as-text-with-comma": (as_text_with_comma, add_top("decimal: comma"), False),
    "trailing-blanks-everywhere": (trailing_blanks, nothing, False),
    "empty-rows": (empty_rows, nothing, False),
    "title-rows-above-the-headings": (title_rows, header_3, False),
    "headings-merged-in-two-rows": (group_heading, header_1_2, False),
    "heading-merged-over-an-empty-column": (heading_over_an_empty_column, nothing, False),
    "dates-as-serial-numbers": (each_cell("visits", "week", serial_numbers), nothing, True),
    "dates-since-1904": (since_1904, nothing, True),
    "dates-with-time-of-day": (each_cell("doses", "study_day", with_time), nothing, True),
    "dates-as-text": (each_cell("labs", "week", dates_as_text), nothing, True),
    "further-sheets": (further_sheets, add_top("ignore_sheets: [notes]"), False),
    "ignored-column": (
        extra_column, lambda text: text.replace("sheet: patients\n", "sheet: patients\n    ignore: [remark]\n"), False,
    ),
    "columns-in-another-order": (columns_in_another_order, nothing, False),
    "ids-as-plain-numbers": (plain_ids, add_to("patient_id", "template: P000"), False),
    "percentage-with-factor": (
        each_cell("visits", "scorad_extent", extent_as_percentage), add_to("scorad_extent", "factor: 100"), False,
    ),
    "itch-in-millimetres": (each_cell("visits", "scorad_pruritus", millimetres), add_to("scorad_pruritus", "factor: 0.1"), False),
    "true-and-false": (each_cell("doses", "given", flags), add_to("given", 'codes: {"TRUE": 1, "FALSE": 0}'), False),
    "dash-means-missing": (dashes, add_top('missing: ["-"]'), False),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD_WORKBOOKS)
def test_a_good_workbook_comes_in_unchanged(name, tmp_path):
    change, change_mapping, with_dates = GOOD_WORKBOOKS[name]
    book = workbook(dated(CUT) if with_dates else CUT)
    change(book)
    book.save(tmp_path / "clinic.xlsx")
    mapping = mapped(tmp_path, change_mapping(mapping_text("excel", with_dates)))
    converted = convert(tmp_path / "clinic.xlsx", mapping, PLAN)
    assert [finding.message for finding in converted.findings] == []
    same_values(converted, CUT, tmp_path / "out")


def merged_rows(book):
    book["visits"].merge_cells("D2:D3")


def one_id_is_a_word(book):
    plain_ids(book)
    book["doses"]["A2"] = "one"


def doubled_heading(book):
    book["visits"]["K1"] = "easi"


def no_heading(book):
    book["visits"]["N3"] = 5


def renamed_sheet(book):
    book["labs"].title = "blood"


def removed_column(book):
    book["visits"].delete_cols(4)


def first_dose_gone(book):
    book["patients"].cell(3, 13).value = None


def off(days: int):
    return first_dose("P001") + datetime.timedelta(days=days)


BAD_WORKBOOKS = {  # as above, then the place of each finding and words that it must hold
    "decimal-point-in-text": (put("visits", 3, "easi", "12.5"), add_top("decimal: comma"), False, [("visits, cell D3", "two ways")]),
    "decimal-comma-in-text": (put("visits", 3, "easi", "12,5"), nothing, False, [("visits, cell D3", "two ways")]),
    "percentage": (put("visits", 3, "scorad_extent", 0.4, "0%"), nothing, False, [("visits, cell E3", "percentage")]),
    "date-in-place-of-a-number": (put("visits", 3, "easi", datetime.date(2022, 5, 4)), nothing, False, [("visits, cell D3", "Excel")]),
    "time-in-place-of-a-number": (put("visits", 3, "easi", datetime.time(4, 5)), nothing, False, [("visits, cell D3", "time")]),
    "error-in-a-cell": (put("labs", 2, "value", "#DIV/0!"), nothing, False, [("labs, cell E2", "#DIV/0!")]),
    "formula-without-result": (put("visits", 2, "scorad", "=E2/5"), nothing, False, [("visits, cell I2", "formula")]),
    "line-break-in-a-cell": (put("adverse_events", 2, "term", "a\nb"), nothing, False, [("adverse_events, cell B2", "line break")]),
    "true-without-codes": (put("doses", 2, "given", True), nothing, False, [("doses, cell E2", "codes")]),
    "unknown-code": (put("patients", 3, "sex", "w"), add_to("sex", "codes: {F: F, M: M}"), False, [("patients, cell B3", "line 8")]),
    "id-is-no-number": (one_id_is_a_word, add_to("patient_id", "template: P000"), False, [("doses, cell A2", "template")]),
    "merged-below-the-headings": (merged_rows, nothing, False, [("visits, cell D2", "D2:D3")]),
    "heading-twice": (
        doubled_heading, nothing, False, [("cell K1", "2 times (D1 and K1)"), ("sheet visits, row 1", "emollient_per_day")],
    ),
    "column-without-heading": (no_heading, nothing, False, [("visits, cell N1", "no heading")]),
    "column-nobody-knows": (extra_column, nothing, False, [("patients, cell M1", "remark")]),
    "column-absent": (removed_column, nothing, False, [("sheet visits, row 1", '"easi"')]),
    "sheet-nobody-knows": (further_sheets, nothing, False, [("sheet notes", "ignore_sheets")]),
    "sheet-absent": (renamed_sheet, nothing, False, [("sheet blood", "does not know"), ("clinic.xlsx", "no sheet labs")]),
    "date-that-is-none": (put("visits", 3, "week", "31.02.2021"), nothing, True, [("visits, cell B3", "dd.mm.yyyy")]),
    "date-in-another-pattern": (put("visits", 3, "week", "2021-02-01"), nothing, True, [("visits, cell B3", "dd.mm.yyyy")]),
    "date-with-two-digits-of-the-year": (put("visits", 3, "week", "01.02.21"), nothing, True, [("visits, cell B3", "dd.mm.yyyy")]),
    "week-in-place-of-a-date": (put("visits", 3, "week", 4, "General"), nothing, True, [("visits, cell B3", "number 4")]),
    "visit-out-of-every-window": (put("visits", 3, "week", off(40)), nothing, True, [("visits, cell B3", "12 days away")]),
    "baseline-after-the-first-dose": (put("visits", 2, "week", off(3)), nothing, True, [("visits, cell B2", "no baseline")]),
    "two-visits-in-a-window": (put("visits", 3, "week", off(54)), nothing, True, [("visits, cell B4", "cell B3")]),
    "first-dose-unknown": (first_dose_gone, nothing, True, [("patients, cell M3", "is empty")]),
    "first-dose-is-no-date": (put("patients", 2, "first dose", "January"), nothing, True, [("patients, cell M2", "January")]),
    "dose-of-somebody-unknown": (put("doses", 3, "patient_id", "P003"), nothing, True, [("doses, cell B3", "id here")]),
    "first-dose-contradicts": (put("patients", 2, "first dose", off(-1)), nothing, True, [("patients, cell M2", "row 2")]),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_WORKBOOKS)
def test_a_bad_workbook_is_refused_with_the_cell(name, tmp_path):
    change, change_mapping, with_dates, expected = BAD_WORKBOOKS[name]
    book = workbook(dated(CUT) if with_dates else CUT)
    change(book)
    book.save(tmp_path / "clinic.xlsx")
    mapping = mapped(tmp_path, change_mapping(mapping_text("excel", with_dates)))
    found = critical(convert(tmp_path / "clinic.xlsx", mapping, PLAN))
    assert found and all(finding.message.startswith("clinic.xlsx") for finding in found)
    assert len(found) == len(expected)
    for place, words in expected:
        assert any(place in finding.message and words in finding.message for finding in found), [
            each.message for each in found
        ]


def _not_a_workbook(path):
    path.write_bytes(b"patient_id;sex\n")


def _old_workbook(path):
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def _cut_off(path):
    workbook(CUT).save(path)
    path.write_bytes(path.read_bytes()[:-2000])


def _other_archive(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "Dear colleagues")


@pytest.mark.parametrize("write", [_not_a_workbook, _old_workbook, _cut_off, _other_archive])
def test_what_is_no_workbook_is_a_finding(write, tmp_path):
    write(tmp_path / "clinic.xlsx")
    (found,) = convert(tmp_path / "clinic.xlsx", mapped(tmp_path, mapping_text("excel", False)), PLAN).findings
    assert found.message.startswith(
        "clinic.xlsx: the file is" if write is _old_workbook else "clinic.xlsx: the file cannot"
    )
    assert ".xlsx" in found.message and found.level == "critical"


def test_hidden_rows_come_in_with_a_warning(tmp_path):
    book = workbook(CUT)
    book["visits"].row_dimensions[3].hidden = True
    book.save(tmp_path / "clinic.xlsx")
    converted = convert(tmp_path / "clinic.xlsx", mapped(tmp_path, mapping_text("excel", False)), PLAN)
    assert [(finding.level, finding.line) for finding in converted.findings] == [("warning", 3)]
    same_values(converted, CUT, tmp_path / "out")


def test_a_date_in_free_text_is_refused_without_repeating_it(tmp_path):
    book = workbook(CUT)
    put("adverse_events", 2, "term", "Headache since 03.05.2021")(book)
    book.save(tmp_path / "clinic.xlsx")
    converted = convert(tmp_path / "clinic.xlsx", mapped(tmp_path, mapping_text("excel", False)), PLAN)
    converted.write(tmp_path)
    (found,) = converted.at_source(
        each for each in gate.check(tmp_path, PARAMETERS).findings
        if each.rule == "privacy-date"
    )  # fmt: skip
    assert found.level == "critical" and "adverse_events, cell B2" in found.message
    assert "2021" not in str(found.as_dict())


def test_sign_and_number_of_one_cell(tmp_path):
    book = workbook(CUT)
    put("labs", 3, "value", "<2")(book)
    book["labs"].delete_cols(4)
    book.save(tmp_path / "clinic.xlsx")
    text = mapping_text("excel", False).replace("{from: qualifier}", "{from: value, part: sign}")
    converted = convert(
        tmp_path / "clinic.xlsx", mapped(tmp_path, text.replace("{from: value}", "{from: value, part: number}")), PLAN
    )
    assert not converted.findings and converted.tables["labs"][1][3:5] == ["<", "2"]


def test_all_findings_come_at_once_and_each_cell_once(tmp_path):
    book = workbook(CUT)
    put("visits", 2, "easi", "1,5")(book)
    put("visits", 3, "easi", "2,5")(book)
    put("doses", 4, "dose_mg", datetime.date(2022, 1, 1))(book)
    book.save(tmp_path / "clinic.xlsx")
    found = critical(convert(tmp_path / "clinic.xlsx", mapped(tmp_path, mapping_text("excel", False)), PLAN))
    assert [(finding.file.split()[-1], finding.line, finding.column) for finding in found] == [
        ("visits", 2, "D"), ("visits", 3, "D"), ("doses", 4, "C"),
    ]  # fmt: skip


# --- text files -------------------------------------------------------------------------------------------------------

RUSSIAN = {
    table: [row | ({"term": "Конъюнктивит"} if table == "adverse_events" else {}) for row in rows]
    for table, rows in CUT.items()
}

GOOD_FILES = {  # how the files are written, further lines of the mapping, whether the rows hold dates
    "utf-8": ({}, "", False),
    "utf-8-with-mark": ({"encoding": "utf-8-sig"}, "", False),
    "windows-1251": ({"encoding": "windows-1251"}, "encoding: windows-1251", False),
    "utf-16": ({"encoding": "utf-16", "separator": "\t"}, "encoding: utf-16\nseparator: tab", False),
    "semicolon-and-decimal-comma": ({"separator": ";", "decimal": ","}, "separator: semicolon\ndecimal: comma", False),
    "russian-excel": (
        {"encoding": "windows-1251", "separator": ";", "decimal": ",", "ends": "\r\n"},
        "encoding: windows-1251\nseparator: semicolon\ndecimal: comma", True,
    ),
    "comma-within-quotes": ({"decimal": ","}, "decimal: comma", False),
    "tab": ({"separator": "\t"}, "separator: tab", False),
    "dates": ({}, "", True),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD_FILES)
def test_good_files_come_in_unchanged(name, tmp_path):
    way, top, with_dates = GOOD_FILES[name]
    folder = write_files(tmp_path / "in", dated(RUSSIAN) if with_dates else RUSSIAN, **way)
    converted = convert(folder, mapped(tmp_path, mapping_text("csv", with_dates, top)), PLAN)
    assert not converted.findings
    same_values(converted, RUSSIAN, tmp_path / "out")


def test_blank_lines_and_empty_cells_beyond_the_table_say_nothing(tmp_path):
    folder = write_files(tmp_path / "in", CUT)
    lines = (folder / "labs.csv").read_text("utf-8").splitlines()
    (folder / "labs.csv").write_text("\n\n".join(f"{line},," for line in lines) + "\n,,,\n", encoding="utf-8")
    converted = convert(folder, mapped(tmp_path, mapping_text("csv", False)), PLAN)
    assert not converted.findings
    same_values(converted, CUT, tmp_path / "out")


def edit(name: str, change):
    def over(folder):
        path = folder / name
        path.write_bytes(change(path.read_bytes()))

    return over


BAD_FILES = {  # what is done to the folder, further lines of the mapping, place and words
    "undeclared-windows-1251": (
        edit("adverse_events.csv", lambda content: content.decode().encode("windows-1251")), "",
        "adverse_events.csv line 2", "windows-1251",
    ),
    "utf-8-taken-for-windows-1251": (nothing, "encoding: windows-1251", "adverse_events.csv", "UTF-8"),
    "mark-of-utf-8-in-windows-1251": (
        edit("adverse_events.csv", lambda content: b"\xef\xbb\xbf" + content), "encoding: windows-1251",
        "adverse_events.csv line 1", "utf-8",
    ),
    "other-separator": (edit("labs.csv", lambda content: content.replace(b",", b";")), "", "labs.csv line 1", "semicolon"),
    "cell-too-many": (edit("labs.csv", lambda content: content.replace(b"kU/L", b"kU/L,x", 1)), "", "labs.csv line 2", "7 cells"),
    "open-quotation-mark": (
        edit("labs.csv", lambda content: content.replace(b"total_ige", b'"total_ige', 1)), "", "labs.csv line 2", "quotation",
    ),
    "nul-byte": (edit("labs.csv", lambda content: content.replace(b"kU", b"k\0", 1)), "", "labs.csv line 2", "NUL"),
    "empty-file": (edit("labs.csv", lambda content: b" \n"), "", "labs.csv", "empty"),
    "absent-file": (lambda folder: (folder / "labs.csv").unlink(), "", "labs.csv", "no such file"),
    "folder-in-its-place": (
        lambda folder: ((folder / "labs.csv").unlink(), (folder / "labs.csv").mkdir()), "", "labs.csv", "ordinary",
    ),
    "file-nobody-knows": (lambda folder: (folder / "photos.csv").write_text("a"), "", "photos.csv", "ignore_files"),
    "decimal-comma": (
        edit("visits.csv", lambda content: content.replace(b"40.00", b'"40,0"', 1)), "",
        "visits.csv line 2, column D (easi)", "two ways",
    ),
    "decimal-point": (nothing, "decimal: comma", "patients.csv line 2, column D (weight_kg)", "two ways"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_are_refused_with_file_and_line(name, tmp_path):
    change, top, place, words = BAD_FILES[name]
    folder = write_files(tmp_path / "in", RUSSIAN)
    change(folder)
    found = critical(convert(folder, mapped(tmp_path, mapping_text("csv", False, top)), PLAN))
    assert found and any(finding.message.startswith(f"{place}: ") and words in finding.message for finding in found)
    if name != "decimal-point" and name != "utf-8-taken-for-windows-1251":
        assert len(found) == 1


# --- REDCap -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("with_dates", [False, True])
def test_a_redcap_export_comes_in_unchanged(with_dates, tmp_path):
    folder = write_redcap(tmp_path / "in", CUT, dated(CUT) if with_dates else CUT)
    converted = convert(folder, mapped(tmp_path, mapping_text("redcap", with_dates)), PLAN)
    assert not converted.findings
    same_values(converted, CUT, tmp_path / "out")


def test_a_redcap_export_as_the_interface_for_programs_names_things(tmp_path):
    folder = write_redcap(tmp_path / "in", CUT, CUT)
    path = folder / "dictionary.csv"
    text = path.read_text("utf-8").replace("Variable / Field Name", "field_name").replace("Form Name", "form_name")
    text = text.replace("Field Type", "field_type").replace(
        '"Choices, Calculations, OR Slider Labels"', "select_choices_or_calculations"
    )
    path.write_text(text, encoding="utf-8")
    path.rename(folder / "Study_DataDictionary_2026-01-01.csv")
    (folder / "export.csv").rename(folder / "Study_DATA_2026-01-01_1030.csv")
    mapping = mapping_text("redcap", False).replace("data: export.csv", 'data: "*_DATA_*.csv"')
    mapping = mapping.replace("dictionary: dictionary.csv", 'dictionary: "*_DataDictionary_*.csv"')
    converted = convert(folder, mapped(tmp_path, mapping), PLAN)
    assert not converted.findings
    same_values(converted, CUT, tmp_path / "out")


def cell(line: int, field: str, value: str):
    def change(folder):
        header, rows = redcap_rows(CUT, CUT)
        rows[line - 2][field] = value
        (folder / "export.csv").write_text(csv_text(header, rows), encoding="utf-8", newline="")

    return change


BAD_EXPORTS = {
    "labels-in-place-of-codes": (
        cell(2, "patients_sex", "Female"), nothing, "export.csv line 2, column E (patients_sex)", "raw data",
    ),
    "code-not-in-the-dictionary": (
        cell(2, "patients_sex", "3"), nothing, "export.csv line 2, column E (patients_sex)", "dictionary has 1, 2",
    ),
    "code-the-mapping-invents": (nothing, lambda text: text.replace("2: M", "2: M, 9: M"), "dictionary.csv line 3", "no choice 9"),
    "event-nobody-reads": (
        cell(3, "redcap_event_name", "unscheduled_arm_1"), nothing, "export.csv line 3, column Q (visits_iga)", "be lost",
    ),
    "field-at-another-event": (
        cell(3, "patients_weight_kg", "40"), nothing, "export.csv line 3, column G (patients_weight_kg)", "be lost",
    ),
    "field-not-in-the-dictionary": (
        edit("dictionary.csv", lambda text: text.replace(b"visits_easi,visits,text,,\n", b"")),
        nothing, "dictionary.csv", "visits_easi",
    ),
    "not-a-dictionary": (edit("dictionary.csv", lambda text: b"a,b\n1,2\n"), nothing, "dictionary.csv line 1", "data dictionary"),
    "dictionary-absent": (lambda folder: (folder / "dictionary.csv").unlink(), nothing, "dictionary.csv", "no such file"),
    "two-exports": (
        lambda folder: shutil.copy(folder / "export.csv", folder / "export2.csv"),
        lambda text: text.replace("data: export.csv", 'data: "export*.csv"'), "export*.csv", "export.csv, export2.csv",
    ),
    "field-the-mapping-lacks": (
        edit("export.csv", lambda text: text.replace(b"visits_complete", b"visits_photo", 1)), nothing,
        "export.csv line 1", "visits_photo",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_EXPORTS)
def test_a_bad_redcap_export_is_refused_with_the_place(name, tmp_path):
    change, change_mapping, place, words = BAD_EXPORTS[name]
    folder = write_redcap(tmp_path / "in", CUT, CUT)
    change(folder)
    found = critical(convert(folder, mapped(tmp_path, change_mapping(mapping_text("redcap", False))), PLAN))
    assert any(finding.message.startswith(place) and words in finding.message for finding in found), found


# --- mappings ---------------------------------------------------------------------------------------------------------

BAD_MAPPINGS = {  # what is replaced by what in a good mapping, and what the message must hold
    "unknown-key": ("form: excel\n", "form: excel\ncolour: red\n", "line 2: unknown key colour"),
    "unknown-table": ("tables:\n", "tables:\n  photos: {}\n", "line 4: unknown key photos"),
    "unknown-column": ("from: sex}", "from: sex}\n      hair: hair", "unknown key hair"),
    "unknown-option": ("{from: sex}", "{from: sex, cods: {}}", "line 8: unknown key cods"),
    "key-of-another-form": ("form: excel\n", "form: excel\nseparator: tab\n", "line 2: unknown key separator"),
    "key-twice": ("form: excel\n", "form: excel\nform: excel\n", "line 2: form is there twice"),
    "no-yaml": ("form: excel\n", "form: [excel\n", "line 2, column"),
    "column-absent": ("      sex: {from: sex}\n", "", "lacks the key sex"),
    "form-unknown": ("form: excel", "form: word", "excel, csv, redcap"),
    "code-for-no-choice": ("{from: sex}", "{from: sex, codes: {w: W}}", "line 8"),
    "constant-not-allowed": ("{from: analyte}", "{value: albumin}", "cannot be albumin"),
    "constant-empty": ("{from: analyte}", '{value: ""}', "may not be empty"),
    "both-from-and-value": ("{from: analyte}", "{from: a, value: total_ige}", "either from"),
    "header-zero": ("sheet: visits\n", "sheet: visits\n    header: 0\n", "header must be"),
    "date-where-none-can-be": ("{from: easi}", "{from: easi, date: true}", "holds no dates"),
    "dates-without-first-dose": ("{from: week}", "{from: week, date: true}", "first_dose"),
    "first-dose-without-dates": ("form: excel\n", "form: excel\nfirst_dose: x\n", "dates only"),
    "pattern-of-dates": ("form: excel\n", "form: excel\ndates: dd.mm\n", "line 2: dates is dd.mm"),
    "factor-zero": ("{from: easi}", "{from: easi, factor: 0}", "above 0"),
    "factor-and-codes": ("{from: easi}", "{from: easi, factor: 2, codes: {a: 1}}", "codes and factor"),
    "extracted-no-date": ("extracted: 2026-01-01", "extracted: soon", "line 2: extracted is soon"),
    "decimal-unknown": ("form: excel\n", "form: excel\ndecimal: ';'\n", "point, comma"),
    "template-of-a-number": ("{from: easi}", "{from: easi, template: P000}", "template is for patient_id"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_MAPPINGS)
def test_a_bad_mapping_is_refused_with_its_line(name, tmp_path):
    old, new, words = BAD_MAPPINGS[name]
    text = mapping_text("excel", False)
    assert old in text
    with pytest.raises(MappingError) as refusal:
        mapped(tmp_path, text.replace(old, new, 1))
    assert "mapping.yml" in str(refusal.value) and " line " in str(refusal.value) and words in str(refusal.value), str(
        refusal.value
    )


@pytest.mark.parametrize("path", sorted((ROOT / "data" / "mappings").glob("*.yml")), ids=lambda path: path.stem)
def test_the_shipped_mappings_bring_the_shipped_examples_in(path, tmp_path):
    source = {"excel": ROOT / "data/examples/clinic-workbook.xlsx", "redcap": ROOT / "data/examples/redcap"}
    mapping = read_mapping(path)
    converted = convert(source[mapping.form], mapping, PLAN)
    assert not converted.findings
    tables = {}
    for table in TABLES:
        with (ROOT / "data" / "examples" / "week-52" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            tables[table] = list(csv.DictReader(file))
    same_values(converted, tables, tmp_path)


# --- any valid cut survives -------------------------------------------------------------------------------------------


@st.composite
def cuts(draw):
    """A valid cut with texts, numbers, empty cells and censored values of all sorts."""
    weeks = (0, *sorted(draw(st.sets(st.sampled_from(PLAN.planned_weeks[1:]), max_size=3))))
    cut = valid_cut(patients=draw(st.integers(1, 3)), weeks=weeks, label=draw(st.sampled_from(["us", "eu"])))
    # Words of one script and case: a word that mixes them in a file of one byte a letter means another encoding.
    letters = st.sampled_from(["АБВГЩЬ", "абвгдёйщьэюя", "ABCxyz"]).flatmap(
        lambda alphabet: st.tuples(
            st.text(st.sampled_from(alphabet), min_size=3, max_size=5),
            st.text(st.sampled_from(alphabet + "019 ,;.'\"=+-()"), max_size=9),
        ).map("".join)
    )
    texts = letters.filter(lambda text: text == text.strip() and odd_text(text, "term") is None and identifying(text) is None)
    for row in cut["patients"]:
        row["prior_systemic_therapy"] = draw(texts)
        if draw(st.booleans()):
            row["discontinued_week"], row["discontinuation_reason"] = "0", draw(texts)
    for row in cut["adverse_events"]:
        row["term"], row["system_organ_class"] = draw(texts), draw(texts)
        row["end_day"] = draw(st.sampled_from(["", "26", "40"]))
        row["start_day"] = draw(st.sampled_from(["20", "1", "-1", "-12"]))
    for row in cut["visits"]:
        row["emollient_per_day"] = draw(st.sampled_from(["", "0", "2", "1.5", "1.0"]))
        row["tcs_use"] = draw(st.sampled_from(["", "0", "1"]))
    for row in cut["labs"]:
        row["qualifier"] = draw(st.sampled_from(["", "<", ">"]))
        row["value"] = draw(st.decimals(0, 99999, places=2).map(lambda value: format(value, "f")))
    if draw(st.booleans()):
        cut["adverse_events"] = []
    days = draw(st.integers(-PLAN.visit_window_days, 0))
    return cut, (
        dated(cut, lambda patient, week: days if week == 0 else -days * (-1) ** week) if draw(st.booleans()) else None
    )


FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@FEW
@given(cuts(), st.booleans())
def test_any_valid_cut_survives_as_a_workbook(tmp_path, sent, numbers):
    cut, with_dates = sent
    workbook(with_dates or cut, numbers).save(tmp_path / "clinic.xlsx")
    mapping = mapped(tmp_path, mapping_text("excel", with_dates is not None))
    converted = convert(tmp_path / "clinic.xlsx", mapping, PLAN)
    assert not critical(converted)
    same_values(converted, cut, tmp_path / "out")


@FEW
@given(cuts(), st.sampled_from(sorted(GOOD_FILES)))
def test_any_valid_cut_survives_as_text_files(tmp_path, sent, name):
    cut, with_dates = sent
    way, top, _ = GOOD_FILES[name]
    folder = write_files(tmp_path / "in", with_dates or cut, **way)
    converted = convert(folder, mapped(tmp_path, mapping_text("csv", with_dates is not None, top)), PLAN)
    assert not critical(converted)
    if with_dates is None:  # the very texts
        assert {
            table: [{name: cell for name, cell in zip(columns(table), row, strict=True) if name in of_one_site(table)} for row in rows]
            for table, rows in converted.tables.items()
        } == cut
    same_values(converted, cut, tmp_path / "out")


@FEW
@given(cuts())
def test_any_valid_cut_survives_as_a_redcap_export(tmp_path, sent):
    cut, with_dates = sent
    folder = write_redcap(tmp_path / "in", cut, with_dates or cut)
    converted = convert(folder, mapped(tmp_path, mapping_text("redcap", with_dates is not None)), PLAN)
    assert not critical(converted)
    same_values(converted, cut, tmp_path / "out")


# --- anything else is a finding with its place, never an exception ------------------------------------------------------

ODD = st.sampled_from(["NaN", "1e999", "-0", "1,5", "1.234,5", "12.03.2022", "3/4/22", "<0.35", "нет", "\u202e1", "=1+1", "0x1A",
                       "１２", "\ufeff"])  # fmt: skip
ANY_TEXT = ODD | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@FEW
@given(st.data())
def test_any_text_in_a_cell_is_taken_in_as_it_is_or_refused_at_its_place(tmp_path, data):
    """One cell of a text file of the clinic's holds anything: the cut has it, read in one way, or a finding names line and column."""
    cut = valid_cut(patients=2, weeks=(0, 4))
    table = data.draw(st.sampled_from(sorted(table for table in cut if cut[table])), "table")
    number = data.draw(st.integers(0, len(cut[table]) - 1), "row")
    column = data.draw(st.sampled_from([name for name in of_one_site(table) if name != "patient_id"]), "column")
    text = data.draw(ANY_TEXT, "text")
    cut[table][number][column] = text
    folder = write_files(tmp_path / "in", cut)
    converted = convert(folder, mapped(tmp_path, mapping_text("csv", False)), PLAN)
    refused = critical(converted)
    for finding in refused:
        assert finding.message.startswith(f"{table}.csv"), finding
    if refused:
        return
    cells = dict(zip(columns(table), converted.tables[table][number], strict=True))
    kind = next(each.kind for each in TABLES[table] if each.name == column)
    if kind in {"number", "whole", "flag"} and trimmed(text):
        assert cells[column] == plain_number(trimmed(text), ".")
    else:
        assert cells[column] == trimmed(text)


@FEW
@given(st.binary(max_size=300), st.sampled_from(["utf-8", "utf-16", "windows-1251"]), st.sampled_from([",", ";", "\t"]))
def test_no_bytes_make_the_reader_of_text_files_fail(tmp_path, content, encoding, separator):
    (tmp_path / "odd.csv").write_bytes(content)
    try:
        records = read_records(tmp_path / "odd.csv", encoding, separator).records
    except ValueError as problem:
        assert re.match(r"( line [0-9]+)?: .", str(problem)), problem
        return
    lines = [line for line, _ in records]
    assert lines == sorted(set(lines)) and all(len(cells) >= len(records[0][1]) for _, cells in records)


YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@FEW
@given(st.data())
def test_a_mapping_with_anything_in_one_place_is_read_or_refused_with_its_line(tmp_path, data):
    """One value somewhere in a good mapping is replaced by anything that YAML can say."""
    root = yaml.safe_load(mapping_text("csv", True))
    node = root
    while True:
        key = data.draw(st.sampled_from(sorted(node, key=str) if isinstance(node, dict) else range(len(node))))
        if not (isinstance(node[key], dict | list) and node[key] and data.draw(st.booleans())):
            break
        node = node[key]
    node[key] = data.draw(YAML)
    try:
        mapped(tmp_path, yaml.safe_dump(root, allow_unicode=True))
    except MappingError as problem:
        assert re.search(r"mapping\.yml line [0-9]+: .", str(problem)), problem


# --- dates ------------------------------------------------------------------------------------------------------------

DAY = datetime.date(2022, 1, 10)


@given(st.integers(-4000, 4000))
def test_weeks_keep_their_order_against_whole_weeks(days):
    date = DAY + datetime.timedelta(days=days)
    week = float(weeks_since(date, DAY))
    assert days / 7 <= week < days / 7 + 0.1 + 1e-9
    assert all((days <= 7 * whole) == (week <= whole) for whole in range(-10, 60))
    assert study_day(date, DAY) != 0 and study_day(DAY, DAY) == 1


@given(st.integers(-40, 450), st.integers(0, 20))
def test_a_planned_week_is_the_nearest_within_the_window(days, window):
    plan = replace(PLAN, visit_window_days=window)
    date = DAY + datetime.timedelta(days=days)
    off_by = sorted(abs(days - 7 * week) for week in plan.planned_weeks if week > 0 or days <= 0)
    allowed = bool(off_by) and off_by[0] <= window and (len(off_by) < 2 or off_by[0] < off_by[1])
    if allowed:
        assert abs(days - 7 * planned_week(date, DAY, plan)) == off_by[0]
    else:
        with pytest.raises(ValueError, match="day"):
            planned_week(date, DAY, plan)


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """`data/cuts` with the shipped cut, and `study.yml`, of the test's own."""
    import study.add
    import study.paths

    cuts, own_settings = tmp_path / "cuts", tmp_path / "study.yml"
    shutil.copytree(SHIPPED_CUT, cuts / "week-26")
    own_settings.write_bytes(b"cut: week-26   # the cut\nlabel: us\n")
    monkeypatch.setattr(study.add, "CUTS", cuts)
    monkeypatch.setattr(study.paths, "CUTS", cuts)  # every command looks there for what a crash has left
    monkeypatch.setattr(study.add, "SETTINGS", own_settings)
    monkeypatch.setattr(study.paths, "STATE", tmp_path / "state")
    return SimpleNamespace(cuts=cuts, settings=own_settings, folder=tmp_path)


@pytest.fixture
def no_gate(monkeypatch):
    """The gate says yes to all, at once: for what does not depend on it."""
    import study.add
    from study.sums import sha256

    monkeypatch.setattr(
        study.add, "validate",
        lambda cut, settings: SimpleNamespace(warnings=(), files={path.name: sha256(path) for path in cut.files}),
    )  # fmt: skip


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def state(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sent_workbook(folder: Path, *changes) -> Path:
    book = workbook(dated(CUT))
    for change in changes:
        change(book)
    book.save(folder / "clinic.xlsx")
    (folder / "clinic.yml").write_text(mapping_text("excel", True), encoding="utf-8")
    return folder / "clinic.xlsx"


def test_a_workbook_goes_in_with_one_command(repository):
    path = sent_workbook(repository.folder)
    outcome = run(
        "add",
        path,
        "--mapping",
        repository.folder / "clinic.yml",
        "--cut",
        "week-8",
        "--label",
        "Week 8",
        "--extracted",
        "2026-02-03",
        "--allow-vanished",  # these are other patients than those of week 26
    )
    assert outcome.exit_code == 0 and outcome.stdout == ""
    cut = repository.cuts / "week-8"
    assert (cut / "cut.yml").read_text("utf-8") == (
        "label: Week 8\nextracted: 2026-02-03\nkind: reconstructed\ndescription: made by the tests\nprevious: week-26\n"
    )
    assert repository.settings.read_bytes() == b"cut: week-8   # the cut\nlabel: us\n"
    assert sorted(path.name for path in repository.cuts.iterdir()) == ["week-26", "week-8"]
    assert b"2021" not in b"".join(path.read_bytes() for path in cut.glob("*.csv"))


def test_a_day_put_in_the_place_of_an_unknown_one_is_marked_in_the_cut(repository, no_gate):
    path = sent_workbook(repository.folder, put("adverse_events", 2, "start_day", "??.02.2021"))
    mapping = repository.folder / "clinic.yml"
    mapping.write_text(mapping.read_text("utf-8").replace("start_day, date: true", "start_day, date: true, partial: middle"), "utf-8")
    outcome = run("add", path, "--mapping", mapping, "--cut", "week-8", "--allow-vanished")
    assert outcome.exit_code == 0 and "which cut.yml lists as imputed" in outcome.stderr
    written = yaml.safe_load((repository.cuts / "week-8" / "cut.yml").read_text("utf-8"))
    assert written["imputed"] == [
        {"file": "adverse_events.csv", "line": 2, "column": "start_day", "flag": "D", "rule": "middle"}
    ]


def test_what_the_gate_finds_is_named_in_the_workbook(repository):
    before = state(repository.folder / "cuts"), repository.settings.read_bytes()
    path = sent_workbook(
        repository.folder, put("visits", 3, "easi", 84.2), put("visits", 4, "iga", "1.0"), put("labs", 2, "week", "soon"),
        put("doses", 3, "study_day", off(0)),
    )  # fmt: skip
    outcome = run("add", path, "--mapping", repository.folder / "clinic.yml", "--cut", "week-8")
    assert outcome.exit_code == 1 and outcome.stdout == ""
    assert "clinic.xlsx, sheet visits, cell D3 (easi): easi is 84.2" in outcome.stderr
    assert 'clinic.xlsx, sheet labs, cell B2 (week): week must be a date, but the cell holds "soon"' in outcome.stderr
    assert (
        "clinic.xlsx, sheet doses, cell A3 (patient_id): study_day 1 is already on clinic.xlsx, sheet doses, row 2"
        in outcome.stderr
    )
    assert ".csv line" not in outcome.stderr
    assert (state(repository.folder / "cuts"), repository.settings.read_bytes()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("in/nothing.xlsx", "--mapping", "clinic.yml", "--cut", "new"),
        ("clinic.xlsx", "--cut", "new"),
        ("clinic.xlsx", "--mapping", "absent.yml", "--cut", "new"),
        ("clinic.xlsx", "--mapping", "bad.yml", "--cut", "new"),
        ("clinic.xlsx", "--mapping", "nameless.yml", "--cut", "new"),
        ("clinic.xlsx", "--mapping", "orphan.yml", "--cut", "new"),
        (".", "--mapping", "clinic.yml", "--cut", "new"),
        ("clinic.xlsx", "--mapping", "clinic.yml", "--cut", "New cut"),
        ("clinic.xlsx", "--mapping", "clinic.yml", "--cut", "week-26"),
        ("clinic.xlsx", "--mapping", "clinic.yml", "--cut", "new", "--replace"),
        ("clinic.xlsx", "--mapping", "clinic.yml", "--cut", "new", "--extracted", "yesterday"),
        ("cuts/week-26", "--cut", "new", "--label", "New"),
    ],
)
def test_wrong_usage_is_status_2_and_changes_nothing(arguments, repository, no_gate, monkeypatch):
    sent_workbook(repository.folder)
    good = mapping_text("excel", True)
    for name, text in {
        "bad.yml": good.replace("tables:", "tabels:"),
        "nameless.yml": good.replace("label: Example, ", ""),
        "orphan.yml": good.replace("kind:", "previous: week-12, kind:"),
    }.items():
        (repository.folder / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(repository.folder)
    before = state(repository.cuts), repository.settings.read_bytes()
    outcome = run("add", *arguments)
    assert outcome.exit_code == 2 and outcome.stdout == "" and outcome.stderr.strip()
    assert (state(repository.cuts), repository.settings.read_bytes()) == before


def test_replace_keeps_the_old_cut_under_its_date(repository, no_gate, cut_copy):
    before = state(repository.cuts / "week-26")
    change_cell(cut_copy, "visits", 3, "easi", "11.1")
    outcome = run("add", cut_copy, "--cut", "week-26", "--replace")
    assert outcome.exit_code == 0 and "week-26-2022-06-06" in outcome.stderr
    assert state(repository.cuts / "week-26-2022-06-06") == before
    assert state(repository.cuts / "week-26") == state(cut_copy)
    assert run("add", cut_copy, "--cut", "week-26", "--replace").exit_code == 0
    assert sorted(path.name for path in repository.cuts.iterdir()) == [
        "week-26",
        "week-26-2022-06-06",
        "week-26-2022-06-06-2",
    ]


def test_replacing_the_reported_cut_compares_with_the_one_that_was_kept(repository, no_gate):
    path = sent_workbook(repository.folder)
    # The workbook holds other patients than the cut that it replaces.
    options = ("--mapping", repository.folder / "clinic.yml", "--cut", "week-26", "--replace", "--allow-vanished")
    assert run("add", path, *options).exit_code == 0
    assert "previous: week-26-2022-06-06\n" in (repository.cuts / "week-26" / "cut.yml").read_text("utf-8")


@pytest.mark.parametrize("replacing", [False, True])
@pytest.mark.parametrize("step", ["write", "copyfile", "rename-1", "rename-2", "settings"])
def test_a_full_disk_leaves_the_old_state(step, replacing, repository, no_gate, cut_copy, monkeypatch):
    before = state(repository.cuts), repository.settings.read_bytes()
    full = OSError(errno.ENOSPC, "No space left on device")

    def fail(*arguments, **options):
        raise full

    if step == "copyfile":
        monkeypatch.setattr(shutil, "copyfile", fail)
    elif step == "write":
        monkeypatch.setattr(Path, "chmod", fail)
    elif step == "settings":
        monkeypatch.setattr(os, "replace", fail)
    else:
        rename, calls = os.rename, []

        def sometimes(*arguments):
            calls.append(arguments)
            if len(calls) == int(step[-1]):
                raise full
            rename(*arguments)

        monkeypatch.setattr(os, "rename", sometimes)
    outcome = run(
        "add", cut_copy, "--cut", "week-26" if replacing else "week-30", *(["--replace"] if replacing else [])
    )
    monkeypatch.undo()
    if step == "rename-2" and not replacing:
        assert outcome.exit_code == 0  # there is but one step
        return
    assert outcome.exit_code == 3 and "No space left" in outcome.stderr
    assert (state(repository.cuts), repository.settings.read_bytes()) == before
    assert [path.name for path in repository.cuts.iterdir()] == ["week-26"]
    assert [path.name for path in repository.folder.glob(".study.yml-*")] == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the add to kill is a forked process")
@pytest.mark.parametrize("replacing", [False, True])
@pytest.mark.parametrize(("call", "nth"), [("rename", 1), ("rename", 2), ("replace", 1)])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_add_that_is_killed_has_happened_or_has_not(call, nth, moment, replacing, repository, no_gate, cut_copy):
    """Killed before or after each rename: the next command leaves the old state, or the new one with settings that name it."""
    name = "week-26" if replacing else "week-30"
    before = state(repository.cuts), repository.settings.read_bytes()
    child = os.fork()
    if child == 0:
        real, calls = getattr(os, call), []

        def killed(*arguments):
            calls.append(arguments)
            if len(calls) == nth and moment == "before":
                os._exit(9)
            real(*arguments)
            if len(calls) == nth:
                os._exit(9)

        setattr(os, call, killed)
        run("add", cut_copy, "--cut", name, *(["--replace"] if replacing else []))
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == (0 if nth == 2 and not replacing else 9)  # a new cut takes one rename
    CliRunner().invoke(main, ["explain", "no_such_result"])  # any command
    assert not placing_cuts.interrupted(repository.cuts)
    assert list(repository.folder.glob(".study.yml-*")) == [] and list(repository.cuts.glob(".under-way-*")) == []
    moved = call == "replace" or (moment, nth) == ("after", 2)
    happened = moved if replacing else status == 0 or (call, moment) == ("replace", "after")  # the settings named week-26 before
    if happened:
        assert yaml.safe_load(repository.settings.read_text("utf-8"))["cut"] == name
        assert (repository.cuts / name).is_dir() and len(list(repository.cuts.iterdir())) == 2
    else:
        assert (state(repository.cuts), repository.settings.read_bytes()) == before


def test_a_cut_put_in_by_hand_after_a_killed_add_is_left_alone(repository, cut_copy):
    """The add was killed before it moved its own folder in, so the folder of that name is not its work."""
    (repository.cuts / ".under-way-abc").mkdir()
    journal = {"made": ".under-way-abc", "target": "week-30", "kept": None}
    (repository.cuts / ".replacing.json").write_text(json.dumps(journal), encoding="utf-8")
    shutil.copytree(cut_copy, repository.cuts / "week-30")
    before = state(repository.cuts / "week-30")
    CliRunner().invoke(main, ["explain", "no_such_result"])
    assert not placing_cuts.interrupted(repository.cuts) and state(repository.cuts / "week-30") == before
    assert sorted(path.name for path in repository.cuts.iterdir()) == ["week-26", "week-30"]


def test_data_that_change_meanwhile_are_refused(repository, cut_copy, monkeypatch):
    import study.add
    from study.sums import sha256

    def validate(cut, settings):
        files = {path.name: sha256(path) for path in cut.files}
        change_cell(cut_copy, "visits", 3, "easi", "11.1")
        return SimpleNamespace(warnings=(), files=files)

    monkeypatch.setattr(study.add, "validate", validate)
    assert run("add", cut_copy, "--cut", "week-30").exit_code == 1
    assert [path.name for path in repository.cuts.iterdir()] == ["week-26"]


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_new_cut_and_its_files_are_the_users_own_whatever_the_umask(umask, repository, no_gate, cut_copy):
    before = os.umask(umask)
    try:
        cut_copy.chmod(0o777)
        for path in cut_copy.iterdir():
            path.chmod(0o666)
        assert run("add", cut_copy, "--cut", "week-52").exit_code == 0
    finally:
        os.umask(before)
    target = repository.cuts / "week-52"
    assert stat.S_IMODE(target.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in target.iterdir()} == {0o600}


@pytest.mark.parametrize("more", ["# ask anna@mail.ru\n", "# tel. +7 921 123-45-67\n", "ignore_sheets: [и/б 44711]\n"])
def test_a_mapping_holds_nothing_that_identifies(more, tmp_path):
    text = (ROOT / "data" / "mappings" / "clinic-workbook.yml").read_text("utf-8")
    (tmp_path / "mapping.yml").write_text(text + more, encoding="utf-8")
    with pytest.raises(MappingError, match="holds what reads like") as problem:
        read_mapping(tmp_path / "mapping.yml")
    assert not any(word in str(problem.value) for word in ("anna", "921", "44711"))


def test_two_adds_at_a_time_are_one_too_many(repository, cut_copy):
    from filelock import FileLock

    (repository.folder / "state").mkdir()
    with FileLock(repository.folder / "state" / "add.lock"):
        outcome = run("add", cut_copy, "--cut", "week-30")
    assert outcome.exit_code == 2 and "under way" in outcome.stderr


@pytest.mark.parametrize(
    ("ignore", "warned"),
    [
        (None, True),
        ("/cuts/\n", False),
        ("*.xlsx\n/cuts/week-30/\n", False),
        ("/cuts/week-99/\n", True),
        ("/cuts/\n!/cuts/week-30/\n", True),
    ],
)
def test_a_clinical_cut_under_version_control_is_warned_of(ignore, warned, repository, no_gate, cut_copy):
    (repository.folder / ".git").mkdir()
    if ignore is not None:
        (repository.folder / ".gitignore").write_text(ignore, encoding="utf-8")
    path = cut_copy / "cut.yml"
    path.write_text(path.read_text("utf-8").replace("kind: reconstructed", "kind: clinical"), encoding="utf-8")
    outcome = run("add", cut_copy, "--cut", "week-30")
    assert outcome.exit_code == 0 and ("version control" in outcome.stderr) is warned
    assert (exposed(repository.cuts / "week-30") is not None) is warned


def test_no_checkout_no_warning(tmp_path):
    if any((parent / ".git").exists() for parent in tmp_path.parents):
        pytest.skip("the temporary folder is below a git checkout")
    assert exposed(tmp_path / "cuts" / "week-30") is None


def test_a_simulated_cut_is_not_warned_of(repository, no_gate, cut_copy):
    (repository.folder / ".git").mkdir()
    assert "version control" not in run("add", cut_copy, "--cut", "week-30").stderr
