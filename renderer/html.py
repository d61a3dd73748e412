"""The website: one page a chapter, with everything it needs beside it, usable from a folder or a strict server."""

from __future__ import annotations

import hashlib
import html
import json
import mimetypes
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import panflute as pf
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from renderer import byline, pandoc
from renderer.book import BookTree, ChapterTree, Heading, references_list
from renderer.images import size_in_pixels
from renderer.inline_figures import beside, with_figures
from renderer.parts import Parts, write_if_other
from renderer.project import Project, page_option
from renderer.render_error import RenderError
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


def write_site(
    project: Project, book: BookTree, output: Path, formats: tuple[str, ...], parts: Parts, images: Mapping[str, Mapping[str, str]]
) -> list[Path]:  # fmt: skip
    """Write all pages and assets that are other than in `output`; returns the pages. Images are expected to be there already.

    images: digests of each chapter's images by path, by the chapter's name.
    """
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    template = templates.get_template("page.html")
    assets = output / "assets"
    for file in (_HERE / "assets").iterdir():
        write_if_other(assets / file.name, file.read_bytes())
    own_css = _own_styles(project, assets)
    footer = parts.made(lambda: _footer(project).encode("utf-8"), "footer", project.footer).decode("utf-8")
    for path in filter(None, (project.cover, project.favicon, *project.resources)):
        write_if_other(output / path.relative_to(project.root), path.read_bytes())
    written = [_page(project, book, chapter, output, parts, images[chapter.file.name]) for chapter in book.chapters]
    rules: dict[str, str] = {}
    pages: list[Path] = []
    for index, (chapter, content) in enumerate(zip(book.chapters, written, strict=True)):
        rules |= content["rules"]
        page = output / chapter.file.page
        up = posixpath.relpath(".", posixpath.dirname(chapter.file.page) or ".")
        text = template.render(
            project=project,
            authors=project.authors,
            byline=byline,
            lang=project.lang,
            title=chapter.title,
            is_home=index == 0,
            body=content["body"],
            parts=_parts(book, chapter, project.words["section-title-appendices"]),
            previous=_entry(book.chapters[index - 1], chapter) if index else None,
            following=_entry(book.chapters[index + 1], chapter) if index + 1 < len(book.chapters) else None,
            contents=_contents(project, chapter),
            notebook=f"{up}/notebooks/{chapter.file.stem}.ipynb",
            downloads=_downloads(project, formats, up),
            own_css=own_css,
            footer=footer,
            contents_title=str(project.option("html", "toc-title", project.words["toc-title-website"])),
            icon=_address(project, project.favicon),
            icon_type=mimetypes.guess_type(project.favicon or "icon.svg")[0],
            cover=_address(project, project.cover),
            up=up,
        )
        write_if_other(page, text.encode("utf-8"))
        pages.append(page)
    lines = [f".{name} {{ {style} }}" for style, name in sorted(rules.items(), key=lambda rule: rule[1])]
    write_if_other(assets / "inline.css", ("\n".join(lines) + "\n").encode("utf-8"))
    found = [section for content in written for section in content["search"]]
    if project.site_url:
        addresses = [
            f"{project.site_url.rstrip('/')}/{html.escape(page.relative_to(output).as_posix())}" for page in pages
        ]
        write_if_other(output / "sitemap.xml", _sitemap(addresses).encode("utf-8"))
        write_if_other(output / "robots.txt", f"Sitemap: {project.site_url.rstrip('/')}/sitemap.xml\n".encode())
    index = f"window.searchIndex = {json.dumps(found, ensure_ascii=False)};\n"
    write_if_other(assets / "search-index.js", index.encode("utf-8"))
    return pages


def _address(project: Project, path: Path | None) -> str:
    return quote(path.relative_to(project.root).as_posix()) if path else ""


def _sitemap(addresses: list[str]) -> str:
    """For search engines (sitemaps.org); without times, which would make every render different."""
    entries = "".join(f"  <url><loc>{address}</loc></url>\n" for address in addresses)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )


def _footer(project: Project) -> str:
    """The text below every page, which may hold Markdown."""
    if not project.footer:
        return ""
    done = pandoc.run(
        ["--from=markdown", "--to=html5", "--email-obfuscation=none"], project.root, project.footer.encode("utf-8")
    )
    return done.stdout.decode("utf-8").strip()


