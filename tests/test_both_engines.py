"""Quarto and the built-in renderer make the same report of the same sources: page by page, in structure and in text."""

import re

import pytest
from bs4 import BeautifulSoup, Tag
from docx import Document
from pypdf import PdfReader
from test_end_to_end import CHAPTERS, _quarto_marks, plain

pytestmark = _quarto_marks()

FRAME = "nav, script, style, pre, .cell-code, details.code, header, .cover, #references > h2"
"""What the two websites have each in a way of its own: navigation, code that folds, title, the heading of references."""
KINDS = {"figcaption": "caption", "p": "text", "li": "text", "dt": "text", "dd": "text"}


@pytest.fixture(scope="module")
def books(report):
    """The report by engine."""
    return {engine: report(engine) / "_book" for engine in ("builtin", "quarto")}


def blocks(book, name: str) -> list[tuple[str, str]]:
    """Kind and text of everything on a page that holds text of its own, in order."""
    path = book / ("index.html" if name == "index" else f"chapters/{name}.html")
    main = BeautifulSoup(path.read_text("utf-8"), "html.parser").find("main")
    for element in main.select(FRAME):
        element.decompose()
    for link in main.select('p > a[href$=".ipynb"]:only-child'):
        link.parent.decompose()  # the built-in renderer has it beside the page
    for element in main.select("div.callout-title-container, div.csl-entry"):
        element.name = "p"
        if name == "references":  # Quarto sets this one page, whatever the language, by American rules
            author = re.split("[.,]", text(element))[0]
            element.string = f"{author} {[link['href'] for link in element.find_all('a')]}"
    for link in main.select('a[href^="chapters/"]:not([href*="references"])') if name == "index" else ():
        link.string = "a chapter"  # on this page Quarto says number and title, elsewhere "Chapter 2"
    found: list[tuple[str, str]] = []
    for element in main.find_all([*KINDS, "h2", "h3", "h4", "table", "svg", "math"]):
        if element.name == "table":
            if element.caption:
                found.append(("caption", text(element.caption)))
            rows = [[text(cell) for cell in row.find_all(["th", "td"])] for row in element.find_all("tr")]
            found.append(("table", " / ".join(" | ".join(row) for row in rows)))
        elif element.name == "svg":
            found.append(("picture", plain(element.get("aria-label", ""))))
        elif element.name == "math":
            found.append(("formula", text(element)))
        elif element.name.startswith("h"):
            found.append((element.name, text(element)))
        elif element.find_parent("table") is None and not element.find(["p", "li"]):
            found.append((KINDS[element.name], text(element)))
    return [block for block in found if block[1]]


def text(element: Tag) -> str:
    return plain(element.get_text())


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_page_has_the_same_headings_text_tables_figures_and_formulas(books, name):
    ours, quartos = (blocks(books[engine], name) for engine in ("builtin", "quarto"))
    assert len(ours) > 3
    assert ours == quartos


def unnumbered(heading: str) -> str:
    """A heading without its number, which stands in the text or is Word's own, with a point or without."""
    return re.sub(r"^(Supplement )?S?[0-9.]+( —|\.)? (?=[A-Z])", "", plain(heading))


def test_word_files_have_the_same_headings_and_tables(books):
    ours, quartos = (Document(books[engine] / "study-report.docx") for engine in ("builtin", "quarto"))

    def headings(document):
        return [unnumbered(each.text) for each in document.paragraphs if each.style.name.startswith("Heading")]

    def tables(document):
        rows = ([[plain(cell.text) for cell in row.cells] for row in table.rows] for table in document.tables)
        return [table for table in rows if table[0] != ["Warning"]]  # Quarto makes a callout a table

    assert headings(ours) == headings(quartos)
    assert tables(ours) == tables(quartos)


def test_pdfs_have_the_same_bookmarks_and_captions(books):
    ours, quartos = (PdfReader(books[engine] / "study-report.pdf") for engine in ("builtin", "quarto"))

    def bookmarks(entries, depth=0):
        for entry in entries:
            if isinstance(entry, list):
                yield from bookmarks(entry, depth + 1)
            else:
                yield depth, unnumbered(entry.title)

    def captions(pdf):
        whole = plain(" ".join(page.extract_text() for page in pdf.pages))
        return sorted(set(re.findall(r"(?:Figure|Table) [A-Z0-9.]+: \w+ \w+", whole)))

    assert list(bookmarks(ours.outline)) == list(bookmarks(quartos.outline))
    assert captions(ours) == captions(quartos) and len(captions(ours)) > 30
