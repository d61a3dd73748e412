"""Every entry point runs the code and packages of the folder it stands in, whatever the user's environment holds."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from study import isolation
from study.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent
CODE = ("analysis", "expectations", "hooks", "intake", "protocol", "renderer", "study")
STUDY = Path(sys.prefix) / ("Scripts/study.exe" if os.name == "nt" else "bin/study")
posix = pytest.mark.skipif(os.name == "nt", reason="links and shell scripts")


def said(command, cwd=None, **more: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a command under hostile variables."""
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=os.environ | more, capture_output=True, text=True, encoding="utf-8", errors="replace"
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Path:
    """A folder whose modules have the names of the project, of a package, and of Python's own; each says so when it is imported."""
    folder = tmp_path_factory.mktemp("another checkout")
    for name in CODE:
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(f"raise SystemExit('HOSTILE {name}')", encoding="utf-8")
    for name in ("pandas", "yaml", "click", "filelock", "tempfile", "usercustomize", "statistics"):
        (folder / f"{name}.py").write_text(f"raise SystemExit('HOSTILE {name}')", encoding="utf-8")
    return folder


def copy_of_the_checkout(place: Path, venv: str) -> Path:
    """What git would check out, and `.venv` as a "copy" (its files linked, so that it is cheap) or as a "link"."""
    left_out = shutil.ignore_patterns(".venv", ".git", "_book*", ".study", "__pycache__", "tests", "docs", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, place, ignore=left_out)
    if venv == "link":
        (place / ".venv").symlink_to(sys.prefix, target_is_directory=True)
        return place
    # What decides where a .venv belongs is in its scripts, its settings and its path files; packages are linked.
    site = next(Path(sys.prefix).glob("lib/python*/site-packages"))
    there = place / ".venv" / site.relative_to(sys.prefix)
    there.mkdir(parents=True)
    for item in site.iterdir():
        (shutil.copy if item.suffix == ".pth" else os.symlink)(item, there / item.name)
    shutil.copytree(STUDY.parent, place / ".venv" / "bin", symlinks=True)
    for name in ("pyvenv.cfg", isolation.STAMP):
        shutil.copy(Path(sys.prefix) / name, place / ".venv" / name)
    return place


ODD = "копия #1 [a] 'b' \"c\" $x & (1) " + "long " * 20


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copied checkout in a folder with an odd name, whose data have been broken; the original's are valid."""
    place = copy_of_the_checkout(tmp_path_factory.mktemp("copies") / ODD.strip(), "copy")
    visits = place / "data" / "cuts" / "week-26" / "visits.csv"
    visits.write_text(visits.read_text("utf-8").replace("P001,0,", "P001,broken,", 1), encoding="utf-8")
    return place


@pytest.mark.parametrize(
    "variables",
    [("PYTHONHOME",), ("PYTHONPATH", "PYTHONSTARTUP", "PYTHONUSERBASE", "HOME")],
)
def test_no_variable_brings_other_code(hostile, variables):
    status, out, err = said([STUDY, "validate", "--help"], cwd=hostile, **dict.fromkeys(variables, str(hostile)))
    assert (status, err) == (0, "") and "Check a data cut" in out


