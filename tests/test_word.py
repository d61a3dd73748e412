"""The Word file after it has been put right: Quarto's layout tables, Word's own numbers, sections, rows."""

import io
from pathlib import Path

from conftest import ROOT
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from renderer.docx import REFERENCE
from renderer.docx_finish import finished
from renderer.words import Words
from study.quarto_docx import unwrap_floats

LAYOUT = f"""
<w:tbl {nsdecls("w")}><w:tr><w:tc><w:tcPr/>
  <w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:pPr><w:jc w:val="left"/><w:pStyle w:val="ImageCaption"/></w:pPr>
    <w:r><w:t>Table 1: Doses.</w:t></w:r></w:p>
  <w:tbl><w:tr><w:tc><w:p><w:pPr><w:pStyle w:val="Compact"/><w:jc w:val="right"/><w:jc w:val="center"/></w:pPr>
    <w:r><w:t>99.7</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>
  <w:p/>
</w:tc></w:tr></w:tbl>"""


def test_a_table_leaves_its_layout_table_with_caption_and_alignment(tmp_path):
    path = tmp_path / "quarto.docx"
    document = Document()
    document.add_paragraph("before")
    document.element.body.insert(1, parse_xml(LAYOUT))
    document.save(path)
    unwrap_floats(path)
    body = Document(path).element.body
    (table,) = body.iter(qn("w:tbl"))
    assert table.getparent() is body
    styles = [style.get(qn("w:val")) for style in table.iter(qn("w:pStyle"))]
    assert styles == ["TableText"] * len(list(table.iter(qn("w:p")))), "an empty cell is no taller than a full one"
    assert [side.get(qn("w:val")) for side in table.iter(qn("w:jc"))] == ["right"]
    caption = table.getprevious()
    assert "Table 1: Doses." in "".join(caption.itertext())
    assert len(caption.findall(qn("w:pPr"))) == 1
    assert [style.get(qn("w:val")) for style in caption.iter(qn("w:pStyle"))] == ["TableCaption"]


def test_an_ordinary_table_of_one_cell_stays(tmp_path):
    path = tmp_path / "own.docx"
    document = Document()
    document.add_table(rows=1, cols=1).cell(0, 0).text = "one cell"
    document.save(path)
    unwrap_floats(path)
    assert [table.cell(0, 0).text for table in Document(path).tables] == ["one cell"]


def made(write, words: Words | None = None) -> Document:
    """A file with the report's reference document, put right."""
    document = Document(REFERENCE)
    for element in list(document.element.body)[:-1]:
        document.element.body.remove(element)
    write(document)
    out = io.BytesIO()
    document.save(out)
    return Document(io.BytesIO(finished(out.getvalue(), ROOT / "fonts", words=words)))


def numbered(document) -> list[tuple[str, int, int | None]]:
    """Each heading: its text, the list it counts in (0 is none) and its level there."""
    found = []
    for paragraph in document.paragraphs:
        if paragraph.style.name.startswith("Heading"):
            number = paragraph._p.pPr.numPr
            found.append((paragraph.text, number.numId.val, None if number.ilvl is None else number.ilvl.val))
    return found


def test_numbers_of_headings_are_words_own_in_two_lists():
    def write(document):
        for text, level in [
            ("Summary", 1), ("Part", 2), ("1\u2002Methods", 1), ("1.1\u2002Design", 2), ("1.1.1\u2002Visits", 3), ("1.2 Outcomes", 2),
            ("2. Results", 1), ("2.1 Patients", 2), ("References", 1),
            ("Appendix\N{NO-BREAK SPACE}A — Models", 1), ("A.1\u2002More", 2), ("Appendix B — Rules", 1),
        ]:  # fmt: skip
            heading = document.add_heading(text[:1], level)
            heading.add_run(text[1:])  # the number may have a run of its own

    chapters, appendices = 1, 2
    document = made(write)
    assert all(node.text for node in document.element.body.iter(qn("w:t")))
    assert numbered(document) == [
        ("Summary", 0, None), ("Part", 0, None), ("Methods", chapters, 0), ("Design", chapters, 1), ("Visits", chapters, 2),
        ("Outcomes", chapters, 1), ("Results", chapters, 0), ("Patients", chapters, 1), ("References", 0, None),
        ("Models", appendices, 0), ("More", appendices, 1), ("Rules", appendices, 0),
    ]  # fmt: skip


