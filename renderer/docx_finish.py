"""The Word file after Pandoc or Quarto has written it: what neither can say in its own language."""

from __future__ import annotations

import copy
import io
import itertools
import re
import uuid
from pathlib import Path

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from lxml import etree

from renderer import byline
from renderer.authors import NOBODY, Authors
from renderer.docx_bytes import repacked
from renderer.words import Words

_TITLE_BLOCK = ("Title", "Subtitle", "Author", "Date")
_SMALL = Pt(9)
_LABEL = re.compile(r"(?P<kind>Figure|Table)(?P<chapter>\u00a0(?:[\dA-Z]+\.)?)(?P<number>\d+)")
PART = "part-of-appendices"
"""Bookmark of the heading of a supplement."""
_KEPT_WHOLE = 24
"""Rows that a table has at most to be kept on one page."""
_FONTS = {"IBM Plex Sans": ("Regular", "Bold", "Italic", "BoldItalic"), "IBM Plex Mono": ("Regular",)}
"""Fonts of the reference document with their faces, as the files and Word call them."""


def finished(content: bytes, fonts: Path, authors: Authors = NOBODY, words: Words | None = None) -> bytes:
    """The file with its title page, sections, running head, numbers and tables put right; the same bytes every time.

    fonts: the folder with the fonts of the reference document, which go into the file.
    authors: go below the title, in place of those that are there. words: what appendices are called, and how they are counted.
    """
    document = Document(io.BytesIO(content))
    body = document.element.body
    if authors.people:
        _byline(document, authors)
    _title_page(body)
    _sections(body)
    _running_head(document)
    _contents(body)
    words = words or Words()
    if words.supplement:
        _part_heading(document, words)
    _heading_numbers(document, words)
    _caption_fields(body)
    for table in body.iter(qn("w:tbl")):
        _group_headings_span(table)
        _rows_stay_whole(table)
    _embed_fonts(document, fonts)
    out = io.BytesIO()
    document.save(out)
    return repacked(out.getvalue())


def _style(paragraph) -> str:
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return "" if style is None else style.get(qn("w:val"))


def _title_page(body) -> None:
    """What the title page says goes below the authors; the first chapter begins a page, as contents and title page do."""
    first = next((paragraph for paragraph in body.iter(qn("w:p")) if _style(paragraph) == "Heading1"), None)
    if first is not None:
        first.get_or_add_pPr().get_or_add_pageBreakBefore()
    block = [child for child in body if child.tag == qn("w:p") and _style(child) in _TITLE_BLOCK]
    imprint = [paragraph for paragraph in body.iter(qn("w:p")) if _style(paragraph) == "Imprint"]
    if not block:
        return
    for paragraph in reversed(imprint):
        block[-1].addnext(paragraph)


def _byline(document, authors: Authors) -> None:
    """The names in one paragraph, with raised marks; below it in small print what the marks stand for, and the ORCIDs."""
    former = [paragraph for paragraph in document.paragraphs if _style(paragraph._p) == "Author"]
    if not former:
        return  # a Word file without a title block
    names = copy.deepcopy(former[0]._p)
    for run in [child for child in names if child.tag != qn("w:pPr")]:
        names.remove(run)
    former[0]._p.addprevious(names)
    for paragraph in former:
        paragraph._p.getparent().remove(paragraph._p)
    line = Paragraph(names, document._body)
    between = "; " if any(author.degrees for author in authors.people) else ", "
    for place, author in enumerate(authors.people):
        _piece(line, (between if place else "") + byline.name_of(author))
        _piece(line, byline.marks_of(authors, author)).font.superscript = True
    small = [*byline.small_print(authors), *filter(None, [byline.orcids(authors)])]
    for number, each in enumerate(small):
        following = copy.deepcopy(names)
        for run in [child for child in following if child.tag != qn("w:pPr")]:
            following.remove(run)
        line._p.addnext(following)
        line = Paragraph(following, document._body)
        line.paragraph_format.space_before = Pt(4 if number == 0 else 0)
        _piece(line, each.mark, _SMALL).font.superscript = True
        _piece(line, (" " if each.mark else "") + (f"{each.title}: " if each.title else ""), _SMALL)
        for piece in each.pieces:
            _piece(line, piece.text, _SMALL, piece.href)


