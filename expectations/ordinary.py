"""Which files the gate opens at all; with the standard library alone."""

import os
import stat
from pathlib import Path

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of a file from outside that is opened whatever the memory: a workbook, an export."""
SHARE_OF_MEMORY = 10
"""A table may have this part of the memory: what is made of it while it is checked takes about as many times its size."""


def largest_file() -> int:
    """Bytes that a table may have: the tenth part of this machine's memory, and 64 MB at least.

    >>> largest_file() >= 64 * 1024 * 1024
    True
    """
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows does not tell this way
        memory = 4 * 1024**3
    return max(LARGEST_FILE, memory // SHARE_OF_MEMORY)


def megabytes(size: int) -> str:
    """A size in words.

    >>> megabytes(2 * 1024 * 1024)
    '2 MB'
    """
    return f"{size // 1024 // 1024:,} MB"


FORMS = (".csv", ".parquet")
"""What a table of a cut may be."""


def files_of(folder: Path, table: str) -> list[Path]:
    """The files that hold a table: one, as CSV or as Parquet; both where both are there by mistake; the CSV where neither is."""
    named = [folder / f"{table}{form}" for form in FORMS]
    return [path for path in named if os.path.lexists(path)] or named[:1]


def is_ordinary(path: Path) -> bool:
    """Whether this is a file of a size that the gate reads: no link, no folder, no pipe or device."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= largest_file()