def test_a_supplement_is_counted_by_word_too_below_a_heading_of_its_own():
    def write(document):
        for text, level in [("1 Methods", 1), ("1.1 Design", 2), ("Supplement S1 — Models", 1), ("S1.1 More", 2),
                            ("S1.2 Yet more", 2), ("Supplement S2 — Rules", 1), ("S5.1 Wrong", 2)]:  # fmt: skip
            document.add_heading(text, level)

    document = made(write, Words(supplement={"title": "Supplement", "prefix": "S"}))
    assert numbered(document) == [
        ("Methods", 1, 0), ("Design", 1, 1), ("Supplement", 0, None), ("Models", 2, 0), ("More", 2, 1), ("Yet more", 2, 1),
        ("Rules", 2, 0), ("S5.1 Wrong", 0, None),
    ]  # fmt: skip
    levels = [each for each in document.part.numbering_part.element.iter(qn("w:lvlText")) if "S%1" in each.get(qn("w:val"))]
    assert [each.get(qn("w:val")) for each in levels[:2]] == ["Supplement\u00a0S%1 — ", "S%1.%2\u2002"]


def test_a_number_that_word_would_count_otherwise_stays_in_the_text():
    def write(document):
        document.add_heading("3 Lessons", 1)
        document.add_heading("1 Methods", 1)

    assert [text for text, which, _ in numbered(made(write)) if which == 0] == ["3 Lessons", "1 Methods"]


def test_headings_of_the_reference_document_count_in_a_list_of_several_levels():
    document = Document(REFERENCE)
    for level in (1, 2, 3):
        number = document.styles[f"Heading {level}"].element.pPr.numPr
        assert (number.numId.val, number.ilvl.val) == (1, level - 1)
    linked = [node.get(qn("w:val")) for node in document.part.numbering_part.element.iter(qn("w:pStyle"))]
    assert linked == ["Heading1", "Heading2", "Heading3"]


def test_turned_pages_are_a_section_with_the_same_head_and_foot():
    def write(document):
        for size in ('w:w="11906" w:h="16838"', 'w:w="16838" w:h="11906" w:orient="landscape"'):
            document.add_paragraph("text")
            document.element.body[-2].addnext(
                parse_xml(f"<w:p {nsdecls('w')}><w:pPr><w:sectPr><w:pgSz {size}/></w:sectPr></w:pPr></w:p>")
            )
        document.add_paragraph("text")

    sections = made(write).sections
    assert [section.orientation for section in sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
        WD_ORIENT.PORTRAIT,
    ]
    assert len({(section.left_margin, section.top_margin) for section in sections}) == 1
    assert [section.footer.is_linked_to_previous for section in sections] == [False, True, True]
    assert "NUMPAGES" in sections[0].footer._element.xml


def test_a_heading_in_a_table_spans_it_and_empty_cells_are_small():
    def write(document):
        table = document.add_table(3, 3)
        table.cell(1, 0).paragraphs[0].add_run("Group").bold = True
        table.cell(2, 0).text, table.cell(2, 2).text = "row", "1"

    rows = made(write).tables[0]._tbl.findall(qn("w:tr"))
    assert [len(row.findall(qn("w:tc"))) for row in rows] == [3, 1, 3]
    assert rows[1].tc_lst[0].grid_span == 3
    assert rows[2].tc_lst[1].p_lst[0].style == "TableText"


def test_a_reference_document_without_lists_keeps_numbers_in_the_text():
    document = Document()
    document.add_heading("1 Methods", 1)
    out = io.BytesIO()
    document.save(out)
    assert Document(io.BytesIO(finished(out.getvalue(), Path("nowhere")))).paragraphs[0].text == "1 Methods"
