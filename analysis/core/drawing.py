"""A figure together with the numbers that it shows, for who cannot see it or wants to draw it anew."""

import base64
import functools
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from analysis.core import display, vector
from analysis.core.design import Design
from analysis.core.markdown import Table, division, folded, literal
from analysis.core.results import Results
from analysis.core.style import NARROW, QUIET, WIDTH

ABSENT = "–"
"""What stands in a table for a value that there is not."""


@dataclass(frozen=True)
class Drawing:
    """A figure and its data, which notebook and website fold away below the figure.

    `narrow` draws the same figure for a phone, :data:`analysis.core.style.NARROW` wide: the website shows it there in the place of the
    other. In a notebook it is there and not seen; on paper it is not there.
    """

    figure: Figure
    data: Table
    narrow: Callable[[], Figure] | None = None

    def _ipython_display_(self) -> None:
        from IPython.display import Markdown, display  # only a notebook calls this, and there it is

        display(self.figure)
        if self.narrow is not None:
            display({"text/html": _hidden(self.narrow()), "text/markdown": ""}, raw=True)
        display(Markdown(division("figure-data", folded("Data of this figure", self.data._repr_markdown_()))))


def _hidden(figure: Figure) -> str:
    """An image of the class `narrow`, which a style sheet may show."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    source = f"data:image/svg+xml;base64,{base64.b64encode(drawn.getvalue()).decode()}"
    return f'<img class="narrow" style="display: none" alt="" src="{source}">'


def on_phones_too(draw: Callable[[float], Drawing]) -> Drawing:
    """What this draws in the width of a page, and when it is asked for in that of a phone."""
    return replace(draw(WIDTH), narrow=lambda: draw(NARROW).figure)


def of_individuals(draw: Callable[..., Drawing]) -> Callable[..., Drawing]:
    """For a function that draws single patients: where they are simulated, the picture says so in itself, and so does its copy."""

    @functools.wraps(draw)
    def drawn(*arguments, **named) -> Drawing:
        drawing = draw(*arguments, **named)
        if not any(_simulated(argument) for argument in (*arguments, *named.values())):
            return drawing
        narrow = drawing.narrow
        _call_simulated(drawing.figure, 7)
        return replace(drawing, narrow=narrow and (lambda: _call_simulated(_with_a_line_below(narrow()), 8)))

    return drawn


def _call_simulated(figure: Figure, size: float) -> Figure:
    figure.text(0.998, 0.004, "simulated", ha="right", va="bottom", fontsize=size, fontstyle="italic", color=QUIET)
    return figure


def _with_a_line_below(figure: Figure) -> Figure:
    """A phone's figure is too narrow for the word beside the name of an axis; one that is laid out by hand has its own room."""
    engine, line = figure.get_layout_engine(), 0.17 / figure.get_figheight()
    if engine is not None:
        engine.set(rect=(0, line, 1, 1 - line))
    return figure


def _simulated(argument: object) -> bool:
    if isinstance(argument, Design):
        return argument.kind == "reconstructed"
    return isinstance(argument, Results) and any(row.basis == "assumed" for row in argument.values())


def subplots(*shape: int, **options):
    """As pyplot's, but pyplot forgets the figure: a notebook shows it once, where the cell returns it."""
    figure, axes = plt.subplots(*shape, **options)
    plt.close(figure)
    return figure, axes


def of_patient(artist: Artist, patient_id: str) -> Artist:
    """The artist, marked as this patient's: the website lights what belongs to one patient in all figures.

    An artist is one patient's alone: a scatter of a whole cohort, which is one artist, cannot be marked. Lines, patches, texts and
    tick labels can be, and so can a collection that holds the marks of one patient.

    >>> from matplotlib.lines import Line2D
    >>> of_patient(Line2D([], []), "P002").get_gid()
    'patient-P002'
    """
    artist.set_gid(f"{vector.PATIENT}{patient_id}")
    return artist


def by_child(columns: Mapping[str, Mapping[str, float]], decimals: int) -> list[list[str]]:
    """Rows of a table with a child each, in the order of the ids, from the values of every column by child.

    >>> by_child({"Baseline": {"P002": 2.0, "P001": 1.0}, "Week 4": {"P002": 0.5}}, 1)
    [['P001', '1.0', '–'], ['P002', '2.0', '0.5']]
    """
    return [
        [literal(child), *(cell(values.get(child), decimals) for values in columns.values())]
        for child in sorted({child for values in columns.values() for child in values})
    ]


def cell(value: float | None, decimals: int) -> str:
    return ABSENT if value is None or pd.isna(value) else display.number(float(value), decimals)
