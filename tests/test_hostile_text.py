"""Text that people type may hold any markup: every format shows it literally, and nothing of it runs."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from conftest import ROOT, SHIPPED_CUT
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from analysis.core.markdown import closed, literal
from study.cuts import read_cut
from study.errors import UsageError

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "</td></table><b>bold</b>&amp;",
    "*star* **two** _under_ `code` | bar",
    "[link](//example.invalid/x) ![](//example.invalid/y.png)",
    "#strong[Typst] #read(\"/etc/passwd\") <label>",
    "\\textbf{TeX} \\input{/etc/passwd} \\\\",
    "{{< include /etc/passwd >}} `{python} 6*7` {python}",
    "[@g1] [-@g1] [^1]",
    "$\\frac{1}{2}$ $$x^2$$",
    "=HYPERLINK(\"#A1\")",
    "\N{FACE WITH TEARS OF JOY} 痒み حكة 피부 ไข้",
    "right אקזמה to left",
    "long " + "W" * 200,
]
"""One for each adverse event."""
NOT_IN_PDF_TEXT = HOSTILE[-3:]  # a reader extracts reordered, broken and coded text in its own way; beginnings are looked for


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The report of a cut whose free texts are hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    cut = shutil.copytree(SHIPPED_CUT, folder / "cut")
    _fill(cut / "adverse_events.csv", lambda n, row: {"term": f"T{n} {HOSTILE[n]}", "system_organ_class": f"S{n} {HOSTILE[n]}"})
    _fill(cut / "patients.csv", lambda n, row: {"prior_systemic_therapy": f"P{n} {HOSTILE[n % len(HOSTILE)]}"})
    _fill(cut / "patients.csv", lambda n, row: {"discontinued_week": "26", "discontinuation_reason": f"D{n} {HOSTILE[n]}"}, 5)
    record = yaml.safe_load((cut / "cut.yml").read_text("utf-8"))
    record |= {"label": "L " + " ".join(HOSTILE[:6]), "description": "X " + " ".join(HOSTILE)}
    (cut / "cut.yml").write_text(yaml.safe_dump(record, allow_unicode=True), encoding="utf-8")
    command = [sys.executable, "-m", "study.cli", "render", "--engine", "builtin", "--data", cut, "--output", folder / "book"]
    environment = os.environ | {"STUDY_STATE": str(folder / "state")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / "book"


def _fill(path, texts, first=None):
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows[:first]):
        row.update(texts(number, row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def squeezed(text: str) -> str:
    return "".join(text.split()).replace("\N{SOFT HYPHEN}", "")


@pytest.mark.slow
def test_no_page_holds_an_element_or_attribute_that_the_data_wrote(hostile):
    for path in hostile.rglob("*.html"):
        page = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        assert not [script for script in page.find_all("script") if "alert(" in script.get_text()], path
        for element in page.find_all(True):
            wrong = [name for name, value in element.attrs.items() if name.startswith("on") or ("example.invalid" in str(value)
                     and name in ("src", "href"))]  # fmt: skip
            assert not wrong, (path, element)
    for path in hostile.rglob("*.svg"):
        assert "<script" not in path.read_text("utf-8"), path


@pytest.fixture(scope="module")
def shown(hostile) -> dict[str, str]:
    """What each format shows, without blanks."""
    pages = (BeautifulSoup(path.read_text("utf-8"), "html.parser") for path in (hostile / "chapters").glob("*.html"))
    body = Document(hostile / "study-report.docx").element.body
    pdf = "".join(squeezed(page.extract_text()) for page in PdfReader(hostile / "study-report.pdf").pages)
    return {
        "HTML": squeezed(" ".join(page.get_text() for page in pages)),
        "Word": squeezed("".join(run.text or "" for run in body.iter(qn("w:t")))),
        "PDF": unicodedata.normalize("NFKC", pdf).replace("-", ""),
    }


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_every_term_is_literal_in_html_word_and_pdf(shown, text):
    number = HOSTILE.index(text)
    wanted = [squeezed(f"{kind}{number} {text}") for kind in "TS"]
    for form in ("HTML", "Word"):
        assert [w for w in wanted if w not in shown[form]] == [], form
    begun = [unicodedata.normalize("NFKC", w[:7] if text in NOT_IN_PDF_TEXT else w).replace("-", "") for w in wanted]
    assert [w for w in begun if w not in shown["PDF"]] == [], "PDF"


@pytest.mark.slow
def test_label_and_description_are_literal_where_they_are_shown(hostile):
    text = squeezed(" ".join(BeautifulSoup(path.read_text("utf-8"), "html.parser").get_text() for path in hostile.rglob("*.html")))
    assert squeezed("L " + " ".join(HOSTILE[:6])) in text


@pytest.mark.slow
def test_notebooks_hold_the_texts_escaped(hostile):
    for path in (hostile / "notebooks").glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            texts = [cell.source] if cell.cell_type == "markdown" else []
            for output in cell.get("outputs", []):
                texts += [text for kind, text in output.get("data", {}).items() if kind == "text/markdown"]
                assert "alert(" not in output.get("data", {}).get("text/html", "")
            for text in texts:
                assert not re.search(r"(?<!\\)<(script>alert|img src=x)", text), (path, text[:300])


@pytest.mark.slow
def test_no_text_cell_of_the_listings_begins_as_a_formula_and_minus_signs_stay(hostile):
    """Ids are made of letters, digits and underscores whatever a term holds, so nothing has to be altered in the listings."""
    rows = list(csv.DictReader((hostile / "results.csv").open(newline="", encoding="utf-8")))
    wrong = [
        (row["id"], name, cell)
        for row in rows
        for name, cell in row.items()
        if cell[:1] in tuple("=+-@\t\r") and cell and not re.fullmatch(r"-?[\d.,e-]+", cell)
    ]
    assert wrong == []
    assert any(row["value"].startswith("-") for row in rows)
    assert {row["id"]: row["display"] for row in rows} == {
        row["id"]: row["display"] for row in json.loads((hostile / "results.json").read_text("utf-8"))
    }


_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30) | st.sampled_from(HOSTILE)
_BLANKS = re.compile("[^\\S\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{FIGURE SPACE}]+")


@settings(max_examples=20, deadline=None)
@given(st.lists(_TEXT, min_size=1, max_size=30))
def test_pandoc_reads_a_literal_text_as_that_text(texts):
    """In a table, in a paragraph: the characters come back, and nothing became markup."""
    import pypandoc

    shown = [closed(_BLANKS.sub(" ", text).strip(" ")) for text in texts]
    source = "\n\n".join(f"x{literal(text)}y" for text in texts)
    table = "| a |\n|:--|\n" + "".join(f"| x{literal(text)}y |\n" for text in texts)
    for document in (source, table):
        tree = json.loads(pypandoc.convert_text(document, "json", "markdown", extra_args=["--wrap=preserve"]))
        assert _texts(tree["blocks"]) == [f"x{text}y" for text in shown]


SHORTHANDS = [
    "Rash -?allergic", "a...b", "x -- y --- z", "a~b", "-2 +3", "'q' \"w\"", "a/*b*/ // c", "= h", "#let x", "a@b <l> $m$", "1. x",
    "..", "-?-", "**", "[U]",
    "a\\b", "`c`", "{{d}}", "%e% --[[ f ]]", "_g_ ^h^", "&amp; &lt;",
]  # fmt: skip


def test_no_shorthand_of_typst_changes_a_literal_text(tmp_path):
    import panflute
    import pypandoc
    import typst

    from renderer.pdf import _without_shorthand

    source = "\n\n".join(f"x{literal(text)}y" for text in SHORTHANDS)
    doc = panflute.load(io.StringIO(pypandoc.convert_text(source, "json", "markdown")))
    doc.walk(_without_shorthand)
    tree = io.StringIO()
    panflute.dump(doc, tree)
    body = pypandoc.convert_text(tree.getvalue(), "typst", "json", extra_args=["--wrap=preserve"])
    (tmp_path / "main.typ").write_text(body, encoding="utf-8")
    pages = PdfReader(io.BytesIO(typst.compile(str(tmp_path / "main.typ")))).pages
    assert [line for page in pages for line in page.extract_text().splitlines()] == [f"x{text}y" for text in SHORTHANDS]


@given(st.text(st.sampled_from("ab\u202a\u202c\u202d\u202e\u2066\u2067\u2068\u2069"), max_size=12))
def test_what_changes_the_direction_of_writing_ends_with_its_text(text):
    """Whatever is open at the end is closed, and nothing else: as the counters of Unicode's annex 9 see it."""
    shown = closed(text)
    assert shown.startswith(text) and set(shown[len(text) :]) <= {"\u202c", "\u2069"}
    assert _open(shown) == [] and (shown == text or _open(text))


