"""What the analysis has to know of the study beside the data."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Design:
    """Settings of the study.

    Weeks count from the first dose. `label` names the dosing instructions (see :mod:`protocol.treatment`). `held` holds
    the ids of results that the reconstruction holds to a published figure; `kind` is "reconstructed" or "clinical".
    """

    primary_week: int
    planned_weeks: tuple[int, ...]
    label: str
    dose_window_days: int
    kind: str
    held: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Tables:
    """The tables of a data cut, each indexed by `line`, the line in its file; columns as in `data/README.md`."""

    patients: pd.DataFrame
    visits: pd.DataFrame
    labs: pd.DataFrame
    doses: pd.DataFrame
    adverse_events: pd.DataFrame

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame]) -> "Tables":
        return cls(**tables)
