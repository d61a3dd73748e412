"""The report as its readers get it: rendered in a fresh copy of the repository, then opened and read.

Each check runs on the output of the built-in renderer, and on Quarto's where Quarto is on this machine.
"""

import itertools
import json
import os
import re
import shutil
import zipfile
from pathlib import Path

import nbformat
import pdfplumber
import pytest
import yaml
from bs4 import BeautifulSoup, SoupStrainer
from conftest import ROOT, change_cell
from copies import study
from docx import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from renderer.words import Words
from study.engines import OLDEST_QUARTO, quarto_version
from study.quarto_pages import finish_pages

NUMBERED = ["index", "introduction", "methods", "results", "safety", "discussion", "references"]
APPENDICES = ["estimands", "exposure", "depth", "course", "ige", "events", "sensitivity", "subgroups", "model-checks", "published",
              "data-quality", "changes", "history",
              "reproducibility", "strobe"]  # fmt: skip
CHAPTERS = NUMBERED + APPENDICES
RAW_ID = re.compile(r"\b(efficacy|subgroups|safety|biomarker|population|exposure)\.\w+\.\w+")
BANNER = "simulated to meet the published aggregates"


def _quarto_marks():
    version = quarto_version()
    usable = version is not None and version >= OLDEST_QUARTO
    return [pytest.mark.skipif(not usable, reason="Quarto 1.9 or newer is not on this machine"), pytest.mark.slow]


@pytest.fixture(scope="session", params=["builtin", pytest.param("quarto", marks=_quarto_marks())])
def repository(request, report) -> Path:
    """A copy of the repository with the rendered report in it."""
    return report(request.param)


@pytest.fixture(scope="session")
def book(repository) -> Path:
    """The rendered report."""
    return repository / "_book"


@pytest.fixture(scope="session")
def results(book) -> dict:
    return {row["id"]: row for row in json.loads((book / "results.json").read_text("utf-8"))}


@pytest.fixture(scope="session")
def pages(book) -> dict[str, BeautifulSoup]:
    files = {name: book / ("index.html" if name == "index" else f"chapters/{name}.html") for name in CHAPTERS}
    return {name: BeautifulSoup(path.read_text("utf-8"), "html.parser") for name, path in files.items()}


@pytest.fixture(scope="session")
def pdf(book) -> PdfReader:
    return PdfReader(book / "study-report.pdf")


@pytest.fixture(scope="session")
def pdf_pages(pdf) -> list[str]:
    """The text of each page of the PDF."""
    return [page.extract_text() for page in pdf.pages]


@pytest.fixture(scope="session")
def word(book):
    return Document(book / "study-report.docx")


HIDDEN = ("report.before", "said is None", "sensitivity_shown.scores_missing(results, week)", "not report.others",
          "response_time_shown.somebody_stopped(report)", "claims_shown.means_can_fail(facts)",
          "not subgroups_shown.same_counts(results, week, label)", "sites_shown.several(results)", "are_many(results)")  # fmt: skip
"""Conditions of divisions that do not hold for the shipped cut: it has no cut before it, nothing is missing at the primary week,
there are other studies, nobody stopped, the same children have both responses, there is one site, and patients are few."""


def source(name: str) -> str:
    """The text of a chapter without the divisions that do not stand in the report of the shipped cut."""
    text = (ROOT / ("index.qmd" if name == "index" else f"chapters/{name}.qmd")).read_text("utf-8") + "\n"
    for condition in HIDDEN:
        hidden = rf"^(:{{4,}}) \{{\.`\{{python\}} report\.where\({re.escape(condition)}\)`\}}\n.*?^\1\n"
        text = re.sub(hidden, "", text, flags=re.S | re.M)
    return text


def labels(kind: str) -> list[str]:
    """Labels of the figures or tables in the sources, with the chapter they stand in."""
    found = []
    for name in CHAPTERS:
        text = source(name)
        found += [(name, label) for label in re.findall(rf"^::: \{{#({kind}-[\w-]+)", text, flags=re.M)]
    return found + ([("exposure", "tbl-off-label")] if kind == "tbl" else [])  # a cell writes it where there are such doses


