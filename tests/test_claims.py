"""The paper's claims against the results: precision, sign, verdicts, and the table of them."""

import pytest
from conftest import printed
from example_tables import shipped

from analysis.claims import check_claims
from analysis.claims_shown import claims_table
from analysis.core.results import Result, Results, UnknownResult
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
    return check_claims([the_claim], Results(rows))[0]


def test_every_claim_of_the_paper_is_met_by_construction():
    claims = check_claims(load_published().claims, shipped()[2])
    assert {found.id: found.computed for found in claims} == PRINTED
    assert {found.id: found.published for found in claims} == PRINTED
    assert {found.verdict for found in claims} == {"by construction"}


def test_clinical_data_that_agree_do_not_agree_by_construction():
    claims = check_claims(load_published().claims, shipped()[2].with_basis("clinical", load_published().held))
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
    assert (found.agrees, found.computed, found.verdict) == (False, ("not estimable",), "not estimable")


def test_held_results_that_miss_the_figure_differ_all_the_same():
    assert checked(claim(), row(70.0, basis="published")).verdict == "differs"


def test_a_claim_about_no_result_is_an_error():
    with pytest.raises(UnknownResult, match=r"efficacy\.scorad\.w0\.mean"):
        checked(claim(result="efficacy.scorad.w0.meen"), row(78.8))


def test_a_claim_with_more_values_than_results_is_an_error():
    with pytest.raises(ValueError):
        checked(claim([8, 18]), row(8.0))


def test_table_has_a_row_for_each_claim_and_its_cells_are_literal():
    claims = check_claims(
        [claim(says="a | *b*", unit="percent"), claim([8, 18], result=["efficacy.scorad.w0.mean"] * 2)],
        Results([row(78.8)]),
    )
    table = claims_table(claims)
    assert [printed(cells) for cells in table.rows] == [
        ["a \\| \\*b\\*", "78.8", "78\\.8", "\\%", "agrees"],
        ["mean SCORAD", "8 to 18", "79 to 79", "points", "differs"],
    ]


def test_a_claim_about_a_week_without_visits_is_neither_met_nor_missed(shipped):
    from analysis.core.results import UnknownResult

    claim = {"id": "later", "says": "EASI-75", "value": 96.3, "unit": "percent", "result": "efficacy.easi_75.w39.nri.percent"}
    (found,) = check_claims([claim], shipped.results)
    assert found.verdict == "not comparable: no visit at week 39" and not found.agrees
    assert claims_table([found]).rows[0][1:3] == ["96.3", "–"]
    with pytest.raises(UnknownResult):
        check_claims([claim | {"result": "efficacy.easi_57.w26.nri.percent"}], shipped.results)
