"""The workbook of a clinic: Russian names and codes, calendar dates, and the marks that handwork leaves in Excel.

Some numbers are text, with a decimal comma; some dates are text; some ids and codes have blanks at their end; some
rows at the end of a sheet only look empty; one sheet has a title and merged cells above its header.
"""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from simulation.chance import Stream

from .dates import Calendar

Row = dict[str, str]
Cell = str | int | float | date | None

_SAVED = datetime(2022, 12, 19, 12, 0, 0)
_YES_NO = {"1": "да", "0": "нет", "": ""}
_SEX = {"F": "ж", "M": "м"}
_PRIOR_THERAPY = {
    "none": "нет",
    "systemic glucocorticosteroids": "системные ГКС",
    "ciclosporin": "циклоспорин",
    "ciclosporin, systemic glucocorticosteroids": "циклоспорин, системные ГКС",
    "ciclosporin, methotrexate": "циклоспорин, метотрексат",
    "methotrexate": "метотрексат",
}
_REASON = {"": "", "family moved to another city": "переезд семьи в другой город"}
_UNIT = {"kU/L": "МЕ/мл"}
_ANALYTE = {"total_ige": "IgE общий"}
_KIND = {"loading": "нагрузочная", "maintenance": "поддерживающая"}
_TERM = {
    "Injection site reaction": "Реакция в месте инъекции",
    "Facial erythema": "Эритема лица",
    "Conjunctivitis": "Конъюнктивит",
    "Eosinophilia": "Эозинофилия",
    "Headache": "Головная боль",
    "Oral herpes": "Герпес полости рта",
    "Nasopharyngitis": "Назофарингит",
    "Arthralgia": "Артралгия",
}
_CLASS = {
    "General disorders and administration site conditions": "Общие нарушения и реакции в месте введения",
    "Skin and subcutaneous tissue disorders": "Болезни кожи и подкожных тканей",
    "Infections and infestations": "Инфекции и инвазии",
    "Blood and lymphatic system disorders": "Болезни крови и лимфатической системы",
    "Nervous system disorders": "Болезни нервной системы",
    "Musculoskeletal and connective tissue disorders": ("Болезни опорно-двигательного аппарата и соединительной ткани"),
}
_SEVERITY = {"mild": "лёгкая", "moderate": "средняя", "severe": "тяжёлая"}
_RELATED = {"related": "есть", "not related": "нет"}
_ACTION = {"none": "без изменений", "delayed": "отложена доза", "discontinued": "препарат отменён"}
_OUTCOME = {
    "recovered": "выздоровление",
    "recovering": "улучшение",
    "not recovered": "без улучшения",
    "fatal": "смерть",
    "unknown": "неизвестен",
}


def write_workbook(path: Path, tables: dict[str, list[Row]], calendars: dict[str, Calendar]) -> None:
    """Writes the tables of a cut as a workbook, the same bytes every time."""
    book = Workbook()
    book.remove(book.active)
    for number, (name, table, columns) in enumerate(_sheets(calendars)):
        hand = _Hand(Stream("handwork", number))
        rows = [{title: cell(row) for title, cell in columns.items()} for row in tables[table]]
        _fill(book.create_sheet(name), list(columns), rows, hand, with_title=table == "visits")
    _save(book, path)