def prose(page: BeautifulSoup) -> str:
    """Text of a page without code."""
    main = BeautifulSoup(str(page.find("main")), "html.parser")
    for code in main.find_all(["pre", "code", "script", "style"]):
        code.decompose()
    return main.get_text(" ", strip=True)


def plain(text: str) -> str:
    """Text as one compares it: blanks of every kind are one blank, apostrophes are straight."""
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())


def test_everything_that_is_delivered_is_there(book):
    wanted = ["index.html", "results.csv", "results.json", "provenance.json", "data-docs/index.html", "study-report.pdf",
              "study-report.docx", *(f"chapters/{name}.html" for name in CHAPTERS[1:]),
              *(f"notebooks/{name}.ipynb" for name in CHAPTERS)]  # fmt: skip
    assert [name for name in wanted if not (book / name).is_file()] == []
    assert not (book / "data-docs" / "data-docs.css").exists(), "pages in the frame do not link it"
    assert len(list(book.glob("*.pdf"))) == len(list(book.glob("*.docx"))) == 1


def test_every_page_carries_the_banner(pages):
    assert [name for name, page in pages.items() if BANNER not in plain(page.get_text(" "))] == []


def test_every_heading_of_the_sources_is_on_its_page(pages):
    for name, page in pages.items():
        text = re.sub(r"```.*?```", "", source(name), flags=re.S)
        headings = [plain(h.get_text(" ")) for h in page.find_all(re.compile("^h[1-4]$"))]
        for title in re.findall(r"^#+ ([^{\n]+)", text, flags=re.M):
            assert any(heading.endswith(title.strip()) for heading in headings), (name, title, headings)


def within(name: str) -> str:
    """A pattern for what stands before the count of a figure or table in a chapter."""
    number = NUMBERED.index(name) if name in NUMBERED else f"S{1 + APPENDICES.index(name)}"
    return rf"{number}\." if number else ""


def test_every_figure_has_an_image_a_numbered_caption_and_alternative_text(pages, book):
    wanted = labels("fig")
    assert len(wanted) >= 9
    for name, label in wanted:
        figure = pages[name].find(id=label)
        assert figure is not None, label
        image, caption = figure.find("svg", class_="drawn"), figure.find("figcaption")
        assert image is not None and not figure.find("img") and image["role"] == "img", label
        assert len(image.get("aria-label", "")) > 40 and image.find("text"), label
        folder = book if name == "index" else book / "chapters"
        assert (folder / image["data-src"]).is_file() and image["data-src"].endswith(".svg"), label
        assert re.match(rf"Figure {within(name)}\d+:", plain(caption.get_text())), label


def test_every_table_has_a_numbered_caption_header_and_rows(pages):
    wanted = labels("tbl")
    assert len(wanted) >= 10
    for name, label in wanted:
        float_ = pages[name].find(id=label)
        assert float_ is not None, label
        table = float_ if float_.name == "table" else float_.find("table")
        assert len(table.find_all("th")) >= 1 and len(table.find("tbody").find_all("tr")) >= 1, label
        assert re.search(rf"Table {within(name)}\d+:", plain(float_.get_text(" "))), label


def test_every_inline_number_equals_the_results_table(pages, results):
    checked = 0
    for page in pages.values():
        for link in page.select("a.result[title]"):
            ids = link["title"].split(" · ")[-1].split()
            shown = plain(link.get_text())
            if ids[0].startswith(("context.", "arithmetic.", "coverage.")):
                continue  # published figures and simulations are no results of the cut
            assert all(result_id in results for result_id in ids), link
            for result_id in ids:
                value = results[result_id]["display"]
                # A sentence may say "fell by 6.4" for −6.4, and "8" for an age printed 8.0; a column headed p says no "p =".
                short = value.removeprefix("p ").removeprefix("= ")
                allowed = {value, value.removeprefix("\N{MINUS SIGN}"), value.removesuffix(".0"), short}
                allowed |= {"nobody", "none", "no"} if value == "0" else set()
                assert any(re.search(rf"(?<![\d.]){re.escape(text)}(?![\d])", shown) for text in allowed), (
                    shown,
                    result_id,
                    value,
                )
            checked += 1
    assert checked >= 800


