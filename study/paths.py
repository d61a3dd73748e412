"""Where things are in the repository."""

import contextlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
CUTS = DATA / "cuts"
PUBLISHED = DATA / "published.yml"
EVIDENCE = DATA / "evidence.csv"
SETTINGS = ROOT / "study.yml"
LOCK = ROOT / "requirements.lock"
BOOK = ROOT / "_book"
STATE_VARIABLE = "STUDY_STATE"
STATE = Path(os.environ.get(STATE_VARIABLE) or ROOT / ".study")
"""Receipts, caches and the renders under way; all of it can be deleted at any time. The environment variable names another
folder, for a report made without anything that was kept."""


def private(folder: Path) -> Path:
    """`folder`, made where it is absent. It and the folder of the state are closed to everybody but the user whatever the umask,
    because rows of patients lie in them; who cannot enter the first reaches nothing below it."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in (STATE, folder):
        with contextlib.suppress(OSError):  # somebody else's folder, or a file system without permissions
            each.chmod(0o700)
    return folder


def shown(path: Path) -> str:
    """A path as messages show it: relative to the repository where it lies inside, with forward slashes."""
    path = path.resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
