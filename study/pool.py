"""`study pool`: one data cut from the cuts of several sites."""

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, permutations
from pathlib import Path

import pandas as pd
import yaml

from expectations.finding import Finding, Lines, in_words
from expectations.plausibility import SCORES
from expectations.reading import read_text, typed
from protocol.columns import SITE, TABLES
from study import scratch
from study.add import Added, add, check_target
from study.cuts import Cut, find_cut
from study.errors import InvalidData, UsageError
from study.paths import shown
from study.receipt import examined
from study.settings import Settings
from study.sums import digest_of, sha256

_REFUSED = "so they were not pooled; nothing has changed"
_MOST_TWINS = 20


@dataclass(frozen=True)
class Part:
    """The cut of one clinic: `text` its tables as written, rows indexed by their line; `digest` stands for its files; `site` is the
    code that its patients get if they have none of their own."""

    cut: Cut
    text: dict[str, pd.DataFrame]
    digest: str
    site: str

    @cached_property
    def values(self) -> dict[str, pd.DataFrame]:
        """The tables typed."""
        return {table: typed(text, table) for table, text in self.text.items()}

    @property
    def has_own_sites(self) -> bool:
        return bool((self.text["patients"]["site"] != "").any())

    @property
    def sites(self) -> list[str]:
        return list(dict.fromkeys(self.text["patients"]["site"])) if self.has_own_sites else [self.site]

    def at(self, table: str) -> str:
        """The file of a table as messages name it."""
        return f"{shown(self.cut.folder)}/{self.cut.file_of(table)}"


def pool(
    given: Sequence[str | Path],
    name: str,
    settings: Settings,
    sites: Sequence[str] = (),
    replace_old: bool = False,
    label: str | None = None,
    previous: str | None = None,
) -> Added:
    """Put one cut that holds the patients of all these cuts into `data/cuts/<name>`, as :func:`study.add.add` does.

    Every cut has to pass the gate by itself. `sites` are the codes of the clinics, in the order of the cuts; without them the names of
    the folders are. Raises :class:`InvalidData` with everything that stands in the way, and as :func:`study.add.add`.
    """
    cuts = _found(given, sites, lambda: check_target(name, replace_old, previous))
    codes = list(sites) or [site_named(cut.name) for cut in cuts]
    parts, findings = _read(cuts, codes, replace(settings, not_names=()))
    findings += [*_about_sites(parts, bool(sites)), *_unlike(cuts), *_weeks(parts, settings.planned_weeks), *_twins(parts)]
    findings += _imputed_nowhere(parts)
    if findings:
        raise InvalidData(f"{len(cuts)} data cuts do not go together, {_REFUSED}", findings)
    with tempfile.TemporaryDirectory(prefix="pooled-", dir=scratch.folder()) as folder:
        _write(parts, Path(folder), label, previous)
        return add(Path(folder), name, settings, replace=replace_old)


def site_named(folder: str) -> str:
    """The code of the site whose cut lies in a folder of this name.

    >>> site_named("clinic_2"), site_named("Kiel week 26")
    ('CLINIC-2', 'KIEL-WEEK-26')
    """
    return re.sub(r"[^0-9A-Z]+", "-", folder.upper()).strip("-")


def _found(given: Sequence[str | Path], sites: Sequence[str], check: Callable[[], None]) -> list[Cut]:
    """The cuts that are named; raises :class:`UsageError` for all that cannot be, and with what `check` raises."""
    cuts, wrong = [], []
    try:
        check()
    except UsageError as problem:
        wrong.append(str(problem))
    for each in given:
        try:
            cuts.append(find_cut(each))
        except UsageError as problem:
            wrong.append(str(problem))
    folders = [cut.folder for cut in cuts]
    wrong += [f"{shown(folder)} is named more than once" for folder in dict.fromkeys(folders) if folders.count(folder) > 1]
    if len(given) < 2:
        wrong.append("name at least two data cuts to pool")
    if sites and len(sites) != len(given):
        wrong.append(f"--site is given {len(sites)} times for {len(given)} data cuts; give it once for each, in their order")
    if wrong:
        raise UsageError("; ".join(wrong))
    return cuts


