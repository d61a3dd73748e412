"""What sets the type, Quarto or the built-in renderer, and the formats."""

import shutil
import subprocess

from study.errors import UsageError

FORMATS = {"html": "html", "pdf": "study-typst", "docx": "docx"}
"""Formats of the command line and Quarto's names for them."""
ENGINES = ("builtin", "quarto")
OLDEST_QUARTO = (1, 9)


def choose_engine(wanted: str) -> str:
    """The engine to use: Quarto where it is there and recent enough, else the built-in one.

    Raises :class:`UsageError` when Quarto is asked for by name and cannot be used.
    """
    if wanted == "builtin":
        return wanted
    version = quarto_version()
    if version is not None and version >= OLDEST_QUARTO:
        return "quarto"
    if wanted == "quarto":
        oldest = ".".join(map(str, OLDEST_QUARTO))
        found = "is not on the path" if version is None else f"is version {'.'.join(map(str, version))}"
        raise UsageError(f"Quarto {found}; it has to be {oldest} or newer. --engine builtin needs no Quarto")
    return "builtin"


def quarto_version() -> tuple[int, ...] | None:
    program = shutil.which("quarto")
    if program is None:
        return None
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
        return tuple(int(part) for part in answer.strip().split("-")[0].split(".")[:2])
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
