"""Columns that tell whether the rows of one file fit together: a patient's course, its episodes, two patients alike.

Each function takes the batch of a file (see :func:`expectations.derived.file_frame`) and adds columns to it. A column is missing
where the question does not arise. Where one slip touches many rows of a patient, the first of them alone has a value. The bounds
stand in the suites; what stands here says which rows are compared.
"""

import numpy as np
import pandas as pd

AS_WRITTEN = " (as written)"
"""Ends the name of the column that has a number's text beside the number itself."""

SCORES = ["iga", "easi", "scorad_extent", "scorad_intensity", "scorad_pruritus", "scorad_sleep_loss", "scorad"]
TOTALS = ["iga", "easi", "scorad"]
SEVERE_FROM = {"iga": 3, "easi": 21.1, "scorad": 50.1}
"""Where severe disease begins on each scale, IGA with its moderate category."""

COPY_FROM_SCORAD = 10
"""Near clearance scores are alike by chance; from this SCORAD on two visits with the same seven scores are not."""
ALONE_FROM_SCORAD = 25
"""From this SCORAD on one visit like another patient's is enough to ask; below, two are."""
COPY_FROM_VALUE = 10
"""Laboratory values below it have so few digits that two patients share them by chance."""

EXTENT_STEPS, AREA_SCORES = [0, 1, 10, 30, 50, 70, 90], [0, 1, 2, 3, 4, 5, 6]
MOST_EASI_OF_AN_AREA_SCORE = 12  # four signs of at most 3
EXTENT_SLACK = 5  # per cent of the body surface by which two estimates of one moment differ


def patients(frame: pd.DataFrame) -> None:
    """Adds `line of nearly the same id` and `line of the same patient`."""
    digits = frame["patient_id"].str.extract(r"^P([0-9]{3,})$", expand=False).str.lstrip("0")
    frame["line of nearly the same id"] = _first_line(frame, [digits], frame["patient_id"])
    described = list(
        frame.columns[2 : list(frame.columns).index("earlier line")]
    )  # all that is written but line and id
    cells = [
        frame[name].astype("object").where(frame[name].notna(), "")
        for name in described
        if AS_WRITTEN not in name and name != "site"  # a child of two clinics is alike, too
    ]
    frame["line of the same patient"] = _first_line(frame, cells, frame["patient_id"])


def visits(frame: pd.DataFrame) -> None:
    """Adds what one visit's scores say of each other, then what a patient's visits and two patients' visits do."""
    _agreement(frame)
    recorded = frame[["easi", "scorad"]].notna().all(axis=1) & (frame["scorad"] >= COPY_FROM_SCORAD)
    alike = frame.groupby(SCORES, dropna=False).ngroup().where(recorded)
    by_patient = [frame["patient_id"], alike]
    again = _first_line(frame, by_patient, frame["week"])
    frame["visits like an earlier one"] = again.notna().groupby(frame["patient_id"]).transform("sum")
    frame["line of the same scores"] = _first_of_a_patient(frame, again)

    other = _first_line(frame, [frame["week"], alike], frame["patient_id"])
    enough = (_shared(frame, other) >= 2) | (frame["scorad"] > ALONE_FROM_SCORAD)
    frame["line of another patient"] = _first_of_a_patient(frame, other.where(enough))
    frame["best share of a later score"] = _rise(frame)
    frame["times off the visits beside"] = _leap(frame)


def _agreement(frame: pd.DataFrame) -> None:
    iga, easi, total = (frame[name] for name in TOTALS)
    extent, intensity = frame["scorad_extent"], frame["scorad_intensity"]
    # Up to 1 point EASI is next to clear, and some clinics call that clear: a question for the file, not for each visit. Above
    # it the rule about the strata of IGA and EASI asks at the visit.
    traces = frame["line"].where((iga == 0) & (easi > 0) & (easi <= 1)).dropna()
    frame["easi of a clear skin"] = easi.where(iga == 0).where(~frame.index.isin(traces.index[1:]))
    frame["visits with traces"] = len(traces)
    frame["easi and scorad apart"] = _apart(
        [easi, total],
        # Dryness, itch and sleep count in SCORAD alone, so a skin without eczema may still have some points.
        (easi == 0) & ((total > 25) | (intensity > 6)),
        (easi <= 1) & (total > 50),
        (easi > 21) & (total < 25),
    )
    frame["iga and scorad apart"] = _apart(
        [iga, total],
        (iga == 0) & (total > 25),
        (iga == 1) & (total > 50),
        (iga == 3) & (total < 10),
        (iga == 4) & (total < 25),
    )
    # Dryness is judged on skin without eczema, too: up to 3 points where nothing is affected.
    frame["extent and intensity apart"] = _apart(
        [extent, intensity], (extent == 0) & (intensity > 3), (extent >= 5) & (intensity == 0)
    )
    # EASI weighs signs with steps of the area; with all signs at their height this is its most for an extent.
    most = MOST_EASI_OF_AN_AREA_SCORE * np.interp((extent + EXTENT_SLACK).clip(upper=90), EXTENT_STEPS, AREA_SCORES)
    frame["extent and easi apart"] = _apart(
        [extent, easi], (extent == 0) & (easi > 1), easi > most, (extent >= 30) & (intensity > 3) & (easi < 1)
    )


