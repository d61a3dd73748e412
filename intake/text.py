"""Text files of any declared encoding and separator."""

import codecs
import csv
import io
import re
from pathlib import Path

from expectations.reading import LARGEST_FILE, MOST_ROWS

ENCODINGS = ("utf-8", "windows-1251", "utf-16")
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_INVISIBLE = "\u200b\ufeff\u2060"


def trimmed(text: str) -> str:
    """Without blanks at both ends, among them no-break spaces and the invisible ones.

    >>> trimmed(" P003\u00a0")
    'P003'
    """
    former = None
    while former != text:
        former, text = text, text.strip().strip(_INVISIBLE)
    return text


def read_records(path: Path, encoding: str, separator: str) -> list[tuple[int, list[str]]]:
    """Line and cells of each record that is not blank, the header first.

    Raises ValueError, whose message begins with ": " or " line n: ", when the file cannot be read in exactly this way.
    """
    text = _text(path, encoding)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records: list[tuple[int, list[str]]] = []
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            break
        except csv.Error as problem:
            what = (
                "a quotation mark is open or misplaced"
                if "expected" in str(problem) or "end" in str(problem)
                else problem
            )
            raise ValueError(f" line {line}: {what}; export the file again, or close the quotation mark") from None
        if any(map(trimmed, cells)):
            records.append((line, cells))
        if len(records) > MOST_ROWS:
            raise ValueError(f": there are more than {MOST_ROWS} rows; is it a file of this study?")
    if not records:
        raise ValueError(": the file is empty; it needs at least its headings")
    header = records[0][1]
    for name, other in SEPARATORS.items():
        if len(header) == 1 and other != separator and other in header[0]:
            wanted = next(name for name, mark in SEPARATORS.items() if mark == separator)
            raise ValueError(
                f" line 1: the cells are separated by {name}, the mapping says {wanted}; correct separator there"
            )
    width = len(header)
    for line, cells in records[1:]:
        if len(cells) < width or any(map(trimmed, cells[width:])):
            raise ValueError(
                f" line {line}: the line has {len(cells)} cells, the headings have {width}; look for a separator too many or too few, "
                "or a text that needs quotation marks"
            )
    return records


def _text(path: Path, encoding: str) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as problem:
        raise ValueError(f": the file cannot be read ({problem.strerror or problem})") from None
    if len(content) > LARGEST_FILE:
        raise ValueError(f": the file is larger than {LARGEST_FILE // 1024 // 1024} MB; is it a file of this study?")
    marks = {"utf-8": (codecs.BOM_UTF8,), "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)}
    for found, beginnings in marks.items():
        if found != encoding and content.startswith(beginnings):
            raise ValueError(
                f" line 1: the file begins like {found}, the mapping says {encoding}; correct encoding there"
            )
    if encoding != "utf-16" and b"\0" in content:
        line = 1 + content[: content.index(b"\0")].count(b"\n")
        raise ValueError(f" line {line}: the file holds a NUL byte; it is no text, or was damaged; export it again")
    if encoding == "windows-1251" and re.search(rb"[\x80-\xff]", content) and _is_utf8(content):
        raise ValueError(": the file is UTF-8, the mapping says windows-1251; correct encoding there")
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as problem:
        line = 1 + content[: problem.start].count(b"\n")
        raise ValueError(
            f" line {line}: byte {problem.start + 1} is not {encoding}; correct encoding in the mapping ({', '.join(ENCODINGS)}), "
            "or export the file again"
        ) from None


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
