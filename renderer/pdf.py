"""The PDF: Pandoc writes the chapters in Typst's language, a template frames them, Typst sets a tagged PDF/UA-1."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import panflute as pf

from renderer import pandoc
from renderer.authors import Author, Authors
from renderer.book import BookTree, references_list
from renderer.project import Project
from renderer.render_error import RenderError
from renderer.typeset import own_settings

_FRAME = [Path(__file__).parent / "templates" / name for name in ("report.typ", "glyphs.typ")]
_FONTS = {"serif": "mainfont", "sans": "sansfont", "mono": "codefont"}  # the template's names, and Quarto's


def write_pdf(
    project: Project, book: BookTree, work: Path, environment: Mapping[str, str], room: Callable[[], object]
) -> bytes:  # fmt: skip
    """The PDF of the whole book. `work` holds the images; the Typst source is left there as `main.typ`. `room` waits until there is
    memory for Typst."""
    source = typst_source(project, book)
    for part in _FRAME:
        shutil.copy(part, work)
    main = work / "main.typ"
    main.write_text(source, encoding="utf-8", newline="\n")
    room()
    return compile_typst(project, book, main, environment)


def typst_source(project: Project, book: BookTree) -> str:
    """The book in Typst's language, in the frame."""
    pieces: list[bytes] = []
    first = book.first_appendix if project.words.supplement else None
    for chapter in book.chapters:
        if chapter is first:
            title = typst_value(project.words["section-title-appendices"])
            pieces.append(pandoc.as_json([pf.RawBlock(f"#part-title({title})", "typst")]))
        pieces.append(pandoc.as_json([pf.RawBlock(f"// chapter: {chapter.file.name}", "typst")]))
        pieces.append(chapter.load())
    if book.lacks_references:
        pieces.append(pandoc.as_json(references_list(project.words["section-title-references"])))
    metadata = {"lang": project.lang, **pandoc.bibliography(project)}
    try:
        body = pandoc.write(
            pandoc.joined(pieces, metadata), "pdf", ["--syntax-highlighting=idiomatic"], project.root
        ).decode("utf-8")
    except RenderError as error:
        raise pandoc.placed(error, [chapter.source for chapter in book.chapters]) from None
    depth = int(project.option("pdf", "toc-depth", 2)) if project.option("pdf", "toc", True) else 0
    settings = {
        "title": project.title,
        "subtitle": project.subtitle,
        "authors": [_author(project.authors, author) for author in project.authors.people],
        "date": project.date,
        "lang": project.lang,
        "contents": depth,
        "contents-title": str(project.option("pdf", "toc-title", project.contents_title)),
        "paper": str(project.option("pdf", "papersize", "a4")),
        **{name: str(font) for name, key in _FONTS.items() if (font := project.option("pdf", key, None))},
    }
    arguments = ",\n".join(f"  {key}: {typst_value(value)}" for key, value in settings.items())
    return f'#import "{_FRAME[0].name}": *\n{project.typst_header}#show: report.with(\n{arguments},\n)\n\n{body}'


def finished(blocks: list[pf.Block]) -> list[pf.Block]:
    """A chapter's blocks as Pandoc's writer and Typst need them."""
    doc = pf.Doc(*blocks)
    doc.walk(_image)
    doc.walk(_formula)
    doc.walk(_without_shorthand)
    return list(doc.content)


def _author(authors: Authors, author: Author) -> dict[str, object]:
    """An author as the template has them; its extension for Quarto, `typst-show.typ`, gives the same."""
    return {
        "name": author.name,
        "url": author.url,
        "degrees": list(author.degrees),
        "orcid": author.orcid,
        "email": author.email,
        "affiliations": [{"id": str(place), "text": authors.affiliations[place].text} for place in author.affiliations],
        "roles": [f"{role.name} ({role.degree})" if role.degree else role.name for role in author.roles],
        "note": author.note,
        **{key.replace("_", "-"): getattr(author, key) for key in ("corresponding", "equal_contributor", "deceased")},
    }


