"""A render that is killed, doubled, starved or refused: the last good report stays whole and the next run recovers by itself."""

import contextlib
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from copies import FIGURE, RENDER, one_cell, render, start, with_chapters
from filelock import FileLock

from study.placing import aside, put_in_place, sweep

posix = pytest.mark.skipif(os.name != "posix", reason="signals and file permissions as on POSIX systems")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
KILLS = 50


# --- a copy of the repository, and what is in it -------------------------------------------------------------------


def sums(book: Path) -> dict[str, str]:
    return {
        path.relative_to(book).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(book.rglob("*"))
        if path.is_file()
    }


def leftovers(repository: Path) -> list[str]:
    """Unfinished files beside the report and in its state folder."""
    found = [*repository.glob("_book.*"), *(repository / ".study").rglob("*under-way-*")]
    found += [*(repository / ".study").rglob("*.new"), *(repository / ".study" / "under-way").glob("process-*")]
    return [path.relative_to(repository).as_posix() for path in found]


def processes(repository: Path) -> list[str]:
    """What runs in the copy: kernels and the process that they are copies of."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.readlink(place / "cwd") == str(repository):
                found.append((place / "cmdline").read_text("utf-8", "replace").replace("\0", " "))
    return found


def none_left(repository: Path) -> bool:
    """Whether all processes have ended, after a moment at most."""
    deadline = time.monotonic() + 10
    while processes(repository) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not processes(repository)


def kill(process: subprocess.Popen, group: bool) -> None:
    (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
    process.wait()


# --- a small report for the quick ones -----------------------------------------------------------------------------


def write_chapter(repository: Path, cell: str) -> None:
    (repository / "index.qmd").write_text(one_cell(cell), encoding="utf-8")


@pytest.fixture(scope="module")
def small(small_report, tmp_path_factory) -> Path:
    """A copy of the repository with one short chapter, rendered, for the tests of this file."""
    return Path(shutil.copytree(small_report, tmp_path_factory.mktemp("faults") / small_report.name, symlinks=True))


@pytest.fixture
def good(small):
    """The copy with its small report, which is to be as it was at the end."""
    before = sums(small / "_book")
    yield small
    assert sums(small / "_book") == before, "the last good report is not what it was"


def until_it_runs(process: subprocess.Popen, mark: Path) -> None:
    deadline = time.monotonic() + 60
    while not mark.exists():
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.02)
    mark.unlink()


SLEEP = "import pathlib, time\npathlib.Path('runs').touch()\ntime.sleep(100)"


@linux
@pytest.mark.parametrize("group", [True, False], ids=["with its children", "alone"])
def test_a_render_killed_in_a_cell_leaves_no_process_and_no_file_behind(good, group):
    repository = good
    write_chapter(repository, SLEEP)
    process = start(repository)
    until_it_runs(process, repository / "runs")
    kill(process, group)
    assert none_left(repository), processes(repository)
    write_chapter(repository, "print('good')")
    status, said = render(repository)
    assert status == 0 and leftovers(repository) == [], said


@posix
def test_a_second_render_at_once_is_told_to_wait_and_ctrl_c_ends_the_first(good):
    repository = good
    write_chapter(repository, SLEEP)
    first = start(repository)
    until_it_runs(first, repository / "runs")
    status, said = render(repository)
    assert status == 3 and "another render of this report is under way; wait for it to end" in said
    os.killpg(first.pid, signal.SIGINT)
    try:
        _, said = first.communicate(timeout=30)
    finally:
        first.kill()
    assert first.returncode == 130 and "stopped" in said and "Traceback" not in said, said


@linux
@pytest.mark.parametrize(
    ("command", "number", "group"),
    [
        (("verify",), signal.SIGTERM, False),
        pytest.param(("verify",), signal.SIGHUP, True, marks=pytest.mark.slow),
        pytest.param(RENDER, signal.SIGTERM, False, marks=pytest.mark.slow),
        pytest.param(RENDER, signal.SIGHUP, True, marks=pytest.mark.slow),
    ],
    ids=["verify alone", "verify with its children", "render alone", "render with its children"],
)
def test_a_command_that_is_asked_to_end_leaves_nothing(good, number, group, command):
    repository = good
    write_chapter(repository, SLEEP)
    process = start(repository, command=command)
    until_it_runs(process, repository / "runs")
    (os.killpg if group else os.kill)(process.pid, number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number and "Traceback" not in said, said
    assert said.splitlines()[-1] == "study: stopped; what was finished before is as it was"
    assert none_left(repository), processes(repository)
    assert leftovers(repository) == []


@linux
@pytest.mark.slow
def test_a_verify_that_is_killed_takes_its_render_with_it(good):
    repository = good
    write_chapter(repository, SLEEP)
    process = start(repository, command=("verify",))
    until_it_runs(process, repository / "runs")
    kill(process, group=False)
    assert none_left(repository), processes(repository)
    process.communicate()


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("import os\nos._exit(3)", "Python died while it ran (out of memory"),
        pytest.param(
            "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))\nb'x' * 2**33",
            "MemoryError", marks=linux,
        ),
        pytest.param("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "Python died while it ran", marks=posix),
    ],
    ids=["dies", "out of memory", "is killed for its memory"],
)  # fmt: skip
def test_a_cell_that_ends_badly_is_named_and_the_report_stays(good, cell, message):
    repository = good
    write_chapter(repository, cell)
    status, said = render(repository)
    assert status == 3 and "index.qmd line" in said and message in said, said


@posix
def test_a_locale_without_utf_8_does_no_harm(good):
    repository = good
    write_chapter(repository, "print('Größe отчёт 😀')")
    status, said = render(
        repository, "--output", repository / "_other", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii"
    )
    assert status == 0, said
    assert "Größe отчёт 😀" in (repository / "_other" / "index.html").read_text("utf-8")
    shutil.rmtree(repository / "_other")


# --- disks ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def mounted(tmp_path):
    """Mounts small file systems below a folder of this test; only the administrator may."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    places = []

    def mount(name: str, size: str) -> Path:
        place = tmp_path / name
        place.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True)
        if done.returncode:
            pytest.skip("this machine does not let root mount a file system")
        places.append(place)
        return place

    yield mount
    for place in places:
        subprocess.run(["umount", "--lazy", place], check=True)