def _piece(paragraph: Paragraph, text: str, size: Pt | None = None, href: str = "") -> Run:
    run = paragraph.add_run(text)
    run.font.size = size
    if not text:
        paragraph._p.remove(run._r)
    elif href:
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), paragraph.part.relate_to(href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        run._r.addprevious(link)
        link.append(run._r)
        run.style = "Hyperlink"
    return run


def _sections(body) -> None:
    """Pages are turned for wide tables, so there are several sections: the first has head and foot, the others take them over."""
    last = body.find(qn("w:sectPr"))
    others = [section for section in body.iter(qn("w:sectPr")) if section is not last]
    for section in others:
        section.append(copy.deepcopy(last.find(qn("w:pgMar"))))
    if others:
        for notes in last.findall(qn("w:footnotePr")):
            last.remove(notes)  # Pandoc's: footnotes would count from 1 again
        for part in last.findall(qn("w:headerReference")) + last.findall(qn("w:footerReference")):
            others[0].insert(0, part)


def _running_head(document) -> None:
    """The notice of the chapters stands in the head of every page, and in the text once, on the title page."""
    notices = [paragraph for paragraph in document.element.body.iter(qn("w:p")) if _style(paragraph) == "Banner"]
    if not notices:
        return
    document.sections[0].different_first_page_header_footer = True  # the title page has the notice in its text
    for section in document.sections:
        if not section.header.is_linked_to_previous:
            section.header.paragraphs[0]._p.addprevious(copy.deepcopy(notices[0]))
    for paragraph in notices[1:]:
        paragraph.getparent().remove(paragraph)
    title = next((p for p in document.element.body if p.tag == qn("w:p") and _style(p) == "Title"), None)
    if title is not None:
        title.addprevious(notices[0])


def _contents(body) -> None:
    """Each entry of the contents ends with the number of its page: a field of its own, which only who lays out the pages can fill in.
    LibreOffice does when it opens the file, Word when it prints or updates it. Word would do it at once if the field were marked
    as out of date, and ask its reader a question at every opening; so it is not. In a contents field around the entries
    LibreOffice would leave all numbers as they are, so there is none.
    """
    for field in [each for each in body.iter(qn("w:sdt")) if each.find(f".//{qn('w:docPartGallery')}") is not None]:
        _entries_in_place_of(field, body)  # Pandoc's, which is empty and marked as out of date
    for paragraph in body.iter(qn("w:p")):
        link = paragraph.find(qn("w:hyperlink"))
        if not re.fullmatch(r"(?i)toc[1-9]", _style(paragraph)) or link is None or link.get(qn("w:anchor")) is None:
            continue
        model = next(link.iter(qn("w:r")))
        instruction = _instruction(model, rf" PAGEREF {link.get(qn('w:anchor'))} \h ")
        link.append(_like(model, OxmlElement("w:tab")))
        link.extend([_field_mark(model, "begin"), instruction, _field_mark(model, "separate"), _field_mark(model, "end")])


def _entries_in_place_of(field, body) -> None:
    """Headings of two levels as entries, below the title that the field has."""
    entries = [paragraph for paragraph in field.iter(qn("w:p")) if _style(paragraph) == "TOCHeading"]
    for heading in list(body.iter(qn("w:p"))):
        mark = heading.getprevious()
        if _style(heading) not in ("Heading1", "Heading2") or mark is None or mark.tag != qn("w:bookmarkStart"):
            continue
        entry, link, run, text = (OxmlElement(f"w:{name}") for name in ("p", "hyperlink", "r", "t"))
        entry.style = f"toc{_style(heading)[-1]}"
        link.set(qn("w:anchor"), mark.get(qn("w:name")))
        text.text = "".join(node.text or "\u2002" for node in heading.iter(qn("w:t"), qn("w:tab")))  # a tab is after the number
        run.append(text)
        link.append(run)
        entry.append(link)
        entries.append(entry)
    for entry in entries:
        field.addprevious(entry)
    field.getparent().remove(field)


def _heading_numbers(document, words: Words) -> None:
    """Headings are numbered by Word: the number in the text goes where the reference document's lists count the same.

    A heading without a number, or with another one, has none of Word's.
    """
    lists = _heading_lists(document)
    if not lists:
        return  # a reference document of the project's own, without lists for headings
    _name_appendices(document, words)
    counted = [0] * 9
    appendix = False
    number = re.compile(rf"(?:{_appendix(words)}|(?P<number>(?:\d+|{_count(words)})(?:\.\d+)*)\.?\s+)(?=\S)")
    for paragraph in document.element.body.iter(qn("w:p")):
        level = re.fullmatch(r"Heading([1-9])", _style(paragraph))
        if not level:
            continue
        depth = int(level[1])
        found = number.match(_whole(paragraph))
        item = paragraph.get_or_add_pPr().get_or_add_numPr()
        item.get_or_add_numId().val = 0
        if not found:
            continue
        if found["appendix"] and not appendix:
            appendix, counted = True, [0] * 9
        counted = [*counted[: depth - 1], counted[depth - 1] + 1, *[0] * (9 - depth)]
        first = words.appendix(counted[0]) if appendix else str(counted[0])
        if (found["appendix"] or found["number"]) == ".".join([first, *map(str, counted[1:depth])]):
            item.get_or_add_ilvl().val = depth - 1
            item.get_or_add_numId().val = lists["Appendices" if appendix else "Chapters"]
            _cut_from_start(paragraph, found.end())


def _heading_lists(document) -> dict[str, int]:
    """The numbers of the lists named Chapters and Appendices."""
    root = document.part.numbering_part.element
    named = {}
    for abstract in root.findall(qn("w:abstractNum")):
        name = abstract.find(qn("w:name"))
        if name is not None:
            named[abstract.get(qn("w:abstractNumId"))] = name.get(qn("w:val"))
    made = {num.find(qn("w:abstractNumId")).get(qn("w:val")): num for num in root.findall(qn("w:num"))}
    return {name: int(made[key].get(qn("w:numId"))) for key, name in named.items() if key in made}


def _name_appendices(document, words: Words) -> None:
    """Let Word's list of the appendices call and count them as the book does."""
    for abstract in document.part.numbering_part.element.findall(qn("w:abstractNum")):
        name = abstract.find(qn("w:name"))
        if name is None or name.get(qn("w:val")) != "Appendices":
            continue
        for level in abstract.findall(qn("w:lvl")):
            text = level.find(qn("w:lvlText"))
            if level.get(qn("w:ilvl")) == "0":
                text.set(qn("w:val"), f"{words['crossref-apx-prefix']}\u00a0{words.supplement}%1 — ")
                level.find(qn("w:numFmt")).set(qn("w:val"), "decimal" if words.supplement else "upperLetter")
            else:
                text.set(qn("w:val"), words.supplement + text.get(qn("w:val")))


def _count(words: Words) -> str:
    """A pattern for the number of an appendix."""
    return rf"{words.supplement}\d+" if words.supplement else "[A-Z]"


def _appendix(words: Words) -> str:
    """A pattern for what stands before the title of an appendix."""
    return rf"{re.escape(words['crossref-apx-prefix'])}\s(?P<appendix>{_count(words)})\s—\s"


def _part_heading(document, words: Words) -> None:
    """A heading over the appendices, which begins a page."""
    headings = (each for each in document.element.body.iter(qn("w:p")) if _style(each) == "Heading1")
    first = next((each for each in headings if re.match(_appendix(words), _whole(each))), None)
    if first is None:
        return
    made = Paragraph(first, document).insert_paragraph_before(words["section-title-appendices"], "Heading 1")
    made.paragraph_format.page_break_before = True
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), "999999")
    start.set(qn("w:name"), PART)
    made._p.insert(1, start)
    made._p.append(end)


