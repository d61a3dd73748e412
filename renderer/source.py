"""A chapter's source: `.qmd` text taken apart into prose and Python cells, with the line of everything.

Only the syntax that runs code is read here (cells, inline expressions, shortcodes); the Markdown is Pandoc's to parse.
Code spans, code blocks and comments may show such syntax without it being run or refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from renderer.project import load_yaml, page_settings
from renderer.render_error import RenderError

RAW_FORMATS = {"html", "html5", "typst", "openxml"}

_CELL_OPTIONS = {
    "label", "echo", "include", "output", "eval", "warning", "code-fold", "code-summary", "fig-cap", "fig-alt",
    "tbl-cap",
}  # fmt: skip
_FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})\s*(.*?)\s*$")
_ENGINE = re.compile(r"^\{(\w[\w-]*)([^}]*)\}$")
_RAW = re.compile(r"^\{=(\w+)\}$")
_SHORTCODE = re.compile(r"(?<!\{)\{\{<\s*(/?[\w-]*)(.*?)>\}\}(?!\})")
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
    """A Python cell. `line` is the line of its first line of code, for messages; `number` counts from 1."""

    line: int
    number: int
    code: str
    options: dict[str, Any]

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

    def find(self, *needles: str, default: int | None = None) -> int | None:
        """The first line that holds one of the texts, for mapping an error of Pandoc's tree back to the source."""
        for needle in needles:
            pattern = re.compile(re.escape(needle) + r"(?![\w-])")
            for number, line in enumerate(self.text.split("\n"), start=1):
                if needle and pattern.search(line):
                    return number
        return default


def read_source(path: Path, name: str) -> Source:
    """Read one chapter. `name` is what messages call it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise RenderError("not UTF-8 text; save it as UTF-8", name, line) from None
    except OSError as error:
        raise RenderError(f"cannot be read: {error.strerror}", name) from None
    return parse_source(text, name)


@lru_cache(64)
def parse_source(text: str, name: str) -> Source:
    """Take a chapter's text apart; `RenderError` for whatever this renderer cannot run."""
    text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    front, start = _front_matter(lines, name)
    settings = page_settings(front, name)
    return Source(name, text, settings, tuple(_items(lines, start, name)))


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


def _items(lines: list[str], start: int, name: str) -> Iterator[Prose | Cell]:
    prose: list[tuple[str, bool]] = []  # line, whether it is verbatim
    first = start
    number, cells, in_comment = start, 0, False
    while number < len(lines):
        line = lines[number]
        fence = None if in_comment else _FENCE.match(line)
        if fence is None or ("`" in fence[2] and "`" in fence[3]):
            prose.append((line, False))
            in_comment = _comment_open(line, in_comment)
            number += 1
            continue
        close = _closing(lines, number, fence[2], name)
        info = fence[3]
        engine = _ENGINE.match(info)
        if engine and engine[1] == "python":
            if fence[1]:
                raise RenderError("a code cell must start at the beginning of its line", name, number + 1)
            if engine[2].strip():
                raise RenderError("options of a cell go into `#|` lines, not into the braces", name, number + 1)
            if prose:
                yield _prose(prose, first, name)
            cells += 1
            yield _cell(lines[number + 1 : close], number + 2, cells, name)
            prose, first = [], close + 1
        elif engine:
            raise RenderError(
                f"cells of `{engine[1]}` cannot be run, only Python; to show such a cell write {{{{{engine[1]}}}}}",
                name, number + 1,
            )  # fmt: skip
        else:
            raw = _RAW.match(info)
            if raw and raw[1] not in RAW_FORMATS:
                raise RenderError(
                    f"a raw block of `{raw[1]}` is in none of the formats; use html, typst or openxml",
                    name,
                    number + 1,
                )
            shown = re.sub(r"\{\{(\w[\w-]*)([^}]*)\}\}", r"{\1\2}", line) if info.startswith("{{") else line
            if shown != line:  # Pandoc would take {python} for attributes; show the fence as it is written
                prose.extend(("    " + text, True) for text in [shown, *lines[number + 1 : close + 1]])
            else:
                prose.extend((text, True) for text in lines[number : close + 1])
        number = close + 1
    if prose:
        yield _prose(prose, first, name)


def _closing(lines: list[str], opening: int, marks: str, name: str) -> int:
    closing = re.compile(rf"^\s*{re.escape(marks[0])}{{{len(marks)},}}\s*$")
    for number in range(opening + 1, len(lines)):
        if closing.match(lines[number]):
            return number
    raise RenderError("the code block that begins here is never closed", name, opening + 1)


def _comment_open(line: str, is_open: bool) -> bool:
    rest = line if is_open else _SPAN.sub("", line)
    while True:
        mark = "-->" if is_open else "<!--"
        _, found, rest = rest.partition(mark)
        if not found:
            return is_open
        is_open = not is_open