def _read(cuts: list[Cut], codes: list[str], settings: Settings) -> tuple[list[Part], list[Finding]]:
    """The cuts that pass the gate, and what keeps the others from it, each at its place."""
    parts, findings = [], []
    for cut, code in zip(cuts, codes, strict=True):
        try:
            receipt, _ = examined(cut, settings)
        except InvalidData as problem:
            if not problem.findings:
                raise
            for each in problem.findings:
                if each.level == "critical":
                    place = each.file if each.line is None else Lines(each.file, (each.line,)).named()
                    findings.append(replace(each, place=f"{shown(cut.folder)}/{place}"))
            continue
        files = {path.name: receipt.files[path.name] for path in cut.files}
        readings = {table: read_text(cut.folder, table).text for table in TABLES}
        if any(sha256(path) != files[path.name] for path in cut.files):
            raise InvalidData(f"{shown(cut.folder)} changed while it was being read, {_REFUSED}; run the command again")
        parts.append(Part(cut, readings, digest_of(files), code))
    return parts, findings


def _finding(place: str, file: str, column: str | None, rule: str, said: str, patient_id: str | None = None) -> Finding:
    return Finding(file, None, column, None, patient_id, None, "critical", rule, in_words(said), signed=False, place=place)


def _about_sites(parts: list[Part], told: bool) -> Iterator[Finding]:
    """Each site has a code, and no two cuts have the same one."""
    for part in parts:
        if part.has_own_sites and told:
            said = "the patients have sites of their own; leave out --site, and the names of the folders serve the other cuts"
            yield _finding(part.at("patients"), "patients.csv", "site", "pool-site-twice", said)
        elif not part.has_own_sites and not SITE.fullmatch(part.site):
            said = (
                f"{part.site!r} is no code of a site (at most 20 capital letters, digits and single hyphens); say --site for each cut"
            )
            yield _finding(part.at("patients"), "patients.csv", "site", "pool-site-code", said)
    for one, other in combinations(parts, 2):
        for code in one.sites:
            if code in other.sites:
                said = f"the site {code} is in {shown(one.cut.folder)}, too; say another --site for each cut"
                yield _finding(other.at("patients"), "patients.csv", "site", "pool-site-code", said)


def _unlike(cuts: list[Cut]) -> Iterator[Finding]:
    for cut in cuts[1:]:
        if cut.kind != cuts[0].kind:
            said = (
                f"the kind is {cut.kind}, that of {shown(cuts[0].folder)} {cuts[0].kind}; simulated and true patients are not pooled"
            )
            yield _finding(f"{shown(cut.folder)}/cut.yml", "cut.yml", "kind", "pool-kind", said)


def _weeks(parts: list[Part], planned: Sequence[int]) -> Iterator[Finding]:
    """Weeks that the study does not plan, at which one clinic saw patients and another, that followed its own beyond them, nobody."""
    for table in ("visits", "labs"):
        weeks = [set(part.values[table]["week"].astype(int)) for part in parts]
        for (part, own), (other, others) in permutations(zip(parts, weeks, strict=True), 2):
            for week in sorted(own - others - set(planned)):
                if (other.values["patients"]["last_contact_week"] > week).any():
                    said = (
                        f"week {week} is not planned in the study, and nobody of {shown(other.cut.folder)} was seen at it: the "
                        "clinics kept other weeks; put these patients at the planned weeks of study.yml"
                    )
                    yield _finding(part.at(table), f"{table}.csv", "week", "pool-weeks", said)


