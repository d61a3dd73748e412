"""The folder for what is unfinished: each process has its own, and the next one sweeps away what the dead have left."""

import atexit
import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

from study.paths import private, state

_own: tuple[Path, FileLock] | None = None


def folder() -> Path:
    """This process's folder for unfinished files, on the file system of receipts and results, so that they can be moved there.

    From the first call on it also takes the temporary files of libraries and of the programs that this process starts. It
    vanishes with the process; after a crash, when another process asks for its own.
    """
    global _own
    inherited = Path(tempfile.gettempdir())
    if inherited.parent == _under_way() and inherited.is_dir():
        return inherited  # of this process, or of the one that has started this one
    private(_under_way())
    with FileLock(_under_way() / "sweeping.lock"):
        _sweep()
        own = Path(tempfile.mkdtemp(dir=_under_way(), prefix="process-"))
        lock = FileLock(_lock_of(own))
        lock.acquire(timeout=0)
    _own = own, lock
    tempfile.tempdir = str(own)
    os.environ.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(own)))
    atexit.register(_leave)
    return own


def _under_way() -> Path:
    return state("under-way")


def sweep() -> None:
    """Remove what processes have left that are no more, if there is anything."""
    if any(_under_way().glob("process-*")):
        with contextlib.suppress(OSError), FileLock(_under_way() / "sweeping.lock"):
            _sweep()


def _lock_of(own: Path) -> Path:
    return own.with_suffix(".lock")


def _sweep() -> None:
    """Remove the folders of processes that are no more: nobody holds their locks."""
    for own in _under_way().glob("process-*"):
        if not own.is_dir():
            continue
        lock = FileLock(_lock_of(own))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        shutil.rmtree(own, ignore_errors=True)
        lock.release()
        _lock_of(own).unlink(missing_ok=True)


def _leave() -> None:
    if _own is None:
        return
    own, lock = _own
    shutil.rmtree(own, ignore_errors=True)
    lock.release()
    _lock_of(own).unlink(missing_ok=True)
