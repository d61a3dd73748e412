"""Options of `_quarto.yml`: each that Quarto knows is honoured, with what must be seen, or refused by name and line."""

from __future__ import annotations

from pathlib import Path

import lxml.etree
import pytest
from bs4 import BeautifulSoup
from test_renderer_syntax import refusal, render, words, write_book

from renderer import RenderError, write_notebooks
from renderer.options import FIXED, FORMATS, HONOURED, KNOWN, SAID, refusals
from renderer.project import load_project, load_yaml

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
DEFAULTS = "project:\n  type: book\n  execute-dir: project\nbook:\n  title: Toy\n  chapters: [index.qmd, one.qmd, two.qmd]\n"


def config(**sections: str) -> str:
    """`_quarto.yml` with further lines below `project`, `book`, `format` or at the top."""
    text = DEFAULTS.replace("book:\n", f"{_below(sections.pop('project', ''))}book:\n", 1)
    text += _below(sections.pop("book", ""))
    for name, lines in sections.items():
        text += lines + "\n" if name == "top" else f"{name}:\n{_below(lines)}"
    return text


def _below(lines: str) -> str:
    return "".join(f"  {line}\n" for line in lines.split("\n") if line)


@pytest.fixture
def site(tmp_path):
    """Renders a book with the given lines in its `_quarto.yml`; the output folder, and its first page and the second."""

    def make(formats=("html",), **sections: str):
        folder = write_book(tmp_path / "b", "## A part\n\ntext", config=config(**sections))
        for name in ("art/cover.png", "art/mark.png"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(PNG)
        (folder / "protocol.txt").write_text("the protocol\n", encoding="utf-8")
        out = render(folder, *formats)
        return out, *(BeautifulSoup((out / f"{name}.html").read_text("utf-8"), "html.parser") for name in ("index", "one"))

    return make


# --- honoured: what must be seen -----------------------------------------------------------------------------------


def test_the_cover_image_is_on_the_first_page_with_its_alternative_text(site):
    out, first, second = site(book='cover-image: art/cover.png\ncover-image-alt: "A hand & a plaster"')
    image = first.find("img", class_="cover-image")
    assert image["alt"] == "A hand & a plaster" and (out / image["src"]).read_bytes() == PNG
    assert second.find("img", class_="cover-image") is None


def test_a_cover_image_without_a_text_is_an_ornament(site):
    _, first, _ = site(book="cover-image: art/cover.png")
    assert first.find("img", class_="cover-image")["alt"] == ""


def test_the_favicon_is_on_every_page(site):
    out, *pages = site(book="favicon: /art/mark.png")
    for page in pages:
        icon = page.find("link", rel="icon")
        assert icon["type"] == "image/png" and (out / icon["href"]).read_bytes() == PNG


def test_description_doi_source_code_and_bar_title(site):
    _, first, second = site(
        book="description: What plasters do\ndoi: 10.1/toy\nrepo-url: https://example.org/code\nsidebar:\n  title: Short"
    )
    assert first.find("meta", attrs={"name": "description"})["content"] == "What plasters do"
    assert first.find(class_="cover").find("a", href="https://doi.org/10.1/toy").get_text() == "10.1/toy"
    assert second.find("a", href="https://example.org/code").get_text() == "Source code"
    assert words(second.find(class_="book-title")) == "Short" and words(first.find(class_="cover-title")) == "Toy"


@pytest.mark.parametrize(
    "footer", ["page-footer: '[Left](https://x.org) *end*'", "page-footer:\n  left: '[Left](https://x.org)'\n  right: '*end*'"]
)
def test_the_footer_is_on_every_page_and_may_hold_markdown(site, footer):
    _, *pages = site(book=footer)
    for page in pages:
        found = page.find(class_="page-footer")
        assert found.find("a", href="https://x.org").get_text() == "Left" and found.em.get_text() == "end"


def test_a_site_address_gives_a_map_of_the_site(site):
    out, *_ = site(book="site-url: https://example.org/toy/")
    places = lxml.etree.parse(out / "sitemap.xml").iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    assert [each.text for each in places] == [f"https://example.org/toy/{name}.html" for name in ("index", "one", "two")]
    assert (out / "robots.txt").read_text("utf-8") == "Sitemap: https://example.org/toy/sitemap.xml\n"


def test_downloads_are_those_that_are_listed(site):
    hrefs = lambda page: [a["href"] for a in page.find(class_="downloads").find_all("a")]  # noqa: E731
    _, first, _ = site(("html", "docx"), book="downloads: [pdf]")
    assert not any(href.endswith(("docx", "pdf")) for href in hrefs(first)), "the PDF is listed and was not made"
    _, first, _ = site(("html", "docx"), book="downloads: docx")
    assert any(href.endswith("Toy.docx") for href in hrefs(first))
    _, first, _ = site(("html", "docx"))
    assert any(href.endswith("Toy.docx") for href in hrefs(first)), "without a list, whatever was made"


def test_resources_lie_beside_the_pages(site):
    out, *_ = site(project="resources: [protocol.txt, 'art/*.png']")
    assert (out / "protocol.txt").read_text("utf-8") == "the protocol\n" and (out / "art" / "mark.png").read_bytes() == PNG


def test_contents_have_the_title_and_depth_that_the_format_says(site):
    _, _, page = site(format="html:\n  toc-title: Parts\n  toc-depth: 2\n  number-sections: false")
    assert page.find(class_="contents")["aria-label"] == words(page.find(class_="contents").h2) == "Parts"
    assert words(page.article.h2) == "A part"
    _, _, page = site(top="toc: false")
    assert page.find(class_="contents") is None


def test_the_header_of_the_pdf_goes_before_its_text(tmp_path):
    from renderer.pdf import typst_source
    from renderer.pipeline import BookTree

    lines = "typst:\n  include-in-header:\n    - text: '#let mine = 1'\n    - more.typ"
    folder = write_book(tmp_path / "b", config=config(format=lines))
    (folder / "more.typ").write_text("#let yours = 2\n", encoding="utf-8")
    source = typst_source(load_project(folder), BookTree([], {}))
    assert source.index("#let mine = 1\n#let yours = 2\n") < source.index("#show: report.with")


def test_a_theme_of_quartos_is_said_to_do_nothing(tmp_path):
    from renderer.references import read_book

    said: list[str] = []
    read_book(write_book(tmp_path / "b", config=config(format="html:\n  theme: cosmo")), ("html",), said.append)
    assert len(said) == 1 and said[0].startswith("warning: _quarto.yml line 9: `format.html.theme` has no effect")


# --- refused --------------------------------------------------------------------------------------------------------


def test_all_that_is_refused_is_said_at_once_with_its_line(tmp_path):
    book = "comments: {hypothesis: true}\ncover-imge: x.png\nsharing: twitter"
    text = config(book=book, format="html:\n  lightboks: true\npdf: default")
    error = refusal(write_book(tmp_path / "b", "@sec-gone", config=text))
    lines = str(error).split("\n")
    assert [line.partition(": ")[0] for line in lines] == [f"_quarto.yml line {n}" for n in (7, 8, 9, 12, 13)] + ["one.qmd line 3"]
    for line, part in zip(
        lines,
        ("`book.comments` must be false here", "`book.cover-imge`; did you mean `cover-image`?", "`book.sharing` must be false",
         "`format.html.lightboks`; did you mean `lightbox`?", "html, typst, docx, not `pdf`", "@sec-gone"),
        strict=True,
    ):  # fmt: skip
        assert part in line


@pytest.mark.parametrize(
    "sections",
    [
        {"book": "cover-image: absent.png"},
        {"book": "favicon: https://x.org/icon.png"},
        {"book": "downloads: [epub]"},
        {"book": "page-footer:\n  border: true"},
        {"book": "page-footer:\n  left: [{text: a}]"},
        {"project": "resources: absent.txt"},
        {"project": "pre-render: other.py"},
        {"format": "html:\n  toc-depth: deep"},
        {"format": "html:\n  toc: 'no'"},
        {"format": "typst:\n  lang: de"},
        {"execute": "freeze: auto"},
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_refused_with_its_line(tmp_path, sections):
    with pytest.raises(RenderError) as caught:
        load_project(write_book(tmp_path / "b", config=config(**sections)))
    assert caught.value.file == "_quarto.yml" and caught.value.line


def test_what_quarto_alone_follows_does_not_stop_the_notebooks_of_its_book(tmp_path):
    lines = "comments: {hypothesis: true}\ndownloads: [epub]\nfavicon: https://x.org/i.png\npage-footer: {left: [{text: a}]}"
    folder = write_book(tmp_path / "b", config=config(book=lines, format="html:\n  theme: cosmo\n  fig-width: 5"))
    said: list[str] = []
    made = write_notebooks(
        folder, tmp_path / "out", environment={}, inputs="", cache=tmp_path / "cache", cell_seconds=60, progress=said.append
    )
    assert len(made) == 3 and not any("warning" in text for text in said)
    with pytest.raises(RenderError):
        load_project(folder)


NAMES = [
    *(f"{below}.{name}" for below, names in KNOWN.items() if below != "document" for name in names),
    *KNOWN["document"],
    *(f"format.{each}.{name}" for each in FORMATS for name in KNOWN["document"]),
]


def given(path: str, value: str = "{zzz: 1}"):
    """Settings with this one option in them."""
    keys = path.split(".")
    return load_yaml("\n".join("  " * depth + f"{key}:" for depth, key in enumerate(keys)) + f" {value}\n", "_quarto.yml")


def test_every_name_that_quarto_knows_is_in_exactly_one_place():
    assert len(NAMES) == len(set(NAMES)) > 1000
    assert not HONOURED.keys() & FIXED.keys() and not (HONOURED.keys() | FIXED.keys()) & SAID.keys()
    beside = {"reference-section-title", "affiliations", "project", "book"}  # in no schema of Quarto's, and the sections
    beside |= {"supplement", "supplement.title", "supplement.prefix"}  # the project's own, which changes numbers in both engines
    assert {*HONOURED, *FIXED, *SAID} - set(NAMES) == beside
    for name in NAMES:
        here = (f"`{name}", f"not `{name.removeprefix('format.')}`")
        said = [each for each in refusals(given(name), "_quarto.yml") if any(part in str(each) for part in here)]
        if name in SAID:
            assert not said, name
        elif name in HONOURED:
            assert not any("does not" in str(problem) and f"`{name}`" in str(problem) for problem in said), name
        else:
            assert said and all(problem.line == len(name.split(".")) for problem in said), name


@pytest.mark.parametrize("path", FIXED)
def test_a_fixed_option_takes_its_values_and_no_others(path):
    values, _ = FIXED[path]
    for value in values:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        assert not refusals(given(path, text), "_quarto.yml"), value
    assert "must be" in str(refusals(given(path, "surely-not"), "_quarto.yml")[0])


def test_the_shipped_book_is_followed_in_everything():
    root = Path(__file__).resolve().parent.parent
    assert load_project(root).warnings == ()
