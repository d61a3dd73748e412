"""A notebook as a chapter: the `.qmd` text that says the same, by the rules of `quarto convert`.

Only what an author writes is read. Outputs that are stored in the notebook are not: its cells run anew, as those of every chapter.
With the standard library alone, for whoever lists what a report is made from reads notebooks, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

SUFFIX = ".ipynb"
_OPTIONS = (
    "eval", "echo", "warning", "error", "output", "include", "label", "classes", "panel", "column", "fig-cap", "fig-subcap",
    "fig-scap", "fig-cap-location", "tbl-cap-location", "cap-location", "fig-column", "tbl-column", "fig-link", "fig-align",
    "fig-alt", "fig-env", "fig-pos", "lst-label", "lst-cap", "out-width", "out-height", "md-indent", "code-fold",
    "code-line-numbers", "code-summary", "code-overflow", "html-table-processing", "layout-align", "layout-valign",
    "layout-ncol", "layout-nrow", "layout", "tbl-cap", "tbl-colwidths", "tags",
)  # fmt: skip
"""What Quarto takes from a cell's metadata; everything else there is Jupyter's or another program's."""
_TAGS = {
    "hide-cell": {"include": False}, "remove-cell": {"include": False}, "hide-code": {"echo": False}, "show-code": {"echo": True},
    "hide-output": {"output": False}, "show-output": {"output": True}, "hide-warnings": {"warning": False},
    "show-warnings": {"warning": True},
}  # fmt: skip
"""Tags that are options, as Quarto has them."""
_RAW = {"text/html": "html", "text/latex": "latex", "text/restructuredtext": "rst", "application/rtf": "rtf"}
_FRONT = re.compile(r"^---[ \t]*\n(?![ \t]*\n|---).*?^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_FENCED_CELL = re.compile(r"^([ \t]*(?:`{3,}|~{3,})[ \t]*)\{(\w[^{}]*)\}", re.MULTILINE)

Place = tuple[int, int]
"""A cell of the notebook, and a line in it, both from 1."""


@dataclass
class NotebookChapter:
    """The text of a notebook's chapter, the place of each of its lines, what runs it, and where pictures are kept inside it."""

    lines: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    attachments: list[int] = field(default_factory=list)  # lines of the text, from 1, that show one
    kernel: str = ""  # Jupyter's name for what runs it; empty where the notebook has none

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def add(self, text: str, cell: int, first: int = 1) -> None:
        for number, line in enumerate(text.split("\n"), start=first):
            self.lines.append(line)
            self.places.append((cell, number))


def chapter_of_notebook(content: str) -> NotebookChapter:
    """The chapter; `ValueError` says why the content is no notebook.

    Front matter stands in the first cell of text that begins with it. Options of a cell come from its metadata and from its `#|`
    lines, which count where both have one. Raw cells of a format become raw blocks.

    >>> cell = {"cell_type": "code", "metadata": {"echo": False}, "source": ["#| label: fig-a\\n", "draw()"], "outputs": []}
    >>> print(chapter_of_notebook(json.dumps({"nbformat": 4, "metadata": {}, "cells": [cell]})).text)
    ```{python}
    #| echo: false
    #| label: fig-a
    draw()
    ```
    <BLANKLINE>
    """
    try:
        notebook = json.loads(content)
    except ValueError as problem:
        raise ValueError(f"not valid JSON: {problem}") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        old = isinstance(notebook, dict) and "worksheets" in notebook
        raise ValueError("of an old format; save it anew in JupyterLab" if old else "no notebook: it has no list of cells")
    about = notebook.get("metadata") if isinstance(notebook.get("metadata"), dict) else {}
    language = _of(about, "kernelspec", "language") or _of(about, "language_info", "name") or "python"
    chapter = NotebookChapter(kernel=_of(about, "kernelspec", "name"))
    cells = [(number, _source(cell), cell) for number, cell in enumerate(notebook["cells"], start=1) if isinstance(cell, dict)]
    front = next(((number, found[0]) for number, text, cell in cells if cell.get("cell_type") in ("raw", "markdown")
                  and (found := _FRONT.match(text))), None)  # fmt: skip
    if front:
        chapter.add(front[1].rstrip("\n") + "\n", front[0])
    for number, text, cell in cells:
        kind, first = cell.get("cell_type"), 1
        if front and number == front[0]:
            first += front[1].count("\n")
            text = text[len(front[1]) :]
        if not text.strip():
            continue
        metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
        if kind == "code":
            fence = _fence(text)
            chapter.add(f"{fence}{{{language}}}", number)
            for line in _options(metadata, text):
                chapter.add(line, number)
            chapter.add(text.rstrip("\n"), number)
            chapter.add(f"{fence}\n", number, text.count("\n") + 1)
        elif kind == "raw" and (name := _RAW.get(str(metadata.get("raw_mimetype") or metadata.get("format")))):
            fence = _fence(text)
            chapter.add(f"{fence}{{={name}}}", number)
            chapter.add(text.rstrip("\n"), number)
            chapter.add(f"{fence}\n", number, text.count("\n") + 1)
        elif kind in ("markdown", "raw"):
            start = len(chapter.lines)
            # Code in a cell of text is shown and not run, whatever its fence says.
            chapter.add(_FENCED_CELL.sub(r"\1{{\2}}", text.rstrip("\n")) + "\n", number, first)
            shown = enumerate(chapter.lines[start:], start=start + 1)
            chapter.attachments += [line for line, part in shown if cell.get("attachments") and "attachment:" in part]
    return chapter


def _of(metadata: Mapping[str, Any], key: str, name: str) -> str:
    node = metadata.get(key)
    return str(node.get(name) or "").lower() if isinstance(node, dict) else ""


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    return ("".join(map(str, source)) if isinstance(source, list) else str(source)).replace("\r\n", "\n")


def _options(metadata: Mapping[str, Any], code: str) -> Iterator[str]:
    """Options of the metadata as `#|` lines, without those that the code has itself. Some tags stand for an option."""
    own = {found[1] for line in code.split("\n") if (found := re.match(r"#\|\s*[\"']?([\w-]+)[\"']?\s*:", line))}
    tags = metadata.get("tags") if isinstance(metadata.get("tags"), list) else []
    given = {key: value for tag in tags if isinstance(tag, str) for key, value in _TAGS.get(tag, {}).items()} | dict(metadata)
    for name in _OPTIONS:
        if name in given and name not in own and given[name] != []:
            yield f"#| {name}: {json.dumps(given[name], ensure_ascii=False)}"  # JSON is YAML


def _fence(code: str) -> str:
    """Longer than any in the code."""
    return "`" * max([3, *(len(marks) + 1 for marks in re.findall(r"^[ \t]*(`{3,})", code, re.MULTILINE))])
