"""The commands as other tools rely on them: exit status, what goes to which stream, messages."""

import csv
import io
import json
import os
import shlex
import subprocess
import sys

import pytest
from click.testing import CliRunner
from conftest import ROOT, SHIPPED_CUT, change_cell

from analysis.core.results import COLUMNS
from study.cli import main


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def test_valid_cut_is_valid_and_keeps_standard_output_empty():
    outcome = run("validate", "--data", SHIPPED_CUT)
    assert outcome.exit_code == 0
    assert outcome.stdout == ""
    assert "Week 26: valid" in outcome.stderr


def test_warnings_are_printed_and_do_not_change_the_status():
    outcome = run("validate", "--data", SHIPPED_CUT)
    assert "Warnings (" in outcome.stderr and "doses.csv line" in outcome.stderr


def test_one_wrong_cell_is_named_with_file_line_column_and_value(cut_copy):
    change_cell(cut_copy, "visits", 17, "easi", "84.2")
    outcome = run("validate", "--data", cut_copy)
    assert outcome.exit_code == 1
    assert "visits.csv line 17" in outcome.stderr and "easi" in outcome.stderr and "84.2" in outcome.stderr


def test_json_findings_have_the_contract_keys_and_are_all_there(cut_copy):
    change_cell(cut_copy, "visits", 17, "easi", "84.2")
    outcome = run("validate", "--data", cut_copy, "--json")
    findings = json.loads(outcome.stdout)
    keys = ["file", "line", "column", "value", "patient_id", "week", "level", "rule", "message"]
    assert all(list(finding) == keys for finding in findings)
    critical = [finding for finding in findings if finding["level"] == "critical"]
    assert [(f["file"], f["line"], f["column"], f["value"]) for f in critical] == [("visits.csv", 17, "easi", "84.2")]
    assert outcome.exit_code == 1


def test_findings_are_capped_with_a_count(cut_copy):
    path = cut_copy / "visits.csv"
    path.write_text(path.read_text("utf-8").replace(",4,", ",9,"), encoding="utf-8")
    outcome = run("validate", "--data", cut_copy)
    assert outcome.exit_code == 1 and "more in visits.csv" in outcome.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("validate", "--no-such-option"),
        ("validate", "--data", "no/such/folder"),
        ("results", "--format", "xml"),
        ("render", "--to", "html,odt"),
        ("render", "--engine", "word"),
        ("explain", "efficacy.easi_75.w26.nri.percnt"),
        ("compare", "week-26", "no-such-cut"),
        ("compare", "week-26"),
        ("nonsense",),
    ],
)
def test_wrong_usage_is_status_2_without_traceback(arguments):
    outcome = run(*arguments)
    assert outcome.exit_code == 2
    assert outcome.stdout == "" and outcome.stderr.strip()


@pytest.mark.parametrize(
    "text",
    [
        None,
        "label: [",
        "label: x\n",
        "- a list\n",
        "label: x\nextracted: soon\nkind: clinical\ndescription: x\nprevious: null\n",
        "label: x\nextracted: 2022-06-06\nkind: real\ndescription: x\nprevious: null\n",
        "label: x\nextracted: 2022-06-06\nkind: clinical\ndescription: x\nprevious: null\nextra: 1\n",
    ],
)
def test_bad_cut_yml_is_wrong_usage_and_names_the_file(cut_copy, text):
    path = cut_copy / "cut.yml"
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    outcome = run("validate", "--data", cut_copy)
    assert outcome.exit_code == 2 and "cut.yml" in outcome.stderr


@pytest.mark.parametrize("table", ["patients", "visits", "labs", "doses", "adverse_events"])
def test_missing_table_is_invalid_data(cut_copy, table):
    (cut_copy / f"{table}.csv").unlink()
    outcome = run("validate", "--data", cut_copy)
    assert outcome.exit_code == 1 and f"{table}.csv" in outcome.stderr


def test_folder_in_place_of_a_table_is_invalid_data(cut_copy):
    (cut_copy / "labs.csv").unlink()
    (cut_copy / "labs.csv").mkdir()
    outcome = run("validate", "--data", cut_copy)
    assert outcome.exit_code == 1 and "labs.csv" in outcome.stderr


def test_results_are_the_same_table_as_csv_and_json():
    as_csv = list(csv.DictReader(io.StringIO(run("results", "--data", SHIPPED_CUT).stdout)))
    as_json = json.loads(run("results", "--data", SHIPPED_CUT, "--format", "json").stdout)
    assert list(as_json[0]) == list(COLUMNS)
    assert [row["id"] for row in as_csv] == [row["id"] for row in as_json]
    assert [row["display"] for row in as_csv] == [row["display"] for row in as_json]


def test_results_of_invalid_data_print_nothing(cut_copy):
    change_cell(cut_copy, "patients", 5, "age_years", "7.5")
    outcome = run("results", "--data", cut_copy)
    assert outcome.exit_code == 1 and outcome.stdout == ""


