"""Makes `reference.docx`: Pandoc's own reference document with the report's styles. Run it after changing a style.

python -m renderer.templates.make_reference
"""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pypandoc
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_UNDERLINE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from renderer.docx_bytes import repacked

INK, QUIET, ACCENT, ALERT = "1C2733", "5B6773", "1F5F7A", "8A2F25"
TONES = {"Note": ACCENT, "Tip": "2B7A4B", "Important": "8A3A6D", "Warning": "8F5200", "Caution": "A8322A"}
TEXT_FONT = HEAD_FONT = "IBM Plex Sans"  # renderer/docx_finish.py puts it into the file
CODE_FONT = "IBM Plex Mono"
LISTS = {"Chapters": ("decimal", "%1\u2002"), "Appendices": ("upperLetter", "Appendix\u00a0%1 — ")}
"""Of headings: how the first level counts and what stands before its text; deeper levels are 1.1 and A.1."""
TARGET = Path(__file__).with_name("reference.docx")


def main() -> None:
    """Write the reference document, the same bytes every time."""
    command = [pypandoc.get_pandoc_path(), "--print-default-data-file", "reference.docx"]
    document = Document(io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout))
    page(document)
    text(document)
    headings(document)
    numbers(document)
    floats(document)
    callouts(document)
    table(document)
    assumed(document)
    out = io.BytesIO()
    document.save(out)
    TARGET.write_bytes(repacked(out.getvalue()))


def page(document) -> None:
    """A4; title and chapter above, the page number below."""
    for section in document.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.5)
        section.top_margin, section.bottom_margin = Cm(2.9), Cm(2.3)
        section.header_distance = section.footer_distance = Cm(1.1)
        section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
        head = section.header.paragraphs[0]
        head.style = looks_of_head(document)
        head.paragraph_format.tab_stops.add_tab_stop(Cm(16), WD_TAB_ALIGNMENT.RIGHT)
        field(head, 'STYLEREF "Heading 1"', "")
        head.add_run("\t").font.size = Pt(8.5)
        field(head, "TITLE", "")
        paragraph = section.footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        field(paragraph, "PAGE")
        run = paragraph.add_run(" of ")
        run.font.size = Pt(8.5)
        field(paragraph, "NUMPAGES")


def looks_of_head(document):
    """The style of the running head: small and grey over a thin rule."""
    looks(style(document, "Header"), HEAD_FONT, 8.5, QUIET, before=0, after=0)
    return document.styles["Header"]


def field(paragraph, name: str, shown_text: str = "1") -> None:
    """A field that Word fills in; until then it shows the text."""
    simple = OxmlElement("w:fldSimple")
    simple.set(qn("w:instr"), name)
    run = OxmlElement("w:r")
    properties = OxmlElement("w:rPr")
    size = OxmlElement("w:sz")
    size.set(qn("w:val"), "17")
    properties.append(size)
    run.append(properties)
    shown = OxmlElement("w:t")
    shown.text = shown_text
    run.append(shown)
    simple.append(run)
    paragraph._p.append(simple)


def style(document, name: str, base: str = "Body Text"):
    """A paragraph style by name, made if it is not there."""
    if name not in [known.name for known in document.styles]:
        new = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        new.base_style = document.styles[base]
        new.quick_style = True
    return document.styles[name]


def looks(target, font: str, size: float, colour: str = INK, bold=None, italic=None, before=None, after=None) -> None:
    """Font and spacing of a style; sizes in points."""
    target.font.name, target.font.size = font, Pt(size)
    fonts = target.element.get_or_add_rPr().get_or_add_rFonts()
    for key in list(fonts.attrib):
        if key.endswith("Theme"):
            del fonts.attrib[key]
    for key in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(key), font)
    target.font.color.rgb = RGBColor.from_string(colour)
    if bold is not None:
        target.font.bold = bold
    if italic is not None:
        target.font.italic = italic
    if before is not None:
        target.paragraph_format.space_before = Pt(before)
    if after is not None:
        target.paragraph_format.space_after = Pt(after)


