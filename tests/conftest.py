"""What several tests share: a state folder of their own, changeable copies of the shipped cut, the shipped results."""

import os
import re
import shutil
from pathlib import Path

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")
ROOT = Path(__file__).resolve().parent.parent
SHIPPED_CUT = ROOT / "data" / "cuts" / "week-26"


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the tests that take minutes, too")


def pytest_collection_modifyitems(config, items):
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
