"""Workbooks that show something else than their cells hold, and files that only bear the name of a workbook."""

import datetime
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from intake_examples import dated, mapping_text, workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from test_intake import CUT, PLAN, critical, mapped, put, same_values

from intake import convert


def converted(tmp_path: Path, change, with_dates=False, after=None):
    book = workbook(dated(CUT) if with_dates else CUT)
    change(book)
    path = tmp_path / "clinic.xlsx"
    book.save(path)
    if after is not None:
        after(path)
    return convert(path, mapped(tmp_path, mapping_text("excel", with_dates)), PLAN)


def runs(*parts):
    """A cell of plain and of formatted text."""
    return CellRichText(
        *(part if isinstance(part, str) else TextBlock(InlineFont(**part[1]), part[0]) for part in parts)
    )


def rewritten(edit):
    """Changes the XML of the sheet of the visits, for what openpyxl does not write."""

    def change(path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, edit(name, content.decode()) if name.endswith((".xml", ".rels")) else content)

    return change


def cell_xml(place: str, xml: str):
    def edit(name: str, text: str) -> str:
        if name != "xl/worksheets/sheet2.xml":
            return text
        changed, count = re.subn(rf'<c r="{place}"[^>]*>.*?</c>', xml, text)
        assert count == 1
        return changed

    return rewritten(edit)


def font(place: str, **looks):
    def change(book):
        book["visits"][place].font = Font(**looks)

    return change


def shown_as(number_format: str, value=7):
    return put("visits", 3, "easi", value, number_format)