def text(document) -> None:
    looks(style(document, "Normal"), TEXT_FONT, 10)
    for name in ("Body Text", "First Paragraph"):
        looks(style(document, name), TEXT_FONT, 10, before=0, after=7)
        document.styles[name].paragraph_format.line_spacing = 1.15
    looks(style(document, "Compact"), TEXT_FONT, 10, before=0, after=2)
    looks(style(document, "Footnote Text"), TEXT_FONT, 9)
    looks(style(document, "Bibliography"), TEXT_FONT, 10, after=5)
    document.styles["Bibliography"].paragraph_format.left_indent = Cm(0.8)
    document.styles["Bibliography"].paragraph_format.first_line_indent = Cm(-0.8)
    looks(style(document, "Title"), HEAD_FONT, 26, bold=True, before=60, after=8)
    looks(style(document, "Subtitle"), HEAD_FONT, 14, QUIET, bold=False, before=0, after=16)
    looks(style(document, "Author"), HEAD_FONT, 12, bold=False, before=0, after=2)
    looks(style(document, "Date"), HEAD_FONT, 11, QUIET, bold=False, before=4, after=24)
    for name in ("Title", "Subtitle", "Author", "Date"):
        document.styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    looks(style(document, "Source Code"), CODE_FONT, 8.5, before=0, after=8)
    shade(document.styles["Source Code"], "F5F7F9")
    looks(style(document, "TOC Heading", "Heading 1"), HEAD_FONT, 16, bold=True, before=0, after=8)
    looks(style(document, "toc 1"), HEAD_FONT, 8.5, bold=True, before=2, after=0)
    looks(style(document, "toc 2"), HEAD_FONT, 8.5, before=0, after=0)
    looks(style(document, "toc 3"), HEAD_FONT, 8.5, before=0, after=0)
    for level in (2, 3):
        document.styles[f"toc {level}"].paragraph_format.left_indent = Cm(0.6 * (level - 1))
    for level in (1, 2, 3):
        document.styles[f"toc {level}"].paragraph_format.line_spacing = 1.0
        document.styles[f"toc {level}"].paragraph_format.tab_stops.add_tab_stop(Cm(16), WD_TAB_ALIGNMENT.RIGHT)
    looks(style(document, "Banner"), HEAD_FONT, 8, ALERT, bold=False, before=0, after=10)
    looks(style(document, "Imprint"), HEAD_FONT, 10, before=0, after=4)
    border(document.styles["Banner"], ALERT)
    shade(document.styles["Banner"], "FBEEEC")
    for name in ("Verbatim Char", "Hyperlink"):
        if name in [known.name for known in document.styles]:
            document.styles[name].font.color.rgb = RGBColor.from_string(INK if name == "Verbatim Char" else ACCENT)
    document.styles["Verbatim Char"].font.name = CODE_FONT
    document.styles["Verbatim Char"].font.size = None  # that of the text around it


def headings(document) -> None:
    sizes = {1: 20, 2: 14.5, 3: 12, 4: 11, 5: 11, 6: 11}
    for level, size in sizes.items():
        heading = style(document, f"Heading {level}")
        looks(heading, HEAD_FONT, size, bold=True, italic=level > 3, before=18 if level > 1 else 28, after=6)
        heading.paragraph_format.keep_with_next = True
    document.styles["Heading 1"].paragraph_format.space_after = Pt(14)
    document.styles["TOC Heading"].paragraph_format.page_break_before = True


def numbers(document) -> None:
    """Lists of several levels for the headings: that of the chapters belongs to the styles, that of the appendices is given to
    their headings by renderer/docx_finish.py."""
    root = document.part.numbering_part.element
    for place, (name, (count, before)) in enumerate(LISTS.items(), 1):
        levels = []
        for level in range(3):
            deeper = "%1." + ".".join(f"%{n}" for n in range(2, level + 2)) + "\u2002"
            parts = [
                element("w:start", val="1"),
                element("w:numFmt", val="decimal" if level else count),
                *([element("w:pStyle", val=f"Heading{level + 1}")] if name == "Chapters" else []),
                element("w:suff", val="nothing"),
                element("w:lvlText", val=deeper if level else before),
                element("w:lvlJc", val="left"),
                element("w:pPr", element("w:ind", left="0", firstLine="0")),
            ]
            levels.append(element("w:lvl", *parts, ilvl=str(level)))
        abstract = element(
            "w:abstractNum", element("w:nsid", val=f"5D0C000{place}"), element("w:multiLevelType", val="multilevel"),
            element("w:name", val=name), *levels, abstractNumId=str(place),
        )  # fmt: skip
        root.insert(place - 1, abstract)
        root.append(element("w:num", element("w:abstractNumId", val=str(place)), numId=str(place)))
    for level in range(3):
        number(document.styles[f"Heading {level + 1}"], 1, level)
    number(document.styles["TOC Heading"], 0, 0)


def number(target, which: int, level: int) -> None:
    """Let a style's paragraphs count in a list; 0 is none."""
    properties = target.element.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = level
    properties.get_or_add_numId().val = which


