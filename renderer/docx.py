"""The Word file: Pandoc with a reference document that holds the report's styles; the same bytes every time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import panflute as pf

from renderer import pandoc
from renderer.book import BookTree, Heading, references_list
from renderer.docx_finish import PART, finished
from renderer.project import Project
from renderer.render_error import RenderError

REFERENCE = Path(__file__).parent / "templates" / "reference.docx"


def write_docx(project: Project, book: BookTree, work: Path, environment: Mapping[str, str]) -> bytes:
    """The Word file of the whole book; `work` holds the images."""
    pieces: list[bytes] = []
    if project.option("docx", "toc", False):
        pieces.append(pandoc.as_json(_contents(project, book)))
    pieces += [chapter.load() for chapter in book.chapters]
    if book.lacks_references:
        pieces.append(pandoc.as_json(references_list(project.words["section-title-references"])))
    metadata: dict[str, object] = {
        "title": project.title,
        "lang": project.lang,
        **pandoc.bibliography(project),
    }
    if project.subtitle:
        metadata["subtitle"] = project.subtitle
    if project.date:
        metadata["date"] = project.date
    if project.authors.people:
        metadata["author"] = pf.MetaList(*(pf.MetaString(author.name) for author in project.authors.people))
    reference, own = reference_document(project), project.option("docx", "reference-doc", None)
    if not reference.is_file():
        raise RenderError(f"`format.docx.reference-doc`: there is no file {own}", "_quarto.yml")
    arguments = ["--standalone", f"--reference-doc={reference}", f"--resource-path={work}"]
    try:
        content = pandoc.write(
            pandoc.joined(pieces, metadata),
            "docx",
            [*arguments, "--output=-"],
            project.root,
            project.epoch(environment),
        )
    except RenderError as error:
        raise pandoc.placed(error, [chapter.source for chapter in book.chapters]) from None
    return finished(content, project.root / "fonts", project.authors, project.words)


def reference_document(project: Project) -> Path:
    """The file that the styles come from."""
    own = project.option("docx", "reference-doc", None)
    return project.root / str(own) if own else REFERENCE


def _contents(project: Project, book: BookTree) -> list[pf.Block]:
    """The entries of the contents; :mod:`renderer.docx_finish` adds their page numbers."""
    depth = int(project.option("docx", "toc-depth", 2))
    title = str(project.option("docx", "toc-title", project.contents_title))
    entries: list[Heading] = []
    first = book.first_appendix if project.words.supplement else None
    for chapter in book.chapters:
        if chapter is first:
            entries.append(Heading(1, PART, "", project.words["section-title-appendices"]))
        entries += [heading for heading in chapter.headings if heading.level <= depth]
    blocks: list[pf.Block] = [pf.Div(pf.Para(pf.Str(title)), attributes={"custom-style": "TOC Heading"})]
    for heading in entries:
        text = f"{heading.number}\u2002{heading.text}" if heading.number else heading.text
        link = pf.Link(pf.Str(text), url=f"#{heading.identifier}")
        blocks.append(pf.Div(pf.Para(link), attributes={"custom-style": f"toc {heading.level}"}))
    return blocks