REFUSED = {  # what is done to a cell of the column easi or to another, and words of the message
    "superscript": (put("visits", 3, "easi", runs("7", ("1", {"vertAlign": "superscript"}))), '"1" is raised'),
    "subscript": (put("visits", 3, "easi", runs("7", ("a", {"vertAlign": "subscript"}))), '"a" is lowered'),
    "struck-and-corrected": (
        put("visits", 3, "easi", runs(("92", {"strike": True}), ("93", {"color": "FFFF0000"}))), '"92" is struck through',
    ),
    "raised-as-a-whole": (font("D3", vertAlign="superscript"), "raised as a whole"),
    "a-sign-in-the-format": (shown_as('"<"0'), 'shows "<…"'),
    "zeros-after-the-number": (shown_as('0"00"'), 'shows "…00"'),
    "a-minus-in-the-format": (shown_as("-0"), 'shows "-…"'),
    "text-in-place-of-the-number": (shown_as('"n. d."'), 'shows "n. d." in place'),
    "nothing-shown": (shown_as(";;;"), "shows nothing"),
    "zero-hidden": (shown_as("0;-0;;@", 0), "shows nothing"),
    "thousands": (shown_as("0.0,", 1500), "thousands"),
    "percent": (shown_as("[Red]0.0%", 0.4), "percentage"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_cell_that_shows_another_value_is_refused_with_its_place(name, tmp_path):
    change, words = REFUSED[name]
    (found,) = critical(converted(tmp_path, change))
    assert "sheet visits, cell D3 (easi): " in found.message and words in found.message


def test_a_mark_in_a_cell_of_inline_text_is_seen_too(tmp_path):
    text = '<is><r><t>7</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r></is>'
    (found,) = critical(
        converted(tmp_path, lambda book: None, after=cell_xml("D3", f'<c r="D3" t="inlineStr">{text}</c>'))
    )
    assert "cell D3" in found.message and "raised" in found.message


HARMLESS = {
    "bold-runs": lambda book: put(
        "adverse_events", 2, "term", runs(("Con", {"b": True}), book["adverse_events"]["B2"].value[3:])
    )(book),
    "unit-in-the-format": lambda book: setattr(book["visits"]["D3"], "number_format", 'General" x10^9/L"'),
    "percent-sign-as-text": lambda book: setattr(book["visits"]["E3"], "number_format", 'General"%"'),
    "grouped-thousands": lambda book: setattr(book["labs"]["E2"], "number_format", "#,##0.0###"),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_looks_that_leave_the_value_alone_say_nothing(name, tmp_path):
    def change(book):
        book["adverse_events"]["B2"].value = "Conjunctivitis"
        HARMLESS[name](book)

    outcome = converted(tmp_path, change)
    assert [finding.message for finding in outcome.findings] == []
    cut = {table: [dict(row) for row in rows] for table, rows in CUT.items()}
    cut["adverse_events"][0]["term"] = "Conjunctivitis"
    same_values(outcome, cut, tmp_path / "out")


def struck_row(book):
    for cell in book["visits"][3]:
        cell.font = Font(strike=True)


def hidden_columns(book):
    book["visits"].column_dimensions.group("C", "E", hidden=True)


def of_state(state: str):
    return lambda book: setattr(book["visits"], "sheet_state", state)


WARNED = {
    "struck-through-row": (struck_row, "11 cells (A3, B3, C3, D3, E3, …) struck through"),
    "hidden-columns": (hidden_columns, "3 hidden column(s) (C, D, E)"),
    "hidden-sheet": (of_state("hidden"), "it is hidden"),
    "very-hidden-sheet": (of_state("veryHidden"), "macro editor"),
    "comment": (lambda book: setattr(book["visits"]["D3"], "comment", Comment("Ivanova said so", "x")), "comment"),
    "rounded": (lambda book: setattr(book["visits"]["D3"], "number_format", "0"), "rounded"),
}


@pytest.mark.parametrize("name", WARNED)
def test_what_looks_withdrawn_or_is_out_of_sight_is_one_warning(name, tmp_path):
    change, words = WARNED[name]
    outcome = converted(tmp_path, change)
    (found,) = outcome.findings
    assert found.level == "warning" and "sheet visits" in found.message and words in found.message
    assert "Ivanova" not in found.message
    same_values(outcome, CUT, tmp_path / "out")


def test_a_column_drawn_to_no_width_is_hidden(tmp_path):
    columns = '<cols><col min="4" max="4" width="0" customWidth="1"/></cols><sheetData>'

    def edit(name, text):
        return text.replace("<sheetData>", columns) if name == "xl/worksheets/sheet2.xml" else text

    (found,) = converted(tmp_path, lambda book: None, after=rewritten(edit)).findings
    assert found.level == "warning" and "1 hidden column(s) (D)" in found.message


def test_looks_of_columns_that_are_not_read_do_not_matter(tmp_path):
    def change(book):
        book["visits"]["Z90"].comment = Comment("x", "y")
        book["visits"].column_dimensions["Z"].hidden = True

    assert converted(tmp_path, change).findings == []


def test_a_date_that_shows_no_year_is_a_warning(tmp_path):
    outcome = converted(tmp_path, lambda book: setattr(book["visits"]["B3"], "number_format", "d-mmm"), True)
    (found,) = outcome.findings
    assert found.level == "warning" and "year" in found.message
    same_values(outcome, CUT, tmp_path / "out")


@pytest.mark.parametrize("value", [datetime.time(4, 5), datetime.timedelta(hours=40), True, 3.5])
def test_what_is_no_date_is_refused_in_a_column_of_dates(value, tmp_path):
    (found,) = critical(converted(tmp_path, put("visits", 3, "week", value), True))
    assert "cell B3" in found.message and "must be a date" in found.message


# --- formulas ---------------------------------------------------------------------------------------------------------

IF = "<f>IF(A1=&quot;&quot;,&quot;&quot;,1)</f>"


def test_a_formula_with_empty_text_is_a_blank_cell(tmp_path):
    outcome = converted(tmp_path, lambda book: None, after=cell_xml("K3", f'<c r="K3" t="str">{IF}<v></v></c>'))
    assert outcome.findings == [] and outcome.tables["visits"][1][-1] == ""


@pytest.mark.parametrize("xml", ['<c r="D3">{}<v></v></c>', '<c r="D3">{}</c>', '<c r="D3" t="str">{}</c>'])
def test_a_formula_without_a_result_is_refused(xml, tmp_path):
    (found,) = critical(converted(tmp_path, lambda book: None, after=cell_xml("D3", xml.format(IF))))
    assert "cell D3" in found.message and "Excel" in found.message


def test_a_result_from_another_workbook_is_a_warning(tmp_path):
    value = next(row["easi"] for at, row in enumerate(CUT["visits"]) if at == 1)
    xml = f'<c r="D3"><f>[1]Sheet1!B2</f><v>{value}</v></c>'
    outcome = converted(tmp_path, lambda book: None, after=cell_xml("D3", xml))
    (found,) = outcome.findings
    assert found.level == "warning" and "another workbook" in found.message
    same_values(outcome, CUT, tmp_path / "out")


# --- bounds -----------------------------------------------------------------------------------------------------------


def test_formats_at_the_far_corner_of_sheets_cost_nothing(tmp_path):
    def change(book):
        for sheet in (book["visits"], book.create_sheet("notes")):
            sheet["XFD1048576"].font = Font(bold=True)

    outcome = converted(tmp_path, change)
    assert outcome.findings == []
    same_values(outcome, CUT, tmp_path / "out")


def test_a_value_at_the_far_corner_is_refused_with_its_place(tmp_path):
    (found,) = converted(tmp_path, lambda book: book["visits"].__setitem__("XFD1048576", 5)).findings
    assert "cell XFD1048576" in found.message and "200,000 rows and 500 columns" in found.message


def test_a_merge_over_a_whole_sheet_is_refused_before_it_is_built(tmp_path):
    merge = '</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'

    def edit(name, text):
        return text.replace("</sheetData>", merge) if name == "xl/worksheets/sheet2.xml" else text

    (found,) = converted(tmp_path, lambda book: None, after=rewritten(edit)).findings
    assert "sheet visits" in found.message and "unmerge" in found.message and "1,048,576" in found.message


# --- containers -------------------------------------------------------------------------------------------------------


def archive_with(*names):
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, "x")

    return write


def strict(name: str, text: str) -> str:
    return text.replace(
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"
    )


OTHER = {
    "password": (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le")), "a password;"),
    "xls": (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" + "Workbook".encode("utf-16-le")), ".xls"),
    "xlsb": (archive_with("xl/workbook.bin"), ".xlsb"),
    "ods": (archive_with("mimetype", "content.xml"), "OpenDocument"),
    "strict": (rewritten(strict), "Strict"),
    "web-page": (lambda path: path.write_bytes(b"<html><table></table></html>"), "web page"),
    "xml-of-2003": (lambda path: path.write_text('<?xml version="1.0"?><Workbook/>', "utf-8"), "XML"),
    "csv": (lambda path: path.write_text("код;пол\n", "utf-8"), "form csv"),
    "csv-in-utf-16": (lambda path: path.write_bytes("a\tb".encode("utf-16")), "form csv"),
    "pdf": (lambda path: path.write_bytes(b"%PDF-1.4\0"), "PDF"),
    "empty": (lambda path: path.write_bytes(b""), "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER)
def test_another_kind_of_file_is_refused_in_one_line_that_says_what_to_do(name, tmp_path):
    write, words = OTHER[name]
    (found,) = converted(tmp_path, lambda book: None, after=write).findings
    assert words in found.message and "\n" not in found.message and "\\" not in found.message
    assert "save" in found.message or "ask" in found.message


def test_a_workbook_with_macros_is_read(tmp_path):
    path = tmp_path / "clinic.xlsm"
    workbook(CUT).save(path)
    openpyxl.load_workbook(path, keep_vba=True).save(path)
    outcome = convert(path, mapped(tmp_path, mapping_text("excel", False)), PLAN)
    assert outcome.findings == []
