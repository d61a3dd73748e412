"""The paper's claims as shown: beside what the data give, and what their arithmetic allows."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from analysis.claims import STEPS, Claim, fractions_that_print, grain_of_mean, means, percentages, variable_of
from analysis.core.markdown import Table, division, literal
from analysis.core.origin import marked, with_origins
from analysis.core.results import Results
from analysis.core.words import Markdown, Words


def claims_table(claims: Sequence[Claim]) -> Table:
    """Published beside computed, for every claim; several claims in the same words are one row. Whether they agree is said of each
    only where it is not said of all at once above the table."""
    rows = []
    for says, same in groupby(claims, key=lambda claim: claim.says):
        several = list(same)
        verdicts = dict.fromkeys(claim.verdict for claim in several)
        rows.append([
            literal(says),
            "; ".join(" to ".join(claim.published) for claim in several),
            "; ".join(" to ".join(marked(text, [row]) for text, row in zip(claim.computed, claim.results, strict=True)) or "–"
                      for claim in several),
            literal("; ".join(claim.unit.replace("percent", "%") for claim in several)),
            "; ".join(verdicts),
        ])  # fmt: skip
    header = ["The paper says", "Published", "Computed", "Unit", "Agreement"]
    if len(claims) > 1 and len({claim.verdict for claim in claims}) == 1 and claims[0].incomparable is None:
        return Table(header[:4], "lrrl", [row[:4] for row in rows])
    return Table(header, "lrrll", rows)


def basis_sentence(report: Any, *printed: str) -> Markdown:
    """At the head of a chapter, which of its numbers the paper gives and that the others are simulated; nothing in a cut that is not
    reconstructed. `printed` are the beginnings of the ids of results that the chapter prints, for instance `safety.conjunctivitis`.
    """
    if not report.reconstructed:
        return Markdown("")
    given = dict.fromkeys(
        _in_words(claim) for claim in report.claims
        if any(row.basis == "published" and row.id.startswith(printed) for row in claim.results)
    )  # fmt: skip
    said = "The paper gives none of the numbers that follow: they are simulated."
    if given:
        said = f"Of what follows the paper gives: {'; '.join(given)}. Everything else is simulated."
    return Markdown(division("basis", f"**Published and simulated.** {said}"))


def _in_words(claim: Claim) -> str:
    """A claim with its number, unless that stands in it or is nobody."""
    numbers = " to ".join(claim.published)
    if all(number in claim.says or number == "0" for number in claim.published):
        return literal(claim.says)
    return literal(f"{claim.says} {numbers} {claim.unit.replace('percent', '%')}")


def statement(claims: Sequence[Claim]) -> str:
    """How many of the claims the data meet, and what that is worth."""
    comparable = [claim for claim in claims if claim.incomparable is None]
    met = sum(claim.agrees for claim in comparable)
    said = []
    if comparable:
        said.append(f"{met} of {len(comparable)} claims are met." if len(comparable) > 1 else _ONE[bool(met)])
    left_out = len(claims) - len(comparable)
    if left_out:
        more = "more " if comparable else ""
        said.append(
            f"{left_out} {more}claims cannot be compared with these data, for the reason in the table."
            if left_out > 1 else f"One {more}claim cannot be compared with these data, for the reason in the table."
        )  # fmt: skip
    by_construction = [claim.by_construction for claim in comparable if claim.agrees]
    if by_construction and all(by_construction):
        said.append(
            "Agreement is by construction: the reconstructed data are held to these figures, so it shows that the software "
            "computes as the paper did, and confirms nothing about the patients."
        )
    return " ".join(said)


_ONE = {True: "The claim is met.", False: "The claim is not met."}


def percentages_statement(published: Mapping[str, Any], words: Words) -> Markdown:
    """What the fractions that print as the published percentages say of their denominators.

    That nobody was left out is said only if each percentage has one fraction and this one the whole cohort below.
    """
    claims, patients = percentages(published), _patients(published)
    if not claims:
        return Markdown("The paper has no percentages of patients.")
    found = [fractions_that_print(claim["value"], patients) for claim in claims]
    if all(len(each) == 1 and each[0][1] == patients for each in found):
        means = (
            "There is one for each, and its denominator is the whole cohort: nobody was left out of these percentages, or those left "
            "out were counted as without response."
        )
    elif not all(found):
        means = "For a percentage without any, no count of patients explains it."
    else:
        means = "Where there are several, the denominator cannot be told from the percentage."
    return Markdown(
        f"The paper is about {words.number('arithmetic.cohort.n').marked} patients. @tbl-fractions lists every fraction with a "
        f"denominator of that size or smaller that prints as a percentage in the paper. {means}"
    )


def means_can_fail(published: Mapping[str, Any]) -> bool:
    """Whether the GRIM test could find a published mean impossible."""
    patients = _patients(published)
    return any(grain_of_mean(claim["value"], patients, STEPS[claim["unit"]]).can_fail for claim in means(published))


def means_statement(published: Mapping[str, Any]) -> Markdown:
    """Whether the GRIM test can find anything, by the grain of every published mean."""
    claims = means(published)
    if not claims:
        return Markdown("The paper has no means of scores or concentrations.")
    units = dict.fromkeys(claim["unit"] for claim in claims)
    coarse = " and ".join(f"{float(STEPS[unit]):g} {literal(unit)}" for unit in units)
    if means_can_fail(published):
        found = (
            f"Here they do for some, if values are recorded in steps of {coarse}; a mean that no sum prints as is impossible "
            "(@tbl-grim)."
        )
    else:
        found = (
            f"Here they lie closer, even for values that are recorded in coarse steps, of {coarse}: every printed mean is possible, "
            "and the test says nothing."
        )
    return Markdown(
        "The GRIM test asks whether a printed mean can be the mean of that many values at all [@brown2017]. It can only find "
        f"something where the means of that many values lie further apart than the last printed digit. {found}"
    )


def _patients(published: Mapping[str, Any]) -> int | None:
    return published.get("design", {}).get("patients")


def open_statement(published: Mapping[str, Any]) -> Markdown:
    """How much of the paper could be read, as its facts say."""
    access = published.get("paper", {}).get("access")
    return Markdown(f"{literal(access)} It does not give:" if access else "The paper does not give:")


def open_list(published: Mapping[str, Any]) -> Markdown:
    """What the paper does not tell, as its facts list it."""
    items = (f"- **{literal(each['topic'])}**: {literal(each['what'])}" for each in published.get("open", []))
    return Markdown("".join(f"{item}\n" for item in items))


def fractions_table(published: Mapping[str, Any]) -> Table:
    """For every published percentage the fractions that print as it."""
    patients = _patients(published)
    rows = []
    for claim in percentages(published):
        found = fractions_that_print(claim["value"], patients)
        listed = ", ".join(f"{k}/{n}" for k, n in found) or "none"
        rows.append([literal(claim["says"]), literal(f"{claim['value']} %"), listed])
    return Table(["The paper says", "Printed", f"Fractions that print so, denominator up to {patients}"], "lrl", rows)


@with_origins
def means_table(published: Mapping[str, Any], results: Results) -> Table:
    """For every published mean its grain, its rounding, and how many sums print as it."""
    rows = []
    for claim in means(published):
        prefix = f"arithmetic.{variable_of(claim)}.grim"
        rows.append(
            [
                literal(claim["says"]),
                literal(f"{claim['value']} {claim['unit']}"),
                *(results[f"{prefix}.{part}"].display for part in ("rounding", "grain", "sums")),
            ]
        )
    header = ["The paper says", "Printed", "Rounded to", "Grain of the mean", "Sums that print so"]
    return Table(header, "lrrrr", rows)
