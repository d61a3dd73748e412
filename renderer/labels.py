"""How Quarto numbers what a chapter refers to, told from the executed text alone.

A notebook says "Figure 2.1" where the chapter says `@fig-course`. For a book that Quarto typesets nobody else here knows the numbers:
Quarto takes more than this renderer can compose, and its notebooks need nothing but the words of a reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from renderer.book import Target
from renderer.execute import Executed
from renderer.markdown import filled
from renderer.project import ChapterFile
from renderer.source import Cell, Prose
from renderer.verbatim import without_comments
from renderer.words import NUMBERED, Words

_LABELLED = re.compile(rf"\{{[^{{}}]*?#((?:{'|'.join(NUMBERED)})-[\w-]+)")
_HEADING = re.compile(r"^(#{1,6})\s+(.*)$")
_SECTION = re.compile(r"\{[^{}]*#(sec-[\w-]+)")
_UNNUMBERED = re.compile(r"\{[^{}]*(\.unnumbered|(?<=[\s{])-(?=[\s}]))")
_STATEMENT = re.compile(rf"^:{{3,}}.*(\.callout|#(?!fig|tbl|lst|sec)(?:{'|'.join(NUMBERED)})-)")
"""Opens a callout, a theorem or one of their kin: a heading at its top is its title."""
_OF_DIAGRAM = re.compile(r"^\s*(?://|%%)\|\s*label:\s*([\w-]+)")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")


def numbered(chapters: Sequence[ChapterFile], executed: Sequence[Executed], words: Words) -> dict[str, Target]:
    """Every label of the book that has a number, as Quarto counts: within the chapter, appendices apart."""
    found: dict[str, Target] = {}
    counted = {False: 0, True: 0}
    for file, chapter in zip(chapters, executed, strict=True):
        number, sections, counts = "", [0] * 7, dict.fromkeys(NUMBERED, 0)
        before = ""
        for line in _lines(chapter):
            heading = None if _STATEMENT.match(before) else _HEADING.match(line)
            before = line if line.strip() else before
            if heading and not _UNNUMBERED.search(line):
                level = len(heading[1])
                if level == 1:
                    counted[file.appendix] += 1
                    number = words.appendix(counted[True]) if file.appendix else str(counted[False])
                    counts = dict.fromkeys(NUMBERED, 0)
                sections[level] += 1
                sections[level + 1 :] = [0] * (6 - level)
                if label := _SECTION.search(line):
                    kind = "crossref-sec" if level > 1 else "crossref-apx" if file.appendix else "crossref-ch"
                    shown = ".".join([number, *map(str, sections[2 : level + 1])])
                    found.setdefault(label[1], Target(label[1], words[f"{kind}-prefix"], shown, file))
            for label in () if heading else _LABELLED.finditer(line):
                kind = label[1].partition("-")[0]
                whole, _, part = label[1].rpartition("-")
                if whole in found and part.isdigit():
                    shown = f"{found[whole].number}\u00a0({chr(ord('a') + int(part) - 1)})"
                else:
                    counts[kind] += 1
                    shown = f"{number}.{counts[kind]}" if number else str(counts[kind])
                found.setdefault(label[1], Target(label[1], words.prefix(kind), shown, file))
    return found


def _lines(chapter: Executed) -> Iterator[str]:
    """The lines of the chapter that can hold a heading or a label: none of code, and of a cell its own label and what it writes."""
    if title := chapter.source.settings.get("title"):
        yield f"# {title}"
    for item, results in zip(chapter.source.items, chapter.results, strict=True):
        if isinstance(item, Prose):
            yield from _outside_code(filled(item, results))
        else:
            yield from _of_cell(item, results)


def _of_cell(cell: Cell, outputs: Sequence[dict]) -> Iterator[str]:
    for key, parts in (("label", ("fig-subcap", "tbl-subcap")), ("lst-label", ())):
        if label := cell.options.get(key):
            yield f"{{#{label}}}"
            captions = next((cell.options[part] for part in parts if part in cell.options), [])
            yield from (f"{{#{label}-{number}}}" for number in range(1, 1 + len(captions if isinstance(captions, list) else outputs)))
    for output in outputs:
        text = output.get("text") or output.get("data", {}).get("text/markdown")
        if isinstance(text, str):
            yield from _outside_code(text)


def _outside_code(text: str) -> Iterator[str]:
    marks = ""
    for line in without_comments(text).split("\n"):
        fence = _FENCE.match(line)
        if fence and not marks:
            marks = fence[1]
            yield line  # a listing has its label here
        elif fence and fence[1].startswith(marks) and not line.strip("`~ \t"):
            marks = ""
        elif marks and (label := _OF_DIAGRAM.match(line)):
            yield f"{{#{label[1]}}}"
        elif not marks:
            yield "" if re.match(r"^ {4}|\t", line) and _HEADING.match(line.strip()) else line
