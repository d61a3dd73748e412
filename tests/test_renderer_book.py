"""A whole toy book: run once, then opened and read in every format; and what happens when a cell goes wrong."""

from __future__ import annotations

import json
import re
import struct
import sys
import time
import zipfile
from pathlib import Path

import docx
import lxml.etree
import nbformat
import pypdf
import pytest
from bs4 import BeautifulSoup

from renderer import RenderError, render_book, write_figures, write_jats
from study.errors import UsageError
from study.journal import number_lines

TOY = Path(__file__).parent / "books" / "toy"
FLOATS = {
    "tbl-claims": "Table 1: Claims by kind",
    "tbl-arms": "Table 1.1: Arms of the study",
    "fig-lines": "Figure 2.1: Lines of the toy",
    "fig-div": "Figure 2.2: The highest value is 3.",
    "tbl-numbers": "Table 2.1: Numbers by visit",
    "fig-extra": "Figure A.1: A square from a file",
}
HEADINGS = [
    "Summary", "Background", "1 Methods", "1.1 Design", "1.1.1 Follow-up", "2 Results", "2.1 A figure from a cell",
    "2.2 A figure in a division", "2.2.1 Made by a cell", "Appendix A — Extra material", "A.1 More",
]  # fmt: skip
REFERENCES = (
    "See Chapter 1, Section 1.1 and Figure 2.1; the table is Table 2.1, the appendix Appendix A.",
    "Figure 2.2, 2.2, Fig 2.1, Figure 2.2, Table 2.1.",
    "and see Section 2.2.1.",
)


def render(project: Path, output: Path, cache: Path, formats=("html", "pdf", "docx"), seconds=60, **environment: str):
    said: list[str] = []
    book = render_book(
        project, output, formats, environment={"SOURCE_DATE_EPOCH": "1767225600", **environment}, inputs="digest",
        cache=cache, cell_seconds=seconds, progress=said.append,
    )  # fmt: skip
    return book, said


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def plain(text: str) -> str:
    return " ".join(text.replace("\u2002", " ").split())


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    book, said = render(TOY, folder / "out", folder / "cache")
    return folder, book, said


@pytest.fixture(scope="module")
def pages(toy):
    folder, book, _ = toy
    return {
        name: BeautifulSoup((folder / "out" / name).read_text(encoding="utf-8"), "html.parser") for name in book.pages
    }


@pytest.fixture(scope="module")
def pdf(toy):
    folder, book, _ = toy
    return pypdf.PdfReader(folder / "out" / book.pdf)


@pytest.fixture(scope="module")
def word(toy):
    folder, book, _ = toy
    return docx.Document(str(folder / "out" / book.docx))


def test_every_chapter_with_code_ran_once(toy):
    _, _, said = toy
    ran = ("index.qmd", "chapters/results.qmd")  # the others show code that is not run
    assert sorted(line for line in said if line.endswith(": running")) == sorted(f"{name}: running" for name in ran)


def test_html_has_the_headings_and_floats(pages):
    article = [soup.article for soup in pages.values()]
    found = [plain(h.get_text()) for a in article for h in a.find_all(["h1", "h2", "h3"])]
    assert [h for h in found if h != "References"] == HEADINGS
    for label, caption in FLOATS.items():
        element = next(e for soup in pages.values() if (e := soup.find(id=label)))
        assert plain((element.find("figcaption") or element.find("caption")).get_text()).startswith(caption)


def test_html_has_the_numbers_and_the_references(pages):
    text = plain(" ".join(soup.article.get_text() for soup in pages.values()))
    assert "This summary counts 27 plasters, a share of 81.0 %, with p < 0.001." in text
    for sentence in REFERENCES:
        assert sentence in text
    assert "?@" not in text


def test_html_figures_have_their_alternative_texts(pages):
    images = [image for soup in pages.values() for image in soup.article.select("img, svg.drawn")]
    assert [image.get("alt") or image["aria-label"] for image in images] == [
        "A line that falls from 3 to 1 and rises to 2.",
        'The highest value is 3, so "three"; 81.0 %.',
        "A still square.",
    ]


