"""The gallery of features: what its source says must be seen, and what a rendered book shows, feature by feature.

Every `##` section of `tests/books/gallery` is a feature. The comment below its heading says what must be found there, in every format
or in one (`html:`, `pdf:`, `docx:`): `text` (pieces of text), `not` (what must not be there), `anywhere` (pieces of text that may
stand in a note), and how many `pictures`, `tables`, `formulas` and `links` there are on the page and in the Word file. `differs` says
by format what Quarto shows otherwise.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import docx
import pypdf
import yaml
from bs4 import BeautifulSoup, Comment
from docx.oxml.ns import qn

BOOK = Path(__file__).parent / "books" / "gallery"
FORMATS = ("html", "pdf", "docx")
COUNTED = ("pictures", "tables", "formulas", "links")


@dataclass(frozen=True)
class Feature:
    chapter: str
    title: str
    identifier: str
    seen: dict[str, Any]

    @property
    def differs(self) -> dict[str, str]:
        """By format what the engines show otherwise, and why."""
        return self.seen.get("differs", {})

    def asked(self, name: str) -> dict[str, Any]:
        """What must be found in a format."""
        whole = {key: value for key, value in self.seen.items() if key not in FORMATS}
        return {**whole, **self.seen.get(name, {})}


@dataclass
class Section:
    """What a rendered book shows of a feature. blocks: kind and text of each, in order."""

    text: str = ""
    blocks: list[tuple[str, str]] = field(default_factory=list)
    counts: dict[str, int] | None = None


def features() -> list[Feature]:
    """All features, in the order of the book."""
    chapters = yaml.safe_load((BOOK / "_quarto.yml").read_text("utf-8"))["book"]["chapters"]
    found = []
    for name in chapters:
        text = (BOOK / name).read_text("utf-8")
        for title, identifier, seen in re.findall(
            r"^## ([^\n]+) \{#([\w-]+)\}\n\n<!-- seen\n(.*?)-->", text, re.MULTILINE | re.DOTALL
        ):
            found.append(Feature(Path(name).stem, title, identifier, yaml.safe_load(seen)))
        assert len(re.findall(r"^## .*\{#", text, re.MULTILINE)) == sum(
            each.chapter == Path(name).stem for each in found
        ), name
    return found


def plain(text: str) -> str:
    """A text without differences of spacing, dashes and quotation marks."""
    text = re.sub(r"[\u200b\u2060\ufeff\u00ad]", "", text)
    for former, new in (("\u2019", "'"), ("\u2018", "'"), ("\u201c", '"'), ("\u201d", '"'), ("\u2026", "...")):
        text = text.replace(former, new)
    return re.sub(r"(Chapter \d+)\.(?=[ ,])", r"\1", " ".join(text.split()))


def lacks(feature: Feature, section: Section, whole: str, name: str) -> list[str]:
    """What a section must show and does not, and what it shows and must not."""
    asked = feature.asked(name)
    form = _printed if name == "pdf" else _bare
    here = form(section.text)
    found = [f"not there: {text}" for text in asked.get("text", ()) if form(text) not in here]
    found += [f"nowhere: {text}" for text in asked.get("anywhere", ()) if _bare(text) not in _bare(whole)]
    found += [f"is there: {text}" for text in asked.get("not", ()) if form(text) in here]
    for what in COUNTED:
        if what in asked and section.counts is not None and section.counts[what] != asked[what]:
            found.append(f"{section.counts[what]} {what}, not {asked[what]}")
    return found


def _bare(text: str) -> str:
    """Without any blanks: a PDF says little of them."""
    return re.sub(r"\s", "", plain(text))


# --- the website ----------------------------------------------------------------------------------------------------

_NOT_TEXT = (
    "script, style, nav, button, .code-copy-button, a.anchor, .screen-reader-only, .visually-hidden, .copy-link, math annotation, "
    "figure.figure > .enlarge, .notebook-link, .code-annotation-anchor"
)


def pages(output: Path) -> tuple[dict[str, Section], str]:
    """Sections by identifier, and all the text."""
    found: dict[str, Section] = {}
    whole = []
    for path in [output / "index.html", *sorted((output / "chapters").glob("*.html"))]:
        main = BeautifulSoup(path.read_text("utf-8"), "html.parser").find("main")
        for comment in main.find_all(string=lambda text: isinstance(text, Comment)):
            comment.extract()
        for element in main.select(_NOT_TEXT):
            element.decompose()
        whole.append(main.get_text(" "))
        for section in main.select("section.level2[id], section[id]:has(> h2)"):
            found[section["id"]] = _section(section)
    return found, plain(" ".join(whole))


def _section(section: Any) -> Section:
    section.h2.extract()
    counts = {
        "pictures": len(section.select("img, svg.drawn")), "tables": len(section.find_all("table")),
        "formulas": len(section.find_all("math")), "links": len(section.select("a[href]:not(.quarto-xref, pre a, .footnote-ref)")),
    }  # fmt: skip
    text = plain(section.get_text())
    return Section(text, list(_blocks(section)), counts)


_KINDS = {
    "p": "text", "li": "text", "dt": "term", "dd": "text", "figcaption": "caption", "caption": "caption", "th": "cell", "td": "cell",
    "pre": "code", "h3": "heading", "summary": "summary", "math": "formula", "img": "picture", "svg": "picture",
}  # fmt: skip


_TITLES = ("callout-title", "callout-title-container", "tab-title")
_MARGINS = ".margin-note, .column-margin"


def _blocks(section: Any) -> Iterator[tuple[str, str]]:
    """Every piece of the section with text of its own, formulas and pictures by what they say; what is in the margin comes last."""
    margins = [element.extract() for element in section.select(_MARGINS) if not element.find_parent(class_="column-margin")]
    for element in section.find_all(True):
        classes = set(element.get("class", ()))
        kind = "title" if classes & set(_TITLES) or element.get("role") == "tab" else _KINDS.get(element.name)
        kind = "file" if kind and element.find_parent(class_=["code-filename", "code-with-filename-file"]) else kind
        inner = kind != "title" and (element.find_parent(class_=_TITLES) or element.find_parent(class_="nav-item"))
        if kind is None or inner or "nav-item" in classes:
            continue
        holds_others = element.name in ("li", "dd", "td", "th") and element.find(("p", "li", "dt", "dd", "pre", "ul", "ol"))
        words = plain(element.get("alt", "") if kind == "picture" else element.get_text())
        if kind == "formula":
            words = _bare(words)
        if kind == "code":
            words = re.sub(r" *[\u2460-\u2473]", "", words)  # marks of annotations
        if (words and not holds_others) or kind == "picture":
            yield kind, words
    yield from (("margin", plain(each.get_text())) for each in margins)


# --- the PDF --------------------------------------------------------------------------------------------------------


def print_sections(path: Path, of: list[Feature]) -> tuple[dict[str, Section], str]:
    """The text between the headings, without heads and feet of the pages, and all of it."""
    pages = [page.extract_text() for page in pypdf.PdfReader(path).pages]
    whole = "\n".join("\n".join(line for line in page.split("\n") if not _RUNNING.fullmatch(plain(line))) for page in pages)
    whole = re.sub(r"[^\S\n]", " ", whole)
    place = whole.rfind("\n", 0, whole.rfind(of[0].title)) + 1  # after the contents
    ends = [hit.start() for hit in _CHAPTER.finditer(whole, place)]
    places = []
    for feature in of:
        words = r"\s+".join(map(re.escape, feature.title.split()))
        hit = re.compile(rf"^\s*(?:\d+\.\d+\s*(?:-\s*)?)?{words}\s*$", re.MULTILINE).search(whole, place)
        assert hit, f"{path.name} has no heading {feature.title}"
        places.append((feature, hit.start(), hit.end()))
        place = hit.end()
    found = {}
    for (feature, _, begin), following in zip(places, [*places[1:], None], strict=True):
        end = min([following[1] if following else len(whole), *(each for each in ends if each > begin)])
        found[feature.identifier] = Section(plain(whole[begin:end]))
    return found, plain(whole)


_RUNNING = re.compile(r"\d+ of \d+|\d+ \w+ A gallery of features|\d+ Chapter \d+ \w+|\d+\.\d+ .+ \d+|\d+")
"""Heads and feet of the pages, by either engine; what a feature prints is no bare number on a line but one."""
_CHAPTER = re.compile(r"^\d\.? (?:Mathematics|Code|Figures|Tables|Blocks|Cells|Shortcodes)$|^References$", re.MULTILINE)


# --- the Word file --------------------------------------------------------------------------------------------------


def word_sections(path: Path, of: list[Feature]) -> tuple[dict[str, Section], str]:
    """What stands between the headings of the features, and all the text with that of the notes."""
    document = docx.Document(str(path))
    by_title = {feature.title: feature for feature in of}
    found: dict[str, Section] = {feature.identifier: Section(counts=dict.fromkeys(COUNTED, 0)) for feature in of}
    current: Section | None = None
    for element in document.element.body:
        style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        name = "" if style is None else style.get(qn("w:val"))
        text = _words(element)
        if name.startswith("Heading"):
            bare = re.sub(r"^[\d.]+\s*", "", text)
            if name in ("Heading1", "Heading2"):
                current = found[by_title[bare].identifier] if bare in by_title else None
                continue
        if current is None:
            continue
        for piece in [element] if element.tag == qn("w:p") else list(element.iter(qn("w:p"))):
            if words := re.sub(r"^[\d.]+\s+", "", _words(piece)) if name.startswith("Heading") else _words(piece):
                current.blocks.append(("cell" if element.tag == qn("w:tbl") else "text", words))
        current.text = plain(f"{current.text} {text}")
        counts = current.counts or {}
        counts["pictures"] += len(list(element.iter(qn("w:drawing"))))
        counts["tables"] += _is_table(element)
        counts["formulas"] += len(list(element.iter(qn("m:oMath"))))
        counts["links"] += sum(1 for link in element.iter(qn("w:hyperlink")) if link.get(qn("r:id")))
    notes = [part.blob for part in document.part.package.iter_parts() if str(part.partname) == "/word/footnotes.xml"]
    said = " ".join(re.sub(r"<[^>]+>", " ", note.decode("utf-8")) for note in notes)
    return found, plain(" ".join(section.text for section in found.values()) + " " + said)


def _is_table(element: Any) -> int:
    """Tables of data, not those that put pictures side by side."""
    if element.tag != qn("w:tbl"):
        return 0
    inner = [table for table in element.iter(qn("w:tbl")) if table is not element]
    layout = bool(inner) or next(element.iter(qn("w:drawing")), None) is not None
    return len(inner) if layout else 1


def _words(element: Any) -> str:
    parts = []
    for node in element.iter():
        if node.tag in (qn("w:t"), qn("m:t")):
            parts.append(node.text or "")
        elif node.tag in (qn("w:tab"), qn("w:br"), qn("w:p"), qn("w:tc")):
            parts.append(" ")
    return plain("".join(parts))


# --- a book of an engine --------------------------------------------------------------------------------------------


def shown(output: Path) -> dict[str, tuple[dict[str, Section], str]]:
    """By format what a rendered gallery shows: sections by the feature's identifier, and all the text."""
    of = features()
    sections = {
        "html": pages(output) if (output / "index.html").is_file() else ({}, ""),
        "pdf": print_sections(output / "gallery.pdf", of) if (output / "gallery.pdf").is_file() else ({}, ""),
        "docx": word_sections(output / "gallery.docx", of) if (output / "gallery.docx").is_file() else ({}, ""),
    }
    return sections


