"""The code behind the report as pages: each figure and table of the website leads to the function that made it."""

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from study.paths import ROOT

if TYPE_CHECKING:
    from renderer.parts import Parts

PACKAGES = ("protocol", "analysis", "expectations", "study")
"""What stands between the data and a printed number; the ways of typesetting it are left out."""
TEMPLATES = Path(__file__).parent / "templates"
FOLDER = "code"
_STYLES = {"light": "default", "dark": "github-dark"}


def write_listings(book: Path, parts: "Parts") -> None:
    """`code/<package>/.../<module>.html` for every module, with an anchor at each function and class, and an index.

    parts: pages of modules that were like this before, which take a while to colour.
    """
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES, encoding="utf-8"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    modules = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if path.stem != "__init__"]
    folder = book / FOLDER
    listing, index = pages.get_template("listing.html.j2"), pages.get_template("listings.html.j2")
    summaries = []
    own = [path.read_text("utf-8") for path in (Path(__file__), *sorted(TEMPLATES.glob("listing*")))]
    for path in modules:
        name, text = path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        page = Path(name).with_suffix(".html").as_posix()
        about = parts.made(lambda text=text: (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0].encode(), text).decode()
        summaries.append({"name": name, "page": page, "about": about})

        def coloured(name=name, text=text) -> bytes:
            return listing.render(name=name, lines=numbered(text), up="../" * name.count("/")).encode("utf-8")

        (folder / page).parent.mkdir(parents=True, exist_ok=True)
        (folder / page).write_bytes(parts.made(coloured, name, text, own))
    (folder / "index.html").write_text(index.render(modules=summaries), encoding="utf-8", newline="\n")
    (folder / "listing.css").write_bytes(parts.made(_styles, own))


def _styles() -> bytes:
    from pygments.formatters import HtmlFormatter

    light, dark = (HtmlFormatter(style=style).get_style_defs("pre") for style in _STYLES.values())
    style = (TEMPLATES / "listing.css").read_text("utf-8")
    return f"{style}\n{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n".encode()


def numbered(text: str) -> list[tuple[int, str, str]]:
    """Number, anchor (a function's or class's name, or "") and HTML of each line.

    >>> numbered("def mean(x):\\n    return sum(x) / len(x)\\n")[0][:2]
    (1, 'mean')
    """
    from pygments import highlight  # only where something is coloured
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    anchors = dict(_definitions(ast.parse(text).body))
    lines = highlight(text, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).splitlines()
    return [(number, anchors.get(number, ""), line) for number, line in enumerate(lines, 1)]


def _definitions(body: list[ast.stmt], prefix: str = ""):
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.lineno, prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from _definitions(node.body, f"{prefix}{node.name}.")
