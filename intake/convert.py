"""From sheets to the tables of a data cut, each cell with the place that it comes from."""

import csv
import datetime
import re
import unicodedata
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from openpyxl.utils.datetime import from_excel

from expectations import checkpoint
from expectations.finding import Finding, Lines, Phrase, shown
from expectations.reading import NUMBER
from intake.dates import Partial, Plan, imputed, planned_week, study_day, weeks_since
from intake.files import read_folder
from intake.mapping import PARTIAL, ColumnRule, Mapping, TableRule
from intake.numbers import plain_number
from intake.redcap import read_redcap
from intake.sheet import EMPTY, Cell, Place, Problems, Sheet, letters
from intake.text import bare, trimmed, visible
from intake.workbook import read_workbook
from protocol.columns import TABLES, columns

_SERIALS = range(20_000, 80_000)  # days since 1900 that Excel shows as dates of the years 1954 to 2119

_YEARS = range(1954, 2120)


@dataclass(frozen=True)
class _Origin:
    """The row of a sheet behind a row of the cut, and the sheet's column behind each of the cut's."""

    sheet: Sheet
    row: int
    columns: dict[str, int]


@dataclass
class Converted:
    """What came of a source: `tables` (rows of texts in the order of the schema) and the findings of the conversion.

    `tables` is empty if the source could not be laid out at all. With critical findings the tables are there for the gate to say
    what else is wrong, but must not be taken in.
    """

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    origins: dict[tuple[str, int], _Origin] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    unsettled: set[tuple[str, int, str]] = field(default_factory=set)  # cells with dates that had to stay open
    imputed: list[dict[str, str | int]] = field(default_factory=list)  # study days worked out from dates without a day

    @property
    def critical(self) -> bool:
        return any(finding.level == "critical" for finding in self.findings)

    def write(self, folder: Path) -> None:
        """The tables as CSV files in `folder`; record n is on line n + 1. An optional column that holds nothing is left out."""
        for table, rows in self.tables.items():
            kept = [at for at, column in enumerate(TABLES[table]) if not column.optional or any(row[at] for row in rows)]
            with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerows([row[at] for at in kept] for row in (columns(table), *rows))

    def at_source(self, findings) -> list[Finding]:
        """What the gate says of the written tables, naming the original places.

        Where the conversion has refused cells, the gate stumbles over them again: what it says of these cells is left out, and so is
        what it says of their patients across files or of rows that they lack, and of files as a whole.
        """
        refused = [finding for finding in self.findings if finding.level == "critical"]
        if not refused:
            return [self._moved(finding) for finding in findings]
        cells = {(finding.file, finding.line, finding.column) for finding in refused} | self.unsettled
        patients = {finding.patient_id for finding in refused}
        across = {
            expectation["meta"]["rule"] for expectation in checkpoint.load_suite(checkpoint.ACROSS)["expectations"]
        }
        moved = []
        for finding in findings:
            told = self._moved(finding)
            own = {(told.file, told.line, column) for column in (told.column or "").split(", ")}
            follows = finding.patient_id is None or finding.patient_id in patients
            if own & cells or (follows and (finding.line is None or finding.rule in across)):
                continue
            moved.append(told)
        return moved

    def _moved(self, finding: Finding) -> Finding:
        table = finding.file.removesuffix(".csv")
        sheet = self.sheets.get(table)
        if sheet is None:
            return replace(finding, line=None, column=None, place=Place(finding.file), what=finding.what.moved(self._at))
        origin = self.origins.get((table, finding.line or 0))
        names = (finding.column or "").split(", ")
        found = [] if origin is None else [origin.columns[name] for name in names if name in origin.columns]
        if origin is None:
            place = Place(sheet.file, sheet.name)
        else:
            place = origin.sheet.place(origin.row, found[0] if found else None)
        return replace(
            finding,
            file=sheet.title,
            line=None if origin is None else origin.row,
            column=", ".join(map(letters, found)) or None,
            what=finding.what.moved(self._at),
            place=place,
        )

    def _at(self, lines: Lines) -> Lines | Place:
        """Lines of the cut, as rows of the source."""
        origins = [self.origins.get((lines.file.removesuffix(".csv"), number)) for number in lines.numbers]
        if not origins or None in origins:
            return lines
        return origins[0].sheet.place(tuple(origin.row for origin in origins))