def rendered(folder: Path) -> Path:
    """The gallery by the built-in renderer, below `folder`."""
    from renderer import render_book

    output = folder / "out"
    render_book(
        BOOK, output, FORMATS, environment={"SOURCE_DATE_EPOCH": "1767225600"}, inputs="", cache=folder / "cache", cell_seconds=60,
        progress=lambda said: None,
    )  # fmt: skip
    return output


def rendered_by_quarto(folder: Path) -> Path:
    """The gallery by Quarto, one format after the other, for a format that fails would take the others with it."""
    output = folder / "out"
    for name in ("html", "typst", "docx"):
        book = folder / name
        shutil.copytree(BOOK, book)
        environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
        done = subprocess.run(
            ["quarto", "render", "--to", name], cwd=book, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"quarto render --to {name}: {done.stderr[-2000:]}")
        shutil.copytree(book / "_book", output, dirs_exist_ok=True)
    return output


def same(mine: Section, other: Section, name: str) -> bool:
    """Whether two engines show the same of a feature: blocks on the website and in Word, where layouts count for nothing; in the PDF
    the text."""
    if name == "html":
        return mine.blocks == other.blocks
    if name == "docx":
        return _pieces(mine) == _pieces(other)
    return _printed(mine.text) == _printed(other.text)


