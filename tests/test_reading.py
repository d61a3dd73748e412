"""Strict reading of CSV: what is refused, where the finding points, and that everything else is read as it
was written.
"""

import csv
import io
import os
import sys
import uuid
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from cut_examples import valid_cut, write_valid_cut
from hypothesis import given
from hypothesis import strategies as st

from expectations import parquet, privacy, reading
from expectations.gate import read_tables
from expectations.reading import READING_RULES, read_text, typed
from protocol.columns import TABLES, columns

HEADER = ",".join(columns("labs")) + "\n"
ROW = "P001,0,total_ige,,2400,kU/L\n"


def read(folder: Path, content: bytes | str, table: str = "labs"):
    data = content.encode("utf-8") if isinstance(content, str) else content
    (folder / f"{table}.csv").write_bytes(data)
    return read_text(folder, table)


def only(result) -> tuple[str, int | None]:
    assert result.text is None
    (finding,) = result.findings
    assert finding.level == "critical" and finding.rule in READING_RULES
    assert finding.message.startswith("labs.csv: " if finding.line is None else f"labs.csv line {finding.line}: ")
    return finding.rule, finding.line


REFUSED = {
    "empty": (b"", ("file-empty", None)),
    "only a mark and blank lines": (b"\xef\xbb\xbf\r\n \n", ("file-empty", None)),
    "Latin-1": (HEADER.encode() + ROW.encode() + b"P001,4,total_ige,,2100,k\xb5/L\n", ("file-encoding", 3)),
    "truncated character": (HEADER.encode() + ROW.encode()[:-1] + b"\xe2\x82", ("file-encoding", 2)),
    "UTF-16": ((HEADER + ROW).encode("utf-16"), ("file-encoding", 1)),
    "UTF-16 without a mark": ((HEADER + ROW).encode("utf-16-le"), ("nul-byte", 1)),
    "NUL bytes": (HEADER.encode() + ROW.encode() + b"P001,4,\0,,1,kU/L\n", ("nul-byte", 3)),
    "quotation mark never closed": (HEADER + ROW + 'P001,4,"total_ige,,1,kU/L\n' + ROW, ("csv-syntax", 3)),
    "text behind a closing mark": (HEADER + ROW + 'P001,4,"total"_ige,,1,kU/L\n', ("csv-syntax", 3)),
    "endless cell": (HEADER + ROW + "P001,4," + "x" * 200_000 + ",,1,kU/L\n", ("csv-syntax", 3)),
    "a cell too few": (HEADER + ROW + "P001,4,total_ige,2100,kU/L\n", ("ragged-row", 3)),
    "a cell too many": (HEADER + ROW + "P001,4,total_ige,,2,100,kU/L\n", ("ragged-row", 3)),
    "blank line between rows": (HEADER + ROW + "\n" + ROW, ("empty-row", 3)),
    "line of commas": (HEADER + ROW + ",,,,,\n", ("empty-row", 3)),
    "no rows": (HEADER, ("no-rows", None)),
    "semicolons": ((HEADER + ROW).replace(",", ";"), ("header", 1)),
    "tabs": ((HEADER + ROW).replace(",", "\t"), ("header", 1)),
    "column renamed": (HEADER.replace("unit", "units") + ROW, ("header", 1)),
    "no header": (ROW + ROW, ("header", 1)),
    "blank line before the header": ("\n" + HEADER + ROW, ("header", 1)),
    "column out of order": (
        "week,patient_id,analyte,qualifier,value,unit\n0,P001,total_ige,,1,kU/L\n",
        ("header", 1),
    ),
    "column missing": ("patient_id,week,analyte,qualifier,value\nP001,0,total_ige,,1\n", ("header", 1)),
    "column unknown": (HEADER[:-1] + ",note\n" + ROW[:-1] + ",\n", ("header", 1)),
    "column doubled": (HEADER[:-1] + ",unit\n" + ROW[:-1] + ",kU/L\n", ("header", 1)),
    "column without a name": (HEADER[:-1] + ",\n" + ROW[:-1] + ",\n", ("header", 1)),
    "capital letter in a name": (HEADER.replace("week", "Week ") + ROW, ("header", 1)),
}
# A renamed column is two findings: one name is unknown, the other is missing.
TWO_FINDINGS = {"column renamed"}


@pytest.mark.parametrize("name", [name for name in REFUSED if name not in TWO_FINDINGS])
def test_what_is_no_table_is_refused_with_its_place(tmp_path, name):
    content, expected = REFUSED[name]
    assert only(read(tmp_path, content)) == expected