def test_no_variable_changes_how_python_runs(tmp_path):
    variables = {"PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "error", "PYTHONINSPECT": "1"}
    status, out, err = said([STUDY, "results"], STUDY_STATE=str(tmp_path), **variables)
    assert status == 0 and "Traceback" not in err and out.startswith("id,")


def test_python_m_study_and_hooks_start_anew(hostile):
    for module in ("study", "study.cli"):
        status, out, err = said([sys.executable, "-m", module, "--version"], cwd=ROOT, PYTHONOPTIMIZE="2", PYTHONWARNINGS="ignore")
        assert (status, err) == (0, ""), err
        assert re.fullmatch(r"study, version \S+\n", out)
    status, _, err = said([sys.executable, ROOT / "hooks" / "pre_render.py"], cwd=ROOT, PYTHONPATH=str(hostile))
    assert status == 2 and "unset PYTHONPATH" in err and "Traceback" not in err
    status, _, err = said([sys.executable, ROOT / "hooks" / "post_render.py"], cwd=ROOT, PYTHONPATH=str(hostile), STUDY_RENDERS="1")
    assert (status, err) == (0, "")


@posix
def test_a_copy_runs_its_own_code_on_its_own_data(copy, tmp_path):
    state = str(tmp_path)
    for command in ([copy / ".venv/bin/study"], [copy / ".venv/bin/python", "-m", "study"]):
        status, _, err = said([*command, "validate"], cwd=copy, STUDY_STATE=state)
        assert status == 1 and "broken" in err, err
    status, _, err = said([copy / ".venv/bin/study", "validate"], cwd=ROOT, STUDY_STATE=state)
    assert status == 1 and f"the one of the current folder, {ROOT}, is not looked at" in err
    for cwd in (copy / "chapters", tmp_path):
        _, out, _ = said([copy / ".venv/bin/python", "-c", "import study; print(study.__file__)"], cwd=cwd)
        assert Path(out.strip()) == copy / "study" / "__init__.py"


@posix
def test_code_is_what_its_file_says_whatever_was_compiled_of_it(copy):
    module, python = copy / "study" / "printing.py", copy / ".venv/bin/python"
    good, state, found = module.read_text("utf-8"), module.stat(), []
    show = "import study.printing; print(study.printing.mark)"
    ours = f"import sys; sys.path.insert(0, {str(copy)!r}); from study import isolation; isolation.alone(None); {show}"
    try:
        for mark in (1, 2):
            module.write_text(f"{good}\n\nmark = {mark}\n", encoding="utf-8")
            os.utime(module, (state.st_atime, state.st_mtime))
            _, plain, _ = said([python, "-c", show], cwd=copy, PYTHONDONTWRITEBYTECODE="")
            _, own, _ = said([python, "-I", "-X", "utf8", "-c", ours])
            found.append((plain.strip(), own.strip()))
    finally:
        module.write_text(good, encoding="utf-8")
    assert found == [("1", "1"), ("1", "2")], "Python itself looks at size and second of change alone"


@posix
def test_a_link_to_another_folders_venv_stops(tmp_path):
    place = copy_of_the_checkout(tmp_path / "linked", "link")
    status, out, err = said([place / ".venv/bin/study", "validate"], cwd=place)
    assert (status, out) == (2, "") and "make setup" in err and str(place) in err
    elsewhere = tmp_path / "study"
    elsewhere.symlink_to(STUDY)  # a link to the command itself is the command
    assert said([elsewhere, "--version"])[0] == 0


@posix
@pytest.mark.parametrize("name", ["pandas", "yaml", "typst", "matplotlib"])
def test_a_package_that_is_gone_is_named_before_anything_runs(copy, name, tmp_path):
    site = next((copy / ".venv").glob("lib/python*/site-packages"))
    (site / name).rename(tmp_path / name)
    try:
        status, out, err = said([copy / ".venv/bin/study", "results"], cwd=copy)
    finally:
        (tmp_path / name).rename(site / name)
    assert (status, out) == (2, "") and f"{name} is gone from .venv" in err and "make setup" in err and "Traceback" not in err


@posix
def test_another_version_than_the_locked_one_is_named(copy):
    site = next((copy / ".venv").glob("lib/python*/site-packages"))
    found = next(site.glob("pandas-*.dist-info"))
    found.rename(site / "pandas-2.0.1.dist-info")
    try:
        status, out, err = said([copy / ".venv/bin/study", "results"], cwd=copy)
    finally:
        (site / "pandas-2.0.1.dist-info").rename(found)
    assert (status, out) == (2, "") and f"pandas 2.0.1 is installed, {found.name.split('-')[1].removesuffix('.dist')} is locked" in err


def test_modules_from_elsewhere_stop_whatever_keeps_results(hostile, monkeypatch):
    isolation.stop_unless_own_code()
    for name in ("analysis", "pandas", "statistics"):
        file = hostile / name / "__init__.py" if name in CODE else hostile / f"{name}.py"
        spec = importlib.util.spec_from_file_location(name, file)
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, name, importlib.util.module_from_spec(spec))
            with pytest.raises(UsageError, match=f"{name} .*PYTHONPATH"):
                isolation.stop_unless_own_code()


