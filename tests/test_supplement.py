"""Appendices that are a supplement: numbers in the built-in renderer, and in what Quarto writes with letters.

The whole report in both engines, with real Quarto where it is on the machine, is looked at in test_end_to_end.py.
"""

import html
import json
import re

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from pypdf import PdfReader

from renderer import RenderError, render_book
from renderer.words import Words
from study import quarto_pages, quarto_supplement

WORDS = Words("en", supplement={"title": "Supplement", "prefix": "S"})
CONFIG = """\
project: {type: book, execute-dir: project}
book:
  title: Toy
  output-file: toy
  chapters: [index.qmd, one.qmd]
  appendices: [more.qmd, rules.qmd]
number-sections: true
"""
SUPPLEMENT = "supplement: {title: Supplement, prefix: S}\n"
CHAPTERS = {
    "index": "# Start {.unnumbered}\n\nSee @sec-more, @sec-part, @tbl-a and @tbl-rules.\n",
    "one": "# One\n\n| a |\n|---|\n| 1 |\n\n: First {#tbl-a}\n",
    "more": "# More {#sec-more}\n\n## Part {#sec-part}\n\n$$ a $$ {#eq-a}\n\n@eq-a. Vitamin A.1 stays.\n",
    "rules": "# Rules\n\n| a |\n|---|\n| 1 |\n\n: Second {#tbl-rules}\n",
}


def rendered(folder, config):
    for name, text in {"_quarto.yml": config, **{f"{name}.qmd": text for name, text in CHAPTERS.items()}}.items():
        (folder / name).write_text(text, encoding="utf-8")
    out = folder / "out"
    render_book(folder, out, ("html", "pdf", "docx"), environment={}, inputs="", cache=folder / "cache", cell_seconds=60,
                progress=lambda _: None)  # fmt: skip
    site = {name: " ".join(re.sub("<[^>]*>", " ", (out / f"{name}.html").read_text("utf-8")).split()) for name in CHAPTERS}
    pages = PdfReader(out / "toy.pdf").pages
    return site, [" ".join(page.extract_text().split()) for page in pages], Document(out / "toy.docx")


def test_one_setting_changes_numbers_and_names_in_every_format(tmp_path):
    site, pdf, word = rendered(tmp_path, CONFIG + SUPPLEMENT)
    said = "See Supplement S1, Section S1.1, Table 1.1 and Table S2.1."
    assert said.replace(" ", "") in site["index"].replace(" ", "").replace("\u00a0", "")
    assert "Supplement S1 — More" in site["more"].replace("\u00a0", " ") and "S1.1 Part" in site["more"].replace("\u2002", " ")
    assert "Vitamin A.1 stays" in site["more"] and "Appendi" not in site["index"] + site["rules"]
    text = " ".join(pdf).replace("\u00a0", " ")
    assert said in text and "Table S2.1: Second" in text and "(S1.1)" in text
    begins = next(place for place, page in enumerate(pdf) if "Supplement S1 — More" in page and place)
    assert "1 One" in pdf[begins - 1] and "Supplement Supplement S1" in pdf[begins].replace("\u00a0", " "), "on a page of its own"
    texts = [paragraph.text.replace("\u00a0", " ") for paragraph in word.paragraphs]
    assert said in texts and "Table S2.1: Second" in texts and "Supplement" in texts


def test_without_it_appendices_have_letters(tmp_path):
    site, pdf, _ = rendered(tmp_path, CONFIG)
    assert "Appendix A — More" in site["more"].replace("\u00a0", " ") and "Table B.1: Second" in " ".join(pdf).replace("\u00a0", " ")


@pytest.mark.parametrize("wrong", ["{title: Supplement}", "{title: Supplement, prefix: 1}", "{prefix: S}", "[S]"])
def test_a_supplement_without_title_or_prefix_is_refused_with_its_line(tmp_path, wrong):
    with pytest.raises(RenderError, match=r"_quarto\.yml line 8: `supplement"):
        rendered(tmp_path, CONFIG + f"supplement: {wrong}\n")


PAGE = """\
<title>Appendix B — Rules – Toy</title>
<span class="menu-text">Appendices</span>
<li class="breadcrumb-item"><a href="a.html">Appendices</a></li>
<span class="chapter-number">B</span>&nbsp; <span class="chapter-title">Rules</span>
<h2 data-number="B.1"><span class="header-section-number">B.1</span> Part</h2>
<figcaption>Figure&nbsp;B.12: A</figcaption>
<a href="#t" class="quarto-xref">Table&nbsp;<span>A.1</span></a>
<a href="#s" class="quarto-xref"><span>Section A.2</span></a>
<a href="a.html" class="quarto-xref"><span>Appendix A</span></a>
<a href="#f" class="quarto-xref">Fig.&nbsp;<span>B.1 (a)</span></a>
<span class="theorem-title"><strong>Theorem A.1</strong></span>
<a href="b.html" class="quarto-xref"><span>Chapter 3</span></a>
<p>Vitamin A.1, appendix A of the law, Section B.2 of it, Figure A and Table 1.1 stay.</p>
"""
RECOUNTED = """\
<title>Supplement S2 — Rules – Toy</title>
<span class="menu-text">Supplement</span>
<li class="breadcrumb-item"><a href="a.html">Supplement</a></li>
<span class="chapter-number">S2</span>&nbsp; <span class="chapter-title">Rules</span>
<h2 data-number="S2.1"><span class="header-section-number">S2.1</span> Part</h2>
<figcaption>Figure&nbsp;S2.12: A</figcaption>
<a href="#t" class="quarto-xref">Table&nbsp;<span>S1.1</span></a>
<a href="#s" class="quarto-xref"><span>Section S1.2</span></a>
<a href="a.html" class="quarto-xref"><span>Supplement S1</span></a>
<a href="#f" class="quarto-xref">Fig.&nbsp;<span>S2.1 (a)</span></a>
<span class="theorem-title"><strong>Theorem S1.1</strong></span>
<a href="b.html" class="quarto-xref"><span>Chapter 3</span></a>
<p>Vitamin A.1, appendix A of the law, Section B.2 of it, Figure A and Table 1.1 stay.</p>
"""


