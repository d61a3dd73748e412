"""The book as a whole, over Pandoc's tree: numbers, floats, references, callouts, tabs, conditional content.

One pass for all formats. A float becomes a native figure or table with its label in the caption ("Figure 2.1: …"), a
reference becomes a link with the number in its text; so the three writers need to know nothing of numbering.
"""

from __future__ import annotations

import copy
import html
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import panflute as pf

from renderer import conditions, equations, margins, pandoc, panels, refused, theorems
from renderer.annotations import annotated
from renderer.callouts import callout, tabset
from renderer.conditions import Conditions
from renderer.in_project import in_project
from renderer.kept import digest
from renderer.notebook_chapter import SUFFIX as NOTEBOOK
from renderer.parts import Parts
from renderer.project import ChapterFile, page_option
from renderer.render_error import RenderError, at_once
from renderer.source import Source
from renderer.tables import explicit_widths
from renderer.words import CALLOUTS, FLOATS, NUMBERED, Words

_REFERENCE = re.compile(rf"^({'|'.join(NUMBERED)})-.+", re.IGNORECASE)
_OTHER_LABEL = re.compile(r"^(alg|ques|supplement)-.+")
_MANY_COLUMNS, _MANY_ROWS = 4, 25


@dataclass(frozen=True)
class Heading:
    """A heading of a chapter; `number` is empty where headings are not numbered."""

    level: int
    identifier: str
    number: str
    text: str


@dataclass(frozen=True)
class Target:
    """Something that can be referred to. `reference` is how it shows: "Figure 2.1", "Section 1.3"."""

    label: str
    kind: str  # what a reference says before the number: "Figure", "Table", "Section", "Chapter", "Appendix"
    number: str
    chapter: ChapterFile

    @property
    def reference(self) -> str:
        return f"{self.kind}\u00a0{self.number}"


@dataclass
class ChapterTree:
    """A chapter's blocks, ready for the writer. `key` tells them from all others; `load` gives them in Pandoc's JSON."""

    file: ChapterFile
    source: Source
    key: str
    load: Callable[[], bytes]
    number: str = ""
    title: str = ""
    headings: list[Heading] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)  # identifier in the source -> identifier in the document
    images: dict[str, str] = field(default_factory=dict)  # path in the document -> path in the project
    cited: list[str] = field(default_factory=list)
    has_refs: bool = False

    @cached_property
    def blocks(self) -> list[pf.Block]:
        """The blocks, for whoever looks into them or changes them."""
        return pandoc.from_json(self.load())

    def settle(self) -> bytes:
        """The changed blocks in Pandoc's JSON; they take a tenth of the memory so, and are taken apart again when somebody asks."""
        body = pandoc.as_json(self.blocks)
        self.load = lambda: body
        del self.blocks
        return body


@dataclass
class BookTree:
    """All chapters for one format, and what can be referred to."""

    chapters: list[ChapterTree]
    targets: dict[str, Target]

    @property
    def first_appendix(self) -> ChapterTree | None:
        """Before it stands the title of the supplement, where the appendices are one."""
        return next((chapter for chapter in self.chapters if chapter.file.appendix), None)

    @property
    def lacks_references(self) -> bool:
        """Whether something is cited and no chapter says where the list of it goes, so that it goes to the end."""
        return any(chapter.cited for chapter in self.chapters) and not any(chapter.has_refs for chapter in self.chapters)


def references_list(title: str, level: int = 1) -> list[pf.Block]:
    """The list of what is cited, under a heading."""
    return [pf.Header(pf.Str(title), level=level, identifier="references"), pf.Div(identifier="refs")]


_OPTIONS = {"number-depth": 6, "number-sections": True, "code-fold": False, "code-summary": None}
"""Options of a format that a chapter's blocks depend on, with their defaults."""


