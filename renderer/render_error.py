"""The one error of the renderer: what is wrong, where in the source, and what to do."""

from __future__ import annotations

from collections.abc import Sequence


class RenderError(Exception):
    """A book that cannot be typeset.

    message: what is wrong and what to do, one sentence or two.
    file: path relative to the project, with forward slashes, or None when no file is to blame.
    line: line in that file, the first line is 1.
    cell: "cell 3, fig-waterfall" where a code cell is to blame; in a notebook all cells count, and the line is the cell's.
    """

    def __init__(self, message: str, file: str | None = None, line: int | None = None, cell: str | None = None) -> None:
        self.message, self.file, self.line, self.cell = message, file, line, cell
        super().__init__(str(self))

    @property
    def problems(self) -> tuple[RenderError, ...]:
        """All that is wrong, where it is said at once; else itself."""
        return (self,)

    def __str__(self) -> str:
        place = place_in(self.file or "", self.line, self.cell)
        return f"{place.strip()}: {self.message}" if place.strip() else self.message


def place_in(file: str, line: int | None, cell: str | None = None) -> str:
    """A place as messages name it. A notebook has its lines in its cells.

    >>> place_in("one.qmd", 12, "cell 3, fig-a"), place_in("one.ipynb", 2, "cell 3, fig-a")
    ('one.qmd line 12 (cell 3, fig-a)', 'one.ipynb line 2 of cell 3 (fig-a)')
    """
    place = file + (f" line {line}" if line else "")
    if file.endswith(".ipynb") and line and cell:
        number, _, label = cell.partition(", ")
        return f"{place} of {number}" + (f" ({label})" if label else "")
    return place + (f" ({cell})" if cell else "")


class RenderErrors(RenderError):
    """Several at once, in the order of the book: file, line and message are those of the first, the text has one line for each."""

    def __init__(self, problems: Sequence[RenderError]) -> None:
        self._problems = tuple(problems)
        first = problems[0]
        super().__init__(first.message, first.file, first.line, first.cell)

    @property
    def problems(self) -> tuple[RenderError, ...]:
        return self._problems

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def at_once(problems: Sequence[RenderError]) -> RenderError:
    """One error for one or more problems; what is said twice is said once."""
    flat = [each for problem in problems for each in problem.problems]
    single = list({str(problem): problem for problem in flat}.values())
    return single[0] if len(single) == 1 else RenderErrors(single)
