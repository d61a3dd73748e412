"""Blocks side by side: `layout-ncol`, `layout-nrow`, `layout`, `.columns` and `.grid`.

Rows are lists of widths; a negative width is an empty space. On the website and in the PDF a row is a grid, in Word a table without
lines.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence

import panflute as pf

LAYOUT = ("layout-ncol", "layout-nrow", "layout")
ALIGNED = ("layout-align", "layout-valign")
_HORIZONTAL = {"left": "start", "center": "center", "right": "end"}
_VERTICAL = {"top": "start", "center": "center", "bottom": "end"}

Rows = list[list[float]]


def rows_of(attributes: Mapping[str, str], count: int) -> Rows | None:
    """The rows that the attributes ask for, for so many blocks; None where they ask for none. ValueError where they are wrong."""
    if "layout" in attributes:
        rows = json.loads(attributes["layout"])
        rows = rows if rows and isinstance(rows[0], list) else [rows]
        widths = [[float(re.sub(r"%$", "", str(width))) for width in row] for row in rows]
        if not all(widths) or not any(width > 0 for row in widths for width in row):
            raise ValueError("no widths")
        while sum(width > 0 for row in widths for width in row) < count:
            widths.append(list(widths[-1]))  # what is left over goes on like the last row
        return widths
    if "layout-nrow" in attributes:
        columns = math.ceil(count / _whole(attributes["layout-nrow"]))
    elif "layout-ncol" in attributes:
        columns = _whole(attributes["layout-ncol"])
    else:
        return None
    return [[1.0] * columns for _ in range(math.ceil(count / columns))]


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("must be 1 or more")
    return number


def grid_rows(divisions: Sequence[pf.Div]) -> Rows:
    """Rows of `.grid`: twelve columns, of which `.g-col-4` takes four; without a class a block takes the whole row."""
    rows: Rows = [[]]
    for div in divisions:
        width = next((int(found[1]) for name in div.classes if (found := re.fullmatch(r"g-col-(\d+)", name))), 12)
        if rows[-1] and sum(rows[-1]) + width > 12:
            rows.append([])
        rows[-1].append(float(width))
    for row in rows:
        if sum(row) < 12:
            row.append(sum(row) - 12)
    return rows


def column_widths(divisions: Sequence[pf.Div]) -> Rows:
    """The one row of `.columns`, by the `width` of each."""
    given = [
        float(re.sub(r"%$", "", div.attributes["width"])) if "width" in div.attributes else 0.0 for div in divisions
    ]
    open_ones = given.count(0.0)
    rest = max(0.0, 100.0 - sum(given)) / open_ones if open_ones else 0.0
    return [[width or rest or 1.0 for width in given]]


def panel(
    cells: Sequence[list[pf.Block]], rows: Rows, attributes: Mapping[str, str], output_format: str
) -> list[pf.Block]:
    """The cells in their rows."""
    left = iter(cells)
    placed = [[(width, next(left, []) if width > 0 else []) for width in row] for row in rows]
    draw = {"html": _on_a_page, "pdf": _in_typst}.get(output_format, _in_word)
    return [block for row in placed for block in draw(row, attributes)]


def _on_a_page(row: Sequence[tuple[float, list[pf.Block]]], attributes: Mapping[str, str]) -> list[pf.Block]:
    columns = " ".join(f"minmax(0, {abs(width):g}fr)" for width, _ in row)
    style = f"grid-template-columns: {columns};"
    style += f" justify-items: {_HORIZONTAL[a]};" if (a := attributes.get("layout-align")) in _HORIZONTAL else ""
    style += f" align-items: {_VERTICAL[a]};" if (a := attributes.get("layout-valign")) in _VERTICAL else ""
    return [pf.Div(*(pf.Div(*blocks) for _, blocks in row), classes=["layout-row"], attributes={"style": style})]


def _in_typst(row: Sequence[tuple[float, list[pf.Block]]], attributes: Mapping[str, str]) -> list[pf.Block]:
    columns = ", ".join(f"{abs(width):g}fr" for width, _ in row)
    across = attributes.get("layout-align", "left")
    down = {"center": "horizon"}.get(attributes.get("layout-valign", "top"), attributes.get("layout-valign", "top"))
    out: list[pf.Block] = [
        pf.RawBlock(f"#grid(columns: ({columns},), column-gutter: 1em, align: {across} + {down}, [", "typst")
    ]
    for place, (_, blocks) in enumerate(row):
        out += [pf.RawBlock("], [", "typst")] if place else []
        out += blocks
    return [*out, pf.RawBlock("])", "typst")]


def _in_word(row: Sequence[tuple[float, list[pf.Block]]], attributes: Mapping[str, str]) -> list[pf.Block]:
    align = "Align" + attributes.get("layout-align", "left").capitalize()
    whole = sum(abs(width) for width, _ in row)
    cells = [pf.TableCell(*blocks) for _, blocks in row]
    widths = [(align, abs(width) / whole) for width, _ in row]
    return [pf.Table(pf.TableBody(pf.TableRow(*cells)), colspec=widths, attributes={"custom-style": "Panel"})]


def wrong_layout(attributes: Mapping[str, str], count: int) -> str | None:
    """The attribute that cannot be followed, if one cannot."""
    try:
        rows_of(attributes, max(1, count))
    except (ValueError, TypeError):
        return next(name for name in LAYOUT if name in attributes)
    return None
