"""The paper's claims against the results: precision, sign, verdicts, and the table of them."""

import dataclasses
import re
from dataclasses import replace

import pytest
import yaml
from conftest import ROOT, printed
from example_tables import shipped

from analysis import claims_shown, context_shown
from analysis.claims import UnknownClaims, check_claims
from analysis.claims_shown import claims_table
from analysis.claims_shown import statement as claims_statement
from analysis.core.results import Result, Results, UnknownResult
from study.errors import UsageError
from study.published_results import claims as claims_of
from study.report import Report
from study.settings import load_published

PRINTED = {
    "cohort-size": ("27",),
    "age-range": ("8", "18"),
    "iga-0-1-week-26": ("96.3",),
    "easi-75-week-26": ("96.3",),
    "scorad-baseline": ("78.8",),
    "scorad-week-26": ("13.7",),
    "ige-decrease": ("1518",),
    "conjunctivitis": ("2",),
    "conjunctivitis-percent": ("7.4",),
    "no-stop-for-conjunctivitis": ("0",),
}


def row(value, statistic="mean", basis="observed", reason=None) -> Result:
    display = "not estimable" if value is None else f"{value}"
    return Result("efficacy", "scorad", statistic, value, "points", 9, display, week=0, basis=basis, reason=reason)


def claim(value=78.8, **more):
    return {
        "id": "c",
        "says": "mean SCORAD",
        "value": value,
        "unit": "points",
        "result": "efficacy.scorad.w0.mean",
    } | more


def checked(the_claim, *rows):
    return check_claims([the_claim], Results(rows), 26)[0]


def test_every_claim_of_the_paper_is_met_by_construction():
    claims = check_claims(load_published().claims, shipped()[2], 26)
    assert {found.id: found.computed for found in claims} == PRINTED
    assert {found.id: found.published for found in claims} == PRINTED
    assert {found.verdict for found in claims} == {"by construction"}


def test_clinical_data_that_agree_do_not_agree_by_construction():
    claims = check_claims(load_published().claims, shipped()[2].with_basis("clinical", load_published().held), 26)
    assert {found.verdict for found in claims} == {"agrees"}


@pytest.mark.parametrize(
    ("computed", "verdict"),
    [
        (78.8, "agrees"),
        (78.75, "agrees"),
        (78.849, "agrees"),
        (78.85, "differs"),
        (78.74, "differs"),
        (-78.8, "differs"),
    ],
)
def test_agreement_is_at_the_precision_of_the_paper(computed, verdict):
    assert checked(claim(), row(computed)).verdict == verdict


def test_a_published_decrease_is_a_negative_change():
    assert checked(claim(1518, sign=-1), row(-1517.6)).computed == ("1518",)
    assert checked(claim(1518, sign=-1), row(-1517.6)).agrees
    assert not checked(claim(1518, sign=-1), row(1518)).agrees
    assert not checked(claim(1518), row(-1518)).agrees


def test_a_range_agrees_only_as_a_whole():
    both = claim([8, 18], result=["efficacy.scorad.w0.min", "efficacy.scorad.w0.max"])
    assert checked(both, row(8.0, "min"), row(18.0, "max")).agrees
    found = checked(both, row(8.0, "min"), row(17.0, "max"))
    assert (found.agrees, found.computed, found.verdict) == (False, ("8", "17"), "differs")


def test_what_cannot_be_computed_does_not_agree():
    found = checked(claim(), row(None, reason="no values"))
    assert (found.agrees, found.computed, found.verdict) == (False, (), "not comparable: no values")


def test_held_results_that_miss_the_figure_differ_all_the_same():
    assert checked(claim(), row(70.0, basis="published")).verdict == "differs"


def test_a_claim_about_no_result_is_an_error():
    with pytest.raises(UnknownResult, match=r"efficacy\.scorad\.mean"):
        checked(claim(result="efficacy.scorad.w0.meen"), row(78.8))


def test_a_claim_with_more_values_than_results_is_an_error():
    with pytest.raises(ValueError):
        checked(claim([8, 18]), row(8.0))


