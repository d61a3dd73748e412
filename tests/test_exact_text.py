"""Text of the data is the same text in HTML, Word and PDF, whatever marks of Markdown, Typst, HTML, Word fields or Lua are in it."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from conftest import ROOT
from docx import Document
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from analysis.core.markdown import Table, literal
from expectations.characters import odd_blanks
from renderer import render_book

BUILTIN = """
project: {type: book, execute-dir: project}
book: {title: Exact, author: Nobody, output-file: exact, chapters: [index.qmd]}
lang: en-GB
filters:
  - {path: filters/unbroken.lua, at: pre-ast}
  - {path: filters/tables.lua, at: pre-ast}
  - {path: filters/typst-shorthand.lua, at: post-finalize}
format:
  html: {toc: false}
  typst: {pdf-standard: ua-1, mainfont: IBM Plex Sans, sansfont: IBM Plex Sans, codefont: IBM Plex Mono}
  docx: {toc: false}
"""
QUARTO = BUILTIN.replace(", execute-dir: project", "").replace("pdf-standard: ua-1, ", "")
MARKS = [
    *"-.~–—‘’“”…'\"", "-?", "--", "---", "...", "-2", "+", "=", "/", "//", "/*", "*/", "#", "#let x", "$", "\\", "\\u{41}", "`",
    "@", "<a>", "[", "]", "]{.c}", "{=typst}", "_", "*", "**", "^", "|", "&amp;", "&lt;", "<b>", "</td>", "<!--", "{ TOC }",
    "{ PAGE \\* MERGEFORMAT }", "[[", "]]", "--[[", "{{< meta title >}}", "{{", "%", "(c)", "(@)", "1.", "1)", "->", "=>", ":::",
    "::", ":-)", "http://x.org", "a", "xn", "5", " ", " ", " ", "\N{NO-BREAK SPACE}",
]  # fmt: skip
KNOWN = ["Rash -?allergic", "wait...", "-2 to -3", "a~b", "’tis ’n’", "–-", "–—", "---?", "it's \"so\"", "95–99", "{ =1+1 }", "<br/>"]
TEXTS = st.lists(st.sampled_from(MARKS), min_size=1, max_size=7).map("".join).map(str.strip).filter(lambda t: t and not odd_blanks(t))


def source(texts: list[str]) -> str:
    paragraphs = [f"<{number}x{text}y" for number, text in enumerate(texts)]
    rows = [[literal(f"<{number}u{text}v")] for number, text in enumerate(texts)]
    return "# Exact\n\n" + "\n\n".join(map(literal, paragraphs)) + "\n\n" + Table(["Text"], "l", rows)._repr_markdown_()


def project(folder: Path, config: str, texts: list[str]) -> Path:
    (folder / "_quarto.yml").write_text(config, encoding="utf-8")
    shutil.copytree(ROOT / "filters", folder / "filters")
    (folder / "fonts").symlink_to(ROOT / "fonts", target_is_directory=True)
    (folder / "index.qmd").write_text(source(texts), encoding="utf-8")
    return folder


def plain(text: str) -> str:
    """On paper a blank that keeps a line together is drawn as a blank; a soft hyphen is the typesetter's."""
    return re.sub(r"\s+", " ", text.replace("\N{SOFT HYPHEN}", ""))


def together(text: str) -> str:
    """filters/unbroken.lua keeps a number and its "%" on one line: the one blank of a text that becomes another."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def changed(texts: list[str], folder: Path) -> dict[str, list[str]]:
    """By format the texts that a paragraph or a cell does not show exactly."""
    page = BeautifulSoup((folder / "index.html").read_text("utf-8"), "html.parser")
    document = Document(next(folder.glob("*.docx")))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    pdf = plain(" ".join(page.extract_text() for page in PdfReader(next(folder.glob("*.pdf"))).pages))
    shown = {
        "HTML": {element.get_text() for element in page.find_all(["p", "td"])},
        "Word": {*(paragraph.text for paragraph in document.paragraphs), *cells},
    }
    wrong = {}
    for number, text in enumerate(texts):
        wanted = [f"<{number}x{text}y", f"<{number}u{text}v"]
        for form, blocks in shown.items():
            if not set(map(together, wanted)) <= set(map(together, blocks)):
                wrong.setdefault(form, []).append(text)
        if not all(plain(each) in pdf for each in wanted):
            wrong.setdefault("PDF", []).append(text)
    return wrong


@settings(max_examples=2, deadline=None, phases=[Phase.generate])
@given(st.lists(TEXTS, min_size=80, max_size=80))
def test_the_built_in_renderer_shows_every_text_exactly(texts):
    texts = KNOWN + texts
    with tempfile.TemporaryDirectory() as place:
        folder = project(Path(place), BUILTIN, texts)
        render_book(
            folder, folder / "out", ("html", "pdf", "docx"), environment={"SOURCE_DATE_EPOCH": "0"}, inputs="",
            cache=folder / "cache", cell_seconds=60, progress=lambda said: None,
        )  # fmt: skip
        assert changed(texts, folder / "out") == {}


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("quarto") is None, reason="Quarto is not on the path")
@settings(max_examples=1, deadline=None, phases=[Phase.generate])
@given(st.lists(TEXTS, min_size=150, max_size=150))
def test_quarto_shows_every_text_exactly(texts):
    texts = KNOWN + texts
    with tempfile.TemporaryDirectory() as place:
        folder = project(Path(place), QUARTO, texts)
        done = subprocess.run(["quarto", "render"], cwd=folder, env=os.environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        assert changed(texts, folder / "_book") == {}