def test_every_link_of_every_page_leads_somewhere(toy, pages):
    folder, _, _ = toy
    for name, soup in pages.items():
        for link in soup.find_all("a", href=True):
            path, _, identifier = link["href"].partition("#")
            if "://" in path or path.endswith("results.csv"):  # delivered by the caller
                continue
            target = ((folder / "out" / name).parent / path).resolve() if path else folder / "out" / name
            assert target.is_file(), (name, link["href"])
            if identifier and target.suffix == ".html":
                other = pages[target.relative_to((folder / "out").resolve()).as_posix()] if path else soup
                assert other.find(id=identifier) is not None, (name, link["href"])


def test_identifiers_are_unique(pages):
    for name, soup in pages.items():
        ids = [tag["id"] for tag in soup.find_all(id=True)]
        assert len(ids) == len(set(ids)), name


def test_pdf_has_text_bookmarks_language_and_tags(pdf):
    text = plain(" ".join(page.extract_text() for page in pdf.pages))
    for part in (*FLOATS.values(), "counts 27 plasters, a share of 81.0 %", *REFERENCES):
        assert part in text
    root = pdf.trailer["/Root"]
    assert root["/Lang"] == "en-GB" and root["/MarkInfo"]["/Marked"]
    assert pdf.metadata.title == "A toy report on plasters"
    assert b"pdfuaid:part" in root["/Metadata"].get_data()

    def titles(outline):
        for item in outline:
            yield from titles(item) if isinstance(item, list) else [plain(item.title)]

    bookmarks = list(titles(pdf.outline))
    assert [t for t in bookmarks if t not in ("References", "Contents", "First tab", "Second tab")] == HEADINGS


def test_pdf_shows_banner_and_page_numbers_on_every_page(pdf):
    for number, page in enumerate(pdf.pages, start=1):
        text = plain(page.extract_text())
        assert "Toy data: nothing here is evidence." in text
        assert f"{number} of {len(pdf.pages)}" in text


def test_word_has_headings_captions_pictures_and_tables(word):
    styled = [(p.style.name, plain(p.text)) for p in word.paragraphs]
    headings = [text for style, text in styled if style.startswith("Heading")]
    bare = [re.sub(r"^(Appendix A — |[\dA][\d.]* )", "", text) for text in HEADINGS]
    assert [t for t in headings if t not in ("References", "First tab", "Second tab")] == bare, "Word counts itself"
    captions = [text for style, text in styled if style in ("Image Caption", "Table Caption")]
    assert len(captions) == len(FLOATS)
    assert all(text.startswith(caption) for text, caption in zip(captions, FLOATS.values(), strict=True))
    alts = [
        d.get("descr")
        for d in word.element.iter("{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr")
    ]
    assert alts == [
        "A line that falls from 3 to 1 and rises to 2.",
        'The highest value is 3, so "three"; 81.0 %.',
        "A still square.",
    ]
    assert [table.style.name for table in word.tables] == ["Table"] * 3
    header = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}tblHeader"
    assert all(next(table._tbl.iter(header), None) is not None for table in word.tables)
    text = " ".join(text for _, text in styled)
    assert all(sentence in text for sentence in REFERENCES)
    assert word.core_properties.title == "A toy report on plasters"
    contents = [text.strip() for style, text in styled if style.lower().startswith("toc ") and style != "TOC Heading"]
    assert "1 Methods" in contents and "A.1 More" in contents
    marks = set(re.findall(r'bookmarkStart [^>]*w:name="([^"]+)"', word.element.xml))
    pages = re.findall(r" PAGEREF (\S+) ", word.element.xml)
    assert len(pages) == len(contents) and set(pages) <= marks and "dirty" not in word.element.xml


def test_notebooks_are_valid_and_read_well(toy):
    folder, book, _ = toy
    assert len(book.notebooks) == 5
    for name in book.notebooks:
        nbformat.validate(nbformat.read(folder / "out" / name, as_version=4))
    notebook = nbformat.read(folder / "out" / "notebooks" / "results.ipynb", as_version=4)
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown").replace("\u00a0", " ")
    assert "**Figure 2.2:** The highest value is 3." in text and "**Figure 2.1:** Lines of" in text
    assert ":::" not in text and "{#" not in text and "Figure 2.2, 2.2" in text
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert str(TOY.parent) not in json.dumps(notebook)


def test_a_second_render_runs_nothing_and_gives_the_same_bytes(toy):
    folder, _, _ = toy
    _, said = render(TOY, folder / "again", folder / "cache")
    assert not [line for line in said if line.endswith("running")]
    assert contents(folder / "out") == contents(folder / "again")


