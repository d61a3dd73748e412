"""What every source is turned into before it is mapped: a sheet of cells that know where they stand."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from expectations.finding import Finding, shown
from expectations.privacy import redacted, redacted_id
from intake.mapping import one_line
from intake.text import trimmed

Value = str | int | float | bool | datetime.date | datetime.time | datetime.timedelta | None


@dataclass(frozen=True)
class Cell:
    """A cell. `fault` says why its value cannot be taken; `percent` that it is shown as a percentage, `scaled` that it is shown in
    thousands or millions; `shows` how much of a date is visible: day, month, year, or other."""

    value: Value
    percent: bool = False
    scaled: bool = False
    shows: str = "day"
    fault: str | None = None

    @property
    def blank(self) -> bool:
        return self.fault is None and (self.value is None or (isinstance(self.value, str) and not trimmed(self.value)))


EMPTY = Cell(None)


@dataclass
class Sheet:
    """Rows below headings. `name` is None for a text file; `rows` maps a row's number (in a text file its line) to its cells by
    column, columns count from 1; `headings` maps a column to its name; `header_row` is the last row of the
    headings; `decimals` are the decimal marks of columns for which the source itself declares one."""

    file: str
    name: str | None
    header_row: int
    headings: dict[int, str] = field(default_factory=dict)
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    epoch: datetime.datetime | None = None
    decimals: dict[int, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.file if self.name is None else f"{self.file}, sheet {self.name}"

    def row_place(self, row: int) -> str:
        return f"{self.file} line {row}" if self.name is None else f"{self.title}, row {row}"

    def place(self, row: int, column: int | None) -> str:
        """As the user sees it: cell D17 of a workbook; line and column of a text file."""
        if column is None:
            return self.row_place(row)
        heading = self.headings.get(column, "")
        if self.name is None:
            return f"{self.row_place(row)}, column {letters(column)}" + (f" ({heading})" if heading else "")
        return f"{self.title}, cell {letters(column)}{row}" + (
            f" ({heading})" if heading and row > self.header_row else ""
        )

    def columns_named(self, heading: str) -> list[int]:
        return [column for column, name in self.headings.items() if name == heading]


@dataclass
class Problems:
    """Collects findings about sources."""

    findings: list[Finding] = field(default_factory=list)

    def add(
        self,
        rule: str,
        sheet: "Sheet | str",
        message: str,
        row: int | None = None,
        column: int | None = None,
        value: str | None = None,
        patient_id: str | None = None,
        level: str = "critical",
    ) -> None:
        """Records a finding; `message` gets the place in front. What identifies a person in it is withheld."""
        whose = None if not patient_id else shown(redacted_id(patient_id))
        if value is not None and redacted(value) != value:
            value = None
        if isinstance(sheet, str):
            file, place = sheet, sheet if row is None else f"{sheet} line {row}"
        else:
            file, place = sheet.title, sheet.title if row is None else sheet.place(row, column)
        self.findings.append(
            Finding(
                file=file,
                line=row,
                column=None if column is None else letters(column),
                value=None if value is None else shown(value),
                patient_id=whose,
                week=None,
                level=level,
                rule=f"intake-{rule}",
                message=f"{place}: {redacted(message)}" + (f" (patient {whose})" if whose else ""),
            )
        )

    @property
    def critical(self) -> bool:
        return any(finding.level == "critical" for finding in self.findings)


def letters(column: int) -> str:
    """A column as spreadsheets name it.

    >>> letters(1), letters(27)
    ('A', 'AA')
    """
    name = ""
    while column:
        column, place = divmod(column - 1, 26)
        name = chr(ord("A") + place) + name
    return name


def set_headings(
    sheet: Sheet, parts: dict[int, list[str]], wanted: set[str], ignored: Iterable[str], problems: Problems
) -> None:
    """Names the columns of `sheet` and reports what is wrong with them.

    `parts` are the texts of the heading rows by column, from top to bottom; a heading of two rows reads "SCORAD / itch". A heading
    that is wanted must be there once; a column that is neither wanted nor ignored is refused, so that nothing is lost unseen.
    """
    ignored = set(ignored)
    used = {column for cells in sheet.rows.values() for column, cell in cells.items() if not cell.blank}
    for column, texts in parts.items():
        named = " / ".join(dict.fromkeys(one_line(text) for text in texts if trimmed(text)))
        # A heading merged over more columns than it needs names those that hold something.
        twin = named and any(named == other for at, other in sheet.headings.items() if at != column)
        if named and not (twin and column not in used):
            sheet.headings[column] = named
    for column in sorted(used - sheet.headings.keys()):
        problems.add(
            "heading",
            sheet,
            "the column holds values but has no heading; give it one, or clear it",
            sheet.header_row,
            column,
        )
    for name in sorted(wanted):
        found = sheet.columns_named(name)
        if not found:
            near = ", ".join(sheet.headings.values()) or "none"
            problems.add(
                "heading",
                sheet,
                f'no column has the heading "{shown(name)}"; the headings are {near}',
                sheet.header_row,
            )
        elif len(found) > 1:
            where = " and ".join(f"{letters(at)}{sheet.header_row}" for at in found)
            problems.add(
                "heading",
                sheet,
                f'the heading "{shown(name)}" is there {len(found)} times ({where}); keep one, or name them apart',
                sheet.header_row,
                found[1],
                name,
            )
    for column, name in sheet.headings.items():
        if name not in wanted and name not in ignored:
            problems.add(
                "heading",
                sheet,
                f'the mapping does not know the column "{shown(name)}"; map it, or list it under ignore',
                sheet.header_row,
                column,
                name,
            )
