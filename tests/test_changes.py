"""What changed between two cuts: corrections, follow-up, vanished rows, results, claims, history."""

import dataclasses
import json
import shutil

import pytest
from click.testing import CliRunner
from conftest import ROOT, SHIPPED_CUT, change_cell

from analysis import changes_shown
from analysis.changes import Change, Changes, Moved, Row, _moved
from analysis.core.families import Family
from analysis.core.results import Result, Results
from analysis.core.statistics import NotEstimable
from protocol.population import CHILDREN
from study.analysed import analyse, earlier_cuts
from study.cli import main
from study.compare import compare, to_json
from study.cuts import find_cut
from study.errors import UsageError
from study.settings import load_published, load_settings

WEEK_52 = ROOT / "data" / "examples" / "week-52"


def analysed(folder):
    return analyse(find_cut(folder), load_settings(), load_published())


def remove_rows(cut, table, wanted):
    path = cut / f"{table}.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(wanted)), encoding="utf-8", newline="\n")


@pytest.fixture(scope="module")
def follow_up(shipped):
    """From the shipped cut to the simulated follow-up."""
    return compare(shipped, analysed(WEEK_52))


def test_a_cut_does_not_differ_from_its_copy(shipped, cut_copy):
    found = compare(shipped, analysed(cut_copy))
    assert found.none and json.loads(to_json(found)) == {
        "new_rows": [], "vanished_rows": [], "changed_values": [], "results": [], "claims": [],
    }  # fmt: skip


def test_a_corrected_primary_value_comes_first_and_is_marked(shipped, cut_copy):
    change_cell(cut_copy, "patients", 2, "weight_kg", "50.5")
    former = change_cell(cut_copy, "visits", 6, "easi", "9.9")
    row = (cut_copy / "visits.csv").read_text("utf-8").splitlines()[5].split(",")
    assert row[1] == "26", "line 6 is the first child's week 26"
    found = compare(shipped, analysed(cut_copy))
    first, second = found.corrections
    assert (first.key, first.column, first.old, first.new, first.primary) == (
        {"patient_id": row[0], "week": "26"}, "easi", f"{float(former):g}", "9.9", True,
    )  # fmt: skip
    assert (second.column, second.primary) == ("weight_kg", False)


def test_a_claim_that_no_longer_holds_is_named(shipped, cut_copy):
    path = cut_copy / "adverse_events.csv"
    path.write_text(path.read_text("utf-8").replace("Conjunctivitis", "Blepharitis", 1), encoding="utf-8", newline="\n")
    lines = path.read_text("utf-8").splitlines()
    assert sum("Conjunctivitis" in line for line in lines) == 2
    remove_rows(cut_copy, "adverse_events", tuple(line for line in lines if "Conjunctivitis" in line)[-1:])
    found = compare(shipped, analysed(cut_copy))
    broken = {claim.id for claim in found.claims if claim.held_before and not claim.holds_now}
    assert broken == {"conjunctivitis", "conjunctivitis-percent"}


def test_vanished_visits_are_named(shipped, cut_copy):
    remove_rows(cut_copy, "visits", "P004,8,")
    found = compare(shipped, analysed(cut_copy))
    assert [(row.table, row.key) for row in found.vanished_rows] == [("visits", {"patient_id": "P004", "week": "8"})]
    assert not found.new_rows and not found.changed_values
    assert {"efficacy.easi.w8.observed.mean", "population.visit.w8.n"} <= {moved.id for moved in found.results}


def test_follow_up_is_news_and_corrections_are_corrections(follow_up):
    assert not follow_up.vanished_rows
    assert {change.column for change in follow_up.changed_values if change.follow_up} <= {
        "last_contact_week", "discontinued_week", "discontinuation_reason", "end_day", "outcome",
    }  # fmt: skip
    assert 0 < len(follow_up.corrections) < 10
    assert any(row.table == "adverse_events" and row.key["term"] == "Conjunctivitis" for row in follow_up.new_rows)
    assert {row.key["week"] for row in follow_up.new_rows if row.table == "visits"} == {"39", "52"}


def test_moved_results_give_both_values_the_difference_and_the_intervals(follow_up):
    moved = {row.id: row for row in follow_up.results}["safety.conjunctivitis.percent"]
    assert (moved.old, moved.new, moved.difference) == ("7.4", "11.1", "3.7")
    assert moved.old_interval == "0.9 to 24.3" and moved.new_interval == "2.4 to 29.2"


def test_the_papers_claims_stay_checked_at_the_primary_week(follow_up):
    assert not [claim for claim in follow_up.claims if not claim.holds_now]


def test_new_weeks_bring_new_results(follow_up):
    new = {row.id for row in follow_up.results if row.old is None}
    assert "efficacy.scorad.w52.observed.mean" in new and "efficacy.easi_75.w39.nri.percent" in new


