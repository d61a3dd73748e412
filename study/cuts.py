"""Data cuts: where they are and what `cut.yml` says of them."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from expectations.schema import TABLES
from study.errors import UsageError
from study.paths import CUTS, shown
from study.settings import Settings, read_yaml

_KEYS = ("label", "extracted", "kind", "description", "previous")
KINDS = ("reconstructed", "clinical")


@dataclass(frozen=True)
class Cut:
    """A data cut's folder and the contents of its `cut.yml`."""

    folder: Path
    label: str
    extracted: datetime.date
    kind: str
    description: str
    previous: str | None

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def files(self) -> list[Path]:
        """The tables and `cut.yml`, whether they exist or not."""
        return [*(self.folder / f"{table}.csv" for table in TABLES), self.folder / "cut.yml"]


def find_cut(given: str | Path) -> Cut:
    """The cut of this name below `data/cuts`, or in this folder.

    Raises :class:`UsageError` when there is no such folder or its `cut.yml` is absent, unreadable or wrong.
    """
    named = CUTS / str(given)
    is_name = Path(given).name == str(given) and named.is_dir()
    folder = (named if is_name else Path(given)).resolve()
    if not folder.is_dir():
        known = ", ".join(sorted(path.name for path in CUTS.iterdir() if path.is_dir())) if CUTS.is_dir() else "none"
        raise UsageError(f"{given} is no data cut: no such folder; cuts below {shown(CUTS)}: {known}")
    return read_cut(folder)


def read_cut(folder: Path) -> Cut:
    """The cut in this folder; raises :class:`UsageError` as :func:`find_cut`."""
    path = folder / "cut.yml"
    if path.is_dir():
        raise UsageError(f"{shown(path)} is a folder; it must be a file with the keys {', '.join(_KEYS)}")
    found = read_yaml(path)
    if not isinstance(found, dict) or set(found) != set(_KEYS):
        raise UsageError(f"{shown(path)} must have exactly the keys {', '.join(_KEYS)}")
    extracted = found["extracted"]
    if isinstance(extracted, str):
        try:
            extracted = datetime.date.fromisoformat(extracted)
        except ValueError:
            extracted = None
    if type(extracted) is not datetime.date:
        raise UsageError(f"{shown(path)}: extracted is {found['extracted']!r}; it must be a date such as 2022-06-06")
    if found["kind"] not in KINDS:
        raise UsageError(f"{shown(path)}: kind is {found['kind']!r}; it must be one of {', '.join(KINDS)}")
    for key in ("label", "description"):
        if not isinstance(found[key], str) or not found[key].strip():
            raise UsageError(f"{shown(path)}: {key} must be a text")
    if found["previous"] is not None and not isinstance(found["previous"], str):
        raise UsageError(f"{shown(path)}: previous must be the name of a cut, or null")
    texts = {key: found[key].strip() for key in ("label", "description")}
    return Cut(folder=folder, extracted=extracted, kind=found["kind"], previous=found["previous"], **texts)


def reported_cut(settings: Settings, data: str | Path | None = None) -> Cut:
    """The cut to report: `data` when given, else the one that the settings name."""
    return find_cut(settings.cut if data is None else data)
