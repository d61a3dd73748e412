"""Quarto's pages, put right: links that lead somewhere, figures in them, pop-overs of numbers, tables that scroll in themselves."""

import itertools
import re
from pathlib import Path
from urllib.parse import unquote

import renderer
from renderer.inline_figures import with_figures

_ASSETS = Path(renderer.__file__).with_name("assets")
_SHARED = ("popover.css", "notes.js", "tables.js", "patients.js")
"""What the built-in renderer's pages have, too."""

_LOADER = re.compile(
    r"<script src=\"https://cdn\.jsdelivr\.net/npm/(?:requirejs|jquery)@[^>]*></script>\s*"
    r"|<script type=\"application/javascript\">define\('jquery'.*?</script>\s*",
    re.DOTALL,
)
"""What Quarto asks the network for as soon as a cell shows HTML, which might want scripts: a figure for phones does not."""


def finish_pages(output: Path) -> None:
    """Rewrite every page that Quarto has made in `output`, and put beside them the scripts that link what is in them.

    Links from the top of a site ("/results.csv"), which Quarto leaves where the file comes later, become links from the page;
    otherwise they lead nowhere when the report is opened from a folder or lies below the top of a server.
    """
    pages = sorted(output.rglob("*.html"))
    for name in _SHARED if pages else ():
        (output / "assets").mkdir(exist_ok=True)
        (output / "assets" / name).write_bytes((_ASSETS / name).read_bytes())
    for page in pages:
        up = "../" * len(page.relative_to(output).parent.parts) or "./"
        text = with_figures(_finished(page.read_text("utf-8"), up), lambda address, page=page: _beside(page, address))
        page.write_text(text, encoding="utf-8", newline="\n")


def _beside(page: Path, address: str) -> bytes | None:
    path = page.parent / unquote(address)
    return path.read_bytes() if path.is_file() else None


def _finished(text: str, up: str) -> str:
    text = re.sub(r'(<a\s(?:[^>]*\s)?href=")/(?!/)', rf"\g<1>{up}", text)
    without = _LOADER.sub("", text)
    if not re.search(r"\brequire(js)?\s*[(.\[]|jupyter\.widget", without):
        text = without
    places = itertools.count(1)
    box = '<div class="table-scroll" tabindex="0" role="group" aria-label="Table {} of the page">'
    text = re.sub(r"<table\b.*?</table>", lambda table: f"{box.format(next(places))}{table[0]}</div>", text, flags=re.DOTALL)
    links = "".join(_link(f"{up}assets/{name}") for name in _SHARED)
    return text.replace("</head>", f"{links}</head>", 1)


def _link(address: str) -> str:
    if address.endswith(".css"):
        return f'<link rel="stylesheet" href="{address}">'
    return f'<script src="{address}" defer></script>'
