"""A chapter's source: `.qmd` text taken apart into prose and Python cells, with the line of everything.

Only the syntax that runs code is read here (cells, inline expressions, shortcodes); the Markdown is Pandoc's to parse.
Code spans, code blocks and comments may show such syntax without it being run or refused.

What Quarto would take and this renderer does not typeset does not stop the reading: it is noted in `Source.refused`, and whoever
typesets refuses it. Running the chapter needs none of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from renderer import conditions
from renderer.cell_options import check_options
from renderer.includes import Origin, at_origin, expanded
from renderer.notebook_chapter import SUFFIX, chapter_of_notebook
from renderer.project import load_yaml, page_settings, plain_data
from renderer.render_error import RenderError, place_in
from renderer.shortcodes import Texts

RAW_FORMATS = conditions.FORMATS | {"openxml", "tex", "ooxml"}
_FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})\s*(.*?)\s*$")
_ENGINE = re.compile(r"^\{(\w[\w-]*)([^}]*)\}$")
_RAW = re.compile(r"^\{=(\w+)\}$")
_SHORTCODE = re.compile(r"(?<!\{)\{\{<\s*(/?[\w-]*)(.*?)>\}\}(?!\})")
_EMBED = re.compile(r"^\s*\{\{<\s*embed\s+(\S+?)((?:\s+[\w-]+=\S+)*)\s*>\}\}\s*$")
_SPAN = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")


@dataclass(frozen=True)
class Inline:
    """An inline expression: `start` and `end` are positions in the text of its `Prose`."""

    start: int
    end: int
    line: int
    expression: str


@dataclass(frozen=True)
class Prose:
    """Markdown between two cells; its first line is `line`."""

    line: int
    text: str
    inlines: tuple[Inline, ...]


@dataclass(frozen=True)
class Cell:
    """A Python cell. `line` is the line of its first line of code, for messages; `number` counts from 1.

    embedded: for what `{{< embed >}}` shows, the notebook or chapter and the cell, "other.qmd#fig-x". diagram: "mermaid" or "dot".
    Such cells have no code to run; what stands in them is the option `source`. span: the lines of its fences, from 1 on.
    """

    line: int
    number: int
    code: str
    options: dict[str, Any]
    embedded: str = ""
    diagram: str = ""
    span: tuple[int, int] = (0, 0)

    @property
    def label(self) -> str | None:
        """Its `label` option."""
        return self.options.get("label")

    @property
    def place(self) -> str:
        """How messages name the cell: "cell 3, fig-waterfall"."""
        return f"cell {self.number}" + (f", {self.label}" if self.label else "")


@dataclass(frozen=True)
class Source:
    """A chapter read but not run."""

    name: str
    text: str
    settings: dict[str, Any]  # its front matter
    items: tuple[Prose | Cell, ...] = field(repr=False)
    refused: tuple[RenderError, ...] = ()  # what Quarto would take and this renderer does not typeset
    origins: tuple[Origin, ...] = field(default=(), repr=False)  # of each line of the text, where they are not its own
    kernel: str = ""  # what a notebook says that runs it

    def place(self, line: int, cell: str | None = None) -> str:
        """A line of the text as messages name it."""
        problem = at_origin(RenderError("", self.name, line, cell), [self])
        return place_in(problem.file or self.name, problem.line, problem.cell)

    def find(self, *needles: str, default: int | None = None) -> int | None:
        """The first line that holds one of the texts, for mapping an error of Pandoc's tree back to the source."""
        for needle in needles:
            pattern = re.compile(re.escape(needle) + r"(?![\w-])")
            for number, line in enumerate(self.text.split("\n"), start=1):
                if needle and pattern.search(line):
                    return number
        return default


