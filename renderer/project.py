"""The book project: `_quarto.yml`, read strictly.

Every key is known by name. Keys of the page frame that only Quarto draws (themes, colours, icons) are listed in
`QUARTO_FRAME` and change nothing here; any other key is refused with its line, so that nothing is dropped silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from renderer.authors import Authors, read_authors
from renderer.render_error import RenderError

CONFIG = "_quarto.yml"

# Dotted paths of the keys that this renderer follows; `*` stands for any one key, a path ending in `.**` for a tree.
_FORMAT_KEYS = [
    "toc",
    "toc-depth",
    "toc-title",
    "number-sections",
    "number-depth",
    "code-fold",
    "code-summary",
    "echo",
    "lang",
    "citeproc",
    "bibliography",
    "csl",
    "link-citations",
    "shift-heading-level-by",
    "filters",
]
FOLLOWED = {
    "project", "project.type", "project.output-dir", "project.execute-dir", "project.render",
    "book", "book.title", "book.subtitle", "book.author", "book.date", "book.output-file",
    "book.author.**", "affiliations", "affiliations.**",
    "book.chapters", "book.appendices", "book.downloads", "book.repo-url", "book.site-url", "book.description",
    "book.page-footer", "book.page-footer.*", "book.sidebar", "book.sidebar.title",
    "bibliography", "csl", "link-citations", "reference-section-title", "lang", "citeproc", "filters", "jupyter",
    "execute", "execute.echo", "execute.eval", "execute.output", "execute.include", "execute.warning",
    "execute.error",
    "toc", "toc-depth", "toc-title", "number-sections", "number-depth",
    "crossref", "crossref.chapters",
    "format", "format.html", "format.typst", "format.docx",
    *(f"format.{name}.{key}" for name in ("html", "typst", "docx") for key in _FORMAT_KEYS),
    "format.html.html-math-method", "format.html.embed-resources", "format.html.code-tools",
    "format.html.other-links", "format.html.css",
    "format.typst.papersize", "format.typst.pdf-standard", "format.typst.keep-typ", "format.typst.mainfont",
    "format.typst.sansfont", "format.typst.codefont",
    "format.docx.reference-doc",
}  # fmt: skip

# Known to Quarto, of no meaning here: its own page frame, its own caches, and steps that the caller runs itself.
QUARTO_FRAME = {
    "date-format", "project.pre-render", "project.post-render", "project.resources", "project.preview", "project.preview.**",
    "book.favicon", "book.cover-image", "book.search", "book.search.**", "book.reader-mode", "book.repo-branch",
    "book.repo-actions", "book.repo-subdir", "book.sharing", "book.page-navigation", "book.back-to-top-navigation",
    "book.sidebar.**", "book.sidebar.style", "book.sidebar.background", "book.sidebar.collapse-level",
    "book.navbar", "book.navbar.**", "book.open-graph", "book.twitter-card", "book.google-scholar", "book.image",
    "book.bread-crumbs", "book.body-footer", "book.body-header", "book.tools", "book.tools.**",
    "execute.freeze", "execute.cache", "execute.daemon", "execute.daemon-restart", "execute.debug",
    "format.*.theme", "format.*.theme.**", "format.*.fig-format", "format.*.fig-width", "format.*.fig-height",
    "format.*.fig-dpi", "format.*.fig-align", "format.*.fig-responsive", "format.*.df-print",
    "format.*.default-image-extension", "format.*.callout-icon",
    "format.html.code-copy", "format.html.code-line-numbers", "format.html.code-overflow", "format.html.code-link",
    "format.*.highlight-style", "format.*.highlight-style.**", "format.*.syntax-highlighting",
    "format.html.anchor-sections", "format.html.smooth-scroll", "format.html.link-external-newwindow",
    "format.html.link-external-icon", "format.html.citations-hover", "format.html.footnotes-hover",
    "format.html.crossrefs-hover", "format.html.grid", "format.html.grid.**", "format.html.page-layout",
    "format.html.respect-user-color-scheme", "format.html.lightbox", "format.html.toc-location",
    "format.html.toc-expand", "format.html.minimal",
    "format.html.mainfont", "format.html.fontsize", "format.html.linestretch", "format.html.backgroundcolor",
    "format.html.fontcolor", "format.html.linkcolor", "format.html.max-width", "format.html.keep-md",
    "format.html.format-links", "format.html.code-links", "format.html.axe", "format.html.axe.**",
    "format.typst.margin", "format.typst.margin.**", "format.typst.template", "format.typst.template-partials",
    "format.typst.include-in-header", "format.typst.include-in-header.**", "format.typst.include-before-body",
    "format.typst.include-after-body", "format.typst.include-before-body.**", "format.typst.columns",
    "format.typst.fontsize", "format.typst.section-numbering", "format.typst.linestretch",
    "format.typst.font-paths", "format.typst.monofont",
    "format.typst.brand", "format.typst.linkcolor", "format.typst.citecolor", "format.typst.filecolor",
    "format.typst.title-page", "format.typst.logo", "format.typst.fig-pos", "format.typst.tbl-cap-location",
    "format.docx.fig-pos", "format.docx.page-width", "format.docx.prefer-html", "format.docx.keep-md",
    "format.typst.keep-md", "keep-md", "keep-ipynb", "brand", "theme", "fig-cap-location", "tbl-cap-location",
    "format.*.fig-cap-location", "format.*.tbl-cap-location", "validate-yaml", "notebook-view", "notebook-links",
}  # fmt: skip

_PAGE_KEYS = {
    "title", "subtitle", "toc", "toc-depth", "number-sections", "number-depth", "execute", "execute.echo",
    "execute.eval", "execute.output", "execute.include", "execute.warning", "execute.error", "code-fold",
    "code-summary", "jupyter", "lang", "description", "engine",
}  # fmt: skip


@dataclass(frozen=True)
class Link:
    """A further link of the sidebar; `href` is relative to the book's folder, or an address."""

    text: str
    href: str


