"""Pooling of results tables alone: what is pooled is what all rows together give, and what is not says why."""

import json
import math
from dataclasses import replace

import pytest
from example_tables import design, shipped
from hypothesis import given, settings
from hypothesis import strategies as some

from analysis.compute import compute
from analysis.core import statistics
from analysis.core.design import Tables
from analysis.core.families import Family
from analysis.core.results import COLUMNS, Results
from analysis.disclosure import without_small_counts
from analysis.pooling import pooled
from protocol.columns import TABLES
from study.errors import InvalidData, UsageError
from study.pool_results import pool_results

VALUES = some.lists(some.integers(1, 720).map(lambda tenths: tenths / 10), max_size=9)


def part(numbers) -> Tables:
    tables, _, _ = shipped()
    ids = {f"P{number:03}" for number in numbers}
    return Tables.of({name: getattr(tables, name)[getattr(tables, name)["patient_id"].isin(ids)] for name in TABLES})


@pytest.fixture(scope="module")
def parts() -> dict[str, Results]:
    """The shipped cut in three: a single child, and two groups."""
    _, how, _ = shipped()
    groups = {"a": [5], "b": range(6, 16), "c": [*range(1, 5), *range(16, 28)]}
    return {name: compute(part(numbers), how) for name, numbers in groups.items()}


def test_pooled_parts_are_the_results_of_the_whole(parts, tmp_path):
    _, _, whole = shipped()
    paths = []
    for name, table in parts.items():
        paths.append(tmp_path / f"{name}.{'json' if name == 'b' else 'csv'}")
        paths[-1].write_text(table.to_json() if name == "b" else table.to_csv(), encoding="utf-8")
    found = pool_results(paths)
    known = [row for row in found.values() if row.value is not None]
    for row in known:
        same = whole[row.id]
        assert row.value == pytest.approx(same.value, rel=1e-7, abs=1e-7), row.id
        assert (row.n, row.unit, row.display) == (same.n, same.unit, same.display), row.id
    assert len(known) > 2_000 and {row.statistic for row in known} >= {
        "n", "N", "percent", "ci_low", "ci_high", "mean", "sd", "min", "max", "geometric_mean", "patient_years", "rate", "events",
    }  # fmt: skip
    for end in ("efficacy.easi.w26.observed.median", "efficacy.easi_change.w26.paired.p_wilcoxon",
                "efficacy.easi_change.w26.mixed_model.mean", "subgroups.iga_0_1_ige_above_median.w26.nri.n",
                "exposure.on_treatment.w26.kaplan_meier.percent"):  # fmt: skip
        assert found[end].value is None and found[end].reason and found[end].display == "not estimable"
    assert "has no such result" in found["safety.term_nasopharyngitis.n"].reason or "safety.term_nasopharyngitis.n" in parts["a"]


@settings(deadline=None, max_examples=50)
@given(some.lists(VALUES, min_size=2, max_size=3))
def test_means_and_spreads_by_the_parallel_formula(groups):
    def rows(values, given_sd: bool) -> Results:
        plain = Family("x", "plain", "points", len(values), method="observed")
        logs = replace(plain, variable="ratio", method="geometric")
        wanted = ("mean", "sd", "min", "max") if given_sd else ("mean",)
        return Results(
            [
                *plain.summary(values, wanted), *plain.interval(lambda: statistics.t_interval(values)),
                logs.row("geometric_mean", lambda: statistics.geometric_mean(values)),
                *logs.interval(lambda: statistics.geometric_t_interval(values)),
            ]
        )  # fmt: skip

    everything = [value for values in groups for value in values]
    for given_sd in (True, False):
        found = pooled({f"part {number}": rows(values, given_sd) for number, values in enumerate(groups)})
        for row in found.values():
            whole = rows(everything, given_sd)[row.id]
            if row.value is None:
                # Without an SD, one follows from an interval, and equal values have none.
                assert row.reason and (whole.value is None or any(len(v) > 1 and len(set(v)) == 1 for v in groups))
            else:
                assert row.n == whole.n, row.id
                assert whole.value is None or row.value == pytest.approx(whole.value, rel=1e-6, abs=1e-6), row.id


def test_what_is_withheld_or_defined_otherwise_is_not_pooled(parts):
    hidden = without_small_counts(replace_all(parts["b"], "observed"), design().label)
    rows = pooled({"a": replace_all(parts["c"], "observed"), "b": hidden})
    held = next(row for row in hidden.values() if row.value is None and row.display == "<5")
    assert rows[held.id].value is None and rows[held.id].reason.startswith("b: a count of 1 to 4") and rows[held.id].n is None
    other = Results(replace(row, unit="patients seen") if row.id == "population.female.n" else row for row in parts["b"].values())
    row = pooled({"a": parts["c"], "b": other})["population.female.n"]
    assert row.value is None and "a: patients; b: patients seen" in row.reason


def replace_all(results: Results, basis: str) -> Results:
    return Results(replace(row, basis=basis) for row in results.values())


def test_what_is_no_table_of_results_is_said_all_at_once(parts, tmp_path):
    good, clinical, same, odd, other = (tmp_path / f"{name}.csv" for name in ("good", "clinical", "same", "odd", "other"))
    few = Results(list(parts["b"].values())[:5])
    good.write_text(few.to_csv(), encoding="utf-8")
    same.write_text(few.to_csv(), encoding="utf-8")
    clinical.write_text(replace_all(few, "observed").to_csv(), encoding="utf-8")
    header, first, second, *rest = few.to_csv().splitlines()
    odd.write_text("\n".join([header, first, first, second.replace(",10,", ",ten,"), "a,b", *rest]) + "\n", encoding="utf-8")
    other.write_text(json.dumps([{"id": "x"}]), encoding="utf-8")
    with pytest.raises(InvalidData) as problem:
        pool_results([good, clinical, same, odd, other])
    said = "\n".join(each.message for each in problem.value.findings)
    assert "same.csv: it is the same table as" in said and "are of two kinds" in said and "odd.csv line 3: this id has been" in said
    assert "odd.csv line 5: there are 2 cells" in said and "ten; it must be a" in said
    assert f"exactly the columns {', '.join(COLUMNS)}" in said
    with pytest.raises(UsageError, match="at least two"):
        pool_results([good])
    assert math.isclose(pooled({"a": few, "b": few})["population.enrolled.n"].value, 20)
