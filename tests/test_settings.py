"""Settings and the receipt."""

import json
import re
import shutil
import subprocess
import sys

import pytest
import yaml
from conftest import ROOT, SHIPPED_CUT, change_cell

from analysis.claims import check_claims
from study.cuts import find_cut, read_cut
from study.errors import InvalidData, UsageError
from study.receipt import checksums, validate
from study.settings import load_published, load_settings


def settings_with(tmp_path, **changes):
    found = yaml.safe_load((ROOT / "study.yml").read_text("utf-8")) | changes
    path = tmp_path / "study.yml"
    path.write_text(yaml.safe_dump({key: value for key, value in found.items() if value is not ...}), encoding="utf-8")
    return load_settings(path)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"label": "moon"}, "label"),
        ({"primary_week": 25}, "primary_week"),
        ({"primary_week": "26"}, "primary_week"),
        ({"planned_weeks": [4, 0]}, "planned_weeks"),
        ({"planned_weeks": [4, 8, 26]}, "planned_weeks"),
        ({"age_years": [18, 8]}, "age_years"),
        ({"dose_window_days": -1}, "dose_window_days"),
        ({"dose_window_days": True}, "dose_window_days"),
        ({"visit_window_days": -1}, "visit_window_days"),
        ({"visit_window_days": 3.5}, "visit_window_days"),
        ({"visit_window_days": ...}, "visit_window_days"),
        ({"cell_seconds": 0}, "cell_seconds"),
        ({"cut": ...}, "cut"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, changes, named):
    with pytest.raises(UsageError, match=named):
        settings_with(tmp_path, **changes)


def test_a_changed_age_range_changes_the_gate(tmp_path, cut_copy):
    with pytest.raises(InvalidData) as refusal:
        validate(find_cut(cut_copy), settings_with(tmp_path, age_years=[9, 18]))
    assert {finding.column for finding in refusal.value.findings if finding.level == "critical"} == {"age_years"}


def test_an_unchanged_cut_skips_the_gate_and_a_changed_one_does_not(cut_copy, monkeypatch):
    import expectations.gate

    settings = load_settings()
    first = validate(find_cut(cut_copy), settings)
    assert (first.data_docs / "index.html").is_file()

    runs = []
    check = expectations.gate.check
    monkeypatch.setattr(expectations.gate, "check", lambda *arguments: runs.append(1) or check(*arguments))
    again = validate(find_cut(cut_copy), settings)
    assert not runs and again == first
    change_cell(cut_copy, "visits", 6, "emollient_per_day", "3")  # as in no other test, whose receipt would do
    changed = validate(find_cut(cut_copy), settings)
    assert runs and changed.digest != first.digest


def test_a_damaged_receipt_runs_the_gate_again(cut_copy):
    settings = load_settings()
    change_cell(cut_copy, "visits", 3, "emollient_per_day", "4")
    receipt = validate(find_cut(cut_copy), settings)
    (receipt.folder / "receipt.json").write_text('{"digest": "', encoding="utf-8")
    assert validate(find_cut(cut_copy), settings).digest == receipt.digest
    assert json.loads((receipt.folder / "receipt.json").read_text("utf-8"))["digest"] == receipt.digest


def test_the_receipt_covers_data_settings_rules_and_lock(cut_copy):
    files = checksums(find_cut(cut_copy))
    assert {"patients.csv", "visits.csv", "labs.csv", "doses.csv", "adverse_events.csv", "cut.yml"} <= set(files)
    assert {"study.yml", "requirements.lock", "expectations/gate.py", "expectations/suites/visits.json"} <= set(files)


def test_the_receipt_covers_whatever_the_gate_imports(tmp_path):
    for name in ("protocol", "analysis", "expectations", "study"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("study.yml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)

    def vouched_for() -> set[str]:
        cut = f"find_cut({str(SHIPPED_CUT)!r})"
        script = f"from study.cuts import find_cut; from study.receipt import checksums; print(*checksums({cut}), sep='\\n')"
        ended = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
        return set(ended.stdout.split())

    before = vouched_for()
    assert "protocol/columns.py" in before and not any(name.startswith("analysis/") for name in before)
    with (tmp_path / "expectations" / "places.py").open("a", encoding="utf-8") as module:
        module.write("\n\ndef _later():\n    from analysis import compute\n\n    return compute\n")
    assert "analysis/__init__.py" in vouched_for() - before


def test_every_claim_points_to_a_result(shipped):
    for claim in check_claims(load_published().claims, shipped.results, 26):
        assert claim.results and all(row.id in shipped.results for row in claim.results)


def test_every_held_id_is_a_result(shipped):
    assert load_published().held <= set(shipped.results)


@pytest.mark.parametrize("name", ["../week-26", "..", "/tmp", "a/b", r"a\b"])
def test_a_cut_cannot_be_named_outside_its_folder(tmp_path, name):
    text = (ROOT / "study.yml").read_text("utf-8")
    settings = tmp_path / "study.yml"
    settings.write_text(re.sub(r"^cut: .*$", lambda _: f"cut: '{name}'", text, flags=re.MULTILINE), "utf-8")
    with pytest.raises(UsageError, match="the name of a folder below data/cuts"):
        load_settings(settings)
    cut = tmp_path / "cut"
    cut.mkdir()
    shipped = (ROOT / "data/cuts/week-26/cut.yml").read_text("utf-8")
    (cut / "cut.yml").write_text(re.sub(r"^previous: .*$", lambda _: f"previous: '{name}'", shipped, flags=re.MULTILINE), "utf-8")
    with pytest.raises(UsageError, match="previous must be the name of a cut"):
        read_cut(cut)
