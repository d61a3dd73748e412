"""`study add`: take in a new data cut, in the cut's own form or, with a mapping file, as a clinic sends it."""

import contextlib
import datetime
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from expectations.finding import Finding, in_words
from expectations.gate import read_tables
from intake import Converted, Mapping, MappingError, Plan, convert, gathered, read_mapping
from protocol.columns import PATIENT_ID
from study import locks, placing, placing_cuts
from study.cuts import Cut, date_fault, read_cut
from study.errors import InvalidData, RenderingFailed, UsageError, machine_problem
from study.paths import CUTS, SETTINGS, private, shown, state
from study.receipt import validate
from study.settings import Settings, read_yaml
from study.sums import sha256
from study.version_control import exposed

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_LONGEST_NAME = 64
_OF_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
"""Names that Windows keeps for devices, whatever follows a point."""
_UNCHANGED = "so it was not taken in; nothing has changed"


@dataclass(frozen=True)
class Added:
    """A cut that was taken in: where it is now, what is worth a look in it, and what else the user should know."""

    cut: Cut
    warnings: tuple[Finding, ...]
    notes: list[str] = field(default_factory=list)


def add(
    path: Path,
    name: str,
    settings: Settings,
    mapping: Path | None = None,
    replace: bool = False,
    label: str | None = None,
    extracted: datetime.date | None = None,
    allow_vanished: bool = False,
) -> Added:
    """Validate what `path` holds, put it into `data/cuts/<name>` in one step, and make the settings report it.

    Without `mapping`, `path` is a folder in the form of a data cut; with one, a workbook or a folder that the mapping describes.
    `label` and `extracted` go into its `cut.yml` before what the mapping says. `replace` allows that the cut exists: the old one
    is kept under its name and date. Patients and visits of the previous cut must still be there unless `allow_vanished`.
    Raises :class:`InvalidData` when the data do not pass, :class:`UsageError` for anything wrong with the command or the mapping,
    :class:`RenderingFailed` when the machine refuses to write; nothing has changed then.
    """
    _check_name(name)
    described = None if mapping is None else _described(path, mapping)
    with _alone():
        target = CUTS / name
        kept = _kept(target, replace)
        settings_text = _settings_that_report(name)
        previous = kept.name if kept is not None and settings.cut == name else settings.cut
        with _disk_problems_told(), placing_cuts.aside(CUTS) as folder:
            if described is None and (label is not None or extracted is not None):
                raise UsageError(f"--label and --extracted go with --mapping; here {shown(path / 'cut.yml')} says them")
            if described is not None:
                _write_cut_yml(folder, path, described, label, extracted, previous)
            try:
                if described is None:
                    warnings = _copied(path, folder, settings)
                else:
                    warnings = _converted(path, folder, described, settings)
            except InvalidData as problem:
                tables = path if described is None else folder
                vanished = [] if allow_vanished else _also_vanished(tables, target, kept)
                raise InvalidData(str(problem), (*problem.findings, *vanished)) from None
            incoming = read_cut(folder)
            _check_previous(incoming.previous, str(path), "correct previous in its cut.yml or in the mapping", target, kept)
            before = _cut_before(incoming, target, kept)
            if before is not None and not allow_vanished:
                vanished = _vanished(folder, before)
                if vanished:
                    raise InvalidData(f"records have vanished, {_UNCHANGED}", vanished)
            for file in folder.iterdir():
                file.chmod(0o600)  # the folder is the user's own from the beginning
            placing_cuts.settle(folder, target, kept)
            try:
                placing.replace_text(SETTINGS, settings_text)
            except OSError:
                placing_cuts.recover(CUTS)
                raise
            placing_cuts.settled(CUTS)
        cut = read_cut(target)
    return Added(cut, warnings, _notes(cut, kept))


def check_target(name: str, replace: bool, previous: str | None) -> None:
    """Raises :class:`UsageError` where :func:`add` would for these names; for a command that takes long before it adds its cut."""
    _check_name(name)
    target = CUTS / name
    _check_previous(previous, "--previous", "say another one", target, _kept(target, replace))


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for a cut: use small letters, digits, points and hyphens, as in --cut week-52"
        )
    if len(name) > _LONGEST_NAME:
        raise UsageError(f"the name {name[:20]}... has {len(name)} characters; the most are {_LONGEST_NAME}; say a shorter --cut")
    if _OF_DEVICES.fullmatch(name):
        raise UsageError(f"{name} is the name of a device on Windows, where this could not be checked out; say another --cut")


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    private(state())
    try:
        with locks.data(locks.ADD), locks.report(locks.ADD):
            placing_cuts.recover(CUTS, _reported())
            for leftover in SETTINGS.parent.glob(f".{SETTINGS.name}-*"):
                leftover.unlink(missing_ok=True)
            yield
    except locks.Busy as problem:
        raise UsageError(str(problem)) from None


