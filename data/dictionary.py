"""Writes the tables of the data dictionary, `data/README.md`, from the protocol's columns; their last column, Status, is kept.

Run `python data/dictionary.py` after a change of `protocol/columns.py`. A new column gets the status "to be written".
"""

import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent
sys.path.insert(0, str(DATA.parent))  # for the protocol, wherever the script is started from

from protocol.columns import TABLES, Column  # noqa: E402

README = DATA / "README.md"


def row(column: Column, status: str) -> str:
    empty = "yes" if column.may_be_empty else "no"
    cells = [f"`{column.name}`", column.meaning, column.unit, column.allowed, empty, column.source, status]
    return f"| {' | '.join(cells)} |"


def rewritten(text: str) -> str:
    """The dictionary with the tables as the columns have them."""
    for table, columns in TABLES.items():
        before, heading, rest = text.partition(f"### {table}.csv\n")
        section, _, after = rest.partition("\n### ")
        lines = section.splitlines()
        former = [number for number, line in enumerate(lines) if line.startswith("| `")]
        statuses = {lines[number].split("`")[1]: lines[number].removesuffix(" |").rpartition(" | ")[2] for number in former}
        rows = [row(column, statuses.get(column.name, "to be written")) for column in columns]
        lines[former[0] : former[-1] + 1] = rows
        text = f"{before}{heading}{chr(10).join(lines)}\n\n### {after}"
    return text


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text("utf-8")), encoding="utf-8", newline="\n")
