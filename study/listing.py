"""The code behind the report as pages: each figure and table of the website leads to the function that made it."""

import ast
import html
from pathlib import Path
from typing import TYPE_CHECKING

from study import site_frame
from study.paths import ROOT

if TYPE_CHECKING:
    from renderer.parts import Parts

PACKAGES = ("protocol", "analysis", "expectations", "study")
"""What stands between the data and a printed number; the ways of typesetting it are left out."""
FOLDER = "code"


def write_listings(book: Path, frame: site_frame.Frame, parts: "Parts") -> None:
    """`code/<package>/.../<module>.html` for every module, with an anchor at each function and class, and an index.

    parts: contents of pages of modules that were like this before, which take a while to colour.
    """
    pages = site_frame.templates()
    modules = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if path.stem != "__init__"]
    listing, index = pages.get_template("listing.html.j2"), pages.get_template("listings.html.j2")
    summaries = []
    own = [path.read_text("utf-8") for path in (Path(__file__), *sorted(site_frame.TEMPLATES.glob("listing*")))]
    for path in modules:
        name, text = path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        page = Path(name).with_suffix(".html").as_posix()
        about = parts.made(lambda text=text: (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0].encode(), text).decode()
        summaries.append({"name": name, "page": page, "about": about})

        def coloured(name=name, text=text) -> bytes:
            return listing.render(name=name, lines=numbered(text), up="../" * name.count("/")).encode("utf-8")

        site_frame.write(frame, book, f"{FOLDER}/{page}", name, parts.made(coloured, name, text, own).decode("utf-8"))
    site_frame.write(frame, book, f"{FOLDER}/index.html", "Code", index.render(modules=summaries))


def numbered(text: str) -> list[tuple[int, str, str]]:
    """Number, anchor (a function's or class's name, or "") and HTML of each line: keywords, texts and comments are marked, and nothing
    else, for every mark is an element of the page.

    >>> numbered("def mean(x):\\n    return sum(x) / len(x)\\n")[0]
    (1, 'mean', '<span class="k">def</span> mean(x):')
    """
    from pygments.lexers import PythonLexer  # only where something is coloured
    from pygments.token import Comment, Keyword, String

    marks = {Keyword: "k", String: "s", Comment: "c"}
    anchors = dict(_definitions(ast.parse(text).body))
    parts: list[tuple[str, str]] = []
    for kind, piece in PythonLexer(stripnl=False).get_tokens(text):
        mark = next((mark for token, mark in marks.items() if kind in token), "")
        if parts and parts[-1][0] == mark:
            parts[-1] = (mark, parts[-1][1] + piece)
        else:
            parts.append((mark, piece))
    written = "".join(_marked(mark, piece) for mark, piece in parts)
    return [(number, anchors.get(number, ""), line) for number, line in enumerate(written.splitlines(), 1)]


def _marked(mark: str, piece: str) -> str:
    """A piece of code with its mark, which ends with each line and begins on the next."""
    lines = [html.escape(line, quote=False) for line in piece.split("\n")]
    return "\n".join(f'<span class="{mark}">{line}</span>' if mark and line.strip() else line for line in lines)


def _definitions(body: list[ast.stmt], prefix: str = ""):
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.lineno, prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from _definitions(node.body, f"{prefix}{node.name}.")
