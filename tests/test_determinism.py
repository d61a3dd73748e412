"""The same report wherever it is made: folder, time zone, locale, user and hash seed leave no trace in it."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from conftest import ROOT
from copies import LEFT_OUT

from study.likeness import differences
from study.verify import left_out, verify

PLACES = {
    "папка two": {"TZ": "Asia/Vladivostok", "LC_ALL": "ru_RU.UTF-8", "LANG": "ru_RU.UTF-8", "PYTHONHASHSEED": "2"},
    "third": {"TZ": "America/St_Johns", "LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "random"},
}


def test_what_is_the_same_with_another_engine_is_compared(tmp_path):
    for name in ("index.html", "listings/events.csv", "results/index.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    assert "index.html" in left_out(tmp_path, tmp_path, same_engine=False)
    assert not {"listings/events.csv", "results/index.html"} & left_out(tmp_path, tmp_path, same_engine=False)


def rendered(folder: Path, name: str, user: str | None) -> Path:
    repository = shutil.copytree(ROOT, folder / name / "repository", ignore=LEFT_OUT)
    home = folder / name / "home"
    home.mkdir()
    environment = os.environ | PLACES[name] | {"PYTHONPATH": str(repository), "HOME": str(home)}
    options = {}
    if user:
        subprocess.run(["chown", "-R", user, str(folder / name)], check=True)
        account = pwd.getpwnam(user)
        options = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        environment["USER"] = environment["LOGNAME"] = user
    command = [sys.executable, "-m", "study.cli", "render", "--engine", "builtin"]
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, errors="replace", **options)
    assert done.returncode == 0, done.stderr[-3000:]
    return repository / "_book"


def files(book: Path) -> dict[str, bytes]:
    found = {path.relative_to(book).as_posix(): path.read_bytes() for path in book.rglob("*") if path.is_file()}
    del found["provenance.json"]
    return found


def other_user() -> str | None:
    """Somebody else to be, where root runs the tests and the interpreter can be read by everyone."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    try:
        # The interpreter has to start another one, as a render starts its kernels.
        code = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', 'import pandas']))"
        able = subprocess.run([sys.executable, "-c", code], user="nobody", group="nogroup", capture_output=True)
    except (KeyError, LookupError, OSError):
        return None
    return "nobody" if able.returncode == 0 else None


@pytest.fixture(scope="module")
def here(report) -> dict[str, bytes]:
    """The report that other tests read, made under the variables of this machine."""
    return files(report("builtin") / "_book")


@pytest.mark.slow
def test_report_is_the_same_bytes_in_another_folder_time_zone_and_locale(here, tmp_path):
    other = files(rendered(tmp_path, "папка two", None))
    assert len(here) > 100 and here.keys() == other.keys()
    assert [name for name in here if here[name] != other[name]] == []
    for name, content in other.items():
        assert str(tmp_path).encode() not in content and b"/root" not in content, name


@pytest.mark.slow
def test_report_is_the_same_bytes_for_another_user(here):
    user = other_user()
    if user is None:
        pytest.skip("the tests do not run as root, or this Python cannot be used by another user")
    with tempfile.TemporaryDirectory() as folder:  # pytest keeps its own folders from others
        Path(folder).chmod(0o755)
        other = files(rendered(Path(folder), "third", user))
    assert [name for name in here.keys() | other.keys() if here.get(name) != other.get(name)] == []


@pytest.mark.slow
def test_verify_makes_the_report_again_and_names_what_was_altered(tmp_path):
    """On a delivered report as it is, and on one with a changed number, page and figure."""
    import study.variables

    command = [sys.executable, "-m", "study.cli", "render", "--engine", "builtin", "--output", str(tmp_path / "book")]
    environment = os.environ | {study.variables.STATE_FOLDER: str(tmp_path / "state")}
    assert subprocess.run(command, cwd=ROOT, env=environment, capture_output=True).returncode == 0
    found = verify(lambda _: None, tmp_path / "book")
    assert (found.differences, found.words) == ([], "same")

    book = tmp_path / "book"
    figure = min((book / "chapters" / "results_files").glob("*.svg")).relative_to(book).as_posix()
    for name, old, new in (
        ("results.json", '"value": 27', '"value": 26'),
        ("chapters/safety.html", "patient-years in all", "patient-years in some"),
        ("notebooks/safety.ipynb", "conjunctivitis", "konjunctivitis"),
        (figure, 'id="figure_1"', 'id="figure_1" fill="red"'),
    ):
        text = (book / name).read_text("utf-8")
        assert old in text, name
        (book / name).write_text(text.replace(old, new, 1), "utf-8", newline="\n")
    (book / "results.csv").unlink()
    found = verify(lambda _: None, book)
    lines = "\n".join(found.differences)
    for wanted in (
        "results.csv: missing from the delivered report", "results.json: altered since it was rendered",
        "population.enrolled.n: delivered 27 (26), computed 27 (27)", "chapters/safety.html: delivered “",
        "notebooks/safety.ipynb: cell ", f"{figure}: the figure shows something else",
    ):  # fmt: skip
        assert wanted in lines, (wanted, lines)
    assert found.words == f"different: {len(found.differences)} differences"
    assert differences(book, book, (), {}) == []
