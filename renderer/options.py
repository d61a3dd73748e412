"""Which options of `_quarto.yml` the built-in renderer follows; all others are refused, with their line.

An option of Quarto's is in one place: in `HONOURED`, where it has the meaning that Quarto gives it; in `FIXED`, where one
value says what this renderer does in any case, so that any other is refused; or in neither, and then it is refused by name.
Only `theme` is accepted without an effect, and said (`SAID`).
`quarto_options.json` holds the names that Quarto 1.11 knows.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from renderer.render_error import RenderError
from renderer.words import NUMBERED

KNOWN: dict[str, list[str]] = json.loads(Path(__file__).with_name("quarto_options.json").read_text(encoding="utf-8"))
FORMATS = ("html", "typst", "docx")

_ANYWHERE = {  # at the top for all formats, or below one format
    "toc": "flag", "toc-depth": "number", "toc-title": "text", "number-sections": "flag", "number-depth": "number",
    "code-fold": "any", "code-summary": "text", "echo": "flag",
}  # fmt: skip
_OF_FORMAT = {
    "html": {"css": "any", "other-links": "any"},
    "typst": {
        "papersize": "text", "pdf-standard": "any", "keep-typ": "flag", "mainfont": "text", "sansfont": "text", "codefont": "text",
        "include-in-header": "any",
    },
    "docx": {"reference-doc": "text"},
}  # fmt: skip

# Path -> what its value is: flag (true or false), number, text, texts, tree (options of its own), any (looked at where it is read).
HONOURED = {
    **dict.fromkeys(("project", "book", "execute", "crossref", "format"), "tree"),
    "project.resources": "texts",
    **{f"book.{name}": "text" for name in (
        "title", "subtitle", "date", "output-file", "description", "repo-url", "site-url", "cover-image", "cover-image-alt",
        "favicon", "doi",
    )},
    **{f"book.{name}": "any" for name in ("author", "chapters", "appendices", "downloads", "page-footer")},
    **{f"book.page-footer.{side}": "text" for side in ("left", "center", "right")},
    "book.sidebar": "tree", "book.sidebar.title": "text",
    **{f"execute.{name}": "any" for name in ("echo", "eval", "output", "include")},
    **{f"crossref.{kind}-{part}": "text" for kind in NUMBERED for part in ("title", "prefix")
       if f"{kind}-{part}" in KNOWN["crossref"]},
    "supplement": "tree", "supplement.title": "text", "supplement.prefix": "text",
    "language": "any", "profile": "any", "fig-width": "number", "fig-height": "number",
    "execute.warning": "flag", "execute.error": "flag",
    "lang": "text", "bibliography": "texts", "csl": "text", "link-citations": "flag", "filters": "any",
    "reference-section-title": "text", "affiliations": "any",
    **_ANYWHERE,
    **{f"format.{name}": "tree" for name in FORMATS},
    **{f"format.{name}.{key}": kind for name in FORMATS for key, kind in (_ANYWHERE | _OF_FORMAT[name]).items()},
}  # fmt: skip

_NO_FRAME = "the website of the built-in renderer has no such part"
_ALWAYS = "the built-in renderer does so in any case"
_STEPS = "whoever calls the built-in renderer does its steps; other scripts are not run"
_CALLER = ("hooks/pre_render.py", "hooks/post_render.py")
# Path -> the values that say what happens here anyway, and why there are no others.
FIXED: dict[str, tuple[tuple[Any, ...], str]] = {
    "project.type": (("book",), "nothing but a book can be rendered"),
    "project.execute-dir": (("project",), "cells run in the project's folder"),
    "project.output-dir": (("_book",), "the report is made aside and put there; --output puts it elsewhere"),
    "project.pre-render": ((_CALLER[0], [_CALLER[0]]), _STEPS),
    "project.post-render": ((_CALLER[1], [_CALLER[1]]), _STEPS),
    "date-format": (("long",), "dates are written out, such as 31 January 2026"),
    "book.date-format": (("long",), "dates are written out, such as 31 January 2026"),
    "book.search": ((True,), "the website has a search of its own"),
    "book.page-navigation": ((True,), _ALWAYS),
    **{f"book.{name}": ((False,), _NO_FRAME) for name in (
        "reader-mode", "back-to-top-navigation", "bread-crumbs", "comments", "navbar", "open-graph", "twitter-card", "llms-txt",
        "cookie-consent", "google-analytics", "announcement", "code-links", "other-links",
    )},
    "book.sharing": ((False, []), _NO_FRAME),
    "book.repo-actions": ((False, "none", []), _NO_FRAME),
    "execute.cache": ((True, False), "cells run again when something that they depend on has changed"),
    "execute.freeze": ((False,), "cells run again when something that they depend on has changed"),
    "execute.enabled": ((True,), _ALWAYS),
    "jupyter": (("python3",), "cells are Python's, run with the packages of this project"),
    "citeproc": ((True,), _ALWAYS),
    "crossref.chapters": ((True,), _ALWAYS),
    "format.html.html-math-method": (("mathml",), "the others load programs from outside"),
    "format.html.embed-resources": ((False,), "pages keep their files beside them"),
    "format.html.code-tools": ((False,), _NO_FRAME),
    "format.html.code-copy": ((False,), _NO_FRAME),
    "format.html.comments": ((False,), _NO_FRAME),
    "format.html.citations-hover": ((True,), _ALWAYS),
    "format.html.footnotes-hover": ((True,), _ALWAYS),
    "format.html.toc-location": (("right",), _ALWAYS),
    "format.html.fig-format": (("svg",), "figures are vector drawings"),
    "format.typst.fig-format": (("svg",), "figures are vector drawings"),
    "format.docx.fig-format": (("png",), "Word gets pictures"),
    "format.typst.font-paths": (("fonts", ["fonts"]), "fonts come from the project's folder `fonts`"),
    **{f"format.{name}.callout-icon": ((False,), "callouts are told apart by their titles") for name in ("typst", "docx")},
    **{f"format.{name}.fig-cap-location": (("bottom",), _ALWAYS) for name in FORMATS},
    **{f"format.{name}.tbl-cap-location": (("top",), _ALWAYS) for name in FORMATS},
}  # fmt: skip

_LOOKS = (
    "theme", "appendix-style", "smooth-scroll", "anchor-sections", "page-layout", "code-overflow", "code-block-bg",
    "code-block-border-left", "fig-responsive", "link-external-newwindow", "link-external-icon", "title-block-banner",
    "title-block-style", "highlight-style", "syntax-highlighting", "grid", "toc-expand", "lightbox", "code-link",
)  # fmt: skip
SAID = {
    name: "has no effect: the website of the built-in renderer has a design of its own, which `css:` can change"
    for look in _LOOKS for name in (look, f"format.html.{look}")
}  # fmt: skip
"""Options of nothing but looks that books of Quarto's have: they are accepted, and every render says that they do nothing."""