@dataclass(frozen=True)
class ChapterFile:
    """One chapter of the book, in the order of the book."""

    name: str  # path relative to the project, forward slashes: "chapters/results.qmd"
    path: Path
    appendix: bool

    @property
    def stem(self) -> str:
        """Name of the notebook and of the folder of figures; unique in a book."""
        return PurePosixPath(self.name).stem

    @property
    def page(self) -> str:
        """The HTML page, relative to the output folder."""
        return str(PurePosixPath(self.name).with_suffix(".html"))


@dataclass(frozen=True)
class Project:
    """What `_quarto.yml` says, checked."""

    root: Path
    title: str
    subtitle: str
    description: str
    authors: Authors
    date: str  # as printed
    output_file: str  # stem of the PDF and the Word file
    lang: str
    chapters: tuple[ChapterFile, ...]
    bibliography: tuple[Path, ...]
    csl: Path | None
    filters: tuple[Path, ...]
    downloads: tuple[str, ...]
    links: tuple[Link, ...]
    footer: str
    repo_url: str
    settings: dict[str, Any]

    def option(self, output_format: str, key: str, default: Any) -> Any:
        """A format's option: `format.<name>.<key>`, else `<key>` at the top, else the default."""
        name = {"pdf": "typst", "jats": "docx"}.get(output_format, output_format)  # a journal's XML is like its Word file
        for full_name, own in (self.settings.get("format") or {}).items():
            if _plain_format(full_name) == name and isinstance(own, dict) and key in own:
                return own[key]
        return self.settings.get(key, default)

    def shown(self, output_format: str) -> dict[str, Any]:
        """What a format says about showing code, which goes before the `execute` settings."""
        echo = self.option(output_format, "echo", None)
        return {} if echo is None else {"echo": bool(echo)}


def load_yaml(text: str, file: str, first_line: int = 1) -> Any:
    """YAML with the places of its keys kept; a syntax error names file and line."""
    try:
        return YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + first_line if mark else first_line
        raise RenderError(f"not valid YAML: {error.problem or error}", file, line) from None


def load_project(root: Path) -> Project:
    """Read and check the `_quarto.yml` of a book project; `RenderError` names what is wrong and its line."""
    path = root / CONFIG
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RenderError(f"no book project: {error.strerror} ({CONFIG})", CONFIG) from None
    except UnicodeDecodeError:
        raise RenderError("not UTF-8 text; save it as UTF-8", CONFIG) from None
    settings = load_yaml(text, CONFIG)
    if not isinstance(settings, dict):
        raise RenderError("expected settings by name, such as `project:` and `book:`", CONFIG, 1)
    refuse_unknown(settings, FOLLOWED | QUARTO_FRAME, CONFIG)
    return _Reader(root, settings).project()


