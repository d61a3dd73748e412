"""The book as JATS XML (Article Authoring tag set), which journals take in instead of a Word file."""

from __future__ import annotations

import panflute as pf

from renderer import pandoc
from renderer.book import BookTree
from renderer.project import Project
from renderer.render_error import RenderError


def write_jats(project: Project, book: BookTree) -> bytes:
    """One article of the whole book; figures are referred to by the paths of their files beside it."""
    blocks: list[pf.Block] = [block for chapter in book.chapters for block in chapter.blocks]
    abstract, blocks = _abstract(blocks)
    if any(chapter.cited for chapter in book.chapters) and not any(chapter.has_refs for chapter in book.chapters):
        blocks += [pf.Header(pf.Str("References"), level=1, identifier="references"), pf.Div(identifier="refs")]
    metadata: dict[str, object] = {"title": project.title, "lang": project.lang, **pandoc.bibliography(project)}
    if project.subtitle:
        metadata["subtitle"] = project.subtitle
    if project.authors:
        # A name alone may be a group's, so it is not taken apart into given names and surname.
        metadata["author"] = pf.MetaList(*(pf.MetaMap(name=pf.MetaString(name)) for name, _ in project.authors))
    if abstract:
        metadata["abstract"] = pf.MetaBlocks(*abstract)
    try:
        return pandoc.write(pandoc.tree(blocks, metadata), "jats", ["--standalone"], project.root)
    except RenderError as error:
        raise pandoc.placed(error, [chapter.source for chapter in book.chapters]) from None


def _abstract(blocks: list[pf.Block]) -> tuple[list[pf.Block], list[pf.Block]]:
    """The section headed "Abstract", which JATS has before the text, and everything else."""
    for start, block in enumerate(blocks):
        if isinstance(block, pf.Header) and pf.stringify(block).strip().lower() == "abstract":
            ends = (i for i, b in enumerate(blocks) if i > start and isinstance(b, pf.Header) and b.level <= block.level)
            end = next(ends, len(blocks))
            return blocks[start + 1 : end], blocks[:start] + blocks[end:]
    return [], blocks
