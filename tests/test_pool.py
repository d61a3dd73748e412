"""`study pool`: cuts of several clinics become one, or nothing happens and everything that is wrong is said."""

import csv
import itertools
import math
import re
import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from conftest import SHIPPED_CUT
from copies import copied, study
from example_tables import cohort, design, patient
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import optimize, stats

from analysis import sites_shown
from analysis.compute import compute
from analysis.core.design import Tables
from analysis.core.heterogeneity import NotEstimable, between_group_sd, fisher_freeman_halton_p, pearson_p
from analysis.core.results import WITHHELD, Results
from analysis.core.words import Words
from analysis.disclosure import report_ids, without_small_counts
from analysis.sites import NUMBER, sites
from expectations.gate import read_tables
from protocol.columns import TABLES
from protocol.population import PATIENTS
from study.errors import UsageError

NOTHING: dict = {}
BAD = {"iga": 4, "easi": 40}


def part_of(folder: Path, numbers: Collection[int], cut: Path = SHIPPED_CUT, site: str | None = None) -> Path:
    """A clinic's cut: those patients of another one who have these numbers."""
    folder.mkdir(parents=True)
    ids = {f"P{number:03}" for number in numbers}
    for table in TABLES:
        with (cut / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        rows = [row for row in rows if row[0] in ids]
        if table == "patients" and site is not None:
            header, rows = [*header, "site"], [[*row, site] for row in rows]
        with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])
    shutil.copyfile(cut / "cut.yml", folder / "cut.yml")
    return folder


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


# --- the numbers ----------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=50)
@given(some.lists(some.tuples(some.integers(0, 5), some.integers(0, 5)), min_size=2, max_size=4))
def test_the_exact_test_goes_through_every_table(groups):
    responders, patients = [x for x, _ in groups], [x + y for x, y in groups]
    if sum(size > 0 for size in patients) < 2 or sum(responders) in (0, sum(patients)):
        with pytest.raises(NotEstimable):
            fisher_freeman_halton_p(responders, patients)
        return
    weights = {
        table: math.prod(map(math.comb, patients, table))
        for table in itertools.product(*(range(size + 1) for size in patients))
        if sum(table) == sum(responders)
    }
    as_rare = sum(weight for weight in weights.values() if weight <= weights[tuple(responders)])
    assert fisher_freeman_halton_p(responders, patients) == pytest.approx(as_rare / sum(weights.values()), rel=1e-12)


def test_two_groups_are_fishers_test_and_many_patients_pearsons():
    assert fisher_freeman_halton_p([9, 3], [10, 11]) == pytest.approx(stats.fisher_exact([[9, 1], [3, 8]]).pvalue)
    assert pearson_p([30, 45, 20], [60, 60, 50]) == pytest.approx(
        stats.chi2_contingency([[30, 45, 20], [30, 15, 30]], correction=False).pvalue
    )
    for method, numbers in ((fisher_freeman_halton_p, ([900, 500], [2000, 1000])), (pearson_p, ([1, 2], [3, 4]))):
        with pytest.raises(NotEstimable):
            method(*numbers)


@pytest.mark.parametrize("responders, patients", [([2, 9, 5, 1], [10] * 4), ([20, 12, 3], [22, 30, 9]), ([60, 90, 5], [100, 100, 7])])
def test_the_spread_between_groups_is_where_the_likelihood_of_scipy_is_largest(responders, patients):
    def cost(logs) -> float:
        return -stats.betabinom.logpmf(responders, patients, *map(math.exp, logs)).sum()

    a, b = map(math.exp, optimize.minimize(cost, (0, 0), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13}).x)
    sd, low, high = between_group_sd(responders, patients)
    assert sd == pytest.approx(100 * math.sqrt(a * b / (a + b + 1)) / (a + b), rel=1e-5) and low < sd < high


def test_a_spread_that_cannot_be_told_has_a_reason():
    for responders, patients, why in [
        ([1, 2], [5, 5], "needs 3 groups"), ([1, 0, 1], [1, 1, 1], "two patients and more"), ([5, 5], [5, 5], "the same outcome"),
        ([5, 0, 5], [5, 5, 5], "within every group"),
    ]:  # fmt: skip
        with pytest.raises(NotEstimable, match=why):
            between_group_sd(responders, patients)
    assert between_group_sd([5, 5, 5], [10, 10, 10])[:2] == (0, 0)