def compose(
    chapters: Sequence[tuple[ChapterFile, Source, pandoc.Parsed]],
    output_format: str,
    option: Callable[[str, Any], Any],
    parts: Parts,
    finish: Callable[[list[pf.Block]], list[pf.Block]] = lambda blocks: blocks,
    words: Words | None = None,
    given: Callable[[Mapping[str, Any]], Conditions] = Conditions,
) -> BookTree:
    """Work the chapters' Pandoc trees into a book for one format ("html", "pdf", "docx" or "jats").

    option: looks up an option of the format (`number-sections`, `number-depth`, `code-fold`, …) with a default. parts: chapters that
    were worked from the same before. finish: what the format does to a chapter's blocks in the end. words: of the book's language.
    given: what the conditions of a chapter with these settings are held against.
    """
    words = words or Words()
    options = {key: option(key, default) for key, default in _OPTIONS.items()}
    options["code-summary"] = options["code-summary"] or words["code-summary"]
    targets: dict[str, Target] = {}
    book: list[ChapterTree] = []
    counts = {"chapter": 0, "appendix": 0}
    taken: set[str] = set()
    problems: list[RenderError] = []
    for file, source, parsed in chapters:
        names = sorted(taken) if output_format != "html" else None
        held = given(source.settings)
        about = [file.name, file.appendix, source.settings, words.all, held.metadata, held.profiles]
        key = parts.key("built", output_format, parsed.key, about, options, counts, names)
        chapter = ChapterTree(file, source, key, parsed.load)
        if (found := parts.get(key)) is None:
            own: dict[str, Target] = {}
            try:
                _Builder(chapter, output_format, options, words, held, own, counts, taken).build()
            except RenderError as problem:
                problems.append(problem)
                continue
            parts.put(key, _head(chapter, own, counts), chapter.settle())
        else:
            own = _from_head(chapter, *found, counts)
            taken |= set(chapter.ids.values())
        for target in own.values():
            _register(targets, target, source)
        book.append(chapter)
    if problems:
        raise at_once(problems)
    tree = BookTree(book, targets)
    places = [[c.file.name, c.file.page, c.ids, c.headings[0].identifier] for c in book]
    references = digest([[t.label, t.reference, t.number, t.chapter.name] for t in targets.values()], places)
    for chapter in book:
        key = parts.key("linked", chapter.key, references)
        if (found := parts.get(key)) is None:
            problems += link(chapter, tree, output_format)
            if not problems:
                chapter.blocks = finish(chapter.blocks)
                parts.put(key, chapter.cited, chapter.settle())
        else:
            chapter.cited = found[0]
            chapter.load = lambda body=found[1]: body
            chapter.__dict__.pop("blocks", None)
        chapter.key = key
    if problems:
        raise at_once(problems)
    return tree


def link(chapter: ChapterTree, book: BookTree, output_format: str) -> list[RenderError]:
    """Resolve the references of a chapter, in place; `book` has what they lead to. Gives those that lead nowhere."""
    linker = _Linker(chapter, book, output_format)
    linker.link()
    return linker.problems


def _head(chapter: ChapterTree, targets: Mapping[str, Target], counts: Mapping[str, int]) -> dict[str, Any]:
    """What is known of a chapter without its blocks."""
    return {
        "number": chapter.number, "title": chapter.title, "ids": list(chapter.ids.items()), "images": list(chapter.images.items()),
        "headings": [[h.level, h.identifier, h.number, h.text] for h in chapter.headings], "has_refs": chapter.has_refs,
        "targets": [[t.label, t.kind, t.number] for t in targets.values()], "counts": dict(counts),
    }  # fmt: skip


def _from_head(chapter: ChapterTree, head: dict[str, Any], body: bytes, counts: dict[str, int]) -> dict[str, Target]:
    chapter.number, chapter.title, chapter.has_refs = head["number"], head["title"], head["has_refs"]
    chapter.ids, chapter.images = dict(head["ids"]), dict(head["images"])
    chapter.headings = [Heading(*heading) for heading in head["headings"]]
    chapter.load = lambda: body
    counts.update(head["counts"])
    return {label: Target(label, kind, number, chapter.file) for label, kind, number in head["targets"]}


def _register(targets: dict[str, Target], target: Target, source: Source) -> None:
    other = targets.get(target.label)
    if other:
        raise RenderError(
            f"the label {target.label} is used twice (also in {other.chapter.name}); rename one",
            source.name, source.find(f"#{target.label}", target.label),
        )  # fmt: skip
    targets[target.label] = target


class _Part:
    """Shared by the two passes: errors that find their line."""

    chapter: ChapterTree

    def fail(self, message: str, *needles: str) -> RenderError:
        source = self.chapter.source
        return RenderError(message, source.name, source.find(*needles))


