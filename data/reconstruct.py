"""Writes the reconstructed data cuts `data/cuts/week-26` and `data/examples/week-52`.

The patient-level data of the paper were never published. This script simulates 27 children so that every
published aggregate is met exactly; all else is assumed. It is never evidence. `data/README.md` says which
column is which. The cut week-52 follows the same children on, to show and test how follow-up data come in.

Run `python data/reconstruct.py`; the files are the same byte for byte every time and on every machine.
`python data/reconstruct.py week-52` writes that cut alone, and `--output FOLDER` writes it elsewhere.
"""

import argparse
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent
sys.path.insert(0, str(DATA.parent))  # for protocol.treatment, wherever the script is started from

from simulation.absences import take_away, take_away_later  # noqa: E402
from simulation.children import Child, cohort  # noqa: E402
from simulation.corrections import correct_easi, correct_ige, correct_weight, fill_in_iga  # noqa: E402
from simulation.courses import (  # noqa: E402
    LATER_WEEKS,
    PLANNED_WEEKS,
    PRIMARY_WEEK,
    Visit,
    course,
    hold_scorad,
)
from simulation.events import adverse_events, later_events  # noqa: E402
from simulation.follow_up import followed_to_week_52  # noqa: E402
from simulation.laboratory import Ige, later_ige, total_ige  # noqa: E402
from simulation.treatment import doses, irregularities, later_irregularities  # noqa: E402
from simulation.writing import write_cut  # noqa: E402

# The published figures, as sums over the 27 children.
SCORAD_SUM_TENTHS = {0: 21276, PRIMARY_WEEK: 3699}  # means 78.8 and 13.7
IGE_FALL_TENTHS = 409860  # mean 1518 kU/L

# Where the parts of SCORAD may move while the sums are repaired: within what the week shows anyway.
_SCORAD_BOUNDS = {
    0: {"intensity": (11, 17), "extent": (36, 92), "pruritus_tenths": (60, 98)},
    PRIMARY_WEEK: {"intensity": (1, 5), "extent": (1, 20), "pruritus_tenths": (3, 60)},
}

WEEK_26_YML = """\
label: Week 26
extracted: 2022-06-06
kind: reconstructed
description: >-
  Simulated by data/reconstruct.py so that every figure published by Glukhova et al. 2022
  (doi 10.53529/2500-1175-2022-3-14-23) is met exactly; everything else is assumed.
  Not patient data, and never evidence. The date of extraction is assumed:
  it is the day on which the paper was received.
previous: null
"""

WEEK_52_YML = """\
label: Week 52
extracted: 2022-12-19
kind: reconstructed
description: >-
  Simulated by data/reconstruct.py: the children of the cut week-26 followed on to week 52, with a few
  corrections of earlier values. The figures published by Glukhova et al. 2022
  (doi 10.53529/2500-1175-2022-3-14-23) are still met exactly up to week 26; everything else is assumed,
  and all that comes after week 26 is invented: the paper ends there.
  Not patient data, and never evidence. The date of extraction is assumed.
previous: week-26
"""


def planned_visits(children: list[Child]) -> list[Visit]:
    """Every visit up to week 26 of every child, ordered by child and week, with the published SCORAD means held."""
    visits = [visit for child in children for visit in course(child, PLANNED_WEEKS)]
    for week, target in SCORAD_SUM_TENTHS.items():
        places = [place for place, visit in enumerate(visits) if visit.week == week]
        held = hold_scorad([visits[place] for place in places], target, _SCORAD_BOUNDS[week])
        for place, visit in zip(places, held, strict=True):
            visits[place] = visit
    return visits


def sampled(values: list[Ige], visits: list[Visit]) -> list[Ige]:
    """The values of visits that took place: blood is taken at visits, so a missed visit has none."""
    seen = {(visit.child.number, visit.week) for visit in visits}
    return [ige for ige in values if (ige.child.number, ige.week) in seen]


def week_26(folder: Path) -> None:
    """Writes the cut into `folder`, which is made if need be."""
    children = cohort()
    recorded = take_away(planned_visits(children))
    irregular = irregularities(children)
    write_cut(
        folder,
        WEEK_26_YML,
        children,
        recorded,
        sampled(total_ige(children, IGE_FALL_TENTHS), recorded),
        [dose for child in children for dose in doses(child, irregular.get(child.number), child.last_contact_day)],
        adverse_events(children, irregular),
    )


def week_52(folder: Path) -> None:
    """Writes the follow-up cut into `folder`, which is made if need be.

    What was recorded up to week 26 is made as for that cut, from the children as they were then, and corrected
    afterwards; the streams of the follow-up are its own. So nothing else moves.
    """
    then = cohort()
    complete = planned_visits(then)
    first_half = correct_easi(fill_in_iga(take_away(complete), complete))
    irregular = irregularities(then)
    earlier = adverse_events(then, irregular)

    children = followed_to_week_52(then)
    staying = [child for child in children if child.discontinued_day is None]
    second_half = take_away_later(
        [
            visit
            for child in children
            for visit in course(child, LATER_WEEKS)
            if 7 * visit.week + 1 <= child.last_contact_day
        ]
    )
    ige = total_ige(then, IGE_FALL_TENTHS)
    later = later_ige([value for value in ige if value.week == PRIMARY_WEEK])
    later_irregular = later_irregularities([child for child in staying if child.number not in irregular])
    write_cut(
        folder,
        WEEK_52_YML,
        correct_weight(children),
        sorted([*first_half, *second_half], key=lambda visit: (visit.child.number, visit.week)),
        sorted(
            [*correct_ige(sampled(ige, first_half)), *sampled(later, second_half)],
            key=lambda value: (value.child.number, value.week),
        ),
        [
            dose
            for child in children
            for dose in doses(
                child,
                irregular.get(child.number),
                child.discontinued_day - 1 if child.discontinued_day else child.last_contact_day,
                later_irregular.get(child.number),
            )
        ],
        later_events(staying, earlier),
    )


CUTS = {
    "week-26": (week_26, DATA / "cuts" / "week-26"),
    "week-52": (week_52, DATA / "examples" / "week-52"),
}


def main() -> None:
    """Reads the command line and writes the cuts."""
    parser = argparse.ArgumentParser(description="Write the reconstructed data cuts.")
    parser.add_argument("cut", nargs="?", choices=CUTS, help="the cut to write; without it, both")
    parser.add_argument("--output", type=Path, help="folder to write this one cut to, instead of its own")
    chosen = parser.parse_args()
    if chosen.output and not chosen.cut:
        parser.error(f"--output takes one cut; name it: {', '.join(CUTS)}")
    for name in [chosen.cut] if chosen.cut else CUTS:
        write, folder = CUTS[name]
        write(chosen.output or folder)


if __name__ == "__main__":
    main()
