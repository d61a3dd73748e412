"""Small multiples: one panel a patient, all on the same scale, with the median of everyone behind."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, Transform

from analysis.core.drawing import of_patient, subplots
from analysis.core.style import FAINT, NARROW, NO_RESPONSE, PAPER, PATIENT, QUIET, RESULT

_LEFT, _RIGHT, _BOTTOM, _GAP = 0.34, 0.06, 0.4, 0.09
"""Margins, and what lies between panels, in inches."""
_KEY_ROW, _LABEL_ROW = 0.16, 0.2
"""Above the panels: a row of the key, and the label of the vertical axis."""
_HEAD = 1.6
"""Height of a panel in heights of its scale: the name stands above, and a gap above that."""
_INSET, _WIDE = 0.04, 0.92
"""From a panel's edge to week 0, in inches, and the share of a panel's width that the weeks take."""
DOTS = (0, (1, 1))


@dataclass(frozen=True)
class Course:
    """A score: its values by patient and week, and by week the median with its quartiles. A dotted one is the second of two."""

    name: str
    values: Mapping[str, Mapping[int, float]]
    middle: Mapping[int, tuple[float, float, float]]
    dotted: bool = False


@dataclass(frozen=True)
class Groups:
    """Whom the panels show: patient ids in their order, those without the response, and what response and patients are called."""

    order: Sequence[str]
    without: Set[str]
    response: str
    one: str
    many: str


def small_multiples(
    courses: Sequence[Course], groups: Groups, weeks: Sequence[int], label: str, levels: Sequence[float], width: float
) -> Figure:
    """Panels in rows, `width` inches wide in all: first the median with its quartiles, then every patient.

    weeks: of the visits, to scale on every panel. label: of the vertical axis. levels: heights of lines across each panel.
    """
    panels = _panels(groups)
    columns = _columns(len(panels), width)
    across = (width - _LEFT - _RIGHT - (columns - 1) * _GAP) / columns
    down = min(0.95 * across, 1.5)
    key, key_columns = _key(courses, groups), 2 if width <= NARROW else 5
    top = _KEY_ROW * -(-len(key) // key_columns) + _LABEL_ROW
    height = top + -(-len(panels) // columns) * down + _BOTTOM
    figure, axes = subplots(figsize=(width, height), layout="none")
    axes.set_position((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    seen = [value for course in courses for own in course.values.values() for value in own.values()]
    ticks = [*levels] if levels else _ticks(max(seen, default=1.0))
    last, highest = max([*weeks, 1]), max([*seen, *ticks])
    text = {"fontsize": 8 if width <= NARROW else 6.5}
    for place, (name, members) in enumerate(panels):
        row, column = divmod(place, columns)
        left, floor = _LEFT + column * (across + _GAP), top + (row + 1) * down
        to_inches = Affine2D().scale(across * _WIDE / last, -down / (_HEAD * highest)).translate(left + _INSET, floor)
        there = to_inches + axes.transData
        _frame(axes, there, weeks, ticks, last)
        _lines(axes, there, courses, members, groups)
        title = axes.text(left + _INSET, floor - down * 0.85, name, color=_colour(members, groups), va="top", **text)
        if len(members) == 1:
            of_patient(title, members[0])
        if column == 0:
            for tick in ticks:
                axes.text(left, to_inches.transform((0, tick))[1], f"{tick:g}", ha="right", va="center", **text)
        if place + columns >= len(panels):
            for week in _labelled(weeks, across * _WIDE * 72, text["fontsize"]):
                axes.text(to_inches.transform((week, 0))[0], floor + 0.04, f"{week}", ha="center", va="top", **text)
    axes.text(0.03, top - 0.03, label, color=QUIET, va="bottom", **text)
    axes.text(_LEFT, height - 0.04, "Weeks since the first dose", va="bottom", **text)
    figure.legend(handles=key, loc="upper left", ncols=key_columns, borderaxespad=0.1, handlelength=1.6, columnspacing=1.2,
                  handletextpad=0.5, **text)  # fmt: skip
    return figure


def _panels(groups: Groups) -> list[tuple[str, tuple[str, ...]]]:
    """Name and members of each panel; the one without members has the median alone."""
    everyone = tuple(groups.order)
    if len(everyone) < 2:
        return [(each, (each,)) for each in everyone] or [("Median", ())]
    return [("Median", ()), *((patient, (patient,)) for patient in everyone)]


def _columns(panels: int, width: float) -> int:
    few, usual, many = (2, 3, 4) if width <= NARROW else (4, 7, 10)
    return min(panels, few) if panels <= 8 else usual if panels <= 36 else many


def _frame(axes: Axes, there: Transform, weeks: Sequence[int], ticks: Sequence[float], last: float) -> None:
    for tick in ticks:
        dashes = (0, (2, 2)) if tick else "-"
        axes.plot((0, last), (tick, tick), color=FAINT, linewidth=0.5, linestyle=dashes, transform=there, zorder=0)
    axes.plot(weeks, [0] * len(weeks), "|", color=QUIET, markersize=3, markeredgewidth=0.6, transform=there, zorder=0)


def _lines(axes: Axes, there: Transform, courses: Sequence[Course], members: Sequence[str], groups: Groups) -> None:
    """The courses of the members above the medians of everyone; of nobody the medians with their quartiles."""
    for course in courses:
        dashes = DOTS if course.dotted else "-"
        middle = [quartiles[0] for quartiles in course.middle.values()]
        if not members:
            axes.plot([*course.middle], middle, color=RESULT, linewidth=1.2, linestyle=dashes, transform=there)
            for week, (_, low, high) in course.middle.items():
                axes.plot((week, week), (low, high), color=RESULT, linewidth=1.6, solid_capstyle="butt", transform=there)
        elif len(groups.order) > 1:
            axes.plot([*course.middle], middle, color=FAINT, linewidth=2.2, linestyle=dashes, transform=there, zorder=1)
        alone = len(members) == 1
        for patient in members:
            own = course.values.get(patient, {})
            colour = _colour((patient,), groups) if alone or patient in groups.without else PATIENT
            (line,) = axes.plot([*own], [*own.values()], color=colour, linewidth=1.1 if alone else 0.5, linestyle=dashes,
                                marker="o" if alone else "", markersize=2.2, markerfacecolor=PAPER if course.dotted else colour,
                                markeredgewidth=0.5, transform=there, zorder=2)  # fmt: skip
            of_patient(line, patient)


def _colour(members: Sequence[str], groups: Groups) -> str:
    return NO_RESPONSE if members and set(members) <= groups.without else RESULT


def _ticks(highest: float) -> list[float]:
    """0 and a round number below the highest value.

    >>> _ticks(51.3), _ticks(9.8), _ticks(0.0)
    ([0.0, 40.0], [0.0, 8.0], [0.0, 0.8])
    """
    round_ones = [tick for tick in MaxNLocator(3).tick_values(0, highest or 1.0) if 0 < tick <= (highest or 1.0)]
    return [0.0, float(max(round_ones, default=1.0))]


def _labelled(weeks: Sequence[int], points: float, size: float) -> list[int]:
    """The weeks whose labels have room side by side below a panel so many points wide; the first and the last always.

    >>> _labelled((0, 4, 8, 16, 26), 50, 6.5), _labelled((0, 4, 8, 16, 26, 39, 52), 50, 6.5), _labelled((0,), 50, 6.5)
    ([0, 8, 16, 26], [0, 16, 39, 52], [0])
    """
    last, shown = weeks[-1], [weeks[0]]
    for week in weeks[1:]:
        room = 1.7 * size * last / points
        if week == last or (week - shown[-1] >= room and last - week >= room):
            shown.append(week)
    return shown


def _key(courses: Sequence[Course], groups: Groups) -> list[Line2D]:
    """What the lines mean, of those that are there."""
    entries = []
    if set(groups.order) - groups.without:
        entries.append(Line2D([], [], color=RESULT, label=groups.response if groups.without else groups.one))
    if groups.without:
        entries.append(Line2D([], [], color=NO_RESPONSE, label=f"no {groups.response}"))
    if len(groups.order) > 1:
        entries.append(Line2D([], [], color=FAINT, linewidth=2.2, label=f"median of all {groups.many}"))
    if len(courses) > 1:
        entries += [Line2D([], [], color=QUIET, linestyle=DOTS if each.dotted else "-", label=each.name) for each in courses]
    return entries