def _apart(needed: list[pd.Series], *contradictions: pd.Series) -> pd.Series:
    known = np.logical_and.reduce([column.notna() for column in needed])
    return pd.Series(np.logical_or.reduce(contradictions), index=needed[0].index).astype("float64").where(known)


def _rise(frame: pd.DataFrame) -> pd.Series:
    """At week 0 of a patient that is severe later: the largest of IGA, EASI and SCORAD as a share of its highest later value.

    Missing unless two of the three are recorded at week 0 and later.
    """
    later = frame[TOTALS].where(frame["week"] > 0).groupby(frame["patient_id"]).transform("max")
    compared = frame[TOTALS].notna() & later.notna()
    severe = (later.ge(pd.Series(SEVERE_FROM)) | ~compared).all(axis=1) & (compared.sum(axis=1) >= 2)
    return (frame[TOTALS] / later).where(compared).max(axis=1).where(severe & (frame["week"] == 0))


def _leap(frame: pd.DataFrame) -> pd.Series:
    """How many times EASI is above or below both visits beside it, by 5 points at least, while IGA does not go with it."""
    frame["easi beside"] = None
    course = frame[["patient_id", "week", "iga", "easi"]].dropna().sort_values(["patient_id", "week"], kind="stable")
    groups = course.groupby("patient_id")
    before, after = groups[["iga", "easi"]].shift(1), groups[["iga", "easi"]].shift(-1)
    lowest, highest = (
        before.where(before <= after, after.fillna(before)),
        before.where(before >= after, after.fillna(before)),
    )
    lowest, highest = lowest.fillna(after), highest.fillna(after)
    own = course["easi"].clip(lower=0.1)
    below = (lowest["easi"] / own).where((lowest["easi"] - course["easi"] >= 5) & (course["iga"] >= lowest["iga"]))
    # From the baseline on EASI falls, often before IGA does, so the first visit is not held against the second.
    above = (own / highest["easi"].clip(lower=0.1)).where(
        (course["easi"] - highest["easi"] >= 5) & (course["iga"] <= highest["iga"]) & before["easi"].notna()
    )
    beside = [
        [f"{value:g}" for value in pair if not np.isnan(value)]
        for pair in zip(before["easi"], after["easi"], strict=True)
    ]
    frame.loc[course.index, "easi beside"] = [" and ".join(pair) or None for pair in beside]
    return below.combine(above, np.fmax).fillna(1).round(1).reindex(frame.index)


def labs(frame: pd.DataFrame) -> None:
    """Adds what a patient's values say of each other, whether there is a baseline, and two patients alike."""
    key = ["patient_id", "analyte"]
    known = frame["patient_id"].notna() & frame["analyte"].notna()
    weeks = frame.groupby(key)["week"]
    judged = known & ~(~(frame["week"] >= 0)).groupby(frame["patient_id"], dropna=False).transform("any")
    frame["baseline sample"] = _first_of_a_patient(
        frame, (weeks.transform("min") == 0).astype("float64").where(judged), key
    )

    measured = frame[known & frame["qualifier"].isna() & (frame["value"] > 0) & frame["week"].notna()]
    measured = measured[measured["earlier line"].isna()]
    ranked = measured.assign(log=np.log(measured["value"])).sort_values([*key, "log", "week"], kind="stable")
    steps = ranked.groupby(key)["log"].diff().abs()
    nearest = np.exp(np.fmin(steps, steps.groupby([ranked[name] for name in key]).shift(-1))).round(1)
    course = measured.sort_values([*key, "week"], kind="stable")
    groups = course.groupby(key)
    size, first = groups["value"].transform("size"), groups.cumcount() == 0
    # Of two values that are far apart either may be wrong; the later one is named.
    frame["times off the other values"] = (
        nearest.reindex(course.index).where(~((size == 2) & first)).reindex(frame.index)
    )
    before, after = groups["value"].shift(1), groups["value"].shift(-1)
    highest = groups["value"].cummax().groupby([course[name] for name in key]).shift(1)
    trough = np.minimum(before, after) / course["value"]
    frame["times off the values beside"] = np.fmax(course["value"] / highest, trough).round(1).reindex(frame.index)
    frame["value before"] = before.reindex(frame.index)
    same = (groups["value"].transform("nunique") == 1) & (size >= 3) & (groups.cumcount() == 1)
    frame["all values the same"] = same.astype("float64").reindex(frame.index)

    value = frame["value"].where(frame["qualifier"].isna() & (frame["value"] >= COPY_FROM_VALUE))
    other = _first_line(frame, [frame["week"], frame["analyte"], value], frame["patient_id"])
    frame["line of another patient"] = _first_of_a_patient(frame, other.where(_shared(frame, other) >= 2))