@posix
def test_an_interrupt_at_the_start_shows_no_traceback(tmp_path):
    for wait in (0.05, 0.15, 0.3, 0.5):
        process = subprocess.Popen([STUDY, "results"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                   env=os.environ | {"STUDY_STATE": str(tmp_path / str(wait))})  # fmt: skip
        # The shell that starts Python ends by a signal as any program does; from Python's start on there is one line or nothing.
        while "python" not in _name(process.pid) and process.poll() is None:
            time.sleep(0.005)
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
        assert "Traceback" not in err and process.returncode in (0, 130), err


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return "python"  # no /proc here: the wait below is all there is


# --- what a user has set for the programs that make the report ------------------------------------------------------


def test_a_users_matplotlibrc_leaves_no_mark(tmp_path):
    (tmp_path / "matplotlibrc").write_text("axes.facecolor: red\naxes.grid: True\nlines.linewidth: 9\n", encoding="utf-8")
    code = (
        "from analysis.core import style; style.apply(); import matplotlib\n"
        "print(sorted((k, str(v)) for k, v in matplotlib.rcParams.items()))"
    )
    plain = said([sys.executable, "-c", code], cwd=ROOT)
    for place, variables in ((tmp_path, {}), (ROOT, {"MPLCONFIGDIR": str(tmp_path)}), (ROOT, {"MATPLOTLIBRC": str(tmp_path)})):
        marked = said([sys.executable, "-c", code], cwd=place, **variables)
        assert marked[0] == 0 and marked[1] == plain[1]


def test_a_font_of_the_machine_does_not_take_the_place_of_ours():
    code = (
        "from pathlib import Path; from matplotlib import font_manager as f; import dataclasses\n"
        "from analysis.core import style; ours = sorted(Path('fonts').glob('*.ttf'))\n"
        "fake = dataclasses.replace(f.fontManager.ttflist[0], name='IBM Plex Sans', fname='/usr/share/fonts/fake.ttf')\n"
        "f.fontManager.ttflist.insert(0, fake); style.apply(ours); print(f.findfont('IBM Plex Sans'))"
    )
    status, out, err = said([sys.executable, "-c", code], cwd=ROOT)
    assert status == 0 and Path(out.strip()).parent == ROOT / "fonts", out + err


@posix
def test_pandoc_is_the_locked_one_and_reads_nothing_of_the_users(tmp_path, monkeypatch):
    from renderer import pandoc

    document = pandoc.Document("a.qmd", "html", "Text", [1])
    plain = pandoc.parse([document], [], ROOT)
    for folder in (tmp_path / "pandoc", tmp_path / ".pandoc", tmp_path / ".local/share/pandoc"):
        folder.mkdir(parents=True)
        (folder / "init.lua").write_text("error('HOSTILE')", encoding="utf-8")
    newer = tmp_path / "pandoc-newer"
    newer.write_text("#!/bin/sh\necho pandoc 99.9\nexit 9\n")
    newer.chmod(0o755)
    for name, value in {
        "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "LUA_INIT": "error('HOSTILE')", "PYPANDOC_PANDOC": str(newer),
        "LUA_PATH": "/nowhere/?.lua", "GHCRTS": "-nonsense", "SOURCE_DATE_EPOCH": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    assert pandoc.parse([document], [], ROOT) == plain


def test_variables_that_reach_python_or_its_packages_are_taken_out():
    foreign = dict.fromkeys(
        ("PYTHONPATH", "PYTHONHOME", "PYTHONOPTIMIZE", "IPYTHONDIR", "JUPYTER_PATH", "JUPYTER_DEFAULT_PROVISIONER_NAME", "MPLBACKEND",
         "MATPLOTLIBRC", "PANDAS_FUTURE_INFER_STRING", "SCIPY_ARRAY_API", "LUA_INIT", "TYPST_FONT_PATHS", "SOURCE_DATE_EPOCH"), "x"
    )  # fmt: skip
    assert isolation.clean(foreign | {"PATH": "p", "STUDY_STATE": "s"}) == {"PATH": "p", "STUDY_STATE": "s", "PYTHONNOUSERSITE": "1"}
