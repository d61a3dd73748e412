"""The doses as shown: those of everyone, those that depart from the label, and the exposure of every child."""

import pandas as pd

from analysis.core.cells import n_of
from analysis.core.design import Design, Tables
from analysis.core.markdown import Table, lettered
from analysis.core.origin import with_origins
from analysis.core.results import Results
from analysis.exposure import child_exposure, dose_conformity


@with_origins
def doses_table(results: Results) -> Table:
    """Doses of each regimen: given, missed, and how many followed the label."""
    rows = []
    for name, method in (
        ("Doses recorded as given", "given"),
        ("Doses missed", "missed"),
        ("Given as the label says", "conforming"),
    ):
        prefix = f"exposure.doses.{method}"
        rows.append([name, n_of(results, prefix), results[f"{prefix}.percent"].display])
    return Table(["Doses", "n/N", "%"], "lrr", rows)


def off_label_doses_table(tables: Tables, design: Design) -> Table:
    """Each given dose that departs from the label, with what the label asks for."""
    doses = dose_conformity(tables, design)
    odd = doses[(doses["given"] == 1) & ~doses["conforming"]]
    rows = [
        [
            row.patient_id,
            f"{row.study_day}",
            f"{row.dose_mg:g}",
            f"{row.label_mg}",
            "–" if pd.isna(row.interval_days) else f"{row.interval_days:g}",
            "–" if pd.isna(row.label_interval_days) else f"{row.label_interval_days:g}",
        ]
        for row in odd.itertuples()
    ]
    header = ["Child", "Study day", "Dose, mg", "Label, mg", "Interval, days", "Label, days"]
    return Table(header, "lrrrrr", rows or [["none", "", "", "", "", ""]])


@with_origins
def by_child_table(tables: Tables, design: Design, results: Results) -> Table:
    """Weeks on treatment, doses given of those expected, intervals and conformity, one child a row."""
    rows = []
    for patient, child in child_exposure(tables, design).iterrows():
        intervals = child["intervals"]
        between = "–" if not intervals else (
            f"{intervals[0]}" if min(intervals) == max(intervals) else f"{min(intervals)} to {max(intervals)}"
        )  # fmt: skip
        rows.append(
            [
                f"{patient}",
                child["regimen"].replace("every 2 weeks", "q2w").replace("every 4 weeks", "q4w"),
                f"{child['weeks']:.1f}",
                f"{child['given']}/{child['expected']}",
                f"{child['missed']}",
                between,
                f"{child['conforming']}/{child['given']}",
                "yes" if child["all_conform"] else "no",
            ]
        )
    given, expected = results["exposure.doses.given.n"].display, results["exposure.doses_expected.n"].display
    note = lettered(
        "q2w, q4w: every 2 or 4 weeks.",
        f"Due: the label's doses until the last contact or until treatment was stopped. All children: {given} doses given, "
        f"{expected} due.",
        "Rows of the record that say so.",
        "Of the doses given, those with the label's amount and interval.",
        "Every dose given conforms and none that was due is lacking.",
    )
    header = ["Child", "Label's regimen^a^", "Weeks", "Given/due^b^", "Missed^c^", "Interval, days", "Conforming^d^", "Label kept^e^"]
    return Table(header, "llrrrrrl", rows, [note])
