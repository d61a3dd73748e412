"""The settings of the study, from `study.yml`, and the paper's facts, from `data/published.yml`."""

import datetime
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from expectations import strict_yaml
from expectations.privacy import identifying, redacted
from protocol.columns import TABLES
from protocol.population import KINDS
from protocol.treatment import LABELS
from study import statements
from study.errors import UsageError
from study.paths import PUBLISHED, SETTINGS, frozen, shown
from study.statements import Statements


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
    statements: Statements = field(default_factory=Statements)

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
    """The facts of a paper, each part of which may be absent: `paper`, `design`, `claims`, `consistency`, `open` and the ids that
    a reconstruction holds to it. Without `data/published.yml` there are none. `lines` has the line of each key and entry."""

    facts: dict[str, Any]
    lines: dict[str, int] = field(default_factory=dict, compare=False)

    @property
    def paper(self) -> dict[str, Any]:
        return self.facts.get("paper", {})

    @property
    def claims(self) -> list[dict[str, Any]]:
        return self.facts.get("claims", [])

    @cached_property
    def held(self) -> frozenset[str]:
        return frozenset(self.facts.get("held", []))

    def reports(self, kind: str) -> bool:
        """Whether data cuts of this kind hold the paper's own patients; else the paper is another study, and its claims not theirs."""
        return bool(self.facts) and kind in self.facts.get("patients_of", ["reconstructed"])


def read_yaml(path: Path) -> Any:
    """What a YAML file holds; a file that is absent or not plain YAML is a usage error that names line and key."""
    return read_with_lines(path)[0]


def read_with_lines(path: Path) -> tuple[Any, dict[str, int]]:
    """As :func:`read_yaml`, with the line of each key, those of keys within a key as "outer.inner"."""
    try:
        return strict_yaml.read(frozen(path))
    except strict_yaml.Unreadable as problem:
        told = str(problem)
        raise UsageError(f"{shown(path)}{redacted(told) if identifying(told) else told}") from None


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


LONGEST_WINDOW = 90
LAST_WEEK = 1_040
"""Twenty years; no study of this kind plans further."""


def _days(value: Any) -> bool:
    return _is_whole(value) and 0 <= value <= LONGEST_WINDOW


_DAYS = f"a whole number of days from 0 to {LONGEST_WINDOW}"
_RULES = {
    "cut": (lambda v: isinstance(v, str) and is_cut_name(v), "the name of a folder below data/cuts"),
    "primary_week": (lambda v: _is_whole(v) and 0 < v <= LAST_WEEK, f"a whole number of weeks from 1 to {LAST_WEEK}"),
    "planned_weeks": (
        lambda v: isinstance(v, list) and all(_is_whole(w) and 0 <= w <= LAST_WEEK for w in v) and v == sorted(set(v)) and 0 in v,
        f"whole weeks up to {LAST_WEEK} in ascending order, 0 (baseline) among them",
    ),
    "age_years": (
        lambda v: isinstance(v, list) and len(v) == 2 and all(map(_is_number, v)) and 0 <= v[0] <= v[1] <= 120,
        "two ages in years from 0 to 120, the younger first",
    ),
    "label": (lambda v: isinstance(v, str) and v in LABELS, f"one of {', '.join(LABELS)}"),
    "visit_window_days": (_days, _DAYS),
    "dose_window_days": (_days, _DAYS),
    "scorad_tolerance": (lambda v: _is_number(v) and 0 <= v <= 5, "a number of points from 0 to 5"),
    "follow_up_grace_days": (_days, _DAYS),
    "cell_seconds": (lambda v: _is_number(v) and 0 < v <= 86_400, "a number of seconds above 0 and up to 86400, a day"),
    "suppress_small_counts": (lambda v: isinstance(v, bool), "true or false"),
    "report_only_ids": (lambda v: isinstance(v, bool), "true or false"),
}


def load_settings(path: Path = SETTINGS) -> Settings:
    """The settings; raises :class:`UsageError` that names each key that is absent, unknown or wrong, with its line."""
    found, lines = read_with_lines(path)
    if not isinstance(found, dict):
        raise UsageError(f"{shown(path)} must hold the settings {', '.join(_RULES)}")
    not_names = _not_names(found.pop(_NOT_NAMES, None) or [], path)
    stated, wrong = statements.take(found, lines)
    for key in found.keys() - _RULES.keys():
        name = strict_yaml.shown_key(key)
        known = ", ".join([*_RULES, _NOT_NAMES, *statements.KEYS])
        wrong.append(f"line {lines[str(key)]}: unknown setting {name!r}; the settings are {known}")
    for key, (holds, wanted) in _RULES.items():
        if key not in found:
            wrong.append(f"the setting {key} is missing; it is {wanted}")
        elif not holds(found[key]):
            wrong.append(f"line {lines[key]}: {key} is {_brief(found[key])}; it must be {wanted}")
    if not wrong and found["primary_week"] not in found["planned_weeks"]:
        wrong.append(f"line {lines['primary_week']}: primary_week {found['primary_week']} is not among the planned_weeks")
    if wrong:
        raise UsageError(redacted(f"{shown(path)} {'; '.join(wrong)}"))
    lists = {key: tuple(found[key]) for key in ("planned_weeks", "age_years")}
    return Settings(**(found | lists), not_names=not_names, statements=stated)


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