def _cell(lines: list[str], first: int, number: int, name: str) -> Cell:
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
    for key in options:
        line = first + options.lc.key(key)[0]
        if key not in _CELL_OPTIONS:
            raise RenderError(
                f"the built-in renderer does not know the cell option `{key}`; remove it, or render with Quarto",
                name, line, f"cell {number}",
            )  # fmt: skip
        value = options[key]
        if isinstance(value, str) and "`{python}" in value:
            raise RenderError(
                f"inline code in the cell option `{key}` is not run (nor by Quarto); put the cell into a division "
                "`::: {#fig-… fig-alt=\"…\"}` with the caption as its last paragraph",
                name, line, f"cell {number}",
            )  # fmt: skip
        _check_option(key, value, name, line, number)
    return Cell(first + start, number, "\n".join(lines[start:]).rstrip(), dict(options))


def _check_option(key: str, value: Any, name: str, line: int, number: int) -> None:
    texts = {"label", "fig-cap", "fig-alt", "tbl-cap", "code-summary"}
    choices = {"output": (True, False, "asis"), "code-fold": (True, False, "show")}
    if key in texts:
        good, expected = isinstance(value, str) and bool(value.strip()), "a text"
    else:
        allowed = choices.get(key, (True, False))
        good = value in allowed
        expected = " or ".join(str(item).lower() if isinstance(item, bool) else item for item in allowed)
    if not good:
        raise RenderError(f"the cell option `{key}` must be {expected}", name, line, f"cell {number}")


def _prose(lines: list[tuple[str, bool]], first: int, name: str) -> Prose:
    """Find the inline expressions and rewrite the one shortcode; verbatim lines stay untouched."""
    text = "\n".join(line for line, _ in lines)
    inlines: list[Inline] = []
    edits: list[tuple[int, int, str]] = []
    offset = 0
    run: list[str] = []
    run_start, run_line = 0, first
    for index, (line, verbatim) in enumerate([*lines, ("", True)]):
        if verbatim:
            if run:
                _scan("\n".join(run), run_start, run_line + 1, name, inlines, edits)
            run, run_start, run_line = [], offset + len(line) + 1, first + index + 1
        else:
            run.append(line)
        offset += len(line) + 1
    return _edited(first + 1, text, inlines, edits)


def _edited(line: int, text: str, inlines: list[Inline], edits: list[tuple[int, int, str]]) -> Prose:
    for start, end, new in sorted(edits, reverse=True):
        shift = len(new) - (end - start)
        text = text[:start] + new + text[end:]
        inlines = [
            Inline(i.start + shift, i.end + shift, i.line, i.expression) if i.start >= end else i for i in inlines
        ]
    return Prose(line, text, tuple(inlines))


def _scan(text: str, base: int, line: int, name: str, inlines: list[Inline], edits: list[tuple[int, int, str]]) -> None:
    position = 0
    plain_from = 0
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 2
        elif text.startswith("<!--", position):
            _shortcodes(text, plain_from, position, base, line, name, edits)
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
                _code_span(content, position + base, span.end() + base, at, name, inlines, edits)
            _shortcodes(text, plain_from, position, base, line, name, edits)
            position = plain_from = span.end()
        else:
            position += 1
    _shortcodes(text, plain_from, len(text), base, line, name, edits)


def _code_span(
    content: str, start: int, end: int, line: int, name: str, inlines: list[Inline],
    edits: list[tuple[int, int, str]],
) -> None:  # fmt: skip
    engine = re.match(r"^\{(\w+)\}[ \t\n](.*)$", content, re.DOTALL)
    escaped = re.match(r"^\{\{(\w+)\}\}[ \t\n]", content)
    if engine and engine[1] == "python":
        inlines.append(Inline(start, end, line, " ".join(engine[2].split("\n")).strip()))
    elif engine:
        raise RenderError(f"inline code of `{engine[1]}` cannot be run, only Python", name, line)
    elif escaped:
        edits.append((start, end, "`{" + escaped[1] + "}" + content[escaped.end() - 1 :] + "`"))


def _shortcodes(
    text: str, start: int, end: int, base: int, line: int, name: str, edits: list[tuple[int, int, str]]
) -> None:
    for found in _SHORTCODE.finditer(text, start, end):
        at = line + text.count("\n", 0, found.start())
        if found[1] != "pagebreak" or found[2].strip():
            raise RenderError(
                f"the built-in renderer does not know the shortcode `{found[0]}`; remove it, or render with Quarto",
                name, at,
            )  # fmt: skip
        edits.append((base + found.start(), base + found.end(), "[]{.pagebreak}"))
    for found in re.compile(r"\{\{\{<(.*?)>\}\}\}").finditer(text, start, end):
        edits.append((base + found.start(), base + found.end(), "{{<" + found[1] + ">}}"))
