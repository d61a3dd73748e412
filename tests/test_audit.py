"""The audit of the locked packages: its exit status never calls unknown safe, and the licence list is whole."""

import pytest
from conftest import ROOT

import audit

FLAW = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2"]}
CLEAN = {"name": "a", "version": "1", "vulns": []}
SKIPPED = {"name": "b", "skip_reason": "not found"}
ANSWERS = {"dependencies": [{"name": "pyyaml", "version": "5.3", "vulns": [FLAW]}]}
MUTE = {"dependencies": [SKIPPED]}


@pytest.mark.parametrize(
    ("packages", "canary", "status", "word"),
    [
        ([CLEAN], ANSWERS, 0, "no known vulnerabilities in 1 packages"),
        ([CLEAN, {"name": "a", "version": "1", "vulns": [FLAW]}], ANSWERS, 1, "a 1: PYSEC-1 (CVE-1); repaired in 2"),
        ([CLEAN], MUTE, 4, "could not be asked"),
        ([CLEAN, SKIPPED], ANSWERS, 4, "nothing is known of 1 packages: b"),
    ],
    ids=["none known", "one known", "a database that knows of nothing", "a package that it does not know"],
)
def test_the_status_says_safe_only_where_the_database_has_answered(packages, canary, status, word):
    found, lines = audit.judged({"dependencies": packages}, canary)
    assert found == status and word in lines[0]


def test_pip_audit_that_cannot_run_is_unknown_and_not_safe(monkeypatch, capsys):
    monkeypatch.setattr(audit, "_asked", lambda *arguments: None)
    assert audit.vulnerabilities() == audit.UNKNOWN and "could not reach its database" in capsys.readouterr().err


def test_the_licence_list_names_every_locked_package_and_no_other():
    text = (ROOT / "docs" / "licences.md").read_text("utf-8")
    listed = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")][1:]
    assert listed == sorted({name for name, _ in audit.locked()}) and len(listed) > 100
    undeclared = [line.split("|")[1].strip() for line in text.splitlines() if "not declared" in line]
    assert undeclared == ["axe-playwright-python"], "its licence is a file that it brings, which no field names"
