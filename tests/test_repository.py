"""Promises about the repository's own files."""

import re
import subprocess
import sys

import pytest
from conftest import ROOT

TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.skipif(TRACKED.returncode != 0, reason="no git checkout, so the tracked files are unknown")
def test_no_tracked_file_names_a_registry_or_a_path_of_somebodys_machine():
    # Put together from parts so that this file does not name them either.
    forbidden = re.compile(
        "|".join(["py" + r"pi\.org", "pythonhosted" + r"\.org", "/" + "work/", "/" + "root/", r"\.\./" + "shared"])
    )
    found = []
    for name in TRACKED.stdout.splitlines():
        path = ROOT / name
        if not path.is_file():
            continue  # deleted in the working copy
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {match.group()}" for match in forbidden.finditer(text)]
    assert not found


def test_the_lock_file_has_hashes_for_every_package_and_no_address():
    text = (ROOT / "requirements.lock").read_text("utf-8")
    packages = re.findall(r"^([a-z0-9-]+)==\S+", text, flags=re.M)
    assert {"uv", "pandas", "great-expectations", "typst", "pypandoc-binary", "pytest", "hatchling"} <= set(packages)
    for block in re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.M)[1:]:
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert "://" not in text


def test_the_makefile_only_calls_bootstrap():
    recipes = re.findall(r"^\S+: ;\s*(.+)$", (ROOT / "Makefile").read_text("utf-8"), flags=re.M)
    assert recipes and all(re.fullmatch(r"@\$\(PYTHON\) -I bootstrap\.py [a-z-]+", recipe) for recipe in recipes)


def test_bootstrap_needs_the_standard_library_alone():
    import ast

    tree = ast.parse((ROOT / "bootstrap.py").read_text("utf-8"))
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names


def test_arrows_point_one_way():
    """protocol imports nothing of the project, analysis and expectations only protocol, intake these two, renderer nothing."""
    allowed = {"protocol": {"protocol"}, "analysis": {"analysis", "protocol"}, "expectations": {"expectations", "protocol"}}
    allowed |= {"intake": {"intake", "expectations", "protocol"}, "renderer": {"renderer"}}
    packages = {"protocol", "analysis", "expectations", "intake", "renderer", "study"}
    for package, may in allowed.items():
        for path in (ROOT / package).rglob("*.py"):
            imported = set(re.findall(r"^\s*(?:from|import) (\w+)", path.read_text("utf-8"), flags=re.M))
            assert imported & packages <= may, path


def test_the_rooms_of_the_analysis_have_one_direction():
    """The core knows no topic; numbers know nothing of how they are shown."""
    for path in (ROOT / "analysis").rglob("*.py"):
        imported = re.findall(r"^\s*(?:from|import) (analysis.*)", path.read_text("utf-8"), flags=re.M)
        if path.parent.name == "core":
            assert all(line.startswith("analysis.core") for line in imported), path
        elif not path.stem.endswith("_shown"):
            assert not any("_shown" in line for line in imported), path


def test_analysis_touches_no_file_clock_or_network():
    for path in (ROOT / "analysis").rglob("*.py"):
        if path.name == "style.py":
            continue  # reads its style file and the fonts it is given
        text = path.read_text("utf-8")
        assert not re.search(r"\bopen\(|\bPath\(|read_csv|datetime|time\.time|urllib|requests|socket", text), path


def test_no_number_is_typed_in_prose():
    """Every statistic in the chapters is looked up: outside code, the prose holds none of the published figures."""
    for path in [ROOT / "index.qmd", *(ROOT / "chapters").glob("*.qmd")]:
        prose = re.sub(r"```\{python\}.*?```", "", path.read_text("utf-8"), flags=re.S)
        prose = re.sub(r"`[^`]*`", "", prose)
        assert not re.search(r"96\.3|\b7\.4\b|78\.8|13\.7|1518|\b26\b|\b27\b|65\.1", prose), path


def test_every_chapter_starts_from_nothing_and_shows_the_banner():
    for path in [ROOT / "index.qmd", *(ROOT / "chapters").glob("*.qmd")]:
        text = path.read_text("utf-8")
        assert "report = open_report()" in text and "report.banner" in text, path


def test_the_linter_finds_nothing():
    outcome = subprocess.run([sys.executable, "-m", "ruff", "check", "."], cwd=ROOT, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout
