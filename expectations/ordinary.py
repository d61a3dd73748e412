"""Which files the gate opens at all; with the standard library alone."""

import stat
from pathlib import Path

LARGEST_FILE = 64 * 1024 * 1024


def is_ordinary(path: Path) -> bool:
    """Whether this is a file of a size that the gate reads: no link, no folder, no pipe or device."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= LARGEST_FILE
