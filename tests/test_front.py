"""Sentences of the first page and about the patients, on cohorts made by hand."""

import re
from dataclasses import replace
from functools import cache

import pytest
from example_tables import design, dose, patient, tables_of, visit

from analysis import headline_shown, methods_shown, population_shown, records_shown
from analysis.compute import compute
from analysis.core.design import Tables
from analysis.core.results import Results
from analysis.core.words import Words
from analysis.population_shown import stopping_reasons
from protocol.population import POPULATIONS
from protocol.treatment import LABELS


class Told(Words):
    cohort = POPULATIONS["clinical"]


def plain(markdown: str) -> str:
    return re.sub(r"<[^>]*>|\\(?=\W)", "", markdown).replace("\N{NO-BREAK SPACE}", " ")


WEEK = 26
COHORTS = {
    "one": [(patient(1, age_years=6), {})],
    "boys": [(patient(number, sex="M"), {}) for number in (1, 2)],
    "two": [(patient(1, sex="M", age_years=19), {}), (patient(2, age_years=40), {"iga": 3, "easi": 10})],
    "stopped": [
        (patient(1, last_contact_week=4, discontinued_week=4, discontinuation_reason="moved *away*"), {}),
        (patient(2, last_contact_week=4, discontinued_week=4, discontinuation_reason=" Moved  *Away*"), {}),
        (patient(3, last_contact_week=4, discontinued_week=4, discontinuation_reason=None), {}),
    ],
    "early": [(patient(1, last_contact_week=16), {}), (patient(2, last_contact_week=16), {})],
}


@cache
def told(name: str) -> tuple[Told, Tables]:
    people = COHORTS[name]
    numbers = range(1, len(people) + 1)
    visits = [visit(n, 0, tcs_use=1, emollient_per_day=n, **scores) for n, (_, scores) in zip(numbers, people, strict=True)]
    visits += [visit(n, WEEK, scorad=9 + n, easi=n) for n, (row, _) in zip(numbers, people, strict=True)
               if row["last_contact_week"] >= WEEK]  # fmt: skip
    doses = [dose(n, 1, 400, "loading") for n in numbers]
    tables = tables_of(patients=[row for row, _ in people], visits=visits, doses=doses)
    return Told(compute(tables, design())), tables


def said(sentence, name: str, *arguments) -> str:
    return plain(sentence(told(name)[0], *arguments))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("one", "One child was enrolled, a girl of 6 years."),
        ("boys", "2 adolescents were enrolled, all of them boys. All were 12 years old."),
        ("two", "2 adults were enrolled, of whom 1 (50.0 %) was a woman. The median age was 29.5 years (range 19 to 40)."),
    ],
)
def test_sex_and_age_are_in_words_of_the_cohort(name, sentence):
    assert said(population_shown.patients_sentence, name) == sentence


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("one", "At baseline, EASI was 40.0 points and SCORAD was 76.5 points. By the strata of EASI [@leshem2015], the disease was "
                "severe. IGA was 4."),
        ("two", "At baseline, mean EASI was 25.0 points and mean SCORAD was 76.5 points. By the strata of EASI [@leshem2015], the "
                "disease was moderate in 1 and severe in 1 of 2 adults. IGA was 3 in 1 and 4 in 1 of 2 adults."),
    ],
)  # fmt: skip
def test_severity_is_counted(name, sentence):
    assert said(population_shown.severity_sentence, name) == sentence


def test_reasons_for_stopping_add_up():
    _, tables = told("stopped")
    reasons = stopping_reasons(tables)
    assert reasons == [("moved *away*", 2), ("no reason recorded", 1)]
    assert said(population_shown.stopped_sentence, "stopped", reasons) == (
        "All 3 adolescents stopped treatment: moved *away* (2) and no reason recorded (1)."
    )
    alt = population_shown.alt_patient_flow(told("stopped")[0].results, reasons)
    assert alt.endswith("nobody was due at week 26; 3 stopped treatment: moved away (2) and no reason recorded (1).")


def test_many_reasons_are_cut_short_and_still_add_up():
    people = [patient(n, discontinued_week=4, discontinuation_reason=f"reason {n}") for n in range(1, 13)]
    reasons = stopping_reasons(tables_of(patients=people))
    assert len(reasons) == 8 and sum(number for _, number in reasons) == 12 and reasons[-1] == ("other reasons", 5)


@pytest.mark.parametrize(
    ("name", "seen", "stopped"),
    [("one", "the only child whose visit was due was seen", "Nobody stopped"), ("boys", "all 2 adolescents", "Nobody stopped"),
     ("early", "No visit at week 26 was due.", "Nobody stopped")],
)  # fmt: skip
def test_who_was_seen_and_who_stopped(name, seen, stopped):
    assert seen in said(population_shown.seen_sentence, name, WEEK)
    assert stopped in said(population_shown.stopped_sentence, name, stopping_reasons(told(name)[1]))


