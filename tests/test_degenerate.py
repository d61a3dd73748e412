"""Cohorts at the edge of what can be computed: nothing crashes, nothing is NaN, and what cannot be known says why."""

import matplotlib
import pytest
from example_tables import (
    cohort,
    design,
    dose,
    event,
    ige,
    patient,
    report_tables,
    shipped,
    survives,
    tables_of,
    visit,
)

from analysis.compute import compute
from protocol.outcomes import MAIN, SCORES

NOTHING: dict = {}
BAD = {"iga": 4, "easi": 40}


def computed(found, how=None):
    """Results alone, where the pictures and tables would be those of another test."""
    return compute(found, how or design())


@pytest.fixture(autouse=True, scope="module")
def no_screen():
    matplotlib.use("Agg")


def test_shipped_cut_draws_without_a_warning():
    found, how, _ = shipped()
    survives(found, how)


def test_one_patient():
    results = survives(cohort([(NOTHING, NOTHING)]))
    assert results["efficacy.easi_75.w26.nri.n"].value == 1
    assert results["efficacy.easi_75.w26.nri.ci_low"].value == pytest.approx(2.5)
    change = "efficacy.scorad_change.w26.paired"
    assert results[f"{change}.mean"].value == -67.5
    assert results[f"{change}.p_wilcoxon"].value == 1
    for statistic in ("sd", "ci_low", "ci_high"):
        row = results[f"{change}.{statistic}"]
        assert (row.value, row.reason, row.display) == (None, "needs at least 2 values, has 1", "not estimable")
    assert "three" in results["biomarker.total_ige.w26.mle.geometric_mean"].reason
    assert results["biomarker.total_ige.w26.observed.geometric_mean"].value == pytest.approx(403)


def test_no_responder():
    results = survives(cohort([(NOTHING, BAD)] * 4))
    for variable in (response.id for response in MAIN):
        assert results[f"efficacy.{variable}.w26.nri.percent"].value == 0
        assert results[f"efficacy.{variable}.w26.nri.ci_low"].value == 0
        assert results[f"efficacy.{variable}.w26.nri.ci_high"].value == pytest.approx(100 * (1 - 0.025 ** (1 / 4)))
    row = results["efficacy.easi_change.w26.paired.p_wilcoxon"]
    assert (row.value, row.reason) == (None, "all differences are zero")
    assert results["efficacy.easi_change.w26.paired.hodges_lehmann"].value == 0


def test_everyone_responds():
    results = computed(cohort([(NOTHING, NOTHING)] * 5))
    for variable in (response.id for response in MAIN):
        assert results[f"efficacy.{variable}.w26.nri.percent"].value == 100
        assert results[f"efficacy.{variable}.w26.nri.ci_high"].value == 100
        assert results[f"efficacy.{variable}.w26.nri.ci_low"].value == pytest.approx(100 * 0.025 ** (1 / 5))


def test_identical_values_have_no_interval():
    results = survives(
        cohort([(NOTHING, NOTHING)] * 3, labs=[ige(n, w, 0.1) for n in (1, 2, 3) for w in (0, 26)]),
        pictures=["ige_pairs", "scorad_courses"],
    )
    assert results["efficacy.easi.w26.observed.sd"].value == 0
    assert results["efficacy.easi_change.w26.paired.ci_low"].reason == "all values are identical"
    assert results["biomarker.total_ige.w0.observed.sd"].value == 0
    assert results["biomarker.total_ige_ratio.w26.paired.geometric_mean"].value == 1
    assert results["biomarker.total_ige_ratio.w26.paired.ci_low"].reason == "all values are identical"
    assert "not all the same" in results["biomarker.total_ige.w0.mle.geometric_mean"].reason


def test_everything_missing_at_a_visit():
    empty = dict.fromkeys(("iga", "easi", "scorad_extent", "scorad_intensity", "scorad_pruritus", "scorad_sleep_loss",
                           "scorad", "tcs_use", "emollient_per_day"))  # fmt: skip
    results = survives(cohort([(NOTHING, empty)] * 3))
    assert results["population.visit.w26.n"].value == 3
    for variable in SCORES:
        assert results[f"efficacy.{variable}.w26.observed.n"].value == 0
        assert results[f"efficacy.{variable}.w26.observed.mean"].reason == "no values"
        assert results[f"efficacy.{variable}_change.w26.paired.p_wilcoxon"].reason == "no values"
    assert results["efficacy.easi_75.w26.nri.n"].value == 0
    assert results["efficacy.easi_75.w26.nri.N"].value == 3
    assert results["efficacy.easi_75.w26.observed.N"].value == 0
    assert results["efficacy.easi_75.w26.observed.percent"].reason == "no patients"
    assert results["efficacy.iga_grade_0.w26.observed.percent"].reason == "no patients"
    assert results["exposure.tcs_use.w26.observed.percent"].reason == "no patients"


