"""Data cuts: where they are and what `cut.yml` says of them."""

import datetime
import re
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from analysis.core.markdown import closed
from expectations.characters import odd_paragraph
from expectations.ordinary import files_of
from expectations.privacy import identifying, looks_identifying, redacted
from protocol.columns import PATIENT_ID, SITE, TABLES
from protocol.population import KINDS
from study.errors import UsageError
from study.paths import CUTS, SETTINGS, frozen, shown
from study.settings import Settings, is_cut_name, read_with_lines

_CONTROLS = {"Cc", "Cs", "Zl", "Zp"}
_KEYS = ("label", "extracted", "kind", "description", "previous")
_IMPUTED = "imputed"  # may be there: the cells that stand for dates without a day
_POOLED = "pooled"  # may be there: the cuts that `study pool` has made this one of
_LARGEST = 64 * 1024
_LONGEST = {"label": 1_000, "description": 10_000}
EARLIEST = datetime.date(2000, 1, 1)
"""Of `extracted`. Dupilumab came years later; and archives cannot hold a date before 1980."""
_WRITTEN = datetime.date(2026, 11, 22)
"""When this was written: a clock that shows less is wrong, and no reason to refuse a cut."""


@dataclass(frozen=True)
class Cut:
    """A data cut's folder and the contents of its `cut.yml`."""

    folder: Path
    label: str
    extracted: datetime.date
    kind: str
    description: str
    previous: str | None
    imputed: tuple[dict, ...] = ()
    pooled: tuple[dict, ...] = ()

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def epoch(self) -> int:
        """Seconds since 1970 of the day of `extracted`, for SOURCE_DATE_EPOCH."""
        return int(datetime.datetime.combine(self.extracted, datetime.time(), datetime.UTC).timestamp())

    @property
    def files(self) -> list[Path]:
        """The tables and `cut.yml`, whether they exist or not."""
        return [*(path for table in TABLES for path in files_of(self.folder, table)), self.folder / "cut.yml"]

    def file_of(self, table: str) -> str:
        """The name of the file that holds a table."""
        return files_of(frozen(self.folder), table)[0].name


def find_cut(given: str | Path) -> Cut:
    """The cut of this name below `data/cuts`, or in this folder.

    Raises :class:`UsageError` when there is no such folder or its `cut.yml` is absent, unreadable or wrong.
    """
    named = CUTS / str(given)
    is_name = Path(given).name == str(given) and _is_folder(named)
    folder = named if is_name else Path(given)
    if not _is_folder(folder):
        raise UsageError(_no_cut(given))
    return read_cut(folder.resolve())


def _no_cut(given: str | Path) -> str:
    known = ", ".join(sorted(path.name for path in CUTS.iterdir() if path.is_dir())) if CUTS.is_dir() else "none"
    return f"{given} is no data cut: no such folder; cuts below {shown(CUTS)}: {known}"


