"""`study verify --archive`: a delivered archive, unpacked aside, checked for being whole and made to verify itself."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from study import scratch
from study.archive import SUMS
from study.errors import StudyError, UsageError
from study.paths import LOCK


def verify_archive(archive: Path, data: Path | None, say: Callable[[str], None], show: Callable[[str], None]) -> int:
    """Exit status of the archive's own `study verify`; 1 when a file of it is not as its list of checksums says.

    The archive's code is run: in this environment when it was locked to the same packages, else in one of its own.
    `data`: folder with the tables that a clinical archive leaves out. Raises :class:`UsageError` for what is no archive.
    """
    with tempfile.TemporaryDirectory(prefix="archive-", dir=scratch.folder()) as folder:
        root = Path(folder)
        _unpack(archive, root)
        odd = _altered(root, root / SUMS, "archive")
        for tables in sorted((root / "data" / "cuts").glob(f"*/{SUMS}")):
            odd += _complete(tables, data)
        for line in odd:
            show(line)
        say(f"{archive.name}: {'altered' if odd else 'whole'}; verifying it by its own code")
        status = _run(root, say)
    return status or int(bool(odd))


def _unpack(archive: Path, root: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as source:
            for name in source.namelist():
                path = PurePosixPath(name)
                if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
                    raise UsageError(f"{archive}: the entry {name!r} leads out of the archive; nothing was unpacked")
            if SUMS not in source.namelist():
                raise UsageError(f"{archive} is no archive of a study report: it has no {SUMS}")
            source.extractall(root)
    except (OSError, zipfile.BadZipFile, EOFError) as problem:
        raise UsageError(f"{archive} cannot be read: {problem}") from None


def _altered(folder: Path, sums: Path, what: str) -> list[str]:
    """Files that are missing, altered or added beside those that the list of checksums names."""
    listed = dict(reversed(line.split("  ", 1)) for line in sums.read_text("utf-8").splitlines())
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path != sums}
    lines = [f"{name}: missing from the {what}" for name in sorted(listed.keys() - there)]
    lines += [f"{name}: not in the {what}'s list of files" for name in sorted(there - listed.keys())]
    changed = (name for name in sorted(listed.keys() & there) if _sum(folder / name) != listed[name])
    return lines + [f"{name}: altered since the {what} was made" for name in changed]


def _complete(sums: Path, data: Path | None) -> list[str]:
    """Put the tables that the archive leaves out into their place; the differences to the checksums that it holds."""
    cut = sums.parent.name
    if data is None:
        raise UsageError(f"the archive holds no rows of the cut {cut}; name the folder that has them with --data")
    odd = []
    for line in sums.read_text("utf-8").splitlines():
        checksum, name = line.split("  ", 1)
        table = next((place / name for place in (data / cut, data) if (place / name).is_file()), None)
        if table is None:
            raise UsageError(f"{data} has no {name} of the cut {cut}")
        if _sum(table) != checksum:
            odd.append(f"{table}: not the file that the archive was made from")
        shutil.copyfile(table, sums.parent / name)
    return odd


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _run(root: Path, say: Callable[[str], None]) -> int:
    env = {key: value for key, value in os.environ.items() if not key.startswith("STUDY_")}
    if (root / LOCK.name).read_bytes() == LOCK.read_bytes():
        command = [sys.executable, "-m", "study.cli", "verify"]
        env |= {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    else:
        say("its packages are others than here, so it gets an environment of its own")
        command = [getattr(sys, "_base_executable", sys.executable), "bootstrap.py", "verify"]
    try:
        return subprocess.call(command, cwd=root, env=env)
    except OSError as problem:
        raise StudyError(f"the archive's own study verify could not be run: {problem}") from None
