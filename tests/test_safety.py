"""Rates, onset, duration and events of special interest, by hand and against tables and a second formula."""

import math
import re

import pytest
from conftest import printed
from example_tables import cohort, design, event, patient, shipped, survives
from scipy import stats

from analysis import cohort_shown, safety_shown
from analysis.compute import compute
from analysis.core.families import Family
from analysis.core.results import Results
from analysis.core.statistics import garwood
from analysis.core.words import Markdown, Words
from analysis.safety import days_lasted
from protocol.population import ADULTS, CHILDREN
from protocol.special_interest import SPECIAL_INTEREST, is_special, unreadable
from protocol.treatment import Drug

PAIR = ({}, {})
YEAR = 365.25


# --- the Poisson interval -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "low", "high"),
    # Biometrika Tables for Statisticians, volume 1, table 40 (95 % limits of a Poisson mean).
    [(0, 0, 3.689), (1, 0.0253, 5.572), (2, 0.242, 7.225), (5, 1.62, 11.67), (10, 4.80, 18.39), (20, 12.22, 30.89)],
)
def test_garwood_is_that_of_the_tables(events, low, high):
    assert garwood(events) == pytest.approx((low, high), abs=0.006)


@pytest.mark.parametrize("events", [0, 1, 3, 14, 100, 5000])
def test_garwood_leaves_a_fortieth_in_each_tail(events):
    low, high = garwood(events)
    assert stats.poisson.cdf(events, high) == pytest.approx(0.025)
    assert low == 0 if events == 0 else stats.poisson.sf(events - 1, low) == pytest.approx(0.025)
    assert (low, high) == pytest.approx(
        (stats.chi2.ppf(0.025, 2 * events) / 2 if events else 0, stats.chi2.ppf(0.975, 2 * events + 2) / 2)
    )


# --- rates, onset, duration ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def three():
    """Three children seen for 10, 20 and 30 weeks; two with events, one of them going on."""
    patients = [patient(n, last_contact_week=10 * n) for n in (1, 2, 3)]
    events = [
        event(2, "Conjunctivitis", 36, end_day=45),
        event(2, "conjunctivitis", 71, end_day=71),
        event(3, "Conjunctivitis", 141, outcome="not recovered"),
        event(3, "Rash", -4, end_day=9),
    ]
    return compute(cohort([PAIR] * 3, patients=patients, adverse_events=events), design())


def values(results, prefix):
    return {row.statistic: row.value for key, row in results.items() if key.rpartition(".")[0] == prefix}


def test_first_events_count_children_and_the_time_until_then(three):
    days = 70 + 35 + 140
    found = values(three, "safety.conjunctivitis.first_event")
    assert (found["n"], found["patient_years"]) == (2, pytest.approx(days / YEAR))
    assert found["rate"] == pytest.approx(100 * 2 / (days / YEAR))
    assert found["ci_low"] == pytest.approx(100 * stats.chi2.ppf(0.025, 4) / 2 / (days / YEAR))
    assert found["ci_high"] == pytest.approx(100 * stats.chi2.ppf(0.975, 6) / 2 / (days / YEAR))


def test_all_events_count_events_and_all_follow_up(three):
    found = values(three, "safety.conjunctivitis.all_events")
    assert (found["n"], found["patient_years"]) == (3, pytest.approx(420 / YEAR))
    assert found["patient_years"] == pytest.approx(three["safety.follow_up.patient_years"].value)
    assert found["rate"] == pytest.approx(300 / (420 / YEAR))


def test_onset_is_of_the_first_event_and_duration_of_those_that_ended(three):
    onset, duration = (values(three, f"safety.conjunctivitis.{part}") for part in ("onset", "duration"))
    assert (onset["n"], onset["min"], onset["median"], onset["max"]) == (2, 36, 88.5, 141)
    assert (duration["n"], duration["ongoing"], duration["min"], duration["max"]) == (2, 1, 1, 10)


def test_durations_that_are_not_over_are_censored_at_the_last_contact(three):
    """Days 1 and 10, and one that had gone on for 71 days (141 to 211, the day of week 30): the ended two alone would say 5.5."""
    duration = values(three, "safety.conjunctivitis.duration")
    assert (duration["q1"], duration["median"], duration["q3"]) == (1, 10, None)


@pytest.fixture(scope="module")
def stopping():
    """Three children seen for 30 weeks, one of whom stopped at week 10 (day 71): on that day, and after it, events began."""
    patients = [patient(1, last_contact_week=30, discontinued_week=10, discontinuation_reason="wish"),
                *(patient(n, last_contact_week=30) for n in (2, 3))]  # fmt: skip
    events = [event(1, "Rash", 71, end_day=80), event(1, "Conjunctivitis", 72, relatedness="not related"), event(2, "Rash", 15)]
    return compute(cohort([PAIR] * 3, patients=patients, adverse_events=events), design())


