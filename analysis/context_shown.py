"""The cohort beside other studies, as shown: in sentences, as a figure and as tables. All of it follows from the arms."""

import re
from collections.abc import Iterable, Sequence

from analysis.context import OUTCOMES, Arm
from analysis.core.display import interval
from analysis.core.drawing import Drawing
from analysis.core.forest import ForestRow, forest
from analysis.core.markdown import Table, lettered, literal
from analysis.core.origin import with_origins
from analysis.core.results import Results
from analysis.core.words import Markdown, Words, capital, listed
from protocol.treatment import DRUG

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def statement(found: Sequence[Arm]) -> Markdown:
    """What the chapter rests on."""
    own, paper = (next((arm for arm in found if mark(arm)), None) for mark in (_is_own, _is_paper))
    if own is not None:
        return Markdown(
            f"The counts of this cohort are results of this report, at {own.at}, for events up to then; those of other studies are "
            "as published."
        )
    if not found:
        return Markdown("This chapter is for figures that other studies have published.")
    counts = f"the counts that the paper{_cited(paper, ' ')} prints or its percentages stand for, and those" if paper else "the counts"
    what = f"{counts} of other studies"
    return Markdown(f"This chapter uses published figures alone: {what}. No row of the data cut enters it.")


def _is_own(arm: Arm) -> bool:
    return arm.is_own


def _is_paper(arm: Arm) -> bool:
    return arm.is_paper


def no_others_sentence() -> Markdown:
    """Where there is nothing to stand beside."""
    return Markdown(f"No other study of {DRUG.name} is listed (`data/evidence.csv`), so there is nothing to set beside this cohort.")


def counts_sentence(found: Sequence[Arm], words: Words) -> Markdown:
    """The counts of this cohort, or of the paper where the report is about the paper's patients."""
    first = [arm for arm in found if arm.is_own] or [arm for arm in found if arm.is_paper]
    if not first:
        return Markdown("No count of this cohort is there to be set beside the studies.")
    cohort = first[0].is_own
    said = []
    for arm in first:
        size = _count(arm, words) + (" patients" if arm is first[0] and not cohort else "")
        share = f"{words.percent(arm.prefix).marked}; {'95 % CI ' if arm is first[0] else ''}{words.interval(arm.prefix).marked}"
        said.append(f"{literal(arm.outcome)} in {size} ({share})" if cohort else f"{size} with {literal(arm.outcome)} ({share})")
    if cohort:
        return Markdown(f"In this cohort there was {listed(said)}.")
    return Markdown(f"The paper tells of {listed(said)}.{_inferred(first)}")


def _inferred(paper: Sequence[Arm]) -> str:
    """Which counts of the paper are its own, and which were inferred from its percentages."""
    inferred, printed = ([literal(arm.outcome) for arm in paper if arm.counts == kind] for kind in ("inferred", "published"))
    if not inferred:
        return ""
    if not printed:
        return " It prints percentages; the counts are inferred from them."
    those = "that" if len(printed) == 1 else "those"
    return f" Of these counts it prints {those} of {listed(printed)} alone; those of {listed(inferred)} are inferred from percentages."


def _count(arm: Arm, words: Words) -> str:
    """How many of how many, in words where these are all, none or one patient."""
    size = words.number(f"{arm.prefix}.N").marked
    if arm.N == 1:
        return "the only patient" if arm.n else "no patient"
    return f"all {size}" if arm.n == arm.N else f"none of {size}" if not arm.n else words.of(arm.prefix).marked


def others_sentence(found: Sequence[Arm]) -> Markdown:
    """Which studies the figure shows: trials first, each with the ages of its patients and its source."""
    others = _studies(arm for arm in found if not _leads(arm, found))
    parts = []
    for kind in dict.fromkeys(("randomised trial", *(arm.type for arm in others))):
        members = [arm for arm in others if arm.type == kind]
        if members:
            count = _NUMBERS[len(members)] if len(members) < len(_NUMBERS) else f"{len(members)}"
            named = [f"{literal(arm.short)} ({_years(arm)}){_cited(arm, ' ')}" for arm in members]
            parts.append(f"{count} {kind}{'' if len(members) == 1 else 's'}, {listed(named)}")
    if not parts:
        return no_others_sentence()
    return Markdown(
        f"@fig-context sets these beside {'; and beside '.join(parts)}. @tbl-context gives the same numbers with the design of each "
        "study, and @tbl-sources says where they come from."
    )