def _cut_from_start(paragraph, length: int) -> None:
    for run in [run for run in paragraph.iter(qn("w:r")) if run.find(qn("w:t")) is not None]:
        cut = min(length, len(_text(run)))
        length -= cut
        if cut < len(_text(run)):
            _set_text(run, _text(run)[cut:])
        else:
            run.getparent().remove(run)
        if not length:
            return


def _caption_fields(body) -> None:
    """The number of a caption is a SEQ field, from which Word makes lists of figures and tables; each chapter begins at 1."""
    for paragraph in body.iter(qn("w:p")):
        if _style(paragraph) not in ("ImageCaption", "TableCaption"):
            continue
        for run in paragraph.iter(qn("w:r")):
            text = run.find(qn("w:t"))
            found = _LABEL.match(text.text or "") if text is not None else None
            if found:
                _number_as_field(run, found)
                break


def _number_as_field(run, found: re.Match) -> None:
    after = _text(run)[found.end("number") :]
    restart = r" \r 1" if found["number"] == "1" else ""
    parts = [_field_mark(run, "begin"), _instruction(run, rf" SEQ {found['kind']} \* ARABIC{restart} "),
             _field_mark(run, "separate"), copy.deepcopy(run), _field_mark(run, "end"), copy.deepcopy(run)]  # fmt: skip
    _set_text(run, found["kind"] + found["chapter"])
    _set_text(parts[3], found["number"])
    _set_text(parts[5], after)
    for part in reversed(parts):
        run.addnext(part)


