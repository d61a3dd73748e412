"""Responders in subgroups as shown: sentences, and forest plots of the groups that have members and are not kept back.

`label` is the key of the label in force in :data:`protocol.treatment.LABELS`, whose weights bound groups.
"""

from analysis.core.drawing import Drawing
from analysis.core.forest import forest, proportion_row
from analysis.core.markdown import literal
from analysis.core.results import WITHHELD, Results
from analysis.core.words import Markdown, Words, who
from analysis.subgroups import headings, variable
from protocol import outcomes
from protocol.treatment import LABELS

Groups = dict[str, dict[str, str]]
"""Headings, and below each the prefix of the ids of every group and its name."""


def shown_groups(results: Results, week: int, outcome: str, label: str) -> tuple[Groups, list[str]]:
    """The groups of an outcome that are shown, and the headings that are kept back.

    A group without a member is left out, and so is a heading with fewer than two others: it would repeat the result of everyone.
    """
    shown: Groups = {}
    kept: list[str] = []
    for heading, groups in headings(label, who(results)).items():
        prefixes = {f"subgroups.{variable(outcome, group)}.w{week}.nri": name for group, name in groups.items()}
        if any(results[f"{prefix}.N"].reason == WITHHELD for prefix in prefixes):
            kept.append(heading)
            continue
        members = {prefix: name for prefix, name in prefixes.items() if results[f"{prefix}.N"].value}
        if len(members) > 1:
            shown[heading] = members
    return shown, kept


def warning_sentence(words: Words) -> Markdown:
    """What the figures cannot show."""
    n, who = words.row("population.enrolled.n").value, words.who
    if n == 1:
        return Markdown(f"One {who.one} makes no groups.")
    return Markdown(
        f"These figures describe {words.number('population.enrolled.n').marked} {who.many} cut into groups. Intervals of groups are "
        "mostly wider than that of everyone, so that a real difference can go unseen and an apparent one can be chance."
    )


def weight_sentence(label: str) -> Markdown:
    """Where weight is cut, and why there."""
    bands, name = LABELS[label].weight_bands_kg, literal(LABELS[label].name)
    if not bands:
        return Markdown(f"The dose of the {name} does not depend on weight, so weight makes no groups.")
    *first, last = (f"{band:g}" for band in bands)
    edges = f"{', '.join(first)} and {last}" if first else last
    return Markdown(f"Weight is cut at {edges} kg, where the dose of the {name} changes at some ages.")


def suppression_sentence(words: Words, week: int, label: str) -> Markdown:
    """What is kept back of small groups, said once for all outcomes."""
    kept = {heading: None for each in outcomes.PRIMARY for heading in shown_groups(words.results, week, each.id, label)[1]}
    if not kept:
        return Markdown("All counts are shown, small ones too.")
    return Markdown(
        "A group with a count of 1 to 4, of members or of responders, is not shown, and neither are the other groups of its heading, "
        f"which would give it away. Kept back: {', '.join(kept)}."
    )


def same_counts(results: Results, week: int, label: str) -> bool:
    """Whether everyone and every group shown has the same counts for all primary outcomes, so that one figure shows all."""
    shown = []
    for outcome in outcomes.PRIMARY:
        groups, kept = shown_groups(results, week, outcome.id, label)
        members = [(heading, name, prefix) for heading, found in groups.items() for prefix, name in found.items()]
        everyone = ("", "", f"efficacy.{outcome.id}.w{week}.nri")
        shown.append((kept, [(heading, name, results[f"{prefix}.n"].value, results[f"{prefix}.N"].value)
                             for heading, name, prefix in [everyone, *members]]))  # fmt: skip
    return all(each == shown[0] for each in shown[1:])


def figures_sentence(words: Words, week: int, label: str) -> Markdown:
    """What is drawn, and how it is counted."""
    first, *others = (outcome.name for outcome in outcomes.PRIMARY)
    counted = "a missing value or stopped treatment is non-response"
    if same_counts(words.results, week, label):
        same = "" if nothing_to_draw(words, week, outcomes.PRIMARY[0].id, label) else (
            f" For {' and '.join(others)} all counts are the same, and so would be the figure."
        )  # fmt: skip
        return Markdown(
            f"@fig-subgroups-iga is for the primary analysis of {first} in groups known before treatment: {counted}.{same}"
        )
    return Markdown(
        f"@fig-subgroups-iga and @fig-subgroups-easi are for the primary analysis of {first} and {' and '.join(others)} in groups "
        f"known before treatment: {counted}."
    )


def nothing_to_draw(words: Words, week: int, outcome: str, label: str) -> Markdown | None:
    """A sentence in place of the figure where there are no responses or no groups."""
    row = words.row(f"efficacy.{outcome}.w{week}.nri.percent")
    name = outcomes.RESPONSES[outcome].name
    if row.value is None:
        return Markdown(f"{name} at week {week} cannot be given in groups: {literal(row.reason)}.")
    shown, kept = shown_groups(words.results, week, outcome, label)
    if shown:
        return None
    return Markdown("All groups are kept back." if kept else "There are no groups to draw.")


def subgroup_forest(results: Results, week: int, outcome: str, label: str) -> Drawing:
    """Responders of every subgroup, below those of all patients; `outcome` is the id of one of
    :data:`protocol.outcomes.PRIMARY`."""
    many = who(results).many
    rows = [proportion_row(results, f"efficacy.{outcome}.w{week}.nri", f"All {many}", "", main=True)]
    shown, kept = shown_groups(results, week, outcome, label)
    for heading, groups in shown.items():
        for prefix, name in groups.items():
            rows.append(proportion_row(results, prefix, name, heading, main=False))
    notes = [f"Kept back: {', '.join(kept)}."] if kept else []
    return forest(rows, f"{outcomes.RESPONSES[outcome].name} at week {week} (% of the {many} of the group)", notes=notes)


def alt_subgroup_forest(results: Results, week: int, outcome: str, label: str) -> str:
    name = outcomes.RESPONSES[outcome].name
    if results[f"efficacy.{outcome}.w{week}.nri.percent"].value is None:
        return f"Without a response at week {week} nothing is drawn of {name} in subgroups."
    shown, kept = shown_groups(results, week, outcome, label)
    parts = []
    for heading, groups in shown.items():
        counts = ", ".join(
            f"{name} {results[f'{prefix}.n'].display} of {results[f'{prefix}.N'].display}" for prefix, name in groups.items()
        )
        parts.append(f"{heading}: {counts}")
    if kept:
        parts.append(f"Kept back: {', '.join(kept)}")
    begin = f"{'Forest plot' if shown else 'Nothing is drawn'} of {name} at week {week} in subgroups"
    return f"{begin}. {'. '.join(parts) or 'There are no groups'}."
