"""Quarto's pages, put right: links that lead somewhere, figures in them, pop-overs of numbers, tables that scroll in themselves."""

import itertools
import re
from pathlib import Path

import renderer
from renderer.inline_figures import beside, with_figures
from renderer.words import Words
from study import quarto_supplement

_ASSETS = Path(renderer.__file__).with_name("assets")
_SHARED = ("popover.css", "notes.js", "tables.js", "patients.js")
"""What the built-in renderer's pages have, too."""

_LOADER = re.compile(
    r"<script src=\"https://cdn\.jsdelivr\.net/npm/(?:requirejs|jquery)@[^>]*></script>\s*"
    r"|<script type=\"application/javascript\">define\('jquery'.*?</script>\s*",
    re.DOTALL,
)
"""What Quarto asks the network for as soon as a cell shows HTML, which might want scripts: a figure for phones does not."""


def finish_pages(output: Path, words: Words) -> None:
    """Rewrite every page that Quarto has made in `output`, and put beside them the scripts that link what is in them.

    Links from the top of a site ("/results.csv"), which Quarto leaves where the file comes later, become links from the page;
    otherwise they lead nowhere when the report is opened from a folder or lies below the top of a server. Letters of appendices that
    are a supplement become its numbers. A page that was finished before stays: Quarto may have made one of many anew.
    """
    recount = quarto_supplement.recounter(words) if words.supplement else str
    pages = sorted(output.rglob("*.html"))
    for name in _SHARED if pages else ():
        (output / "assets").mkdir(exist_ok=True)
        (output / "assets" / name).write_bytes((_ASSETS / name).read_bytes())
    for page in pages:
        up = "../" * len(page.relative_to(output).parent.parts) or "./"
        text = page.read_text("utf-8")
        if _links(up) not in text:
            text = with_figures(_finished(recount(text), up), lambda address, page=page: beside(page, address))
            page.write_text(text, encoding="utf-8", newline="\n")
    if words.supplement:
        quarto_supplement.recount_index(output, words)


def _finished(text: str, up: str) -> str:
    text = re.sub(r'(<a\s(?:[^>]*\s)?href=")/(?!/)', rf"\g<1>{up}", text)
    without = _LOADER.sub("", text)
    if not re.search(r"\brequire(js)?\s*[(.\[]|jupyter\.widget", without):
        text = without
    places = itertools.count(1)
    box = '<div class="table-scroll" tabindex="0" role="group" aria-label="Table {} of the page">'
    text = re.sub(r"<table\b.*?</table>", lambda table: f"{box.format(next(places))}{table[0]}</div>", text, flags=re.DOTALL)
    return text.replace("</head>", f"{_links(up)}</head>", 1)


def _links(up: str) -> str:
    return "".join(_link(f"{up}assets/{name}") for name in _SHARED)


def _link(address: str) -> str:
    if address.endswith(".css"):
        return f'<link rel="stylesheet" href="{address}">'
    return f'<script src="{address}" defer></script>'