def test_on_treatment_time_and_events_end_where_treatment_was_stopped(stopping):
    assert stopping["safety.treated.patient_years"].value == pytest.approx((70 + 210 + 210) / YEAR)
    assert (stopping["safety.treated.min"].value, stopping["safety.treated.max"].value) == (10, 30)
    every = values(stopping, "safety.any_event.all_events_on_treatment")
    assert (every["n"], every["patient_years"]) == (2, pytest.approx(490 / YEAR))
    assert every["rate"] == pytest.approx(100 * 2 / (490 / YEAR))
    first = values(stopping, "safety.any_event.first_event_on_treatment")
    assert (first["n"], first["patient_years"]) == (2, pytest.approx((70 + 14 + 210) / YEAR))
    assert values(stopping, "safety.conjunctivitis.all_events_on_treatment")["n"] == 0
    assert values(stopping, "safety.conjunctivitis.first_event_on_treatment")["patient_years"] == pytest.approx(490 / YEAR)
    assert values(stopping, "safety.any_event.all_events")["n"] == 3
    assert values(stopping, "safety.any_event.all_events")["patient_years"] == pytest.approx(630 / YEAR)
    assert stopping["safety.after_stopping.events"].value == 1


def test_events_recorded_as_related_are_counted_of_every_kind(stopping):
    assert values(stopping, "safety.any_event.related") == {"n": 2, "events": 2}
    assert values(stopping, "safety.term_conjunctivitis.related") == {"n": 0, "events": 0}


def test_first_events_fall_into_periods_between_planned_visits(stopping):
    """First events on days 15 and 71: weeks 2 and 10 to the day. Time at risk: 14, 70 and 210 days."""
    found = {week: values(stopping, f"safety.any_event.w{week}.period") for week in (4, 8, 16, 26)}
    assert {week: (row["at_risk"], row["n"]) for week, row in found.items()} == {4: (3, 1), 8: (2, 0), 16: (2, 1), 26: (1, 0)}
    days = {4: 14 + 28 + 28, 8: 28 + 28, 16: 14 + 56, 26: 210 - 112}
    assert {week: row["patient_years"] * YEAR for week, row in found.items()} == pytest.approx(days)
    assert found[16]["rate"] == pytest.approx(100 / (70 / YEAR))
    assert [row["percent"] for row in found.values()] == pytest.approx([100 / 3, 100 / 3, 200 / 3, 200 / 3])
    assert sum(days.values()) == pytest.approx(values(stopping, "safety.any_event.first_event")["patient_years"] * YEAR)
    assert "safety.any_event.w39.period.n" not in stopping, "nobody was followed so long"


def test_periods_of_a_short_follow_up_are_one():
    found = cohort([PAIR], patients=[patient(1, last_contact_week=3)], adverse_events=[event(1, "Rash", 1)])
    results = survives(found, pictures=[])
    row = values(results, "safety.any_event.w4.period")
    assert (row["at_risk"], row["n"], row["rate"]) == (1, 1, None) and results.weeks("safety", "conjunctivitis") == [4, 26]


def test_the_rates_stand_twice_only_where_somebody_stopped(stopping):
    found = cohort([PAIR], adverse_events=[event(1, "Rash", 5)])
    assert len(safety_shown.event_rates_table(found, survives(found, pictures=[])).header) == 3
    assert len(safety_shown.event_rates_table(found, stopping).header) == 5


def test_durations_are_told_with_what_was_not_reached():
    events = [event(1, "Rash", 5), event(1, "Cold", 9, end_day=12), event(1, "Cold", 30), event(1, "Fever", 40, end_day=41)]
    found = cohort([PAIR], adverse_events=events)
    shown = safety_shown.event_times_table(found, survives(found, pictures=[]))
    rows = [[cell.replace("\N{NO-BREAK SPACE}", " ") for cell in printed(row)] for row in shown.rows]
    told = {name.removeprefix("&emsp;"): cells for name, _, _, *cells in rows}
    assert told["Rash"] == ["0", "1", "not reached"] and told["Fever"] == ["1", "0", "2"]
    assert told["Cold"] == ["1", "1", "79 (4 to not reached)"]  # level at a half from day 4 to the last contact, day 154 of the event


