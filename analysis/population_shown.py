"""The patients as shown: the table of their characteristics at baseline, and their flow from visit to visit."""

from analysis.core.cells import extremes, mean_sd, median_quartiles, n_percent
from analysis.core.display import named_visit, visit
from analysis.core.drawing import ABSENT, Drawing, subplots
from analysis.core.markdown import Table, indented
from analysis.core.origin import with_origins
from analysis.core.results import Results
from analysis.core.style import ORANGE, QUIET, WIDTH
from protocol import outcomes


@with_origins
def baseline_table(results: Results) -> Table:
    """Who was treated: characteristics and scores before the first dose."""

    def measured(name: str, prefix: str) -> list[str]:
        return [name, mean_sd(results, prefix), median_quartiles(results, prefix), extremes(results, prefix)]

    def counted(name: str, variable: str) -> list[str]:
        return [name, n_percent(results, f"population.{variable}"), "", ""]

    regimens = [id.split(".")[1] for id in results if id.startswith("population.regimen_") and id.endswith(".n")]
    dosing = [counted(indented(_regimen_name(name)), name) for name in regimens]
    rows = [
        measured("Age, years", "population.age_years"),
        counted("Girls, n (%)", "female"),
        measured("Weight, kg", "population.weight_kg"),
        measured("Duration of disease, years", "population.ad_duration_years"),
        counted("Asthma, n (%)", "asthma"),
        counted("Allergic rhinitis, n (%)", "allergic_rhinitis"),
        counted("Food allergy, n (%)", "food_allergy"),
        counted("Systemic therapy before, n (%)", "prior_systemic_therapy"),
        *(measured(score.with_range, f"efficacy.{score.id}.w0.observed") for score in outcomes.DESCRIBED),
        ["IGA 4 (severe), n (%)", n_percent(results, "efficacy.iga_grade_4.w0.observed"), "", ""],
        [
            "Total IgE, kU/L",
            mean_sd(results, "biomarker.total_ige.w0.observed"),
            median_quartiles(results, "biomarker.total_ige.w0.observed"),
            "",
        ],
        ["Maintenance dose by label, n (%)", "", "", ""],
        *dosing,
    ]
    size = results["population.enrolled.n"].display
    header = [f"All children, N = {size}", "Mean (SD) or n (%)", "Median (quartiles)", "Range"]
    return Table(header, "lrrr", rows)


def _regimen_name(variable: str) -> str:
    _, amount, interval_weeks = variable.split("_")
    return f"{amount.removesuffix('mg')} mg every {interval_weeks[1:-1]} weeks"


def patient_flow(results: Results) -> Drawing:
    """Patients enrolled, seen and not seen at each visit, and still on treatment at the end, as a row of boxes."""
    weeks = results.weeks("population", "visit")
    figure, axes = subplots(figsize=(WIDTH, 1.5))
    axes.set_axis_off()
    count = {key: results[f"population.{key}.n"].value for key in ("enrolled", "discontinued")}
    boxes = [("Enrolled", f"{count['enrolled']}", "")]
    for week in weeks:
        seen, due = (results[f"population.visit.w{week}.{part}"].value for part in ("n", "N"))
        boxes.append((visit(week), f"{seen}", f"{due - seen} not seen" if due > seen else ""))
    boxes.append(("Stopped\ntreatment", f"{count['discontinued']}", ""))
    for i, (name, number, note) in enumerate(boxes):
        box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": QUIET, "linewidth": 0.8}
        axes.text(i, 0.5, f"{number}", ha="center", va="center", fontsize=11, fontweight="bold", bbox=box)
        axes.text(i, 0.86, name, ha="center", va="bottom", linespacing=1.1)
        if note:
            axes.text(i, 0.12, note, ha="center", va="top", color=ORANGE)
        if 0 < i < len(boxes) - 1:
            arrow = {"arrowstyle": "-|>", "color": QUIET, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
            axes.annotate("", xy=(i - 0.3, 0.5), xytext=(i - 0.7, 0.5), arrowprops=arrow)
    axes.set(xlim=(-0.5, len(boxes) - 0.5), ylim=(-0.15, 1.3))
    rows = [[name.replace("\n", " "), number, note or ABSENT] for name, number, note in boxes]
    return Drawing(figure, Table(["Step", "Children", "Of those due"], "lrr", rows))


def alt_patient_flow(results: Results) -> str:
    weeks = results.weeks("population", "visit")
    seen = ", ".join(f"{results[f'population.visit.w{week}.n'].display} at {named_visit(week)}" for week in weeks)
    enrolled, stopped = results["population.enrolled.n"].display, results["population.discontinued.n"].display
    return f"Flow of patients: {enrolled} enrolled; seen {seen}; {stopped} stopped treatment."
