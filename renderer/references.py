"""What the chapters refer to, looked up before any cell is run, so that everything that leads nowhere is said at once.

Pandoc says what is a reference, a citation or a link; the lines come from the text, which Pandoc does not count. What cells will
write is known as far as it stands in their code as text. A label that code puts together (`f"#fig-{name}"`, or an `output: asis`
cell that prints a variable) cannot be known: references to such labels are left to the check after the cells have run.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from renderer import pandoc, refused
from renderer.captions import foreseen
from renderer.conditions import Conditions
from renderer.in_project import in_project
from renderer.includes import at_origin
from renderer.kept import digest
from renderer.notebook_chapter import SUFFIX as NOTEBOOK
from renderer.project import CONFIG, Project, cell_defaults, read_project
from renderer.render_error import RenderError, at_once
from renderer.source import Cell, Prose, Source, parse_source, read_source
from renderer.verbatim import without_code
from renderer.words import NUMBERED

_KINDS = (*NUMBERED, "alg")
_LABEL = re.compile(rf"#((?:{'|'.join(_KINDS)})-[\w-]*)(.?)", re.DOTALL)
_ANY_ID = re.compile(r"""\{#([\w:.-]+)|\sid=["']([^"']+)""")
_WRITTEN_REFERENCE = re.compile(rf"(?<![\w@\\])@((?:{'|'.join(_KINDS)})-[\w-]*\w)(?![\w-])", re.IGNORECASE)
_WRITTEN_CITATION = re.compile(r"\[-?@(\w[\w:-]*\w)")
_WRITTEN_LINK = re.compile(r"\]\(([^)\s]+\.(?:qmd|ipynb)(?:#[\w-]*)?)\)")
_CELL = {"t": "RawBlock", "c": ["html", "<!--cell-->"]}
"""Stands for a cell among Pandoc's blocks."""
_VALUE = "pythonvalue"  # stands for what an inline expression will give; nothing that holds it can be looked up
_NOT_BOOK = re.compile(r"(^|/)[._]")


@dataclass(frozen=True)
class Mention:
    """Something that a chapter refers to: a label or key ("sec-safety"), or the address of a link ("methods.qmd#sec-design")."""

    name: str
    line: int | None


@dataclass
class Mentions:
    """What one chapter defines and refers to. labels: with a kind of Quarto's. anchors: everything that a link can lead to."""

    name: str
    labels: set[str] = field(default_factory=set)
    anchors: set[str] = field(default_factory=set)
    unnumbered: set[str] = field(default_factory=set)
    keys: list[Mention] = field(default_factory=list)  # references and citations
    links: list[Mention] = field(default_factory=list)
    notes: list[Mention] = field(default_factory=list)  # footnotes without a text
    refused: list[tuple[str, str]] = field(default_factory=list)  # what is wrong with divisions, and the text that names the place
    brackets: list[Mention] = field(default_factory=list)  # labels that share a bracket with citations
    openings: set[str] = field(
        default_factory=set
    )  # how labels begin that code puts together; "" where it may write any


def read_book(
    root: Path, formats: Sequence[str], warn: Callable[[str], None], strict: bool = True
) -> tuple[Project, list[Source]]:
    """The project and its chapters, read and not run. strict: as for :func:`renderer.project.read_project`.

    Raises one `RenderError` with all that is wrong: the list of chapters, what no engine can read, and where it is strict what this
    renderer does not typeset and what leads nowhere; for a book of Quarto's :func:`check_references` says that, before the render.
    """
    project, problems = read_project(root, strict)
    for text in project.warnings:
        warn(f"warning: {text}")
    sources, unreadable = _read(project)
    problems += unreadable
    if strict:
        problems += [problem for source in sources for problem in source.refused]
        problems += [problem for source in sources for problem in foreseen(source, cell_defaults(project.settings))]
        found, unread = read_mentions(sources, formats, project.root, project.conditions)
        problems += [*unread, *_refused(project, sources, found), *dangling(project, found)]
        for name in unlisted(project):
            warn(f"warning: {name} is in no list of {CONFIG}, so the report is without it")
    if problems:
        raise at_once(_in_order([at_origin(at_once(problems), sources)], project))
    return project, sources


def _read(project: Project) -> tuple[list[Source], list[RenderError]]:
    """The chapters that can be read, and why the others cannot."""
    sources, problems = [], []
    for chapter in project.chapters:
        try:
            sources.append(read_source(chapter.path, chapter.name, project.root, project.texts))
        except RenderError as problem:
            problems.append(problem)
    return sources, problems


def _refused(project: Project, sources: Sequence[Source], chapters: Sequence[Mentions]) -> Iterator[RenderError]:
    """What divisions ask for and cannot have; what a filter of the project names is left to it."""
    filters = "".join(path.read_text(encoding="utf-8") for path in project.filters)
    by_name = {source.name: source for source in sources}
    for chapter in chapters:
        for message, needle in chapter.refused:
            if needle.strip(".=") not in filters:
                yield RenderError(message, chapter.name, by_name[chapter.name].find(needle, needle.lstrip(".")))


def check_references(root: Path, warn: Callable[[str], None] = lambda text: None) -> None:
    """For a book that Quarto typesets: raise one `RenderError` with everything in the chapters that leads nowhere.

    Quarto takes more than this renderer: a chapter that cannot be read here is left to Quarto, and its labels count.
    """
    project, problems = read_project(root, strict=False)
    sources, _ = _read(project)
    problems += [problem for source in sources if source.name.endswith(NOTEBOOK) for problem in _not_run(source)]
    found, _ = read_mentions(sources, ("html", "pdf", "docx"), project.root, project.conditions)
    read = {each.name: each for each in found}
    for source in sources:
        if source.refused and source.name in read:  # cells of other languages have labels, too
            read[source.name].labels |= (defined := _defined(source.text))
            read[source.name].anchors |= defined
    for chapter in project.chapters:
        if chapter.name not in read:
            defined = defined_in(chapter.path)
            found.append(Mentions(chapter.name, labels=defined, anchors=defined, openings={""}))
    problems += dangling(project, found, numbered_only=False)
    for name in unlisted(project):
        warn(f"warning: {name} is in no list of {CONFIG}, so the report is without it")
    if problems:
        raise at_once(_in_order([at_origin(at_once(problems), sources)], project))


def _not_run(source: Source) -> Iterator[RenderError]:
    """Why Quarto would print something else for a notebook than what its cells give here."""
    execute = source.settings.get("execute")
    if isinstance(execute, dict) and execute.get("enabled") is False:
        yield RenderError("with `enabled: false` Quarto prints what is stored in the notebook; take it out", source.name)
    if source.kernel not in ("", "python3") and not source.refused:
        message = f"Quarto would run it with the kernel `{source.kernel}`, not the report's Python; choose Python 3 in Jupyter"
        yield RenderError(message, source.name)


def chapter_files(root: Path) -> list[str]:
    """The chapters of the book, as paths relative to its folder."""
    return [chapter.name for chapter in read_project(root, strict=False)[0].chapters]


def read_chapter(root: Path, text: str, name: str) -> Source:
    """A chapter of this text, taken apart as one of the book."""
    return parse_source(text, name, read_project(root, strict=False)[0].texts)


def _in_order(problems: Iterable[RenderError], project: Project) -> list[RenderError]:
    problems = [each for problem in problems for each in problem.problems]
    places = {name: place for place, name in enumerate([CONFIG, *(chapter.name for chapter in project.chapters)])}
    return sorted(problems, key=lambda problem: (places.get(problem.file or "", -1), problem.line or 0))


def unlisted(project: Project) -> list[str]:
    """Chapters that lie beside those of the book and are in no list. A name that begins with `_` is a part to include."""
    folders = {chapter.path.parent for chapter in project.chapters} - {project.root}
    listed = {chapter.name for chapter in project.chapters}
    names = {path.relative_to(project.root).as_posix() for folder in folders for path in folder.glob("*.qmd")}
    return sorted(name for name in names - listed if not _NOT_BOOK.search(name))


# --- what a chapter mentions ----------------------------------------------------------------------------------------


def read_mentions(
    sources: Sequence[Source],
    formats: Sequence[str],
    root: Path,
    given: Callable[[Mapping[str, Any]], Conditions] = Conditions,
) -> tuple[list[Mentions], list[RenderError]]:
    """What each chapter defines and refers to in any of the formats, and what Pandoc complains of."""
    texts = [_markdown(source) for source in sources]
    global _trees
    keys = [digest(source.name, text) for source, (text, _) in zip(sources, texts, strict=True)]
    documents = {
        key: pandoc.Document(source.name, "html", text, [line for line, _ in lines])
        for key, source, (text, lines) in zip(keys, sources, texts, strict=True)
        if key not in _trees
    }
    trees: dict[str, list[dict[str, Any]] | None] = {key: _trees[key] for key in keys if key in _trees}
    problems: list[RenderError] = []
    try:
        trees.update(zip(documents, pandoc.parse([*documents.values()], [], root) if documents else [], strict=True))
    except RenderError:  # again, one by one, so that each chapter's complaint is heard
        for key, document in documents.items():
            try:
                trees[key] = pandoc.parse([document], [], root)[0]
            except RenderError as problem:
                problems.append(problem)
                trees[key] = None
    _trees = {key: tree for key, tree in trees.items() if tree is not None}
    found = []
    for key, source, (_, lines) in zip(keys, sources, texts, strict=True):
        tree = trees[key]
        if tree is not None:
            found.append(_mentions(source, tree, lines, _Shown(formats, given(source.settings))))
    return found, problems


_trees: dict[str, list[dict[str, Any]]] = {}
"""Of the chapters that this process has read last, by what they hold: a preview reads the same ones again and again."""


def _markdown(source: Source) -> tuple[str, list[tuple[int, str]]]:
    """The chapter's text with a stand-in for what code will give; of its lines the number in the source and what stands there."""
    out: list[tuple[int, str]] = []
    captions: set[int] = set()  # lines that hold a caption, which the source has among the options of its cell

    def put(text: str, line: int) -> None:
        out.extend((line + offset, part) for offset, part in enumerate(text.split("\n")))

    title = source.settings.get("title")
    if title is not None:
        line = source.find("title:", default=1) or 1
        out.extend([(line, f"# {title}"), (line, "")])
    for item in source.items:
        if isinstance(item, Prose):
            parts, position = [], 0
            for inline in item.inlines:
                between = "\n" * item.text.count("\n", inline.start, inline.end)
                parts += [item.text[position : inline.start], _VALUE, between]
                position = inline.end
            put("".join([*parts, item.text[position:]]), item.line)
        else:
            out.extend((item.line, part) for part in ("", _CELL["c"][1], ""))
            for caption in _captions(item):
                begin = len(out)
                out.extend((item.line, part) for part in ("", *caption.split("\n"), ""))
                captions.update(range(begin, len(out)))
    lines = [(line, "" if place in captions else text) for place, (line, text) in enumerate(out)]
    return "\n".join(text for _, text in out) + "\n", lines


@dataclass(frozen=True)
class _Shown:
    """Tells what is in any of the formats."""

    formats: Sequence[str]
    conditions: Conditions

    def anywhere(self, classes: Sequence[str], attributes: dict[str, str]) -> bool:
        return any(self.conditions.shown(classes, attributes, name) for name in self.formats)


def _captions(cell: Cell) -> list[str]:
    """The texts of a cell's options that are Markdown."""
    values = [cell.options.get(key) for key in ("fig-cap", "tbl-cap", "lst-cap", "fig-subcap", "tbl-subcap")]
    return [
        str(text)
        for value in values
        for text in (value if isinstance(value, list) else [value])
        if isinstance(text, str)
    ]


def _mentions(source: Source, blocks: list[dict[str, Any]], lines: list[tuple[int, str]], shown: _Shown) -> Mentions:
    found = Mentions(source.name)
    names: dict[str, list[str]] = {"keys": [], "links": [], "notes": [], "brackets": []}
    _walk(blocks, shown, found, names)
    options = [(n, line) for n, line in enumerate(source.text.split("\n"), start=1) if line.startswith("#|")]
    text = without_code("\n".join(line for _, line in lines))
    numbered = [(number, line) for (number, _), line in zip(lines, text.split("\n"), strict=True)] + options
    patterns = {
        "keys": lambda name: rf"(?<![\w@])@\{{?{re.escape(name)}(?![\w-])",
        "links": lambda name: re.escape(name) + r"(?![\w#-])",
        "notes": re.escape,
    }
    patterns["brackets"] = patterns["keys"]
    for what, pattern in patterns.items():
        mentions = getattr(found, what)
        for name in dict.fromkeys(names[what]):
            if _VALUE in name:
                continue
            at = dict.fromkeys(number for number, line in numbered if re.search(pattern(name), line))
            mentions += [Mention(name, line) for line in at] or [Mention(name, source.find(name))]
    _written(source, found)
    found.labels |= {name for name in found.anchors if _LABEL.fullmatch("#" + name)}
    return found


def _walk(
    node: Any, shown: _Shown, found: Mentions, names: dict[str, list[str]], inside: bool = True, has_text: bool = False
) -> None:  # fmt: skip
    """Collect from Pandoc's tree. inside: whether the chapter, as far as its title says, is numbered. has_text: whether something
    around may serve as the alternative text of pictures."""
    if isinstance(node, list):
        chapter = inside
        for child in node:
            if isinstance(child, dict) and child.get("t") == "Header":
                level, (identifier, classes, _), _ = child["c"]
                if level == 1:
                    chapter = "unnumbered" not in classes
                if not chapter or "unnumbered" in classes:
                    found.unnumbered.add(identifier)
            _walk(child, shown, found, names, chapter, has_text)
        return
    if not isinstance(node, dict):
        return
    kind, content = node.get("t"), node.get("c")
    if kind == "Div":
        found.refused += refused.in_division(content[0][1], dict(content[0][2]), sum(block != _CELL for block in content[1]))
        if not has_text:
            found.refused += refused.in_float(content[0][0], content[1])
        has_text = has_text or content[0][0].startswith(("fig-", "tbl-", "lst-")) or "fig-alt" in dict(content[0][2])
    elif kind == "Figure":
        has_text = has_text or bool(content[1][1])
    elif kind == "Image":
        found.refused += refused.in_picture(dict(content[0][2]), content[2][0], has_text or bool(content[1]))
    if kind in ("Div", "Span", "CodeBlock") and not shown.anywhere(content[0][1], dict(content[0][2])):
        return
    if kind in ("Div", "Span", "Code", "CodeBlock", "Figure", "Table", "Image", "Link") and content[0][0]:
        found.anchors.add(content[0][0])
    elif kind == "Header":
        found.anchors.add(content[1][0])
    if kind == "Cite":
        keys = [citation["citationId"] for citation in content[0]]
        labels = [key for key in keys if _LABEL.match("#" + key.lower())]
        names["brackets"] += labels[:1] if len(labels) < len(keys) else []
        names["keys"] += keys
        for citation in content[0]:
            _walk([citation["citationPrefix"], citation["citationSuffix"]], shown, found, names, inside)
        return
    if kind == "Link":
        names["links"].append(content[2][0])
    elif kind == "Str":
        found.anchors.update(re.findall(r"\{#([\w:.-]+)(?:\}|$)", content))  # of an equation, which Pandoc leaves in the text
        names["notes"] += re.findall(r"\[\^[^\]\s]+\]", content)
    elif kind == "RawBlock":
        found.anchors.update(re.findall(r"""\sid=["']([^"']+)""", content[1]))
    _walk(content, shown, found, names, inside, has_text)


# --- what code writes -----------------------------------------------------------------------------------------------


def _written(source: Source, found: Mentions) -> None:
    """Labels and references that stand as text in cells and inline expressions."""
    for item in source.items:
        if isinstance(item, Cell):
            found.anchors |= _labels_of(item)
            if item.options.get("eval", True) is False:
                continue
            _texts_of_code(item.code, item.line, found)
            if item.options.get("output") == "asis" and _prints_values(item.code):
                found.openings.add("")
        else:
            for inline in item.inlines:
                _texts_of_code(inline.expression, inline.line, found)


def _labels_of(cell: Cell) -> set[str]:
    """The labels of a cell: its own, its listing's, and those of its parts."""
    labels = {str(cell.options[key]) for key in ("label", "lst-label") if key in cell.options}
    for key in ("fig-subcap", "tbl-subcap", "fig-cap"):
        if cell.label and isinstance(cell.options.get(key), list):
            labels |= {f"{cell.label}-{number}" for number in range(1, len(cell.options[key]) + 1)}
    if cell.label and True in (cell.options.get("fig-subcap"), cell.options.get("tbl-subcap")):
        labels |= {f"{cell.label}-{number}" for number in range(1, 27)}
    return labels


def _parsed(code: str) -> ast.Module | None:
    """None where the code is not Python's; running it will say why."""
    try:
        return ast.parse("\n".join("pass" if line.startswith(("%", "!")) else line for line in code.split("\n")))
    except (SyntaxError, ValueError):
        return None


def _texts_of_code(code: str, first: int, found: Mentions) -> None:
    for node, text, goes_on in _texts(_parsed(code)):
        last = node.end_lineno or node.lineno

        def line(at: int, node: ast.Constant = node, text: str = text, last: int = last) -> int:
            return first - 1 + min(node.lineno + text.count("\n", 0, at), last)

        for label in _LABEL.finditer(text):
            before = text[: label.start()]
            if not before.endswith("{") and "id=" not in before[-4:]:
                continue
            if label[2] in ("%", "{") or (goes_on and not label[2]):
                found.openings.add(label[1])
            else:
                found.anchors.add(label[1])
        for pattern in (_WRITTEN_REFERENCE, _WRITTEN_CITATION):
            for key in pattern.finditer(text):
                rest = text[key.end() :]
                if not (goes_on and not rest) and not rest.startswith(("{", "%")):
                    mention = Mention(key[1], line(key.start()))
                    if mention not in found.keys:
                        found.keys.append(mention)
        found.links += [Mention(link[1], line(link.start())) for link in _WRITTEN_LINK.finditer(text)]


def _texts(node: ast.AST | None, goes_on: bool = False) -> Iterator[tuple[ast.Constant, str, bool]]:
    """Every text in the code, and whether a value may follow it without a gap."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node, node.value, goes_on
    elif isinstance(node, ast.JoinedStr):
        for place, part in enumerate(node.values):
            yield from _texts(part, goes_on or place + 1 < len(node.values))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _texts(node.left, True)
        yield from _texts(node.right, goes_on)
    elif node is not None:
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)


def _prints_values(code: str) -> bool:
    """Whether a cell prints anything but texts that stand in it."""
    tree = _parsed(code)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree else []
    shown = [
        node for node in calls if isinstance(node.func, ast.Name) and node.func.id in ("print", "display", "Markdown")
    ]
    plain = (ast.Constant, ast.JoinedStr, ast.Call)
    return len(shown) < len(calls) or not all(isinstance(part, plain) for node in shown for part in node.args)


# --- what leads nowhere ---------------------------------------------------------------------------------------------


def defined_in(path: Path) -> set[str]:
    """Labels and other identifiers that a file defines, as far as its bare text shows."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return set()
    return _defined(text)


def _defined(text: str) -> set[str]:
    options = re.findall(r"^\s*(?:#|//|%%)\|\s*label:\s*[\"']?([\w-]+)", text, re.MULTILINE)
    return {first or second for first, second in _ANY_ID.findall(text)} | set(options)


def dangling(project: Project, chapters: Sequence[Mentions], numbered_only: bool = True) -> list[RenderError]:
    """Everything in the chapters that leads nowhere, each with file, line and what to do.

    numbered_only: whether a reference to something without a number leads nowhere, too.
    """
    by_name = {chapter.name: chapter for chapter in chapters}
    openings = {opening for chapter in chapters for opening in chapter.openings}
    unnumbered = {label for chapter in chapters for label in chapter.unnumbered}
    crossref = project.settings.get("crossref")
    custom = (crossref.get("custom") if isinstance(crossref, dict) else None) or []
    kinds = (*_KINDS, *(str(entry.get("key")) for entry in custom if isinstance(entry, dict)))
    is_label = re.compile(rf"({'|'.join(map(re.escape, kinds))})-.+", re.IGNORECASE)
    labels = {
        label for chapter in chapters for label in {*chapter.labels, *filter(is_label.fullmatch, chapter.anchors)}
    }
    cited = dict.fromkeys(mention.name for chapter in chapters for mention in chapter.keys)
    missing = pandoc.not_in_bibliography(list(cited), project)
    named = project.settings.get("bibliography") or []
    complete = len(project.bibliography) == (
        len(named) if isinstance(named, list) else 1
    )  # one that is absent is said by itself
    elsewhere: dict[str, str] = {}
    for path in _other_files(project):
        for label in defined_in(path):
            elsewhere.setdefault(label, path.relative_to(project.root).as_posix())

    def reference(name: str) -> str | None:
        label = name[0].lower() + name[1:]
        if label in labels:
            if numbered_only and label in unnumbered:
                return "it has no number (its chapter or heading is unnumbered); link it as [text](#label)"
            return None
        if name not in missing:
            return None  # a source that is named like a label
        if label in elsewhere:
            return f"{elsewhere[label]} defines it, but {CONFIG} does not list that file; list it, or take the reference out"
        if any(label.startswith(opening) for opening in openings):
            return None
        near = difflib.get_close_matches(label, labels, 1, 0.8)
        return "there is no such label" + (
            f"; did you mean @{near[0]}?" if near else " in any chapter; take the reference out"
        )

    problems: list[RenderError] = []
    for chapter in chapters:
        for mention in chapter.keys:
            message = None
            if is_label.fullmatch(mention.name):
                why = reference(mention.name)
                message = why and f"the reference @{mention.name} leads nowhere: {why}"
            elif mention.name in missing and complete:
                near = difflib.get_close_matches(mention.name, cited.keys() - missing, 1, 0.8)
                where = ", ".join(path.name for path in project.bibliography) or f"{CONFIG} names none"
                hint = f"did you mean @{near[0]}?" if near else "add the source to it, or correct the key"
                message = f"the citation @{mention.name} is not in the bibliography ({where}); {hint}"
            if message:
                problems.append(RenderError(message, chapter.name, mention.line))
        for mention in chapter.links:
            message = _broken(mention.name, chapter, by_name, project, elsewhere)
            if message:
                problems.append(RenderError(message, chapter.name, mention.line))
        for mention in chapter.brackets if numbered_only else ():
            message = "a bracket holds either references to figures, tables and sections, or citations; make it two"
            problems.append(RenderError(message, chapter.name, mention.line))
        for mention in chapter.notes:
            message = (
                f"the footnote {mention.name} has no text; add a paragraph `{mention.name}: …`, or take the mark out"
            )
            problems.append(RenderError(message, chapter.name, mention.line))
    return problems


def _other_files(project: Project) -> list[Path]:
    listed = {chapter.path for chapter in project.chapters}
    folders = {project.root, *(chapter.path.parent for chapter in project.chapters), project.root / "chapters"}
    return [path for folder in sorted(folders) for path in sorted(folder.glob("*.qmd")) if path not in listed]


def _broken(
    url: str, chapter: Mentions, chapters: dict[str, Mentions], project: Project, elsewhere: dict[str, str]
) -> str | None:
    """What is wrong with a link to a chapter or an anchor; None for a good one, and for a link to anything else."""
    if re.match(r"^[a-z][a-z0-9+.-]*:", url, re.IGNORECASE) or url.startswith("//"):
        return None
    path, _, anchor = url.partition("#")
    if path and not path.endswith((".qmd", NOTEBOOK)):
        return None
    name = in_project(path, chapter.name) if path else chapter.name
    target = chapters.get(name)
    if target is None:
        if any(listed.name == name for listed in project.chapters):
            return None  # it is there and could not be read, which is said by itself
        if name.endswith(NOTEBOOK):
            return None  # a file like any other
        why = (
            f"the file is there, but {CONFIG} does not list it; list it, or take the link out"
            if (project.root / name).is_file()
            else "there is no such file; correct the link, or take it out"
        )
        return f"the link leads to {name}, which is no chapter of the book: {why}"
    if not anchor or anchor in target.anchors or any(anchor.startswith(opening) for opening in target.openings):
        return None
    near = difflib.get_close_matches(anchor, target.anchors, 1, 0.8)
    other = next((each.name for each in chapters.values() if anchor in each.anchors), elsewhere.get(anchor))
    hint = (
        f"; it is in {other}"
        if other
        else f"; did you mean #{near[0]}?"
        if near
        else "; correct the link, or take it out"
    )
    return f"there is no #{anchor} in {name}{hint}"
