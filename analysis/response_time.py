"""Time to a first response, seen at visits and so interval-censored; and how long treatment went on.

The main estimate has the estimand of the primary analysis: whoever stopped treatment before a response never has one (a composite
of response and staying on treatment). Beside it stands what the share would be if those who stopped had responded like the others
(a hypothetical strategy in the words of ICH E9(R1)): they are censored at their last assessment on treatment. Both count a first
response, whether or not it lasted.
"""

from functools import cache

import numpy as np
import pandas as pd

from analysis.core.design import Design, Tables
from analysis.core.families import Family, lines_of, visit_weeks
from analysis.core.kaplan_meier import kaplan_meier
from analysis.core.results import Result
from analysis.core.turnbull import turnbull
from analysis.efficacy import responses
from protocol import outcomes
from protocol.outcomes import Response

METHODS = {
    "composite": "a patient who stopped treatment before a response never has one",
    "turnbull": "a patient without response is censored at the last assessment on treatment",
}
"""The main estimate and the one beside it."""


def response_time(tables: Tables, design: Design) -> list[Result]:
    """Rows of the section `efficacy` on the time to response, and of `exposure` on the time on treatment."""
    rows: list[Result] = []
    for response in outcomes.PRIMARY:
        for method in METHODS:
            rows += _time_to_response(tables, design, response, method)
    return rows + _on_treatment(tables, design)


def response_intervals(tables: Tables, design: Design, response: Response, method: str = "composite") -> pd.DataFrame:
    """For each patient the last week seen without response (`left`, 0 = baseline) and the first with it (`right`,
    infinite if never), in visits before treatment was stopped; indexed by patient_id.

    By the method composite, who stopped treatment without a response is known to have none at any week there is.
    """
    visits = tables.visits
    stopped = tables.patients.set_index("patient_id")["discontinued_week"].astype(float)
    stopped = stopped.sort_index()
    patients = stopped.index
    weeks = visit_weeks(visits, design)
    left, right = pd.Series(0.0, index=patients), pd.Series(np.inf, index=patients)
    for week in weeks[1:]:
        success = responses(visits, response, week).astype(float).reindex(patients)
        seen = success.notna() & np.isinf(right) & ~(stopped <= week)
        right, left = right.mask(seen & (success == 1), float(week)), left.mask(seen & (success == 0), float(week))
    if method == "composite":
        never = stopped.notna() & np.isinf(right)
        left = left.mask(never, float(weeks[-1]))
    return pd.DataFrame({"left": left, "right": right})


def _time_to_response(tables: Tables, design: Design, response: Response, method: str) -> list[Result]:
    intervals = response_intervals(tables, design, response, method)
    estimate = cache(lambda: turnbull(intervals["left"], intervals["right"]))
    how = (
        f"First visit with {response.rule}. The time lies between the last visit without and the first with "
        f"it; {METHODS[method]}. Turnbull's estimate "
        "(Turnbull 1976, doi 10.1111/j.2517-6161.1976.tb01597.x). Interval: Clopper-Pearson, 95 %, of as many patients as the "
        "estimate is worth (Dorey and Korn 1987, doi 10.1002/sim.4780060605)."
    )
    lines = lines_of(patients=tables.patients, visits=tables.visits[tables.visits[response.column].notna()])

    def family(unit: str, week: int | None = None) -> Family:
        return Family(
            "efficacy", f"time_to_{response.id}", unit, len(intervals), week=week, method=method, lines=lines, how=how
        )

    whole = family("weeks")
    rows = [
        whole.count("n", len(intervals)),
        whole.count("events", int(np.isfinite(intervals["right"]).sum())),
        *whole.several(("median_after", "median_by"), lambda: estimate().median(), decimals=0),
    ]
    for week in visit_weeks(tables.visits, design)[1:]:
        at = family("percent", week)
        rows.append(at.row("percent", lambda week=week: 100 * estimate().by(week)))
        rows += at.interval(lambda week=week: estimate().interval(week))
    return rows


def _on_treatment(tables: Tables, design: Design) -> list[Result]:
    patients = tables.patients
    times, stopped = time_on_treatment(patients)
    found = cache(lambda: kaplan_meier(times, stopped))
    how = (
        "Share of patients who had not stopped treatment at this week or before; who did not stop is followed until the last contact. "
        "Kaplan-Meier estimate (doi 10.1080/01621459.1958.10501452); interval: beta product, 95 % (Fay, Brittain and Proschan 2013, "
        "doi 10.1093/biostatistics/kxt016)."
    )

    def family(week: int | None = None) -> Family:
        return Family(
            "exposure", "on_treatment", "percent", len(patients), week=week, method="kaplan_meier", how=how,
            lines=lines_of(patients=patients),
        )  # fmt: skip

    rows = [family().count("n", len(patients)), family().count("events", int(stopped.sum()))]
    for week in visit_weeks(tables.visits, design)[1:]:
        at = family(week)
        rows.append(at.count("at_risk", found().at_risk(week)))
        rows.append(at.row("percent", lambda week=week: 100 * found().after(week)))
        rows += at.interval(lambda week=week: found().interval(week))
    return rows


def time_on_treatment(patients: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Weeks from the first dose until treatment was stopped, or until the last contact, and whether it was stopped."""
    stopped = patients["discontinued_week"].astype(float)
    return stopped.fillna(patients["last_contact_week"].astype(float)), stopped.notna()
