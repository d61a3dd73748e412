"""What ends a command, and with which exit status."""

import errno
import os
import shutil
from pathlib import Path

from study import variables
from study.paths import state

INVALID, USAGE, RENDERING = 1, 2, 3
DIFFERENT = 1
INTERRUPTED = 130


class StudyError(Exception):
    """A message for the user that says what is wrong and what to do; `status` is the command's exit status."""

    status = USAGE


class UsageError(StudyError):
    """A wrong option, an unreadable folder or settings file."""


class InvalidData(StudyError):
    """The data cut has not passed the gate; `findings` are what stood in the way."""

    status = INVALID

    def __init__(self, message: str, findings=()):
        super().__init__(message)
        self.findings = tuple(findings)


class RenderingFailed(StudyError):
    """The report could not be made; the last good one is untouched."""

    status = RENDERING


_REMEDIES = {
    errno.ENOSPC: "free some space on that disk and run the command again",
    errno.EDQUOT: "free some space on that disk and run the command again",
    errno.EROFS: "make it writable, or work in a copy of the repository that is",
    errno.EACCES: "make it writable and run the command again",
    errno.EPERM: "make it writable and run the command again",
    errno.EMFILE: "close other programs, or raise the limit of open files, and run the command again",
    errno.ENOMEM: "close other programs and run the command again",
}


def machine_problem(problem: OSError) -> str:
    """What the machine refused and what to do about it. Nothing that was finished before is lost."""
    if problem.errno == errno.EBADF:
        return "standard output is closed, so nothing could be printed"
    inner = problem
    if problem.errno is None and problem.args and isinstance(problem.args[0], list) and problem.args[0]:
        _, place, reason = problem.args[0][0]  # copying a folder collects its problems as texts
        number = next((code for code in _REMEDIES if f"[Errno {code}]" in str(reason)), None)
        inner = OSError(number, str(reason)) if number is None else OSError(number, os.strerror(number), place)
    where = f" ({inner.filename})" if inner.filename else ""
    remedy = _free(inner) + _REMEDIES.get(inner.errno, "put that right and run the command again")
    if inner.errno in (errno.EROFS, errno.EACCES, errno.EPERM) and Path(str(inner.filename or "")).is_relative_to(state()):
        remedy += f"; or name another folder for the program's own files in the environment variable {variables.STATE_FOLDER}"
    return f"{inner.strerror or inner}{where}; {remedy}. Whatever was finished before is as it was"


def _free(problem: OSError) -> str:
    """How much is free on the disk that is full, where it is known which one that is."""
    if problem.errno != errno.ENOSPC or not isinstance(problem.filename, str | bytes | os.PathLike):
        return ""
    place = Path(os.path.abspath(os.fsdecode(problem.filename)))
    there = next((each for each in (place, *place.parents) if each.exists()), None)
    try:
        return "" if there is None else f"{shutil.disk_usage(there).free / 1e6:,.2f} MB are free there; "
    except OSError:
        return ""
