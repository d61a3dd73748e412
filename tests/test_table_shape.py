"""Where a table ends, tables that share a sheet or a file, and dates in words, with two digits of the year or without their day."""

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_examples import dated, first_dose, headings, mapping_text, workbook, write_files
from test_intake import CUT, PLAN, critical, mapped, put, same_values

from intake import MappingError, convert
from intake.dates import DatePattern, Partial, imputed
from protocol.columns import TABLES
from study.cuts import read_cut
from study.errors import UsageError


def from_workbook(tmp_path: Path, change, change_mapping=lambda text: text, with_dates=False):
    book = workbook(dated(CUT) if with_dates else CUT)
    change(book)
    book.save(tmp_path / "clinic.xlsx")
    return convert(tmp_path / "clinic.xlsx", mapped(tmp_path, change_mapping(mapping_text("excel", with_dates))), PLAN)


# --- the end of a table -----------------------------------------------------------------------------------------------


def totals_and_footnotes(book):
    """Below the patients: averages, a blank row, and a footnote merged over all columns."""
    sheet = book["patients"]
    below = sheet.max_row + 1
    sheet.cell(below, 1).value = "Всего"
    for column in range(3, 8):
        sheet.cell(below, column).value = 9.5
    sheet.cell(below + 2, 1).value = "* по данным анкеты"
    sheet.merge_cells(start_row=below + 2, end_row=below + 2, start_column=1, end_column=12)


def stop_at(written: str, table="patients"):
    def change(text):
        place = next(line for line in text.splitlines() if line.strip() in (f"sheet: {table}", f"file: {table}.csv"))
        return text.replace(f"{place}\n", f"{place}\n    stop_at: {written}\n")

    return change


def test_rows_below_the_patients_are_one_message_each(tmp_path):
    found = critical(from_workbook(tmp_path, totals_and_footnotes))
    assert [finding.line for finding in found] == [4, 6]
    assert all("no row of a patient" in finding.message and "stop_at" in finding.message for finding in found)
    assert not any("Всего" in finding.message or "анкеты" in finding.message for finding in found)


@pytest.mark.parametrize("written", ["Всего", "[Итого, Всего]"])
def test_a_declared_end_leaves_out_what_is_below(written, tmp_path):
    outcome = from_workbook(tmp_path, totals_and_footnotes, stop_at(written))
    assert outcome.findings == []
    same_values(outcome, CUT, tmp_path / "out")


def test_an_end_that_does_not_come_takes_all_rows(tmp_path):
    outcome = from_workbook(tmp_path, lambda book: None, stop_at("Всего"))
    assert outcome.findings == []
    same_values(outcome, CUT, tmp_path / "out")


def test_a_patient_below_the_declared_end_is_never_lost_in_silence(tmp_path):
    def change(book):
        book["visits"].insert_rows(4)
        book["visits"]["A4"] = "Всего"

    (found,) = critical(from_workbook(tmp_path, change, stop_at("Всего", "visits")))
    assert (
        found.line == 5 and "ends above row 4" in found.message and "4 row(s) with the id of a patient" in found.message
    )


def test_totals_between_patients_and_headings_that_come_again_are_no_rows(tmp_path):
    def change(book):
        sheet = book["visits"]
        sheet.insert_rows(5, 2)
        sheet["A5"], sheet["D5"] = "Среднее", 12.3
        for column in range(1, sheet.max_column + 1):
            sheet.cell(6, column).value = sheet.cell(1, column).value

    first, second = critical(from_workbook(tmp_path, change))
    assert "row 5" in first.message and "no row of a patient" in first.message
    assert "row 6" in second.message and "repeats the headings" in second.message


def test_a_row_whose_id_was_forgotten_is_told_by_its_cell(tmp_path):
    """It is no total: it stands between patients, and all its cells are filled in."""
    outcome = from_workbook(tmp_path, lambda book: book["visits"].__setitem__("A3", None))
    assert outcome.findings == [] and len(outcome.tables["visits"]) == len(
        CUT["visits"]
    )  # the gate refuses the empty id


def test_ids_that_are_all_of_another_kind_are_not_taken_for_totals(tmp_path):
    def change(book):
        for row in range(2, book["labs"].max_row + 1):
            book["labs"].cell(row, 1).value = f"child {row}"

    outcome = from_workbook(tmp_path, change)
    assert len(outcome.tables["labs"]) == len(CUT["labs"])


