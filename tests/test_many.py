"""Reports of many patients: from 61 on distributions stand in for marks of single patients, and long listings go beside the report."""

from dataclasses import replace
from types import SimpleNamespace

import matplotlib
import numpy as np
import pandas as pd
import pytest
from example_tables import alt_texts, design, drawings, shipped
from matplotlib.artist import Artist

from analysis import efficacy_shown, exposure_shown, listings, many_shown, records_shown, safety_shown
from analysis.compute import compute
from analysis.core import display_sizes
from analysis.core.design import Tables
from analysis.core.words import Words
from analysis.ranking import ranking
from benchmarks import cohort
from expectations.finding import Finding, in_words
from protocol.columns import TABLES

WEEK = 26
OF_INDIVIDUALS = ("easi_waterfall", "scorad_courses", "easi_courses", "itch_and_sleep", "ige_pairs", "ratio_courses", "every_patient",
                  "residuals")  # fmt: skip


def generated(patients: int) -> Tables:
    (cut,) = cohort.blocks(patients)
    frames = {name: frame.reindex(columns=[column.name for column in TABLES[name]]) for name, frame in cut.items()}
    return Tables(**{name: frame.set_index(pd.RangeIndex(2, len(frame) + 2, name="line")) for name, frame in frames.items()})


@pytest.fixture(scope="module")
def two_hundred():
    tables, how = generated(200), design(kind="reconstructed")
    results = compute(tables, how)
    with matplotlib.rc_context():
        return tables, how, results, dict(drawings(tables, how, results, [*OF_INDIVIDUALS, "cumulative", "easi_flow", "on_treatment"]))


@pytest.mark.parametrize(("patients", "many"), [(27, False), (60, False), (61, True)])
def test_the_display_follows_the_number_of_patients(patients, many):
    tables = generated(patients)
    draw = display_sizes.or_of_many(lambda of: "large")(lambda of: "small")
    assert draw(tables) == ("large" if many else "small")
    assert display_sizes.are_many(tables) is many


def test_figures_and_words_of_the_shipped_cohort_are_those_of_individuals():
    _, how, results = shipped()
    assert "even ranks" not in " ".join(alt_texts(how, results).values())


@pytest.mark.parametrize("name", OF_INDIVIDUALS)
def test_a_figure_of_many_marks_at_most_the_sampled_and_its_data_are_bounded(two_hundred, name):
    tables, _, _, drawn = two_hundred
    chosen = set(display_sizes.evenly(ranking(tables, WEEK).order))
    assert len(chosen) == display_sizes.SAMPLED
    for figure in (drawn[name].figure, *([drawn[name].narrow()] if drawn[name].narrow else [])):
        marked = {(artist.get_gid() or "").removeprefix("patient-") for artist in figure.findobj(Artist)} - {""}
        named = {each for each in marked if each.startswith("P")}
        assert named <= chosen
        assert not named or name not in ("easi_waterfall", "every_patient", "residuals")
    assert len(drawn[name].data.rows) <= 2 * (display_sizes.SAMPLED + 10)


def test_the_bands_are_the_quantiles_of_the_patients_with_a_value(two_hundred):
    tables, _, _, drawn = two_hundred
    at = tables.visits.loc[tables.visits["week"] == WEEK, "easi"].dropna().astype(float)
    rows = {row[0]: row[-1] for row in drawn["easi_courses"].data.rows}
    assert rows["Patients with a value"] == f"{len(at)}"
    for name, share in (("5 %", 0.05), ("Median", 0.5), ("95 %", 0.95)):
        assert float(rows[name]) == pytest.approx(np.quantile(at, share), abs=0.051)


@pytest.mark.parametrize(
    "unknown", [("scorad",), ("scorad_pruritus",), ("scorad_sleep_loss",), ("scorad_pruritus", "scorad_sleep_loss")]
)
def test_scores_that_nobody_of_many_has_are_said_to_be_lacking_and_the_others_keep_their_weeks(unknown):
    how, tables = design(kind="reconstructed"), generated(61)
    tables = replace(tables, visits=tables.visits.assign(**dict.fromkeys(unknown, np.nan)))
    results = compute(tables, how)
    names = {"scorad": ("scorad", "SCORAD"), "scorad_pruritus": ("pruritus", "Itch"),
             "scorad_sleep_loss": ("sleep_loss", "Sleep loss")}  # fmt: skip
    for column in unknown:
        assert efficacy_shown.alt_score_courses(results, *names[column]).endswith(" over time: no value was recorded.")
    with matplotlib.rc_context():
        for name, drawn in drawings(tables, how, results, ["scorad_courses", "itch_and_sleep"]):
            empty = unknown == ("scorad",) if name == "scorad_courses" else len(unknown) == 2
            last = 0 if empty else WEEK
            assert {axes.get_xlim() for axes in drawn.figure.axes} == {(-0.5, last + 0.5)}
            children = dict.fromkeys(unknown, 0)
            for title in (axes.get_title("left") for axes in drawn.figure.axes[::2]):
                column = {"Itch": "scorad_pruritus", "Sleep": "scorad_sleep_loss"}.get(title.split()[0].strip(":"), "scorad")
                assert title.endswith(f"{children.get(column, 61)} children")


