"""Every corruption of the catalogue is refused: exit status, file, line and column, no traceback, nothing half done."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from catalogue import CASES, Corruption
from click.testing import CliRunner
from conftest import ROOT, SHIPPED_CUT

from study.cli import main

SECONDS = 20
"""Of the processor, so that a busy machine fails nothing; far above what any case takes."""
QUICK = {
    "labs.csv is a pipe", "visits.csv is a link to an endless device", "doses.csv has an open quotation mark",
    "visits.csv has its header twice", "patients.csv column patient_id is renamed", "patients.csv age_years holds a decimal comma",
    "patients.csv prior_systemic_therapy holds a birth date", "doses.csv has a row twice", "cut.yml is a pipe",
    "cut.yml has label twice", "cut.yml grows without end", "labs.csv line 3 unit is IU/mL",
}  # fmt: skip


def test_the_catalogue_is_large_and_its_names_are_unique():
    names = [case.name for case in CASES]
    assert len(names) >= 150 and len(set(names)) == len(names)
    assert set(names) >= QUICK


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=() if case.name in QUICK else pytest.mark.slow, id=case.name) for case in CASES]
)
def test_a_corruption_is_refused_at_its_place(case: Corruption, cut_copy):
    case.change(cut_copy)
    before = _state(cut_copy)
    began = time.process_time()
    outcome = CliRunner().invoke(main, ["validate", "--data", str(cut_copy), "--json"])
    assert time.process_time() - began < SECONDS
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exc_info
    assert outcome.exit_code == case.status, outcome.stderr
    assert "Traceback" not in outcome.stderr and _state(cut_copy) == before
    if case.status == 2:
        assert outcome.stdout == "" and len(outcome.stderr.splitlines()) == 1
        wanted = [case.file, *([f"line {case.line}"] if case.line else []), *([case.column] if case.column else [])]
        assert all(each in outcome.stderr for each in wanted), outcome.stderr
        return
    level = "critical" if case.status else "warning"
    found = [each for each in json.loads(outcome.stdout) if each["level"] == level]
    places = [(each["file"], each["line"], (each["column"] or "").split(", ")) for each in found]
    assert any(
        file == case.file and case.line in (None, line) and (case.column is None or case.column in columns)
        for file, line, columns in places
    ), places
    assert all(each["message"].startswith(each["file"]) for each in found)


def _state(folder: Path) -> dict[str, object]:
    return {path.name: path.lstat().st_mtime_ns for path in folder.iterdir()}


THROUGH_THE_COMMAND = sorted(QUICK)[::2]


@pytest.mark.slow
@pytest.mark.parametrize("name", THROUGH_THE_COMMAND)
@pytest.mark.parametrize("has_report", [True, False], ids=["over a report", "for the first time"])
def test_render_leaves_the_report_as_it_was(name, has_report, cut_copy, tmp_path):
    """The real command in a process of its own; also with no report yet, which then is not begun."""
    (case,) = (case for case in CASES if case.name == name)
    case.change(cut_copy)
    book = tmp_path / "book"
    if has_report:
        (book / "chapters").mkdir(parents=True)
        for file in ("index.html", "provenance.json", "chapters/results.html"):
            (book / file).write_text("the last good report", encoding="utf-8")
    before = _sums(tmp_path / "book")
    command = [sys.executable, "-m", "study.cli", "render", "--engine", "builtin", "--data", cut_copy, "--output", book]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=200, env=os.environ | {"LC_ALL": "C"}
    )
    assert ended.returncode == case.status, ended.stderr
    assert ended.stdout == "" and "Traceback" not in ended.stderr and case.file in ended.stderr
    assert _sums(book) == before and book.exists() == has_report
    assert {path.name for path in tmp_path.iterdir()} <= {"book", "cut"}


def _sums(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_cut_that_is_corrupted_is_valid_itself(tmp_path):
    cut = shutil.copytree(SHIPPED_CUT, tmp_path / "cut")
    assert CliRunner().invoke(main, ["validate", "--data", str(cut)]).exit_code == 0