def test_totals_of_a_text_file(tmp_path):
    write_files(tmp_path / "sent", CUT)
    path = tmp_path / "sent" / "patients.csv"
    width = len(headings("patients", CUT["patients"]))
    path.write_text(path.read_text("utf-8") + "Total,2" + "," * (width - 2) + "\n", "utf-8")
    (found,) = critical(convert(tmp_path / "sent", mapped(tmp_path, mapping_text("csv", False)), PLAN))
    assert "patients.csv line 4" in found.message and "no row of a patient" in found.message
    outcome = convert(tmp_path / "sent", mapped(tmp_path, stop_at("Total")(mapping_text("csv", False))), PLAN)
    assert outcome.findings == []
    same_values(outcome, CUT, tmp_path / "out")


# --- a lab value among the visits -------------------------------------------------------------------------------------

FEWER = CUT | {
    "labs": [row for row in CUT["labs"] if (row["patient_id"], row["week"]) != ("P001", CUT["labs"][1]["week"])]
}


def ige_among_visits() -> dict[str, list[dict]]:
    values = {(row["patient_id"], row["week"]): row["value"] for row in FEWER["labs"]}
    return {"visits": [row | {"IgE": values.get((row["patient_id"], row["week"]), "")} for row in FEWER["visits"]]}


def ige_mapping(form: str, place: str) -> str:
    text = mapping_text(form, False)
    labs = text[text.index("  labs:\n") : text.index("  doses:\n")]
    fixed = 'analyte: {value: total_ige}, qualifier: {value: ""}, unit: {value: kU/L}'
    return text.replace(
        labs, f"  labs:\n    {place}\n    columns: {{patient_id: patient_id, week: week, value: IgE, {fixed}}}\n"
    )


def plain_labs(cut):
    return cut | {"labs": [row | {"qualifier": ""} for row in cut["labs"]]}


def test_a_lab_value_in_the_sheet_of_visits_makes_rows_where_there_is_one(tmp_path):
    book = workbook(FEWER)
    del book["labs"]
    sheet, column = book["visits"], book["visits"].max_column + 1
    sheet.cell(1, column).value = "IgE"
    for number, row in enumerate(ige_among_visits()["visits"], start=2):
        sheet.cell(number, column).value = float(row["IgE"]) if row["IgE"] else None
    book.save(tmp_path / "clinic.xlsx")
    outcome = convert(tmp_path / "clinic.xlsx", mapped(tmp_path, ige_mapping("excel", "sheet: visits")), PLAN)
    assert outcome.findings == [] and len(FEWER["labs"]) < len(FEWER["visits"])
    same_values(outcome, plain_labs(FEWER), tmp_path / "out")


@pytest.mark.parametrize("empty", ["", "-"])
def test_a_lab_value_in_the_file_of_visits_makes_rows_where_there_is_one(empty, tmp_path):
    folder = write_files(tmp_path / "sent", FEWER)
    (folder / "labs.csv").unlink()
    path = folder / "visits.csv"
    lines = path.read_text("utf-8").splitlines()
    lines[0] += ",IgE"
    for number, row in enumerate(ige_among_visits()["visits"], start=1):
        lines[number] += f",{row['IgE'] or empty}"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    text = ige_mapping("csv", "file: visits.csv").replace("form: csv", 'form: csv\nmissing: ["-"]')
    outcome = convert(folder, mapped(tmp_path, text), PLAN)
    assert outcome.findings == []
    same_values(outcome, plain_labs(FEWER), tmp_path / "out")


# --- dates ------------------------------------------------------------------------------------------------------------

WRITTEN = {  # pattern, how the 12th of May 2021 is written in it
    "dd.mm.yy": ["12.05.21", "12.5.21", "12.05.21 г."],
    "dd.mm.yyyy": ["12.05.2021 г.", "12.05.2021г", "12.05.2021 года", "12.05.2021 00:00"],
    "dd-mmm-yyyy": ["12-MAY-2021", "12-may-2021", "12-май-2021"],
    "dd-mmm-yy": ["12-May-21"],
    "dd mmm yyyy": ["12 мая 2021 г.", "12 May 2021", "12  МАЯ  2021 года"],
    "ddmmmyyyy": ["12MAY2021"],
    "mmm dd, yyyy": ["May 12, 2021", "May 12,2021"],
    "yyyy/mm/dd": ["2021/05/12", "2021/5/12 10:30:00"],
}