def test_every_number_figure_and_table_leads_to_its_origin(book, pages):
    anchors = {}
    counts = {"result": 0, "code-link": 0}
    for name, page in pages.items():
        folder = book if name == "index" else book / "chapters"
        for link in page.select("a.result, a.code-link"):
            target, _, anchor = link["href"].partition("#")
            there = (folder / target).resolve()
            if there not in anchors:
                anchors[there] = set(re.findall(r'id="([^"]+)"', there.read_text("utf-8")))
            assert anchor in anchors[there], (name, link)
            counts["result" if "result" in link["class"] else "code-link"] += 1
            if "result" in link["class"]:
                assert link["title"].split(" · ")[-1].split()[0] == anchor and "n = " in link["title"], link
    assert counts["code-link"] >= len(labels("fig") + labels("tbl")) - 2, counts
    assert not pages["results"].select("span[data-result]"), "a number without its link"


def test_pages_of_results_tell_method_basis_and_rows(book, results):
    for section in {row["section"] for row in results.values()}:
        pages = {row["variable"]: f"{section}.{row['variable']}.html" for row in results.values() if row["section"] == section}
        overview = BeautifulSoup((book / "results" / f"{section}.html").read_text("utf-8"), "html.parser")
        assert set(pages.values()) <= {link["href"] for link in overview.find("main")("a")}
        told = set()
        for name in pages.values():
            page = BeautifulSoup((book / "results" / name).read_text("utf-8"), "html.parser").find("main")
            for part in page("section"):
                assert part.find("dt", string="Method").find_next("dd").get_text() and part.find("dt", string="Rows"), name
                for entry in part.tbody("tr"):
                    _, value, _, n, basis, shown = (cell.get_text() for cell in entry(["th", "td"]))
                    row = results[entry["id"]]
                    assert (value, n, basis, shown) == (row["display"], str(row["n"]), row["basis"], row["id"])
                    told.add(row["id"])
        assert told == {name for name, row in results.items() if row["section"] == section}


def test_nothing_is_unresolved_or_raw(pages):
    for name, page in pages.items():
        text = prose(page)
        assert not re.search(r"\?@|@(fig|tbl|sec)-|\{python\}|:::|\bnan\b|\bNaN\b|\bNone\b|\{\{<", text), name
        assert not RAW_ID.search(text), (name, RAW_ID.search(text))


def test_cross_references_lead_to_their_targets(pages):
    seen = 0
    for name, page in pages.items():
        for link in page.find("main").select("a[href*='#']"):
            target, _, anchor = link["href"].partition("#")
            if not re.match(r"(fig|tbl|sec)-", anchor):
                continue
            there = Path(target).stem if target else name
            led = pages[there].find(id=anchor)
            assert led is not None, (name, link)
            if said := re.match(r"(?:Figure|Table) [\dS.]+", plain(link.get_text())):
                assert re.search(rf"{re.escape(said[0])}:", plain(led.get_text(" "))), (name, link)
            seen += 1
    assert seen >= 20


def test_a_supplement_is_called_so_everywhere(pages, book):
    """In the bar at the side, in titles, in references and in what the search finds; nothing of it has a letter."""
    name, number = "events", f"S{1 + APPENDICES.index('events')}"
    side = plain(pages["index"].find("nav", id=re.compile("quarto-sidebar")).get_text(" ") if pages["index"].find(id="quarto-sidebar")
                 else pages["index"].find("nav").get_text(" "))  # fmt: skip
    assert "Supplement" in side and f"{number} Adverse events in detail" in side and "Appendi" not in side
    assert plain(pages[name].find("h1").get_text(" ")) == f"Supplement {number} — Adverse events in detail"
    assert f"{number}.1 Severity" in plain(pages[name].find("main").get_text(" "))
    assert f"Section {number}.1" in plain(pages["safety"].find("main").get_text(" "))
    found = (book / "search.json" if (book / "search.json").is_file() else next(book.rglob("search-index.js"))).read_text("utf-8")
    assert f"{number}.1" in found and not re.search(r"Appendix [A-Z]\b|\bF\.1\b", found)
    for each, page in pages.items():
        assert not re.search(r"Appendix [A-Z]\b|(Figure|Table|Section) [A-Z]\.\d", plain(page.get_text(" "))), each