# --- the rows and the words -----------------------------------------------------------------------------------


def of_sites(codes: str, responding: str, **settings) -> Results:
    """Results of one patient for each letter: its site, and whether he responds (1) or not (0)."""
    pairs = [(NOTHING, NOTHING if each == "1" else BAD) for each in responding]
    patients = [patient(number, site=code) for number, code in enumerate(codes, 1)]
    return Results(sites(cohort(pairs, patients=patients, labs=[]), design(**settings)))


def test_sites_add_up_and_nothing_is_said_of_one():
    results = of_sites("AAAABBBBBCCC", "110111111000")
    assert [results[f"sites.iga_0_1_{site}.w26.nri.{part}"].value for site in "abc" for part in "nN"] == [3, 4, 5, 5, 0, 3]
    assert [results[f"sites.enrolled_{site}.n"].value for site in "abc"] == [4, 5, 3] and results[NUMBER].value == 3
    assert results["sites.iga_0_1_b.w26.nri.ci_low"].value == pytest.approx(100 * stats.beta.ppf(0.025, 5, 1))
    assert [results[f"sites.iga_0_1.w26.nri.{end}"].value for end in ("lowest", "highest")] == [0, 100]
    said = [sites_shown.spread_sentences(Words(of_sites("AABB", each)), 26).split(" (")[0] for each in ("1010", "1011")]
    assert [re.sub(r"<[^>]*>|\\", "", each) for each in said] == [
        "IGA 0/1 was reached by 50.0 % of the patients of each site",
        "IGA 0/1 was reached by 50.0 to 100.0 % of the patients of a site",
    ]
    for codes in ("AAAAA", ["", "", "", "", ""]):
        none = of_sites(codes, "11011")
        assert not none and sites_shown.enrolled_sentence(Words(none)) == sites_shown.spread_sentences(Words(none), 26) == ""


def test_a_small_site_keeps_back_all_that_is_said_of_sites(monkeypatch):
    results = of_sites("AAAAAABBBBBBBB", "11011111100001")
    monkeypatch.setattr(Words, "who", PATIENTS)
    whole = without_small_counts(results, "us")
    assert [row.id for row in whole.values() if row.reason != WITHHELD] == [NUMBER]  # 5 of 6, but 4 of 8
    assert whole["sites.enrolled_a.n"].value is None and not sites_shown.shown(whole)
    said = sites_shown.enrolled_sentence(Words(whole))
    assert "2</span> sites" in said and "not shown" in said and "6" not in said
    assert sites_shown.spread_sentences(Words(whole), 26) == ""
    large = of_sites("AAAAAABBBBBB", "111110111111")
    assert without_small_counts(large, "us") == large
    assert "A and " in sites_shown.enrolled_sentence(Words(large)) and "83\\.3" in sites_shown.spread_sentences(Words(large), 26)


def test_the_site_changes_no_id_of_the_report(shipped):
    tables = replace(shipped.tables, patients=shipped.tables.patients.assign(site="KIEL"))
    assert report_ids(tables) == report_ids(shipped.tables)


# --- the command ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clinics(tmp_path_factory) -> Path:
    """A copy of the repository and beside it the shipped cut in three parts."""
    place = tmp_path_factory.mktemp("clinics")
    for name, numbers in (("kiel", range(1, 12)), ("bonn-1", range(12, 20)), ("ulm", range(20, 28))):
        part_of(place / name, numbers)
    with (place / "ulm" / "cut.yml").open("a", encoding="utf-8") as file:
        file.write("imputed:\n- {file: adverse_events.csv, line: 2, column: start_day, flag: D, rule: first}\n")
    return copied(place)


