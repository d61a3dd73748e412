"""Checksums of files, and which files the code of a package is; with the standard library alone."""

import hashlib
import json
from pathlib import Path

from study.paths import ROOT


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(files: dict[str, str]) -> str:
    """One digest over names and checksums of files."""
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def code_files(*packages: str) -> list[Path]:
    """Source and data files of these packages of the repository, in a stable order."""
    wanted = {".py", ".json", ".css", ".js", ".html", ".typ", ".lua", ".docx", ".j2"}
    found = [path for package in packages for path in (ROOT / package).rglob("*") if path.suffix in wanted]
    return sorted(path for path in found if "__pycache__" not in path.parts)
