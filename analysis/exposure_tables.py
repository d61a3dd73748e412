"""The table of every child's exposure."""

from analysis.design import Design, Tables
from analysis.exposure import child_exposure
from analysis.markdown import Table, lettered
from analysis.origin import with_origins
from analysis.results import Results


@with_origins
def by_child(tables: Tables, design: Design, results: Results) -> Table:
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