def test_a_renamed_column_is_unknown_and_missing(tmp_path):
    findings = read(tmp_path, REFUSED["column renamed"][0]).findings
    assert [(finding.rule, finding.column) for finding in findings] == [
        ("header", "units"),
        ("header", "unit"),
    ]


def test_an_encoding_finding_names_the_byte(tmp_path):
    (finding,) = read(tmp_path, REFUSED["Latin-1"][0]).findings
    assert f"byte {REFUSED['Latin-1'][0].index(0xB5) + 1} of the file (0xb5)" in finding.message


def test_every_ragged_row_is_named(tmp_path):
    findings = read(tmp_path, HEADER + "P001,0\n" + ROW + "P002,0\n").findings
    assert [(finding.rule, finding.line) for finding in findings] == [("ragged-row", 2), ("ragged-row", 4)]


def test_absent_file(tmp_path):
    assert only(read_text(tmp_path, "labs")) == ("file-absent", None)
    assert only(read_text(tmp_path / "nowhere", "labs")) == ("file-absent", None)


def test_folder_in_place_of_a_file(tmp_path):
    (tmp_path / "labs.csv").mkdir()
    assert only(read_text(tmp_path, "labs")) == ("file-not-ordinary", None)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among files, and links need a right")
def test_pipe_device_and_dangling_link_in_place_of_a_file(tmp_path):
    path = tmp_path / "labs.csv"
    os.mkfifo(path)  # reading it would wait for ever
    assert only(read_text(tmp_path, "labs")) == ("file-not-ordinary", None)
    for target in ("/dev/zero", tmp_path / "gone.csv"):
        path.unlink()
        path.symlink_to(target)
        assert only(read_text(tmp_path, "labs")) == ("file-not-ordinary", None)


def test_unreadable_file(tmp_path, monkeypatch):
    (tmp_path / "labs.csv").write_text(HEADER + ROW, encoding="utf-8")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    result = read_text(tmp_path, "labs")
    assert only(result) == ("file-unreadable", None) and "Permission denied" in result.findings[0].message


def test_input_beyond_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "largest_file", lambda: 1024 * 1024)
    result = read(tmp_path, b"," * (1024 * 1024 + 1))
    assert only(result) == ("file-too-large", None) and "larger than the 1 MB for which" in result.findings[0].message


def test_rows_have_no_limit_of_their_own_and_stay_in_order_from_one_portion_to_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "_AT_A_TIME", 3)
    found = read(tmp_path, HEADER + "".join(f"P{number:03},0,total_ige,,{number},kU/L\n" for number in range(10)))
    assert found.findings == [] and found.text["value"].tolist() == [str(number) for number in range(10)]
    assert found.text.index.tolist() == list(range(2, 12))


def test_what_is_wrong_in_many_rows_is_listed_a_hundred_times_and_counted(tmp_path):
    found = read(tmp_path, HEADER + "P001,4\n" * 250)
    assert len(found.findings) == 100 and found.findings[-1].more == 150
    assert "150 more in this file are not listed" in found.findings[-1].message


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("\ufeff" + HEADER + ROW * 2, id="byte order mark"),
        pytest.param((HEADER + ROW * 2).replace("\n", "\r\n"), id="CRLF"),
        pytest.param((HEADER + ROW * 2).replace("\n", "\r"), id="CR"),
        pytest.param((HEADER + ROW * 2).rstrip("\n"), id="no last line end"),
        pytest.param(HEADER + ROW * 2 + "\n\n", id="blank lines at the end"),
        pytest.param((HEADER + ROW * 2).replace("total_ige", '"total_ige"'), id="quoted cells"),
    ],
)
def test_harmless_differences_are_accepted(tmp_path, content):
    result = read(tmp_path, content)
    assert result.findings == []
    assert list(result.text.index) == [2, 3] and result.text.index.name == "line"
    assert result.text.loc[3].to_list() == ["P001", "0", "total_ige", "", "2400", "kU/L"]


@pytest.mark.parametrize(
    ("cell", "rule", "value"),
    [
        (" kU/L", "cell-blanks", " kU/L"),
        ("kU/L\u00a0", "cell-blanks", "kU/L\\xa0"),
        ("  ", "cell-blanks", "  "),
        ("k\tU/L", "cell-control-character", "k\\tU/L"),
        ("k\nU/L", "cell-control-character", "k\\nU/L"),
        ("k\x1bU/L", "cell-control-character", "k\\x1bU/L"),
        ("k\u2028U/L", "cell-control-character", "k\\u2028U/L"),
    ],
)
def test_blanks_and_control_characters_are_named_by_cell(tmp_path, cell, rule, value):
    result = read(tmp_path, f'{HEADER}{ROW}P001,4,total_ige,,2100,"{cell}"\n')
    (finding,) = result.findings
    assert (finding.rule, finding.line, finding.column, finding.value, finding.patient_id) == (
        rule,
        3,
        "unit",
        value,
        "P001",
    )
    assert result.text is not None  # the rest can be examined


