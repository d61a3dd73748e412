"""The whole cohort in one picture: every patient a row, with the grades of IGA, the doses and the adverse events in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis import many_shown
from analysis.core import display
from analysis.core.design import Tables
from analysis.core.display_sizes import or_of_many
from analysis.core.drawing import ABSENT, Drawing, of_individuals, of_patient, subplots
from analysis.core.families import paired
from analysis.core.markdown import Table, literal
from analysis.core.results import Results
from analysis.core.style import CONJUNCTIVITIS, FAINT, GRADES, INK, NARROW, NO_RESPONSE, PAPER, QUIET, WIDTH, text_on
from analysis.core.words import Markdown, Words, who
from analysis.efficacy import percent_change
from analysis.happened import doses_and_events
from analysis.ranking import RESPONSE, Ranking, ranking
from analysis.safety import is_conjunctivitis, treatment_emergent
from protocol import scores

_UNSEEN = {"facecolor": PAPER, "hatch": "//////"}
_EDGE = {"edgecolor": QUIET, "linewidth": 0.35}


@dataclass(frozen=True)
class _Size:
    """Of a picture so many inches wide: a row, all rows at the most, and the texts."""

    width: float
    row: float
    tallest: float
    names: float
    grades: float
    columns: int
    beside: float
    """From the right edge of the axes to that of the numbers beside it, in points."""

    def row_of(self, patients: int) -> float:
        return min(self.row, self.tallest / max(patients, 1))


_PRINT = _Size(WIDTH, row=0.205, tallest=8.4, names=6.5, grades=5.5, columns=6, beside=30)
_PHONE = _Size(NARROW, row=0.27, tallest=30, names=8, grades=8, columns=3, beside=36)


@of_individuals
@or_of_many(many_shown.every_patient)
def every_patient(tables: Tables, results: Results, week: int) -> Drawing:
    """Every patient a row, sorted by the primary response at `week`, then by how early it was first seen, then by IGA and EASI.

    A tile is a visit in the colour of its grade, hatched where the visit was due and not assessed; ticks below are doses, circles
    doses missed; bars above are adverse events from their first to their last day, those that go on to the last contact with an open
    end. On the right stands the change of EASI to that week.
    """
    change = percent_change(paired(tables.visits, week, "easi")[0])
    weeks = results.weeks("population", "visit")
    ranked = ranking(tables, week)
    events = treatment_emergent(tables.adverse_events)
    grades = {patient: dict(zip(own["week"], own["iga"], strict=True)) for patient, own in tables.visits.groupby("patient_id")}
    draw = partial(_picture, tables, ranked, weeks, change, events, grades)
    data = _data(tables, results, ranked.order, grades, weeks, change, events)
    return Drawing(draw(_PRINT), data, partial(draw, _PHONE))


def _picture(
    tables: Tables, ranked: Ranking, weeks: list[int], change: pd.Series, events: pd.DataFrame, grades: dict, size: _Size
) -> Figure:
    row_height = size.row_of(len(ranked.order))
    figure, axes = subplots(figsize=(size.width, 0.95 + row_height * max(len(ranked.order), 3)))
    patients = tables.patients.set_index("patient_id")
    own = {name: dict(iter(table.groupby("patient_id"))) for name, table in (("doses", tables.doses), ("events", events))}
    days = pd.concat([tables.doses["study_day"], events["start_day"], events["end_day"]]).dropna().astype(float)
    ends = [*patients["last_contact_week"].astype(float), *days / 7]
    last = max(ends, default=1.0)
    tile = max(1.5, 0.045 * last)
    for place, patient in enumerate(ranked.order):
        row = patients.loc[patient]
        end = float(row["last_contact_week"])
        of_patient(axes.axhspan(place - 0.5, place + 0.5, facecolor="none", edgecolor="none", zorder=0), patient)  # the whole row
        of_patient(axes.plot((0, end), (place, place), color=FAINT, linewidth=0.8, zorder=1)[0], patient)
        for visit in [each for each in weeks if each <= end]:
            for artist in _tile(axes, visit, place, grades.get(patient, {}).get(visit), tile, size.grades):
                of_patient(artist, patient)
        if not pd.isna(row["discontinued_week"]):
            (stop,) = axes.plot(row["discontinued_week"], place, marker="X", color=INK, markersize=4.5, linestyle="", zorder=6)
            of_patient(stop, patient)
        for artist in [*_doses(axes, own["doses"].get(patient), place), *_events(axes, own["events"].get(patient), place, end)]:
            of_patient(artist, patient)
        text = f"{display.number(change[patient], 1)}\N{NO-BREAK SPACE}%" if patient in change.index else ABSENT
        number = axes.annotate(text, (1, place), xycoords=("axes fraction", "data"), xytext=(size.beside, 0),
                               textcoords="offset points", ha="right", va="center", fontsize=size.names, color=INK,
                               annotation_clip=False)  # fmt: skip
        of_patient(number, patient)
    axes.set(ylim=(max(len(ranked.order), 3) - 0.4, -0.75), xlim=(-0.8 * tile, last + 0.6 * tile), xlabel="Weeks since the first dose")
    axes.annotate("EASI", (1, 1), xycoords="axes fraction", xytext=(size.beside, 1), textcoords="offset points", ha="right",
                  va="bottom", fontsize=size.names, color=QUIET, annotation_clip=False)  # fmt: skip
    axes.set_yticks(range(len(ranked.order)), ranked.order, fontsize=size.names)
    for label, patient in zip(axes.get_yticklabels(), ranked.order, strict=True):
        label.set_color(NO_RESPONSE if patient in ranked.without else INK)
        of_patient(label, patient)
    if 0 < len(ranked.responded) < len(ranked.order):  # a line between those who responded and the others
        axes.axhline(len(ranked.responded) - 0.5, color=QUIET, linewidth=0.6, linestyle=(0, (3, 3)), zorder=0)
    axes.set_xticks(weeks)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    _key(figure, tables, events, size)
    return figure


def _tile(axes: Axes, week: int, place: int, grade: object, across: float, size: float) -> list[Artist]:
    missing = grade is None or pd.isna(grade)
    look = _UNSEEN if missing else {"facecolor": GRADES[int(grade)]}
    tile = axes.add_patch(plt.Rectangle((week - across / 2, place - 0.26), across, 0.52, **look, **_EDGE, zorder=3))
    if missing:
        return [tile]
    colour = text_on(look["facecolor"])
    return [tile, axes.text(week, place + 0.02, f"{int(grade)}", ha="center", va="center", fontsize=size, color=colour, zorder=4)]


def _doses(axes: Axes, doses: pd.DataFrame | None, place: int) -> list[Artist]:
    if doses is None:
        return []
    weeks, given = (doses["study_day"].astype(float) - 1) / 7, doses["given"] == 1
    ticks = {"color": QUIET, "marker": "|", "markersize": 2.4, "markeredgewidth": 0.7}
    missed = {"marker": "o", "markerfacecolor": PAPER, "markeredgecolor": INK, "markersize": 2.6, "markeredgewidth": 0.6}
    drawn = [(weeks[kind], look) for kind, look in ((given, ticks), (~given, missed)) if kind.any()]
    return [axes.plot(at, [place + 0.39] * len(at), linestyle="", zorder=2, **look)[0] for at, look in drawn]


def _events(axes: Axes, events: pd.DataFrame | None, place: int, contact: float) -> list[Artist]:
    """Bars from the first to the last day; at least as long as a reader can see. Those that go on end in a tip at the last contact."""
    drawn: list[Artist] = []
    if events is None:
        return drawn
    height = place - 0.38
    for event, eyes in zip(events.itertuples(), is_conjunctivitis(events), strict=True):
        start = (float(event.start_day) - 1) / 7
        ongoing = pd.isna(event.end_day)
        end = max(contact if ongoing else float(event.end_day) / 7, start + 0.22)
        colour = CONJUNCTIVITIS if eyes else INK
        drawn += axes.plot((start, end), (height, height), color=colour, linewidth=2.2, solid_capstyle="butt", zorder=5)
        if ongoing:
            drawn += axes.plot(end, height, ">", color=colour, markersize=4, markeredgewidth=0, zorder=5, clip_on=False)
    return drawn


def _key(figure: Figure, tables: Tables, events: pd.DataFrame, size: _Size) -> None:
    """What the marks mean, of those that are there."""
    patches = [plt.Rectangle((0, 0), 1, 1, facecolor=face, **_EDGE) for face in GRADES]
    names = [f"IGA {grade} {name}" for grade, name in enumerate(scores.IGA_LABELS)]
    patches.append(plt.Rectangle((0, 0), 1, 1, **_UNSEEN, **_EDGE))
    names.append("not assessed")
    lines = [
        Line2D([], [], linestyle="", marker=marker, markerfacecolor=face, markeredgecolor=edge, markersize=length, label=name)
        for there, name, marker, face, edge, length in (
            (True, "dose", "|", QUIET, QUIET, 5),
            ((tables.doses["given"] == 0).any(), "dose missed", "o", PAPER, INK, 3.5),
            (tables.patients["discontinued_week"].notna().any(), "treatment stopped", "X", INK, INK, 4.5),
        )
        if there
    ]  # fmt: skip
    eyes = is_conjunctivitis(events)
    for there, colour, name in ((eyes.any(), CONJUNCTIVITIS, "conjunctivitis"), ((~eyes).any(), INK, "other adverse event")):
        if there:
            lines.append(Line2D([], [], color=colour, linewidth=2.2, label=name))
    if events["end_day"].isna().any():
        lines.append(Line2D([], [], linestyle="", marker=">", color=INK, markersize=4, markeredgewidth=0, label="goes on"))
    figure.legend(
        [*patches, *lines], [*names, *(line.get_label() for line in lines)], loc="outside upper left", ncols=size.columns,
        fontsize=size.names, handlelength=1.1, handletextpad=0.4, columnspacing=1.1,
    )  # fmt: skip


def _data(
    tables: Tables, results: Results, order: Sequence[str], grades: dict, weeks: list[int], change: pd.Series, events: pd.DataFrame
) -> Table:
    """The picture as a table: the grade at each visit, the change of EASI, the number of doses, and the events with their days."""
    doses = tables.doses.groupby("patient_id")["given"].agg(lambda given: f"{int((given == 1).sum())}/{int((given == 0).sum())}")
    told = {
        patient: "; ".join(
            f"{literal(event.term)}, day {event.start_day:.0f} {'on' if pd.isna(event.end_day) else f'to {event.end_day:.0f}'}"
            for event in own.sort_values("start_day").itertuples()
        )
        for patient, own in events.groupby("patient_id")
    }
    rows = []
    for patient in order:
        seen = [grades.get(patient, {}).get(week) for week in weeks]
        rows.append([
            literal(patient), *(ABSENT if each is None or pd.isna(each) else f"{int(each)}" for each in seen),
            display.number(change[patient], 1) if patient in change.index else ABSENT, doses.get(patient, ABSENT),
            told.get(patient, ABSENT),
        ])  # fmt: skip
    header = [who(results).one.capitalize(), *(display.visit(week) for week in weeks), "EASI, %", "Doses given/missed",
              "Adverse events"]  # fmt: skip
    return Table(header, "l" + "r" * (len(weeks) + 2) + "l", rows)


@or_of_many(many_shown.alt_every_patient)
def alt_every_patient(results: Results, week: int) -> str:
    """What the picture shows, in words."""
    words = Words(results)
    told = f"A row for each {words.who.one}, sorted by response, with the IGA grade at each visit as a tile. "
    prefix = f"efficacy.{RESPONSE.id}.w{week}.nri"
    if words.known(f"{prefix}.n"):
        n, everyone = (words.row(f"{prefix}.{part}") for part in ("n", "N"))
        alone = "reached" if n.value else "not reached"
        told += f"{RESPONSE.name} at week {week}: {f'{n.display} of {everyone.display}' if everyone.value > 1 else alone}. "
    return f"{told}{doses_and_events(words)}."


@or_of_many(many_shown.caption)
def caption(words: Words, week: int) -> Markdown:
    """What a reader has to know to read the picture, of what is in it."""
    one = words.who.one
    said = [f"Every {one}, sorted by {RESPONSE.name} at week {week}, then by how early it was first seen."]
    n, everyone = (words.row(f"efficacy.{RESPONSE.id}.w{week}.nri.{part}").value for part in ("n", "N"))
    if n is not None and n < everyone:
        below = "Below the dashed line, with orange ids" if n else "Orange ids"
        said.append(f"{below}: without it, not assessed or off treatment.")
    said.append("A tile is a visit with its IGA grade, hatched if it was not assessed; a tick below is a dose.")
    if words.row("safety.any_event.events").value:
        said.append("A bar above is an adverse event from its first to its last day.")
    said.append(f"On the right, the change of EASI to week {week}.")
    return Markdown(" ".join(said))
