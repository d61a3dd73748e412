"""How the patients stand at each visit by IGA, as the primary analysis counts them, and the look of each kind in columns."""

import pandas as pd

from analysis.core.design import Tables
from analysis.core.style import GRADES, PAPER
from analysis.efficacy import discontinued_by
from protocol import scores

_STOPPED, _NOT_ASSESSED = "treatment stopped", "not assessed"
LOOKS = {
    **{grade: {"facecolor": face} for grade, face in enumerate(GRADES)},
    _STOPPED: {"facecolor": PAPER, "hatch": "xxx"},
    _NOT_ASSESSED: {"facecolor": PAPER, "hatch": "////"},
}
"""The face of every kind, from below: grades, and what the primary analysis counts as non-response without one."""
HATCHED = (_NOT_ASSESSED, _STOPPED)
NAMES = {kind: kind if kind in HATCHED else f"{kind} {scores.IGA_LABELS[kind]}" for kind in LOOKS}
"""The kinds in words."""


def standing(tables: Tables, weeks: list[int]) -> pd.DataFrame:
    """How many patients the primary analysis counts at each week (rows) in each kind of :data:`LOOKS` (columns)."""
    found = {}
    for week in weeks:
        seen = tables.visits[(tables.visits["week"] == week) & tables.visits["iga"].notna()]
        stopped = discontinued_by(tables.patients, week)
        grades = seen.loc[~seen["patient_id"].isin(stopped), "iga"].astype(int).value_counts()
        missing = len(tables.patients) - len(stopped) - int(grades.sum())
        found[week] = {**grades.to_dict(), _STOPPED: len(stopped), _NOT_ASSESSED: missing}
    return pd.DataFrame(found).T.reindex(columns=list(LOOKS)).fillna(0).astype(int)
