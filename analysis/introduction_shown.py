"""Why the study was done, as sentences: the drug, what its trials found, what they leave open, and what this report asks.

Every number is one of a published study, looked up among the arms beside the cohort; where no study is listed, nothing is said.
"""

from collections.abc import Sequence

from analysis.context import Arm
from analysis.core.markdown import literal
from analysis.core.words import Markdown, Words, listed, sentence
from protocol import outcomes
from protocol.treatment import DRUG

_TRIAL = "randomised trial"


def drug_sentence() -> Markdown:
    """What the drug is."""
    return Markdown(f"{DRUG.title} {DRUG.action}." if DRUG.action else "")


def trials_paragraph(found: Sequence[Arm], words: Words) -> Markdown:
    """What each randomised trial found for the first primary response that it counted, treated patients beside controls. words:
    knows the rows of the arms."""
    said = []
    for study in dict.fromkeys(arm.study for arm in found if arm.type == _TRIAL):
        arms = [arm for arm in found if arm.study == study]
        outcome = next((each.name for each in outcomes.PRIMARY if each.name in {arm.outcome for arm in arms}), None)
        if outcome is not None:
            said.append(_trial([arm for arm in arms if arm.outcome == outcome], words))
    return Markdown(" ".join(said))


def _trial(arms: Sequence[Arm], words: Words) -> str:
    first = arms[0]
    treated, controls = ([arm for arm in arms if arm.is_control is control] for control in (False, True))
    years = f" of {literal(first.age_years.replace('-', ' to '))} years" if first.age_years else ""
    topical = " with topical glucocorticosteroids" if first.topical == "everybody" else ""
    others = listed(dict.fromkeys(literal(arm.arm) for arm in controls)) if controls else ""
    against = f" and by {_shares(controls, words)} on {others}" if controls else ""
    source = f" [@{first.citation}]" if first.citation else f" ({literal(first.short)})"
    when = first.at if first.within else f"at {first.at}"
    return (
        f"In a randomised trial in patients{years}{topical}, {literal(first.outcome)} {when} was reached by "
        f"{_shares(treated, words)} of those on {DRUG.name}{against}{source}."
    )


def _shares(arms: Sequence[Arm], words: Words) -> str:
    """The percentages of some arms, each with its regimen where there are several."""
    several = len(arms) > 1
    return listed(words.percent(arm.prefix).marked + (f" ({literal(arm.treatment)})" if several else "") for arm in arms)


def gap_sentence(found: Sequence[Arm], week: int) -> Markdown:
    """What the studies beside this cohort leave open, as far as their rows tell: how long they followed their patients."""
    others = [arm for arm in found if not arm.is_own and not arm.is_paper and arm.outcome in {each.name for each in outcomes.MAIN}]
    weeks = [arm.week for arm in others if arm.week is not None]
    if not weeks or max(weeks) >= week:
        return Markdown("")
    return Markdown(
        f"Among the studies listed in this report, none gives a response later than week {max(weeks)}; this one looks at week {week}."
    )


def question_sentence(words: Words, week: int) -> Markdown:
    """What this report asks; `words` knows the `cohort`, too."""
    setting = f" in {words.cohort.setting}" if words.cohort.setting else ""
    return Markdown(
        f"This report asks how the skin and total IgE of {words.who.many} with {words.cohort.diagnosis} changed up to "
        f"week {week} of treatment{setting}, and which adverse events occurred."
    )


def rationale(stated: str) -> Markdown:
    """The scientific reasons as the settings state them."""
    return Markdown(literal(sentence(stated)))
