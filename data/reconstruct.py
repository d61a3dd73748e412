"""Writes the reconstructed data cut `data/cuts/week-26`.

The patient-level data of the paper were never published. This script simulates 27 children so that every
published aggregate is met exactly; all else is assumed. It is never evidence. `data/README.md` says which
column is which.

Run `python data/reconstruct.py`; the files are the same byte for byte every time and on every machine.
`--output FOLDER` writes them elsewhere.
"""

import argparse
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent
sys.path.insert(0, str(DATA.parent))  # for analysis.label, wherever the script is started from

from simulation.absences import take_away  # noqa: E402
from simulation.children import Child, cohort  # noqa: E402
from simulation.courses import PLANNED_WEEKS, PRIMARY_WEEK, Visit, course, hold_scorad  # noqa: E402
from simulation.events import adverse_events  # noqa: E402
from simulation.laboratory import total_ige  # noqa: E402
from simulation.treatment import doses, irregularities  # noqa: E402
from simulation.writing import write_cut  # noqa: E402

# The published figures, as sums over the 27 children.
SCORAD_SUM_TENTHS = {0: 21276, PRIMARY_WEEK: 3699}  # means 78.8 and 13.7
IGE_FALL_TENTHS = 409860  # mean 1518 kU/L

# Where the parts of SCORAD may move while the sums are repaired: within what the week shows anyway.
_SCORAD_BOUNDS = {
    0: {"intensity": (11, 17), "extent": (36, 92), "pruritus_tenths": (60, 98)},
    PRIMARY_WEEK: {"intensity": (1, 5), "extent": (1, 20), "pruritus_tenths": (3, 60)},
}

CUT_YML = """\
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


def planned_visits(children: list[Child]) -> list[Visit]:
    """Every planned visit of every child, ordered by child and week, with the published SCORAD means held."""
    visits = [visit for child in children for visit in course(child, PLANNED_WEEKS)]
    for week, target in SCORAD_SUM_TENTHS.items():
        places = [place for place, visit in enumerate(visits) if visit.week == week]
        held = hold_scorad([visits[place] for place in places], target, _SCORAD_BOUNDS[week])
        for place, visit in zip(places, held, strict=True):
            visits[place] = visit
    return visits


def week_26(folder: Path) -> None:
    """Writes the cut into `folder`, which is made if need be."""
    children = cohort()
    recorded = take_away(planned_visits(children))
    irregular = irregularities(children)
    seen = {(visit.child.number, visit.week) for visit in recorded}
    write_cut(
        folder,
        CUT_YML,
        children,
        recorded,
        # Blood is taken at visits, so a missed visit has no value.
        [ige for ige in total_ige(children, IGE_FALL_TENTHS) if (ige.child.number, ige.week) in seen],
        [dose for child in children for dose in doses(child, irregular.get(child.number), child.last_contact_day)],
        adverse_events(children, irregular),
    )


def main() -> None:
    """Reads the command line and writes the cut."""
    parser = argparse.ArgumentParser(description="Write the reconstructed data cut week-26.")
    parser.add_argument("--output", type=Path, default=DATA / "cuts" / "week-26", help="folder to write to")
    week_26(parser.parse_args().output)


if __name__ == "__main__":
    main()
