"""`study verify`: make the report again from scratch, elsewhere, and compare it with what was delivered."""

import contextlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from analysis.claims import check_claims
from analysis.core.results import Result, Results, UnknownResult
from study import delivery, scratch, variables
from study.child import call
from study.cuts import Cut, reported_cut
from study.delivered import changed_inputs, provenance
from study.engines import ENGINES, FORMATS, quarto_version
from study.errors import InvalidData, RenderingFailed, UsageError
from study.isolation import START, python
from study.likeness import differences, result_differences
from study.paths import ROOT, shown
from study.receipt import checksums
from study.settings import load_published, load_settings
from study.sums import sha256

_OF_ANY_ENGINE = ("changes.json", "code", "data", "data-docs", "history", "listings", "notebooks", "origin.css", "results")


@dataclass
class Verdict:
    """What the comparison found: lines of `differences`, and what could not be compared here."""

    differences: list[str] = field(default_factory=list)
    not_compared: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        if self.differences:
            return f"different: {len(self.differences)} differences"
        return "same" if not self.not_compared else f"same, as far as compared; not compared: {', '.join(self.not_compared)}"


def verify(say: Callable[[str], None], delivered: Path, data: str | None = None) -> Verdict:
    """Compare the delivered report with one made anew from the data and code that are here, none of it from a cache.

    Raises :class:`UsageError` where there is no report of this cut, :class:`InvalidData` when the data do not pass the gate,
    and :class:`RenderingFailed` when the report cannot be made.
    """
    record = _record(delivered)
    if record is None:
        raise UsageError(f"{shown(delivered)} holds no finished report; make one with study render")
    cut = reported_cut(load_settings(), data)
    if cut.name != record["cut"]["name"]:
        raise UsageError(
            f"the delivered report shows the cut {record['cut']['name']}, not {cut.name}; name its folder with --data"
        )
    found = Verdict(_altered(delivered, record) + _other_inputs(cut, record))
    elsewhere = _elsewhere(record)
    for name, (then, now) in elsewhere.items():
        say(f"the report was made with {name} {then}, here it is {now}; where it only says so, that is no difference")
    engine = record["engine"]
    if engine == "quarto" and quarto_version() is None:
        engine = "builtin"
        found.not_compared.append("pages, for Quarto made them and is not here")
    with tempfile.TemporaryDirectory(prefix="verify-", dir=scratch.folder()) as folder:
        anew = Path(folder) / "book"
        say("making the report anew; this takes as long as a first render")
        try:
            _render(cut, engine, record["formats"], anew, Path(folder) / "state")
        except InvalidData as problem:
            found.differences.append(str(problem))
            return found
        tables = [_results(each) for each in (delivered, anew)]
        found.differences += result_differences(*tables) + _claims(cut.kind, *tables)
        omitted = left_out(delivered, anew, engine == record["engine"])
        found.differences += differences(delivered, anew, omitted, dict(elsewhere.values()))
    return found


def _record(delivered: Path) -> dict | None:
    """The report's record, or None where there is none. A stranger may have written it: raises :class:`UsageError` if it is odd."""
    try:
        record = provenance(delivered)
        if record is None:
            return None
        texts = [record["cut"]["name"], record["engine"], *record["formats"]]
        for part in (record["environment"], record["files"], record["receipt"]["files"], record["inputs"]):
            texts += [*part.keys(), *part.values()]
        whole = all(isinstance(text, str) for text in texts) and record["engine"] in ENGINES and bool(record["formats"])
        texts += record["made"]
        inside = not any(".." in Path(name).parts or Path(name).is_absolute() for name in [*record["files"], *record["inputs"]])
        known = set(record["formats"]) <= set(FORMATS) and record["environment"].keys() == delivery.environment().keys()
        if whole and inside and known:
            return record
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        pass
    damaged = shown(delivered / delivery.PROVENANCE)
    raise UsageError(f"{damaged} is damaged; make the report again with study render, or get a new copy")


def _altered(delivered: Path, record: dict) -> list[str]:
    names = record["files"]
    gone = [f"{name}: missing from the delivered report" for name in names if not (delivered / name).is_file()]
    return gone + [
        f"{name}: altered since it was rendered"
        for name, checksum in names.items()
        if (delivered / name).is_file() and sha256(delivered / name) != checksum
    ]


def _other_inputs(cut: Cut, record: dict) -> list[str]:
    before, now = record["receipt"]["files"], checksums(cut)
    odd = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    odd = sorted(odd.union(changed_inputs(record)))
    return [f"{name}: not the file that the report was made from" for name in odd]


def _elsewhere(record: dict) -> dict[str, tuple[str, str]]:
    """What of the machine is other than where the report was made."""
    then = record["environment"]
    return {name: (then[name], value) for name, value in delivery.environment().items() if then[name] != value}


def _render(cut: Cut, engine: str, formats: list[str], output: Path, state: Path) -> None:
    command = [*python(START), "render", "--engine", engine, "--to", ",".join(formats)]
    settled = reported_cut(load_settings())
    if cut.folder != settled.folder:
        command += ["--data", str(cut.folder)]
    status, _, said = call([*command, "--output", str(output)], ROOT, os.environ | {variables.STATE_FOLDER: str(state)})
    if status:
        failed = InvalidData if status == InvalidData.status else RenderingFailed
        raise failed(f"the report could not be made anew:\n{said.strip()}")


def _results(report: Path) -> list[dict]:
    try:
        rows = json.loads((report / "results.json").read_text("utf-8"))
        for row in rows:
            if row["id"] != Result(**{key: value for key, value in row.items() if key != "id"}).id:
                return []
        return rows
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []  # its absence or damage is a difference of every result


def _claims(kind: str, *tables: list[dict]) -> list[str]:
    """Claims of the paper whose verdict is another; none where the data are not those of the paper's patients."""
    published, week = load_published(), load_settings().primary_week
    sides = []
    for table in tables:
        rows = Results(Result(**{key: value for key, value in row.items() if key != "id"}) for row in table)
        verdicts: dict[str, str] = {}
        for claim in published.claims if published.reports(kind) else []:
            with contextlib.suppress(UnknownResult):  # a row that is missing is a difference of its own
                verdicts |= {each.id: each.verdict for each in check_claims([claim], rows, week)}
        sides.append(verdicts)
    was, now = sides
    return [
        f"claim {name}: delivered {was.get(name, 'missing')}, computed {now.get(name, 'missing')}"
        for name in dict.fromkeys([*was, *now])
        if was.get(name) != now.get(name)
    ]


def left_out(delivered: Path, anew: Path, same_engine: bool) -> set[str]:
    """Files whose bytes are not compared: results are compared by id before all else; pages of another engine have another frame."""
    omitted = {delivery.PROVENANCE, "results.json", "results.csv"}
    if not same_engine:
        files = [path.relative_to(root) for root in (delivered, anew) for path in root.rglob("*") if path.is_file()]
        omitted |= {path.as_posix() for path in files if path.parts[0] not in _OF_ANY_ENGINE}
    return omitted
