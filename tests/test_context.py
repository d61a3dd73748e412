"""The paper beside other studies: published counts only, exact intervals, nothing dropped."""

import csv

import matplotlib
import pytest
from conftest import ROOT
from scipy import stats

from analysis import context, context_shown
from study import delivery
from study.paths import EVIDENCE
from study.report import Report

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def report(shipped):
    return Report(shipped)


@pytest.fixture(scope="module")
def lines():
    with EVIDENCE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_line_of_the_evidence_is_an_arm_and_the_paper_comes_first(report, lines):
    others = [arm for arm in report.arms if not arm.is_paper]
    assert len(others) == len(lines) and len(report.arms) == len(lines) + len(context.OUTCOMES)
    assert {(arm.study, arm.arm, arm.outcome, arm.n, arm.N) for arm in others} == {
        (row["study"], row["arm"], row["outcome"], int(row["n"]), int(row["N"])) for row in lines
    }
    for outcome in context.OUTCOMES:
        assert next(arm for arm in report.arms if arm.outcome == outcome).is_paper


def test_recomputed_percentages_print_as_published_and_intervals_are_exact(report):
    for arm in report.arms:
        found = {part: report.outside[f"{arm.prefix}.{part}"] for part in ("n", "N", "percent", "ci_low", "ci_high")}
        assert found["percent"].display == arm.percent_published, arm
        exact = stats.binomtest(arm.n, arm.N).proportion_ci(0.95, method="exact")
        assert (found["ci_low"].value, found["ci_high"].value) == pytest.approx((100 * exact.low, 100 * exact.high))


def test_the_paper_enters_with_its_published_counts_and_no_row_of_the_cut(report, shipped):
    paper = {arm.outcome: (arm.n, arm.N) for arm in report.arms if arm.is_paper}
    assert paper == {"IGA 0/1": (26, 27), "EASI-75": (26, 27), "conjunctivitis": (2, 27)}
    assert all(not row.lines and row.basis == "published" for row in report.outside.values())
    assert not set(report.outside) & set(shipped.results), "published figures are no results of the cut"


def test_prose_marks_numbers_with_their_origin(report):
    prefix = report.arms[0].prefix
    assert report.of(prefix)._repr_markdown_().startswith(f'<span class="result" data-result="{prefix}.n"')
    assert '<span class="result" data-result="population.enrolled.n"' in report.number("population.enrolled.n")._repr_markdown_()


def test_an_unknown_outcome_is_refused_and_not_dropped(report):
    strange = report.evidence.assign(outcome="SCORAD-50")
    with pytest.raises(ValueError, match="unknown outcome SCORAD-50"):
        context.arms(report.published.facts, strange)


def test_figure_table_and_alt_text_show_every_arm(report):
    figure = context_shown.context_forest(report.arms, report.outside).figure
    words = " | ".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))
    shown = context_shown.context_table(report.arms, report.outside)
    counts = [row[3] for row in shown.rows if row[3]]
    assert counts == [f"{arm.n}/{arm.N}" for arm in report.arms]
    assert all(f"{arm.n}/{arm.N}, " in words for arm in report.arms)
    text = context_shown.alt_context_forest(report.arms, report.outside)
    assert (
        "IGA 0/1: the paper 96.3 percent, dupilumab in other studies 17.9 to 41.7 percent, placebo 2.4 to 11.4" in text
    )


def test_sources_of_every_study_are_named(report, lines):
    shown = " ".join(row[1] for row in context_shown.sources_table(report.arms).rows)
    dois = {row["source"] for row in lines if row["source"].startswith("10.")}
    assert dois and all(f"(https://doi.org/{doi})" in shown for doi in dois)


def test_the_report_is_rendered_anew_when_the_evidence_changes(shipped, tmp_path, monkeypatch):
    before = delivery.fingerprint(shipped, "builtin", ["html"])
    other = tmp_path / "evidence.csv"
    other.write_text(EVIDENCE.read_text("utf-8").replace("40,122", "41,122"), encoding="utf-8")
    monkeypatch.setattr(delivery, "EVIDENCE", other)
    assert delivery.fingerprint(shipped, "builtin", ["html"]) != before


def test_the_chapter_makes_no_test_and_uses_no_result_of_the_cut():
    text = (ROOT / "chapters" / "context.qmd").read_text("utf-8")
    assert "report.results" not in text and "report.tables" not in text
    assert "no test is made between them" in text
