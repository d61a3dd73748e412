"""What each main result is meant to estimate, with the attributes of ICH E9(R1): treatment, population, variable, intercurrent events
with the name of the strategy, and summary. How missing values are dealt with is no attribute; it stands below them.
"""

from analysis.core.markdown import Table, indented, lettered
from analysis.core.words import Markdown, capital
from protocol import outcomes
from protocol.population import PATIENTS, Called
from protocol.treatment import DRUG


def choice_sentence(reproduces: bool) -> Markdown:
    """Whose choice the primary outcome and the estimands are, and when it was made."""
    if reproduces:
        return Markdown(
            "The paper’s abstract names neither a primary outcome nor an estimand: both are this report’s choice, made after the "
            "paper had been published."
        )
    return Markdown("The primary outcome and the estimands are those of this report.")


def estimands_table(week: int, called: Called = PATIENTS) -> Table:
    """The estimands of the main results, one below the other; what they share comes first."""
    many, one = called.many, called.one
    first, *others = outcomes.PRIMARY
    policy = "Treatment policy: values count as measured, whether or not treatment went on"
    shared = {
        "Treatment": f"{DRUG.title} as it was given, delayed and missed doses included, with background treatment; single arm",
        "Population": f"All {many} who started {DRUG.name}",
        "Topical treatment": "Treatment policy: it is background treatment, however much was used",
        "Rescue treatment^a^": "Treatment policy for want of a record: values count as measured, whatever else was given",
    }
    both = f"{many.capitalize()} without a value at baseline or at week {week} are left out"
    estimands = {
        f"{' and '.join(each.name for each in outcomes.PRIMARY)}, at week {week}": {
            "Variable": "; ".join([f"{first.rule} (primary)", *(each.rule for each in others)]),
            "Stopping treatment": f"Composite variable: stopped at week {week} or before is non-response",
            "Summary": f"Proportion of all {many}, with exact interval",
            "Missing values": "Non-response; other assumptions beside it",
        },
        f"SCORAD, change to week {week}": {
            "Variable": f"SCORAD at week {week} less baseline",
            "Stopping treatment": policy,
            "Summary": "Mean, with interval of Student’s *t*",
            "Missing values": f"{both}; a model of all visits stands beside",
        },
        f"Total IgE, change to week {week}": {
            "Variable": f"Total IgE at week {week} less baseline, and divided by baseline",
            "Stopping treatment": policy,
            "Summary": "Mean of the difference, geometric mean of the ratio, with intervals",
            "Missing values": f"{both}; values beyond the limits of the laboratory enter as ranges",
        },
        f"Time to first {' and '.join(each.name for each in outcomes.PRIMARY)}": {
            "Variable": "Weeks from the first dose to the first response on treatment, known to lie between two visits",
            "Stopping treatment": "Composite variable: who stopped before a first response never has one",
            "Summary": "Share with a first response by each visit, and the interval of the median",
            "Missing values": "A missed visit widens the interval; who is on treatment without a response is censored at the last "
            "assessment",
        },
        "Adverse events": {
            "Variable": f"First event of each {one}, and every event, from the first dose on",
            "Stopping treatment": "While on treatment: events until treatment was stopped, per time on treatment; and treatment "
            "policy: all events, per all follow-up",
            "Summary": f"Proportion of all {many}, with exact interval; rate per 100 patient-years, with exact Poisson interval",
            "Missing values": "Time at risk ends at the last contact",
        },
    }  # fmt: skip
    rows = []
    for heading, attributes in {"All of them": shared, **estimands}.items():
        rows.append([f"**{heading}**", ""])
        rows += [[indented(attribute), capital(text)] for attribute, text in attributes.items()]
    note = lettered("It would be an intercurrent event, but the data do not record it.")
    return Table(["Estimand and attribute", "Definition"], "ll", rows, [note])
