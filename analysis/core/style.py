"""Colours and type of all figures. A colour has one meaning in the whole report, and a name that says it; no figure relies on colour
alone. `tests/test_style.py` holds contrasts and distances, for the colour-blind too, on white and on the dark page; the table for
authors is in docs/adapting.md."""

from collections.abc import Iterable
from pathlib import Path

import matplotlib
from matplotlib import font_manager
from matplotlib import style as mplstyle

from analysis.core import vector

PAPER = "#FFFFFF"
INK = "#222222"
"""Text, and marks of what was recorded and is neither good nor bad: adverse events, doses missed, treatment stopped."""
QUIET = "#727272"
"""Text beside the matter, axes and outlines, and whatever stands beside a result to be compared with it: another analysis, a subgroup,
another study."""
PATIENT = "#8E8E8E"
"""Single patients, where they are a crowd."""
FAINT = "#C8C8C8"
"""Grid, and what stands behind; nothing is said by it alone."""
RESULT = "#005B96"
"""The result of this cohort, and a patient with the primary response."""
NO_RESPONSE = "#C24C00"
"""A patient without the primary response, as the primary analysis counts."""
CONJUNCTIVITIS = "#008A63"
BETWEEN = "#A9D7F2"
"""Where a curve may run that the data do not determine."""
GRADES = ("#EAF3F9", "#B5D6EA", "#6FAFD6", "#2876AC", "#0B4468")
"""Of severity, from clear to severe: one hue, falling lightness, with an outline."""
VERY_SEVERE = "#120513"

DARK = {
    PAPER: "#14191F", INK: "#DDE4EA", QUIET: "#8F9BA6", PATIENT: "#6B7783", FAINT: "#3E4954", RESULT: "#7CC0EE",
    NO_RESPONSE: "#EB7A33", CONJUNCTIVITIS: "#35B98C", BETWEEN: "#1F5474",
    **dict(zip(GRADES, ("#1B2833", "#21445C", "#2C6389", "#5AA9DA", "#A5D4F1"), strict=True)), VERY_SEVERE: "#FFFFFF",
}  # fmt: skip
"""What stands for each colour on a dark page."""
WIDTH = 6.3
"""Inches (160 mm): the width of the text on an A4 page."""
NARROW = 3.75
"""Inches: 360 pixels, the width of the text on a phone."""

STYLE = Path(__file__).with_name("report.mplstyle")


def apply(fonts: Iterable[Path] = ()) -> None:
    """Make the report's style the default of every figure drawn from now on; `fonts` are font files to draw with.

    The file is read when something asks for a setting first, which is when something is drawn: what draws nothing does not depend
    on it.
    """
    own = Path(matplotlib.get_data_path())
    manager = font_manager.fontManager
    # A font that is installed on this machine under the name of one of ours must not take its place.
    manager.ttflist = [entry for entry in manager.ttflist if Path(entry.fname).is_relative_to(own)]
    for font in fonts:
        manager.addfont(font)
    matplotlib.rcParams.__class__ = _Unread
    vector.use()


def _reading(name: str):
    """The method of Matplotlib's settings that has this name, which puts the style in them first."""

    def method(settings: matplotlib.RcParams, *arguments, **named):
        settings.__class__ = matplotlib.RcParams
        matplotlib.rcdefaults()  # nothing of a user's matplotlibrc remains
        mplstyle.use(STYLE)
        return getattr(settings, name)(*arguments, **named)

    return method


_METHODS = {name for base in matplotlib.RcParams.__mro__[:-1] for name, part in vars(base).items() if callable(part)}
_OF_THE_CLASS = {"__class_getitem__", "__getattribute__", "__init__", "__new__", "__subclasshook__", "fromkeys"}
_READING = {name: _reading(name) for name in {*_METHODS, "__reduce_ex__"} - _OF_THE_CLASS}
_Unread = type("RcParams", (matplotlib.RcParams,), {"__module__": "matplotlib", **_READING})
"""Matplotlib's settings before anybody has asked for one of them since the style was applied."""


def text_on(colour: str) -> str:
    """Ink or paper, whichever reads better on this colour (relative luminance as in WCAG 2.2).

    >>> text_on(GRADES[0]), text_on(GRADES[-1])
    ('#222222', '#FFFFFF')
    """
    return max(INK, PAPER, key=lambda text: contrast(text, colour))


def contrast(one: str, other: str) -> float:
    """Between two colours as hexadecimal numbers, 1 to 21 (WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).

    >>> contrast("#000000", "#FFFFFF"), round(contrast(QUIET, PAPER), 2)
    (21.0, 4.81)
    """
    dark, light = sorted(map(_luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