def test_quartos_letters_become_numbers_where_quarto_writes_them_and_stay_in_the_text(tmp_path):
    entry = {"title": "Appendix B — Rules", "section": "B.1 Part", "text": "B.1 Part\nSee Table\u00a0A.1, Appendix A.\nVitamin A.1",
             "crumbs": ["Appendices", "<span class='chapter-number'>B</span>"]}  # fmt: skip
    (tmp_path / "search.json").write_text(json.dumps([entry]), encoding="utf-8")
    recount = quarto_supplement.recounter(WORDS)
    assert recount(PAGE) == RECOUNTED and recount(RECOUNTED) == RECOUNTED, "what has numbers keeps them"
    for _ in range(2):
        quarto_supplement.recount_index(tmp_path, WORDS)
    assert json.loads((tmp_path / "search.json").read_text("utf-8")) == [
        {"title": "Supplement S2 — Rules", "section": "S2.1 Part",
         "text": "S2.1 Part\nSee Table\u00a0S1.1, Supplement S1.\nVitamin A.1",
         "crumbs": ["Supplement", "<span class='chapter-number'>S2</span>"]}
    ]  # fmt: skip


def test_quartos_word_file_has_the_same_numbers():
    document = Document()
    for text, style in [("Appendix A — More", "Heading 1"), ("A.1 Part", "Heading 2"), ("Figure\u00a0A.1: One", "Normal"),
                        ("Theorem A.1", "Normal"), ("A.1 is a vitamin; see Figure A.", "Normal")]:  # fmt: skip
        document.add_paragraph(text, style)
    for text in ("Section\u00a0A.1", "A.1", "Appendix\u00a0B"):
        link = parse_xml(f'<w:hyperlink {nsdecls("w")} w:anchor="x"><w:r><w:t>{text}</w:t></w:r></w:hyperlink>')
        document.add_paragraph()._p.append(link)
    math = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    runs = "".join(f"<m:r><m:t>{text}</m:t></m:r>" for text in ("A", "(", "A", ".1", ")"))
    document.add_paragraph()._p.append(parse_xml(f'<m:oMath xmlns:m="{math}">{runs}</m:oMath>'))
    quarto_supplement.recount_document(document.element.body, WORDS)
    texts = ["".join(node.text or "" for node in paragraph.iter(qn("w:t"), f"{{{math}}}t")) for paragraph in document.element.body]
    assert texts[:-1] == [
        "Supplement S1 — More", "S1.1 Part", "Figure\u00a0S1.1: One", "Theorem S1.1", "A.1 is a vitamin; see Figure A.",
        "Section\u00a0S1.1", "S1.1", "Supplement\u00a0S2", "A(S1.1)",
    ]  # fmt: skip


@pytest.mark.parametrize("title", [r"R\d \1", "Supplement (online)", "A & <B>"])
def test_the_title_of_a_supplement_is_text_and_no_pattern(tmp_path, title):
    words = Words("en", supplement={"title": title, "prefix": "S"})
    said = html.escape(title)
    assert quarto_supplement.recounter(words)(PAGE) == RECOUNTED.replace("Supplement", said)
    entry = {"title": "Appendix B — Rules", "section": "B.1 Part", "text": "Appendix A", "crumbs": ["Appendices"]}
    (tmp_path / "search.json").write_text(json.dumps([entry]), encoding="utf-8")
    for _ in range(2):
        quarto_supplement.recount_index(tmp_path, words)
    assert json.loads((tmp_path / "search.json").read_text("utf-8")) == [
        {"title": f"{title} S2 — Rules", "section": "S2.1 Part", "text": f"{title} S1", "crumbs": [said]}
    ]


def test_a_page_that_is_finished_stays_while_another_one_is_made_anew(tmp_path):
    page = "<head></head><p>Table&nbsp;A.1</p><table><tr><td>1</td></tr></table>"
    for name in ("one.html", "two.html"):
        (tmp_path / name).write_text(page, encoding="utf-8")
    quarto_pages.finish_pages(tmp_path, WORDS)
    once = (tmp_path / "one.html").read_text("utf-8")
    assert once.count('class="table-scroll"') == 1 and once.count("notes.js") == 1 and "Table&nbsp;S1.1" in once
    (tmp_path / "two.html").write_text(page, encoding="utf-8")
    quarto_pages.finish_pages(tmp_path, WORDS)
    assert [(tmp_path / name).read_text("utf-8") for name in ("one.html", "two.html")] == [once, once]


def test_the_words_of_another_language_are_exchanged_too():
    german = Words("de", supplement={"title": "Ergänzung", "prefix": "E"})
    page = "<title>Anhang A — Mehr</title> Abbildung&nbsp;A.1: Bild"
    assert quarto_supplement.recounter(german)(page) == "<title>Ergänzung E1 — Mehr</title> Abbildung&nbsp;E1.1: Bild"
