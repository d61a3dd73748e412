"""The whole cohort in one picture: every patient a row, with the grades of IGA, the doses and the adverse events in time."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from analysis.core import display
from analysis.core.design import Tables
from analysis.core.drawing import ABSENT, Drawing, of_individuals, of_patient, subplots
from analysis.core.families import paired
from analysis.core.markdown import Table, literal
from analysis.core.results import Results
from analysis.core.style import FAINT, GRADES, GREEN, INK, ORANGE, QUIET, WIDTH, text_on
from analysis.core.words import Markdown, Words, who
from analysis.efficacy import discontinued_by, percent_change, responses
from analysis.safety import is_conjunctivitis, treatment_emergent
from protocol import outcomes, scores

_RESPONSE = outcomes.PRIMARY[0]
_ROW = 0.205
"""Inches a patient."""
_TILE = 1.5
"""Weeks that a tile is wide."""
_UNSEEN = {"facecolor": "white", "hatch": "//////"}
_EDGE = {"edgecolor": QUIET, "linewidth": 0.35}


@of_individuals
def every_patient(tables: Tables, results: Results, week: int) -> Drawing:
    """Every patient a row, sorted by the primary response at `week`, then by how early it was first seen, then by IGA and EASI.

    A tile is a visit in the colour of its grade, hatched where the visit was due and not assessed; ticks below are doses, circles
    doses missed; bars above are adverse events from their first to their last day, those that go on to the last contact with an open
    end. On the right stands the change of EASI to that week.
    """
    change = percent_change(paired(tables.visits, week, "easi")[0])
    weeks = results.weeks("population", "visit")
    responded = _responders(tables, week)
    order = _order(tables, week, weeks, responded, change)
    places = {patient: place for place, patient in enumerate(order)}
    events = treatment_emergent(tables.adverse_events)
    grades = {patient: dict(zip(own["week"], own["iga"], strict=True)) for patient, own in tables.visits.groupby("patient_id")}
    figure, axes = subplots(figsize=(WIDTH, 0.95 + _ROW * len(order)))
    last = 0.0
    patients = tables.patients.set_index("patient_id")
    for patient, place in places.items():
        row = patients.loc[patient]
        end = float(row["last_contact_week"])
        of_patient(axes.axhspan(place - 0.5, place + 0.5, facecolor="none", edgecolor="none", zorder=0), patient)  # the whole row
        marks = axes.plot((0, end), (place, place), color=FAINT, linewidth=0.8, zorder=1)
        for visit in [each for each in weeks if each <= end]:
            marks += _tile(axes, visit, place, grades.get(patient, {}).get(visit))
        if not pd.isna(row["discontinued_week"]):
            marks += axes.plot(row["discontinued_week"], place, marker="X", color=INK, markersize=4.5, linestyle="", zorder=6)
        for mark in marks:
            of_patient(mark, patient)
        last = max(last, end)
    last = max(last, _doses(axes, tables.doses, places), _events(axes, events, places, patients["last_contact_week"]))
    for patient, place in places.items():
        text = f"{display.number(change[patient], 1)}\N{NO-BREAK SPACE}%" if patient in change.index else ABSENT
        said = axes.annotate(text, (1, place), xycoords=("axes fraction", "data"), xytext=(30, 0), textcoords="offset points",
                             ha="right", va="center", fontsize=6.5, color=INK, annotation_clip=False)  # fmt: skip
        of_patient(said, patient)
    axes.annotate("EASI", (1, -0.9), xycoords=("axes fraction", "data"), xytext=(30, 0), textcoords="offset points", ha="right",
                  va="bottom", fontsize=6.5, color=QUIET, annotation_clip=False)  # fmt: skip
    if 0 < len(responded) < len(order):  # a line between those who responded and the others
        axes.axhline(len(responded) - 0.5, color=QUIET, linewidth=0.6, linestyle=(0, (3, 3)), zorder=0)
    axes.set_yticks(range(len(order)), order, fontsize=6.5)
    for name, patient in zip(axes.get_yticklabels(), order, strict=True):
        of_patient(name, patient)
    axes.set(ylim=(len(order) - 0.4, -0.75), xlim=(-1.2, last + 0.8), xlabel="Weeks since the first dose")
    axes.set_xticks(weeks)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    _key(figure, tables, events)
    return Drawing(figure, _data(tables, results, order, grades, weeks, change, events))


def _responders(tables: Tables, week: int) -> set[str]:
    """Who has the primary response at a week, as the primary analysis counts it: on treatment, and assessed."""
    met = responses(tables.visits, _RESPONSE, week)
    return set(met.index[met]) - discontinued_by(tables.patients, week)


def _order(tables: Tables, week: int, weeks: list[int], responded: set[str], change: pd.Series) -> list[str]:
    """The patients, best first; who was not assessed at the week comes last."""
    first: dict[str, float] = {}
    for each in weeks[1:]:
        for patient in _responders(tables, each):
            first.setdefault(patient, each)
    seen = tables.visits[(tables.visits["week"] == week) & tables.visits["iga"].notna()]
    grade = dict(zip(seen["patient_id"], seen["iga"].astype(float), strict=True))

    def key(patient: str) -> tuple:
        return (patient not in responded, patient not in grade, first.get(patient, np.inf), grade.get(patient, np.inf),
                change.get(patient, np.inf), patient)  # fmt: skip

    return sorted(tables.patients["patient_id"], key=key)


def _tile(axes: Axes, week: int, place: int, grade: object) -> list[Artist]:
    missing = grade is None or pd.isna(grade)
    look = _UNSEEN if missing else {"facecolor": GRADES[int(grade)]}
    tile = axes.add_patch(plt.Rectangle((week - _TILE / 2, place - 0.26), _TILE, 0.52, **look, **_EDGE, zorder=3))
    if missing:
        return [tile]
    colour = text_on(look["facecolor"])
    return [tile, axes.text(week, place + 0.02, f"{int(grade)}", ha="center", va="center", fontsize=5.5, color=colour, zorder=4)]


def _doses(axes: Axes, doses: pd.DataFrame, places: dict[str, int]) -> float:
    weeks, given = (doses["study_day"].astype(float) - 1) / 7, doses["given"] == 1
    for patient, own in weeks.groupby(doses["patient_id"]):
        height = places[patient] + 0.39
        taken, missed = own[given[own.index]], own[~given[own.index]]
        ticks = axes.plot(taken, [height] * len(taken), "|", color=QUIET, markersize=2.4, markeredgewidth=0.7, zorder=2)
        rings = axes.plot(missed, [height] * len(missed), "o", markerfacecolor="white", markeredgecolor=INK, markersize=2.6,
                          markeredgewidth=0.6, zorder=2)  # fmt: skip
        for mark in (*ticks, *rings):
            of_patient(mark, patient)
    return max(weeks, default=0.0)


def _events(axes: Axes, events: pd.DataFrame, places: dict[str, int], contact: pd.Series) -> float:
    """Bars from the first to the last day; at least as long as a reader can see."""
    furthest = 0.0
    for event, eyes in zip(events.itertuples(), is_conjunctivitis(events), strict=True):
        start = (float(event.start_day) - 1) / 7
        ongoing = pd.isna(event.end_day)
        end = float(contact[event.patient_id]) if ongoing else float(event.end_day) / 7
        length = max(end - start, 0.22)
        height, colour = places[event.patient_id] - 0.38, GREEN if eyes else ORANGE
        marks = axes.plot((start, start + length), (height, height), color=colour, linewidth=2.4, solid_capstyle="butt", zorder=5)
        if ongoing:
            marks += axes.plot(start + length, height, ">", color=colour, markersize=3, markeredgewidth=0, zorder=5)
        for mark in marks:
            of_patient(mark, event.patient_id)
        furthest = max(furthest, start + length)
    return furthest


def _key(figure, tables: Tables, events: pd.DataFrame) -> None:
    """What the marks mean, of those that are there."""
    patches = [plt.Rectangle((0, 0), 1, 1, facecolor=face, **_EDGE) for face in GRADES]
    names = [f"IGA {grade} {name}" for grade, name in enumerate(scores.IGA_LABELS)]
    patches.append(plt.Rectangle((0, 0), 1, 1, **_UNSEEN, **_EDGE))
    names.append("not assessed")
    marks = [("dose", "|", QUIET, QUIET, 5)]
    if (tables.doses["given"] == 0).any():
        marks.append(("dose missed", "o", "white", INK, 3.5))
    if tables.patients["discontinued_week"].notna().any():
        marks.append(("treatment stopped", "X", INK, INK, 4.5))
    lines = [
        Line2D([], [], linestyle="", marker=marker, markerfacecolor=face, markeredgecolor=edge, markersize=size, label=name)
        for name, marker, face, edge, size in marks
    ]
    eyes = is_conjunctivitis(events)
    for there, colour, name in ((eyes.any(), GREEN, "conjunctivitis"), ((~eyes).any(), ORANGE, "other adverse event")):
        if there:
            lines.append(Line2D([], [], color=colour, linewidth=2.4, label=name))
    figure.legend(
        [*patches, *lines], [*names, *(line.get_label() for line in lines)], loc="outside upper left", ncols=6, fontsize=6.5,
        handlelength=1.1, handletextpad=0.4, columnspacing=1.1,
    )  # fmt: skip


def _data(
    tables: Tables, results: Results, order: list[str], grades: dict, weeks: list[int], change: pd.Series, events: pd.DataFrame
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


def alt_every_patient(results: Results, week: int) -> str:
    """What the picture shows, in words."""
    words = Words(results)
    given, missed = (results[f"exposure.doses.{each}.n"].display for each in ("given", "missed"))
    told = f"A row for each {words.who.one}, sorted by response, with the IGA grade at each visit as a tile. "
    prefix = f"efficacy.{_RESPONSE.id}.w{week}.nri"
    if words.known(f"{prefix}.n"):
        n, everyone = (words.row(f"{prefix}.{part}") for part in ("n", "N"))
        alone = "reached" if n.value else "not reached"
        told += f"{_RESPONSE.name} at week {week}: {f'{n.display} of {everyone.display}' if everyone.value > 1 else alone}. "
    return f"{told}{_several(given, 'dose')} given, {missed if missed != '0' else 'none'} missed; {_happened(words)}."


def _happened(words: Words) -> str:
    events, having, eyes = (words.row(f"safety.{each}") for each in ("any_event.events", "any_event.n", "conjunctivitis.events"))
    if not events.value:
        return "no adverse event"
    told = f"{_several(events.display, 'adverse event')} in {having.display} {words.who.count(having.value)}"
    if events.value == 1:
        return f"{told}, {'' if eyes.value else 'no '}conjunctivitis"
    return f"{told}, {eyes.display if eyes.value else 'none'} of them conjunctivitis"


def _several(number: str, thing: str) -> str:
    """A number with its noun.

    >>> [_several(number, "dose") for number in ("0", "1", "2")]
    ['no dose', '1 dose', '2 doses']
    """
    return f"{'no' if number == '0' else number} {thing}{'' if number in ('0', '1') else 's'}"


def caption(words: Words, week: int) -> Markdown:
    """What a reader has to know to read the picture."""
    return Markdown(
        f"Every {words.who.one}, sorted by response at week {week}. A tile is a visit with its IGA grade; a tick below is a dose, a "
        f"bar above an adverse event from its first to its last day. On the right, the change of EASI to week {week}."
    )