def read_source(path: Path, name: str, root: Path | None = None, texts: Callable[[dict[str, Any]], Texts] | None = None) -> Source:
    """Read one chapter. `name` is what messages call it. `RenderError` for what no engine can read.

    root: the project's folder, from which it may include files; nothing is included without it. texts: as for :func:`parse_source`.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise RenderError("not UTF-8 text; save it as UTF-8", name, line) from None
    except OSError as error:
        raise RenderError(f"cannot be read: {error.strerror}", name) from None
    refused: tuple[RenderError, ...] = ()
    places: tuple[Origin, ...] = ()
    kernel = ""
    if path.suffix == SUFFIX:
        try:
            chapter = chapter_of_notebook(text)
        except ValueError as problem:
            raise RenderError(str(problem), name) from None
        text, kernel = chapter.text, chapter.kernel
        places = tuple(Origin(name, line, cell) for cell, line in chapter.places)
        what = "a picture that is kept inside the notebook is not shown; save it as a file beside it, and show that"
        refused = tuple(RenderError(what, name, line) for line in chapter.attachments)
    origins = places
    if root is not None:
        try:
            text, included = expanded(text.replace("\r\n", "\n"), name, root)
        except RenderError as error:
            raise at_origin(error, [Source(name, text, {}, (), origins=places)]) from None
        if included:  # an include stands in a line of the notebook's text
            origins = tuple(places[each.line - 1] if places and each.file == name else each for each in included)
    try:
        source = parse_source(text, name, texts)
    except RenderError as error:
        raise at_origin(error, [Source(name, text, {}, (), origins=origins)]) from None
    return replace(source, origins=origins, refused=(*refused, *source.refused), kernel=kernel)


def parse_source(text: str, name: str, texts: Callable[[dict[str, Any]], Texts] | None = None) -> Source:
    """Take a chapter's text apart; `RenderError` for what no engine can read.

    texts: what shortcodes give, by the chapter's settings.
    """
    text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    front, start = _front_matter(lines, name)
    settings, problems = page_settings(front, name)
    items = tuple(_items(lines, start, name, texts(settings) if texts else Texts(metadata=settings), problems))
    return Source(name, text, settings, items, tuple(problems))


def same_program(one: Source, other: Source) -> bool:
    """Whether two texts of a chapter have the same settings, cells and inline expressions, in the same order."""
    if len(one.items) != len(other.items) or one.settings != other.settings:
        return False
    for old, new in zip(one.items, other.items, strict=True):
        if type(old) is not type(new):
            return False
        if isinstance(old, Cell) and isinstance(new, Cell):
            if (old.number, old.code, old.options) != (new.number, new.code, new.options):
                return False
        elif [each.expression for each in old.inlines] != [each.expression for each in new.inlines]:
            return False
    return True


def _front_matter(lines: list[str], name: str) -> tuple[str, int]:
    if not lines or lines[0].rstrip() != "---":
        return "", 0
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() in ("---", "..."):
            return "\n".join(lines[1:number]), number + 1
    raise RenderError("the front matter is not closed by `---`", name, 1)


def _items(
    lines: list[str], start: int, name: str, texts: Texts, problems: list[RenderError]
) -> Iterator[Prose | Cell]:  # fmt: skip
    prose: list[tuple[str, bool]] = []  # line, whether it is verbatim
    first = start
    number, cells, in_comment = start, 0, False
    while number < len(lines):
        line = lines[number]
        fence = None if in_comment else _FENCE.match(line)
        if not in_comment and (embed := _EMBED.match(line)):
            if prose:
                yield _prose(prose, first, name, texts, problems)
            cells += 1
            options = dict(each.split("=", 1) for each in embed[2].split())
            options["echo"] = options.get("echo") == "true"
            yield Cell(number + 1, cells, "", options, embed[1], span=(number + 1, number + 1))
            number += 1
            prose, first = [], number
            continue
        if fence is None or ("`" in fence[2] and "`" in fence[3]):
            prose.append((line, False))
            in_comment = _comment_open(line, in_comment)
            number += 1
            continue
        close = _closing(lines, number, fence[2], name, problems)
        info = fence[3]
        engine = _ENGINE.match(info)
        if engine and engine[1] == "python":
            if fence[1]:
                problems.append(RenderError("a code cell must start at the beginning of its line", name, number + 1))
            if engine[2].strip():
                problems.append(RenderError("options of a cell go into `#|` lines, not into the braces", name, number + 1))
            if prose:
                yield _prose(prose, first, name, texts, problems)
            cells += 1
            code = [line.removeprefix(fence[1]) for line in lines[number + 1 : close]]
            yield replace(_cell(code, number + 2, cells, name, problems), span=(number + 1, close + 1))
            prose, first = [], close + 1
        elif engine and engine[1] in _DIAGRAMS:
            if prose:
                yield _prose(prose, first, name, texts, problems)
            cells += 1
            diagram = _diagram(engine[1], lines[number + 1 : close], number + 2, cells, name, problems)
            yield replace(diagram, span=(number + 1, close + 1))
            prose, first = [], close + 1
        elif engine:
            problems.append(RenderError(_not_run(engine[1]), name, number + 1))
            prose.extend((text, True) for text in lines[number : close + 1])
        else:
            raw = _RAW.match(info)
            if raw and conditions.split_raw(raw[1]) not in RAW_FORMATS:
                problems.append(
                    RenderError(f"`{raw[1]}` is no format; raw blocks are of html, typst or openxml", name, number + 1)
                )
            shown = re.sub(r"\{\{(\w[\w-]*)([^}]*)\}\}", r"{\1\2}", line) if info.startswith("{{") else line
            if shown != line:  # Pandoc would take {python} for attributes; show the fence as it is written
                prose.extend(("    " + text, True) for text in [shown, *lines[number + 1 : close + 1]])
            else:
                prose.extend((text, True) for text in lines[number : close + 1])
        number = close + 1
    if prose:
        yield _prose(prose, first, name, texts, problems)


def _closing(lines: list[str], opening: int, marks: str, name: str, problems: list[RenderError]) -> int:
    closing = re.compile(rf"^\s*{re.escape(marks[0])}{{{len(marks)},}}\s*$")
    for number in range(opening + 1, len(lines)):
        if closing.match(lines[number]):
            return number
    problems.append(RenderError("the code block that begins here is never closed", name, opening + 1))
    return len(lines)


def _comment_open(line: str, is_open: bool) -> bool:
    rest = line if is_open else _SPAN.sub("", line)
    while True:
        mark = "-->" if is_open else "<!--"
        _, found, rest = rest.partition(mark)
        if not found:
            return is_open
        is_open = not is_open


def read_cell_options(code: str) -> tuple[dict[str, Any], str]:
    """The `#|` options at the head of a cell's code, as they stand, and the code below them."""
    lines = code.split("\n")
    head = next((number for number, line in enumerate(lines) if not line.startswith("#|")), len(lines))
    options = load_yaml("\n".join(line[2:].removeprefix(" ") for line in lines[:head]), "notebook") if head else None
    return (plain_data(options) if isinstance(options, dict) else {}), "\n".join(lines[head:]).strip("\n")