def test_no_page_loads_anything_from_elsewhere(book):
    loading = SoupStrainer(["script", "img", "iframe", "source", "link"])
    for path in book.rglob("*.html"):
        page = BeautifulSoup(path.read_text("utf-8"), "html.parser", parse_only=loading)
        loads = [tag.get("src") for tag in page.find_all(["script", "img", "iframe", "source"])]
        loads += [tag.get("href") for tag in page.find_all("link") if "canonical" not in tag.get("rel", [])]
        assert [load for load in loads if load and re.match(r"(https?:)?//", load)] == [], path
    for path in book.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*[\"']?(https?:)?//", path.read_text("utf-8")), path


def test_math_is_mathml(pages):
    assert pages["methods"].find("math") is not None


def test_citations_are_resolved(pages):
    assert "Clopper" in prose(pages["references"]) and "Glukhova" in prose(pages["references"])
    assert "2022" in prose(pages["index"])


def test_pdf_is_tagged_titled_and_carries_the_banner_on_every_page(pdf, pdf_pages):
    catalog = pdf.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in catalog
    assert catalog["/Lang"].startswith("en") and "Dupilumab" in pdf.metadata.title
    assert [number for number, text in enumerate(pdf_pages, 1) if BANNER not in plain(text)] == []


def test_pdf_holds_every_heading_caption_and_page_numbers(pdf_pages):
    text = plain(" ".join(pdf_pages))
    for heading in (
        "Abstract",
        "Published and computed",
        "1 Introduction",
        "2 Methods",
        "3 Results",
        "4 Safety",
        "5 Discussion",
        "Supplement S1",
        "References",
    ):
        assert heading in text, heading
    assert "?@" not in text and not RAW_ID.search(text.replace("efficacy.iga_0_1.w26.nri.percent", ""))
    numbers = {"fig": 0, "tbl": 0}
    for kind, word in (("fig", "Figure"), ("tbl", "Table")):
        for name, _ in labels(kind):
            chapter = NUMBERED.index(name) if name in NUMBERED else f"S{1 + APPENDICES.index(name)}"
            numbers[kind] = len([1 for n, _ in labels(kind) if n == name])
            for number in range(1, numbers[kind] + 1):
                assert f"{word} {chapter}.{number}:" in text or (chapter == 0 and f"{word} {number}:" in text), (
                    word,
                    chapter,
                    number,
                )
    assert f"{len(pdf_pages)} of {len(pdf_pages)}" in text


def test_word_file_has_headings_pictures_with_text_and_real_tables(word):
    headings = [plain(p.text) for p in word.paragraphs if p.style.name.startswith("Heading")]
    for title in ("Methods", "Results", "Safety", "Data quality", "Reproducibility", "References"):
        assert any(heading.endswith(title) for heading in headings), title
    assert len(word.inline_shapes) == len(labels("fig"))
    descriptions = [shape._inline.docPr.get("descr") for shape in word.inline_shapes]
    assert all(text and len(text) > 40 for text in descriptions)
    # Quarto lays a table with its caption out in a table of its own, so the real ones may be inside others.
    with_rows = [table for table in word.element.body.iter(qn("w:tbl")) if len(table.findall(qn("w:tr"))) > 1]
    assert len(with_rows) >= len(labels("tbl"))
    text = plain(" ".join(p.text for p in word.element.body.iter() if p.tag.endswith("}t") for p in [p]))
    assert BANNER in text and "?@" not in text


