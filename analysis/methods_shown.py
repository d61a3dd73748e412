"""Sentences of the methods that depend on the cohort, the label in force, or the paper that is reproduced."""

from collections.abc import Mapping
from typing import Any

from analysis.core.words import Markdown, Words, listed
from protocol.treatment import DRUG, Label


def rescue_sentence(reproduces: bool, paper: str) -> Markdown:
    """What is not known of rescue treatment; paper: the key of its citation."""
    if reproduces:
        cited = f" [@{paper}]" if paper else ""
        return Markdown(f"The abstract of the paper{cited} does not report rescue treatment or measures of spread.")
    return Markdown("The data do not record rescue treatment.")


def label_sentence(label: Label) -> Markdown:
    """The label in force, and what its dose depends on."""
    plans = {each.id for each in label.regimens}
    rule = "age and, at some ages, weight at baseline decide the loading dose, the maintenance dose and its interval"
    if len(plans) == 1:
        rule = f"its maintenance dose is {label.regimens[0].words}"
    return Markdown(f"Doses of {DRUG.name} are held to the {label.name} [@{label.citation}]: {rule}.")


def growth_sentence(words: Words, label: Label) -> Markdown:
    """What one weight a patient means where the dose depends on it for patients of some of these ages."""
    youngest, oldest = (int(words.row(f"population.age_years.{end}").value) for end in ("min", "max"))
    ages = range(youngest, oldest + 1)
    crossed = [
        band for band in label.weight_bands_kg if any(label.regimen(age, band - 0.1) != label.regimen(age, band) for age in ages)
    ]
    if not crossed:
        return Markdown("At these patients' ages the dose is the same at every weight.")
    bands = f"{listed(f'{each:g}' for each in crossed)} kg"
    return Markdown(
        f"Where the dose depends on weight ({bands}), a patient who crosses a threshold during treatment would need another dose; the "
        "data hold one weight a patient, so this is a limitation."
    )


def visits_sentence(words: Words, facts: Mapping[str, Any]) -> Markdown:
    """Which of the visits the paper tells of, where the data are reconstructed from it; facts: those of the paper, or none."""
    told = facts.get("design", {}).get("primary_timepoint_weeks")
    seen = [week for week in words.results.weeks("population", "visit") if words.results[f"population.visit.w{week}.n"].value]
    between = [f"{week}" for week in seen if week not in (0, told)]
    if told is None or not between:
        return Markdown("")
    visits = f"visit at week {between[0]} is" if len(between) == 1 else f"visits at weeks {listed(between)} are"
    return Markdown(f"The abstract tells of baseline and of week {told} alone; the {visits} assumed.")


def response_sentence(words: Words, reproduces: bool) -> Markdown:
    """The rule of IGA 0/1, and whether the fall of two points adds to it: not if everybody assessed had 3 or more at baseline."""
    rule = "A response, IGA 0/1, is a score of 0 or 1 that lies at least two points below baseline"
    rule += " (the abstract of the paper gives no rule beside the name)" if reproduces else ""
    below = [f"efficacy.iga_grade_{grade}.w0.observed.n" for grade in range(3)]
    if any(words.row(each).value for each in below) or not words.row("efficacy.iga_grade_4.w0.observed.N").value:
        return Markdown(f"{rule}.")
    return Markdown(f"{rule}; as everybody had 3 or more at baseline, this is the same as a score of 0 or 1.")


def ige_sentence(reproduces: bool) -> Markdown:
    """Why total IgE has two averages."""
    if reproduces:
        said = (
            "The arithmetic mean and its difference are given because the paper gives them; the geometric mean and the ratio to "
            "baseline describe the typical patient better."
        )
    else:
        said = (
            "The geometric mean and the ratio to baseline describe the typical patient better than the arithmetic mean and its "
            "difference."
        )
    return Markdown(f"Total IgE is usually skewed. {said}")


def change_sentence() -> Markdown:
    """What tests of a change cannot say in a single arm."""
    return Markdown(
        f"There was no control group, so every estimand is about what was seen under {DRUG.name}, and none is an effect "
        "of it."
    )