def test_pooled_parts_are_the_whole(clinics, shipped):
    done = study(clinics, "pool", "../kiel", "../bonn-1", "../ulm", "--cut", "three", "--label", "Three clinics")
    assert done.returncode == 0 and done.stdout == "", done.stderr
    assert 'cut: "three"' in (clinics / "study.yml").read_text("utf-8") or "cut: three" in (clinics / "study.yml").read_text("utf-8")
    patients = pd.read_csv(clinics / "data/cuts/three/patients.csv", dtype=str)
    assert list(patients["patient_id"][[0, 11, 26]]) == ["P1001", "P2012", "P3027"] and patients["patient_id"].is_unique
    assert list(patients["site"].unique()) == ["KIEL", "BONN-1", "ULM"]
    events = [pd.read_csv(folder / "adverse_events.csv") for folder in (clinics.parent / "kiel", clinics.parent / "bonn-1")]
    told = (clinics / "data/cuts/three/cut.yml").read_text("utf-8")
    assert f"line: {2 + sum(map(len, events))}\n" in told and told.count("sha256: ") == 3 and "ids: P2000" in told

    found = compute(Tables.of(read_tables(clinics / "data/cuts/three")), shipped.design)
    assert {row.id for row in found.values() if row.section != "sites"} == set(shipped.results)
    for row in shipped.results.values():
        assert (found[row.id].written, found[row.id].n, found[row.id].display) == (row.written, row.n, row.display), row.id
    assert found[NUMBER].value == 3


def test_all_that_stands_in_the_way_is_said_at_once_and_nothing_changes(clinics, tmp_path):
    clinical = part_of(tmp_path / "kiel", range(10, 14))
    replace_in(clinical / "cut.yml", "kind: reconstructed", "kind: clinical")
    broken = part_of(tmp_path / "broken", range(20, 25))
    replace_in(broken / "patients.csv", "P021,", "P021,x")
    weeks = part_of(tmp_path / "9", range(1, 9))
    replace_in(weeks / "visits.csv", "P001,8,", "P001,12,")
    with (weeks / "cut.yml").open("a", encoding="utf-8") as file:
        file.write("imputed:\n- {file: adverse_events.csv, line: 999, column: start_day, flag: D, rule: first}\n")
    before = {path: path.read_bytes() for path in [clinics / "study.yml", *(clinics / "data/cuts").rglob("*.*")]}
    done = study(clinics, "pool", "../kiel", clinical, broken, weeks, "--cut", "four")
    assert done.returncode == 1, done.stderr
    said = done.stderr
    assert "broken/patients.csv line 3: sex is" in said and "kiel/cut.yml: the kind is clinical" in said
    assert "the site KIEL is in" in said and "patient P010 is recorded like patient P010" in said and "'9' is no code" in said
    assert "9/cut.yml: imputed names line 999 of adverse_events.csv" in said
    assert "week 12 is not planned" in said and "9/patients.csv: patient P008" in said and "nothing has changed" in said
    assert before == {path: path.read_bytes() for path in [clinics / "study.yml", *(clinics / "data/cuts").rglob("*.*")]}
    wrong = study(clinics, "pool", "../kiel", "../kiel", "../nowhere", "--site", "A")
    assert wrong.returncode == 2 and "nowhere is no data cut" in wrong.stderr
    assert "more than once" in wrong.stderr and "--site is given 1 times for 3" in wrong.stderr


@pytest.mark.parametrize(
    "names, said",
    [
        ({"name": "Four"}, "'Four' is no name for a cut"), ({"name": SHIPPED_CUT.name}, "exists already"),
        ({"name": "four", "replace_old": True}, "nothing to replace"),
        ({"name": "four", "previous": "nowhere"}, "--previous names the previous cut nowhere, no other cut"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_is_told_before_anything_is_checked(tmp_path, monkeypatch, shipped, names, said):
    from study import pool

    monkeypatch.setattr(pool, "examined", lambda *_: pytest.fail("a gate has run"))
    with pytest.raises(UsageError, match=re.escape(said) + ".*; nowhere is no data cut"):
        pool.pool([part_of(tmp_path / "kiel", range(1, 3)), "nowhere"], settings=shipped.settings, **names)


def test_what_an_earlier_try_left_is_in_nobodys_way(tmp_path, monkeypatch, shipped):
    from study import pool

    monkeypatch.setattr(pool.scratch, "folder", lambda: tmp_path)
    monkeypatch.setattr(pool, "add", lambda folder, *_, **__: sorted(path.name for path in folder.iterdir()))
    (tmp_path / "pooled").mkdir()
    cuts = [part_of(tmp_path / name, numbers) for name, numbers in (("kiel", range(1, 5)), ("ulm", range(5, 9)))]
    for _ in range(2):
        assert pool.pool(cuts, "two", shipped.settings) == sorted(["cut.yml", *(f"{table}.csv" for table in TABLES)])
