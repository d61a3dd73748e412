"""Pictures that nobody could hear: without an alternative text and without a caption that serves as one.

PDF/UA-1 wants a text for every picture. Typst stops where one is missing, at a line of a file that nobody has written; so it is looked
for in the chapters, once they have run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from renderer.execute import Executed, option
from renderer.markdown import filled
from renderer.render_error import RenderError
from renderer.source import Cell, Prose, Source
from renderer.verbatim import without_code

_PICTURE = re.compile(r"(?<!\\)!\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)(\{[^}]*\})?")
_FENCE = re.compile(r"^:{3,}(.*)$")
_TEXT = re.compile(r"(fig-)?(alt|cap)=(\"(?:\\.|[^\"\\])*[^\s\"](?:\\.|[^\"\\])*\"|'[^']*[^\s'][^']*'|[^\s\"'}]+)")
_WHAT = 'give it a text: `![caption](file)` or `{fig-alt="…"}`'
_OF_CELL = "give it one: `#| fig-alt: …`, or a label with a caption"


def pictures_without_text(executed: Sequence[Executed], defaults: Mapping[str, Any]) -> list[RenderError]:
    """Every picture of the chapters, drawn or from a file, that has neither text nor caption, with file, line and cell.

    defaults: options of all cells.
    """
    return [problem for chapter in executed for problem in _of_chapter(chapter, defaults)]


def _of_chapter(chapter: Executed, defaults: Mapping[str, Any]) -> Iterator[RenderError]:
    captioned: list[bool] = []  # for each open division, whether it is a figure, whose last paragraph is its caption
    for item, results in zip(chapter.source.items, chapter.results, strict=True):
        if isinstance(item, Cell):
            if not any(captioned) and _draws(results) and not _has_text(item) and _is_shown(item, chapter.source, defaults):
                yield RenderError(f"the picture that this cell draws has no alternative text; {_OF_CELL}",
                                  chapter.source.name, item.line, item.place)  # fmt: skip
            continue
        yield from _of_prose(item, filled(item, results), captioned, chapter.source.name)


def _of_prose(item: Prose, text: str, captioned: list[bool], name: str) -> Iterator[RenderError]:
    for number, line in enumerate(without_code(text).split("\n"), start=item.line):
        if fence := _FENCE.match(line):
            if fence[1].strip(": "):
                captioned.append("#fig-" in fence[1] or bool(_TEXT.search(fence[1])))
            elif captioned:
                captioned.pop()
        for picture in _PICTURE.finditer(line):
            if not any(captioned) and not picture[1].strip() and not _TEXT.search(picture[2] or ""):
                yield RenderError(f"this picture has no alternative text; {_WHAT}", name, number)


def _draws(outputs: Sequence[dict]) -> bool:
    return any(kind.startswith("image/") for output in outputs for kind in output.get("data", {}))


def _is_shown(cell: Cell, source: Source, defaults: Mapping[str, Any]) -> bool:
    return not any(option(cell, source, defaults, key, True) is False for key in ("include", "output"))


def _has_text(cell: Cell) -> bool:
    return any(cell.options.get(key) for key in ("fig-alt", "fig-cap"))
