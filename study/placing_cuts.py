"""Puts a finished cut into its place below `data/cuts`, in one step, and undoes what a crash left half done."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from study import placing

_ASIDE = ".under-way-"
_JOURNAL = ".replacing.json"


@contextlib.contextmanager
def aside(cuts: Path) -> Iterator[Path]:
    """A folder beside the cuts to make a new one in, closed to everybody but the user; what is still there at the end is removed."""
    cuts.mkdir(parents=True, exist_ok=True)
    with placing.aside(cuts, _ASIDE) as folder:
        yield folder


def settle(folder: Path, target: Path, kept: Path | None) -> None:
    """Rename `folder` to `target`; what is there now is kept as `kept`. Afterwards either all of it has happened or nothing.

    This and the settings that name the cut cannot change in one step, so a journal lets :func:`recover` undo what a crash has
    interrupted, until :func:`settled` says that all is done.
    """
    for path in folder.iterdir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    journal = {"made": folder.name, "target": target.name, "kept": None if kept is None else kept.name}
    (target.parent / _JOURNAL).write_text(json.dumps(journal), encoding="utf-8")
    try:
        if kept is not None:
            os.rename(target, kept)
        os.rename(folder, target)
    except BaseException:
        recover(target.parent)
        raise


def settled(cuts: Path) -> None:
    """The settings name the new cut: there is nothing to undo any more."""
    (cuts / _JOURNAL).unlink()


def recover(cuts: Path, reported: str | None = None) -> None:
    """Undo a :func:`settle` that is not complete, and remove what was under way. Not while another add runs.

    It is complete when the settings name the new cut, so `reported` is the cut that they name.
    """
    journal = cuts / _JOURNAL
    if journal.is_file():
        _undo(journal, reported)
        journal.unlink()
    placing.sweep(cuts, _ASIDE)


def _undo(journal: Path, reported: str | None) -> None:
    try:
        names = json.loads(journal.read_text("utf-8"))
        made, target = (journal.parent / Path(names[key]).name for key in ("made", "target"))
        kept = None if names["kept"] is None else journal.parent / Path(names["kept"]).name
    except (ValueError, KeyError, TypeError):
        return  # the crash came while it was written, so before anything was renamed
    if kept is not None and not kept.is_dir():
        return  # nothing has been renamed
    if not made.exists() and reported != target.name:  # while it is where it was made, `target` is not of this add
        shutil.rmtree(target, ignore_errors=True)
    if kept is not None and not target.exists():
        os.rename(kept, target)


def interrupted(cuts: Path) -> bool:
    """Whether a crash left something half done."""
    return (cuts / _JOURNAL).is_file()


def sweep(cuts: Path) -> None:
    """Remove the unfinished folders of adds that were killed; not while the journal needs them."""
    if not interrupted(cuts):
        placing.sweep(cuts, _ASIDE)