def _like(run, child):
    """A run of the same looks with another content."""
    made = copy.deepcopy(run)
    made.replace(made.find(qn("w:t")), child)
    return made


def _field_mark(run, kind: str):
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    return _like(run, mark)


def _instruction(run, text: str):
    instruction = OxmlElement("w:instrText")
    instruction.text = text
    instruction.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return _like(run, instruction)


def _whole(paragraph) -> str:
    return "".join(node.text or "" for node in paragraph.iter(qn("w:t")))


def _text(run) -> str:
    return run.find(qn("w:t")).text or ""


def _set_text(run, text: str) -> None:
    node = run.find(qn("w:t"))
    node.text = text
    node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _group_headings_span(table) -> None:
    """A row that holds a heading in bold type alone is one cell."""
    for row in table.findall(qn("w:tr")):
        first, *others = row.findall(qn("w:tc"))
        runs = list(first.iter(qn("w:r")))
        bold = runs and all(run.find(f"{qn('w:rPr')}/{qn('w:b')}") is not None for run in runs)
        if others and bold and not any(True for cell in others for _ in cell.iter(qn("w:r"))):
            first.grid_span = 1 + len(others)
            for cell in others:
                row.remove(cell)


def _rows_stay_whole(table) -> None:
    """No row is torn; a short table stays on one page, and the end of every table stays with its notes."""
    rows = table.findall(qn("w:tr"))
    following = table.getnext()
    noted = following is not None and following.tag == qn("w:p") and _style(following) == "TableNotes"
    for place, row in enumerate(rows):
        properties = row.get_or_add_trPr()
        if properties.find(qn("w:cantSplit")) is None:
            properties.insert(0, OxmlElement("w:cantSplit"))
        for paragraph in row.iter(qn("w:p")):
            if paragraph.find(qn("w:r")) is None:
                paragraph.style = "TableText"  # an empty cell must not be taller than a full one
        last = place == len(rows) - 1
        near_the_end = place >= len(rows) - 3
        if (noted or not last) and (len(rows) <= _KEPT_WHOLE or place < 2 or near_the_end):
            for paragraph in row.iter(qn("w:p")):
                paragraph.get_or_add_pPr().get_or_add_keepNext()


def _embed_fonts(document, fonts: Path) -> None:
    """Put the fonts into the file (ISO 29500-1, 17.8.1): the first 32 bytes of each face are obscured with a key."""
    files = {
        name: {face: fonts / f"{name.replace(' ', '')}-{face}.ttf" for face in faces} for name, faces in _FONTS.items()
    }
    if not all(path.is_file() for faces in files.values() for path in faces.values()):
        return  # a book without the fonts: Word takes those that it has instead
    table = document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    root = parse_xml(table.blob)
    for former in [font for font in root.findall(qn("w:font")) if font.get(qn("w:name")) in _FONTS]:
        root.remove(former)
    places = itertools.count(1)
    for name, faces in files.items():
        entry = OxmlElement("w:font")
        entry.set(qn("w:name"), name)
        fallback = OxmlElement("w:altName")
        fallback.set(qn("w:val"), "Consolas" if "Mono" in name else "Calibri")
        entry.append(fallback)
        for face, path in faces.items():
            key = uuid.uuid5(uuid.NAMESPACE_URL, path.name)
            part = Part(
                PackURI(f"/word/fonts/font{next(places)}.odttf"),
                "application/vnd.openxmlformats-officedocument.obfuscatedFont",
                _obscured(path.read_bytes(), key), document.part.package,
            )  # fmt: skip
            embedded = OxmlElement(f"w:embed{face}")
            embedded.set(qn("r:id"), table.relate_to(part, RELATIONSHIP_TYPE.FONT))
            embedded.set(qn("w:fontKey"), "{" + str(key).upper() + "}")
            entry.append(embedded)
        root.append(entry)
    table._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    settings = document.settings.element
    if settings.find(qn("w:embedTrueTypeFonts")) is None:
        # The schema fixes the order: after the view settings, before nearly everything else.
        before = [
            settings.find(qn(f"w:{name}")) for name in ("writeProtection", "view", "zoom", "removePersonalInformation")
        ]
        there = [node for node in before if node is not None]
        flag = OxmlElement("w:embedTrueTypeFonts")
        there[-1].addnext(flag) if there else settings.insert(0, flag)


def _obscured(font: bytes, key: uuid.UUID) -> bytes:
    mask = key.bytes[::-1]
    return bytes(byte ^ mask[place % 16] for place, byte in enumerate(font[:32])) + font[32:]