def adverse_events(frame: pd.DataFrame) -> None:
    """Adds what the outcome says of the other cells, and what a patient's episodes and the term's classes do."""
    fatal = frame["outcome"] == "fatal"
    has_end, outcome = frame["end_day" + AS_WRITTEN].notna(), frame["outcome"]
    wrong = (outcome.isin(["recovered", "fatal"]) & ~has_end) | (
        outcome.isin(["recovering", "not recovered"]) & has_end
    )
    frame["end against outcome"] = wrong.astype("float64").where(outcome.notna())
    frame["fatal but not severe"] = frame["severity"].isin(["mild", "moderate"]).astype("float64").where(fatal)
    frame["line of an earlier fatal event"] = _first_line(
        frame, [frame["patient_id"].where(fatal)], frame["line"].astype("float64")
    )
    term = frame["term"].str.casefold()
    frame["line of another class"] = _first_line(frame, [term], frame["system_organ_class"].str.casefold())
    _episodes(frame, term)


def _episodes(frame: pd.DataFrame, term: pd.Series) -> None:
    """Days from the end of the patient's earlier episodes of the same term to this one; 0 where one of them has no end."""
    rows = frame.assign(folded=term)
    rows = rows[rows["earlier line"].isna()].dropna(subset=["patient_id", "folded", "start_day"])
    rows = rows.sort_values(["patient_id", "folded", "start_day", "line"], kind="stable")
    key = [rows["patient_id"], rows["folded"]]
    # An end that is there but wrong has a finding of its own.
    end = rows["end_day"].where(rows["end_day" + AS_WRITTEN].notna(), np.inf)
    end = end.fillna(rows["start_day"])
    latest = end.groupby(key).cummax().groupby(key).shift(1)
    gap = (rows["start_day"] - latest).where(~np.isinf(latest), 0.0).where(latest.notna())
    frame["days since the earlier episode"] = gap.reindex(frame.index)
    line = rows["line"].groupby(key).shift(1)
    frame["line of the earlier episode"] = line.reindex(frame.index).astype("float64")
    ends = ["" if np.isnan(day) else "no end" if np.isinf(day) else f"day {day:g}" for day in latest]
    frame["end of the earlier episode"] = pd.Series(ends, index=rows.index, dtype="object").reindex(frame.index)


# --- rows that are alike -------------------------------------------------------------------------------------


def _first_line(frame: pd.DataFrame, alike: list[pd.Series], other: pd.Series) -> pd.Series:
    """Line of the first row with the same values of `alike`, in each row whose `other` is different there.

    Rows in which any of these values is missing are not compared.
    """
    names = [f"key {number}" for number in range(len(alike))]
    rows = pd.DataFrame({name: column.to_numpy() for name, column in zip(names, alike, strict=True)}, index=frame.index)
    rows["other"], rows["line"] = other.to_numpy(), frame["line"].to_numpy()
    rows = rows.dropna()
    groups = rows.groupby(names)
    first = groups["line"].transform("first")
    return first.where(groups["other"].transform("first") != rows["other"]).reindex(frame.index).astype("float64")


def _shared(frame: pd.DataFrame, line: pd.Series) -> pd.Series:
    """How many rows of the patient are like rows of the same other patient; `line` is where that one's row stands."""
    owner = line.map(frame.set_index("line")["patient_id"])
    return line.groupby([frame["patient_id"], owner]).transform("size").reindex(frame.index).fillna(0)


def _first_of_a_patient(frame: pd.DataFrame, values: pd.Series, key=("patient_id",)) -> pd.Series:
    """`values` of the first row of each patient that has one, missing elsewhere."""
    there = frame[values.notna()]
    return values.where(frame.index.isin(there.index[~there.duplicated(list(key))]))
