"""Where things are in the repository."""

import contextlib
import json
import os
from pathlib import Path

from study import variables

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
CUTS = DATA / "cuts"
PUBLISHED = DATA / "published.yml"
EVIDENCE = DATA / "evidence.csv"
COVERAGE = ROOT / "benchmarks" / "coverage.csv"
SETTINGS = ROOT / "study.yml"
LOCK = ROOT / "requirements.lock"
BOOK = ROOT / "_book"
STATE = Path(os.environ.get(variables.STATE_FOLDER) or ROOT / ".study")
"""Receipts, caches and the renders under way; all of it can be deleted at any time. The environment variable names another
folder, for a report made without anything that was kept. Others ask :func:`state`, so that a test changes it in one place."""


def state(*parts: str) -> Path:
    """The folder of the program's own files, or what lies in it at `parts`."""
    return STATE.joinpath(*parts)


def _of_the_render() -> dict[Path, Path]:
    try:
        listed = json.loads(Path(os.environ[variables.FROZEN]).read_text("utf-8"))
    except (KeyError, OSError, ValueError):
        return {}  # no kernel of a render; the report checks what it has read in any case
    return {Path(real): Path(copy) for real, copy in listed.items()}


copies: dict[Path, Path] = _of_the_render()
"""Files and folders that a copy stands in for while a report is made, each with its copy."""


def frozen(path: Path) -> Path:
    """Where to read what is at `path`: in its copy, which nobody changes, or there itself where none was taken."""
    return next((copy / path.relative_to(real) for real, copy in copies.items() if path.is_relative_to(real)), path)


def private(folder: Path) -> Path:
    """`folder`, made where it is absent. It and the folder of the state are closed to everybody but the user whatever the umask,
    because rows of patients lie in them; who cannot enter the first reaches nothing below it."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in (STATE, folder):
        with contextlib.suppress(OSError):  # somebody else's folder, or a file system without permissions
            each.chmod(0o700)
    return folder


def shown(path: Path) -> str:
    """A path as messages show it: relative to the repository where it lies inside, with forward slashes; never a copy's."""
    path = next((real / path.relative_to(copy) for real, copy in copies.items() if path.is_relative_to(copy)), path)
    path = Path(os.path.realpath(path))  # unlike resolve() it takes a link that leads to itself
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