def _sheets(calendars: dict[str, Calendar]) -> list[tuple[str, str, dict[str, Callable[[Row], Cell]]]]:
    """For each sheet its name, its table, and its columns with what is in their cells."""

    def of(row: Row) -> Calendar:
        return calendars[row["patient_id"]]

    def number(name: str) -> Callable[[Row], Cell]:
        return lambda row: _number(row[name])

    def code(name: str, codes: dict[str, str]) -> Callable[[Row], Cell]:
        return lambda row: codes[row[name]]

    def text(name: str) -> Callable[[Row], Cell]:
        return lambda row: row[name]

    patient_id = text("patient_id")
    return [
        (
            "Пациенты",
            "patients",
            {
                "Код пациента": patient_id,
                "Пол": code("sex", _SEX),
                "Возраст, лет": number("age_years"),
                "Вес, кг": number("weight_kg"),
                "Стаж АтД, лет": number("ad_duration_years"),
                "Бронхиальная астма": code("asthma", _YES_NO),
                "Аллергический ринит": code("allergic_rhinitis", _YES_NO),
                "Пищевая аллергия": code("food_allergy", _YES_NO),
                "Системная терапия ранее": code("prior_systemic_therapy", _PRIOR_THERAPY),
                "Дата первой инъекции": lambda row: of(row).first_dose,
                "Дата последнего контакта": lambda row: of(row).last_contact,
                "Дата отмены": lambda row: of(row).of_weeks(row["discontinued_week"]),
                "Причина отмены": code("discontinuation_reason", _REASON),
            },
        ),
        (
            "Визиты",
            "visits",
            {
                "Код пациента": patient_id,
                "Дата визита": lambda row: of(row).of_visit(row["week"]),
                "IGA": number("iga"),
                "EASI": number("easi"),
                "Площадь, %": number("scorad_extent"),
                "Интенсивность": number("scorad_intensity"),
                "Зуд": number("scorad_pruritus"),
                "Нарушение сна": number("scorad_sleep_loss"),
                "SCORAD, баллы": number("scorad"),
                "ТГКС": code("tcs_use", _YES_NO),
                "Эмоленты, раз в день": number("emollient_per_day"),
                "Примечание": lambda row: _note(row, of(row)),
            },
        ),
        (
            "IgE",
            "labs",
            {
                "Код пациента": patient_id,
                "Дата забора": lambda row: of(row).of_visit(row["week"]),
                "Показатель": code("analyte", _ANALYTE),
                "Знак": text("qualifier"),
                "Результат": number("value"),
                "Ед. изм.": code("unit", _UNIT),
            },
        ),
        (
            "Инъекции",
            "doses",
            {
                "Код пациента": patient_id,
                "Дата": lambda row: of(row).of_day(row["study_day"]),
                "Доза, мг": number("dose_mg"),
                "Вид дозы": code("kind", _KIND),
                "Введена": code("given", _YES_NO),
            },
        ),
        (
            "НЯ",
            "adverse_events",
            {
                "Код пациента": patient_id,
                "Явление": code("term", _TERM),
                "Класс": code("system_organ_class", _CLASS),
                "Начало": lambda row: of(row).of_day(row["start_day"]),
                "Окончание": lambda row: of(row).of_day(row["end_day"]),
                "Тяжесть": code("severity", _SEVERITY),
                "Серьёзное": code("serious", _YES_NO),
                "Связь с препаратом": code("relatedness", _RELATED),
                "Действие": code("action", _ACTION),
                "Исход": code("outcome", _OUTCOME),
            },
        ),
    ]


def _number(text: str) -> int | float | None:
    if not text:
        return None
    return float(text) if "." in text else int(text)


def _note(row: Row, calendar: Calendar) -> str:
    days = (calendar.of_visit(row["week"]) - calendar.first_dose).days - 7 * int(row["week"])
    return "перенесён по просьбе родителей" if days >= 4 else ""


class _Hand:
    """Somebody who types: now and then a number or a date as text, or a blank too many."""

    def __init__(self, stream: Stream):
        self._stream = stream

    def typed(self, title: str, cell: Cell) -> Cell:
        if isinstance(cell, int | float) and self._stream.happens(0.04):
            return str(cell).replace(".", ",")
        if isinstance(cell, date) and self._stream.happens(0.03):
            return f"{cell:%d.%m.%Y}"
        if isinstance(cell, str) and cell and title != "Примечание" and self._stream.happens(0.015):
            return cell + self._stream.choice((" ", " ", "\u00a0"))
        return cell or None if isinstance(cell, str) else cell


def _fill(sheet: Worksheet, titles: list[str], rows: list[dict[str, Cell]], hand: _Hand, with_title: bool) -> None:
    if with_title:
        sheet.append(["Дупилумаб при тяжёлом атопическом дерматите: визиты, выгрузка 19.12.2022"])
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(titles))
        sheet.append([])
        first = titles.index("Площадь, %") + 1
        sheet.cell(2, first, "SCORAD")
        sheet.merge_cells(start_row=2, end_row=2, start_column=first, end_column=first + 3)
        for place in ((1, 1), (2, first)):
            sheet.cell(*place).alignment = Alignment(horizontal="center")
            sheet.cell(*place).font = Font(bold=True)
    sheet.append(titles)
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = f"B{sheet.max_row + 1}"
    for row in rows:
        sheet.append([hand.typed(title, cell) for title, cell in row.items()])
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, date):
                cell.number_format = "DD.MM.YYYY"
            elif isinstance(cell.value, float):
                cell.number_format = "0.0"
    sheet.append([" "])  # looks empty, and is not
    sheet.append([None, "  "])
    for column, title in enumerate(titles, 1):
        widest = max((len(str(row[title] or "")) for row in rows), default=0)
        sheet.column_dimensions[get_column_letter(column)].width = max(12, min(widest, 40) + 2)


def _save(book: Workbook, path: Path) -> None:
    """Saves the workbook without a trace of the clock, and stored, as compression differs between platforms."""
    book.properties.creator = "Клиника"
    book.properties.created = _SAVED
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":  # openpyxl puts the time of saving there
                stamp = f"{_SAVED:%Y-%m-%dT%H:%M:%SZ}".encode()
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(name, _SAVED.timetuple()[:6])
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            target.writestr(entry, content)