def _brief(value: Any) -> str:
    text = value.isoformat() if isinstance(value, datetime.date) else json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:59] + "…"


_FORMS = {
    "paper": dict, "design": dict, "claims": list, "consistency": dict, "open": list, "held": list, "patients_of": list,
}  # fmt: skip


def load_published(path: Path = PUBLISHED) -> Published:
    """The paper's facts and the claims that the report is checked against; nothing where there is no such file.

    Raises :class:`UsageError` that names every part that has no form, with its line.
    """
    if not frozen(path).exists():
        return Published({})
    facts, lines = read_with_lines(path)
    if not isinstance(facts, dict):
        raise UsageError(f"{shown(path)} must hold {', '.join(_FORMS)}, each of which may be absent; without a paper, remove the file")
    wrong = []

    def odd(key: str, what: str) -> None:
        wrong.append(f"line {lines[key]}: {what}")

    facts = {key: value for key, value in facts.items() if value is not None}  # a part without anything below it is absent
    for key in facts:
        form = _FORMS.get(str(key))
        if form is None:
            odd(str(key), f"{strict_yaml.shown_key(key)!r} is unknown; known are {', '.join(_FORMS)}")
        elif not isinstance(facts[key], form):
            odd(key, f"{key} must be {'keys with values' if form is dict else 'a list'}, or absent")
        elif key == "claims":
            for number, what in _claim_faults(facts[key]):
                odd(f"claims[{number}]", what)
        elif key == "consistency":
            for name, count in facts[key].items():
                if not _is_whole(count) or count < 0:
                    odd(f"consistency.{name}", f"{strict_yaml.shown_key(name)} must be a number of patients")
        elif key == "open":
            for number, entry in enumerate(facts[key], 1):
                if not isinstance(entry, dict) or entry.keys() != {"topic", "what"} or not all(_is_text(v) for v in entry.values()):
                    odd(f"open[{number}]", "an entry of open must have a topic and what the paper does not tell of it")
        elif key == "held" and not all(isinstance(each, str) for each in facts[key]):
            odd(key, "held must be a list of ids of results")
        elif key == "patients_of" and not set(map(str, facts[key])) <= set(KINDS):
            odd(key, f"patients_of must be a list of kinds of data cut, {' or '.join(KINDS)}")
        elif key in ("paper", "design") and (absent := _WANTED[key] - facts[key].keys()):
            odd(key, f"{key} lacks {', '.join(sorted(absent))}")
    if wrong:
        raise UsageError(redacted(f"{shown(path)} {'; '.join(wrong)}"))
    return Published(facts, lines)


_WANTED = {
    "paper": {"title", "authors", "journal", "year", "volume", "issue", "pages", "doi"},
    "design": {"patients", "age_years", "primary_timepoint_weeks"},
}
_OF_A_CLAIM = {
    "id": (lambda v: _is_text(v), "a text"),
    "says": (lambda v: _is_text(v), "a text"),
    "value": (lambda v: _each(v, _is_number), "a number, or a list of numbers"),
    "unit": (lambda v: _is_text(v), "a text"),
    "result": (lambda v: _each(v, _is_text), "the id of a result, or a list of them"),
    "variable": (lambda v: _is_text(v) and "." in v, "section and variable, such as efficacy.iga_0_1"),
    "method": (lambda v: _is_text(v), "a text"),
    "statistic": (lambda v: _each(v, _is_text), "a text, or a list of texts"),
    "week": (lambda v: v is None or (_is_whole(v) and 0 <= v <= LAST_WEEK), f"a whole number of weeks up to {LAST_WEEK}, or null"),
    "sign": (lambda v: v in (1, -1), "1 or -1"),
}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _each(value: Any, holds: Callable[[Any], bool]) -> bool:
    return bool(value) and all(map(holds, value)) if isinstance(value, list) else holds(value)


def _claim_faults(claims: list[Any]) -> Iterator[tuple[int, str]]:
    """The place of each claim that has no form, counted from 1, and what is wrong."""
    known: dict[str, int] = {}
    for number, claim in enumerate(claims, 1):
        if not isinstance(claim, dict):
            yield number, f"claim {number} must have the keys id, says, value, unit, variable and statistic"
            continue
        name = f"claim {number}"
        target = {"result"} if "result" in claim else {"variable", "statistic"}
        if absent := ({"id", "says", "value", "unit"} | target) - claim.keys():
            yield number, f"{name} lacks {', '.join(sorted(absent))}"
        for key, value in claim.items():
            holds, wanted = _OF_A_CLAIM.get(key, (None, ""))
            if holds is None:
                yield number, f"{name}: {strict_yaml.shown_key(key)!r} is unknown; known are {', '.join(_OF_A_CLAIM)}"
            elif not holds(value):
                yield number, f"{name}: {key} is {_brief(value)}; it must be {wanted}"
        if "result" in claim and (double := claim.keys() & {"variable", "method", "statistic", "week"}):
            yield number, f"{name} has a result and also {', '.join(sorted(double))}; keep one of the two"
        sizes = {len(v) if isinstance(v, list) else 1 for v in (claim.get("value"), claim.get("result", claim.get("statistic")))}
        if len(sizes) > 1:
            yield number, f"{name} needs as many values as results"
        if claim.get("id") in known:
            yield number, f"{name} has the id of claim {known[claim['id']]}, {claim['id']}; give it another"
        elif _is_text(claim.get("id")):
            known[claim["id"]] = number