class _Builder(_Part):
    """First pass over one chapter: everything but references, whose targets are not all known yet."""

    def __init__(
        self, chapter: ChapterTree, output_format: str, options: Mapping[str, Any], words: Words, given: Conditions,
        targets: dict[str, Target], counts: dict[str, int], taken: set[str],
    ) -> None:  # fmt: skip
        self.chapter, self.format, self.options, self.words, self.given = chapter, output_format, options, words, given
        self.targets, self.counts, self.taken = targets, counts, taken
        self.numbers = dict.fromkeys(NUMBERED, 0)
        self.part_of: str | None = None  # number of the float whose parts are being arranged
        self.parts = 0
        self.sections = [0] * 7
        self.level = 0

    def build(self) -> None:
        chapter = self.chapter
        blocks = _walk_blocks(chapter.blocks, self.conditional)
        problems: list[RenderError] = []
        blocks = self.arrange(blocks, problems)
        if problems:
            raise at_once(problems)
        if self.format == "html":
            blocks = self.with_page_block(blocks)
        chapter.blocks = blocks
        titles = [h for h in chapter.headings if h.level == 1]
        if len(titles) != 1:
            what = (
                "has no title; begin it with `# Title`"
                if not titles
                else (f"has {len(titles)} titles; use one `#` heading (or `title:`) and `##` for its sections")
            )
            raise RenderError(f"the chapter {what}", chapter.source.name, chapter.source.find("\n# ", default=1))
        chapter.title = titles[0].text

    def with_page_block(self, blocks: list[pf.Block]) -> list[pf.Block]:
        """With what the front matter says of this page below its title, as Quarto's website has it: PDF and Word are one document."""
        settings = self.chapter.source.settings
        authors = settings.get("author") or []
        people = authors if isinstance(authors, list) else [authors]
        names = [str(each.get("name", "")) if isinstance(each, Mapping) else str(each) for each in people]
        about = [", ".join(filter(None, names)), str(settings.get("date") or "")]
        lines = [(str(settings.get("subtitle") or ""), "page-subtitle"), (" · ".join(filter(None, about)), "page-byline")]
        lines.append((str(settings.get("abstract") or ""), "page-abstract"))
        said = [pf.Div(pf.Para(*self.markdown(text)), classes=[name]) for text, name in lines if text]
        if not said:
            return blocks
        place = next((n for n, block in enumerate(blocks) if isinstance(block, pf.Header) and block.level == 1), -1)
        return [*blocks[: place + 1], *said, *blocks[place + 1 :]]

    # -- conditional content, refusals ---------------------------------------------------------------------------

    def conditional(self, element: pf.Element, doc: Any = None) -> Any:
        if not isinstance(element, (pf.Div, pf.Span, pf.CodeBlock)):
            return None
        if isinstance(element, pf.Div):
            self.refuse(element)
        if wrong := conditions.wrong(element.attributes):
            raise self.fail(*wrong)
        if not {conditions.VISIBLE, conditions.HIDDEN} & set(element.classes):
            return None
        if not self.given.shown(element.classes, element.attributes, self.format):
            return []
        if isinstance(element, pf.CodeBlock):
            element.classes = [name for name in element.classes if name not in (conditions.VISIBLE, conditions.HIDDEN)]
            return None
        return list(element.content)

    def refuse(self, div: pf.Div) -> None:
        """What a division asks for and cannot have: what code has written, and what the text says is told before."""
        for message, needle in refused.in_division(div.classes, div.attributes, len(div.content)):
            raise self.fail(message, needle, needle.lstrip("."))

    # -- blocks --------------------------------------------------------------------------------------------------

    def arrange(self, blocks: Sequence[pf.Block], problems: list[RenderError] | None = None) -> list[pf.Block]:
        """The blocks of one container in their final form, numbered in the order of the text. problems: gets what is wrong with them,
        where not the first of it is to be raised."""
        out: list[pf.Block] = []
        for block in annotated(blocks, self.words, self.format):
            if isinstance(block, pf.Div) and margins.is_margin(block):
                margins.beside(out, self.arrange(list(block.content)), self.format)
            elif problems is None:
                out.extend(self.block(block))
            else:
                try:
                    out.extend(self.block(block))
                except RenderError as problem:
                    problems.append(problem)
                    self.part_of = None
        return out

    def block(self, block: pf.Block) -> list[pf.Block]:
        if isinstance(block, pf.Header):
            return [self.heading(block)]
        if isinstance(block, pf.Div):
            return self.division(block)
        if isinstance(block, pf.Figure):
            return self.figure(block)
        if isinstance(block, pf.Table):
            return self.table(block, block.identifier, [])
        if isinstance(block, pf.CodeBlock):
            return self.code(block)
        if isinstance(block, pf.RawBlock):
            return [block]
        if isinstance(block, pf.Para) and _is_page_break(block):
            return self.page_break()
        if isinstance(block, pf.Para) and (picture := _linked_picture(block)) is not None:
            return self.figure(picture)
        if isinstance(block, (pf.Para, pf.Plain)):
            block.content = equations.labelled(list(block.content), self.equation, self.format)
        if isinstance(block, pf.BlockQuote):
            block.content = self.arrange(list(block.content))
        elif isinstance(block, (pf.BulletList, pf.OrderedList)):
            for item in block.content:
                item.content = self.arrange(list(item.content))
        elif isinstance(block, pf.DefinitionList):
            for item in block.content:
                for definition in item.definitions:
                    definition.content = self.arrange(list(definition.content))
        self.inlines(block)
        return [block]

    def inlines(self, block: pf.Element) -> None:
        """Images need an alternative text; labels of kinds that are not numbered here are refused."""

        def check(element: pf.Element, doc: Any = None) -> Any:
            if isinstance(element, pf.Image):
                self.image(element)
            elif isinstance(element, pf.Str) and (found := re.match(r"\{#(eq|lst|fig|tbl)-[\w-]+\}", element.text)):
                raise self.fail(
                    f"the label {found[0]} belongs to nothing that can be numbered here", found[0].strip("{}")
                )
            elif isinstance(element, pf.Span) and margins.is_margin(element):
                return margins.aside(element, self.format)
            return None

        block.walk(check)

    def equation(self, label: str) -> tuple[str, str]:
        target = self.count("eq", label)
        return target.number, self.identifier(label)

    def heading(self, header: pf.Header) -> pf.Header:
        chapter, text = self.chapter, pf.stringify(header).strip()
        level = header.level
        if level > self.level + 1:
            raise self.fail(
                f"the heading “{text}” is of level {level} below one of level {self.level}; "
                "levels must not be skipped (screen readers and PDF/UA rely on them)",
                "#" * level + " " + text, text,
            )  # fmt: skip
        self.level = level
        number = self.section_number(header)
        self.inlines(header)
        label = header.identifier
        header.identifier = self.identifier(label)
        if label.startswith("sec-") and number:
            kind = "crossref-sec" if level > 1 else "crossref-apx" if chapter.file.appendix else "crossref-ch"
            self.register(Target(label, self.words[f"{kind}-prefix"], number, chapter.file))
        depth = int(page_option(chapter.source.settings, self.format, "number-depth", self.options["number-depth"]))
        shown = number if level <= depth and self.numbered_page() else ""
        if level == 1:
            chapter.number = shown
        chapter.headings.append(Heading(level, header.identifier, shown, text))
        if shown:
            appendix = self.words["crossref-apx-prefix"]
            mark = f"{appendix}\u00a0{shown}" if level == 1 and chapter.file.appendix else shown
            gap = pf.Str("\u2002") if not (level == 1 and chapter.file.appendix) else pf.Str(" — ")
            number_class = "chapter-number" if level == 1 else "header-section-number"
            header.content = [pf.Span(pf.Str(mark), classes=[number_class]), gap, *header.content]
        header.classes = [name for name in header.classes if name != "unnumbered"]
        return header

    def numbered_page(self) -> bool:
        settings = self.chapter.source.settings
        return bool(page_option(settings, self.format, "number-sections", self.options["number-sections"]))

    def section_number(self, header: pf.Header) -> str:
        level, file = header.level, self.chapter.file
        if level == 1:
            if "unnumbered" in header.classes:
                return ""
            kind = "appendix" if file.appendix else "chapter"
            self.counts[kind] += 1
            self.chapter.number = self.words.appendix(self.counts[kind]) if file.appendix else str(self.counts[kind])
            return self.chapter.number
        if "unnumbered" in header.classes or not self.chapter.number:
            return ""
        self.sections[level] += 1
        self.sections[level + 1 :] = [0] * (6 - level)
        return ".".join([self.chapter.number, *(str(n) for n in self.sections[2 : level + 1])])

    def identifier(self, name: str) -> str:
        """An identifier that is unique in the document (PDF and Word hold all chapters)."""
        if not name:
            return name
        unique = name
        if self.format != "html" and name in self.taken:
            unique = f"{self.chapter.file.stem}-{name}"
        if unique in self.chapter.ids.values():
            raise self.fail(f"the label {name} is used twice; rename one", f"#{name}")
        self.taken.add(unique)
        self.chapter.ids[name] = unique
        return unique

    def register(self, target: Target) -> None:
        _register(self.targets, target, self.chapter.source)

    def page_break(self) -> list[pf.Block]:
        raw = {
            "html": ('<div class="page-break"></div>', "html"),
            "pdf": ("#pagebreak(weak: true)", "typst"),
            "docx": ('<w:p><w:r><w:br w:type="page"/></w:r></w:p>', "openxml"),
            "jats": ("", "jats"),
        }[self.format]
        return [pf.RawBlock(*raw)]

    def code(self, block: pf.CodeBlock) -> list[pf.Block]:
        if block.identifier and _OTHER_LABEL.match(block.identifier):
            raise self.fail(f"the label {block.identifier} cannot be numbered here", f"#{block.identifier}")
        label, caption = "", block.attributes.pop("lst-cap", "")
        if block.identifier.startswith("lst-"):
            label, block.identifier = block.identifier, ""
        numbered = block.attributes.pop("code-line-numbers", "false") == "true"
        if numbered and self.format != "pdf":
            block.classes = [*block.classes, "numberLines"]
        out = self.folded(block)
        if numbered and self.format == "pdf":
            out = [pf.RawBlock("#numbered-lines[", "typst"), *out, pf.RawBlock("]", "typst")]
        if name := block.attributes.pop("filename", ""):
            head = pf.Div(pf.Para(pf.Code(name)), classes=["code-filename"], attributes={"custom-style": "Compact"})
            out = [head, *out]
        if label:
            if not caption:
                raise self.fail(f'{label} has no caption; add lst-cap="…"', f"#{label}", label)
            return self.listing(out, self.markdown(caption), label)
        return out

    def folded(self, block: pf.CodeBlock) -> list[pf.Block]:
        if "cell-code" not in block.classes:
            return [block]
        fold = block.attributes.pop("fold", str(self.options["code-fold"]).lower())
        summary = block.attributes.pop("summary", str(self.options["code-summary"]))
        if self.format != "html" or fold == "false":
            return [block]
        opened = " open" if fold == "show" else ""
        return [
            pf.RawBlock(f'<details class="code"{opened}><summary>{html.escape(summary)}</summary>', "html"),
            block,
            pf.RawBlock("</details>", "html"),
        ]

    def markdown(self, text: str) -> list[pf.Inline]:
        """Markdown of an attribute."""
        blocks = pf.convert_text(text, pandoc_path=str(pandoc.PANDOC))
        return [inline for block in blocks if hasattr(block, "content") for inline in block.content]

    def listing(self, content: list[pf.Block], caption: list[pf.Inline], label: str) -> list[pf.Block]:
        """Code with its caption above."""
        caption = [*self.numbered("lst", label), *caption]
        self.inlines(pf.Plain(*caption))
        return self.captioned_above(content, caption, label)

    def division(self, div: pf.Div) -> list[pf.Block]:
        kinds = [name for name in div.classes if name.startswith("callout-") or name == "callout"]
        if div.identifier == "refs":
            self.chapter.has_refs = True
            return [div]
        if _OTHER_LABEL.match(div.identifier):
            raise self.fail(f"the label {div.identifier} cannot be numbered here", f"#{div.identifier}")
        if kinds:
            return self.callout(div, kinds[-1])
        if "panel-tabset" in div.classes:
            return tabset(div, self.format, self.arrange, self.fail)
        if theorems.is_statement(div):
            return [self.statement(div)]
        prefix = div.identifier.partition("-")[0]
        if prefix in FLOATS and "-" in div.identifier:
            return self.float(div, prefix)
        if prefix in CALLOUTS and "-" in div.identifier:
            raise self.fail(
                f"{div.identifier} is the label of a callout; add .callout-{CALLOUTS[prefix]}", f"#{div.identifier}"
            )
        if (arranged := self.side_by_side(div)) is not None:
            return arranged
        if "cell" in div.classes:
            return self.arrange(list(div.content))
        if self.format == "docx" and "banner" in div.classes:
            div.attributes.setdefault("custom-style", "Banner")
        div.content = self.arrange(list(div.content))
        div.identifier = self.identifier(div.identifier)
        return [div]

    def callout(self, div: pf.Div, name: str) -> list[pf.Block]:
        label, number = div.identifier, ""
        kind = label.partition("-")[0]
        if kind in CALLOUTS and "-" in label:
            number = f"{self.words.title(kind)}\u00a0{self.count(kind, label).number}"
        div.identifier = self.identifier(label)
        return callout(div, name, self.format, self.arrange, self.fail, self.words, number)

    def statement(self, div: pf.Div) -> pf.Div:
        label = div.identifier
        kind = label.partition("-")[0]
        number = self.count(kind, label).number if kind in NUMBERED and "-" in label else ""
        name = theorems.name_of(div)
        made = theorems.statement(div, number, name, self.arrange(list(div.content)), self.words)
        made.identifier = self.identifier(label)
        return made

    # -- blocks side by side ---------------------------------------------------------------------------------------

    def side_by_side(self, div: pf.Div) -> list[pf.Block] | None:
        """`.columns`, `.grid` and layouts without a label; None for any other division."""
        blocks = _unwrapped(div.content) if "cell" in div.classes else list(div.content)
        if "columns" in div.classes or "grid" in div.classes:
            cells = [block for block in blocks if isinstance(block, pf.Div)]
            if len(cells) < len(blocks):
                name = "columns" if "columns" in div.classes else "grid"
                raise self.fail(f"`.{name}` holds nothing but divisions, one for each column", f".{name}")
            rows = panels.column_widths(cells) if "columns" in div.classes else panels.grid_rows(cells)
            arranged = [self.arrange(list(cell.content)) for cell in cells]
            if self.format not in ("html", "pdf"):
                return [
                    block for cell in arranged for block in cell
                ]  # Word has them one after the other, as with Quarto
            return panels.panel(arranged, rows, div.attributes, self.format)
        if (rows := panels.rows_of(div.attributes, len(blocks))) is None:
            return None
        return panels.panel([self.arrange([block]) for block in blocks], rows, div.attributes, self.format)

    # -- floats --------------------------------------------------------------------------------------------------

    def float(self, div: pf.Div, prefix: str) -> list[pf.Block]:
        content = _unwrapped(div.content)
        label = div.identifier
        caption: list[pf.Inline] = []
        if len(content) > 1 and isinstance(content[-1], pf.Para) and not _is_image(content[-1]):
            caption = list(content.pop().content)
        elif (
            prefix == "tbl" and len(content) == 1 and isinstance(content[-1], pf.Table) and content[-1].caption.content
        ):
            caption = _caption(content[-1])
        if not caption and self.part_of is None:
            raise self.fail(refused.without_caption(label), f"#{label}")
        if any(_label_within(block, prefix) for block in content):
            return self.compound(div, prefix, content, caption)
        if prefix == "lst":
            return self.listing(self.arrange(content), caption, label)
        if prefix == "tbl":
            tables = [index for index, block in enumerate(content) if isinstance(block, pf.Table)]
            if len(tables) != 1:
                raise self.fail(f"{label} must hold one table, not {len(tables)}", f"#{label}", label)
            table = content[tables[0]]
            before, after = content[: tables[0]], content[tables[0] + 1 :]
            table.caption = pf.Caption(pf.Plain(*caption)) if caption else pf.Caption()
            if "tbl-colwidths" in div.attributes:
                table.attributes["tbl-colwidths"] = div.attributes["tbl-colwidths"]
            notes = self.arrange(after)
            return [*self.arrange(before), *self.table(table, label, notes)]
        images = [image for block in content for image in _images(block)]
        alt = div.attributes.get("fig-alt") or ""
        if alt and len(images) == 1:
            images[0].attributes["fig-alt"] = alt
        content = _without_inner_captions(content)
        rows = panels.rows_of(div.attributes, len(content))
        arranged = (
            self.arrange(content) if rows is None else self.side_by_side(pf.Div(*content, attributes=div.attributes))
        )
        return self.numbered_figure(arranged or [], caption, label)

    def compound(self, div: pf.Div, prefix: str, content: list[pf.Block], caption: list[pf.Inline]) -> list[pf.Block]:
        """A float whose parts have labels of their own: (a), (b) …"""
        label = div.identifier
        if self.part_of is not None:
            raise self.fail(f"{label} is a part that has parts; take its inner labels out", f"#{label}")
        head = self.numbered(prefix, label)
        self.part_of, self.parts = self.targets[label].number, 0
        try:
            cells = [self.arrange([block]) for block in content]
        finally:
            self.part_of = None
        rows = panels.rows_of(div.attributes, len(cells))
        arranged = (
            [b for cell in cells for b in cell]
            if rows is None
            else panels.panel(cells, rows, div.attributes, self.format)
        )
        self.inlines(pf.Plain(*caption))
        if prefix == "fig":
            return self.plain_figure(arranged, [*head, *caption], label)
        return self.captioned_above(arranged, [*head, *caption], label)

    def captioned_above(self, content: list[pf.Block], caption: list[pf.Inline], label: str) -> list[pf.Block]:
        """Several tables or pieces of code under one caption."""
        label = self.identifier(label)
        if self.format == "html":
            opening = pf.RawBlock(f'<figure class="tables" id="{html.escape(label)}"><figcaption>', "html")
            return [
                opening,
                pf.Plain(*caption),
                pf.RawBlock("</figcaption>", "html"),
                *content,
                pf.RawBlock("</figure>", "html"),
            ]
        if self.format == "pdf":
            above = [pf.RawBlock("#caption-above[", "typst"), pf.Plain(*caption), pf.RawBlock("]", "typst")]
            return [pf.Div(*above, *content, identifier=label)]
        return [
            pf.Div(pf.Div(pf.Para(*caption), attributes={"custom-style": "Table Caption"}), *content, identifier=label)
        ]

    def figure(self, figure: pf.Figure) -> list[pf.Block]:
        caption = [inline for block in figure.caption.content for inline in block.content]
        for image in _images(figure):
            if not pf.stringify(image) and not image.attributes.get("fig-alt"):
                image.attributes["fig-alt"] = pf.stringify(pf.Plain(*copy.deepcopy(caption)))
        content = self.arrange(list(figure.content))
        if figure.identifier.startswith("fig-"):
            return self.numbered_figure(content, caption, figure.identifier)
        return self.plain_figure(content, caption, figure.identifier)

    def numbered_figure(self, content: list[pf.Block], caption: list[pf.Inline], label: str) -> list[pf.Block]:
        self.inlines(pf.Plain(*caption))
        return self.plain_figure(content, [*self.numbered("fig", label), *caption], label)

    def plain_figure(self, content: list[pf.Block], caption: list[pf.Inline], label: str) -> list[pf.Block]:
        label = self.identifier(label)
        content = [pf.Plain(*b.content) if isinstance(b, pf.Para) and _is_image(b) else b for b in content]
        if self.format == "docx":
            # Pandoc lays a compound figure out as a table; two styled paragraphs are what Word users expect.
            return [
                pf.Div(
                    pf.Div(*content, attributes={"custom-style": "Captioned Figure"}),
                    pf.Div(pf.Para(*caption), attributes={"custom-style": "Image Caption"}),
                    identifier=label,
                )
            ]
        return [pf.Figure(*content, caption=pf.Caption(pf.Plain(*caption)), identifier=label)]

    def table(self, table: pf.Table, label: str, notes: list[pf.Block]) -> list[pf.Block]:
        caption = _caption(table)
        self.inlines(table)
        if label.startswith("tbl-"):
            if not caption:
                raise self.fail(
                    f"{label} has no caption; add a line `: What the table shows {{#{label}}}`", f"#{label}"
                )
            caption = [*self.numbered("tbl", label), *caption]
        called = pf.stringify(pf.Plain(*(caption[:1] if label.startswith("tbl-") else caption))).rstrip(":")
        name = called or table.attributes.pop("aria-label", "Table")
        if caption:
            table.caption = pf.Caption(pf.Plain(*caption))
        label = self.identifier(label)
        table.identifier = ""
        widths = table.attributes.pop("tbl-colwidths", "")
        if widths and not explicit_widths(table, widths):
            raise self.fail(f"tbl-colwidths={widths} does not give each column a share of 100", "tbl-colwidths")
        if self.format == "pdf":
            table.identifier = label if caption else ""
            if not notes:
                return [table]
            opening, closing = (pf.RawBlock(text, "typst") for text in ("#table-notes[", "]"))
            cell = pf.TableCell(opening, *notes, closing, colspan=len(table.colspec))
            table.foot = pf.TableFoot(pf.TableRow(cell))
            return [table]
        if self.format == "docx":
            table.walk(_table_text)
            # Word sets the next paragraph close to a table's rule; the notes, or an empty one, keep the distance.
            after = pf.Div(*(notes or [pf.Para(pf.Str("\u00a0"))]), attributes={"custom-style": "Table Notes"})
            return [pf.Div(table, after, identifier=label)]
        after = [pf.Div(*notes, classes=["table-notes"])] if notes else []
        # Reachable by the keyboard, since it may have to be scrolled; a name says what is being scrolled.
        attributes = {"tabindex": "0", "role": "group", "aria-label": name}
        scrolling = pf.Div(table, classes=["table-scroll", *_table_size(table)], attributes=attributes)
        return [pf.Div(scrolling, *after, identifier=label)]

    def numbered(self, prefix: str, label: str) -> list[pf.Inline]:
        """What stands before the caption: the number, or the letter of a part."""
        target = self.count(prefix, label)
        if self.part_of is not None:
            return [pf.Str(target.number.rpartition("\u00a0")[2]), pf.Space()]
        return [pf.Strong(pf.Str(f"{self.words.title(prefix)}\u00a0{target.number}:")), pf.Space()]

    def count(self, prefix: str, label: str) -> Target:
        """The next of its kind in the chapter, registered; in a float with parts, its next part."""
        if self.part_of is not None and prefix in FLOATS:
            self.parts += 1
            number = f"{self.part_of}\u00a0({chr(96 + self.parts)})"
        else:
            self.numbers[prefix] += 1
            number = (
                f"{self.chapter.number}.{self.numbers[prefix]}" if self.chapter.number else str(self.numbers[prefix])
            )
        target = Target(label, self.words.prefix(prefix), number, self.chapter.file)
        self.register(target)
        return target

    def image(self, image: pf.Image) -> None:
        alt = image.attributes.pop("fig-alt", "") or pf.stringify(image) or image.attributes.get("alt", "")
        image.attributes.pop("alt", None)
        if refused.aligned_otherwise(image.attributes.pop("fig-align", "left")):  # in what a cell has written
            raise self.fail(refused.aligned(image.url), f"({image.url}){{", f"({image.url}", "fig-align")
        image.title = ""
        if not alt.strip():
            raise self.fail(
                f'the figure {posixpath.basename(image.url)} has no alternative text; add fig-alt="…" to its division '
                "or `#| fig-alt: …` to its cell",
                image.url, posixpath.basename(image.url).rpartition("-")[0],
            )  # fmt: skip
        image.content = [pf.Str(" ".join(alt.split()))]
        if "://" in image.url:
            raise self.fail(f"the image {image.url} is on another machine; put it into the project", image.url)
        folder = posixpath.dirname(self.chapter.file.name)
        made = "cell-figure" in image.classes
        image.classes = []
        path = image.url if made else in_project(image.url, self.chapter.file.name)
        self.chapter.images[path] = path
        image.url = posixpath.relpath(path, folder or ".") if self.format == "html" else path