def test_explain_names_method_file_lines_and_patients():
    outcome = run("explain", "safety.conjunctivitis.w26.n", "--data", SHIPPED_CUT)
    assert outcome.exit_code == 0
    with (SHIPPED_CUT / "adverse_events.csv").open(newline="", encoding="utf-8") as file:
        patients = {row["patient_id"] for row in csv.DictReader(file) if row["term"].lower() == "conjunctivitis"}
    assert "adverse_events.csv" in outcome.stdout and all(patient in outcome.stdout for patient in patients)


def test_unknown_result_names_the_nearest():
    outcome = run("explain", "efficacy.easi_75.w26.nri.percnt")
    assert "efficacy.easi_75.w26.nri.percent" in outcome.stderr


def test_compare_says_same_for_a_copy_and_names_every_difference(cut_copy):
    assert run("compare", "week-26", cut_copy).exit_code == 0
    # P001's EASI at week 4: shown with its results, and nothing of other scores moves.
    former = change_cell(cut_copy, "visits", 3, "easi", "11.1")
    outcome = run("compare", "week-26", cut_copy)
    assert outcome.exit_code == 1
    assert f"P001, week 4: easi was {float(former):g}, is 11.1" in outcome.stdout
    moved = [line.split(":")[0].strip() for line in outcome.stdout.splitlines() if line.startswith("  efficacy")]
    # The model of the course and the imputation use all visits, so their other weeks move with it.
    assert "efficacy.easi.w4.observed.mean" in moved
    assert all("easi" in result_id or ".mi." in result_id for result_id in moved), moved
    assert "scorad" not in outcome.stdout and "safety" not in outcome.stdout


def test_add_refuses_invalid_data_and_taken_names(cut_copy, tmp_path, monkeypatch):
    import study.add

    cuts, settings = tmp_path / "cuts", tmp_path / "study.yml"
    cuts.mkdir()
    settings.write_text("cut: week-26   # the cut\nlabel: us\n", encoding="utf-8")
    monkeypatch.setattr(study.add, "CUTS", cuts)
    monkeypatch.setattr(study.add, "SETTINGS", settings)
    assert run("add", cut_copy, "--cut", "../escape").exit_code == 2
    former = change_cell(cut_copy, "visits", 17, "easi", "84.2")
    assert run("add", cut_copy, "--cut", "week-30").exit_code == 1
    assert not list(cuts.iterdir()) and "week-26" in settings.read_text("utf-8")
    change_cell(cut_copy, "visits", 17, "easi", former)
    assert run("add", cut_copy, "--cut", "week-30").exit_code == 0
    assert sorted(path.name for path in (cuts / "week-30").iterdir()) == sorted(
        path.name for path in cut_copy.iterdir()
    )
    assert settings.read_text("utf-8") == "cut: week-30   # the cut\nlabel: us\n"
    assert run("add", cut_copy, "--cut", "week-30").exit_code == 2


def test_render_refuses_a_folder_that_holds_something_else(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work", encoding="utf-8")
    outcome = run("render", "--engine", "builtin", "--output", tmp_path)
    assert outcome.exit_code == 2 and "thesis" not in outcome.stderr
    assert (tmp_path / "thesis.docx").read_text("utf-8") == "years of work"


def test_render_into_a_file_is_wrong_usage(tmp_path):
    (tmp_path / "report").write_text("a file", encoding="utf-8")
    assert run("render", "--engine", "builtin", "--output", tmp_path / "report").exit_code == 2


def test_render_of_invalid_data_leaves_the_last_report(cut_copy, tmp_path):
    change_cell(cut_copy, "visits", 17, "easi", "84.2")
    outcome = run("render", "--engine", "builtin", "--data", cut_copy, "--output", tmp_path / "book")
    assert outcome.exit_code == 1 and not (tmp_path / "book").exists()


def test_verify_without_a_report_is_wrong_usage(tmp_path, monkeypatch):
    import study.paths

    monkeypatch.setattr(study.paths, "BOOK", tmp_path / "none")
    assert run("verify").exit_code == 2


@pytest.mark.skipif(os.name != "posix", reason="needs a shell and /dev/full")
@pytest.mark.parametrize(
    ("line", "status"),
    [("--help >/dev/full", 2), ("--help >&-", 2), ("--version 2>&-", 0), ("nonsense 2>/dev/full", 2), ("nonsense >&- 2>&-", 2)],
)
def test_streams_that_take_nothing_are_no_invalid_data_and_give_no_traceback(line, status):
    program = f"{shlex.quote(sys.executable)} -m study.cli {line}"
    done = subprocess.run(["sh", "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == status and "Traceback" not in done.stderr + done.stdout
    assert len(done.stderr.splitlines()) <= 1


ARGUMENTS = {"add": (str(ROOT),), "compare": ("a", "b"), "explain": ("a",), "line-numbers": ("a",), "pool": ("a", "b"),
             "take": (__file__,)}


@pytest.mark.parametrize("name", sorted(main.commands))
def test_help_names_the_status_of_what_the_machine_refuses(name, monkeypatch):
    def refused(context):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(main.commands[name], "invoke", refused)
    outcome = run(name, *ARGUMENTS.get(name, ()))
    text = " ".join(main.commands[name].help.split())
    names_three = "3 " in text.partition("Exit status")[2] or "as render" in text
    assert outcome.exit_code == (3 if names_three else 2) and "free some space" in outcome.stderr
    assert names_three or "machine refused" in text or "as validate" in text
