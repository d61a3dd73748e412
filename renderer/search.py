"""What the website's search looks through: one entry a section, with its text as a reader sees it."""

from __future__ import annotations

from lxml import html

from renderer.book import ChapterTree

_UNREAD = ".//details|.//nav|.//script|.//svg|.//*[contains(@class, 'banner')]|.//a[contains(@class, 'code-link')]"
"""What is not looked for: folded code, what is drawn, and what stands on every page or at every exhibit."""


def search_index(chapter: ChapterTree, body: str) -> list[dict[str, str]]:
    """The sections of a page: `chapter` and `title` with their numbers, `text`, the cells of its `tables`, which count for less, and
    `href` from the top of the site."""
    tree = html.fragment_fromstring(body, create_parent="article")
    for element in tree.xpath(_UNREAD):
        element.drop_tree()
    numbers = {heading.identifier: heading for heading in chapter.headings}
    name = _named(chapter.number, chapter.title)
    found = []
    for section in tree.iter("section"):
        heading = numbers.get(section.get("id", ""))
        text, tables = _words(section)
        if heading is None or not (text or tables):
            continue
        title = name if heading.level == 1 else _named(heading.number, heading.text)
        href = chapter.file.page + (f"#{heading.identifier}" if heading.level > 1 else "")
        found.append({"chapter": name, "title": title, "text": text, "tables": tables, "href": href})
    return found


def _named(number: str, title: str) -> str:
    return f"{number} {title}".strip()


def _words(section: html.HtmlElement) -> tuple[str, str]:
    """The section's own text, captions included, and the text of its tables: without its heading and the sections inside it."""
    parts: list[str] = []
    cells: list[str] = []
    _gather(section, parts, cells, top=True)
    return " ".join("".join(parts).split()), " ".join("".join(cells).split())


_CELLS = {"thead", "tbody", "tfoot"}
_INLINE = {"a", "abbr", "b", "code", "em", "i", "small", "span", "strong", "sub", "sup"}


def _gather(element: html.HtmlElement, parts: list[str], cells: list[str], top: bool = False) -> None:
    skipped = (
        not isinstance(element.tag, str)
        or (not top and element.tag == "section")
        or element.tag in {"h1", "h2", "h3", "h4"}
    )
    if not skipped:
        gap = "" if element.tag in _INLINE else " "
        parts.append(gap + (element.text or ""))
        for child in element:
            _gather(child, cells if child.tag in _CELLS else parts, cells)
        parts.append(gap)
    if not top:
        parts.append(element.tail or "")
