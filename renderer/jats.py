"""The book as JATS XML (Article Authoring tag set), which journals take in instead of a Word file."""

from __future__ import annotations

import panflute as pf
from lxml import etree

from renderer import pandoc
from renderer.authors import CREDIT, Affiliation, Author, Authors
from renderer.book import BookTree, references_list
from renderer.project import Project
from renderer.render_error import RenderError


def write_jats(project: Project, book: BookTree) -> bytes:
    """One article of the whole book; figures are referred to by the paths of their files beside it."""
    blocks: list[pf.Block] = [block for chapter in book.chapters for block in chapter.blocks]
    abstract, blocks = _abstract(blocks)
    if book.lacks_references:
        blocks += references_list(project.words["section-title-references"])
    metadata: dict[str, object] = {"title": project.title, "lang": project.lang, **pandoc.bibliography(project)}
    if project.subtitle:
        metadata["subtitle"] = project.subtitle
    if abstract:
        metadata["abstract"] = pf.MetaBlocks(*abstract)
    try:
        content = pandoc.write(pandoc.tree(blocks, metadata), "jats", ["--standalone"], project.root)
    except RenderError as error:
        raise pandoc.placed(error, [chapter.source for chapter in book.chapters]) from None
    return _with_authors(content, project.authors) if project.authors.people else content


def _with_authors(content: bytes, authors: Authors) -> bytes:
    """The authors after the title; Pandoc has no roles, and repeats the affiliation, with its id, at each of its authors."""
    group = _element("contrib-group")
    for author in authors.people:
        group.append(_contributor(author))
    for place, affiliation in enumerate(authors.affiliations):
        group.append(_affiliation(f"aff-{place + 1}", affiliation))
    title = b"</title-group>\n"  # kept as bytes: the rest of the file stays as Pandoc wrote it
    made = etree.tostring(group, encoding="utf-8", xml_declaration=False)
    before, after = content.split(title, 1)
    return before + title + made + b"\n" + after


def _contributor(author: Author) -> etree._Element:
    flags = {"corresp": author.corresponding, "equal-contrib": author.equal_contributor, "deceased": author.deceased}
    made = _element("contrib", **{"contrib-type": "author"}, **{key: "yes" for key, holds in flags.items() if holds})
    if author.orcid:
        made.append(_element("contrib-id", author.orcid_url, **{"contrib-id-type": "orcid"}))
    if author.family:
        name = _element("name")
        name.append(_element("surname", author.family))
        if author.given:
            name.append(_element("given-names", author.given))
    else:
        name = _element("string-name", author.name)  # may be a group's, so it is not taken apart
    made.append(name)
    if author.degrees:
        made.append(_element("degrees", ", ".join(author.degrees)))
    if author.email:
        made.append(_element("email", author.email))
    for role in author.roles:
        degree = {"degree-contribution": role.degree} if role.degree else {}
        known = {
            "vocab": "credit",
            "vocab-identifier": CREDIT,
            "vocab-term": role.name,
            "vocab-term-identifier": role.credit,
        }
        made.append(_element("role", role.name, **degree, **(known if role.credit else {})))
    if author.url:
        made.append(_element("uri", author.url))
    for place in author.affiliations:
        made.append(_element("xref", str(place + 1), **{"ref-type": "aff", "rid": f"aff-{place + 1}"}))
    if author.note:
        comment = _element("author-comment")
        comment.append(_element("p", author.note))
        made.append(comment)
    return made


def _affiliation(identifier: str, affiliation: Affiliation) -> etree._Element:
    made = _element("aff", id=identifier)
    for kind, text in (("group", affiliation.group), ("dept", affiliation.department)):
        if text:
            made.append(_element("institution", text, **{"content-type": kind}))
    whole = _element("institution-wrap")
    whole.append(_element("institution", affiliation.name))
    for kind in ("ISNI", "Ringgold", "ROR"):
        if text := getattr(affiliation, kind.lower()):
            text = f"https://ror.org/{text}" if kind == "ROR" else text
            whole.append(_element("institution-id", text, **{"institution-id-type": kind}))
    made.append(whole)
    parts = {
        "addr-line": affiliation.address, "city": affiliation.city, "state": affiliation.region,
        "postal-code": affiliation.postal_code, "country": affiliation.country, "uri": affiliation.url,
    }  # fmt: skip
    for name, text in parts.items():
        if text:
            made[-1].tail = ", "
            made.append(_element(name, text))
    return made


def _element(name: str, text: str = "", **attributes: str) -> etree._Element:
    made = etree.Element(name, attributes)
    made.text = text or None
    return made


def _abstract(blocks: list[pf.Block]) -> tuple[list[pf.Block], list[pf.Block]]:
    """The section headed "Abstract", which JATS has before the text, and everything else."""
    for start, block in enumerate(blocks):
        if isinstance(block, pf.Header) and pf.stringify(block).strip().lower() == "abstract":
            ends = (
                i for i, b in enumerate(blocks) if i > start and isinstance(b, pf.Header) and b.level <= block.level
            )
            end = next(ends, len(blocks))
            return blocks[start + 1 : end], blocks[:start] + blocks[end:]
    return [], blocks