_PAGE = {
    "title": "text", "subtitle": "text", "toc": "flag", "toc-depth": "number", "number-sections": "flag", "number-depth": "number",
    "code-fold": "any", "code-summary": "text", "fig-width": "number", "fig-height": "number", "description": "text", "lang": "any",
    "author": "any", "affiliations": "any", "date": "text", "abstract": "text", "execute": "tree", "format": "tree",
    "format.html": "tree", "jupyter": "any", "engine": "any",
    **{f"format.html.{key}": kind for key, kind in _ANYWHERE.items() if key not in ("toc-title", "echo")},
    **{f"execute.{name}": "any" for name in ("echo", "eval", "output", "include", "warning", "error")},
}  # fmt: skip
"""What a chapter may say of itself, as `HONOURED`."""


def page_refusals(settings: Any) -> Iterator[tuple[str, int]]:
    """Every option in a chapter's front matter that is not followed, with its line in it from 0; keys of one's own are fine."""
    yield from _page_refused(settings, ())


def _page_refused(node: dict[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for key, value in node.items():
        path = (*above, str(key))
        name, line = ".".join(path), node.lc.key(key)[0]
        if name in ("execute.cache", "execute.freeze", "freeze", "execute.enabled"):
            if value not in (True, False):
                yield (
                    f"`{name}` must be true or false here: cells run again when something that they depend on has changed",
                    line,
                )
        elif name in _PAGE:
            if name == "format" and not isinstance(value, dict):
                if value != "html":
                    yield f"a page has no format of its own but html; write `format` into {_BOOK}", line
            elif _PAGE[name] == "tree" and value is not None and value != "default":
                if not isinstance(value, dict):
                    yield f"`{name}` must be options by name", line
                else:
                    yield from _page_refused(value, path)
            elif value is not None and value != "default" and (wrong := _wrong(_PAGE[name], value)):
                yield f"`{name}` must be {wrong}", line
        elif name.removeprefix("format.html.") in _LOOKS:
            continue
        elif above == ("format",):
            yield (
                f"the PDF and the Word file are one document, so a page cannot set `{name}`; write it into {_BOOK}",
                line,
            )
        elif above or key in KNOWN["document"]:
            yield f"the built-in renderer does not know `{name}` in a page; remove it, or render with Quarto", line
        elif near := difflib.get_close_matches(str(key), [*_PAGE, *KNOWN["document"]], 1, 0.85):
            yield f"the built-in renderer does not know `{name}`; did you mean `{near[0]}`?", line


_BOOK = "_quarto.yml"


def warnings(settings: Any, file: str) -> list[str]:
    """What is accepted without an effect, for the user to read."""
    out = []
    for name, why in SAID.items():
        node, *keys = settings, *name.split(".")
        for key in keys[:-1]:
            node = node.get(key) if isinstance(node, dict) else None
        if isinstance(node, dict) and keys[-1] in node:
            out.append(f"{file} line {node.lc.key(keys[-1])[0] + 1}: `{name}` {why}")
    return out


def refusals(settings: Any, file: str) -> list[RenderError]:
    """Every option that is not followed, and every value that cannot be, with line and what to do."""
    return [RenderError(message, file, line) for message, line in _refused(settings, ())]


def plain_format(name: object) -> str:
    """The format behind the name of a Quarto extension's: "report-typst" is Typst with another frame."""
    return re.sub(r"^.+-(html|typst|docx)$", r"\1", str(name))


def _refused(node: dict[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for key, value in node.items():
        path = (*above, plain_format(key) if above == ("format",) else str(key))
        name, line = ".".join(path), node.lc.key(key)[0] + 1
        if name in SAID:
            continue
        if name in FIXED:
            values, why = FIXED[name]
            if not any(value == each and isinstance(value, bool) is isinstance(each, bool) for each in values):
                yield f"`{name}` must be {_listed(values)} here, or absent: {why}", line
        elif name not in HONOURED:
            if not _is_own(path):
                yield _unknown(path), line
        elif isinstance(value, dict) and (HONOURED[name] == "tree" or name == "book.page-footer"):
            yield from _refused(value, path)
        elif value is None or (above == ("format",) and value == "default"):
            continue
        elif wrong := _wrong(HONOURED[name], value):
            yield f"`{name}` must be {wrong}", line


def _listed(values: tuple[Any, ...]) -> str:
    return " or ".join(json.dumps(value) for value in values)


def _wrong(kind: str, value: Any) -> str:
    """What the value should be; empty where it is so."""
    simple = isinstance(value, (str, int, float, date))
    good, expected = {
        "flag": (isinstance(value, bool), "true or false"),
        "number": (isinstance(value, int) and not isinstance(value, bool), "a whole number"),
        "text": (simple and not isinstance(value, bool), "a text"),
        "texts": (all(isinstance(each, str) for each in value) if isinstance(value, list) else isinstance(value, str),
                  "a text or a list of texts"),
        "tree": (isinstance(value, dict), "options by name"),
        "any": (True, ""),
    }[kind]  # fmt: skip
    return "" if good else expected


def _is_own(path: tuple[str, ...]) -> bool:
    """Whether a key at the top is one of the author's own, for `{{< meta >}}` and conditions, and no mistyped option."""
    known = [*HONOURED, *FIXED, *SAID, *KNOWN["document"], *KNOWN["project"]]
    return len(path) == 1 and path[0] not in known and not difflib.get_close_matches(path[0], known, 1, 0.8)


def _unknown(path: tuple[str, ...]) -> str:
    name, key = ".".join(path), path[-1]
    section = ".".join(path[:-1])
    if len(path) == 1 or (path[0] == "format" and len(path) > 2):
        section = "document"
    known = KNOWN.get(section, [])
    if key in known:
        if section == "format":
            return f"the built-in renderer makes {', '.join(FORMATS)}, not `{key}`; remove it, or render with Quarto"
        return f"the built-in renderer does not follow Quarto's `{name}`; remove it, or render with Quarto"
    prefix = "".join(f"{part}." for part in path[:-1])
    ours = [each.removeprefix(prefix) for each in (*HONOURED, *FIXED) if each.startswith(prefix)]
    near = difflib.get_close_matches(key, sorted({*(each for each in ours if "." not in each), *known}), 1, 0.7)
    hint = f"did you mean `{near[0]}`?" if near else "remove it, or render with Quarto"
    return f"the built-in renderer does not know `{name}`; {hint}"
