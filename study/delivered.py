"""The report as it was delivered: its record, and what is left of renders that were killed. Nothing here reads data or sets type."""

import json
from collections.abc import Callable
from pathlib import Path

from renderer.now import Now
from study import placing
from study.paths import BOOK, ROOT, shown, state
from study.placing import bring_back
from study.sums import sha256

PROVENANCE = "provenance.json"
PRODUCTS = {"html": "index.html", "pdf": "*.pdf", "docx": "*.docx"}
"""What a reader opens, by format."""


def provenance(book: Path) -> dict | None:
    """The record of a finished report, or None where there is none."""
    try:
        return json.loads((book / PROVENANCE).read_text("utf-8"))
    except (OSError, ValueError):
        return None


def is_whole(book: Path, record: dict) -> bool:
    """Whether every file of the report is as it was written, and what its cells have opened as it was then."""
    if changed_inputs(record):
        return False
    return all((book / name).is_file() and sha256(book / name) == checksum for name, checksum in record["files"].items())


def changed_inputs(record: dict) -> list[str]:
    """Names of the files and listed folders of the project that are not what this report was made from."""
    now = Now(ROOT, record.get("made", {}))
    return [name for name, checksum in record.get("inputs", {}).items() if now[name] != checksum]


def can_restore(book: Path = BOOK) -> bool:
    """Whether an unfinished `quarto render` left the book without its record while a copy of the last good one is kept."""
    return provenance(book) is None and provenance(last_good()) is not None


def unfinished(output: Path) -> str:
    return f"{output.name}.under-way-"


def sweep() -> None:
    """Remove unfinished reports beside the report whose renders were killed."""
    placing.sweep(BOOK.parent, unfinished(BOOK))


def former(output: Path) -> Path:
    return output.with_name(f"{output.name}.former")


def recover(output: Path, say: Callable[[str], None]) -> None:
    """Put things right after a render that was killed: bring back the former report, sweep away unfinished ones."""
    if bring_back(output, former(output)):
        say(f"brought back {shown(output)} after an interrupted render")
    placing.sweep(output.parent, unfinished(output))


def last_good() -> Path:
    return state("last-good")


def products(book: Path, formats: list[str]) -> list[Path]:
    """The files that a reader opens, of these formats."""
    return [path for name in formats for path in sorted(book.glob(PRODUCTS[name]))]
