"""The results table: its form, and every id that the design lists recomputed from the CSV files without the
analysis.
"""

import csv
import io
import json
import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations_with_replacement
from statistics import median

import pytest
from example_tables import CUT, cohort, design, dose, event, ige, patient, shipped, tables_of, visit
from scipy import stats

from analysis.basis import published
from analysis.compute import compute
from analysis.core.results import COLUMNS, Result, Results, UnknownResult
from study.settings import load_published

WEEKS = (0, 4, 8, 16, 26)
SCORES = {"easi": "easi", "scorad": "scorad", "pruritus": "scorad_pruritus"}
RESPONSES = ("iga_0_1", "easi_50", "easi_75", "easi_90")
EVENTS = ("any_event", "conjunctivitis", "serious_event", "discontinued_for_event")
PROPORTION = ("n", "N", "percent", "ci_low", "ci_high")


# --- a second analysis, in plain Python ---------------------------------------------------------------------


def rows(table: str) -> list[dict[str, str]]:
    with (CUT / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def proportion(n: int, of: int) -> dict[str, float]:
    return {
        "n": n,
        "N": of,
        "percent": 100 * n / of,
        "ci_low": 100 * stats.beta.ppf(0.025, n, of - n + 1) if n else 0.0,
        "ci_high": 100 * stats.beta.ppf(0.975, n + 1, of - n) if n < of else 100.0,
    }


def part(ordered: list[Fraction], share: Fraction) -> Fraction:
    """Quantile of type 7."""
    place = share * (len(ordered) - 1)
    below = ordered[int(place)]
    return below + (place - int(place)) * (ordered[min(int(place) + 1, len(ordered) - 1)] - below)


def summary(values: list[Fraction]) -> dict[str, float]:
    ordered, centre = sorted(values), sum(values) / len(values)
    return {
        "n": len(values),
        "mean": centre,
        "sd": math.sqrt(sum((value - centre) ** 2 for value in values) / (len(values) - 1)),
        "median": part(ordered, Fraction(1, 2)),
        "q1": part(ordered, Fraction(1, 4)),
        "q3": part(ordered, Fraction(3, 4)),
        "min": ordered[0],
        "max": ordered[-1],
    }


def t_limits(values: list[float]) -> dict[str, float]:
    n, centre = len(values), sum(values) / len(values)
    error = math.sqrt(sum((value - centre) ** 2 for value in values) / (n - 1) / n)
    half = stats.t.ppf(0.975, n - 1) * error
    return {"ci_low": centre - half, "ci_high": centre + half}


def visits(column: str) -> dict[tuple[str, int], Fraction]:
    return {
        (row["patient_id"], int(float(row["week"]))): Fraction(row[column]) for row in rows("visits") if row[column]
    }


def responders(variable: str) -> tuple[set[str], set[str]]:
    """Patients with both values, and those of them who respond at week 26."""
    found = visits("iga" if variable == "iga_0_1" else "easi")
    both = {child for child, week in found if week == 0} & {child for child, week in found if week == 26}
    if variable == "iga_0_1":
        return both, {child for child in both if found[child, 26] <= 1 and found[child, 0] - found[child, 26] >= 2}
    share = Fraction(int(variable.removeprefix("easi_")), 100)
    return both, {child for child in both if found[child, 0] - found[child, 26] >= share * found[child, 0] > 0}


def changes(found: dict[tuple[str, int], Fraction], week: int = 26) -> list[Fraction]:
    return [found[child, week] - value for (child, at), value in found.items() if at == 0 and (child, week) in found]


def population() -> dict[str, float]:
    children = rows("patients")
    girls = [child["sex"] for child in children].count("F")
    ages = summary([Fraction(child["age_years"]) for child in children])
    return {
        "population.enrolled.n": len(children),
        "population.female.n": girls,
        "population.female.percent": 100 * girls / len(children),
    } | {f"population.age_years.{name}": ages[name] for name in ("mean", "sd", "median", "min", "max")}


def efficacy() -> dict[str, float]:
    children, expected = rows("patients"), {}
    stopped = {
        child["patient_id"]
        for child in children
        if child["discontinued_week"] and float(child["discontinued_week"]) <= 26
    }
    for variable in RESPONSES:
        both, responded = responders(variable)
        for method, n, of in (
            ("nri", len(responded - stopped), len(children)),
            ("observed", len(responded), len(both)),
        ):
            expected |= {f"efficacy.{variable}.w26.{method}.{name}": value for name, value in proportion(n, of).items()}
    for variable, column in SCORES.items():
        found = visits(column)
        for week in WEEKS:
            described = summary([value for (_, at), value in found.items() if at == week])
            expected |= {f"efficacy.{variable}.w{week}.observed.{name}": value for name, value in described.items()}
        change = changes(found)
        described = summary(change)
        averages = [(one + other) / 2 for one, other in combinations_with_replacement(change, 2)]
        shift = {name: described[name] for name in ("n", "mean", "sd")} | t_limits([float(value) for value in change])
        shift["hodges_lehmann"] = median(averages)
        shift["p_wilcoxon"] = stats.wilcoxon([float(value) for value in change]).pvalue
        expected |= {f"efficacy.{variable}_change.w26.paired.{name}": value for name, value in shift.items()}
    return expected


def biomarker() -> dict[str, float]:
    assert not [row for row in rows("labs") if row["qualifier"]], (
        "the expectations below are those of uncensored values"
    )
    found = {(row["patient_id"], int(row["week"])): Fraction(row["value"]) for row in rows("labs")}
    expected = {}
    for week in sorted({week for _, week in found}):
        values = [value for (_, at), value in found.items() if at == week]
        described = {name: summary(values)[name] for name in ("n", "mean", "median")}
        described["geometric_mean"] = math.exp(sum(math.log(value) for value in values) / len(values))
        expected |= {f"biomarker.total_ige.w{week}.observed.{name}": value for name, value in described.items()}
    change = changes(found)
    expected |= {
        f"biomarker.total_ige_change.w26.paired.{name}": value
        for name, value in {"n": len(change), "mean": sum(change) / len(change)}.items()
        | t_limits(list(map(float, change))).items()
    }
    logs = [
        math.log(found[child, 26] / value) for (child, at), value in found.items() if at == 0 and (child, 26) in found
    ]
    ratio = {"geometric_mean": sum(logs) / len(logs)} | t_limits(logs)
    return expected | {f"biomarker.total_ige_ratio.w26.paired.{name}": math.exp(value) for name, value in ratio.items()}


def safety() -> dict[str, float]:
    children = rows("patients")
    is_a = {
        "any_event": lambda row: True,
        "conjunctivitis": lambda row: row["term"].casefold() == "conjunctivitis",
        "serious_event": lambda row: row["serious"] == "1",
        "discontinued_for_event": lambda row: row["action"] == "discontinued",
    }
    expected = {
        "safety.follow_up.patient_years": sum(7 * float(child["last_contact_week"]) for child in children) / 365.25
    }
    for kind in EVENTS:
        for prefix, last_day in ((f"safety.{kind}", math.inf), (f"safety.{kind}.w26", 7 * 26 + 1)):
            found = [
                row for row in rows("adverse_events") if is_a[kind](row) and 1 <= int(row["start_day"]) <= last_day
            ]
            counted = proportion(len({row["patient_id"] for row in found}), len(children)) | {"events": len(found)}
            expected |= {f"{prefix}.{name}": value for name, value in counted.items()}
    return expected


def exposure() -> dict[str, float]:
    """Conforming doses under the US label, from its table alone."""
    given: dict[str, list[dict[str, str]]] = {}
    for row in sorted(rows("doses"), key=lambda row: int(row["study_day"])):
        if row["given"] == "1":
            given.setdefault(row["patient_id"], []).append(row)
    conforming = 0
    for child in rows("patients"):
        adult_dose = float(child["age_years"]) >= 18 or float(child["weight_kg"]) >= 60
        light = float(child["weight_kg"]) < 30 and not adult_dose
        loading, maintenance, interval = (600, 300, 14) if adult_dose else (600, 300, 28) if light else (400, 200, 14)
        doses = given.get(child["patient_id"], [])
        for before, row in zip([None, *doses], doses, strict=False):
            amount = loading if row["kind"] == "loading" else maintenance
            on_time = before is None or abs(int(row["study_day"]) - int(before["study_day"]) - interval) <= 3
            conforming += on_time and float(row["dose_mg"]) == amount
    total = sum(map(len, given.values()))
    counted = {"n": conforming, "N": total, "percent": 100 * conforming / total}
    return {f"exposure.doses.conforming.{name}": value for name, value in counted.items()}


# --- the shipped cut ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", [population, efficacy, biomarker, safety, exposure])
def test_values_are_those_of_a_second_analysis(section):
    results, expected = shipped()[2], section()
    assert len(expected) >= 3
    assert expected.keys() <= results.keys()
    found = {result_id: results[result_id].value for result_id in expected}
    assert found == {
        result_id: pytest.approx(float(value), rel=1e-9, abs=1e-10) for result_id, value in expected.items()
    }
    counts = {i: found[i] for i in found if i.rpartition(".")[2] in ("n", "N", "events")}
    assert all(type(value) is int for value in counts.values())


def test_every_id_of_the_design_is_there():
    listed = ["population.enrolled.n", "safety.follow_up.patient_years"]
    listed += [f"population.age_years.{name}" for name in ("mean", "sd", "median", "min", "max")]
    listed += [f"population.female.{name}" for name in ("n", "percent")]
    listed += [f"efficacy.{v}.w26.{m}.{name}" for v in RESPONSES for m in ("nri", "observed") for name in PROPORTION]
    listed += [f"efficacy.{v}.w{week}.observed.{name}" for v in SCORES for week in WEEKS
               for name in ("n", "mean", "sd", "median", "q1", "q3", "min", "max")]  # fmt: skip
    listed += [f"efficacy.{v}_change.w26.paired.{name}" for v in SCORES
               for name in ("n", "mean", "sd", "ci_low", "ci_high", "p_wilcoxon", "hodges_lehmann")]  # fmt: skip
    listed += [
        f"biomarker.total_ige.w{week}.observed.{name}"
        for week in (0, 26)
        for name in ("n", "mean", "median", "geometric_mean")
    ]
    listed += [f"biomarker.total_ige_change.w26.paired.{name}" for name in ("n", "mean", "ci_low", "ci_high")]
    listed += [f"biomarker.total_ige_ratio.w26.paired.{name}" for name in ("geometric_mean", "ci_low", "ci_high")]
    listed += [
        f"safety.{kind}{week}.{name}" for kind in EVENTS for week in ("", ".w26") for name in (*PROPORTION, "events")
    ]
    listed += [f"exposure.doses.conforming.{name}" for name in ("n", "N", "percent")]
    results = shipped()[2]
    assert [result_id for result_id in listed if result_id not in results or results[result_id].value is None] == []


def test_display_rounds_half_away_from_zero_to_the_decimals_of_its_kind():
    results = shipped()[2]
    for row in results.values():
        if row.value is None:
            assert row.display == "not estimable"
        elif row.statistic in ("p_wilcoxon", "p_exact", "p_likelihood_ratio"):
            assert row.display == ("p < 0.001" if row.value < 0.001 else f"p = {row.value:.3f}")
        elif type(row.value) is int:
            assert row.display == str(row.value)
        else:
            printed = row.display.replace("−", "-")
            step = Decimal(1).scaleb(-len(printed.partition(".")[2]))
            assert Decimal(printed) == Decimal(f"{row.value:.12g}").quantize(step, ROUND_HALF_UP), row.id
            if row.unit in ("percent", "points", "years"):
                whole = row.variable == "age_years" and row.statistic in ("min", "max")  # a recorded age, in completed years
                assert step == (1 if whole else Decimal("0.1")), row.id


def test_basis_is_published_for_what_is_held_and_assumed_for_the_rest():
    results, held = shipped()[2], load_published().held
    found = {row.id for row in results.values() if row.basis == "published"}
    assert found == published(results, design(kind="reconstructed", held=held)) > held
    assert {row.basis for row in results.values()} == {"published", "assumed"}


def test_basis_of_clinical_data_is_observed():
    results = compute(shipped()[0], design(held=load_published().held))
    assert {row.basis for row in results.values()} == {"observed"}


def test_every_row_tells_how_it_came_about_and_names_lines_that_exist():
    found, _, results = shipped()
    for row in results.values():
        assert row.how.endswith("."), row.id
        assert row.lines, row.id
        for table, lines in row.lines.items():
            assert set(lines) <= set(getattr(found, table).index), row.id


def test_lines_of_a_count_are_those_counted_and_of_its_share_all():
    results = shipped()[2]
    girls = tuple(line for line, row in enumerate(rows("patients"), 2) if row["sex"] == "F")
    assert results["population.female.n"].lines == {"patients": girls}
    assert len(results["population.female.percent"].lines["patients"]) == len(rows("patients"))
    eyes = tuple(line for line, row in enumerate(rows("adverse_events"), 2) if row["term"] == "Conjunctivitis")
    assert results["safety.conjunctivitis.events"].lines == {"adverse_events": eyes}
    at_26 = [line for line, row in enumerate(rows("visits"), 2) if row["week"] in ("0", "26")]
    assert results["efficacy.scorad_change.w26.paired.mean"].lines == {"visits": tuple(at_26)}


# --- the form -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def with_nulls() -> Results:
    return compute(cohort([({}, {})], labs=[ige(1, 0, 5000, ">"), ige(1, 26, 2, "<")]), design())


def test_json_is_a_list_of_objects_with_the_columns(with_nulls):
    for results in (shipped()[2], with_nulls):
        found = json.loads(results.to_json(), parse_constant=lambda word: pytest.fail(f"{word} in the JSON"))
        assert [row["id"] for row in found] == list(results)
        for row in found:
            assert tuple(row) == COLUMNS
            assert {
                "id",
                "section",
                "variable",
                "week",
                "method",
                "statistic",
                "value",
                "unit",
                "n",
                "basis",
                "display",
            } <= row.keys()
            for name in ("id", "section", "variable", "statistic", "unit", "basis", "display"):
                assert isinstance(row[name], str) and row[name], row
            assert type(row["n"]) is int and row["n"] >= 0
            assert row["week"] is None or type(row["week"]) is int
            assert row["method"] is None or row["method"] in {
                "nri",
                "observed",
                "paired",
                "mle",
                "given",
                "missed",
                "conforming",
                "lacking",
                "not_yet_late",
                "beyond",
                "locf",
                "worst_case",
                "best_case",
                "mi",
                "tipping",
                "bocf",
                "mixed_model",
                "unstructured",
                "toeplitz",
                "autoregressive",
                "heterogeneous_symmetry",
                "compound_symmetry",
                "turnbull",
                "composite",
                "kaplan_meier",
                "mid_p",
                "jeffreys",
                "bayes",
                "prediction",
                "geometric",
                "highest_baseline",
                "individual",
                "first_event",
                "all_events",
                "onset",
                "duration",
                "period",
                "related",
                "first_event_on_treatment",
                "all_events_on_treatment",
            }
            week = None if row["week"] is None else f"w{row['week']}"
            assert row["id"] == ".".join(
                filter(None, (row["section"], row["variable"], week, row["method"], row["statistic"]))
            )
            if row["value"] is None:
                assert row["reason"] and row["display"] == "not estimable"
            else:
                assert type(row["value"]) in (int, float) and row["reason"] is None
    assert [row for row in found if row["value"] is None], "the example has nulls"


def test_csv_says_the_same_as_json(with_nulls):
    for results in (shipped()[2], with_nulls):
        lines = list(csv.DictReader(io.StringIO(results.to_csv(), newline="")))
        texts = [
            {name: "" if cell is None else f"{cell}" for name, cell in row.items()}
            for row in json.loads(results.to_json())
        ]
        assert lines == texts
        assert "\r" not in results.to_csv() + results.to_json()


def test_unknown_id_names_the_nearest():
    results = shipped()[2]
    with pytest.raises(UnknownResult) as problem:
        results["efficacy.easi_75.w26.nri.procent"]
    assert "'efficacy.easi_75.w26.nri.procent'" in str(problem.value)
    assert "efficacy.easi_75.w26.nri.percent" in str(problem.value)
    with pytest.raises(UnknownResult, match=r"no result has the id '\?'$"):
        results["?"]
    assert "?" not in results


def row(**changed) -> Result:
    usual = {
        "section": "efficacy",
        "variable": "easi",
        "statistic": "mean",
        "value": 1.5,
        "unit": "points",
        "n": 3,
        "display": "1.5",
    }
    return Result(**(usual | changed))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_result_refuses_what_is_no_number(value):
    with pytest.raises(ValueError, match="not a number"):
        row(value=value)


def test_a_result_has_a_value_or_a_reason():
    with pytest.raises(ValueError, match="reason"):
        row(value=None)
    with pytest.raises(ValueError, match="reason"):
        row(reason="no values")
    assert row(value=None, reason="no values").value is None


def test_ids_are_unique_and_the_table_is_read_only():
    with pytest.raises(ValueError, match=r"two results have the id efficacy\.easi\.mean"):
        Results([row(), row()])
    with pytest.raises(TypeError):
        shipped()[2]["population.enrolled.n"] = row()


# --- censored IgE -------------------------------------------------------------------------------------------

CENSORED = [(1, 0, 900, ""), (1, 26, 300, ""), (2, 0, 5000, ">"), (2, 26, 2100, ""), (3, 0, 80, ""), (3, 26, 2, "<"),
            (4, 0, 400, ""), (4, 26, 250, ""), (5, 0, 1500, ""), (5, 26, 700, "")]  # fmt: skip


@pytest.fixture(scope="module")
def censored() -> Results:
    return compute(cohort([({}, {})] * 5, labs=[ige(*values) for values in CENSORED]), design())


@pytest.mark.parametrize("statistic", ["mean", "sd", "geometric_mean"])
def test_means_of_censored_values_are_null_and_point_to_the_likelihood(censored, statistic):
    for week in (0, 26):
        found = censored[f"biomarker.total_ige.w{week}.observed.{statistic}"]
        assert found.value is None
        assert "1 of 5 values are censored" in found.reason and "mle" in found.reason
        assert found.n == 5


def test_changes_and_ratios_of_censored_values_are_null(censored):
    names = [("change", name) for name in ("mean", "ci_low", "ci_high")] + [
        ("ratio", name) for name in ("geometric_mean", "ci_low", "ci_high")
    ]
    for variable, name in names:
        found = censored[f"biomarker.total_ige_{variable}.w26.paired.{name}"]
        assert found.value is None and "2 of 5 patients have a censored value" in found.reason
    assert censored["biomarker.total_ige_change.w26.paired.n"].value == 5


def test_likelihood_rows_lie_where_the_censored_values_pull(censored):
    at_limits = [math.log(value) for _, week, value, _ in CENSORED if week == 0]
    plugged_in = math.exp(sum(at_limits) / 5)
    found = censored["biomarker.total_ige.w0.mle.geometric_mean"]
    assert found.value > plugged_in, "a value above the limit counts for more than the limit"
    low, high = (censored[f"biomarker.total_ige.w0.mle.{limit}"].value for limit in ("ci_low", "ci_high"))
    assert low < found.value < high
    ratio = censored["biomarker.total_ige_ratio.w26.mle.geometric_mean"].value
    assert 0 < ratio < math.exp(sum(math.log(CENSORED[i + 1][2] / CENSORED[i][2]) for i in range(0, 10, 2)) / 5)


def test_order_statistics_are_given_where_censoring_leaves_no_doubt(censored):
    """Baseline: 80, 400, 900, 1500, >5000. Week 26: <2, 250, 300, 700, 2100."""
    assert [censored[f"biomarker.total_ige.w0.observed.{q}"].value for q in ("q1", "median", "q3")] == [400, 900, 1500]
    assert [censored[f"biomarker.total_ige.w26.observed.{q}"].value for q in ("q1", "median", "q3")] == [250, 300, 700]
    more = compute(cohort([({}, {})] * 2, labs=[ige(1, 0, 10), ige(2, 0, 50, ">")]), design())
    assert more["biomarker.total_ige.w0.observed.median"].reason == "lies among the censored values"


# --- conformity, due visits, events by hand -----------------------------------------------------------------


def conforming(doses, **settings) -> tuple[int, int]:
    how = design(**settings)
    found = tables_of(
        patients=[patient(1, weight_kg=45, age_years=12)], visits=[visit(1, 0)], labs=[ige(1, 0, 9)], doses=doses
    )
    results = compute(found, how)
    return tuple(results[f"exposure.doses.conforming.{name}"].value for name in ("n", "N"))


def day(study_day, **cells):
    return dose(1, study_day, *((400, "loading") if study_day == 1 else (200, "maintenance")), **cells)


def test_interval_counts_from_the_previous_given_dose():
    assert conforming([day(1), day(15), day(29)]) == (3, 3)
    assert conforming([day(1), day(18), day(29)]) == (3, 3), "3 days late, then 3 days short"
    assert conforming([day(1), day(19), day(29)]) == (1, 3), "4 days late, then 4 days short"
    assert conforming([day(1), day(19), day(29)], dose_window_days=4) == (3, 3)
    assert conforming([day(1), day(15, given=0), day(29)]) == (1, 2), "28 days since the last given dose"
    assert conforming([day(29), day(15), day(1)]) == (3, 3), "in any order of rows"


def test_amount_counts_from_the_first_dose_on():
    assert conforming([dose(1, 1, 600, "loading"), day(15)]) == (1, 2)
    assert conforming([day(1), dose(1, 15, 300)]) == (1, 2)


def test_interval_of_the_second_european_loading_dose():
    doses = [
        dose(1, 1, 300, "loading"),
        dose(1, 15, 300, "loading"),
        dose(1, 43, 300),
        dose(1, 71, 300),
        dose(1, 85, 300),
    ]
    found = tables_of(patients=[patient(1, age_years=10)], visits=[visit(1, 0)], labs=[ige(1, 0, 9)], doses=doses)
    results = compute(found, design(label="eu"))
    assert results["exposure.doses.conforming.n"].value == 4


def test_a_visit_is_due_until_the_last_contact():
    patients = [patient(1), patient(2, last_contact_week=26), patient(3, last_contact_week=25.9)]
    seen = [visit(1, 0), visit(2, 0), visit(3, 0), visit(1, 26)]
    results = compute(tables_of(patients=patients, visits=seen, labs=[ige(1, 0, 9)], doses=[dose(1, 1)]), design())
    assert [results[f"population.visit.w26.{name}"].value for name in ("n", "N")] == [1, 2]
    assert results["efficacy.easi_75.w26.nri.N"].value == 3, "the primary analysis counts everyone all the same"


def test_events_by_week_26_start_on_day_183_at_the_latest():
    events = [
        event(1, "Rash", 183),
        event(1, "rash", 184),
        event(2, "RASH ", 1, serious=1, action="discontinued"),
        event(2, "Rash", -1),
    ]
    results = compute(cohort([({}, {})] * 3, adverse_events=events), design())
    found = {
        name: results[f"safety.{name}"].value
        for name in ("any_event.n", "any_event.events", "any_event.w26.n", "any_event.w26.events")
    }
    assert found == {"any_event.n": 2, "any_event.events": 3, "any_event.w26.n": 2, "any_event.w26.events": 2}
    assert results["safety.term_rash.events"].value == 3
    assert results["safety.serious_event.n"].value == results["safety.discontinued_for_event.n"].value == 1
