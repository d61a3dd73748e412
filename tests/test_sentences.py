"""Sentences about efficacy, depth, course and subgroups: for nobody, one patient, all of them, and a week that nobody reached."""

import re

import pytest
from example_tables import cohort, design, patient

from analysis import course_shown, depth_shown, efficacy_shown, response_time_shown, sensitivity_shown, subgroups_shown
from analysis.compute import compute
from analysis.core.words import Words

NOTHING: dict = {}
BAD = {"iga": 4, "easi": 40}


def words(pairs, **patients) -> Words:
    rows = [patient(n, **patients) for n in range(1, len(pairs) + 1)]
    return Words(compute(cohort(pairs, patients=rows), design()))


def plain(text: str | None) -> str:
    return re.sub(r"<.*?>|\\", "", text or "").replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def unseen() -> Words:
    return words([(NOTHING, None)] * 3, last_contact_week=16)


def test_a_week_without_a_visit_has_no_response_and_a_reason(unseen):
    for variable in ("iga_0_1", "easi_90", "scorad_75"):
        n, everyone = (unseen.row(f"efficacy.{variable}.w26.nri.{part}") for part in ("n", "N"))
        assert (n.value, n.reason, everyone.value) == (None, "no visit at week 26", 3)
    for method in ("locf", "worst_case", "best_case", "mi"):
        assert unseen.row(f"efficacy.iga_0_1.w26.{method}.percent").reason == "no visit at week 26"
    assert unseen.row("subgroups.iga_0_1_girls.w26.nri.percent").reason == "no visit at week 26"
    assert unseen.row("population.visit.w26.percent").reason == "no visit at week 26"


def test_who_has_stopped_is_no_responder_without_a_visit():
    stopped = words([(NOTHING, None)] * 3, discontinued_week=4, discontinuation_reason="moved", last_contact_week=4)
    assert stopped.row("efficacy.iga_0_1.w26.nri.n").value == 0
    assert plain(efficacy_shown.iga_sentence(stopped, 26)).startswith("At week 26, none of 3 adolescents (95 % CI")


def test_sentences_of_a_week_without_a_visit_give_the_reason(unseen):
    said = [
        efficacy_shown.iga_sentence(unseen, 26), efficacy_shown.reached(unseen, ["easi_75", "easi_90"], 26),
        efficacy_shown.easi_sentence(unseen, 26), efficacy_shown.scorad_sentence(unseen, 26),
        efficacy_shown.symptoms_sentence(unseen, 26), depth_shown.itch_sentence(unseen, 26),
        depth_shown.objective_sentence(unseen, 26), course_shown.modelled_sentence(unseen, 26),
        sensitivity_shown.nothing_missing(unseen, 26), subgroups_shown.nothing_to_draw(unseen, 26, "iga_0_1", "us"),
    ]  # fmt: skip
    for text in map(plain, said):
        assert "no visit at week 26" in text and "not estimable" not in text
    assert "nothing to draw" in efficacy_shown.no_waterfall(unseen, 26)


def test_one_patient_has_no_interval_and_no_groups():
    one = words([(NOTHING, NOTHING)])
    assert plain(efficacy_shown.iga_sentence(one, 26)) == "At week 26, the one adolescent had IGA 0/1."
    for text in (efficacy_shown.easi_sentence(one, 26), efficacy_shown.scorad_sentence(one, 26), depth_shown.itch_sentence(one, 26)):
        assert "CI" not in text and "mean" not in plain(text).lower() and "estimable" not in text
    assert subgroups_shown.nothing_to_draw(one, 26, "iga_0_1", "us") == "There are no groups to draw."
    assert "no model" in course_shown.spread_sentence(one)


def test_nobody_and_everybody_are_words():
    nobody, everybody = words([(NOTHING, BAD)] * 4), words([(NOTHING, NOTHING)] * 4)
    assert "none of 4 adolescents (95 % CI 0.0 to" in plain(efficacy_shown.iga_sentence(nobody, 26))
    assert "all 4 adolescents (95 % CI" in plain(efficacy_shown.iga_sentence(everybody, 26))
    assert "the same in every adolescent" in plain(efficacy_shown.symptoms_sentence(everybody, 26))
    assert plain(response_time_shown.first_response_sentence(nobody)).startswith("No adolescent had a first response")


def test_weight_is_cut_where_the_label_in_force_changes_the_dose():
    assert [group for group in subgroups_shown.headings("us")["Weight"]] == [
        "weight_under_30", "weight_30_to_60", "weight_60_and_over",
    ]  # fmt: skip
    assert list(subgroups_shown.headings("eu")["Weight"]) == ["weight_under_60", "weight_60_and_over"]
    assert "60 kg" in subgroups_shown.weight_sentence("eu") and "30" not in subgroups_shown.weight_sentence("eu")


def test_empty_groups_and_headings_of_one_group_are_left_out():
    found = words([(NOTHING, NOTHING)] * 4, sex="M")
    shown, kept = subgroups_shown.shown_groups(found.results, 26, "iga_0_1", "us")
    assert "Sex" not in shown and kept == []
    assert "0 of 0" not in subgroups_shown.alt_subgroup_forest(found.results, 26, "iga_0_1", "us")