def convert(path: Path, mapping: Mapping, plan: Plan) -> Converted:
    """The workbook or folder `path` as tables of a cut. Defects of the data are findings, never exceptions."""
    problems = Problems()
    read = {"excel": read_workbook, "csv": read_folder, "redcap": read_redcap}[mapping.form]
    sheets = read(path, mapping, problems)
    if len(sheets) < len(TABLES) or any(
        finding.rule == "intake-heading" for finding in problems.findings
    ):  # nothing can be said of the cells
        return Converted(findings=problems.findings, sheets=sheets)
    return _Conversion(mapping, plan, sheets, problems).run()


@dataclass
class _Conversion:
    mapping: Mapping
    plan: Plan
    sheets: dict[str, Sheet]
    problems: Problems

    def run(self) -> Converted:
        # Patients whose first dose is reported as unknown. A row without an id, or with a refused one, is said to be nobody's.
        self._doubtful: set[str] = {""}
        self._lost = False  # whether a row of the patients has no id, so that a patient without a first dose may be the one it is of
        self._unsettled: set[tuple[str, int, str]] = set()
        self._pseudonyms: dict[str, str] = {}  # id as written by the id that the template made of it
        cells = {table: self._table(rule) for table, rule in self.mapping.tables.items()}
        first_doses = self._first_doses(cells)
        out = Converted(findings=self.problems.findings, sheets=self.sheets, unsettled=self._unsettled)
        for table, rows in cells.items():
            rule, sheet = self.mapping.tables[table], self.sheets[table]
            at = _columns(rule, sheet)
            for line, row in enumerate(rows, start=2):
                out.origins[table, line] = _Origin(sheet, row, at)
            self._impute(rule, sheet, rows, first_doses, out)
            self._settle_dates(rule, sheet, rows, first_doses)
            out.tables[table] = [[str(values[name]) for name in columns(table)] for values in rows.values()]
        return out

    def _table(self, rule: TableRule) -> dict[int, dict[str, str | datetime.date | Partial]]:
        """The values by row of the sheet; a date stays one until the first doses are known."""
        sheet = self.sheets[rule.table]
        at = _columns(rule, sheet)
        rows = {}
        for number, cells in sheet.rows.items():
            self._patient = ""
            values: dict[str, str | datetime.date | Partial] = {}
            for name, column_rule in rule.columns.items():  # patient_id is the first
                cell = cells.get(at.get(name, 0), EMPTY)
                values[name] = self._value(cell, column_rule, sheet, number, at.get(name))
                if name == "patient_id":
                    self._patient = str(values[name])
            if any(values[name] for name, each in rule.columns.items() if each.source is not None):
                rows[number] = values
        return rows

    def _refuse(
        self, rule: str, sheet: Sheet, row: int, column: int | None, message: str | Phrase, value: str = ""
    ) -> str:
        self.problems.add(rule, sheet, message, row, column, value, self._patient)
        return value

    def _value(
        self, cell: Cell, rule: ColumnRule, sheet: Sheet, row: int, column: int | None
    ) -> str | datetime.date | Partial:
        """The text for the cut; a cell that is refused gives its text as it is."""
        if rule.constant is not None:
            return rule.constant
        name = rule.column.name
        if cell.blank or (isinstance(cell.value, str) and trimmed(cell.value) in rule.missing):
            return ""
        if cell.fault is not None:
            return self._refuse("cell", sheet, row, column, cell.fault, "" if cell.value is None else str(cell.value))
        if rule.dated:
            return self._date(cell, rule, sheet, row, column)
        if isinstance(cell.value, datetime.date | datetime.time | datetime.timedelta):
            return self._refuse(
                "date",
                sheet,
                row,
                column,
                f"{name} is a date or a time; Excel may have made it of a number, or the mapping lacks "
                "date: true; type the value again in a cell formatted as text",
                str(cell.value),
            )
        text = _written(cell.value)
        if isinstance(cell.value, str) and (rule.column.kind != "text" or rule.codes is not None):
            text = bare(text)
        if text in rule.missing:
            return ""
        control = [char for char in text if unicodedata.category(char) in {"Cc", "Zl", "Zp"}]
        if control:
            text = "".join(" " if char in control else char for char in text)
            return self._refuse(
                "cell",
                sheet,
                row,
                column,
                f'{name} is "{shown(text)}" with a line break or another control character; remove it',
                text,
            )
        if rule.codes is not None:
            if text not in rule.codes:
                known = ", ".join(rule.codes)
                return self._refuse(
                    "code",
                    sheet,
                    row,
                    column,
                    f'{name} is "{shown(text)}"; the mapping ({self.mapping.path.name} line {rule.line}) knows {known}; '
                    "correct the cell, or add the code",
                    text,
                )
            return rule.codes[text]
        if rule.template is not None:
            try:
                return self._pseudonym(text, rule.template)
            except ValueError as problem:
                cause = "group" if "access group" in str(problem) else "cell"
                what = Phrase('{name} is "{value}"; {problem}', {"name": name, "value": shown(text), "problem": str(problem)})
                return self._refuse(cause, sheet, row, column, what, text)
        if rule.part is not None:
            sign, number = re.fullmatch(r"([<>]?)(.*)", text, flags=re.S).groups()
            if rule.part == "sign":
                return sign
            text = trimmed(number)
        if rule.column.numeric:
            return self._number(text, cell, rule, sheet, row, column)
        return text

    def _pseudonym(self, text: str, template: str) -> str:
        """P007 of 7, and of 5373-7 if the template leaves out a group; raises ValueError, whose message says what to do."""
        group, hyphen, number = text.rpartition("-") if template.startswith("*-") else ("", "", text)
        if not (number.isascii() and number.isdigit()) or (hyphen and not group):
            if re.fullmatch("[0-9]+-[0-9]+", text):
                raise ValueError(
                    f'REDCap puts the number of a data access group before the hyphen: write template: "*-{template}" in the mapping '
                    "if no two groups share a number, or list the ids under codes"
                )
            if re.fullmatch(r"[0-9.,]+[eE][+]?[0-9]+", text):
                raise ValueError(
                    "a spreadsheet has shortened the id and may have lost digits; format the ids as text there"
                )
            raise ValueError(
                f"it must be a whole number (template {template}); correct it, or list the ids under codes"
            )
        made = "P" + number.zfill(len(template.removeprefix("*-")) - 1)
        former = self._pseudonyms.setdefault(made, text)
        if former != text and template.startswith("*-"):
            raise ValueError(
                f'"{shown(former)}" would be {made}, too; list the ids under codes in place of the template'
            )
        return made

    def _number(self, text: str, cell: Cell, rule: ColumnRule, sheet: Sheet, row: int, column: int | None) -> str:
        name = rule.column.name
        if isinstance(cell.value, bool):
            return self._refuse(
                "cell",
                sheet,
                row,
                column,
                f"{name} is {text}; map it with codes (TRUE, FALSE), or type the number",
                text,
            )
        if isinstance(cell.value, str):
            mark = self.mapping.decimal if column is None else sheet.decimals.get(column, self.mapping.decimal)
            try:
                text = plain_number(text, mark) if text else text
            except ValueError as problem:
                rule_name = "decimal" if "two ways" in str(problem) else "number"
                what = Phrase('{name} is "{value}" {problem}', {"name": name, "value": visible(text), "problem": str(problem)})
                return self._refuse(rule_name, sheet, row, column, what, text)
        elif cell.scaled and rule.factor is None:
            return self._refuse(
                "scaled",
                sheet,
                row,
                column,
                f"{name} is {text}, shown in thousands or millions, so it may be meant so much smaller; format it as an "
                "ordinary number, or set a factor in the mapping: 1 if the stored number is meant",
                text,
            )
        elif cell.percent and rule.factor is None:
            return self._refuse(
                "percent",
                sheet,
                row,
                column,
                Phrase(
                    "{name} is {value}, shown as a percentage, so it may be meant a hundred times larger; format it as a number, "
                    "or set factor: 100 in the mapping",
                    {"name": name, "value": text},
                ),
                text,
            )
        if rule.factor is not None and NUMBER.fullmatch(text):
            text = _plain(Decimal(text) * rule.factor)
        return text

    def _date(
        self, cell: Cell, rule: ColumnRule, sheet: Sheet, row: int, column: int | None
    ) -> str | datetime.date | Partial:
        name, value, pattern = rule.column.name, cell.value, self.mapping.dates
        partial = self._partial(cell)
        if partial is not None:
            if rule.partial is not None:
                return partial
            advice = (
                f"ask for the whole date, or have a day put in its place and marked as imputed: partial: first (or middle) in the "
                f"mapping ({self.mapping.path.name} line {rule.line})"
                if name in PARTIAL
                else "write the whole date"
            )
            unknown = "day" if partial.month else "day and the month"
            self._refuse(
                "partial-date",
                sheet,
                row,
                column,
                f'{name} must be a date, but the cell says only "{partial.written}", the {unknown} being unknown; {advice}',
                partial.written,
            )
            return ""
        if isinstance(value, datetime.time | datetime.timedelta):
            self._refuse("date", sheet, row, column, f"{name} must be a date, but the cell holds a time; type the date")
            return ""
        if isinstance(value, datetime.date) and value.year not in _YEARS:
            self._refuse(
                "date",
                sheet,
                row,
                column,
                f"{name} must be a date, but the cell holds one of the year {value.year}; type it again",
            )
            return ""
        if isinstance(value, datetime.datetime):
            return value.date()
        if isinstance(value, datetime.date):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool) and sheet.epoch is not None:
            if int(value) in _SERIALS:
                return from_excel(int(value), sheet.epoch).date()
            return self._refuse(
                "date",
                sheet,
                row,
                column,
                f"{name} must be a date, but the cell holds the number {_written(value)}; type the date",
                "",
            )
        text = _written(value)
        date = pattern.read(text) if isinstance(value, str) and pattern is not None else None
        if date is not None:
            return date
        wanted = (
            f"written {pattern.written}" if pattern is not None else "a true date, as the mapping declares no dates:"
        )
        self._refuse(
            "date",
            sheet,
            row,
            column,
            Phrase(
                '{name} must be a date, but the cell holds "{value}"; it must be {wanted}; correct the cell, or list its text '
                "under missing if it says that nothing is known",
                {"name": name, "value": shown(text), "wanted": wanted},
            ),
            text,
        )
        return ""

    def _partial(self, cell: Cell) -> Partial | None:
        """A date without its day: text, a year in numbers, or what Excel makes of 11.2021, the first of the month shown as Nov-21."""
        value, pattern = cell.value, self.mapping.dates
        if isinstance(value, datetime.date):
            return {"month": Partial(value.year, value.month), "year": Partial(value.year, None)}.get(cell.shows)
        if isinstance(value, str):
            return None if pattern is None else pattern.read_partial(trimmed(value))
        is_year = isinstance(value, int | float) and not isinstance(value, bool) and value in range(1990, 2100)
        return Partial(int(value), None) if is_year else None

    # --- dates ---------------------------------------------------------------------------------------------------------

    def _first_doses(self, cells: dict) -> dict[str, datetime.date]:
        """The date of the first dose by patient: as the patients' rows say, and else the earliest date of a dose that was given."""
        given: dict[str, tuple[datetime.date, int]] = {}
        if self.mapping.tables["doses"].columns["study_day"].dated:
            for row, values in cells["doses"].items():
                patient, date = values["patient_id"], values["study_day"]
                if (
                    isinstance(date, datetime.date)
                    and values["given"] in {"1", "1.0"}
                    and date < given.get(patient, (datetime.date.max, 0))[0]
                ):
                    given[patient] = (date, row)
        if self.mapping.first_dose is None:
            return {patient: date for patient, (date, _) in given.items()}
        sheet, first = self.sheets["patients"], {}
        self._lost = any(not values["patient_id"] for values in cells["patients"].values()) or any(
            finding.rule == "intake-row" and finding.file == sheet.title for finding in self.problems.findings
        )
        column = sheet.columns_named(self.mapping.first_dose)[0]
        rule = ColumnRule(
            TABLES["doses"][1], 0, source=self.mapping.first_dose, dated=True, missing=self.mapping.missing
        )
        for row, values in cells["patients"].items():
            self._patient = str(values["patient_id"])
            told = len(self.problems.findings)
            date = self._value(
                sheet.rows[row].get(column, EMPTY), _named(rule, "the date of the first dose"), sheet, row, column
            )
            if not isinstance(date, datetime.date):
                if len(self.problems.findings) == told:
                    self._refuse("first-dose", sheet, row, column, "the date of the first dose is empty; fill it in")
                self._doubtful.add(self._patient)
                continue
            first.setdefault(self._patient, date)
            dose, dose_row = given.get(self._patient, (date, 0))
            if dose != date:
                self._doubtful.add(self._patient)
                where = self.sheets["doses"].place(dose_row)
                self._refuse(
                    "first-dose",
                    sheet,
                    row,
                    column,
                    f"the date of the first dose is not that of the earliest dose that was given ({where}); "
                    "correct whichever is wrong",
                )
        return first

    def _origin_of_first_doses(self) -> str:
        if self.mapping.first_dose is None:
            return self.sheets["doses"].title
        return f"{self.sheets['patients'].title}, column {self.mapping.first_dose}"

    def _impute(self, rule: TableRule, sheet: Sheet, rows: dict, first_doses: dict, out: Converted) -> None:
        """Puts a day in the place of each partial date, by the rule of its column, and records that it is imputed."""
        at = _columns(rule, sheet)
        for line, (row, values) in enumerate(rows.items(), start=2):
            self._patient = str(values["patient_id"])
            first = first_doses.get(self._patient)
            for name in ("start_day", "end_day"):
                partial = values.get(name)
                if not isinstance(partial, Partial):
                    continue
                if first is None:  # said below, as of every other date
                    values[name] = partial.first
                    continue
                way, other = rule.columns[name].partial, values["end_day" if name == "start_day" else "start_day"]
                if name == "start_day":
                    end = other.last if isinstance(other, Partial) else other
                    date = imputed(partial, way, first, end=end if isinstance(end, datetime.date) else None)
                else:
                    date = imputed(partial, way, None, start=other if isinstance(other, datetime.date) else None)
                values[name] = date
                day = study_day(date, first)
                out.imputed.append(
                    {"file": f"{rule.table}.csv", "line": line, "column": name, "flag": partial.flag, "rule": way}
                )
                self.problems.add(
                    "imputed",
                    sheet,
                    f'{name} is only "{partial.written}"; study day {day} stands for it (partial: {way}, flag {partial.flag}), '
                    "which cut.yml lists as imputed",
                    row,
                    at[name],
                    partial.written,
                    self._patient,
                    "warning",
                )

    def _settle_dates(self, rule: TableRule, sheet: Sheet, rows: dict, first_doses: dict[str, datetime.date]) -> None:
        """Puts study days and weeks in the place of dates; refuses two rows of a patient in the window of one planned week."""
        at = _columns(rule, sheet)
        earlier: dict[tuple, int] = {}
        for row, values in rows.items():
            self._patient = str(values["patient_id"])
            for name, date in values.items():
                if not isinstance(date, datetime.date):
                    continue
                values[name] = ""
                first = first_doses.get(self._patient)
                if self._patient in self._doubtful or (first is None and self._lost):
                    self._unsettled.add((sheet.title, row, letters(at[name])))
                elif first is None:
                    self._refuse(
                        "first-dose",
                        sheet,
                        row,
                        at[name],
                        f"{name} cannot be worked out: the date of the first dose is unknown; correct the patient's id here, "
                        f"or fill in the date in {self._origin_of_first_doses()}",
                    )
                elif name in {"last_contact_week", "discontinued_week"}:
                    values[name] = weeks_since(date, first)
                elif name != "week":
                    values[name] = str(study_day(date, first))
                else:
                    try:
                        values[name] = str(planned_week(date, first, self.plan))
                    except ValueError as problem:
                        self._refuse("week", sheet, row, at[name], f"the date, {problem}")
                        continue
                    key = (self._patient, values[name], values.get("analyte"))
                    if key in earlier:
                        self._refuse(
                            "two-visits",
                            sheet,
                            row,
                            at[name],
                            f"the date is in the window of week {values[name]}, and so is that in "
                            f"{sheet.place(earlier[key], at[name])}; keep one of the two, or correct a date",
                        )
                    earlier.setdefault(key, row)


def _named(rule: ColumnRule, name: str) -> ColumnRule:
    """The rule with another name of its column, for messages."""
    return replace(rule, column=replace(rule.column, name=name))


def _columns(rule: TableRule, sheet: Sheet) -> dict[str, int]:
    """The sheet's column behind each column of the cut that comes from one."""
    return {name: sheet.columns_named(each.source)[0] for name, each in rule.columns.items() if each.source is not None}


def _written(value: str | int | float | bool) -> str:
    """The text of a cell; a number as Excel itself keeps it, with 15 significant digits and no exponent."""
    if isinstance(value, str):
        return trimmed(value)
    if isinstance(value, bool):
        return str(value).upper()
    return _plain(Decimal(format(value, ".15g")))


def _plain(number: Decimal) -> str:
    """Digits without an exponent and without zeros at the end.

    >>> _plain(Decimal("70.50")), _plain(Decimal("1E+3"))
    ('70.5', '1000')
    """
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
