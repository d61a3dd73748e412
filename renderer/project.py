"""The book project: `_quarto.yml`, read strictly. Which options are followed is said in `renderer/options.py`."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path, PurePosixPath
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from renderer import options
from renderer.authors import Authors, read_authors
from renderer.conditions import Conditions
from renderer.notebook_chapter import SUFFIX as NOTEBOOK
from renderer.profiles import active, file_of, lay_over
from renderer.render_error import RenderError, at_once
from renderer.shortcodes import Texts
from renderer.words import Words, has_words, known_languages

CONFIG = "_quarto.yml"

VARIABLES = "_variables.yml"


@dataclass(frozen=True)
class Link:
    """A further link of the sidebar; `href` is relative to the book's folder, or an address."""

    text: str
    href: str


@dataclass(frozen=True)
class ChapterFile:
    """One chapter of the book, in the order of the book."""

    name: str  # path relative to the project, forward slashes: "chapters/results.qmd", "chapters/draft.ipynb"
    path: Path
    appendix: bool
    shares_its_name: bool = False  # with a chapter in another folder

    @property
    def stem(self) -> str:
        """Name of the notebook, unique in a book: "results", "chapters--results" where another folder has a chapter of that name."""
        path = PurePosixPath(self.name).with_suffix("")
        return "--".join(path.parts) if self.shares_its_name else path.name

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
    downloads: tuple[str, ...] | None  # None: whatever is made
    links: tuple[Link, ...]
    footer: str  # Markdown
    repo_url: str
    site_url: str
    doi: str
    bar_title: str  # in the bar above every page
    cover: Path | None
    cover_alt: str
    favicon: Path | None
    resources: tuple[Path, ...]
    typst_header: str  # goes before the text of the PDF
    warnings: tuple[str, ...]  # what is accepted without an effect
    settings: dict[str, Any]
    profiles: tuple[str, ...] = ()
    variables: dict[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> Words:
        """What captions, references and headings of the book are called."""
        return Words(
            self.lang,
            *(each if isinstance(each := self.settings.get(key), dict) else None for key in ("language", "crossref", "supplement")),
        )

    def epoch(self, environment: Mapping[str, str]) -> str:
        """Seconds since 1970 that the PDF and the Word file give as the time of their making: the day on the title page where it is
        one, else `SOURCE_DATE_EPOCH`."""
        try:
            day = date.fromisoformat(str((self.settings.get("book") or {}).get("date")))
        except ValueError:
            return environment.get("SOURCE_DATE_EPOCH", "0")
        return str(int(datetime.combine(day, time(), UTC).timestamp()))

    @property
    def contents_title(self) -> str:
        """What stands above the contents of the PDF and the Word file, short where that is possible."""
        return "Contents" if self.lang.partition("-")[0] == "en" else self.words["toc-title-document"]

    def conditions(self, page: Mapping[str, Any]) -> Conditions:
        """What conditions in a chapter with these settings are held against."""
        return Conditions(plain_data({**self.settings, **page}), self.profiles)

    def texts(self, page: Mapping[str, Any]) -> Texts:
        """What shortcodes in a chapter with these settings give."""
        return Texts(self.variables, {**self.settings, **page})

    def option(self, output_format: str, key: str, default: Any) -> Any:
        """A format's option: `format.<name>.<key>`, else `<key>` at the top, else the default."""
        name = {"pdf": "typst", "jats": "docx"}.get(
            output_format, output_format
        )  # a journal's XML is like its Word file
        for full_name, own in (self.settings.get("format") or {}).items():
            if options.plain_format(full_name) == name and isinstance(own, dict) and key in own:
                return own[key]
        return self.settings.get(key, default)

    def defaults(self, output_format: str) -> dict[str, Any]:
        """Options of all cells in a format: what it says about showing code goes before the `execute` settings."""
        echo = self.option(output_format, "echo", None)
        return {**cell_defaults(self.settings), **({} if echo is None else {"echo": bool(echo)})}


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
    project, problems = read_project(root)
    if problems:
        raise at_once(problems)
    return project


def load_for_quarto(root: Path) -> Project:
    """The settings of a book that Quarto typesets: what concerns typesetting alone is left out; raises :class:`RenderError`."""
    return read_project(root, strict=False)[0]


def read_project(root: Path, strict: bool = True) -> tuple[Project, list[RenderError]]:
    """The project, and what is wrong with its options and its list of chapters, of which it holds the good ones; else as above.

    strict: refuse what this renderer does not typeset; otherwise, for a book that Quarto typesets, leave out what concerns nothing
    but typesetting, and take whatever Quarto takes for a chapter, parts and notebooks included.
    """
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
    refused = options.refusals(settings, CONFIG) if strict else []
    profiles = active(settings, os.environ, root)
    for name in reversed(profiles):  # the first is laid over the others
        refused += _take_profile(root / file_of(name), settings, strict)
    reader = _Reader(root, settings, strict, profiles)
    try:
        project = reader.project()
    except RenderError as problem:
        raise at_once([*refused, problem]) from None
    return project, refused + reader.problems


def _take_profile(path: Path, settings: dict[str, Any], strict: bool) -> list[RenderError]:
    """Lay a profile's options over the settings; what of them is refused."""
    if not path.is_file():
        return []
    own = load_yaml(path.read_text(encoding="utf-8"), path.name)
    if own is None:
        return []
    if not isinstance(own, dict):
        raise RenderError("expected settings by name, such as `book:`", path.name, 1)
    refused = options.refusals(own, path.name) if strict else []
    lay_over(settings, own)
    return refused


def page_settings(text: str, file: str) -> tuple[dict[str, Any], list[RenderError]]:
    """The front matter of a chapter (the text between its `---` lines, from line 2 of the file on), and what is not followed of it."""
    settings = load_yaml(text, file, first_line=2) if text.strip() else {}
    if not isinstance(settings, dict):
        raise RenderError("the front matter must be settings by name, such as `title: Methods`", file, 2)
    problems = [RenderError(message, file, line + 2) for message, line in options.page_refusals(settings)]
    return plain_data(settings), problems


def page_option(settings: Mapping[str, Any], output_format: str, key: str, default: Any) -> Any:
    """An option of a page: of the format on this page, else of the page, else the default."""
    own = (settings.get("format") or {}) if isinstance(settings.get("format"), dict) else {}
    own = own.get("html") if output_format == "html" else None
    if isinstance(own, dict) and key in own:
        return own[key]
    return settings.get(key, default)


def cell_defaults(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Options of all cells of a book, which its pages and the cells themselves may set otherwise."""
    sizes = {key: settings[key] for key in ("fig-width", "fig-height") if key in settings}
    return {**sizes, **(settings.get("execute") or {})}


def plain_data(node: Any) -> Any:
    """YAML's data without the places of its keys."""
    if isinstance(node, dict):
        return {str(key): plain_data(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain_data(each) for each in node]
    return str(node) if isinstance(node, str) else node


_NO_FRAME: dict[str, Any] = {
    "downloads": None, "links": (), "footer": "", "repo_url": "", "site_url": "", "doi": "", "bar_title": "", "cover": None,
    "cover_alt": "", "favicon": None, "resources": (), "typst_header": "", "warnings": (), "date": "", "csl": None, "filters": (),
}  # fmt: skip


class _Reader:
    """Takes the settings apart, with the line at hand for each complaint."""

    def __init__(self, root: Path, settings: dict[str, Any], strict: bool, profiles: tuple[str, ...] = ()) -> None:
        self.root, self.settings, self.strict, self.profiles = root, settings, strict, profiles
        self.problems: list[RenderError] = []  # of the list of chapters, and absent bibliographies

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
        title = self.text("book", "title")
        if not title:
            raise self.fail("`book.title` is missing", "book")
        chapters = self.chapters()
        self.supplement()
        lang = self.text("lang", default="en")
        if self.strict and not has_words(lang):
            known = ", ".join(known_languages())
            self.problems.append(
                self.fail(
                    f"`lang: {lang}`: there are no words of captions and references in it, only in {known}", "lang"
                )
            )
        return Project(
            root=self.root,
            title=title,
            subtitle=self.text("book", "subtitle"),
            description=self.text("book", "description"),
            authors=read_authors(self.settings),
            output_file=self.text("book", "output-file", default=_slug(title)),
            lang=lang,
            chapters=chapters,
            bibliography=self.bibliography(),
            **(self.frame(title, lang) if self.strict else _NO_FRAME),
            settings=self.settings,
            profiles=self.profiles,
            variables=self.variables(),
        )

    def supplement(self) -> None:
        """Look at what the appendices are to be called and how they are counted, where they are a supplement."""
        own = self.section("supplement")
        if own is not None and not (
            isinstance(own, dict) and self.text("supplement", "title") and re.fullmatch("[A-Z]+", self.text("supplement", "prefix"))
        ):
            wanted = "a `title`, and a `prefix` of capital letters for its numbers, such as S; without it, appendices are A, B, …"
            self.problems.append(self.fail(f"`supplement` needs {wanted}", "supplement"))

    def variables(self) -> dict[str, Any]:
        """What `{{< var >}}` gives."""
        path = self.root / VARIABLES
        values = load_yaml(path.read_text(encoding="utf-8"), VARIABLES) if path.is_file() else None
        if values is not None and not isinstance(values, dict):
            raise RenderError("expected values by name, such as `drug: dupilumab`", VARIABLES, 1)
        return plain_data(values or {})

    def file(self, name: str, *path: str) -> Path:
        found = self.root / name
        if not found.is_file():
            raise self.fail(f"`{'.'.join(path)}`: there is no file {name}", *path)
        return found

    def frame(self, title: str, lang: str) -> dict[str, Any]:
        """What stands around the chapters in the built-in renderer's own website and PDF; Quarto has its own ways."""
        return {
            "downloads": self.downloads(),
            "links": tuple(self.links()),
            "footer": self.footer(),
            "repo_url": self.text("book", "repo-url"),
            "site_url": self.text("book", "site-url"),
            "doi": self.text("book", "doi"),
            "bar_title": self.text("book", "sidebar", "title", default=title),
            "cover": self.image("book", "cover-image"),
            "cover_alt": self.text("book", "cover-image-alt"),
            "favicon": self.image("book", "favicon"),
            "resources": tuple(self.resources()),
            "typst_header": self.typst_header(),
            "warnings": tuple(options.warnings(self.settings, CONFIG)),
            "date": printed_date(self.text("book", "date"), lang, self.line("book", "date")),
            "csl": self.file(self.text("csl"), "csl") if self.section("csl") else None,
            "filters": tuple(self.filters()),
        }

    def image(self, *path: str) -> Path | None:
        name = self.text(*path)
        if not name:
            return None
        if "://" in name or ".." in PurePosixPath(name).parts:
            raise self.fail(f"`{'.'.join(path)}`: {name} is outside the project; put it into the project", *path)
        return self.file(name.lstrip("/"), *path)

    def typst_header(self) -> str:
        """Texts of `include-in-header`, of whatever name the format has; a path stands for the content of the file."""
        parts = []
        for name, own in (self.section("format") or {}).items():
            if options.plain_format(name) != "typst" or not isinstance(own, dict) or "include-in-header" not in own:
                continue
            place = ("format", str(name), "include-in-header")
            value = own["include-in-header"]
            for entry in value if isinstance(value, list) else [value]:
                if isinstance(entry, dict) and set(entry) == {"text"} and isinstance(entry["text"], str):
                    parts.append(entry["text"].strip())
                elif isinstance(entry, str) or (isinstance(entry, dict) and set(entry) == {"file"}):
                    path = self.file(str(entry if isinstance(entry, str) else entry["file"]), *place)
                    parts.append(path.read_text(encoding="utf-8").strip())
                else:
                    raise self.fail("`include-in-header` is a path, or has `text:` or `file:`", *place)
        return "".join(f"{part}\n" for part in parts)

    def downloads(self) -> tuple[str, ...] | None:
        if self.section("book", "downloads") is None:
            return None
        names = self.texts("book", "downloads")
        for name in names:
            if name not in ("pdf", "docx"):
                raise self.fail(f"`book.downloads`: {name} is not made here, only pdf and docx", "book", "downloads")
        return tuple(names)

    def resources(self) -> Iterator[Path]:
        for pattern in self.texts("project", "resources"):
            inside = PurePosixPath(pattern.lstrip("/"))
            if pattern.startswith("!") or ".." in inside.parts or not inside.parts:
                raise self.fail(f"`project.resources`: {pattern} is no path inside the project", "project", "resources")
            named = sorted(self.root.glob(str(inside)))
            found = [path for path in named if path.is_file()]
            found += [
                path for folder in named if folder.is_dir() for path in sorted(folder.rglob("*")) if path.is_file()
            ]
            if not found:
                raise self.fail(
                    f"`project.resources`: there is no file {pattern}; name each file", "project", "resources"
                )
            yield from found

    def bibliography(self) -> tuple[Path, ...]:
        """Those that are there; absent ones are said with the chapters' problems."""
        found = []
        for name in self.texts("bibliography"):
            try:
                found.append(self.file(name, "bibliography"))
            except RenderError as problem:
                self.problems.append(problem)
        return tuple(found)

    def chapters(self) -> tuple[ChapterFile, ...]:
        found: list[ChapterFile] = []
        for key in ("chapters", "appendices"):
            entries = self.section("book", key)
            if entries is None:
                continue
            if not isinstance(entries, list):
                raise self.fail(f"`book.{key}` must be a list of .qmd files and notebooks", "book", key)
            for entry, line in self.listed(entries):
                if isinstance(entry, dict) and set(entry) <= {"file", "text", "href"} and len(entry) <= 2:
                    entry = entry.get("file") or entry.get("href")
                if self.strict and (not isinstance(entry, str) or not entry.endswith((".qmd", NOTEBOOK))):
                    message = (
                        "a chapter must be a .qmd file or a notebook; parts are not supported: list their chapters one by one, or "
                        "render with Quarto"
                    )
                    raise RenderError(message, CONFIG, line)
                if not isinstance(entry, str):
                    continue
                path = self.root / entry
                chapter = ChapterFile(PurePosixPath(entry).as_posix(), path, key == "appendices")
                problem = None
                if any(chapter.name == other.name for other in found):
                    problem = f"{chapter.name} is listed twice; take one out"
                elif not path.is_file():
                    problem = f"there is no chapter {entry}; correct its name, or take it out of the list"
                elif any(chapter.page == other.page for other in found):
                    problem = f"two chapters have the page {chapter.page}; rename one"
                elif not self.strict and entry.endswith(NOTEBOOK) and self.section("execute", "enabled") is not True:
                    problem = f"Quarto prints what is stored in {entry} instead of running it; write `execute: {{enabled: true}}`"
                if problem:
                    self.problems.append(RenderError(problem, CONFIG, line))
                else:
                    found.append(chapter)
        if self.strict and not self.problems and (not found or found[0].page != "index.html"):
            raise self.fail("`book.chapters` must begin with index.qmd (or index.ipynb)", "book", "chapters")
        stems = Counter(chapter.stem for chapter in found)
        return tuple(replace(chapter, shares_its_name=stems[chapter.stem] > 1) for chapter in found)

    def listed(self, entries: list[Any]) -> Iterator[tuple[Any, int]]:
        """Entries with their lines; for Quarto's book the files of a part, and not its name, stand in the part's place."""
        for position, entry in enumerate(entries):
            line = entries.lc.item(position)[0] + 1  # type: ignore[attr-defined]
            if self.strict or not isinstance(entry, dict) or "part" not in entry:
                yield entry, line
                continue
            if (self.root / str(entry["part"])).is_file():
                yield entry["part"], line
            yield from self.listed(entry.get("chapters") or [])

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
            return " · ".join(part.strip() for part in parts if part)
        return self.text("book", "page-footer")


# Keys inside lists (authors, chapters, links, filters) are checked where they are read.
def _slug(title: str) -> str:
    return re.sub(r"[^\w-]+", "-", title).strip("-")


def printed_date(value: str, lang: str, line: int) -> str:
    """An ISO date in words, as Quarto prints it (`date-format: long`); any other text as it stands.

    >>> printed_date("2026-01-31", "en-GB", 1), printed_date("2026-01-31", "en", 1), printed_date("2026-01-31", "de", 1)
    ('31 January 2026', 'January 31, 2026', '31. Januar 2026')
    """
    if value in ("today", "now", "last-modified"):
        raise RenderError(
            f"`date: {value}` would make every render different; write the date as 2026-01-31", CONFIG, line
        )
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    try:
        locale = Locale.parse(lang, sep="-")
    except (UnknownLocaleError, ValueError):
        return day.isoformat()
    return format_date(day, "long", locale=locale)