def test_a_table_without_rows_has_its_columns_and_types(tmp_path):
    result = read(tmp_path, ",".join(columns("adverse_events")), table="adverse_events")
    assert result.findings == [] and len(result.text) == 0
    assert typed(result.text, "adverse_events").dtypes.astype(str).to_dict()["start_day"] == "Int64"


def test_typed_values(tmp_path):
    cells = pd.DataFrame(
        [
            ["P001", "61.0", "2", "12.5", "", "", "", "", "", "0", ""],
            ["P002", "1e3", "2.5", "inf", "NaN", "1,000", "-0.5", "007", "3.", "", "12"],
        ],
        columns=columns("visits"),
        index=pd.Index([2, 3], name="line"),
        dtype=object,
    )
    frame = typed(cells, "visits")
    assert list(frame.index) == [2, 3] and list(frame.columns) == columns("visits")
    assert frame["week"].dtype == "Int64" and frame["easi"].dtype == "float64" and frame["patient_id"].dtype == "str"
    assert frame.loc[2].dropna().to_dict() == {
        "patient_id": "P001",
        "week": 61,
        "iga": 2,
        "easi": 12.5,
        "tcs_use": 0,
    }
    assert frame.loc[3].dropna().to_dict() == {
        "patient_id": "P002",
        "scorad_pruritus": -0.5,
        "scorad_sleep_loss": 7,
        "emollient_per_day": 12,
    }


def test_tables_are_read_without_great_expectations(tmp_path):
    tables = read_tables(write_valid_cut(tmp_path, patients=2))
    assert list(tables) == list(TABLES)
    for table, frame in tables.items():
        assert list(frame.columns) == columns(table) and frame.index[0] == 2
    assert len(tables["visits"]) == len(valid_cut(2)["visits"])
    assert tables["patients"]["discontinued_week"].isna().all()


def test_reading_tables_stops_at_the_first_thing_that_is_wrong(tmp_path):
    write_valid_cut(tmp_path, patients=2)
    with (tmp_path / "visits.csv").open("a", encoding="utf-8") as stream:
        stream.write("P001,39\n")
    with pytest.raises(ValueError, match=r"visits\.csv line 12: the line has 2 cells, the header has 11"):
        read_tables(tmp_path)


def read_parquet(folder: Path, **cells):
    """What is read of labs with these columns exchanged, four rows each."""
    rows = {"patient_id": ["P001"] * 4, "week": [0, 4, 8, 12], "analyte": ["total_ige"] * 4, "qualifier": [None] * 4,
            "value": [1.0] * 4, "unit": ["kU/L"] * 4}  # fmt: skip
    pyarrow.parquet.write_table(pyarrow.table(rows | cells), folder / "labs.parquet")
    return read_text(folder, "labs")


@pytest.mark.parametrize("kind", [pyarrow.float16(), pyarrow.float32(), pyarrow.float64()])
def test_a_number_in_parquet_has_the_digits_of_its_own_precision(tmp_path, kind):
    values = np.array([29.8, 0.1, 1500, np.nan], dtype=kind.to_pandas_dtype())
    for own in (pyarrow.array(values, from_pandas=True), pyarrow.array(values, from_pandas=True).dictionary_encode()):
        assert list(read_parquet(tmp_path, value=own).text["value"]) == ["29.8", "0.1", "1500", ""]


def test_types_of_parquet_that_csv_has_not_are_text_or_a_finding(tmp_path):
    ids = [uuid.UUID(int=number).bytes for number in range(4)]
    of_bytes = pyarrow.ExtensionArray.from_storage(pyarrow.uuid(), pyarrow.array(ids, pyarrow.binary(16)))
    yes = pyarrow.ExtensionArray.from_storage(pyarrow.bool8(), pyarrow.array([1, 0, None, 1], pyarrow.int8()))
    read_parquet(tmp_path, analyte=of_bytes, value=pyarrow.array([[1], None, [2], [3]]), week=yes)
    header, cells = parquet.cells((tmp_path / "labs.parquet").read_bytes(), pytest.fail)
    found = dict(zip(header, cells.to_numpy().T.tolist(), strict=True))
    assert found["analyte"][1] == str(uuid.UUID(int=1)) and found["value"] == ["[1]", "", "[2]", "[3]"]
    assert found["week"] == ["1", "0", "", "1"]
    day = pyarrow.array([2**31 - 1] * 4, pyarrow.int32()).cast(pyarrow.date32())  # beyond the calendar
    assert only(read_parquet(tmp_path, unit=day)) == ("parquet-syntax", None)