class _Linker(_Part):
    """Second pass over one chapter: references, citations, links between chapters."""

    def __init__(self, chapter: ChapterTree, book: BookTree, output_format: str) -> None:
        self.chapter, self.book, self.format = chapter, book, output_format
        self.problems: list[RenderError] = []  # all that lead nowhere, to be said at once

    def link(self) -> None:
        self.chapter.blocks = _walk_blocks(self.chapter.blocks, self.inline)

    def inline(self, element: pf.Element, doc: Any = None) -> Any:
        try:
            if isinstance(element, pf.Cite):
                return self.cite(element)
            if isinstance(element, pf.Link):
                element.url = self.url(element.url)
        except RenderError as problem:
            self.problems.append(problem)
        return None

    def cite(self, cite: pf.Cite) -> Any:
        references = [bool(_REFERENCE.match(citation.id)) for citation in cite.citations]
        if not any(references):
            for citation in cite.citations:
                if citation.id not in self.chapter.cited:
                    self.chapter.cited.append(citation.id)
            return None
        if not all(references):
            raise self.fail(
                "a bracket holds either references to figures, tables and sections, or citations; make it two",
                *("@" + citation.id for citation in cite.citations),
            )
        out: list[pf.Inline] = []
        for citation in cite.citations:
            if out:
                out += [pf.Str(","), pf.Space()]
            out.append(self.reference(citation))
        return out

    def reference(self, citation: pf.Citation) -> pf.Inline:
        label = citation.id[0].lower() + citation.id[1:]
        target = self.book.targets.get(label)
        if target is None:
            known = "it has no number (its chapter or heading is unnumbered); link it as [text](#label)" if any(
                label in chapter.ids for chapter in self.book.chapters
            ) else "there is no such label"  # fmt: skip
            raise self.fail(f"the reference @{citation.id} leads nowhere: {known}", "@" + citation.id)
        if citation.prefix:
            text: list[pf.Inline] = [*citation.prefix, pf.Str("\u00a0" + target.number)]
        elif citation.mode == "SuppressAuthor":
            text = [pf.Str(target.number)]
        else:
            text = [pf.Str(target.reference)]
        return pf.Link(*text, url=self.address(target.chapter, label), classes=["quarto-xref"])

    def address(self, file: ChapterFile, identifier: str) -> str:
        tree = next(chapter for chapter in self.book.chapters if chapter.file is file)
        if identifier and identifier not in tree.ids:
            raise self.fail(f"there is no #{identifier} in {file.name}", f"#{identifier}")
        if self.format != "html":
            return "#" + (tree.ids[identifier] if identifier else tree.headings[0].identifier)
        if file is self.chapter.file and identifier:
            return f"#{identifier}"
        page = posixpath.relpath(file.page, posixpath.dirname(self.chapter.file.name) or ".")
        return page + (f"#{identifier}" if identifier else "")

    def url(self, url: str) -> str:
        if re.match(r"^[a-z][a-z0-9+.-]*:", url, re.IGNORECASE) or url.startswith("//"):
            return url
        path, _, identifier = url.partition("#")
        if not path:
            return self.address(self.chapter.file, identifier) if identifier else url
        if not path.endswith((".qmd", NOTEBOOK)):
            return url
        name = in_project(path, self.chapter.file.name)
        for chapter in self.book.chapters:
            if chapter.file.name == name:
                return self.address(chapter.file, identifier)
        if path.endswith(NOTEBOOK):
            return url  # a file like any other
        raise self.fail(f"the link leads to {name}, which is no chapter of the book", url)


