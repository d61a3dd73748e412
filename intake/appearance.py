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
_MISLEADING = re.compile(r"[<>≤≥≈~±−0-9]")


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
                found.append(f'"{run.text.strip()}" {how}')
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
    'shows "<" beside the number'
    >>> misleads("0;-0;;@", 0)
    'shows nothing'
    >>> misleads('0.0" kU/L"', 2), misleads("General", 2)
    (None, None)
    """
    section = _section(number_format, value)
    code, text = _code(section)
    if section == "General" or code.strip().lower() in {"general", "@"}:
        return f'shows "{text}" beside the number' if _MISLEADING.search(text) else None
    if not re.search(r"[0#?]", code):
        return f'shows "{text}" in place of the number' if text.strip() else "shows nothing"
    around = text + re.sub(r"[^<>]", "", code)
    if _MISLEADING.search(around):
        return f'shows "{around}" beside the number'
    return None


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