def compile_typst(project: Project, book: BookTree, main: Path, environment: Mapping[str, str]) -> bytes:
    """Run Typst; its complaint comes back with the chapter it is about."""
    import typst

    standard = project.option("pdf", "pdf-standard", "ua-1")
    standards = [str(item) for item in (standard if isinstance(standard, list) else [standard])]
    seconds = int(project.epoch(environment))
    try:
        return typst.compile(
            str(main),
            **own_settings(project.root / "fonts", main.parent),
            pdf_standards=standards,
            timestamp=datetime.fromtimestamp(seconds, tz=UTC),
        )
    except typst.TypstError as error:
        raise _placed(error, main) from None


def _placed(error: Exception, main: Path) -> RenderError:
    message = str(getattr(error, "message", "") or error).strip()
    hints = [str(hint) for hint in getattr(error, "hints", None) or []]
    detail = "; ".join([" ".join(message.split()), *hints])
    at = re.search(r"main\.typ:(\d+)", str(getattr(error, "diagnostic", "") or message))
    name = None
    if at:
        before = main.read_text(encoding="utf-8").split("\n")[: int(at[1])]
        names = [line.removeprefix("// chapter: ") for line in before if line.startswith("// chapter: ")]
        name = names[-1] if names else None
    return RenderError(f"Typst cannot set the PDF: {detail}", name)


def typst_value(value: object) -> str:
    """A Python value as a Typst literal."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "(" + "".join(typst_value(item) + ", " for item in value) + ")"
    if isinstance(value, dict):
        return "(" + ", ".join(f"{key}: {typst_value(item)}" for key, item in value.items()) + ")"
    return str(value)


_SHORTHAND = re.compile(r"-(?=[?\d-])|\.(?=\.)|[~–—‘’“”…]")


def _without_shorthand(element: pf.Element, doc: pf.Doc) -> list[pf.Inline] | None:
    """Typst reads `-?` as a soft hyphen, `...` as one character, `--` as a dash, `~` as a blank, and Pandoc writes dashes, the
    ellipsis and the apostrophe as such shorthands: none of them may change a text."""
    if not isinstance(element, pf.Str) or not _SHORTHAND.search(element.text):
        return None
    found: list[pf.Inline] = []
    end = 0
    for mark in _SHORTHAND.finditer(element.text):
        found += [pf.Str(element.text[end : mark.start()])] if mark.start() > end else []
        found.append(pf.RawInline(f"\\u{{{ord(mark[0]):x}}}", "typst"))
        end = mark.end()
    return [*found, pf.Str(element.text[end:])] if end < len(element.text) else found


def _formula(element: pf.Element, doc: pf.Doc) -> list[pf.Inline] | None:
    """Every formula has an alternative text, which PDF/UA demands: its TeX, unless a filter of the project has given another."""
    if not isinstance(element, pf.Math):
        return None
    alt = typst_value(" ".join(element.text.split()))
    return [pf.RawInline(f"#formula({alt})[", "typst"), element, pf.RawInline("]", "typst")]


def _image(element: pf.Element, doc: pf.Doc) -> pf.Element | None:
    """Pandoc drops the alternative text of images, which PDF/UA demands; so the call is written here."""
    if not isinstance(element, pf.Image):
        return None
    arguments = [typst_value(element.url), f"alt: {typst_value(pf.stringify(element))}"]
    for key in ("width", "height"):
        size = element.attributes.get(key, "")
        if re.fullmatch(r"[\d.]+(%|cm|mm|in|pt)", size):
            arguments.append(f"{key}: {size}")
        elif re.fullmatch(r"[\d.]+(px)?", size):
            arguments.append(f"{key}: {float(size.removesuffix('px')) * 0.75:g}pt")
    return pf.RawInline(f"#picture({', '.join(arguments)})", "typst")