def _imputed_nowhere(parts: list[Part]) -> Iterator[Finding]:
    """Lines of imputed dates that are in no table; the gate does not look at them."""
    for part in parts:
        for each in part.cut.imputed:
            if each["line"] not in part.text[each["file"].removesuffix(".csv")].index:
                said = f"imputed names line {each['line']} of {each['file']}, which has no row there; correct it, or leave it out"
                yield _finding(f"{shown(part.cut.folder)}/cut.yml", "cut.yml", "imputed", "pool-imputed", said)


def _twins(parts: list[Part]) -> Iterator[Finding]:
    """Patients of two cuts who agree in everything known of them and in the scores of a visit."""
    described = [column.name for column in TABLES["patients"] if column.name not in ("patient_id", "site")]
    for one, other in combinations(parts, 2):
        alike = one.values["patients"].merge(other.values["patients"], on=described)[["patient_id_x", "patient_id_y"]]
        left, right = (part.values["visits"][["patient_id", "week", *SCORES]].dropna() for part in (one, other))
        seen = alike.merge(left, left_on="patient_id_x", right_on="patient_id").drop(columns="patient_id")
        seen = seen.merge(right, left_on=["patient_id_y", "week", *SCORES], right_on=["patient_id", "week", *SCORES])
        twins = seen[["patient_id_x", "patient_id_y"]].drop_duplicates()
        for number, (own, its) in enumerate(twins.itertuples(index=False), 1):
            more = f"; this is the last of {len(twins):,} that are listed" if number == _MOST_TWINS < len(twins) else ""
            said = (
                f"patient {its} is recorded like patient {own} of {shown(one.cut.folder)}, with the scores of a visit; whoever was "
                f"treated in two clinics stays in one of the cuts{more}"
            )
            yield _finding(other.at("patients"), "patients.csv", "patient_id", "pool-patient-twice", said, its)
            if number == _MOST_TWINS:
                break


def _write(parts: list[Part], folder: Path, label: str | None, previous: str | None) -> None:
    """The tables of all parts below each other, and a `cut.yml` that says where they come from."""
    digits = max(part.text["patients"]["patient_id"].str.len().max() - 1 for part in parts)
    prefixes = [f"P{number:0{len(str(len(parts)))}}" for number in range(1, len(parts) + 1)]
    imputed = []
    for table in TABLES:
        frames, before = [], 0
        for part, prefix in zip(parts, prefixes, strict=True):
            own = part.text[table]
            ids = prefix + own["patient_id"].str.removeprefix("P").str.zfill(digits)
            frames.append(own.assign(patient_id=ids))
            if table == "patients" and not part.has_own_sites:
                frames[-1]["site"] = part.site
            line_of = {line: before + place for place, line in enumerate(own.index, 2)}
            imputed += [each | {"line": line_of[each["line"]]} for each in part.cut.imputed if each["file"] == f"{table}.csv"]
            before += len(own)
        whole = pd.concat(frames)
        empty = [column.name for column in TABLES[table] if column.optional and (whole[column.name] == "").all()]
        whole.drop(columns=empty).to_csv(folder / f"{table}.csv", index=False, lineterminator="\n", encoding="utf-8")
    sites = sum(len(part.sites) for part in parts)
    record = {
        "label": label or f"{sites} sites pooled",
        "extracted": max(part.cut.extracted for part in parts),
        "kind": parts[0].cut.kind,
        "description": f"{len(parts)} data cuts of {sites} sites, put together by study pool; pooled says which.",
        "previous": previous,
    }
    record |= {"imputed": imputed} if imputed else {}
    record["pooled"] = [
        {
            "sites": part.sites, "label": part.cut.label, "extracted": part.cut.extracted, "patients": len(part.text["patients"]),
            "ids": f"{prefix}{'0' * digits}", "sha256": part.digest,
        }
        for part, prefix in zip(parts, prefixes, strict=True)
    ]  # fmt: skip
    text = yaml.dump(record, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=100)
    (folder / "cut.yml").write_text(text, encoding="utf-8", newline="\n")


class _Plain(yaml.SafeDumper):
    """Writes a day that stands twice out twice: cuts have no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True
