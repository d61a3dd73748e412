"""What a cell of a workbook shows besides its value: raised or struck-through letters, and what its number format makes of it."""

import datetime
import re
from decimal import Decimal

from openpyxl.cell.rich_text import CellRichText, TextBlock

RAISED = {"superscript": "raised", "subscript": "lowered"}
"""How letters stand, in words, by the name that Excel gives it."""
# A part of a number format that is no code: text in quotation marks, an escaped character, the width or repetition of one.
_LITERAL = re.compile(r'"([^"]*)"?|\\(.)|[_*].')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_PARTS = re.compile(
    r'"([^"]*)"?|\\(.)|([_*].)|(\[[^\]]*\])|(General|@|[0#?][0#?,. /]*(?:[eE][-+][0#?]+)?)|(.)',
    re.DOTALL | re.IGNORECASE,
)
"""Of a section: text in quotation marks, an escaped character, the width of one, brackets, the number itself, anything else."""
# In what a format shows, with § for the number: a sign of comparison anywhere, a minus sign before it, a digit that touches it.
_MISLEADING = re.compile(r"[<>≤≥≈~±]|[-−] *§|[0-9]§|§[0-9]")


def marked(value) -> str | None:
    """What letters of their own form in a cell are, in words; None if it has none.

    Their text is no part of the value as people read it: a footnote's mark, or what was struck out.
    """
    if not isinstance(value, CellRichText):
        return None
    found = []
    for run in value:
        if isinstance(run, TextBlock) and run.text.strip() and run.font is not None:
            how = "struck through" if run.font.strike else RAISED.get(run.font.vertAlign)
            if how:
                found.append(f'"{run.text.strip()}" is {how}')
    return " and ".join(found) or None


def plain(value):
    """A cell's value without its looks: text of several runs as one text."""
    return str(value) if isinstance(value, CellRichText) else value


def sections(number_format: str) -> list[str]:
    """The parts of a number format, for positive and negative numbers, zero and text.

    >>> sections('0;-0;;"a;b"')
    ['0', '-0', '', '"a;b"']
    """
    return ["".join(found) for found in _split(number_format)]


def _split(number_format: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for token in re.findall(r'"[^"]*"?|\\.|\[[^\]]*\]|.', number_format, flags=re.S):
        if token == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _section(number_format: str, value: float) -> str:
    found = sections(number_format)
    if len(found) == 1:
        return found[0]
    if value < 0:
        return found[1]
    return found[2] if value == 0 and len(found) > 2 else found[0]


def _code(section: str) -> tuple[str, str]:
    """The codes of a section, and the text that it puts beside the number."""
    text = "".join(a + b for a, b in _LITERAL.findall(section))
    return _BRACKETS.sub("", _LITERAL.sub("", section)), text


def percent(number_format: str, value: float) -> bool:
    """Whether a number is shown a hundred times larger; a percent sign that is mere text says nothing.

    >>> percent("0.0%", 0.4), percent('0.0"%"', 40)
    (True, False)
    """
    return "%" in _code(_section(number_format, value))[0]


def scaled(number_format: str, value: float) -> bool:
    """Whether a number is shown in thousands or millions.

    >>> scaled("0.0,", 2500), scaled("#,##0", 2500)
    (True, False)
    """
    return re.search(r"[0#?],+(?![0#?,])", _code(_section(number_format, value))[0]) is not None


def misleads(number_format: str, value: float) -> str | None:
    """Why what a number's format shows is not the number, in words; None if it is.

    >>> misleads('"<"0', 2)
    'shows "<…"'
    >>> misleads("0;-0;;@", 0)
    'shows nothing'
    >>> misleads('0.0" kU/L"', 2), misleads("General", 2), misleads('0" x10^9/L"', 2), misleads('0"00"', 2)
    (None, None, None, 'shows "…00"')
    """
    shown = _outline(_section(number_format, value))
    if "§" not in shown:
        return f'shows "{shown.strip()}" in place of the number' if shown.strip() else "shows nothing"
    if value < 0 and len(sections(number_format)) > 1:
        return None if re.search(r"[-−(]", shown) else "shows it without its minus sign"
    return f'shows "{shown.replace("§", "…").strip()}"' if _MISLEADING.search(shown) else None


def _outline(section: str) -> str:
    """What a section shows, with § in the place of the number."""
    out = ""
    for quoted, escaped, width, bracket, code, other in _PARTS.findall(section):
        out += quoted or escaped or (" " if width else "§" if code else "" if bracket else other)
    return re.sub("§+", "§", out)


def rounded(number_format: str, value: float) -> str | None:
    """What is shown of a number whose format shows fewer decimals than it has; None if all are shown.

    >>> rounded("0.0", 48.26), rounded("0.0", 48.3), rounded("General", 48.26)
    ('48.3', None, None)
    """
    code = _code(_section(number_format, value))[0]
    match = re.fullmatch(r"[^0#?]*[0#?,]+(?:\.([0#?]*))?[^0#?]*", code)
    if match is None or re.search(r"[eE/%]", code):
        return None
    exact = Decimal(format(value, ".15g"))
    shown = round(exact, len(match[1] or ""))
    return None if shown == exact else format(shown, "f")


def precision(number_format: str) -> str:
    """How much of a date is shown: day, month, year; or "other" where a day is shown without its year, or a time alone.

    >>> precision("mmm-yy"), precision("[$-419]d mmmm yyyy;@"), precision("yyyy"), precision("d-mmm")
    ('month', 'day', 'year', 'other')
    """
    code = _code(sections(number_format)[0])[0].lower()
    code = re.sub(r"h+[:.]?m+|m+[:.]?s+", "", code)
    day, month, year = "d" in code, "m" in code, "y" in code
    if year and month:
        return "day" if day else "month"
    return "year" if year and not day else "other"


def is_moment(value) -> bool:
    return isinstance(value, datetime.date)
