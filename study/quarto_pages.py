"""Quarto's pages, put right: links that lead somewhere, pop-overs of numbers, and tables that scroll in themselves."""

import itertools
import re
from pathlib import Path

_ASSETS = Path(__file__).resolve().parent.parent / "renderer" / "assets"
_SHARED = ("popover.css", "notes.js", "tables.js")
"""What the built-in renderer's pages have, too."""


def finish_pages(output: Path) -> None:
    """Rewrite every page that Quarto has made in `output`.

    Links from the top of a site ("/results.csv"), which Quarto leaves where the file comes later, become links from the page;
    otherwise they lead nowhere when the report is opened from a folder or lies below the top of a server.
    """
    pages = list(output.rglob("*.html"))
    for name in _SHARED if pages else ():
        (output / "assets").mkdir(exist_ok=True)
        (output / "assets" / name).write_bytes((_ASSETS / name).read_bytes())
    for page in pages:
        up = "../" * len(page.relative_to(output).parent.parts) or "./"
        page.write_text(_finished(page.read_text("utf-8"), up), encoding="utf-8", newline="\n")


def _finished(text: str, up: str) -> str:
    text = re.sub(r'(<a\s(?:[^>]*\s)?href=")/(?!/)', rf"\g<1>{up}", text)
    places = itertools.count(1)
    box = '<div class="table-scroll" tabindex="0" role="group" aria-label="Table {} of the page">'
    text = re.sub(r"<table\b.*?</table>", lambda table: f"{box.format(next(places))}{table[0]}</div>", text, flags=re.DOTALL)
    style, *scripts = (f"{up}assets/{name}" for name in _SHARED)
    shared = [f'<link rel="stylesheet" href="{style}">', *(f'<script src="{script}" defer></script>' for script in scripts)]
    return text.replace("</head>", "".join(shared) + "</head>", 1)