def with_report(small: Path, place: Path) -> dict[str, str]:
    shutil.copytree(small / "_book", place / "book")
    return sums(place / "book")


def test_a_full_disk_is_named_and_the_report_on_it_stays(good, mounted):
    repository = good
    place = mounted("full", "24m")
    before = with_report(repository, place)
    (place / "filler").write_bytes(b"x" * (shutil.disk_usage(place).free - 200_000))
    write_chapter(repository, "print('new')")
    status, said = render(repository, "--output", place / "book")
    assert status == 3 and "No space left on device" in said and "free some space" in said, said
    assert sums(place / "book") == before and sorted(os.listdir(place)) == ["book", "filler"]
    (place / "filler").unlink()
    status, said = render(repository, "--output", place / "book")
    assert status == 0 and "new" in (place / "book" / "index.html").read_text("utf-8"), said


@pytest.mark.parametrize("size", [pytest.param("0k", marks=pytest.mark.slow), pytest.param("120k", marks=pytest.mark.slow), "600k"])
def test_a_full_disk_below_the_state_folder_is_named(good, mounted, size):
    """Receipts, results, temporary files: wherever the space runs out."""
    repository = good
    place = mounted("state", "1m")
    (place / "filler").write_bytes(b"x" * (shutil.disk_usage(place).free - 1024 * int(size[:-1])))
    write_chapter(repository, "print('new')")
    status, said = render(repository, STUDY_STATE=str(place))
    assert status == 3 and "free some space" in said, said


def test_read_only_output_is_named_and_the_report_in_it_stays(good, mounted):
    repository = good
    place = mounted("read-only", "16m")
    before = with_report(repository, place)
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    write_chapter(repository, "print('new')")
    status, said = render(repository, "--output", place / "book")
    assert status == 3 and "Read-only file system" in said and "choose another --output" in said, said
    assert sums(place / "book") == before


