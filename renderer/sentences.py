"""A page whose prose has changed, brought up to date at once: the paragraphs that are others are set alone and put into it.

This is for a reader who waits while somebody writes. Nothing is guessed: the paragraph as it was is set in the same way, and must
stand in the page letter for letter, once; whatever else has changed (code, labels, headings, notes, tables) gets None, and
the whole book is to be made. It is to be made afterwards in any case, for what a paragraph cannot know of its chapter.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import panflute as pf

from renderer import pandoc
from renderer.book import BookTree, ChapterTree, link
from renderer.execute import Executed
from renderer.html import WRITING
from renderer.markdown import chapter_markdown
from renderer.pipeline import Composed
from renderer.project import Project
from renderer.render_error import RenderError
from renderer.source import Source, parse_source, same_program

_BLOCKS = (pf.Para, pf.BulletList, pf.OrderedList, pf.ListItem, pf.Plain)
_INLINES = (
    pf.Str, pf.Space, pf.SoftBreak, pf.Emph, pf.Strong, pf.Code, pf.Link, pf.Cite, pf.Citation, pf.Quoted, pf.Span, pf.Superscript,
    pf.Subscript, pf.Strikeout, pf.SmallCaps, pf.Doc, pf.Math,
)  # fmt: skip
_NO_PROSE = re.compile(r"^(\s*(:::|```|~~~|[#|<{:~\\$=]|---|\.\.\.)|\s*\[[^\]]*\]:| {4}|\t)|<!--|\{#|\[\^|\^\[|!\[", re.MULTILINE)
"""What may be, or belong to, anything but a paragraph or a list of its own."""


class Sentences:
    """The pages of a website that was made last; `root` is the project, whose filters and bibliography are as they were then."""

    def __init__(self, composed: Composed, root: Path) -> None:
        self.project = _at(composed.project, root)
        self.book = composed.trees["html"]
        self.executed = {chapter.source.name: chapter for chapter in composed.executed}

    def page(self, name: str) -> str:
        """The page of a chapter, relative to the website."""
        return self.chapter(name).file.page

    def chapter(self, name: str) -> ChapterTree:
        return next(chapter for chapter in self.book.chapters if chapter.source.name == name)

    def go_on_from(self, former: Sentences | None, name: str) -> None:
        """A chapter whose page was brought up to date while this book was being made: its page has the text that `former` knows."""
        known = former.executed.get(name) if former else None
        if known is not None and name in self.executed and same_program(known.source, self.executed[name].source):
            self.executed[name] = Executed(known.source, self.executed[name].results)
        else:
            self.executed.pop(name, None)

    def updated(self, name: str, text: str, page: str) -> str | None:
        """The page of the chapter `name` when `text` is its source by now and `page` was its content; None where that takes a render.

        Never raises: what is wrong with the text is the render's to say.
        """
        try:
            return self._updated(name, text, page)
        except RenderError:
            return None

    def _updated(self, name: str, text: str, page: str) -> str | None:
        if name not in self.executed:
            return None
        former = self.executed[name]
        source = parse_source(text, name, self.project.texts)
        if source.refused or not same_program(former.source, source):
            return None
        now = Executed(source, former.results)
        changed = changed_paragraphs(self._markdown(former), self._markdown(now))
        if changed is None:
            return None
        if changed[0] != changed[1]:
            parts = self._set(name, source, changed)
            if parts is None or page.count(parts[0]) != 1:
                return None
            page = page.replace(*parts)
        self.executed[name] = now
        return page

    def _markdown(self, chapter: Executed) -> str:
        return chapter_markdown(chapter, "html", self.project.defaults("html")).text

    def _set(self, name: str, source: Source, texts: tuple[str, str]) -> tuple[str, str] | None:
        """Both paragraphs as they stand in a page."""
        documents = [pandoc.Document(name, "html", text, [1] * (text.count("\n") + 1)) for text in texts]
        own, parts = self.chapter(name), []
        for blocks in pandoc.parse(documents, self.project.filters, self.project.root):
            content = json.dumps(blocks).encode()
            chapter = ChapterTree(own.file, source, "", lambda content=content: content, ids=own.ids, headings=own.headings)
            if not chapter.blocks or not all(map(_is_prose, chapter.blocks)):
                return None
            book = BookTree([*(other for other in self.book.chapters if other is not own), chapter], self.book.targets)
            if link(chapter, book, "html"):
                return None
            parts.append(chapter.blocks)
        mark = "<!-- sentences -->"
        metadata: dict[str, object] = {"lang": self.project.lang}
        if any(_has_citations(block) for blocks in parts for block in blocks):
            metadata.update(pandoc.bibliography(self.project))
        between = pf.RawBlock(mark, "html")
        tree = pandoc.tree([*parts[0], between, *parts[1], between, pf.Div(identifier="refs")], metadata)  # citations lead to it
        before, after, _ = pandoc.write(tree, "html", WRITING, self.project.root).decode("utf-8").split(mark)
        if " style=" in before + after:  # which the page has as classes
            return None
        return before.strip(), after.strip()


def changed_paragraphs(before: str, after: str) -> tuple[str, str] | None:
    """The part of two texts in which they differ, widened to whole paragraphs; None where that may be something else than prose.

    >>> changed_paragraphs("One.\\n\\nTwo words.\\n\\nThree.", "One.\\n\\nTwo.\\n\\nThree.")
    ('Two words.', 'Two.')
    >>> changed_paragraphs("One.\\n\\nThree.", "One.\\n\\nTwo.\\n\\nThree.")
    ('One.', 'One.\\n\\nTwo.')
    >>> changed_paragraphs("# One", "# Two") is None
    True
    """
    if before == after:
        return "", ""
    old, new = before.split("\n"), after.split("\n")
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    while start and old[start - 1].strip():
        start -= 1
    inside = any(lines[start : len(lines) - end][-1:] and lines[len(lines) - end - 1].strip() for lines in (old, new))
    while inside and end and old[len(old) - end].strip():
        end -= 1
    if not all("".join(lines[start : len(lines) - end]).strip() for lines in (old, new)):  # one came or went: with its neighbour
        while start and not old[start - 1].strip():
            start -= 1
        while start and old[start - 1].strip():
            start -= 1
    parts = tuple("\n".join(lines[start : len(lines) - end]).strip("\n") for lines in (old, new))
    if not all(part.strip() and not _NO_PROSE.search(part) for part in parts):
        return None
    return parts[0], parts[1]


def _is_prose(block: pf.Block) -> bool:
    found: list[pf.Element] = []
    block.walk(lambda element, doc: found.append(element))
    return all(isinstance(element, _BLOCKS + _INLINES) for element in found)


def _has_citations(block: pf.Block) -> bool:
    found: list[pf.Element] = []
    block.walk(lambda element, doc: found.append(element) if isinstance(element, pf.Cite) else None)
    return bool(found)


def _at(project: Project, root: Path) -> Project:
    """The same project, its files read in `root` and no more in the copy that it was made from."""

    def there(path: Path) -> Path:
        return root / path.relative_to(project.root)

    return replace(
        project, root=root, bibliography=tuple(map(there, project.bibliography)), csl=project.csl and there(project.csl),
        filters=tuple(map(there, project.filters)),
    )  # fmt: skip