def test_equal_rows_in_a_small_parquet_file_take_no_more_memory_than_there_is(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "largest_file", lambda: 1_000_000)
    rows = {name: pyarrow.repeat(1, 30_000) for name in columns("labs")}
    pyarrow.parquet.write_table(pyarrow.table(rows), tmp_path / "labs.parquet")
    assert (tmp_path / "labs.parquet").stat().st_size < 10_000
    assert only(read_text(tmp_path, "labs")) == ("file-too-large", None)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(
    rows=st.lists(st.lists(TEXTS, min_size=6, max_size=6).filter(any), min_size=1, max_size=8),
    style=st.sampled_from([("\r\n", csv.QUOTE_MINIMAL), ("\n", csv.QUOTE_ALL)]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_whatever_csv_writes_is_read_back_with_its_lines(tmp_path_factory, rows, style, mark):
    stream = io.StringIO(newline="")
    line_end, quoting = style  # with \n alone, csv.writer leaves a cell with \r unquoted unless told otherwise
    writer = csv.writer(stream, lineterminator=line_end, quoting=quoting)
    writer.writerow(columns("labs"))
    lines = []
    for row in rows:
        written = stream.getvalue()
        lines.append(1 + written.count("\n") + written.count("\r") - written.count("\r\n"))
        writer.writerow(row)
    result = read(tmp_path_factory.mktemp("csv"), mark + stream.getvalue())
    withheld = {
        (line, column) for line, column, _ in privacy.screen(pd.DataFrame(rows, lines, columns("labs")), "labs")
    }
    for line, row in zip(lines, rows, strict=True):
        expected = [
            privacy.WITHHELD if (line, at) in withheld else cell for at, cell in zip(columns("labs"), row, strict=True)
        ]
        assert result.text.loc[line].tolist() == expected
    assert list(result.text.index) == lines
    doubtful = {(finding.line, finding.column) for finding in result.findings}
    for line, row in zip(lines, rows, strict=True):
        for column, cell in zip(columns("labs"), row, strict=True):
            kind = next(each.kind for each in TABLES["labs"] if each.name == column)
            odd = bool(cell) and reading._odd(cell, column, kind) is not None
            unclean = cell != cell.strip() or any(map(reading._is_control, cell)) or odd
            assert ((line, column) in doubtful) == (unclean or (line, column) in withheld)


@given(content=st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail(tmp_path_factory, content):
    result = read(tmp_path_factory.mktemp("bytes"), content)
    assert result.findings or list(result.text.columns) == columns("labs")


LABS = st.lists(
    st.one_of(
        st.tuples(*[st.sampled_from(["P001", "", '"P,1"', '"a""b"', '"a\nb"', 'a"b', '""', " x ", "é"])] * 6).map(",".join),
        st.text(alphabet='a,"\r\n 1', max_size=8),
    ),
    max_size=4,
)


HEADERS = [
    HEADER.strip(), HEADER.strip().replace("week", '"week"'), "patient_id,week,analyte,week,value,unit", "a,b", "",
    '""', "x" * 200_000,
]  # fmt: skip
ENDS, BREAKS = st.sampled_from(["", "\n", "\r\n", "\n\n"]), st.sampled_from(["\n", "\r\n", "\r"])


@given(header=st.sampled_from(HEADERS), rows=LABS, end=ENDS, between=BREAKS)
def test_the_quick_way_reads_what_record_by_record_reads(header, rows, end, between):
    text = between.join([header, *rows]) + end
    quick, slow = reading.Reading("labs"), reading.Reading("labs")
    of_quick = reading._frame(text, quick)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading.plain_csv, "frame", lambda *_: None)
        of_slow = reading._frame(text, slow)
    assert quick.findings == slow.findings
    assert (of_quick is None) == (of_slow is None)
    if of_quick is not None:
        pd.testing.assert_frame_equal(of_quick, of_slow)


def test_ordinary_files_are_read_the_quick_way():
    for table, rows in valid_cut().items():
        frame = pd.DataFrame(rows)
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC):
            text = frame.to_csv(index=False, quoting=quoting)
            assert reading.plain_csv.frame(text, columns(table)) is not None
            assert reading.plain_csv.frame(text.replace("\n", "\r\n"), columns(table)) is not None
