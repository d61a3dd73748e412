"""Column widths of tables."""

from __future__ import annotations

import re

import panflute as pf


def explicit_widths(table: pf.Table, widths: str) -> bool:
    """Set the widths of a `tbl-colwidths` attribute ("[20,80]", per cent); False if they do not fit the table."""
    numbers = re.findall(r"[\d.]+", widths)
    if len(numbers) != len(table.colspec) or sum(map(float, numbers)) > 100.5:
        return False
    table.colspec = [(align, float(number) / 100) for (align, _), number in zip(table.colspec, numbers, strict=True)]
    return True