def test_baseline_alone():
    how = {"last_contact_week": 0}
    results = survives(
        cohort(
            [(NOTHING, None)] * 2, patients=[patient(1, **how), patient(2, **how)], labs=[ige(1, 0, 5), ige(2, 0, 9)]
        )
    )
    assert results.weeks("efficacy", "easi") == [0, 26]
    assert results["population.visit.w26.N"].value == 0
    assert results["efficacy.easi_75.w26.nri.n"].reason == "no visit at week 26"
    assert results["efficacy.easi_75.w26.nri.N"].value == 2
    assert results["biomarker.total_ige_change.w26.paired.mean"].reason == "no visit at week 26"
    assert results["safety.follow_up.patient_years"].value == 0


def test_no_adverse_event_and_none_before_the_first_dose():
    results = survives(cohort([(NOTHING, NOTHING)] * 3), pictures=["every_patient"])
    for kind in ("any_event", "conjunctivitis", "serious_event", "discontinued_for_event"):
        for prefix in (f"safety.{kind}", f"safety.{kind}.w26"):
            assert (
                results[f"{prefix}.n"].value
                == results[f"{prefix}.events"].value
                == results[f"{prefix}.percent"].value
                == 0
            )
            assert results[f"{prefix}.ci_high"].value == pytest.approx(100 * (1 - 0.025 ** (1 / 3)))
    earlier = computed(cohort([(NOTHING, NOTHING)] * 3, adverse_events=[event(1, "Conjunctivitis", -3)]))
    assert earlier["safety.any_event.n"].value == 0


def test_conjunctivitis_alone_and_other_events_alone():
    assert (
        computed(cohort([(NOTHING, NOTHING)], adverse_events=[event(1, "CONJUNCTIVITIS")]))[
            "safety.conjunctivitis.n"
        ].value
        == 1
    )
    other = survives(
        cohort([(NOTHING, NOTHING)], adverse_events=[event(1, "Conjunctivitis allergic")]), pictures=["every_patient"]
    )
    assert (other["safety.conjunctivitis.n"].value, other["safety.any_event.n"].value) == (0, 1)


@pytest.mark.parametrize(("stopped", "counts"), [(25.9, False), (26, False), (26.1, True), (None, True)])
def test_stopping_at_or_before_the_week_is_no_response(stopped, counts):
    patients = [patient(1, discontinued_week=stopped, discontinuation_reason="moved", last_contact_week=30), patient(2)]
    results = survives(
        cohort([(NOTHING, NOTHING)] * 2, patients=patients), pictures=["every_patient"] if stopped == 26 else []
    )
    assert results["efficacy.iga_0_1.w26.nri.n"].value == 1 + counts
    assert results["efficacy.iga_0_1.w26.nri.N"].value == 2
    assert results["efficacy.iga_0_1.w26.observed.n"].value == 2
    assert results["population.discontinued.n"].value == (stopped is not None)


def test_baseline_easi_of_zero_cannot_fall():
    results = computed(cohort([({"easi": 0}, {"easi": 0}), (NOTHING, NOTHING)]))
    assert results["efficacy.easi_50.w26.observed.n"].value == 1
    assert results["efficacy.easi_50.w26.observed.N"].value == 2
    assert results["efficacy.easi_percent_change.w26.paired.n"].value == 1
    assert results["efficacy.easi_percent_change.w26.paired.mean"].value == -95
    assert results["efficacy.easi_percent_change.w26.paired.n"].lines == {"visits": (4, 5)}
    survives(cohort([({"easi": 0}, {"easi": 0})]), pictures=["easi_waterfall", "easi_courses"])


def test_easi_that_rises_without_bound():
    results = survives(cohort([({"easi": 0.1}, {"easi": 72}), (NOTHING, NOTHING)]), pictures=["easi_waterfall"])
    assert results["efficacy.easi_percent_change.w26.paired.max"].value == pytest.approx(71900)


def test_missing_baseline_iga_is_no_response_and_not_observed():
    results = computed(cohort([({"iga": None}, NOTHING), (NOTHING, NOTHING)]))
    assert results["efficacy.iga_0_1.w26.nri.n"].value == 1
    assert results["efficacy.iga_0_1.w26.nri.N"].value == 2
    assert results["efficacy.iga_0_1.w26.observed.N"].value == 1
    assert results["efficacy.easi_75.w26.observed.N"].value == 2


def test_missing_parts_of_scorad():
    results = computed(
        cohort([({"scorad_intensity": None}, {"scorad_pruritus": None, "scorad": None}), (NOTHING, NOTHING)])
    )
    assert results["efficacy.objective_scorad.w0.observed.n"].value == 1
    assert results["efficacy.objective_scorad.w26.observed.n"].value == 2
    assert results["efficacy.scorad.w26.observed.n"].value == 1
    assert results["efficacy.pruritus_change.w26.paired.n"].value == 1


