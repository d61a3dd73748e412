"""Quarto's Word file after it has been put right."""

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from study.word import unwrap_floats

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
