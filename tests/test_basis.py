"""One fact has one basis: what is published under one id is not called simulated under another."""

import re

import pytest
from example_tables import design, shipped

from analysis.basis import published
from analysis.core.results import Result, Results
from study.analysed import analyse
from study.cuts import find_cut
from study.settings import load_published, load_settings

MODELS = {
    "mixed_model": "all visits of all children enter it",
    "composite": "what is seen at every visit enters it",
    "turnbull": "what is seen at every visit enters it",
    "related": "which events were related is not published",
    "period": "the days on which events began enter it",
    "first_event_on_treatment": "who stopped treatment for another reason is not published",
}
"""Methods whose numbers may equal a published one without being it, and why."""


def modelled(row: Result) -> bool:
    """Whether a number may equal a published one without being it; of a mean it is not published whether values were missing."""
    return row.method in MODELS or (row.method in ("locf", "bocf") and row.statistic == "mean")


def fact(row: Result) -> tuple:
    """What two results share that state the same: conjunctivitis is the same event as a term, as a kind and as itself."""
    return row.section, re.sub("^(term|aesi)_", "", row.variable), row.statistic, row.unit, row.value


def at_odds(results: Results) -> list[tuple[str, str]]:
    """Pairs of results with one value, one of them published and the other assumed, though both state the same."""
    known: dict[tuple, list[Result]] = {}
    for row in results.values():
        if row.value is not None and not modelled(row):
            known.setdefault(fact(row), []).append(row)
    return [
        (one.id, other.id) for rows in known.values() for one in rows for other in rows
        if (one.basis, other.basis) == ("published", "assumed") and (one.week == other.week or None in (one.week, other.week))
        and (one.method == other.method or one.section == "safety" or {"locf", "worst_case", "best_case", "mi"} & {other.method})
    ]  # fmt: skip


def test_no_fact_of_the_shipped_cut_has_two_bases():
    assert at_odds(shipped()[2]) == []


def test_the_rule_finds_the_fault_that_was_there():
    _, how, results = shipped()
    found = at_odds(results.with_basis("reconstructed", how.held))
    assert ("safety.conjunctivitis.w26.n", "safety.conjunctivitis.n") in found
    assert ("efficacy.iga_0_1.w26.nri.n", "efficacy.iga_0_1.w26.locf.n") in found


def test_what_a_model_gives_stays_assumed():
    results = shipped()[2]
    assert results["efficacy.scorad_change.w26.mixed_model.mean"].display == results["efficacy.scorad_change.w26.paired.mean"].display
    assert all(row.basis == "assumed" for row in results.values() if row.method == "mixed_model")


@pytest.fixture(scope="module")
def followed_on():
    from conftest import ROOT

    return analyse(find_cut(ROOT / "data" / "examples" / "week-52"), load_settings(), load_published()).results


def test_events_of_a_longer_follow_up_are_not_the_papers(followed_on):
    bases = {part: followed_on[f"safety.conjunctivitis.{part}n"].basis for part in ("", "w26.", "first_event.")}
    assert bases == {"": "assumed", "w26.": "published", "first_event.": "assumed"}
    assert followed_on["safety.conjunctivitis_discontinued.n"].basis == "assumed"  # the same 0, but of a year


def test_a_cohort_that_nothing_is_held_of_has_nothing_published():
    assert published(shipped()[2], design(kind="reconstructed")) == set()
