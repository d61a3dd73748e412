"""Single corruptions of the shipped data cut: each makes one thing wrong and says where the gate must find it.

Every case starts from a fresh copy of the cut. What is systematic (a text in every number, every header renamed, ...) is made
from the schema; what needs thought is written out.
"""

import csv
import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from protocol.columns import ROWS_OPTIONAL, TABLES, Column

LINE = {"patients": 3, "visits": 3, "labs": 3, "doses": 3, "adverse_events": 5}
"""The line of each table that the systematic cases change."""


@dataclass(frozen=True)
class Corruption:
    """`change` corrupts a copy of the cut; the finding names `file` and, where one is to blame, `line` and `column`.

    Status 1 is invalid data and 2 a defect of cut.yml; 0 is what the design calls a warning, which has to be there.
    """

    name: str
    change: Callable[[Path], None]
    file: str
    line: int | None = None
    column: str | None = None
    status: int = 1


CASES: list[Corruption] = []


def _case(name, change, file, line=None, column=None, status=1) -> None:
    CASES.append(Corruption(name, change, file, line, column, status))


# --- ways to change a file -----------------------------------------------------------------------------------


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def _edit(table: str, edit: Callable[[list[list[str]]], None]) -> Callable[[Path], None]:
    def change(cut: Path) -> None:
        rows = _rows(cut / f"{table}.csv")
        edit(rows)
        _write(cut / f"{table}.csv", rows)

    return change


def _put(table: str, line: int, column: str, value: str) -> Callable[[Path], None]:
    place = [each.name for each in COLUMNS[table]].index(column)
    return _edit(table, lambda rows: rows[line - 1].__setitem__(place, value))


