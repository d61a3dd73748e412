"""The settings of the study, from `study.yml`, and the paper's facts, from `data/published.yml`."""

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from analysis.label import LABELS
from expectations.schema import TABLES
from study.errors import UsageError
from study.paths import PUBLISHED, SETTINGS, shown


@dataclass(frozen=True)
class NotName:
    """A cell that looks like a name and is none: where it is, its text as written, and why it is none."""

    file: str
    patient_id: str
    column: str
    text: str
    reason: str


@dataclass(frozen=True)
class Settings:
    """Settings as in `study.yml`, which explains each."""

    cut: str
    primary_week: int
    planned_weeks: tuple[int, ...]
    age_years: tuple[float, float]
    label: str
    visit_window_days: int
    dose_window_days: int
    scorad_tolerance: float
    follow_up_grace_days: int
    cell_seconds: float
    suppress_small_counts: bool
    report_only_ids: bool
    not_names: tuple[NotName, ...] = ()

    def gate_parameters(self) -> dict[str, Any]:
        """What the expectations have to know of the study."""
        youngest, oldest = self.age_years
        return {
            "age_min": youngest,
            "age_max": oldest,
            "planned_weeks": list(self.planned_weeks),
            "label": self.label,
            "dose_window_days": self.dose_window_days,
            "scorad_tolerance": self.scorad_tolerance,
            "grace_days": self.follow_up_grace_days,
            "not_names": sorted([each.file, each.patient_id, each.column, each.text] for each in self.not_names),
        }


@dataclass(frozen=True)
class Published:
    """The paper's facts: `paper`, `design`, `claims` and the ids that the reconstruction holds to it."""

    facts: dict[str, Any]

    @property
    def paper(self) -> dict[str, Any]:
        return self.facts["paper"]

    @property
    def claims(self) -> list[dict[str, Any]]:
        return self.facts["claims"]

    @cached_property
    def held(self) -> frozenset[str]:
        return frozenset(self.facts["held"])


def read_yaml(path: Path) -> Any:
    """Parsed YAML; a file that is absent or not YAML is a usage error that names line and column."""
    try:
        return yaml.safe_load(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise UsageError(f"{shown(path)} does not exist") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{shown(path)} cannot be read: {problem}") from None
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        place = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        what = getattr(problem, "problem", None) or "not valid YAML"
        raise UsageError(f"{shown(path)}{place}: {what}") from None
    except (ValueError, AttributeError, TypeError, RecursionError):  # the 30th of February, and brackets without end
        raise UsageError(
            f"{shown(path)}: not valid YAML, or a value is impossible, such as the 30th of February"
        ) from None


def is_cut_name(text: str) -> bool:
    """Whether this names a folder below `data/cuts` and does not lead out of it.

    >>> is_cut_name("week-26"), is_cut_name("../other"), is_cut_name("..")
    (True, False, False)
    """
    return Path(text).name == text and text not in ("", ".", "..") and "\\" not in text


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_RULES = {
    "cut": (lambda v: isinstance(v, str) and is_cut_name(v), "the name of a folder below data/cuts"),
    "primary_week": (lambda v: _is_whole(v) and v > 0, "a whole number of weeks above 0"),
    "planned_weeks": (
        lambda v: isinstance(v, list) and all(_is_whole(w) and w >= 0 for w in v) and v == sorted(set(v)) and 0 in v,
        "whole weeks in ascending order, 0 (baseline) among them",
    ),
    "age_years": (
        lambda v: isinstance(v, list) and len(v) == 2 and all(map(_is_number, v)) and v[0] <= v[1],
        "two ages in years, the younger first",
    ),
    "label": (lambda v: v in LABELS, f"one of {', '.join(LABELS)}"),
    "visit_window_days": (lambda v: _is_whole(v) and v >= 0, "a whole number of days"),
    "dose_window_days": (lambda v: _is_whole(v) and v >= 0, "a whole number of days"),
    "scorad_tolerance": (lambda v: _is_number(v) and v >= 0, "a number of points"),
    "follow_up_grace_days": (lambda v: _is_whole(v) and v >= 0, "a whole number of days"),
    "cell_seconds": (lambda v: _is_number(v) and v > 0, "a number of seconds above 0"),
    "suppress_small_counts": (lambda v: isinstance(v, bool), "true or false"),
    "report_only_ids": (lambda v: isinstance(v, bool), "true or false"),
}


def load_settings(path: Path = SETTINGS) -> Settings:
    """The settings; raises :class:`UsageError` that names the key when one is absent, unknown or wrong."""
    found = read_yaml(path)
    if not isinstance(found, dict):
        raise UsageError(f"{shown(path)} must hold the settings {', '.join(_RULES)}")
    not_names = _not_names(found.pop(_NOT_NAMES, None) or [], path)
    for key in found.keys() - _RULES.keys():
        raise UsageError(f"{shown(path)}: unknown setting {key!r}; the settings are {', '.join([*_RULES, _NOT_NAMES])}")
    for key, (holds, wanted) in _RULES.items():
        if key not in found:
            raise UsageError(f"{shown(path)}: the setting {key} is missing; it is {wanted}")
        if not holds(found[key]):
            raise UsageError(f"{shown(path)}: {key} is {found[key]!r}; it must be {wanted}")
    if found["primary_week"] not in found["planned_weeks"]:
        raise UsageError(f"{shown(path)}: primary_week {found['primary_week']} is not among the planned_weeks")
    lists = {key: tuple(found[key]) for key in ("planned_weeks", "age_years")}
    return Settings(**(found | lists), not_names=not_names)


_NOT_NAMES = "not_names"


def _not_names(found: Any, path: Path) -> tuple[NotName, ...]:
    """The cells that the settings declare not to be names; an empty or absent list is the usual case."""
    keys = [field.name for field in fields(NotName)]
    columns = {f"{table}.csv": [c.name for c in listed if c.kind == "text"] for table, listed in TABLES.items()}
    if not isinstance(found, list):
        raise UsageError(f"{shown(path)}: {_NOT_NAMES} must be a list of entries with {', '.join(keys)}")
    for number, entry in enumerate(found, 1):
        where = f"{shown(path)}: {_NOT_NAMES}, entry {number}"
        if not isinstance(entry, dict) or set(entry) != set(keys):
            raise UsageError(f"{where} must have exactly the keys {', '.join(keys)}")
        for key in keys:
            if not isinstance(entry[key], str) or not entry[key].strip():
                raise UsageError(f"{where}: {key} must be a text (in quotes where it is a number)")
        if entry["column"] not in columns.get(entry["file"], ()):
            known = "; ".join(f"{file}: {', '.join(names)}" for file, names in columns.items() if names)
            raise UsageError(f"{where}: file and column must name a free text ({known})")
    return tuple(NotName(**entry) for entry in found)


def load_published(path: Path = PUBLISHED) -> Published:
    """The paper's facts and the claims that the report is checked against."""
    return Published(read_yaml(path))