def _page(
    project: Project, book: BookTree, chapter: ChapterTree, output: Path, parts: Parts, images: Mapping[str, str]
) -> dict[str, Any]:  # fmt: skip
    """A page's `body`, its style `rules` and what is found in it by `search`; from before if it was made from the same."""
    cited = list(dict.fromkeys(key for other in book.chapters for key in other.cited)) if chapter.has_refs else []
    title = str(project.option("html", "reference-section-title", project.words["section-title-references"]))
    own_references = bool(not chapter.has_refs and chapter.cited and project.bibliography)
    if own_references:
        chapter.headings.append(Heading(2, "references", "", title))

    def page() -> bytes:
        rules: dict[str, str] = {}
        body = _body(project, chapter, output, cited, title if own_references else None)
        found = search_index(chapter, body)
        body = with_figures(_without_inline_styles(body, rules), lambda source: beside(output / chapter.file.page, source))
        return json.dumps({"body": body, "rules": rules, "search": found}).encode()

    settings = [project.lang, chapter.title, chapter.number, bool(project.settings.get("link-citations", True))]
    references = [cited, own_references, title, pandoc.bibliography_contents(project)]
    return json.loads(parts.made(page, chapter.key, settings, references, images))


def _body(project: Project, chapter: ChapterTree, output: Path, cited: list[str], own_references: str | None) -> str:
    """The page in HTML. cited: what is listed on it; own_references: heading of a list of what it cites itself."""
    metadata: dict[str, object] = {"lang": project.lang, "title": chapter.title}
    metadata.update(pandoc.bibliography(project))
    blocks: list[dict[str, Any]] = json.loads(chapter.load())
    _size_images(blocks, output / posixpath.dirname(chapter.file.page))
    pieces = [json.dumps(blocks).encode()]
    if chapter.has_refs:
        metadata["nocite"] = pf.MetaInlines(pf.Cite(citations=[pf.Citation(key) for key in cited]))
    elif own_references is not None:
        pieces.append(pandoc.as_json(references_list(own_references, level=2)))
    try:
        return pandoc.write(pandoc.joined(pieces, metadata), "html", WRITING, project.root).decode("utf-8")
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


def _parts(book: BookTree, seen_from: ChapterTree, appendices: str) -> list[tuple[str, list[Chapter]]]:
    """The chapters and, under a heading of their own, the appendices."""
    parts = []
    for name, appendix in (("", False), (appendices, True)):
        entries = [_entry(other, seen_from) for other in book.chapters if other.file.appendix is appendix]
        if entries:
            parts.append((name, entries))
    return parts


def _size_images(element: Any, folder: Path) -> None:
    """Give every image below an element of Pandoc's JSON its width and height, so that the text below it stays where it is when the
    image comes."""
    if isinstance(element, list):
        for part in element:
            _size_images(part, folder)
    elif isinstance(element, dict):
        if element.get("t") == "Image":
            (_, _, attributes), _, (url, _) = element["c"]
            if not {"width", "height"} & {name for name, _ in attributes}:
                # Without "chapters/..", for the folder of the page may not be there yet.
                size = size_in_pixels(Path(posixpath.normpath((folder / url).as_posix())))
                attributes += [["width", f"{size[0]}"], ["height", f"{size[1]}"]] if size else []
        _size_images(element.get("c"), folder)


def _contents(project: Project, chapter: ChapterTree) -> list[Heading]:
    settings = chapter.source.settings
    if not page_option(settings, "html", "toc", project.option("html", "toc", True)):
        return []
    depth = int(page_option(settings, "html", "toc-depth", project.option("html", "toc-depth", 3)))
    return [heading for heading in chapter.headings if 1 < heading.level <= depth and heading.identifier]


def _downloads(project: Project, formats: tuple[str, ...], up: str) -> list[tuple[str, str]]:
    out = []
    for name, text in (("pdf", "PDF"), ("docx", "Word")):
        if name in formats and (project.downloads is None or name in project.downloads):
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
        write_if_other(assets / source.name, source.read_bytes())
        for reference in re.findall(r"""url\(\s*["']?([^"')#?]+)""", source.read_text(encoding="utf-8")):
            needed, target = source.parent / reference, assets / reference
            if not needed.is_file() or ".." in Path(reference).parts:
                raise RenderError(f"{name} needs {reference}, which is not beside it", str(name))
            write_if_other(target, needed.read_bytes())
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