def _open(text: str) -> list[str]:
    """What is open at the end, by rules X5a to X7: an isolate's end is looked for past embeddings, an embedding's is not."""
    stack = []
    for char in text:
        if char in "\u202a\u202d\u202e\u2066\u2067\u2068":
            stack.append("isolate" if char >= "\u2066" else "embedding")
        elif char == "\u202c" and stack and stack[-1] == "embedding":
            stack.pop()
        elif char == "\u2069" and "isolate" in stack:
            while stack.pop() != "isolate":
                continue
    return stack


@pytest.mark.parametrize("key", ["label", "description"])
@pytest.mark.parametrize("char", ["\x07", "\x1b", "\u2028", "\u2029", "\x85"])
def test_control_characters_in_cut_yml_are_refused_at_their_line(key, char, cut_copy):
    record = yaml.safe_load((cut_copy / "cut.yml").read_text("utf-8"))
    record[key] = f"a{char}b"
    (cut_copy / "cut.yml").write_text(yaml.safe_dump(record, sort_keys=False), encoding="utf-8")
    with pytest.raises(UsageError, match=rf"cut.yml line \d+: {key} holds .* \(U\+{ord(char):04X}\); remove it"):
        read_cut(cut_copy)


def _texts(node) -> list[str]:
    """The text of each paragraph and table cell; an inline that is no text fails."""
    found = []
    for block in _leaves(node):
        words = []
        for inline in block["c"]:
            assert inline["t"] in ("Str", "Space", "SoftBreak"), inline
            words.append(inline.get("c", " "))
        found.append("".join(words))
    return [text for text in found if text != "a"]


def _leaves(node):
    if isinstance(node, dict) and node.get("t") in ("Para", "Plain"):
        yield node
    elif isinstance(node, dict | list):
        for each in node.values() if isinstance(node, dict) else node:
            yield from _leaves(each)
