"""The website: one page a chapter, with everything it needs beside it, usable from a folder or a strict server."""

from __future__ import annotations

import hashlib
import html
import json
import posixpath
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import panflute as pf
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from renderer import pandoc
from renderer.book import BookTree, ChapterTree, Heading
from renderer.errors import RenderError
from renderer.images import size_in_pixels
from renderer.project import Project
from renderer.search import search_index

WRITING = ("--mathml", "--section-divs", "--email-obfuscation=none")
"""How Pandoc writes a page."""
_HERE = Path(__file__).parent
_TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:\s+[^\s=>]+(?:=\"[^\"]*\")?)*)\s*(/?)>", re.DOTALL)


@dataclass(frozen=True)
class Chapter:
    """A chapter in the navigation."""

    label: str
    title: str
    href: str
    current: bool


def write_site(project: Project, book: BookTree, output: Path, formats: tuple[str, ...]) -> list[Path]:
    """Write all pages and assets; returns the pages. Images are expected to be in `output` already."""
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    template = templates.get_template("page.html")
    assets = output / "assets"
    shutil.copytree(_HERE / "assets", assets, dirs_exist_ok=True)
    own_css = _own_styles(project, assets)
    bodies = [_body(project, book, chapter, output) for chapter in book.chapters]
    rules: dict[str, str] = {}
    pages: list[Path] = []
    for index, (chapter, body) in enumerate(zip(book.chapters, bodies, strict=True)):
        page = output / chapter.file.page
        up = posixpath.relpath(".", posixpath.dirname(chapter.file.page) or ".")
        text = template.render(
            project=project,
            lang=project.lang,
            title=chapter.title,
            is_home=index == 0,
            body=_without_inline_styles(body, rules),
            parts=_parts(book, chapter),
            previous=_entry(book.chapters[index - 1], chapter) if index else None,
            following=_entry(book.chapters[index + 1], chapter) if index + 1 < len(book.chapters) else None,
            contents=_contents(project, chapter),
            notebook=f"{up}/notebooks/{chapter.file.stem}.ipynb",
            downloads=_downloads(project, formats, up),
            own_css=own_css,
            up=up,
        )
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8", newline="\n")
        pages.append(page)
    lines = [f".{name} {{ {style} }}" for style, name in sorted(rules.items(), key=lambda rule: rule[1])]
    (assets / "inline.css").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    found = [
        section for chapter, body in zip(book.chapters, bodies, strict=True) for section in search_index(chapter, body)
    ]
    index = f"window.searchIndex = {json.dumps(found, ensure_ascii=False)};\n"
    (assets / "search-index.js").write_text(index, encoding="utf-8", newline="\n")
    return pages


def _body(project: Project, book: BookTree, chapter: ChapterTree, output: Path) -> str:
    metadata: dict[str, object] = {"lang": project.lang, "title": chapter.title}
    metadata.update(pandoc.bibliography(project))
    blocks = list(chapter.blocks)
    if chapter.has_refs:
        cited = dict.fromkeys(key for other in book.chapters for key in other.cited)
        metadata["nocite"] = pf.MetaInlines(pf.Cite(citations=[pf.Citation(key) for key in cited]))
    elif chapter.cited and project.bibliography:
        title = str(project.option("html", "reference-section-title", "References"))
        blocks += [pf.Header(pf.Str(title), level=2, identifier="references"), pf.Div(identifier="refs")]
        chapter.headings.append(Heading(2, "references", "", title))
    for block in blocks:
        block.walk(lambda element, doc: _sized(element, output / posixpath.dirname(chapter.file.page)))
    try:
        return pandoc.write(pandoc.tree(blocks, metadata), "html", WRITING, project.root).decode("utf-8")
    except RenderError as error:
        raise pandoc.placed(error, [chapter.source]) from None


def _entry(chapter: ChapterTree, seen_from: ChapterTree) -> Chapter:
    folder = posixpath.dirname(seen_from.file.page) or "."
    return Chapter(
        chapter.number,
        chapter.title,
        posixpath.relpath(chapter.file.page, folder),
        chapter.file is seen_from.file,
    )


def _parts(book: BookTree, seen_from: ChapterTree) -> list[tuple[str, list[Chapter]]]:
    """The chapters and, under a heading of their own, the appendices."""
    parts = []
    for name, appendix in (("", False), ("Appendices", True)):
        entries = [_entry(other, seen_from) for other in book.chapters if other.file.appendix is appendix]
        if entries:
            parts.append((name, entries))
    return parts


def _sized(element: pf.Element, folder: Path) -> None:
    """Give an image its width and height, so that the text below it stays where it is when the image comes."""
    if isinstance(element, pf.Image) and not {"width", "height"} & set(element.attributes):
        # Without "chapters/..", for the folder of the page may not be there yet.
        size = size_in_pixels(Path(posixpath.normpath((folder / element.url).as_posix())))
        if size:
            element.attributes |= {"width": f"{size[0]}", "height": f"{size[1]}"}


def _contents(project: Project, chapter: ChapterTree) -> list[Heading]:
    settings = chapter.source.settings
    if not settings.get("toc", project.option("html", "toc", True)):
        return []
    depth = int(settings.get("toc-depth", project.option("html", "toc-depth", 3)))
    return [heading for heading in chapter.headings if 1 < heading.level <= depth and heading.identifier]


def _downloads(project: Project, formats: tuple[str, ...], up: str) -> list[tuple[str, str]]:
    out = []
    for name, text in (("pdf", "PDF"), ("docx", "Word")):
        if name in formats:
            out.append((text, f"{up}/{project.output_file}.{name}"))
    for link in project.links:
        href = link.href if re.match(r"^[a-z]+:", link.href) else f"{up}/{link.href.lstrip('/')}"
        if href not in (known for _, known in out):
            out.append((link.text, href))
    return out


def _own_styles(project: Project, assets: Path) -> list[str]:
    """Style sheets of the project itself (`css:`), copied into the assets."""
    value = project.option("html", "css", None) or []
    names = value if isinstance(value, list) else [value]
    for name in names:
        source = project.root / str(name)
        if not source.is_file():
            raise RenderError(f"`format.html.css`: there is no file {name}", "_quarto.yml")
        shutil.copyfile(source, assets / source.name)
        for reference in re.findall(r"""url\(\s*["']?([^"')#?]+)""", source.read_text(encoding="utf-8")):
            needed, target = source.parent / reference, assets / reference
            if not needed.is_file() or ".." in Path(reference).parts:
                raise RenderError(f"{name} needs {reference}, which is not beside it", str(name))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(needed, target)
    return [Path(str(name)).name for name in names]


def _without_inline_styles(body: str, rules: dict[str, str]) -> str:
    """Turn `style` attributes into classes, which a strict content security policy allows."""

    def tag(found: re.Match[str]) -> str:
        attributes = found[2]
        style = re.search(r'\sstyle="([^"]*)"', attributes)
        if not style:
            return found[0]
        text = html.unescape(style[1]).strip().rstrip(";") + ";"
        name = rules.setdefault(text, "s" + hashlib.sha256(text.encode("utf-8")).hexdigest()[:8])
        attributes = attributes.replace(style[0], "")
        classes = re.search(r'\sclass="([^"]*)"', attributes)
        if classes:
            attributes = attributes.replace(classes[0], f' class="{classes[1]} {name}"')
        else:
            attributes += f' class="{name}"'
        return f"<{found[1]}{attributes}{' /' if found[3] else ''}>"

    return _TAG.sub(tag, body)