def _reported() -> str | None:
    """The cut that the settings name, as far as they can be read."""
    with contextlib.suppress(UsageError):
        found = read_yaml(SETTINGS)
        return found.get("cut") if isinstance(found, dict) else None
    return None


def bring_back() -> None:
    """Undo what a crash left half done, unless it is not a crash but another add at work, or nothing can be written here."""
    with contextlib.suppress(UsageError, OSError), _alone():
        pass


@contextlib.contextmanager
def _disk_problems_told() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise RenderingFailed(f"the data could not be written: {machine_problem(problem)}") from None


def _kept(target: Path, replace: bool) -> Path | None:
    """Where the cut that is there now will be kept; None if there is none."""
    if not target.exists():
        if replace:
            raise UsageError(f"{shown(target)} does not exist, so there is nothing to replace; leave out --replace")
        return None
    if not replace:
        raise UsageError(
            f"{shown(target)} exists already and is never overwritten; choose another --cut, or add --replace, which keeps the "
            "old one under a dated name"
        )
    dated = f"{target.name}-{read_cut(target).extracted.isoformat()}"
    names = [dated, *(f"{dated}-{number}" for number in range(2, 1000))]
    return next(path for path in (target.parent / each for each in names) if not path.exists())


def _copied(path: Path, folder: Path, settings: Settings) -> tuple[Finding, ...]:
    """Copies a cut in its own form into `folder` after validating it; the warnings."""
    if not path.is_dir():
        if not path.is_file():
            raise UsageError(f"{path} is neither a file nor a folder, but a device, a pipe or a socket; name the data themselves")
        raise UsageError(
            f"{path} is a file; say with --mapping how its sheets correspond to the tables (data/mappings/README.md)"
        )
    cut = read_cut(path.resolve())
    receipt = validate(cut, settings)
    for file in cut.files:
        shutil.copyfile(file, folder / file.name)
        if sha256(folder / file.name) != receipt.files[file.name]:
            raise InvalidData(f"{shown(file)} changed while it was being read, {_UNCHANGED}; run the command again")
    return receipt.warnings


def _described(path: Path, mapping: Path) -> Mapping:
    for given in (mapping, path):
        if not (given.is_file() or (given is path and given.is_dir())):
            raise UsageError(f"{given} is no ordinary file, but a device, a pipe, a socket or a folder; name the file itself")
    try:
        described = read_mapping(mapping)
    except MappingError as problem:
        raise UsageError(str(problem)) from None
    wants_file = described.form == "excel"
    if path.is_file() != wants_file:
        wanted = "a workbook, so name the file" if wants_file else "a folder of files, so name the folder"
        raise UsageError(f"{mapping} is for {wanted}; {path} is a {'file' if path.is_file() else 'folder'}")
    return described


def _converted(path: Path, folder: Path, mapping: Mapping, settings: Settings) -> tuple[Finding, ...]:
    """Converts a source into the tables of a cut in `folder` and validates them; the warnings, with the places of the source."""
    converted = convert(path, mapping, Plan(settings.planned_weeks, settings.visit_window_days))
    refusal = f"{path} is not valid, {_UNCHANGED}"
    if not converted.tables:
        raise InvalidData(refusal, gathered(converted.findings))
    converted.write(folder)
    _record_imputed(folder / "cut.yml", converted.imputed)
    try:
        findings, valid = validate(read_cut(folder), settings).warnings, True
    except InvalidData as problem:
        findings, valid = problem.findings, False
    findings = _in_order(converted, gathered([*converted.findings, *converted.at_source(findings)]))
    if not valid or converted.critical:
        raise InvalidData(refusal, findings)
    return tuple(findings)


def _record_imputed(path: Path, imputed: list[dict]) -> None:
    """What stands for a date without a day is marked in the cut itself, which holds no dates that could show it."""
    if imputed:
        text = path.read_text("utf-8")
        text += ("" if text.endswith("\n") else "\n") + yaml.safe_dump({"imputed": imputed}, sort_keys=False, width=120)
        path.write_text(text, encoding="utf-8", newline="\n")


def _in_order(converted: Converted, findings: list[Finding]) -> list[Finding]:
    titles = [sheet.title for sheet in converted.sheets.values()]
    order = {title: place for place, title in reversed(list(enumerate(titles)))}
    return sorted(
        findings, key=lambda each: (order.get(each.file, -1), each.line or 0, len(each.column or ""), each.column or "")
    )


