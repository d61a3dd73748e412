"""`study verify`: execute the report again from scratch and compare with what was delivered."""

import json
import math
import tempfile
from collections.abc import Callable
from pathlib import Path

import expectations.gate
from analysis.design import Tables
from study import book
from study.analysed import compute_results, design_of
from study.cuts import reported_cut
from study.errors import InvalidData, RenderingFailed, UsageError
from study.paths import BOOK, ROOT, shown
from study.settings import load_published, load_settings

RELATIVE_TOLERANCE = 1e-9
"""Allowed difference of floats between machines; counts have to be equal."""


def verify(say: Callable[[str], None], delivered: Path = BOOK) -> list[str]:
    """Differences between the delivered report and one made anew, none of it from a cache; empty when they agree.

    Compares the results table and, where the built-in renderer made the report, the executed notebooks.
    """
    record = book.provenance(delivered)
    if record is None:
        raise UsageError(f"{shown(delivered)} holds no finished report; make one with study render")
    settings, published = load_settings(), load_published()
    cut = reported_cut(settings)
    if cut.name != record["cut"]["name"]:
        raise UsageError(f"the delivered report shows the cut {record['cut']['name']}, the settings name {cut.name}")
    say("checking the data anew")
    verdict = expectations.gate.check(cut.folder, settings.gate_parameters())
    if not verdict.valid:
        raise InvalidData("the data are not valid", verdict.findings)
    say("computing the results anew")
    anew = compute_results(Tables.of(verdict.tables), design_of(cut, settings, published))
    differences = _altered(delivered, record) + _results(delivered, json.loads(anew.to_json()))
    if record["engine"] == "builtin":
        differences += _notebooks(delivered, settings, cut, say)
    return differences


def _altered(delivered: Path, record: dict) -> list[str]:
    from study.receipt import sha256

    return [
        f"{name}: {'missing' if not (delivered / name).is_file() else 'not as it was rendered'}"
        for name, checksum in record["files"].items()
        if not (delivered / name).is_file() or sha256(delivered / name) != checksum
    ]


def _results(delivered: Path, anew: list[dict]) -> list[str]:
    try:
        before = {row["id"]: row for row in json.loads((delivered / "results.json").read_text("utf-8"))}
    except (OSError, ValueError) as problem:
        return [f"results.json cannot be read: {problem}"]
    after = {row["id"]: row for row in anew}
    lines = []
    for result_id in dict.fromkeys([*before, *after]):
        was, now = before.get(result_id), after.get(result_id)
        if was is None or now is None:
            lines.append(f"{result_id}: {'not in the delivered results' if was is None else 'not computed any more'}")
        elif not _equal(was["value"], now["value"]) or was["display"] != now["display"]:
            lines.append(f"{result_id}: delivered {was['display']}, computed {now['display']}")
    return lines


def _equal(was, now) -> bool:
    if isinstance(was, float) and isinstance(now, float):
        return math.isclose(was, now, rel_tol=RELATIVE_TOLERANCE, abs_tol=1e-12)
    return was == now


def _notebooks(delivered: Path, settings, cut, say: Callable[[str], None]) -> list[str]:
    from renderer import RenderError, render_book
    from study.report import epoch

    with tempfile.TemporaryDirectory(prefix="study-verify-") as folder:
        anew = Path(folder)
        environment = {"SOURCE_DATE_EPOCH": str(epoch(cut.extracted)), "PYTHONHASHSEED": "0"}
        try:
            made = render_book(
                ROOT, anew / "book", ["html"], environment=environment, inputs="", cache=anew / "cache",
                cell_seconds=settings.cell_seconds, progress=say,
            )  # fmt: skip
        except RenderError as problem:
            raise RenderingFailed(str(problem)) from None
        return [
            f"{name}: executed anew it differs"
            for name in made.notebooks
            if not (delivered / name).is_file()
            or (delivered / name).read_bytes() != (anew / "book" / name).read_bytes()
        ]