# --- small helpers over the tree -----------------------------------------------------------------------------------


def _walk_blocks(blocks: Sequence[pf.Block], action: Callable[..., Any]) -> list[pf.Block]:
    doc = pf.Doc(*blocks)
    return list(doc.walk(action).content)


def _unwrapped(blocks: Sequence[pf.Block]) -> list[pf.Block]:
    """The blocks without the divisions that cells and their outputs are wrapped in."""
    out: list[pf.Block] = []
    for block in blocks:
        if isinstance(block, pf.Div) and "cell" in block.classes and not block.identifier:
            out.extend(_unwrapped(block.content))
        else:
            out.append(block)
    return out


def _label_within(block: pf.Block, prefix: str) -> bool:
    """Whether a block is, or holds, something with a label of this kind."""
    found: list[bool] = []

    def look(element: pf.Element, doc: Any = None) -> None:
        if isinstance(element, (pf.Div, pf.Figure, pf.Table, pf.Image, pf.Link)):
            found.append(element.identifier.startswith(prefix + "-"))

    block.walk(look)
    return any(found)


def _images(element: pf.Element) -> list[pf.Image]:
    found: list[pf.Image] = []
    element.walk(lambda e, doc: found.append(e) if isinstance(e, pf.Image) else None)
    return found


def _is_image(block: pf.Block) -> bool:
    return len(block.content) == 1 and isinstance(block.content[0], pf.Image)


