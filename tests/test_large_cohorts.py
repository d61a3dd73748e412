"""What is done at once for many rows gives what its definition gives row by row, and a cohort of some thousand passes in seconds."""

import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from example_tables import design
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.core import sizes
from analysis.core.design import Tables
from analysis.core.kaplan_meier import kaplan_meier
from analysis.core.lines import Lines
from analysis.core.statistics import hodges_lehmann
from analysis.exposure import child_exposure, dose_conformity
from expectations.gate import check, read_tables
from protocol import treatment
from protocol.decimals import scaled
from protocol.scores import fell_by_percent
from study.settings import load_settings

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))
import cohort  # noqa: E402

PARAMETERS = load_settings().gate_parameters()
tenths = st.integers(-720, 720).map(lambda tenth: tenth / 10)
unhurried = settings(deadline=None)  # the first example pays for imports
any_number = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 6))


@unhurried
@given(st.lists(st.one_of(tenths, any_number), min_size=1, max_size=60))
def test_hodges_lehmann_is_the_median_of_all_walsh_averages(values):
    array = np.sort(np.array(values))
    first, second = np.triu_indices(len(array))
    assert hodges_lehmann(values) == float(np.median((array[first] + array[second]) / 2))


def test_hodges_lehmann_of_many_different_values_takes_no_table_of_pairs():
    values = np.random.default_rng(1).normal(-20, 5, 200_000)  # of all pairs: 160 GB
    assert hodges_lehmann(values) == pytest.approx(-20, abs=0.1)


@unhurried
@given(
    st.lists(st.tuples(st.decimals(0, 72, places=1), st.decimals(0, 72, places=2)), max_size=20),
    st.sampled_from([35, 50, 75, 90, 100]),
)
def test_a_fall_is_decided_as_in_exact_fractions(pairs, percent):
    start, now = (pd.Series([float(pair[side]) for pair in pairs], dtype=float) for side in (0, 1))
    wanted = [None if not a else Fraction(b) * 100 <= Fraction(a) * (100 - percent) for a, b in pairs]
    assert [None if pd.isna(each) else bool(each) for each in fell_by_percent(start, now, percent)] == wanted


def test_decimals_beyond_64_bits_stay_exact():
    (values,) = scaled(pd.Series([123456789.123456789, 0.1, None]))
    assert values.tolist() == [int(Decimal(str(123456789.123456789)).scaleb(8)), 10_000_000, 0]


@unhurried
@given(st.sets(st.integers(2, 5_000)), st.booleans())
def test_lines_keep_what_they_were_given(numbers, far):
    numbers = {*numbers, 9_000_000} if far else numbers
    lines = Lines.of(sorted(numbers, reverse=True))
    assert lines == tuple(sorted(numbers)) and len(lines) == len(numbers)
    assert Lines.read(lines.written()) is lines  # the same lines are kept once


@unhurried
@given(st.lists(st.tuples(st.integers(1, 8), st.booleans()), min_size=1, max_size=30), st.integers(0, 9))
def test_kaplan_meier_counts_events_and_patients_at_risk(patients, time):
    times, happened = (np.array(each) for each in zip(*patients, strict=True))
    found = kaplan_meier(times, happened)
    ends = sorted({t for t, event in patients if event and t <= time})
    wanted = [(int(((times == end) & happened).sum()), int((times >= end).sum())) for end in ends]
    if found.at_risk(time) or (wanted and wanted[-1][0] == wanted[-1][1]):
        assert found._steps(time) == wanted


@pytest.fixture(scope="module")
def three_thousand(tmp_path_factory):
    """A cohort as CSV and the same as Parquet, with the verdict on the CSV."""
    folders = tmp_path_factory.mktemp("csv"), tmp_path_factory.mktemp("parquet")
    for folder, parquet in zip(folders, (False, True), strict=True):
        cohort.write(folder, 3_000, parquet=parquet)
    return *folders, check(folders[0], PARAMETERS)