_DIAGRAMS = {"mermaid": "%%|", "dot": "//|"}
"""Languages of diagrams, and how the lines of their options begin."""


def _not_run(engine: str) -> str:
    return f"cells of `{engine}` cannot be run, only Python; to show such a cell write {{{{{engine}}}}}"


def _diagram(language: str, lines: list[str], first: int, number: int, name: str, problems: list[RenderError]) -> Cell:
    mark = _DIAGRAMS[language]
    options = ["#|" + line[len(mark) :] if line.startswith(mark) else line for line in lines]
    cell = _cell(options, first, number, name, problems)
    return replace(cell, code="", options={"echo": False, **cell.options, "source": cell.code}, diagram=language)


def _cell(lines: list[str], first: int, number: int, name: str, problems: list[RenderError]) -> Cell:
    head = 0
    while head < len(lines) and lines[head].startswith("#|"):
        head += 1
    start = head
    while start < len(lines) - 1 and not lines[start].strip():
        start += 1
    text = "\n".join(line[2:].removeprefix(" ") for line in lines[:head])
    options = load_yaml(text, name, first) if text.strip() else {}
    if not isinstance(options, dict):
        raise RenderError("cell options are written `#| name: value`", name, first, f"cell {number}")
    for message, key in check_options(options):
        problems.append(RenderError(message, name, first + options.lc.key(key)[0], f"cell {number}"))
    return Cell(first + start, number, "\n".join(lines[start:]).rstrip(), plain_data(options))