def test_hostile_free_text_and_terms_that_share_a_slug():
    terms = ["headache", "headache!", "headache 2", "Headache", "<script>alert(1)</script>", "a | b", "# x\\", "*_`$",
             "головная боль", "\N{FACE WITH HEAD-BANDAGE}", "\N{HOT BEVERAGE}", "[link](http://x)",
             "{{< include x >}}", "x" * 300]  # fmt: skip
    patients = [patient(1, prior_systemic_therapy="| <b>", discontinued_week=25, discontinuation_reason='"`;--')]
    events = [event(1, term, 10 + day, system_organ_class=terms[-1 - day]) for day, term in enumerate(terms)]
    found = cohort([(NOTHING, NOTHING)], patients=patients, adverse_events=events)
    results = survives(found, pictures=["every_patient"])
    assert results["safety.any_event.events"].value == len(terms)
    counted = {
        key: row.value
        for key, row in results.items()
        if key.startswith("safety.term_headache") and row.statistic == "events" and row.week is row.method is None
    }
    assert sorted(counted.values()) == [1, 1, 2]
    assert (
        len([key for key in results if key.startswith("safety.term_") and key.endswith(".w26.events")])
        == len(terms) - 1
    )
    assert results["safety.term_unnamed.n"].value == results["safety.term_unnamed_2.n"].value == 1


def test_a_term_under_two_organ_classes_is_explained():
    events = [
        event(1, "Rash", system_organ_class="Skin"),
        event(1, "rash", 30, system_organ_class="Immune"),
        event(1, "Cold", 40),
    ]
    found = cohort([(NOTHING, NOTHING)], adverse_events=events)
    shown = report_tables(found, design(), compute(found, design()))["adverse_events"]
    assert any("Rash" in note for note in shown.notes) and not any("Cold" in note for note in shown.notes)
    assert [row[0].removeprefix("&emsp;") for row in shown.rows].count("Rash") == 2


def test_unplanned_visit_has_results_and_makes_nobody_absent():
    visits = [visit(n, week) for n in (1, 2) for week in (0, 26)] + [visit(1, 11)]
    results = survives(cohort([(NOTHING, NOTHING)] * 2, visits=visits), pictures=["patient_flow", "scorad_courses"])
    assert results.weeks("population", "visit") == [0, 26]
    assert results.weeks("efficacy", "easi") == [0, 11, 26]
    assert results["efficacy.easi.w11.observed.n"].value == 1


def test_later_planned_weeks_join():
    visits = [visit(1, week) for week in (0, 26, 39, 52)]
    results = survives(
        tables_of(patients=[patient(1, last_contact_week=52)], visits=visits, labs=[ige(1, 0, 10)], doses=[dose(1, 1)])
    )
    assert results.weeks("efficacy", "easi_75") == [26, 39, 52]
    assert results["efficacy.scorad.w52.observed.mean"].value == 9


def test_nobody_got_a_dose():
    results = survives(cohort([(NOTHING, NOTHING)], doses=[dose(1, 1, given=0)]), pictures=["every_patient"])
    assert results["exposure.doses.conforming.percent"].reason == "no doses"
    assert results["exposure.doses_per_patient.max"].value == 0


@pytest.mark.parametrize("week", [0, 26])
def test_ige_of_zero_has_no_logarithm_and_no_ratio(week):
    labs = [ige(n, w, 0 if (n, w) == (1, week) else 100 * n + w) for n in range(1, 5) for w in (0, 26)]
    results = survives(cohort([(NOTHING, NOTHING)] * 4, labs=labs), pictures=["ige_pairs"])
    level, ratio = f"biomarker.total_ige.w{week}", "biomarker.total_ige_ratio.w26"
    assert results[f"{level}.observed.mean"].value is not None
    assert results[f"{level}.observed.geometric_mean"].reason == "a value of 0 has no logarithm"
    assert results[f"{level}.mle.geometric_mean"].reason == "a value of 0 has no logarithm"
    for row in (f"{ratio}.paired.geometric_mean", f"{ratio}.paired.ci_low", f"{ratio}.mle.geometric_mean"):
        assert results[row].reason == "a value of 0 has no ratio"
    assert results["biomarker.total_ige_change.w26.paired.mean"].value is not None


def test_every_ige_is_censored():
    labs = [ige(n, week, limit, sign) for n in (1, 2, 3) for week, limit, sign in ((0, 5000, ">"), (26, 2, "<"))]
    results = survives(cohort([(NOTHING, NOTHING)] * 3, labs=labs), pictures=["ige_pairs"])
    assert "3 of 3 values are censored" in results["biomarker.total_ige.w0.observed.mean"].reason
    assert results["biomarker.total_ige.w0.observed.median"].reason == "lies among the censored values"
    assert "uncensored" in results["biomarker.total_ige.w0.mle.geometric_mean"].reason
    assert "3 of 3 patients" in results["biomarker.total_ige_change.w26.paired.mean"].reason


def test_ige_sampled_in_one_patient_at_one_visit():
    results = survives(cohort([(NOTHING, NOTHING)] * 3, labs=[ige(2, 16, 77)]), pictures=["ige_pairs"])
    assert results["biomarker.total_ige.w16.observed.mean"].value == 77
    assert results["biomarker.total_ige.w0.observed.n"].value == 0


def test_order_of_the_rows_changes_nothing():
    found, how, results = shipped()
    shuffled = {name: getattr(found, name).sample(frac=1, random_state=7) for name in found.__dataclass_fields__}
    again = computed(type(found).of(shuffled), how)
    assert {key: row.value for key, row in again.items()} == {key: row.value for key, row in results.items()}
