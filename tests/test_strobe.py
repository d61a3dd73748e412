"""The STROBE appendix: all items, every link to something that exists, and at the right place of the book."""

import re

import pytest
import yaml
from conftest import ROOT

TEXT = (ROOT / "chapters" / "strobe.qmd").read_text("utf-8")
ROWS = re.findall(r"^\| +(\d+) \| (.+?) \| (.+?) \|$", TEXT, flags=re.M)
BOOK = yaml.safe_load((ROOT / "_quarto.yml").read_text("utf-8"))["book"]


def test_every_item_is_there_once_and_in_order():
    assert [int(item) for item, _, _ in ROWS] == list(range(1, 23))
    assert all(len(asked.split()) >= 3 for _, asked, _ in ROWS), "short names, not single words"


@pytest.mark.parametrize(("item", "asked", "where"), ROWS, ids=[row[0] for row in ROWS])
def test_every_item_leads_somewhere_or_says_that_the_source_does_not_tell(item, asked, where):
    assert re.search(r"@(sec|tbl|fig)-", where) or "not reported in the source" in where


def test_every_reference_has_its_target_in_a_chapter_of_the_book():
    chapters = [ROOT / name for name in (*BOOK["chapters"], *BOOK["appendices"])]
    labels = {
        label for path in chapters for label in re.findall(r"\{#((?:sec|tbl|fig)-[\w-]+)", path.read_text("utf-8"))
    }
    wanted = set(re.findall(r"@((?:sec|tbl|fig)-[\w-]+)", TEXT))
    assert len(wanted) >= 15 and wanted <= labels, wanted - labels


def test_it_is_an_appendix_and_the_references_are_the_last_chapter():
    assert "chapters/strobe.qmd" in BOOK["appendices"]
    assert BOOK["chapters"][-1] == "chapters/references.qmd"


def test_the_statement_is_cited():
    assert "@vonelm2007" in TEXT
    assert "10.1371/journal.pmed.0040296" in (ROOT / "references.bib").read_text("utf-8")
