"""The examples of incoming data hold the follow-up cut: read here by hand, apart from the intake that users have."""

import csv
import subprocess
import sys
import zipfile
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

import pytest
from conftest import ROOT
from openpyxl import load_workbook

from study.settings import load_settings

EXAMPLES = ROOT / "data" / "examples"
FILES = ("clinic-workbook.xlsx", "redcap/dictionary.csv", "redcap/export.csv")
HEADER_LINES = {"Пациенты": 1, "Визиты": 3, "IgE": 1, "Инъекции": 1, "НЯ": 1}


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    """As a number without regard to how it is written; other texts as they are."""
    text = text.replace(",", ".")
    try:
        return Decimal(text).normalize()
    except ArithmeticError:
        return text


@pytest.fixture(scope="module")
def cut():
    return {path.stem: read_csv(path) for path in (EXAMPLES / "week-52").glob("*.csv")}


@pytest.fixture(scope="module")
def sheets():
    """Each sheet's rows by title, blanks trimmed, quite blank rows left out; dates as dates, all else as text."""
    book = load_workbook(EXAMPLES / "clinic-workbook.xlsx")
    assert {sheet.title: HEADER_LINES.get(sheet.title) for sheet in book} == HEADER_LINES
    found = {}
    for sheet in book:
        lines = [[plain(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        titles, *data = lines[HEADER_LINES[sheet.title] - 1 :]
        assert any(data[0])
        found[sheet.title] = [dict(zip(titles, row, strict=True)) for row in data if any(row)]
    return found


def plain(cell):
    if isinstance(cell, datetime):
        assert cell.time() == datetime.min.time()
        return cell.date()
    text = "" if cell is None else str(cell).strip(" \u00a0")
    try:
        return datetime.strptime(text, "%d.%m.%Y").date()
    except ValueError:
        return text


@pytest.fixture(scope="module")
def export():
    return read_csv(EXAMPLES / "redcap" / "export.csv")


@pytest.fixture(scope="module")
def first_dose(export):
    return {row["record_id"]: date.fromisoformat(row["first_dose_date"]) for row in export if row["first_dose_date"]}


def planned_week(day, first):
    near = [
        week
        for week in load_settings().planned_weeks
        if abs(day - first - timedelta(days=7 * week)) <= timedelta(days=7)
    ]
    assert len(near) == 1, (day, first)
    return near[0]


def study_day(day, first):
    assert day == "" or day >= first
    return "" if day == "" else (day - first).days + 1


def weeks_up(day, first):
    if day == "":
        return ""
    return (Decimal((day - first).days) / 7).quantize(Decimal("0.1"), ROUND_CEILING)


def same(table, key_size, expected, found):
    """Whether the rows hold the same values, in whatever order."""

    def sorted_rows(rows):
        return sorted(
            ([number(str(cell)) for cell in row] for row in rows), key=lambda row: list(map(str, row[:key_size]))
        )

    assert sorted_rows(found) == sorted_rows([row.values() for row in expected]), table


def test_script_writes_the_shipped_bytes(tmp_path):
    script = [sys.executable, "-B", str(EXAMPLES / "make_examples.py"), "--output", str(tmp_path / "again")]
    subprocess.run(script, check=True, cwd=tmp_path)
    written = sorted(path.relative_to(tmp_path / "again").as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert tuple(written) == FILES
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (EXAMPLES / name).read_bytes(), name


def test_the_workbook_bears_no_trace_of_clock_or_machine():
    with zipfile.ZipFile(EXAMPLES / "clinic-workbook.xlsx") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2022, 12, 19, 12, 0, 0)}
    properties = load_workbook(EXAMPLES / "clinic-workbook.xlsx").properties
    assert properties.created == properties.modified == datetime(2022, 12, 19, 12)


def test_the_workbook_has_the_marks_of_handwork():
    cells = [cell.value for sheet in load_workbook(EXAMPLES / "clinic-workbook.xlsx") for row in sheet for cell in row]
    texts = [cell for cell in cells if isinstance(cell, str)]
    assert any(text.replace(",", "", 1).isdigit() and "," in text for text in texts)
    assert any(text.isdigit() for text in texts)
    assert any(isinstance(plain(text), date) for text in texts)
    assert any(text.endswith("\u00a0") for text in texts) and any(text.endswith(" ") and text.strip() for text in texts)
    assert any(not text.strip() for text in texts)


YES_NO = {"да": 1, "нет": 0, "": ""}


def test_workbook_patients(cut, sheets):
    therapies = {
        "нет": "none",
        "системные ГКС": "systemic glucocorticosteroids",
        "циклоспорин": "ciclosporin",
        "циклоспорин, системные ГКС": "ciclosporin, systemic glucocorticosteroids",
        "циклоспорин, метотрексат": "ciclosporin, methotrexate",
    }
    reasons = {"": "", "переезд семьи в другой город": "family moved to another city"}
    found = []
    for row in sheets["Пациенты"]:
        first = row["Дата первой инъекции"]
        found.append(
            [
                row["Код пациента"],
                {"ж": "F", "м": "M"}[row["Пол"]],
                row["Возраст, лет"],
                row["Вес, кг"],
                row["Стаж АтД, лет"],
                YES_NO[row["Бронхиальная астма"]],
                YES_NO[row["Аллергический ринит"]],
                YES_NO[row["Пищевая аллергия"]],
                therapies[row["Системная терапия ранее"]],
                weeks_up(row["Дата последнего контакта"], first),
                weeks_up(row["Дата отмены"], first),
                reasons[row["Причина отмены"]],
            ]
        )
    same("patients", 1, cut["patients"], found)


def test_workbook_visits_and_blood(cut, sheets, first_dose):
    visits, labs = [], []
    for row in sheets["Визиты"]:
        patient, day, *scores, tcs, emollient, _ = row.values()
        visits.append([patient, planned_week(day, first_dose[patient]), *scores, YES_NO[tcs], emollient])
    same("visits", 2, cut["visits"], visits)
    for row in sheets["IgE"]:
        patient, day, analyte, sign, value, unit = row.values()
        assert (analyte, unit) == ("IgE общий", "МЕ/мл")
        labs.append([patient, planned_week(day, first_dose[patient]), "total_ige", sign, value, "kU/L"])
    same("labs", 2, cut["labs"], labs)


def test_workbook_doses_and_events(cut, sheets, first_dose):
    kinds = {"нагрузочная": "loading", "поддерживающая": "maintenance"}
    doses = [
        [patient, study_day(day, first_dose[patient]), dose, kinds[kind], YES_NO[given]]
        for patient, day, dose, kind, given in (row.values() for row in sheets["Инъекции"])
    ]
    same("doses", 2, cut["doses"], doses)
    days = [
        [
            row["Код пациента"],
            *(study_day(row[title], first_dose[row["Код пациента"]]) for title in ("Начало", "Окончание")),
        ]
        for row in sheets["НЯ"]
    ]
    expected = [{name: row[name] for name in ("patient_id", "start_day", "end_day")} for row in cut["adverse_events"]]
    same("adverse_events", 3, expected, days)
    terms = {row["Явление"]: row["Класс"] for row in sheets["НЯ"]}
    assert terms["Конъюнктивит"] == "Инфекции и инвазии" and len(terms) == len(
        {e["term"] for e in cut["adverse_events"]}
    )


def test_export_visits_and_blood(cut, export, first_dose):
    visits, labs = [], []
    names = [name for name in cut["visits"][0] if name not in ("patient_id", "week")]
    for row in export:
        event = row["redcap_event_name"].removesuffix("_arm_1")
        if event == "follow_up":
            continue
        week = 0 if event == "baseline" else int(event.removeprefix("week_"))
        day = date.fromisoformat(row["visit_date"])
        assert planned_week(day, first_dose[row["record_id"]]) == week and not row["redcap_repeat_instrument"]
        visits.append([row["record_id"], week, *(row[name] for name in names)])
        if row["ige_value"]:
            assert (row["ige_unit"], row["ige_qualifier"]) == ("1", "")
            labs.append([row["record_id"], week, "total_ige", "", row["ige_value"], "kU/L"])
    same("visits", 2, cut["visits"], visits)
    same("labs", 2, cut["labs"], labs)


def test_export_patients_doses_and_events(cut, export, first_dose):
    def day(row, name):
        return date.fromisoformat(row[name]) if row[name] else ""

    patients, doses, events = [], [], []
    for row in export:
        patient = row["record_id"]
        first = first_dose[patient]
        if row["redcap_event_name"] == "baseline_arm_1":
            as_they_are = ("age_years", "weight_kg", "ad_duration_years", "asthma", "allergic_rhinitis", "food_allergy")
            weeks = [weeks_up(day(row, name), first) for name in ("last_contact_date", "stop_date")]
            therapy = row["prior_therapy"]
            sex = {"1": "F", "2": "M"}[row["sex"]]
            patients.append([patient, sex, *(row[name] for name in as_they_are), therapy, *weeks, row["stop_reason"]])
        elif row["redcap_repeat_instrument"] == "injection":
            kind = {"1": "loading", "2": "maintenance"}[row["dose_kind"]]
            doses.append([patient, study_day(day(row, "injection_date"), first), row["dose_mg"], kind, row["given"]])
        elif row["redcap_repeat_instrument"] == "adverse_event":
            days = [study_day(day(row, name), first) for name in ("ae_start", "ae_end")]
            severity = {"1": "mild", "2": "moderate", "3": "severe"}[row["ae_severity"]]
            related = {"1": "related", "0": "not related"}[row["ae_related"]]
            action = {"0": "none", "1": "delayed", "2": "discontinued"}[row["ae_action"]]
            outcomes = {"1": "recovered", "2": "recovering", "3": "not recovered"}
            texts = (row["ae_term"], row["ae_class"])
            judged = (severity, row["ae_serious"], related, action, outcomes[row["ae_outcome"]])
            events.append([patient, *texts, *days, *judged])
    same("patients", 1, cut["patients"], patients)
    same("doses", 2, cut["doses"], doses)
    same("adverse_events", 4, cut["adverse_events"], events)


def test_every_field_of_the_export_is_in_the_dictionary(export):
    dictionary = read_csv(EXAMPLES / "redcap" / "dictionary.csv")
    assert len(dictionary[0]) == 18
    known = {row["Variable / Field Name"]: row for row in dictionary}
    fields = [name for name in export[0] if not name.startswith("redcap_") and not name.endswith("_complete")]
    assert fields == list(known)
    for name, row in known.items():
        if row["Field Type"] == "radio":
            choices = dict(part.split(", ", 1) for part in row["Choices, Calculations, OR Slider Labels"].split(" | "))
            assert {record[name] for record in export} - {""} <= set(choices), name


def test_dates_are_in_2021_and_2022_and_treatment_starts_on_working_days(first_dose, export):
    days = [
        date.fromisoformat(cell) for row in export for cell in row.values() if cell[4:5] == "-" and cell[7:8] == "-"
    ]
    assert date(2021, 1, 1) <= min(days) and max(days) < date(2022, 12, 19)
    assert {day.year for day in first_dose.values()} == {2021}
    assert all(day.weekday() < 5 for day in first_dose.values())
    assert list(first_dose.values()) == sorted(first_dose.values())
