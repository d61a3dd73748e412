"""Forest plots of proportions: one row an estimate with its interval, under headings, with the numbers beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.core.cells import n_of
from analysis.core.drawing import Drawing, on_phones_too, subplots
from analysis.core.markdown import Table, indented, literal
from analysis.core.results import Results
from analysis.core.style import FAINT, INK, NARROW, PAPER, QUIET, RESULT

_ROW, _PHONE_ROW = 0.19, 0.31
"""Inches a row; on a phone its label stands above its mark."""
_LABEL_SHARE, _TEXT_SHARE, _PHONE_TEXT_SHARE = 0.36, 0.26, 0.435
"""Shares of the width for the labels on the left and the numbers on the right; on a phone there is no room on the left."""


@dataclass(frozen=True)
class ForestRow:
    """One row: `percent` with its limits (0-100, None where there is no estimate), and `text`, the numbers in words.

    Neighbouring rows of the same `group` stand under that heading. The result that the others stand beside is the `main` one: in its
    colour, bold and on a band. A row that is not `filled` has a hollow, square marker, which tells it from the others in grey, too.
    """

    label: str
    percent: float | None
    ci_low: float | None
    ci_high: float | None
    text: str
    group: str = ""
    main: bool = False
    filled: bool = True


def forest(rows: Sequence[ForestRow], xlabel: str, heading: str = "n/N, % (95 % CI)", notes: Sequence[str] = ()) -> Drawing:
    """The rows from top to bottom on an axis from 0 to 100 %; `heading` stands over the numbers on the right, `notes` below
    the data."""
    lines: list[str | ForestRow] = []
    for group, members in groupby(rows, key=lambda row: row.group):
        lines += [*([group] if group else []), *members]
    data = []
    for line in lines:
        if isinstance(line, str):
            data.append([f"**{literal(line)}**", ""])
        else:
            data.append([indented(literal(line.label)) if line.group else literal(line.label), literal(line.text)])
    table = Table([literal(xlabel), heading], "lr", data, notes)
    return on_phones_too(lambda width: Drawing(_drawn(lines, xlabel, heading, width), table))


def _drawn(lines: Sequence[str | ForestRow], xlabel: str, heading: str, width: float) -> Figure:
    phone = width <= NARROW
    left, right = (0.02, _PHONE_TEXT_SHARE) if phone else (_LABEL_SHARE, _TEXT_SHARE)
    row_height = _PHONE_ROW if phone else _ROW
    height = 0.75 + row_height * max(len(lines), 1)
    figure, axes = subplots(figsize=(width, height), layout="none")
    figure.subplots_adjust(left=left, right=1 - right, top=1 - 0.26 / height, bottom=0.45 / height)
    edge, above = -left / (1 - left - right), 0.2 if phone else 0.0
    for place, line in enumerate(lines):
        if isinstance(line, str):
            _beside(axes, edge, place, line, fontweight="bold")
            continue
        bold = {"fontweight": "bold" if line.main else "normal", "color": RESULT if line.main else INK}
        _beside(axes, edge, place - above, f"   {line.label}" if line.group and not phone else line.label, **bold)
        _beside(axes, 1.0, place + above, line.text, **bold)
        colour, middle = RESULT if line.main else QUIET, place + above
        if line.main:
            band = plt.Rectangle((edge, place - 0.5), 1 / (1 - left - right), 1, transform=axes.get_yaxis_transform(),
                                 facecolor=FAINT, alpha=0.3, linewidth=0, clip_on=False, zorder=0)  # fmt: skip
            axes.add_patch(band)
        if line.ci_low is not None and line.ci_high is not None:
            axes.hlines(middle, line.ci_low, line.ci_high, color=colour, linewidth=1.8 if line.main else 1.2)
        if line.percent is not None:
            axes.plot(
                line.percent, middle, "o" if line.filled else "s", color=colour, markersize=6 if line.main else 4.8, clip_on=False,
                markerfacecolor=colour if line.filled else PAPER, zorder=3,
            )  # fmt: skip
    axes.annotate(
        heading, xy=(1, 1), xycoords="axes fraction", xytext=(8, 3), textcoords="offset points", va="bottom",
        color=QUIET,
    )  # fmt: skip
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set(xlim=(0, 100), ylim=(max(len(lines), 1) - 0.4, -0.6), xticks=range(0, 101, 20), yticks=[])
    axes.set_xlabel(xlabel, x=0.0 if phone else 0.5, ha="left" if phone else "center")
    axes.spines["left"].set_visible(False)
    return figure


def _beside(axes: Axes, edge: float, place: float, text: str, **font) -> None:
    """Text at the height of a row, beginning at an edge in shares of the axes: beside them, where these are 1."""
    axes.annotate(
        text, xy=(edge, place), xycoords=("axes fraction", "data"), xytext=(8 if edge == 1.0 else 2, 0),
        textcoords="offset points", va="center", annotation_clip=False, **font,
    )  # fmt: skip


def proportion_row(results: Results, prefix: str, label: str, group: str, main: bool) -> ForestRow:
    """The row of a proportion, from the results whose ids have this prefix; what is not the main result is hollow."""
    percent, low, high = (results[f"{prefix}.{part}"] for part in ("percent", "ci_low", "ci_high"))
    counts = n_of(results, prefix)
    if percent.value is None:
        text = counts
    else:
        limits = "no interval" if low.value is None else f"{low.display} to {high.display}"
        text = f"{counts}, {percent.display} ({limits})"
    return ForestRow(label, percent.value, low.value, high.value, text, group, main, filled=main)
