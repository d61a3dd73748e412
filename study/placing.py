"""Putting a finished file or folder in the place of another, so that at every moment one of the two is there, whole."""

import contextlib
import ctypes
import errno
import glob
import os
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def put_in_place(finished: Path, target: Path, former: Path) -> None:
    """Rename `finished` to `target`; what is there now vanishes. Raises OSError, with `target` as it was.

    Linux exchanges the two in one step. Elsewhere two renames do it, and :func:`bring_back` undoes a crash between them.
    """
    if not target.exists() or not _exchanged(finished, target):
        try:
            if target.exists():
                os.replace(target, former)
            os.replace(finished, target)
        except OSError:
            bring_back(target, former)
            raise
        remove(former)
    else:
        remove(finished)  # the former one, after the exchange


@contextlib.contextmanager
def replacing(output: Path, folder: bool = False) -> Iterator[Path]:
    """A new file (or `folder`) with a name of its own beside `output`, which takes its place when the block ends well.

    It vanishes when the block does not. A folder may take the place of an empty one alone. Raises OSError.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{output.name[:100]}.under-way-"
    sweep(output.parent, prefix)
    with aside(output.parent, prefix, folder) as path:
        yield path
        path.chmod(0o755 if folder else 0o644)
        if folder and output.is_dir():
            output.rmdir()
        os.replace(path, output)


@contextlib.contextmanager
def aside(place: Path, prefix: str, folder: bool = True) -> Iterator[Path]:
    """A new `folder` or file in `place` for what is unfinished, closed to everybody but the user; gone at the end.

    A lock beside it says that its process lives; :func:`sweep` removes what the dead have left. Raises OSError.
    """
    path = place / f"{prefix}{secrets.token_hex(4)}"
    try:
        with FileLock(_lock_of(path)):
            try:
                path.mkdir(0o700) if folder else path.touch(0o600, exist_ok=False)
                yield path
            except OSError as problem:
                _say_where(problem, place)
                raise
            finally:
                _discard(path)
    finally:
        with contextlib.suppress(OSError):
            _lock_of(path).unlink(missing_ok=True)


def sweep(place: Path, prefix: str) -> None:
    """Remove what :func:`aside` has made in `place` for processes that are no more; what cannot be removed stays."""
    for found in place.glob(f"{glob.escape(prefix)}*"):
        path = found.with_name(found.name.removesuffix(_LOCK))
        with contextlib.suppress(OSError, Timeout):
            with FileLock(_lock_of(path), timeout=0):
                _discard(path)
            _lock_of(path).unlink(missing_ok=True)


def _say_where(problem: OSError, place: Path) -> None:
    """Writing to a full disk names no file; where this disk is full, it is this one."""
    if problem.errno == errno.ENOSPC and problem.filename is None and shutil.disk_usage(place).free < _NEARLY_FULL:
        problem.filename = str(place)


_LOCK = ".lock"
_NEARLY_FULL = 1_000_000


def _lock_of(path: Path) -> Path:
    return path.with_name(path.name + _LOCK)


def _discard(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        remove(path)
    else:
        path.unlink(missing_ok=True)


def replace_text(path: Path, text: str) -> None:
    """Write a file anew in one step, with its permissions: it is never half written. Raises OSError, with the file as it was."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, name)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def bring_back(target: Path, former: Path) -> bool:
    """Put things right after a crash in :func:`put_in_place`; whether the former folder had to be brought back."""
    if target.exists() or not former.exists():
        remove(former)
        return False
    os.replace(former, target)
    return True


def _exchanged(one: Path, other: Path) -> bool:
    if sys.platform != "linux":
        return False
    exchange = getattr(ctypes.CDLL(None), "renameat2", None)
    if exchange is None:
        return False
    return exchange(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0


def remove(folder: Path) -> None:
    """Remove a folder as far as it can be removed, also one that was marked read-only."""
    for place, _, _ in os.walk(folder):
        if not os.access(place, os.W_OK):
            os.chmod(place, stat.S_IRWXU)
    shutil.rmtree(folder, ignore_errors=True)