def _prose(
    lines: list[tuple[str, bool]], first: int, name: str, texts: Texts, problems: list[RenderError]
) -> Prose:  # fmt: skip
    """Find the inline expressions and put in what shortcodes give; verbatim lines stay untouched."""
    text = "\n".join(line for line, _ in lines)
    scan = _Scan(name, texts, problems)
    offset = 0
    run: list[str] = []
    run_start, run_line = 0, first
    for index, (line, verbatim) in enumerate([*lines, ("", True)]):
        if verbatim:
            if run:
                scan.look("\n".join(run), run_start, run_line + 1)
            run, run_start, run_line = [], offset + len(line) + 1, first + index + 1
        else:
            run.append(line)
        offset += len(line) + 1
    return _edited(first + 1, text, scan.inlines, scan.edits)


def _edited(line: int, text: str, inlines: list[Inline], edits: list[tuple[int, int, str]]) -> Prose:
    for start, end, new in sorted(edits, reverse=True):
        shift = len(new) - (end - start)
        text = text[:start] + new + text[end:]
        inlines = [
            Inline(i.start + shift, i.end + shift, i.line, i.expression) if i.start >= end else i for i in inlines
        ]
    return Prose(line, text, tuple(inlines))


class _Scan:
    """What stretches of text hold: inline expressions, and edits that put in what shortcodes give."""

    def __init__(self, name: str, texts: Texts, problems: list[RenderError]) -> None:
        self.name, self.texts, self.problems = name, texts, problems
        self.inlines: list[Inline] = []
        self.edits: list[tuple[int, int, str]] = []

    def look(self, text: str, base: int, line: int) -> None:
        position = 0
        plain_from = 0
        while position < len(text):
            character = text[position]
            if character == "\\":
                position += 2
            elif text.startswith("<!--", position):
                self.shortcodes(text, plain_from, position, base, line)
                end = text.find("-->", position)
                position = plain_from = len(text) if end < 0 else end + 3
            elif character == "`":
                marks = re.match(r"`+", text[position:])[0]  # type: ignore[index]
                span = re.compile(rf"(?<!`){marks}(?!`)").search(text, position + len(marks))
                paragraph_end = re.compile(r"\n[ \t]*\n").search(text, position)
                if span is None or (paragraph_end and paragraph_end.start() < span.start()):
                    position += len(marks)
                    continue
                content = text[position + len(marks) : span.start()]
                at = line + text.count("\n", 0, position)
                if len(marks) == 1:
                    self.code_span(content, position + base, span.end() + base, at)
                self.shortcodes(text, plain_from, position, base, line)
                position = plain_from = span.end()
            else:
                position += 1
        self.shortcodes(text, plain_from, len(text), base, line)

    def code_span(self, content: str, start: int, end: int, line: int) -> None:
        engine = re.match(r"^\{(\w+)\}[ \t\n](.*)$", content, re.DOTALL)
        escaped = re.match(r"^\{\{(\w+)\}\}[ \t\n]", content)
        if engine and engine[1] == "python":
            self.inlines.append(Inline(start, end, line, " ".join(engine[2].split("\n")).strip()))
        elif engine:
            self.problems.append(
                RenderError(f"inline code of `{engine[1]}` cannot be run, only Python", self.name, line)
            )
        elif escaped:
            self.edits.append((start, end, "`{" + escaped[1] + "}" + content[escaped.end() - 1 :] + "`"))

    def shortcodes(self, text: str, start: int, end: int, base: int, line: int) -> None:
        for found in _SHORTCODE.finditer(text, start, end):
            try:
                given = self.texts.text(found[1], found[2].strip())
            except ValueError as problem:
                at = line + text.count("\n", 0, found.start())
                message = f"the built-in renderer does not follow the shortcode `{found[0]}`: {problem}"
                self.problems.append(RenderError(message, self.name, at))
                continue
            self.edits.append((base + found.start(), base + found.end(), given))
        for found in re.compile(r"\{\{\{<(.*?)>\}\}\}").finditer(text, start, end):
            self.edits.append((base + found.start(), base + found.end(), "{{<" + found[1] + ">}}"))
