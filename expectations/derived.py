"""What the suites look at beyond the cells of a file. What they look at across files is in :mod:`expectations.across`.

A derived column is missing wherever the question does not arise or cannot be answered, because a cell it
needs is empty or is not a number. Great Expectations skips missing values, so one wrong cell is not reported
again by each rule that builds on it.
"""

import numpy as np
import pandas as pd

from expectations import plausibility
from expectations.plausibility import AS_WRITTEN
from protocol.columns import KEYS, TABLES
from protocol.scores import EASI_STRATA, easi_stratum, scorad
from protocol.special_interest import same_term

SEVERE = 4

# Kilograms that a rough screen accepts at an age in years, both sexes together, linear in between; about the
# 0.1st and the 99.9th centile of the CDC 2000 growth charts (https://www.cdc.gov/growthcharts/), a little
# wider. It finds a slipped decimal point or pounds in place of kilograms; it is no judgement on a child's
# growth.
WEIGHT_SCREEN = {8: (16, 50), 10: (19, 70), 12: (23, 90), 14: (28, 106), 16: (33, 118), 18: (36, 128)}


def file_frame(text: pd.DataFrame, values: pd.DataFrame, table: str) -> pd.DataFrame:
    """The batch of one file: line numbers, values (numbers as float64), numbers as written, derived columns.

    `text` and `values` come from :mod:`expectations.reading`; the rows of the result are numbered from 0.
    """
    frame = pd.DataFrame({"line": text.index})
    for column in TABLES[table]:
        if column.numeric:
            frame[column.name] = values[column.name].astype("float64").to_numpy()
            frame[column.name + AS_WRITTEN] = _or_none(text[column.name])
        else:
            frame[column.name] = _or_none(text[column.name])
    return _DERIVE[table](frame)


def _or_none(cells: pd.Series) -> pd.Series:
    written = cells.to_numpy()
    return pd.Series(np.where(written != "", written, None), dtype="object")


def _patients(frame: pd.DataFrame) -> pd.DataFrame:
    frame["earlier line"] = _earlier_line(frame, KEYS["patients"])
    frame["years with AD beyond age"] = frame["ad_duration_years"] - frame["age_years"]
    ages = list(WEIGHT_SCREEN)
    known_age = frame["age_years"].where(frame["age_years"].between(ages[0], ages[-1]))
    for name, side in (("lowest weight", 0), ("highest weight", 1)):
        frame[name] = np.interp(known_age, ages, [bounds[side] for bounds in WEIGHT_SCREEN.values()]).round(0)
    below, above = frame["lowest weight"] - frame["weight_kg"], frame["weight_kg"] - frame["highest weight"]
    frame["kg outside the screen"] = np.maximum(np.maximum(below, above), 0)
    frame["weeks from last contact to discontinuation"] = frame["discontinued_week"] - frame["last_contact_week"]
    has_week, has_reason = (
        frame["discontinued_week" + AS_WRITTEN].notna(),
        frame["discontinuation_reason"].notna(),
    )
    sited = frame["site"].notna()
    frame["site of others alone"] = (~sited).astype("float64") if sited.any() else np.nan
    frame["discontinuation incomplete"] = (has_week != has_reason).astype("float64")
    plausibility.patients(frame)
    return frame


def _visits(frame: pd.DataFrame) -> pd.DataFrame:
    frame["earlier line"] = _earlier_line(frame, KEYS["visits"])
    parts = ["scorad_extent", "scorad_intensity", "scorad_pruritus", "scorad_sleep_loss"]
    frame["scorad from its parts"] = scorad(*(frame[part] for part in parts)).round(6)
    # Binary floats make 76.5 and 76.6 differ by a little more than 0.1; six decimals are far finer than any
    # record.
    frame["points off"] = (frame["scorad"] - frame["scorad from its parts"]).abs().round(6)
    written = frame[[part + AS_WRITTEN for part in parts]].notna()
    some_empty, all_there = ~written.all(axis=1), written.all(axis=1)
    total = frame["scorad" + AS_WRITTEN].notna()
    frame["parts of scorad empty"] = (total & some_empty).astype("float64")
    frame["scorad not worked out"] = (~total & all_there).astype("float64")
    stratum = easi_stratum(frame["easi"]).astype("float64")
    named = np.array([*EASI_STRATA, None], dtype=object)
    frame["easi stratum name"] = named[stratum.fillna(len(EASI_STRATA)).astype(int).to_numpy()]
    frame["categories apart"] = (frame["iga"] - stratum.clip(upper=SEVERE)).abs()
    scores = ["iga", "easi", "scorad"]
    scored = frame[[score + AS_WRITTEN for score in scores]].notna().any(axis=1).astype("float64")
    frame["scored at baseline"] = scored.where(frame["week"] == 0)
    frame["scored later"] = scored.where(frame["week"] > 0)
    plausibility.visits(frame)
    return frame


def _labs(frame: pd.DataFrame) -> pd.DataFrame:
    frame["earlier line"] = _earlier_line(frame, KEYS["labs"])
    plausibility.labs(frame)
    return frame


def _doses(frame: pd.DataFrame) -> pd.DataFrame:
    frame["earlier line"] = _earlier_line(frame, KEYS["doses"])
    return frame


def _adverse_events(frame: pd.DataFrame) -> pd.DataFrame:
    frame["term in one spelling"] = same_term(frame["term"].fillna("")).where(frame["term"].notna())
    frame["earlier line"] = _earlier_line(frame, ("patient_id", "term in one spelling", "start_day"))
    # Day 0 and a cell that is no number have their own findings; an order can be judged only without them.
    start, end = (frame[name].where(frame[name] != 0) for name in ("start_day", "end_day"))
    frame["days from start to end"] = end - start
    frame["fatal but not serious"] = ((frame["outcome"] == "fatal") & (frame["serious"] == 0)).astype("float64")
    plausibility.adverse_events(frame)
    return frame


_DERIVE = {
    "patients": _patients,
    "visits": _visits,
    "labs": _labs,
    "doses": _doses,
    "adverse_events": _adverse_events,
}


def _earlier_line(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    """Line on which the same key stands already; missing for its first row and for an incomplete key."""
    key = list(columns)
    complete = frame[frame[key].notna().all(axis=1)]
    first = complete.groupby(key)["line"].transform("first")
    return first.where(first != complete["line"]).reindex(frame.index).astype("float64")