def _is_folder(path: Path) -> bool:
    """Whether a folder is there; a link that leads to itself and a name that no disk holds are none."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError, RuntimeError):
        return False


def read_cut(folder: Path) -> Cut:
    """The cut in this folder; raises :class:`UsageError` as :func:`find_cut`."""
    path = frozen(folder / "cut.yml")
    _check_ordinary(path)
    found, lines = read_with_lines(path)
    lines = {redacted(key): line for key, line in lines.items()}

    def wrong(key: str, what: str) -> UsageError:
        return UsageError(f"{shown(path)} line {lines[key]}: {key} {what}")

    named = [redacted(str(key)) for key in found] if isinstance(found, dict) else []
    if set(named) - {_IMPUTED, _POOLED} != set(_KEYS):
        odd = [f"{key} (line {lines[key]}) is unknown" for key in named if key not in (*_KEYS, _IMPUTED, _POOLED)]
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
        if len(found[key]) > _LONGEST[key]:
            raise wrong(key, f"has {len(found[key]):,} characters; the most are {_LONGEST[key]:,}; shorten it")
        if fault := odd_about(found[key].strip()):
            raise wrong(key, redacted(fault))
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
    if fault := date_fault(extracted):
        raise wrong("extracted", fault)
    if found["kind"] not in KINDS:
        raise wrong("kind", f"must be one of {', '.join(KINDS)}")
    previous = found["previous"]
    if previous is not None and not (isinstance(previous, str) and is_cut_name(previous)):
        raise wrong("previous", "must be the name of a cut, or null")
    imputed = found.get(_IMPUTED, [])
    if not isinstance(imputed, list) or not all(map(_is_imputed, imputed)):
        raise wrong(
            _IMPUTED,
            "must be a list of {file: adverse_events.csv, line: 4, column: start_day, flag: D, rule: first}; the flag is D (day) "
            "or M (month and day), the rule first or middle",
        )
    pooled = found.get(_POOLED, [])
    if not isinstance(pooled, list) or not all(map(_is_pooled, pooled)):
        raise wrong(_POOLED, "must be as study pool writes it: a list of {sites, label, extracted, patients, ids, sha256}")
    texts = {key: closed(found[key].strip()) for key in ("label", "description")}
    lists = {_IMPUTED: tuple(imputed), _POOLED: tuple(pooled)}
    return Cut(folder=folder, extracted=extracted, kind=found["kind"], previous=previous, **lists, **texts)


def _is_pooled(entry: object) -> bool:
    holds = {
        "sites": lambda v: isinstance(v, list) and v and all(isinstance(each, str) and SITE.fullmatch(each) for each in v),
        "label": lambda v: isinstance(v, str) and v.strip() and not (odd_about(v.strip()) or identifying(v)),
        "extracted": lambda v: type(v) is datetime.date,
        "patients": lambda v: type(v) is int and v > 0,
        "ids": lambda v: isinstance(v, str) and PATIENT_ID.fullmatch(v),
        "sha256": lambda v: isinstance(v, str) and re.fullmatch(r"[0-9a-f]{64}", v),
    }
    return isinstance(entry, dict) and list(entry) == list(holds) and all(holds[key](value) for key, value in entry.items())


def _is_imputed(entry: object) -> bool:
    if not isinstance(entry, dict) or list(entry) != ["file", "line", "column", "flag", "rule"]:
        return False
    choices = {
        "file": ("adverse_events.csv",), "column": ("start_day", "end_day"), "flag": ("D", "M"), "rule": ("first", "middle"),
    }  # fmt: skip
    return type(entry["line"]) is int and entry["line"] > 1 and all(entry[key] in known for key, known in choices.items())


def date_fault(day: datetime.date) -> str | None:
    """What is wrong with the day on which data were extracted: it lies between the year 2000 and today.

    A day more is allowed, for today begins elsewhere first.
    """
    latest = max(datetime.date.today(), _WRITTEN) + datetime.timedelta(days=1)
    if EARLIEST <= day <= latest:
        return None
    return f"is {day.isoformat()}; it must be a day from {EARLIEST.isoformat()} to today"


def odd_about(text: str) -> str | None:
    """What is wrong with the characters of a label or a description, as of a cell; or that it says nothing."""
    odd = odd_paragraph(text)
    if odd is None and not any(map(str.isalnum, text)):
        return "says nothing; write some words"
    return None if odd is None or odd.rule == "text-too-long" else odd.message


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


def reported_cut(settings: Settings, data: str | Path | None = None) -> Cut:
    """The cut to report: `data` when given, else the one that the settings name; raises :class:`UsageError` as :func:`find_cut`."""
    if data is not None:
        return find_cut(data)
    if not _is_folder(CUTS / settings.cut):
        line = read_with_lines(SETTINGS)[1]["cut"]
        raise UsageError(f"{shown(SETTINGS)} line {line}: {_no_cut(settings.cut)}")
    return find_cut(settings.cut)