@pytest.mark.parametrize("pattern", WRITTEN)
def test_dates_are_read_in_their_pattern_and_in_no_other(pattern):
    day = datetime.date(2021, 5, 12)
    assert {DatePattern(pattern).read(text) for text in WRITTEN[pattern]} == {day}
    numeric = {other: texts for other, texts in WRITTEN.items() if "mmm" not in other and other != pattern}
    assert not any(DatePattern(pattern).read(text) for texts in numeric.values() for text in texts)


def test_a_text_that_two_declared_patterns_read_differently_is_no_date():
    both = DatePattern("dd.mm.yyyy", "mm.dd.yyyy")
    assert both.read("12.05.2021") is None and both.read("13.05.2021") == datetime.date(2021, 5, 13)


@given(
    st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)),
    st.sampled_from(["%d.%m.%y", "%d-%b-%Y", "%B %d, %Y"]),
)
def test_every_date_survives_its_pattern(date, written):
    pattern = {"%d.%m.%y": "dd.mm.yy", "%d-%b-%Y": "dd-mmm-yyyy", "%B %d, %Y": "mmm dd, yyyy"}[written]
    assert DatePattern(pattern).read(date.strftime(written)) == date


def test_several_patterns_are_declared_as_a_list(tmp_path):
    written = iter(["%d.%m.%Y г.", "%d.%m.%y", "%d-%b-%Y"] * 20)

    def change(book):
        for table, column in (("visits", 2), ("labs", 2), ("doses", 2)):
            for row in range(2, book[table].max_row + 1):
                cell = book[table].cell(row, column)
                cell.value = cell.value.strftime(next(written))

    patterns = "dates: [dd.mm.yyyy, dd.mm.yy, dd-mmm-yyyy]"
    outcome = from_workbook(tmp_path, change, lambda text: text.replace("dates: dd.mm.yyyy", patterns), True)
    assert outcome.findings == []
    same_values(outcome, CUT, tmp_path / "out")


# --- dates without their day ------------------------------------------------------------------------------------------

UNKNOWN_DAY = {
    "dd.mm.yyyy": ["11.2021", "UN.11.2021", "??.11.2021", "xx.11.2021", "--.11.2021", "00.11.2021", "11.2021 г."],
    "yyyy-mm-dd": ["2021-11", "2021-11-UNK", "2021-11-00"],
    "dd-mmm-yyyy": ["NOV-2021", "UN-NOV-2021"],
    "dd mmm yyyy": ["ноябрь 2021", "ноябрь 2021 г."],
    "dd.mm.yy": ["??.11.21"],
}


@pytest.mark.parametrize("pattern", UNKNOWN_DAY)
def test_what_is_known_of_a_date_is_read(pattern):
    assert {DatePattern(pattern).read_partial(text) for text in UNKNOWN_DAY[pattern]} == {Partial(2021, 11)}
    assert not any(map(DatePattern(pattern).read, UNKNOWN_DAY[pattern]))


def test_a_year_alone_and_what_could_be_anything():
    pattern = DatePattern("dd.mm.yyyy")
    assert {pattern.read_partial(text) for text in ("2021", "UN.UN.2021", "00.00.2021")} == {Partial(2021, None)}
    assert not any(map(pattern.read_partial, ("13.2021", "11.21", "12.05.2021", "UN.11", "12.UN.2021", "week 4")))
    assert DatePattern("dd.mm.yy").read_partial("11.21") is None


def test_an_imputed_day_stays_within_what_is_known():
    day = datetime.date
    november = Partial(2021, 11)
    assert imputed(november, "first", day(2021, 10, 1)) == day(2021, 11, 1)
    assert imputed(november, "middle", day(2021, 10, 1)) == day(2021, 11, 15)
    assert imputed(Partial(2021, None), "middle", day(2020, 10, 1)) == day(2021, 7, 1)
    assert imputed(november, "first", day(2021, 11, 20)) == day(2021, 11, 20)  # not before the first dose
    assert imputed(november, "first", day(2021, 11, 20), end=day(2021, 11, 10)) == day(
        2021, 11, 1
    )  # unless it had ended
    assert imputed(november, "middle", day(2021, 12, 20)) == day(2021, 11, 15)  # it was before the first dose
    assert imputed(november, "middle", day(2021, 10, 1), end=day(2021, 11, 9)) == day(2021, 11, 9)
    assert imputed(november, "first", None, start=day(2021, 11, 9)) == day(2021, 11, 9)