def test_table_has_a_row_for_each_claim_and_its_cells_are_literal():
    claims = check_claims(
        [claim(says="a | *b*", unit="percent"), claim([8, 18], result=["efficacy.scorad.w0.mean"] * 2)],
        Results([row(78.8)]),
        26,
    )
    table = claims_table(claims)
    assert [printed(cells) for cells in table.rows] == [
        ["a \\| \\*b\\*", "78.8", "78\\.8", "\\%", "agrees"],
        ["mean SCORAD", "8 to 18", "79 to 79", "points", "differs"],
    ]


def test_a_claim_about_a_week_without_visits_is_neither_met_nor_missed(shipped):
    from analysis.core.results import UnknownResult

    claim = {"id": "later", "says": "EASI-75", "value": 96.3, "unit": "percent", "result": "efficacy.easi_75.w39.nri.percent"}
    (found,) = check_claims([claim], shipped.results, 26)
    assert found.verdict == "not comparable: no visit at week 39" and not found.agrees
    assert claims_table([found]).rows[0][1:3] == ["96.3", "–"]
    with pytest.raises(UnknownResult):
        check_claims([claim | {"result": "efficacy.easi_57.w26.nri.percent"}], shipped.results, 26)


BY_NAME = {"id": "a", "says": "IGA 0/1", "value": 96.3, "unit": "percent", "variable": "efficacy.iga_0_1", "method": "nri",
           "statistic": "percent"}  # fmt: skip


def test_a_claim_names_variable_and_statistic_and_is_about_the_primary_week_unless_it_says_another(shipped):
    now, at_16 = check_claims([BY_NAME, BY_NAME | {"id": "b", "week": 16}], shipped.results, 26)
    assert [now.results[0].id, at_16.results[0].id] == ["efficacy.iga_0_1.w26.nri.percent", "efficacy.iga_0_1.w16.nri.percent"]
    (size,) = check_claims([BY_NAME | {"variable": "population.enrolled", "method": None, "statistic": "n", "value": 27}],
                           shipped.results, 26)  # fmt: skip
    assert size.verdict == "by construction" and size.results[0].id == "population.enrolled.n"


def test_a_claim_over_all_follow_up_has_no_week(shipped):
    claim = {"id": "c", "says": "", "value": 7.4, "unit": "percent", "variable": "safety.conjunctivitis", "statistic": "percent"}
    found = check_claims([claim, claim | {"week": None}], shipped.results, 26)
    assert [each.results[0].id for each in found] == ["safety.conjunctivitis.w26.percent", "safety.conjunctivitis.percent"]


def test_claims_about_nothing_are_told_at_once_with_the_nearest_name(shipped):
    claims = [BY_NAME | {"variable": "efficacy.iga_01"}, BY_NAME, BY_NAME | {"id": "z", "statistic": "percnt"}]
    with pytest.raises(UnknownClaims) as caught:
        check_claims(claims, shipped.results, 26)
    assert list(caught.value.faults) == [0, 2]
    assert "claim 1 (a)" in caught.value.faults[0] and "the nearest is efficacy.iga_0_1.nri.percent" in caught.value.faults[0]
    assert "the nearest is efficacy.iga_0_1.nri.percent" in caught.value.faults[2]


def test_what_the_data_cannot_answer_is_not_comparable(shipped):
    claims = [BY_NAME | {"week": 39}, BY_NAME | {"variable": "safety.term_scabies", "method": None, "statistic": "n", "week": None}]
    assert [found.verdict for found in check_claims(claims, shipped.results, 26)] == [
        "not comparable: no visit at week 39", "not comparable: nothing of the kind was recorded",
    ]  # fmt: skip


def found_as(*verdicts):
    """Claims with these verdicts, for their statement."""
    base = check_claims([claim()], Results([row(78.8)]), 26)[0]
    kinds = {"met": {}, "missed": {"agrees": False}, "absent": {"agrees": False, "incomparable": "no visit at week 26"}}
    return [replace(base, **kinds[verdict]) for verdict in verdicts]