def _bytes(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda cut: (cut / name).write_bytes(change((cut / name).read_bytes()))


def _instead(name: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
    def change(cut: Path) -> None:
        (cut / name).unlink()
        make(cut / name)

    return change


def _link(path: Path) -> None:
    shutil.copyfile(Path(__file__).parents[2] / "data" / "cuts" / "week-26" / path.name, path.with_suffix(".real"))
    path.symlink_to(path.with_suffix(".real").name)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(path.parent)  # the address of a socket is short
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


def _huge(path: Path) -> None:
    """A field of 200 MB in an otherwise ordinary row."""
    with path.open("wb") as stream:
        stream.write(b'P001,0,total_ige,"')
        for _ in range(200):
            stream.write(b"x" * 1024 * 1024)
        stream.write(b'",252,kU/L\n')


ODD_FILES = {
    "is absent": lambda path: None,
    "is a folder": Path.mkdir,
    "is a link to a table": _link,
    "is a link to nowhere": lambda path: path.symlink_to("nowhere.csv"),
    "is a link to an endless device": lambda path: path.symlink_to("/dev/zero"),
    "is a pipe": os.mkfifo,
    "is a socket": _socket,
}


# --- every file ----------------------------------------------------------------------------------------------

COLUMNS = {table: [column for column in columns if column.name != "site"] for table, columns in TABLES.items()}
"""What the cut has, which is of one site."""

for table in TABLES:
    file, size, line = f"{table}.csv", len(COLUMNS[table]), LINE[table]
    names = [column.name for column in COLUMNS[table]]
    for what, make in ODD_FILES.items():
        _case(f"{file} {what}", _instead(file, make), file)
    _case(f"{file} is empty", _bytes(file, lambda _: b""), file)
    _case(f"{file} is blank lines alone", _bytes(file, lambda _: b"\n" * 9), file)
    _case(f"{file} is UTF-16", _bytes(file, lambda old: old.decode().encode("utf-16")), file, 1)
    _case(f"{file} has a byte of Latin-1 in its header", _bytes(file, lambda old: b"\xe9" + old), file, 1)
    _case(f"{file} has a byte of Windows-1251 at its end", _bytes(file, lambda old: old[:-2] + b"\xcf\n"), file,
          len((Path(__file__).parents[2] / "data" / "cuts" / "week-26" / file).read_bytes().splitlines()))  # fmt: skip
    _case(f"{file} is random bytes", _bytes(file, lambda _: bytes(range(255, 0, -1)) * 40), file, 1)
    _case(f"{file} has NUL bytes", _bytes(file, lambda old: old[:20] + b"\0\0" + old[20:]), file, 1)
    _case(f"{file} is a ZIP archive", _bytes(file, lambda _: b"PK\x03\x04\x14\0\x06\0" + b"\0" * 99), file, 1)
    _case(f"{file} breaks off within a line", _bytes(file, lambda old: old[: old.rindex(b",", 0, -12)]), file,
          len((Path(__file__).parents[2] / "data" / "cuts" / "week-26" / file).read_bytes().splitlines()))  # fmt: skip
    _case(f"{file} has an open quotation mark", _bytes(file, lambda old: old.replace(b"\nP0", b'\n"P0', 1)), file, 2)
    _case(
        f"{file} has text after a quotation mark", _bytes(file, lambda old: old.replace(b"\nP0", b'\n"P"0', 1)), file, 2
    )
    _case(f"{file} has semicolons", _bytes(file, lambda old: old.replace(b",", b";")), file, 1)
    _case(f"{file} has tabs", _bytes(file, lambda old: old.replace(b",", b"\t")), file, 1)
    _case(f"{file} has no header", _bytes(file, lambda old: old.split(b"\n", 1)[1]), file, 1)
    _case(f"{file} has a title above its header", _bytes(file, lambda old: b"Table 1\n" + old), file, 1)
    _case(
        f"{file} has its header twice",
        _bytes(file, lambda old: old.split(b"\n", 1)[0] + b"\n" + old),
        file,
        2,
        "patient_id",
    )
    if table not in ROWS_OPTIONAL:
        _case(f"{file} is its header alone", _bytes(file, lambda old: old.split(b"\n", 1)[0] + b"\n"), file)
    _case(f"{file} has a cell too many", _edit(table, lambda rows: rows[2].append("1")), file, 3)
    _case(f"{file} has a cell too few", _edit(table, lambda rows: rows[2].pop()), file, 3)
    _case(f"{file} has a blank line", _edit(table, lambda rows: rows.insert(2, [])), file, 3)
    _case(
        f"{file} has a row of empty cells", _edit(table, lambda rows, size=size: rows.insert(2, [""] * size)), file, 3
    )
    _case(
        f"{file} has a column out of order",
        _edit(table, lambda rows: [row.insert(0, row.pop()) for row in rows]),
        file,
        1,
    )
    _case(f"{file} has a column more", _edit(table, lambda rows: [row.append("x") for row in rows]), file, 1, "x")
    _case(f"{file} has a column that names the child", _edit(table, lambda rows: [
        row.insert(1, "N. N." if position else "full_name") for position, row in enumerate(rows)]), file, 1, "full_name")  # fmt: skip
    _case(f"{file} has more rows than a cohort", _bytes(file, lambda old: old + (
        old.split(b"\n")[1] + b"\n") * 200_001), file, status=0 if table in ROWS_OPTIONAL else 1)  # fmt: skip
    _case(f"{file} has a million blank lines", _bytes(file, lambda old: old.replace(b"\n", b"\n" * 1_000_000, 1)), file)
    for place, name in enumerate(names):  # each column in one of the three ways
        what, edit = (
            ("is renamed", lambda rows, at=place: rows[0].__setitem__(at, "renamed")),
            ("is missing", lambda rows, at=place: [row.pop(at) for row in rows]),
            ("is there twice", lambda rows, at=place: [row.append(row[at]) for row in rows]),
        )[place % 3]
        _case(f"{file} column {name} {what}", _edit(table, edit), file, 1, name)

_case("labs.csv has a field of 200 MB", lambda cut: _huge(cut / "labs.csv"), "labs.csv")
_case("visits.csv has a field of 200 kB", _put("visits", 3, "iga", "4" * 200_000), "visits.csv", 3)
_case("the tables visits and labs are swapped", lambda cut: [
    (cut / "visits.csv").rename(cut / "aside"), (cut / "labs.csv").rename(cut / "visits.csv"),
    (cut / "aside").rename(cut / "labs.csv")], "visits.csv", 1)  # fmt: skip


# --- every cell ----------------------------------------------------------------------------------------------


def _wrong_cells(column: Column) -> dict[str, str]:
    """Ways in which any cell of this column is wrong, with the text in it."""
    wrong = {"a line break": "a\nb", "a blank at its end": "1 ", "a tab": "a\tb"}
    if not column.may_be_empty:
        wrong["nothing"] = ""
    if column.numeric:
        wrong |= {
            "a word": "severe", "NA": "NA", "a decimal comma": "1,5", "thousands separated": "1 500", "NaN": "NaN", "inf": "inf",
            "1e999": "1e999", "hexadecimal": "0x10", "a unit": "5 kg", "a plus sign": "+5", "Arabic digits": "٥",
            "a negative number": "-3", "a typographic minus": "\u22125", "a formula": "=1+1", "a date": "03.05.2021", "true": "TRUE",
        }  # fmt: skip
    if column.kind in {"whole", "flag"}:
        wrong["a fraction"] = "1.5"
    if column.kind == "choice":
        wrong |= {
            "another word": "other",
            "another case": (column.choices[0].swapcase() or "x").replace("<", "≤"),
            "0": "0",
        }
    if column.kind == "id":
        wrong |= {
            "a small letter": "p002",
            "too few digits": "P02",
            "somebody unknown": "P999",
            "a letter more": "P002a",
        }
    if column.kind == "text":
        wrong |= {"NA": "NA", "n/a": "n/a", "a birth date": "born 03.05.2011", "a telephone number": "tel. +7 921 123-45-67",
                  "an address": "anna@mail.ru", "a record number": "и/б 44711"}  # fmt: skip
    return wrong


_NEGATIVE_ALLOWED = {("adverse_events", "start_day"), ("adverse_events", "end_day")}  # before the first dose

_WRONG_CELLS_OF_A_COLUMN = 3
"""So many of the ways for each column, in turns: each is tried in some columns, and each column in some ways."""

_turn = 0
for table, table_columns in COLUMNS.items():
    for column in table_columns:
        ways = list(_wrong_cells(column).items())
        taken = [ways[(_turn + step) % len(ways)] for step in range(min(len(ways), _WRONG_CELLS_OF_A_COLUMN))]
        _turn += len(taken)
        for what, text in taken:
            if what == "a negative number" and (table, column.name) in _NEGATIVE_ALLOWED:
                continue
            line = LINE[table]
            if table == "patients" and what == "somebody unknown":
                continue  # a patient with no visits is told at another place; see below
            _case(
                f"{table}.csv {column.name} holds {what}",
                _put(table, line, column.name, text),
                f"{table}.csv",
                line,
                column.name,
            )


# --- texts that only look right -------------------------------------------------------------------------------

_LOOKS_RIGHT = {
    "a Cyrillic letter in a Latin word": "Conjun\u0441tivitis", "a Greek letter in a Latin word": "Rhin\u03bftis",
    "a zero-width blank": "Ra\u200bsh", "a soft hyphen": "Head\u00adache", "a change of direction": "Ra\u202esh",
    "full-width letters": "\uff32ash", "a lost letter": "Sj\ufffdgren", "a mark that does not combine": "Rash\u0338",
    "UTF-8 read as Latin-1": "Sj\u00c3\u00b6gren", "an error of Excel": "#REF!",
    "an error of a Russian Excel": "#\u0418\u041c\u042f?", "a dash": "-", "a question mark": "?",
    "missing": "missing", "a number": "99", "two blanks in a row": "Oral  herpes", "a wide blank": "Oral\u3000herpes",
}  # fmt: skip
_TEXT_COLUMNS = [(table, column.name) for table in TABLES for column in COLUMNS[table] if column.kind == "text"]
for number, (what, text) in enumerate(_LOOKS_RIGHT.items()):
    table, column = _TEXT_COLUMNS[number % len(_TEXT_COLUMNS)]
    _case(f"{table}.csv {column} has {what}", _put(table, LINE[table], column, text), f"{table}.csv", LINE[table], column)
for table in TABLES:
    _case(f"{table}.csv has an id with a Cyrillic letter", _put(table, LINE[table], "patient_id", "\u0420002"),
          f"{table}.csv", LINE[table], "patient_id")  # fmt: skip
for column, text in [
    ("term", "Conjuctivitis"), ("term", "injection site reaction"), ("system_organ_class", "Infection and infestations"),
]:  # fmt: skip
    _case(f"adverse_events.csv {column} is nearly right: {text}", _put("adverse_events", 5, column, text), "adverse_events.csv",
          None, column, status=0)  # fmt: skip
_case("labs.csv has 20,000 columns", _edit("labs", lambda rows: rows[0].extend(f"c{n}" for n in range(20_000))), "labs.csv", 1)
_case("labs.csv has a million empty columns", _edit("labs", lambda rows: rows[2].extend([""] * 1_000_000)), "labs.csv", 3)
_case("labs.csv has 150,000 wrong rows", _bytes("labs.csv", lambda old: old + b"Q1,x,y,z,-,\n" * 150_000), "labs.csv")


# --- a step out of range, contradictions, repetitions --------------------------------------------------------

for table, line, column, value in [
    ("patients", 3, "age_years", "7.9"), ("patients", 3, "age_years", "18.1"), ("patients", 3, "weight_kg", "0"),
    ("patients", 3, "sex", "m"), ("patients", 3, "asthma", "2"), ("patients", 3, "ad_duration_years", "8.1"),
    ("visits", 3, "iga", "5"), ("visits", 3, "easi", "72.1"), ("visits", 3, "scorad_extent", "100.5"),
    ("visits", 3, "scorad_intensity", "19"), ("visits", 3, "scorad_pruritus", "10.1"), ("visits", 3, "scorad_sleep_loss", "10.1"),
    ("visits", 3, "scorad", "103.1"), ("visits", 3, "scorad", "30.0"), ("visits", 3, "tcs_use", "2"), ("visits", 3, "week", "0"),
    ("visits", 6, "week", "60"),
    ("labs", 3, "week", "0"), ("labs", 3, "unit", "IU/mL"), ("labs", 3, "unit", "kU/l"),
    ("labs", 3, "unit", "ng/mL"), ("labs", 3, "qualifier", "<="), ("labs", 3, "analyte", "Total_IgE"),
    ("doses", 3, "study_day", "0"), ("doses", 3, "study_day", "1"), ("doses", 3, "dose_mg", "0"),
    ("doses", 3, "given", "2"),
    ("adverse_events", 5, "start_day", "0"), ("adverse_events", 5, "start_day", "400"), ("adverse_events", 5, "end_day", "83"),
    ("adverse_events", 5, "end_day", "400"), ("adverse_events", 5, "serious", "2"), ("adverse_events", 5, "outcome", "died"),
    ("adverse_events", 5, "severity", "Mild"),

]:  # fmt: skip
    _case(
        f"{table}.csv line {line} {column} is {value or 'empty'}",
        _put(table, line, column, value),
        f"{table}.csv",
        line,
        column,
    )

for table, line, column, value in [
    ("patients", 3, "weight_kg", "90"), ("patients", 3, "discontinued_week", "16"),
    ("patients", 3, "discontinuation_reason", "moved"),
    ("visits", 3, "week", "5"), ("visits", 2, "scorad_extent", ""), ("visits", 3, "scorad", ""), ("visits", 2, "iga", "1"),
    ("labs", 3, "week", "90"), ("labs", 3, "value", "0"), ("doses", 2, "study_day", "2"), ("doses", 3, "dose_mg", "250"),
    ("doses", 3, "study_day", "20"), ("doses", 3, "given", "0"), ("doses", 15, "study_day", "400"),
    ("adverse_events", 5, "outcome", "fatal"), ("adverse_events", 5, "action", "discontinued"),
    ("adverse_events", 5, "start_day", "-3"),
]:  # fmt: skip
    _case(f"{table}.csv line {line} {column} is {value or 'empty'}, which is odd", _put(table, line, column, value),
          f"{table}.csv", line, column, status=0)  # fmt: skip

for table in ("patients", "visits", "labs", "doses"):
    _case(
        f"{table}.csv has a row twice",
        _edit(table, lambda rows: rows.insert(3, list(rows[2]))),
        f"{table}.csv",
        4,
        "patient_id",
    )
_case(
    "a patient has no row in patients.csv", _edit("patients", lambda rows: rows.pop(2)), "visits.csv", 7, "patient_id"
)
_case("a patient has no baseline", _edit("visits", lambda rows: rows.pop(1)), "visits.csv")
_case(
    "a patient of patients.csv is nowhere else",
    _edit("patients", lambda rows: rows.append(["P999", *rows[2][1:]])),
    "visits.csv",
)
_case("the first visit is in week 1", _put("visits", 2, "week", "1"), "visits.csv", None, "week")
_case("the last contact is before the visits", _put("patients", 3, "last_contact_week", "10"), "visits.csv", 10)


# --- rows that do not fit together --------------------------------------------------------------------------


def _cells(table: str, line: int, **cells: str) -> Callable[[Path], None]:
    names = [each.name for each in COLUMNS[table]]
    return _edit(table, lambda rows: [rows[line - 1].__setitem__(names.index(name), new) for name, new in cells.items()])


def _visit_like(target: int, source: int) -> Callable[[Path], None]:
    """The visit on a line gets all but child and week of another."""
    return _edit("visits", lambda rows: rows[target - 1].__setitem__(slice(2, None), rows[source - 1][2:]))


def _exchange(first: int, second: int) -> Callable[[Path], None]:
    def edit(rows: list[list[str]]) -> None:
        one, other = rows[first - 1][2:], rows[second - 1][2:]
        rows[first - 1][2:], rows[second - 1][2:] = other, one

    return _edit("visits", edit)


def _another_zero(rows: list[list[str]]) -> None:
    rows.append(["P0002", *rows[2][1:]])


_case("emollient_per_day is 21", _put("visits", 3, "emollient_per_day", "21"), "visits.csv", 3, "emollient_per_day")
_case("last_contact_week lost its point", _put("patients", 3, "last_contact_week", "261"), "patients.csv", 3,
      "last_contact_week")  # fmt: skip
_case("an id has a zero more", _edit("patients", _another_zero), "patients.csv", 29, "patient_id")
for _name, _change, _file, _line, _column in [
    ("a lab value is 1000 times too small", _edit("labs", lambda rows: rows[2].__setitem__(4, "0.7")), "labs.csv", 3, "value"),
    ("an event is fatal and visits go on", _cells("adverse_events", 5, outcome="fatal", serious="1", severity="severe"),
     "visits.csv", 54, "week"),
    ("an event is fatal and the child in contact later", _cells("adverse_events", 5, outcome="fatal", serious="1", severity="severe"),
     "patients.csv", None, "last_contact_week"),
    ("an event is fatal and mild", _cells("adverse_events", 5, outcome="fatal", serious="1", severity="mild"),
     "adverse_events.csv", 5, "severity"),
    ("an event is recovered without a last day", _cells("adverse_events", 5, outcome="recovered", end_day=""),
     "adverse_events.csv", 5, "end_day"),
    ("an event is not recovered but has a last day", _cells("adverse_events", 5, outcome="not recovered", end_day="110"),
     "adverse_events.csv", 5, "end_day"),
    ("baseline and the last visit are exchanged", _exchange(2, 6), "visits.csv", 2, "easi"),
    ("a visit is a copy of the one before", _visit_like(3, 2), "visits.csv", 3, "scorad"),
    ("a baseline is a copy of another child's", _visit_like(7, 2), "visits.csv", 7, "scorad"),
    ("an organ is of the other sex", _cells("adverse_events", 5, term="Balanitis"), "adverse_events.csv", 5, "term"),
    ("a sample is at an unplanned week", _put("labs", 3, "week", "17"), "labs.csv", 3, "week"),
    ("a child has no lab baseline", _edit("labs", lambda rows: rows.pop(1)), "labs.csv", 2, "week"),
    ("another copy of a table lies beside it", lambda cut: shutil.copyfile(cut / "visits.csv", cut / "visits (1).csv"),
     "visits (1).csv", None, None),
]:  # fmt: skip
    _case(_name, _change, _file, _line, _column, status=0)


# --- cut.yml: wrong usage ------------------------------------------------------------------------------------

_YML = {"label": "Week 26", "extracted": "2022-06-06", "kind": "clinical", "description": "a cut", "previous": "null"}


def _yml(**changed) -> Callable[[Path], None]:
    text = "".join(f"{key}: {value}\n" for key, value in (_YML | changed).items() if value is not None)
    return lambda cut: (cut / "cut.yml").write_text(text, encoding="utf-8")


def _described(name: str, change: Callable[[Path], object], line: int | None = None, key: str | None = None) -> None:
    _case(f"cut.yml {name}", change, "cut.yml", line, key, status=2)


for what, make in ODD_FILES.items():
    _described(what, _instead("cut.yml", make))
for position, key in enumerate(_YML, 1):
    _described(f"lacks {key}", _yml(**{key: None}), None, key)
    _described(f"has {key} twice", lambda cut, key=key: (
        _yml()(cut), (cut / "cut.yml").write_text((cut / "cut.yml").read_text() + f"{key}: {_YML[key]}\n")), 6, key)  # fmt: skip
    if key != "previous":
        _described(f"has an empty {key}", _yml(**{key: "''"}), position, key)
        _described(f"has null for {key}", _yml(**{key: "null"}), position, key)
    _described(f"has a list for {key}", _yml(**{key: "[1, 2]"}), position, key)
    _described(f"has a number for {key}", _yml(**{key: "26"}), position, key)
for key, value in [
    ("extracted", "soon"), ("extracted", "06.06.2022"), ("extracted", "2022-06-06 10:00:00"), ("kind", "real"), ("kind", "Clinical"),
    ("label", "ask anna@mail.ru"), ("label", "tel. +7 921 123-45-67"), ("description", "и/б 44711"),
    ("description", "born 03.05.2011"),
]:  # fmt: skip
    _described(f"has the {key} {value}", _yml(**{key: value}), list(_YML).index(key) + 1, key)
for key, value in [
    ("label", "010"), ("label", "1:30"), ("label", "no"), ("label", ".inf"), ("label", '"\\u3164"'), ("label", '"W\u0435ek"'),
    ("extracted", "1969-07-20"), ("extracted", "2108-01-01"), ("label", "9" * 400), ("description", "{a: 1, a: 2}"),
]:  # fmt: skip
    _described(f"has the {key} {ascii(value)[:20]}", _yml(**{key: value}), list(_YML).index(key) + 1)
_described("names the 30th of February", _yml(extracted="2022-02-30"))
_described("has an unknown key", _yml(author="x"), 6, "author")
_described("is empty", _bytes("cut.yml", lambda _: b""))
_described("is a list", _bytes("cut.yml", lambda _: b"- label\n- kind\n"))
_described("is a word", _bytes("cut.yml", lambda _: b"week 26\n"))
_described("is no YAML", _bytes("cut.yml", lambda old: b"label: [\n" + old))
_described("has tabs", _bytes("cut.yml", lambda old: b"label:\n\t- x\n" + old))
_described("is Latin-1", _bytes("cut.yml", lambda old: old + b"# caf\xe9\n"))
_described("has NUL bytes", _bytes("cut.yml", lambda old: old + b"\0"))
_described("would run a command", _yml(label="!!python/object/apply:os.system ['touch /tmp/owned']"))
_described("grows without end", _bytes("cut.yml", lambda _: b"a: &a [x,x]\n" + b"".join(
    b"%c: &%c [*%c,*%c,*%c]\n" % (x, x, x - 1, x - 1, x - 1) for x in range(98, 123))))  # fmt: skip
_described("has brackets without end", _bytes("cut.yml", lambda _: b"label: " + b"[" * 5000))
_described("is 100 MB", _bytes("cut.yml", lambda old: old + b"#" * 100 * 1024 * 1024))