DAYS = st.dates(datetime.date(2020, 1, 1), datetime.date(2023, 12, 31))


@given(DAYS, DAYS, st.integers(0, 900), st.sampled_from(["first", "middle"]), st.tuples(st.booleans(), st.booleans()))
def test_an_imputed_event_never_ends_before_it_starts(first, start, length, rule, by_month):
    """Neither day is moved out of what is known of it, and what began under treatment stays so."""
    end = start + datetime.timedelta(days=length)
    known_start = Partial(start.year, start.month if by_month[0] else None)
    known_end = Partial(end.year, end.month if by_month[1] else None)
    for partial_end in (True, False):
        made = imputed(known_start, rule, first, end=known_end.last if partial_end else end)
        assert known_start.first <= made <= known_start.last
        made_end = imputed(known_end, rule, None, start=made) if partial_end else end
        assert made <= made_end and (not partial_end or known_end.first <= made_end <= known_end.last)
        if start >= first >= known_start.first:
            assert made >= first


def by_rule(rule: str, column="start_day"):
    return lambda text: text.replace(
        f"{{from: {column}, date: true}}", f"{{from: {column}, date: true, partial: {rule}}}"
    )


@pytest.mark.parametrize("rule", [None, "refuse"])
def test_a_date_without_its_day_is_refused_with_the_remedy(rule, tmp_path):
    change = by_rule(rule) if rule else lambda text: text
    (found,) = critical(from_workbook(tmp_path, put("adverse_events", 2, "start_day", "02.2021"), change, True))
    assert "cell D2" in found.message and '"02.2021"' in found.message and "partial: first (or middle)" in found.message


def test_a_date_without_its_day_is_no_date_of_a_visit(tmp_path):
    (found,) = critical(from_workbook(tmp_path, put("visits", 2, "week", "02.2021"), with_dates=True))
    assert "cell B2" in found.message and "write the whole date" in found.message and "partial:" not in found.message
    with pytest.raises(MappingError, match="partial is for start_day and end_day"):
        mapped(tmp_path, by_rule("first", "week")(mapping_text("excel", True)))


FEBRUARY = datetime.date(2021, 2, 1)


@pytest.mark.parametrize("sent", [("02.2021", None), (FEBRUARY, "mmm-yy"), (FEBRUARY, "[$-419]mmmm yyyy;@")])
def test_an_imputed_day_is_marked_in_the_findings_and_in_the_cut(sent, tmp_path):
    """Excel makes the 1st of the month of 11.2021 and shows Nov-21: no day was ever written."""
    value, number_format = sent
    whose = CUT["adverse_events"][0]["patient_id"]

    def change(book):
        put("adverse_events", 2, "start_day", value, number_format)(book)
        put("adverse_events", 2, "end_day", None)(book)

    outcome = from_workbook(tmp_path, change, by_rule("first"), True)
    (found,) = outcome.findings
    assert found.level == "warning" and "cell D2" in found.message and "partial: first, flag D" in found.message
    (mark,) = outcome.imputed
    assert mark == {"file": "adverse_events.csv", "line": 2, "column": "start_day", "flag": "D", "rule": "first"}
    expected = max(datetime.date(2021, 2, 1), first_dose(whose)) - first_dose(whose)
    assert outcome.tables["adverse_events"][0][3] == str(expected.days + 1)
    assert len(TABLES["adverse_events"]) == len(outcome.tables["adverse_events"][0])


CUT_YML = "label: A\nextracted: 2022-01-01\nkind: clinical\ndescription: b\nprevious: null\n"


def test_a_cut_says_what_is_imputed(tmp_path):
    (tmp_path / "cut.yml").write_text(
        CUT_YML + "imputed:\n- {file: adverse_events.csv, line: 2, column: start_day, flag: D, rule: first}\n", "utf-8"
    )
    assert read_cut(tmp_path).imputed[0]["flag"] == "D"


@pytest.mark.parametrize("wrong", ["7", "[a]", "[{file: adverse_events.csv, line: 1, column: start_day, flag: D, rule: first}]",
                                   "[{file: adverse_events.csv, line: 2, column: term, flag: D, rule: first}]"])  # fmt: skip
def test_a_wrong_mark_is_refused(wrong, tmp_path):
    (tmp_path / "cut.yml").write_text(CUT_YML + f"imputed: {wrong}\n", "utf-8")
    with pytest.raises(UsageError, match="line 6: imputed must be a list"):
        read_cut(tmp_path)
