"""A finding: one thing that is wrong, or worth a look, at one place of a data cut."""

from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["critical", "warning"]

LONGEST_VALUE = 80


@dataclass(frozen=True)
class Finding:
    """What is wrong, and where.

    `file` is the file's name; `line` the line in it (the header is line 1), None for a whole file or a row
    that is absent. `column` lists every column of that file that is involved, joined by ", "; `value` is the
    cell as written.
    """

    file: str
    line: int | None
    column: str | None
    value: str | None
    patient_id: str | None
    week: int | None
    level: Level
    rule: str
    message: str

    def as_dict(self) -> dict:
        """The fields in the order of the contract, ready for JSON."""
        return asdict(self)


def shown(text: str) -> str:
    """A cell as a message may show it: control characters escaped, cut at 80 characters.

    >>> shown("a\\tb")
    'a\\\\tb'
    >>> len(shown("x" * 500))
    80
    """
    visible = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
    return visible if len(visible) <= LONGEST_VALUE else visible[: LONGEST_VALUE - 1] + "…"
