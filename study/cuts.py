"""Data cuts: where they are and what `cut.yml` says of them."""

import datetime
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import yaml

from analysis.markdown import closed
from expectations.privacy import identifying, looks_identifying, redacted
from expectations.schema import TABLES
from study.errors import UsageError
from study.paths import CUTS, shown
from study.settings import Settings, is_cut_name, read_yaml

_CONTROLS = {"Cc", "Cs", "Zl", "Zp"}
_KEYS = ("label", "extracted", "kind", "description", "previous")
KINDS = ("reconstructed", "clinical")
_LARGEST = 64 * 1024


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
    _check_ordinary(path)
    found = read_yaml(path)
    lines = _lines(path)

    def wrong(key: str, what: str) -> UsageError:
        return UsageError(f"{shown(path)} line {lines[key]}: {key} {what}")

    if not isinstance(found, dict) or set(found) != set(_KEYS) or set(lines) != set(_KEYS):
        named = [str(key) for key in lines] if isinstance(found, dict) else []
        odd = [f"{key} (line {lines[key]}) is unknown" for key in named if key not in _KEYS]
        odd += [f"{key} is missing" for key in _KEYS if key not in named]
        raise UsageError(
            f"{shown(path)} must have exactly the keys {', '.join(_KEYS)}" + (f"; {', '.join(odd)}" if odd else "")
        )
    for key in ("label", "description"):
        if not isinstance(found[key], str) or not found[key].strip():
            raise wrong(key, "must be a text")
        odd = (c for c in found[key].strip() if unicodedata.category(c) in _CONTROLS and (key, c) != ("description", "\n"))
        if control := next(odd, None):
            raise wrong(key, f"holds a line break or another control character (U+{ord(control):04X}); remove it")
        if what := identifying(found[key]):
            raise wrong(key, f"holds what reads like {what}; take it out, for the report would print it")
        if found["kind"] == "clinical" and looks_identifying(found[key]):
            raise wrong(key, "looks like a person's name, or names a school, a ward or a day; take it out, or word it otherwise")
    extracted = found["extracted"]
    if isinstance(extracted, str):
        try:
            extracted = datetime.date.fromisoformat(extracted)
        except ValueError:
            extracted = None
    if type(extracted) is not datetime.date:
        raise wrong("extracted", "must be a date such as 2022-06-06")
    if found["kind"] not in KINDS:
        raise wrong("kind", f"must be one of {', '.join(KINDS)}")
    previous = found["previous"]
    if previous is not None and not (isinstance(previous, str) and is_cut_name(previous)):
        raise wrong("previous", "must be the name of a cut, or null")
    texts = {key: closed(found[key].strip()) for key in ("label", "description")}
    return Cut(folder=folder, extracted=extracted, kind=found["kind"], previous=found["previous"], **texts)


def _check_ordinary(path: Path) -> None:
    """A pipe would be waited for and a device read without end; neither is opened."""
    try:
        found = path.lstat()
    except OSError:
        return  # read_yaml says it
    keys = ", ".join(_KEYS)
    if not stat.S_ISREG(found.st_mode):
        what = (
            "a link"
            if stat.S_ISLNK(found.st_mode)
            else "a folder"
            if stat.S_ISDIR(found.st_mode)
            else "a device or a pipe"
        )
        raise UsageError(f"{shown(path.parent)}/{path.name} is {what}; it must be a file with the keys {keys}")
    if found.st_size > _LARGEST:
        raise UsageError(f"{shown(path)} is larger than {_LARGEST // 1024} kB; it must be a file with the keys {keys}")


def _lines(path: Path) -> dict[str, int]:
    """The line of each key; raises :class:`UsageError` where one is there twice, of which YAML takes the last unseen."""
    root = yaml.compose(path.read_text("utf-8-sig"), Loader=yaml.SafeLoader)
    lines: dict[str, int] = {}
    for key, _ in root.value if isinstance(root, yaml.MappingNode) else ():
        line = key.start_mark.line + 1
        name = redacted(str(key.value))
        if name in lines:
            raise UsageError(f"{shown(path)} line {line}: {name} is there already on line {lines[name]}; keep one")
        lines[name] = line
    return lines


def reported_cut(settings: Settings, data: str | Path | None = None) -> Cut:
    """The cut to report: `data` when given, else the one that the settings name."""
    return find_cut(settings.cut if data is None else data)