def floats(document) -> None:
    looks(style(document, "Captioned Figure"), TEXT_FONT, 11, before=12, after=4)
    document.styles["Captioned Figure"].paragraph_format.keep_with_next = True
    document.styles["Captioned Figure"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    looks(style(document, "Image Caption"), HEAD_FONT, 9.5, italic=False, before=0, after=14)
    looks(style(document, "Table Caption"), HEAD_FONT, 9.5, italic=False, before=14, after=4)
    document.styles["Table Caption"].paragraph_format.keep_with_next = True
    looks(style(document, "Table Text"), HEAD_FONT, 8.5, before=1, after=1)
    looks(style(document, "Table Notes"), HEAD_FONT, 8, QUIET, before=3, after=10)
    for name in ("Table Text", "Table Notes"):
        document.styles[name].paragraph_format.line_spacing = 1.0
    for name in ("Image Caption", "Table Caption"):
        document.styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT


def callouts(document) -> None:
    """One style for the title and one for the text of each kind, in the colours of the website (report.css)."""
    for kind, colour in TONES.items():
        title, body = f"Callout {kind} Title", f"Callout {kind}"
        looks(style(document, title), HEAD_FONT, 10.5, colour, bold=True, before=8, after=0)
        looks(style(document, body), TEXT_FONT, 10.5, before=0, after=10)
        # Room below the last paragraph only, or white would part the ground of the others.
        document.styles[body].element.get_or_add_pPr().insert_element_before(
            element("w:contextualSpacing"), "w:jc", "w:outlineLvl"
        )
        document.styles[title].paragraph_format.keep_with_next = True
        for name in (title, body):
            document.styles[name].paragraph_format.left_indent = Cm(0.4)
            border(document.styles[name], colour)
            shade(document.styles[name], "F5F7F9")


def assumed(document) -> None:
    """What is simulated in a reconstructed data cut: a dotted line."""
    document.styles.add_style("Assumed", WD_STYLE_TYPE.CHARACTER).font.underline = WD_UNDERLINE.DOTTED


def border(target, colour: str) -> None:
    """A rule at the left of a paragraph."""
    properties = target.element.get_or_add_pPr()
    borders = OxmlElement("w:pBdr")
    left = OxmlElement("w:left")
    for key, value in (("val", "single"), ("sz", "18"), ("space", "6"), ("color", colour)):
        left.set(qn(f"w:{key}"), value)
    borders.append(left)
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc",
        "w:outlineLvl",
    )  # fmt: skip


def shade(target, colour: str) -> None:
    """A ground behind a paragraph."""
    properties = target.element.get_or_add_pPr()
    for old in properties.findall(qn("w:shd")):
        properties.remove(old)
    ground = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        ground.set(qn(f"w:{key}"), value)
    properties.insert_element_before(
        ground,
        "w:tabs",
        "w:suppressAutoHyphens",
        "w:spacing",
        "w:ind",
        "w:contextualSpacing",
        "w:jc",
        "w:outlineLvl",
    )


def table(document) -> None:
    """The journal's table: rules above, below and under the head; small sans serif text."""
    target = document.styles["Table"].element
    for tag in ("w:rPr", "w:tblPr", "w:tblStylePr", "w:pPr"):
        for old in target.findall(qn(tag)):
            target.remove(old)
    paragraph = element("w:pPr", element("w:spacing", before="20", after="20", line="240", lineRule="auto"))
    run = element(
        "w:rPr",
        element("w:rFonts", ascii=HEAD_FONT, hAnsi=HEAD_FONT, cs=HEAD_FONT),
        element("w:sz", val="17"),
        element("w:szCs", val="17"),
    )
    whole = element(
        "w:tblPr",
        element("w:tblInd", w="0", type="dxa"),
        element(
            "w:tblBorders",
            element("w:top", val="single", sz="12", space="0", color=INK),
            element("w:bottom", val="single", sz="12", space="0", color=INK),
        ),
        element(
            "w:tblCellMar",
            element("w:top", w="20", type="dxa"),
            element("w:left", w="80", type="dxa"),
            element("w:bottom", w="20", type="dxa"),
            element("w:right", w="80", type="dxa"),
        ),
    )
    head = element(
        "w:tblStylePr",
        element("w:rPr", element("w:b"), element("w:bCs")),
        element(
            "w:tcPr",
            element("w:tcBorders", element("w:bottom", val="single", sz="6", space="0", color=INK)),
            element("w:vAlign", val="bottom"),
        ),
        type="firstRow",
    )
    for part in (paragraph, run, whole, head):
        target.append(part)


def element(tag: str, *children, **attributes):
    """An element of WordprocessingML with its attributes and children."""
    made = OxmlElement(tag)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    for child in children:
        made.append(child)
    return made


if __name__ == "__main__":
    main()
