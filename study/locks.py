"""Commands that touch the same things exclude each other; the second one is told what is under way."""

import contextlib
import time
from collections.abc import Iterator

from filelock import FileLock, Timeout

from study.errors import RENDERING, StudyError
from study.paths import state

RENDER, ADD, PREVIEW = "render of this report", "study add", "study preview"
_A_PREVIEW = 60.0
"""Seconds that others wait for a preview: it has the lock for one making at a time."""


class Busy(StudyError):
    """Another command is at work on the same things."""

    status = RENDERING


@contextlib.contextmanager
def report(command: str) -> Iterator[None]:
    """Alone with the report and what it is made from; `command` is what others are told. Raises :class:`Busy`."""
    with _held("render", command):
        yield


@contextlib.contextmanager
def data(command: str) -> Iterator[None]:
    """Alone with the data cuts and the settings. Raises :class:`Busy`."""
    with _held("add", command):
        yield


@contextlib.contextmanager
def _held(name: str, command: str) -> Iterator[None]:
    state().mkdir(parents=True, exist_ok=True)
    holder = state(f"{name}.holder")
    lock = FileLock(state(f"{name}.lock"))
    deadline = time.monotonic() + _A_PREVIEW
    while not _acquired(lock):
        present = command
        with contextlib.suppress(OSError):
            present = holder.read_text("utf-8") or command
        if command == PREVIEW or present != PREVIEW or time.monotonic() > deadline:
            raise Busy(f"{'another' if present == command else 'a'} {present} is under way; wait for it to end")
        time.sleep(0.1)
    try:
        holder.write_text(command, encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _acquired(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    return True