def test_the_cohort_in_time_counts_everyone_every_dose_and_every_event(two_hundred):
    tables, _, _, drawn = two_hundred
    rows = {row[0]: row[1:] for row in drawn["every_patient"].data.rows}
    standing = [row for name, row in rows.items() if name.startswith("IGA") or name in ("Treatment stopped", "Not assessed")]
    assert np.array(standing, dtype=int).sum(axis=0).tolist() == [200] * 5
    assert sum(map(int, rows["Doses given since the visit before"])) == (tables.doses["given"] == 1).sum()
    events = sum(int(cell) for name in ("New conjunctivitis", "Other new adverse events") for cell in rows[name])
    assert events == (tables.adverse_events["start_day"] >= 1).sum()


def test_the_envelope_has_everyone_with_both_values_and_the_share_without(two_hundred):
    _, _, results, drawn = two_hundred
    counts = [int(row[1]) for row in drawn["easi_waterfall"].data.rows]
    assert sum(counts) == 200
    known = sum(int(row[1]) for row in drawn["easi_waterfall"].data.rows if row[0] != "No value at both visits")
    assert known == results[f"efficacy.easi_percent_change.w{WEEK}.paired.n"].value


@pytest.mark.parametrize("cells", [{}, {"iga": 0, "easi": 0}, {"iga": 4, "easi": 30}])
def test_the_caption_of_the_envelope_names_what_is_there(two_hundred, cells):
    tables, _, results, _ = two_hundred
    visits = tables.visits.assign(**{name: tables.visits[name].where(tables.visits["week"] != WEEK, value)
                                     for name, value in cells.items()})  # fmt: skip
    patients = tables.patients.assign(discontinued_week=np.nan) if cells else tables.patients
    at_both = visits[visits["week"].isin((0, WEEK)) & visits["easi"].notna()].groupby("patient_id").size() == 2
    if cells:
        patients, visits = (table[table["patient_id"].isin(at_both.index[at_both])] for table in (patients, visits))
    some = replace(tables, patients=patients, visits=visits)
    said = many_shown.waterfall_caption(some, Words(results), WEEK)
    marks = {"no IGA 0/1": "orange and hatched", "IGA 0/1": "blue", "no value at both visits": "empty, hatched"}
    drawn = [row[0].replace("No", "no") for row in many_shown.easi_waterfall(some, results, WEEK).data.rows]
    assert [name for name, mark in marks.items() if mark in said] == [name for name in marks if name in drawn]
    assert len(drawn) == (1 if cells else 3)


def test_the_sampled_are_the_same_every_time_and_have_all_their_records(two_hundred):
    tables, *_ = two_hundred
    one, again = many_shown.sampled(tables, WEEK), many_shown.sampled(tables, WEEK)
    assert list(one.patients["patient_id"]) == list(again.patients["patient_id"]) and len(one.patients) == display_sizes.SAMPLED
    best, worst = ranking(tables, WEEK).order[0], ranking(tables, WEEK).order[-1]
    assert {best, worst} <= set(one.patients["patient_id"])
    assert (one.doses["patient_id"] == best).sum() == (tables.doses["patient_id"] == best).sum()


def test_long_tables_are_summed_up_in_the_report_and_whole_beside_it(two_hundred):
    tables, how, results, _ = two_hundred
    whole = listings.whole_listings(tables, how)
    assert len(tables.adverse_events) > display_sizes.LISTED and not listings.whole_listings(*shipped()[:2])
    grave = tables.adverse_events.assign(serious=[*[0] * (len(tables.adverse_events) - 1), 1])
    listed = safety_shown.event_listing_table(replace(tables, adverse_events=grave))
    assert len(listed.rows) == display_sizes.FIRST and "**serious**" in listed.rows[0][5]
    assert any(f"{len(tables.adverse_events):,} rows" in note and "listings/adverse-events.csv" in note for note in listed.notes)
    assert len(whole["adverse-events"]) == len(tables.adverse_events)
    untreated = tables.patients["patient_id"].iloc[0]
    some = replace(tables, doses=tables.doses[tables.doses["patient_id"] != untreated])
    *regimens, everyone = exposure_shown.by_child_table(some, how, compute(some, how)).rows
    kept = [[int(part) for part in row[-1].split("/")] for row in regimens]
    assert sum(n for _, n in kept) == 199 and [f">{sum(column)}<" in everyone[-1] for column in zip(*kept, strict=True)] == [True] * 2
    exposed = exposure_shown.by_child_table(tables, how, results)
    assert 'data-result="exposure.weeks_on_treatment.median"' in exposed.rows[-1][2]
    assert sum(int(row[1]) for row in exposed.rows[:-1]) == int(exposed.rows[-1][1]) == 200 == len(whole["exposure"])
    for column, part, variable in ((3, "expected", "doses_expected"), (4, "given", "doses.given")):
        everyone = results[f"exposure.{variable}.n"].value
        assert sum(int(row[column]) for row in exposed.rows[:-1]) == everyone == whole["exposure"][part].sum()


def test_very_many_warnings_are_counted_by_rule_with_their_first_places():
    def warning(line, more=0):
        return Finding("visits.csv", line, "easi", "1", "P001", 4, "warning", "plausible", in_words("odd"), more=more)

    found = (warning(2), warning(3), warning(5), warning(9, more=500))
    rules = [{"rule": "plausible", "sentence": "EASI is plausible.", "level": "warning", "failed": 504, "files": []}]
    report = SimpleNamespace(
        receipt=SimpleNamespace(warnings=found, expectations=rules), settings=SimpleNamespace(report_only_ids=False)
    )
    (row,) = records_shown.warnings_table(report).rows
    assert row[1:] == ["504", "visits\\.csv line 2\\; visits\\.csv line 3\\; visits\\.csv line 5"]
    assert records_shown.raised(found) == 504
