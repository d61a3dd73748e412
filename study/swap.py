"""Putting a finished file or folder in the place of another, so that at every moment one of the two is there, whole."""

import contextlib
import ctypes
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

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
    if folder:
        aside = Path(tempfile.mkdtemp(dir=output.parent, prefix=prefix))
    else:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=prefix)
        os.close(handle)
        aside = Path(name)
    try:
        aside.chmod(0o755 if folder else 0o644)
        yield aside
        if folder and output.is_dir():
            output.rmdir()
        os.replace(aside, output)
    finally:
        if folder:
            remove(aside)
        else:
            aside.unlink(missing_ok=True)


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
