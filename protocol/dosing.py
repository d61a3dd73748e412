"""Which doses were due, of many doses at once: each different case is held to the label once, as there are few.

The rules themselves stand in :mod:`protocol.treatment`.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from protocol.treatment import Regimen, expected, regimens

Plans = tuple[Regimen, ...]


def allowed(label: str, age_years: pd.Series, weight_kg: pd.Series) -> tuple[np.ndarray, list[Plans]]:
    """The regimens that the label allows each patient: places in a list of the different ones, -1 where age or weight is missing.

    >>> places, plans = allowed("us", pd.Series([10, 11, None]), pd.Series([34.0, 35.0, 34.0]))
    >>> places.tolist(), [plan.short for plan in plans[0]]
    ([0, 0, -1], ['200 mg q2w'])
    """
    pairs = pd.DataFrame({"age": age_years.to_numpy(dtype=float), "weight": weight_kg.to_numpy(dtype=float)})
    complete = pairs.dropna()
    different = complete.drop_duplicates()
    found = [regimens(label, age, weight) for age, weight in different.itertuples(index=False)]
    plans = list(dict.fromkeys(found))
    place = pd.Series([plans.index(each) for each in found], index=pd.MultiIndex.from_frame(different), dtype=int)
    places = np.full(len(pairs), -1)
    places[complete.index] = place.reindex(pd.MultiIndex.from_frame(complete)).to_numpy()
    return places, plans


def due(
    plans: Sequence[Plans],
    place: np.ndarray,
    kind: np.ndarray,
    dose_mg: np.ndarray,
    previous_mg: np.ndarray,
    given_before: np.ndarray,
    missed: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """For each dose what :func:`protocol.treatment.expected` says of it: the label's amount in mg, and the intervals in days that it
    allows (doses by intervals, in ascending order, NaN behind the last).

    `place` is that of the patient's regimens in `plans`, -1 where there are none: then all is NaN. `previous_mg` is NaN where no
    dose was given before.
    """
    cases = pd.DataFrame(
        {"place": place, "kind": kind, "dose": dose_mg, "previous": previous_mg, "before": given_before, "missed": missed}
    )
    case = cases.groupby(list(cases), sort=False, dropna=False).ngroup().to_numpy()
    first = np.zeros(case.max(initial=-1) + 1, dtype=int)
    first[case[::-1]] = np.arange(len(case))[::-1]
    amounts, intervals = [], []
    for at, of, dose, previous, before, left_out in cases.iloc[first].itertuples(index=False):
        if at < 0:
            amount, days = np.nan, ()
        else:
            amount, days = expected(plans[at], of, dose, None if np.isnan(previous) else previous, int(before), int(left_out))
        amounts.append(float(amount))
        intervals.append(days)
    table = np.full((len(intervals), max(map(len, intervals), default=0) or 1), np.nan)
    for row, days in zip(table, intervals, strict=True):
        row[: len(days)] = days
    return np.array(amounts, dtype=float)[case], table[case]


def nearest(intervals: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Of each row of `intervals` (as of :func:`due`) the one nearest to `days`, the shorter of two; NaN where there is none.

    >>> nearest(np.array([[14.0, 28.0], [np.nan, np.nan]]), np.array([21.0, 5.0])).tolist()
    [14.0, nan]
    """
    off = np.abs(intervals - days[:, None])
    chosen = np.where(np.isnan(off), np.inf, off).argmin(axis=1) if len(off) else np.zeros(0, dtype=int)
    return intervals[np.arange(len(intervals)), chosen]


def order(patient: np.ndarray, given: np.ndarray) -> pd.DataFrame:
    """What came before each dose, in rows by patient and day: `position` among the patient's doses, `given_before` of them given,
    `missed` since the last of those, and the row of that one (`previous`, -1 without one)."""
    rows = np.arange(len(patient))
    new = np.ones(len(patient), dtype=bool)
    new[1:] = patient[1:] != patient[:-1]
    start = np.maximum.accumulate(np.where(new, rows, 0)) if len(rows) else rows
    counted = np.concatenate([[0], np.cumsum(given)]).astype(int)
    latest = np.maximum.accumulate(np.where(given, rows, -1)) if len(rows) else rows
    previous = np.concatenate([[-1], latest[:-1]]).astype(int)[: len(rows)]
    previous = np.where(previous >= start, previous, -1)
    return pd.DataFrame(
        {
            "position": rows - start,
            "given_before": counted[:-1] - counted[start] if len(rows) else rows,
            "missed": rows - np.where(previous < 0, start, previous + 1),
            "previous": previous,
        }
    )
