"""The suites on Spark find what they find on pandas, and say what they do not look at."""

import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
from click.testing import CliRunner
from conftest import change_cell
from cut_examples import PARAMETERS, write_valid_cut

from expectations import checkpoint
from expectations.across import across_frame
from expectations.derived import file_frame
from expectations.reading import read_text, typed
from protocol.columns import TABLES, columns
from study import lake
from study.cli import main
from study.errors import InvalidData
from study.settings import load_settings

FAULTS = [
    ("patients", 3, "sex", "m"), ("patients", 4, "patient_id", "P1"), ("patients", 5, "age_years", "eight"),
    ("patients", 6, "weight_kg", "0"), ("patients", 7, "prior_systemic_therapy", "n/a"),
    ("visits", 3, "iga", "1.5"), ("visits", 4, "easi", "72.1"), ("visits", 6, "week", "0"),
    ("visits", 8, "patient_id", "P999"), ("visits", 9, "patient_id", "P999"), ("visits", 10, "week", ""),
    ("labs", 3, "unit", "IU/mL"), ("labs", 4, "qualifier", "<="), ("doses", 3, "study_day", "1"),
    ("doses", 4, "given", "2"), ("doses", 5, "dose_mg", "1e3"), ("adverse_events", 3, "start_day", "0"),
    ("adverse_events", 4, "outcome", ""),
]  # fmt: skip


def said(*arguments: object) -> tuple[int, str]:
    outcome = CliRunner().invoke(main, list(map(str, arguments)))
    return outcome.exit_code, outcome.output


def test_what_is_absent_is_named(tmp_path, monkeypatch):
    status, text = said("validate", tmp_path)
    assert status == 2 and "--engine spark" in text
    status, text = said("validate", "--engine", "spark")
    assert status == 2 and "PLACE" in text
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    status, text = said("validate", "--engine", "spark", tmp_path)
    assert status == 2 and "pyspark is not installed" in text and "uv pip install" in text


def test_java_is_named_where_it_is_absent(tmp_path, monkeypatch):
    pytest.importorskip("pyspark", reason="pyspark is not installed (the extra spark)")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    status, text = said("validate", "--engine", "spark", tmp_path)
    assert status == 2 and "Java is not in" in text and "default-jre-headless" in text


def test_a_table_that_is_there_twice_is_told_over_spark_connect_too(tmp_path, monkeypatch):
    """With a stand-in for pyspark, so that it is looked at everywhere: a session of Spark Connect has no `sparkContext`."""
    class Absent(Exception):
        pass

    class Session(SimpleNamespace):
        def table(self, path, **_):
            if not Path(path).exists():
                raise Absent
            return mock.Mock(columns=columns(Path(path).stem))

    session = Session(stop=lambda: None)
    session.read = SimpleNamespace(csv=session.table, parquet=session.table)
    sql = SimpleNamespace(functions=mock.MagicMock(), SparkSession=SimpleNamespace(getActiveSession=lambda: session))
    errors = SimpleNamespace(AnalysisException=Absent)
    for name, module in (("pyspark", mock.Mock()), ("pyspark.sql", sql), ("pyspark.errors", errors)):
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setenv("SPARK_REMOTE", "sc://localhost")
    write_valid_cut(tmp_path, 2)
    (tmp_path / "visits.parquet").write_bytes(b"")
    (tmp_path / "doses.csv").unlink()
    with pytest.raises(InvalidData) as refused:
        lake.validate(str(tmp_path), load_settings())
    assert [(each.rule, each.file) for each in refused.value.findings] == [("file-twice", "visits.csv"), ("file-absent", "doses.csv")]
    assert "visits.csv and visits.parquet" in refused.value.findings[0].message


def on_pandas(cut: Path) -> dict[str, list[int | None]]:
    """The lines of each rule's failed rows, before a finding hides another one of the same cell."""
    texts = {table: read_text(cut, table).text for table in TABLES}
    frames = {table: file_frame(text, typed(text, table), table) for table, text in texts.items()}
    frames[checkpoint.ACROSS] = across_frame(frames, PARAMETERS)
    outcomes = checkpoint.run(frames, PARAMETERS)
    return {
        each.rule: [int(frames[each.suite]["line"].iloc[row]) for row in each.failed_rows]
        for each in outcomes if len(each.failed_rows) and not frames[each.suite]["line"].iloc[list(each.failed_rows)].isna().any()
    }  # fmt: skip


@pytest.mark.slow
def test_spark_finds_what_pandas_finds_and_draws_what_passes(tmp_path, monkeypatch):
    pytest.importorskip("pyspark", reason="pyspark is not installed (the extra spark)")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Java is not installed")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "2")
    spark = builder.getOrCreate()
    try:
        wrong = write_valid_cut(tmp_path / "wrong", 8)
        for fault in FAULTS:
            change_cell(wrong, *fault)
        settings = load_settings()
        monkeypatch.setattr(type(settings), "gate_parameters", lambda self: PARAMETERS)
        found = lake.validate(str(wrong), settings, tmp_path / "never")
        expected = {rule: lines for rule, lines in on_pandas(wrong).items() if rule in found.rules}
        assert len(expected) >= 15 and "patient-known" not in expected  # an id is wrong itself, so pandas asks no more
        by_rule: dict[str, list[int | None]] = {}
        for each in found.findings:
            by_rule.setdefault(each.rule, []).append(each.line)
        by_rule.pop("patient-known", None)
        assert by_rule == expected
        assert {rule: number for rule, number in found.failed.items() if rule != "patient-known"} == {
            rule: len(lines) for rule, lines in expected.items()
        }
        assert not found.valid and not (tmp_path / "never").exists()
        assert "baseline-visit" in found.unchecked and not set(found.rules) & set(found.unchecked)

        right = write_valid_cut(tmp_path / "right", 3)
        for table in TABLES:
            spark.read.csv(str(right / f"{table}.csv"), header=True).write.parquet(str(tmp_path / "lake" / f"{table}.parquet"))
        shutil.copyfile(right / "cut.yml", tmp_path / "lake" / "cut.yml")
        drawn = tmp_path / "drawn"
        passed = lake.validate(str(tmp_path / "lake"), settings, drawn)
        assert passed.valid and not passed.failed
        for name in (*(f"{table}.csv" for table in TABLES), "cut.yml"):
            text = (right / name).read_text("utf-8").replace(",site\n", "\n")
            assert (drawn / name).read_text("utf-8") == (text if name != "patients.csv" else text.replace(",\n", "\n"))
        assert any("NOT checked" in line and "baseline-visit" in line for line in lake.told(passed, "lake", drawn))
    finally:
        spark.stop()
