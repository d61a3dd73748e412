"""Small counts and patients' ids that the settings keep back: not printed anywhere that the report shows them."""

import re
import shutil
from dataclasses import replace

import pytest
from matplotlib.figure import Figure

from analysis import exposure_shown, records_shown, safety_shown, subgroups_shown
from analysis.core.origin import marked
from analysis.core.results import WITHHELD, Results
from analysis.disclosure import relabelled, report_ids, without_small_counts
from analysis.subgroups import headings
from protocol.outcomes import PRIMARY
from study import site_frame
from study.analysed import Analysed
from study.compare import compare, to_json
from study.origin_pages import write_pages
from study.report import Report

OWN_ID = re.compile(r"\bP[0-9]{3,}\b")


@pytest.fixture(scope="module")
def clinical(shipped) -> Analysed:
    """The shipped cut as if it were clinical, with 3 responders among the girls and 2 children under 30 kg."""
    changed = {"subgroups.iga_0_1_girls.w26.nri.n": 3}
    changed |= {f"subgroups.{outcome.id}_weight_under_30.w26.nri.N": 2 for outcome in PRIMARY}
    results = Results(
        replace(row, value=changed[row.id], display=f"{changed[row.id]}") if row.id in changed else row
        for row in shipped.results.values()
    )
    settings = replace(shipped.settings, suppress_small_counts=True, report_only_ids=True)
    return replace(shipped, cut=replace(shipped.cut, kind="clinical"), settings=settings, results=results)


def texts(figure: Figure) -> str:
    return " ".join(text.get_text() for axes in figure.axes for text in axes.texts)


def test_small_counts_and_what_gives_them_away_are_kept_back(clinical):
    printed = clinical.printed
    girls, boys = ([printed[f"subgroups.iga_0_1_{sex}.w26.nri.{part}"] for part in ("n", "N", "percent", "ci_low", "ci_high")]
                   for sex in ("girls", "boys"))  # fmt: skip
    assert girls[0].display == "<5"
    for row in [*girls, *boys]:
        assert (row.value, row.n, row.lines, row.reason) == (None, None, {}, WITHHELD)
        assert "3" not in row.display and "n =" not in marked(row.display, [row])
    for group in headings("us")["Weight"]:
        assert printed[f"subgroups.easi_75_{group}.w26.nri.n"].value is None
    kept = [row for row in printed.values() if row.reason != WITHHELD]
    assert all(row is clinical.results[row.id] for row in kept)
    assert {row.section for row in printed.values() if row.reason == WITHHELD} == {"subgroups"}
    assert "subgroups.iga_0_1_asthma.w26.nri.n" in {row.id for row in kept}


def test_figure_text_and_pages_show_no_small_count(clinical, tmp_path):
    was = f"3/{clinical.results['subgroups.iga_0_1_girls.w26.nri.N'].display}"
    assert was in texts(subgroups_shown.subgroup_forest(clinical.results, 26, "iga_0_1", "us").figure)
    shown = texts(subgroups_shown.subgroup_forest(clinical.printed, 26, "iga_0_1", "us").figure)
    assert was not in shown and "Girls" not in shown and "With asthma" in shown
    assert "Kept back: Sex, Weight." in subgroups_shown.alt_subgroup_forest(clinical.printed, 26, "iga_0_1", "us")
    write_pages(clinical, tmp_path, site_frame.frame_of(tmp_path))
    page = (tmp_path / "results" / "subgroups.iga_0_1_girls.html").read_text("utf-8")
    section = page.split('id="subgroups.iga_0_1_girls.w26.nri.n"')[1].split("</section>")[0]
    assert "&lt;5" in section and ">3<" not in section and "csv" not in section


def test_results_are_whole_without_the_setting_and_for_reconstructed_data(clinical, shipped):
    for settings, cut in ((shipped.settings, clinical.cut), (clinical.settings, shipped.cut)):
        each = replace(clinical, settings=settings, cut=cut)
        assert each.printed is each.results
    assert without_small_counts(Results([]), "us") == Results([])


def test_report_ids_are_complete_stable_and_no_function_of_the_ids(shipped):
    ids = report_ids(shipped.tables)
    assert set(ids) == set(shipped.tables.patients["patient_id"]) and len(set(ids.values())) == len(ids)
    own = sorted(ids)
    assert [ids[patient] for patient in own] != sorted(ids.values())
    # Other ids for the same children: each child keeps the id of the report, so it does not come from the own id.
    renamed = dict(zip(own, reversed([f"P9{patient[1:]}" for patient in own]), strict=True))
    again = report_ids(relabelled(shipped.tables, renamed))
    assert {patient: again[renamed[patient]] for patient in own} == ids


def test_per_patient_output_has_the_ids_of_the_report_alone(clinical, shipped):
    report = Report(clinical)
    listings = [
        safety_shown.event_listing_table(report.tables),
        exposure_shown.off_label_doses_table(report.tables, report.design, report.results),
        exposure_shown.by_child_table(report.tables, report.design, report.results), records_shown.warnings_table(report),
    ]  # fmt: skip
    for listing in listings:
        assert not OWN_ID.search(str(listing))
    assert "R0" in str(listings[0]) and OWN_ID.search(str(safety_shown.event_listing_table(shipped.tables)))
    assert list(report.tables.patients["patient_id"]) == sorted(report.tables.patients["patient_id"])


def test_changes_of_the_report_have_its_ids(clinical, shipped):
    visits = shipped.tables.visits.copy()
    visits.loc[3, "easi"] += 1
    before = replace(clinical, tables=replace(shipped.tables, visits=visits))
    assert OWN_ID.search(to_json(compare(before, clinical)))
    assert not OWN_ID.search(to_json(compare(before, clinical, report_ids(clinical.tables, before.tables))))


def test_pages_of_results_name_no_lines_with_ids_of_the_report(clinical, tmp_path):
    write_pages(clinical, tmp_path, site_frame.frame_of(tmp_path))
    assert not any("csv: lines" in path.read_text("utf-8") for path in (tmp_path / "results").glob("*.html"))


def test_pages_of_results_stay_small_in_a_large_cut_and_show_rows_of_simulated_patients_alone(clinical, shipped, tmp_path):
    many = tuple(range(2, 90_000, 2))
    large = Results(replace(row, lines={"visits": many}) for row in shipped.results.values() if row.variable in ("easi", "headache"))
    own = shutil.copytree(shipped.cut.folder, tmp_path / shipped.cut.name)
    (own / "names.csv").write_text("a stray file", encoding="utf-8")  # is no table of the cut
    for place, (each, shows) in enumerate([
        (replace(clinical, settings=shipped.settings, results=large), False),
        (replace(shipped, cut=replace(shipped.cut, folder=own)), True),
    ]):  # fmt: skip
        book = tmp_path / str(place)
        book.mkdir()
        write_pages(each, book, site_frame.frame_of(book))
        page = (book / "results" / "efficacy.easi.html").read_text("utf-8")
        assert len(page) < 100_000 and ("lines 2, 4" in page or shows)
        assert ("P001," in page) is shows is (book / "data" / "visits.csv").is_file()
        assert not (book / "data" / "names.csv").exists()
