"""The paper beside other studies: published counts only, exact intervals, nothing dropped."""

import csv
import dataclasses
import re

import matplotlib
import pytest
from conftest import ROOT
from scipy import stats

from analysis import context, context_shown
from analysis.core.families import Family
from analysis.core.results import Results
from analysis.core.words import Words
from study import delivery, published_results
from study.errors import UsageError
from study.paths import EVIDENCE
from study.report import Report
from study.settings import Published

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
    assert len(others) == len(lines) and len(report.arms) == len(lines) + 3
    assert {(arm.study, arm.arm, arm.outcome, arm.n, arm.N) for arm in others} == {
        (row["study"], row["arm"], row["outcome"], int(row["n"]), int(row["N"])) for row in lines
    }
    for outcome in {row["outcome"] for row in lines}:
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
    published = [row for row in report.outside.values() if row.section != "coverage"]
    assert published and all(not row.lines and row.basis == "published" for row in published)
    assert not set(report.beside) & set(shipped.results), "published figures are no results of the cut"


def test_prose_marks_numbers_with_their_origin(report):
    prefix = report.arms[0].prefix
    assert report.of(prefix)._repr_markdown_().startswith(f'<span class="result" data-result="{prefix}.n"')
    assert '<span class="result" data-result="population.enrolled.n"' in report.number("population.enrolled.n")._repr_markdown_()


@pytest.mark.parametrize(("old", "new", "message"), [
    ("IGA 0/1,40,122", "SCORAD-50,40,122", r"line 2: unknown outcome SCORAD-50; known are IGA 0/1, "),
    ("IGA 0/1,40,122", "IGA 0/1,forty,122", r"line 2: n is forty; it must be a whole number"),
    ("IGA 0/1,40,122", "IGA 0/1,123,122", r"line 2: n is 123 of 122"),
    ("IGA 0/1,40,122", "IGA 0/1,40", r"line 2: 17 cells in place of 18"),
    ("placebo,16,IGA", "placebo,by 16,IGA", r"line 4: week is by 16; it must be a whole number, or one after “within”"),
    ("severe,inferred", "severe,guessed", r"line 2: counts is guessed; it must be published or inferred or empty"),
    ("randomised trial,everybody", "trial,everybody", r"line 2: type is trial; it must be randomised trial or cohort"),
    ("study,citation", "study,key", r"line 1: the columns citation are missing"),
    ("paller2020,", "\udcff,", "no CSV file in UTF-8"),
])  # fmt: skip
def test_evidence_without_its_form_is_refused_with_its_line(tmp_path, monkeypatch, old, new, message):
    path = tmp_path / "evidence.csv"
    text = EVIDENCE.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", errors="surrogateescape")
    monkeypatch.setattr(published_results, "EVIDENCE", path)
    with pytest.raises(UsageError, match=message):
        published_results.evidence()


def test_columns_that_are_not_needed_may_be_absent(tmp_path, monkeypatch, lines):
    path = tmp_path / "evidence.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, context.COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(lines)
    monkeypatch.setattr(published_results, "EVIDENCE", path)
    found = context.arms({}, published_results.evidence())
    assert len(found) == len(lines) and {(arm.counts, arm.severity, arm.remark) for arm in found} == {("", "", "")}
    said = context_shown.differences_sentence(found)
    assert "the disease was" not in said and "read of" not in said


def test_an_outcome_reached_within_some_weeks_is_not_said_to_be_read_at_the_last(report):
    arm = next(arm for arm in report.arms if arm.short == "Pirov 2024" and arm.outcome == "IGA 0/1")
    assert (arm.at, arm.prefix) == ("within 12 weeks", "context.iga_0_1.w12.pirov_2024_dupilumab")
    row = next(row for row in context_shown.context_table(report.arms, report.beside).rows if row[3] == "68/163")
    assert row[2] == "within 12 weeks" and "moderate to severe" in row[1]


def test_what_the_paper_counted_is_told_from_what_was_inferred(report):
    assert {arm.outcome: arm.counts for arm in report.arms if arm.is_paper} == {
        "IGA 0/1": "inferred", "EASI-75": "inferred", "conjunctivitis": "published",
    }  # fmt: skip
    said = re.sub("<[^>]*>|\\\\", "", context_shown.counts_sentence(report.arms, report))
    assert "it prints that of conjunctivitis alone; those of IGA 0/1 and EASI-75 are inferred from percentages" in said
    rows = {row[3] for row in context_shown.context_table(report.arms, report.beside).rows}
    assert {"*26/27*", "2/27", "*40/122*"} <= rows


def test_inferred_counts_are_the_only_ones_of_their_size_that_print_as_the_percentage(lines):
    """Sizes are those of the arms; no other size down to two fewer gives the percentage with another count, unless it is listed."""
    for row in lines:
        if row["counts"] == "inferred":
            size, decimals = int(row["N"]), len(row["percent_published"].partition(".")[2])
            fits = [n for n in range(size + 1) if f"{100 * n / size + 1e-9:.{decimals}f}" == row["percent_published"]]
            assert fits == [int(row["n"])], row


def test_studies_differ_in_severity_and_absent_counts_have_a_reason(report):
    said = context_shown.differences_sentence(report.arms).replace("\\", "")
    assert "the disease was severe in Glukhova 2022 and Paller 2020, moderate to severe in Simpson 2020" in said
    assert "conjunctivitis: Paller 2020 and Napolitano 2022 (their abstracts alone were read)" in said
    shown = " ".join(row[1] for row in context_shown.sources_table(report.arms).rows).replace("\\", "")
    assert "200 mg q2w from 30 kg on" in shown and "163 of them" in shown