def test_an_event_from_before_the_first_dose_is_not_counted_and_there_is_no_day_0(three):
    assert "safety.term_rash.n" not in three
    found = cohort([PAIR], adverse_events=[event(1, "Rash", -4, end_day=9), event(1, "Rash", 3, end_day=4)])
    assert days_lasted(found.adverse_events).tolist() == [13, 2]


def test_without_events_rates_are_zero_and_onset_says_why_not():
    results = survives(cohort([PAIR] * 3), pictures=[])
    rate = values(results, "safety.any_event.first_event")
    assert rate["rate"] == rate["ci_low"] == 0
    assert rate["ci_high"] == pytest.approx(100 * -math.log(0.025) / (3 * 182 / YEAR))
    assert results["safety.any_event.onset.median"].reason == "no values"
    assert results["safety.any_event.duration.ongoing"].value == 0


def test_without_follow_up_there_is_no_rate():
    found = cohort([PAIR], patients=[patient(1, last_contact_week=0)], adverse_events=[event(1, "Rash", 1)])
    results = survives(found, pictures=[])
    assert results["safety.any_event.first_event.rate"].reason == "no time of follow-up"
    assert results["safety.any_event.all_events.ci_high"].reason == "no time of follow-up"


def test_events_that_all_go_on_have_no_duration():
    results = survives(cohort([PAIR], adverse_events=[event(1, "Rash", 5)]), pictures=[])
    assert results["safety.any_event.duration.median"].reason.startswith("not reached")
    assert results["safety.any_event.duration.max"].reason == "no values"
    assert results["safety.any_event.duration.ongoing"].value == 1


def test_kinds_add_up_to_all_events():
    results = shipped()[2]
    total = results["safety.any_event.events"].value
    groups = (
        ("severity_mild", "severity_moderate", "severity_severe"),
        ("serious_event", "non_serious_event"),
        ("related_event", "not_related_event"),
        ("action_none", "action_delayed", "discontinued_for_event"),
        ("outcome_recovered", "outcome_recovering", "outcome_not_recovered", "outcome_fatal", "outcome_unknown"),
    )
    for group in groups:
        assert sum(results[f"safety.{variable}.events"].value for variable in group) == total, group


# --- events of special interest -----------------------------------------------------------------------------

MEANT = {
    "aesi_anaphylactic_reaction": ["Anaphylaxis", "ANAPHYLACTIC shock", "anaphylactoid reaction"],
    "aesi_helminth_infection": ["Helminthic infection", "enterobiasis", "Ascariasis of the gut", "tapeworm infestation"],
    "aesi_keratitis": ["Keratitis", "ulcerative keratitis", "Atopic keratoconjunctivitis"],
    "aesi_eosinophilic_disorder": [
        "Eosinophilic granulomatosis with polyangiitis", "EGPA", "Churg-Strauss syndrome", "hypereosinophilic syndrome",
        "eosinophilic pneumonia"],
    "aesi_injection_site_reaction": ["Injection site reaction", "injection-site pain", "INJECTION  SITE erythema"],
    "aesi_conjunctivitis": ["Conjunctivitis", "Conjunctivitis allergic", "blepharoconjunctivitis",
                            "Vernal keratoconjunctivitis"],
    "aesi_herpes_infection": ["Oral herpes", "Eczema herpeticum", "Herpes zoster", "herpetic keratitis"],
}  # fmt: skip
NOT_MEANT = ["Eosinophilia", "Headache", "dermatitis herpetiformis", "reaction after injection", "keratosis pilaris",
             "eosinophil count increased", "Nasopharyngitis", "", "***", "site of injection"]  # fmt: skip


def kinds(*terms, **cells):
    """For each term the variables of the kinds that it counts as."""
    rows = cohort([PAIR], adverse_events=[event(1, term or "-", 5, **cells) for term in terms]).adverse_events
    found = {kind.variable: is_special(kind, rows).tolist() for kind in SPECIAL_INTEREST}
    return [{variable for variable in found if found[variable][i]} for i in range(len(terms))]


def test_terms_count_where_they_are_meant_and_nowhere_else():
    for variable, terms in MEANT.items():
        assert all(variable in found for found in kinds(*terms)), variable
    assert kinds(*NOT_MEANT) == [set()] * len(NOT_MEANT)
    assert kinds("herpetic keratitis") == [{"aesi_herpes_infection", "aesi_keratitis"}]


def test_a_serious_infection_is_serious_and_of_its_organ_class():
    infections = {"system_organ_class": "INFECTIONS and  infestations"}
    assert kinds("Pneumonia", serious=1, **infections) == [{"aesi_serious_infection"}]
    assert kinds("Pneumonia", serious=0, **infections) == [set()]
    assert kinds("Pneumonia", serious=1, system_organ_class="Respiratory") == [set()]


