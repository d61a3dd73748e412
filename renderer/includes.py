"""`{{< include part.qmd >}}`: the text of another file in the place of a line, before anything else is read.

As in Quarto, the line holds nothing else, and paths begin at the chapter's folder, also those in included files; `/` is the project's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from renderer.in_project import in_project
from renderer.render_error import RenderError, at_once

if TYPE_CHECKING:
    from renderer.source import Source

_LINE = re.compile(r"^\s*\{\{<\s*include\s+(\S.*?)\s*>\}\}\s*$")


class Origin(NamedTuple):
    """File and line that a line of a chapter comes from; in a notebook the line of a cell, which counts from 1."""

    file: str
    line: int
    cell: int | None = None


def expanded(text: str, name: str, root: Path) -> tuple[str, tuple[Origin, ...]]:
    """The chapter's text with what it includes, and the origin of each line; nothing in place of the origins without an include."""
    lines: list[str] = []
    origins: list[Origin] = []

    def take(text: str, file: str, within: Sequence[str]) -> None:
        for number, line in enumerate(text.split("\n"), start=1):
            found = _LINE.match(line)
            if not found:
                lines.append(line)
                origins.append(Origin(file, number))
                continue
            wanted = found[1].strip("\"'")
            path = in_project(wanted, name)
            if path in within:
                raise RenderError(f"{path} includes itself; take the line out", file, number)
            if path.startswith("../"):
                raise RenderError(f"{wanted} is outside the project; put it into the project", file, number)
            try:
                content = (root / path).read_text(encoding="utf-8-sig").replace("\r\n", "\n")
            except UnicodeDecodeError:
                raise RenderError(f"{path} is not UTF-8 text; save it as UTF-8", file, number) from None
            except OSError as error:
                hint = "paths begin at the chapter's folder, or with / at the project's"
                raise RenderError(f"{path} cannot be included: {error.strerror}; {hint}", file, number) from None
            take(content.removesuffix("\n") + "\n", path, [*within, path])

    take(text, name, [name])
    return ("\n".join(lines), tuple(origins)) if any(origin.file != name for origin in origins) else (text, ())


def at_origin(error: RenderError, sources: Iterable[Source]) -> RenderError:
    """The same error with the places in the files that the text comes from."""
    origins = {source.name: source.origins for source in sources if source.origins}

    def placed(problem: RenderError) -> RenderError:
        lines = origins.get(problem.file or "", ())
        if not problem.line or not 0 < problem.line <= len(lines):
            return problem
        file, line, cell = lines[problem.line - 1]
        if cell is None:
            return RenderError(problem.message, file, line, problem.cell)
        _, _, label = (problem.cell or "").partition(", ")
        return RenderError(problem.message, file, line, f"cell {cell}, {label}" if label else f"cell {cell}")

    return at_once([placed(problem) for problem in error.problems])
