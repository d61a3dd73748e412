"""The receipt: what was checked, with checksums. No number is computed from a cut that has none.

A receipt's name is the digest of everything it vouches for, so a changed file asks for another receipt: there is no stale one.
"""

import contextlib
import datetime
import json
import os
import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

import expectations.gate
from expectations.folder import others
from expectations.gate import Finding
from expectations.ordinary import is_ordinary
from study import scratch
from study.cuts import Cut
from study.errors import InvalidData, UsageError
from study.isolation import stop_unless_own_code
from study.paths import LOCK, ROOT, SETTINGS, frozen, private, shown, state
from study.settings import Settings
from study.sums import code_files, digest_of, sha256


@dataclass(frozen=True)
class Receipt:
    """What the gate said of a valid cut.

    `files` maps each file vouched for to its SHA-256; `warnings` are the findings that stop nothing; `expectations` lists every
    rule with its sentence, level and number of failures; `data_docs` is the folder of Great Expectations' pages.
    """

    digest: str
    files: dict[str, str]
    warnings: tuple[Finding, ...]
    expectations: list[dict[str, Any]]
    checked_at: str
    seconds: float
    folder: Path

    @property
    def data_docs(self) -> Path:
        return self.folder / "data-docs"


_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+(\w+)[\w.]*[ \t]+import\b|import[ \t]+([\w., \t]+))", re.MULTILINE)


def packages_behind(package: str) -> list[str]:
    """This package of the repository and those that its modules import, or the imported ones import in turn.

    Whole packages, since a module may read files beside it, and by the words of the import statements, which costs every
    command a hundredth of a second; a tree of syntax would take half of one.
    """
    found = [package]
    for each in found:  # grows while it is walked
        for path in code_files(each):
            if path.suffix != ".py":
                continue
            for origin, listed in _IMPORT.findall(path.read_text("utf-8")):
                names = [origin] if origin else [name.split()[0].partition(".")[0] for name in listed.split(",") if name.strip()]
                found += [name for name in dict.fromkeys(names) if name not in found and (ROOT / name / "__init__.py").is_file()]
    return sorted(found)


_GATE = packages_behind("expectations")
_LOADED = {path: sha256(path) for path in code_files(*{"protocol", "analysis", *_GATE})}
"""The code that this process runs, as it was when it was loaded."""


def loaded_sum(path: Path) -> str:
    """SHA-256 of a file that results depend on: of code as it was loaded, whatever the file has become since."""
    return _LOADED.get(path) or sha256(frozen(path))


def check_code() -> None:
    """Before something is kept: raises :class:`InvalidData` when files of code are not those that this process has loaded."""
    odd = [shown(path) for path, checksum in _LOADED.items() if not path.is_file() or sha256(path) != checksum]
    if odd:
        raise InvalidData(f"{', '.join(odd)} changed while the command ran; run it again")


def checksums(cut: Cut) -> dict[str, str]:
    """SHA-256 of everything the receipt vouches for; what the gate would not read is left to it to report."""
    sums = {path.name: sha256(frozen(path)) for path in cut.files if is_ordinary(frozen(path))}
    shared = [SETTINGS, LOCK, *code_files(*_GATE)]
    return sums | {path.relative_to(ROOT).as_posix(): loaded_sum(path) for path in shared}


def validate(cut: Cut, settings: Settings) -> Receipt:
    """The receipt of this cut; raises as :func:`examined`."""
    return examined(cut, settings)[0]


def examined(cut: Cut, settings: Settings) -> tuple[Receipt, dict[str, pd.DataFrame] | None]:
    """The receipt of this cut, from the shelf when nothing changed, else from a run of the gate, then with the tables it has read.

    Raises :class:`InvalidData` with every finding when the cut does not pass.
    """
    files, digest = _asked(cut, settings)
    folder = state("receipts", digest[:32])
    found = _shelved(folder, digest)
    return _check(cut, settings, files, digest, folder) if found is None else (found, None)


def shelved(cut: Cut, settings: Settings) -> Receipt | None:
    """The receipt of this cut if it lies on the shelf. Raises :class:`InvalidData` when a file cannot be read."""
    _, digest = _asked(cut, settings)
    return _shelved(state("receipts", digest[:32]), digest)


def _asked(cut: Cut, settings: Settings) -> tuple[dict[str, str], str]:
    """The checksums of what a receipt of this cut would vouch for, and its digest."""
    try:
        files = checksums(cut)
    except OSError as problem:
        raise InvalidData(f"{problem.filename}: {problem.strerror}") from None
    beside = [path.name for path in others(frozen(cut.folder))]
    return files, digest_of(files | {"parameters": json.dumps(settings.gate_parameters()), "beside": json.dumps(beside)})


def _shelved(folder: Path, digest: str) -> Receipt | None:
    try:
        record = json.loads((folder / "receipt.json").read_text("utf-8"))
        findings = tuple(Finding.from_record(finding) for finding in record.pop("warnings"))
        receipt = Receipt(folder=folder, warnings=findings, **record)
    except (OSError, ValueError, TypeError, KeyError):
        return None  # absent, or damaged by a crash: the gate runs again
    return receipt if receipt.digest == digest and receipt.data_docs.is_dir() else None


def _check(cut: Cut, settings: Settings, files: dict[str, str], digest: str, folder: Path) -> tuple[Receipt, dict[str, pd.DataFrame]]:
    started = time.monotonic()
    stop_unless_own_code()
    verdict = expectations.gate.check(frozen(cut.folder), settings.gate_parameters())
    if not verdict.valid:
        raise InvalidData(f"{shown(cut.folder)} is not valid, so nothing is computed from it", verdict.findings)
    from expectations.data_docs import write_data_docs  # Great Expectations takes seconds to import

    if checksums(cut) != files:
        raise InvalidData(f"{shown(cut.folder)} or its rules changed while being checked; run the command again")
    check_code()
    private(folder.parent)
    aside = Path(tempfile.mkdtemp(dir=scratch.folder(), prefix="receipt-"))
    try:
        write_data_docs(verdict, aside / "data-docs")
        record = {
            "digest": digest,
            "files": files,
            "warnings": [finding.as_record() for finding in verdict.findings],
            "expectations": verdict.expectations,
            "checked_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - started, 3),
        }
        text = json.dumps(record, indent=1, ensure_ascii=False)
        (aside / "receipt.json").write_text(text, encoding="utf-8", newline="\n")
        if _shelved(folder, digest) is None:
            shutil.rmtree(folder, ignore_errors=True)  # a damaged one
            with contextlib.suppress(OSError):  # another process has been first with the same receipt
                os.replace(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    receipt = _shelved(folder, digest)
    if receipt is None:
        raise UsageError(f"the receipt could not be written to {shown(folder)}; delete {shown(state())} and run the command again")
    return receipt, verdict.tables
