"""Column widths of tables."""

from __future__ import annotations

import re

import panflute as pf

TEXT_WIDTH = 16.0  # centimetres between the margins of an A4 page
_CHARACTER, _PADDING = 0.205, 0.36  # centimetres: a mean character of table text, the margins of a cell


def explicit_widths(table: pf.Table, widths: str) -> bool:
    """Set the widths of a `tbl-colwidths` attribute ("[20,80]", per cent); False if they do not fit the table."""
    numbers = re.findall(r"[\d.]+", widths)
    if len(numbers) != len(table.colspec) or sum(map(float, numbers)) > 100.5:
        return False
    table.colspec = [(align, float(number) / 100) for (align, _), number in zip(table.colspec, numbers, strict=True)]
    return True


def widths_by_content(table: pf.Table) -> None:
    """Give every column the width its content needs, the longer ones less if the page is too narrow.

    For Word, which without widths makes all columns equal. Tables with widths of their own stay as they are.
    """
    if any(isinstance(width, float) for _, width in table.colspec):
        return
    wanted, least = _needs(table)
    total = sum(wanted)
    if total > TEXT_WIDTH:
        spare = TEXT_WIDTH - sum(least)
        wishes = [want - low for want, low in zip(wanted, least, strict=True)]
        share = max(0.0, spare) / (sum(wishes) or 1.0)
        wanted = [low + wish * share for low, wish in zip(least, wishes, strict=True)]
        total = max(TEXT_WIDTH, sum(wanted))
    scale = max(TEXT_WIDTH, total)
    table.colspec = [(align, width / scale) for (align, _), width in zip(table.colspec, wanted, strict=True)]


def _needs(table: pf.Table) -> tuple[list[float], list[float]]:
    """For each column the width of its longest line and of its longest word, in centimetres."""
    count = len(table.colspec)
    longest, word = [1] * count, [1] * count
    rows = [*table.head.content, *(row for body in table.content for row in (*body.head, *body.content)),
            *table.foot.content]  # fmt: skip
    for row in rows:
        column = 0
        for cell in row.content:
            text = pf.stringify(cell).strip()
            if cell.colspan == 1 and column < count:
                longest[column] = max(longest[column], len(text))
                word[column] = max([word[column], *(len(part) for part in text.split(" "))])
            column += cell.colspan
    return [n * _CHARACTER + _PADDING for n in longest], [n * _CHARACTER + _PADDING for n in word]
