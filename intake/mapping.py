"""The mapping file: how the columns, codes, units and sheets of a source correspond to the tables of a data cut.

Every scalar of the file is read as text, so that a code written 01 stays 01 and `no` stays no. Whatever is not known is refused
with file and line. `data/mappings/README.md` explains each key.
"""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml

from expectations import strict_yaml
from expectations.characters import odd_paragraph
from expectations.privacy import identifying, looks_identifying
from expectations.reading import NUMBER, WHOLE
from intake.dates import DatePattern
from intake.encodings import ENCODINGS, encoding_called
from intake.text import SEPARATORS, trimmed
from protocol.columns import TABLES, Column

FORMS = ("excel", "csv", "redcap")
DATED = frozenset({"week", "study_day", "start_day", "end_day", "last_contact_week", "discontinued_week"})
"""Columns of a cut that may be worked out from a date."""
PARTIAL = frozenset({"start_day", "end_day"})
"""Columns of a cut for which a date without its day may stand, if the mapping says by which rule a day is put in its place."""
CUT_KEYS = ("label", "extracted", "kind", "description", "previous")


class MappingError(Exception):
    """The mapping file cannot be used; the message names file, line and what to do."""


@dataclass(frozen=True)
class ColumnRule:
    """Where one column of the cut comes from: `source` is a heading, or `constant` a fixed text (then `source` is None).

    `codes` replace whole cells, `missing` are texts that mean an empty cell, `factor` converts a unit, `dated` says that the
    cells are dates, `template` (P000, *-P000) makes ids of plain numbers, `part` takes "sign" or "number" of a cell such as <2,
    `partial` says which day stands for a date whose day is unknown ("first" or "middle"; None refuses it).
    """

    column: Column
    line: int
    source: str | None = None
    constant: str | None = None
    codes: dict[str, str] | None = None
    missing: frozenset[str] = frozenset()
    factor: Decimal | None = None
    dated: bool = False
    template: str | None = None
    part: str | None = None
    partial: str | None = None


@dataclass(frozen=True)
class TableRule:
    """Where one table comes from. `place` is a sheet or a file; `events` and `repeat_instrument` choose rows of a REDCap export:
    those of the instrument, and at the events those of none (neither: all rows that are of no repeating instrument); `header` are
    the first and the last row of the headings; the table ends above the first row that begins with a text of `stop_at`."""

    table: str
    line: int
    columns: dict[str, ColumnRule]
    place: str = ""
    header: tuple[int, int] = (1, 1)
    ignore: frozenset[str] = frozenset()
    events: tuple[str, ...] = ()
    repeat_instrument: str | None = None
    stop_at: tuple[str, ...] = ()

    @property
    def sources(self) -> set[str]:
        """The headings that the table's columns are read from."""
        return {rule.source for rule in self.columns.values() if rule.source is not None}


@dataclass(frozen=True)
class Mapping:
    """A mapping file, checked."""

    path: Path
    form: str
    tables: dict[str, TableRule]
    decimal: str = "."
    dates: DatePattern | None = None
    missing: frozenset[str] = frozenset()
    first_dose: str | None = None
    encoding: str = "utf-8"
    separator: str = ","
    ignore: frozenset[str] = frozenset()
    data: str = ""
    dictionary: str = ""
    cut: dict[str, str] = field(default_factory=dict)

    def ignored(self, rule: TableRule) -> frozenset[str]:
        """The headings that a table of a workbook or a folder may leave alone: declared ones, and all of tables in the same place."""
        sharing = [other for other in self.tables.values() if other is not rule and other.place == rule.place]
        first_dose = (
            {self.first_dose} if self.first_dose and any(other.table == "patients" for other in sharing) else set()
        )
        return rule.ignore.union(first_dose, *(other.sources | other.ignore for other in sharing))


# Keys of the file by form: the first set must be there.
_COMMON = {"decimal", "dates", "missing", "first_dose", "cut"}
_TOP = {
    "excel": ({"form", "tables"}, _COMMON | {"ignore_sheets"}),
    "csv": ({"form", "tables"}, _COMMON | {"encoding", "separator", "ignore_files"}),
    "redcap": ({"form", "tables", "data", "dictionary"}, _COMMON | {"encoding", "separator", "ignore"}),
}
_TABLE = {
    "excel": ({"sheet", "columns"}, {"header", "ignore", "stop_at"}),
    "csv": ({"file", "columns"}, {"ignore", "stop_at"}),
    "redcap": ({"columns"}, {"events", "repeat_instrument"}),
}
_COLUMN = {"from", "value", "codes", "missing", "factor", "date", "template", "part", "partial"}


