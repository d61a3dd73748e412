"""The picture of the whole cohort: who stands where, and what of each patient is drawn."""

import pytest
from example_tables import design, dose, event, patient, tables_of, visit

from analysis import cohort_shown
from analysis.compute import compute

WEEK = 26


@pytest.fixture(scope="module")
def drawn():
    """Four patients: early and late responders, one who does not respond, one who stopped and was not assessed at the end."""
    people = [patient(n) for n in (1, 2, 3)] + [
        patient(4, last_contact_week=20, discontinued_week=18.0, discontinuation_reason="moved")
    ]
    grades = {1: (4, None, 1), 2: (4, 1, 1), 3: (4, 4, 3), 4: (4, 2, None)}
    visits = [
        visit(n, week, iga=grade, easi=10.0 * grade)
        for n, seen in grades.items() for week, grade in zip((0, 4, WEEK), seen, strict=True) if grade is not None
    ]  # fmt: skip
    doses = [dose(n, 1, 400, "loading") for n in grades] + [dose(3, 15, 200, "maintenance", given=0)]
    events = [event(2, "Conjunctivitis", 10, end_day=20), event(3, "Cold", 30, end_day=None)]
    tables = tables_of(patients=people, visits=visits, doses=doses, adverse_events=events)
    results = compute(tables, design())
    return cohort_shown.every_patient(tables, results, WEEK), results


def test_early_responders_stand_first_and_who_was_not_assessed_last(drawn):
    drawing, _ = drawn
    (axes,) = drawing.figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["P002", "P001", "P003", "P004"]


def test_a_tile_a_visit_in_the_colour_and_with_the_number_of_its_grade(drawn):
    (axes,) = drawn[0].figure.axes
    tiles = [patch for patch in axes.patches if patch.get_edgecolor()[3]]
    numbers = [text.get_text() for text in axes.texts if text.get_text().isdigit()]
    assert len(numbers) == 10 and len([tile for tile in tiles if not tile.get_hatch()]) == 10
    hatched = {(round(tile.get_x() + tile.get_width() / 2), round(tile.get_y() + 0.26)) for tile in tiles if tile.get_hatch()}
    assert hatched == {(4, 1)}  # P001 was not seen; P004 was not due at week 26 any more


def test_the_data_below_the_picture_have_the_same_order_and_every_event(drawn):
    rows = drawn[0].data.rows
    assert [row[0] for row in rows] == ["P002", "P001", "P003", "P004"]
    assert rows[0][-1] == "Conjunctivitis, day 10 to 20" and rows[2][-1] == "Cold, day 30 on"
    assert rows[3][-3] == "–" and rows[2][-3] == "−25.0"
    assert [row[-2] for row in rows] == ["1/0", "1/0", "1/1", "1/0"], "doses given and missed"


def test_the_words_say_who_responded_and_what_happened(drawn):
    assert cohort_shown.alt_every_patient(drawn[1], WEEK).endswith(
        "IGA 0/1 at week 26: 2 of 4. 4 doses given, 1 missed; 2 adverse events in 2 adolescents, 1 of them conjunctivitis."
    )


def test_who_is_clear_without_treatment_stands_with_those_who_did_not_respond():
    """Sorted as the primary analysis counts: stopped treatment is non-response, whatever the skin looks like."""
    people = [patient(1), patient(2, discontinued_week=10.0, discontinuation_reason="moved"), patient(3)]
    grades = {1: (4, 1), 2: (4, 0), 3: (4, 3)}
    seen = [(n, week, grade) for n, own in grades.items() for week, grade in zip((0, WEEK), own, strict=True)]
    visits = [visit(n, week, iga=grade, easi=10.0 * grade) for n, week, grade in seen]
    tables = tables_of(patients=people, visits=visits, doses=[dose(n, 1, 400, "loading") for n in (1, 2, 3)])
    drawing = cohort_shown.every_patient(tables, compute(tables, design()), WEEK)
    (axes,) = drawing.figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["P001", "P002", "P003"]
    (line,) = [line for line in axes.lines if list(line.get_xdata()) == [0, 1] and line.get_linestyle() == "--"]
    assert set(line.get_ydata()) == {0.5}