def everything(place: Path) -> dict[str, str]:
    """What is there beside what Python compiles and the program's own folder."""
    return {name: checksum for name, checksum in sums(place).items() if "__pycache__" not in name and not name.startswith(".study")}


@pytest.mark.slow
def test_on_a_full_disk_every_command_that_writes_leaves_nothing_half_written(small, mounted, tmp_path):
    """The whole repository is on a small disk, its state folder on another; then there is space, and each does what was asked."""
    write_chapter(small, "print('good')")
    place = mounted("full", "80m")
    repository = Path(shutil.copytree(small, place / "repository", ignore=shutil.ignore_patterns(".study", "__pycache__")))
    state = Path(shutil.copytree(small / ".study", tmp_path / "state"))
    (repository / "index.qmd").write_text(FIGURE, encoding="utf-8")

    def said(*command: object) -> tuple[int, str]:
        process = start(repository, command=tuple(map(str, command)), STUDY_STATE=str(state), PYTHONDONTWRITEBYTECODE="1")
        _, err = process.communicate(timeout=300)
        assert "Traceback" not in err, err
        return process.returncode, err

    status, words = said("render", "--engine", "builtin", "--to", "html,docx")
    assert status == 0, words
    commands = [
        ("figures", "--output", place / "figures"), ("jats", "--output", place / "jats"), ("line-numbers", place / "numbered.docx"),
        ("archive", "--output", place / "archive.zip"), ("add", repository / "data" / "examples" / "week-52", "--cut", "week-60"),
        ("restore",),
    ]  # fmt: skip
    (place / "numbered.docx").write_text("a good one")
    (place / "filler").write_bytes(b"x" * (shutil.disk_usage(place).free - 4_000))
    record = repository / "_book" / "provenance.json"
    for command in commands:
        if command == ("restore",):
            record.unlink()  # as a quarto render leaves it that does not finish
        before = everything(place)
        status, words = said(*command)
        assert status == 3 and "No space left on device" in words and "free some space" in words, (command, words)
        assert "MB are free there" in words, (command, words)
        assert everything(place) == before, command
    (place / "filler").unlink()
    assert said("restore")[0] == 0 and record.is_file()
    for command in commands[:-1]:
        status, words = said(*command)
        assert status == 0, (command, words)
    assert len(list((place / "figures").iterdir())) == 2 and zipfile.ZipFile(place / "archive.zip").testzip() is None
    assert not [name for name in everything(place) if "under-way" in name]


@pytest.mark.slow
def test_in_a_read_only_checkout_what_only_reads_works_and_the_rest_says_what_to_do(small, mounted, tmp_path):
    write_chapter(small, "print('good')")
    place = mounted("read-only", "80m")
    repository = Path(shutil.copytree(small, place / "repository", ignore=shutil.ignore_patterns(".study", "__pycache__")))
    (repository / "data" / "cuts" / ".under-way-old").mkdir()  # what cannot be swept is no reason to stop
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    state = Path(shutil.copytree(small / ".study", tmp_path / "state"))

    def said(*command: object, **variables: str) -> tuple[int, str]:
        process = start(repository, command=tuple(map(str, command)), **variables)
        _, err = process.communicate(timeout=300)
        assert "Traceback" not in err and "Errno" not in err, err
        return process.returncode, err

    status, words = said("validate")
    assert status == 2 and "Read-only file system" in words and "STUDY_STATE" in words, words
    elsewhere = {"STUDY_STATE": str(state)}
    for command in (("validate",), ("results",), ("jats", "--output", tmp_path / "jats"), ("archive", "--output", tmp_path / "a.zip")):
        status, words = said(*command, **elsewhere)
        assert status == 0, (command, words)
    for command in (("add", "data/examples/week-52", "--cut", "week-60"), ("jats",), ("line-numbers", "a.docx"), ("archive",)):
        status, words = said(*command, **elsewhere)
        expected = 2 if command[0] == "line-numbers" else 3  # the small report has no Word file
        assert status == expected, (command, words)
        assert expected == 2 or "Read-only file system" in words, words
    status, words = said("render", "--engine", "builtin", "--to", "html", **elsewhere)
    assert status == 0 and "nothing changed" in words, words  # the report is there