def _leads(arm: Arm, found: Sequence[Arm]) -> bool:
    """Whether this is the cohort that the others stand beside."""
    return arm.is_own or (arm.is_paper and not any(each.is_own for each in found))


def _studies(found: Iterable[Arm]) -> list[Arm]:
    """One arm of each study, in their order."""
    first: dict[str, Arm] = {}
    for arm in found:
        first.setdefault(arm.study, arm)
    return list(first.values())


def _years(arm: Arm) -> str:
    return literal(f"{arm.age_years.replace('-', ' to ')} years" if arm.age_years else "ages not stated")


def _cited(arm: Arm, before: str = "") -> str:
    return f"{before}[@{arm.citation}]" if re.fullmatch(r"\w[\w:-]*", arm.citation) else ""


def differences_sentence(found: Sequence[Arm]) -> Markdown:
    """In what the studies differ, as far as their rows tell: control groups, topical treatment, ages and weeks."""
    studies = _studies(found)
    if not studies:
        return no_others_sentence()
    controlled = [study for study in studies if any(arm.is_control for arm in found if arm.study == study.study)]
    alone = [study for study in studies if study not in controlled]
    said = []
    if controlled:
        said.append(f"{listed(_names(controlled))} had a control group" + (f", {listed(_names(alone))} had none" if alone else ""))
    else:
        said.append("none had a control group")
    topical = {
        "everybody": "gave topical glucocorticosteroids to everybody", "nobody": "gave none", "when needed": "gave them when needed",
        "": "did not state it, as far as it is known here",
    }  # fmt: skip
    given = [
        f"{listed(_names(members))} {words}"
        for kind, words in topical.items() if (members := [arm for arm in studies if arm.topical == kind and not arm.is_own])
    ]  # fmt: skip
    if any(arm.topical for arm in studies):
        if not any(arm.topical == "everybody" for arm in studies):
            given = [f"of topical glucocorticosteroids, {given[0]}", *given[1:]]
        said.append(", ".join(given))
    severities = list(dict.fromkeys(study.severity for study in studies if study.severity))
    if len(severities) > 1:
        by_severity = ((kind, [study for study in studies if study.severity == kind]) for kind in severities)
        said.append("the disease was " + ", ".join(f"{literal(kind)} in {listed(_names(members))}" for kind, members in by_severity))
    if len({arm.age_years for arm in studies}) > 1:
        said.append("the patients were of different ages")
    if len({arm.week for arm in found}) > 1:
        said.append("outcomes and events belong to the times shown")
    words = f"The studies differ in design, and no test is made between them: {'; '.join(said)}."
    for outcome in _outcomes(found):
        missing = [study for study in studies if not any(a.study == study.study and a.outcome == outcome for a in found)]
        if missing:
            read = list(dict.fromkeys(study.read for study in missing))
            known = len(read) == 1 and read[0]
            one = len(missing) == 1
            where = f"{'its' if one else 'their'} {literal(read[0])}{'' if one else 's'}" if known else ""
            why = f" ({where} alone {'was' if one else 'were'} read)" if known else ""
            words += f" Without counts of {literal(outcome)}: {listed(_names(missing))}{why}."
    return Markdown(words)


def _names(studies: Sequence[Arm]) -> list[str]:
    return ["this cohort" if arm.is_own else literal(arm.short) for arm in studies]


def _outcomes(found: Iterable[Arm]) -> list[str]:
    """Outcomes that somebody has, in the order of the report."""
    return [outcome for outcome in OUTCOMES if outcome in {arm.outcome for arm in found}]


def context_forest(found: Sequence[Arm], results: Results) -> Drawing:
    """Every arm with its exact interval, by outcome; this cohort, or the paper's, stands out, control arms are hollow."""
    rows = []
    for arm in found:
        percent, low, high = (results[f"{arm.prefix}.{part}"].value for part in ("percent", "ci_low", "ci_high"))
        heading = capital(arm.outcome)
        label = f"{arm.label}, {arm.at}"
        rows.append(ForestRow(label, percent, low, high, _numbers(arm, results), heading, _leads(arm, found), not arm.is_control))
    return forest(rows, "Patients (%)")


def context_caption(found: Sequence[Arm]) -> Markdown:
    """What is drawn of these arms."""
    said = "Proportions of patients with exact 95 % confidence intervals"
    if leading := [arm for arm in found if _leads(arm, found)]:
        said += f"; blue on a band is {'this cohort' if leading[0].is_own else 'the paper'}"
    if any(arm.is_control for arm in found):
        said += "; hollow squares are control arms"
    return Markdown(f"{said}.")


