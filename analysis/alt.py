"""Alternative texts of the figures: what each shows and what it finds, in words computed from the results."""

from analysis.biomarker import printed_geometric_mean
from analysis.results import Results
from protocol import outcomes
from protocol.outcomes import EASI_THRESHOLDS


def patient_flow(results: Results) -> str:
    weeks = results.weeks("population", "visit")
    seen = ", ".join(f"{results[f'population.visit.w{week}.n'].display} at {_visit(week)}" for week in weeks)
    enrolled, stopped = results["population.enrolled.n"].display, results["population.discontinued.n"].display
    return f"Flow of patients: {enrolled} enrolled; seen {seen}; {stopped} stopped treatment."


def iga_distribution(results: Results) -> str:
    weeks = results.weeks("efficacy", "iga_grade_0")
    parts = []
    for week in weeks:
        clear = sum(results[f"efficacy.iga_grade_{grade}.w{week}.observed.n"].value for grade in (0, 1))
        parts.append(f"{clear} of {results[f'efficacy.iga_grade_0.w{week}.observed.N'].display} at {_visit(week)}")
    return f"Stacked bars of IGA grades at each visit. Clear or almost clear: {', '.join(parts)}."


def easi_waterfall(results: Results, week: int) -> str:
    reached = ", ".join(
        f"EASI-{percent} by {results[f'efficacy.easi_{percent}.w{week}.observed.n'].display}"
        for percent in EASI_THRESHOLDS
    )
    change = f"efficacy.easi_percent_change.w{week}.paired"
    return (
        f"One bar for each of {results[f'{change}.n'].display} children, change of EASI from baseline to week {week}, "
        "from "
        f"{results[f'{change}.max'].display} to {results[f'{change}.min'].display} percent; {reached} children."
    )


def courses(results: Results, variable: str, name: str) -> str:
    weeks = results.weeks("efficacy", variable)
    medians = ", ".join(
        f"{results[f'efficacy.{variable}.w{week}.observed.median'].display} at {_visit(week)}" for week in weeks
    )
    return f"{name} of every child over time as thin lines, with the quartiles and the median: {medians}."


def itch_and_sleep(results: Results) -> str:
    return f"{courses(results, 'pruritus', 'Itch')} {courses(results, 'sleep_loss', 'Sleep loss')}"


def responders_over_time(results: Results) -> str:
    parts = []
    for response in outcomes.MAIN:
        last = results.weeks("efficacy", response.id)[-1]
        prefix = f"efficacy.{response.id}.w{last}.nri"
        parts.append(
            f"{response.name} {results[f'{prefix}.percent'].display} percent ({results[f'{prefix}.ci_low'].display} to "
            f"{results[f'{prefix}.ci_high'].display}) at week {last}"
        )
    return (
        f"Percentage of responders at every visit with exact 95 percent intervals, in four panels: {'; '.join(parts)}."
    )


def ige_pairs(results: Results, week: int) -> str:
    before, after = (printed_geometric_mean(results, at).display for at in (0, week))
    pairs = results[f"biomarker.total_ige_change.w{week}.paired.n"].display
    return (
        f"Total IgE of every child at baseline and week {week} on a logarithmic scale, both values of {pairs} "
        "children joined by "
        f"lines; geometric mean {before} and {after} kU/L."
    )


def timelines(results: Results) -> str:
    return (
        f"One line a child from the first dose to the last contact, with {results['exposure.doses.given.n'].display} "
        "doses given, "
        f"{results['exposure.doses.missed.n'].display} missed, and {results['safety.any_event.events'].display} "
        "adverse events in "
        f"{results['safety.any_event.n'].display} children, {results['safety.conjunctivitis.events'].display} of them "
        "conjunctivitis."
    )


def _visit(week: int) -> str:
    return "baseline" if week == 0 else f"week {week}"