def test_compare_prints_json_on_request():
    outcome = CliRunner().invoke(main, ["compare", str(SHIPPED_CUT), str(WEEK_52), "--json"], catch_exceptions=False)
    assert outcome.exit_code == 1
    assert set(json.loads(outcome.stdout)) == {"new_rows", "vanished_rows", "changed_values", "results", "claims"}


def test_history_follows_the_chain_of_cuts(shipped):
    assert earlier_cuts(shipped) == []
    assert [each.cut.folder for each in earlier_cuts(analysed(WEEK_52))] == [SHIPPED_CUT.resolve()]


def test_an_unknown_previous_cut_is_wrong_usage(cut_copy):
    description = cut_copy / "cut.yml"
    description.write_text(description.read_text("utf-8").replace("previous: null", "previous: week-12"), encoding="utf-8")
    with pytest.raises(UsageError, match="week-12"):
        earlier_cuts(analysed(cut_copy))


def test_a_circle_of_cuts_is_wrong_usage(tmp_path, monkeypatch):
    import study.analysed
    import study.cuts

    for module in (study.cuts, study.analysed):
        monkeypatch.setattr(module, "CUTS", tmp_path)
    for name, previous in (("a", "b"), ("b", "a")):
        folder = shutil.copytree(SHIPPED_CUT, tmp_path / name)
        text = (folder / "cut.yml").read_text("utf-8").replace("previous: null", f"previous: {previous}")
        (folder / "cut.yml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="circle"):
        earlier_cuts(analysed(tmp_path / "a"))


def test_add_refuses_a_cut_in_which_visits_have_vanished(cut_copy, tmp_path, monkeypatch):
    import study.add

    cuts, settings = tmp_path / "cuts", tmp_path / "study.yml"
    shutil.copytree(SHIPPED_CUT, cuts / "week-26")
    shutil.copy(ROOT / "study.yml", settings)
    for name, value in (("CUTS", cuts), ("SETTINGS", settings)):
        monkeypatch.setattr(study.add, name, value)
    monkeypatch.setattr(study.paths, "STATE", tmp_path / "state")
    description = cut_copy / "cut.yml"
    description.write_text(description.read_text("utf-8").replace("previous: null", "previous: week-26"), encoding="utf-8")
    remove_rows(cut_copy, "visits", "P004,8,")
    arguments = ["add", str(cut_copy), "--cut", "week-30"]
    outcome = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert outcome.exit_code == 1 and "P004 at week 8" in outcome.stderr and "--allow-vanished" in outcome.stderr
    assert not (cuts / "week-30").exists()
    assert CliRunner().invoke(main, [*arguments, "--allow-vanished"], catch_exceptions=False).exit_code == 0


def test_what_vanished_is_told_though_something_else_is_wrong(cut_copy, tmp_path):
    """A visit entered twice does not hide that another has vanished."""
    import study.add

    path = cut_copy / "visits.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    gone = next(line for line in lines if line.startswith("P004,8,"))
    path.write_text("".join([*(line for line in lines if line != gone), lines[1]]), encoding="utf-8")
    cut = cut_copy / "cut.yml"
    cut.write_text(cut.read_text("utf-8").replace("previous: null", "previous: week-26"), encoding="utf-8")
    found = study.add._also_vanished(cut_copy, tmp_path / "week-30", None)
    assert [(finding.patient_id, finding.week) for finding in found] == [("P004", 8)]


def test_the_table_of_moved_results_is_in_words(follow_up):
    results = analysed(WEEK_52).results
    rows = {row[0]: row[1:] for row in changes_shown.moved_results_table(follow_up, results, CHILDREN).rows}
    assert rows["EASI-90, % of all children, week 26"] == ["70.4 (49.8 to 86.2)", "66.7 (46.0 to 83.5)", "−3.7"]
    assert rows["Conjunctivitis, % of all children"][2] == "3.7"
    assert not [name for name in rows if "." in name or "_" in name]


def moved(result_id, old, new, difference):
    return Moved(result_id, old, new, difference, None, None)


def found(**parts):
    empty = {"new_rows": (), "vanished_rows": (), "changed_values": (), "results": (), "claims": ()}
    return Changes(**(empty | {name: tuple(value) for name, value in parts.items()}))


RATIO = "biomarker.total_ige_ratio.w26.{}.geometric_mean"


@pytest.mark.parametrize(("paired_now", "moves", "shown"), [
    ("0.460", [("paired", "0.450", "0.460", "0.010"), ("mle", "0.450", "0.460", "0.010")], ["Total IgE, ratio to baseline, week 26"]),
    (None, [("paired", "0.450", "not estimable", None), ("mle", "0.450", "0.430", "−0.020")],
     ["Total IgE, ratio to baseline, by maximum likelihood, week 26"]),
    (None, [("mle", "0.450", "0.430", "−0.020")], ["Total IgE, ratio to baseline, by maximum likelihood, week 26"]),
    ("0.460", [("paired", "not estimable", "0.460", None), ("mle", "0.450", "0.460", "0.010")],
     ["Total IgE, ratio to baseline, by maximum likelihood, week 26"]),
])  # fmt: skip
def test_ige_is_compared_by_likelihood_where_a_cut_has_censored_values(paired_now, moves, shown):
    value, reason = (None, "censored") if paired_now is None else (float(paired_now), None)
    now = Result("biomarker", "total_ige_ratio", "geometric_mean", value, "ratio", 9, paired_now or "not estimable", week=26,
                 method="paired", reason=reason)  # fmt: skip
    changes = found(results=[moved(RATIO.format(method), *rest) for method, *rest in moves])
    assert [row[0] for row in changes_shown.moved_results_table(changes, Results([now]), CHILDREN).rows] == shown


@pytest.mark.parametrize(("old", "new", "difference"), [
    (11.94, 11.93, ...), (11.94, 11.96, "0.1"), (-30.24, -30.11, "0.1"), (11.94, None, None), (None, None, ...),
])  # fmt: skip
def test_results_that_are_printed_alike_have_not_moved(old, new, difference):
    sides = [
        Results([Family("efficacy", "easi", "points", 9).row("mean", lambda value=value: _value(value))]) for value in (old, new)
    ]  # fmt: skip
    found = _moved(*sides)
    assert [row.difference for row in found] == ([] if difference is ... else [difference])


def _value(value):
    if value is None:
        raise NotEstimable("no values")
    return value


def test_vanished_patients_are_named_and_there_is_a_sentence_for_nothing(shipped):
    gone = found(vanished_rows=[Row("patients", {"patient_id": "P_4"}), Row("visits", {"patient_id": "P_4", "week": "8"})])
    words = changes_shown.records_statement(gone, CHILDREN)
    assert "1 child of the previous cut is no longer there: P\\_4." in words and "@tbl-change-counts" in words
    assert not any(label in words for label in ("@tbl-corrections", "@tbl-new-events"))
    nothing = changes_shown.records_statement(found(), CHILDREN)
    assert nothing == "No record is new, none vanished and none was corrected."
    assert changes_shown.results_statement(found(), shipped.results) == "No main result moved."
    many = found(vanished_rows=[Row("patients", {"patient_id": f"P{n}"}) for n in range(31)])
    assert "31 children of the previous cut are no longer there." in changes_shown.records_statement(many, CHILDREN)


def test_of_more_corrections_and_events_than_are_listed_the_first_are_told_of():
    corrections = [Change("visits", {"patient_id": f"P{n}", "week": "8"}, "easi", "1", "2", False, n < 3) for n in range(101)]
    events = [Row("adverse_events", {"patient_id": f"P{n}", "term": "Cold", "start_day": "9"}) for n in range(101)]
    few = changes_shown.records_statement(found(changed_values=corrections[:100], new_rows=events[:100]), CHILDREN)
    assert "@tbl-corrections lists the corrected values, 3 of them in" in few and "@tbl-new-events lists the adverse events" in few
    many = changes_shown.records_statement(found(changed_values=corrections, new_rows=events), CHILDREN)
    assert "@tbl-corrections has the first 20 of 101 corrected values, 3 of all in a primary endpoint." in many
    assert "@tbl-new-events has the first 20 of 101 adverse events that were added." in many and "lists" not in many
    assert len(changes_shown.corrections_table(found(changed_values=corrections), CHILDREN).rows) == 20


def test_the_first_cut_has_one_sentence(shipped):
    cut = dataclasses.replace(shipped.cut, label="A *first* one")
    assert changes_shown.statement(cut, None, found()) == (
        "The data cut “A \\*first\\* one” is the first one, so there is nothing to compare it with."
    )


def test_cuts_of_two_kinds_are_compared_without_claims(shipped):
    clinical = dataclasses.replace(shipped, cut=dataclasses.replace(shipped.cut, kind="clinical"))
    assert compare(shipped, clinical).claims == ()


def test_the_history_has_a_dash_where_a_cut_has_no_such_result(shipped):
    table = changes_shown.history_table([shipped], 38, CHILDREN)
    assert table.header[2] == "Children" and table.rows[0][4:6] == ["–", "–"]
    assert changes_shown.history_table([shipped], 26, CHILDREN).rows[0][4:6] == ["26/27", "26/27"]


def test_a_chapter_is_run_again_when_an_earlier_cut_changes(tmp_path, monkeypatch):
    import study.analysed
    import study.cuts
    from study.delivery import cells_digest

    for module in (study.cuts, study.analysed):
        monkeypatch.setattr(module, "CUTS", tmp_path)
    earlier = shutil.copytree(SHIPPED_CUT, tmp_path / "week-26")
    before = cells_digest(analysed(WEEK_52))
    assert cells_digest(analysed(WEEK_52)) == before
    change_cell(earlier, "visits", 3, "emollient_per_day", "3")
    assert cells_digest(analysed(WEEK_52)) != before