def test_background_treatment_is_the_protocols_or_what_was_recorded():
    recorded = said(population_shown.background_sentence, "two")
    assert recorded == (
        "At baseline, 2 of 2 adults used topical glucocorticosteroids and emollients were applied 1.5 times a day in the median "
        "(range 1 to 2)."
    )
    words = Told(told("two")[0].results)
    words.cohort = POPULATIONS["reconstructed"]
    assert "twice a day" in population_shown.background_sentence(words)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("one", "At week 26, IGA 0/1 was reached by the only child and EASI-75 by the only child."),
        ("two", "At week 26, IGA 0/1 was reached by all 2 adults (100.0 %; 95 % CI 15.8 to 100.0 %) and EASI-75 by all 2 adults "
                "(100.0 %; 15.8 to 100.0 %)."),
        ("stopped", "At week 26, IGA 0/1 was reached by none of 3 adolescents (95 % CI 0.0 to 70.8 %) and EASI-75 by none of 3 "
                    "adolescents (0.0 to 70.8 %)."),
        ("early", "No visit at week 26 was due, so the primary outcome cannot be given."),
    ],
)  # fmt: skip
def test_responses_follow_the_numbers(name, sentence):
    assert said(headline_shown.response_sentence, name, WEEK) == sentence


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("one", "SCORAD was 76.5 points at baseline and 10.0 points at week 26."),
        ("two", "Mean SCORAD was 76.5 points at baseline and 10.5 points at week 26 (mean change −66.0; 95 % CI −72.4 to −59.6)."),
        ("stopped", "Mean SCORAD was 76.5 points at baseline; nobody has a value at week 26."),
    ],
)
def test_scores_as_far_as_they_are_known(name, sentence):
    assert said(headline_shown.score_sentence, name, WEEK) == sentence


def changed(low: float, mean: float, high: float) -> Told:
    """The two adults with another change of SCORAD."""
    value = {"mean": mean, "ci_low": low, "ci_high": high}
    rows = told("two")[0].results.values()
    prefix = f"efficacy.scorad_change.w{WEEK}.paired"
    return Told(Results(
        replace(row, value=value[row.statistic], display=f"{value[row.statistic]}") if row.id in {f"{prefix}.{each}" for each in value}
        else row for row in rows
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "way", "zero"),
    [((-5.0, -3.0, -1.0), "lower than", "excludes"), ((1.0, 3.0, 5.0), "higher than", "excludes"),
     ((-5.0, -2.0, 1.0), "lower than", "includes"), ((-1.0, 0.0, 1.0), "the same as", "includes"),
     ((-4.0, -2.0, 0.0), "lower than", "includes")],
)  # fmt: skip
def test_the_conclusion_follows_from_direction_and_interval(limits, way, zero):
    text = plain(headline_shown.conclusion(changed(*limits), WEEK, ""))
    assert f"mean SCORAD was {way} at baseline" in text and f", which {zero} 0)" in text
    assert "IGA 0/1 was reached by all 2 adults (100.0 %; 95 % CI" in text
    assert text.endswith("none of this can be attributed to dupilumab.")


@pytest.mark.parametrize(
    ("name", "authors", "beginning"),
    [
        ("one", "", "At week 26, SCORAD of the only child was lower than at baseline (change −66.5 points), and IGA 0/1 was"),
        ("stopped", "", "At week 26, the change of SCORAD cannot be given, as nobody has both values, and IGA 0/1 was"),
        ("early", "", "No conclusion is drawn, because no visit at week 26 was due; the authors may state one (key `conc"),
        ("early", "More is *needed*", "The authors conclude: More is *needed*. There was no control group"),
    ],
)
def test_a_conclusion_says_why_there_is_none_or_whose_it_is(name, authors, beginning):
    assert said(headline_shown.conclusion, name, WEEK, authors).startswith(beginning)


def test_the_key_results_say_why_they_are_absent():
    panel = said(headline_shown.panel, "early", WEEK, f"biomarker.total_ige_ratio.w{WEEK}.mle")
    assert panel.count("no visit at week 26 was due") == 2  # in the panel and in the table
    assert "not estimable" not in panel and "no adolescent with both values" in panel


@pytest.mark.parametrize("name", COHORTS)
def test_no_sentence_has_a_gap(name):
    words = told(name)[0]
    told_all = [
        population_shown.design_sentence(words, (6, 6), "dupilumab"), headline_shown.methods(words, WEEK),
        headline_shown.background(words, WEEK), headline_shown.opening(words, None, "Data."),
        headline_shown.events_sentence(words, WEEK), methods_shown.response_sentence(words, False),
    ]  # fmt: skip
    for text in map(plain, told_all):
        assert not re.search(r"not estimable|\b(\d+) to \1\b|\b1 (children|patients|adults)|\bNone\b|  | [.,;]|severe", text), text


def test_labels_are_cited_as_they_are_in_force():
    for key, label in LABELS.items():
        assert f"[@{label.citation}]" in methods_shown.label_sentence(label), key


@pytest.mark.parametrize(
    ("name", "label", "words"),
    [("one", "us", "(30 and 60 kg)"), ("one", "eu", "(60 kg)"), ("two", "us", "the same at every weight"),
     ("two", "eu", "the same at every weight")],
)  # fmt: skip
def test_weight_matters_where_the_label_says_so_at_these_ages(name, label, words):
    assert words in said(methods_shown.growth_sentence, name, LABELS[label])


def test_the_gate_counts_in_words():
    rules = [{"level": "critical"}, {"level": "warning"}, {"level": "warning"}]
    _, tables = told("one")
    assert "1 row of patients" in records_shown.gate_sentence(tables, rules, 0)
    nothing = records_shown.gate_sentence(tables, rules, 0)
    assert nothing.endswith("with 1 critical rule and 2 rules that may warn; no warnings were raised.")
    assert records_shown.gate_sentence(tables, rules, 1).endswith("1 warning was raised.")
