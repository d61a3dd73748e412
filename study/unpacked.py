"""`study verify --archive`: a delivered archive, which may be a stranger's. Its checksums come first; then its data and its report
are verified by the code that is here, and no line of the archive's own is run unless somebody asks for it.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from study import scratch
from study.archive import SUMS, WHEELS, source_files
from study.child import call
from study.errors import DIFFERENT, StudyError, UsageError
from study.paths import LOCK, ROOT, SETTINGS
from study.printing import plain
from study.sums import sha256
from study.zipped import unpack

_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_DELIVERED = ("_book", WHEELS)
_RECORDS = ("environment.json", "receipt.json", "ro-crate-metadata.json", SUMS)
_MOST_LINES = 100
Say = Callable[[str], None]


def verify_archive(archive: Path, data: Path | None, say: Say, show: Say, own_code: bool = False) -> int:
    """Exit status: 0 same, 1 different, else that of the `study verify` that could not be done.

    Different is an archive with a file that is not as its list of checksums says (nothing is made anew then), one whose data do
    not give its report by the code that is here, and one whose code is other than the code here; each difference is shown.
    `data`: folder with the tables that a clinical archive leaves out. `own_code`: run the archive's code instead of the one here,
    in this environment when it was locked to the same packages, else in one of its own.
    Raises :class:`UsageError` for what is no archive.
    """
    with tempfile.TemporaryDirectory(prefix="archive-", dir=scratch.folder()) as folder:
        root = Path(folder) / "archive"
        root.mkdir()
        names = unpack(archive, root)
        if SUMS not in names:
            raise UsageError(f"{plain(archive)} is no archive of a study report: it has no {SUMS}")
        if altered := _altered(root, root / SUMS):
            _show(altered, show)
            show(f"different: {len(altered)} files are not as the archive's own checksums say; nothing of it was run")
            return DIFFERENT
        say(f"{plain(archive.name)}: whole, by its own checksums")
        odd = [line for sums in sorted((root / "data" / "cuts").glob(f"*/{SUMS}")) for line in _complete(sums, data)]
        code = other_code(root)
        if own_code:
            for line in code:
                say(line)
            return _by_own_code(root, odd, say, show)
        _show(code, show)
        say("verifying its data and its report by the code that is here")
        status, lines = _run(_with_code_of_here(root, Path(folder) / "here"))
        if status not in (0, DIFFERENT):
            return status
        found = [*odd, *lines[:-1]]
        _show(found, show)
        if code and not found:
            show(f"different: {len(code)} files of its code are not those here; by the code here its data give its report")
        elif code or odd:
            show(f"different: {len(code) + len(found)} differences")
        else:
            show(lines[-1])
        return DIFFERENT if code or odd else status


def _show(lines: list[str], show: Say) -> None:
    for line in lines[:_MOST_LINES]:
        show(plain(line))
    if len(lines) > _MOST_LINES:
        show(f"and {len(lines) - _MOST_LINES} more")


def _listed(sums: Path) -> dict[str, str]:
    """Checksum by name of file."""
    try:
        lines = sums.read_text("utf-8").splitlines()
    except (OSError, ValueError):
        raise UsageError(f"the archive's {SUMS} cannot be read; get a new copy of the archive") from None
    listed: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        parts = _LINE.fullmatch(line)
        if parts is None or parts[2] in listed:
            raise UsageError(f"line {number} of the archive's {SUMS} is no checksum; get a new copy of the archive")
        listed[parts[2]] = parts[1]
    return listed


def _altered(folder: Path, sums: Path) -> list[str]:
    """Files that are missing, altered or added beside those that the list of checksums names."""
    listed = _listed(sums)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path != sums}
    lines = [f"{name}: missing from the archive" for name in sorted(listed.keys() - there)]
    lines += [f"{name}: not in the archive's list of files" for name in sorted(there - listed.keys())]
    changed = (name for name in sorted(listed.keys() & there) if sha256(folder / name) != listed[name])
    return lines + [f"{name}: altered since the archive was made" for name in changed]


def _complete(sums: Path, data: Path | None) -> list[str]:
    """Put the tables that the archive leaves out into their place; the differences to the checksums that it holds."""
    cut = sums.parent.name
    if data is None:
        raise UsageError(f"the archive holds no rows of the cut {cut}; name the folder that has them with --data")
    odd = []
    for name, checksum in _listed(sums).items():
        if not re.fullmatch(r"[a-z_]+\.(?:csv|parquet)", name):
            raise UsageError(f"the archive's list of the tables of the cut {cut} names {plain(name)}, which is no table")
        table = next((place / name for place in (data / cut, data) if (place / name).is_file()), None)
        if table is None:
            raise UsageError(f"{data} has no {name} of the cut {cut}")
        if sha256(table) != checksum:
            odd.append(f"{table}: not the file that the archive was made from")
        shutil.copyfile(table, sums.parent / name)
    return odd


def _is_data(name: str) -> bool:
    """What is taken from the archive and judged by its results; everything else that it brings is code."""
    return name == SETTINGS.name or (name.startswith("data/") and not name.endswith(".py"))


def other_code(root: Path) -> list[str]:
    """Files of an unpacked archive that are neither its data nor its report, and are others than here."""
    theirs = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    theirs = {name for name in theirs if name.partition("/")[0] not in _DELIVERED and name not in _RECORDS and not _is_data(name)}
    ours = {name for name, _ in source_files() if not _is_data(name)}
    lines = [f"{name}: code that is here is missing from the archive" for name in sorted(ours - theirs)]
    lines += [f"{name}: code of the archive that is not here" for name in sorted(theirs - ours)]
    changed = (name for name in sorted(ours & theirs) if sha256(root / name) != sha256(ROOT / name))
    return lines + [f"{name}: not the code that is here" for name in changed]


def _with_code_of_here(root: Path, folder: Path) -> Path:
    """A repository in `folder` of the code that is here with the data, the settings and the report of the archive."""
    ours = {name: path for name, path in source_files() if not _is_data(name)}
    theirs = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    taken = {name: path for name, path in theirs.items() if _is_data(name) or name.startswith("_book/")}
    for name, path in (taken | ours).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return folder


def _run(root: Path) -> tuple[int, list[str]]:
    """Exit status of `study verify` in a repository, by its code and in this environment, and what it printed."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("STUDY_")}
    env |= {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return _called([sys.executable, "-m", "study.cli", "verify"], root, env)


def _by_own_code(root: Path, odd: list[str], say: Say, show: Say) -> int:
    """The verdict of the archive's own code, which nobody here vouches for."""
    say("running the archive's own code, as asked for")
    if (root / LOCK.name).read_bytes() == LOCK.read_bytes():
        status, lines = _run(root)
    else:
        say("its packages are others than here, so it gets an environment of its own")
        env = {key: value for key, value in os.environ.items() if not key.startswith("STUDY_")}
        python = getattr(sys, "_base_executable", sys.executable)
        status, lines = _called([python, "bootstrap.py", "verify"], root, env)
    _show([*odd, *lines[:-1]], show)
    show(f"by the archive's own code: {plain(lines[-1]) if lines else 'no verdict'}")
    return status or (DIFFERENT if odd else 0)


def _called(command: list[str], root: Path, env: dict[str, str]) -> tuple[int, list[str]]:
    try:
        status, out, _ = call(command, root, env, err=None)
    except OSError as problem:
        raise StudyError(f"study verify could not be run: {problem.strerror}") from None
    lines = out.splitlines()
    if status in (0, DIFFERENT) and not lines:
        raise StudyError("study verify ended without a verdict; its own message is above")
    return status, lines


