"""Tables as Markdown: what Pandoc, Quarto and JupyterLab all turn into real tables."""

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass

_ESCAPED = str.maketrans({mark: f"\\{mark}" for mark in string.punctuation})
_BLANKS = re.compile("[^\\S\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{FIGURE SPACE}]+")
_END_OF_ISOLATE = "\N{POP DIRECTIONAL ISOLATE}"
_ENDS = dict.fromkeys("\u202a\u202b\u202d\u202e", "\N{POP DIRECTIONAL FORMATTING}") | dict.fromkeys(
    "\u2066\u2067\u2068", _END_OF_ISOLATE
)
"""What begins a direction of writing, and what ends it."""
_WIDEST = 60
"""Characters that a column may claim at most when the widths of a wide table are shared out."""
_PADDING = 4
"""Characters' worth of room beside a column's text, so that short words do not break."""
_MARK = re.compile(r"(?<!\\)\^([a-z])\^")
_MARKUP = re.compile(r"</?span[^>]*>|\\(?=[^\w\s])|\*\*|`|&\w+;")


def literal(text: object) -> str:
    """Text that Markdown shows exactly as it is, on one line: nothing in it is markup. Runs of blanks become one, as
    on any page; spaces that must not break a line stay. A change of the direction of writing ends with the text.

    >>> print(literal("<b> *5* | 6"))
    \\<b\\> \\*5\\* \\| 6
    """
    return closed(_BLANKS.sub(" ", str(text)).strip(" ")).translate(_ESCAPED)


def closed(text: str) -> str:
    """The text, with an end to every override, embedding and isolate of the direction of writing (Unicode's annex 9, BD9 and X1
    to X7) that it begins, so that none goes on in the words after it.

    >>> closed("a \\N{RIGHT-TO-LEFT OVERRIDE}b") == "a \\N{RIGHT-TO-LEFT OVERRIDE}b\\N{POP DIRECTIONAL FORMATTING}"
    True
    """
    ends: list[str] = []
    for char in text:
        if char in _ENDS:
            ends.append(_ENDS[char])
        elif char == _END_OF_ISOLATE and char in ends:  # it also ends what began inside the isolate
            while ends.pop() != char:
                pass
        elif ends[-1:] == [char]:
            ends.pop()
    return text + "".join(reversed(ends))


def lettered(*notes: str) -> str:
    """Notes to single cells, run into one paragraph under the letters that the cells have as `^a^`, `^b^`, ...

    >>> lettered("Exact interval.", "Of all children.")
    '^a^ Exact interval. ^b^ Of all children.'
    """
    return " ".join(f"^{letter}^ {note}" for letter, note in zip(string.ascii_lowercase, notes, strict=False))


@dataclass(frozen=True)
class Table:
    """A table for the report.

    `header` and `rows` are Markdown (escape data with :func:`literal`); `align` has one of l, r, c a column; a cell
    "" stays empty. `notes` are paragraphs below the table; those of single cells are :func:`lettered`.
    """

    header: Sequence[str]
    align: str
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def __post_init__(self):
        for row in (self.header, *self.rows):
            if len(row) != len(self.align):
                raise ValueError(f"a row of {len(row)} cells in a table of {len(self.align)} columns: {row}")
        cells = {mark for row in (self.header, *self.rows) for cell in row for mark in _MARK.findall(cell)}
        notes = {mark for note in self.notes for mark in _MARK.findall(note)}
        if cells != notes:
            raise ValueError(f"the cells have the marks {sorted(cells)}, the notes {sorted(notes)}")

    def _repr_markdown_(self) -> str:
        rules = [
            _rule(side, column)
            for side, column in zip(self.align, zip(self.header, *self.rows, strict=True), strict=True)
        ]
        lines = [_line(self.header), _line(rules), *map(_line, self.rows)]
        table = "\n".join(lines) + "\n"
        if not self.notes:
            return table
        return table + "\n" + division("table-notes", "\n\n".join(self.notes))


def _rule(side: str, column: Sequence[str]) -> str:
    """The dashes under a header. Pandoc shares out the page in proportion to them when a table is too wide for it."""
    dashes = "-" * (_PADDING + max(min(_WIDEST, len(_MARKUP.sub("", cell))) for cell in column))
    return {"l": f":{dashes}", "r": f"{dashes}:", "c": f":{dashes}:"}[side]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def division(kind: str, text: str) -> str:
    """Markdown under a class of its own: as HTML writes it, which Pandoc takes for a division and JupyterLab does not show.

    >>> print(division("table-notes", "A note."), end="")
    <div class="table-notes">
    <BLANKLINE>
    A note.
    <BLANKLINE>
    </div>
    """
    return f'<div class="{kind}">\n\n{text.strip()}\n\n</div>\n'


def indented(text: str) -> str:
    """A row label one step to the right of its group's. The blank is an entity: JupyterLab cuts blanks off the ends of cells."""
    return "&emsp;" + text


def folded(summary: str, text: str) -> str:
    """Markdown below a line that opens it, as HTML writes it; Pandoc takes the lines for raw HTML, which paper has not.

    >>> print(folded("Data", "A table."))
    <details><summary>Data</summary>
    <BLANKLINE>
    A table.
    <BLANKLINE>
    </details>
    """
    return f"<details><summary>{summary}</summary>\n\n{text.strip()}\n\n</details>"