def test_a_fresh_run_gives_the_same_bytes(toy):
    folder, book, _ = toy
    render(TOY, folder / "fresh", folder / "other-cache")
    for name in (
        "chapters/results.html",
        "chapters/results_files/fig-lines-1.svg",
        "notebooks/results.ipynb",
        book.pdf,
        book.docx,
    ):
        fresh, first = ((folder / place / name).read_bytes() for place in ("fresh", "out"))
        assert fresh == first, name


def test_a_damaged_cache_entry_is_run_again(toy):
    folder, _, _ = toy
    entries = [path for path in (folder / "cache" / "cells").iterdir() if b'[["27"' in path.read_bytes()]
    assert len(entries) == 1
    entries[0].write_bytes(entries[0].read_bytes().replace(b'[["27"', b'[["28"'))
    _, said = render(TOY, folder / "repaired", folder / "cache", ("html",))
    assert [line for line in said if line.endswith(": running")] == ["index.qmd: running"]
    assert "counts 27 plasters" in (folder / "repaired" / "index.html").read_text(encoding="utf-8")


# --- cells that go wrong -------------------------------------------------------------------------------------------

CONFIG = """\
project: {type: book, execute-dir: project}
book:
  title: Toy
  chapters: [index.qmd]
"""


def failing(folder: Path, text: str, seconds: float = 60, **environment: str) -> RenderError:
    (folder / "_quarto.yml").write_text(CONFIG, encoding="utf-8")
    (folder / "index.qmd").write_text(text, encoding="utf-8")
    with pytest.raises(RenderError) as caught:
        render(folder, folder / "out", folder / "cache", ("html",), seconds, **environment)
    return caught.value


def test_a_cell_that_raises_is_named_with_its_line(tmp_path):
    text = "# T\n\n```{python}\ndef f():\n    return 1 / 0\n```\n\n"
    text += "```{python}\n#| label: fig-x\n#| fig-cap: X\n#| fig-alt: X\n\nx = 1\nf()\n```\n"
    error = failing(tmp_path, text)
    assert (error.file, error.line, error.cell) == ("index.qmd", 14, "cell 2, fig-x")
    assert str(error).startswith("index.qmd line 14 (cell 2, fig-x): ZeroDivisionError: division by zero")


def test_inline_code_that_raises_is_named_with_its_line(tmp_path):
    error = failing(tmp_path, "# T\n\nA `{python} 1` and\n`{python} missing`.\n")
    assert (error.file, error.line) == ("index.qmd", 4) and "NameError" in str(error) and "`missing`" in str(error)


def test_a_cell_over_the_time_limit_is_stopped(tmp_path):
    started = time.monotonic()
    error = failing(tmp_path, "# T\n\n```{python}\nimport time\ntime.sleep(60)\n```\n", seconds=1)
    assert error.line == 4 and "still running after 1 seconds" in str(error)
    assert time.monotonic() - started < 40


def test_python_that_dies_is_reported(tmp_path):
    error = failing(tmp_path, "# T\n\n```{python}\nimport os\nos._exit(3)\n```\n")
    assert error.line == 4 and "Python died" in str(error)


def test_chapters_share_nothing_and_see_the_environment(tmp_path):
    (tmp_path / "_quarto.yml").write_text(CONFIG.replace("[index.qmd]", "[index.qmd, two.qmd]"), encoding="utf-8")
    (tmp_path / "index.qmd").write_text(
        "# T\n\n```{python}\n#| include: false\nx = 1\n```\n\n`{python} x`\n", encoding="utf-8"
    )
    code = "import os\nprint('x' in globals(), os.environ['GREETING'], os.getcwd() == os.environ['WHERE'])"
    cell = f"```{{python}}\n{code}\n```\n"
    (tmp_path / "two.qmd").write_text("# U\n\n" + cell, encoding="utf-8")
    render(tmp_path, tmp_path / "out", tmp_path / "cache", ("html",), GREETING="hello", WHERE=str(tmp_path))
    text = BeautifulSoup((tmp_path / "out" / "two.html").read_text(encoding="utf-8"), "html.parser").article.get_text()
    assert "False hello True" in text


