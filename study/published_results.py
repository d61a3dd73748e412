"""Numbers that come from published figures alone: those of other studies, and the paper's own arithmetic.

They are the same for every data cut, so they are no part of a cut's results table.
"""

import pandas as pd

from analysis import context
from analysis.claims import arithmetic
from analysis.core.results import Results
from expectations.reading import LARGEST_FILE, is_ordinary
from study.errors import UsageError
from study.paths import EVIDENCE, frozen, shown
from study.settings import Published

SECTIONS = ("context", "arithmetic")
"""Sections that the ids of these numbers begin with."""


def evidence() -> pd.DataFrame:
    """What other studies published, as in `data/evidence.csv`: one row an arm and outcome, all columns text."""
    file = frozen(EVIDENCE)
    if not is_ordinary(file):
        raise UsageError(f"{shown(EVIDENCE)} is no ordinary file of at most {LARGEST_FILE // 1024 // 1024} MB; put the file back")
    return pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8")


def computed(published: Published) -> Results:
    """The numbers as a table of results; their basis is the published figures, and no row of a cut entered."""
    facts = published.facts
    return Results([*context.context(facts, evidence()).values(), *arithmetic(facts).values()])