def _pieces(section: Section) -> list[str]:
    return sorted(_bare(text) for _, text in section.blocks)


@cache
def _notes() -> list[str]:
    return [note for feature in features() for note in feature.asked("pdf").get("anywhere", ())]


def _printed(text: str) -> str:
    """Text of a PDF without what the two frames set in ways of their own: notes at the foot, points and brackets around numbers."""
    for note in _notes():
        text = re.sub(r"\d*\s*" + re.escape(note), "", text)
    text = re.sub(r"(\d\.\d+(?: \([\w ]+\))?)\.(?= )", r"\1", text)
    text = re.sub(r"\(+(\d\.\d+)\)+", r"\1", re.sub(r"(\d\.\d+)\s?\(([a-z])\)", r"\1\2", text))
    text = re.sub(r"(?<=beside it\.)\d|(?<=paragraph)\s?\d", "", text)  # marks of notes that Quarto sets in the margin
    return re.sub(r"(?<=\d)-(?=[A-Z])|\W$", "", _bare(re.sub("[!\U000F0000-\U000FFFFF\ue000-\uf8ff]", "", text)))


# --- the table of the documentation ---------------------------------------------------------------------------------

DOCS = Path(__file__).parent.parent / "docs" / "quarto.md"
ENGINES = {"builtin": "built-in", "quarto": "Quarto"}
_BEGIN, _END = "<!-- table: written by tests/gallery.py -->\n", "<!-- end of the table -->\n"


