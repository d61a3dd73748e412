"""Colours and type of all figures. The colours are Okabe and Ito's, the blue a little darker, so that it differs from the orange
in grey, too; `tests/test_style.py` holds the distances. No figure relies on colour alone."""

from collections.abc import Iterable
from pathlib import Path

import matplotlib
from matplotlib import font_manager
from matplotlib import style as mplstyle

from analysis.core import vector

INK = "#222222"
QUIET = "#6B6B6B"
FAINT = "#C8C8C8"
BLUE = "#005B96"
ORANGE = "#D55E00"
GREEN = "#009E73"
SKY = "#56B4E9"
GRADES = ("#EAF3F9", "#B5D6EA", "#6FAFD6", "#2F7FB5", "#0B3C5D")
"""From clear to severe: one hue, falling lightness."""
WIDTH = 6.3
"""Inches (160 mm): the width of the text on an A4 page."""

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
    """Black or white, whichever reads better on this colour (relative luminance as in WCAG 2.2).

    >>> text_on("#EAF3F9"), text_on("#0B3C5D")
    ('#222222', 'white')
    """
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if luminance > 0.2 else "white"