def test_all_faults_of_the_evidence_are_told_at_once(tmp_path, monkeypatch):
    path = tmp_path / "evidence.csv"
    path.write_text(EVIDENCE.read_text("utf-8").replace(",122,", ",many,"), encoding="utf-8")
    monkeypatch.setattr(published_results, "EVIDENCE", path)
    with pytest.raises(UsageError) as caught:
        published_results.evidence()
    assert str(caught.value).count("N is many") == 4


def clinical(shipped, **facts):
    """A clinic's report on the shipped patients, whose paper is another study."""
    cut = dataclasses.replace(shipped.cut, kind="clinical")
    published = shipped.published if not facts else Published(dict(shipped.published.facts) | facts)
    return Report(dataclasses.replace(shipped, cut=cut, published=published))


def test_a_clinical_cohort_stands_beside_the_paper_and_the_other_studies(shipped):
    found = clinical(shipped)
    first = [arm for arm in found.arms if arm.outcome == "IGA 0/1"][:2]
    assert [(arm.short, arm.is_own, arm.is_paper) for arm in first] == [
        ("This cohort", True, False), ("Glukhova 2022", False, True),
    ]  # fmt: skip
    table = context_shown.context_table(found.arms, found.beside)
    assert "This cohort" in table.rows[1][0] and 'data-result="efficacy.iga_0_1.w26.nri.n"' in table.rows[1][3]
    assert "IGA 0/1: this cohort 96.3 percent, dupilumab in other studies 17.9 to 96.3" in context_shown.alt_context_forest(
        found.arms, found.beside
    )
    words = context_shown.counts_sentence(found.arms, found)
    assert words.startswith("In this cohort there was IGA") and 'data-result="efficacy.iga_0_1.w26.nri.n"' in words
    assert "three cohorts, Glukhova 2022" in context_shown.others_sentence(found.arms).replace("\\", "")
    assert found.claims == []


def test_the_clinics_own_paper_is_reported(shipped):
    found = clinical(shipped, patients_of=["clinical"])
    assert found.reproduces and len(found.claims) == 10 and not any(arm.is_own for arm in found.arms)


def test_studies_of_another_drug_are_left_out(report, monkeypatch):
    evidence = published_results.evidence()
    found = context.arms(report.published.facts, evidence.assign(drug="tralokinumab"))
    assert {arm.is_paper for arm in found} == {True}
    assert context.arms({}, evidence.assign(drug="tralokinumab")) == []
    assert "No other study of dupilumab is listed" in context_shown.no_others_sentence()


@pytest.mark.parametrize(("n", "size", "said"), [
    (0, 24, "none of 24 ("), (24, 24, "in all 24 ("), (1, 1, "in the only patient ("), (3, 24, "in 3 of 24 ("),
    (0, 1, "in no patient ("),
])  # fmt: skip
def test_all_none_and_one_patient_are_words(n, size, said):
    rows = Family("efficacy", "iga_0_1", "patients", size, week=16, method="nri").proportion(n, size)
    ages = Family("population", "age_years", "years", size).summary([7.9, 8.1], ("min", "max"))
    results = Results([*rows, *ages])
    others = [arm for arm in context.arms({}, published_results.evidence()) if arm.outcome == "IGA 0/1"]
    own = context.own_arms(results, 16, others)
    assert own[0].age_years == "7-8"
    found = re.sub("<[^>]*>|\\\\", "", context_shown.counts_sentence(context.beside(own, others), Words(results)))
    assert said in found and "EASI" not in found


def test_without_a_visit_at_the_primary_week_the_cohort_is_not_among_the_studies(shipped):
    others = context.arms({}, published_results.evidence())
    assert context.own_arms(shipped.results, 38, others) == []
    words = context_shown.counts_sentence(others, Words(shipped.results))
    assert words == "No count of this cohort is there to be set beside the studies."


def test_figure_table_and_alt_text_show_every_arm(report):
    figure = context_shown.context_forest(report.arms, report.beside).figure
    words = " | ".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))
    shown = context_shown.context_table(report.arms, report.beside)
    counts = [row[3].strip("*") for row in shown.rows if row[3]]
    assert counts == [f"{arm.n}/{arm.N}" for arm in report.arms]
    assert all(f"{arm.n}/{arm.N}, " in words for arm in report.arms)
    text = context_shown.alt_context_forest(report.arms, report.beside)
    assert (
        "IGA 0/1: the paper 96.3 percent, dupilumab in other studies 17.9 to 41.7 percent, placebo 2.4 to 11.4" in text
    )


def test_sources_of_every_study_are_named(report, lines):
    shown = " ".join(row[1] for row in context_shown.sources_table(report.arms).rows)
    dois = {row["source"] for row in lines if row["source"].startswith("10.")}
    assert dois and all(f"(https://doi.org/{doi})" in shown for doi in dois)


@pytest.mark.parametrize("of", [lambda cut: delivery.fingerprint(cut, "builtin", ["html"]), delivery.cells_digest])
@pytest.mark.parametrize("name", ["EVIDENCE", "COVERAGE"])
def test_the_report_and_its_cells_are_made_anew_when_what_they_cite_changes(shipped, name, of, tmp_path, monkeypatch):
    before = of(shipped)
    original = getattr(delivery, name)
    other = tmp_path / original.name
    other.write_text(original.read_text("utf-8") + "\n", encoding="utf-8")
    monkeypatch.setattr(delivery, name, other)
    assert of(shipped) != before


def test_the_chapter_makes_no_test_and_uses_no_result_of_the_cut(report):
    text = (ROOT / "chapters" / "published.qmd").read_text("utf-8")
    assert "report.results" not in text and "report.tables" not in text
    assert "no test is made between them" in context_shown.differences_sentence(report.arms)
    assert not any(arm.is_own for arm in report.arms)
