"""`study add`: take in a new data cut."""

import os
import re
import shutil
import tempfile
from pathlib import Path

from study.cuts import Cut, read_cut
from study.errors import UsageError
from study.paths import CUTS, SETTINGS, shown
from study.receipt import Receipt, validate
from study.settings import Settings

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")


def add(path: Path, name: str, settings: Settings) -> tuple[Cut, Receipt]:
    """Validate the cut in the folder `path`, copy it to `data/cuts/<name>` in one step, and make the settings report it.

    Raises :class:`InvalidData` when it does not pass the gate, :class:`UsageError` when the name is taken or unfit; nothing
    has changed then.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a cut: use small letters, digits, points and hyphens, as in week-52")
    target = CUTS / name
    if target.exists():
        raise UsageError(f"{shown(target)} exists already; a cut is never overwritten, choose another --cut")
    cut = read_cut(path.resolve())
    receipt = validate(cut, settings)
    CUTS.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=CUTS, prefix=".under-way-"))
    try:
        aside.chmod(0o755)
        for file in cut.files:
            shutil.copyfile(file, aside / file.name)
        os.replace(aside, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    report_cut(name)
    return read_cut(target), receipt


def report_cut(name: str) -> None:
    """Change the setting `cut` in study.yml and leave every other byte of it alone."""
    text = SETTINGS.read_text("utf-8")
    changed, count = re.subn(r"(?m)^cut:[ \t]*\S+", f"cut: {name}", text)
    if count != 1:
        raise UsageError(f"{shown(SETTINGS)} has no line that starts with cut:, so set it to {name} yourself")
    with tempfile.NamedTemporaryFile("w", dir=SETTINGS.parent, delete=False, encoding="utf-8", newline="\n") as file:
        file.write(changed)
    os.replace(file.name, SETTINGS)
