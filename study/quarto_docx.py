"""Quarto's Word file, put right: Quarto lays each figure and table out inside a table of its own and centres every cell."""

from pathlib import Path

from docx import Document
from docx.oxml.ns import qn
from lxml import etree

from renderer.authors import NOBODY, Authors
from renderer.docx_finish import finished
from renderer.words import Words
from study import quarto_supplement
from study.paths import ROOT


def unwrap_floats(path: Path, authors: Authors = NOBODY, words: Words | None = None) -> None:
    """Take figures and tables out of Quarto's layout tables, and give cells the one alignment that their column asks for.

    The file is rewritten in place; a file without such tables keeps its content, but for the authors of its title block
    and for the numbers of a supplement, which Quarto counts in letters.
    """
    document = Document(path)
    body = document.element.body
    if words and words.supplement:
        quarto_supplement.recount_document(body, words)
    for layout in [table for table in body.findall(qn("w:tbl")) if _is_layout(table)]:
        cell = next(layout.iter(qn("w:tc")))
        # A cell has to end with a paragraph, so Quarto adds an empty one.
        parts = [part for part in cell if part.tag != qn("w:tcPr") and not _is_empty_paragraph(part)]
        holds_table = any(part.tag == qn("w:tbl") for part in parts)
        for part in parts:
            layout.addprevious(part)
            if holds_table and part.tag == qn("w:p"):
                _give_style(part, "ImageCaption", "TableCaption")
        body.remove(layout)
    for table in body.iter(qn("w:tbl")):
        _give_style(table, "Compact", "TableText")
    for paragraph in body.iter(qn("w:p")):
        _one_set_of_properties(paragraph)
        if paragraph.style == "TableNotes":
            paragraph.alignment = None  # its style has one
    document.save(path)
    path.write_bytes(finished(path.read_bytes(), ROOT / "fonts", authors, words))


def _is_layout(table: etree._Element) -> bool:
    cells = table.findall(f"{qn('w:tr')}/{qn('w:tc')}")
    if len(cells) != 1:
        return False
    return any(True for _ in cells[0].iter(qn("w:tbl"), qn("w:drawing")))


def _is_empty_paragraph(part: etree._Element) -> bool:
    return part.tag == qn("w:p") and not len(part)


def _give_style(element: etree._Element, former: str, style: str) -> None:
    for named in element.iter(qn("w:pStyle")):
        if named.get(qn("w:val")) == former:
            named.set(qn("w:val"), style)


def _one_set_of_properties(paragraph: etree._Element) -> None:
    """Quarto leaves some paragraphs with two sets of properties, and some sets with two alignments; Word takes one of each."""
    sets = paragraph.findall(qn("w:pPr"))
    for superfluous in sets[:-1]:
        paragraph.remove(superfluous)
    for properties in sets[-1:]:
        for second in properties.findall(qn("w:jc"))[1:]:
            properties.remove(second)
        order = {qn("w:pStyle"): 0, qn("w:spacing"): 2, qn("w:jc"): 3}
        properties[:] = sorted(properties, key=lambda child: order.get(child.tag, 1))
