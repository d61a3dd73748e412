"""Text files of any declared encoding and separator."""

import csv
import io
import re
from pathlib import Path
from typing import NamedTuple

from expectations.finding import shown
from expectations.ordinary import largest_file, megabytes
from intake.encodings import decode

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_INVISIBLE = "\u200b\ufeff\u2060"


class Records(NamedTuple):
    """Line and cells of each record, the header first; `short` are the lines that lacked cells at the end, which are empty now."""

    records: list[tuple[int, list[str]]]
    short: list[int]


def trimmed(text: str) -> str:
    """Without blanks at both ends, among them no-break spaces and the invisible ones.

    >>> trimmed(" P003\u00a0")
    'P003'
    """
    former = None
    while former != text:
        former, text = text, text.strip().strip(_INVISIBLE)
    return text


def bare(cell: str) -> str:
    """A cell of a column that is no free text without what keeps a spreadsheet from taking it for a number: ="001" and '001 are 001.

    >>> bare('="001"'), bare("'-5"), bare("'tis")
    ('001', '-5', "'tis")
    """
    text = trimmed(cell)
    guarded = re.fullmatch(r'="([^"]*)"', text) or re.fullmatch(r"'([-+=@0-9<>].*)", text, flags=re.S)
    return guarded[1] if guarded else cell


def visible(text: str) -> str:
    """A cell as a message shows it: every kind of blank as a blank, as the message names it besides.

    >>> visible("1\u202f054")
    '1 054'
    """
    return shown("".join(" " if char.isspace() else char for char in text))


def lines_named(lines: list[int], word: str = "line") -> str:
    """The first lines and the number of the others.

    >>> lines_named([7]), lines_named([2, 5]), lines_named([2, 3, 4, 5, 9])
    ('line 7', 'lines 2 and 5', 'lines 2, 3, 4 and 2 more')
    """
    if len(lines) == 1:
        return f"{word} {lines[0]}"
    first, rest = (lines[:-1], str(lines[-1])) if len(lines) < 4 else (lines[:3], f"{len(lines) - 3} more")
    return f"{word}s {', '.join(map(str, first))} and {rest}"


def read_records(path: Path, encoding: str, separator: str) -> Records:
    """The records that are not blank.

    Raises ValueError, whose message begins with ": " or " line n: ", when the file cannot be read in exactly this way.
    """
    text = decode(_content(path), encoding)
    first = re.match(r'"?sep=(.)"?[^\S\r\n]*(?:\r\n|\r|\n|$)', text, flags=re.I)
    if first and first[1] != separator:
        raise ValueError(
            f" line 1: the file itself says that its cells are separated by {_called(first[1])}, the mapping says "
            f"{_called(separator)}; correct separator there"
        )
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records: list[tuple[int, list[str]]] = []
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            break
        except csv.Error as problem:
            told = str(problem)
            what = "a quotation mark is open or misplaced" if "expected" in told or "end" in told else told
            raise ValueError(
                f" line {line}: {what}; the file may be cut off, or a quotation mark is too many: export the file again, or "
                "close the quotation mark"
            ) from None
        if any(map(trimmed, cells)) and not (first and line == 1):
            records.append((line, cells))
    if not records:
        raise ValueError(": the file is empty; it needs at least its headings")
    _check_separator(records[0], separator)
    return _evened(records, ended=text.endswith(("\n", "\r")))


def _called(mark: str) -> str:
    return next((name for name, each in SEPARATORS.items() if each == mark), f'"{mark}"')


def _check_separator(header: tuple[int, list[str]], separator: str) -> None:
    line, cells = header
    for name, other in SEPARATORS.items():
        if len(cells) == 1 and other != separator and other in cells[0]:
            raise ValueError(
                f" line {line}: the cells are separated by {name}, the mapping says {_called(separator)}; correct separator there"
            )


def _evened(records: list[tuple[int, list[str]]], ended: bool) -> Records:
    """Every record as wide as the headings, as spreadsheets leave out empty cells at the end of lines."""
    header = records[0][1]
    width = max(at for at, name in enumerate(header, start=1) if trimmed(name))
    long = [line for line, cells in records if any(map(trimmed, cells[width:]))]
    if long:
        cells = next(cells for line, cells in records if line == long[0])
        raise ValueError(
            f" line {long[0]}: the line has {len(cells)} cells, the headings have {width}"
            + (f" ({len(long)} such lines: {lines_named(long)})" if len(long) > 1 else "")
            + "; look for a separator too many, or a text or number with a separator in it that needs quotation marks"
        )
    short = [line for line, cells in records[1:] if len(cells) < width]
    if short == [records[-1][0]] and len(records) > 2 and not ended:
        raise ValueError(
            f" line {short[0]}: the last line has {len(records[-1][1])} cells, the headings have {width}, and it does not end: the "
            "file seems to be cut off; export or copy it again"
        )
    even = [(line, cells[:width] + [""] * (width - len(cells))) for line, cells in records]
    return Records(even, short)


def _content(path: Path) -> bytes:
    largest = largest_file()
    try:
        with path.open("rb") as stream:
            content = stream.read(largest + 1)
    except OSError as problem:
        raise ValueError(f": the file cannot be read ({problem.strerror or problem})") from None
    if len(content) > largest:
        raise ValueError(f": the file is larger than the {megabytes(largest)} for which this machine has memory")
    return content