# --- the swap ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exchange", [True, False], ids=["in one step", "in two"])
def test_a_finished_folder_takes_the_place_of_another_or_nothing_happens(tmp_path, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr("study.placing._exchanged", lambda one, other: False)
    finished, target, former = tmp_path / "new", tmp_path / "book", tmp_path / "book.former"
    for folder, text in ((finished, "new"), (target, "old")):
        folder.mkdir()
        (folder / "page").write_text(text)
    replace = os.replace

    def refused(source, place):
        if Path(source) == finished:
            raise PermissionError(13, "Permission denied")
        replace(source, place)

    if not exchange:
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", refused)
            with pytest.raises(PermissionError):
                put_in_place(finished, target, former)
        assert (target / "page").read_text() == "old" and not former.exists()
    put_in_place(finished, target, former)
    assert (target / "page").read_text() == "new" and os.listdir(tmp_path) == ["book"]


def test_what_the_dead_have_left_is_swept_and_what_the_living_make_is_not(tmp_path):
    with aside(tmp_path, ".made-") as folder, aside(tmp_path, ".made-", folder=False) as file:
        sweep(tmp_path, ".made-")
        assert folder.is_dir() and file.is_file()
    assert os.listdir(tmp_path) == []
    (tmp_path / ".made-old").mkdir()
    (tmp_path / ".made-alone.lock").touch()
    (tmp_path / "other").touch()
    sweep(tmp_path, ".made-")
    assert os.listdir(tmp_path) == ["other"]


def until(process: subprocess.Popen, place: Path, pattern: str) -> None:
    deadline = time.monotonic() + 120
    while not [path for path in place.glob(pattern) if path.suffix != ".lock" and (path.is_file() or any(path.iterdir()))]:
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.002)


@posix
def test_rows_that_a_killed_add_has_left_are_gone_after_any_command(good):
    repository = good
    process = start(repository, command=ADD)
    until(process, repository / "data" / "cuts", ".under-way-*")
    kill(process, group=True)
    process.communicate()
    (repository / "_book.under-way-old").mkdir()
    assert list((repository / "data" / "cuts").glob(".under-way-*"))
    process = start(repository, command=("explain", "no-such-result"))
    process.communicate(timeout=120)
    assert list((repository / "data" / "cuts").glob(".under-way-*")) == [] and leftovers(repository) == []


ADD = ("add", "data/examples/clinic-workbook.xlsx", "--mapping", "data/mappings/clinic-workbook.yml", "--cut", "week-60")