def page_settings(text: str, file: str) -> dict[str, Any]:
    """The front matter of a chapter (the text between its `---` lines, from line 2 of the file on), checked."""
    settings = load_yaml(text, file, first_line=2) if text.strip() else {}
    if not isinstance(settings, dict):
        raise RenderError("the front matter must be settings by name, such as `title: Methods`", file, 2)
    refuse_unknown(settings, _PAGE_KEYS, file, first_line=2)
    return settings


def refuse_unknown(settings: Any, known: set[str], file: str, first_line: int = 1) -> None:
    """Raise at the first key that no known path covers."""
    for path, line in _keys(settings):
        if not any(_covers(pattern, path) for pattern in known):
            raise RenderError(
                f"the built-in renderer does not know `{'.'.join(path)}`; remove it, or render with Quarto",
                file, line + first_line,
            )  # fmt: skip


def _keys(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(node, dict):
        for name, value in node.items():
            key = _plain_format(name) if path == ("format",) else name
            line = node.lc.key(name)[0] if hasattr(node, "lc") else 0
            yield (*path, str(key)), line
            yield from _keys(value, (*path, str(key)))


def _covers(pattern: str, path: tuple[str, ...]) -> bool:
    parts = pattern.split(".")
    if parts[-1] == "**":
        parts = parts[:-1]
        return len(path) > len(parts) and all(_same(p, key) for p, key in zip(parts, path, strict=False))
    return len(parts) == len(path) and all(_same(p, key) for p, key in zip(parts, path, strict=True))


def _plain_format(name: str) -> str:
    """The format behind the name of a Quarto extension's: "report-typst" is Typst with another frame."""
    return re.sub(r"^.+-(html|typst|docx)$", r"\1", str(name))


def _same(pattern: str, key: str) -> bool:
    return pattern in ("*", key)


class _Reader:
    """Takes the settings apart, with the line at hand for each complaint."""

    def __init__(self, root: Path, settings: dict[str, Any]) -> None:
        self.root, self.settings = root, settings

    def fail(self, message: str, *path: str) -> RenderError:
        return RenderError(message, CONFIG, self.line(*path))

    def line(self, *path: str) -> int:
        node, line = self.settings, 1
        for key in path:
            if not isinstance(node, dict) or key not in node:
                break
            line = node.lc.key(key)[0] + 1
            node = node[key]
        return line

    def section(self, *path: str) -> Any:
        node: Any = self.settings
        for key in path:
            node = node.get(key) if isinstance(node, dict) else None
        return node

    def text(self, *path: str, default: str = "") -> str:
        value = self.section(*path)
        if value is None:
            return default
        if isinstance(value, (str, int, float, date)):
            return str(value).strip()
        raise self.fail(f"`{'.'.join(path)}` must be a text", *path)

    def texts(self, *path: str) -> list[str]:
        value = self.section(*path)
        values = [] if value is None else value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in values):
            raise self.fail(f"`{'.'.join(path)}` must be a text or a list of texts", *path)
        return [str(item) for item in values]

    def project(self) -> Project:
        if self.text("project", "type") != "book":
            raise self.fail("`project.type` must be `book`", "project", "type")
        if self.text("project", "execute-dir", default="file") != "project":
            raise self.fail("`project.execute-dir` must be `project`: cells run in the project's folder", "project")
        formats = self.section("format") or {}
        if not isinstance(formats, dict):
            raise self.fail("`format` must be settings by name: html, typst, docx", "format")
        if self.section("format", "html", "embed-resources"):
            raise self.fail("`embed-resources` is not supported; pages keep their files beside them", "format", "html")
        if self.section("format", "html", "html-math-method") not in (None, "mathml"):
            raise self.fail(
                "`html-math-method` must be mathml: the others load programs from outside", "format", "html",
                "html-math-method",
            )  # fmt: skip
        title = self.text("book", "title")
        if not title:
            raise self.fail("`book.title` is missing", "book")
        chapters = self.chapters()
        lang = self.text("lang", default="en")
        return Project(
            root=self.root,
            title=title,
            subtitle=self.text("book", "subtitle"),
            description=self.text("book", "description"),
            authors=read_authors(self.settings),
            date=printed_date(self.text("book", "date"), lang, self.line("book", "date")),
            output_file=self.text("book", "output-file", default=_slug(title)),
            lang=lang,
            chapters=chapters,
            bibliography=tuple(self.file(name, "bibliography") for name in self.texts("bibliography")),
            csl=self.file(self.text("csl"), "csl") if self.section("csl") else None,
            filters=tuple(self.filters()),
            downloads=tuple(self.texts("book", "downloads")),
            links=tuple(self.links()),
            footer=self.footer(),
            repo_url=self.text("book", "repo-url"),
            settings=self.settings,
        )

    def file(self, name: str, *path: str) -> Path:
        found = self.root / name
        if not found.is_file():
            raise self.fail(f"`{'.'.join(path)}`: there is no file {name}", *path)
        return found

    def chapters(self) -> tuple[ChapterFile, ...]:
        found: list[ChapterFile] = []
        for key in ("chapters", "appendices"):
            entries = self.section("book", key)
            if entries is None:
                continue
            if not isinstance(entries, list):
                raise self.fail(f"`book.{key}` must be a list of .qmd files", "book", key)
            for position, entry in enumerate(entries):
                line = entries.lc.item(position)[0] + 1
                if isinstance(entry, dict) and set(entry) <= {"file", "text", "href"} and len(entry) <= 2:
                    entry = entry.get("file") or entry.get("href")
                if not isinstance(entry, str) or not entry.endswith(".qmd"):
                    raise RenderError("a chapter must be a .qmd file; parts are not supported", CONFIG, line)
                path = self.root / entry
                if not path.is_file():
                    raise RenderError(f"there is no chapter {entry}", CONFIG, line)
                chapter = ChapterFile(PurePosixPath(entry).as_posix(), path, key == "appendices")
                if any(chapter.stem == other.stem for other in found):
                    raise RenderError(f"two chapters are named {chapter.stem}; rename one", CONFIG, line)
                found.append(chapter)
        if not found or found[0].name != "index.qmd":
            raise self.fail("`book.chapters` must begin with index.qmd", "book", "chapters")
        return tuple(found)

    def filters(self) -> Iterator[Path]:
        entries = self.section("filters") or []
        for entry in entries:
            name = entry.get("path") if isinstance(entry, dict) else entry
            if name == "quarto":
                continue  # marks the place of Quarto's own filters in the list
            if not isinstance(name, str) or not name.endswith(".lua"):
                raise self.fail(f"a filter must be a .lua file of the project, not {name}", "filters")
            yield self.file(name, "filters")

    def links(self) -> Iterator[Link]:
        for entry in self.section("format", "html", "other-links") or []:
            if not isinstance(entry, dict) or not {"text", "href"} <= set(entry):
                raise self.fail("a link needs `text` and `href`", "format", "html", "other-links")
            yield Link(str(entry["text"]), str(entry["href"]))

    def footer(self) -> str:
        value = self.section("book", "page-footer")
        if isinstance(value, dict):
            parts = [value.get(side) for side in ("left", "center", "right")]
            if not all(part is None or isinstance(part, str) for part in parts):
                raise self.fail("`page-footer` must be texts", "book", "page-footer")
            return " · ".join(part for part in parts if part)
        return self.text("book", "page-footer")


# Keys inside lists (authors, chapters, links, filters) are checked where they are read.
def _slug(title: str) -> str:
    return re.sub(r"[^\w-]+", "-", title).strip("-")


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def printed_date(value: str, lang: str, line: int) -> str:
    """An ISO date in words, as Quarto prints it (`date-format: long`); any other text as it stands."""
    if value in ("today", "now", "last-modified"):
        raise RenderError(
            f"`date: {value}` would make every render different; write the date as 2026-01-31", CONFIG, line
        )
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    month = _MONTHS[day.month - 1]
    if lang.lower() in ("en", "en-us"):
        return f"{month} {day.day}, {day.year}"
    if lang.lower().startswith("en"):
        return f"{day.day} {month} {day.year}"
    return day.isoformat()