def test_what_a_cell_shows_is_for_its_options_to_say(tmp_path):
    cells = {
        "hidden": "#| include: false\nprint('hidden')",
        "silent": "#| output: false\n#| echo: true\nprint('silent', 'output')",
        "asis": "#| output: asis\n#| echo: false\nprint('**bold** asis')",
        "unrun": "#| eval: false\n#| echo: true\nprint('unrun'); 1 / 0",
    }
    text = "# T\n\n" + "\n\n".join(f"```{{python}}\n{code}\n```" for code in cells.values()) + "\n"
    (tmp_path / "_quarto.yml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "index.qmd").write_text(text, encoding="utf-8")
    render(tmp_path, tmp_path / "out", tmp_path / "cache", ("html",))
    article = BeautifulSoup((tmp_path / "out" / "index.html").read_text(encoding="utf-8"), "html.parser").article
    assert "hidden" not in article.get_text() and "silent output" not in article.get_text()
    assert [plain(pre.get_text()) for pre in article.find_all("pre")] == [
        "print('silent', 'output')", "print('unrun'); 1 / 0",
    ]  # fmt: skip
    assert article.strong.get_text() == "bold"


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are copied on Linux only")
def test_packages_to_import_ahead_are_found_through_the_projects_modules(tmp_path):
    from renderer.forks import packages

    (tmp_path / "mine.py").write_text("import numpy\nimport json\n\ndef f():\n    import lazily\n", encoding="utf-8")
    found = packages(["import mine\nfrom pandas import DataFrame", "%magic"], tmp_path)
    assert found == ["pandas", "pandas.DataFrame", "numpy"]


def test_the_word_file_holds_no_times_of_its_making(toy):
    folder, book, _ = toy
    with zipfile.ZipFile(folder / "out" / book.docx) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def _options(cache: Path) -> dict:
    return {"environment": {"SOURCE_DATE_EPOCH": "1767225600"}, "inputs": "digest", "cache": cache, "cell_seconds": 60,
            "progress": lambda _: None}  # fmt: skip


def test_jats_holds_the_same_floats_references_and_figures(toy):
    folder, book, _ = toy
    path = write_jats(TOY, folder / "jats", **_options(folder / "cache"))
    article = lxml.etree.fromstring(path.read_bytes())
    assert article.findtext(".//article-title") == book.title
    floats = {each.get("id"): each for each in (*article.iter("fig"), *article.iter("table-wrap")) if each.get("id")}
    for label, caption in FLOATS.items():
        holder = floats.get(label)
        if holder is None:  # a table's label may stand on the part around it
            holder = next(each for each in article.iter() if each.get("id") == label)
        assert caption in plain("".join(holder.itertext())), label
    ids = {each.get("id") for each in article.iter() if each.get("id")}
    assert {rid for link in article.iter("xref") for rid in link.get("rid").split()} <= ids
    for graphic in article.iter("graphic"):
        assert (folder / "jats" / graphic.get("{http://www.w3.org/1999/xlink}href")).is_file()
        assert graphic.findtext("alt-text")
    assert "<details" not in path.read_text("utf-8") and "typst" not in path.read_text("utf-8")


def test_figures_are_written_as_vector_pdf_and_as_picture_at_print_size(toy):
    folder, _, _ = toy
    written = write_figures(TOY, folder / "figures", **_options(folder / "cache"))
    assert [path.name for path in written] == [
        f"figure-{name}{suffix}" for name in ("2.1-lines", "2.2-div", "A.1-extra") for suffix in (".pdf", ".png")
    ]
    for vector, picture in zip(written[::2], written[1::2], strict=True):
        page = pypdf.PdfReader(vector).pages[0]
        assert not page.images, "a vector figure holds no picture"
        wide = struct.unpack(">II", picture.read_bytes()[16:24])[0]
        assert abs(wide - float(page.mediabox.width) / 72 * 300) <= 2
    again = write_figures(TOY, folder / "again", **_options(folder / "cache"))
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in written]


def test_lines_of_the_word_file_are_numbered_on_request(toy, tmp_path):
    folder, _, _ = toy
    number_lines(tmp_path / "numbered.docx", folder / "out")
    document = docx.Document(str(tmp_path / "numbered.docx"))
    namespace = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    for section in document.sections:
        numbering = section._sectPr.find(f"{namespace}lnNumType")
        assert numbering.get(f"{namespace}countBy") == "1" and numbering.get(f"{namespace}restart") == "continuous"
    with pytest.raises(UsageError, match="holds no Word file"):
        number_lines(tmp_path / "none.docx", tmp_path / "empty")