def _linked_picture(block: pf.Para) -> pf.Figure | None:
    """A paragraph that is nothing but a link around a picture with a caption, as the figure that Quarto makes of it."""
    link = block.content[0] if len(block.content) == 1 else None
    image = link.content[0] if isinstance(link, pf.Link) and len(link.content) == 1 else None
    if not isinstance(image, pf.Image) or not image.content:
        return None
    caption = copy.deepcopy(list(image.content))
    return pf.Figure(pf.Plain(link), caption=pf.Caption(pf.Plain(*caption)))


def _is_page_break(block: pf.Para) -> bool:
    return (
        len(block.content) == 1 and isinstance(block.content[0], pf.Span) and block.content[0].classes == ["pagebreak"]
    )


def _without_inner_captions(blocks: list[pf.Block]) -> list[pf.Block]:
    """In a float an image's own text is its alternative text, not a second caption."""
    return [
        pf.Plain(*_images(block)) if isinstance(block, pf.Figure) and not block.identifier else block
        for block in blocks
    ]


def _table_text(element: pf.Element, doc: Any = None) -> None:
    if isinstance(element, pf.TableCell) and element.content:
        blocks = [pf.Para(*b.content) if isinstance(b, pf.Plain) else b for b in element.content]
        element.content = [pf.Div(*blocks, attributes={"custom-style": "Table Text"})]


def _table_size(table: pf.Table) -> list[str]:
    """Classes of a table that needs more width than a phone has, and of one longer than a screen."""
    wide, long = len(table.colspec) >= _MANY_COLUMNS, sum(len(body.content) for body in table.content) >= _MANY_ROWS
    return ["wide-table"] * wide + ["long-table"] * long


def _caption(table: pf.Table) -> list[pf.Inline]:
    return [inline for block in (table.caption.content if table.caption else []) for inline in block.content]
