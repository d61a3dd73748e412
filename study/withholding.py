"""What looks like a name stays out of everything that is made of a clinical cut, until the settings say that it is none."""

from collections.abc import Mapping

import pandas as pd

from expectations.privacy import name_like_cells
from protocol.columns import WITHHELD_NAME
from protocol.special_interest import SPECIAL_INTEREST, words_of
from study.settings import Settings


def without_names(tables: Mapping[str, pd.DataFrame], settings: Settings) -> dict[str, pd.DataFrame]:
    """The tables of a clinical cut with every name-like free text replaced by words that say so.

    A term of special interest goes on counting as what it is: the name of its kind stays before those words. Two events of a
    child on one day stay two: the second is numbered.
    """
    not_names = {(each.file, each.patient_id, each.column, each.text) for each in settings.not_names}
    found = {}
    for table, frame in tables.items():
        cells = list(name_like_cells(frame, table, not_names))
        frame = frame.copy() if cells else frame
        for line, column in cells:
            frame.at[line, column] = withheld_term(frame.at[line, column]) if column == "term" else WITHHELD_NAME
        found[table] = _told_apart(frame) if cells and "term" in frame else frame
    return found


def withheld_term(term: str) -> str:
    """What stands in the place of an adverse event's term.

    >>> withheld_term("Keratitis, seen by Dr Petrova")
    'Keratitis (withheld: looks like a name)'
    """
    words = words_of(term)
    kinds = [kind for kind in SPECIAL_INTEREST if kind.serious_in is None and kind.meant(words)]
    kinds.sort(key=lambda kind: not kind.begins)  # so that each rule finds its kind again
    return f"{', '.join(kind.name for kind in kinds)} ({WITHHELD_NAME})" if kinds else WITHHELD_NAME


def _told_apart(events: pd.DataFrame) -> pd.DataFrame:
    again = events.groupby(["patient_id", "start_day", events["term"].str.casefold()]).cumcount()
    repeated = (again > 0) & events["term"].str.contains(WITHHELD_NAME, regex=False)
    events.loc[repeated, "term"] = events["term"][repeated] + " " + (again[repeated] + 1).astype(str)
    return events
