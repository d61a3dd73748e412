"""Puts a finished cut into its place below `data/cuts`, in one step, and undoes what a crash left half done."""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_ASIDE = ".under-way-"
_JOURNAL = ".replacing.json"


@contextlib.contextmanager
def aside(cuts: Path) -> Iterator[Path]:
    """A folder beside the cuts to make a new one in; what is still there at the end is removed."""
    cuts.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=cuts, prefix=_ASIDE))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def settle(folder: Path, target: Path, kept: Path | None) -> None:
    """Rename `folder` to `target`; what is there now is kept as `kept`. Afterwards either all of it has happened or nothing.

    Two renames cannot be one step, so a journal lets :func:`recover` finish what a crash between them interrupted.
    """
    for path in folder.iterdir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    if kept is None:
        os.rename(folder, target)
        return
    journal = target.parent / _JOURNAL
    journal.write_text(json.dumps({"target": target.name, "kept": kept.name}), encoding="utf-8")
    try:
        os.rename(target, kept)
        os.rename(folder, target)
    except BaseException:
        recover(target.parent)
        raise
    journal.unlink()


def unsettle(target: Path, kept: Path | None) -> None:
    """Undo :func:`settle`."""
    shutil.rmtree(target)
    if kept is not None:
        os.rename(kept, target)


def recover(cuts: Path) -> None:
    """Bring back the cut that was being replaced when a crash came, and remove what was under way. Not while another add runs."""
    journal = cuts / _JOURNAL
    if journal.is_file():
        try:
            names = json.loads(journal.read_text("utf-8"))
            target, kept = cuts / names["target"], cuts / names["kept"]
        except (ValueError, KeyError, TypeError):
            pass  # the crash came while it was written, so before anything was renamed
        else:
            if kept.is_dir() and not target.exists():
                os.rename(kept, target)
        journal.unlink()
    for folder in cuts.glob(f"{_ASIDE}*"):
        shutil.rmtree(folder, ignore_errors=True)


def interrupted(cuts: Path) -> bool:
    """Whether a crash left something half done."""
    return (cuts / _JOURNAL).is_file()