def read_mapping(path: Path) -> Mapping:
    """The mapping in the file `path`; raises :class:`MappingError`."""
    try:
        root, text = strict_yaml.compose(path, yaml.BaseLoader, anchors=True)  # as text, for a code 01 is not 1
    except strict_yaml.Unreadable as problem:
        raise MappingError(f"{path}{problem}") from None
    mapping = _Reader(path).mapping(root)
    # Codes, headings, constant texts and comments alike: a mapping is kept beside the code and handed on.
    held = [(line, what) for line, written in enumerate(text.splitlines(), 1) if (what := identifying(written))]
    if held:
        places = "; ".join(f"line {line} holds what reads like {what}" for line, what in held)
        raise MappingError(f"{path}: {places}; take it out, of comments, too")
    return mapping


@dataclass(frozen=True)
class _Reader:
    """Walks the nodes of the YAML file, which know their lines."""

    path: Path

    def fail(self, node: yaml.Node | None, what: str) -> MappingError:
        place = "" if node is None else f" line {node.start_mark.line + 1}"
        return MappingError(f"{self.path}{place}: {what}")

    def pairs(self, node: yaml.Node | None, what: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, f"{what} must be keys with values")
        found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            name = trimmed(self.text(key, f"a key of {what}"))
            if name in found:
                raise self.fail(key, f"{name} is there twice in {what}; keep one")
            found[name] = (key, value)
        return found

    def keys(self, node, what: str, needed: set[str], other: set[str]) -> dict[str, yaml.Node]:
        """The values of a mapping whose keys are known."""
        found = self.pairs(node, what)
        for name, (key, _) in found.items():
            if name not in needed | other:
                raise self.fail(key, f"unknown key {name} in {what}; the keys are {', '.join(sorted(needed | other))}")
        for name in sorted(needed - found.keys()):
            raise self.fail(node, f"{what} lacks the key {name}")
        return {name: value for name, (_, value) in found.items()}

    def text(self, node: yaml.Node, what: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.fail(node, f"{what} must be one text")
        return node.value

    def filled(self, node: yaml.Node, what: str) -> str:
        value = trimmed(self.text(node, what))
        if not value:
            raise self.fail(node, f"{what} is empty")
        return value

    def texts(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.fail(node, f"{what} must be a list, as in [a, b]")
        return tuple(self.filled(each, f"an entry of {what}") for each in node.value)

    def one_of(self, node: yaml.Node, what: str, choices) -> str:
        value = self.text(node, what)
        if value not in choices:
            raise self.fail(node, f"{what} is {value}; it must be one of {', '.join(choices)}")
        return value

    def mapping(self, root: yaml.Node | None) -> Mapping:
        pairs = self.pairs(root, "the mapping")
        if "form" not in pairs:
            raise self.fail(root, f"the mapping lacks the key form; it is one of {', '.join(FORMS)}")
        form = self.one_of(pairs["form"][1], "form", FORMS)
        top = self.keys(root, f"a mapping of the form {form}", *_TOP[form])
        given: dict = {"path": self.path, "form": form}
        read: dict[str, Callable] = {
            "decimal": lambda node: {"point": ".", "comma": ","}[self.one_of(node, "decimal", ("point", "comma"))],
            "dates": self._dates,
            "missing": lambda node: frozenset(self.texts(node, "missing")),
            "first_dose": lambda node: self.filled(node, "first_dose"),
            "encoding": self._encoding,
            "separator": lambda node: SEPARATORS[self.one_of(node, "separator", tuple(SEPARATORS))],
            "data": lambda node: self._file(node, "data"),
            "dictionary": lambda node: self._file(node, "dictionary"),
            "cut": self._cut,
        }
        given |= {key: read[key](node) for key, node in top.items() if key in read}
        for key in ("ignore", "ignore_sheets", "ignore_files"):
            if key in top:
                given["ignore"] = frozenset(self.texts(top[key], key))
        tables = self.keys(top["tables"], "tables", set(TABLES), set())
        missing = given.get("missing", frozenset())
        given["tables"] = {table: self._table(tables[table], table, form, missing) for table in TABLES}
        if form == "redcap":
            given.setdefault(
                "dates", DatePattern("yyyy-mm-dd")
            )  # raw data have no other, whatever the field's validation
        mapping = Mapping(**given)
        dated = any(rule.dated for table in mapping.tables.values() for rule in table.columns.values())
        if dated and mapping.first_dose is None and not mapping.tables["doses"].columns["study_day"].dated:
            raise self.fail(
                root, "there are dates but no date of the first dose: name the patients' column in first_dose"
            )
        if mapping.first_dose is not None and not dated:
            raise self.fail(top["first_dose"], "first_dose is of use with dates only, and no column has date: true")
        return mapping

    def _dates(self, node: yaml.Node) -> DatePattern:
        several = isinstance(node, yaml.SequenceNode)
        try:
            return DatePattern(*(self.texts(node, "dates") if several else [self.text(node, "dates")]))
        except ValueError as problem:
            raise self.fail(node, str(problem)) from None

    def _encoding(self, node: yaml.Node) -> str:
        written = self.filled(node, "encoding")
        return encoding_called(written) or self.one_of(node, "encoding", ENCODINGS)

    def _file(self, node: yaml.Node, what: str) -> str:
        name = self.filled(node, what)
        if re.search(r"[/\\:]|^\.\.?$", name):
            raise self.fail(
                node, f"{what} is {name}; it must be the name of a file in the folder that comes in, * allowed"
            )
        return name

    def _cut(self, node: yaml.Node) -> dict[str, str]:
        found = self.keys(node, "cut", set(), set(CUT_KEYS))
        texts = {key: self.filled(value, f"{key} of cut") for key, value in found.items()}
        for key in texts.keys() & {"label", "description"}:
            if what := identifying(texts[key]):
                raise self.fail(found[key], f"{key} of cut holds what reads like {what}; take it out")
            if odd := odd_paragraph(texts[key]):
                raise self.fail(found[key], f"{key} of cut {odd.message}")
            if texts.get("kind") == "clinical" and looks_identifying(texts[key]):
                raise self.fail(
                    found[key], f"{key} of cut looks like a person's name, or names a school, a ward or a day; word it otherwise"
                )
        if "extracted" in texts:
            try:
                datetime.date.fromisoformat(texts["extracted"])
            except ValueError:
                raise self.fail(
                    found["extracted"], f"extracted is {texts['extracted']}; it must be a date such as 2022-12-12"
                ) from None
        if "kind" in texts:
            self.one_of(found["kind"], "kind of cut", ("reconstructed", "clinical"))
        return texts

    def _table(self, node: yaml.Node, table: str, form: str, missing: frozenset[str]) -> TableRule:
        found = self.keys(node, f"table {table}", *_TABLE[form])
        given: dict = {"table": table, "line": node.start_mark.line + 1}
        if form == "redcap":
            if "events" in found:
                given["events"] = self.texts(found["events"], "events")
            if "repeat_instrument" in found:
                given["repeat_instrument"] = self.filled(found["repeat_instrument"], "repeat_instrument")
        elif form == "excel":
            given["place"] = self.filled(found["sheet"], "sheet")
        else:
            given["place"] = self._file(found["file"], "file")
        if "header" in found:
            given["header"] = self._header(found["header"])
        if "ignore" in found:
            given["ignore"] = frozenset(map(one_line, self.texts(found["ignore"], "ignore")))
        if "stop_at" in found:
            several = isinstance(found["stop_at"], yaml.SequenceNode)
            given["stop_at"] = (self.texts if several else lambda *of: (self.filled(*of),))(found["stop_at"], "stop_at")
        columns = {column.name: column for column in TABLES[table]}
        optional = {name for name, column in columns.items() if column.optional}
        nodes = self.keys(found["columns"], f"columns of {table}", columns.keys() - optional, optional)
        line = found["columns"].start_mark.line + 1
        rules = {
            name: self._column(nodes[name], column, table, missing) if name in nodes else ColumnRule(column, line, constant="")
            for name, column in columns.items()
        }
        rule = TableRule(columns=rules, **given)
        both = sorted(rule.sources & rule.ignore)
        if both:
            raise self.fail(found["ignore"], f"{both[0]} is both read and ignored in table {table}")
        return rule

    def _header(self, node: yaml.Node) -> tuple[int, int]:
        match = re.fullmatch(r"([1-9][0-9]{0,3})(?:-([1-9][0-9]{0,3}))?", self.text(node, "header").replace(" ", ""))
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first:
            raise self.fail(node, "header must be the row of the headings, as in 1, or its rows, as in 2-3")
        return first, last

    def _column(self, node: yaml.Node, column: Column, table: str, missing: frozenset[str]) -> ColumnRule:
        what, line = f"column {column.name} of {table}", node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            return ColumnRule(column, line, source=one_line(self.filled(node, what)), missing=missing)
        found = self.keys(node, what, set(), _COLUMN)
        if ("from" in found) == ("value" in found):
            raise self.fail(node, f"{what} needs either from (a heading) or value (the same for all rows)")
        if "value" in found:
            if len(found) > 1:
                raise self.fail(node, f"{what} has a fixed value, so it takes no other key")
            constant = trimmed(self.text(found["value"], "value"))
            self._target(found["value"], constant, column, what)
            return ColumnRule(column, line, constant=constant)
        number = column.numeric
        given: dict = {"source": one_line(self.filled(found["from"], "from"))}
        given["missing"] = missing | frozenset(self.texts(found["missing"], "missing") if "missing" in found else ())
        exclusive = sorted(found.keys() & {"codes", "factor", "date", "template"})
        if len(exclusive) > 1:
            raise self.fail(node, f"{what} cannot have both {' and '.join(exclusive)}")
        if "codes" in found:
            given["codes"] = self._codes(found["codes"], column, what)
        if "factor" in found:
            given["factor"] = self._factor(found["factor"], what, number)
        if "date" in found:
            self.one_of(found["date"], "date", ("true",))
            if column.name not in DATED:
                raise self.fail(found["date"], f"{what} is never worked out from a date; a cut holds no dates")
            given["dated"] = True
        if "partial" in found:
            rule = self.one_of(found["partial"], "partial", ("refuse", "first", "middle"))
            if column.name not in PARTIAL or "date" not in found:
                raise self.fail(
                    found["partial"], "partial is for start_day and end_day of adverse_events, with date: true"
                )
            given["partial"] = None if rule == "refuse" else rule
        if "template" in found:
            given["template"] = self.filled(found["template"], "template")
            if column.kind != "id" or not re.fullmatch(r"(?:\*-)?P0{3,9}", given["template"]):
                raise self.fail(
                    found["template"],
                    'template is for patient_id; it is P and a 0 for each digit, as in P000, or "*-P000" where a group stands before',
                )
        if "part" in found:
            given["part"] = self.one_of(found["part"], "part", ("sign", "number"))
            if given["part"] != {"qualifier": "sign", "value": "number"}.get(column.name):
                raise self.fail(found["part"], "part is sign for the qualifier and number for the value of labs")
        return ColumnRule(column, line, **given)

    def _codes(self, node: yaml.Node, column: Column, what: str) -> dict[str, str]:
        codes = {}
        for code, (key, value) in self.pairs(node, f"codes of {what}").items():
            if not code:
                raise self.fail(
                    key, f"codes of {what}: an empty cell cannot be a code; it means that nothing was recorded"
                )
            codes[code] = trimmed(self.text(value, "a code"))
            self._target(value, codes[code], column, what)
        return codes

    def _target(self, node: yaml.Node, value: str, column: Column, what: str) -> None:
        """What the mapping itself writes into a cut must fit the column."""
        if not value:
            if not column.may_be_empty:
                raise self.fail(node, f"{what} may not be empty")
        elif column.kind == "choice" and value not in column.choices:
            raise self.fail(node, f"{what} cannot be {value}; it is one of {', '.join(column.choices)}")
        elif column.numeric and not (NUMBER if column.kind == "number" else WHOLE).fullmatch(value):
            whole = "" if column.kind == "number" else "whole "
            raise self.fail(node, f"{what} cannot be {value}; it is a {whole}number, with a point as decimal mark")

    def _factor(self, node: yaml.Node, what: str, number: bool) -> Decimal:
        try:
            factor = Decimal(self.text(node, "factor"))
        except InvalidOperation:
            factor = Decimal(0)
        if not number or not factor.is_finite() or factor <= 0:
            raise self.fail(node, f"factor of {what} must be a number above 0 for a column of numbers, as in 0.1")
        return factor


def one_line(heading: str) -> str:
    """A heading with every run of blanks and line breaks as one blank."""
    return " ".join(trimmed(heading).split())