@dataclass(frozen=True)
class Refused:
    """What the built-in renderer does not take. says: a piece of its message. line: of the text, from 0. instead: what to do."""

    feature: str
    text: str
    says: str
    instead: str
    line: int = 0


REFUSED = (
    Refused("Observable cell", "```{ojs}\n1\n```", "cells of `ojs`", "draw the figure in a Python cell"),
    Refused("Cell of another language", "```{r}\n1\n```", "cells of `r`", "write it in Python"),
    Refused("Placeholder text", "{{< lipsum 1 >}}", "`{{< lipsum 1 >}}`", "write a text"),
    Refused("Placeholder picture", "{{< placeholder 40 40 >}}", "`{{< placeholder 40 40 >}}`", "use a picture of your own"),
    Refused("Variable of the machine", "{{< env HOME >}}", "every render different", "`_variables.yml` and `var`"),
    Refused("Version of Quarto", "{{< version >}}", "`{{< version >}}`", "take it out"),
    Refused("Resolution of a cell's figure", "```{python}\n#| fig-dpi: 300\n1\n```", "`fig-dpi`", "figures are vector drawings", 1),
    Refused("Place of a cell's caption", "```{python}\n#| fig-cap-location: top\n1\n```", "`fig-cap-location`",
            "figures have it below, tables above", 1),
    Refused("Cell that keeps its result by itself", "```{python}\n#| cache: true\n1\n```", "`cache`", "take it out: all cells do", 1),
)  # fmt: skip


def table(shown: dict[str, tuple[dict[str, Section], str]]) -> list[tuple[str, ...]]:
    """A row for each feature: its name, and for each format whether it is seen."""
    rows = []
    for feature in features():
        cells = []
        for name in FORMATS:
            sections, whole = shown[name]
            cells.append("no" if lacks(feature, sections.get(feature.identifier, Section()), whole, name) else "yes")
        rows.append((feature.title, *cells))
    return rows


def written(builtin: list[tuple[str, ...]], quarto: list[tuple[str, ...]]) -> str:
    """The tables as Markdown: what is seen in which engine and format, what differs, and what is refused."""
    head = [f"{engine} {name}" for engine in ENGINES.values() for name in ("HTML", "PDF", "Word")]
    lines = ["| feature | " + " | ".join(head) + " |", "| --- |" + " --- |" * len(head)]
    lines += [
        f"| {mine[0]} | " + " | ".join([*mine[1:], *other[1:]]) + " |"
        for mine, other in zip(builtin, quarto, strict=True)
    ]
    lines += ["", "Where the engines differ:", ""]
    for feature in features():
        lines += [f"- {feature.title}, {_NAMES[name]}: {why}" for name, why in feature.differs.items()]
    lines += ["", "| refused by the built-in renderer | instead |", "| --- | --- |"]
    lines += [f"| {each.feature} | {each.instead} |" for each in REFUSED]
    return "\n".join(lines) + "\n"


_NAMES = {"html": "HTML", "pdf": "PDF", "docx": "Word"}


def table_of_docs(engine: str) -> list[tuple[str, ...]]:
    """What the documentation says of an engine, as :func:`table`."""
    text = DOCS.read_text("utf-8").partition(_BEGIN)[2].partition(_END)[0]
    rows = [
        [cell.strip() for cell in line.strip("| ").split("|")] for line in text.split("\n\n")[0].strip().split("\n")[2:]
    ]
    start = 1 + 3 * list(ENGINES).index(engine)
    return [(row[0], *row[start : start + 3]) for row in rows]


def write_docs() -> None:
    """Render the gallery by both engines and write the table; Quarto must be there."""
    with tempfile.TemporaryDirectory() as folder:
        mine = table(shown(rendered(Path(folder))))
        other = table(shown(rendered_by_quarto(Path(folder) / "quarto")))
    before, _, rest = DOCS.read_text("utf-8").partition(_BEGIN)
    DOCS.write_text(
        before + _BEGIN + "\n" + written(mine, other) + "\n" + _END + rest.partition(_END)[2], encoding="utf-8"
    )


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python tests/gallery.py --write   (writes the table of docs/quarto.md; needs Quarto)")
    sys.path.insert(0, str(Path(__file__).parent.parent))
    write_docs()