@linux
@pytest.mark.parametrize(
    ("command", "number", "place", "pattern"),
    [
        (ADD, signal.SIGTERM, "data/cuts", ".under-way-*"),
        pytest.param(ADD, signal.SIGHUP, "data/cuts", ".under-way-*", marks=pytest.mark.slow),
        (("archive", "--output", "a.zip"), signal.SIGHUP, ".", ".a.zip.under-way-*"),
        pytest.param(("archive", "--output", "a.zip"), signal.SIGTERM, ".", ".a.zip.under-way-*", marks=pytest.mark.slow),
        pytest.param(("figures", "--output", "f"), signal.SIGTERM, ".", "runs", marks=pytest.mark.slow),
        pytest.param(("jats", "--output", "j"), signal.SIGHUP, ".", "runs", marks=pytest.mark.slow),
    ],
    ids=["add, TERM", "add, HUP", "archive, HUP", "archive, TERM", "figures, TERM", "jats, HUP"],
)  # fmt: skip
def test_a_command_that_is_asked_to_end_alone_while_it_writes_leaves_nothing(good, command, number, place, pattern):
    repository = good
    write_chapter(repository, SLEEP if pattern == "runs" else "print('good')")
    (repository / "runs").unlink(missing_ok=True)
    before = sorted(os.listdir(repository)), sums(repository / "data")
    process = start(repository, command=command)
    until(process, repository / place, pattern)
    os.kill(process.pid, number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number and "Traceback" not in said, said
    assert said.splitlines()[-1] == "study: stopped; what was finished before is as it was"
    (repository / "runs").unlink(missing_ok=True)
    assert none_left(repository) and leftovers(repository) == []
    assert (sorted(os.listdir(repository)), sums(repository / "data")) == before


@posix
@pytest.mark.slow
def test_two_archives_to_one_file_are_two_whole_ones_or_the_second_waits(good, tmp_path):
    """With one state folder they exclude each other; with two, each has a file of its own, and the later one takes the place."""
    repository = good
    write_chapter(repository, "print('good')")
    command = ("archive", "--output", tmp_path / "a.zip")
    states = [repository / ".study", Path(shutil.copytree(repository / ".study", tmp_path / "state"))]
    running = [start(repository, command=command, STUDY_STATE=str(state)) for state in states]
    until(running[0], tmp_path, ".a.zip.under-way-*")
    for process in running:
        said = process.communicate(timeout=120)[1]
        assert process.returncode == 0, said
    with FileLock(states[1] / "render.lock"):
        third = start(repository, command=command, STUDY_STATE=str(states[1]))
        said = third.communicate(timeout=120)[1]
    assert third.returncode == 3 and "under way; wait for it to end" in said, said
    assert zipfile.ZipFile(tmp_path / "a.zip").testzip() is None
    assert sorted(os.listdir(tmp_path)) == ["a.zip", "state"]


OF_THE_RESULTS = """# Safety

```{python}
from study.report import open_report
report = open_report()
```

Conjunctivitis in `{python} report.of("safety.conjunctivitis.w26")`.
"""

# --- the long proof ------------------------------------------------------------------------------------------------


@linux
@pytest.mark.slow
def test_the_report_survives_fifty_kills_at_random_moments(small_report, tmp_path):
    """Killed anywhere from gate to swap, with its children and alone in turn: the report is always one of the two, whole."""
    repository = Path(shutil.copytree(small_report, tmp_path / small_report.name, symlinks=True))
    shutil.rmtree(repository / ".study")
    with_chapters(repository, {"index": one_cell("print('good')"), "chapters/line": FIGURE, "chapters/safety": OF_THE_RESULTS})
    index = repository / "index.qmd"
    texts = [index.read_text("utf-8"), index.read_text("utf-8") + "\nOne more sentence.\n"]
    whole, seconds = [], []
    for text in texts:  # the first is a cold start; the second finds receipt, results and the chapters that stay the same
        index.write_text(text, encoding="utf-8")
        started = time.monotonic()
        status, said = render(repository)
        assert status == 0, said
        seconds.append(time.monotonic() - started)
        whole.append(comparable(repository / "_book"))
    shown, killed, swapped, chance = 1, 0, 0, random.Random(26)
    for number in range(3 * KILLS):
        if killed == KILLS:
            break
        index.write_text(texts[1 - shown], encoding="utf-8")  # so that there is something to do
        cold = number % 5 == 0
        if cold:
            shutil.rmtree(repository / ".study", ignore_errors=True)
        started = time.monotonic()
        process = start(repository)
        moment = chance.uniform(0, seconds[not cold])
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        if process.poll() is None:
            killed += 1
            kill(process, group=number % 2 == 0)
        else:
            seconds[not cold] = time.monotonic() - started  # it takes less when both texts are among the kept chapters
        process.communicate()
        assert none_left(repository), (number, processes(repository))
        found = comparable(repository / "_book")
        assert found in whole, f"render {number}, stopped after {moment:.1f} s: the report is damaged"
        swapped += found != whole[shown]
        shown = whole.index(found)
        print(f"{number + 1} renders, {killed} of them killed; the new report was in place after {swapped}", flush=True)
    assert killed == KILLS
    index.write_text(texts[0], encoding="utf-8")
    status, said = render(repository)
    assert status == 0 and comparable(repository / "_book") == whole[0], said
    assert leftovers(repository) == []


def comparable(book: Path) -> dict[str, str]:
    """Checksums without the record of times; a missing page of it is still seen, for the record names all files."""
    found = sums(book)
    assert "provenance.json" in found, "the report has no record"
    del found["provenance.json"]
    return found