def test_what_did_not_happen_has_the_upper_limit_of_0_of_n():
    results = shipped()[2]
    n = results["population.enrolled.n"].value
    for variable in ("aesi_anaphylactic_reaction", "aesi_serious_infection", "aesi_helminth_infection"):
        assert results[f"safety.{variable}.n"].value == 0
        assert results[f"safety.{variable}.ci_high"].value == pytest.approx(100 * (1 - 0.025 ** (1 / n)))
    shown = safety_shown.special_interest_table(shipped()[0], results)
    assert ["Keratitis", f"0 of {n}", "up to 12\\.8", "0"] in [printed(row) for row in shown.rows]
    assert f"two-sided 95 % upper limit for 0 of {n}" in printed(shown.notes)[0]


def test_terms_in_another_script_are_named_and_not_taken_for_absence():
    terms = ["конъюнктивит", "\N{CYRILLIC SMALL LETTER ES}onjunctivitis", "| <b>", "\N{HOT BEVERAGE}", "Réaction"]
    found = cohort([PAIR], adverse_events=[event(1, term, 5 + i) for i, term in enumerate(terms)])
    assert unreadable(found.adverse_events).tolist() == [True, True, False, True, False]
    results = survives(found, pictures=[])
    assert results["safety.terms_in_another_script.events"].value == 3
    assert results["safety.aesi_conjunctivitis.n"].value == 0
    notes = " ".join(safety_shown.special_interest_table(found, results).notes)
    assert "конъюнктивит" in notes and "have to be judged by a person" in notes


def test_without_such_terms_there_is_no_such_note():
    assert len(safety_shown.special_interest_table(shipped()[0], shipped()[2]).notes) == 1


def test_the_listing_has_every_event_and_names_who_had_none():
    events = [event(2, "a | b", 5, end_day=6, serious=1), event(2, "Rash", -3), event(10, "Cold", 7)]
    found = cohort([PAIR] * 3, patients=[patient(1), patient(2), patient(10)], adverse_events=events)
    listed = safety_shown.event_listing_table(found)
    assert [row[1] for row in listed.rows] == ["Rash (before the first dose)", "a \\| b", "Cold"]
    assert [row[0][:4] for row in listed.rows] == ["P002", "P002", "P010"]  # in every row, whatever page it comes to stand on
    assert listed.rows[1][2:6] == ["5", "6", "2", "mild, **serious**"]
    assert listed.rows[0][3:5] == ["ongoing", ""]
    assert "No event was recorded in 1 patient: P001." in listed.notes


# --- sentences ----------------------------------------------------------------------------------------------


def told(size=24, weeks=(26.0, 26.0), having=0, events=0, eyes=0, serious=0, stopped=0, ages=(7.0, 15.0)) -> Words:
    """Words on hand-made results: how many patients had an event, conjunctivitis (an episode each), a serious one, or stopped."""

    def family(variable, **more):
        return Family("safety", variable, more.pop("unit", "patients"), size, **more)

    rows = Family("population", "age_years", "years", size).summary(ages, ("min", "max"))
    rows += family("follow_up", unit="weeks").summary(weeks, ("median", "min", "max"))
    years = size * sum(weeks) / len(weeks) / 52.18
    rows += [family(each).row("patient_years", lambda: years) for each in ("follow_up", "treated")]
    kinds = {"any_event": (having, events), "conjunctivitis": (eyes, eyes), "serious_event": (serious, serious),
             "discontinued_for_event": (stopped, stopped)}  # fmt: skip
    for variable, (n, count) in kinds.items():
        rows += [*family(variable).proportion(n, size), family(variable).count("events", count)]
        first = family(variable, method="first_event")
        rows += [first.row("rate", lambda n=n: 100 * n / years), *first.interval(lambda: (1.0, 2.0))]
    for kind, n in (("given", 7 * size), ("missed", 0)):
        rows += Family("exposure", "doses", "doses", 7 * size, method=kind).proportion(n, 7 * size)
    return Words(Results(rows))


