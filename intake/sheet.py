"""What every source is turned into before it is mapped: a sheet of cells that know where they stand."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from expectations.finding import Finding, Phrase, counted, in_words, shown
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


@dataclass(frozen=True)
class Place:
    """Where something stands in a source: a file, or a sheet of it; its rows; one cell, with its heading if known."""

    file: str
    sheet: str | None = None
    rows: tuple[int, ...] = ()
    column: int | None = None
    heading: str = ""

    @property
    def title(self) -> str:
        return self.file if self.sheet is None else f"{self.file}, sheet {self.sheet}"

    @property
    def counts(self) -> str:
        """What the numbers of the rows count."""
        return "line" if self.sheet is None else "row"

    def __str__(self) -> str:
        """As the user sees it.

        >>> str(Place("visits.csv", rows=(7,), column=4, heading="easi")), str(Place("a.xlsx", "Visits", (7,), 4))
        ('visits.csv line 7, column D (easi)', 'a.xlsx, sheet Visits, cell D7')
        >>> str(Place("a.xlsx", "Visits", (7, 9)))
        'a.xlsx, sheet Visits, rows 7, 9'
        """
        if not self.rows:
            return self.title
        heading = f" ({self.heading})" if self.heading else ""
        if self.column is not None and self.sheet is not None:
            return f"{self.title}, cell {letters(self.column)}{self.rows[0]}{heading}"
        rows = f"{self.title}{'' if self.sheet is None else ','} {counted(self.counts, self.rows)}"
        return rows if self.column is None else f"{rows}, column {letters(self.column)}{heading}"


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
        return str(Place(self.file, self.name))

    def place(self, rows: int | tuple[int, ...], column: int | None = None) -> Place:
        """One row or several, or a cell; a cell of a workbook's headings needs no heading beside it."""
        rows = (rows,) if isinstance(rows, int) else rows
        headed = column is not None and (self.name is None or rows[0] > self.header_row)
        return Place(self.file, self.name, rows, column, self.headings.get(column, "") if headed else "")

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
        message: str | Phrase,
        row: int | None = None,
        column: int | None = None,
        value: str | None = None,
        patient_id: str | None = None,
        level: str = "critical",
    ) -> None:
        """Records a finding; `message` says what is wrong. What identifies a person in it is withheld.

        In a phrase the word `value` is the cell: findings that differ in nothing else have one cause.
        """
        whose = None if not patient_id else shown(redacted_id(patient_id))
        if value is not None and redacted(value) != value:
            value = None
        if isinstance(sheet, str):
            place = Place(sheet, rows=() if row is None else (row,))
        else:
            place = Place(sheet.file, sheet.name) if row is None else sheet.place(row, column)
        self.findings.append(
            Finding(
                file=place.title,
                line=row,
                column=None if column is None else letters(column),
                value=None if value is None else shown(value),
                patient_id=whose,
                week=None,
                level=level,
                rule=f"intake-{rule}",
                what=_redacted(in_words(message) if isinstance(message, str) else message),
                place=place,
            )
        )

    @property
    def critical(self) -> bool:
        return any(finding.level == "critical" for finding in self.findings)


def _redacted(what: Phrase) -> Phrase:
    said = str(what)
    if redacted(said) == said:
        return what
    word_by_word = Phrase(what.template, {name: redacted(str(word)) for name, word in what.words.items()})
    safe = str(word_by_word)
    return word_by_word if redacted(safe) == safe else in_words(redacted(said))


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