def test_the_synthetic_cohort_passes_the_gate_with_warnings_that_are_listed_and_counted(three_thousand):
    *_, verdict = three_thousand
    assert verdict.valid and {finding.level for finding in verdict.findings} == {"warning"}
    missed = [finding for finding in verdict.findings if finding.rule == "planned-visit"]
    account = next(each for each in verdict.expectations if each["rule"] == "planned-visit")
    assert len(missed) == 100 and account["failed"] == 100 + sum(finding.more for finding in missed) > 400


def test_parquet_gives_the_values_and_types_of_csv(three_thousand):
    csv, parquet, _ = three_thousand
    for table, values in read_tables(parquet).items():
        pd.testing.assert_frame_equal(values.reset_index(drop=True), read_tables(csv)[table].reset_index(drop=True))


def test_the_first_patients_are_the_same_whatever_their_number(three_thousand):
    few = next(cohort.blocks(40))
    assert few["visits"].equals(next(cohort.blocks(90))["visits"].iloc[: len(few["visits"])])


def test_doses_are_held_to_the_label_as_one_by_one(three_thousand):
    csv, _, _ = three_thousand
    read = read_tables(csv)
    chosen = read["patients"]["patient_id"].iloc[:150]
    tables = Tables.of({name: table[table["patient_id"].isin(chosen)] for name, table in read.items()})
    for label in ("us", "eu"):
        how = design(label=label)
        found = dose_conformity(tables, how)
        children = tables.patients.set_index("patient_id")
        exposed = child_exposure(tables, how)
        for patient_id, own in found.groupby("patient_id"):
            allowed = treatment.regimens(label, children.at[patient_id, "age_years"], children.at[patient_id, "weight_kg"])
            previous, given_before = None, 0
            for dose in own.itertuples():
                was_given = dose.given == 1
                before = previous if was_given else None
                amount, days = treatment.expected(
                    allowed, dose.kind, dose.dose_mg, None if before is None else before.dose_mg, given_before
                )
                interval = None if before is None else dose.study_day - before.study_day
                on_time = interval is None or min(abs(interval - each) for each in days) <= how.dose_window_days
                assert dose.label_mg == amount and dose.conforming == (was_given and on_time and dose.dose_mg == amount)
                assert pd.isna(dose.interval_days) if interval is None else dose.interval_days == interval
                if was_given:
                    previous, given_before = dose, given_before + 1
            mg = own.loc[(own["given"] == 1) & (own["kind"] == "maintenance"), "dose_mg"].astype(float).tolist()
            assert exposed.at[patient_id, "regimen"] == treatment.in_use(allowed, mg)
            assert exposed.at[patient_id, "given"] == (own["given"] == 1).sum()


def test_a_table_that_is_there_twice_is_an_error_that_names_both(three_thousand, tmp_path):
    cohort.write(tmp_path, 5)
    cohort.write(tmp_path, 5, parquet=True)
    (finding, *_) = check(tmp_path, PARAMETERS).findings
    assert finding.rule == "file-twice" and "patients.csv and patients.parquet" in finding.message


def test_a_finding_in_parquet_names_file_row_and_column(tmp_path):
    cohort.write(tmp_path, 5, parquet=True)
    visits = pd.read_parquet(tmp_path / "visits.parquet")
    visits.loc[3, "easi"] = 99.5
    visits.to_parquet(tmp_path / "visits.parquet", index=False)
    (finding,) = (each for each in check(tmp_path, PARAMETERS).findings if each.level == "critical")
    assert (finding.file, finding.line, finding.column, finding.value) == ("visits.parquet", 4, "easi", "99.5")
    assert finding.message.startswith("visits.parquet row 4: easi is 99.5")


def test_a_damaged_parquet_file_is_told(tmp_path):
    cohort.write(tmp_path, 5, parquet=True)
    (tmp_path / "labs.parquet").write_bytes((tmp_path / "labs.parquet").read_bytes()[:-40])
    (finding,) = (each for each in check(tmp_path, PARAMETERS).findings if each.rule == "parquet-syntax")
    assert finding.file == "labs.parquet"


def test_the_short_chain_is_taken_beyond_its_threshold_alone():
    assert sizes.chain(sizes.MOST_IMPUTED_AT_LENGTH) is sizes.LONG_CHAIN
    assert sizes.chain(sizes.MOST_IMPUTED_AT_LENGTH + 1) is sizes.SHORT_CHAIN
