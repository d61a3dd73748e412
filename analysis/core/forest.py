"""Forest plots of proportions: one row an estimate with its interval, under headings, with the numbers beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from analysis.core.cells import n_of
from analysis.core.drawing import Drawing, subplots
from analysis.core.markdown import Table, indented, literal
from analysis.core.results import Results
from analysis.core.style import BLUE, FAINT, INK, ORANGE, QUIET, WIDTH

_INCHES_A_ROW = 0.19
_LABEL_SHARE, _TEXT_SHARE = 0.36, 0.26
"""Shares of the width for the labels on the left and the numbers on the right."""


@dataclass(frozen=True)
class ForestRow:
    """One row: `percent` with its limits (0-100, None where there is no estimate), and `text`, the numbers in words.

    Neighbouring rows of the same `group` stand under that heading. A row that is not `filled` has a hollow, square
    marker, which tells it from the others in grey too.
    """

    label: str
    percent: float | None
    ci_low: float | None
    ci_high: float | None
    text: str
    group: str = ""
    filled: bool = True


def forest(rows: Sequence[ForestRow], xlabel: str, heading: str = "n/N, % (95 % CI)", notes: Sequence[str] = ()) -> Drawing:
    """The rows from top to bottom on an axis from 0 to 100 %; `heading` stands over the numbers on the right, `notes` below
    the data."""
    lines: list[str | ForestRow] = []
    for group, members in groupby(rows, key=lambda row: row.group):
        lines += [*([group] if group else []), *members]
    height = 0.75 + _INCHES_A_ROW * max(len(lines), 1)
    figure, axes = subplots(figsize=(WIDTH, height), layout="none")
    figure.subplots_adjust(left=_LABEL_SHARE, right=1 - _TEXT_SHARE, top=1 - 0.26 / height, bottom=0.45 / height)
    for place, line in enumerate(lines):
        if isinstance(line, str):
            _beside(axes, place, line, left=True, fontweight="bold")
            continue
        _beside(axes, place, f"   {line.label}" if line.group else line.label, left=True)
        _beside(axes, place, line.text, left=False)
        colour = BLUE if line.filled else ORANGE
        if line.ci_low is not None and line.ci_high is not None:
            axes.hlines(place, line.ci_low, line.ci_high, color=colour, linewidth=1.2)
        if line.percent is not None:
            axes.plot(
                line.percent, place, "o" if line.filled else "s", color=colour, markersize=4.8, clip_on=False,
                markerfacecolor=colour if line.filled else "white", zorder=3,
            )  # fmt: skip
    axes.annotate(
        heading, xy=(1, 1), xycoords="axes fraction", xytext=(8, 3), textcoords="offset points", va="bottom",
        color=QUIET,
    )  # fmt: skip
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set(xlim=(0, 100), ylim=(max(len(lines), 1) - 0.4, -0.6), xlabel=xlabel, xticks=range(0, 101, 20), yticks=[])
    axes.spines["left"].set_visible(False)
    data = []
    for line in lines:
        if isinstance(line, str):
            data.append([f"**{literal(line)}**", ""])
        else:
            data.append([indented(literal(line.label)) if line.group else literal(line.label), literal(line.text)])
    return Drawing(figure, Table([literal(xlabel), heading], "lr", data, notes))


def _beside(axes, place: int, text: str, *, left: bool, **font) -> None:
    """Text at the height of a row, in the left margin of the figure or right of the axes."""
    edge = -_LABEL_SHARE / (1 - _LABEL_SHARE - _TEXT_SHARE) if left else 1.0
    axes.annotate(
        text, xy=(edge, place), xycoords=("axes fraction", "data"), xytext=(0 if left else 8, 0),
        textcoords="offset points", va="center", annotation_clip=False, color=INK, **font,
    )  # fmt: skip


def proportion_row(results: Results, prefix: str, label: str, group: str, filled: bool = True) -> ForestRow:
    """The row of a proportion, from the results whose ids have this prefix."""
    percent, low, high = (results[f"{prefix}.{part}"] for part in ("percent", "ci_low", "ci_high"))
    counts = n_of(results, prefix)
    if percent.value is None:
        text = counts
    else:
        limits = "no interval" if low.value is None else f"{low.display} to {high.display}"
        text = f"{counts}, {percent.display} ({limits})"
    return ForestRow(label, percent.value, low.value, high.value, text, group, filled)
