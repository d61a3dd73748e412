"""Where things are in the repository."""

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


def shown(path: Path) -> str:
    """A path as messages show it: relative to the repository where it lies inside, with forward slashes."""
    path = Path(os.path.realpath(path))  # unlike resolve() it takes a link that leads to itself
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
