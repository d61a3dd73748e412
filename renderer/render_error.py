"""The one error of the renderer: what is wrong, where in the source, and what to do."""

from __future__ import annotations


class RenderError(Exception):
    """A book that cannot be typeset.

    message: what is wrong and what to do, one sentence or two.
    file: path relative to the project, with forward slashes, or None when no file is to blame.
    line: line in that file, the first line is 1.
    cell: "cell 3, fig-waterfall" where a code cell is to blame.
    """

    def __init__(self, message: str, file: str | None = None, line: int | None = None, cell: str | None = None) -> None:
        self.message, self.file, self.line, self.cell = message, file, line, cell
        super().__init__(str(self))

    def __str__(self) -> str:
        place = self.file or ""
        if self.line:
            place += f" line {self.line}"
        if self.cell:
            place += f" ({self.cell})"
        return f"{place.strip()}: {self.message}" if place.strip() else self.message