@pytest.mark.parametrize(("verdicts", "said"), [
    (("met", "met", "missed"), "2 of 3 claims are met."),
    (("met",), "The claim is met."),
    (("missed",), "The claim is not met."),
    (("met", "met", "absent"),
     "2 of 2 claims are met. One more claim cannot be compared with these data, for the reason in the table."),
    (("absent", "absent"), "2 claims cannot be compared with these data, for the reason in the table."),
])  # fmt: skip
def test_the_statement_counts_what_is_comparable(verdicts, said):
    assert claims_statement(found_as(*verdicts)) == said


def test_the_statement_says_that_agreement_is_by_construction(shipped):
    found = check_claims(load_published().claims, shipped.results, 26)
    assert claims_statement(found).startswith("10 of 10 claims are met. Agreement is by construction")


FACTS = yaml.safe_load((ROOT / "data" / "published.yml").read_text("utf-8"))


@pytest.mark.parametrize("without", [*FACTS, "all", "all but claims"])
def test_every_part_of_the_facts_may_be_absent(shipped, without, tmp_path):
    kept = {"all": {}, "all but claims": {"claims": FACTS["claims"]}}.get(without, {k: v for k, v in FACTS.items() if k != without})
    path = tmp_path / "published.yml"
    path.write_text(yaml.safe_dump(kept or {"held": []}), encoding="utf-8")
    published = load_published(path)
    report = Report(dataclasses.replace(shipped, published=published))
    assert len(report.claims) == len(kept.get("claims", []))
    facts = published.facts
    texts = [
        context_shown.statement(report.arms), context_shown.counts_sentence(report.arms, report),
        context_shown.others_sentence(report.arms), context_shown.differences_sentence(report.arms),
        claims_shown.percentages_statement(facts, report), claims_shown.means_statement(facts), claims_shown.open_statement(facts),
        context_shown.alt_context_forest(report.arms, report.beside),
    ]  # fmt: skip
    assert all(texts) and not any("None" in text for text in texts)
    context_shown.context_forest(report.arms, report.beside)
    for table in (
        context_shown.context_table(report.arms, report.beside), context_shown.sources_table(report.arms),
        claims_shown.fractions_table(facts), claims_shown.means_table(facts, report.outside), claims_table(report.claims),
    ):  # fmt: skip
        assert table._repr_markdown_()


def test_without_a_file_there_are_no_facts_and_a_clinical_cohort_has_no_claims(shipped, tmp_path):
    assert load_published(tmp_path / "published.yml").facts == {}
    assert claims_of(load_published(), "clinical", shipped.results, 26) == []


@pytest.mark.parametrize(("old", "new", "message"), [
    ("variable: efficacy.scorad, method: observed, statistic: mean, week: 0",
     "variable: efficacy.scorat, method: observed, statistic: mean",
     r"line \d+: claim 5 \(scorad-baseline\): there is no result efficacy\.scorat\.observed\.mean; the nearest is efficacy\.scorad"),
    ("statistic: [min, max]", "statistic: min", r"line \d+: claim 2 needs as many values as results"),
    ("value: 27, ", "value: many, ", r'line \d+: claim 1: value is "many"; it must be a number'),
    ("sign: -1}", "sign: 2}", r"line \d+: claim 7: sign is 2; it must be 1 or -1"),
    ("week: 26, sign: -1}", "weeek: 26, sign: -1}", r"line \d+: claim 7: 'weeek' is unknown"),
    ("{id: age-range,", "{id: cohort-size,", r"line \d+: claim 2 has the id of claim 1"),
    ("  conjunctivitis: 2", "  conjunctivitis: two", r"line \d+: conjunctivitis must be a number of patients"),
])  # fmt: skip
def test_a_wrong_claim_is_named_with_its_line(shipped, tmp_path, old, new, message):
    text = (ROOT / "data" / "published.yml").read_text("utf-8")
    assert old in text
    path = tmp_path / "published.yml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(UsageError, match=message) as caught:
        claims_of(load_published(path), "reconstructed", shipped.results, 26)
    assert line - 1 <= int(re.search(r"line (\d+)", str(caught.value))[1]) <= line
