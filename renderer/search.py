"""What the website's search looks through: one entry a section, with its text as a reader sees it."""

from __future__ import annotations

from lxml import html

from renderer.book import ChapterTree

_UNREAD = ("details", "nav", "script", "svg")
"""Elements whose text is not looked for: folded code, and what is drawn."""


def search_index(chapter: ChapterTree, body: str) -> list[dict[str, str]]:
    """The sections of a page: `chapter` and `title` with their numbers, `text`, and `href` from the top of the site."""
    tree = html.fragment_fromstring(body, create_parent="article")
    for element in tree.xpath("|".join(f".//{name}" for name in _UNREAD)):
        element.drop_tree()
    numbers = {heading.identifier: heading for heading in chapter.headings}
    name = _named(chapter.number, chapter.title)
    found = []
    for section in tree.iter("section"):
        heading = numbers.get(section.get("id", ""))
        text = _words(section)
        if heading is None or not text:
            continue
        title = name if heading.level == 1 else _named(heading.number, heading.text)
        href = chapter.file.page + (f"#{heading.identifier}" if heading.level > 1 else "")
        found.append({"chapter": name, "title": title, "text": text, "href": href})
    return found


def _named(number: str, title: str) -> str:
    return f"{number} {title}".strip()


def _words(section: html.HtmlElement) -> str:
    """The section's own text: without its heading and the sections inside it."""
    parts: list[str] = []
    _gather(section, parts, top=True)
    return " ".join("".join(parts).split())


_INLINE = {"a", "abbr", "b", "code", "em", "i", "small", "span", "strong", "sub", "sup"}


def _gather(element: html.HtmlElement, parts: list[str], top: bool = False) -> None:
    skipped = (
        not isinstance(element.tag, str)
        or (not top and element.tag == "section")
        or element.tag in {"h1", "h2", "h3", "h4"}
    )
    if not skipped:
        gap = "" if element.tag in _INLINE else " "
        parts.append(gap + (element.text or ""))
        for child in element:
            _gather(child, parts)
        parts.append(gap)
    if not top:
        parts.append(element.tail or "")
