"""Pages that Quarto has written, with what the built-in renderer gives its own: links that lead from a folder, and figures in them."""

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote

import renderer
from renderer.inline_figures import with_figures

_SCRIPT = Path(renderer.__file__).with_name("assets") / "patients.js"
_PLACE = "site_libs/study"


def lead_from_each_page(output: Path) -> None:
    """Links from the top of a site ("/results.csv"), which Quarto leaves where the file comes later, become links from the page.

    Otherwise they lead nowhere when the report is opened from a folder or lies below the top of a server.
    """
    for page in output.rglob("*.html"):
        up = "../" * len(page.relative_to(output).parent.parts) or "./"
        text = re.sub(r'(<a\s(?:[^>]*\s)?href=")/(?!/)', rf"\g<1>{up}", page.read_text("utf-8"))
        page.write_text(text, encoding="utf-8", newline="\n")


def put_figures_in(output: Path) -> None:
    """Put what Matplotlib has drawn into each page, and the script that links it beside Quarto's own."""
    pages = sorted(output.rglob("*.html"))
    for page in pages:
        up = posixpath.relpath(".", page.parent.relative_to(output).as_posix())
        text = with_figures(page.read_text("utf-8"), lambda address, page=page: _beside(page, address))
        script = f'<script src="{up}/{_PLACE}/{_SCRIPT.name}" defer></script>\n'
        if script not in text:
            text = text.replace("</head>", f"{script}</head>", 1)
        page.write_text(text, encoding="utf-8", newline="\n")
    if pages:
        (output / _PLACE).mkdir(parents=True, exist_ok=True)
        (output / _PLACE / _SCRIPT.name).write_bytes(_SCRIPT.read_bytes())


def _beside(page: Path, address: str) -> bytes | None:
    path = page.parent / unquote(address)
    return path.read_bytes() if path.is_file() else None