def _numbers(arm: Arm, results: Results) -> str:
    percent, low, high = (results[f"{arm.prefix}.{part}"].display for part in ("percent", "ci_low", "ci_high"))
    return f"{arm.n}/{arm.N}, {percent} ({low} to {high})"


def alt_context_forest(found: Sequence[Arm], results: Results) -> str:
    """What the figure shows, in words."""
    parts = []
    for outcome in _outcomes(found):
        members = [arm for arm in found if arm.outcome == outcome]
        first = [arm for arm in members if _leads(arm, found)]
        others = [arm for arm in members if arm not in first and not arm.is_control]
        controls: dict[str, list[Arm]] = {}
        for arm in members:
            if arm.is_control:
                controls.setdefault(arm.arm, []).append(arm)
        groups = [("this cohort" if first and first[0].is_own else "the paper", first), (f"{DRUG.name} in other studies", others)]
        words = [f"{name} {_percents(arms, results)}" for name, arms in (*groups, *controls.items()) if arms]
        parts.append(f"{outcome}: {', '.join(words)}")
    return f"Forest plot of proportions with exact 95 percent intervals. {'; '.join(parts)}."


def _percents(members: Sequence[Arm], results: Results) -> str:
    rows = sorted((results[f"{arm.prefix}.percent"] for arm in members), key=lambda row: row.value)
    low, high = rows[0].display, rows[-1].display
    return f"{low} percent" if low == high else f"{low} to {high} percent"


@with_origins
def context_table(found: Sequence[Arm], results: Results) -> Table:
    """The same numbers as a table, with the design of every study."""
    rows = []
    for outcome in _outcomes(found):
        rows.append([f"**{literal(capital(outcome))}**", *[""] * 5])
        for arm in found:
            if arm.outcome != outcome:
                continue
            low, high = (results[f"{arm.prefix}.{part}"].display for part in ("ci_low", "ci_high"))
            counts = [results[f"{arm.prefix}.{part}"].display for part in ("n", "N")]
            rows.append(
                [
                    literal(arm.label),
                    literal("; ".join(part for part in (arm.design, _plain_years(arm), arm.severity) if part)),
                    literal(arm.at),
                    "/".join(counts) if arm.is_own else f"*{arm.n}/{arm.N}*" if arm.counts == "inferred" else f"{arm.n}/{arm.N}",
                    results[f"{arm.prefix}.percent"].display,
                    interval(low, high),
                ]
            )
    controls = list(dict.fromkeys(arm.arm for arm in found if arm.is_control))
    shortened = " q2w, q4w: every 2 or 4 weeks." if any(re.search(r"\bq\dw\b", arm.arm) for arm in found) else ""
    inferred = "; in italics, inferred from a percentage." if any(arm.counts == "inferred" for arm in found) else "."
    note = lettered(
        f"{DRUG.title}" + (f", where not {literal(' or '.join(controls))}" if controls else "") + f".{shortened}",
        "RCT: randomised controlled trial; TCS: topical glucocorticosteroids.",
        "Any time: over all follow-up, which differed between patients.",
        ("Of other studies, as published" if any(arm.is_own for arm in found) else "As published") + inferred,
        "Exact (Clopper-Pearson) confidence interval, computed from the counts.",
    )
    header = ["Study and arm^a^", "Design, age, severity^b^", "When^c^", "n/N^d^", "%", "95 % CI^e^"]
    return Table(header, "lllrrr", rows, [note])


def _plain_years(arm: Arm) -> str:
    return f"{arm.age_years.replace('-', ' to ')} years" if arm.age_years else ""


def sources_table(found: Sequence[Arm]) -> Table:
    """Where the counts of each study come from, and what has to be known of them."""
    rows = []
    for study in _studies(found):
        arms = [arm for arm in found if arm.study == study.study]
        sources = "; ".join(dict.fromkeys(_linked(arm.source) + (f", {literal(arm.read)}" if arm.read else "") for arm in arms))
        remarks = " ".join(dict.fromkeys(literal(arm.remark) for arm in arms if arm.remark))
        rows.append([literal(study.study), f"{sources}. {remarks}" if remarks else sources])
    return Table(["Study", "Source of the counts, and remarks"], "ll", rows)


def _linked(source: str) -> str:
    """A DOI as a link, anything else as it stands."""
    return f"[{literal(source)}](https://doi.org/{source})" if re.fullmatch(r"10\.\S+", source) else literal(source)
