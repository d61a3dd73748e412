"""`study verify`: make the report again from scratch, elsewhere, and compare it with what was delivered."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from analysis.claims import check_claims
from analysis.results import Result, Results
from study import book, scratch
from study.cuts import Cut, reported_cut
from study.errors import InvalidData, RenderingFailed, UsageError
from study.likeness import differences, result_differences
from study.paths import ROOT, STATE_VARIABLE, shown
from study.receipt import checksums, sha256
from study.settings import load_published, load_settings

_OF_ANY_ENGINE = ("changes.json", "code", "data-docs", "history", "notebooks", "results")


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
    record = book.provenance(delivered)
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
    if engine == "quarto":
        from study.render import quarto_version

        if quarto_version() is None:
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
        found.differences += result_differences(*tables) + _claims(*tables)
        left_out = _left_out(delivered, anew, engine == record["engine"])
        found.differences += differences(delivered, anew, left_out, dict(elsewhere.values()))
    return found


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
    odd = (name for name in sorted(before.keys() | now.keys()) if before.get(name) != now.get(name))
    return [f"{name}: not the file that the report was made from" for name in odd]


def _elsewhere(record: dict) -> dict[str, tuple[str, str]]:
    """What of the machine is other than where the report was made."""
    then = record["environment"]
    return {name: (then[name], value) for name, value in book.environment().items() if then[name] != value}


def _render(cut: Cut, engine: str, formats: list[str], output: Path, state: Path) -> None:
    command = [sys.executable, "-m", "study.cli", "render", "--engine", engine, "--to", ",".join(formats)]
    settled = reported_cut(load_settings())
    if cut.folder != settled.folder:
        command += ["--data", str(cut.folder)]
    env = os.environ | {STATE_VARIABLE: str(state), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "--output", str(output)], cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    if done.returncode:
        failed = InvalidData if done.returncode == InvalidData.status else RenderingFailed
        raise failed(f"the report could not be made anew:\n{done.stderr.strip()}")


def _results(report: Path) -> list[dict]:
    try:
        return json.loads((report / "results.json").read_text("utf-8"))
    except (OSError, ValueError):
        return []  # its absence or damage is already among the differences


def _claims(*tables: list[dict]) -> list[str]:
    """Claims of the paper whose verdict is another."""
    published = load_published().claims
    wanted = {result_id for claim in published for result_id in np.atleast_1d(claim["result"])}
    sides = []
    for table in tables:
        rows = [Result(**{key: value for key, value in row.items() if key != "id"}) for row in table]
        known = Results(row for row in rows if row.id in wanted)
        claims = [claim for claim in published if set(np.atleast_1d(claim["result"])) <= set(known)]
        sides.append({claim.id: claim.verdict for claim in check_claims(claims, known)})
    was, now = sides
    return [
        f"claim {name}: delivered {was.get(name, 'missing')}, computed {now.get(name, 'missing')}"
        for name in dict.fromkeys([*was, *now])
        if was.get(name) != now.get(name)
    ]


def _left_out(delivered: Path, anew: Path, same_engine: bool) -> set[str]:
    """The results are compared by id before all else; pages of another engine have another frame."""
    left_out = {book.PROVENANCE, "results.json", "results.csv"}
    if not same_engine:
        files = [path.relative_to(root) for root in (delivered, anew) for path in root.rglob("*") if path.is_file()]
        left_out |= {path.as_posix() for path in files if path.parts[0] not in _OF_ANY_ENGINE}
    return left_out
