"""What the report says of the tables that it does not hold whole: where they are, and how many rows they have."""

from analysis.core.display_sizes import FIRST
from analysis.listings import FOLDER, FORMATS


def beside(name: str, rows: int, what: str) -> str:
    """A note below the part of a table that the report shows, with links where there are pages. what: is shown, in words.

    >>> print(beside("exposure", 3000, "by regimen"))  # doctest: +ELLIPSIS
    Here by regimen. The whole table (3,000 rows) is beside this report: [`listings...
    """
    files = [f"{FOLDER}/{name}.{kind}" for kind in FORMATS]
    paper = " and ".join(f"`{file}`" for file in files)
    page = " and ".join(f"[{file}](../{file})" for file in files)
    return (
        f"Here {what}. The whole table ({rows:,} rows) is beside this report: "
        f'[{paper}]{{.content-hidden when-format="html"}}[{page}]{{.content-visible when-format="html"}}.'
    )


def first_of(name: str, rows: int, what: str) -> str:
    """:func:`beside` for the first rows of a table."""
    return beside(name, rows, f"the first {FIRST}, {what}")
