"""The STROBE appendix: all items, every link to something that exists, and at the right place of the book."""

import dataclasses
import re
from functools import cache

import pytest
import yaml
from conftest import ROOT

from analysis import strobe_shown
from study.analysed import analyse_reported
from study.report import Report
from study.statements import ITEMS, Statements

TEXT = (ROOT / "chapters" / "strobe.qmd").read_text("utf-8")
ROWS = re.findall(r"^\| +(\d+) \| (.+?) \| (.+?) \|$", TEXT, flags=re.M)
BOOK = yaml.safe_load((ROOT / "_quarto.yml").read_text("utf-8"))["book"]


def test_every_item_is_there_once_and_in_order():
    assert [int(item) for item, _, _ in ROWS] == list(range(1, 23))
    assert all(len(asked.split()) >= 3 for _, asked, _ in ROWS), "short names, not single words"


@cache
def report(kind: str, statements: Statements = Statements()) -> Report:  # noqa: B008
    shipped = analyse_reported()
    cut, settings = dataclasses.replace(shipped.cut, kind=kind), dataclasses.replace(shipped.settings, statements=statements)
    return Report(dataclasses.replace(shipped, cut=cut, settings=settings))


def place(where: str, of: Report) -> str:
    """The third cell as it is printed."""
    computed = re.fullmatch(r"`\{python\} strobe_shown.where\(report, (\d+)\)`", where)
    return strobe_shown.where(of, int(computed[1])) if computed else where


@pytest.mark.parametrize("kind", ["reconstructed", "clinical"])
@pytest.mark.parametrize(("item", "asked", "where"), ROWS, ids=[row[0] for row in ROWS])
def test_every_item_leads_somewhere_or_says_who_does_not_tell(item, asked, where, kind):
    said = place(where, report(kind))
    lacking = "not reported in the source" if kind == "reconstructed" else "not stated, "
    assert re.search(r"@(sec|tbl|fig)-|^Summary", said) or lacking in said


def test_a_clinical_report_names_keys_and_never_a_source():
    said = " ".join(place(where, report("clinical")) for _, _, where in ROWS)
    assert "the source" not in said and "@sec-open" not in said
    assert all(f"key `{key}` in study.yml" in said for key in ITEMS)


def test_what_the_settings_state_stands_in_the_table():
    stated = Statements(**{key: f"Stated *{key}*." for key in ITEMS})
    said = " ".join(place(where, report("clinical", stated)) for _, _, where in ROWS)
    assert "study.yml" not in said
    assert all(rf"Stated \*{key}\*".replace("_", r"\_") in said for key in ITEMS)


@pytest.mark.parametrize("kind", ["reconstructed", "clinical"])
def test_every_reference_has_its_target_in_a_chapter_of_the_book(kind):
    chapters = [ROOT / name for name in (*BOOK["chapters"], *BOOK["appendices"])]
    labels = {
        label for path in chapters for label in re.findall(r"\{#((?:sec|tbl|fig)-[\w-]+)", path.read_text("utf-8"))
    }
    wanted = set(re.findall(r"@((?:sec|tbl|fig)-[\w-]+)", TEXT + " ".join(place(where, report(kind)) for _, _, where in ROWS)))
    assert len(wanted) >= 15 and wanted <= labels, wanted - labels


def test_it_is_an_appendix_and_the_references_are_the_last_chapter():
    assert "chapters/strobe.qmd" in BOOK["appendices"]
    assert BOOK["chapters"][-1] == "chapters/references.qmd"


def test_the_statement_is_cited():
    assert "@vonelm2007" in TEXT
    assert "10.1371/journal.pmed.0040296" in (ROOT / "references.bib").read_text("utf-8")