def _write_cut_yml(
    folder: Path, path: Path, mapping: Mapping, label: str | None, extracted: datetime.date | None, previous: str
) -> None:
    """`cut.yml` of a converted source: the one that came with it, or else the options and the mapping."""
    own = path / "cut.yml"
    if own.exists():
        if mapping.cut or label is not None or extracted is not None:
            raise UsageError(f"{own} describes the cut, and so does the mapping (cut:) or an option; leave one")
        read_cut(path.resolve())
        shutil.copyfile(own, folder / own.name)
        return
    options = {"label": label, "extracted": None if extracted is None else extracted.isoformat()}
    said = mapping.cut | {key: value for key, value in options.items() if value is not None}
    missing = [key for key in ("label", "extracted", "kind", "description") if key not in said]
    if missing:
        raise UsageError(
            f"{mapping.path} lacks {', '.join(missing)} under cut: (label and extracted may also be given as options)"
        )
    before = None if said.get("previous") in {"null", "~"} else said.get("previous", previous)
    day = datetime.date.fromisoformat(said["extracted"])
    if fault := date_fault(day):
        raise UsageError(f"extracted {fault}; correct it in {mapping.path} or in --extracted")
    record = {
        "label": said["label"],
        "extracted": day,
        "kind": said["kind"],
        "description": " ".join(said["description"].split()),
        "previous": before,
    }
    text = yaml.safe_dump(record, allow_unicode=True, sort_keys=False, width=100)
    (folder / "cut.yml").write_text(text, encoding="utf-8", newline="\n")


def _check_previous(previous: str | None, told_by: str, remedy: str, target: Path, kept: Path | None) -> None:
    """The report speaks of what changed since the previous cut, so that one has to be there."""
    there = {each.name for each in CUTS.glob("*") if each.is_dir()} | ({kept.name} if kept is not None else set())
    if previous is not None and (previous == target.name or previous not in there):
        raise UsageError(f"{told_by} names the previous cut {previous}, no other cut below {shown(CUTS)}; {remedy}")


def _cut_before(cut: Cut, target: Path, kept: Path | None) -> Path | None:
    """Where the cut is now that this one follows; one that is being replaced has not been moved yet."""
    if kept is not None:
        return target
    return None if cut.previous is None else CUTS / cut.previous


def _also_vanished(folder: Path, target: Path, kept: Path | None) -> list[Finding]:
    """What has vanished from tables that are refused for something else, as far as their ids and weeks can be read."""
    with contextlib.suppress(UsageError, InvalidData, ValueError, OSError):
        before = _cut_before(read_cut(folder.resolve()), target, kept)
        new = read_tables(folder)
        ids = [table["patient_id"].astype(str) for table in new.values()]
        legible = all(each.str.fullmatch(PATIENT_ID.pattern).all() for each in ids)
        if before is not None and legible and new["visits"]["week"].notna().all():
            return _vanished(folder, before)
    return []


def _vanished(folder: Path, before: Path) -> list[Finding]:
    """Follow-up adds records; one that was there before and is gone is a mistake unless somebody says otherwise."""
    old, new = read_tables(before), read_tables(folder)
    findings = []
    for table, keys in (("patients", ["patient_id"]), ("visits", ["patient_id", "week"])):
        gone = old[table].set_index(keys).index.difference(new[table].set_index(keys).index)
        for key in gone:
            patient, week = key if table == "visits" else (key, None)
            what = f"patient {patient}" if week is None else f"the visit of patient {patient} at week {week}"
            said = in_words(f"{what} is in {shown(before)} but not in the new data; add it, or say --allow-vanished")
            week = None if week is None else int(week)
            findings.append(
                Finding(
                    f"{table}.csv", None, ", ".join(keys), None, patient, week, "critical", "record-vanished", said, signed=False
                )
            )
    return findings


def _settings_that_report(name: str) -> str:
    """The text of study.yml with the setting `cut` changed and every other byte as it is."""
    text = SETTINGS.read_bytes().decode("utf-8")
    # A name such as 52, 2022-12-19 or no is another thing in YAML than a text, unless it is quoted.
    written = name if re.fullmatch(r"[a-z]+-[a-z0-9.-]+", name) else f'"{name}"'
    changed, count = re.subn(r"""(?m)^cut:[ \t]*(?:"[^"\n]*"|'[^'\n]*'|[^\s#'"][^\s#]*)""", lambda _: f"cut: {written}", text)
    if count != 1:
        raise UsageError(f"{shown(SETTINGS)} must have one line that starts with cut: and names a cut; correct it")
    return changed


def _notes(cut: Cut, kept: Path | None) -> list[str]:
    notes = []
    if kept is not None:
        notes.append(f"the former {cut.name} is kept as {shown(kept)}")
    if cut.previous is None:
        notes.append(f"{shown(cut.folder / 'cut.yml')} names no previous cut, so the report will not say what changed")
    elif not (CUTS / cut.previous).is_dir():
        notes.append(
            f"{shown(cut.folder / 'cut.yml')} names the previous cut {cut.previous}, which is not below {shown(CUTS)}; correct it"
        )
    root = exposed(cut.folder) if cut.kind == "clinical" else None
    if root is not None:
        relative = cut.folder.resolve().relative_to(root).as_posix()
        notes.append(
            f"WARNING: {shown(cut.folder)} holds rows of patients and is under version control ({root}); patients do not belong in a "
            f"history that others can read: add the line /{relative}/ to {root / '.gitignore'} before the next commit"
        )
    return notes
