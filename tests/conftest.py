"""What several tests share, so that nothing costly is made twice.

cut_copy       a copy of the shipped cut that the test may change
shipped        the shipped cut, analysed
report         `report("builtin")`: a copy of the repository with its whole report, all formats, in `_book`
small_report   a copy of the repository with a book of one short chapter, rendered as a website
once           `once(name, make)`: a folder of your own that one process of a run makes for all of them

The last three are everybody's: read there, and copy what you want to change (`shutil.copytree(..., symlinks=True)`; what is kept in
`.study` comes along, so the copy renders as after a first render). Commands that run in copies are in `copies.py`.
"""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from copies import copied, one_cell, render, study, with_chapters
from filelock import FileLock

os.environ.setdefault("MPLBACKEND", "Agg")
ROOT = Path(__file__).resolve().parent.parent
SHIPPED_CUT = ROOT / "data" / "cuts" / "week-26"


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the tests that take minutes, too")


LONGEST = ["faults", "end_to_end", "one_state", "wrong_data", "preview", "valid_cuts", "cohorts", "determinism", "hostile_text",
           "browser", "adapting", "intake", "degenerate", "archive", "bootstrap", "offline", "same_bytes", "incremental", "changes",
           "renderer_syntax", "renderer_book", "expectations", "isolation", "command_line"]  # fmt: skip
"""Files of tests that take minutes of the processor, the longest first: begun last, one of them would keep one core waiting."""


def pytest_collection_modifyitems(config, items):
    ranks = {f"test_{name}": rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(ranks)))
    if not config.getoption("--slow"):
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="takes minutes; make test-full runs it"))


@pytest.fixture(scope="session", autouse=True)
def own_state(tmp_path_factory):
    """Receipts, shelved results and kept reports of the tests go to a folder of their own."""
    import study.paths

    folder = tmp_path_factory.mktemp("state")
    patch = pytest.MonkeyPatch()
    patch.setattr(study.paths, "STATE", folder)
    yield folder
    patch.undo()


@pytest.fixture
def cut_copy(tmp_path) -> Path:
    """A copy of the shipped cut that the test may change."""
    return Path(shutil.copytree(SHIPPED_CUT, tmp_path / "cut"))


@pytest.fixture(scope="session")
def shipped():
    """The shipped cut, analysed."""
    from study.analysed import analyse
    from study.cuts import find_cut
    from study.settings import load_published, load_settings

    return analyse(find_cut(SHIPPED_CUT), load_settings(), load_published())


@pytest.fixture(scope="session")
def once(tmp_path_factory) -> Callable[[str, Callable[[Path], object]], Path]:
    """`once(name, make)`: the folder of this name, which `make` is given empty and fills, by whichever process comes first."""
    own = tmp_path_factory.getbasetemp()
    place = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    place.mkdir(exist_ok=True)

    def folder(name: str, make: Callable[[Path], object]) -> Path:
        made, whole = place / name, place / f"{name}.whole"
        with FileLock(place / f"{name}.lock"):
            if not whole.exists():
                shutil.rmtree(made, ignore_errors=True)  # of a process that failed
                made.mkdir()
                make(made)
                whole.touch()
        return made

    return folder


@pytest.fixture(scope="session")
def report(once) -> Callable[[str], Path]:
    """By engine, a copy of the repository, whose path has blanks and letters beyond ASCII, with the report rendered in it."""

    def made(engine: str) -> Path:
        def make(folder: Path) -> None:
            outcome = study(copied(folder), "render", "--engine", engine)
            assert outcome.returncode == 0, outcome.stderr[-3000:]
            assert outcome.stdout == ""

        return once(f"a clinic's report by {engine}", make) / "отчёт 1"

    return made


@pytest.fixture(scope="session")
def small_report(once) -> Path:
    """A copy of the repository with a book of one short chapter, rendered as a website."""

    def make(folder: Path) -> None:
        status, said = render(with_chapters(copied(folder), {"index": one_cell("print('good')")}))
        assert status == 0, said

    return once("a small report", make) / "отчёт 1"


def printed(cells) -> list[str]:
    """Cells of a table as they are printed, without the marks that carry the origin of their numbers."""
    return [re.sub("</?span[^>]*>", "", cell) for cell in cells]


def change_cell(cut: Path, table: str, line: int, column: str, value: str) -> str:
    """Write `value` into one cell of a cut's table; the former text."""
    import csv

    path = cut / f"{table}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    place = rows[0].index(column)
    former, rows[line - 1][place] = rows[line - 1][place], value
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return former
