"""The frame of the site around pages that no engine makes: results, code and the data check.

It is taken from the first page that the engine has made, so that both engines' sites have one frame each: their letters, their dark
mode, their search, their list of chapters as the way back. Where there is no website the pages stand alone.
"""

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import jinja2
import lxml.html
from lxml import etree

TEMPLATES = Path(__file__).parent / "templates"
STYLE = "origin.css"
_TITLE, _BODY, _UP, _HEAD = (f"frame-4f0c-{name}-mark" for name in ("title", "body", "up", "head"))
"""What stands for a part: letters that are the same in text, addresses and comments."""
_GONE = (
    "//nav[contains(@class, 'contents')]", "//li[a[contains(@href, '.ipynb')]]", "//*[@id='quarto-margin-sidebar']",
    "//nav[@class='page-navigation']", "//link[@rel='next' or @rel='prev']", "//nav[contains(@class, 'breadcrumbs')]/ol/li",
)  # fmt: skip
"""What belongs to the page that the frame is taken from."""
_HERE = (("//*[@aria-current]", "aria-current"), ("//a[contains(@class, 'sidebar-link')]", "active"))
"""What marks that page in lists of pages, by attribute or class."""


@dataclass(frozen=True)
class Frame:
    """Text with marks for a page's title, style sheet, content and way up."""

    text: str

    def around(self, title: str, content: str, place: str) -> str:
        """A whole page; place: its path in the report, for instance `results/efficacy.html`."""
        up = "../" * place.count("/") or "./"
        style = f'<link rel="stylesheet" href="{up}{STYLE}">'
        parts = {_TITLE: html.escape(title), _HEAD: style, _BODY: content, _UP: up}
        return re.sub("frame-4f0c-[a-z]+-mark", lambda mark: parts[mark[0]], self.text)


def templates() -> jinja2.Environment:
    """What is written into the frame."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES, encoding="utf-8"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def frame_of(site: Path) -> Frame:
    """The frame of the website in a folder; the pages stand alone where it has none, or a first page without title or content."""
    first = site / "index.html"
    taken = _taken(first.read_text("utf-8")) if first.is_file() else None
    return taken or Frame((TEMPLATES / "alone.html").read_text("utf-8"))


@lru_cache(maxsize=2)
def _taken(text: str) -> Frame | None:
    page = lxml.html.document_fromstring(text)
    title, main = page.find(".//title"), page.find(".//main")
    if title is None or main is None:
        return None
    for path in _GONE:
        for element in page.xpath(path):
            element.drop_tree()
    for path, mark in _HERE:
        for element in page.xpath(path):
            element.attrib.pop(mark, None)
            element.classes.discard(mark)
    for element in page.xpath("//*[@href or @src]"):
        for name in ("href", "src"):
            link = element.get(name)
            if link and not re.match(r"[a-z][a-z0-9+.-]*:|//|/|#", link):
                element.set(name, _UP + link.removeprefix("./"))
    for meta in page.xpath("//meta[@name='quarto:offset']"):
        meta.set("content", _UP)
    for body in page.xpath("//body[@data-root]"):
        body.set("data-root", _UP + ".")
    title.text = _TITLE
    title.getparent().append(etree.Comment(_HEAD))
    for child in list(main):
        main.remove(child)
    main.text = _BODY
    made = lxml.html.tostring(page, encoding="unicode", doctype="<!DOCTYPE html>")
    return Frame(made.replace(f"<!--{_HEAD}-->", _HEAD))


def write(site: Frame, book: Path, place: str, title: str, content: str) -> None:
    path = book / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(site.around(title, f'<div class="origin">\n{content}\n</div>', place), encoding="utf-8", newline="\n")


def framed(site: Frame, book: Path, folder: str) -> None:
    """Put pages that stand alone into the frame: what is in their `main`, under their own titles."""
    for path in sorted((book / folder).glob("*.html")):
        page = lxml.html.document_fromstring(path.read_text("utf-8"))
        main = page.find(".//main")
        content = (main.text or "") + "".join(lxml.html.tostring(child, encoding="unicode") for child in main)
        write(site, book, f"{folder}/{path.name}", page.findtext(".//title"), content)


def write_style(book: Path) -> None:
    (book / STYLE).write_bytes((TEMPLATES / STYLE).read_bytes())