def plain_text(text):
    return re.sub(r"<[^>]*>|\\", "", text).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(("words", "sentence"), [
    (told(), "No adverse event was recorded (@tbl-events). A count of zero does not exclude events: a proportion of up to 14.2 %"),
    (told(having=3, events=5, eyes=1, serious=1, stopped=1),
     "3 of 24 children (12.5 %; 95 % CI 2.7 to 32.4 %) had at least one adverse event, 5 events in all (@tbl-events). "
     "1 of 24 children (4.2 %; 95 % CI 0.1 to 21.1 %) had conjunctivitis. 1 of 24 children (4.2 %; 95 % CI 0.1 to 21.1 %) had a "
     "serious event. 1 child stopped dupilumab because of an adverse event (95 % CI 0.1 to 21.1 %)."),
    (told(having=24, events=24, ages=(20, 60)), "All 24 adults (95 % CI 85.8 to 100.0 %) had at least one adverse event (@tbl"),
    (told(having=24, events=24), "Nobody (95 % CI 0.0 to 14.2 %) had conjunctivitis."),
    (told(having=24, events=24), "Nobody stopped dupilumab because of an adverse event (95 % CI 0.0 to 14.2 %). A count of zero"),
    (told(1, having=1, events=1), "The child had at least one adverse event (@tbl-events). Nobody had conjunctivitis."),
])  # fmt: skip
def test_events_are_told_with_their_numbers_and_none_is_a_word(words, sentence):
    assert sentence in plain_text(safety_shown.events_paragraph(words))


@pytest.mark.parametrize(("words", "sentence"), [
    (told(1), "The child was followed for 26.0 weeks."),
    (told(), "Every child was followed for 26.0 weeks, 12.0 patient-years in all."),
    (told(weeks=(10.0, 20.0), ages=(30, 40)), "Adults were followed for a median of 15.0 weeks (range 10.0 to 20.0), 6.9 patient-"),
])  # fmt: skip
def test_follow_up_has_a_range_only_if_it_differs(words, sentence):
    assert plain_text(safety_shown.follow_up_sentence(words)).startswith(sentence)


@pytest.mark.parametrize(("words", "said", "unsaid"), [
    (told(having=3, events=3, eyes=1), "first events is 25.1 per 100 patient-years for any event (95 % CI 1.0 to 2.0) and 8.4", "zz"),
    (told(having=3, events=3), "for any event (95 % CI 1.0 to 2.0).", "conjunctivitis"),
    (told(), "each child once", "The rate of first events is"),
    (told(1, having=1, events=1), "each child once", "The rate of first events is"),
])  # fmt: skip
def test_a_rate_stands_in_a_sentence_from_five_patient_years_on(words, said, unsaid):
    text = plain_text(safety_shown.rates_paragraph(words))
    assert said in text and unsaid not in text


@pytest.mark.parametrize(("words", "end"), [
    (told(), "168 doses given, none missed; no adverse event."),
    (told(having=1, events=1, eyes=1), "; 1 adverse event in 1 child, conjunctivitis."),
    (told(having=1, events=1), "; 1 adverse event in 1 child, no conjunctivitis."),
    (told(having=2, events=3), "; 3 adverse events in 2 children, none of them conjunctivitis."),
])  # fmt: skip
def test_the_alternative_text_of_the_cohort_counts_in_words(words, end):
    assert cohort_shown.alt_every_patient(words.results, 26).endswith(end)


def test_the_drug_is_that_of_the_protocol(monkeypatch):
    monkeypatch.setattr(safety_shown, "DRUG", Drug("tralokinumab", "binds interleukin 13"))
    words = told(having=3, events=5)
    for text in (
        safety_shown.events_paragraph(words), safety_shown.special_interest_sentence(), safety_shown.kinds_sentence(words)
    ):  # fmt: skip
        assert "tralokinumab" in text and "dupilumab" not in text
        assert isinstance(text, Markdown), "plain text would show its references as they are written"


def test_events_are_told_to_be_coded_only_where_a_dictionary_is_named():
    coded = safety_shown.coding_sentence(told(having=1, events=1), "MedDRA 27.1")
    assert "coded in MedDRA 27" in coded and "preferred term" in coded
    assert "as they were recorded" in safety_shown.coding_sentence(told(having=1, events=1), "")
    assert safety_shown.coding_sentence(told(), "MedDRA 27.1") == ""


def test_without_an_event_nothing_is_announced():
    assert safety_shown.kinds_sentence(told()) == "Without an event there is nothing to sort."
    assert "@tbl" not in safety_shown.listing_sentence(cohort([PAIR]), CHILDREN)
    found = cohort([PAIR], adverse_events=[event(1, "Rash", -3)])
    assert safety_shown.listing_sentence(found, CHILDREN) == "@tbl-listing lists every event, child by child."


def test_a_long_list_of_patients_without_events_is_their_number():
    found = cohort([PAIR] * 40, adverse_events=[event(1, "Rash", 3)])
    assert "No event was recorded in 39 adults." in safety_shown.event_listing_table(found, ADULTS).notes