def elements(node):
    """Every element of a PDF's structure tree below a node, in reading order."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object() if isinstance(kid, IndirectObject) else kid
        if isinstance(kid, dict) and "/S" in kid:
            yield kid
            yield from elements(kid)


@pytest.fixture(scope="session")
def tags(pdf):
    return list(elements(pdf.trailer["/Root"]["/StructTreeRoot"]))


@pytest.fixture(scope="session")
def printed(book):
    with pdfplumber.open(book / "study-report.pdf") as file:
        yield [(page, plain(page.extract_text() or "")) for page in file.pages]


def test_pdf_says_that_it_is_ua_1_and_has_language_and_title(pdf):
    root = pdf.trailer["/Root"]
    assert "pdfuaid" in root["/Metadata"].get_data().decode("utf-8") and root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] and pdf.metadata.title


def test_every_figure_of_the_structure_tree_has_alternative_text(tags):
    figures = [tag for tag in tags if tag["/S"] == "/Figure"]
    assert len(figures) >= len(labels("fig"))
    assert [tag for tag in figures if len(tag.get("/Alt", "")) <= 40] == []


def test_headings_of_the_structure_tree_never_skip_a_level(tags):
    levels = [int(tag["/S"][2:]) for tag in tags if re.fullmatch(r"/H\d", tag["/S"])]
    assert levels[0] == 1 and len(levels) > 40
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_table_of_the_structure_tree_has_header_cells(tags):
    tables = [tag for tag in tags if tag["/S"] == "/Table"]
    assert len(tables) == len(labels("tbl")) + 1, "the key results on the first page have no number"
    assert all(any(part["/S"] == "/TH" for part in elements(table)) for table in tables)


def test_pdf_has_bookmarks_and_links_lead_to_pages(pdf):
    assert len(pdf.outline) >= 16
    targets = [annotation.get_object() for page in pdf.pages for annotation in page.get("/Annots", [])]
    assert sum("/Dest" in target or target.get("/A", {}).get("/S") == "/GoTo" for target in targets) > 100


def test_title_page_says_who_what_and_when(pdf):
    text = plain(pdf.pages[0].extract_text())
    for part in ("Dupilumab in children", "The maintainers of this repository", "30 November 2026",
                 "Reproduces", "Glukhova EA", "10.53529/2500-1175-2022-3-14-23", "Data cut", "Week 26", "Version"):  # fmt: skip
        assert part in text, part
    assert "Glukhova" not in str(pdf.metadata)


def test_dates_and_authors_agree_wherever_they_stand(pdf, word):
    book = yaml.safe_load((ROOT / "_quarto.yml").read_text("utf-8"))["book"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    days = {pdf.metadata.creation_date.date(), word.core_properties.created.date(), citation["date-released"], book["date"]}
    assert len(days) == 1, days
    authors = {pdf.metadata.author, word.core_properties.author, *(each["name"] for each in citation["authors"]), book["author"]}
    assert len(authors) == 1, authors


# What must not come apart at the end of a line (docs/house-style.md), with an ordinary blank or a dash in it; other blanks keep it.
_APART = re.compile(
    r"\d %|% CI\b|\bCI [\d−]|\b[pnN] [<=>≤≥]|[<=>≤≥] [\d−]|\d\)? (?:to|of) [\d−]|\d (?:kU/L|mg|kg)\b|\b[Ww]eeks? \d|\d–\d"
)


def _apart(texts) -> list[str]:
    return [text[max(0, found.start() - 30) : found.end() + 20] for text in texts for found in _APART.finditer(text)]


def test_what_belongs_together_stays_on_one_line(pages, word, printed):
    for name, page in pages.items():
        article = BeautifulSoup(str(page.find("main")), "html.parser")
        for other in article.select("pre, code, svg, math, script, nav, #refs"):
            other.decompose()
        texts = [each.get_text() for each in article.select("p, li, td, th, figcaption") if not each.select("p, li")]
        assert _apart(texts) == [], name
        assert [mark.text for mark in article.select(".table-notes sup") if str(mark.next_sibling).startswith(" ")] == [], name
    left_out = ("Bibliography", "Source Code", "Imprint")
    paragraphs = [paragraph for paragraph in word.element.body.iter(qn("w:p")) if _style(word, paragraph) not in left_out]
    assert _apart("".join(text.text or "" for text in each.iter(qn("w:t"))) for each in paragraphs) == []
    at_ends = r"(?:95 % CI|\bp|[<=≤]|\d (?:to|of)|\b[Ww]eeks?)\n[−<=≤≥\d]|kU/\nL"
    for page, _ in printed:
        assert re.findall(f".*(?:{at_ends}).*", (page.extract_text() or "").replace("\N{NO-BREAK SPACE}", " ")) == [], page.page_number


def _style(word, paragraph) -> str | None:
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return None if style is None else next((each.name for each in word.styles if each.style_id == style.get(qn("w:val"))), None)


def test_a_chapter_says_at_its_head_what_is_published_of_it(pages, results):
    """Every published number of a chapter, but for denominators, is about what its head says that the paper gives."""
    claims = yaml.safe_load((ROOT / "data" / "published.yml").read_text("utf-8"))["claims"]
    variables = {claim["says"]: re.sub("^[a-z]+.", "", claim["variable"]) for claim in claims}
    for name, page in pages.items():
        basis = page.select_one(".basis")
        if basis is None:
            assert name in ("index", "introduction", "methods", "discussion") or not page.select("main a.assumed"), name
            continue
        said = plain(basis.get_text())
        given = {variable.removesuffix("_change") for says, variable in variables.items() if says in said}
        ids = {link["href"].partition("#")[2] for link in page.select("main a.result:not(.assumed)")}
        rows = [results[each] for each in ids if each in results and results[each]["statistic"] != "N"]
        printed = {re.sub("^(term|aesi)_|_change$", "", row["variable"]) for row in rows if row["basis"] == "published"}
        assert printed <= given | {"enrolled"}, (name, printed - given)
        assert given or "none of the numbers" in said, name


def test_captions_stand_on_the_page_of_what_they_name(printed):
    starts = {"Figure": 0, "Table": 0}
    for page, text in printed[1:]:
        for line in page.extract_text_lines():
            found = re.match(r"(Figure|Table)\s[\dA-Z.]+: ", line["text"].replace("\N{WORD JOINER}", ""))
            if not found:
                continue
            starts[found[1]] += 1
            if found[1] == "Table":
                below = [
                    rule
                    for rule in (*page.lines, *page.rects)
                    if line["bottom"] - 2 < rule["top"] < line["bottom"] + 40
                ]
                assert below, (page.page_number, text[:80])
            else:
                drawn = [
                    mark
                    for mark in (*page.curves, *page.lines, *page.rects)
                    if line["top"] - 60 < mark["bottom"] <= line["top"]
                ]
                assert drawn, (page.page_number, line["text"])
    assert starts == {"Figure": len(labels("fig")), "Table": len(labels("tbl"))}


def test_no_page_of_the_pdf_overflows_or_is_left_nearly_empty(printed):
    for page, text in printed[1:]:
        words = [word for word in page.extract_words() if word["bottom"] < page.height - 60]
        assert all(word["x1"] <= page.width - 40 and word["x0"] >= 40 for word in words), page.page_number
        assert len(text) > 250, (page.page_number, text)
    assert not [page.page_number for page, _ in printed if page.width > page.height], "no table of this cut is so wide"


def test_word_captions_count_with_fields_and_rows_stay_whole(word):
    body = word.element.body
    asked = [node.text for node in body.iter(qn("w:instrText"))]
    assert sum("SEQ Figure" in text for text in asked) == len(labels("fig"))
    assert sum("SEQ Table" in text for text in asked) == len(labels("tbl"))
    tables = [table for table in body.iter(qn("w:tbl")) if 'w:fill="fcefdc"' not in table.xml]  # Quarto's callout is a tinted one
    assert len(tables) == len(labels("tbl")) + 1, "the key results on the first page have no number"
    for table in tables:
        rows = table.findall(qn("w:tr"))
        assert rows[0].find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)


def test_words_headings_count_by_themselves_as_the_pdfs_do(word, pdf):
    counted, appendix, written = [0, 0, 0], False, []
    for paragraph in word.paragraphs:
        level = re.fullmatch(r"Heading ([123])", paragraph.style.name)
        if not level:
            continue
        number = paragraph._p.pPr.numPr
        if number.numId.val == 0:
            written.append(plain(paragraph.text))
            continue
        depth = int(level[1])
        if number.numId.val == 2 and not appendix:
            counted, appendix = [0, 0, 0], True
        counted = [*counted[: depth - 1], counted[depth - 1] + 1, *[0] * (3 - depth)]
        first = f"S{counted[0]}" if appendix else str(counted[0])
        before = f"Supplement {first} —" if appendix and depth == 1 else ".".join([first, *map(str, counted[1:depth])])
        written.append(plain(f"{before} {paragraph.text}"))

    def titles(outline):
        for entry in outline:
            if isinstance(entry, list):
                yield from titles(entry)
            else:
                yield plain(entry.title)

    marks = [title for title in titles(pdf.outline) if title != "Contents"]
    assert written == marks
    assert {"2 Methods", "Supplement", "Supplement S9 — Checks of the models", "S15.1 Funding and ethics"} <= {*written}


def test_word_has_title_page_running_head_and_its_font(word, book):
    # Those of the contents, too, which Quarto wraps.
    styles = [Paragraph(each, word._body).style.name for each in word.element.body.iter(qn("w:p"))]
    assert styles.index("Title") < styles.index("Imprint") < styles.index("TOC Heading")
    assert styles.count("Banner") == 1
    assert "Reconstructed data" in " ".join(p.text for p in word.sections[0].header.paragraphs)
    footer = word.sections[0].footer._element.xml
    assert "PAGE" in footer and "NUMPAGES" in footer
    with zipfile.ZipFile(book / "study-report.docx") as archive:
        table = archive.read("word/fontTable.xml").decode("utf-8")
        assert "IBM Plex Sans" in table and sum(name.endswith(".odttf") for name in archive.namelist()) == 5


def test_numbers_agree_in_all_three_formats(pages, pdf_pages, word, results):
    html = plain(prose(pages["index"]))
    typeset = plain(" ".join(pdf_pages))
    written = plain("".join(node.text or "" for node in word.element.body.iter() if node.tag.endswith("}t")))
    for result_id in ("efficacy.iga_0_1.w26.nri.percent", "efficacy.scorad.w26.observed.mean",
                      "biomarker.total_ige_change.w26.paired.mean"):  # fmt: skip
        shown = results[result_id]["display"]
        assert shown in html and shown in typeset and shown in written, result_id


def test_notebooks_are_executed_complete_and_name_nobody(book):
    for name in CHAPTERS:
        path = book / "notebooks" / f"{name}.ipynb"
        text = path.read_text("utf-8")
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert all(cell.execution_count for cell in code), name
        assert not any(output.output_type == "error" for cell in code for output in cell.outputs), name
        told = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        assert not re.search(r"\]\{\.|:::|\{python\}|\{#", told), name
        assert str(ROOT) not in text and os.path.expanduser("~/") not in text and "отчёт 1" not in text, name


def test_the_delivered_results_are_those_of_the_command_line(book, repository):
    assert (book / "results.csv").read_text("utf-8") == study(repository, "results").stdout


def test_provenance_names_every_file(book):
    record = json.loads((book / "provenance.json").read_text("utf-8"))
    files = {path.relative_to(book).as_posix() for path in book.rglob("*") if path.is_file()} - {"provenance.json"}
    assert set(record["files"]) == files and record["cut"]["kind"] == "reconstructed"


def test_a_second_render_changes_nothing(repository, tmp_path):
    again = Path(shutil.copytree(repository, tmp_path / "again", symlinks=True))
    record = again / "_book" / "provenance.json"
    before = record.read_bytes()
    outcome = study(again, "render", "--engine", json.loads(before)["engine"])
    assert outcome.returncode == 0 and "nothing changed" in outcome.stderr
    assert record.read_bytes() == before


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def broken(report, tmp_path) -> Path:
    """A second copy of the repository, to break."""
    return Path(shutil.copytree(report("builtin"), tmp_path / "copy", symlinks=True, ignore=shutil.ignore_patterns("_book*")))


def test_a_raising_cell_names_its_place_and_leaves_the_last_report(broken, tmp_path):
    output = tmp_path / "book"
    assert study(broken, "render", "--engine", "builtin", "--to", "html", "--output", output).returncode == 0
    before = snapshot(output)
    chapter = broken / "chapters" / "safety.qmd"
    text = chapter.read_text("utf-8") + '\n```{python}\nreport.row("safety.conjunctivitis.w26.percnt")\n```\n'
    chapter.write_text(text, encoding="utf-8")
    line = text.splitlines().index('report.row("safety.conjunctivitis.w26.percnt")') + 1
    outcome = study(broken, "render", "--engine", "builtin", "--to", "html", "--output", output)
    assert outcome.returncode == 3
    assert "chapters/safety.qmd" in outcome.stderr and f"line {line}" in outcome.stderr
    assert "safety.conjunctivitis.w26.percent" in outcome.stderr, "the nearest id is named"
    assert "Traceback" not in outcome.stderr
    assert snapshot(output) == before and not list(tmp_path.glob("book.*"))


def test_one_changed_value_changes_exactly_the_numbers_it_should(broken, tmp_path):
    cut = broken / "data" / "cuts" / "week-26"
    before = {row["id"]: row for row in json.loads(study(broken, "results", "--format", "json").stdout)}
    change_cell(cut, "adverse_events", 2, "severity", "severe")
    after = {row["id"]: row for row in json.loads(study(broken, "results", "--format", "json").stdout)}
    moved = {result_id for result_id in before if before[result_id] != after[result_id]}
    assert moved and all(re.match(r"safety\.severity_(mild|moderate|severe)\.", result_id) for result_id in moved)
    assert set(before) == set(after)


def test_a_clinical_cut_named_on_the_command_line_has_no_banner_and_is_left_alone(broken, cut_copy, tmp_path):
    description = cut_copy / "cut.yml"
    text = description.read_text("utf-8").replace("kind: reconstructed", "kind: clinical")
    description.write_text(text, encoding="utf-8")
    before = snapshot(cut_copy)
    output = tmp_path / "book"
    outcome = study(broken, "render", "--engine", "builtin", "--to", "html", "--data", cut_copy, "--output", output)
    assert outcome.returncode == 0, outcome.stderr
    for page in (output / "index.html", output / "chapters" / "results.html"):
        html = plain(BeautifulSoup(page.read_text("utf-8"), "html.parser").get_text(" "))
        assert BANNER not in html and "by construction" not in html and "simulate" not in html, page
    assert {row["basis"] for row in json.loads((output / "results.json").read_text("utf-8"))} == {"observed"}
    assert snapshot(cut_copy) == before


def test_links_from_the_top_of_the_site_lead_from_each_page(tmp_path):
    link = '<a class="x" href="/results.csv">Results</a> <a href="//example.org/">elsewhere</a>'
    (tmp_path / "chapters").mkdir()
    for name in ("index.html", "chapters/safety.html"):
        (tmp_path / name).write_text(link, encoding="utf-8")
    finish_pages(tmp_path, Words("en"))
    assert 'href="./results.csv"' in (tmp_path / "index.html").read_text("utf-8")
    page = (tmp_path / "chapters" / "safety.html").read_text("utf-8")
    assert 'href="../results.csv"' in page and 'href="//example.org/"' in page


def test_a_page_asks_the_network_for_a_loader_of_scripts_only_where_a_script_wants_it(tmp_path):
    loader = (
        '<script src="https://cdn.jsdelivr.net/npm/requirejs@2.3.6/require.min.js" integrity="sha384-a"></script>\n'
        '<script src="https://cdn.jsdelivr.net/npm/jquery@3.5.1/dist/jquery.min.js" data-relocate-top="true"></script>\n'
        "<script type=\"application/javascript\">define('jquery', [],function() {return window.jQuery;})</script>\n"
    )
    pages = {"still.html": "<p>still</p>", "moving.html": "<script>require(['plotly'], draw)</script>"}
    for name, body in pages.items():
        (tmp_path / name).write_text(f"<head>{loader}</head>{body}", encoding="utf-8")
    finish_pages(tmp_path, Words("en"))
    still, moving = ((tmp_path / name).read_text("utf-8") for name in pages)
    assert "jsdelivr" not in still and "jquery" not in still and "<p>still</p>" in still
    assert loader in moving


@pytest.mark.slow
def test_notebooks_run_again_from_top_to_bottom_with_the_same_outputs(book, repository, monkeypatch):
    """As a reviewer does it: opened where they lie, Run All."""
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(repository))
    monkeypatch.delenv("MPLBACKEND")  # of these tests; a kernel of JupyterLab's shows figures in the notebook

    def words(cell):
        shown = [output.get("data", {}).get("text/markdown") or output.get("text", "") for output in cell.get("outputs", [])]
        pictures = sum("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
        return shown, pictures

    for path in sorted((book / "notebooks").glob("*.ipynb")):
        delivered = nbformat.read(path, as_version=4)
        again = nbformat.read(path, as_version=4)
        NotebookClient(again, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
        for before, after in zip(delivered.cells, again.cells, strict=True):
            assert words(before) == words(after), (path.name, before["source"])
